"""Migrating: Alembic's steps under a lock; and the lock file of a SQLite database.

migrate(url)                 brings a database to this program's schema
check_migrated(engine)       what serve and worker ask before they touch anything
with OneProcess(url): ...    a second process on the same SQLite file is refused
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from manciple.adapters.sql.engine import open_engine
from manciple.kernel.errors import MancipleError

_HERE = Path(__file__).parent / "migrations"
_LOCK = 0x6D616E63
"""PostgreSQL's advisory lock of whoever migrates: "manc"."""


class UnmigratedError(MancipleError):
    """The database's schema is not this program's; nothing was touched."""


class AlreadyRunningError(MancipleError):
    """Another process works on this SQLite file."""


def migrate_schema(url: str, *, afterwards: Callable[[str], None] | None = None) -> str:
    """Bring the database to this program's schema; gives the schema's revision.

    Args:
        url: the database.
        afterwards: what else must be made in it, under the same lock.
    """
    engine = open_engine(url)
    try:
        with _alone(engine, url):
            with engine.connect() as db:
                config = _config()
                config.attributes["connection"] = db
                command.upgrade(config, "head")
                db.commit()
            if afterwards is not None:
                afterwards(url)
    finally:
        engine.dispose()
    return head()


def head() -> str:
    """Give the revision that this program wants."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    return revision or ""


def check_migrated(engine: sa.Engine) -> None:
    """Refuse a database of another schema.

    Raises:
        UnmigratedError: it was never migrated, or by another version of this program.
    """
    with engine.connect() as db:
        found = MigrationContext.configure(db).get_current_revision()
    if found != head():
        state = f"at revision {found}" if found else "not migrated"
        raise UnmigratedError(
            f"the database is {state}, this program wants {head()}: run `manciple migrate`"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


@contextmanager
def _alone(engine: sa.Engine, url: str) -> Iterator[None]:
    """Let one process migrate at a time."""
    file = _file_of(url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            db.exec_driver_sql("set lock_timeout = 0")  # however long another's migration takes
            db.execute(sa.select(sa.func.pg_advisory_lock(_LOCK)))
            try:
                yield
            finally:
                db.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
                db.exec_driver_sql("reset lock_timeout")
    elif file is None:
        yield
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.with_name(file.name + ".migrate").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _file_of(url: str) -> Path | None:
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    return Path(address.database)


class OneProcess:
    """The lock file beside a SQLite database; held as long as the process works on it.

    The lock is the operating system's, so it is free again when the process dies.
    """

    def __init__(self, url: str) -> None:
        """Stand for the database; a PostgreSQL address needs no such lock."""
        file = _file_of(url)
        self._path = None if file is None else file.with_name(file.name + ".lock")
        self._held: IO[str] | None = None

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            AlreadyRunningError: another process holds it; the message names it.
        """
        if self._path is None:
            return self
        self._path.parent.mkdir(parents=True, exist_ok=True)
        held = self._path.open("a+")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as taken:
            held.seek(0)
            owner = held.read().strip() or "unknown"
            held.close()
            raise AlreadyRunningError(
                f"process {owner} already works on this SQLite database ({self._path}); "
                "stop it, or use PostgreSQL for more than one process"
            ) from taken
        held.truncate(0)
        held.write(str(os.getpid()))
        held.flush()
        self._held = held
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the lock back."""
        if self._held is not None:
            self._held.close()
            self._held = None
