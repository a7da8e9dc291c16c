"""An invoice: a supplier's claim for money, as it came, with its match and its holds.

    received -> held | payable | rejected      the first match
    held     -> payable | rejected             released, or the facts came right
    payable  -> posted                         the ERP has it, every part of it

``payable`` is reached once and never left backwards: what is paid is not matched again. A credit
note is an invoice with ``credit`` set; its figures are positive and count the other way.
Sources: domain rules D-15, D-17, D-23.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto
from typing import ClassVar, TypeAlias

from manciple.catalog.item import ItemId
from manciple.catalog.terms import PaymentTerms
from manciple.invoicing.discount import Discount
from manciple.invoicing.duplicates import normalised
from manciple.invoicing.holds import Hold, HoldCode, Release
from manciple.invoicing.part import Part
from manciple.invoicing.result import MatchKind, MatchResult
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass

CalendarDay: TypeAlias = date
"""A day, where a record has a field of that name already."""


def unbilled_key(order: str) -> str:
    """Give the key under which a paper that bills nothing yet is found by an order it names."""
    return f"billed?{order}"


class InvoiceState(StrEnum):
    """Where an invoice stands."""

    RECEIVED = auto()
    HELD = auto()
    PAYABLE = auto()
    POSTED = auto()
    REJECTED = auto()


UNSETTLED = frozenset({InvoiceState.RECEIVED, InvoiceState.HELD})
"""States in which an invoice is matched again at every event."""
SETTLED = frozenset({InvoiceState.PAYABLE, InvoiceState.POSTED})
"""States from which nothing takes it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicedLine:
    """A line as the supplier wrote it.

    Attributes:
        number: the invoice's own line number.
        order: the order number that the line names, ours or the ERP's; None: the invoice's.
        line: the order line that it names.
        quantity: zero, with an ``amount``, on a credit of money only.
        amount: quantity x price as the supplier reckoned it; None when it is not stated.
        delivery: the receipt or shipment that it says it bills; None when it names none.
    """

    number: str
    order: str | None = None
    line: str | None = None
    items: tuple[ItemId, ...] = ()
    quantity: Quantity
    price: Price
    amount: Money | None = None
    delivery: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A sum on the invoice that belongs to no line; negative is an allowance.

    Attributes:
        code: what it is for, in our words: ``freight``, ``handling``, ``allowance``.
    """

    code: str
    description: str
    amount: Money


class Treatment(StrEnum):
    """How a line or charge is taxed. Source: domain rule D-10."""

    RATED = "rated"
    EXEMPT = "exempt"
    REVERSE_CHARGE = "reverse-charge"
    """We owe the tax ourselves; the supplier bills none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTax:
    """One rate group of a paper's tax, as the supplier states it.

    Attributes:
        rate: in percent; None when only the sum is stated.
        base: the untaxed amount that it is of, as stated; None when it is not.
        code: what proves an exemption or a reverse charge.
        name: the supplier's word for the tax, ``ST``.
    """

    amount: Money
    rate: Decimal | None = None
    treatment: Treatment = Treatment.RATED
    base: Money | None = None
    code: str | None = None
    name: str = ""


ROUNDING = "rounding"
"""The code of the charge that takes up what the supplier rounded otherwise than we do."""


@dataclass(frozen=True, slots=True, order=True)
class OrderLineRef:
    """Which line of which order is meant."""

    order: str
    line: str

    def __str__(self) -> str:
        return f"{self.order}/{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line of an invoice that we keep: as stated, and what we make of it.

    Attributes:
        place: the order line that it bills; None while that is not known.
        posted: what the ledger of that order line holds for it, in the base unit; None while
            nothing is posted.
        assigned_by: the person who said which order line it is, when no rule could.
        service: the planned charge that it bills, as order and code, on a third party's paper;
            such a line bills no goods and is never posted to a ledger. Source: D-09.
    """

    stated: InvoicedLine
    place: OrderLineRef | None = None
    posted: Quantity | None = None
    assigned_by: str | None = None
    service: OrderLineRef | None = None

    @property
    def order(self) -> str | None:
        """Give the order that it bills, goods or service; None while that is not known."""
        about = self.place or self.service
        return None if about is None else about.order

    @property
    def number(self) -> str:
        """Give the invoice's own line number."""
        return self.stated.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A supplier's invoice or credit note.

    Attributes:
        id: ours, from supplier, normalised number and year; a duplicate gets one of its own.
        number: the supplier's own, as written.
        number_key: the ``InvoiceNumber`` that it holds or claims.
        order: the order that the paper as a whole names, as it names it.
        orders: our numbers of all orders that its lines bill, in line order; of a paper of
            charges alone, the order that it names.
        registered_at: policy of this instant decides, whenever it is matched.
        tax: all of it, as stated; ``taxes`` the same by rate, where the paper says so.
        holds: open and released; payable when none is open.
        releases: what persons signed, in the order in which they did.
        source, place: the interchange and the position in it that it was read from.
        terms: the supplier's payment terms when the invoice came; None: none were known.
        due: the day on which all of it is due by the terms; None while that cannot be known.
        discount: for paying early; None when there is none to be had.
        parts: what of it was released by itself, in that order; empty when it goes as a whole.
    """

    KIND: ClassVar[str] = "invoice"

    id: str
    thread: str
    state: InvoiceState
    supplier: str
    number: str
    number_key: str
    date: date
    order: str | None
    orders: tuple[str, ...]
    currency: Currency
    lines: tuple[InvoiceLine, ...]
    charges: tuple[Charge, ...]
    tax: Money | None
    total: Money | None
    credit: bool
    registered_at: datetime
    source: str
    place: str
    holds: tuple[Hold, ...] = ()
    releases: tuple[Release, ...] = ()
    match: MatchResult | None = None
    erp_number: str | None = None
    finance_number: str | None = None
    reason: str | None = None
    taxes: tuple[StatedTax, ...] = ()
    terms: PaymentTerms | None = None
    due: CalendarDay | None = None
    discount: Discount | None = None
    parts: tuple[Part, ...] = ()

    @property
    def is_settled(self) -> bool:
        """Say whether it is payable or posted."""
        return self.state in SETTLED

    @property
    def written_orders(self) -> tuple[str, ...]:
        """The numbers of orders that the paper itself names, as it writes them, each once."""
        named = (self.order, *(line.stated.order for line in self.lines))
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def is_unsettled(self) -> bool:
        """Say whether it is still to be decided."""
        return self.state in UNSETTLED

    @property
    def open_holds(self) -> tuple[Hold, ...]:
        """Give the holds that still keep it from being paid."""
        return tuple(hold for hold in self.holds if hold.is_open)

    @property
    def kind(self) -> MatchKind | None:
        """Give the strictest kind of its lines; None before the first match."""
        kinds = {line.kind for line in self.match.lines} if self.match else set()
        if not kinds:
            return None
        return MatchKind.THREE_WAY if MatchKind.THREE_WAY in kinds else MatchKind.TWO_WAY


def rank(invoice: Invoice) -> tuple[bool, date, str, str]:
    """Give the place among the papers of an order: settled first, then by date and number."""
    return (not invoice.is_settled, invoice.date, normalised(invoice.number), invoice.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIndex:
    """Which invoices and credit notes bill an order, in the order in which they came."""

    KIND: ClassVar[str] = "invoice-index"

    id: str
    invoices: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Give the one word that lists show."""
        return "index"


