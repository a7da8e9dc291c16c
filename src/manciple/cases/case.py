"""A case is work: something went wrong, one owner has until a due time to settle it.

    open      -> open        told again, reassigned, escalated
              -> resolved    by one of the resolutions that policy allows
    resolved  -> open        the same thing went wrong again; its age goes on

Policy names the owner's role, the time and the allowed resolutions. Where no row speaks the
process owner has the case: there is never a case without exactly one owner.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from typing import ClassVar, Final

from manciple.cases.aging import Turn, Wait, turn_of
from manciple.cases.cost import Touch
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.cases.root_cause import RootCause
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass
from manciple.policy.ruling import RulingRecord
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane


class CaseState(StrEnum):
    """Whether somebody must still act."""

    OPEN = auto()
    RESOLVED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """How a case was settled, by whom, and why.

    Attributes:
        terms: what the resolution was told besides, such as which supplier.
    """

    kind: str
    note: str
    by: str
    at: datetime
    terms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One thing that happened to a case."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Whose a case is, until when, and what may be done about it.

    Attributes:
        time: how long the owner has, in open hours.
        resolutions: what the owner may decide.
        playbook: how to go about it.
    """

    owner_role: Role
    time: timedelta
    resolutions: tuple[str, ...]
    playbook: str
    ruling: RulingRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something gone wrong, with the one who must settle it.

    Attributes:
        subject: the document that it is about.
        thread: the requisition that it came from; empty when nobody knows.
        site, supplier: where it belongs; empty if nowhere.
        owner_role: any holder of it may act; the owner's queue.
        owner: the person who took it or was given it; None: whoever holds the role.
        routed_role: the role that policy named; differs from owner_role once escalated.
        opened_at: when it first went wrong; reopening does not change it.
        playbook: policy's one line on how to go about it.
        playbook_version: the version of the code's playbook that it is worked by.
        correlation: joins it to everything that came of the same cause.
        reopened: how often it was opened again after it was settled.
        cause: the exception that led to it; None when no rule names one.
        root: the first of the chain of causes; empty when it is its own.
        root_cause: what lay at the bottom, once somebody has said it.
        waits: the times in which the supplier had the move.
        touches: the work that people told they put into it.
        earlier: how it was settled before it was opened again.
    """

    KIND: ClassVar[str] = "case"

    id: str
    code: Code
    thread: str
    subject: Ref
    title: str
    discrepancy: Discrepancy
    site: str
    supplier: str
    lane: Lane
    owner_role: Role
    routed_role: Role
    owner: str | None
    state: CaseState
    opened_at: datetime
    due_at: datetime
    resolutions: tuple[str, ...]
    playbook: str
    playbook_version: str = ""
    resolution: Resolution | None = None
    ruling: RulingRecord | None
    correlation: str
    escalated_at: datetime | None = None
    reopened: int = 0
    log: tuple[LogEntry, ...] = ()
    cause: str | None = None
    root: str = ""
    root_cause: RootCause | None = None
    waits: tuple[Wait, ...] = ()
    touches: tuple[Touch, ...] = ()
    earlier: tuple[Resolution, ...] = ()

    @property
    def turn(self) -> Turn:
        """Say whose move it is."""
        return turn_of(self.waits)

    @property
    def root_id(self) -> str:
        """Give the exception at the root of the chain of causes; its own when it has no cause."""
        return self.root or self.id

    @property
    def is_open(self) -> bool:
        """Say whether somebody must still act."""
        return self.state is CaseState.OPEN


# ---- acts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase:
    """Make a case of a discrepancy; one that is open already is told again instead.

    Attributes:
        related: the other documents whose cases may be the cause, such as an invoice's orders.
    """

    code: Code
    subject: Ref
    thread: str
    title: str
    discrepancy: Discrepancy
    site: str = ""
    supplier: str = ""
    lane: Lane = Lane.STANDARD
    related: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveCase:
    """Settle a case by one of its allowed resolutions, with what the resolution needs to know.

    Attributes:
        minutes: the work that it took, where somebody tells it; above zero, at most 6,000.
        root_cause: what lay at the bottom, where somebody knows it.
    """

    case: str
    resolution: str
    note: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    minutes: Decimal | None = None
    root_cause: RootCause | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenCase:
    """Open a settled case again, because it is not settled after all; its age goes on."""

    case: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnCase:
    """Note whose move it is: the supplier's, who was asked something, or ours again."""

    case: str
    turn: Turn
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCase:
    """Settle a case that events have overtaken, if there is one: a late answer came after all."""

    code: Code
    subject: Ref
    line: str | None = None
    note: str


OVERTAKEN = "overtaken"
"""The resolution of a case that nobody had to settle any more."""


OWNERS: Final = frozenset(Role) - {
    Role.SYSTEM,
    Role.SUPPLIER,
    Role.WAREHOUSE_SYSTEM,
    Role.AUDITOR,
    Role.REQUESTER,
}
"""Whoever may own a case; whether it is this one is a rule of the case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignCase:
    """Give a case to a person; the owner's role goes with the person."""

    case: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateCase:
    """The owner's time is over: the process owner takes the case, unless it is settled."""

    case: str
    due_at: datetime


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """Something went wrong, and somebody owns it."""

    case: str
    code: Code
    subject: Ref
    thread: str
    owner_role: Role
    due_at: datetime
    site: str
    supplier: str
    lane: Lane
    line: str | None
    cause: str | None = None
    root: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseUpdated:
    """The same thing was told again, perhaps with other figures, while the case was open."""

    case: str
    code: Code
    subject: Ref
    thread: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReopened:
    """The same thing went wrong again after it was settled."""

    case: str
    code: Code
    subject: Ref
    thread: str
    owner_role: Role
    due_at: datetime
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTurned:
    """The move went to the supplier, or came back to us."""

    case: str
    code: Code
    thread: str
    turn: Turn
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResolved:
    """A case was settled; what was decided must now be done.

    Attributes:
        roles: those of whoever decided: what follows is done in their name.
        minutes: the work that it took, where it was told.
        cause, root: the case that led to it, and the first of the chain; empty: its own.
        opened_at: when it first went wrong.
    """

    case: str
    code: Code
    subject: Ref
    thread: str
    resolution: str
    discrepancy: Discrepancy
    note: str
    by: str
    terms: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[Role, ...] = ()
    minutes: Decimal | None = None
    root_cause: RootCause | None = None
    cause: str | None = None
    root: str = ""
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReassigned:
    """A case has another owner."""

    case: str
    thread: str
    owner: str
    owner_role: Role
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalated:
    """A case was not settled in time and went to the process owner."""

    case: str
    code: Code
    subject: Ref
    thread: str
    from_role: Role
    to_role: Role
