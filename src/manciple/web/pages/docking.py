"""The dock: what is expected, receiving it, and what goes back to suppliers.

/inbound                   what is expected by day, what is late and what is urgent first
/inbound/ORDER/receive     count an order's goods        /preview  what booking them would do
/returns                   goods that go back            /returns/ID/pick, /returns/ID/ship
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app import dock
from manciple.app.dock import Arrival, Board, Day, Expected
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Role
from manciple.kernel.quantity import Quantity, QuantityError
from manciple.ordering.purchase_order import BEFORE_SENDING, OrderLine, PurchaseOrder
from manciple.receiving.receipt import Booking, Condition, ReceivedLine, RecordReceipt
from manciple.receiving.supplier_return import (
    PickReturn,
    ReturnReason,
    ReturnState,
    ShipReturn,
    SupplierReturn,
)
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.language import gettext, said
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form, check_ours, read_form
from manciple.web.pages.layout import DOCKING
from manciple.web.pages.sheet import Column, sheet

RETURNERS: Final = DOCKING | {Role.QUALITY}
"""Who sees what goes back."""
_LENGTH: Final = 50
_ARRIVALS: Final = 100
"""Arrivals that the board shows at once."""
BASES: Final = {
    "announced": (said("announced"), "done"),
    "promised": (said("promised"), "moving"),
    "needed": (said("no promise; the day it is needed"), "waiting"),
}
"""Where the day of an expected line comes from."""
CHANGES: Final = {
    "announced": said("announced since yesterday"),
    "promise": said("answered since yesterday"),
}
STATES: Final = {
    ReturnState.REQUESTED: (said("Supplier asked"), "waiting"),
    ReturnState.AUTHORISED: (said("To pick"), "moving"),
    ReturnState.PICKED: (said("To ship"), "moving"),
    ReturnState.SHIPPED: (said("Shipped"), "done"),
    ReturnState.SETTLED: (said("Settled"), "done"),
    ReturnState.REFUSED: (said("Refused"), "trouble"),
    ReturnState.WITHDRAWN: (said("Withdrawn"), "done"),
}
REASONS: Final = {
    ReturnReason.DAMAGED: said("damaged"),
    ReturnReason.WRONG_ITEM: said("wrong item"),
    ReturnReason.QUALITY: said("quality"),
    ReturnReason.OVER_DELIVERED: said("too much came"),
    ReturnReason.RECALL: said("recalled"),
    ReturnReason.NOT_NEEDED: said("not needed"),
}
SHELVES: Final = (ReturnState.AUTHORISED, ReturnState.PICKED, ReturnState.REQUESTED)
"""Returns that have not left, in the order of what the warehouse does with them."""
CASES: Final = (
    ("OVER_RECEIPT", said("Too much came")),
    ("SHORT_RECEIPT", said("Missing or damaged")),
    ("RECEIPT_DRIFT", said("Warehouse and ERP differ")),
    ("DELAYED_RECEIPT", said("Should be here")),
)
"""Exceptions of the dock; their queue is that of all exceptions."""
_CUT: Final = said("Only the newest orders were looked at; older ones may be expected too.")
"""What the board and its sheet say when older orders were not read."""
DONE: Final = {
    "pick": said("It is off the shelf."),
    "ship": said("It has left; from now on it counts as returned."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """One row of the sheet: a line that is expected."""

    arrival: Arrival
    line: Expected
    is_late: bool


class Docking:
    """Serves the pages of the dock."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/inbound", self.inbound, response_model=None)
        router.add_api_route("/inbound.csv", self.inbound_sheet, response_model=None)
        place = "/inbound/{number}"
        router.add_api_route(f"{place}/receive", self.counting, response_model=None)
        router.add_api_route(
            f"{place}/preview", self.preview, methods=["POST"], response_model=None
        )
        router.add_api_route(
            f"{place}/receive", self.receive, methods=["POST"], response_model=None
        )
        router.add_api_route("/returns", self.returns, response_model=None)
        for name, act in _ACTS.items():
            router.add_api_route(
                f"/returns/{{number}}/{name}", self._deed(name, act), methods=["POST"],
                response_model=None, name=f"return {name}",
            )  # fmt: skip
        return router

    # ---- what is expected ---------------------------------------------------------------------

    def inbound(
        self,
        request: Request,
        site: Annotated[str, Query(max_length=80)] = "",
        done: Annotated[str, Query(max_length=80)] = "",
        start: Annotated[int, Query(alias="from", ge=0, le=100_000)] = 0,
    ) -> Response:
        """Show what is expected, by day, a hundred arrivals at a time."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*DOCKING):
            return self._desk.missing(request, reader, gettext("page"), "/inbound")
        key = ("inbound", scope_of(reader.actor), site)
        if done:
            self._desk.lines.forget(key)
        aged = self._desk.lines.of(
            key,
            self._desk.app.clock.now(),
            lambda: dock.board(self._desk.app, reader.actor, site=site),
            lambda board: board.size,
        )
        board = aged.value
        late, days = part_of(board, start, _ARRIVALS)
        return self._desk.show(
            request,
            "inbound.html",
            reader,
            board=board,
            late=late,
            days=days,
            opened=opened_to(board, late=late, days=days),
            start=start,
            further=start + _ARRIVALS if start + _ARRIVALS < board.size else None,
            counted_at=aged.at,
            site=site,
            bases=BASES,
            changes=CHANGES,
            cases=CASES,
            may_receive=reader.actor.has(Role.WAREHOUSE_LEAD),
            done=done,
        )

    def inbound_sheet(
        self, request: Request, site: Annotated[str, Query(max_length=80)] = ""
    ) -> Response:
        """Give the board as a sheet, a row for each line."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*DOCKING):
            return self._desk.missing(request, reader, gettext("page"), "/inbound.csv")
        board = dock.board(self._desk.app, reader.actor, site=site)
        coming = [(each, False) for day in board.days for each in day.arrivals]
        rows = [
            Landing(arrival=each, line=line, is_late=is_late)
            for each, is_late in [*((late, True) for late in board.late), *coming]
            for line in each.lines
        ]
        return sheet("inbound", COLUMNS, [rows], remark="" if board.is_whole else gettext(_CUT))

    # ---- receiving ----------------------------------------------------------------------------

    def counting(self, request: Request, number: str) -> Response:
        """Show the form of a receipt: what is open, ready to be corrected."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, EMPTY)

    async def preview(self, request: Request, number: str) -> Response:
        """Show what a receipt would do; nothing is kept, what was typed stays."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        order = await run_in_threadpool(self._order, reader, number)
        if order is None:
            return self._desk.missing(request, reader, gettext("order"), number)
        form, booking = Form({}), None
        reasons: tuple[Reason, ...] = ()
        try:
            form = await read_form(request)
            check_ours(request, form, reader.viewer.word)
            act = receipt_of(order, form)
            booking = await run_in_threadpool(dock.preview, self._desk.app, order, act)
        except Refused as refused:
            reasons = refused.reasons
        sent = Sent(form=form, reasons=reasons)
        return await run_in_threadpool(self._page, request, reader, number, sent, booking)

    async def receive(self, request: Request, number: str) -> Response:
        """Book what was counted; a refused form keeps what was typed."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        order = await run_in_threadpool(self._order, reader, number)
        if order is None or not reader.actor.has(Role.WAREHOUSE_LEAD):
            return self._desk.missing(request, reader, gettext("order"), number)
        sent = await self._desk.sent(
            request,
            reader,
            lambda form: receipt_of(order, form),
            about=Ref(PurchaseOrder.KIND, number),
        )
        if sent.is_done:
            return RedirectResponse(f"/inbound?done={number}", status_code=303)
        return await run_in_threadpool(self._page, request, reader, number, sent)

    def _order(self, reader: Reader, number: str) -> PurchaseOrder | None:
        """Give an order that goods can arrive for, to somebody who counts them."""
        stored = self._desk.found(reader, PurchaseOrder, number)
        if stored is None or not reader.may(Role.WAREHOUSE_LEAD):
            return None
        return None if stored.document.state in BEFORE_SENDING else stored.document

    def _page(
        self,
        request: Request,
        reader: Reader,
        number: str,
        sent: Sent,
        booking: Booking | None = None,
    ) -> Response:
        stored = self._desk.found(reader, PurchaseOrder, number)
        if stored is None or self._order(reader, number) is None:
            return self._desk.missing(request, reader, gettext("order"), number)
        shipment = sent.form.text("shipment") or request.query_params.get("shipment", "")[:80]
        return self._desk.show(
            request,
            "receive.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            counting=dock.counting(self._desk.app, stored.document, shipment=shipment),
            order=stored.document,
            need="",
            where=f"/inbound/{number}",
            version=stored.version,
            shipment=shipment,
            booking=booking,
            typed=bool(sent.form.fields),
            may_book=reader.actor.has(Role.WAREHOUSE_LEAD),
            sent=sent,
        )

    # ---- returns ------------------------------------------------------------------------------

    def returns(
        self,
        request: Request,
        state: ReturnState = ReturnState.AUTHORISED,
        after: Annotated[str | None, Query(max_length=200)] = None,
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """Show the goods that go back, by what is to be done with them."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*RETURNERS):
            return self._desk.missing(request, reader, gettext("page"), "/returns")
        return self._returns(request, reader, EMPTY, state, after, done)

    def _returns(
        self,
        request: Request,
        reader: Reader,
        sent: Sent,
        state: ReturnState,
        after: str | None = None,
        done: str = "",
        about: str = "",
    ) -> Response:
        app = self._desk.app
        page = app.documents.page(
            SupplierReturn,
            scope=scope_of(reader.actor),
            state=state.value,
            after=after,
            limit=_LENGTH,
        )
        rows = [row.document for row in page.rows]
        return self._desk.show(
            request,
            "returns.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            rows=rows,
            days=dock.days_at(app, [each.site for each in rows]),
            state=state,
            shelves=(*SHELVES, ReturnState.SHIPPED),
            states=STATES,
            reasons=REASONS,
            after=after,
            older=page.after,
            may_move=reader.actor.has(Role.WAREHOUSE_LEAD),
            about=about,
            sent=sent,
            done=gettext(DONE[done]) if done in DONE else "",
        )

    def _deed(self, name: str, act: Callable[[str, Form], object]) -> Callable[..., object]:
        async def deed(request: Request, number: str) -> Response:
            reader = await self._desk.reading(request)
            if reader is None:
                return self._desk.to_sign_in(request)
            stored = await run_in_threadpool(self._desk.found, reader, SupplierReturn, number)
            if stored is None or not reader.actor.has(Role.WAREHOUSE_LEAD):
                return self._desk.missing(request, reader, gettext("return"), number)
            sent = await self._desk.sent(request, reader, lambda form: act(number, form))
            if sent.is_done:
                to = ReturnState.PICKED if name == "pick" else ReturnState.SHIPPED
                return RedirectResponse(f"/returns?state={to.value}&done={name}", status_code=303)
            state = stored.document.state
            return await run_in_threadpool(
                self._returns, request, reader, sent, state, about=number
            )

        return deed


