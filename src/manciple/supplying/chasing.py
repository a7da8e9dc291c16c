"""Chasing: a supplier who owes an answer is reminded, step by step, until it answers.

    sent ---- 50 % ------- 80 % ------- 100 % of the time for an answer
              reminder 1   reminder 2   a person has it

Only a business answer ends it. Contact (the schedule or the price is pending) stops nothing, but
buys quiet: the next reminder waits until the quiet is over, and a reminder whose time is over by
then is left out. The steps are the flow's.
Source: domain rules P-03 (SP, IE) and P-05; X12 004010, element 668.
"""

from datetime import datetime
from typing import ClassVar

from manciple.kernel.records import dataclass, replace
from manciple.runtime.effects import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Chase:
    """How often a supplier was reminded of an order, and when it was last in touch.

    Attributes:
        sent: reminders of this revision.
        overdue: the revision whose time for an answer is over; 0 for none.
        quiet_until: no reminder before then, because the supplier was in touch.
        asked: how often a person asked the supplier, beside the reminders; ``asked_at`` the last.
    """

    KIND: ClassVar[str] = "chase"

    id: str
    supplier: str
    revision: int
    sent: int = 0
    overdue: int = 0
    contact_at: datetime | None = None
    quiet_until: datetime | None = None
    asked: int = 0
    asked_at: datetime | None = None

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "overdue" if self.overdue == self.revision else "reminded" if self.sent else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindSupplier:
    """The time of a reminder has come: remind, unless the answer is there or it is quiet.

    Attributes:
        step: 1 for the first reminder.
        times: when each reminder is due, the first at place 0.
    """

    order: str
    revision: int
    step: int
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSupplierContact:
    """The supplier was in touch without answering: no reminder before ``quiet_until``."""

    order: str
    quiet_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAnswerOverdue:
    """The time for an answer to a revision is over; kept, so that expediting may ask."""

    order: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierReminded:
    """A supplier was reminded of its answer; ``text`` is what it was told."""

    order: str
    thread: str
    supplier: str
    site: str
    lane: Lane
    revision: int
    step: int
    lines: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderSuppressed:
    """A reminder waits, because the supplier was in touch."""

    order: str
    revision: int
    step: int
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierContactNoted:
    """A supplier was in touch without answering."""

    order: str
    at: datetime
    quiet_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerOverdueNoted:
    """The time for an answer is over."""

    order: str
    revision: int


def of_revision(chase: Chase | None, *, order: str, supplier: str, revision: int) -> Chase:
    """Give the chase of an order's revision; a new revision is chased from the beginning."""
    if chase is None:
        return Chase(id=order, supplier=supplier, revision=revision)
    if chase.revision == revision:
        return chase
    return replace(chase, revision=revision, sent=0)


def is_quiet(chase: Chase, at: datetime) -> bool:
    """Say whether the supplier is to be left alone; at the very end of the quiet it is not."""
    return chase.quiet_until is not None and at < chase.quiet_until


def reminder_text(order: str, revision: int, lines: tuple[str, ...], step: int) -> str:
    """Write what the supplier is told."""
    which = "1st" if step == 1 else "2nd" if step == 2 else f"{step}th"  # noqa: PLR2004
    named = ", ".join(lines)
    return (
        f"{which} reminder: please answer lines {named} of our order {order}, "
        f"revision {revision}: quantity, price and delivery date."
    )
