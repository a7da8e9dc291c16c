"""Opening a database, and a transaction as plain statements on the driver's own cursor.

Statements are constant texts with ``?`` for a value; the drivers prepare each once.

    transaction(engine)      a writing transaction       reading(engine)    a snapshot for several
    look(engine, sql, ...)   one statement by itself, without a transaction around it
"""

import os
import secrets
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import msgspec
import psycopg
import sqlalchemy as sa

from manciple.kernel.errors import MancipleError
from manciple.runtime.work import LostRaceError, StoreError

Row = tuple[Any, ...]
_FAULTS = (psycopg.Error, sqlite3.Error)
_LOST = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
)
BUSY = 30
"""Seconds that a writer waits for SQLite's lock."""
STATEMENTS = 512
"""Statements that a SQLite connection keeps prepared; Python's own 128 are fewer than we have."""
CHECKPOINT = 16_000
"""Pages of 4 KiB in SQLite's log before they are moved to the file. A page that changed often is
moved once, so fewer looks at it cost less; the log is at most some 64 MB long by it."""
IDLE = 15
"""Seconds after which PostgreSQL ends a session that does nothing within a transaction.

A process that was stopped keeps the locks it held, and those who wait for them wait with it.
"""
WAITS = 30
"""Seconds after which PostgreSQL ends a wait for a lock: the statement has lost its race.

Many who wait for one that froze would else get its lock one after another, frozen as well.
"""
_BIRTH = secrets.token_hex(4)


class DatabaseUrlError(MancipleError):
    """A database address that is neither SQLite nor PostgreSQL."""


class ConflictError(StoreError):
    """A row with this key exists; the message names the constraint."""


def translated(problem: Exception) -> MancipleError:
    """Say in our words what a driver reports."""
    if isinstance(problem, _LOST):
        return LostRaceError(str(problem))
    if isinstance(problem, psycopg.IntegrityError | sqlite3.IntegrityError):
        return ConflictError(str(problem))
    return StoreError(f"the database failed: {problem}")


def process_name() -> str:
    """Name this process to PostgreSQL, the same in each of its sessions and in no other process's.

    Who takes over from a process that froze ends all its sessions by it: ended one by one, each
    would hand its lock to the next that froze while waiting for it.
    """
    return f"manciple {os.getpid()} {_BIRTH}"


def open_engine(
    url: str, *, synchronous: str = "FULL", idle: int = IDLE, **options: Any
) -> sa.Engine:
    """Open a database: ``sqlite:///FILE`` or ``postgresql://...``.

    Args:
        url: the database's address.
        synchronous: SQLite's word for how safe a commit is; FULL survives a loss of power.
        idle: seconds that a PostgreSQL session may do nothing within a transaction.
        options: passed to SQLAlchemy, such as ``pool_size``.
    """
    address = sa.make_url(url)
    match address.get_backend_name():
        case "postgresql":
            return _postgres_engine(address, idle, options)
        case "sqlite":
            return _sqlite_engine(address, synchronous, options)
        case other:
            raise DatabaseUrlError(f"wanted sqlite:///FILE or postgresql://..., came {other}")


def _postgres_engine(address: sa.URL, idle: int, options: dict[str, Any]) -> sa.Engine:
    wanted = address.query.get("options", "")
    given = wanted if isinstance(wanted, str) else " ".join(wanted)
    told = f"-c idle_in_transaction_session_timeout={idle}s -c lock_timeout={WAITS}s {given}"
    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        connect_args={"options": told.strip(), "application_name": process_name()},
        **options,
    )
    _keep_spares(engine)
    return engine


def _sqlite_engine(address: sa.URL, synchronous: str, options: dict[str, Any]) -> sa.Engine:
    engine = sa.create_engine(
        address, connect_args={"timeout": BUSY, "cached_statements": 512}, **options
    )
    _keep_spares(engine)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY * 1000}",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "cache_size=-65536",
            f"wal_autocheckpoint={CHECKPOINT}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(db: sa.Connection) -> None:
        db.exec_driver_sql("BEGIN")

    return engine


def checkpoint(engine: sa.Engine) -> None:
    """Move what SQLite's log holds into the file, as far as it goes without anybody waiting."""
    if engine.dialect.name != "postgresql":
        look(engine, "PRAGMA wal_checkpoint(PASSIVE)")


