"""What the pages of accounts payable read: invoices that are held, with what is at stake."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from manciple.catalog.terms import PaymentTerms
from manciple.invoicing.discount import Discount
from manciple.invoicing.holds import Hold
from manciple.kernel.money import Currency, Money
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import Posting
from manciple.runtime.queries import Scope, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldInvoice:
    """An invoice that waits, without its match: what a queue of many shows of each.

    Attributes:
        total: as stated, with tax; None when the paper states none.
        terms: None: no terms of this supplier were known when it came.
        discount: None when the terms give none.
    """

    id: str
    number: str
    supplier: str
    date: date
    currency: Currency
    total: Money | None
    credit: bool
    orders: tuple[str, ...]
    registered_at: datetime
    holds: tuple[Hold, ...]
    terms: PaymentTerms | None = None
    discount: Discount | None = None

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """Give the holds that still keep it from being paid."""
        return tuple(hold for hold in self.holds if hold.is_open)

    @property
    def since(self) -> datetime:
        """Say since when it waits: the oldest hold that is open."""
        return min(
            [hold.opened_at or self.registered_at for hold in self.holds if hold.is_open],
            default=self.registered_at,
        )


class Payables(Protocol):
    """Reads what accounts payable works on."""

    def held(self, *, scope: Scope, most: int) -> Whole[HeldInvoice]:
        """Give the first ``most`` invoices that are held, the oldest first, and count the rest.

        With a scope of sites: those with a hold at one of them, or at no site.
        """
        ...

    def postings(self, orders: Sequence[str]) -> Mapping[str, tuple[Posting, ...]]:
        """Give every posting of these orders, by order, in one question."""
        ...
