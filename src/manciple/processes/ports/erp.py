"""The ERP: the keeper of the books, whichever product it is."""

from datetime import date
from enum import StrEnum, auto
from typing import Protocol

from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.processes.ports.answers import Health, Page, Submitted
from manciple.processes.ports.books import (
    ErpInvoice,
    ErpOrder,
    ErpOrderChange,
    ErpPromises,
    ErpReceipt,
    ErpReturn,
)
from manciple.processes.ports.masters import ErpItem, ErpOffer, ErpSite, ErpStock, ErpSupplier


class DocumentKind(StrEnum):
    """The documents that the ERP keeps for us."""

    ORDER = auto()
    RECEIPT = auto()
    RETURN = auto()
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
    returned: Quantity
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
        """Give up, raise or add to the order that stands at ``version``, or change its terms."""
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

    def post_return(self, key: str, goods: ErpReturn) -> Submitted:
        """Take goods that go back out of the stock when picked, out of the books when shipped."""
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
