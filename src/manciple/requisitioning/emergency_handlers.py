"""Handlers of emergencies: load, decide, save."""

from manciple.approvals import routing
from manciple.approvals.directory import Directory
from manciple.approvals.ports import CalendarFor
from manciple.approvals.routing import Ask, Decides
from manciple.catalog.site import Site, require_site
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass
from manciple.requisitioning import emergency, on_call, requisition
from manciple.requisitioning.drafting import approval_request
from manciple.requisitioning.emergency import (
    Caps,
    Emergency,
    EmergencyDeclared,
    EmergencyExposureChanged,
    EmergencyRatified,
    EmergencyReleased,
    EmergencyRight,
    EmergencyRightRestored,
    EmergencyRightSuspended,
    EmergencySite,
    EmergencyState,
    EmergencyStopped,
    NoteRatificationOverdue,
    OnCallPaged,
    RatificationOverdue,
    RatificationRefused,
    RecordRatification,
    RefuseEmergency,
    ReleaseEmergency,
    ReleaseUnanswered,
    RestoreEmergencyRight,
    WithdrawEmergency,
)
from manciple.requisitioning.on_call import OnCall, OnCallRegistered, RegisterOnCall
from manciple.requisitioning.requisition import Requisition, RequisitionReleased
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Task, Work

LIST = "emergency"
"""The worklist of pages after hours, and of rights that were suspended."""
RATIFY, UNANSWERED = "ratify", "unanswered"
_APPROVER = frozenset({Role.APPROVER})
_SYSTEM = frozenset({Role.SYSTEM})


@dataclass(frozen=True, slots=True)
class Emergencies:
    """The handlers with what they lean on: the policy, and when a site works."""

    register: Decides
    calendar_for: CalendarFor

    def handles(self) -> tuple[Handles, ...]:
        """Give the acts of emergencies."""
        stewards = frozenset({Role.STEWARD, Role.ADMIN})
        return (
            Handles(act=RegisterOnCall, handle=_register_on_call, by=stewards),
            Handles(act=ReleaseEmergency, handle=self.release, by=_APPROVER),
            Handles(act=RefuseEmergency, handle=_refuse, by=_APPROVER),
            Handles(act=ReleaseUnanswered, handle=self.release_unanswered, by=_SYSTEM),
            Handles(act=WithdrawEmergency, handle=_withdraw, by=_SYSTEM),
            Handles(act=RecordRatification, handle=_ratification, by=_SYSTEM),
            Handles(act=NoteRatificationOverdue, handle=_overdue, by=_SYSTEM),
            Handles(act=RestoreEmergencyRight, handle=_restore, by=_APPROVER),
        )

    def caps(self, work: Work, need: Requisition) -> Caps:
        """Let an emergency pass, or refuse it with every reason, before anything is kept."""
        caps = emergency.caps_of(need, self.register, work.at)
        emergency.check(
            need,
            caps,
            site=work.find(EmergencySite, need.site) or EmergencySite(id=need.site),
            right=work.peek(EmergencyRight, need.requester),
        )
        return caps

    def declare(self, work: Work, need: Requisition, caps: Caps) -> None:
        """Keep an emergency that passed: released at once, or after hours put before a person."""
        new = emergency.declared(need, caps)
        _expose(work, new)
        event = EmergencyDeclared(
            emergency=new.id,
            thread=new.thread,
            site=new.site,
            requester=new.requester,
            amount=new.amount,
            cause=new.cause,
            asset=new.asset,
            customer_order=new.customer_order,
            ruling=new.ruling,
        )
        work.link(new.thread, ref(new), new.asset, new.customer_order)
        if self.calendar_for(work, new.site).is_open(work.at):
            self._release(work, new, event)
        else:
            _page(work, new, event)

    def release(self, work: Work, act: ReleaseEmergency) -> Ref:
        """Let it go on the word of whoever was paged."""
        known = _answered(work, act.emergency)
        self._release(work, known, by=work.actor.id, note=act.note)
        return ref(known)

    def release_unanswered(self, work: Work, act: ReleaseUnanswered) -> Ref | None:
        """Let it go because nobody refused it in time."""
        known = work.get(Emergency, act.emergency)
        if known.state is not EmergencyState.PAGED:
            return None
        self._release(work, known, flag=emergency.unanswered(known))
        return ref(known)

    def _release(
        self,
        work: Work,
        known: Emergency,
        *told: object,
        by: str = "",
        flag: str = "",
        note: str = "",
    ) -> None:
        due_at = emergency.ratify_by(self.calendar_for(work, known.site), work.at)
        need = requisition.release(work.get(Requisition, known.id))
        work.save(need, RequisitionReleased(requisition=need.id, thread=need.thread))
        done = emergency.released(known, at=work.at, due_at=due_at, by=by, flag=flag)
        event = EmergencyReleased(
            emergency=done.id, thread=done.thread, by=by, flag=flag, due_at=due_at, note=note
        )
        work.save(done, *told, event, touches=(ref(need),))
        _close_page(work, done)
        overdue = NoteRatificationOverdue(emergency=done.id)
        work.timer(ref(done), RATIFY, due_at + emergency.GRACE, overdue)


