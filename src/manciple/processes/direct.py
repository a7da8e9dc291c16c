"""The flow `direct`: a stock item at a contract price, received before it is paid.

    RequisitionSubmitted -> RequestApproval          ApprovalGranted  -> ApproveRequisition
    RequisitionApproved  -> PlaceOrder per supplier  OrderPlaced      -> the ERP makes the order
    OrderRecordedInErp   -> SendOrder, warehouse and finance are told
    InterchangeSent      -> RecordOrderSent          OrderSent        -> the answer's clock starts
    AcknowledgmentReceived -> the ERP gets the promise; the receipt's clock starts
    SupplyPromiseChanged -> planner, warehouse, finance: three legs, one correlation, none waits
    GoodsReceived        -> the ERP gets the receipt; waiting invoices are matched
    InvoiceRegistered -> MatchInvoice    InvoicePayable -> ERP, and then -> finance

What a leg asks of another system is an effect of its own: one that is down stops nobody else.
The clocks' lengths come from the flow's definition.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from datetime import date, datetime, time, timedelta

from manciple.approvals.request import (
    ApprovalGranted,
    ApprovalRejected,
    VoidApproval,
    approval_number,
)
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.catalog.warehouse import warehouse_at
from manciple.exchange import by_mail
from manciple.exchange.interchange import (
    Interchange,
    InterchangeComposed,
    InterchangeReceived,
    InterchangeSent,
    MessageTaken,
    ReadInterchange,
    RereadingAsked,
    RereadInterchange,
    SendOrder,
)
from manciple.exchange.waiting import meet
from manciple.invoicing.invoice import (
    Invoice,
    InvoicePayable,
    InvoicePosted,
    InvoiceRegistered,
    MatchInvoice,
    MatchOrder,
    unbilled_key,
)
from manciple.invoicing.part import InvoicePartReleased, part_key
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import (
    CloseOrder,
    OrderChanged,
    OrderLine,
    OrderPlaced,
    OrderRecordedInErp,
    OrderSent,
    PurchaseOrder,
    RecordOrderSent,
)
from manciple.ordering.sourcing import orders_of
from manciple.processes import letters, settling, telling
from manciple.processes.emergency import is_emergency
from manciple.processes.flow import Flow
from manciple.processes.ports import OutboundMessage
from manciple.receiving.overdue import NoteReceiptOverdue
from manciple.receiving.receipt import GoodsReceived, Receipt
from manciple.requisitioning.drafting import approval_request
from manciple.requisitioning.requisition import (
    EMERGENCY_FLOW,
    ApproveRequisition,
    RecordOrdered,
    RejectRequisition,
    Requisition,
    RequisitionApproved,
    RequisitionSubmitted,
    RequisitionWithdrawn,
)
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect, Lane
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import AcknowledgmentReceived, SupplyPromiseChanged
from manciple.supplying.overdue import NoteAcknowledgmentOverdue

ERP, WMS, FINANCE, INBOUND = "erp", "wms", "finance", "inbound"
"""The endpoints that this flow speaks to, besides the partners' own."""


def order_ref(order: str) -> Ref:
    """Give the reference of an order."""
    return Ref(PurchaseOrder.KIND, order)


# ---- from need to order -----------------------------------------------------------------------


def ask_for_approval(work: Work, event: RequisitionSubmitted) -> Iterable[object]:
    """A need was stated: find out who must say yes."""
    if event.flow != EMERGENCY_FLOW:
        yield approval_request(work.get(Requisition, event.requisition))


def approve(work: Work, event: ApprovalGranted) -> Iterable[object]:
    """Everybody said yes: the requisition is approved."""
    if event.subject.kind == Requisition.KIND and not is_emergency(work, event.subject.id):
        yield ApproveRequisition(requisition=event.subject.id, approval=event.approval)


def reject(work: Work, event: ApprovalRejected) -> Iterable[object]:
    """Somebody said no: the requisition is rejected."""
    if event.subject.kind == Requisition.KIND and not is_emergency(work, event.subject.id):
        yield RejectRequisition(
            requisition=event.subject.id, approval=event.approval, reason=event.reason.value
        )


def void(work: Work, event: RequisitionWithdrawn) -> Iterable[object]:
    """The requester took it back: nobody needs to decide any more."""
    need = work.get(Requisition, event.requisition)
    if need.flow == EMERGENCY_FLOW:
        return
    subject = Ref(Requisition.KIND, need.id)
    yield VoidApproval(approval=approval_number(subject, 1), reason="withdrawn")


