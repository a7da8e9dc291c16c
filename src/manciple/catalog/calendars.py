"""Which calendar applies: a site and a supplier name one, and unnamed ones get the office's."""

from datetime import time
from typing import ClassVar, Protocol, TypeVar

from manciple.catalog.site import Site
from manciple.catalog.supplier import Supplier
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import Reason
from manciple.kernel.records import dataclass
from manciple.kernel.words import bad_name
from manciple.runtime.documents import Document

D = TypeVar("D", bound=Document)
OFFICE = BusinessCalendar(zone="UTC", hours=(*((time(8), time(17)),) * 5, None, None), holidays=())
"""Monday to Friday, 08:00 to 17:00 UTC: for places whose calendar nobody has registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The opening hours and holidays of one or several places, under a name."""

    KIND: ClassVar[str] = "calendar"

    id: str
    calendar: BusinessCalendar

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "active"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCalendar:
    """Make a calendar known, or replace it; due times already given stay as they are."""

    calendar: Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRegistered:
    """A calendar can be used; or its hours or holidays changed.

    Attributes:
        hours: the calendar as it is from now on; None in events kept before it was told.
    """

    calendar: str
    zone: str
    is_new: bool
    hours: BusinessCalendar | None = None


def faults(calendar: Calendar) -> tuple[Reason, ...]:
    """List what is wrong with a calendar's name; its hours were checked when they were made."""
    if not (why := bad_name(calendar.id)):
        return ()
    fix = "name it by whom it is for: office:America/Chicago"
    return (Reason(code="BAD_CALENDAR", message=why, field="calendar.id", fix=fix),)


class Reads(Protocol):
    """Whatever can read a document: a command's work, or the application."""

    def peek(self, kind: type[D], name: str, /) -> D | None:
        """Read a document, or None."""
        ...


def calendar_of_site(work: Reads, site: str) -> BusinessCalendar:
    """Give the calendar by which the people of a site work."""
    record = work.peek(Site, site)
    return _named(work, record.calendar if record else "")


def calendar_of_supplier(work: Reads, supplier: str) -> BusinessCalendar:
    """Give the calendar by which a supplier works."""
    record = work.peek(Supplier, supplier)
    return _named(work, record.calendar if record else "")


def _named(work: Reads, name: str) -> BusinessCalendar:
    record = work.peek(Calendar, name) if name else None
    return record.calendar if record else OFFICE
