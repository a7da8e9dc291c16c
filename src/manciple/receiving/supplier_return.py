"""A return to the supplier: goods of one order that go back, and the credit expected for them.

    requested  -> authorised | refused | withdrawn    the supplier gives a number, or says no
    authorised -> picked | withdrawn                  picked: no longer available in the stock
    picked     -> shipped | withdrawn                 shipped: returned, in the ledger
    shipped    -> settled                             credited in whole, replaced, or written off

    received 25, returned 5 for a refund:        billable 20, nothing more is expected
    received 25, returned 5 to be replaced:      billable 20, 5 are expected again

What goes back counts for billing when it is shipped and leaves availability when it is picked. A
refund leaves the line done and expects a credit by a day; a replacement opens the line again.
Source: domain rule D-16 with the ruling of 4.7 B.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto
from fractions import Fraction
from math import lcm
from typing import ClassVar

from manciple.kernel.money import Money, allocate
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.records import dataclass, replace
from manciple.receiving.receipt import Condition
from manciple.runtime.effects import Lane


class ReturnState(StrEnum):
    """Where a return stands."""

    REQUESTED = auto()
    AUTHORISED = auto()
    REFUSED = auto()
    WITHDRAWN = auto()
    PICKED = auto()
    SHIPPED = auto()
    SETTLED = auto()


_S = ReturnState
FALLEN = frozenset({_S.REFUSED, _S.WITHDRAWN})
"""States of a return by which nothing goes back."""
MOVES: Mapping[ReturnState, frozenset[ReturnState]] = {
    _S.REQUESTED: frozenset({_S.AUTHORISED, _S.REFUSED, _S.WITHDRAWN}),
    _S.AUTHORISED: frozenset({_S.PICKED, _S.WITHDRAWN}),
    _S.PICKED: frozenset({_S.SHIPPED, _S.WITHDRAWN}),
    _S.SHIPPED: frozenset({_S.SETTLED}),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.SETTLED: frozenset(),
}
"""The allowed steps of a return's life."""
PENDING = frozenset({_S.REQUESTED, _S.AUTHORISED, _S.PICKED})
"""States in which goods are promised to go back and have not left."""


class ReturnReason(StrEnum):
    """Why goods go back."""

    DAMAGED = auto()
    WRONG_ITEM = auto()
    QUALITY = auto()
    OVER_DELIVERED = auto()
    RECALL = auto()
    NOT_NEEDED = auto()