def place_orders(work: Work, event: RequisitionApproved) -> Iterable[object]:
    """One order per supplier, each with the source that the line was priced with."""
    return orders_of(work, work.get(Requisition, event.requisition))


def note_ordered(work: Work, event: OrderPlaced) -> Iterable[object]:
    """The requisition knows its orders."""
    del work
    yield RecordOrdered(requisition=event.requisition, orders=(event.order,))


def make_in_erp(work: Work, event: OrderPlaced) -> Iterable[object]:
    """The ERP makes the order; until it has, the supplier hears nothing."""
    order = work.get(PurchaseOrder, event.order)
    work.effect(create_order(order, attempt=""))
    return ()


def create_order(order: PurchaseOrder, *, attempt: str) -> Effect:
    """Ask the ERP to make an order."""
    return Effect(
        key=f"{order.id}:1{attempt}:erp.create_order",
        endpoint=ERP,
        verb="erp.create_order",
        subject=order_ref(order.id),
        payload=telling.erp_order(order),
        lane=order.lane,
        needed_by=order.needed_by,
    )


def send_to_supplier(work: Work, event: OrderRecordedInErp) -> Iterable[object]:
    """The ERP has the order: supplier, warehouse and finance are told, each by itself."""
    order = work.get(PurchaseOrder, event.order)
    _tell_warehouse(
        work,
        order,
        Effect(
            key=f"{order.id}:1:wms.expect",
            endpoint=WMS,
            verb="wms.expect",
            subject=order_ref(order.id),
            payload=telling.inbound_notice(order, at=work.at),
            lane=order.lane,
            needed_by=order.needed_by,
        ),
    )
    work.effect(
        Effect(
            key=f"{order.id}:1:finance.commit",
            endpoint=FINANCE,
            verb="finance.commit",
            subject=order_ref(order.id),
            payload=telling.commitment(order, at=work.at),
            lane=order.lane,
            needed_by=order.needed_by,
        )
    )
    yield SendOrder(order=order.id)
    for interchange in meet(work, order.id):
        yield RereadInterchange(interchange=interchange, why=f"{order.id} has appeared")


def hand_over(work: Work, event: InterchangeComposed) -> Iterable[object]:
    """A file is written: the partner's endpoint takes it, an order's files one after the other.

    A letter goes by mail.
    """
    if work.get(Interchange, event.interchange).channel == by_mail.CHANNEL:
        work.effect(letters.order_letter(work, event))
        return ()
    order = None if event.order is None else work.get(PurchaseOrder, event.order)
    work.effect(
        Effect(
            key=f"{event.interchange}:edi.send",
            endpoint=f"edi:{event.partner}",
            verb="edi.send",
            subject=Ref("interchange", event.interchange),
            payload=OutboundMessage(
                partner=event.partner,
                interchange=event.control,
                file_name=event.name,
                digest=event.digest,
                content=work.read_bytes(event.digest),
            ),
            lane=event.lane,
            business_key="" if order is None else str(order_ref(order.id)),
            needed_by=None if order is None else order.needed_by,
        )
    )
    return ()


def note_sent(work: Work, event: InterchangeSent) -> Iterable[object]:
    """The file that left carried an order."""
    del work
    if event.order is not None:
        yield RecordOrderSent(
            order=event.order, revision=event.revision or 1, interchange=event.interchange
        )


def settle_change(work: Work, event: OrderChanged) -> Iterable[object]:
    """There is a new revision: ERP, warehouse and finance are told; what is done may close."""
    order = work.get(PurchaseOrder, event.order)
    books = ledgers(work.records(Posting, order.id))
    revision = order.revision_of(event.revision)
    assert revision is not None, f"{order.id} was changed without a revision"
    if event.touched:  # the ERP keeps lines; a revision of charges alone is nothing to it
        work.effect(
            Effect(
                key=f"{order.id}:{event.revision}:erp.change_order",
                endpoint=ERP,
                verb="erp.change_order",
                subject=order_ref(order.id),
                payload=telling.erp_change(order, revision),
                lane=order.lane,
                needed_by=order.needed_by,
            )
        )
    work.effect(
        Effect(
            key=f"{order.id}:{event.revision}:finance.commit",
            endpoint=FINANCE,
            verb="finance.commit",
            subject=order_ref(order.id),
            payload=telling.commitment(order, at=work.at),
            lane=order.lane,
            needed_by=order.needed_by,
        )
    )
    added = frozenset(each.line for each in event.lines if each.before is None)
    _tell_inbound_and_cash(work, order, books, event.touched, cause=event.reason, added=added)
    yield MatchOrder(order=order.id)
    yield from _match_third_parties(work, order, event.revision)
    yield CloseOrder(order=order.id)