class Session:
    """One transaction's cursor. Statements say ``?`` for a value on both databases."""

    def __init__(self, connection: Any, *, is_postgres: bool) -> None:
        """Use a driver's connection whose transaction has begun."""
        self._connection, self.is_postgres = connection, is_postgres
        self._cursor = connection.cursor()

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Read all rows."""
        try:
            found: list[Row] = self._cursor.execute(self._text(sql), values).fetchall()
        except _FAULTS as problem:
            raise translated(problem) from problem
        return found

    def one(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Read the first row."""
        try:
            found: Row | None = self._cursor.execute(self._text(sql), values).fetchone()
        except _FAULTS as problem:
            raise translated(problem) from problem
        return found

    def write(self, sql: str, values: Sequence[object] = ()) -> int:
        """Change rows; gives how many."""
        try:
            count: int = self._cursor.execute(self._text(sql), values).rowcount
        except _FAULTS as problem:
            raise translated(problem) from problem
        return count

    def write_all(self, sql: str, rows: Sequence[Sequence[object]]) -> "Written":
        """Change rows for each of the values; how many is known when the pipeline has ended."""
        cursor = self._connection.cursor()
        try:
            if len(rows) == 1:
                cursor.execute(self._text(sql), rows[0])
            elif rows:
                cursor.executemany(self._text(sql), rows)
        except _FAULTS as problem:
            raise translated(problem) from problem
        return Written(cursor, empty=not rows)

    def together(self) -> Any:
        """Send the writes of a block in one round trip, where the driver can."""
        return self._connection.pipeline() if self.is_postgres else nullcontext()

    def keys(self, values: Sequence[str]) -> object:
        """Give a list of words as one value for `among`."""
        return list(values) if self.is_postgres else msgspec.json.encode(list(values)).decode()

    def among(self, column: str) -> str:
        """Say that a column is one of the words in one value, with a text that never changes.

        No parentheses beyond these: SQLite reads ``in ((select ...))`` as its first row only.
        """
        if self.is_postgres:
            return f"{column} = any(?)"
        return f"{column} in (select value from json_each(?))"  # noqa: S608  our own words; values are bound

    @property
    def words(self) -> str:
        """Ask for the words in one value, as rows; to be put together with other questions."""
        return "select unnest(?::text[])" if self.is_postgres else "select value from json_each(?)"

    @property
    def for_update(self) -> str:
        """Say how rows are locked; SQLite holds its one write lock anyway."""
        return " for update" if self.is_postgres else ""

    def _text(self, sql: str) -> str:
        return _for_postgres(sql) if self.is_postgres else sql


@lru_cache(maxsize=1024)
def _for_postgres(sql: str) -> str:
    return sql.replace("?", "%s")


class Written:
    """How many rows a statement changed, once it is known."""

    def __init__(self, cursor: Any, *, empty: bool) -> None:
        """Keep the cursor until it is asked."""
        self._cursor, self._empty = cursor, empty

    @property
    def count(self) -> int:
        """Give the rows changed."""
        return 0 if self._empty else int(self._cursor.rowcount)


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[Session]:
    """Run a block as one writing transaction: committed at its end, undone when it raises.

    SQLite has one writer. This process's threads wait for their turn here: SQLite itself would
    have each of them sleep and look again, up to a tenth of a second at a time, and let who comes
    last go first.

    Raises:
        LostRaceError: the database gave up one of two that waited for one another.
        ConflictError: a row with such a key exists.
    """
    if engine.dialect.name == "postgresql":
        with _written(engine, is_postgres=True) as session:
            yield session
        return
    turn = _TURNS[engine]
    if not turn.acquire(timeout=BUSY):
        raise StoreError(f"the database failed: another thread has been writing for {BUSY} s")
    try:
        with _written(engine, is_postgres=False) as session:
            yield session
    finally:
        turn.release()


@contextmanager
def _written(engine: sa.Engine, *, is_postgres: bool) -> Iterator[Session]:
    line = _line(engine)
    try:
        if not is_postgres:
            line.driver.execute("BEGIN IMMEDIATE")
        yield Session(line.driver, is_postgres=is_postgres)
        line.driver.commit()
    except _FAULTS as problem:
        _undo(engine, line)
        raise translated(problem) from problem
    except BaseException:
        _undo(engine, line)
        raise
    finally:
        _give_back(engine, line)


class _Line(NamedTuple):
    """A connection: the driver's own, the pool's hold on it, and the pool."""

    driver: Any
    pooled: Any
    pool: sa.Pool


class _Spares(NamedTuple):
    """Connections that lie ready; PostgreSQL's for looks are in the driver's autocommit mode.

    SQLite's serve both, the one given back last first: a connection forgets all pages that it
    holds in memory as soon as another one has written.
    """

    plain: deque[_Line]
    looks: deque[_Line]


