"""Handlers of purchase orders: load, decide, save."""

from collections.abc import Mapping

from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.tolerance import Tolerance
from manciple.ordering import closing, life, substituting
from manciple.ordering.allowances import Test, allowance
from manciple.ordering.change import desk
from manciple.ordering.line_ledger import ledgers_of
from manciple.ordering.purchase_order import (
    CloseOrder,
    OrderClosed,
    OrderPlaced,
    OrderRecordedInErp,
    OrderRefusedByErp,
    OrderSent,
    PlaceOrder,
    PurchaseOrder,
    RecordErpRefusal,
    RecordOrderInErp,
    RecordOrderSent,
)
from manciple.policy.register import Register
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_ITSELF = frozenset({Role.SYSTEM})


def handles(register: Register) -> tuple[Handles, ...]:
    """Give the acts of this room; the register answers what tolerances apply."""

    def close(work: Work, act: CloseOrder) -> Ref:
        return _close(work, act, register)

    return (
        Handles(act=PlaceOrder, handle=_place, by=_ITSELF),
        Handles(act=RecordOrderInErp, handle=_record_in_erp, by=_ITSELF, reads=_order_of),
        Handles(act=RecordErpRefusal, handle=_record_refusal, by=_ITSELF, reads=_order_of),
        Handles(act=RecordOrderSent, handle=_record_sent, by=_ITSELF, reads=_order_of),
        Handles(act=CloseOrder, handle=close, by=_ITSELF, reads=_order_of),
        *desk.handles(register),
        *substituting.handles(register),
    )


def _order_of(
    act: RecordOrderInErp | RecordErpRefusal | RecordOrderSent | CloseOrder,
) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order),)


def _place(work: Work, act: PlaceOrder) -> Ref:
    name = number("PO", act.requisition, act.supplier, act.currency.value)
    known = work.find(PurchaseOrder, name)
    if known is not None:
        return ref(known)
    order = life.place(act, number=name, at=work.at)
    event = OrderPlaced(
        order=order.id,
        thread=order.thread,
        supplier=order.supplier,
        site=order.site,
        total=order.total,
        requisition=order.requisition,
        lane=order.lane,
        lines=life.placed_lines(order),
        planned=order.planned,
    )
    work.save(order, event, touches=(Ref.parse(order.thread),))
    work.append(order.id, *life.ordered(order))
    for key, row in life.by_item(order, order.lines):
        work.append(key, row)
    work.link(order.thread, ref(order), order.id)
    return ref(order)


def _record_in_erp(work: Work, act: RecordOrderInErp) -> Ref:
    known = work.get(PurchaseOrder, act.order)
    order = life.record_in_erp(known, act.erp_number)
    if order != known:
        event = OrderRecordedInErp(order=order.id, erp_number=act.erp_number, thread=order.thread)
        work.save(order, event)
        work.link(order.thread, ref(order), act.erp_number)
    return ref(order)


def _record_refusal(work: Work, act: RecordErpRefusal) -> Ref:
    order = life.refuse_by_erp(work.get(PurchaseOrder, act.order), act.reason)
    event = OrderRefusedByErp(
        order=order.id,
        reason=act.reason,
        thread=order.thread,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
    )
    work.save(order, event)
    return ref(order)


def _record_sent(work: Work, act: RecordOrderSent) -> Ref:
    known = work.get(PurchaseOrder, act.order)
    books = ledgers_of(work, known.id) if act.revision > 1 else {}
    heard = {line: len(ledger.postings) for line, ledger in books.items()}
    order = life.send(known, act.revision, at=work.at, heard=heard)
    if order != known:
        event = OrderSent(
            order=order.id,
            revision=act.revision,
            interchange=act.interchange,
            thread=order.thread,
        )
        work.save(order, event)
        work.link(order.thread, ref(order), act.interchange)
    return ref(order)


def _close(work: Work, act: CloseOrder, register: Register) -> Ref:
    order = work.get(PurchaseOrder, act.order)
    result = closing.close(
        order,
        ledgers=ledgers_of(work, order.id),
        tolerances=_close_tolerances(work, order, register),
        at=work.at,
    )
    if result.is_closed:
        work.save(result.order, OrderClosed(order=order.id, thread=order.thread))
        if result.postings:
            work.append(order.id, *result.postings)
    return ref(order)


def _close_tolerances(
    work: Work, order: PurchaseOrder, register: Register
) -> Mapping[str, Tolerance]:
    return {
        line.number: allowance(
            register, Test.CLOSE, category=line.category, supplier=order.supplier, at=work.at
        ).tolerance
        for line in order.lines
    }