def _match_third_parties(
    work: Work, order: PurchaseOrder, revision: int
) -> Iterable[MatchInvoice]:
    """Match papers of those who bill a charge that this revision plans, which came before it."""
    planned = (each for each in order.planned if each.revision == revision)
    billed_by = {each.billed_by for each in planned if each.is_third_party}
    if not billed_by:
        return
    names = (order.id, *((order.erp_number,) if order.erp_number else ()))
    for found in dict.fromkeys(each for name in names for each in work.refs(unbilled_key(name))):
        paper = work.peek(Invoice, found.id)
        if paper is not None and paper.is_unsettled and paper.supplier in billed_by:
            yield MatchInvoice(invoice=paper.id)


def _tell_warehouse(work: Work, order: PurchaseOrder, effect: Effect) -> None:
    """Tell our warehouse system; a warehouse of another company hears when the goods are sent."""
    if warehouse_at(work, order.site) is None:
        work.effect(effect)


def _tell_inbound_and_cash(
    work: Work,
    order: PurchaseOrder,
    books: settling.Books,
    lines: tuple[str, ...],
    *,
    cause: str,
    added: frozenset[str] = frozenset(),
) -> None:
    """Restate to warehouse and finance what is to be expected; two effects, neither waits.

    Lines just added are left out of the cash forecast: their commitment is their first forecast.
    A revision of charges alone moves no goods, so neither hears of it.
    """
    if not lines:
        return
    at, correlation = work.at, work.correlation
    stamp = f"{order.id}:{order.revision}:{work.version(order)}"
    _tell_warehouse(
        work,
        order,
        Effect(
            key=f"{stamp}:wms.reschedule",
            endpoint=WMS,
            verb="wms.reschedule",
            subject=order_ref(order.id),
            payload=telling.inbound_reschedule(
                order, books, lines=lines, at=at, correlation=correlation, reason=cause
            ),
            lane=order.lane,
            needed_by=order.needed_by,
        ),
    )
    known = tuple(line for line in lines if line not in added)
    if not known:
        return
    work.effect(
        Effect(
            key=f"{stamp}:finance.forecast",
            endpoint=FINANCE,
            verb="finance.forecast",
            subject=order_ref(order.id),
            payload=telling.cash_forecast(
                order, books, lines=known, at=at, correlation=correlation, cause=cause
            ),
            lane=order.lane,
            needed_by=order.needed_by,
        )
    )


def tell_again(work: Work, order: PurchaseOrder, again: str) -> None:
    """Tell ERP, warehouse and finance how an order stands now, because a word of ours was lost."""
    books = ledgers(work.records(Posting, order.id))
    every = tuple(line.number for line in order.lines)
    cause = f"told again{again}"
    at, correlation = work.at, work.correlation
    rows: tuple[tuple[str, str, object], ...] = (
        (ERP, "erp.confirm_lines", telling.erp_promises(order, at=at)),
        (WMS, "wms.expect", telling.inbound_notice(order, at=at)),
        (WMS, "wms.reschedule", telling.inbound_reschedule(
            order, books, lines=every, at=at, correlation=correlation, reason=cause)),
        (FINANCE, "finance.commit", telling.commitment(order, at=at)),
        (FINANCE, "finance.forecast", telling.cash_forecast(
            order, books, lines=every, at=at, correlation=correlation, cause=cause)),
    )  # fmt: skip
    for endpoint, verb, payload in rows:
        if endpoint == WMS and warehouse_at(work, order.site) is not None:
            continue
        work.effect(
            Effect(
                key=f"{order.id}{again}:{verb}",
                endpoint=endpoint,
                verb=verb,
                subject=order_ref(order.id),
                payload=payload,
                lane=order.lane,
                needed_by=order.needed_by,
            )
        )


# ---- files ------------------------------------------------------------------------------------


def read_file(work: Work, event: InterchangeReceived) -> Iterable[object]:
    """A file is kept: somebody must read it."""
    _read(work, event.interchange, 1)
    return ()


def read_again(work: Work, event: RereadingAsked) -> Iterable[object]:
    """A kept file is to be read again."""
    _read(work, event.interchange, event.attempt)
    return ()


