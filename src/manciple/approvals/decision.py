"""Who may act on a step of an approval, and what a yes, a no or an end does to it.

refusals: ALREADY_DECIDED   somebody acted first (rule A-09: first valid act wins)
          SELF_APPROVAL     the requester, by any path (A-05)
          NOT_YOUR_STEP     neither asked nor a delegate of somebody who was
          LIMIT_TOO_LOW     the power that is used does not cover the amount (A-02, A-08)
          HELD              nobody can be asked: an approver gap
"""

from datetime import datetime

from manciple.approvals.delegation import Delegation
from manciple.approvals.directory import Directory
from manciple.approvals.request import (
    Approval,
    ApprovalState,
    RejectionReason,
    Step,
    StepKind,
    StepState,
    Vote,
)
from manciple.approvals.routing import Ask, covers, may_be_asked
from manciple.approvals.settings import ApprovalSettings
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace

_NOTE_LENGTH = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """By what right somebody acts: their own, or somebody's who lent it."""

    by: str
    on_behalf_of: str | None = None


def still_pending(approval: Approval) -> Approval:
    """Give the approval back when it is still open.

    Raises:
        Refused: it was decided before.
    """
    if not approval.is_pending:
        raise _decided(f"approval {approval.id} is {approval.state.value} already")
    return approval


def step_to_decide(approval: Approval, number: int | None) -> Step:
    """Give the step that an act is about: the named one, else the open one.

    Raises:
        Refused: the approval or the step is decided, waits for an earlier one, is not there, or
            nobody can be asked.
    """
    current = still_pending(approval).current
    if current is None or current.state is not StepState.PENDING:
        raise refuse(
            "HELD",
            f"approval {approval.id} is held: {approval.gap or 'nobody is asked yet'}",
            field="approval",
            rule="A-16",
            fix="register somebody with a sufficient limit, then reroute the approval",
        )
    if number is None or number == current.number:
        return current
    named = next((step for step in approval.steps if step.number == number), None)
    if named is None:
        raise refuse("NOT_FOUND", f"approval {approval.id} has no step {number}", field="step")
    if named.state is StepState.WAITING:
        raise refuse(
            "NOT_YET",
            f"step {number} waits for step {current.number}",
            field="step",
            fix=f"let {current.approver} act first",
        )
    raise _decided(_told(named))


def _decided(message: str) -> Refused:
    return refuse(
        "ALREADY_DECIDED", message, field="approval", rule="A-09", fix="read the approval again"
    )


def _told(step: Step) -> str:
    acted = f"{step.acted_by} for {step.on_behalf_of}" if step.on_behalf_of else step.acted_by
    return f"step {step.number} was {step.state.value} by {acted} at {step.at}"


def power_to_approve(  # the order of the tests is the order of the reasons people want to hear
    approval: Approval,
    step: Step,
    *,
    by: Actor,
    directory: Directory,
    settings: ApprovalSettings,
    at: datetime,
) -> Power:
    """Give the right by which somebody may say yes to a step.

    Raises:
        Refused: they are the requester, were not asked, or the power does not cover the amount.
    """
    power, lent = _right(approval, step, by=by, directory=directory, at=at)
    _one_vote(step, power, directory)
    ask = Ask.of(approval)
    whose = power.on_behalf_of or power.by
    if step.kind is StepKind.FINAL and not covers(directory.authority(whose), ask):
        raise _too_low(f"the limit of {whose} does not cover {approval.decisive}", "A-02")
    if not lent:
        return power
    if not any(each.allows(approval.decisive) for each in lent):
        raise _too_low(f"the delegation to {power.by} is capped below {approval.decisive}", "A-08")
    own = settings.delegate_own_limit and step.kind is StepKind.FINAL
    if own and not covers(directory.authority(power.by), ask):
        raise _too_low(f"the own limit of {power.by} does not cover {approval.decisive}", "A-08")
    return power


def _too_low(message: str, rule: str) -> Refused:
    fix = "leave it to an approver with a sufficient limit"
    return refuse("LIMIT_TOO_LOW", message, field="approval", rule=rule, fix=fix)


def power_to_reject(
    approval: Approval, step: Step, *, by: Actor, directory: Directory, at: datetime
) -> Power:
    """Give the right by which somebody may say no to a step; no limit is needed for a no.

    Raises:
        Refused: they are the requester (who withdraws instead), or were not asked.
    """
    power, _ = _right(approval, step, by=by, directory=directory, at=at)
    _one_vote(step, power, directory)
    return power


def _one_vote(step: Step, power: Power, directory: Directory) -> None:
    """Refuse a second vote of one person, own and delegated together (rulings A-08, A-12)."""
    for vote in step.votes:
        used = (power.on_behalf_of or power.by) == (vote.on_behalf_of or vote.by)
        if used or directory.same_person(vote.by, power.by):
            said = "yes" if vote.yes else "no"
            raise _decided(f"{power.by} has a vote already: {vote.by} said {said} at {vote.at}")


def _right(
    approval: Approval, step: Step, *, by: Actor, directory: Directory, at: datetime
) -> tuple[Power, tuple[Delegation, ...]]:
    claimed = (by.id, by.on_behalf_of)
    if any(name and directory.same_person(name, approval.requester) for name in claimed):
        raise refuse(
            "SELF_APPROVAL",
            f"{by.id} asked for {approval.subject} and cannot decide on it",
            field="approval",
            rule="A-05",
            fix="wait for the approver, or withdraw the request",
        )
    ask = Ask.of(approval)
    asked = tuple(name for name in step.asked if may_be_asked(name, ask, directory))
    if by.id in asked:
        return Power(by=by.id), ()
    if may_be_asked(by.id, ask, directory):
        for giver in asked:
            lent = lent_for(approval, giver, by.id, directory=directory, at=at)
            if lent:
                return Power(by=by.id, on_behalf_of=giver), lent
    raise _not_asked(approval, step, by.id)