def _register_on_call(work: Work, act: RegisterOnCall) -> Ref:
    new = act.on_call
    if work.peek(Site, new.id) is None:
        raise refuse(
            "UNKNOWN_SITE",
            f"there is no site {new.id}",
            field="on_call.id",
            rule="A-17",
            fix="name a registered site",
        )
    on_call.check(new, Directory(work.peek))
    if new != work.find(OnCall, new.id):
        people = tuple(dict.fromkeys(turn.person for turn in new.turns))
        work.save(new, OnCallRegistered(site=new.id, people=people))
    return ref(new)


def _page(work: Work, new: Emergency, told: EmergencyDeclared) -> None:
    """Put it before whoever is on call, never the requester; the clock runs in any case."""
    roster = work.peek(OnCall, new.site)
    found = (roster.at(work.at) if roster else None) or ""
    directory = Directory(work.peek)
    is_able = bool(found) and directory.approver(found, site=new.site) is not None
    if not is_able or directory.same_person(found, new.requester):
        found = ""
    asked = emergency.paged(new, on_call=found, at=work.at)
    release_by = work.at + emergency.PAGE
    event = OnCallPaged(emergency=new.id, thread=new.thread, on_call=found, release_by=release_by)
    work.save(asked, told, event)
    work.put_task(
        Task(
            id=_page_id(asked),
            list=LIST,
            subject=ref(asked),
            title=f"Emergency {asked.id} at {asked.site}, {asked.amount}: {asked.cause}",
            role=Role.APPROVER.value,
            owner=found or None,
            opened_at=work.at,
            due_at=release_by,
            site=asked.site,
            priority=0,
        )
    )
    work.timer(ref(asked), UNANSWERED, release_by, ReleaseUnanswered(emergency=asked.id))


def _page_id(known: Emergency) -> str:
    return f"{known.id}/page"


def _close_page(work: Work, known: Emergency) -> None:
    if known.release_by is not None:
        work.drop_task(_page_id(known))
        work.cancel_timer(ref(known), UNANSWERED)


def _answered(work: Work, name: str) -> Emergency:
    """Load an emergency that the actor may answer."""
    known = work.get(Emergency, name)
    require_site(work.actor, known.site)
    same = Directory(work.peek).same_person(work.actor.id, known.requester)
    emergency.may_answer(known, by=work.actor, is_requester=same)
    return known


def _refuse(work: Work, act: RefuseEmergency) -> Ref:
    if not act.reason.strip():
        fix = "say why it has to wait"
        raise refuse("REASON_MISSING", "a refusal has a reason", field="reason", fix=fix)
    return _stop(work, _answered(work, act.emergency), EmergencyState.STOPPED, act.reason)


def _withdraw(work: Work, act: WithdrawEmergency) -> Ref:
    known = work.get(Emergency, act.emergency)
    return _stop(work, known, EmergencyState.WITHDRAWN, "withdrawn")


