"""Handlers of what suppliers say: load, decide, save."""

from collections.abc import Mapping

from manciple.catalog.site import require_site
from manciple.kernel.identity import number
from manciple.kernel.messages import Role
from manciple.kernel.records import replace
from manciple.ordering.allowances import Test, allowance, over_receipt
from manciple.ordering.life import require_supplier
from manciple.ordering.line_ledger import LineLedger, ledgers_of
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.policy.register import Register
from manciple.runtime.bus import Handles
from manciple.runtime.codec import encode
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work
from manciple.supplying import change_answer, ship_notice, standing
from manciple.supplying.acknowledgment import (
    Acknowledgment,
    AcknowledgmentDiscrepancyFound,
    AcknowledgmentReceived,
    AcknowledgmentState,
    OrderAnswered,
    RecordAcknowledgment,
    SupplyPromiseChanged,
)
from manciple.supplying.compare import Comparison, compare
from manciple.supplying.line_judge import AnswerAllowances
from manciple.supplying.overdue import (
    AcknowledgmentOverdue,
    NoteAcknowledgmentOverdue,
    overdue,
)
from manciple.supplying.ship_notice import (
    OrderShipped,
    RecordShipNotice,
    ShipNotice,
    ShipNoticeDiscrepancyFound,
    ShipNoticeReceived,
    Shipping,
)

_SPEAKERS = frozenset({Role.SUPPLIER, Role.BUYER, Role.SYSTEM})


def handles(register: Register) -> tuple[Handles, ...]:
    """Give the acts of this room; the register answers what tolerances apply."""

    def acknowledge(work: Work, act: RecordAcknowledgment) -> Ref:
        return _acknowledge(work, act, register)

    def ship(work: Work, act: RecordShipNotice) -> Ref:
        return _ship(work, act, register)

    return (
        Handles(act=RecordAcknowledgment, handle=acknowledge, by=_SPEAKERS, reads=_order_of),
        Handles(act=RecordShipNotice, handle=ship, by=_SPEAKERS, reads=_order_of),
        Handles(
            act=NoteAcknowledgmentOverdue,
            handle=_note_overdue,
            by=frozenset({Role.SYSTEM}),
            reads=_order_of,
        ),
    )


def _order_of(
    act: RecordAcknowledgment | RecordShipNotice | NoteAcknowledgmentOverdue,
) -> tuple[Ref, ...]:
    return (Ref(PurchaseOrder.KIND, act.order),)


def acknowledgment_id(act: RecordAcknowledgment) -> str:
    """Give the id of an answer: the same words of the same instant are the same answer.

    Where it stood in which interchange is no part of what it says.
    """
    said = (act.number, act.revision, act.header, act.lines, act.issued, act.sent_at)
    return number("ACK", act.order, act.supplier, encode(said).decode())


def ship_notice_id(act: RecordShipNotice) -> str:
    """Give the id of a ship notice: one shipment of one supplier, for one order."""
    return number("ASN", act.supplier, act.shipment, act.order)


def _acknowledge(work: Work, act: RecordAcknowledgment, register: Register) -> Ref:
    order = _visible(work, act.order, act.supplier)
    name = acknowledgment_id(act)
    known = work.find(Acknowledgment, name)
    if known is not None:
        return ref(known)
    standing.check(act, work.at.date())
    ledgers = ledgers_of(work, order.id)
    revision = standing.revision_answered(order, act, ledgers)
    standing.check_once(order, act, revision)
    if revision < order.revision:
        return _keep_stale(work, act, order, name, revision)
    comparison = standing.noted(
        compare(order, act, ledgers=ledgers, allowances=_allowances(work, order, register)), act
    )
    return _keep_answer(work, act, order, name=name, comparison=comparison, ledgers=ledgers)


