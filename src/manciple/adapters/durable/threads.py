"""Drains at once, on threads of this process: what a commit asks for leaves without a queue.

    commit -> wake -> (20 ms, in which more may come) -> drain, until a batch was not full

One thread a lane at a time, and so many lanes of a kind as the engine would run: a slow endpoint
holds up nobody else. A thread ends when nothing came for a while. Without an engine beside them
(`poll`) the threads look at the rows themselves: for tests, and as a fallback.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from manciple.adapters.durable.settings import ROOM
from manciple.kernel.clock import Clock
from manciple.runtime.effects import Lane
from manciple.runtime.lanes import MOST

LaneName = tuple[str, Lane]
PAUSE = 0.02
"""Seconds in which work for a lane is gathered before its first batch is claimed."""
LINGER = 5.0
"""Seconds that a lane's thread waits for more before it ends."""
_log = logging.getLogger(__name__)


class DueLanes(Protocol):
    """What the threads ask of the store."""

    def due_lanes(self, now: datetime) -> Iterable[LaneName]:
        """Give the lanes that have something to send now."""
        ...


class ThreadDrains:
    """Drains on threads; `wake` returns at once."""

    def __init__(
        self,
        drain: Callable[[str, Lane], int],
        store: DueLanes,
        clock: Clock,
        *,
        poll: float | None = 1.0,
        pause: float = PAUSE,
        linger: float = LINGER,
        full: int = MOST,
    ) -> None:
        """Stand ready.

        Args:
            drain: drains a lane's next batch; gives how many effects were claimed.
            store: asked for due lanes by the poll.
            clock: says what is due.
            poll: seconds between looks at the rows; None where somebody else looks.
            pause: seconds in which work for a lane is gathered.
            linger: seconds that a thread without work waits for more.
            full: effects of a batch after which there may be more; a smaller one took all there
                was, and what came since has woken the lane.
        """
        self._drain, self._store, self._clock = drain, store, clock
        self._poll, self._pause, self._linger = poll, pause, linger
        self._full = full
        self._room = {lane: threading.BoundedSemaphore(most) for lane, most in ROOM.items()}
        self._stopped, self._lock = threading.Event(), threading.Lock()
        self._events: dict[LaneName, threading.Event] = {}
        self._threads: dict[LaneName, threading.Thread] = {}
        self._busy: set[LaneName] = set()
        self._poller: threading.Thread | None = None
        if poll is not None:
            self._poller = threading.Thread(
                target=self._look, args=(poll,), daemon=True, name="idle-poll"
            )
            self._poller.start()

    def wake(self, lanes: Iterable[LaneName]) -> None:
        """Tell that lanes got work."""
        with self._lock:
            if self._stopped.is_set():
                return
            for each in lanes:
                if each not in self._events:
                    event = self._events[each] = threading.Event()
                    self._threads[each] = threading.Thread(
                        target=self._run, args=(each, event), daemon=True, name=f"drain {each[0]}"
                    )
                    event.set()
                    self._threads[each].start()
                else:
                    self._events[each].set()

    def serves(self, lane: LaneName) -> bool:
        """Say whether a lane has been woken here and not been found empty since."""
        event = self._events.get(lane)
        return event is not None and (event.is_set() or lane in self._busy)

    def stop(self) -> None:
        """End the threads; a batch under way is finished."""
        with self._lock:
            self._stopped.set()
            for each in self._events.values():
                each.set()
            threads = list(self._threads.values())
        for thread in threads:
            thread.join()
        if self._poller is not None:
            self._poller.join()

    def _run(self, lane: LaneName, event: threading.Event) -> None:
        while event.wait(self._linger) or not self._leaves(lane, event):
            self._stopped.wait(self._pause)
            self._busy.add(lane)
            event.clear()
            try:
                while self._batch(lane) >= self._full:
                    continue
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("a drain of %s broke; its lease will end", lane[0])
            self._busy.discard(lane)
            if self._stopped.is_set():
                return

    def _batch(self, lane: LaneName) -> int:
        with self._room[lane[1]]:
            return 0 if self._stopped.is_set() else self._drain(*lane)

    def _leaves(self, lane: LaneName, event: threading.Event) -> bool:
        """End a thread for which there is no work; a wake that came meanwhile keeps it."""
        with self._lock:
            if event.is_set():
                return False
            del self._events[lane], self._threads[lane]
            return True

    def _look(self, poll: float) -> None:
        while not self._stopped.wait(poll):
            try:
                self.wake(self._store.due_lanes(self._clock.now()))
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("the idle poll failed and will look again")
