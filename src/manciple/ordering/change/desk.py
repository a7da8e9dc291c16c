"""The desk at which orders are changed: load, decide, save."""

from datetime import datetime

from manciple.approvals.reapproval import Outcome
from manciple.catalog.site import require_site
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass, replace
from manciple.ordering.change import order_change
from manciple.ordering.change.drafting import ChangeDraft, Drafting, concerns_supplier
from manciple.ordering.change.order_change import (
    AdoptProposal,
    ApplyOrderChange,
    ChangeOrder,
    ChangeState,
    CommitmentLowered,
    OrderChange,
    OrderChangeApplied,
    OrderChangeEnded,
    OrderChangeProposed,
    PendingChangeNoted,
    RejectOrderChange,
    WithdrawOrderChange,
)
from manciple.ordering.change.remainder import cancel_remainder
from manciple.ordering.change.revising import Cause, Change
from manciple.ordering.life import by_item
from manciple.ordering.line_ledger import ledgers_of
from manciple.ordering.purchase_order import CancelRemainder, OrderChanged, PurchaseOrder
from manciple.policy.register import Register
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_ITSELF = frozenset({Role.SYSTEM})
_CHANGERS = frozenset({Role.BUYER, Role.PLANNER})


def handles(register: Register) -> tuple[Handles, ...]:
    """Give the acts by which orders are changed."""
    desk = _Desk(Drafting(register))
    return (
        Handles(
            act=CancelRemainder,
            handle=desk.cancel_remainder,
            by=_CHANGERS | _ITSELF,
            reads=_order_of,
        ),
        Handles(act=ChangeOrder, handle=desk.change, by=_CHANGERS, reads=_order_of),
        Handles(act=AdoptProposal, handle=desk.adopt, by=_ITSELF),
        Handles(act=ApplyOrderChange, handle=desk.apply, by=_ITSELF, reads=_change_of),
        Handles(act=RejectOrderChange, handle=desk.reject, by=_ITSELF, reads=_change_of),
        Handles(act=WithdrawOrderChange, handle=desk.withdraw, by=_CHANGERS, reads=_change_of),
    )


def _order_of(act: CancelRemainder | ChangeOrder) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order),)


def _change_of(
    act: ApplyOrderChange | RejectOrderChange | WithdrawOrderChange,
) -> tuple[Ref, ...]:
    return (Ref(OrderChange.KIND, act.change),)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Who wants a change, and whether the supplier proposed it."""

    by: str
    proposed_at: datetime | None = None
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class _Desk:
    """The handlers, with what drafting leans on."""

    drafting: Drafting

    def cancel_remainder(self, work: Work, act: CancelRemainder) -> Ref:
        known = _known(work, act.order)
        cause = Cause(by=work.actor.id, reason=act.reason, at=work.at)
        ledgers = ledgers_of(work, known.id)
        change = cancel_remainder(known, act, ledgers=ledgers, cause=cause)
        _keep(work, known, change, outcome=Outcome.NOTIFIES)
        return ref(change.order)

    def change(self, work: Work, act: ChangeOrder) -> Ref:
        is_told = concerns_supplier(_known(work, act.order), act)
        return self._ask(work, act, _Asked(by=work.actor.id, is_told=is_told))

    def adopt(self, work: Work, act: AdoptProposal) -> Ref:
        order = _known(work, act.change.order)
        is_told = self.drafting.is_sent_back(order, act.change, act.cause, work.at)
        asked = _Asked(by=act.by, proposed_at=act.proposed_at, is_told=is_told)
        return self._ask(work, act.change, asked)

    def _ask(self, work: Work, act: ChangeOrder, asked: _Asked) -> Ref:
        """Make the revision at once where policy lets it pass; else have people asked."""
        order = _known(work, act.order)
        name = number("CHG", work.key)
        draft = self._draft(work, order, act, asked, name)
        made = _document(work, order, act, asked, name=name, draft=draft)
        if draft.reapproval.is_needed:
            return self._propose(work, order, made)
        order = _keep(work, order, draft.change, outcome=draft.reapproval.outcome)
        _keep_applied(work, made, order, approval=None)
        return ref(made)

    def _draft(
        self, work: Work, order: PurchaseOrder, act: ChangeOrder, asked: _Asked, name: str
    ) -> ChangeDraft:
        cause = Cause(
            by=asked.by,
            reason=act.reason,
            at=work.at,
            change=name,
            proposed_at=asked.proposed_at,
            is_told=asked.is_told,
        )
        ledgers = ledgers_of(work, order.id)
        return self.drafting.draft(order, act, ledgers=ledgers, peek=work.peek, cause=cause)

    def _propose(self, work: Work, order: PurchaseOrder, made: OrderChange) -> Ref:
        _void_pending(work, order, why=f"{made.id} takes its place")
        event = OrderChangeProposed(
            change=made.id,
            order=order.id,
            thread=order.thread,
            base_revision=order.revision,
            committed_before=made.committed_before,
            committed_after=made.committed_after,
            causes=made.reapproval.causes,
            requester=made.requester,
        )
        work.save(made, event, touches=(ref(order),))
        work.link(order.thread, ref(made), made.id)
        _note_pending(work, order, made.id)
        return ref(made)

    def apply(self, work: Work, act: ApplyOrderChange) -> Ref | None:
        """Make the revision that people agreed to; if it can't be made any more, say so."""
        made = work.get(OrderChange, act.change)
        if made.state is not ChangeState.PROPOSED:
            return None
        order = work.get(PurchaseOrder, made.order)
        asked = _Asked(by=made.requester, proposed_at=made.proposed_at, is_told=made.is_told)
        try:
            draft = self._draft(work, order, made.wanted, asked, made.id)
        except Refused as refused:
            why = "; ".join(reason.message for reason in refused.reasons)
            _end(work, made, order_change.ended(made, ChangeState.VOID, why))
            return ref(made)
        anew = replace(
            draft.change.order,
            pending_change=None,
            baseline=draft.after,
            baseline_revision=draft.change.order.revision,
        )
        change = replace(draft.change, order=anew)
        outcome = Outcome.NOTIFIES if draft.after < draft.before else Outcome.NEEDS_APPROVAL
        order = _keep(work, replace(order, pending_change=None), change, outcome=outcome)
        _keep_applied(work, made, order, approval=act.approval)
        return ref(made)

    def reject(self, work: Work, act: RejectOrderChange) -> Ref | None:
        made = work.get(OrderChange, act.change)
        if made.state is not ChangeState.PROPOSED:
            return None
        _end(work, made, order_change.ended(made, ChangeState.REJECTED, act.reason))
        return ref(made)

    def withdraw(self, work: Work, act: WithdrawOrderChange) -> Ref:
        known = work.find(OrderChange, act.change)
        if known is None:
            raise refuse(
                "UNKNOWN_CHANGE", f"there is no order change {act.change}", field="change"
            )
        _end(work, known, order_change.withdrawn(known, by=work.actor))
        return ref(known)


