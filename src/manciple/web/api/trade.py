"""Orders, acknowledgments, ship notices, receipts and invoices over HTTP."""

from typing import Annotated

from fastapi import Query, Response

from manciple.catalog.supplier import Supplier
from manciple.invoicing.discount import DiscountsLost
from manciple.invoicing.holds import ReleaseHold
from manciple.invoicing.invoice import (
    AssignInvoiceLine,
    Invoice,
    InvoiceState,
    MatchInvoice,
    RejectInvoice,
)
from manciple.invoicing.part import ReleasePart
from manciple.kernel.records import replace
from manciple.ordering.purchase_order import CancelRemainder, OrderState, PurchaseOrder
from manciple.receiving.own_receipt import ReceiveOwn
from manciple.receiving.receipt import (
    Condition,
    Receipt,
    ReceiptState,
    ReceivedLine,
    RecordReceipt,
)
from manciple.runtime.documents import Document, Ref
from manciple.runtime.queries import Stored, scope_of
from manciple.supplying.acknowledgment import Acknowledgment, AcknowledgmentState
from manciple.supplying.ship_notice import ShipNotice, ShipNoticeState
from manciple.web.api.asking import After, Asker, Asking, json, paged, shown
from manciple.web.api.bodies import (
    AssignLineBody,
    CancelRemainderBody,
    NoteBody,
    ReasonBody,
    ReceiptBody,
    ReleaseBody,
)
from manciple.web.api.problems import api_router

router = api_router()
Limit = Annotated[int, Query(ge=1, le=200)]


