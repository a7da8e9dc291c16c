"""Turns: who waits for the one writer shares its commit.

    turns = Turns(together, alone, weight=len)
    turns.take(asked)                       waits, and gives what came of its own

Whoever finds nobody at work works. Those that gather meanwhile are done next, at once, by the
first of them and in the order in which they came; and so on. So nobody waits for a timer, no
thread is kept for it, and one that meets nobody pays nothing.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Done = TypeVar("Done")
MOST = 128
"""What the requests of one commit weigh together at most; one by itself may weigh more."""
_log = logging.getLogger(__name__)


class _Turn(Generic[Asked, Done]):
    """One request; its lock is held until it is over or it is its turn to work."""

    __slots__ = ("asked", "came", "done", "is_over", "leads", "problem")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.is_over = self.leads = False
        self.done: Done | None = None
        self.problem: BaseException | None = None
        self.came = threading.Lock()
        self.came.acquire()


class Turns(Generic[Asked, Done]):
    """Gathers the requests of threads. `take` is safe from any of them."""

    def __init__(
        self,
        together: Callable[[Sequence[Asked]], Sequence[Done]],
        alone: Callable[[Asked], Done],
        *,
        weight: Callable[[Asked], int],
        most: int = MOST,
    ) -> None:
        """Stand ready.

        Args:
            together: does several requests at once, all or nothing; gives what came of each.
            alone: does one; also each of several that could not be done at once.
            weight: what a request weighs.
            most: what is done at once weighs no more than that.
        """
        self._together, self._alone, self._weight, self._most = together, alone, weight, most
        self._waiting: deque[_Turn[Asked, Done]] = deque()
        self._is_busy = False
        self._lock = threading.Lock()

    def take(self, asked: Asked) -> Done:
        """Have a request done, by this thread or by another; its error is raised here."""
        with self._lock:
            is_free = not self._is_busy
            self._is_busy = True
            if not is_free:
                mine: _Turn[Asked, Done] = _Turn(asked)
                self._waiting.append(mine)
        if is_free:
            try:
                return self._alone(asked)
            finally:
                self._pass_on()
        try:
            mine.came.acquire()
        except BaseException:
            self._leave(mine)
            raise
        if not mine.is_over:
            self._work()
        if mine.problem is not None:
            raise mine.problem
        return mine.done  # type: ignore[return-value]  # over, and without a problem: done

    def _work(self) -> None:
        """Do what waits, the first of which is this thread's own, and pass the turn on."""
        with self._lock:
            batch = self._batch()
        try:
            self._do(batch)
        except BaseException as problem:
            for each in batch:
                each.problem = each.problem or problem
            raise
        finally:
            for each in batch[1:]:
                each.is_over = True
                each.came.release()
            self._pass_on()

    def _batch(self) -> list["_Turn[Asked, Done]"]:
        batch = [self._waiting.popleft()]
        weight = self._weight(batch[0].asked)
        while self._waiting:
            weight += self._weight(self._waiting[0].asked)
            if weight > self._most:
                break
            batch.append(self._waiting.popleft())
        return batch

    def _do(self, batch: Sequence["_Turn[Asked, Done]"]) -> None:
        if len(batch) > 1:
            try:
                done = self._together([each.asked for each in batch])
            except Exception as problem:  # noqa: BLE001  find the one: each on its own
                _log.info("%d that waited are done one by one: %r", len(batch), problem)
            else:
                for each, came in zip(batch, done, strict=True):
                    each.done = came
                return
        for each in batch:
            try:
                each.done = self._alone(each.asked)
            except Exception as problem:  # noqa: BLE001  belongs to the thread that asked
                each.problem = problem

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].came.release()
            else:
                self._is_busy = False

    def _leave(self, mine: "_Turn[Asked, Done]") -> None:
        """Wait no more: a thread that was interrupted must not be waited for."""
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
        if mine.leads:
            self._pass_on()
