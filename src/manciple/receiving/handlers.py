"""Handlers of receipts: load, decide, save."""

from collections.abc import Mapping
from typing import assert_never

from manciple.cases.discrepancy import Discrepancy
from manciple.catalog.outlook import outlook_id
from manciple.kernel.messages import Role
from manciple.kernel.quantity import Quantity, total
from manciple.ordering.allowances import over_receipt
from manciple.ordering.line_ledger import LineLedger, ledgers_of
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.policy.register import Register
from manciple.receiving import receipt, return_handlers
from manciple.receiving.days import Beginning, require_past
from manciple.receiving.drift import (
    CompareReceipts,
    ComparisonState,
    ReceiptComparison,
    ReceiptDifferenceNoticed,
    ReceiptDriftFound,
    ReceiptDriftHealed,
    compared,
    comparison_id,
)
from manciple.receiving.lead_time import completed
from manciple.receiving.overdue import NoteReceiptOverdue, ReceiptOverdue, overdue
from manciple.receiving.own_receipt import ReceiveOwn, require_own
from manciple.receiving.receipt import (
    AsideReceived,
    Booking,
    GoodsReceived,
    OrderReceived,
    Receipt,
    ReceiptDiscrepancyFound,
    RecordReceipt,
    TakeInAside,
)
from manciple.receiving.supplier_return import (
    Aside,
    Returnable,
    ReturnsListed,
    SupplierReturn,
    aside_going_back,
)
from manciple.receiving.warehouse_receipt import (
    RecordWarehouseReceipt,
    receipt_of,
    require_warehouse,
)
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.bus import Handles
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work

_RECEIVERS = frozenset({Role.WAREHOUSE_LEAD, Role.WAREHOUSE_SYSTEM})
_REQUESTERS = frozenset({Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE})


def handles(register: Register) -> tuple[Handles, ...]:
    """Give the acts of this room; the register answers how much may be received over."""

    def record(work: Work, act: RecordReceipt) -> Ref:
        return _record(work, act, register)

    def record_for_us(work: Work, act: RecordWarehouseReceipt) -> Ref:
        order = require_warehouse(work.find(PurchaseOrder, act.order), act)
        return _record(work, receipt_of(order, act, at=work.at), register)

    def take_in(work: Work, act: TakeInAside) -> Ref | None:
        return _take_in(work, act, register)

    def receive_own(work: Work, act: ReceiveOwn) -> Ref:
        need = work.peek(Requisition, act.requisition)
        order = work.find(PurchaseOrder, act.counted.order)
        require_own(need, order, act, actor=work.actor)
        return _record(work, act.counted, register)

    return (
        Handles(
            act=ReceiveOwn,
            handle=receive_own,
            by=_REQUESTERS,
            reads=lambda act: _touched(act.counted),
        ),
        Handles(act=RecordWarehouseReceipt, handle=record_for_us, by=frozenset({Role.SYSTEM})),
        Handles(act=RecordReceipt, handle=record, by=_RECEIVERS, reads=_touched),
        Handles(
            act=TakeInAside,
            handle=take_in,
            by=frozenset({Role.SYSTEM}),
            reads=lambda act: (Ref(PurchaseOrder.KIND, act.order), Ref(Receipt.KIND, act.receipt)),
        ),
        Handles(act=CompareReceipts, handle=_compare, by=frozenset({Role.SYSTEM})),
        Handles(
            act=NoteReceiptOverdue,
            handle=_note_overdue,
            by=frozenset({Role.SYSTEM}),
            reads=lambda act: (Ref(PurchaseOrder.KIND, act.order),),
        ),
        *return_handlers.handles(register),
    )


def _touched(act: RecordReceipt) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order), Ref(Receipt.KIND, act.receipt))


def _record(work: Work, act: RecordReceipt, register: Register) -> Ref:
    order = work.find(PurchaseOrder, act.order)
    order = receipt.require_order(order, act, actor=work.actor)
    known = work.find(Receipt, act.receipt)
    if known is not None:
        receipt.require_same(known, act)
        return ref(known)
    require_past(
        work,
        register,
        act.received,
        site=order.site,
        field="received",
        since=Beginning(day=order.ordered_on, what=f"order {order.id} was placed"),
    )
    before = ledgers_of(work, order.id)
    booking = receipt.book(
        order,
        act,
        ledgers=before,
        tolerances=over_receipt(register, order, work.at),
        at=work.at,
        by=work.actor.id,
    )
    _keep(work, booking)
    _learn(work, order, before, booking)
    return ref(booking.receipt)


def _learn(
    work: Work, order: PurchaseOrder, before: Mapping[str, LineLedger], booking: Booking
) -> None:
    """Keep how long the lines took that are complete by a receipt."""
    received = booking.receipt.received
    for item, took in completed(order, before, booking.postings, received=received):
        work.append(outlook_id(order.site, item), took)


def _take_in(work: Work, act: TakeInAside, register: Register) -> Ref | None:
    order = work.find(PurchaseOrder, act.order)
    known = work.find(Receipt, act.receipt)
    if order is None or known is None:
        return None
    conflict = receipt.packs_differ(order, known, act)
    if conflict is not None:
        work.save(known, _found(order, known, conflict), touches=(ref(order),))
        return ref(known)
    returnable = work.find(Returnable, order.id) or Returnable(id=order.id)
    ready = receipt.taken_in(
        order,
        known,
        act,
        leaving=_leaving(work, order, returnable, act),
        number=_next_number(work, known),
    )
    if ready is None:
        return None
    left, later = ready
    before = ledgers_of(work, order.id)
    booking = receipt.book(
        order,
        later,
        ledgers=before,
        tolerances=over_receipt(register, order, work.at),
        at=work.at,
        by=known.by,
        beyond=act.beyond,
    )
    moved = total((line.counted for line in booking.receipt.lines), before[act.line].unit)
    event = AsideReceived(
        receipt=known.id,
        order=order.id,
        thread=order.thread,
        line=act.line,
        item=act.item,
        quantity=moved,
        into=later.receipt,
    )
    work.save(left, event, touches=(ref(order),))
    listed = ReturnsListed(order=order.id, thread=order.thread)
    work.save(returnable.without_aside(known.id, act.line, moved), listed)
    _keep(work, booking)
    _learn(work, order, before, booking)
    return ref(booking.receipt)


