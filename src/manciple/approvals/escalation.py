"""Reminders, due times, and who is asked when nobody answers or somebody leaves.

    asked -------- 50 % -------- 80 % -------- 100 %          open hours of the approver's site
             reminder       reminder       next with a sufficient limit; the first may still act

Source: domain rules A-05, A-09 and A-16, with the rulings of 4.7.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from manciple.approvals.directory import Directory
from manciple.approvals.request import Approval, Step, StepKind, StepState
from manciple.approvals.routing import Ask, covers, holders, may_be_asked, next_with_limit
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.records import dataclass, replace

_HOUR = 3600
_WHOLE = 100
AFTER = timedelta(microseconds=1)
"""A decision at the due instant is in time and wins over the timer (ruling A-09), so the timer
fires an instant later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindApprover:
    """Remind the approver of a step, unless it was decided or given to another meanwhile."""

    PREFIX: ClassVar[str] = "remind"

    approval: str
    step: int
    assigned_at: datetime
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalateApproval:
    """Ask the next person too, unless the step was decided or given to another meanwhile."""

    PREFIX: ClassVar[str] = "escalate"

    approval: str
    step: int
    assigned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who is to be asked, and why; nobody is a gap."""

    approver: str | None
    why: str


def duration(hours: Decimal, percent: int = _WHOLE) -> timedelta:
    """Give a share of so many hours, to the second below."""
    return timedelta(seconds=int(hours * _HOUR * percent / _WHOLE))


def assigned(approval: Approval, step: Step, *, calendar: BusinessCalendar, at: datetime) -> Step:
    """Put a step before its approver; the clock starts now, in the open hours of their site."""
    return replace(
        step,
        state=StepState.PENDING,
        assigned_at=at,
        due_at=calendar.due(at, duration(approval.sla_hours)),
    )


def is_still(approval: Approval, step: int, assigned_at: datetime) -> bool:
    """Say whether a timer's step is the same one, undecided and before the same person."""
    current = approval.current
    return (
        approval.is_pending
        and current is not None
        and current.number == step
        and current.state is StepState.PENDING
        and current.assigned_at == assigned_at
    )


def site_of_hours(approval: Approval, approver: str, directory: Directory) -> str:
    """Give the site whose hours count for an approver: the document's, or their own first."""
    person = directory.person(approver)
    if person is None or person.works_at(approval.site):
        return approval.site
    return person.sites[0]


def stands_in(approval: Approval, step: Step, directory: Directory) -> Choice:
    """Choose who is asked in a step now: the planned person if still right, else another.

    A planned person may have left, moved, or lost the limit since the chain was made. The next
    is a holder of the same role, then upward to the next with a sufficient limit.
    """
    ask = Ask.of(approval)
    if step.panel:
        return _of_panel(step, ask, directory)
    if _fits(step, step.approver, ask, directory):
        return Choice(approver=step.approver, why=step.why)
    why = f"{step.approver} can no longer be asked"
    peers = [
        name
        for name in holders(step.role, ask, directory)
        if name not in step.asked and _fits(step, name, ask, directory)
    ]
    if peers:
        return Choice(approver=min(peers), why=f"{why}: another {step.role}")
    rising = _rising(approval, step, ask, directory)
    if rising is None:
        again = next((n for n in step.earlier if _fits(step, n, ask, directory)), None)
        nobody = f"{why}, and nobody above has a sufficient limit"
        return Choice(approver=again, why=f"{why}: asked before" if again else nobody)
    return Choice(approver=rising, why=f"{why}: next with a sufficient limit")


def _of_panel(step: Step, ask: Ask, directory: Directory) -> Choice:
    """Go on with those of a panel who can still be asked, when they are enough."""
    left = [name for name in step.seats_left if _fits(step, name, ask, directory)]
    if step.agreed + len(left) >= step.needed and left:
        first = step.approver if step.approver in left else left[0]
        return Choice(approver=first, why=step.why)
    why = f"{len(left)} of {len(step.panel)} {step.role} can be asked, {step.needed} are needed"
    return Choice(approver=None, why=why)


def _fits(step: Step, name: str, ask: Ask, directory: Directory) -> bool:
    if not may_be_asked(name, ask, directory):
        return False
    return step.kind is StepKind.CONCUR or covers(directory.authority(name), ask)


def next_above(approval: Approval, step: Step, directory: Directory) -> Choice:
    """Choose who is asked when the time is over: the next with a sufficient limit."""
    rising = _rising(approval, step, Ask.of(approval), directory)
    if rising is None:
        why = f"step {step.number} is overdue and nobody else has a limit for {approval.decisive}"
        return Choice(approver=None, why=why)
    return Choice(approver=rising, why=f"A-09: {step.approver} did not act by {step.due_at}")


def _rising(approval: Approval, step: Step, ask: Ask, directory: Directory) -> str | None:
    roles = (step.role, approval.final_role) if approval.final_role else (step.role,)
    return next_with_limit(ask, directory, roles=roles, start=step.approver, excluded=step.asked)


def escalated(step: Step, to: str, why: str) -> Step:
    """Hand a step on; who was asked before may still act until somebody does."""
    if step.panel:
        return replace(step, approver=to, panel=(*step.panel, to), why=f"{step.why}; {why}")
    earlier = tuple(name for name in step.asked if name != to)
    return replace(step, approver=to, earlier=earlier, why=f"{step.why}; {why}")
