"""A reference system's own SQLite file: group commit, number ranges, request log, change feed.

Changes wait in a line; whoever gets the writer's lock carries out all that wait in one
transaction, each in its own savepoint, so that one disk flush serves many and one refusal
harms nobody else.
"""

import hashlib
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Generic, TypeVar

from manciple.adapters.reference.web import RefusalError
from manciple.kernel.records import dataclass

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS number_range (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS request (
  key TEXT PRIMARY KEY, digest TEXT NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL,
  version TEXT NOT NULL, at TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS change (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, number TEXT NOT NULL,
  external TEXT NOT NULL, version TEXT NOT NULL, what TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


_CHECKPOINT = 8_000
"""Pages of the log before they are moved to the file: each time costs two flushes to the disk."""


class _DecimalSum:
    """SQLite aggregate ``decimal_sum``: adds decimal texts exactly."""

    def __init__(self) -> None:
        self._sum = Decimal(0)

    def step(self, *values: Any) -> None:
        """Add one text; NULL adds nothing."""
        if values[0] is not None:
            self._sum += Decimal(values[0])

    def finalize(self) -> Any:
        """Give the sum as text."""
        return f"{self._sum:f}"


@dataclass(frozen=True, slots=True)
class Booked:
    """What a change left behind: the document's kind, its own number and its version."""

    kind: str
    number: str
    version: str


class _Entry(Generic[T]):
    """A change that waits for the writer."""

    __slots__ = ("done", "error", "result", "work")

    def __init__(self, work: Callable[["Writer"], T]) -> None:
        self.work, self.done = work, False
        self.result: T | None = None
        self.error: Exception | None = None


class Writer:
    """The open transaction, as a change sees it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write through this connection."""
        self._connection = connection

    def run(self, statement: str, *values: object) -> int:
        """Run one statement; gives how many rows it changed."""
        return self._connection.execute(statement, values).rowcount

    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for each row."""
        self._connection.executemany(statement, rows)

    def one(self, statement: str, *values: object) -> sqlite3.Row | None:
        """Read one row."""
        row: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return row

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Read rows."""
        return self._connection.execute(statement, values).fetchall()

    def next_number(self, name: str, start: int) -> str:
        """Draw the next number of a range."""
        row = self.one(
            "INSERT INTO number_range VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET next = next + 1 RETURNING next",
            name,
            start,
        )
        assert row is not None
        return str(row[0])

    def changed(self, booked: Booked, *, external: str, what: str) -> None:
        """Tell the change feed."""
        self.run(
            "INSERT INTO change (kind, number, external, version, what) VALUES (?, ?, ?, ?, ?)",
            booked.kind,
            booked.number,
            external,
            booked.version,
            what,
        )

    def remember(self, key: str, digest: str, booked: Booked) -> None:
        """Note the request's key, so that a repeat is recognized."""
        self.run(
            "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?)",
            key,
            digest,
            booked.kind,
            booked.number,
            booked.version,
            datetime.now(UTC).isoformat(timespec="milliseconds"),
        )

    def refuse_repeat(self, key: str, digest: str) -> None:
        """Refuse a key that was used before, naming what it made."""
        row = self.one("SELECT digest, kind, number, version FROM request WHERE key = ?", key)
        if row is None:
            return
        if row["digest"] != digest:
            raise RefusalError(422, "key-reused", f"{key} was used with another content")
        raise RefusalError(
            409,
            "duplicate",
            f"{key} is already here as {row['number']}",
            kind=row["kind"],
            number=row["number"],
            version=row["version"],
        )


class Books:
    """The file and its two connections: one writes, one reads."""

    def __init__(self, database: Path, schema: str, *, synchronous: str = "FULL") -> None:
        """Open (or make) the file; ``synchronous`` is SQLite's word: FULL, NORMAL or OFF."""
        self.database, self.synchronous = database, synchronous
        self._writing, self._reading = _connect(database, synchronous), None
        self._writing.executescript(_SCHEMA + schema)
        self._reading = _connect(database, synchronous)
        self._write_lock, self._read_lock = threading.Lock(), threading.Lock()
        self._waiting: deque[_Entry[Any]] = deque()

    def write(self, work: Callable[[Writer], T]) -> T:
        """Carry out a change; it is on disk (as far as ``synchronous`` goes) on return."""
        entry = _Entry(work)
        self._waiting.append(entry)
        with self._write_lock:
            if not entry.done:
                self._drain()
        if entry.error is not None:
            raise entry.error
        result: T = entry.result  # type: ignore[assignment]  # set whenever there is no error
        return result

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Read committed rows."""
        with self._read_lock:
            assert self._reading is not None
            return self._reading.execute(statement, values).fetchall()

    def one(self, statement: str, *values: object) -> sqlite3.Row | None:
        """Read one committed row."""
        found = self.rows(statement, *values)
        return found[0] if found else None

    def close(self) -> None:
        """Close both connections."""
        with self._write_lock, self._read_lock:
            self._writing.close()
            assert self._reading is not None
            self._reading.close()

    def _drain(self) -> None:
        batch: list[_Entry[Any]] = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        writer = Writer(self._writing)
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            if len(batch) == 1:  # needs no savepoint, for which SQLite copies each page it changes
                self._carry_out(batch[0], writer, undo="ROLLBACK")
            else:
                for entry in batch:
                    self._writing.execute("SAVEPOINT one")
                    self._carry_out(entry, writer, undo="ROLLBACK TO one")
                    self._writing.execute("RELEASE one")
            if self._writing.in_transaction:
                self._writing.execute("COMMIT")
        except sqlite3.Error as problem:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            for entry in batch:
                entry.error = entry.error or problem
        finally:
            for entry in batch:
                entry.done = True

    def _carry_out(self, entry: _Entry[Any], writer: Writer, *, undo: str) -> None:
        try:
            entry.result = entry.work(writer)
        except sqlite3.IntegrityError as problem:
            self._writing.execute(undo)
            entry.error = RefusalError(422, "constraint", f"the books don't allow it: {problem}")
        except Exception as problem:  # noqa: BLE001  each waiting change gets its own error
            self._writing.execute(undo)
            entry.error = problem


def digest_of(body: bytes) -> str:
    """Give the digest by which a repeated body is recognized."""
    return hashlib.sha256(body).hexdigest()


def _connect(database: Path, synchronous: str) -> sqlite3.Connection:
    if synchronous not in ("FULL", "NORMAL", "OFF"):
        message = f"synchronous is FULL, NORMAL or OFF, not {synchronous!r}"
        raise ValueError(message)
    connection = sqlite3.connect(
        database, isolation_level=None, check_same_thread=False, timeout=30
    )
    connection.row_factory = sqlite3.Row
    connection.create_aggregate("decimal_sum", 1, _DecimalSum)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
    return connection
