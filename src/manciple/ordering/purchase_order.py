"""A purchase order: what we asked one supplier to deliver to one site, line by line.

Its life, one row per allowed step; a document that comes late moves nothing back (see MOVES).

    placed        -> recorded | refused                 the ERP has it, or said no
    refused       -> recorded | cancelled               the ERP took it after a correction
    recorded      -> sent | acknowledged | shipped | received | cancelled
    sent          -> acknowledged | shipped | received | cancelled
    acknowledged  -> shipped | received | cancelled
    shipped       -> received | cancelled
    received      -> closed                             satisfied and invoiced
    received, closed -> shipped                         goods that went back are to be replaced

A change after the order was placed makes revision n+1; only the lines that it touches wait for
an answer again. What was ordered is never lowered: the ledger gains what is cancelled.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto
from typing import ClassVar

from manciple.catalog import packs
from manciple.catalog.item import Pack
from manciple.kernel.errors import refuse
from manciple.kernel.money import Currency, Money, MoneyError
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.kernel.units import Unit
from manciple.ordering.revision import LineRevision, LineTerms, Revision
from manciple.ordering.substitute import Substitute
from manciple.requisitioning.planned import PlannedCharge, sum_of
from manciple.runtime.effects import Lane


class OrderState(StrEnum):
    """How far an order is."""

    PLACED = auto()
    RECORDED = auto()
    SENT = auto()
    ACKNOWLEDGED = auto()
    SHIPPED = auto()
    RECEIVED = auto()
    CLOSED = auto()
    REFUSED = auto()
    CANCELLED = auto()


_S = OrderState
MOVES: Mapping[OrderState, frozenset[OrderState]] = {
    _S.PLACED: frozenset({_S.RECORDED, _S.REFUSED}),
    _S.REFUSED: frozenset({_S.RECORDED, _S.CANCELLED}),
    _S.RECORDED: frozenset({_S.SENT, _S.ACKNOWLEDGED, _S.SHIPPED, _S.RECEIVED, _S.CANCELLED}),
    _S.SENT: frozenset({_S.ACKNOWLEDGED, _S.SHIPPED, _S.RECEIVED, _S.CANCELLED}),
    _S.ACKNOWLEDGED: frozenset({_S.SHIPPED, _S.RECEIVED, _S.CANCELLED}),
    _S.SHIPPED: frozenset({_S.RECEIVED, _S.CANCELLED}),
    _S.RECEIVED: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
    _S.CANCELLED: frozenset(),
}
"""The allowed steps of an order's life, from each state to the next ones."""

BEFORE_SENDING = frozenset({_S.PLACED, _S.REFUSED})
"""States in which no supplier can have seen the order."""
ENDED = frozenset({_S.CLOSED, _S.CANCELLED})
"""States in which nothing more is expected."""


MOST = Decimal(10) ** 9
"""The most base units that a line may ask for or a document may state; sums stay in the books."""
_SLIP = 1000
"""A stated quantity this many times the ordered one is a slip of the pen, not a delivery."""


