"""Expediting: paying so that the goods of a line come sooner, with the cost and the cause.

    answer overdue, or line late   -> allowed
    neither                        -> a warning; only with a reason to override it
    the answer comes after all     -> what was expedited for want of it is closed

An unanswered order looks late when it is not; so whoever expedites sees when the supplier was last
in touch. Source: SC-4.
"""

from datetime import date, datetime
from enum import StrEnum, auto
from typing import ClassVar

from manciple.kernel.errors import refuse
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace
from manciple.ordering.purchase_order import BEFORE_SENDING, ENDED, OrderLine, PurchaseOrder
from manciple.requisitioning.planned import MOST_AMOUNT, is_amount
from manciple.runtime.effects import Lane
from manciple.supplying.chasing import Chase


class ExpediteCause(StrEnum):
    """Why it had to be hurried."""

    LATE_REQUISITION = auto()
    LATE_APPROVAL = auto()
    LATE_ACKNOWLEDGMENT = auto()
    SUPPLIER_LATE = auto()
    FORECAST = auto()
    UNKNOWN = auto()


class ExpediteBasis(StrEnum):
    """What allowed it."""

    ANSWER_OVERDUE = auto()
    LINE_LATE = auto()
    OVERRIDE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurry:
    """One time that a line was expedited; ``closed`` says why it no longer is."""

    line: str
    cost: Money
    cause: ExpediteCause
    basis: ExpediteBasis
    at: datetime
    by: str
    override: str = ""
    closed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expediting:
    """All that was paid to hurry the lines of one order."""

    KIND: ClassVar[str] = "expediting"

    id: str
    supplier: str
    site: str
    hurries: tuple[Hurry, ...] = ()

    @property
    def state(self) -> str:
        """The one word that lists show."""
        return "open" if any(not each.closed for each in self.hurries) else "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpediteLine:
    """Pay so that a line comes sooner.

    Attributes:
        override: the reason for expediting a line that is neither unanswered nor late.
    """

    order: str
    line: str
    cost: Money
    cause: ExpediteCause
    override: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseExpedites:
    """The supplier answered: what was expedited for want of an answer is closed."""

    order: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineExpedited:
    """A line was expedited, at a cost, for a cause."""

    order: str
    thread: str
    line: str
    supplier: str
    site: str
    lane: Lane
    cost: Money
    cause: ExpediteCause
    basis: ExpediteBasis
    override: str
    last_contact: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpediteClosed:
    """A line need not be hurried any more."""

    order: str
    line: str
    note: str


def basis_of(
    order: PurchaseOrder, line: OrderLine, chase: Chase | None, *, is_open: bool, today: date
) -> ExpediteBasis | None:
    """Say what allows a line to be expedited; None when only an override does.

    The day on which a line is expected is not late; the next one is.
    """
    overdue = chase is not None and chase.overdue == order.revision
    if overdue and not line.is_answered:
        return ExpediteBasis.ANSWER_OVERDUE
    if is_open and line.expected_on < today:
        return ExpediteBasis.LINE_LATE
    return None


def check(order: PurchaseOrder, act: ExpediteLine) -> OrderLine:
    """Give the line that is to be hurried.

    Raises:
        Refused: UNKNOWN_LINE, WRONG_STATE, BAD_COST.
    """
    line = order.line(act.line)
    if line is None:
        there = ", ".join(each.number for each in order.lines)
        raise refuse(
            "UNKNOWN_LINE",
            f"{order.id} has no line {act.line}: {there}",
            field="line",
            fix="Name a line of the order.",
        )
    if order.state in ENDED | BEFORE_SENDING:
        raise refuse(
            "WRONG_STATE", f"{order.id} is {order.state.value}; nothing of it can be hurried"
        )
    cost = act.cost
    if cost.currency is not order.currency or (cost and not is_amount(cost)):
        raise refuse(
            "BAD_COST",
            f"{cost.amount:f} {cost.currency.value} can't be the cost: zero or more in "
            f"{order.currency.value}, in whole minor units, {MOST_AMOUNT:f} at most",
            field="cost",
            fix=f"State what it costs, in {order.currency.value}.",
        )
    return line


def hurried(
    known: Expediting, act: ExpediteLine, basis: ExpediteBasis | None, *, by: str, at: datetime,
    chase: Chase | None,
) -> tuple[Expediting, Hurry]:  # fmt: skip
    """Note that a line is hurried.

    Raises:
        Refused: EXPEDITE_UNFOUNDED, the line is neither unanswered past its time nor late, and no
            reason to override that is given.
    """
    override = act.override.strip()
    if basis is None and not override:
        contact = chase.contact_at if chase else None
        last = f"last in touch {contact:%Y-%m-%d %H:%M} UTC" if contact else "not in touch so far"
        raise refuse(
            "EXPEDITE_UNFOUNDED",
            f"line {act.line} of {act.order} is neither late nor past the time for its answer; "
            f"the supplier was {last}",
            field="override",
            rule="SC-4",
            fix="Wait for the answer, or give the reason for hurrying it all the same.",
        )
    hurry = Hurry(
        line=act.line,
        cost=act.cost,
        cause=act.cause,
        basis=basis or ExpediteBasis.OVERRIDE,
        at=at,
        by=by,
        override=override,
    )
    return replace(known, hurries=(*known.hurries, hurry)), hurry


def answered(
    known: Expediting, order: PurchaseOrder, note: str
) -> tuple[Expediting, tuple[str, ...]]:
    """Close what was hurried for want of an answer that has come; give the lines."""
    lines = {line.number for line in order.lines if line.is_answered}
    closed = [
        each.line
        for each in known.hurries
        if not each.closed and each.basis is ExpediteBasis.ANSWER_OVERDUE and each.line in lines
    ]
    hurries = tuple(
        replace(each, closed=note)
        if not each.closed and each.basis is ExpediteBasis.ANSWER_OVERDUE and each.line in lines
        else each
        for each in known.hurries
    )
    return replace(known, hurries=hurries), tuple(dict.fromkeys(closed))
