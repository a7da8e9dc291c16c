"""A supplier sells to us; orders go by its channel, in its currency."""

from datetime import time
from typing import ClassVar, Final

from manciple.catalog.terms import PaymentTerms
from manciple.kernel.errors import Reason
from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass
from manciple.kernel.words import LONGEST_NAME, bad_name, bad_word, is_address

CHANNELS: Final = frozenset({None, "edi", "mail", "portal"})
"""How orders reach a supplier; None: nobody said."""


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
    why = bad_name(supplier.id) or ("it holds a slash" if "/" in supplier.id else "")
    found = [("id", why, "give its number")] if why else []
    if not supplier.name.strip():
        found.append(("name", "it is empty", "give its name"))
    for field, word in (("name", supplier.name), ("calendar", supplier.calendar)):
        if why := bad_word(word):
            found.append((field, why, "say it in plain words"))
    if supplier.channel not in CHANNELS:
        known = ", ".join(sorted(each for each in CHANNELS if each))
        message = f"{(supplier.channel or '')[:LONGEST_NAME]!r} is no channel"
        found.append(("channel", message, f"give one of {known}, or null"))
    if supplier.contact and not is_address(supplier.contact):
        message = f"{supplier.contact[:LONGEST_NAME]!r} is no mail address"
        found.append(("contact", message, "give an address such as orders@example.com, or null"))
    return tuple(
        Reason(code="BAD_SUPPLIER", message=message, field=f"supplier.{field}", fix=fix)
        for field, message, fix in found
    )
