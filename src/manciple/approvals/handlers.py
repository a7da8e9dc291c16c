"""Handlers of approvals: load, decide, save, and put the next step before somebody."""

from collections.abc import Iterable

from manciple.approvals import (
    authority,
    bulk,
    decision,
    delegation,
    escalation,
    passing_handlers,
    relations,
    spending,
    worklist,
)
from manciple.approvals.asking import Asking, open_step, rerouted
from manciple.approvals.authority import (
    ApproverIndex,
    ApproverIndexed,
    Authority,
    AuthorityRegistered,
    RegisterAuthority,
)
from manciple.approvals.decision import Power
from manciple.approvals.delegation import (
    Delegate,
    Delegation,
    DelegationGranted,
    DelegationListed,
    DelegationRevoked,
    Delegations,
    MoveDelegatedTasks,
    RevokeDelegation,
)
from manciple.approvals.directory import Directory, reachable
from manciple.approvals.escalation import EscalateApproval, RemindApprover
from manciple.approvals.ports import CalendarFor
from manciple.approvals.relations import (
    DeclareInterest,
    EndInterest,
    InterestDeclared,
    InterestEnded,
    Interests,
    LinkSupplier,
    SupplierHouse,
    SupplierLinked,
)
from manciple.approvals.request import (
    Approval,
    ApprovalGranted,
    ApprovalRejected,
    ApprovalRequested,
    ApprovalState,
    Approve,
    ApproverReminded,
    ConflictAvoided,
    Finding,
    Reject,
    RejectionReason,
    RequestApproval,
    RerouteApproval,
    RerouteTasksOf,
    SpendAggregated,
    Step,
    StepApproved,
    StepState,
    VoidApproval,
    VoteRecorded,
    approval_number,
)
from manciple.approvals.routing import INTEREST, Ask, Chain, Decides, suppliers_of
from manciple.approvals.settings import ApprovalSettings
from manciple.approvals.spending import ReleaseCommitment
from manciple.governance.people import Person, PersonDeactivated, PersonRegistered
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass, replace
from manciple.policy.ruling import record
from manciple.runtime.bus import Handles, Reacts
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_APPROVERS = frozenset({Role.APPROVER})
_LENDERS = frozenset({Role.APPROVER, Role.ADMIN})
_KEEPERS = frozenset({Role.ADMIN, Role.STEWARD, Role.SYSTEM})
_ROUTERS = frozenset({Role.PROCESS_OWNER, Role.ADMIN, Role.SYSTEM})
_SYSTEM = frozenset({Role.SYSTEM})
_ADMINS = frozenset({Role.ADMIN})
_DECLARERS = frozenset(Role) - {Role.SUPPLIER, Role.SYSTEM}


def handles(
    *,
    register: Decides,
    calendar_for: CalendarFor,
    settings: ApprovalSettings | None = None,
) -> tuple[Handles, ...]:
    """Give the acts of this room."""
    room = _Room(Asking(register, calendar_for, settings or ApprovalSettings()))
    return (
        Handles(act=RegisterAuthority, handle=room.register_authority, by=_KEEPERS),
        Handles(act=RequestApproval, handle=room.request, by=_SYSTEM),
        Handles(act=Approve, handle=room.approve, by=_APPROVERS, reads=_named),
        Handles(act=Reject, handle=room.reject, by=_APPROVERS, reads=_named),
        Handles(act=VoidApproval, handle=room.void, by=_SYSTEM, reads=_named),
        Handles(act=RerouteApproval, handle=room.reroute, by=_ROUTERS),
        Handles(act=RerouteTasksOf, handle=room.reroute_tasks_of, by=_SYSTEM),
        Handles(act=RemindApprover, handle=room.remind, by=_SYSTEM),
        Handles(act=EscalateApproval, handle=room.escalate, by=_SYSTEM),
        Handles(act=Delegate, handle=room.delegate, by=_LENDERS),
        Handles(act=RevokeDelegation, handle=room.revoke_delegation, by=_LENDERS),
        Handles(act=MoveDelegatedTasks, handle=room.move_delegated_tasks, by=_SYSTEM),
        Handles(act=ReleaseCommitment, handle=spending.release_part, by=_SYSTEM),
        Handles(act=LinkSupplier, handle=_link_supplier, by=_KEEPERS),
        Handles(act=DeclareInterest, handle=room.declare_interest, by=_DECLARERS),
        Handles(act=EndInterest, handle=room.end_interest, by=_ADMINS),
        *passing_handlers.handles(),
    )


def reacts() -> tuple[Reacts, ...]:
    """Give what follows in this room when people leave or change."""
    return (
        Reacts(event=PersonDeactivated, react=_person_left),
        Reacts(event=PersonRegistered, react=_person_changed),
    )


