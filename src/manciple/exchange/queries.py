"""What a supplier's page reads: the papers of one order, of that supplier alone."""

from datetime import date
from typing import Protocol

from manciple.invoicing.invoice import Invoice
from manciple.kernel.records import dataclass
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.ship_notice import ShipNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPapers:
    """What came about an order, oldest first."""

    answers: tuple[Acknowledgment, ...]
    shipments: tuple[ShipNotice, ...]
    invoices: tuple[Invoice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """Another order of the same supplier on which something is open.

    Attributes:
        unanswered: how many of its lines wait for an answer.
        needed_by: the first day on which a line of it is needed.
    """

    order: str
    revision: int
    state: str
    lines: int
    unanswered: int
    needed_by: date


class SupplierPapers(Protocol):
    """Reads papers for a supplier; the supplier is part of every question."""

    def of_order(self, order: str, *, thread: str, supplier: str) -> OrderPapers:
        """Give the answers, ship notices and invoices of an order: one question each at most."""
        ...

    def was_done(self, key: str) -> bool:
        """Say whether the command of that key was applied, and not refused."""
        ...

    def open_orders(self, supplier: str, *, but: str, limit: int) -> tuple[OpenOrder, ...]:
        """Give a supplier's orders that are not closed, the newest first, without one of them."""
        ...
