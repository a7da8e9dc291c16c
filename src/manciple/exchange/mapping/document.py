"""The partner document: an order, answer, ship notice or invoice in our words, as it was stated.

Whatever the standard, it is read into this. What is not in the text is None or empty: nothing is
made up, and nothing here has been compared with an order of ours.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit


class DocumentKind(StrEnum):
    """What a partner's paper is."""

    ORDER = "order"
    ORDER_CHANGE = "order_change"
    ACKNOWLEDGMENT = "acknowledgment"
    CHANGE_ACKNOWLEDGMENT = "change_acknowledgment"
    SHIP_NOTICE = "ship_notice"
    INVOICE = "invoice"
    FUNCTIONAL_ACKNOWLEDGMENT = "functional_acknowledgment"
    RECEIVING_ADVICE = "receiving_advice"
    WAREHOUSE_ORDER = "warehouse_order"
    TRANSFER_NOTICE = "transfer_notice"
    TRANSFER_RECEIPT = "transfer_receipt"
    WAREHOUSE_SHIPMENT = "warehouse_shipment"
    STOCK_LIST = "stock_list"
    OTHER = "other"


class AnswerWord(StrEnum):
    """What a supplier says about a line. Source: domain rule P-03."""

    ACCEPT = "accept"
    CHANGE_QUANTITY = "change.qty"
    CHANGE_PRICE = "change.price"
    CHANGE_DATE = "change.date"
    CHANGE_MIXED = "change.mixed"
    BACKORDER_FULL = "backorder.full"
    BACKORDER_PARTIAL = "backorder.partial"
    SUBSTITUTE = "substitute"
    PENDING = "pending"
    HOLD = "hold"
    REJECT = "reject"
    UNKNOWN = "unknown"


