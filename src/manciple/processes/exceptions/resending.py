"""The remedy `resend`: try again what did not get through.

The other side knows what it has by its number, so nothing is done twice. A file that the
partner's 997 rejected was seen: it is written anew, under the next control number, for a number
that was seen is refused (X12 004010, TA105 025, duplicate interchange control number).
"""

from collections.abc import Iterable

from manciple.approvals.request import Approval, RerouteApproval
from manciple.cases.case import Case, CaseResolved
from manciple.cases.discrepancy import Code
from manciple.exchange.changing import SendChange
from manciple.exchange.interchange import Interchange, SendOrder
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.part import part_key
from manciple.kernel.errors import refuse
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes import direct
from manciple.processes.exceptions.remedy import Remedy
from manciple.processes.ports import OutboundMessage
from manciple.receiving.receipt import Receipt
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Work


def _again(work: Work, event: CaseResolved) -> str:
    return f":again{work.get(Case, event.case).reopened + 1}"


def resend_file(work: Work, event: CaseResolved) -> Iterable[object]:
    """Hand a file over once more."""
    return _once_more(work, work.get(Interchange, event.subject.id), _again(work, event))


def route_again(work: Work, event: CaseResolved) -> Iterable[object]:
    """Look again for whoever may approve."""
    del work
    yield RerouteApproval(approval=event.subject.id)


def post_invoice_again(work: Work, event: CaseResolved) -> Iterable[object]:
    """Have the ERP book the invoice, or finance pay it, whichever was not done."""
    invoice, again = work.get(Invoice, event.subject.id), _again(work, event)
    for number, erp_number in _meant(invoice, work.get(Case, event.case).discrepancy.line or ""):
        if erp_number is None:
            work.effect(direct.post_invoice(invoice, attempt=again, part=number))
        else:
            work.effect(direct.hand_to_finance(invoice, attempt=again, part=number))
    return ()


def _meant(invoice: Invoice, key: str) -> tuple[tuple[int, str | None], ...]:
    """Give the part that a case is about, by the key of what failed; 0: the invoice as a whole."""
    if not invoice.parts:
        return ((0, invoice.erp_number),)
    return tuple(
        (part.number, part.erp_number)
        for part in invoice.parts
        if key.startswith(f"{part_key(invoice.id, part.number)}:")
    )


def post_receipt_again(work: Work, event: CaseResolved) -> Iterable[object]:
    """Have the ERP book a receipt."""
    receipt = work.get(Receipt, event.subject.id)
    lane = work.get(PurchaseOrder, receipt.order).lane
    work.effect(direct.post_receipt(receipt, lane, attempt=_again(work, event)))
    return ()


def resend_order(work: Work, event: CaseResolved) -> Iterable[object]:
    """Have the ERP make the order, tell everybody again, or send its newest file again."""
    order, again = work.get(PurchaseOrder, event.subject.id), _again(work, event)
    if order.erp_number is None:
        work.effect(direct.create_order(order, attempt=again))
    elif event.code is Code.DELIVERY_FAILED:
        direct.tell_again(work, order, again)
    else:
        return _once_more(work, _file_of(work, order), again)
    return ()


def _once_more(work: Work, kept: Interchange, again: str) -> Iterable[object]:
    """Have what a rejected file said of an order written anew; hand any other over as it is."""
    if kept.state == "rejected" and kept.order is not None:
        if kept.revision is not None and kept.revision > 1:
            return (SendChange(order=kept.order, revision=kept.revision),)
        return (SendOrder(order=kept.order),)
    resend(work, kept, again)
    return ()


def _file_of(work: Work, order: PurchaseOrder) -> Interchange:
    sent = sent_file(work, order)
    if sent is None:
        raise refuse(
            "NOTHING_SENT",
            f"{order.id} has not left yet, so nothing can be sent again",
            field="resolution",
            fix="See the order's effects for what keeps it.",
        )
    return sent


def sent_file(work: Work, order: PurchaseOrder) -> Interchange | None:
    """Find the file in which the order's newest revision left; of several, the last written."""
    files = (work.find(Interchange, each.id) for each in work.refs(order.id) if _is_file(each))
    sent = (
        kept
        for kept in files
        if kept is not None and (kept.order, kept.revision) == (order.id, order.sent_revision)
    )
    return max(sent, key=lambda kept: kept.control or "", default=None)


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
                file_name=resent_name(kept, again),
                digest=kept.digest,
                content=work.read_bytes(kept.digest),
            ),
        )
    )


def resent_name(kept: Interchange, again: str) -> str:
    """Name the file of a resend: a new name where the old one was handed over, else the old one.

    A partner's folder knows a file that it was given by its name, and would take the old name for
    the file that it has. What nobody is known to have got keeps its name, so that it comes once.
    """
    name = kept.name or kept.id
    if kept.state in {"composed", "undeliverable"}:
        return name
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{again.strip(':')}.{ending}"


def remedies() -> tuple[Remedy, ...]:
    """Give what `resend` does about each kind of document."""
    return (
        Remedy(
            name="resend",
            on=(Interchange.KIND,),
            effect=(
                "The same bytes are handed over again, under the same control number; an order "
                "that the partner's 997 rejected is written anew, under the next one."
            ),
            act=resend_file,
        ),
        Remedy(
            name="resend",
            on=(Approval.KIND,),
            effect="Whoever may approve is looked for again.",
            act=route_again,
        ),
        Remedy(
            name="resend",
            on=(Invoice.KIND,),
            effect="The ERP is asked again to book the invoice, or finance to pay it.",
            act=post_invoice_again,
        ),
        Remedy(
            name="resend",
            on=(Receipt.KIND,),
            effect="The ERP is asked again to book the receipt.",
            act=post_receipt_again,
        ),
        Remedy(
            name="accept",
            on=(Interchange.KIND, Approval.KIND, Invoice.KIND, Receipt.KIND),
            effect="It went by other means, or need not go: nothing is sent.",
        ),
        Remedy(
            name="resend",
            on=(PurchaseOrder.KIND,),
            effect="What did not get through is sent again: to the ERP, or to the supplier.",
            act=resend_order,
        ),
    )
