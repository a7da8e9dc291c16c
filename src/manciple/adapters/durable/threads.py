"""The same drains on threads, without an engine: for tests, and as a fallback.

One thread a lane, made when the lane is first heard of; an idle poll finds what nobody told.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Protocol

from manciple.kernel.clock import Clock
from manciple.runtime.drains import Drains
from manciple.runtime.effects import Lane

LaneName = tuple[str, Lane]
_log = logging.getLogger(__name__)


class DueLanes(Protocol):
    """What the threads ask of the store."""

    def due_lanes(self, now: datetime) -> Iterable[LaneName]:
        """Give the lanes that have something to send now."""
        ...


class ThreadDrains:
    """Drains on threads; `wake` returns at once."""

    def __init__(
        self, drains: Drains, store: DueLanes, clock: Clock, *, poll: float = 1.0
    ) -> None:
        """Start the idle poll."""
        self._drains, self._store, self._clock, self._poll = drains, store, clock, poll
        self._stopped, self._lock = threading.Event(), threading.Lock()
        self._events: dict[LaneName, threading.Event] = {}
        self._threads: list[threading.Thread] = []
        self._start(self._look, "idle-poll")

    def wake(self, lanes: Iterable[LaneName]) -> None:
        """Tell that lanes got work."""
        with self._lock:
            for each in lanes:
                if each not in self._events and not self._stopped.is_set():
                    self._events[each] = threading.Event()
                    self._start(partial(self._run, each), f"drain {each[0]}")
                self._events[each].set()

    def stop(self) -> None:
        """End the threads; a batch under way is finished."""
        self._stopped.set()
        with self._lock:
            for each in self._events.values():
                each.set()
            threads = list(self._threads)
        for thread in threads:
            thread.join()

    def _start(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, daemon=True, name=name)
        self._threads.append(thread)
        thread.start()

    def _run(self, lane: LaneName) -> None:
        event = self._events[lane]
        while not self._stopped.is_set():
            event.wait(self._poll)
            event.clear()
            try:
                while not self._stopped.is_set() and self._drains.drain(*lane):
                    continue
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("a drain of %s broke; its lease will end", lane[0])

    def _look(self) -> None:
        while not self._stopped.wait(self._poll):
            try:
                self.wake(self._store.due_lanes(self._clock.now()))
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("the idle poll failed and will look again")