def _visible(work: Work, name: str, supplier: str) -> PurchaseOrder:
    found = work.find(PurchaseOrder, name)
    order = require_supplier(found, name=name, supplier=supplier, actor=work.actor)
    require_site(work.actor, order.site)
    return order


def _allowances(
    work: Work, order: PurchaseOrder, register: Register
) -> Mapping[str, AnswerAllowances]:
    found: dict[str, AnswerAllowances] = {}
    for category in {line.category for line in order.lines}:
        quantity, price, date = (
            allowance(register, test, category=category, supplier=order.supplier, at=work.at)
            for test in (Test.ACK_QUANTITY, Test.ACK_PRICE, Test.ACK_DATE)
        )
        found[category] = AnswerAllowances(quantity=quantity, price=price, date=date)
    return {line.number: found[line.category] for line in order.lines}


def _keep_stale(
    work: Work, act: RecordAcknowledgment, order: PurchaseOrder, name: str, revision: int
) -> Ref:
    discrepancy = standing.stale(order, revision)
    comparison = Comparison(
        lines=(), discrepancies=(discrepancy,), findings=(), state=AcknowledgmentState.STALE
    )
    document = _document(
        work,
        act,
        order,
        name=name,
        comparison=comparison,
        state=AcknowledgmentState.STALE,
        revision=revision,
    )
    found = AcknowledgmentDiscrepancyFound(
        order=order.id,
        thread=order.thread,
        acknowledgment=name,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        discrepancy=discrepancy,
    )
    work.save(document, _received(document, is_answer=False), found, touches=(ref(order),))
    _link(work, document, act)
    return ref(document)


def _keep_answer(
    work: Work,
    act: RecordAcknowledgment,
    order: PurchaseOrder,
    *,
    name: str,
    comparison: Comparison,
    ledgers: Mapping[str, LineLedger],
) -> Ref:
    noes = change_answer.refusals(order, act, comparison)
    effect = standing.stand(
        order, act, noes.rest, acknowledgment=name, ledgers=ledgers, at=work.at
    )
    if noes.lines:
        said = standing.stated_at(act)
        after = change_answer.fallen_back(effect.order, noes.lines, acknowledgment=name, said=said)
        effect = replace(
            effect,
            order=after,
            answered=(*effect.answered, *noes.lines),
            others=(*effect.others, *(change_answer.told(after, line) for line in noes.lines)),
        )
    document = _document(
        work,
        act,
        order,
        name=name,
        comparison=comparison,
        state=effect.state,
        revision=order.revision,
    )
    found = (
        AcknowledgmentDiscrepancyFound(
            order=order.id,
            thread=order.thread,
            acknowledgment=name,
            supplier=order.supplier,
            site=order.site,
            lane=order.lane,
            discrepancy=each,
        )
        for each in effect.others
    )
    is_answer = bool(effect.answered)
    work.save(document, _received(document, is_answer=is_answer), *found, touches=(ref(order),))
    _link(work, document, act)
    if effect.order != order:
        _keep_order(work, effect, document)
    return ref(document)


def _keep_order(work: Work, effect: standing.Effect, document: Acknowledgment) -> None:
    order = effect.order
    answered = OrderAnswered(
        order=order.id,
        thread=order.thread,
        acknowledgment=document.id,
        revision=order.revision,
        lines=effect.answered,
        is_complete=order.is_answered,
        promises=effect.promises,
    )
    changed = SupplyPromiseChanged(
        order=order.id,
        thread=order.thread,
        acknowledgment=document.id,
        revision=order.revision,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        lines=effect.changes,
        discrepancy=effect.planner,
    )
    events = (answered, changed) if effect.changes else (answered,)
    work.save(order, *events, touches=(ref(document),))
    if effect.postings:
        work.append(order.id, *effect.postings)


