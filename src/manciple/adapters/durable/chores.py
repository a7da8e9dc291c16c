"""Chores: due timers, sealing, metrics and retention, done once in a while by every worker.

Two workers may do the same chore at once: a timer fires once because its row can be deleted once,
and of all who seal, and of all who follow the history, the one with the lease does.
"""

import logging
import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from manciple.kernel.clock import Clock
from manciple.runtime.delivery import Deliveries
from manciple.runtime.effects import Lane
from manciple.runtime.firing import fire

EVERY = 0.5
PRUNE_EVERY = timedelta(hours=1)
_log = logging.getLogger(__name__)


class Chores:
    """A thread that does what is due."""

    def __init__(
        self,
        store: Deliveries,
        clock: Clock,
        *,
        wake: Callable[[Iterable[tuple[str, Lane]]], None],
        seal: Callable[[datetime], int],
        follow: Callable[[datetime], int] | None = None,
        prune: Callable[[datetime], int] | None = None,
        every: float = EVERY,
    ) -> None:
        """Start the thread.

        Args:
            store: whose timers are fired.
            clock: says what is due.
            wake: told which lanes got work from a timer's act.
            seal: seals one batch of history; called until it gives 0.
            follow: brings the metrics one batch further; called until it gives 0.
            prune: deletes one batch of what is over and old; called hourly until it gives 0.
            every: seconds between two rounds.
        """
        self._store, self._clock, self._wake = store, clock, wake
        self._seal, self._prune, self._every = seal, prune, every
        self._follow = follow
        self._pruned_at: datetime | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="chores")
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the chore under way."""
        self._stopped.set()
        self._thread.join()

    def round(self) -> None:
        """Do everything that is due once."""
        now = self._clock.now()
        while (fired := fire(self._store, now)).replies and not self._stopped.is_set():
            self._wake(fired.lanes)
        while self._seal(now) and not self._stopped.is_set():
            continue
        while self._follow is not None and self._follow(now) and not self._stopped.is_set():
            continue
        if self._prune is not None and self._is_time_to_prune(now):
            while self._prune(now) and not self._stopped.is_set():
                continue
            self._pruned_at = now

    def _is_time_to_prune(self, now: datetime) -> bool:
        return self._pruned_at is None or now - self._pruned_at >= PRUNE_EVERY

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self.round()
            except Exception:  # noqa: BLE001  this thread must outlive any defect
                _log.exception("a chore failed and will be done again")
