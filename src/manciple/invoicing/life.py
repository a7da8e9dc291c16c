"""The steps of an invoice's life that persons and other systems ask for; each refused or given.

See ``invoice`` for the states. Nothing here looks at quantities or prices.
"""

from collections.abc import Iterator, Mapping
from datetime import date

from manciple.catalog.site import require_site
from manciple.invoicing.invoice import (
    AssignInvoiceLine,
    Invoice,
    InvoiceState,
    OrderLineRef,
    RecordInvoiceInErp,
    RecordPayable,
    RejectInvoice,
)
from manciple.invoicing.part import Part
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import replace
from manciple.ordering.line_ledger import Posting, Stage
from manciple.ordering.purchase_order import PurchaseOrder


def require_apart(invoice: str, person: str, done: Mapping[str, str]) -> None:
    """Let nobody pass for payment what they asked for, agreed to or counted themselves.

    Args:
        invoice: whose hold is to be released.
        person: who releases it.
        done: what each person did for its orders, in words.

    Raises:
        Refused: SEGREGATION. Source: segregation of duties, ISO/IEC 27002:2022, control 5.3.
    """
    deed = done.get(person)
    if deed is not None:
        raise refuse(
            "SEGREGATION",
            f"{person} {deed}, and may not release what keeps {invoice} from being paid",
            field="invoice",
            rule="A-07",
            fix="ask a colleague who had no part in it",
        )


def require_unsettled(invoice: Invoice) -> None:
    """Let an invoice be changed only while it is to be decided.

    Raises:
        Refused: WRONG_STATE.
    """
    if not invoice.is_unsettled:
        raise refuse(
            "WRONG_STATE",
            f"{invoice.id} is {invoice.state.value}: nothing about it can be decided any more",
            field="invoice",
            rule="D-23",
            fix="a payable invoice is undone by a credit note",
        )


def assigned(
    invoice: Invoice, act: AssignInvoiceLine, order: PurchaseOrder | None, *, actor: Actor
) -> Invoice:
    """Give a line, of which nobody could tell the order line, the one that a person names.

    On a third party's paper the code of a planned charge stands where the order line does.

    Raises:
        Refused: the invoice is decided; there is no such line, or it has its order line; the
            order is not this supplier's, not of the actor's site or has no such line.
    """
    require_unsettled(invoice)
    at = next((at for at, line in enumerate(invoice.lines) if line.number == act.line), None)
    if at is None or invoice.lines[at].order is not None:
        open_lines = ", ".join(line.number for line in invoice.lines if line.order is None)
        raise refuse(
            "NOT_OPEN",
            f"line {act.line} of {invoice.id} waits for no order line; these do: "
            f"{open_lines or 'none'}",
            field="line",
            fix="name a line that has the hold NO_PO",
        )
    is_service = order is not None and act.order_line in {
        each.code for each in order.planned_by(invoice.supplier) if each.is_third_party
    }
    is_goods = order is not None and order.supplier == invoice.supplier
    is_goods = is_goods and order is not None and order.line(act.order_line) is not None
    if order is None or not (is_service or is_goods):
        raise refuse(
            "UNKNOWN_ORDER",
            f"supplier {invoice.supplier} has no order {act.order} with a line {act.order_line}",
            field="order",
            fix="check the order number and its line",
        )
    require_site(actor, order.site)
    place = OrderLineRef(order.id, act.order_line)
    line = replace(invoice.lines[at], assigned_by=actor.id)
    line = replace(line, service=place) if is_service else replace(line, place=place)
    return replace(invoice, lines=(*invoice.lines[:at], line, *invoice.lines[at + 1 :]))


def rejected(invoice: Invoice, act: RejectInvoice) -> Invoice:
    """Give the invoice as it is sent back; its open holds go with it.

    Raises:
        Refused: it is decided already, or there is no reason.
    """
    require_unsettled(invoice)
    if invoice.parts:
        raise refuse(
            "PART_RELEASED",
            f"{len(invoice.parts)} part of {invoice.id} is released already, and is paid",
            field="invoice",
            rule="D-06",
            fix="have the supplier credit what is wrong; the credit settles the rest",
        )
    if not act.reason.strip():
        raise refuse("NO_REASON", "a rejection needs a reason", field="reason", fix="say why")
    found = invoice.discount
    lost = found if found is not None and found.lost is not None else None
    return replace(
        invoice, state=InvoiceState.REJECTED, holds=(), reason=act.reason, discount=lost
    )