def _not_asked(approval: Approval, step: Step, name: str) -> Refused:
    """Refuse somebody who was not asked, or whom another was faster than."""
    for earlier in reversed(approval.steps):
        if earlier.state is StepState.APPROVED and name in (*earlier.asked, earlier.acted_by):
            return _decided(_told(earlier))
    return refuse(
        "NOT_YOUR_STEP",
        f"{name} is not asked in step {step.number} ({step.role}), nor a delegate in force",
        field="approval",
        rule="A-08",
        fix=f"leave it to {step.approver}, or have it delegated",
    )


def lent_for(
    approval: Approval, giver: str, taker: str, *, directory: Directory, at: datetime
) -> tuple[Delegation, ...]:
    """Give the delegations by which one person may act for another on this approval now.

    Validity and scope only; the amount is tested by who asks. A requester gets none: the
    delegation does not apply to their own document (ruling A-05).
    """
    if directory.same_person(taker, approval.requester):
        return ()
    return tuple(
        each
        for each in directory.lent_by(giver)
        if each.to_person == taker
        and each.in_force(at)
        and each.speaks_of(document_type=approval.document_type, site=approval.site)
    )


def on_whose_list(approval: Approval, name: str, *, directory: Directory, at: datetime) -> str:
    """Give the person on whose worklist a task of somebody stands: theirs, or their delegate's.

    The first delegation in force that reaches this amount decides; else the task stays.
    """
    for each in directory.lent_by(name):
        taker = each.to_person
        lent = lent_for(approval, name, taker, directory=directory, at=at)
        present = may_be_asked(taker, Ask.of(approval), directory)
        if present and each in lent and each.allows(approval.decisive):
            return taker
    return name


def approve(approval: Approval, step: Step, power: Power, *, note: str, at: datetime) -> Approval:
    """Say yes to a step; the last yes grants the approval.

    Where several are asked at once it is a vote, and the step waits until enough have said yes.

    Raises:
        Refused: the note is too long.
    """
    step = _voted(step, power, yes=True, reason=None, note=note, at=at)
    if step.panel and step.agreed < step.needed:
        return with_step(approval, step)
    done = replace(
        step,
        state=StepState.APPROVED,
        acted_by=power.by,
        on_behalf_of=power.on_behalf_of,
        note=_note(note),
        at=at,
    )
    approval = replace(with_step(approval, done), gap="")
    if approval.current is not None:
        return approval
    return replace(approval, state=ApprovalState.GRANTED, decided_at=at)


def _voted(
    step: Step,
    power: Power,
    *,
    yes: bool,
    reason: RejectionReason | None,
    note: str,
    at: datetime,
) -> Step:
    """Add a vote where several are asked at once; other steps are left as they are."""
    if not step.panel:
        return step
    vote = Vote(
        by=power.by,
        on_behalf_of=power.on_behalf_of,
        yes=yes,
        reason=reason,
        note=_note(note),
        at=at,
    )
    return replace(step, votes=(*step.votes, vote))


def reject(
    approval: Approval, step: Step, power: Power, *, reason: str, note: str, at: datetime
) -> Approval:
    """Say no to a step, which ends the approval.

    A step that collects goes on while enough can still say yes (ruling A-12).

    Raises:
        Refused: the reason is none of the codes, or is ``other`` without a note.
    """
    code = _reason(reason, note)
    step = _voted(step, power, yes=False, reason=code, note=note, at=at)
    if step.panel and step.collects and step.is_reachable:
        return with_step(approval, step)
    done = replace(
        step,
        state=StepState.REJECTED,
        acted_by=power.by,
        on_behalf_of=power.on_behalf_of,
        reason=code,
        note=_note(note),
        at=at,
    )
    ended = _without_rest(with_step(approval, done))
    return replace(ended, state=ApprovalState.REJECTED, reason=code.value, decided_at=at)


def _reason(reason: str, note: str) -> RejectionReason:
    known = ", ".join(code.value for code in RejectionReason)
    try:
        code = RejectionReason(reason)
    except ValueError as problem:
        raise refuse(
            "REASON_CODE",
            f"{reason!r} is not a reason for a rejection",
            field="reason",
            rule="A-12",
            fix=f"one of: {known}",
        ) from problem
    if code is RejectionReason.OTHER and not note.strip():
        raise refuse(
            "NOTE_WANTED",
            "the reason 'other' needs a note",
            field="note",
            rule="A-12",
            fix="say in the note what is wrong",
        )
    return code


def _note(note: str) -> str:
    if len(note) > _NOTE_LENGTH:
        raise refuse(
            "NOTE_LENGTH",
            f"a note has at most {_NOTE_LENGTH} characters, this one has {len(note)}",
            field="note",
            fix="shorten it",
        )
    return note


def void(approval: Approval, *, reason: str, at: datetime) -> Approval:
    """End a pending approval without a decision.

    Raises:
        Refused: it was decided before.
    """
    ended = _without_rest(still_pending(approval))
    return replace(ended, state=ApprovalState.VOID, reason=reason, gap="", decided_at=at)


def with_step(approval: Approval, step: Step) -> Approval:
    """Put a step in the place of its former self."""
    steps = (step if each.number == step.number else each for each in approval.steps)
    return replace(approval, steps=tuple(steps))


def _without_rest(approval: Approval) -> Approval:
    undecided = (StepState.WAITING, StepState.PENDING)
    steps = (
        replace(step, state=StepState.VOID) if step.state in undecided else step
        for step in approval.steps
    )
    return replace(approval, steps=tuple(steps))
