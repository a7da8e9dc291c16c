"""What we ask of other systems: the payload of each effect, and the ports that carry it out.

    effect row --bytes--> endpoint --record--> ErpPort | WmsPort | FinancePort | TransportPort

A payload is canonical: our ids and numbers, quantities in the item's base unit, exact decimals.
An adapter turns it into the other system's words; nothing of that system comes further in.

Every port method that writes takes ``key``, our idempotency key, gives a ``Submitted``, and raises
``OSError`` when nobody can know whether it happened. Source: architecture decision D6, rule X-01.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from manciple.kernel.errors import MancipleError
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.runtime.effects import OutcomeKind

# --- what the ERP is told


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOrderLine:
    """One line of an order for the ERP; the quantity and the price are in the base unit."""

    line: str
    item: str
    quantity: Quantity
    price: Price
    needed_by: date


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
class ErpOrderChange:
    """What a new revision of an order gives up; what was ordered is never lowered (D-06)."""

    number: str
    revision: int
    cancelled: tuple[CancelledLine, ...]
    reason: str = ""


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
class ErpReceiptLine:
    """What came in on one order line, and how much of it was good."""

    line: str
    received: Quantity
    accepted: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpReceipt:
    """Goods that the warehouse received against one order. ``number`` is the warehouse's."""

    number: str
    order: str
    site: str
    received: date
    lines: tuple[ErpReceiptLine, ...]


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
    positive figures.
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


# --- what the warehouse system is told, and what it tells


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundLine:
    """So much of one order line is expected on a day; None: nobody knows when.

    A line that is expected in parts comes several times, once for each day.
    """

    line: str
    item: str
    expected: Quantity
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundNotice:
    """What a warehouse shall expect of a new order."""

    order: str
    revision: int
    supplier: str
    site: str
    lines: tuple[InboundLine, ...]
    as_of: datetime
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundReschedule:
    """What a warehouse shall now expect, in all, of the named lines; other lines stay.

    Attributes:
        lines: the whole of each named line, received parts included; none expected: quantity 0.
        as_of: an older statement than the one that the warehouse holds changes nothing.
        correlation: the cause, the same on the planner's task and the cash forecast.
    """

    order: str
    revision: int
    site: str
    lines: tuple[InboundLine, ...]
    as_of: datetime
    correlation: str
    reason: str = ""


class Condition(StrEnum):
    """How the goods looked on the dock."""

    GOOD = "good"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseReceiptLine:
    """So much of one order line was taken in, in this condition."""

    line: str
    quantity: Quantity
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseReceipt:
    """A receipt as the warehouse system booked it, under its own number."""

    receipt: str
    order: str
    site: str
    received: date
    lines: tuple[WarehouseReceiptLine, ...]
    shipment: str = ""


# --- what finance is told


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLine:
    """So much money for one order line, expected to be paid on a day; None: no day is known."""

    line: str
    amount: Money
    pay_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """Money that an order promises away, by line and expected pay day."""

    order: str
    revision: int
    supplier: str
    site: str
    currency: Currency
    lines: tuple[CashLine, ...]
    as_of: datetime
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashForecast:
    """What is now expected to be paid, in all, for the named lines; other lines stay.

    ``as_of``: an older statement than the one that finance holds changes nothing.
    ``correlation``: the cause, the same on the planner's task and the inbound schedule.
    """

    order: str
    revision: int
    currency: Currency
    lines: tuple[CashLine, ...]
    as_of: datetime
    correlation: str
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """A matched invoice that finance shall pay in full on the due day. Terms are finance's."""

    invoice: str
    supplier: str
    supplier_number: str
    orders: tuple[str, ...]
    invoiced_on: date
    due: date
    amount: Money


# --- what goes to and comes from partners


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundMessage:
    """A finished file for a partner; a resend is the same bytes under the same name.

    Attributes:
        interchange: the interchange control number that the bytes carry.
        file_name: a plain name, without a folder: ``850-000000042.edi``.
        digest: SHA-256 of the content, hex.
    """

    partner: str
    interchange: str
    file_name: str
    digest: str
    content: bytes
    content_type: str = "application/edi-x12"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFile:
    """Bytes that came in through a transport, whole, before anybody tried to read them.

    Attributes:
        partner: whom the door belongs to; None: the bytes must say it.
        place: how the transport finds the file again, to archive or quarantine it.
    """

    partner: str | None
    place: str
    file_name: str
    digest: str
    content: bytes


# --- answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """What the other system answered to one write: done, accepted for later, or rejected.

    Attributes:
        reference: the other system's own number; None if it gave none.
        version: what a conditional write must quote; None if it has no versions.
        reason: why it said no, in its own words, cut to a readable length.
    """

    outcome: OutcomeKind
    reference: str | None = None
    version: str | None = None
    reason: str = ""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some of a list, in order, and where to go on; ``cursor`` is kept even on the last page."""

    rows: tuple[T, ...]
    cursor: str
    more: bool