class HeaderWord(StrEnum):
    """What a supplier says about the order as a whole; the lines' own words always win."""

    ACCEPT = "accept"
    DETAIL = "detail"
    EXCEPTIONS = "exceptions"
    REJECT = "reject"
    COUNTER = "counter"
    HOLD = "hold"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedQuantity:
    """A number and a unit as written.

    Attributes:
        unit: as written in the file, for example ``CA``.
        canonical: what that unit is, None if nobody told us.
    """

    value: Decimal
    unit: str | None = None
    canonical: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPrice:
    """A price for a quantity: 24.1 for 100 EA. Without ``per`` the basis is not known."""

    amount: Decimal
    per: StatedQuantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedItem:
    """An item's number and whose number it is."""

    scheme: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedParty:
    """A firm or place named in the document."""

    role: str
    id: str | None = None
    scheme: str | None = None
    name: str | None = None
    street: tuple[str, ...] = ()
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDate:
    """A day and what happens on it, for example ``delivery_requested``."""

    kind: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedReference:
    """Another paper's number."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCharge:
    """An allowance, charge or tax. The sign follows from the kind, not from the amount.

    Attributes:
        code: as written, for example ``D240``.
        word: what that is in our words, ``freight``; the code itself where nobody told us.
        rate: of a tax, in percent.
        exemption: the code by which a tax is said not to be due.
        base: the untaxed amount that a tax is of.
    """

    kind: str
    code: str | None = None
    word: str | None = None
    amount: Decimal | None = None
    rate: Decimal | None = None
    text: str | None = None
    exemption: str | None = None
    base: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAmount:
    """A sum of money as the document states it; the currency is the document's."""

    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A part of a line: how many, when, or to which store."""

    quantity: StatedQuantity
    kind: str | None = None
    day: date | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAnswer:
    """One answer to a line; a line may have several, and their quantities add up.

    Attributes:
        code: as written, for example ``IQ``.
    """

    status: AnswerWord
    code: str
    quantity: StatedQuantity | None = None
    kind: str | None = None
    day: date | None = None
    price: StatedPrice | None = None
    substitute: tuple[StatedItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedCount:
    """Another quantity stated about a line, beside its own: returned, in question, on hand.

    Attributes:
        kind: our word, or the code as written where no list knows it.
        condition: why it is in question: ``damaged``, ``short``; or the code as written.
    """

    kind: str
    quantity: StatedQuantity
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLine:
    """One line of a partner's document.

    Attributes:
        line: as written: it may be ``000001`` or ``item-1``; None if the sender left it out.
        status: all answers taken together; None if the line was not answered.
        counts: other quantities stated about the line, each with its meaning.
        order: the buyer's order number, where the line or its shipment names one.
        change: of an order change, what it changes on the line: ``less``, ``price``.
        packages: SSCC or carton numbers that hold the goods.
        raw: the segments it was read from.
    """

    line: str | None = None
    items: tuple[StatedItem, ...] = ()
    description: str | None = None
    quantity: StatedQuantity | None = None
    ordered: StatedQuantity | None = None
    price: StatedPrice | None = None
    status: AnswerWord | None = None
    answers: tuple[StatedAnswer, ...] = ()
    counts: tuple[StatedCount, ...] = ()
    schedule: tuple[Schedule, ...] = ()
    dates: tuple[StatedDate, ...] = ()
    order: str | None = None
    change: str | None = None
    packages: tuple[str, ...] = ()
    parties: tuple[StatedParty, ...] = ()
    references: tuple[StatedReference, ...] = ()
    charges: tuple[StatedCharge, ...] = ()
    raw: tuple[tuple[str, ...], ...] = ()

    def answered(self, status: AnswerWord) -> Decimal:
        """How much was answered with this word, summed over the line's answers."""
        return sum(
            (a.quantity.value for a in self.answers if a.status is status and a.quantity),
            Decimal(0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the document says that it adds up to: checks, not data.

    Attributes:
        amount: the document's total, in its currency.
        shipped: of a ship notice, the sum over its items; ours, not stated.
    """

    amount: Decimal | None = None
    lines: Decimal | None = None
    hash: Decimal | None = None
    shipped: Decimal | None = None
    others: tuple[StatedAmount, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerDocument:
    """One paper of a partner, in our words.

    Attributes:
        number: the document's own number.
        orders: the buyer's order numbers that it speaks of, in order of appearance.
        answer: of an acknowledgment, what its header says; lines win over it.
        purpose: as written: 00 original, 01 cancel, 05 replace and so on.
        type: as written: of an order SA or NE, of an invoice CR for a credit.
        release: part of the key of a blanket order.
        change: the buyer's number of the change: of ours, the order's revision.
        raw: the segments of the header.
    """

    kind: DocumentKind
    number: str | None = None
    orders: tuple[str, ...] = ()
    dates: tuple[StatedDate, ...] = ()
    currency: str | None = None
    parties: tuple[StatedParty, ...] = ()
    lines: tuple[PartnerLine, ...] = ()
    totals: Totals = Totals()
    answer: HeaderWord | None = None
    answer_code: str | None = None
    purpose: str | None = None
    type: str | None = None
    release: str | None = None
    change: str | None = None
    contract: str | None = None
    carrier: str | None = None
    references: tuple[StatedReference, ...] = ()
    charges: tuple[StatedCharge, ...] = ()
    raw: tuple[tuple[str, ...], ...] = ()

    def reference(self, kind: str) -> str | None:
        """The first number of another paper of this kind, for example ``shipment``."""
        return next((each.value for each in self.references if each.kind == kind), None)

    def day(self, kind: str) -> date | None:
        """The first day of this kind, for example ``issued``."""
        return next((stated.day for stated in self.dates if stated.kind == kind), None)

    @property
    def reference_order(self) -> str | None:
        """The first of the buyer's orders that it speaks of."""
        return self.orders[0] if self.orders else None

    @property
    def shipment(self) -> str | None:
        """The number of the shipment that it speaks of."""
        return self.reference("shipment")

    @property
    def is_credit(self) -> bool:
        """Whether an invoice gives money back. Source: X12 element 640, BIG07."""
        return self.kind is DocumentKind.INVOICE and self.type in {"CR", "CN"}
