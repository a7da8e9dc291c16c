"""What changed since the last look, read from the ends of the history and of the notices.

The number of an event is given before its transaction commits, so one may appear below numbers
that were seen already. Therefore each look counts the last few, and looks at them again when the
count differs. A look at which nothing changed is one short statement.
"""

import threading
from collections.abc import Callable, Collection
from typing import Final

import sqlalchemy as sa

from manciple.adapters.sql.engine import look, reading
from manciple.adapters.sql.signal import Signal
from manciple.runtime.changes import ANY, EVERYTHING, Heard, bell_of

WINDOW: Final = 256
"""Numbers below the newest that a transaction still under way may hold."""
MOST: Final = 2000
"""Numbers that one look reads through; when there are more, every topic counts as changed."""
WINDOW_BACK: Final = 16
"""Numbers below a page's own that it is told of again: their transactions may have been late."""
POLL_SECONDS: Final = 1.0
"""How often is looked where other processes give hints."""
POLL_ALONE_SECONDS: Final = 0.25
"""How often is looked where they can't."""
_ENDS: Final = (
    "select coalesce((select max(n) from event), 0), "
    "(select count(*) from event where n > (select max(n) from event) - ?), "
    "coalesce((select max(n) from notice_seen), 0)"
)
_EVENTS: Final = "select n, stream from event where n > ? order by n limit ?"
_NOTICES: Final = "select n, owner from notice where n > ? order by n limit ?"
_SEEN: Final = "select distinct owner from notice_seen where n > ?"
_TOUCHED: Final = "select stream from event where n > ? order by n limit ?"
_Ends = tuple[int, int, int]


class SqlChanges:
    """Looks for changes on behalf of all pages of a process."""

    def __init__(self, engine: sa.Engine, signal: Signal) -> None:
        """Read from this database; be woken by this signal."""
        self._engine, self._signal = engine, signal
        self._looking = threading.Lock()
        self._ends: _Ends | None = None
        self._recent: frozenset[int] = frozenset()
        self._notice = 0
        self._told_of: frozenset[int] = frozenset()
        self._base = 0
        self._newest: dict[str, int] = {}

    @property
    def poll_seconds(self) -> float:
        """How long a change may stay unseen when no hint of it comes."""
        is_postgres = self._engine.dialect.name == "postgresql"
        return POLL_SECONDS if is_postgres else POLL_ALONE_SECONDS

    def touched(
        self, since: int, kinds: Collection[str], *, on_threads: str = "", most: int
    ) -> tuple[str, ...] | None:
        """Give the documents that changed after a sequence, by name; None where they are many.

        With ``on_threads``, the documents of that kind that lie on a thread with any of them.
        """
        rows = look(self._engine, _TOUCHED, (since - WINDOW_BACK, MOST + 1))
        if len(rows) > MOST:
            return None
        streams = sorted({row[0] for row in rows if row[0].partition("/")[0] in kinds})
        if on_threads and streams:
            with reading(self._engine) as session:
                found = session.rows(
                    "select distinct o.ref from trace t join trace o on o.thread = t.thread "  # noqa: S608  our own words; values are bound
                    f"where {session.among('t.ref')} and o.ref >= ? and o.ref < ? limit ?",
                    (session.keys(streams), f"{on_threads}/", f"{on_threads}0", most + 1),
                )
            streams = sorted(row[0] for row in found)
        return None if len(streams) > most else tuple(streams)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back, on any thread, when something may have changed; gives how to end it."""
        return self._signal.listen(callback)

    def sequence(self) -> int:
        """Give the sequence of the newest event, cheaply; 0 before the first."""
        return int(look(self._engine, "select coalesce(max(n), 0) from event")[0][0])

    def look(self) -> Heard:
        """Look for what changed since the last look; the first finds where things stand."""
        with self._looking:
            ends: _Ends = tuple(look(self._engine, _ENDS, (WINDOW,))[0])
            before = self._ends
            if before is None:
                self._begin(ends)
                return Heard(sequence=ends[0])
            if ends == before:
                return Heard(sequence=ends[0])
            topics = self._topics(before, ends)
            self._ends = ends
            self._newest |= dict.fromkeys(topics - ANY, ends[0])
            return Heard(sequence=ends[0], topics=topics)

    def since(self, sequence: int) -> frozenset[str]:
        """Give the topics that changed after a sequence; ``*`` for any, where that is unknown."""
        with self._looking:
            if self._ends is None or not self._base <= sequence <= self._ends[0]:
                return ANY
            return frozenset(each for each, n in self._newest.items() if n > sequence)

    def _begin(self, ends: _Ends) -> None:
        self._ends, self._base = ends, ends[0]
        self._newest.clear()
        self._recent = frozenset(n for n, _ in self._rows(_EVENTS, ends[0] - WINDOW))
        found = look(self._engine, "select coalesce(max(n), 0) from notice")
        self._notice = int(found[0][0])
        self._told_of = frozenset(n for n, _ in self._rows(_NOTICES, self._notice - WINDOW))

    def _topics(self, before: _Ends, ends: _Ends) -> frozenset[str]:
        if ends[0] < before[0] or ends[0] - before[0] > MOST:  # made anew, or far ahead of us
            self._begin(ends)
            return ANY
        events = self._rows(_EVENTS, before[0] - WINDOW)
        new = [stream for n, stream in events if n not in self._recent]
        self._recent = frozenset(n for n, _ in events if n > ends[0] - WINDOW)
        topics = {stream.partition("/")[0] for stream in new}
        if new:
            topics |= {EVERYTHING, *(bell_of(owner) for owner in self._told())}
        if ends[2] != before[2]:
            topics |= {bell_of(row[0]) for row in look(self._engine, _SEEN, (before[2],))}
        return frozenset(topics)

    def _told(self) -> set[str]:
        """Give whom new notices are for."""
        rows = self._rows(_NOTICES, self._notice - WINDOW)
        new = {owner for n, owner in rows if n not in self._told_of}
        self._notice = rows[-1][0] if rows else 0
        self._told_of = frozenset(n for n, _ in rows if n > self._notice - WINDOW)
        return new

    def _rows(self, sql: str, after: int) -> list[tuple[int, str]]:
        most = MOST + 2 * WINDOW
        return [(int(n), word) for n, word in look(self._engine, sql, (after, most))]