class Settlement(StrEnum):
    """What the supplier gives for what goes back."""

    REFUND = auto()
    REPLACEMENT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedLine:
    """So much of one order line is to go back.

    Attributes:
        receipt: the receipt that it came with; None: the newest.
        aside: it was never taken in, but put aside at the dock as too much; no ledger moves.
    """

    line: str
    quantity: Quantity
    condition: Condition = Condition.GOOD
    receipt: str | None = None
    aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """A line of a return that we keep, in the base unit.

    Attributes:
        worth: at the order's price, rounded once; nothing for what was put aside, since nobody
            may bill it.
        credited: how much of it the supplier has credited.
    """

    line: str
    item: str
    quantity: Quantity
    stated: Quantity
    condition: Condition
    receipt: str | None
    aside: bool
    worth: Money
    credited: Quantity

    @property
    def to_credit(self) -> Quantity:
        """Give how much of it is still to be credited."""
        return self.quantity - self.credited


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierReturn:
    """Goods that go back to a supplier.

    Attributes:
        authorisation: the supplier's number for it, which goes on the parcel.
        restocking_percent: what the supplier keeps of the goods' worth.
        fee: the same in money, rounded once; None before it is authorised.
        credit_days: how many calendar days after shipping a credit may take, by policy.
        credit_by: the last day for the credit, included; None before shipping, and for a
            replacement.
        credits: our ids of the credit notes that it was credited by.
    """

    KIND: ClassVar[str] = "return"

    id: str
    thread: str
    order: str
    site: str
    supplier: str
    lane: Lane
    state: ReturnState
    reason: ReturnReason
    settlement: Settlement
    lines: tuple[KeptLine, ...]
    requested_by: str
    requested_at: datetime
    credit_days: int
    most_restocking: Decimal | None
    ruling: str
    note: str = ""
    authorisation: str | None = None
    restocking_percent: Decimal = Decimal(0)
    fee: Money | None = None
    picked: date | None = None
    shipped: date | None = None
    carrier: str | None = None
    credit_by: date | None = None
    credits: tuple[str, ...] = ()
    why: str | None = None

    @property
    def worth(self) -> Money:
        """Give what the goods are worth at the order's prices."""
        first, *rest = (line.worth for line in self.lines)
        return sum(rest, first)

    @property
    def expected_credit(self) -> Money:
        """Give what the supplier is to credit in all: the worth less the restocking fee."""
        return self.worth if self.fee is None else self.worth - self.fee

    @property
    def left_to_credit(self) -> Money:
        """Give the share of the expected credit that has not come, by worth; no cent is lost."""
        lines = [line for line in self.lines if line.worth]
        still = [
            Fraction(line.worth.amount)
            * Fraction(line.to_credit.value)
            / Fraction(line.quantity.value)
            for line in lines
        ]
        left, whole = sum(still, Fraction(0)), Fraction(self.worth.amount)
        if not whole:
            return Money.zero(self.worth.currency)
        scale = lcm(left.denominator, whole.denominator)
        return allocate(self.expected_credit, (int((whole - left) * scale), int(left * scale)))[1]

    @property
    def is_refund(self) -> bool:
        """Say whether money is expected for it."""
        return self.settlement is Settlement.REFUND

    @property
    def is_credited(self) -> bool:
        """Say whether every line that may be credited has been, in whole."""
        return not any(line.to_credit for line in self.lines if not line.aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """What one receipt put aside on one order line, and has not gone back."""

    receipt: str
    line: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Returnable:
    """What of an order was put aside at the dock, and which returns it has.

    ``id`` is the order's.
    """

    KIND: ClassVar[str] = "returnable"

    id: str
    aside: tuple[Aside, ...] = ()
    returns: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Give the one word that lists show."""
        return "known"

    def with_aside(self, found: Iterable[Aside]) -> "Returnable":
        """Note what a receipt put aside."""
        return replace(self, aside=(*self.aside, *found))

    def without_aside(self, receipt: str, line: str, quantity: Quantity) -> "Returnable":
        """Note that so much of what a receipt put aside on a line stands in another one now."""
        left, rows = quantity, []
        for each in self.aside:
            if (each.receipt, each.line) == (receipt, line):
                gone = min(each.quantity, left)
                left -= gone
                rows.append(replace(each, quantity=each.quantity - gone))
            else:
                rows.append(each)
        return replace(self, aside=tuple(each for each in rows if each.quantity))

    def with_return(self, name: str) -> "Returnable":
        """Note a return."""
        return replace(self, returns=(*self.returns, name))


def aside_going_back(line: str, returns: Iterable[SupplierReturn | None]) -> Quantity | None:
    """Say how much of what is aside of a line goes back or went; None where nothing does."""
    gone = [
        row.quantity
        for each in returns
        if each is not None and each.state not in FALLEN
        for row in each.lines
        if row.aside and row.line == line
    ]
    return total(gone, gone[0].unit) if gone else None


# ---- acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReturn:
    """Ask that goods of an order go back to their supplier."""

    order: str
    lines: tuple[ReturnedLine, ...]
    reason: ReturnReason
    settlement: Settlement = Settlement.REFUND
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseReturn:
    """Note that the supplier takes the goods back, under its number and on its terms."""

    rtv: str
    authorisation: str
    restocking_percent: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseReturn:
    """Note that the supplier does not take the goods back."""

    rtv: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawReturn:
    """Keep the goods after all; what was picked goes back on the shelf."""

    rtv: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PickReturn:
    """Note that the goods were taken from the shelf: from now on nobody else can have them."""

    rtv: str
    picked: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipReturn:
    """Note that the goods left; from now on they count as returned."""

    rtv: str
    shipped: date
    carrier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """How much of one line of a return is credited in all, in the base unit."""

    line: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReturnCredit:
    """Restate what of a return the supplier has credited, and by which credit notes."""

    rtv: str
    lines: tuple[CreditedLine, ...]
    credits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffReturn:
    """Expect no more credit for what went back."""

    rtv: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCreditOverdue:
    """The last day for the credit has passed: tell, unless it came."""

    rtv: str


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequested:
    """Goods are to go back."""

    rtv: str
    order: str
    thread: str
    supplier: str
    reason: ReturnReason
    settlement: Settlement
    lines: tuple[KeptLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAuthorised:
    """The supplier takes them back."""

    rtv: str
    order: str
    thread: str
    authorisation: str
    fee: Money
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRefused:
    """The supplier does not take them back."""

    rtv: str
    order: str
    thread: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWithdrawn:
    """The goods stay."""

    rtv: str
    order: str
    thread: str
    was_picked: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPicked:
    """The goods are off the shelf."""

    rtv: str
    order: str
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnShipped:
    """The goods left: they no longer count as kept."""

    rtv: str
    order: str
    thread: str
    lines: tuple[KeptLine, ...]
    expected_credit: Money | None
    credit_by: date | None
    carrier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCredited:
    """The supplier credited some or all of what went back."""

    rtv: str
    order: str
    thread: str
    lines: tuple[CreditedLine, ...]
    credits: tuple[str, ...]
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCreditWaived:
    """No more credit is expected."""

    rtv: str
    order: str
    thread: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnCreditOverdue:
    """What went back is not credited though the day has passed."""

    rtv: str
    order: str
    thread: str
    supplier: str
    site: str
    lane: Lane
    due: date
    open: Money
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnsListed:
    """An order's list of returns and of goods put aside grew."""

    order: str
    thread: str