def _person_left(_work: Work, event: PersonDeactivated) -> Iterable[object]:
    return (RerouteTasksOf(person=event.person),)


def _person_changed(_work: Work, event: PersonRegistered) -> Iterable[object]:
    return (RerouteTasksOf(person=event.person),) if event.changed else ()


def _named(act: Approve | Reject | VoidApproval) -> tuple[Ref, ...]:
    return (Ref(Approval.KIND, act.approval),)


@dataclass(frozen=True, slots=True)
class _Room:
    """The handlers with what they lean on."""

    asking: Asking

    @property
    def settings(self) -> ApprovalSettings:
        return self.asking.settings

    def register_authority(self, work: Work, act: RegisterAuthority) -> Ref:
        new = act.authority
        person = work.peek(Person, new.id)
        authority.check(new, person, currency=self.settings.currency)
        known = work.find(Authority, new.id)
        before = known.roles if known else ()
        work.save(
            new,
            AuthorityRegistered(
                person=new.id, roles=new.roles, limits=new.limits, manager=new.manager
            ),
        )
        for role in sorted({*before, *new.roles}):
            _index(work, role, new.id, holds=role in new.roles)
        if known is not None:
            self._reroute_all(work, new.id)
        return ref(new)

    def request(self, work: Work, act: RequestApproval) -> Ref:
        name = approval_number(act.subject, act.revision)
        known = work.find(Approval, name)
        if known is not None:
            return ref(known)
        if act.revision > 1:
            self._void_outdated(work, act)
            spending.release(work, act.subject)
        found = self.asking.look(work, act)
        chain = found.told(self.asking.chain(work, found.ask))
        spending.note(work, found.rows)
        approval = replace(_opened(work, act, chain, name), weighed=found.ask.weighed)
        work.link(act.thread, ref(approval), approval.id)
        told = (_requested(approval), *_told(approval))
        if chain.is_touchless:
            approval = replace(approval, state=ApprovalState.GRANTED, decided_at=work.at)
            work.save(approval, *told, _granted(approval), touches=(act.subject,))
            return ref(approval)
        work.save(approval, *told, touches=(act.subject,))
        return self.asking.ask_next(work, approval)

    def approve(self, work: Work, act: Approve) -> Ref:
        approval, directory = work.get(Approval, act.approval), Directory(work.peek)
        if act.with_others:
            bulk.check(approval, self.asking.register, work.at)
        step = decision.step_to_decide(approval, act.step)
        power = decision.power_to_approve(
            approval,
            step,
            by=work.actor,
            directory=directory,
            settings=self.settings,
            at=work.at,
        )
        approval = decision.approve(approval, step, power, note=act.note, at=work.at)
        if self._still_voting(work, approval, step, power, yes=True):
            return ref(approval)
        worklist.take_off(work, approval, step, self.settings)
        approved = StepApproved(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            step=step.number,
            role=step.role,
            kind=step.kind,
            by=power.by,
            on_behalf_of=power.on_behalf_of,
            in_time=step.due_at is None or work.at <= step.due_at,
        )
        if approval.state is ApprovalState.GRANTED:
            work.save(approval, approved, _granted(approval), touches=(approval.subject,))
            return ref(approval)
        work.save(approval, approved, touches=(approval.subject,))
        return self.asking.ask_next(work, approval)

    def reject(self, work: Work, act: Reject) -> Ref:
        approval, directory = work.get(Approval, act.approval), Directory(work.peek)
        step = decision.step_to_decide(approval, act.step)
        power = decision.power_to_reject(
            approval, step, by=work.actor, directory=directory, at=work.at
        )
        approval = decision.reject(
            approval, step, power, reason=act.reason, note=act.note, at=work.at
        )
        if self._still_voting(work, approval, step, power, yes=False):
            return ref(approval)
        worklist.take_off(work, approval, step, self.settings)
        event = ApprovalRejected(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            reason=RejectionReason(act.reason),
            by=power.by,
            on_behalf_of=power.on_behalf_of,
            note=act.note,
        )
        work.save(approval, event, touches=(approval.subject,))
        spending.release(work, approval.subject)
        return ref(approval)

    def _still_voting(
        self, work: Work, approval: Approval, step: Step, power: Power, *, yes: bool
    ) -> bool:
        """Keep a vote that decides nothing yet; False when the step is decided."""
        now = open_step(approval)
        if now is None or now.number != step.number:
            return False
        event = VoteRecorded(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            step=step.number,
            by=power.by,
            on_behalf_of=power.on_behalf_of,
            yes=yes,
            agreed=now.agreed,
            needed=now.needed,
        )
        work.save(approval, event, touches=(approval.subject,))
        worklist.put(work, approval, now, Directory(work.peek))
        return True

    def void(self, work: Work, act: VoidApproval) -> Ref:
        return self.asking.void(work, work.get(Approval, act.approval), act.reason)

    def reroute(self, work: Work, act: RerouteApproval) -> Ref:
        approval = decision.still_pending(work.get(Approval, act.approval))
        step = open_step(approval)
        if any(each.state is StepState.APPROVED for each in approval.steps):
            if step is not None and approval.gap:
                return self.asking.hand_on(work, approval, step)
            return self.asking.stand_in(work, approval)
        if step is not None:
            worklist.take_off(work, approval, step, self.settings)
        chain = self.asking.chain(work, Ask.of(approval))
        approval = _rechained(approval, chain)
        before = step.approver if step else ""
        why = f"chain found anew: {chain.cited}"
        event = rerouted(approval, step=0, before=before, now="", why=why)
        if chain.is_touchless:
            approval = replace(approval, state=ApprovalState.GRANTED, decided_at=work.at)
            work.save(approval, event, _granted(approval), touches=(approval.subject,))
            return ref(approval)
        work.save(approval, event, touches=(approval.subject,))
        return self.asking.ask_next(work, approval)

    def reroute_tasks_of(self, work: Work, act: RerouteTasksOf) -> Ref | None:
        return self._reroute_all(work, act.person)

    def remind(self, work: Work, act: RemindApprover) -> Ref | None:
        approval = work.get(Approval, act.approval)
        step = open_step(approval)
        if step is None or not escalation.is_still(approval, act.step, act.assigned_at):
            return None
        event = ApproverReminded(
            approval=approval.id,
            subject=approval.subject,
            thread=approval.thread,
            step=step.number,
            approver=decision.on_whose_list(
                approval, step.approver, directory=Directory(work.peek), at=work.at
            ),
            percent=act.percent,
            due_at=step.due_at or work.at,
        )
        work.save(approval, event, touches=(approval.subject,))
        return ref(approval)

    def escalate(self, work: Work, act: EscalateApproval) -> Ref | None:
        approval = work.get(Approval, act.approval)
        step = open_step(approval)
        if step is None or not escalation.is_still(approval, act.step, act.assigned_at):
            return None
        return self.asking.hand_on(work, approval, step)

    def delegate(self, work: Work, act: Delegate) -> Ref:
        directory = Directory(work.peek)
        new = Delegation(
            id=number("DLG", work.key),
            from_person=delegation.delegator_of(act, by=work.actor),
            to_person=act.to_person,
            start=act.start,
            end=act.end,
            document_types=act.document_types,
            sites=act.sites,
            cap=act.cap,
        )
        delegation.check(
            new,
            giver=directory.authority(new.from_person),
            giver_person=directory.person(new.from_person),
            taker=directory.person(new.to_person),
            lent=reachable(new, directory),
            at=work.at,
        )
        work.save(new, _lent(new, by=work.actor.id))
        listed = work.find(Delegations, new.from_person) or Delegations(id=new.from_person)
        listed = replace(listed, given=(*listed.given, new.id))
        work.save(listed, DelegationListed(delegation=new.id))
        moves = MoveDelegatedTasks(delegation=new.id)
        if new.in_force(work.at):
            self._move_tasks(work, new)
        else:
            work.timer(ref(new), "start", new.start, moves)
        work.timer(ref(new), "end", new.end, moves)
        return ref(new)

    def revoke_delegation(self, work: Work, act: RevokeDelegation) -> Ref:
        revoked = delegation.revoke(work.get(Delegation, act.id), by=work.actor)
        event = DelegationRevoked(
            delegation=revoked.id,
            from_person=revoked.from_person,
            to_person=revoked.to_person,
            by=work.actor.id,
        )
        work.save(revoked, event)
        work.cancel_timer(ref(revoked), "start")
        work.cancel_timer(ref(revoked), "end")
        self._move_tasks(work, revoked)
        return ref(revoked)

    def declare_interest(self, work: Work, act: DeclareInterest) -> Ref:
        person = relations.declarer(act, by=work.actor)
        known = work.find(Interests, person) or Interests(id=person)
        declared = relations.declare(known, act)
        new = declared.declared[-1]
        event = InterestDeclared(
            person=person,
            supplier=new.supplier,
            relation=new.relation,
            note=new.note,
            by=work.actor.id,
        )
        work.save(declared, event)
        self._reroute_all(work, person)
        return ref(declared)

    def end_interest(self, work: Work, act: EndInterest) -> Ref:
        known = work.get(Interests, act.person)
        ended = relations.end(known, act, by=work.actor)
        event = InterestEnded(
            person=act.person, supplier=act.supplier, note=act.note, by=work.actor.id
        )
        work.save(ended, event)
        return ref(ended)

    def move_delegated_tasks(self, work: Work, act: MoveDelegatedTasks) -> Ref:
        lent = work.get(Delegation, act.delegation)
        self._move_tasks(work, lent)
        return ref(lent)

    def _reroute_all(self, work: Work, person: str) -> Ref | None:
        last = None
        for approval in worklist.open_approvals(work, person):
            last = self.asking.stand_in(work, approval)
        return last

    def _move_tasks(self, work: Work, lent: Delegation) -> None:
        directory = Directory(work.peek)
        for approval in worklist.open_approvals(work, lent.from_person):
            step = open_step(approval)
            if step is not None:
                worklist.put(work, approval, step, directory)

    def _void_outdated(self, work: Work, act: RequestApproval) -> None:
        """End the pending approval of the revision before. Source: domain rule A-11."""
        before = work.find(Approval, approval_number(act.subject, act.revision - 1))
        if before is not None and before.is_pending:
            self.asking.void(work, before, f"revision {act.revision} replaced {before.revision}")


