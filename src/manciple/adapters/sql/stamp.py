"""What a database holds, as one word: while nothing is committed it stays the same.

    stamp()  ->  "1f0c...:42" on SQLite        stamp()  ->  "a1c2...:7731:7731:" on PostgreSQL

It is asked of the database at every call, so that what another process or node has committed
changes it too. On SQLite that is the connection's count of others' commits; the connection that
is asked never writes, so that every commit is another's. On PostgreSQL it is the snapshot itself:
which transactions can be seen. Any commit in the server changes it, ours or not.
Sources: SQLite, "PRAGMA data_version"; PostgreSQL's manual, "Transaction ID and Snapshot
Information Functions", pg_current_snapshot.
"""

import uuid
from threading import Lock
from typing import Any

import sqlalchemy as sa

from manciple.adapters.sql.engine import look_at


class Stamp:
    """Gives the word of one database; words of two processes are never the same."""

    def __init__(self, engine: sa.Engine) -> None:
        """Ask this database."""
        self._engine, self._lock = engine, Lock()
        self._is_postgres = engine.dialect.name == "postgresql"
        self._own = uuid.uuid4().hex
        self._line: sa.PoolProxiedConnection | None = None
        sa.event.listen(engine, "engine_disposed", self._let_go)

    def __call__(self) -> str:
        """Give the word, as of some instant during the call."""
        if self._is_postgres:
            row = look_at(self._engine, "select pg_current_snapshot()::text")
            return f"{self._own}:{row[0] if row else uuid.uuid4().hex}"
        with self._lock:
            if self._line is None:
                self._own, self._line = uuid.uuid4().hex, self._engine.raw_connection()
            driver: Any = self._line.driver_connection
            return f"{self._own}:{driver.execute('PRAGMA data_version').fetchone()[0]}"

    def _let_go(self, _: sa.Engine) -> None:
        with self._lock:
            line, self._line = self._line, None
            if line is not None:
                line.invalidate()