def _read(work: Work, interchange: str, attempt: int) -> None:
    work.effect(
        Effect(
            key=f"{interchange}:{attempt}:inbound.read",
            endpoint=INBOUND,
            verb="inbound.read",
            subject=Ref("interchange", interchange),
            payload=ReadInterchange(interchange=interchange),
            lane=Lane.STANDARD,
        )
    )


def apply_statement(work: Work, event: MessageTaken) -> Iterable[object]:
    """A message was taken: what it says is an act of the room that it concerns."""
    del work
    yield event.statement


# ---- supply -----------------------------------------------------------------------------------


def tell_promise(work: Work, event: AcknowledgmentReceived) -> Iterable[object]:
    """The supplier answered: the ERP learns what was promised."""
    if event.is_answer:
        order = work.get(PurchaseOrder, event.order)
        work.effect(
            Effect(
                key=f"{event.acknowledgment}:erp.confirm_lines",
                endpoint=ERP,
                verb="erp.confirm_lines",
                subject=order_ref(order.id),
                payload=telling.erp_promises(order, at=work.at),
                lane=order.lane,
                needed_by=order.needed_by,
            )
        )
        for revision in range(1, order.revision + 1):
            if not awaited(order, revision):
                work.cancel_timer(order_ref(order.id), answer_clock(revision))
    return ()


def awaited(order: PurchaseOrder, revision: int) -> bool:
    """Say whether an answer is awaited of lines that a revision touched, and none after it."""
    return any(line.revision == revision and not line.is_answered for line in order.lines)


def answer_clock(revision: int) -> str:
    """Name the clock of the answer to a revision; each revision has its own (P-02)."""
    return "acknowledgment" if revision == 1 else f"acknowledgment:{revision}"


def fan_out(work: Work, event: SupplyPromiseChanged) -> Iterable[object]:
    """Less, later or dearer than ordered: warehouse and finance are told. Source: SC-3.

    The planner's task is the third leg; it is opened by ``exceptions``.
    """
    order = work.get(PurchaseOrder, event.order)
    books = ledgers(work.records(Posting, order.id))
    lines = tuple(each.line for each in event.lines)
    _tell_inbound_and_cash(work, order, books, lines, cause=f"answer {event.acknowledgment}")
    return ()


def tell_receipt(work: Work, event: GoodsReceived) -> Iterable[object]:
    """Goods came: the ERP books them; invoices that waited for them are matched again."""
    order = work.get(PurchaseOrder, event.order)
    work.effect(post_receipt(work.get(Receipt, event.receipt), order.lane, attempt=""))
    yield MatchOrder(order=order.id)
    yield CloseOrder(order=order.id)


def post_receipt(receipt: Receipt, lane: Lane, *, attempt: str) -> Effect:
    """Ask the ERP to book a receipt."""
    return Effect(
        key=f"{receipt.id}{attempt}:erp.post_receipt",
        endpoint=ERP,
        verb="erp.post_receipt",
        subject=Ref(Receipt.KIND, receipt.id),
        payload=settling.erp_receipt(receipt),
        lane=lane,
        business_key=str(order_ref(receipt.order)),
    )


# ---- invoices ---------------------------------------------------------------------------------


def match(work: Work, event: InvoiceRegistered) -> Iterable[object]:
    """An invoice came in: it is matched at once."""
    del work
    yield MatchInvoice(invoice=event.invoice)


def post(work: Work, event: InvoicePayable) -> Iterable[object]:
    """No hold is open: the ERP books the invoice. Finance hears of it when the ERP has."""
    invoice = work.get(Invoice, event.invoice)
    if not invoice.parts:
        work.effect(post_invoice(invoice, attempt=""))
    for order in event.orders:
        yield CloseOrder(order=order)


def post_part(work: Work, event: InvoicePartReleased) -> Iterable[object]:
    """A part of an invoice may be paid: the ERP books it, as a paper of its own."""
    work.effect(post_invoice(work.get(Invoice, event.invoice), attempt="", part=event.part))
    return ()


def post_invoice(invoice: Invoice, *, attempt: str, part: int = 0) -> Effect:
    """Ask the ERP to book an invoice, or one part of it."""
    return Effect(
        key=f"{part_key(invoice.id, part)}{attempt}:erp.post_invoice",
        endpoint=ERP,
        verb="erp.post_invoice",
        subject=Ref(Invoice.KIND, invoice.id),
        payload=settling.erp_invoice(invoice, part=part),
    )


