"""Disputes: the supplier is told by itself what is not taken from it, and what it is asked for.

    CaseResolved by `dispute`, about an order   -> our terms stand: confirm them, or say why not
    InvoiceRejected                             -> the bill goes back: what differs on it

It goes as a text file where the partner's profile says that it is reminded so, else as a letter
where mail is on and the supplier has an address. Where neither is, nobody is told: the playbook
says that the owner does it. Each decision is told once.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from manciple.cases.case import CaseResolved
from manciple.cases.discrepancy import Code
from manciple.exchange.by_mail import address_of, link_to
from manciple.exchange.partner import Partner, RemindedBy
from manciple.governance.linking import mailing_of
from manciple.invoicing.holds import HoldCode
from manciple.invoicing.invoice import Invoice, InvoiceRejected
from manciple.ordering.purchase_order import BEFORE_SENDING, PurchaseOrder
from manciple.processes import letters
from manciple.processes.ports import OutboundMessage
from manciple.processes.ports.mail import MAIL, SEND, Letter, Table
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect, Lane
from manciple.runtime.work import Work

DISPUTE: Final = "dispute"
TELL: Final = "tell"
"""The term with which whoever disputes says a sentence of their own to the supplier."""
_STANDS: Final = "Our order stands. Please confirm it as it is, or tell us at once why you can't."
_ASKED: Final[Mapping[Code, str]] = {
    Code.OVER_SHIPMENT: "We take what was ordered and no more: please hold back the rest.",
    Code.OVER_RECEIPT: "We did not order it: please tell us how you want it back.",
    Code.SHORT_RECEIPT: "Please send what is missing, or credit it if you billed it.",
    Code.UNIT_CONFLICT: "Please answer in the unit of our order.",
}
"""What is asked for, by what went wrong; `_STANDS` where nothing else is said."""
_BILLED: Final = "Please send a corrected one under a new number, or tell us why it is right."
_DIFFERS: Final[Mapping[HoldCode, str]] = {
    HoldCode.PRICE: "the price is not the price ordered",
    HoldCode.PRICE_CUMULATIVE: "small price differences add up to more than we may pay",
    HoldCode.QTY_RECEIVED: "more is billed than our warehouse has counted",
    HoldCode.QTY_ORDERED: "more is billed than was ordered",
    HoldCode.AMOUNT: "the sum is not the sum of its lines",
    HoldCode.TAX: "the tax is not what we reckon",
    HoldCode.CHARGE: "a charge was not agreed",
    HoldCode.DUPLICATE: "we have an invoice of this number, or one like it, already",
    HoldCode.NO_PO: "we can't tell which order line is billed",
    HoldCode.UOM: "it is billed in a unit that we can't convert",
    HoldCode.FX_RATE: "it is in another currency, whose rate is not clear",
    HoldCode.CREDIT_EXCESS: "more is credited than was billed",
}


def disputed(work: Work, event: CaseResolved) -> Iterable[object]:
    """Somebody decided that an order's own terms stand: its supplier is told."""
    if event.resolution != DISPUTE or event.subject.kind != PurchaseOrder.KIND:
        return ()
    order = work.peek(PurchaseOrder, event.subject.id)
    if order is None or order.state in BEFORE_SENDING:
        return ()
    found = event.discrepancy
    which = f"line {found.line} of our order {order.id}" if found.line else f"our order {order.id}"
    table = Table(
        head=("Line", "Ours", "Yours"),
        rows=((found.line or "all", found.expected or "-", found.actual or "-"),),
    )
    _tell(
        work,
        mark=f"{event.case}:{work.next_number(f'{DISPUTE}:{event.case}')}",
        subject=event.subject,
        supplier=order.supplier,
        order=order,
        title=f"Order {order.id}: we do not agree",
        opening=f"we do not agree with what you told us of {which}, revision {order.revision}.",
        table=table if found.expected or found.actual else None,
        asked=_ASKED.get(event.code, _STANDS),
        note=event.terms.get(TELL, ""),
    )
    return ()


def sent_back(work: Work, event: InvoiceRejected) -> Iterable[object]:
    """An invoice was sent back: its supplier is told why, and what would be paid."""
    invoice = work.get(Invoice, event.invoice)
    what = "credit note" if invoice.credit else "invoice"
    rows = tuple(
        (each.line or "all", _DIFFERS[each.code], each.variance or "-") for each in event.differs
    )
    _tell(
        work,
        mark=f"{event.invoice}:{DISPUTE}",
        subject=Ref(Invoice.KIND, event.invoice),
        supplier=event.supplier,
        order=work.peek(PurchaseOrder, event.order) if event.order else None,
        title=f"Your {what} {invoice.number} comes back",
        opening=f"we do not take your {what} {invoice.number} of {invoice.date}: {event.reason}",
        table=Table(head=("Line", "What differs", "By"), rows=rows) if rows else None,
        asked=_BILLED,
    )
    return ()


def _tell(
    work: Work,
    *,
    mark: str,
    subject: Ref,
    supplier: str,
    order: PurchaseOrder | None,
    title: str,
    opening: str,
    table: Table | None,
    asked: str,
    note: str = "",
) -> None:
    """Send what is told by the supplier's own way; ``mark`` tells it from all else."""
    lane = order.lane if order is not None else Lane.STANDARD
    partner = work.peek(Partner, supplier)
    if partner is not None and partner.reminded_by is RemindedBy.FILE:
        rows = [": ".join(filter(None, row)) for row in (table.rows if table else ())]
        content = "\n".join(filter(None, (title, opening, *rows, asked, note, ""))).encode()
        name = f"{DISPUTE}-{mark.replace(':', '-')}.txt"
        message = OutboundMessage(
            partner=partner.id, interchange="", file_name=name,
            digest=work.keep_bytes(content), content=content,
        )  # fmt: skip
        work.effect(
            Effect(
                key=f"{mark}:edi.send", endpoint=partner.endpoint, verb="edi.send",
                subject=subject, payload=message, lane=lane,
            )
        )  # fmt: skip
        return
    mailing, to = mailing_of(work), address_of(work, supplier)
    if mailing is None or to is None:
        return
    link = link_to(work, order).claims if order is not None else None
    letter = Letter(
        to=to,
        sender=mailing.sender,
        house=mailing.name,
        address=mailing.address,
        at=work.at,
        subject=title,
        paragraphs=tuple(filter(None, ("Good day,", opening, asked, note))),
        table=table,
        button="Open the order" if link else "",
        link=link,
        closing=letters.SAFE if link else (),
    )
    work.effect(
        Effect(
            key=f"{mark}:{SEND}", endpoint=MAIL, verb=SEND, subject=subject, payload=letter,
            lane=lane,
        )
    )  # fmt: skip


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which suppliers hear of disputes."""
    return (
        Reacts(event=CaseResolved, react=disputed),
        Reacts(event=InvoiceRejected, react=sent_back),
    )
