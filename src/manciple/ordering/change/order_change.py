"""An order change: what somebody wants changed on an order, and what became of it.

    proposed -> applied      people agreed: the next revision holds
             -> rejected     people said no
             -> withdrawn    whoever asked took it back in time
             -> void         the order changed otherwise meanwhile, or it can't be done any more
    applied  at once         it stays inside the limits of policy, or commits less (A-11)

Source: domain rules P-02, A-11 and A-13.
"""

from datetime import date, datetime
from enum import StrEnum, auto
from typing import ClassVar

from manciple.approvals.reapproval import Reapproval
from manciple.approvals.request import CategoryAmount
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.ordering.revision import LineRevision
from manciple.runtime.effects import Lane

DOCUMENT_TYPE = "order-change"


# ---- acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What is wanted of one line; what is None stays as it is.

    Attributes:
        quantity: how much in all, not the difference; in whole packs, or in pieces that make some.
        cancel: nothing more than was shipped or received is wanted.
    """

    line: str
    quantity: Quantity | None = None
    price: Price | None = None
    needed_by: date | None = None
    cancel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedLine:
    """Something more from the same supplier, at the agreement's price of the day."""

    item: str
    quantity: Quantity
    needed_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOrder:
    """Change an order that was placed: quantities, prices, days; add lines or cancel them.

    Attributes:
        cancel: all that was not shipped or received is given up.
        added_cost: what the supplier charges for the change itself; part of the commitment.
            A change may be of it alone: then no line is touched, and none is answered anew.
        added_cost_code: as what it will bill it: the order plans that charge (D-09).
        added_cost_by: the third party that bills it, a carrier or a customs broker; None: the
            supplier does. Of nothing else than that the supplier is told nothing.
    """

    order: str
    reason: str
    lines: tuple[LineChange, ...] = ()
    add: tuple[AddedLine, ...] = ()
    cancel: bool = False
    added_cost: Money | None = None
    added_cost_code: str = "fee"
    added_cost_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptProposal:
    """Change an order to what its supplier proposed, because somebody accepted that.

    Attributes:
        by: who accepted; never asked to approve it (A-05).
        proposed_at: when the supplier said so; the revision has held since, unless policy
            (``change_notice``) has it sent back to be confirmed.
        cause: what the supplier proposed, as the exception's code.
    """

    change: ChangeOrder
    by: str
    proposed_at: datetime
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyOrderChange:
    """Let a proposed change hold: its approval was granted."""

    change: str
    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectOrderChange:
    """End a proposed change: its approval was rejected."""

    change: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawOrderChange:
    """Take one's own proposed change back before it is decided."""

    change: str


# ---- the document -----------------------------------------------------------------------------


class ChangeState(StrEnum):
    """What became of a change."""

    PROPOSED = auto()
    APPLIED = auto()
    REJECTED = auto()
    WITHDRAWN = auto()
    VOID = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """A change of an order, as somebody wanted it, with what it would make and who must agree.

    Attributes:
        base_revision: the revision that it changes; outdated when another one is made first.
        lines: the lines that it touches, before and after.
        committed_before, committed_after: all that the order commits, charges included.
        shares: the amount after it in each category, for the approval.
        reapproval: every test of A-11 with its arithmetic.
        proposed_at: when the supplier itself proposed this; None when it did not.
        revision: the revision that it made; None while it has made none.
    """

    KIND: ClassVar[str] = "order-change"

    id: str
    thread: str
    order: str
    supplier: str
    site: str
    lane: Lane
    base_revision: int
    wanted: ChangeOrder
    lines: tuple[LineRevision, ...]
    committed_before: Money
    committed_after: Money
    shares: tuple[CategoryAmount, ...]
    reapproval: Reapproval
    requester: str
    asked_at: datetime
    state: ChangeState
    proposed_at: datetime | None = None
    is_told: bool = True
    revision: int | None = None
    approval: str | None = None
    why: str = ""

    @property
    def title(self) -> str:
        """Give one line for an approver's list."""
        count = len(self.lines)
        return (
            f"change of {self.order} for {self.site}: {count} line{'s' * (count != 1)},"
            f" {self.committed_before} to {self.committed_after}"
        )


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangeProposed:
    """A change commits so much more that people must agree to it first."""

    change: str
    order: str
    thread: str
    base_revision: int
    committed_before: Money
    committed_after: Money
    causes: tuple[str, ...]
    requester: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangeApplied:
    """A change holds: the order has a new revision."""

    change: str
    order: str
    thread: str
    revision: int
    approval: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangeEnded:
    """A proposed change will not be made: rejected, withdrawn, or void."""

    change: str
    order: str
    thread: str
    state: ChangeState
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingChangeNoted:
    """An order has a change that waits for people; None: no longer."""

    order: str
    thread: str
    change: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitmentLowered:
    """A change commits less than before; who approved the order is told."""

    order: str
    thread: str
    revision: int
    before: Money
    after: Money


# ---- rules ------------------------------------------------------------------------------------


def ended(change: OrderChange, state: ChangeState, why: str) -> OrderChange:
    """End a change that is still proposed.

    Raises:
        Refused: ALREADY_DECIDED.
    """
    if change.state is not ChangeState.PROPOSED:
        raise refuse(
            "ALREADY_DECIDED",
            f"{change.id} is {change.state.value}",
            field="change",
            rule="A-13",
            fix="change the order once more instead",
        )
    return replace(change, state=state, why=why)


def withdrawn(change: OrderChange, *, by: Actor) -> OrderChange:
    """Take a proposed change back. Source: domain rule A-13.

    Raises:
        Refused: NOT_YOUR_CHANGE; ALREADY_DECIDED: it holds already, or was ended.
    """
    if by.id != change.requester:
        raise refuse(
            "NOT_YOUR_CHANGE",
            f"{change.id} is {change.requester}'s",
            field="change",
            rule="A-13",
            fix=f"ask {change.requester} to withdraw it",
        )
    return ended(change, ChangeState.WITHDRAWN, f"withdrawn by {by.id}")
