"""What facts have cured needs nobody any more: WithdrawCase."""

from collections.abc import Iterable

from manciple.cases.case import WithdrawCase
from manciple.cases.discrepancy import Code
from manciple.exchange.interchange import Quarantined, QuarantineEnded
from manciple.invoicing.invoice import Invoice, InvoicePayable, InvoiceRejected
from manciple.ordering.purchase_order import (
    AnswerState,
    OrderChanged,
    OrderClosed,
    OrderRecordedInErp,
    PurchaseOrder,
)
from manciple.processes.direct import order_ref
from manciple.receiving.receipt import OrderReceived
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import AcknowledgmentReceived


def answered(work: Work, event: AcknowledgmentReceived) -> Iterable[object]:
    """The answer came after all."""
    order = work.get(PurchaseOrder, event.order)
    if event.is_answer and order.is_answered:
        yield WithdrawCase(
            code=Code.NO_ACKNOWLEDGMENT, subject=order_ref(event.order), note="the answer came"
        )


def arrived(work: Work, event: OrderReceived) -> Iterable[object]:
    """The goods came after all."""
    order = work.get(PurchaseOrder, event.order)
    note = f"receipt {event.receipt}"
    lines = tuple(line.number for line in order.lines) if event.is_complete else event.lines
    for line in lines:
        yield WithdrawCase(
            code=Code.DELAYED_RECEIPT, subject=order_ref(event.order), line=line, note=note
        )
    if event.is_complete:
        yield from _nothing_open(order, note)


def changed(work: Work, event: OrderChanged) -> Iterable[object]:
    """What was late has been given up."""
    del work
    for each in event.cancelled:
        yield WithdrawCase(
            code=Code.DELAYED_RECEIPT,
            subject=order_ref(event.order),
            line=each.line,
            note=f"revision {event.revision} gave it up",
        )


def closed(work: Work, event: OrderClosed) -> Iterable[object]:
    """Nothing more is expected of the order."""
    yield from _nothing_open(work.get(PurchaseOrder, event.order), "the order is closed")


def _nothing_open(order: PurchaseOrder, note: str) -> Iterable[object]:
    """Nobody need decide any more about what was missing, as a whole or on one line."""
    subject = order_ref(order.id)
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
        code=Code.ERP_REJECTED, subject=order_ref(event.order), note=event.erp_number
    )


def found(work: Work, event: QuarantineEnded) -> Iterable[object]:
    """The message found what it waited for, or will never be applied."""
    del work
    for code in (Code.UNKNOWN_ORDER, Code.UNREADABLE, Code.UNIT_CONFLICT):
        yield WithdrawCase(
            code=code, subject=Ref(Quarantined.KIND, event.quarantined), note=event.how
        )


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which exceptions are withdrawn."""
    return (
        Reacts(event=AcknowledgmentReceived, react=answered),
        Reacts(event=OrderReceived, react=arrived),
        Reacts(event=OrderChanged, react=changed),
        Reacts(event=OrderClosed, react=closed),
        Reacts(event=InvoicePayable, react=settled),
        Reacts(event=InvoiceRejected, react=settled),
        Reacts(event=OrderRecordedInErp, react=taken_up),
        Reacts(event=QuarantineEnded, react=found),
    )