# --- acts


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterInvoice:
    """Take in a supplier's invoice or credit note."""

    supplier: str
    number: str
    date: date
    currency: Currency
    lines: tuple[InvoicedLine, ...]
    order: str | None = None
    charges: tuple[Charge, ...] = ()
    tax: Money | None = None
    total: Money | None = None
    credit: bool = False
    source: str = ""
    place: str = ""
    taxes: tuple[StatedTax, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchInvoice:
    """Match an invoice, and whatever else waits on the same orders, from the ledger as it is."""

    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchOrder:
    """Match every invoice that waits on an order: goods came, went back or were cancelled."""

    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignInvoiceLine:
    """Say which order line an invoice line bills, where no rule could tell."""

    invoice: str
    line: str
    order: str
    order_line: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectInvoice:
    """Send an invoice back: it is not paid, and what it billed is taken off the ledger."""

    invoice: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInvoiceInErp:
    """Note the number under which the ERP posted the invoice, or with a number one part of it."""

    invoice: str
    erp_number: str
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayable:
    """Note the number under which finance will pay the invoice, or one part of it."""

    invoice: str
    finance_number: str
    part: int = 0


# --- events


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    """What one line of a new invoice bills, as stated; no amount where it can't be told."""

    line: str
    amount: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRegistered:
    """An invoice came in. It is not matched yet.

    Attributes:
        lines: what each line bills; empty in events that were kept before it was told.
    """

    invoice: str
    order: str | None
    thread: str
    supplier: str
    number: str
    total: Money | None
    credit: bool
    lines: tuple[BilledLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLinesPosted:
    """Lines found their order line, and what they bill stands in the ledger."""

    invoice: str
    thread: str
    lines: tuple[tuple[str, OrderLineRef, Quantity], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineAssigned:
    """A person said which order line an invoice line bills."""

    invoice: str
    thread: str
    line: str
    place: OrderLineRef
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceMatched:
    """A match gave another result than the one before."""

    invoice: str
    order: str | None
    thread: str
    clean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceHeld:
    """An invoice has open holds, and they are not those of before."""

    invoice: str
    order: str | None
    thread: str
    supplier: str
    site: str
    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePayable:
    """An invoice may be paid; said once in its life. The total of a credit note is negative.

    Attributes:
        charges: what it comes to beside its lines, positive on a credit note too; what rounding
            takes up is left out. Empty in events that were kept before it was told.
    """

    invoice: str
    order: str | None
    orders: tuple[str, ...]
    thread: str
    supplier: str
    total: Money
    credit: bool
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What was wrong with an invoice, or with one of its lines, when it was sent back.

    ``variance`` is the fact behind it, such as ``+16.00 USD`` or ``10 EA``.
    """

    code: HoldCode
    line: str | None
    variance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRejected:
    """An invoice was sent back; ``differs`` are the holds that were open on it."""

    invoice: str
    order: str | None
    thread: str
    supplier: str
    reason: str
    by: str
    differs: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePosted:
    """The ERP has the invoice, or one part of it."""

    invoice: str
    order: str | None
    thread: str
    erp_number: str
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableRecorded:
    """Finance has the payable, of the invoice or of one part of it."""

    invoice: str
    thread: str
    finance_number: str
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicesListed:
    """An order's list of invoices grew."""

    order: str
    invoice: str
