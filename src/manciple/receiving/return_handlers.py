"""Handlers of returns: load, decide, save."""

from datetime import date

from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import dataclass, replace
from manciple.ordering.life import reopened
from manciple.ordering.line_ledger import ledgers_of
from manciple.ordering.purchase_order import OrderReopened, PurchaseOrder
from manciple.policy.register import Register
from manciple.receiving import return_life as life
from manciple.receiving.days import Beginning, require_past
from manciple.receiving.return_life import Terms
from manciple.receiving.supplier_return import (
    AuthoriseReturn,
    NoteCreditOverdue,
    PickReturn,
    RecordReturnCredit,
    RefuseReturn,
    RequestReturn,
    Returnable,
    ReturnAuthorised,
    ReturnCredited,
    ReturnCreditOverdue,
    ReturnCreditWaived,
    ReturnPicked,
    ReturnRefused,
    ReturnRequested,
    ReturnShipped,
    ReturnsListed,
    ReturnState,
    ReturnWithdrawn,
    ShipReturn,
    SupplierReturn,
    WithdrawReturn,
    WriteOffReturn,
)
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

TERMS = "return_terms"
"""The policy table that says what is agreed about returns."""
CREDIT_DAYS = 30
"""How long a credit may take where no row of policy says it."""
_ASKERS = frozenset({Role.WAREHOUSE_LEAD, Role.BUYER, Role.PLANNER, Role.QUALITY, Role.SYSTEM})
_ANSWERERS = frozenset({Role.BUYER, Role.SUPPLIER})
_KEEPERS = frozenset({Role.WAREHOUSE_LEAD, Role.BUYER, Role.PLANNER})
_MOVERS = frozenset({Role.WAREHOUSE_LEAD, Role.WAREHOUSE_SYSTEM})
_FORGIVERS = frozenset({Role.AP_LEAD, Role.SYSTEM})
_ITSELF = frozenset({Role.SYSTEM})


def handles(register: Register) -> tuple[Handles, ...]:
    """Give the acts of returns; the register answers on what terms."""
    desk = _Desk(register)
    return (
        Handles(act=RequestReturn, handle=desk.ask, by=_ASKERS, reads=_order_of),
        Handles(act=AuthoriseReturn, handle=_authorise, by=_ANSWERERS, reads=_return_of),
        Handles(act=RefuseReturn, handle=_refuse, by=_ANSWERERS, reads=_return_of),
        Handles(act=WithdrawReturn, handle=_withdraw, by=_KEEPERS, reads=_return_of),
        Handles(act=PickReturn, handle=desk.pick, by=_MOVERS, reads=_return_of),
        Handles(act=ShipReturn, handle=desk.ship, by=_MOVERS, reads=_return_of),
        Handles(act=RecordReturnCredit, handle=_record_credit, by=_ITSELF, reads=_return_of),
        Handles(act=WriteOffReturn, handle=_write_off, by=_FORGIVERS, reads=_return_of),
        Handles(act=NoteCreditOverdue, handle=_note_overdue, by=_ITSELF, reads=_return_of),
    )


def _order_of(act: RequestReturn) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order),)


def _return_of(
    act: AuthoriseReturn
    | RefuseReturn
    | WithdrawReturn
    | PickReturn
    | ShipReturn
    | RecordReturnCredit
    | WriteOffReturn
    | NoteCreditOverdue,
) -> tuple[Ref, ...]:
    return (Ref(SupplierReturn.KIND, act.rtv),)


