"""What takes long to reckon in a large house is kept for a while, and says how old it is.

    kept.of(("waits", scope), now, reckon)  ->  Aged(value, at)

A reckoning over few rows is never kept: in a small house every page is of this instant. One who
asks while another reckons the same waits for it, and reckons nothing twice.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")
ENOUGH: Final = 1000
"""Rows from which on a reckoning is kept."""
LASTS: Final = timedelta(seconds=30)
"""How long it is shown at least; after that it is reckoned again."""
TIMES: Final = 50
"""How many times as long as it took to reckon it is shown, where that is longer."""


@dataclass(frozen=True, slots=True)
class Aged(Generic[T]):
    """A value, and the instant of which it is true."""

    value: T
    at: datetime


@dataclass(slots=True)
class _Place:
    """One reckoning: who reckons holds the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    aged: Aged[Any] | None = None
    lasts: timedelta = timedelta(0)


class Kept:
    """Reckonings of one process, the least recently asked for let go first."""

    def __init__(
        self,
        *,
        most: int = 256,
        enough: int = ENOUGH,
        lasts: timedelta = LASTS,
        times: int = TIMES,
    ) -> None:
        """Keep nothing yet.

        Args:
            most: values that are kept at once.
            enough: rows from which on a reckoning is kept.
            lasts: how long it is shown at least.
            times: how many times as long as it took it is shown, where that is longer.
        """
        self._most, self._enough, self._lasts, self._times = most, enough, lasts, times
        self._lock = threading.Lock()
        self._places: OrderedDict[Hashable, _Place] = OrderedDict()

    def of(
        self, key: Hashable, now: datetime, reckon: Callable[[], T], size: Callable[[T], int]
    ) -> Aged[T]:
        """Give what was reckoned under a key while it lasts, else reckon it.

        Args:
            key: everything that the value depends on but the time and the database.
            now: the asker's clock.
            reckon: makes the value.
            size: over how many rows it was made.
        """
        place = self._place(key)
        with place.lock:
            aged = place.aged
            if aged is not None and timedelta(0) <= now - aged.at < place.lasts:
                return aged
            began = time.perf_counter()
            aged = Aged(reckon(), now)
            took = timedelta(seconds=time.perf_counter() - began)
            place.lasts = max(self._lasts, self._times * took)
            place.aged = aged if size(aged.value) >= self._enough else None
        return aged

    def forget(self, key: Hashable) -> None:
        """Reckon what is kept under a key again, whatever its age."""
        with self._lock:
            self._places.pop(key, None)

    def _place(self, key: Hashable) -> _Place:
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            if len(self._places) > self._most:
                self._places.popitem(last=False)
        return place
