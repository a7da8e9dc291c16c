"""Which event changes which life: the history told to the book, one event after the other.

What an event does not say is not guessed: a fact that would need it is not made.
"""

from collections.abc import Callable, Iterable, Mapping

from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.invoice_steps import INVOICE_STEPS
from manciple.intelligence.metrics.order_steps import ORDER_STEPS
from manciple.intelligence.metrics.place import Hours, Place, Somebody
from manciple.intelligence.metrics.stock_steps import STOCK_STEPS
from manciple.intelligence.metrics.told import Told
from manciple.intelligence.metrics.work_steps import WORK_STEPS, touch
from manciple.kernel.calendar import BusinessCalendar
from manciple.runtime.codec import record

VERSION = 3
"""Of the rules here and of every life: what was made by another version is made anew."""
KINDS = frozenset(
    {
        "requisition", "approval", "purchase-order", "acknowledgment", "ship-notice", "receipt",
        "invoice", "case", "order-change", "expediting", "outlook", "site", "supplier",
        "calendar", "person",
    }
)  # fmt: skip
"""Kinds of documents whose streams are followed; no event of another changes any fact."""
Step = Callable[[Told, Book], None]


def _place(told: Told, book: Book) -> None:
    book.put(told.stream, Place(calendar=told.text("calendar")), told)


def _hours(told: Told, book: Book) -> None:
    hours = told.data.get("hours")
    if hours is not None:
        book.put(told.stream, Hours(calendar=record(hours, BusinessCalendar)), told)


def _person(told: Told, book: Book) -> None:
    book.put(told.stream, Somebody(roles=told.words("roles")), told)


STEPS: Mapping[str, Step] = {
    "SiteRegistered": _place,
    "SupplierRegistered": _place,
    "CalendarRegistered": _hours,
    "PersonRegistered": _person,
    **WORK_STEPS,
    **ORDER_STEPS,
    **INVOICE_STEPS,
}
"""By event type, what it changes."""


def follow(told: Told, book: Book) -> None:
    """Let one event change the book."""
    touch(told, book)
    step = STEPS.get(told.type)
    if step is not None:
        step(told, book)
    shelves = STOCK_STEPS.get(told.type)
    if shelves is not None:
        shelves(told, book)


def keys_of(told: Told) -> Iterable[str]:
    """Give the keys that an event will surely ask the book for, so that they are loaded at once.

    What else it asks for is loaded when it is asked for.
    """
    yield told.stream
    order, thread, subject = told.text("order"), told.text("thread"), told.subject()
    if order:
        yield f"purchase-order/{order}"
    if thread:
        yield thread
    if subject:
        yield subject
    if told.type in {"OrderChanged", "OrderChangeProposed"}:
        yield f"hand/{told.root}"
        yield f"hand/{told.text('change')}"
    if told.type in {"OutlookRegistered", "OrderPlaced"}:
        items = [told.text("item"), *(row.get("item") for row in told.rows("lines"))]
        yield from (f"shelf/{told.text('site')}:{item}" for item in items if item)
