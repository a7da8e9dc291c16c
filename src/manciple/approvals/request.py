"""An approval: a subject, an amount, and the steps by which people say yes or no.

    pending --every step approved--> granted
       |----a step rejected--------> rejected
       '----withdrawn, outdated----> void

An approval without a possible approver stays pending with a ``gap``; it is never granted for want
of somebody to ask. Source: domain rules A-02, A-16; ruling A-10.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from manciple.kernel.identity import number
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass
from manciple.policy.ruling import RulingRecord
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane


class ApprovalState(StrEnum):
    """Where an approval stands."""

    PENDING = "pending"
    GRANTED = "granted"
    REJECTED = "rejected"
    VOID = "void"


class StepState(StrEnum):
    """Where one step stands; one at most is pending at a time."""

    WAITING = "waiting"
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    VOID = "void"


class StepKind(StrEnum):
    """Whether a step's yes is final, or agreement on the way. Source: domain rule A-02."""

    CONCUR = "concur"
    FINAL = "final"


class RejectionReason(StrEnum):
    """Why an approver says no; every rejection has one of these codes."""

    NOT_NEEDED = "not_needed"
    OVER_BUDGET = "over_budget"
    WRONG_ITEM = "wrong_item"
    WRONG_QUANTITY = "wrong_quantity"
    WRONG_PRICE = "wrong_price"
    WRONG_SUPPLIER = "wrong_supplier"
    DUPLICATE = "duplicate"
    INCOMPLETE = "incomplete"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryAmount:
    """What a document commits in one category."""

    category: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """One line of a document: what it commits, to whom and for what.

    Attributes:
        item: the item number, or for free text the words, so that the same is known again.
    """

    supplier: str
    item: str
    category: str
    amount: Money
    cost_centre: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a rule besides the routing table found, and what it made of the chain.

    Attributes:
        rule: ``A-03``, ``A-04`` or ``A-06``.
        amount: the sum that was tested; the document's own amount where no sum was.
        subjects: the other documents, or the people, that it is about.
        score: 0 to 100, how much a set looks like one need cut up; for order and words only.
    """

    rule: str
    amount: Money
    text: str
    subjects: tuple[str, ...] = ()
    score: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """One member's yes or no in a step that several are asked in at once."""

    by: str
    on_behalf_of: str | None = None
    yes: bool
    reason: RejectionReason | None = None
    note: str = ""
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an approver asked the requester before deciding, and the answer.

    Attributes:
        by: who asked; ``seat`` is in whose place, which is another's for a delegate.
        answered_at: None while nobody has answered.
    """

    step: int
    by: str
    seat: str
    text: str
    at: datetime
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One person's part in an approval, or the part of several who are asked at once.

    Attributes:
        number: 1 is first; steps are taken in this order.
        approver: who must act now (or will be asked, while the step waits).
        earlier: who was asked before and may still act until somebody does (rule A-09).
        why: the policy row or rule by which this person stands here.
        assigned_at, due_at: when it was asked, and by when in the approver's open hours.
        on_behalf_of: the delegator whose power was used: "acted_by for on_behalf_of".
        reason: the code of a rejection.
        panel: who is asked at once; empty when one person is (rule A-12).
        needed: how many of the panel must say yes: all, one, or a quorum.
        collects: a no does not end the step while enough can still say yes.
        votes: what members of the panel have said; one person is one vote.
    """

    number: int
    role: str
    approver: str
    kind: StepKind
    state: StepState = StepState.WAITING
    why: str = ""
    earlier: tuple[str, ...] = ()
    assigned_at: datetime | None = None
    due_at: datetime | None = None
    acted_by: str | None = None
    on_behalf_of: str | None = None
    reason: RejectionReason | None = None
    note: str = ""
    at: datetime | None = None
    panel: tuple[str, ...] = ()
    needed: int = 1
    collects: bool = False
    votes: tuple[Vote, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """Everybody who may act on the step in their own name."""
        return tuple(dict.fromkeys((self.approver, *self.earlier, *self.panel)))

    @property
    def seats_left(self) -> tuple[str, ...]:
        """Who of those asked has not voted, in person or by a delegate."""
        voted = {vote.on_behalf_of or vote.by for vote in self.votes}
        return tuple(name for name in self.asked if name not in voted)

    @property
    def agreed(self) -> int:
        """How many have said yes."""
        return sum(vote.yes for vote in self.votes)

    @property
    def is_reachable(self) -> bool:
        """Say whether enough can still say yes."""
        return self.agreed + len(self.seats_left) >= self.needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who must say yes to one revision of one document, and who did.

    Attributes:
        amount: all that is committed: with charges, freight and tax that cannot be recovered
            (rule A-01).
        category: the leading category; ``shares`` holds the amounts of each when several.
        ruling: the policy rows that demanded the steps, as ``table version/row``.
        rulings: the same rulings with their facts, and why the other rows were silent.
        sla_hours: open hours that each step has.
        gap: why nobody can be asked; empty when somebody can.
        suppliers: from whom is bought; who has an interest in one of them is not asked (A-06).
        weighed: the sum with what was asked for lately that decides on band and limits in place
            of ``amount``; None when the amount does.
        findings: what windows and declared interests made of the chain.
        nudged_at, nudge: when whoever asked reminded those before whom it lies, and their words.
    """

    KIND: ClassVar[str] = "approval"

    id: str
    thread: str
    subject: Ref
    title: str
    document_type: str
    flow: str
    amount: Money
    category: str
    site: str
    requester: str
    revision: int
    lane: Lane
    ruling: str
    sla_hours: Decimal
    requested_at: datetime
    steps: tuple[Step, ...] = ()
    shares: tuple[CategoryAmount, ...] = ()
    rulings: tuple[RulingRecord, ...] = ()
    final_role: str = ""
    state: ApprovalState = ApprovalState.PENDING
    gap: str = ""
    reason: str = ""
    decided_at: datetime | None = None
    suppliers: tuple[str, ...] = ()
    weighed: Money | None = None
    findings: tuple[Finding, ...] = ()
    nudged_at: datetime | None = None
    nudge: str = ""
    questions: tuple[Question, ...] = ()

    @property
    def decisive(self) -> Money:
        """Give the amount that limits and caps must cover."""
        return self.amount if self.weighed is None else self.weighed

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """Give what the requester was asked and has not answered."""
        return tuple(each for each in self.questions if each.answered_at is None)

    @property
    def is_pending(self) -> bool:
        """Say whether it is still open."""
        return self.state is ApprovalState.PENDING

    @property
    def current(self) -> Step | None:
        """Give the first step that nobody has decided, or None."""
        undecided = (StepState.WAITING, StepState.PENDING)
        return next((step for step in self.steps if step.state in undecided), None)


def approval_number(subject: Ref, revision: int) -> str:
    """Give the number of the approval of a document's revision; one revision has one approval."""
    return number("APR", str(subject), str(revision))


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestApproval:
    """Ask for the approval of a document's revision.

    Attributes:
        spends: its lines, for the windows over what was asked for lately; none looks at none.
        reference: the requester's own number for the document.
    """

    subject: Ref
    thread: str
    title: str
    document_type: str
    flow: str
    amount: Money
    category: str
    site: str
    requester: str
    revision: int = 1
    lane: Lane = Lane.STANDARD
    shares: tuple[CategoryAmount, ...] = ()
    spends: tuple[Spend, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    """Say yes to a step; without a number, to the step that is open now.

    Attributes:
        with_others: it is one of several approved at once, so policy must call it low risk.
    """

    approval: str
    step: int | None = None
    note: str = ""
    with_others: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """Say no, with a reason code; this ends the approval."""

    approval: str
    reason: str
    step: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidApproval:
    """End an approval without a decision: withdrawn, or its revision is outdated."""

    approval: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RerouteApproval:
    """Find the approvers of a pending approval anew, with today's people and policy."""

    approval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RerouteTasksOf:
    """Find somebody else for everything that waits for a person who left or changed."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """A step was put before a person, or no longer is: by these rows open tasks are found."""

    approval: str
    step: int
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequested:
    """An approval was asked for, with this chain."""

    approval: str
    subject: Ref
    thread: str
    amount: Money
    steps: tuple[Step, ...]
    ruling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendAggregated:
    """What was asked for lately counts too: one chain decides for the sum."""

    approval: str
    subject: Ref
    thread: str
    amount: Money
    weighed: Money
    findings: tuple[Finding, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictAvoided:
    """Somebody was left out of a chain, or somebody was put into it, for a declared interest."""

    approval: str
    subject: Ref
    thread: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAssigned:
    """A step was put before its approver, due at an instant in their open hours."""

    approval: str
    subject: Ref
    thread: str
    step: int
    approver: str
    role: str
    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteRecorded:
    """One of several who are asked at once said yes or no, and the step still waits."""

    approval: str
    subject: Ref
    thread: str
    step: int
    by: str
    on_behalf_of: str | None
    yes: bool
    agreed: int
    needed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolAsked:
    """Nobody of the chain could be asked, so members of the fallback pool are."""

    approval: str
    subject: Ref
    thread: str
    members: tuple[str, ...]
    needed: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepApproved:
    """Somebody said yes to a step; ``by`` for ``on_behalf_of`` when a delegate."""

    approval: str
    subject: Ref
    thread: str
    step: int
    role: str
    kind: StepKind
    by: str
    on_behalf_of: str | None
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverReminded:
    """An approver was reminded when a part of the time allowed had passed."""

    approval: str
    subject: Ref
    thread: str
    step: int
    approver: str
    percent: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEscalated:
    """Nobody acted in time: the next person with a sufficient limit is asked too.

    Attributes:
        due_at: by when the next person must act; None in events kept before it was told.
    """

    approval: str
    subject: Ref
    thread: str
    step: int
    before: str
    now: str
    why: str
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRerouted:
    """A step or a whole chain was given to others: somebody left, or it was asked for."""

    approval: str
    subject: Ref
    thread: str
    step: int
    before: str
    now: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverGapFound:
    """Nobody with a sufficient limit can be asked; the approval is held, never granted."""

    approval: str
    subject: Ref
    thread: str
    title: str
    document_type: str
    amount: Money
    category: str
    site: str
    lane: Lane
    requester: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalGranted:
    """Everybody who had to has said yes, or an explicit policy row asks nobody."""

    approval: str
    subject: Ref
    thread: str
    amount: Money
    revision: int
    ruling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRejected:
    """An approver said no."""

    approval: str
    subject: Ref
    thread: str
    reason: RejectionReason
    by: str
    on_behalf_of: str | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalVoided:
    """An approval ended without a decision."""

    approval: str
    subject: Ref
    thread: str
    reason: str
