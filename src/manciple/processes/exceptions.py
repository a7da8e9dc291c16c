"""The flow `supplier_exception`: what went wrong becomes a case, and its resolution acts.

SupplyPromiseChanged, ...DiscrepancyFound, ...Overdue, InvoiceHeld, MessageQuarantined,
OrderRefusedByErp, ApproverGapFound, InterchangeUndeliverable        -> OpenCase
CaseResolved  -> cancel_remainder  the order gives up what will not come
                 chase             the supplier's clock starts again
                 resend            the file, or the order's creation in the ERP, is tried again
                 reread, discard   the quarantined message is read again, or never applied
                 dispute           an invoice goes back; anything else keeps the order's terms
What facts have cured needs nobody: WithdrawCase
"""

from collections.abc import Iterable
from dataclasses import dataclass

from manciple.approvals.request import Approval, ApproverGapFound, RerouteApproval
from manciple.cases.case import Case, CaseResolved, OpenCase, WithdrawCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.cases.life import case_key
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.exchange.interchange import (
    DiscardQuarantined,
    Interchange,
    InterchangeAnswered,
    InterchangeUndeliverable,
    MessageQuarantined,
    Quarantined,
    QuarantineEnded,
    RereadInterchange,
)
from manciple.invoicing.invoice import (
    Invoice,
    InvoiceHeld,
    InvoicePayable,
    InvoiceRejected,
    RejectInvoice,
)
from manciple.kernel.errors import refuse
from manciple.kernel.identity import number
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import (
    AnswerState,
    Beyond,
    CancelRemainder,
    OrderChanged,
    OrderClosed,
    OrderRecordedInErp,
    OrderRefusedByErp,
    PurchaseOrder,
)
from manciple.processes import direct
from manciple.processes.flow import Flow
from manciple.processes.ports import OutboundMessage
from manciple.receiving.overdue import NoteReceiptOverdue, ReceiptOverdue
from manciple.receiving.receipt import OrderReceived, Receipt, ReceiptDiscrepancyFound
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect, Lane
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import (
    AcknowledgmentDiscrepancyFound,
    AcknowledgmentReceived,
    SupplyPromiseChanged,
)
from manciple.supplying.overdue import AcknowledgmentOverdue, NoteAcknowledgmentOverdue
from manciple.supplying.ship_notice import ShipNoticeDiscrepancyFound

_UNKNOWN_CODES = frozenset({"UNKNOWN_ORDER", "NO_ORDER_NUMBER"})
_ANSWERED = frozenset({Code.SHORTAGE, Code.REJECTED_LINE, Code.DATE_CHANGE})
"""Codes about what the supplier said: what it confirmed stands, the rest can be given up."""
_UNPROMISED = (Code.SHORTAGE, Code.REJECTED_LINE)
"""Codes under which somebody already looks after what the supplier does not promise."""
_UNIT_CODES = frozenset({"UOM", "UOM_UNKNOWN"})


def _order_ref(order: str) -> Ref:
    return Ref(PurchaseOrder.KIND, order)


# ---- cases opened -----------------------------------------------------------------------------


def promise(work: Work, event: SupplyPromiseChanged) -> Iterable[object]:
    """Less or later than ordered: one task for the planner, however many lines. Source: SC-3."""
    del work
    if event.discrepancy is not None:
        yield OpenCase(
            code=event.discrepancy.code,
            subject=_order_ref(event.order),
            thread=event.thread,
            title=f"{event.supplier} answered {event.order}: {event.discrepancy.text}",
            discrepancy=event.discrepancy,
            site=event.site,
            supplier=event.supplier,
            lane=event.lane,
        )