def in_erp(invoice: Invoice, act: RecordInvoiceInErp) -> Invoice:
    """Note the ERP's number; the same number again changes nothing.

    Raises:
        Refused: the invoice is not payable, or stands in the ERP under another number.
    """
    if invoice.parts:
        return _part_in_erp(invoice, act)
    if invoice.erp_number == act.erp_number:
        return invoice
    _require_payable(invoice, invoice.erp_number, act.erp_number, "erp_number")
    return replace(invoice, erp_number=act.erp_number, state=InvoiceState.POSTED)


def in_finance(invoice: Invoice, act: RecordPayable) -> Invoice:
    """Note finance's number; the same number again changes nothing.

    Raises:
        Refused: the invoice is not payable, or finance has it under another number.
    """
    if invoice.parts:
        part = _part(invoice, act.part, act.finance_number, "finance_number")
        if part.finance_number == act.finance_number:
            return invoice
        _require_new(invoice, part.finance_number, act.finance_number, "finance_number")
        return _with_part(invoice, replace(part, finance_number=act.finance_number))
    if invoice.finance_number == act.finance_number:
        return invoice
    _require_payable(invoice, invoice.finance_number, act.finance_number, "finance_number")
    return replace(invoice, finance_number=act.finance_number)


def _part_in_erp(invoice: Invoice, act: RecordInvoiceInErp) -> Invoice:
    """Note the ERP's number of one part; the invoice is posted when every part of it is."""
    part = _part(invoice, act.part, act.erp_number, "erp_number")
    if part.erp_number == act.erp_number:
        return invoice
    _require_new(invoice, part.erp_number, act.erp_number, "erp_number")
    now = _with_part(invoice, replace(part, erp_number=act.erp_number))
    if now.is_settled and all(each.erp_number is not None for each in now.parts):
        return replace(now, state=InvoiceState.POSTED)
    return now


def _part(invoice: Invoice, number: int, came: str, field: str) -> Part:
    found = next((each for each in invoice.parts if each.number == number), None)
    if found is None:
        raise refuse(
            "WRONG_STATE",
            f"{invoice.id} goes in {len(invoice.parts)} parts, and {came} came for part {number}",
            field=field,
            fix="find out which part is meant",
        )
    return found


def _with_part(invoice: Invoice, part: Part) -> Invoice:
    rows = (part if each.number == part.number else each for each in invoice.parts)
    return replace(invoice, parts=tuple(rows))


def _require_new(invoice: Invoice, known: str | None, came: str, field: str) -> None:
    if known is not None:
        raise refuse(
            "WRONG_STATE",
            f"that part of {invoice.id} has the number {known}, now {came} came",
            field=field,
            fix="find out which of the two numbers is the part",
        )


def _require_payable(invoice: Invoice, known: str | None, came: str, field: str) -> None:
    if known is None and invoice.is_settled:
        return
    raise refuse(
        "WRONG_STATE",
        f"{invoice.id} is {invoice.state.value} with number {known}, now {came} came",
        field=field,
        fix="find out which of the two numbers is the invoice",
    )


def require_sites(invoice: Invoice, sites: tuple[str, ...], actor: Actor) -> None:
    """Let only those decide on an invoice who work for a site that it bills; none: anybody.

    Raises:
        Refused: NOT_YOUR_SITE.
    """
    if sites and actor.sites and not set(sites) & set(actor.sites):
        raise refuse(
            "NOT_YOUR_SITE",
            f"{actor.id} works for {', '.join(actor.sites)}; {invoice.id} is for"
            f" {', '.join(sites)}",
            field="invoice",
            fix="ask somebody of that site",
        )


# --- postings


def postings(before: Invoice, after: Invoice) -> Iterator[tuple[str, Posting]]:
    """Give, by order, what the ledger gains from lines that found their order line and quantity.

    A credit of money alone posts nothing. Source: D-15.
    """
    for was, line in zip(before.lines, after.lines, strict=True):
        if was.posted is None and line.posted and line.place is not None:
            yield (
                line.place.order,
                Posting(
                    stage=Stage.CREDITED if after.credit else Stage.INVOICED,
                    line=line.place.line,
                    quantity=line.posted,
                    stated=line.stated.quantity,
                    source=f"invoice/{after.id}/{line.number}",
                    effective=after.date,
                ),
            )


def reversals(invoice: Invoice, *, on: date) -> Iterator[tuple[str, Posting]]:
    """Give, by order, what takes a rejected invoice off the ledger again; nothing is rewritten."""
    for line in invoice.lines:
        if line.posted and line.place is not None:
            yield (
                line.place.order,
                Posting(
                    stage=Stage.CREDITED if invoice.credit else Stage.INVOICED,
                    line=line.place.line,
                    quantity=-line.posted,
                    stated=-line.stated.quantity,
                    source=f"invoice/{invoice.id}/{line.number}/rejected",
                    reason=invoice.reason,
                    effective=on,
                ),
            )
