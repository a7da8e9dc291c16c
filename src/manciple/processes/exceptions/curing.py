"""What facts have cured needs nobody any more: WithdrawCase.

    an answer that says so                  SHORTAGE, DATE_CHANGE, PRICE_VARIANCE, SUBSTITUTION ...
    goods that arrive, or are given up      DELAYED_RECEIPT, SHORTAGE, SHORT_RECEIPT ...
    an order that is closed                 whatever was still asked about it
    a document that gets through (outcomes) DELIVERY_FAILED, ERP_REJECTED
    an approver that is found               APPROVER_GAP

A line is looked at by itself; what concerns the whole order is cured when every line is. What is
put aside in the warehouse, or differs between two systems, is cured by neither.
"""

from collections.abc import Callable, Iterable, Mapping

from manciple.approvals.request import (
    Approval,
    ApprovalRejected,
    ApprovalRerouted,
    ApprovalVoided,
)
from manciple.cases.case import Case, WithdrawCase
from manciple.cases.discrepancy import Code
from manciple.cases.life import about
from manciple.exchange.interchange import Quarantined, QuarantineEnded
from manciple.invoicing.invoice import Invoice, InvoicePayable, InvoiceRejected
from manciple.ordering.line_ledger import LineLedger, Posting, Stage, ledgers
from manciple.ordering.purchase_order import (
    OrderChanged,
    OrderClosed,
    OrderRecordedInErp,
    PurchaseOrder,
)
from manciple.processes.direct import order_ref
from manciple.receiving.drift import ReceiptDriftHealed
from manciple.receiving.overdue import NoteReceiptOverdue
from manciple.receiving.receipt import OrderReceived
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import (
    Acknowledgment,
    AcknowledgmentReceived,
    AcknowledgmentState,
)
from manciple.supplying.ship_notice import ShipNotice

_SAID = frozenset(
    {
        Code.SHORTAGE,
        Code.REJECTED_LINE,
        Code.DATE_CHANGE,
        Code.PRICE_VARIANCE,
        Code.SUBSTITUTION,
        Code.OVER_SHIPMENT,
        Code.UNIT_CONFLICT,
        Code.UNREADABLE,
        Code.UNKNOWN_ORDER,
    }
)
"""What an answer says, and a later answer may take back."""
_ANNOUNCED = frozenset({Code.OVER_SHIPMENT, Code.UNIT_CONFLICT, Code.UNKNOWN_ORDER})
"""What a ship notice may say too: once there is one, no answer takes it back."""
_MISSING = frozenset(
    {
        Code.DELAYED_RECEIPT,
        Code.SHORTAGE,
        Code.DATE_CHANGE,
        Code.REJECTED_LINE,
        Code.OVER_SHIPMENT,
        Code.NO_ACKNOWLEDGMENT,
        Code.STALE_ACKNOWLEDGMENT,
    }
)
"""What is over once nothing is open any more of the line, or of all where none is named."""
_OUTLIVES = frozenset(
    {
        Code.OVER_RECEIPT,
        Code.SHORT_RECEIPT,
        Code.RECEIPT_DRIFT,
        Code.DELIVERY_FAILED,
        Code.ERP_REJECTED,
    }
)
"""What closing an order does not cure: goods aside, claims, and what other systems lack."""


def _open_about(work: Work, subject: Ref) -> tuple[Case, ...]:
    """Give the open exceptions about a document."""
    known = (work.find(Case, found.id) for found in work.refs(about(subject)))
    return tuple(case for case in known if case is not None and case.is_open)


def _withdrawn(case: Case, note: str) -> WithdrawCase:
    return WithdrawCase(
        code=case.code, subject=case.subject, line=case.discrepancy.line, note=note
    )


# ---- answers ----------------------------------------------------------------------------------


def answered(work: Work, event: AcknowledgmentReceived) -> Iterable[object]:
    """The answer came after all, or a new one takes back what the last one said."""
    if not event.is_answer:
        return
    order = work.get(PurchaseOrder, event.order)
    known = _open_about(work, order_ref(order.id))
    if not known:
        return
    answer = work.get(Acknowledgment, event.acknowledgment)
    for case in known:
        if case.code is Code.NO_ACKNOWLEDGMENT and order.is_answered:
            yield _withdrawn(case, "the answer came")
        elif case.code is Code.STALE_ACKNOWLEDGMENT and event.revision == order.revision:
            yield _withdrawn(case, f"revision {event.revision} is answered")
        elif case.code in _SAID and _is_taken_back(work, order, answer, case):
            yield _withdrawn(case, f"answer {answer.number or answer.id} takes it back")


