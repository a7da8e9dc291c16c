"""The hours of a place, and whether a person acts: what several rules ask the book."""

from manciple.catalog.calendars import OFFICE
from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.place import Hours, Place, Somebody, business_days, open_time
from manciple.intelligence.metrics.told import MACHINE_DOORS, Told
from manciple.kernel.calendar import BusinessCalendar


def hours_of(book: Book, kind: str, name: str) -> BusinessCalendar:
    """Give the calendar of a site or a supplier; the office's where none is registered."""
    place = book.get(Place, f"{kind}/{name}") if name else None
    named = place.calendar if place else ""
    hours = book.get(Hours, f"calendar/{named}") if named else None
    return hours.calendar if hours else OFFICE


def open_time_of(book: Book, kind: str, name: str, start: int, end: int) -> int:
    """Give the time between two instants in the open hours of a site or a supplier."""
    return open_time(hours_of(book, kind, name), start, end)


def business_days_of(book: Book, kind: str, name: str, start: int, end: int) -> int:
    """Give the time between two instants in business days of a site."""
    return business_days(hours_of(book, kind, name), start, end)


def is_by_hand(told: Told, book: Book) -> bool:
    """Say whether a person did it: through a door for people, and not as a program's key."""
    if told.door in MACHINE_DOORS:
        return False
    actor = book.get(Somebody, f"person/{told.actor}")
    return actor is None or not actor.is_machine
