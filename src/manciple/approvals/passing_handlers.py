"""Handlers of acts that decide nothing: a nudge, and a step given to somebody else."""

from manciple.approvals import decision, forwarding, nudging, worklist
from manciple.approvals.asking import rerouted
from manciple.approvals.directory import Directory
from manciple.approvals.forwarding import ForwardApproval
from manciple.approvals.nudging import ApproverNudged, NudgeApprover
from manciple.approvals.request import Approval, StepAssigned
from manciple.kernel.messages import Role
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_ASKERS = frozenset({Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE, Role.BUYER})
_APPROVERS = frozenset({Role.APPROVER})


def handles() -> tuple[Handles, ...]:
    """Give the acts."""
    return (
        Handles(act=NudgeApprover, handle=_nudge, by=_ASKERS, reads=_named),
        Handles(act=ForwardApproval, handle=_forward, by=_APPROVERS, reads=_named),
    )


def _named(act: NudgeApprover | ForwardApproval) -> tuple[Ref, ...]:
    return (Ref(Approval.KIND, act.approval),)


def _nudge(work: Work, act: NudgeApprover) -> Ref:
    known = work.get(Approval, act.approval)
    approval, step, names = nudging.nudged(known, by=work.actor, note=act.note, at=work.at)
    directory = Directory(work.peek)
    owners = (
        decision.on_whose_list(approval, name, directory=directory, at=work.at) for name in names
    )
    event = ApproverNudged(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        step=step.number,
        approvers=tuple(dict.fromkeys(owners)),
        by=work.actor.id,
        note=approval.nudge,
    )
    work.save(approval, event, touches=(approval.subject,))
    return ref(approval)


def _forward(work: Work, act: ForwardApproval) -> Ref:
    known, directory = work.get(Approval, act.approval), Directory(work.peek)
    step = decision.step_to_decide(known, act.step)
    power = decision.power_to_reject(known, step, by=work.actor, directory=directory, at=work.at)
    approval = forwarding.forwarded(
        known, step, power, to=act.to, note=act.note, directory=directory
    )
    now = approval.current
    assert now is not None
    assert now.due_at is not None
    worklist.put(work, approval, now, directory)
    moved = rerouted(approval, step=now.number, before=step.approver, now=act.to, why=now.why)
    event = StepAssigned(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        step=now.number,
        approver=act.to,
        role=now.role,
        due_at=now.due_at,
        why=now.why,
    )
    work.save(approval, moved, event, touches=(approval.subject,))
    return ref(approval)
