"""Overdue goods: a line that should be here by now."""

from datetime import date

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger
from manciple.ordering.purchase_order import BEFORE_SENDING, ENDED, OrderLine, PurchaseOrder
from manciple.runtime.effects import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReceiptOverdue:
    """The day of a line has passed: tell, unless its goods came or are no longer expected.

    Attributes:
        due: the day that was waited for; None when it was not said. A line promised for a later
            day in the meantime is not overdue.
    """

    order: str
    line: str
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptOverdue:
    """Goods of an order line are not here though their day has passed."""

    order: str
    thread: str
    line: str
    item: str
    supplier: str
    site: str
    lane: Lane
    due: date
    open: Quantity


def overdue(order: PurchaseOrder, line: OrderLine, ledger: LineLedger, due: date | None) -> bool:
    """Say whether goods of a line are still waited for, past their day."""
    if order.state in ENDED | BEFORE_SENDING or not ledger.open_to_receive:
        return False
    return due is None or line.expected_on <= due
