"""Whose hours count and whose hands act: sites, suppliers, calendars and persons, by name.

A calendar counts as it was when the event happened: facts that stand are not reckoned anew when
hours change.
"""

from datetime import time

from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass
from manciple.runtime.rows import SECOND, moment

_DAY = 86_400
_MACHINES = frozenset(
    {Role.INTEGRATION.value, Role.WAREHOUSE_SYSTEM.value, Role.SUPPLIER.value, Role.SYSTEM.value}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site or a supplier: the id of the calendar by which its people work, empty for none."""

    calendar: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """The hours of a calendar."""

    calendar: BusinessCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Somebody:
    """A person, or a program with a key of its own."""

    roles: tuple[str, ...]

    @property
    def is_machine(self) -> bool:
        """Say whether it only holds roles of programs and of partners."""
        return bool(self.roles) and _MACHINES.issuperset(self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A person's act on an exception: what follows from it within the same command is theirs."""

    at: int


def business_days(hours: BusinessCalendar, start: int, end: int) -> int:
    """Give the time between two instants in business days, as microseconds of 24-hour days.

    A business day is as much open time as the calendar's week has on average a working day.
    """
    shifts = [shift for shift in hours.hours if shift is not None]
    week = sum((_seconds(last) - _seconds(first)) % _DAY or _DAY for first, last in shifts)
    day = week * SECOND // len(shifts)
    return open_time(hours, start, end) * _DAY * SECOND // day


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def open_time(hours: BusinessCalendar, start: int, end: int) -> int:
    """Give the open time between two instants, in microseconds."""
    spent = hours.elapsed(moment(start), moment(end))
    return (spent.days * 86_400 + spent.seconds) * SECOND + spent.microseconds
