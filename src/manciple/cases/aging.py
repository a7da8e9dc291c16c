"""How old an exception is, in business days, and how much of that the supplier had the move.

    opened Friday 16:00, closes 17:00; now Monday 12:30, open 08:00-17:00 -> 1/9 + 1/2 days
    buckets (0,1] (1,3] (3,7] (7,14] (14,..)

A shift of the site's calendar is one day, whatever its length; a part of it is that part. Age runs
from the first opening: settling it and having it opened again does not stop the clock. Time in
which the supplier had the move is shown as a slice of the age and is never taken off it.

Source: metric definition "exception aging" with the ruling on its buckets, 4.7 B.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum, auto
from fractions import Fraction

from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.records import dataclass


class Turn(StrEnum):
    """Whose move it is."""

    US = auto()
    SUPPLIER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A time in which the supplier had the move; ``until`` is None while it still has it."""

    since: datetime
    until: datetime | None = None


class Bucket(StrEnum):
    """A range of ages in business days: the lower end outside, the upper end inside."""

    TO_1 = "(0,1]"
    TO_3 = "(1,3]"
    TO_7 = "(3,7]"
    TO_14 = "(7,14]"
    OLDER = "(14,..)"


_UPPER = ((1, Bucket.TO_1), (3, Bucket.TO_3), (7, Bucket.TO_7), (14, Bucket.TO_14))


def bucket_of(days: Fraction) -> Bucket:
    """Give the bucket of an age; what is not a moment old yet is in the first."""
    return next((bucket for upper, bucket in _UPPER if days <= upper), Bucket.OLDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """An age in business days, exact.

    Attributes:
        waiting: the part of it in which the supplier had the move.
    """

    days: Fraction
    waiting: Fraction

    @property
    def bucket(self) -> Bucket:
        """Give its bucket."""
        return bucket_of(self.days)


def age_of(
    opened: datetime, waits: Iterable[Wait], *, until: datetime, calendar: BusinessCalendar
) -> Age:
    """Give the age at an instant, of something first opened at ``opened``."""
    waiting = sum(
        (
            calendar.days(max(wait.since, opened), min(wait.until or until, until))
            for wait in waits
            if wait.since < until
        ),
        Fraction(),
    )
    return Age(days=calendar.days(opened, until), waiting=waiting)


def turned(waits: tuple[Wait, ...], turn: Turn, *, at: datetime) -> tuple[Wait, ...]:
    """Give the waits after the move went to somebody; nothing changes when they have it."""
    is_out = bool(waits) and waits[-1].until is None
    match turn:
        case Turn.SUPPLIER if not is_out:
            return (*waits, Wait(since=at))
        case Turn.US if is_out:
            return (*waits[:-1], Wait(since=waits[-1].since, until=at))
        case _:
            return waits


def turn_of(waits: tuple[Wait, ...]) -> Turn:
    """Say whose move it is."""
    return Turn.SUPPLIER if waits and waits[-1].until is None else Turn.US
