"""A process beside the one that plays the demo: it follows the metrics and audits on another core.

    with Beside(url, synchronous="NORMAL") as beside:
        beside.follow_all(now)               goes on at once; what is sealed by now is followed
        beside.catch_up(now)                 waits until all of it is
        wait = beside.verify(now); wait()    history is audited meanwhile

Nothing that the world or its history consists of is decided there: it reads what was sealed, keeps
what the metrics are made of, and moves SQLite's log into the file. It ends with the one that
started it, even if that is killed.
"""

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from manciple.adapters.sql.audit import Verified, verify
from manciple.adapters.sql.engine import checkpoint, open_engine
from manciple.adapters.sql.following import Follower
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.runtime.codec import decode, encode
from manciple.runtime.memory import settle_in

HOLDER = "world"


class BesideError(MancipleError):
    """The process beside ended before its work was done; it has said why on standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A line to the process: what it is asked for. One to catch up or verify is answered."""

    what: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Database:
    """The first line: where everything lies."""

    url: str
    synchronous: str


class Beside:
    """The process, as the one that plays sees it."""

    def __init__(self, url: str, *, synchronous: str) -> None:
        """Start it over a migrated database."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "manciple.cli.beside"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._tell(_Database(url=url, synchronous=synchronous))

    def follow_all(self, now: datetime) -> None:
        """Have it follow what is sealed, and go on."""
        self._tell(_Asked(what="follow", at=now))

    def catch_up(self, now: datetime) -> None:
        """Wait until everything sealed is followed."""
        self._tell(_Asked(what="catch up", at=now))
        self._answer()

    def verify(self, now: datetime) -> Callable[[], Verified]:
        """Have history audited; what is given waits for what was found."""
        self._tell(_Asked(what="verify", at=now))
        return lambda: decode(self._answer(), Verified)

    def __enter__(self) -> Self:
        """Give the process itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self._process.communicate()

    def _tell(self, line: object) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(line) + b"\n")
            self._process.stdin.flush()
        except OSError as problem:
            raise BesideError("the process that follows the metrics has ended") from problem

    def _answer(self) -> bytes:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BesideError("the process that follows the metrics has ended")
        return line


def serve() -> None:
    """Be the process: do what each line of standard input asks for, until there is none."""
    database = decode(sys.stdin.buffer.readline(), _Database)
    engine = open_engine(database.url, synchronous=database.synchronous)
    follower = Follower(engine, holder=HOLDER)
    settle_in()
    for line in sys.stdin.buffer:
        asked = decode(line, _Asked)
        if asked.what == "verify":
            _say(verify(engine, asked.at))
            continue
        follower.follow_all(asked.at)
        checkpoint(engine)
        if asked.what == "catch up":
            _say(asked)
    engine.dispose()


def _say(answer: object) -> None:
    sys.stdout.buffer.write(encode(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    serve()
