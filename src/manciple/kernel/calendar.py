"""A business calendar says when people work, so that service levels count open hours only.

    Mon-Fri 08:00-17:00, New York; asked Friday 16:00 for 4 hours -> due Monday 11:00

A due time is the earliest instant at which the open time elapsed reaches the service level: an
hour asked for at 16:00 is due at closing time, 17:00, not at the next opening. Open time is real
time: a night shift over a change of the clock is an hour longer or shorter.

Source: domain rules A-09 and P-06, with the rulings of 4.7 B.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Self
from zoneinfo import ZoneInfo

from manciple.kernel.errors import MancipleError
from manciple.kernel.messages import NaiveTimeError
from manciple.kernel.records import dataclass

_WEEK = 7
_DAY = timedelta(days=1)
_TICK = timedelta(microseconds=1)
_HORIZON = 366 * 20
"""Days that are looked at before a due time is given up: twenty years."""

Hours = tuple[time, time]
"""Opening and closing by the local clock. A close at or before the opening is on the next day, so
(00:00, 00:00) is the whole day."""


def is_zone(name: str) -> bool:
    """Say whether a time zone has this IANA name."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return False
    return True


class CalendarError(MancipleError):
    """A calendar that nobody can work by, or a question that it can't answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """When a place is open: its time zone, its hours by weekday and its holidays.

    A shift belongs to the day on which it opens: a holiday cancels the shifts that open on it.
    A local time that a change of the clock skips means the instant of the change; one that it
    repeats means the first of the two.

    Attributes:
        zone: an IANA name, ``America/Chicago``.
        hours: seven, Monday first; None when closed.
    """

    zone: str
    hours: tuple[Hours | None, ...]
    holidays: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a calendar without zone, without an open day, or with shifts that overlap."""
        if not is_zone(self.zone):
            wanted = "an IANA name such as America/Chicago"
            raise CalendarError(f"zone {self.zone!r} is not known: {wanted}")
        if len(self.hours) != _WEEK:
            raise CalendarError(f"hours for seven days are wanted, Monday first: {self.hours}")
        if not any(self.hours):
            raise CalendarError("a calendar needs a day on which it is open")
        for weekday, shift in enumerate(self.hours):
            after = self.hours[(weekday + 1) % _WEEK]
            if shift and any(each.tzinfo for each in shift):
                raise CalendarError(f"hours are local times without a zone: {shift}")
            if shift and after and _minutes(shift)[1] - 24 * 60 > _minutes(after)[0]:
                raise CalendarError(f"the shift {shift[0]}-{shift[1]} runs into the next day's")

    @classmethod
    def always(cls, zone: str = "UTC") -> Self:
        """Give a calendar that is never closed: its hours are elapsed hours."""
        return cls(zone=zone, hours=((time(0), time(0)),) * _WEEK)

    def due(self, start: datetime, sla: timedelta) -> datetime:
        """Give the earliest instant at which the open time since ``start`` reaches ``sla``.

        Raises:
            CalendarError: ``sla`` is below zero, or not reached within twenty years.
        """
        start = _utc(start)
        if sla < timedelta():
            raise CalendarError(f"a service level is zero or more, not {sla}")
        if not sla:
            return start
        left = sla
        for opening, closing in self._shifts(start):
            begin = max(opening, start)
            if left <= closing - begin:
                return begin + left
            left -= closing - begin
        raise CalendarError(f"{sla} of open time is not reached within twenty years")

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """Give the open time between two instants; below zero when the end comes first."""
        start, end = _utc(start), _utc(end)
        if end < start:
            return -self.elapsed(end, start)
        spent = timedelta()
        for opening, closing in self._shifts(start):
            if opening >= end:
                break
            spent += min(closing, end) - max(opening, start)
        return spent

    def days(self, start: datetime, end: datetime) -> Fraction:
        """Give the business days between two instants, exactly: a shift is a day, whatever long.

        A part of a shift is that part of a day. Below zero when the end comes first.
        """
        start, end = _utc(start), _utc(end)
        if end < start:
            return -self.days(end, start)
        whole, parts = 0, Fraction()
        for opening, closing in self._shifts(start):
            if opening >= end:
                break
            if start <= opening and closing <= end:
                whole += 1
                continue
            spent = min(closing, end) - max(opening, start)
            parts += Fraction(spent // _TICK, (closing - opening) // _TICK)
        return whole + parts

    def is_open(self, at: datetime) -> bool:
        """Say whether somebody works at this instant; at closing time nobody does any more."""
        at = _utc(at)
        return any(opening <= at for opening, _ in self._shifts(at, days=2))

    def next_opening(self, at: datetime) -> datetime:
        """Give ``at`` itself while open, else the instant at which the next shift opens.

        Raises:
            CalendarError: nothing opens within twenty years.
        """
        at = _utc(at)
        for opening, _ in self._shifts(at):
            return max(opening, at)
        raise CalendarError(f"nothing opens within twenty years after {at}")

    def local_day(self, at: datetime) -> date:
        """Give the calendar day that it is here at this instant."""
        return _utc(at).astimezone(ZoneInfo(self.zone)).date()

    def is_working_day(self, day: date) -> bool:
        """Say whether a shift opens on this day."""
        return self.hours[day.weekday()] is not None and day not in self.holidays

    def closing_of(self, day: date) -> datetime:
        """Give the instant at which the shift that opens on this day closes.

        Raises:
            CalendarError: no shift opens on it.
        """
        shift = self.hours[day.weekday()]
        if shift is None or not self.is_working_day(day):
            raise CalendarError(f"nothing opens on {day}, so nothing closes")
        last = day if shift[0] < shift[1] else day + _DAY
        return _instant(self.zone, last, shift[1])

    def add_working_days(self, day: date, n: int) -> date:
        """Give the ``n``-th working day after ``day``, which is day 0; before it when negative.

        Raises:
            CalendarError: not that many working days within twenty years.
        """
        step = _DAY if n > 0 else -_DAY
        found = 0
        for _ in range(_HORIZON):
            if found == abs(n):
                return day
            day += step
            found += self.is_working_day(day)
        raise CalendarError(f"{n} working days are not found within twenty years")

    def counts_from(self, at: datetime, cut_off: time) -> date:
        """Give the day that an order placed at this instant counts from.

        Today until the cut-off (local time, inclusive) of a working day, else the next working
        day. Source: domain rule P-06.
        """
        local = _utc(at).astimezone(ZoneInfo(self.zone))
        if self.is_working_day(local.date()) and local.time() <= cut_off:
            return local.date()
        return self.add_working_days(local.date(), 1)

    def _shifts(
        self, since: datetime, days: int = _HORIZON
    ) -> Iterator[tuple[datetime, datetime]]:
        """Give opening and closing of every shift that ends after ``since``, in order, in UTC."""
        day = since.astimezone(ZoneInfo(self.zone)).date() - _DAY
        for _ in range(days + 1):
            shift = self.hours[day.weekday()]
            if shift is not None and day not in self.holidays:
                last = day if shift[0] < shift[1] else day + _DAY
                opening, closing = (
                    _instant(self.zone, day, shift[0]),
                    _instant(self.zone, last, shift[1]),
                )
                if closing > since and closing > opening:
                    yield opening, closing
            day += _DAY


def _utc(at: datetime) -> datetime:
    """Give the instant in UTC; a time without a zone is refused."""
    if at.tzinfo is None:
        raise NaiveTimeError(f"an aware time is wanted, not {at}")
    return at.astimezone(UTC)


def _minutes(shift: Hours) -> tuple[float, float]:
    """Give a shift's opening and closing in minutes after its own midnight."""
    opening, closing = (each.hour * 60 + each.minute + each.second / 60 for each in shift)
    return opening, closing if closing > opening else closing + 24 * 60


@lru_cache(maxsize=4096)
def _instant(zone: str, day: date, clock: time) -> datetime:
    """Give the instant at which a local clock first shows this time, or skips over it."""
    local = datetime.combine(day, clock, ZoneInfo(zone))
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None):
        return instant
    before, after = local.replace(fold=1).astimezone(UTC), instant
    offset = after.astimezone(local.tzinfo).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(local.tzinfo).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