class AnswerState(StrEnum):
    """What the supplier's standing answer to a line amounts to."""

    FULL = auto()
    PARTIAL = auto()
    CHANGED = auto()
    REJECTED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The supplier's standing answer to one order line.

    Attributes:
        acknowledgment: the document that holds the answer in full.
        revision: the revision of the order that was answered.
        stated_at: when the supplier said it, by its own words; orders two answers.
        confirmed: what it will deliver in all, in the base unit.
        price: the price that it named; None when it named none.
    """

    acknowledgment: str
    revision: int
    stated_at: tuple[str, ...]
    state: AnswerState
    confirmed: Quantity
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of an order.

    Attributes:
        number: "1", "2", ...; the name of the line in every document.
        stated: as ordered, in whole packs: ``9 CA``.
        base: the same in the item's base unit: ``108 EA``. Never lowered.
        asked: what the newest revision asks for, stated; None while it is what was ordered.
        packs: the item's packs on the day of the order; a later change does not rewrite them.
        first_promise: the first date that the supplier promised; of the earliest statement.
        promise: the date that stands now; of the latest statement that named one.
        revision: the revision that last touched this line.
        answer: the supplier's standing answer to that revision; None while it is awaited.
        cost_centre, account: who pays and where it is booked; empty for stock.
        substitutes: what was agreed to come instead, if it is to be; in that order.
        is_given_up: all of it was cancelled, so nobody waits for an answer.
    """

    number: str
    item: str
    description: str
    category: str
    supplier_item: str | None
    stated: Quantity
    base: Quantity
    price: Price
    needed_by: date
    first_promise: date | None = None
    promise: date | None = None
    first_promise_at: tuple[str, ...] = ()
    promise_at: tuple[str, ...] = ()
    packs: tuple[Pack, ...] = ()
    gtin: str | None = None
    revision: int = 1
    answer: Answer | None = None
    is_given_up: bool = False
    asked: Quantity | None = None
    cost_centre: str = ""
    account: str = ""
    substitutes: tuple[Substitute, ...] = ()

    def substitute(self, item: str) -> Substitute | None:
        """Give the substitute of our number ``item``; None where it was not agreed."""
        return next((each for each in self.substitutes if each.item == item), None)

    def bought_as(self, item: str | None) -> "OrderLine":
        """Give the line as if the substitute had been ordered, at its price and in its packs.

        Itself where ``item`` is None, the item ordered, or no substitute of it.
        """
        instead = None if item is None else self.substitute(item)
        if instead is None:
            return self
        return replace(
            self,
            item=instead.item,
            description=instead.description,
            category=instead.category,
            supplier_item=instead.supplier_item,
            gtin=instead.gtin,
            price=instead.price,
            packs=instead.packs,
        )

    @property
    def terms(self) -> LineTerms:
        """What the newest revision asks for on this line."""
        stated = self.stated if self.asked is None else self.asked
        return LineTerms(
            wanted=self.to_base(stated),
            stated=stated,
            price=self.price,
            needed_by=self.needed_by,
        )

    @property
    def is_answered(self) -> bool:
        """Say whether nobody waits for the supplier's answer to this line."""
        return self.is_given_up or self.answer is not None

    @property
    def expected_on(self) -> date:
        """The day on which it is expected: promised, else needed."""
        return self.promise or self.needed_by

    @property
    def base_unit(self) -> Unit:
        """The unit in which this line's quantities add up."""
        return self.base.unit

    def to_base(self, quantity: Quantity) -> Quantity:
        """Express a quantity in the base unit by the packs of this line, exactly.

        Raises:
            Refused: UOM_UNKNOWN or UOM. Source: domain rule D-11.
        """
        return packs.convert(quantity, base_unit=self.base_unit, packs=self.packs)

    def counted(self, quantity: Quantity) -> Quantity:
        """Express a quantity that somebody says is coming or came in the base unit, exactly.

        Raises:
            Refused: UOM_UNKNOWN or UOM; IMPLAUSIBLE, so much more than was ordered that it can
                only be a slip, and would drown the ledger.
        """
        base = self.to_base(quantity)
        most = min(self.base.value * _SLIP, MOST)
        if abs(base.value) > most:
            raise refuse(
                "IMPLAUSIBLE",
                f"{quantity} is more than {_SLIP} times the {self.base} ordered",
                field="quantity",
                fix="check the unit and the decimal point",
            )
        return base

    def price_in_base(self, price: Price) -> Price:
        """Express a price per base units, by the packs of this line.

        Raises:
            Refused: UOM_UNKNOWN, the line knows no such pack.
        """
        return packs.price_in_base(price, base_unit=self.base_unit, packs=self.packs)

    def worth(self, base: Quantity) -> Money:
        """Give what so many base units cost at the ordered price, rounded once.

        Raises:
            MoneyError: it is more than a book can hold.
        """
        return packs.extend(self.price, base, packs=self.packs)

    def estimate(self, base: Quantity) -> Money | None:
        """Give what so many base units are worth; None when no book could hold it."""
        with suppress(MoneyError):
            return self.worth(base)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder:
    """An order to one supplier for one site.

    Attributes:
        thread: the requisition that it came from, as a reference in text.
        revision: 1, and one more with every change.
        total: what the lines cost at their prices, less what was cancelled.
        revisions: what each change made of it, from the second revision on.
        charges: what changes cost on an order kept before charges had codes; None: nothing.
        planned: the charges that it expects beside its goods, those of its changes included.
        baseline: what the first approved revision committed, or the last one that was approved
            anew as a whole; None before the first change: what was first ordered (A-11).
        baseline_revision: the revision that the baseline is of.
        pending_change: the order change that waits for an approval.
        sent_revision: the newest revision that left for the supplier; 0 before.
        acknowledged_revision: the newest revision to which every line is answered; 0 before.
        reason: why it was refused or cancelled.
    """

    KIND: ClassVar[str] = "purchase-order"

    id: str
    thread: str
    requisition: str
    supplier: str
    site: str
    currency: Currency
    revision: int
    lines: tuple[OrderLine, ...]
    total: Money
    lane: Lane
    state: OrderState
    ordered_on: date
    erp_number: str | None = None
    sent_at: datetime | None = None
    sent_revision: int = 0
    acknowledged_revision: int = 0
    reason: str | None = None
    revisions: tuple[Revision, ...] = ()
    charges: Money | None = None
    baseline: Money | None = None
    baseline_revision: int = 1
    pending_change: str | None = None
    planned: tuple[PlannedCharge, ...] = ()

    @property
    def committed(self) -> Money:
        """What the order commits in all: its lines, and the charges that it plans."""
        worth = self.total + sum_of(self.plans, self.currency)
        return worth if self.charges is None else worth + self.charges

    @property
    def category(self) -> str:
        """Give the leading category: that of the lines that commit most."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            worth = line.worth(line.base).amount
            sums[line.category] = sums.get(line.category, Decimal(0)) + worth
        return min(sums, key=lambda name: (-sums[name], name))

    @property
    def plans(self) -> tuple[PlannedCharge, ...]:
        """Give the charges that are still expected: none once the order is cancelled."""
        return () if self.state is OrderState.CANCELLED else self.planned

    def told_to_supplier(self) -> "PurchaseOrder":
        """Give it without what third parties bill: that is no matter of its supplier's."""
        own = self.own_charges
        return self if own == self.planned else replace(self, planned=own)

    @property
    def own_charges(self) -> tuple[PlannedCharge, ...]:
        """Give the charges that its supplier itself is expected to bill."""
        return tuple(each for each in self.planned if not each.is_third_party)

    def planned_by(self, biller: str) -> tuple[PlannedCharge, ...]:
        """Give the charges that somebody is expected to bill for this order."""
        return tuple(each for each in self.plans if each.billed_by == biller)

    @property
    def needed_by(self) -> date:
        """The first day on which something of it is needed."""
        return min(line.needed_by for line in self.lines)

    def revision_of(self, number: int) -> Revision | None:
        """Give what a revision changed, or None: the first one changed nothing."""
        return next((each for each in self.revisions if each.number == number), None)

    def line(self, number: str) -> OrderLine | None:
        """Give the line of that number, or None."""
        return next((line for line in self.lines if line.number == number), None)

    @property
    def is_answered(self) -> bool:
        """Say whether every line has the supplier's answer to its last revision."""
        return all(line.is_answered for line in self.lines)


