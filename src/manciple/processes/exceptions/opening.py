"""What happens becomes a case: each detection, the code it gets, and its figures.

SupplyPromiseChanged, ...DiscrepancyFound, ...Overdue, InvoiceHeld, MessageQuarantined,
OrderRefusedByErp, ApproverGapFound, InterchangeUndeliverable        -> OpenCase
"""

from collections.abc import Iterable, Mapping

from manciple.approvals.request import Approval, ApproverGapFound
from manciple.cases.case import Case, OpenCase, WithdrawCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.cases.life import case_key
from manciple.exchange.interchange import (
    Interchange,
    InterchangeAnswered,
    InterchangeUndeliverable,
    MessageQuarantined,
    Quarantined,
)
from manciple.invoicing.holds import IN_WORDS, Hold, HoldCode
from manciple.invoicing.invoice import Invoice, InvoiceHeld
from manciple.kernel.identity import number
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import OrderRefusedByErp, PurchaseOrder
from manciple.processes.direct import order_ref
from manciple.receiving.drift import ReceiptDriftFound
from manciple.receiving.overdue import ReceiptOverdue
from manciple.receiving.receipt import Receipt, ReceiptDiscrepancyFound
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import AcknowledgmentDiscrepancyFound, SupplyPromiseChanged
from manciple.supplying.overdue import AcknowledgmentOverdue
from manciple.supplying.ship_notice import ShipNoticeDiscrepancyFound

_UNKNOWN_CODES = frozenset({"UNKNOWN_ORDER", "NO_ORDER_NUMBER"})
_UNPROMISED = (Code.SHORTAGE, Code.REJECTED_LINE)
"""Codes under which somebody already looks after what the supplier does not promise."""
_UNIT_CODES = frozenset({"UOM", "UOM_UNKNOWN"})


_HEADLINES: Mapping[Code, str] = {
    Code.SHORTAGE: "{actual} of {expected} confirmed",
    Code.REJECTED_LINE: "{actual} of {expected} left, the rest is rejected",
    Code.OVER_SHIPMENT: "{actual} announced for {expected}",
    Code.PRICE_VARIANCE: "{actual} named for {expected}",
    Code.DATE_CHANGE: "promised for {actual}, wanted {expected}",
    Code.SUBSTITUTION: "{actual} offered for {expected}",
}
"""What a queue tells in one line; the arithmetic stands in the exception itself."""


def _told(order: str, found: Discrepancy) -> str:
    """Name what happened to an order as people say it: ``PO-1 line 2: 12 EA of 18 EA ...``."""
    place = f"{order} line {found.line}" if found.line else order
    known = _HEADLINES.get(found.code) if found.expected and found.actual else None
    said = known.format(actual=found.actual, expected=found.expected) if known else found.text
    return f"{place}: {said}"