def _link_supplier(work: Work, act: LinkSupplier) -> Ref:
    new = relations.linked(act)
    if work.find(SupplierHouse, act.supplier) != new:
        work.save(new, SupplierLinked(supplier=act.supplier, house=act.house, why=act.why))
    return ref(new)


def _index(work: Work, role: str, person: str, *, holds: bool) -> None:
    index = work.find(ApproverIndex, role) or ApproverIndex(id=role)
    changed = index.with_person(person) if holds else index.without(person)
    if changed != index:
        work.save(changed, ApproverIndexed(role=role, person=person, holds=holds))


def _opened(work: Work, act: RequestApproval, chain: Chain, name: str) -> Approval:
    new = Approval(
        id=name,
        thread=act.thread,
        subject=act.subject,
        title=act.title,
        document_type=act.document_type,
        flow=act.flow,
        amount=act.amount,
        category=act.category,
        site=act.site,
        requester=act.requester,
        revision=act.revision,
        lane=act.lane,
        shares=act.shares,
        suppliers=suppliers_of(act.spends),
        requested_at=work.at,
        ruling="",
        sla_hours=chain.sla_hours,
    )
    return _rechained(new, chain)


def _rechained(approval: Approval, chain: Chain) -> Approval:
    return replace(
        approval,
        steps=chain.steps,
        ruling=chain.cited,
        rulings=tuple(record(each) for each in chain.rulings),
        sla_hours=chain.sla_hours,
        final_role=chain.final_role,
        gap=chain.gap,
        findings=_kept(approval.findings, chain.findings),
    )