Shown = tuple[tuple[Day, tuple[Arrival, ...]], ...]
"""The days of a page, each with those of its arrivals that the page shows."""


def part_of(board: Board, start: int, most: int) -> tuple[tuple[Arrival, ...], Shown]:
    """Give what a page shows of a board: ``most`` arrivals, those before ``start`` left out."""
    late = board.late[start : start + most]
    start, left = max(0, start - len(board.late)), most - len(late)
    days: list[tuple[Day, tuple[Arrival, ...]]] = []
    for day in board.days:
        rows = day.arrivals[start : start + left]
        start, left = max(0, start - len(day.arrivals)), left - len(rows)
        if rows:
            days.append((day, rows))
    return late, tuple(days)


def opened_to(board: Board, *, late: tuple[Arrival, ...], days: Shown) -> date:
    """Give the last day that stands open; later ones are folded.

    It is today; where nothing is late or comes today, the next day on which something comes.
    """
    first = min((day.day for day, _ in days), default=board.today)
    return board.today if late else max(board.today, first)


# ---- what forms ask ---------------------------------------------------------------------------


def receipt_of(order: PurchaseOrder, form: Form, *, receipt: str = "") -> RecordReceipt:
    """Read a receipt: ``good.N`` and ``damaged.N`` are pieces of the line N; empty is none.

    ``good.N.K`` and ``damaged.N.K`` are pieces of its substitute K, counted from 0; one more K is
    of the item that ``came.N`` names. The receipt's number is the form's, unless one is given.

    Raises:
        Refused: with every field that is no number, or no day.
    """
    lines: list[ReceivedLine] = []
    faults: list[Reason] = []
    for line in order.lines:
        agreed = [each.item for each in line.substitutes]
        for place, came in enumerate((None, *agreed), start=-1):
            lines += _of_item(line, form, place, came, faults)
        lines += _of_another(line, form, len(agreed), faults)
    try:
        day = _day(form, "received")
    except Refused as refused:
        raise Refused(*faults, *refused.reasons) from refused
    if faults:
        raise Refused(*faults)
    return RecordReceipt(
        receipt=receipt or form.text("receipt"),
        order=order.id,
        site=order.site,
        received=day,
        lines=tuple(lines),
        shipment=form.text("shipment") or None,
    )