@dataclass(frozen=True, slots=True)
class _Desk:
    """The handlers that ask policy."""

    register: Register

    def ask(self, work: Work, act: RequestReturn) -> Ref:
        order = life.require_returnable(work.find(PurchaseOrder, act.order), act, actor=work.actor)
        known = work.find(Returnable, order.id) or Returnable(id=order.id)
        now = life.requested(
            order,
            act,
            name=number("RTV", order.id, work.key),
            ledgers=ledgers_of(work, order.id),
            known=known,
            others=tuple(work.get(SupplierReturn, each) for each in known.returns),
            terms=self._terms(work, order, act),
            actor=work.actor,
            at=work.at,
        )
        event = ReturnRequested(
            rtv=now.id,
            order=now.order,
            thread=now.thread,
            supplier=now.supplier,
            reason=now.reason,
            settlement=now.settlement,
            lines=now.lines,
        )
        work.save(now, event, touches=(ref(order),))
        listed = ReturnsListed(order=order.id, thread=order.thread)
        work.save(known.with_return(now.id), listed)
        work.link(now.thread, ref(now), now.id)
        return ref(now)

    def _terms(self, work: Work, order: PurchaseOrder, act: RequestReturn) -> Terms:
        """Ask policy for the terms of the first line's category; none: 30 days, no fee."""
        first = order.line(act.lines[0].line) if act.lines else None
        facts = {
            "supplier": order.supplier,
            "category": first.category if first else "",
            "reason": act.reason.value,
        }
        unknown = Terms(credit_days=CREDIT_DAYS, most_restocking=life.NOTHING, ruling="")
        if TERMS not in self.register.versions:
            return unknown
        ruling = self.register.decide(TERMS, facts, at=work.at)
        if ruling.held:
            return replace(unknown, ruling=ruling.cite())
        days = ruling.decimal("credit_days")
        return Terms(
            credit_days=CREDIT_DAYS if days is None else int(days),
            most_restocking=ruling.decimal("restocking_percent"),
            ruling=ruling.cite(),
        )

    def _require_past(self, work: Work, was: SupplierReturn, day: date, *, field: str) -> None:
        order = work.get(PurchaseOrder, was.order)
        since = Beginning(day=order.ordered_on, what=f"order {order.id} was placed")
        require_past(work, self.register, day, site=was.site, field=field, since=since)

    def pick(self, work: Work, act: PickReturn) -> Ref:
        was = _theirs(work, act.rtv)
        self._require_past(work, was, act.picked, field="picked")
        now = life.picked(was, act.picked)
        work.save(now, ReturnPicked(rtv=now.id, order=now.order, thread=now.thread))
        return ref(now)

    def ship(self, work: Work, act: ShipReturn) -> Ref:
        was = _theirs(work, act.rtv)
        self._require_past(work, was, act.shipped, field="shipped")
        now = life.shipped(was, act)
        order = work.get(PurchaseOrder, now.order)
        event = ReturnShipped(
            rtv=now.id,
            order=now.order,
            thread=now.thread,
            lines=now.lines,
            expected_credit=now.expected_credit if now.credit_by is not None else None,
            credit_by=now.credit_by,
            carrier=now.carrier,
        )
        work.append(order.id, *life.postings(now, order))
        open_again = order if now.is_refund else reopened(order)
        if open_again != order:
            work.save(open_again, OrderReopened(order=order.id, thread=order.thread, by=now.id))
        work.save(now, event, touches=(ref(order),))
        return ref(now)


def _theirs(work: Work, name: str) -> SupplierReturn:
    """Load a return that the actor may see.

    Raises:
        Refused: UNKNOWN_RETURN, NOT_YOUR_SITE or NOT_YOUR_SUPPLIER.
    """
    was = work.find(SupplierReturn, name)
    if was is None:
        raise refuse("UNKNOWN_RETURN", f"there is no return {name}", field="rtv")
    life.require_theirs(was, work.actor)
    return was


def _authorise(work: Work, act: AuthoriseReturn) -> Ref:
    now = life.authorised(_theirs(work, act.rtv), act, actor=work.actor)
    assert now.authorisation is not None
    assert now.fee is not None
    event = ReturnAuthorised(
        rtv=now.id,
        order=now.order,
        thread=now.thread,
        authorisation=now.authorisation,
        fee=now.fee,
        by=work.actor.id,
    )
    work.save(now, event)
    work.link(now.thread, ref(now), now.authorisation)
    return ref(now)


def _refuse(work: Work, act: RefuseReturn) -> Ref:
    now = life.ended(_theirs(work, act.rtv), ReturnState.REFUSED, act.reason)
    event = ReturnRefused(rtv=now.id, order=now.order, thread=now.thread, reason=act.reason)
    work.save(now, event)
    return ref(now)


def _withdraw(work: Work, act: WithdrawReturn) -> Ref:
    was = _theirs(work, act.rtv)
    now = life.ended(was, ReturnState.WITHDRAWN, act.reason)
    event = ReturnWithdrawn(
        rtv=now.id,
        order=now.order,
        thread=now.thread,
        was_picked=was.state is ReturnState.PICKED,
        reason=act.reason,
    )
    work.save(now, event)
    return ref(now)


def _record_credit(work: Work, act: RecordReturnCredit) -> Ref:
    was = work.get(SupplierReturn, act.rtv)
    now = life.credited(was, act)
    if now != was:
        event = ReturnCredited(
            rtv=now.id,
            order=now.order,
            thread=now.thread,
            lines=act.lines,
            credits=now.credits,
            is_complete=now.is_credited,
        )
        work.save(now, event)
    return ref(now)


def _write_off(work: Work, act: WriteOffReturn) -> Ref:
    now = life.ended(_theirs(work, act.rtv), ReturnState.SETTLED, act.reason)
    event = ReturnCreditWaived(
        rtv=now.id, order=now.order, thread=now.thread, by=work.actor.id, reason=act.reason
    )
    work.save(now, event)
    return ref(now)


def _note_overdue(work: Work, act: NoteCreditOverdue) -> Ref | None:
    was = work.find(SupplierReturn, act.rtv)
    if was is None or was.state is not ReturnState.SHIPPED or was.credit_by is None:
        return None
    missing = "; ".join(
        f"line {line.line}: {line.to_credit}" for line in was.lines if line.to_credit
    )
    event = ReturnCreditOverdue(
        rtv=was.id,
        order=was.order,
        thread=was.thread,
        supplier=was.supplier,
        site=was.site,
        lane=was.lane,
        due=was.credit_by,
        open=was.left_to_credit,
        text=f"the credit for {was.id} was due on {was.credit_by}; not credited: {missing}",
    )
    work.save(was, event)
    return ref(was)
