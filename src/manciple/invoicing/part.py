"""A part of an invoice: what of it was released to be paid while the rest of it waited.

    invoice   60 EA, 600.00 + tax 60.00      held: 10 EA have not come
    part 1    50 EA, 500.00 + tax 50.00      released; ERP and finance know it as INV-1.1
    part 2    10 EA, 100.00 + tax 10.00      the last, when nothing holds the rest any more

The parts add up to the invoice, cent by cent. An invoice that is released at once has none.
Source: domain rule D-06.
"""

from datetime import datetime

from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLine:
    """What one invoice line bills in a part: in the base unit, and untaxed.

    Attributes:
        line: the invoice's own line number.
    """

    line: str
    order: str
    order_line: str
    quantity: Quantity
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of an invoice, for ERP and finance a paper of its own.

    Attributes:
        number: from 1, in the order of release.
        charges: the invoice's charges and rounding; all of them are in the last part.
        tax: its share of the invoice's tax, by what its lines bill.
        is_last: nothing is left after it.
        by: who asked for it; empty where policy or the last release did.
        rulings: the policy rows that let its lines go, each once.
    """

    number: int
    lines: tuple[PartLine, ...]
    charges: Money
    tax: Money
    total: Money
    is_last: bool
    at: datetime
    by: str = ""
    rulings: tuple[str, ...] = ()
    discount: Money | None = None
    erp_number: str | None = None
    finance_number: str | None = None


def part_key(invoice: str, part: int) -> str:
    """Give the number under which ERP and finance know a part; 0 is the invoice as a whole."""
    return f"{invoice}.{part}" if part else invoice


# --- acts and events


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePart:
    """Let what matches of a held invoice be paid now; what is held waits on."""

    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePartReleased:
    """A part of an invoice may be paid; each cent of it is released at most once.

    Attributes:
        rest: what of the invoice is not released yet.
    """

    invoice: str
    order: str | None
    thread: str
    supplier: str
    part: int
    lines: tuple[PartLine, ...]
    total: Money
    rest: Money
    by: str