MOST_SPARE = 4
"""Connections of a kind that are kept out of SQLAlchemy's pool, whose own checks on taking and
giving back cost more than the short statements between them."""
_SPARES: WeakKeyDictionary[sa.Engine, _Spares] = WeakKeyDictionary()
_TURNS: WeakKeyDictionary[sa.Engine, Lock] = WeakKeyDictionary()
"""By engine, what a writer of SQLite holds."""


def _keep_spares(engine: sa.Engine) -> None:
    plain = deque[_Line]()
    _TURNS[engine] = Lock()
    is_postgres = engine.dialect.name == "postgresql"
    _SPARES[engine] = _Spares(plain, deque() if is_postgres else plain)

    @sa.event.listens_for(engine, "engine_disposed")
    def _let_go(disposed: sa.Engine) -> None:
        for spares in _SPARES[disposed]:
            _close(spares)


def _close(spares: deque[_Line]) -> None:
    with suppress(IndexError):  # another thread closes them too
        while True:
            spares.pop().pooled.invalidate()


def _line(engine: sa.Engine) -> _Line:
    try:
        return _SPARES[engine].plain.pop()
    except (IndexError, KeyError):
        return _checked_out(engine)


def _give_back(engine: sa.Engine, line: _Line) -> None:
    spares = _SPARES.get(engine)
    if spares is not None and len(spares.plain) < MOST_SPARE and line.pooled.is_valid:
        _keep(engine, spares.plain, line)
    else:
        _part(engine, line)


def _keep(engine: sa.Engine, spares: deque[_Line], line: _Line) -> None:
    """Have a connection lie ready, unless the engine was disposed of while it was in use.

    Its pool is replaced before the spares are closed: who gives back later sees another pool.
    """
    spares.append(line)
    if line.pool is not engine.pool:
        _close(spares)


def _part(engine: sa.Engine, line: _Line) -> None:
    """Give a connection to its pool; to one that was disposed of, none: nobody would close it."""
    if line.pool is engine.pool:
        line.pooled.close()
    elif line.pooled.is_valid:
        line.pooled.invalidate()


def _checked_out(engine: sa.Engine) -> _Line:
    pool = engine.pool
    try:
        pooled = engine.raw_connection()
    except (*_FAULTS, sa.exc.DBAPIError) as problem:
        raise StoreError(f"the database can't be reached: {problem}") from problem
    return _Line(pooled.driver_connection, pooled, pool)


def _undo(engine: sa.Engine, line: _Line) -> None:
    try:
        line.driver.rollback()
    except _FAULTS:
        _lose(engine, line)


_LOSING = Lock()


def _lose(engine: sa.Engine, line: _Line) -> None:
    """Close a connection that failed; when it broke, those that lie ready beside it, too.

    A server that ended took all of them with it: only the first who asks it again is told so.
    """
    is_broken = getattr(line.driver, "broken", False)  # psycopg's word; SQLite has no server
    line.pooled.invalidate()
    if not is_broken:
        return
    with _LOSING:
        if line.pool is not engine.pool:
            return
        engine.dispose(close=False)
    line.pool.dispose()  # no longer the engine's: nothing comes back to it


@contextmanager
def reading(engine: sa.Engine) -> Iterator[Session]:
    """Run a block as one reading transaction, which waits for no writer."""
    is_postgres = engine.dialect.name == "postgresql"
    line = _line(engine)
    try:
        if not is_postgres:
            line.driver.execute("BEGIN")
        yield Session(line.driver, is_postgres=is_postgres)
    except _FAULTS as problem:
        raise translated(problem) from problem
    finally:
        _undo(engine, line)
        _give_back(engine, line)


def look(engine: sa.Engine, sql: str, values: Sequence[object] = ()) -> list[Row]:
    """Read the rows of one statement, which needs no transaction to be one instant's view.

    On PostgreSQL that is one round trip in place of three.
    """
    spares = _SPARES[engine]
    is_postgres = engine.dialect.name == "postgresql"
    try:
        line = spares.looks.pop()
    except IndexError:
        line = _checked_out(engine)
        if is_postgres:
            line.driver.autocommit = True
    try:
        text = _for_postgres(sql) if is_postgres else sql
        found: list[Row] = line.driver.execute(text, values).fetchall()
    except BaseException as problem:
        _lose(engine, line)
        if isinstance(problem, _FAULTS):
            raise translated(problem) from problem
        raise
    if len(spares.looks) < MOST_SPARE:
        _keep(engine, spares.looks, line)
    else:
        if is_postgres:
            line.driver.autocommit = False
        _part(engine, line)
    return found


def look_at(engine: sa.Engine, sql: str, values: Sequence[object] = ()) -> Row | None:
    """Read the first row of one statement by itself; None when there is none."""
    found = look(engine, sql, values)
    return found[0] if found else None
