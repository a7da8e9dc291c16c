"""Forwarding: an approver gives a step to somebody who may decide it as well.

    ana, branch manager --forwards--> alec, branch manager, with a limit for it
    the due time stays; ana may still act until alec does; nobody is asked twice in one step

Whoever takes it must be somebody whom the rules could have asked: active, at the site or above
it, no part in the request, and for a final step with a limit that covers the amount.
Source: domain rules A-02, A-05, A-06 and A-09 (who was asked before may still act).
"""

from manciple.approvals.decision import Power, with_step
from manciple.approvals.directory import Directory
from manciple.approvals.request import Approval, Step, StepKind
from manciple.approvals.routing import Ask, covers, holders, may_be_asked
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.records import dataclass, replace

_LENGTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardApproval:
    """Give the open step of an approval to somebody else, with a word of why."""

    approval: str
    to: str
    note: str
    step: int | None = None


def candidates(approval: Approval, step: Step, directory: Directory) -> tuple[str, ...]:
    """Give who could take a step: holders of its role who are free to decide it, by name."""
    if step.panel:
        return ()
    names = holders(step.role, Ask.of(approval), directory)
    return tuple(name for name in names if why_not(approval, step, name, directory) is None)


def why_not(approval: Approval, step: Step, to: str, directory: Directory) -> Refused | None:
    """Say why somebody cannot take a step; None when they can."""
    ask = Ask.of(approval)
    if step.panel:
        return _refused("PANEL", "several are asked at once", "delegate to somebody instead")
    if to in step.asked:
        return _refused("ASKED_ALREADY", f"{to} is asked in this step", "name somebody else")
    if not may_be_asked(to, ask, directory):
        message = f"{to} cannot be asked about {approval.title}"
        fix = "name an active approver of the site who has no part in the request"
        return _refused("NOT_AN_APPROVER", message, fix)
    if step.kind is StepKind.FINAL and not covers(directory.authority(to), ask):
        message = f"the limit of {to} does not cover {approval.decisive}"
        return _refused("LIMIT_TOO_LOW", message, "name somebody with a sufficient limit")
    if step.kind is StepKind.CONCUR and to not in holders(step.role, ask, directory):
        message = f"{to} is no {step.role.replace('_', ' ')}"
        return _refused("NOT_AN_APPROVER", message, f"name a {step.role.replace('_', ' ')}")
    return None


def _refused(code: str, message: str, fix: str) -> Refused:
    return refuse(code, message, field="to", rule="A-09", fix=fix)


def forwarded(
    approval: Approval, step: Step, power: Power, *, to: str, note: str, directory: Directory
) -> Approval:
    """Put a step before somebody else; its clock goes on.

    Raises:
        Refused: they cannot be asked, or nobody says why.
    """
    if not 0 < len(note.strip()) <= _LENGTH:
        raise refuse(
            "NOTE_WANTED",
            f"say in 1 to {_LENGTH} characters why it is theirs",
            field="note",
            fix="write a note",
        )
    found = why_not(approval, step, to, directory)
    if found is not None:
        raise found
    earlier = tuple(name for name in step.asked if name != to)
    why = f"{step.why}; forwarded by {power.by}: {note.strip()}"
    return with_step(approval, replace(step, approver=to, earlier=earlier, why=why))
