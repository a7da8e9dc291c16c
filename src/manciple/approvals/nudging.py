"""Nudging: whoever asked for something reminds the person before whom it lies, now and then.

    asked Monday 9:00    nudged 14:00    again at 15:00: refused, the next one from Tuesday 14:00

It changes nobody's clock and no chain; it is told to whoever is asked, and stands in the history.
House rule: one nudge in 24 hours for one approval, however many may say so.
"""

from datetime import datetime, timedelta
from typing import Final

from manciple.approvals.request import Approval, Step, StepState
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace
from manciple.runtime.documents import Ref

APART: Final = timedelta(hours=24)
"""From one nudge to the next at least; the instant itself is late enough."""
_LENGTH: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeApprover:
    """Remind whoever is asked now; only who asked for it may."""

    approval: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproverNudged:
    """Whoever asked for something reminded those before whom it lies.

    Attributes:
        approvers: who is reminded: the approver, or a panel's members who have not voted.
    """

    approval: str
    subject: Ref
    thread: str
    step: int
    approvers: tuple[str, ...]
    by: str
    note: str


def next_nudge(approval: Approval) -> datetime | None:
    """Give when the next nudge is possible; None: at once."""
    return None if approval.nudged_at is None else approval.nudged_at + APART


def nudged(
    approval: Approval, *, by: Actor, note: str, at: datetime
) -> tuple[Approval, Step, tuple[str, ...]]:
    """Remind; gives the approval, the step that waits, and who is reminded.

    Raises:
        Refused: it is decided, lies before nobody, is another's request, or was nudged lately.
    """
    if by.id != approval.requester:
        raise refuse(
            "NOT_YOUR_REQUISITION",
            f"{approval.requester} asked for it, not {by.id}",
            field="approval",
            fix=f"ask {approval.requester} to nudge",
        )
    step = approval.current
    if not approval.is_pending or step is None or step.state is not StepState.PENDING:
        raise refuse(
            "NOT_OPEN",
            f"approval {approval.id} lies before nobody",
            field="approval",
            fix="look whose turn it is",
        )
    soonest = next_nudge(approval)
    if soonest is not None and at < soonest:
        raise refuse(
            "TOO_SOON",
            f"{step.approver} was nudged at {approval.nudged_at:%Y-%m-%d %H:%M} UTC",
            field="approval",
            fix=f"wait until {soonest:%Y-%m-%d %H:%M} UTC",
        )
    if len(note) > _LENGTH:
        raise refuse(
            "NOTE_LENGTH", f"a nudge has at most {_LENGTH} characters", field="note",
            fix="shorten it",
        )  # fmt: skip
    names = step.seats_left if step.panel else (step.approver,)
    return replace(approval, nudged_at=at, nudge=note.strip()), step, names
