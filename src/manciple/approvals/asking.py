"""Asking people: the next step of an approval is put before somebody, or a gap is reported."""

from manciple.approvals import decision, escalation, pool, routing, spending, worklist
from manciple.approvals.directory import Directory
from manciple.approvals.ports import CalendarFor
from manciple.approvals.request import (
    Approval,
    ApprovalEscalated,
    ApprovalRerouted,
    ApprovalVoided,
    ApproverGapFound,
    PoolAsked,
    RequestApproval,
    Step,
    StepAssigned,
    StepState,
)
from manciple.approvals.routing import Ask, Chain, Decides
from manciple.approvals.settings import ApprovalSettings
from manciple.approvals.spending import Commitment
from manciple.approvals.weighing import Look, look
from manciple.kernel.records import dataclass, replace
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work


@dataclass(frozen=True, slots=True)
class Asking:
    """How people are asked, with what that leans on: policy, calendars, a company's choices."""

    register: Decides
    calendar_for: CalendarFor
    settings: ApprovalSettings

    def look(self, work: Work, asked: RequestApproval) -> Look:
        """Weigh a request against what was asked for lately, as this transaction sees it."""
        return look(
            asked,
            recent=lambda owner: work.records(Commitment, owner),
            claim=lambda owner: spending.claim(work, owner),
            directory=Directory(work.peek),
            register=self.register,
            calendar=self.calendar_for(work, asked.site),
            at=work.at,
        )

    def chain(self, work: Work, ask: Ask) -> Chain:
        """Find the chain for what is asked, as of now."""
        return routing.preview(
            ask,
            directory=Directory(work.peek),
            register=self.register,
            settings=self.settings,
            at=work.at,
        )

    def ask_next(self, work: Work, approval: Approval) -> Ref:
        """Put the next step before somebody, or report that nobody can be asked."""
        directory, step = Directory(work.peek), approval.current
        if step is None:
            return self.report_gap(work, approval, approval.gap)
        choice = escalation.stands_in(approval, step, directory)
        if choice.approver is None:
            return self.report_gap(work, approval, choice.why)
        return self._put_before(work, approval, step, choice.approver, choice.why)

    def hand_on(self, work: Work, approval: Approval, step: Step) -> Ref:
        """Ask the next person with a sufficient limit too: the time is over."""
        directory = Directory(work.peek)
        choice = escalation.next_above(approval, step, directory)
        if choice.approver is None:
            return self.report_gap(work, approval, choice.why)
        handed = escalation.escalated(step, choice.approver, choice.why)
        approval = self._assign(work, approval, handed, directory)
        asked = open_step(approval)
        event = ApprovalEscalated(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            step=step.number,
            before=step.approver,
            now=choice.approver,
            why=choice.why,
            due_at=asked.due_at if asked else None,
        )
        work.save(approval, event, touches=(approval.subject,))
        return ref(approval)

    def stand_in(self, work: Work, approval: Approval) -> Ref:
        """Find whoever can act on the open step now; quiet when it is the same person."""
        approval = decision.still_pending(approval)
        step = approval.current
        if step is None:
            return self.report_gap(work, approval, approval.gap)
        directory = Directory(work.peek)
        choice = escalation.stands_in(approval, step, directory)
        if step.state is StepState.PENDING and choice.approver == step.approver:
            worklist.put(work, approval, step, directory)
            return ref(approval)
        worklist.take_off(work, approval, step, self.settings)
        if choice.approver is None:
            step = replace(step, state=StepState.WAITING, assigned_at=None, due_at=None)
            return self.report_gap(work, decision.with_step(approval, step), choice.why)
        return self._put_before(work, approval, step, choice.approver, choice.why)

    def report_gap(self, work: Work, approval: Approval, why: str) -> Ref:
        """Say at once that nobody can be asked, and ask the fallback pool; else hold it.

        Source: domain rules A-10 and A-16; ruling A-10, "both".
        """
        approval = replace(approval, gap=why)
        event = ApproverGapFound(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            title=approval.title,
            document_type=approval.document_type,
            amount=approval.amount,
            category=approval.category,
            site=approval.site,
            lane=approval.lane,
            requester=approval.requester,
            why=why,
        )
        work.save(approval, event, touches=(approval.subject,))
        step = pool.step_of(approval, Directory(work.peek), self.settings)
        return ref(approval) if step is None else self._ask_pool(work, approval, step, why)

    def _ask_pool(self, work: Work, approval: Approval, step: Step, why: str) -> Ref:
        """Put the pool's step in the place of all that was still undecided."""
        before = open_step(approval)
        if before is not None:
            worklist.take_off(work, approval, before, self.settings)
        approval = pool.joined(approval, step, why)
        approval = self._assign(work, approval, step, Directory(work.peek))
        event = PoolAsked(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            members=step.panel,
            needed=step.needed,
            why=why,
        )
        work.save(approval, event, _assigned(approval), touches=(approval.subject,))
        return ref(approval)

    def void(self, work: Work, approval: Approval, reason: str) -> Ref:
        """End an approval without a decision and take it off every list."""
        step = open_step(approval)
        approval = decision.void(approval, reason=reason, at=work.at)
        if step is not None:
            worklist.take_off(work, approval, step, self.settings)
        event = ApprovalVoided(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            reason=reason,
        )
        work.save(approval, event, touches=(approval.subject,))
        spending.release(work, approval.subject)
        return ref(approval)

    def _put_before(self, work: Work, approval: Approval, step: Step, name: str, why: str) -> Ref:
        """Put a step before a person, and say so when another was planned."""
        asked = replace(step, approver=name, why=why)
        approval = self._assign(work, approval, asked, Directory(work.peek))
        before = step.approver
        moved = rerouted(approval, step=step.number, before=before, now=name, why=why)
        events = (_assigned(approval),) if before == name else (moved, _assigned(approval))
        work.save(approval, *events, touches=(approval.subject,))
        return ref(approval)

    def _assign(
        self, work: Work, approval: Approval, step: Step, directory: Directory
    ) -> Approval:
        """Start a step's clock and put it on the right list."""
        site = escalation.site_of_hours(approval, step.approver, directory)
        calendar = self.calendar_for(work, site)
        step = escalation.assigned(approval, step, calendar=calendar, at=work.at)
        approval = replace(decision.with_step(approval, step), gap="")
        worklist.put(work, approval, step, directory)
        worklist.start_timers(work, approval, step, calendar=calendar, settings=self.settings)
        return approval


def open_step(approval: Approval) -> Step | None:
    """Give the step that stands before somebody now, or None."""
    step = approval.current
    return step if step is not None and step.state is StepState.PENDING else None


def _assigned(approval: Approval) -> StepAssigned:
    step = open_step(approval)
    assert step is not None
    assert step.due_at is not None
    return StepAssigned(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        step=step.number,
        approver=step.approver,
        role=step.role,
        due_at=step.due_at,
        why=step.why,
    )


def rerouted(
    approval: Approval, *, step: int, before: str, now: str, why: str
) -> ApprovalRerouted:
    """Tell that a step, or with number 0 the whole chain, was given to others."""
    return ApprovalRerouted(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        step=step,
        before=before,
        now=now,
        why=why,
    )
