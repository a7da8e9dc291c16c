"""The workspace of one purchase order: what was asked, what was answered, what it costs.

/orders/NUMBER            lines, revisions, answers, messages, changes, receipts, invoices, log
/orders/NUMBER/preview    what a change would do, and who would have to agree; nothing is kept
/orders/NUMBER/change     the change: quantity, price, day, or a line cancelled
/orders/NUMBER/withdraw   a change is taken back      /ask, /expedite, /resend
/orders/NUMBER/link       the supplier is mailed the signed link to its page for the order
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app.order_changes import ChangePreview, preview_change
from manciple.catalog.supplier import Supplier
from manciple.exchange.by_mail import SendSupplierLink
from manciple.exchange.interchange import Direction, Interchange
from manciple.exchange.resending import ResendInterchange
from manciple.intelligence.order_file import OrderFile
from manciple.invoicing.planned import landed
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.messages import Role
from manciple.kernel.money import Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.change.order_change import (
    ChangeOrder,
    LineChange,
    OrderChange,
    WithdrawOrderChange,
)
from manciple.ordering.change.revising import first_committed
from manciple.ordering.line_state import states_of
from manciple.ordering.purchase_order import BEFORE_SENDING, ENDED, OrderLine, PurchaseOrder
from manciple.runtime.documents import Ref
from manciple.supplying.asking import AskSupplier
from manciple.supplying.expedite import ExpediteCause, ExpediteLine
from manciple.web.language import said
from manciple.web.pages import revisions, units, wording
from manciple.web.pages.asking import CHARGES
from manciple.web.pages.buying import ACTORS, cause_of, cost_of
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form, check_ours, read_form

INSIDE: Final = frozenset(Role) - {Role.SUPPLIER, Role.WAREHOUSE_SYSTEM, Role.SYSTEM}
"""Who may look at an order: people inside, within their sites."""
LINKERS: Final = frozenset({Role.BUYER})
"""Who may send a supplier its link; the act's own roles."""
STATES: Final = (
    said("approved"), said("released"), said("sent"),
    said("acknowledged"), said("acknowledged in part"), said("acknowledged with changes"),
    said("acknowledged and rejected"), said("shipped"), said("shipped in part"),
    said("received"), said("received in part"), said("invoiced"), said("invoiced in part"),
    said("closed"), said("cancelled"),
)  # fmt: skip
"""What a line's state is called; as the ledger's reading words it."""
RESENDERS: Final = frozenset({Role.BUYER, Role.INTEGRATION, Role.ADMIN})
"""Who may have a file sent again; the act's own roles."""