def _of_item(
    line: OrderLine, form: Form, place: int, came: str | None, faults: list[Reason]
) -> list[ReceivedLine]:
    """Read what came of one item in every condition; what is wrong joins the faults."""
    found: list[ReceivedLine] = []
    for condition in Condition:
        try:
            found += _counted(line, condition, form, place, came)
        except Refused as refused:
            faults.extend(refused.reasons)
    return found


def _of_another(
    line: OrderLine, form: Form, place: int, faults: list[Reason]
) -> list[ReceivedLine]:
    """Read what came of the item that the form names; an item without a number is a fault."""
    named, wrong = form.text(f"came.{line.number}").strip(), list[Reason]()
    found = _of_item(line, form, place, named, wrong)
    if named and not found and not wrong:
        wrong.append(
            Reason(
                code="NO_QUANTITY",
                message=gettext("line %(line)s: %(item)s came, and it is not said how many")
                % {"line": line.number, "item": named},
                field=f"good.{line.number}.{place}",
                fix=gettext("Write how many came, or leave the item out."),
            )
        )
    faults.extend(wrong)
    return found


def _counted(
    line: OrderLine, condition: Condition, form: Form, place: int, came: str | None
) -> list[ReceivedLine]:
    """Read one field: of what was ordered (``place`` -1), of a substitute, of yet another item."""
    name = f"{condition.value}.{line.number}" + (f".{place}" if place >= 0 else "")
    text = form.text(name)
    if not text:
        return []
    try:
        quantity = Quantity(Decimal(text.replace(",", ".")), line.base_unit)
    except (InvalidOperation, QuantityError) as problem:
        raise refuse(
            "BAD_QUANTITY",
            gettext("line %(line)s: %(text)s is no quantity")
            % {"line": line.number, "text": text},
            field=name,
            fix=gettext("Write a number like 12 or 1.5, without thousands signs."),
        ) from problem
    if not quantity:
        return []
    if came == "":
        raise refuse(
            "NO_ITEM",
            gettext("line %(line)s: which other item came is not said") % {"line": line.number},
            field=f"came.{line.number}",
            fix=gettext("Write its number as it stands on its label, or count it as ordered."),
        )
    return [ReceivedLine(line=line.number, quantity=quantity, condition=condition, item=came)]


