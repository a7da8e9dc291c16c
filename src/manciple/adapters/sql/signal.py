"""A signal between processes on one database that something was committed: a hint, no more.

    commit -> tell() -> listeners of this process, at once
                     -> NOTIFY, some hundredths of a second later, once for all commits since
    NOTIFY of another process -> listeners of this process

On PostgreSQL one thread holds one connection that listens and notifies; when the connection
breaks, it comes back by itself. The notice is no part of any commit: a transaction that notifies
holds a lock of the whole database until its commit is written, so commits would wait in line.
Source: PostgreSQL's manual, "NOTIFY"; its `async.c`, "PreCommit_Notify". SQLite has only the
listeners of its own process; whoever needs to know looks once in a while anyway.
"""

import contextlib
import logging
import os
import select
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from manciple.adapters.sql.engine import translated
from manciple.runtime.work import StoreError

CHANNEL: Final = "manciple_changed"
GATHER_SECONDS: Final = 0.02
"""How long commits are gathered before they are told of by one notice."""
AGAIN_SECONDS: Final = 0.5
"""How long after a connection broke the next one is tried."""
ALIVE_SECONDS: Final = 15.0
"""How often a silent connection is asked whether it is still there."""
_log = logging.getLogger(__name__)


class Signal:
    """Tells that something was committed, and is told so by others. Safe on any thread."""

    def __init__(self, engine: sa.Engine) -> None:
        """Stand between the processes of this database; without `start`, within this one."""
        self._engine = engine
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._changing = threading.Lock()
        self._line: _Line | None = None

    def tell(self) -> None:
        """Say that something was committed; costs next to nothing."""
        self._hear()
        if self._line is not None:
            self._line.ask()

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, on any thread, after a commit here or elsewhere; gives how to end it."""
        with self._changing:
            self._listeners = (*self._listeners, callback)

        def end() -> None:
            with self._changing:
                self._listeners = tuple(each for each in self._listeners if each is not callback)

        return end

    def start(self) -> None:
        """Speak with the other processes, where the database can."""
        if self._line is None and self._engine.dialect.name == "postgresql":
            self._line = _Line(self._engine, self._hear)

    def stop(self) -> None:
        """Speak with nobody else any more."""
        line, self._line = self._line, None
        if line is not None:
            line.stop()

    @property
    def is_connected(self) -> bool:
        """Say whether other processes are heard just now."""
        return self._line is not None and self._line.is_connected.is_set()

    def _hear(self) -> None:
        for each in self._listeners:
            each()


class _Line:
    """The thread with its connection."""

    def __init__(self, engine: sa.Engine, hear: Callable[[], None]) -> None:
        self._engine, self._hear = engine, hear
        self._stopped = threading.Event()
        self._asked = threading.Event()
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.is_connected = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="signal")
        self._thread.start()

    def ask(self) -> None:
        """Have others told."""
        if not self._asked.is_set():
            self._asked.set()
            self._wake()

    def stop(self) -> None:
        self._stopped.set()
        self._wake()
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it is being woken already
            os.write(self._wake_write, b"!")

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._speak()
            except (psycopg.Error, sa.exc.DBAPIError, StoreError, OSError) as problem:
                _log.info("the signal between processes is away: %s", problem)
            self.is_connected.clear()
            self._stopped.wait(AGAIN_SECONDS)

    def _speak(self) -> None:
        connection = _connected(self._engine)
        try:
            connection.autocommit = True
            connection.execute("set synchronous_commit = off")  # a hint may be lost
            connection.add_notify_handler(
                lambda told: self._pass_on(connection.pgconn, [told.pid])
            )
            connection.execute(f"listen {CHANNEL}")
            self.is_connected.set()
            self._hear()  # what was committed before nobody told us, nor we others
            connection.execute(f"notify {CHANNEL}")
            while not self._stopped.is_set():
                self._wait(connection)
        finally:
            connection.close()

    def _wait(self, connection: Any) -> None:
        """Wait until somebody has something to tell, and pass it on."""
        ready, _, _ = select.select([connection, self._wake_read], [], [], ALIVE_SECONDS)
        if self._stopped.is_set():
            return
        if self._wake_read in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 64)
            self._stopped.wait(GATHER_SECONDS)
            self._asked.clear()
            connection.execute(f"notify {CHANNEL}")
        elif connection not in ready:
            connection.execute("select 1")
        line = connection.pgconn
        line.consume_input()
        told = [each.be_pid for each in iter(line.notifies, None)]
        self._pass_on(line, told)

    def _pass_on(self, line: Any, told_by: Iterable[int]) -> None:
        """Tell the listeners, unless all came from this process, which told them before."""
        if any(pid != line.backend_pid for pid in told_by):
            self._hear()


def _connected(engine: sa.Engine) -> Any:
    """Open a connection of its own: the pool has no part in it any more."""
    try:
        pooled = engine.raw_connection()
    except psycopg.Error as problem:
        raise translated(problem) from problem
    driver = pooled.driver_connection
    pooled.detach()
    return driver