def pay(work: Work, event: InvoicePosted) -> Iterable[object]:
    """The ERP has booked the invoice: finance gets the payable."""
    invoice = work.get(Invoice, event.invoice)
    work.effect(hand_to_finance(invoice, attempt="", part=event.part))
    return ()


def hand_to_finance(invoice: Invoice, *, attempt: str, part: int = 0) -> Effect:
    """Ask finance to pay an invoice, or one part of it."""
    return Effect(
        key=f"{part_key(invoice.id, part)}{attempt}:finance.payable",
        endpoint=FINANCE,
        verb="finance.payable",
        subject=Ref(Invoice.KIND, invoice.id),
        payload=settling.payable(invoice, part=part),
    )


# ---- clocks -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """How long a flow waits before it asks: from the definition of the order's own flow.

    Attributes:
        flow: of orders whose flow has no definition here.
        others: flows that run through these reactions too, by id.
        awaits: whether goods of a line come to a dock at all.
    """

    flow: Flow
    others: Mapping[str, Flow] = field(default_factory=dict)
    awaits: Callable[[Work, PurchaseOrder, OrderLine], bool] = lambda _work, _order, _line: True

    def _flow_of(self, work: Work, order: PurchaseOrder) -> Flow:
        need = work.peek(Requisition, order.requisition)
        return self.others.get(need.flow, self.flow) if need else self.flow

    def start_answer(self, work: Work, event: OrderSent) -> Iterable[object]:
        """The supplier has so long to answer, in its own working hours."""
        order = work.get(PurchaseOrder, event.order)
        if awaited(order, event.revision):
            level = self._flow_of(work, order).service_level("acknowledgment")
            work.timer(
                order_ref(order.id),
                answer_clock(event.revision),
                level.due(work.at, calendar_of_supplier(work, order.supplier)),
                NoteAcknowledgmentOverdue(order=order.id, revision=event.revision),
            )
        self._await_goods(work, order)
        return ()

    def restart_receipt(self, work: Work, event: AcknowledgmentReceived) -> Iterable[object]:
        """A new promise: goods are late only after the day that stands now."""
        if event.is_answer:
            self._await_goods(work, work.get(PurchaseOrder, event.order))
        return ()

    def _await_goods(self, work: Work, order: PurchaseOrder) -> None:
        calendar = calendar_of_site(work, order.site)
        level = self._flow_of(work, order).service_level("receipt")
        for line in (each for each in order.lines if self.awaits(work, order, each)):
            day = line.promise or line.needed_by
            work.timer(
                order_ref(order.id),
                f"receipt:{line.number}",
                max(level.due(_end_of(day, work.at), calendar), work.at),
                NoteReceiptOverdue(order=order.id, line=line.number, due=day),
            )


def _end_of(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo) + timedelta(days=1)


def reacts(clocks: Clocks) -> tuple[Reacts, ...]:
    """Give the flow's rows of the reaction table; flows like it run through them too."""
    return (
        Reacts(event=RequisitionSubmitted, react=ask_for_approval),
        Reacts(event=ApprovalGranted, react=approve),
        Reacts(event=ApprovalRejected, react=reject),
        Reacts(event=RequisitionWithdrawn, react=void),
        Reacts(event=RequisitionApproved, react=place_orders),
        Reacts(event=OrderPlaced, react=note_ordered),
        Reacts(event=OrderPlaced, react=make_in_erp),
        Reacts(event=OrderRecordedInErp, react=send_to_supplier),
        Reacts(event=InterchangeComposed, react=hand_over),
        Reacts(event=InterchangeSent, react=note_sent),
        Reacts(event=OrderSent, react=clocks.start_answer),
        Reacts(event=OrderChanged, react=settle_change),
        Reacts(event=InterchangeReceived, react=read_file),
        Reacts(event=RereadingAsked, react=read_again),
        Reacts(event=MessageTaken, react=apply_statement),
        Reacts(event=AcknowledgmentReceived, react=tell_promise),
        Reacts(event=AcknowledgmentReceived, react=clocks.restart_receipt),
        Reacts(event=SupplyPromiseChanged, react=fan_out),
        Reacts(event=GoodsReceived, react=tell_receipt),
        Reacts(event=InvoiceRegistered, react=match),
        Reacts(event=InvoicePayable, react=post),
        Reacts(event=InvoicePartReleased, react=post_part),
        Reacts(event=InvoicePosted, react=pay),
    )