def every(read: Callable[[str], Page[T]], cursor: str = "") -> Iterator[T]:
    """Read a list to its end, page by page.

    >>> tuple(every(lambda cursor: Page(rows=(1, 2), cursor="2", more=False)))
    (1, 2)
    """
    more = True
    while more:
        page = read(cursor)
        yield from page.rows
        cursor, more = page.cursor, page.more


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the other system can be reached and knows us, its version, and its clock's lead."""

    reachable: bool
    authorized: bool
    version: str
    clock_offset: timedelta
    detail: str = ""


class ConflictError(MancipleError):
    """Somebody else changed the document since it was read; it is never written over."""

    def __init__(self, reference: str, wanted: str, stands: str) -> None:
        """Name the document, the version that was quoted and the one that stands."""
        super().__init__(f"{reference} is at version {stands}, not {wanted}: read it again")
        self.reference, self.wanted, self.stands = reference, wanted, stands


class DeliveryRefusedError(MancipleError):
    """A file can't be handed over as it is; sending it again unchanged is pointless."""


# --- the ERP


class DocumentKind(StrEnum):
    """The documents that the ERP keeps for us."""

    ORDER = auto()
    RECEIPT = auto()
    INVOICE = auto()


class ReceiptWay(StrEnum):
    """How receipts come to be in the ERP."""

    POST = auto()
    DERIVED = auto()
    WITH_INVOICE = auto()
    NONE = auto()


class InvoiceWay(StrEnum):
    """How invoices come to be in the ERP."""

    POST = auto()
    COMPLETE_DRAFT = auto()
    NONE = auto()


class ChangeWay(StrEnum):
    """How an order is changed in the ERP."""

    AMEND = auto()
    PATCH = auto()
    REISSUE = auto()


