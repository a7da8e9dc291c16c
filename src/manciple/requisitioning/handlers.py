"""Handlers of requisitions: load, decide, save."""

from collections.abc import Iterable

from manciple.approvals.ports import CalendarFor
from manciple.approvals.routing import Decides
from manciple.catalog.calendars import calendar_of_site
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass
from manciple.requisitioning import batch, requisition
from manciple.requisitioning.batch import (
    Keep,
    Omitted,
    RequisitionBatch,
    RequisitionsSubmitted,
    SubmitRequisitions,
)
from manciple.requisitioning.drafting import Drafter
from manciple.requisitioning.emergency_handlers import Emergencies
from manciple.requisitioning.queries import Raised
from manciple.requisitioning.requisition import (
    EMERGENCY_FLOW,
    ApproveRequisition,
    RecordOrdered,
    RejectRequisition,
    Requisition,
    RequisitionApproved,
    RequisitionOrdered,
    RequisitionRejected,
    RequisitionSubmitted,
    RequisitionWithdrawn,
    SubmitRequisition,
    WithdrawRequisition,
)
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

REQUESTERS = frozenset({Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE})
_SYSTEM = frozenset({Role.SYSTEM})


def handles(
    *,
    register: Decides,
    flows: Iterable[str] = ("direct",),
    currency: Currency = Currency.USD,
    calendar_for: CalendarFor = calendar_of_site,
) -> tuple[Handles, ...]:
    """Give the acts of this room; ``flows`` are those that this installation runs."""
    emergencies = Emergencies(register=register, calendar_for=calendar_for)
    drafter = Drafter(register=register, flows=frozenset(flows), currency=currency)
    room = _Room(drafter, emergencies)
    return (
        Handles(act=SubmitRequisition, handle=room.submit, by=REQUESTERS),
        Handles(act=SubmitRequisitions, handle=room.submit_many, by=REQUESTERS),
        Handles(act=WithdrawRequisition, handle=_withdraw, by=REQUESTERS, reads=_named),
        Handles(act=ApproveRequisition, handle=_approve, by=_SYSTEM, reads=_named),
        Handles(act=RejectRequisition, handle=_reject, by=_SYSTEM, reads=_named),
        Handles(act=RecordOrdered, handle=_record_ordered, by=_SYSTEM, reads=_named),
        *emergencies.handles(),
    )


_Named = WithdrawRequisition | ApproveRequisition | RejectRequisition | RecordOrdered


def _named(act: _Named) -> tuple[Ref, ...]:
    return (Ref(Requisition.KIND, act.requisition),)


@dataclass(frozen=True, slots=True)
class _Room:
    """The handlers with what they lean on."""

    drafter: Drafter
    emergencies: Emergencies

    def submit(self, work: Work, act: SubmitRequisition) -> Ref:
        need = self._draft(work, act, number("REQ", work.key))
        if need.flow != EMERGENCY_FLOW:
            return _keep(work, need)
        caps = self.emergencies.caps(work, need)
        kept = _keep(work, need)
        self.emergencies.declare(work, need, caps)
        return kept

    def submit_many(self, work: Work, act: SubmitRequisitions) -> Ref:
        batch.check(act)
        drafts: list[Requisition] = []
        left_out: list[Omitted] = []
        for place, request in enumerate(act.requests):
            name = number("REQ", work.key, str(place))
            made, faults = self._try(work, request, name, act.keep)
            left_out += batch.omitted(place, faults)
            drafts += [made] if made else []
        if not drafts or (left_out and act.keep is Keep.ALL):
            raise batch.refusal(tuple(left_out))
        names = tuple(_keep(work, each).id for each in drafts)
        taken = RequisitionBatch(
            id=number("RQB", work.key), requisitions=names, omitted=tuple(left_out)
        )
        event = RequisitionsSubmitted(batch=taken.id, requisitions=names, omitted=len(left_out))
        work.save(taken, event)
        return ref(taken)

    def _try(
        self, work: Work, request: SubmitRequisition, name: str, keep: Keep
    ) -> tuple[Requisition | None, tuple[Reason, ...]]:
        """Draft a request; when good lines are to be kept, once more without the bad ones."""
        if request.flow == EMERGENCY_FLOW:
            return None, (batch.one_by_one(),)
        try:
            return self._draft(work, request, name), ()
        except Refused as refused:
            faults = refused.reasons
        rest = batch.without_faults(request, faults)
        if keep is Keep.ALL or not rest.lines:
            return None, faults
        try:
            return self._draft(work, rest, name), faults
        except Refused as refused:
            return None, (*faults, *refused.reasons)

    def _draft(self, work: Work, act: SubmitRequisition, name: str) -> Requisition:
        return self.drafter.draft(act, number=name, by=work.actor, at=work.at, peek=work.peek)


def _keep(work: Work, new: Requisition) -> Ref:
    event = RequisitionSubmitted(
        requisition=new.id,
        thread=new.thread,
        site=new.site,
        flow=new.flow,
        requester=new.requester,
        amount=new.total,
        category=new.category,
        lane=new.lane,
        shares=new.shares,
        ruling=new.ruling,
        lines=len(new.lines),
    )
    work.save(new, event)
    work.append(new.requester, Raised(requisition=new.id))
    work.link(new.thread, ref(new), new.id, new.reference or "")
    return ref(new)


def _withdraw(work: Work, act: WithdrawRequisition) -> Ref:
    done = requisition.withdraw(work.get(Requisition, act.requisition), by=work.actor)
    event = RequisitionWithdrawn(requisition=done.id, thread=done.thread, by=work.actor.id)
    work.save(done, event)
    return ref(done)


def _approve(work: Work, act: ApproveRequisition) -> Ref:
    done = requisition.approve(work.get(Requisition, act.requisition), approval=act.approval)
    event = RequisitionApproved(requisition=done.id, thread=done.thread, approval=act.approval)
    work.save(done, event)
    return ref(done)


def _reject(work: Work, act: RejectRequisition) -> Ref:
    done = requisition.reject(
        work.get(Requisition, act.requisition), approval=act.approval, reason=act.reason
    )
    event = RequisitionRejected(requisition=done.id, thread=done.thread, reason=act.reason)
    work.save(done, event)
    return ref(done)


def _record_ordered(work: Work, act: RecordOrdered) -> Ref:
    done = requisition.ordered(work.get(Requisition, act.requisition), orders=act.orders)
    event = RequisitionOrdered(requisition=done.id, thread=done.thread, orders=act.orders)
    work.save(done, event)
    return ref(done)