def _page(
    asker: Asking, kind: type[Document], state: str | None, after: str | None, limit: int
) -> Response:
    page = asker.app.documents.page(
        kind, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


def _tasks(asker: Asking, name: str, whose: str, after: str | None, limit: int) -> Response:
    mine = whose == "mine"
    page = asker.app.worklists.tasks(
        name,
        scope=scope_of(asker.actor),
        owner=asker.actor.id if mine else None,
        roles=tuple(asker.actor.roles) if mine else None,
        after=after,
        limit=limit,
    )
    return paged(page)


@router.get("/purchase-orders", tags=["orders"])
def orders(
    asker: Asker, state: OrderState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List purchase orders, newest first."""
    page = asker.app.documents.page(
        PurchaseOrder, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(replace(page, rows=tuple(_seen(each, asker) for each in page.rows)))


@router.get("/purchase-orders/{number}", tags=["orders"])
def order(number: str, asker: Asker) -> Response:
    """Show a purchase order."""
    return shown(_seen(asker.found(PurchaseOrder, number), asker))


def _seen(stored: Stored[PurchaseOrder], asker: Asking) -> Stored[PurchaseOrder]:
    """Give an order as the caller may see it: its supplier, without third parties' charges."""
    if scope_of(asker.actor).supplier is None:
        return stored
    return replace(stored, document=stored.document.told_to_supplier())


@router.get("/purchase-orders/{number}/ledger", tags=["orders"])
def ledger(number: str, asker: Asker) -> Response:
    """Show every quantity ever stated about the order's lines, and what is open."""
    asker.found(PurchaseOrder, number)
    return json(asker.app.ledger(number))


@router.post("/purchase-orders/{number}/cancel-remainder", tags=["orders"])
def cancel_remainder(number: str, body: CancelRemainderBody, asker: Asker) -> Response:
    """Give up what has not come yet; what was ordered is never lowered."""
    asker.found(PurchaseOrder, number)
    act = CancelRemainder(order=number, lines=body.lines, reason=body.reason, beyond=body.beyond)
    return asker.answer(act, PurchaseOrder, about=Ref(PurchaseOrder.KIND, number))


@router.get("/acknowledgments", tags=["supply"])
def acknowledgments(
    asker: Asker, state: AcknowledgmentState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List suppliers' answers, newest first."""
    return _page(asker, Acknowledgment, state, after, limit)


@router.get("/acknowledgments/{number}", tags=["supply"])
def acknowledgment(number: str, asker: Asker) -> Response:
    """Show a supplier's answer, compared with the order."""
    return shown(asker.found(Acknowledgment, number))


@router.get("/ship-notices", tags=["supply"])
def ship_notices(
    asker: Asker, state: ShipNoticeState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List ship notices, newest first."""
    return _page(asker, ShipNotice, state, after, limit)


@router.get("/ship-notices/{number:path}", tags=["supply"])
def ship_notice(number: str, asker: Asker) -> Response:
    """Show a ship notice."""
    return shown(asker.found(ShipNotice, number))


@router.post("/receipts", status_code=201, tags=["receipts"])
def receive(body: ReceiptBody, asker: Asker) -> Response:
    """Record what a warehouse counted."""
    return asker.answer(_counted(body), Receipt)


@router.post("/requisitions/{number}/receipts", status_code=201, tags=["receipts"])
def receive_own(number: str, body: ReceiptBody, asker: Asker) -> Response:
    """Record what a requester counted of what they asked for themselves."""
    return asker.answer(ReceiveOwn(requisition=number, counted=_counted(body)), Receipt)


def _counted(body: ReceiptBody) -> RecordReceipt:
    return RecordReceipt(
        receipt=body.receipt,
        order=body.order,
        site=body.site,
        received=body.received,
        lines=tuple(
            ReceivedLine(
                line=line.line,
                quantity=line.quantity.to_quantity(),
                condition=Condition(line.condition),
                item=line.item,
            )
            for line in body.lines
        ),
        shipment=body.shipment,
    )


@router.get("/receipts", tags=["receipts"])
def receipts(
    asker: Asker, state: ReceiptState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List receipts, newest first."""
    return _page(asker, Receipt, state, after, limit)


@router.get("/receipts/{number:path}", tags=["receipts"])
def receipt(number: str, asker: Asker) -> Response:
    """Show a receipt."""
    return shown(asker.found(Receipt, number))


@router.get("/invoices", tags=["invoices"])
def invoices(
    asker: Asker, state: InvoiceState | None = None, after: After = None, limit: Limit = 50
) -> Response:
    """List invoices, newest first."""
    return _page(asker, Invoice, state, after, limit)


@router.get("/invoices/{number}", tags=["invoices"])
def invoice(number: str, asker: Asker) -> Response:
    """Show an invoice with its holds."""
    return shown(asker.found(Invoice, number))


@router.get("/invoices/{number}/match", tags=["invoices"])
def match(number: str, asker: Asker) -> Response:
    """Show the match with its arithmetic: every test, its numbers, its tolerance, its outcome."""
    stored = asker.found(Invoice, number)
    return json(asker.app.explain_match(stored.document))


@router.get("/suppliers/{name}/discounts-lost", tags=["invoices"])
def discounts_lost(name: str, asker: Asker) -> Response:
    """Sum up the early-payment discounts that were lost: ours and the supplier's delay apart."""
    asker.found(Supplier, name)
    stored = asker.app.documents.get(DiscountsLost, name)
    sums = () if stored is None else stored.document.sums
    return json({"supplier": name, "rows": sums})


@router.post("/invoices/{number}/release", tags=["invoices"])
def release(number: str, body: ReleaseBody, asker: Asker) -> Response:
    """Release one hold; the others stay."""
    asker.found(Invoice, number)
    act = ReleaseHold(invoice=number, code=body.code, line=body.line, reason=body.reason)
    return asker.answer(act, Invoice, about=Ref(Invoice.KIND, number))


@router.post("/invoices/{number}/release-part", tags=["invoices"])
def release_part(number: str, asker: Asker) -> Response:
    """Let what matches of a held invoice be paid now; what is held waits on."""
    asker.found(Invoice, number)
    about = Ref(Invoice.KIND, number)
    return asker.answer(ReleasePart(invoice=number), Invoice, about=about)


@router.post("/invoices/{number}/assign-line", tags=["invoices"])
def assign_line(number: str, body: AssignLineBody, asker: Asker) -> Response:
    """Say which order line an invoice line bills, where no rule could tell."""
    asker.found(Invoice, number)
    act = AssignInvoiceLine(
        invoice=number,
        line=body.line,
        order=body.order,
        order_line=body.order_line,
        note=body.note,
    )
    return asker.answer(act, Invoice, about=Ref(Invoice.KIND, number))


@router.post("/invoices/{number}/rematch", tags=["invoices"])
def rematch(number: str, body: NoteBody, asker: Asker) -> Response:
    """Match an invoice again from the ledger as it is."""
    del body
    asker.found(Invoice, number)
    about = Ref(Invoice.KIND, number)
    return asker.answer(MatchInvoice(invoice=number), Invoice, about=about)


@router.post("/invoices/{number}/reject", tags=["invoices"])
def reject(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Send an invoice back: it is not paid."""
    asker.found(Invoice, number)
    act = RejectInvoice(invoice=number, reason=body.reason)
    return asker.answer(act, Invoice, about=Ref(Invoice.KIND, number))


@router.get("/holds", tags=["invoices"])
def holds(
    asker: Asker,
    whose: Annotated[str, Query(pattern="^(mine|all)$")] = "all",
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List what keeps invoices from being paid, each hold with its own owner."""
    return _tasks(asker, "hold", whose, after, limit)
