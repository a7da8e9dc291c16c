"""The kill harness: everything runs in processes of its own, and anything may die at any moment.

with Yard(url, folder, ["both"]) as yard:
    yard.kill("both-0") ...
yard.verdict()
"""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from manciple.adapters.sql.audit import Broken, verify
from manciple.adapters.sql.engine import open_engine, reading
from manciple.kernel.clock import WallClock
from manciple.runtime.work import StoreError
from tests.runtime.toy import order_id
from tests.runtime.toy_desk import DeskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    acknowledged: int
    lost: tuple[str, ...]
    missing_outside: tuple[str, ...]
    alien_outside: tuple[str, ...]
    sent_twice: int
    retried: int
    waiting: int
    settled_s: float
    broken: Broken | None


@dataclass(slots=True)
class Ours:
    part: str
    name: str
    process: subprocess.Popen[str]
    listener: threading.Thread
    ready: threading.Event = field(default_factory=threading.Event)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()
        self.listener.join()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Yard:
    """Processes of ours, and the desk outside, all under supervision: what dies is started again.

    A process that was killed comes back under a new name on PostgreSQL, so that its work must be
    taken over; on SQLite it keeps its name, for there is one.
    """

    def __init__(self, url: str, folder: Path, parts: list[str]) -> None:
        self.url, self._folder, self._parts = url, folder, parts
        self.acknowledged: list[str] = []
        self._ours: dict[int, Ours] = {}
        self._born = 0
        self._socket = str(folder / "desk.sock")
        self._books = folder / "desk.db"
        self._log = (folder / "ours.log").open("a")
        self.desk = self._start_desk()

    def __enter__(self) -> Self:
        for place in range(len(self._parts)):
            self._start(place)
        self.wait_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in self._ours.values():
            each.end()
        self.desk.kill()
        self.desk.wait()
        self._log.close()

    def of(self, part: str) -> Ours:
        return next(each for each in self._ours.values() if each.part == part)

    def pid(self, place: int) -> int:
        return self._ours[place].process.pid

    def kill(self, place: int) -> None:
        self._ours[place].end()
        self._start(place)

    def kill_desk(self) -> None:
        """Have the desk commit its next work and die before it answers."""
        with suppress(OSError):
            DeskLine(self._socket).ask("DIE")
            self.desk.wait(3)
        self.desk.kill()
        self.desk.wait()
        self.desk = self._start_desk()

    def mend(self) -> None:
        """Start again what ended by itself."""
        for place, each in list(self._ours.items()):
            if each.process.poll() is not None:
                each.end()
                self._start(place)

    def wait_ready(self, seconds: float = 40) -> None:
        until = time.monotonic() + seconds
        while not all(each.ready.is_set() for each in self._ours.values()):
            self.mend()
            assert time.monotonic() < until, (self._folder / "ours.log").read_text()[-2000:]
            time.sleep(0.05)

    def wait_end(self, place: int, seconds: float = 20) -> int:
        """Wait until a process ends by itself, and give its exit code."""
        return self._ours[place].process.wait(seconds)

    def wait_taken(self, place: int, seconds: float = 60) -> None:
        """Wait until somebody else has taken over a worker's name."""
        engine, until = open_engine(self.url), time.monotonic() + seconds
        sql = "select 1 from lease where name = ?"
        held = True
        while held and time.monotonic() < until:
            with reading(engine) as session:
                held = bool(session.one(sql, (f"worker:{self._ours[place].name}",)))
            time.sleep(0.2)
        engine.dispose()
        assert not held, "nobody took over"

    def stop_doors(self) -> None:
        """Turn every process into a mere worker, so that what is left can be settled."""
        for place, each in list(self._ours.items()):
            if self._parts[place] == "worker":
                continue
            each.end()
            del self._ours[place]
            if self._parts[place] == "both":
                self._parts[place] = "worker"
                self._start(place)
        self.wait_ready()

    def settle(self, seconds: float = 60) -> float:
        start = time.monotonic()
        engine = open_engine(self.url)
        waiting = 1
        while waiting and time.monotonic() - start < seconds:
            self.mend()
            with suppress(StoreError), reading(engine) as session:
                sql = "select count(*) from effect where state in ('due', 'accepted')"
                waiting = session.rows(sql)[0][0]
            time.sleep(0.1)
        engine.dispose()
        return time.monotonic() - start

    def verdict(self, settled: float) -> Verdict:
        engine = open_engine(self.url)
        with reading(engine) as session:
            kept = {row[0] for row in session.rows("select key from command")}
            wanted = {row[0] for row in session.rows("select key from effect")}
            retried = session.rows("select count(*) from effect where attempts > 1")[0][0]
            waiting = session.rows("select count(*) from effect where state <> 'done'")[0][0]
        broken = verify(engine, WallClock().now()).broken
        engine.dispose()
        with sqlite3.connect(self._books) as db:
            there = {row[0] for row in db.execute("select key from done")}
            again = db.execute("select count(*) from again").fetchone()[0]
        promised = {f"{order_id(key)}:1:create" for key in self.acknowledged}
        return Verdict(
            acknowledged=len(self.acknowledged),
            lost=tuple(key for key in self.acknowledged if key not in kept),
            missing_outside=tuple(sorted((wanted | promised) - there)),
            alien_outside=tuple(sorted(there - wanted)),
            sent_twice=again,
            retried=retried,
            waiting=waiting,
            settled_s=round(settled, 1),
            broken=broken,
        )

    def _start_desk(self) -> "subprocess.Popen[bytes]":
        module = [sys.executable, "-W", "ignore", "-m", "tests.runtime.toy_desk"]
        return subprocess.Popen([*module, self._socket, str(self._books)])

    def _start(self, place: int) -> None:
        part = self._parts[place]
        is_only = self.url.startswith("sqlite")
        self._born += 1
        name = "one" if is_only else f"{part}-{self._born}"
        process = subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-m", "tests.runtime.toy_process"),
                *(part, self.url, name),
                self._socket,
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "TOY_BIRTH": str(self._born)},
        )
        ours = Ours(part, name, process, threading.Thread())
        ours.listener = threading.Thread(target=self._listen, args=(ours,), daemon=True)
        self._ours[place] = ours
        ours.listener.start()

    def _listen(self, ours: Ours) -> None:
        assert ours.process.stdout is not None
        for line in ours.process.stdout:
            if line == "ready\n":
                ours.ready.set()
            elif line.endswith("\n"):
                self.acknowledged.append(line.strip())