def _known(work: Work, name: str) -> PurchaseOrder:
    known = work.find(PurchaseOrder, name)
    if known is None:
        raise refuse("UNKNOWN_ORDER", f"there is no order {name}", field="order")
    require_site(work.actor, known.site)
    return known


def _document(
    work: Work,
    order: PurchaseOrder,
    act: ChangeOrder,
    asked: _Asked,
    *,
    name: str,
    draft: ChangeDraft,
) -> OrderChange:
    return OrderChange(
        id=name,
        thread=order.thread,
        order=order.id,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        base_revision=order.revision,
        wanted=act,
        lines=draft.change.revision.lines,
        committed_before=draft.before,
        committed_after=draft.after,
        shares=draft.shares,
        reapproval=draft.reapproval,
        requester=asked.by,
        asked_at=work.at,
        state=ChangeState.PROPOSED,
        proposed_at=asked.proposed_at,
        is_told=asked.is_told,
    )


def _keep(work: Work, before: PurchaseOrder, change: Change, *, outcome: Outcome) -> PurchaseOrder:
    """Save a new revision; whatever waited for people's agreement is outdated by it."""
    if before.pending_change is not None:
        _void_pending(work, before, why=f"revision {change.revision.number} was made first")
    order = replace(change.order, pending_change=None)
    event = OrderChanged(
        order=order.id,
        revision=order.revision,
        thread=order.thread,
        cancelled=change.cancelled,
        reason=change.revision.reason,
        lines=change.revision.lines,
        change=change.revision.change,
        is_told=change.revision.is_told,
        outcome=outcome.value,
    )
    events: tuple[object, ...] = (event,)
    if outcome is Outcome.NOTIFIES:
        lowered = CommitmentLowered(
            order=order.id,
            thread=order.thread,
            revision=order.revision,
            before=before.committed,
            after=order.committed,
        )
        events = (event, lowered)
    work.save(order, *events)
    work.append(order.id, *change.postings)
    known = {line.number for line in before.lines}
    for key, row in by_item(order, [line for line in order.lines if line.number not in known]):
        work.append(key, row)
    return order


def _keep_applied(
    work: Work, made: OrderChange, order: PurchaseOrder, *, approval: str | None
) -> None:
    done = replace(made, state=ChangeState.APPLIED, revision=order.revision, approval=approval)
    event = OrderChangeApplied(
        change=done.id,
        order=order.id,
        thread=order.thread,
        revision=order.revision,
        approval=approval,
    )
    work.save(done, event, touches=(ref(order),))
    work.link(order.thread, ref(done), done.id)


def _void_pending(work: Work, order: PurchaseOrder, *, why: str) -> None:
    """End the change that waits for people: the revision that it changes is outdated (A-11)."""
    waiting = work.find(OrderChange, order.pending_change) if order.pending_change else None
    if waiting is not None and waiting.state is ChangeState.PROPOSED:
        _save_ended(work, order_change.ended(waiting, ChangeState.VOID, f"outdated: {why}"))


def _end(work: Work, was: OrderChange, now: OrderChange) -> None:
    """End a proposed change, and let its order forget it."""
    _save_ended(work, now)
    order = work.get(PurchaseOrder, was.order)
    if order.pending_change == was.id:
        _note_pending(work, order, None)


def _note_pending(work: Work, order: PurchaseOrder, change: str | None) -> None:
    """Keep on the order which change of it waits for people."""
    noted = PendingChangeNoted(order=order.id, thread=order.thread, change=change)
    work.save(replace(order, pending_change=change), noted)


def _save_ended(work: Work, now: OrderChange) -> None:
    event = OrderChangeEnded(
        change=now.id, order=now.order, thread=now.thread, state=now.state, why=now.why
    )
    work.save(now, event, touches=(Ref(PurchaseOrder.KIND, now.order),))
