"""The fallback pool: who is asked when nobody of a chain can be.

    a gap is reported at once, and the pool is asked: one member, or two above an amount
    nobody in the pool with a sufficient limit: it stays held

Source: domain rules A-10 and A-16; ruling A-10.
"""

from manciple.approvals.directory import Directory
from manciple.approvals.request import Approval, Finding, Step, StepKind, StepState
from manciple.approvals.routing import Ask, covers, holders
from manciple.approvals.settings import ApprovalSettings
from manciple.kernel.records import replace

RULE = "A-10"


def step_of(approval: Approval, directory: Directory, settings: ApprovalSettings) -> Step | None:
    """Give the step of the pool; None when too few members have a sufficient limit.

    None too when the pool was asked already: it is not asked twice. Whoever was asked before and
    still can be may act beside the pool (rule A-09).
    """
    current = approval.current
    if current is not None and current.role == settings.pool_role:
        return None
    ask = Ask.of(approval)
    decided = {step.acted_by for step in approval.steps if step.state is StepState.APPROVED}
    members = tuple(
        name
        for name in holders(settings.pool_role, ask, directory)
        if covers(directory.authority(name), ask) and name not in decided
    )
    needed = 2 if approval.decisive.amount > settings.pool_two_above else 1
    if len(members) < needed:
        return None
    return Step(
        number=1 + sum(step.state is StepState.APPROVED for step in approval.steps),
        role=settings.pool_role,
        approver=members[0],
        kind=StepKind.FINAL,
        why=f"{RULE}: {needed} of {len(members)} members of the fallback pool",
        earlier=current.asked if current is not None and current.assigned_at else (),
        panel=members,
        needed=needed,
    )


def joined(approval: Approval, step: Step, why: str) -> Approval:
    """Put the pool's step after what is decided, in the place of the rest, and say why."""
    decided = (each for each in approval.steps if each.state is StepState.APPROVED)
    text = f"{why}; {', '.join(step.panel)} of the fallback pool decide, {step.needed} must agree"
    found = Finding(rule=RULE, amount=approval.decisive, subjects=step.panel, text=text)
    return replace(
        approval,
        steps=(*decided, step),
        final_role=step.role,
        findings=(*approval.findings, found),
    )