def promise(work: Work, event: SupplyPromiseChanged) -> Iterable[object]:
    """Less or later than ordered: one task for the planner, however many lines. Source: SC-3."""
    del work
    if event.discrepancy is not None:
        yield OpenCase(
            code=event.discrepancy.code,
            subject=order_ref(event.order),
            thread=event.thread,
            title=f"{event.supplier}, {_told(event.order, event.discrepancy)}",
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
        subject=order_ref(event.order),
        thread=event.thread,
        title=_told(event.order, found),
        discrepancy=found,
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


def unanswered(work: Work, event: AcknowledgmentOverdue) -> Iterable[object]:
    """The supplier has not answered in time."""
    lines = ", ".join(event.lines)
    text = f"{event.supplier} has not answered lines {lines} of revision {event.revision}"
    yield OpenCase(
        code=Code.NO_ACKNOWLEDGMENT,
        subject=order_ref(event.order),
        thread=event.thread,
        title=f"{event.order} is not acknowledged",
        discrepancy=Discrepancy(
            code=Code.NO_ACKNOWLEDGMENT, expected="an answer", actual="none", text=text
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
        related=_related(work, event.order, Interchange.KIND),
    )


def _related(work: Work, order: str, kind: str) -> tuple[Ref, ...]:
    """Give the documents of a kind that are about an order."""
    return tuple(each for each in work.refs(order) if each.kind == kind)


def late(work: Work, event: ReceiptOverdue) -> Iterable[object]:
    """Goods should be here and are not; what was never promised has its owner already."""
    if _is_owned(work, event):
        return
    text = f"{event.open} of {event.item} were due on {event.due} and are not here"
    yield OpenCase(
        code=Code.DELAYED_RECEIPT,
        subject=order_ref(event.order),
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
        case_key(code, order_ref(event.order), place)
        for code in _UNPROMISED
        for place in (event.line, None)
    )
    cases = (work.find(Case, number("CASE", *key)) for key in keys)
    return any(case is not None and case.is_open for case in cases)


def held(work: Work, event: InvoiceHeld) -> Iterable[object]:
    """An invoice can't be paid as it is. Each hold has its own owner; this is the whole.

    What looks like an invoice that is here already is an exception of its own, for whoever
    decides on duplicates. Source: D-23, default routing.
    """
    invoice = work.get(Invoice, event.invoice)
    double = [hold for hold in event.holds if hold.code is HoldCode.DUPLICATE]
    other = [hold for hold in event.holds if hold.code is not HoldCode.DUPLICATE]
    for code, holds, wanted in (
        (Code.DUPLICATE, double, "a claim of its own"),
        (Code.INVOICE_MISMATCH, other, "a clean match"),
    ):
        if holds:
            yield _held(invoice, event, code, holds, wanted)
        else:
            subject = Ref(Invoice.KIND, invoice.id)
            yield WithdrawCase(code=code, subject=subject, note="no such hold is open any more")


def _held(
    invoice: Invoice, event: InvoiceHeld, code: Code, holds: Iterable[Hold], wanted: str
) -> OpenCase:
    rows = tuple(holds)
    codes = ", ".join(sorted({hold.code.value for hold in rows}))
    words = ", ".join(dict.fromkeys(IN_WORDS[hold.code] for hold in rows))
    return OpenCase(
        code=code,
        subject=Ref(Invoice.KIND, invoice.id),
        thread=event.thread,
        title=f"invoice {invoice.number} of {event.supplier} is held: {words}",
        discrepancy=Discrepancy(
            code=code, expected=wanted, actual=codes, text="; ".join(hold.text for hold in rows)
        ),
        site=event.site,
        supplier=event.supplier,
        related=tuple(map(order_ref, invoice.orders)),
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


def drifted(work: Work, event: ReceiptDriftFound) -> Iterable[object]:
    """Warehouse and ERP hold different quantities. Source: PO-2."""
    aside = f", of which {event.aside} are put aside" if event.aside else ""
    difference = event.erp + event.aside - event.warehouse
    sign = "+" if difference.value > 0 else ""
    text = f"the warehouse holds {event.warehouse} as received{aside}; the ERP holds {event.erp}"
    yield OpenCase(
        code=Code.RECEIPT_DRIFT,
        subject=order_ref(event.order),
        thread=event.thread,
        title=f"{event.order} line {event.line}: warehouse and ERP count differently",
        discrepancy=Discrepancy(
            code=Code.RECEIPT_DRIFT,
            line=event.line,
            expected=f"warehouse {event.warehouse}",
            actual=f"ERP {event.erp}",
            variance=f"{sign}{difference}",
            text=text,
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
        related=_related(work, event.order, Receipt.KIND),
    )


def refused_by_erp(work: Work, event: OrderRefusedByErp) -> Iterable[object]:
    """The ERP did not take an order."""
    del work
    yield OpenCase(
        code=Code.ERP_REJECTED,
        subject=order_ref(event.order),
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


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which exceptions are opened."""
    return (
        Reacts(event=SupplyPromiseChanged, react=promise),
        Reacts(event=AcknowledgmentDiscrepancyFound, react=discrepancy),
        Reacts(event=ShipNoticeDiscrepancyFound, react=discrepancy),
        Reacts(event=ReceiptDiscrepancyFound, react=discrepancy),
        Reacts(event=AcknowledgmentOverdue, react=unanswered),
        Reacts(event=ReceiptOverdue, react=late),
        Reacts(event=InvoiceHeld, react=held),
        Reacts(event=MessageQuarantined, react=quarantined),
        Reacts(event=ReceiptDriftFound, react=drifted),
        Reacts(event=OrderRefusedByErp, react=refused_by_erp),
        Reacts(event=ApproverGapFound, react=gap),
        Reacts(event=InterchangeUndeliverable, react=undelivered),
        Reacts(event=InterchangeAnswered, react=rejected_by_partner),
    )