def discrepancy(
    work: Work,
    event: AcknowledgmentDiscrepancyFound | ShipNoticeDiscrepancyFound | ReceiptDiscrepancyFound,
) -> Iterable[object]:
    """An answer, a ship notice or a receipt holds something that somebody must look at."""
    del work
    found = event.discrepancy
    yield OpenCase(
        code=found.code,
        subject=_order_ref(event.order),
        thread=event.thread,
        title=f"{event.order}: {found.text}",
        discrepancy=found,
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


def unanswered(work: Work, event: AcknowledgmentOverdue) -> Iterable[object]:
    """The supplier has not answered in time."""
    del work
    lines = ", ".join(event.lines)
    text = f"{event.supplier} has not answered lines {lines} of revision {event.revision}"
    yield OpenCase(
        code=Code.NO_ACKNOWLEDGMENT,
        subject=_order_ref(event.order),
        thread=event.thread,
        title=f"{event.order} is not acknowledged",
        discrepancy=Discrepancy(
            code=Code.NO_ACKNOWLEDGMENT, expected="an answer", actual="none", text=text
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


def late(work: Work, event: ReceiptOverdue) -> Iterable[object]:
    """Goods should be here and are not; what was never promised has its owner already."""
    if _is_owned(work, event):
        return
    text = f"{event.open} of {event.item} were due on {event.due} and are not here"
    yield OpenCase(
        code=Code.DELAYED_RECEIPT,
        subject=_order_ref(event.order),
        thread=event.thread,
        title=f"{event.order} line {event.line} is late",
        discrepancy=Discrepancy(
            code=Code.DELAYED_RECEIPT,
            line=event.line,
            expected=f"here on {event.due}",
            actual="not here",
            variance=f"-{event.open}",
            text=text,
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


def _is_owned(work: Work, event: ReceiptOverdue) -> bool:
    """Say whether all that is missing was not promised, and a case about just that is open."""
    line = work.get(PurchaseOrder, event.order).line(event.line)
    if line is None or line.answer is None:
        return False
    book = ledgers(work.records(Posting, event.order))[event.line]
    if event.open > book.wanted - line.answer.confirmed:
        return False
    keys = (
        case_key(code, _order_ref(event.order), place)
        for code in _UNPROMISED
        for place in (event.line, None)
    )
    cases = (work.find(Case, number("CASE", *key)) for key in keys)
    return any(case is not None and case.is_open for case in cases)


def held(work: Work, event: InvoiceHeld) -> Iterable[object]:
    """An invoice can't be paid as it is. Each hold has its own owner; this is the whole."""
    invoice = work.get(Invoice, event.invoice)
    codes = ", ".join(sorted({hold.code.value for hold in event.holds}))
    text = "; ".join(hold.text for hold in event.holds)
    yield OpenCase(
        code=Code.INVOICE_MISMATCH,
        subject=Ref(Invoice.KIND, invoice.id),
        thread=event.thread,
        title=f"invoice {invoice.number} of {event.supplier} is held: {codes}",
        discrepancy=Discrepancy(
            code=Code.INVOICE_MISMATCH, expected="a clean match", actual=codes, text=text
        ),
        site=event.site,
        supplier=event.supplier,
    )


def quarantined(work: Work, event: MessageQuarantined) -> Iterable[object]:
    """A message could not be read or matched."""
    kept = work.get(Interchange, event.interchange)
    if event.code in _UNKNOWN_CODES:
        code = Code.UNKNOWN_ORDER
    elif event.code in _UNIT_CODES:
        code = Code.UNIT_CONFLICT
    else:
        code = Code.UNREADABLE
    place = "the file" if event.index is None else f"message {event.index + 1}"
    yield OpenCase(
        code=code,
        subject=Ref(Quarantined.KIND, event.quarantined),
        thread="",
        title=f"{place} of {kept.name or kept.id} could not be applied: {event.code}",
        discrepancy=Discrepancy(
            code=code, expected=event.waits_for or "", text="; ".join(event.reasons)[:1000]
        ),
        supplier=event.partner or "",
    )


def refused_by_erp(work: Work, event: OrderRefusedByErp) -> Iterable[object]:
    """The ERP did not take an order."""
    del work
    yield OpenCase(
        code=Code.ERP_REJECTED,
        subject=_order_ref(event.order),
        thread=event.thread,
        title=f"the ERP refused {event.order}",
        discrepancy=Discrepancy(
            code=Code.ERP_REJECTED, expected="recorded", actual="refused", text=event.reason
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


def gap(work: Work, event: ApproverGapFound) -> Iterable[object]:
    """Nobody can approve something. Source: AP-3."""
    del work
    yield OpenCase(
        code=Code.APPROVER_GAP,
        subject=Ref(Approval.KIND, event.approval),
        thread=event.thread,
        title=f"nobody can approve {event.title}",
        discrepancy=Discrepancy(
            code=Code.APPROVER_GAP, expected="an approver", actual="none", amount=event.amount,
            text=event.why,
        ),
        site=event.site,
        lane=event.lane,
    )  # fmt: skip


def undelivered(work: Work, event: InterchangeUndeliverable) -> Iterable[object]:
    """A file of ours reached nobody."""
    kept = work.get(Interchange, event.interchange)
    yield _undelivered(work, kept, event.reason)


def rejected_by_partner(work: Work, event: InterchangeAnswered) -> Iterable[object]:
    """The partner could not read a file of ours."""
    kept = work.get(Interchange, event.interchange)
    if kept.state == "rejected":
        notes = ", ".join(event.notes)
        yield _undelivered(work, kept, f"997 {event.code} {notes}")


def _undelivered(work: Work, kept: Interchange, reason: str) -> OpenCase:
    order = work.get(PurchaseOrder, kept.order) if kept.order else None
    return OpenCase(
        code=Code.DELIVERY_FAILED,
        subject=Ref(Interchange.KIND, kept.id),
        thread=order.thread if order else "",
        title=f"{kept.name} did not reach {kept.partner}",
        discrepancy=Discrepancy(
            code=Code.DELIVERY_FAILED, expected="delivered", actual=kept.state, text=reason
        ),
        site=order.site if order else "",
        supplier=kept.partner or "",
        lane=order.lane if order else Lane.STANDARD,
    )


# ---- cases cured by facts ---------------------------------------------------------------------


def answered(work: Work, event: AcknowledgmentReceived) -> Iterable[object]:
    """The answer came after all."""
    order = work.get(PurchaseOrder, event.order)
    if event.is_answer and order.is_answered:
        yield WithdrawCase(
            code=Code.NO_ACKNOWLEDGMENT, subject=_order_ref(event.order), note="the answer came"
        )


def arrived(work: Work, event: OrderReceived) -> Iterable[object]:
    """The goods came after all."""
    order = work.get(PurchaseOrder, event.order)
    note = f"receipt {event.receipt}"
    lines = tuple(line.number for line in order.lines) if event.is_complete else event.lines
    for line in lines:
        yield WithdrawCase(
            code=Code.DELAYED_RECEIPT, subject=_order_ref(event.order), line=line, note=note
        )
    if event.is_complete:
        yield from _nothing_open(order, note)


def changed(work: Work, event: OrderChanged) -> Iterable[object]:
    """What was late has been given up."""
    del work
    for each in event.cancelled:
        yield WithdrawCase(
            code=Code.DELAYED_RECEIPT,
            subject=_order_ref(event.order),
            line=each.line,
            note=f"revision {event.revision} gave it up",
        )


def closed(work: Work, event: OrderClosed) -> Iterable[object]:
    """Nothing more is expected of the order."""
    yield from _nothing_open(work.get(PurchaseOrder, event.order), "the order is closed")


def _nothing_open(order: PurchaseOrder, note: str) -> Iterable[object]:
    """Nobody need decide any more about what was missing, as a whole or on one line."""
    subject = _order_ref(order.id)
    yield WithdrawCase(code=Code.NO_ACKNOWLEDGMENT, subject=subject, note=note)
    odd = [
        line.number
        for line in order.lines
        if line.answer is None or line.answer.state is not AnswerState.FULL
    ]
    for line in (None, *odd) if odd else ():
        for code in (Code.SHORTAGE, Code.DATE_CHANGE):
            yield WithdrawCase(code=code, subject=subject, line=line, note=note)


def settled(work: Work, event: InvoicePayable | InvoiceRejected) -> Iterable[object]:
    """The invoice is no longer held."""
    del work
    note = "payable" if isinstance(event, InvoicePayable) else f"rejected: {event.reason}"
    yield WithdrawCase(
        code=Code.INVOICE_MISMATCH, subject=Ref(Invoice.KIND, event.invoice), note=note
    )


def taken_up(work: Work, event: OrderRecordedInErp) -> Iterable[object]:
    """The ERP has the order after all."""
    del work
    yield WithdrawCase(
        code=Code.ERP_REJECTED, subject=_order_ref(event.order), note=event.erp_number
    )


def found(work: Work, event: QuarantineEnded) -> Iterable[object]:
    """The message found what it waited for, or will never be applied."""
    del work
    for code in (Code.UNKNOWN_ORDER, Code.UNREADABLE, Code.UNIT_CONFLICT):
        yield WithdrawCase(
            code=code, subject=Ref(Quarantined.KIND, event.quarantined), note=event.how
        )


# ---- resolutions that act ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolutions:
    """What a settled case leads to."""

    flow: Flow

    def act(self, work: Work, event: CaseResolved) -> Iterable[object]:
        """Do what was decided."""
        subject = event.subject
        match event.resolution:
            case "cancel_remainder" if subject.kind == PurchaseOrder.KIND:
                line = event.discrepancy.line
                yield CancelRemainder(
                    order=subject.id,
                    lines=(line,) if line else (),
                    reason=event.note or event.code.value,
                    beyond=Beyond.CONFIRMED if event.code in _ANSWERED else Beyond.DELIVERED,
                )
            case "chase" | "await_balance" if subject.kind == PurchaseOrder.KIND:
                self._ask_again(work, work.get(PurchaseOrder, subject.id), event)
            case "resend":
                yield from self._resend(work, event)
            case "reread" if subject.kind == Quarantined.KIND:
                aside = work.get(Quarantined, subject.id)
                yield RereadInterchange(interchange=aside.interchange, why=event.note or "case")
            case "discard" if subject.kind == Quarantined.KIND:
                aside = work.get(Quarantined, subject.id)
                if aside.state == "waiting":
                    yield DiscardQuarantined(quarantined=aside.id, reason=event.note or "case")
            case "dispute" if subject.kind == Invoice.KIND:
                yield RejectInvoice(invoice=subject.id, reason=event.note or "disputed")
            case _:
                return

    def _ask_again(self, work: Work, order: PurchaseOrder, event: CaseResolved) -> None:
        """Give it more time once; what is still missing then opens the case again."""
        subject = _order_ref(order.id)
        if event.code is Code.NO_ACKNOWLEDGMENT and not order.is_answered:
            level = self.flow.service_level("acknowledgment")
            due = level.due(work.at, calendar_of_supplier(work, order.supplier))
            act = NoteAcknowledgmentOverdue(order=order.id, revision=order.revision)
            work.timer(subject, "acknowledgment", due, act)
            return
        calendar = calendar_of_site(work, order.site)
        due = self.flow.service_level("exception").due(work.at, calendar)
        named = event.discrepancy.line
        for line in order.lines:
            if named in {None, line.number}:
                late = NoteReceiptOverdue(order=order.id, line=line.number)
                work.timer(subject, f"receipt:{line.number}", due, late)

    def _resend(self, work: Work, event: CaseResolved) -> Iterable[object]:
        """Try again what did not get through; the other side knows what it has by its number."""
        subject = event.subject
        again = f":again{work.get(Case, event.case).reopened + 1}"
        match subject.kind:
            case Interchange.KIND:
                resend(work, work.get(Interchange, subject.id), again)
            case Approval.KIND:
                yield RerouteApproval(approval=subject.id)
            case Invoice.KIND:
                invoice = work.get(Invoice, subject.id)
                if invoice.erp_number is None:
                    work.effect(direct.post_invoice(invoice, attempt=again))
                else:
                    work.effect(direct.hand_to_finance(invoice, attempt=again))
            case Receipt.KIND:
                receipt = work.get(Receipt, subject.id)
                lane = work.get(PurchaseOrder, receipt.order).lane
                work.effect(direct.post_receipt(receipt, lane, attempt=again))
            case PurchaseOrder.KIND:
                self._resend_order(work, work.get(PurchaseOrder, subject.id), event.code, again)
            case _:
                return

    def _resend_order(self, work: Work, order: PurchaseOrder, code: Code, again: str) -> None:
        if order.erp_number is None:
            work.effect(direct.create_order(order, attempt=again))
            return
        if code is Code.DELIVERY_FAILED:
            direct.tell_again(work, order, again)
            return
        sent = sent_file(work, order)
        if sent is None:
            raise refuse(
                "NOTHING_SENT",
                f"{order.id} has not left yet, so nothing can be sent again",
                field="resolution",
                fix="See the order's effects for what keeps it.",
            )
        resend(work, sent, again)


def sent_file(work: Work, order: PurchaseOrder) -> Interchange | None:
    """Find the file in which the order's newest revision left."""
    for thread_ref in work.refs(order.id):
        kept = work.find(Interchange, thread_ref.id) if _is_file(thread_ref) else None
        if kept is not None and (kept.order, kept.revision) == (order.id, order.sent_revision):
            return kept
    return None


def _is_file(ref: Ref) -> bool:
    return ref.kind == Interchange.KIND


def resend(work: Work, kept: Interchange, again: str) -> None:
    """Hand the very bytes of a file over once more, under the same control number."""
    work.effect(
        Effect(
            key=f"{kept.id}{again}:edi.send",
            endpoint=f"edi:{kept.partner}",
            verb="edi.send",
            subject=Ref(Interchange.KIND, kept.id),
            payload=OutboundMessage(
                partner=kept.partner or "",
                interchange=kept.control or "",
                file_name=kept.name or kept.id,
                digest=kept.digest,
                content=work.read_bytes(kept.digest),
            ),
        )
    )


def reacts(flow: Flow) -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which exceptions are opened, cured and acted on."""
    resolutions = Resolutions(flow=flow)
    return (
        Reacts(event=SupplyPromiseChanged, react=promise),
        Reacts(event=AcknowledgmentDiscrepancyFound, react=discrepancy),
        Reacts(event=ShipNoticeDiscrepancyFound, react=discrepancy),
        Reacts(event=ReceiptDiscrepancyFound, react=discrepancy),
        Reacts(event=AcknowledgmentOverdue, react=unanswered),
        Reacts(event=ReceiptOverdue, react=late),
        Reacts(event=InvoiceHeld, react=held),
        Reacts(event=MessageQuarantined, react=quarantined),
        Reacts(event=OrderRefusedByErp, react=refused_by_erp),
        Reacts(event=ApproverGapFound, react=gap),
        Reacts(event=InterchangeUndeliverable, react=undelivered),
        Reacts(event=InterchangeAnswered, react=rejected_by_partner),
        Reacts(event=AcknowledgmentReceived, react=answered),
        Reacts(event=OrderReceived, react=arrived),
        Reacts(event=OrderChanged, react=changed),
        Reacts(event=OrderClosed, react=closed),
        Reacts(event=InvoicePayable, react=settled),
        Reacts(event=InvoiceRejected, react=settled),
        Reacts(event=OrderRecordedInErp, react=taken_up),
        Reacts(event=QuarantineEnded, react=found),
        Reacts(event=CaseResolved, react=resolutions.act),
    )