class Feed(StrEnum):
    """How the ERP tells what changed."""

    WEBHOOK = auto()
    OUTBOX = auto()
    MODIFIED_SINCE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What an ERP can do, as its adapter declares it and as operators see it."""

    name: str
    conditional_write: bool
    native_idempotency: bool
    deep_create: bool
    asynchronous: bool
    receipt: ReceiptWay
    invoice: InvoiceWay
    change: ChangeWay
    feeds: tuple[Feed, ...]
    deletes_visible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpRef:
    """A document in the ERP: what it is, its number there, and the version that we saw."""

    kind: DocumentKind
    number: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpLineTotals:
    """What the ERP's own books say about one order line; a fact independent of ours."""

    order: str
    line: str
    item: str
    unit: Unit
    ordered: Quantity
    cancelled: Quantity
    confirmed: Quantity | None
    promised: date | None
    received: Quantity
    accepted: Quantity
    invoiced: Quantity
    amount_invoiced: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpDocument:
    """A document as it stands in the ERP; an order has its lines.

    ``external`` is our number for it.
    """

    ref: ErpRef
    external: str
    supplier: str
    state: str
    lines: tuple[ErpLineTotals, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpChange:
    """A hint that a document changed in the ERP; read it to learn what. Comes at least once."""

    kind: DocumentKind
    number: str
    external: str
    version: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSupplier:
    """A supplier as the ERP knows it."""

    id: str
    name: str
    currency: Currency
    blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpItemPack:
    """How many base units one pack holds."""

    unit: Unit
    base: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpItem:
    """An item as the ERP knows it."""

    id: str
    description: str
    category: str
    base_unit: Unit
    packs: tuple[ErpItemPack, ...]
    stocked: bool
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSite:
    """A warehouse or branch as the ERP knows it."""

    id: str
    name: str
    company: str
    city: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOffer:
    """What a supplier asks for an item, from a day and perhaps to a day (both inclusive)."""

    supplier: str
    item: str
    supplier_item: str | None
    price: Price
    order_unit: Unit
    minimum: Quantity | None
    lead_days: int
    valid_from: date
    valid_to: date | None
    preferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpStock:
    """How much of an item a site has, by the ERP's books, and how much is on its way."""

    item: str
    site: str
    on_hand: Quantity
    on_order: Quantity
    allocated: Quantity


class ErpPort(Protocol):
    """An ERP: the keeper of the books, whichever product it is.

    Writes raise ``OSError`` when nobody can know what happened, and ``ConflictError`` where a
    quoted version no longer stands.
    """

    def capabilities(self) -> Capabilities:
        """Declare what this ERP can do."""
        ...

    def health(self) -> Health:
        """Say whether it can be reached and lets us in."""
        ...

    def suppliers(self, cursor: str = "") -> Page[ErpSupplier]:
        """Read some suppliers, by id."""
        ...

    def items(self, cursor: str = "") -> Page[ErpItem]:
        """Read some items, by id."""
        ...

    def sites(self, cursor: str = "") -> Page[ErpSite]:
        """Read some sites, by id."""
        ...

    def offers(self, cursor: str = "") -> Page[ErpOffer]:
        """Read some supplier offers, in a stable order."""
        ...

    def stock(self, item: str, site: str) -> ErpStock | None:
        """Tell an item's stock at a site; None if the ERP keeps none there."""
        ...

    def find(self, kind: DocumentKind, key: str) -> ErpRef | None:
        """Look up what became of the write with this key; the base of all retry safety."""
        ...

    def get(self, kind: DocumentKind, external: str) -> ErpDocument | None:
        """Read a document by our number, as it stands now."""
        ...

    def create_order(self, key: str, order: ErpOrder) -> Submitted:
        """Make the order, once."""
        ...

    def change_order(self, key: str, change: ErpOrderChange, version: str) -> Submitted:
        """Give up parts of the order that stands at ``version``."""
        ...

    def cancel_order(self, key: str, number: str, version: str, reason: str) -> Submitted:
        """Give up everything that is still open on the order that stands at ``version``."""
        ...

    def confirm_lines(self, key: str, promises: ErpPromises) -> Submitted:
        """Write the supplier's promised quantities and days on the order."""
        ...

    def post_receipt(self, key: str, receipt: ErpReceipt) -> Submitted:
        """Book goods in."""
        ...

    def post_invoice(self, key: str, invoice: ErpInvoice) -> Submitted:
        """Book a matched invoice."""
        ...

    def changes(self, cursor: str = "") -> Page[ErpChange]:
        """Read what changed since ``cursor``, at least once each, oldest first."""
        ...

    def totals(self, cursor: str = "") -> Page[ErpLineTotals]:
        """Read what its books say about every order line, for comparison with ours."""
        ...


# --- warehouse, finance, transports


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseTotals:
    """What the warehouse system itself says about one order line."""

    order: str
    line: str
    unit: Unit
    expected: Quantity
    received: Quantity
    damaged: Quantity


class WmsPort(Protocol):
    """A warehouse system: told what comes and when, tells what came."""

    def find(self, key: str) -> Submitted | None:
        """Look up what became of the write with this key."""
        ...

    def expect(self, key: str, notice: InboundNotice) -> Submitted:
        """Announce what an order will bring."""
        ...

    def reschedule(self, key: str, change: InboundReschedule) -> Submitted:
        """Restate what is expected of some lines."""
        ...

    def receipts(self, cursor: str = "") -> Page[WarehouseReceipt]:
        """Read receipts booked since ``cursor``, at least once each, oldest first."""
        ...

    def totals(self, cursor: str = "") -> Page[WarehouseTotals]:
        """Read its own sums for every order line."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceTotals:
    """What finance itself holds for one order."""

    order: str
    currency: Currency
    committed: Money
    forecast: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableRow:
    """A payable as finance booked it, under its own number."""

    number: str
    invoice: str
    supplier: str
    supplier_number: str
    amount: Money
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWeek:
    """What is expected to be paid in the week from this Monday; None: day unknown."""

    monday: date | None
    amount: Money


class FinancePort(Protocol):
    """A finance system: told what money is promised, expected and owed. It pays; we don't."""

    def find(self, key: str) -> Submitted | None:
        """Look up what became of the write with this key."""
        ...

    def commit(self, key: str, commitment: Commitment) -> Submitted:
        """Book what an order promises away."""
        ...

    def forecast(self, key: str, forecast: CashForecast) -> Submitted:
        """Restate when and how much will be paid for some lines."""
        ...

    def payable(self, key: str, payable: Payable) -> Submitted:
        """Hand over an invoice to be paid."""
        ...

    def payables(self, cursor: str = "") -> Page[PayableRow]:
        """Read the payables that it holds, by its numbers."""
        ...

    def weeks(self, currency: Currency) -> tuple[ForecastWeek, ...]:
        """Read its cash forecast by week."""
        ...

    def totals(self, cursor: str = "") -> Page[FinanceTotals]:
        """Read its own sums for every order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A file is with the partner's door; ``answers`` are files that came back on the same call."""

    place: str
    answers: tuple[InboundFile, ...] = ()


class TransportPort(Protocol):
    """A way for files to reach a partner and to come from one."""

    def find(self, message: OutboundMessage) -> Delivered | None:
        """Say whether the file is known to be with the partner's door; None: nobody can tell."""
        ...

    def deliver(self, message: OutboundMessage) -> Delivered:
        """Hand the file over; again gives the same file.

        Raises:
            OSError: nobody can know whether it arrived.
            DeliveryRefusedError: the partner's door, or the transport, says no.
        """
        ...

    def collect(self) -> tuple[InboundFile, ...]:
        """Take what has come in, whole files only; each comes again until it is settled."""
        ...

    def archive(self, file: InboundFile) -> None:
        """Settle a file whose bytes are kept."""
        ...

    def quarantine(self, file: InboundFile, reason: str) -> None:
        """Put a file aside, whole, with the reason why nobody could read it."""
        ...


PAYLOADS: Mapping[str, type] = MappingProxyType(
    {
        "erp.create_order": ErpOrder,
        "erp.change_order": ErpOrderChange,
        "erp.confirm_lines": ErpPromises,
        "erp.post_receipt": ErpReceipt,
        "erp.post_invoice": ErpInvoice,
        "wms.expect": InboundNotice,
        "wms.reschedule": InboundReschedule,
        "finance.commit": Commitment,
        "finance.forecast": CashForecast,
        "finance.payable": Payable,
        "edi.send": OutboundMessage,
        "inbound.read": InboundFile,
    }
)
"""The payload record of each verb."""