def _leaving(
    work: Work, order: PurchaseOrder, returnable: Returnable, act: TakeInAside
) -> Quantity:
    """Say how much of a receipt's goods that are aside goes back, other receipts' goods first."""
    line = order.line(act.line)
    assert line is not None, "the receipt was booked on this line"
    none = Quantity.zero(line.base_unit)
    gone = aside_going_back(act.line, (work.peek(SupplierReturn, e) for e in returnable.returns))
    others = total(
        (
            each.quantity
            for each in returnable.aside
            if each.line == act.line and each.receipt != act.receipt
        ),
        line.base_unit,
    )
    return max((gone or none) - others, none)


def _next_number(work: Work, known: Receipt) -> str:
    """Give the number of the next receipt in which goods of this one stand."""
    n = 1
    while work.peek(Receipt, f"{known.id}+{n}") is not None:
        n += 1
    return f"{known.id}+{n}"


def _keep(work: Work, booking: Booking) -> None:
    booked, order = booking.receipt, booking.order
    received = GoodsReceived(
        receipt=booked.id,
        order=order.id,
        thread=order.thread,
        site=order.site,
        supplier=order.supplier,
        received=booked.received,
        lines=booked.lines,
    )
    found = (_found(order, booked, each) for each in booking.discrepancies)
    if booking.postings:
        work.append(order.id, *booking.postings)
        moved = OrderReceived(
            order=order.id,
            thread=order.thread,
            receipt=booked.id,
            lines=tuple(dict.fromkeys(line.line for line in booked.lines if line.received)),
            is_complete=booking.is_complete,
        )
        work.save(order, moved, touches=(ref(booked),))
    work.save(booked, received, *found, touches=(ref(order),))
    put_aside = tuple(
        Aside(receipt=booked.id, line=line.line, quantity=line.quarantined)
        for line in booked.lines
        if line.quarantined
    )
    if put_aside:
        returnable = work.find(Returnable, order.id) or Returnable(id=order.id)
        listed = ReturnsListed(order=order.id, thread=order.thread)
        work.save(returnable.with_aside(put_aside), listed)
    work.link(booked.thread, ref(booked), booked.id, booked.order)


def _found(
    order: PurchaseOrder, booked: Receipt, discrepancy: Discrepancy
) -> ReceiptDiscrepancyFound:
    return ReceiptDiscrepancyFound(
        order=order.id,
        thread=order.thread,
        receipt=booked.id,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        discrepancy=discrepancy,
    )


def _note_overdue(work: Work, act: NoteReceiptOverdue) -> Ref | None:
    order = work.find(PurchaseOrder, act.order)
    line = order.line(act.line) if order else None
    if order is None or line is None:
        return None
    ledger = ledgers_of(work, order.id)[line.number]
    if not overdue(order, line, ledger, act.due):
        return None
    event = ReceiptOverdue(
        order=order.id,
        thread=order.thread,
        line=line.number,
        item=line.item,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        due=act.due or line.expected_on,
        open=ledger.open_to_receive,
    )
    work.save(order, event)
    return ref(order)


def _compare(work: Work, act: CompareReceipts) -> Ref | None:
    order = work.find(PurchaseOrder, act.order)
    if order is None or order.line(act.line) is None:
        return None
    name = comparison_id(act.order, act.line)
    seen = ReceiptComparison(
        id=name,
        order=order.id,
        line=act.line,
        site=order.site,
        supplier=order.supplier,
        warehouse=act.warehouse,
        aside=_aside(work, order, act),
        erp=act.erp,
        state=ComparisonState.DIFFERS,
        since=work.at,
    )
    now = compared(work.find(ReceiptComparison, name), seen, at=work.at)
    if now is None:
        return None
    work.save(now, _told(order, now), touches=(ref(order),))
    work.link(order.thread, ref(now), now.id)
    return ref(now)


def _aside(work: Work, order: PurchaseOrder, act: CompareReceipts) -> Quantity:
    """Add up what was counted of a line and put aside."""
    known = (
        work.peek(Receipt, found.id) for found in work.refs(order.id) if found.kind == Receipt.KIND
    )
    lines = (line for each in known if each is not None for line in each.lines)
    return total((line.quarantined for line in lines if line.line == act.line), act.erp.unit)


def _told(
    order: PurchaseOrder, now: ReceiptComparison
) -> ReceiptDifferenceNoticed | ReceiptDriftFound | ReceiptDriftHealed:
    match now.state:
        case ComparisonState.SAME:
            return ReceiptDriftHealed(order=order.id, thread=order.thread, line=now.line)
        case ComparisonState.DIFFERS:
            return ReceiptDifferenceNoticed(
                order=order.id,
                thread=order.thread,
                line=now.line,
                warehouse=now.warehouse,
                aside=now.aside,
                erp=now.erp,
            )
        case ComparisonState.DRIFT:
            return ReceiptDriftFound(
                order=order.id,
                thread=order.thread,
                line=now.line,
                site=order.site,
                supplier=order.supplier,
                lane=order.lane,
                warehouse=now.warehouse,
                aside=now.aside,
                erp=now.erp,
            )
        case _:
            assert_never(now.state)
