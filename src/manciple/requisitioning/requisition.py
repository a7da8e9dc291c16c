"""A requisition: what a site needs, by when, priced from agreements.

submitted --approved--> approved --first order--> ordered
|-------released---> released --first order--> ordered      an emergency: approved afterwards
|-------rejected---> rejected
'-------withdrawn--> withdrawn
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from manciple.approvals.request import CategoryAmount
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.requisitioning.planned import PlannedCharge, RequestedCharge
from manciple.runtime.effects import Lane

EMERGENCY_FLOW = "emergency"
"""The flow in which is ordered first and approved afterwards, inside caps."""


class Downtime(StrEnum):
    """What the lack of a part does to an asset; how critical it is hangs on it."""

    STOPPED = "stopped"
    REDUCED = "reduced"
    PLANNED = "planned"


class RequisitionState(StrEnum):
    """Where a requisition stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RELEASED = "released"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionLine:
    """One item needed.

    Attributes:
        stated: as the requester said it: ``100 EA``.
        base: the same in the item's base unit.
        committed: what will be ordered for it: the need rounded up to the agreement's packs and
            minimum, in the base unit; this is what ``extended`` pays for.
        price: as agreed with the supplier, per its own unit.
        extended: what the line commits, rounded once.
        cost_centre, account: who pays and where it is booked; empty for stock.
        is_free_text: the requester stated the price; no agreement speaks of it.
    """

    number: int
    item: str
    description: str
    category: str
    stated: Quantity
    base: Quantity
    committed: Quantity
    supplier: str
    supplier_item: str | None
    price: Price
    extended: Money
    needed_by: date
    cost_centre: str = ""
    account: str = ""
    is_free_text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requisition:
    """A need of a site.

    Attributes:
        reference: the requester's own number for it.
        charges: what is expected beside, such as tax that cannot be recovered; part of ``total``.
        planned: the charges that its orders will plan, by supplier; part of ``total``.
        total: all that is committed (domain rule A-01), in one currency.
        lane: how critical it is; the policy ``criticality`` decides.
        orders: the purchase orders made of it.
        approval: the number of the approval that decides on it.
        reason: why it was rejected.
        cause, customer_order: what an emergency is for; empty in other flows.
        asset: what an emergency or a maintenance need is for.
        downtime: what the lack of it does to the asset; None where it is for none.
    """

    KIND: ClassVar[str] = "requisition"

    id: str
    site: str
    flow: str
    requester: str
    lines: tuple[RequisitionLine, ...]
    total: Money
    lane: Lane
    submitted_at: datetime
    reference: str | None = None
    note: str | None = None
    charges: Money | None = None
    state: RequisitionState = RequisitionState.SUBMITTED
    orders: tuple[str, ...] = ()
    approval: str | None = None
    reason: str = ""
    ruling: str = ""
    cause: str = ""
    asset: str = ""
    customer_order: str = ""
    downtime: Downtime | None = None
    planned: tuple[PlannedCharge, ...] = ()

    @property
    def thread(self) -> str:
        """Give the thread that everything that comes of this need lies on."""
        return f"{self.KIND}/{self.id}"

    @property
    def shares(self) -> tuple[CategoryAmount, ...]:
        """Give the committed amount of each category, the largest first; charges are in none."""
        zero = Money.zero(self.total.currency)
        sums: dict[str, Money] = {}
        for line in self.lines:
            sums[line.category] = sums.get(line.category, zero) + line.extended
        ordered = sorted(sums.items(), key=lambda each: (-each[1].amount, each[0]))
        return tuple(CategoryAmount(category=name, amount=each) for name, each in ordered)

    @property
    def category(self) -> str:
        """Give the leading category: the one that commits most."""
        return self.shares[0].category


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedLine:
    """One item that somebody asks for; without a supplier the agreements decide.

    Attributes:
        cost_centre, account: who pays and where it is booked; for the indirect flow.
        description: in the requester's own words; with ``price`` a line in free text.
        price: stated by the requester, where no agreement speaks.
    """

    item: str
    quantity: Quantity
    needed_by: date
    supplier: str | None = None
    cost_centre: str | None = None
    account: str | None = None
    description: str | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequisition:
    """State a need of a site.

    Attributes:
        requester: in whose name this program states it; nobody else can name one.
        cause: what happened; for the flow ``emergency``, with the asset or the customer order.
        downtime: for maintenance, with the asset that it is about.
        planned: freight, duty and fees that the orders shall expect (D-09).
    """

    site: str
    flow: str
    lines: tuple[RequestedLine, ...]
    reference: str | None = None
    note: str | None = None
    customer_waiting: bool = False
    charges: Money | None = None
    requester: str | None = None
    cause: str | None = None
    asset: str | None = None
    customer_order: str | None = None
    downtime: Downtime | None = None
    planned: tuple[RequestedCharge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequisition:
    """Take one's own requisition back before it is approved."""

    requisition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRequisition:
    """Let a requisition go on: its approval was granted."""

    requisition: str
    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRequisition:
    """End a requisition: its approval was rejected."""

    requisition: str
    approval: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOrdered:
    """Note the orders that were made of a requisition."""

    requisition: str
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionSubmitted:
    """A need was stated and priced.

    Attributes:
        lines: how many lines it has; 0 in events that were kept before it was told.
    """

    requisition: str
    thread: str
    site: str
    flow: str
    requester: str
    amount: Money
    category: str
    lane: Lane
    shares: tuple[CategoryAmount, ...]
    ruling: str
    lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionApproved:
    """A requisition may be ordered."""

    requisition: str
    thread: str
    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionReleased:
    """An emergency may be ordered before it is approved."""

    requisition: str
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionRejected:
    """A requisition will not be ordered."""

    requisition: str
    thread: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionWithdrawn:
    """A requester took a requisition back."""

    requisition: str
    thread: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequisitionOrdered:
    """Orders were made of a requisition."""

    requisition: str
    thread: str
    orders: tuple[str, ...]


def withdraw(requisition: Requisition, *, by: Actor) -> Requisition:
    """Take a requisition back. Source: domain rule A-13.

    Raises:
        Refused: it is somebody else's, or was decided before.
    """
    if by.id != requisition.requester:
        raise refuse(
            "NOT_YOUR_REQUISITION",
            f"{requisition.id} is {requisition.requester}'s",
            field="requisition",
            rule="A-13",
            fix=f"ask {requisition.requester} to withdraw it",
        )
    if requisition.state is not RequisitionState.SUBMITTED:
        raise _wrong_state(requisition, "withdrawn", "change or cancel the order instead")
    return replace(requisition, state=RequisitionState.WITHDRAWN)


def approve(requisition: Requisition, *, approval: str) -> Requisition:
    """Let a requisition go on.

    Raises:
        Refused: it was decided before.
    """
    if requisition.state is not RequisitionState.SUBMITTED:
        raise _wrong_state(requisition, "approved", "state the need anew")
    return replace(requisition, state=RequisitionState.APPROVED, approval=approval)


def release(requisition: Requisition) -> Requisition:
    """Let an emergency be ordered before it is approved. Source: domain rule A-17.

    Raises:
        Refused: it was decided before, or is no emergency.
    """
    if requisition.flow != EMERGENCY_FLOW or requisition.state is not RequisitionState.SUBMITTED:
        raise _wrong_state(requisition, "released", "state the need anew")
    return replace(requisition, state=RequisitionState.RELEASED)


def reject(requisition: Requisition, *, approval: str, reason: str) -> Requisition:
    """End a requisition.

    Raises:
        Refused: it was decided before.
    """
    if requisition.state is not RequisitionState.SUBMITTED:
        raise _wrong_state(requisition, "rejected", "cancel the order instead")
    return replace(requisition, state=RequisitionState.REJECTED, approval=approval, reason=reason)


def ordered(requisition: Requisition, *, orders: tuple[str, ...]) -> Requisition:
    """Note orders; several may come, one after the other, and none is noted twice.

    Raises:
        Refused: it was never approved.
    """
    known = (RequisitionState.APPROVED, RequisitionState.RELEASED, RequisitionState.ORDERED)
    if requisition.state not in known:
        raise _wrong_state(requisition, "ordered", "have it approved first")
    noted = tuple(dict.fromkeys((*requisition.orders, *orders)))
    return replace(requisition, state=RequisitionState.ORDERED, orders=noted)


def _wrong_state(requisition: Requisition, wanted: str, fix: str) -> Refused:
    return refuse(
        "ALREADY_DECIDED",
        f"{requisition.id} is {requisition.state.value} and cannot be {wanted}",
        field="requisition",
        rule="A-13",
        fix=fix,
    )


def total_of(
    lines: tuple[RequisitionLine, ...],
    charges: Money | None,
    planned: tuple[PlannedCharge, ...] = (),
) -> Money:
    """Add up what lines and charges commit. Source: domain rule A-01."""
    currency = lines[0].extended.currency
    amount = sum((line.extended.amount for line in lines), start=Decimal(0))
    amount += sum((each.amount.amount for each in planned), start=Decimal(0))
    return Money(amount + (charges.amount if charges else 0), currency)