class Ordering:
    """Serves the workspace of orders."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/orders/{number}", self.one, response_model=None)
        router.add_api_route(
            "/orders/{number}/preview", self.preview, methods=["POST"], response_model=None
        )
        for name, act in _ACTS.items():
            router.add_api_route(
                f"/orders/{{number}}/{name}", self._deed(name, act), methods=["POST"],
                response_model=None, name=f"order {name}",
            )  # fmt: skip
        return router

    def one(self, request: Request, number: str, done: str = "") -> Response:
        """Show an order with everything about it."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, EMPTY, done=done[:40])

    async def preview(self, request: Request, number: str) -> Response:
        """Show what a change would do; what was typed stays in the form."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.actor.has(*ACTORS):
            return self._desk.missing(request, reader, "order", number)
        form, found = Form({}), None
        try:
            form = await read_form(request)
            check_ours(request, form, reader.viewer.word)
            found = await run_in_threadpool(self._previewed, reader, number, form)
            reasons: tuple[Reason, ...] = ()
        except Refused as refused:
            reasons = refused.reasons
        sent = Sent(form=form, reasons=reasons)
        return await run_in_threadpool(self._page, request, reader, number, sent, found=found)

    def _previewed(self, reader: Reader, number: str, form: Form) -> ChangePreview | None:
        stored = self._desk.found(reader, PurchaseOrder, number)
        if stored is None:
            return None
        order = stored.document
        return preview_change(self._desk.app, reader.actor, order, change_of(order, form))

    def _deed(
        self, name: str, act: Callable[[PurchaseOrder, Form], object]
    ) -> Callable[..., object]:
        async def deed(request: Request, number: str) -> Response:
            reader = await self._desk.reading(request)
            if reader is None:
                return self._desk.to_sign_in(request)
            stored = await run_in_threadpool(self._desk.found, reader, PurchaseOrder, number)
            able = {"resend": RESENDERS, "link": LINKERS}.get(name, ACTORS)
            if stored is None or not reader.actor.has(*able):
                return self._desk.missing(request, reader, "order", number)
            sent = await self._desk.sent(
                request,
                reader,
                lambda form: act(stored.document, form),
                about=Ref(PurchaseOrder.KIND, number) if name == "change" else None,
            )
            if sent.is_done:
                return RedirectResponse(f"/orders/{number}?done={name}", status_code=303)
            return await run_in_threadpool(self._page, request, reader, number, sent)

        return deed

    def _page(
        self,
        request: Request,
        reader: Reader,
        number: str,
        sent: Sent,
        *,
        found: ChangePreview | None = None,
        done: str = "",
    ) -> Response:
        stored = self._desk.found(reader, PurchaseOrder, number)
        if stored is None or not reader.may(*INSIDE):
            return self._desk.missing(request, reader, "order", number)
        order = stored.document
        file = self._desk.app.order_files.read(order)
        supplier = self._desk.app.peek(Supplier, order.supplier)
        return self._desk.show(
            request,
            "order.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            order=order,
            version=stored.version,
            file=file,
            supplier=supplier,
            revisions=revisions.revisions(file),
            states=states_of(order, file.ledgers),
            differences=revisions.differences,
            of_prices=revisions.of_prices,
            money=wording.money,
            price=units.price,
            quantity=units.quantity,
            answered=_answered(file),
            expedited=_expedited(file),
            landed=landed(order, file.invoices),
            charges=CHARGES,
            first_approved=first_committed(order),
            resendable=_resendable,
            may_resend=reader.actor.has(*RESENDERS),
            found=found,
            causes=tuple(ExpediteCause),
            may_act=reader.actor.has(*ACTORS),
            may_change=reader.actor.has(*ACTORS) and order.state not in ENDED,
            may_link=reader.actor.has(*LINKERS),
            may_ask=order.state not in ENDED | BEFORE_SENDING,
            mine=lambda change: is_theirs(change, reader),
            sent=sent,
            done=done if done in _ACTS else "",
        )


def is_theirs(change: OrderChange, reader: Reader) -> bool:
    """Say whether a reader may take a proposed change back: it is their own."""
    return change.state.value == "proposed" and change.requester == reader.actor.id


def _answered(file: OrderFile) -> dict[str, object]:
    """Give by line what the standing answer said of it: schedule, rest, the rows asked."""
    found: dict[str, object] = {}
    for line in file.order.lines:
        name = line.answer.acknowledgment if line.answer else ""
        paper = next((each for each in file.acknowledgments if each.id == name), None)
        found[line.number] = next(
            (each for each in (paper.lines if paper else ()) if each.line == line.number), None
        )
    return found


def _expedited(file: OrderFile) -> tuple[Money, ...]:
    """Sum what hurrying cost, one amount for each currency."""
    sums: dict[str, Money] = {}
    for each in file.expediting.hurries if file.expediting else ():
        code = each.cost.currency.value
        sums[code] = sums[code] + each.cost if code in sums else each.cost
    return tuple(sums[code] for code in sorted(sums))


def _resendable(message: Interchange) -> bool:
    return message.direction is Direction.OUT and message.state != "composed"


# ---- acts ---------------------------------------------------------------------------------------


def change_of(order: PurchaseOrder, form: Form) -> ChangeOrder:
    """Make the change that a form asks for: only what differs from the order is changed.

    Fields are ``quantity.LINE``, ``price.LINE``, ``needed.LINE`` and ``cancel.LINE``; and
    ``added_cost`` with ``added_cost_code`` and ``added_cost_by``, what is charged from now on, as
    what, and by whom.

    Raises:
        Refused: BAD_VALUE, NO_REASON, NOTHING_CHANGED.
    """
    reason = form.text("reason")
    if not reason:
        raise refuse("NO_REASON", "nobody said why", field="reason", fix="Write why it changes.")
    changes = tuple(each for line in order.lines if (each := _line_change(line, form)) is not None)
    cost = _decimal(form.text("added_cost"), "added_cost")
    if not changes and not cost:
        raise refuse(
            "NOTHING_CHANGED",
            "every line is as the order has it",
            field="lines",
            fix="Write another quantity, price or day, or cancel a line.",
        )
    return ChangeOrder(
        order=order.id,
        reason=reason,
        lines=changes,
        added_cost=Money(cost, order.currency) if cost else None,
        added_cost_code=form.text("added_cost_code") or "fee",
        added_cost_by=form.text("added_cost_by") or None,
    )


def _line_change(line: OrderLine, form: Form) -> LineChange | None:
    name = line.number
    if form.text(f"cancel.{name}"):
        return LineChange(line=name, cancel=True)
    terms = line.terms
    quantity = _decimal(form.text(f"quantity.{name}"), f"quantity.{name}")
    unit = _unit(form.text(f"unit.{name}"), terms.stated.unit, f"unit.{name}")
    amount = _decimal(form.text(f"price.{name}"), f"price.{name}")
    needed = _day(form.text(f"needed.{name}"), f"needed.{name}")
    asked = None if quantity is None else Quantity(quantity, unit)
    named = (
        None
        if amount is None
        else Price(Money(amount, terms.price.money.currency), terms.price.per)
    )
    change = LineChange(
        line=name,
        quantity=None if asked == terms.stated else asked,
        price=None if named == terms.price else named,
        needed_by=None if needed == terms.needed_by else needed,
    )
    return None if change == LineChange(line=name) else change


def _decimal(text: str, field: str) -> Decimal | None:
    if not text:
        return None
    try:
        value = Decimal(text.replace(",", ".") if "." not in text else text.replace(",", ""))
    except InvalidOperation as problem:
        raise _bad(text, "number", field) from problem
    if not value.is_finite() or not 0 <= value <= 10**9:
        raise _bad(text, "number from 0 to a thousand million", field)
    return value


def _unit(text: str, known: Unit, field: str) -> Unit:
    if not text:
        return known
    if text not in set(Unit):
        raise _bad(text, "unit", field)
    return Unit(text)


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise _bad(text, "day", field) from problem


def _bad(text: str, what: str, field: str) -> Refused:
    return refuse(
        "BAD_VALUE", f"{field}: {text[:40]} is no {what}", field=field,
        fix="Write it as the order has it, for example 12.5 or 2026-03-12.",
    )  # fmt: skip


def _withdraw(order: PurchaseOrder, form: Form) -> object:
    del order
    return WithdrawOrderChange(change=form.text("change"))


def _ask(order: PurchaseOrder, form: Form) -> object:
    return AskSupplier(order=order.id, note=form.text("note")[:1000])


def _expedite(order: PurchaseOrder, form: Form) -> object:
    return ExpediteLine(
        order=order.id,
        line=form.text("line"),
        cost=cost_of(form),
        cause=cause_of(form),
        override=form.text("override")[:500],
    )


def _resend(order: PurchaseOrder, form: Form) -> object:
    del order
    return ResendInterchange(interchange=form.text("message"), reason=form.text("reason"))


def _link(order: PurchaseOrder, form: Form) -> object:
    return SendSupplierLink(order=order.id, note=form.text("link-note")[:1000])


_ACTS: Final[dict[str, Callable[[PurchaseOrder, Form], object]]] = {
    "change": change_of,
    "withdraw": _withdraw,
    "ask": _ask,
    "expedite": _expedite,
    "resend": _resend,
    "link": _link,
}