def _kept(before: tuple[Finding, ...], now: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Keep what windows found when it was asked for; interests are those of now."""
    return (*(each for each in before if each.rule != INTEREST), *now)


def _told(approval: Approval) -> tuple[object, ...]:
    """Tell what other rules made of the chain, each kind once."""
    events: list[object] = []
    sums = tuple(each for each in approval.findings if each.rule != INTEREST)
    interests = tuple(each for each in approval.findings if each.rule == INTEREST)
    if sums and approval.weighed is not None:
        events.append(
            SpendAggregated(
                approval=approval.id,
                subject=approval.subject,
                thread=approval.thread,
                amount=approval.amount,
                weighed=approval.weighed,
                findings=sums,
                why="; ".join(f"{each.rule}: {each.text}" for each in sums),
            )
        )
    if interests:
        events.append(
            ConflictAvoided(
                approval=approval.id,
                subject=approval.subject,
                thread=approval.thread,
                why="; ".join(f"{each.rule}: {each.text}" for each in interests),
            )
        )
    return tuple(events)


def _requested(approval: Approval) -> ApprovalRequested:
    return ApprovalRequested(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        amount=approval.amount,
        steps=approval.steps,
        ruling=approval.ruling,
    )


def _granted(approval: Approval) -> ApprovalGranted:
    return ApprovalGranted(
        approval=approval.id,
        subject=approval.subject,
        thread=approval.thread,
        amount=approval.amount,
        revision=approval.revision,
        ruling=approval.ruling,
    )


def _lent(new: Delegation, *, by: str) -> DelegationGranted:
    return DelegationGranted(
        delegation=new.id,
        from_person=new.from_person,
        to_person=new.to_person,
        start=new.start,
        end=new.end,
        document_types=new.document_types,
        sites=new.sites,
        cap=new.cap,
        by=by,
    )