def _day(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.text(name))
    except ValueError as problem:
        raise refuse(
            "BAD_DAY",
            gettext("the day was not understood"),
            field=name,
            fix=gettext("Write it as year, month and day: 2026-03-12."),
        ) from problem


def _pick(number: str, form: Form) -> object:
    return PickReturn(rtv=number, picked=_day(form, "day"))


def _ship(number: str, form: Form) -> object:
    carrier = form.text("carrier") or None
    return ShipReturn(rtv=number, shipped=_day(form, "day"), carrier=carrier)


_ACTS: Final[Mapping[str, Callable[[str, Form], object]]] = {"pick": _pick, "ship": _ship}

COLUMNS: Final[tuple[Column[Landing], ...]] = (
    Column(said("Day"), lambda row: row.arrival.day),
    Column(said("Day from"), lambda row: row.line.basis),
    Column(said("Late"), lambda row: row.is_late),
    Column(said("Site"), lambda row: row.arrival.order.site),
    Column(said("Supplier"), lambda row: row.arrival.order.supplier),
    Column(said("Order"), lambda row: row.arrival.order.id),
    Column(said("Line"), lambda row: row.line.line.number),
    Column(said("Item"), lambda row: row.line.line.item),
    Column(said("Open"), lambda row: row.line.open.value),
    Column(said("Announced"), lambda row: row.line.announced.value),
    Column(said("Unit"), lambda row: row.line.open.unit),
    Column(said("Lane"), lambda row: row.arrival.order.lane),
    Column(said("Customer waits"), lambda row: row.arrival.is_waited_for),
)
"""The sheet of what is expected."""
