"""What the ERP is told: orders, changes, promises, receipts, returns, invoices."""

from datetime import date, datetime
from enum import StrEnum

from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOrderLine:
    """One line of an order for the ERP; the quantity and the price are in the base unit.

    Attributes:
        cost_centre, account: who pays and where it is booked; empty for stock.
    """

    line: str
    item: str
    quantity: Quantity
    price: Price
    needed_by: date
    cost_centre: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOrder:
    """A purchase order to be made in the ERP. ``number`` is ours and stands there once."""

    number: str
    revision: int
    supplier: str
    site: str
    currency: Currency
    lines: tuple[ErpOrderLine, ...]
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledLine:
    """How much of one order line is given up by this change (not the total so far)."""

    line: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedLine:
    """How much more of one order line is ordered by this change (not the total so far)."""

    line: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTermsNow:
    """Price and day of one order line as this revision has them; the price is in base units."""

    line: str
    price: Price
    needed_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOrderChange:
    """What a new revision of an order gives up, raises, and has otherwise than the first one.

    What was ordered is never lowered (D-06): quantities are steps and may be booked in any order.

    Attributes:
        terms: of every line that any revision so far changed, as this revision has it: the terms
            of the newest revision stand, in whatever order changes arrive.
        added: lines that this change puts on the order.
    """

    number: str
    revision: int
    cancelled: tuple[CancelledLine, ...]
    reason: str = ""
    raised: tuple[RaisedLine, ...] = ()
    terms: tuple[LineTermsNow, ...] = ()
    added: tuple[ErpOrderLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromisedLine:
    """How much of one line the supplier confirms in all, and for when; None: no date stated."""

    line: str
    confirmed: Quantity
    promised: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpPromises:
    """What the supplier promised; each statement replaces the one before it."""

    number: str
    revision: int
    lines: tuple[PromisedLine, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpInstead:
    """So much of an item came instead of the one ordered, and is good."""

    item: str
    accepted: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpReceiptLine:
    """What came in on one order line, and how much of it was good.

    Attributes:
        instead: the part of ``accepted`` that is another item, and is stocked as that.
    """

    line: str
    received: Quantity
    accepted: Quantity
    instead: tuple[ErpInstead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpReceipt:
    """Goods that the warehouse received against one order. ``number`` is the warehouse's."""

    number: str
    order: str
    site: str
    received: date
    lines: tuple[ErpReceiptLine, ...]


class ReturnStep(StrEnum):
    """How far goods that go back to a supplier are."""

    PICKED = "picked"
    """Off the shelf: no longer available, still ours."""
    PUT_BACK = "put-back"
    """On the shelf again: they stay after all."""
    SHIPPED = "shipped"
    """Gone: no longer owed for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpReturnLine:
    """So much of one order line goes back.

    Attributes:
        available: it stood in the available stock; damaged goods never did.
        to_replace: how much of it the supplier will deliver again.
        item: what goes back where another item than the one ordered had come; None: that one.
    """

    line: str
    quantity: Quantity
    available: bool
    to_replace: Quantity
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpReturn:
    """Goods of one order that go back to their supplier, and how far they are.

    ``number`` is ours; the same comes once for each step.
    """

    number: str
    order: str
    site: str
    step: ReturnStep
    day: date
    lines: tuple[ErpReturnLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpInvoiceLine:
    """What a supplier bills on one order line: so much (base unit), for so much money, untaxed."""

    order: str
    line: str
    quantity: Quantity
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpInvoiceCharge:
    """Freight or another sum on the invoice that belongs to no line; negative: an allowance."""

    code: str
    description: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpInvoice:
    """A matched supplier invoice (or credit note) for the ERP to post. ``number`` is ours.

    The lines, the charges and the tax add up to the total. A credit note has ``credit`` set and
    positive figures. With a ``part`` it is one part of an invoice that is paid in parts; the ERP
    never books the whole beside a part.
    """

    number: str
    supplier: str
    supplier_number: str
    date: date
    currency: Currency
    lines: tuple[ErpInvoiceLine, ...]
    charges: tuple[ErpInvoiceCharge, ...]
    tax: Money
    total: Money
    credit: bool = False
    part: int = 0
