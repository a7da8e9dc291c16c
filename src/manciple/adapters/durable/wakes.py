"""Wakes: from "these lanes got work" to at most one waiting drain a lane; and the idle poll.

The workflow's id names the lane's epoch, which the drain raises in its first claim. A wake before
that claim lands on the waiting workflow; a wake after it makes the next one. A wake is a hint: the
idle poll over the effect rows is the guarantee.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from manciple.kernel.clock import Clock
from manciple.runtime.effects import Lane

LaneName = tuple[str, Lane]
PAUSE = 0.02
"""Seconds in which wakes are gathered."""
DOUBT = 0.1
"""Seconds until a lane is looked at again whose drain may have claimed just too early."""
LOOKS = 5
"""Such looks at most; after them the idle poll must do."""
IDLE = 1.0
"""Seconds between two looks at the rows."""
STALE = 5
"""Looks after which a lane that is still due gets a new epoch: its wake led nowhere."""
_log = logging.getLogger(__name__)


class Lanes(Protocol):
    """What the wakes ask of the store."""

    def epochs(self) -> Mapping[LaneName, int]:
        """Give the number that names each lane's next drain."""
        ...

    def raise_epoch(self, endpoint: str, lane: Lane) -> None:
        """Name the lane's next drain anew."""
        ...

    def due_lanes(self, now: datetime) -> Iterable[LaneName]:
        """Give the lanes that have something to send now."""
        ...


class Wakes:
    """A thread that enqueues drains; `wake` returns at once, so that no command waits for it."""

    def __init__(
        self,
        epochs: Callable[[], Mapping[LaneName, int]],
        enqueue: Callable[[str, Lane, int], None],
        *,
        pause: float = PAUSE,
    ) -> None:
        """Start the thread."""
        self._epochs, self._enqueue, self._pause = epochs, enqueue, pause
        self._woken: set[LaneName] = set()
        self._sent: dict[LaneName, int] = {}
        self._ready, self._stopped = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self.enqueued = 0
        self._thread = threading.Thread(target=self._run, daemon=True, name="wakes")
        self._thread.start()

    def wake(self, lanes: Iterable[LaneName]) -> None:
        """Tell that lanes got work."""
        with self._lock:
            self._woken.update(lanes)
            if self._woken:
                self._ready.set()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._ready.set()
        self._thread.join()

    def _run(self) -> None:
        doubtful: dict[LaneName, int] = {}
        while not self._stopped.is_set():
            self._ready.wait(DOUBT if doubtful else None)
            self._stopped.wait(self._pause)
            self._ready.clear()
            with self._lock:
                woken, self._woken = self._woken, set()
            if self._stopped.is_set():
                return
            looks = {**doubtful, **dict.fromkeys(woken, 0)}
            try:
                unsure = self._send(looks)
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("wakes were lost; the idle poll will find the lanes")
                unsure = set()
            doubtful = {each: looks[each] + 1 for each in unsure if looks[each] < LOOKS}

    def _send(self, woken: Iterable[LaneName]) -> set[LaneName]:
        """Enqueue what was not asked for before: a known id would still cost a commit.

        Gives the lanes whose drain was asked for already. Usually it waits, and will find the new
        work too; but its claim may be in flight, begun before the work was there.
        """
        epochs, unsure = self._epochs(), set[LaneName]()
        for each in sorted(woken):
            epoch = epochs.get(each, 0)
            if self._sent.get(each) == epoch:
                unsure.add(each)
                continue
            self._enqueue(*each, epoch)
            self._sent[each] = epoch
            self.enqueued += 1
        return unsure


def _nobody(_: LaneName) -> bool:
    return False


class IdlePoll:
    """A thread that looks at the rows: retries, ended leases, lost wakes, dead processes."""

    def __init__(
        self,
        store: Lanes,
        clock: Clock,
        wake: Callable[[Iterable[LaneName]], None],
        *,
        every: float = IDLE,
        stale: int = STALE,
        serves: Callable[[LaneName], bool] = _nobody,
    ) -> None:
        """Start the thread; lanes that ``serves`` says are being drained here are left alone."""
        self._store, self._clock, self._wake, self._serves = store, clock, wake, serves
        self._every, self._stale = every, stale
        self._seen: dict[LaneName, int] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="idle-poll")
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self._thread.join()

    def look(self) -> None:
        """Look once."""
        due = [each for each in self._store.due_lanes(self._clock.now()) if not self._serves(each)]
        self._seen = {each: self._seen.get(each, 0) + 1 for each in due}
        for (endpoint, lane), looks in self._seen.items():
            if looks % self._stale == 0:
                self._store.raise_epoch(endpoint, lane)
        self._wake(due)

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self.look()
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("the idle poll failed and will look again")
