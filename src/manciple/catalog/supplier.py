"""A supplier sells to us; orders go by its channel, in its currency."""

from datetime import time
from typing import ClassVar

from manciple.catalog.terms import PaymentTerms
from manciple.kernel.errors import Reason
from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplier:
    """Somebody who sells to us.

    Attributes:
        blocked: nothing new may be ordered; what is under way goes on.
        channel: how orders reach it: ``edi`` in files, ``mail`` in letters with a link to the
            page on which it answers (``portal`` is the same); None when nobody said, and then no
            order can go.
        calendar: the id of the calendar by which it works.
        contact: the mail address to which its letters go.
        terms: by when it is paid, and its discount for early payment; None: nobody said.
        cut_off: until when, by the clock of its calendar, an order counts from the same working
            day, that instant included; None: until it closes. Source: domain rule P-06.
    """

    KIND: ClassVar[str] = "supplier"

    id: str
    name: str
    currency: Currency
    blocked: bool = False
    channel: str | None = None
    calendar: str = ""
    contact: str | None = None
    terms: PaymentTerms | None = None
    cut_off: time | None = None

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "blocked" if self.blocked else "active"

    @property
    def is_by_mail(self) -> bool:
        """Say whether its orders go by mail, and it answers on a page."""
        return self.channel in {"mail", "portal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSupplier:
    """Make a supplier known, or replace what was known of it."""

    supplier: Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierRegistered:
    """A supplier can be ordered from; or its terms changed.

    Attributes:
        calendar: the id of its calendar; empty where it has none.
    """

    supplier: str
    is_new: bool
    blocked: bool
    calendar: str = ""


def faults(supplier: Supplier) -> tuple[Reason, ...]:
    """List everything that is wrong with a supplier's record; empty when it can be registered."""
    if supplier.id.strip() and "/" not in supplier.id:
        return ()
    message = f"{supplier.id!r} is not a supplier number: not empty and without a slash"
    return (
        Reason(code="BAD_SUPPLIER", message=message, field="supplier.id", fix="give its number"),
    )