# ---- acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """Make an order to one supplier out of an approved requisition."""

    requisition: str
    thread: str
    supplier: str
    site: str
    currency: Currency
    lines: tuple[OrderLine, ...]
    lane: Lane = Lane.STANDARD
    planned: tuple[PlannedCharge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrderInErp:
    """Note that the ERP has the order, and its number there."""

    order: str
    erp_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordErpRefusal:
    """Note that the ERP refused the order, in its own words."""

    order: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrderSent:
    """Note that a revision of the order left for the supplier, in which interchange."""

    order: str
    revision: int
    interchange: str


class Beyond(StrEnum):
    """What a cancellation leaves standing."""

    CONFIRMED = auto()
    """What the supplier confirmed; lines that it has not answered are left alone."""
    DELIVERED = auto()
    """What was shipped or received, whatever the supplier had confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRemainder:
    """Give up what will not come, on some lines or on all of them (none named)."""

    order: str
    lines: tuple[str, ...] = ()
    reason: str
    beyond: Beyond = Beyond.CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOrder:
    """Close the order if every line is satisfied and invoiced; otherwise leave it as it is."""

    order: str


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """What one line of a new order asks for, in the base unit."""

    line: str
    item: str
    category: str
    ordered: Quantity
    amount: Money
    needed_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced:
    """An order was made; the ERP must be told.

    Attributes:
        lines: what each line asks for; empty in events that were kept before it was told.
        planned: the charges that it expects beside its goods.
    """

    order: str
    thread: str
    supplier: str
    site: str
    total: Money
    requisition: str
    lane: Lane
    lines: tuple[PlacedLine, ...] = ()
    planned: tuple[PlannedCharge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecordedInErp:
    """The ERP has the order; the supplier may be told."""

    order: str
    erp_number: str
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefusedByErp:
    """The ERP refused the order."""

    order: str
    reason: str
    thread: str
    supplier: str
    site: str
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSent:
    """A revision of the order left for the supplier."""

    order: str
    revision: int
    interchange: str
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """How much of one line was given up, in the base unit."""

    line: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged:
    """There is a new revision of an order; the ERP and the supplier must be told.

    Attributes:
        cancelled: what it gives up, line by line.
        lines: the lines that it touches, before and after.
        outcome: whether the commitment was tested, and fell or stayed inside its limits (A-11).
    """

    order: str
    revision: int
    thread: str
    cancelled: tuple[Cancelled, ...]
    reason: str
    lines: tuple[LineRevision, ...] = ()
    change: str = ""
    is_told: bool = True
    outcome: str = ""

    @property
    def touched(self) -> tuple[str, ...]:
        """Give the numbers of the lines that it touches."""
        return tuple(each.line for each in self.lines) or tuple(c.line for c in self.cancelled)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReopened:
    """Goods that went back are to be replaced, so something is expected again.

    ``by`` names the return.
    """

    order: str
    thread: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderClosed:
    """Nothing more is expected of this order."""

    order: str
    thread: str
