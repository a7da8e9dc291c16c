"""Time as a port: from the wall, or from the simulated world.

Every time is an aware ``datetime`` in UTC with microseconds; the core never asks the clock, it is
handed ``at``.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whoever knows what time it is."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        ...


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """Give the present instant, aware, in UTC."""
        return datetime.now(UTC)


class WorldClock:
    """A clock that stands still until its driver moves it, and never goes back."""

    def __init__(self, start: datetime) -> None:
        """Stand at ``start``, which must be aware."""
        if start.tzinfo is None:
            message = "the world's start must be an aware time"
            raise ValueError(message)
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """Give the instant that the driver last moved to."""
        return self._now

    def advance(self, to: datetime) -> None:
        """Move to ``to``; an earlier instant changes nothing."""
        self._now = max(self._now, to.astimezone(UTC))


class ShiftedClock:
    """The real time, moved so that it began at an instant of ours: a world that goes on.

    Attributes:
        pace: how many of its seconds pass in one of the wall's.
    """

    def __init__(self, start: datetime, wall: Clock | None = None, *, pace: int = 1) -> None:
        """Show ``start``, which must be aware, now; from here on at ``pace``, 1 or more."""
        if start.tzinfo is None:
            message = "the shifted start must be an aware time"
            raise ValueError(message)
        if pace < 1:
            message = f"a clock goes at 1 or faster, not at {pace}"
            raise ValueError(message)
        self._wall = wall or WallClock()
        self._start, self._began = start.astimezone(UTC), self._wall.now()
        self.pace = pace

    def now(self) -> datetime:
        """Give the present instant of the shifted time, aware, in UTC."""
        return self._start + (self._wall.now() - self._began) * self.pace

    def seconds_until(self, at: datetime) -> float:
        """Give the wall's seconds until this clock shows ``at``; 0 when it has."""
        return max(0.0, (at - self.now()).total_seconds() / self.pace)