def _stop(work: Work, known: Emergency, state: EmergencyState, reason: str) -> Ref:
    done = emergency.stopped(known, state=state, reason=reason, at=work.at)
    event = EmergencyStopped(
        emergency=done.id, thread=done.thread, by=work.actor.id, reason=reason, state=state
    )
    work.save(done, event)
    _close_page(work, done)
    _clear(work, done)
    return ref(done)


def _ratification(work: Work, act: RecordRatification) -> Ref:
    known = work.get(Emergency, act.emergency)
    is_late = emergency.is_late(known, work.at)
    done = emergency.decided(known, is_ratified=act.is_ratified, reason=act.reason, at=work.at)
    if act.is_ratified:
        work.save(
            done, EmergencyRatified(emergency=done.id, thread=done.thread, in_time=not is_late)
        )
    else:
        event = RatificationRefused(emergency=done.id, thread=done.thread, reason=act.reason)
        work.save(done, event)
    work.cancel_timer(ref(done), RATIFY)
    _clear(work, done)
    if not act.is_ratified:
        _suspend(work, done, f"its ratification was refused: {act.reason}")
    elif is_late and known.state is EmergencyState.RELEASED:
        _suspend(work, done, "it was ratified too late")
    return ref(done)


def _overdue(work: Work, act: NoteRatificationOverdue) -> Ref | None:
    known = work.get(Emergency, act.emergency)
    if known.state is not EmergencyState.RELEASED or known.due_at is None:
        return None
    done = emergency.overdue(known)
    event = RatificationOverdue(emergency=done.id, thread=done.thread, due_at=known.due_at)
    work.save(done, event)
    _suspend(work, done, f"nobody ratified it by {known.due_at}")
    return ref(done)


def _suspend(work: Work, known: Emergency, why: str) -> None:
    before = work.find(EmergencyRight, known.requester)
    right = emergency.suspended(before, known, at=work.at)
    if right == before:
        return
    event = EmergencyRightSuspended(person=right.id, emergency=known.id, why=why)
    work.save(right, event, touches=(ref(known),))
    work.put_task(
        Task(
            id=_right_id(right),
            list=LIST,
            subject=ref(right),
            title=f"{right.id} may declare no emergencies: {known.id}, {why}",
            role="cfo",
            owner=None,
            opened_at=work.at,
            due_at=None,
            site=known.site,
        )
    )


def _right_id(right: EmergencyRight) -> str:
    return f"{right.id}/emergency-right"


def _restore(work: Work, act: RestoreEmergencyRight) -> Ref:
    right = work.find(EmergencyRight, act.person) or EmergencyRight(id=act.person, site="")
    if right.site:
        require_site(work.actor, right.site)
    directory, by = Directory(work.peek), work.actor.id
    authority = directory.authority(by)
    needs = (work.peek(Requisition, name) for name in right.causes)
    covers = all(
        routing.covers(authority, Ask.of(approval_request(need))) for need in needs if need
    )
    done = emergency.lifted(
        right, by=by, is_own=directory.same_person(by, act.person), covers=covers
    )
    work.save(done, EmergencyRightRestored(person=done.id, by=by, note=act.note))
    work.drop_task(_right_id(done))
    return ref(done)


def _expose(work: Work, known: Emergency) -> None:
    site = work.find(EmergencySite, known.site) or EmergencySite(id=known.site)
    _keep_exposure(work, emergency.exposed(site, known), known)


def _clear(work: Work, known: Emergency) -> None:
    site = work.get(EmergencySite, known.site)
    _keep_exposure(work, emergency.cleared(site, known.id), known)


def _keep_exposure(work: Work, site: EmergencySite, known: Emergency) -> None:
    event = EmergencyExposureChanged(
        site=site.id,
        emergency=known.id,
        amount=known.amount,
        exposure=site.exposure(Money.zero(known.amount.currency)),
    )
    work.save(site, event, touches=(ref(known),))