def _is_taken_back(work: Work, order: PurchaseOrder, answer: Acknowledgment, case: Case) -> bool:
    """Say whether an answer speaks of all that a case is about and finds nothing wrong."""
    if answer.state is AcknowledgmentState.SUPERSEDED:
        return False
    if case.code in _ANNOUNCED and _is_announced(work, order):
        return False
    named = case.discrepancy.line
    live = {line.number for line in order.lines if not line.is_given_up}
    about_lines = live if named is None else {named}
    said = {line.line for line in answer.lines if line.confirmed is not None}
    wrong = {each.line for each in answer.discrepancies if each.code is case.code}
    is_wrong = bool(wrong) if named is None else bool(wrong & {named, None})
    return about_lines <= said and not is_wrong


def _is_announced(work: Work, order: PurchaseOrder) -> bool:
    return any(found.kind == ShipNotice.KIND for found in work.refs(order.id))


# ---- goods ------------------------------------------------------------------------------------


def arrived(work: Work, event: OrderReceived) -> Iterable[object]:
    """The goods came after all; of what is late and came in part, the rest is told again."""
    lines = None if event.is_complete else event.lines
    yield from _over(work, event.order, lines, f"receipt {event.receipt}")


def changed(work: Work, event: OrderChanged) -> Iterable[object]:
    """What was late or missing has been given up."""
    lines = tuple(each.line for each in event.cancelled)
    if lines:
        yield from _over(work, event.order, lines, f"revision {event.revision} gave it up")


def _over(work: Work, order: str, lines: tuple[str, ...] | None, note: str) -> Iterable[object]:
    """Withdraw what is over for lines of which nothing is open; None: all lines."""
    known = _open_about(work, order_ref(order))
    if not known:
        return
    paper, books = work.get(PurchaseOrder, order), ledgers(work.records(Posting, order))
    for case in known:
        named = case.discrepancy.line
        if lines is not None and named is not None and named not in lines:
            continue
        if _is_over(paper, books, case):
            yield _withdrawn(case, note)
        elif case.code is Code.DELAYED_RECEIPT and named is not None:
            yield NoteReceiptOverdue(order=order, line=named)


def _is_over(paper: PurchaseOrder, books: Mapping[str, LineLedger], case: Case) -> bool:
    """Say whether nothing is left of what a case is about."""
    named = case.discrepancy.line
    if case.code is Code.SHORT_RECEIPT:
        return _all(books, named, _is_accepted)
    if case.code in _MISSING:
        return _all(books, named, _is_here)
    line = paper.line(named) if named is not None else None
    return case.code in _SAID and line is not None and line.is_given_up


def _all(
    books: Mapping[str, LineLedger], line: str | None, holds: Callable[[LineLedger], bool]
) -> bool:
    wanted = [book for name, book in books.items() if line in {None, name}]
    return bool(wanted) and all(holds(book) for book in wanted)


def _is_here(book: LineLedger) -> bool:
    return book.open_to_receive.value <= 0


def _is_accepted(book: LineLedger) -> bool:
    return book.total(Stage.ACCEPTED) >= book.wanted


def closed(work: Work, event: OrderClosed) -> Iterable[object]:
    """Nothing more is expected of the order."""
    for case in _open_about(work, order_ref(event.order)):
        if case.code not in _OUTLIVES:
            yield _withdrawn(case, "the order is closed")


# ---- invoices, files and others ---------------------------------------------------------------


def settled(work: Work, event: InvoicePayable | InvoiceRejected) -> Iterable[object]:
    """The invoice is no longer held."""
    del work
    note = "payable" if isinstance(event, InvoicePayable) else f"rejected: {event.reason}"
    for code in (Code.INVOICE_MISMATCH, Code.DUPLICATE):
        yield WithdrawCase(code=code, subject=Ref(Invoice.KIND, event.invoice), note=note)


def taken_up(work: Work, event: OrderRecordedInErp) -> Iterable[object]:
    """The ERP has the order after all."""
    del work
    yield WithdrawCase(
        code=Code.ERP_REJECTED, subject=order_ref(event.order), note=event.erp_number
    )


def approver_found(
    work: Work, event: ApprovalRerouted | ApprovalRejected | ApprovalVoided
) -> Iterable[object]:
    """Somebody can approve it, or nobody need any more."""
    approval = work.get(Approval, event.approval)
    if not (approval.is_pending and approval.gap):
        subject = Ref(Approval.KIND, approval.id)
        yield WithdrawCase(code=Code.APPROVER_GAP, subject=subject, note="somebody can decide")


def same_again(work: Work, event: ReceiptDriftHealed) -> Iterable[object]:
    """Warehouse and ERP hold the same again."""
    del work
    yield WithdrawCase(
        code=Code.RECEIPT_DRIFT,
        subject=order_ref(event.order),
        line=event.line,
        note="warehouse and ERP hold the same",
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
        Reacts(event=ApprovalRerouted, react=approver_found),
        Reacts(event=ApprovalRejected, react=approver_found),
        Reacts(event=ApprovalVoided, react=approver_found),
        Reacts(event=ReceiptDriftHealed, react=same_again),
        Reacts(event=QuarantineEnded, react=found),
    )
