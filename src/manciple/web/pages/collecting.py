"""Receiving what one asked for oneself: counted line by line, the over and short rules shown.

/requests/NUMBER/receive/ORDER     count an order's goods       /preview  what booking would do
"""

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app import dock
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.identity import number as numbered
from manciple.ordering.purchase_order import BEFORE_SENDING, PurchaseOrder
from manciple.receiving.own_receipt import ReceiveOwn
from manciple.receiving.receipt import Booking, RecordReceipt
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Ref
from manciple.runtime.queries import Stored
from manciple.web.language import gettext
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.docking import receipt_of
from manciple.web.pages.forms import Form, check_ours, read_form


class Collecting:
    """Serves the receiving of one's own requests."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        place = "/requests/{number}/receive/{order}"
        router.add_api_route(place, self.counting, response_model=None)
        router.add_api_route(
            f"{place}/preview", self.preview, methods=["POST"], response_model=None
        )
        router.add_api_route(place, self.receive, methods=["POST"], response_model=None)
        return router

    def counting(self, request: Request, number: str, order: str) -> Response:
        """Show the form: what is open, ready to be corrected."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, order, EMPTY)

    async def preview(self, request: Request, number: str, order: str) -> Response:
        """Show what it would do; nothing is kept, what was typed stays."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        found = await run_in_threadpool(self._order, reader, number, order)
        if found is None:
            return self._desk.missing(request, reader, gettext("order"), order)
        form, booking = Form({}), None
        reasons: tuple[Reason, ...] = ()
        try:
            form = await read_form(request)
            check_ours(request, form, reader.viewer.word)
            act = _counted(found.document, form)
            booking = await run_in_threadpool(dock.preview, self._desk.app, found.document, act)
        except Refused as refused:
            reasons = refused.reasons
        sent = Sent(form=form, reasons=reasons)
        return await run_in_threadpool(self._page, request, reader, number, order, sent, booking)

    async def receive(self, request: Request, number: str, order: str) -> Response:
        """Book what was counted; a refused form keeps what was typed."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        found = await run_in_threadpool(self._order, reader, number, order)
        if found is None:
            return self._desk.missing(request, reader, gettext("order"), order)
        sent = await self._desk.sent(
            request,
            reader,
            lambda form: ReceiveOwn(requisition=number, counted=_counted(found.document, form)),
            about=Ref(PurchaseOrder.KIND, order),
        )
        if sent.is_done:
            return RedirectResponse(f"/requests/{number}?done=receive", status_code=303)
        return await run_in_threadpool(self._page, request, reader, number, order, sent)

    def _order(self, reader: Reader, number: str, order: str) -> Stored[PurchaseOrder] | None:
        """Give an order of the reader's own request that goods can arrive for."""
        need = self._desk.found(reader, Requisition, number)
        stored = self._desk.found(reader, PurchaseOrder, order)
        if need is None or need.document.requester != reader.actor.id or stored is None:
            return None
        is_ours = stored.document.requisition == number
        is_sent = stored.document.state not in BEFORE_SENDING
        return stored if is_ours and is_sent else None

    def _page(
        self,
        request: Request,
        reader: Reader,
        number: str,
        name: str,
        sent: Sent,
        booking: Booking | None = None,
    ) -> Response:
        stored = self._order(reader, number, name)
        if stored is None:
            return self._desk.missing(request, reader, gettext("order"), name)
        return self._desk.show(
            request,
            "receive.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            counting=dock.counting(self._desk.app, stored.document),
            order=stored.document,
            need=number,
            where=f"/requests/{number}/receive/{name}",
            version=stored.version,
            shipment="",
            booking=booking,
            typed=bool(sent.form.fields),
            may_book=True,
            sent=sent,
        )


def _counted(order: PurchaseOrder, form: Form) -> RecordReceipt:
    """Read what was counted; its number follows from the form, so that it is booked once."""
    return receipt_of(order, form, receipt=numbered("RCV", order.id, form.key))