def _document(
    work: Work,
    act: RecordAcknowledgment,
    order: PurchaseOrder,
    *,
    name: str,
    comparison: Comparison,
    state: AcknowledgmentState,
    revision: int,
) -> Acknowledgment:
    return Acknowledgment(
        id=name,
        thread=order.thread,
        order=order.id,
        revision=revision,
        supplier=order.supplier,
        number=act.number,
        state=state,
        header=act.header,
        lines=comparison.lines,
        discrepancies=comparison.discrepancies,
        findings=comparison.findings,
        issued=act.issued,
        source=act.source,
        place=act.place,
        received_at=work.at,
        notes=act.notes,
    )


def _received(document: Acknowledgment, *, is_answer: bool) -> AcknowledgmentReceived:
    return AcknowledgmentReceived(
        acknowledgment=document.id,
        order=document.order,
        thread=document.thread,
        revision=document.revision,
        state=document.state,
        supplier=document.supplier,
        number=document.number,
        is_answer=is_answer,
    )


def _link(work: Work, document: Acknowledgment, act: RecordAcknowledgment) -> None:
    keys = (act.number,) if act.number else ()
    work.link(document.thread, ref(document), document.id, *keys)


def _ship(work: Work, act: RecordShipNotice, register: Register) -> Ref:
    order = _visible(work, act.order, act.supplier)
    name = ship_notice_id(act)
    known = work.find(ShipNotice, name)
    if known is not None:
        ship_notice.require_same(known, act)
        now = ship_notice.retold(known, act, at=work.at)
        if now is not None:
            work.save(now, ship_notice.rescheduled(known, now, order.site), touches=(ref(order),))
        return ref(known)
    shipping = ship_notice.ship(
        order,
        act,
        name=name,
        ledgers=ledgers_of(work, order.id),
        tolerances=over_receipt(register, order, work.at),
        at=work.at,
    )
    _keep_shipping(work, shipping)
    return ref(shipping.notice)


def _keep_shipping(work: Work, shipping: Shipping) -> None:
    notice, order = shipping.notice, shipping.order
    received = ShipNoticeReceived(
        ship_notice=notice.id,
        order=order.id,
        thread=order.thread,
        shipment=notice.shipment,
        supplier=order.supplier,
        site=order.site,
        shipped=notice.shipped,
        expected=notice.expected,
        carrier=notice.carrier,
        lines=notice.lines,
        warnings=shipping.warnings,
    )
    found = (
        ShipNoticeDiscrepancyFound(
            order=order.id,
            thread=order.thread,
            ship_notice=notice.id,
            supplier=order.supplier,
            site=order.site,
            lane=order.lane,
            discrepancy=each,
        )
        for each in shipping.discrepancies
    )
    work.save(notice, received, *found, touches=(ref(order),))
    packages = dict.fromkeys(name for line in notice.lines for name in line.packages)
    work.link(notice.thread, ref(notice), notice.id, notice.shipment, order.id, *packages)
    if any(each.is_third_party for each in order.planned):
        work.link(order.thread, ref(order), notice.shipment)
    if shipping.postings:
        work.append(order.id, *shipping.postings)
        shipped = OrderShipped(
            order=order.id,
            thread=order.thread,
            ship_notice=notice.id,
            lines=tuple(each.line for each in notice.lines),
            is_complete=_is_all_shipped(ledgers_of(work, order.id)),
        )
        work.save(order, shipped, touches=(ref(notice),))


def _is_all_shipped(ledgers: Mapping[str, LineLedger]) -> bool:
    return all(not ledger.open_to_ship for ledger in ledgers.values())


def _note_overdue(work: Work, act: NoteAcknowledgmentOverdue) -> Ref | None:
    order = work.find(PurchaseOrder, act.order)
    lines = overdue(order, act.revision) if order else ()
    if order is None or not lines:
        return None
    event = AcknowledgmentOverdue(
        order=order.id,
        thread=order.thread,
        revision=act.revision,
        supplier=order.supplier,
        site=order.site,
        lane=order.lane,
        lines=lines,
    )
    work.save(order, event)
    return ref(order)
