"""The demo's world living on beside the server, driven by the wall's clock.

Living(world, clock): waits until the clock shows the next deed, plays it, and so on; a deed
that fails is logged and the world goes on; leaving the context ends it between two deeds.
"""

import logging
import threading
from types import TracebackType
from typing import Self

from manciple.kernel.clock import ShiftedClock
from manciple.world.world import World

_LONGEST_WAIT = 0.5
"""Wall seconds after which the world looks whether it should stop."""
_log = logging.getLogger(__name__)


class Living:
    """A thread in which a world goes on."""

    def __init__(self, world: World, clock: ShiftedClock) -> None:
        """Stand ready; the world must be one that goes on."""
        self._world, self._clock = world, clock
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="world")

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop after the deed under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while (at := self._world.next_at()) is not None:
            left = self._clock.seconds_until(at)
            if self._stopped.wait(min(left, _LONGEST_WAIT)):
                return
            if left > _LONGEST_WAIT:
                continue
            try:
                self._world.act(at)
            except Exception:  # noqa: BLE001  this thread must outlive any deed
                _log.exception("a deed of the world failed; it goes on without")
