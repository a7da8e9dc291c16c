"""The supplier's page: what it was ordered, and its answer; without a name, by a signed link.

/s/TOKEN           the order line by line, what changed, the answers, shipments, invoices
/s/TOKEN/answer    an answer to lines          /s/TOKEN/accept   yes to all that waits
/s/TOKEN/ship      goods on the way            /s/TOKEN/mail     the link to another open order

It shows what belongs to one order of one supplier, and takes what an 855 or 856 would say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.exchange.by_mail import SendSupplierLink
from manciple.exchange.queries import OpenOrder, OrderPapers
from manciple.governance.link import Purpose, Standing
from manciple.invoicing.holds import HoldCode
from manciple.invoicing.invoice import InvoiceState
from manciple.kernel.errors import MancipleError, Reason, Refused
from manciple.kernel.messages import SYSTEM, Actor, Command, Role
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import LineLedger, Posting, ledgers
from manciple.ordering.purchase_order import (
    BEFORE_SENDING,
    ENDED,
    AnswerState,
    OrderLine,
    PurchaseOrder,
)
from manciple.ordering.revision import LineTerms
from manciple.runtime.queries import Scope
from manciple.supplying import by_link, standing
from manciple.supplying.by_link import MOST_PARTS, Rest, Said, TypedLine, TypedShipment
from manciple.web.language import gettext, said
from manciple.web.pages.desk import Sent
from manciple.web.pages.forms import Form
from manciple.web.pages.linking import LinkDoor, Opened, refusal_of

_OTHERS = 20
DONE: Final = {
    "answer": said("Thank you. Your answer stands."),
    "accept": said("Thank you. You have accepted every line that waited."),
    "ship": said("Thank you. The warehouse expects your shipment."),
    "mail": said("The link is on its way to the mail address that we have of you."),
}
ANSWERS: Final = {
    AnswerState.FULL: (said("accepted"), "done"),
    AnswerState.PARTIAL: (said("accepted in part"), "waiting"),
    AnswerState.CHANGED: (said("changed by you"), "waiting"),
    AnswerState.REJECTED: (said("rejected by you"), "trouble"),
}
INVOICES: Final = {
    InvoiceState.RECEIVED: (said("We have it, and compare it with the order and what came."),
                            said("in check"), "moving"),
    InvoiceState.HELD: (said("It waits. What follows says for what."), said("waits"), "waiting"),
    InvoiceState.PAYABLE: (said("All of it is in order. It goes to payment."),
                           said("to be paid"), "done"),
    InvoiceState.POSTED: (said("All of it is in order, and it is booked for payment."),
                          said("booked"), "done"),
    InvoiceState.REJECTED: (said("We sent it back, and it is not paid."), said("sent back"),
                            "trouble"),
}  # fmt: skip
HOLDS: Final = {
    HoldCode.PRICE: (said("A price on it is not the price ordered."),
                     said("Send a credit note for the difference, or tell the buyer why.")),
    HoldCode.PRICE_CUMULATIVE: (said("Small price differences add up to more than we may pay."),
                                said("Send a credit note, or tell the buyer why.")),
    HoldCode.QTY_RECEIVED: (said("It bills more than our warehouse has counted."),
                            said("If all was delivered, send us the proof of delivery. If some is "
                                 "on its way, nothing is to be done.")),
    HoldCode.QTY_ORDERED: (said("It bills more than was ordered."),
                           said("Send a credit note, or agree the rest with the buyer.")),
    HoldCode.AMOUNT: (said("Its sum is not the sum of its lines."),
                      said("Please check the invoice, and send a corrected one.")),
    HoldCode.TAX: (said("Its tax is not what we reckon."),
                   said("Please check the tax, and send a corrected invoice if it is wrong.")),
    HoldCode.CHARGE: (said("It has a charge that was not agreed."),
                      said("Tell the buyer what the charge is for, or credit it.")),
    HoldCode.DUPLICATE: (said("It looks like an invoice that we have already."),
                         said("If it is another one, tell us its number and what it is for.")),
    HoldCode.NO_PO: (said("We can't tell which order line it bills."),
                     said("Tell us the order and the line.")),
    HoldCode.UOM: (said("It bills in a unit that we can't convert."),
                   said("Tell us how many pieces are in that unit, or bill in the order's unit.")),
    HoldCode.FX_RATE: (said("It is in another currency, and the rate is not clear yet."),
                       said("Nothing is to be done; we look it up.")),
    HoldCode.CREDIT_EXCESS: (said("It credits more than was billed."),
                             said("Please check the credit note, and send a corrected one.")),
}  # fmt: skip
"""Why an invoice waits and what is needed, in words for whoever sent it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLine:
    """One line as the supplier sees it.

    Attributes:
        before: its terms before the newest change; None where that did not touch it.
        open: what has not been announced yet, in the order's unit where it divides evenly.
        typed: what was typed for it, where a form came back.
        faults: by field, why it came back.
    """

    line: OrderLine
    before: LineTerms | None
    open: Quantity
    typed: TypedLine
    faults: Mapping[str, str]

    @property
    def is_new(self) -> bool:
        """Say whether the newest change touched it or added it."""
        return self.before is not None

    def part(self, n: int) -> tuple[str, str]:
        """Give quantity and day of the n-th delivery as typed, the first being 1."""
        parts = self.typed.parts
        return parts[n - 1] if n <= len(parts) else ("", "")


class Answering:
    """Serves suppliers who have a link."""

    def __init__(self, door: LinkDoor) -> None:
        """Stand at the door for links."""
        self._door, self._app = door, door.desk.app

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/s/{token}", self.show, methods=["GET", "HEAD"], response_model=None)
        for name, deed in (
            ("answer", self.answer),
            ("accept", self.accept),
            ("ship", self.ship),
            ("mail", self.mail),
        ):
            router.add_api_route(
                f"/s/{{token}}/{name}", deed, methods=["POST"], response_model=None
            )
        return router

    # ---- showing --------------------------------------------------------------------------

    def show(self, request: Request, token: str, done: str = "") -> Response:
        """Show the order."""
        opened = self._door.open(token, Purpose.ORDER)
        if isinstance(opened, Standing):
            return self._door.closed(request, opened)
        return self._page(request, opened, done=done)

    def _order(self, opened: Opened) -> PurchaseOrder | None:
        """Give the order of a link, if it is its bearer's own and may be seen."""
        scope = Scope(supplier=opened.claims.bearer)
        stored = self._app.documents.get(PurchaseOrder, opened.claims.subject.id, scope=scope)
        if stored is None or stored.document.state in BEFORE_SENDING:
            return None
        return stored.document

    def _page(
        self,
        request: Request,
        opened: Opened,
        *,
        done: str = "",
        sent: Sent | None = None,
        what: str = "",
    ) -> Response:
        order = self._order(opened)
        if order is None:
            return self._door.closed(request, Standing.UNKNOWN)
        books = ledgers(self._app.store.records(Posting, order.id))
        form = sent.form if sent else Form({})
        reasons = sent.reasons if sent else ()
        faults = {reason.field: reason.message for reason in reasons if reason.field}
        lines = tuple(
            _asked(order, line, books.get(line.number), form if what == "answer" else None, faults)
            for line in order.lines
        )
        papers, others = self._papers(order)
        is_stale = any(reason.code == "STALE_REVISION" for reason in reasons)
        return self._door.show(
            request,
            "supplier-order.html",
            status=refusal_of(sent) if sent and reasons else 200,
            order=order,
            opened=opened,
            lines=lines,
            waiting=[each for each in lines if not each.line.is_answered],
            shipping=[each for each in lines if each.open and not each.line.is_given_up],
            is_over=order.state in ENDED,
            is_changed=opened.claims.part != order.revision,
            is_stale=is_stale,
            papers=papers,
            others=others,
            sent=sent or Sent(form=form),
            faults=faults,
            what=what,
            done=gettext(DONE[done]) if done in DONE else "",
            answers=ANSWERS,
            invoices=INVOICES,
            holds=HOLDS,
            parts=range(1, MOST_PARTS + 1),
            said=_typed_text,
        )

    def _papers(self, order: PurchaseOrder) -> tuple[OrderPapers, tuple[OpenOrder, ...]]:
        read = self._app.supplier_papers
        papers = read.of_order(order.id, thread=order.thread, supplier=order.supplier)
        return papers, read.open_orders(order.supplier, but=order.id, limit=_OTHERS)

    # ---- acting ---------------------------------------------------------------------------

    async def answer(self, request: Request, token: str) -> Response:
        """Take an answer to some lines."""
        return await self._deed(request, token, "answer")

    async def accept(self, request: Request, token: str) -> Response:
        """Take a yes to every line that waits."""
        return await self._deed(request, token, "accept")

    async def ship(self, request: Request, token: str) -> Response:
        """Take word of goods on the way."""
        return await self._deed(request, token, "ship")

    async def mail(self, request: Request, token: str) -> Response:
        """Mail the supplier, at the address that we have of it, the link to another order."""
        return await self._deed(request, token, "mail")

    async def _deed(self, request: Request, token: str, what: str) -> Response:
        opened = await run_in_threadpool(self._door.open, token, Purpose.ORDER)
        if isinstance(opened, Standing):
            return self._door.closed(request, opened)
        form = Form({})
        try:
            form = await self._door.form(request, opened)
            command = await run_in_threadpool(self._command, opened, form, what)
        except Refused as refused:
            sent = Sent(form=form, reasons=refused.reasons)
        else:
            reply = await self._app.apply_soon(command)
            sent = Sent(form=form, reasons=reply.refusals, subject=reply.subject)
        if sent.is_done or await run_in_threadpool(self._was_done, opened, form):
            return RedirectResponse(f"/s/{token}?done={what}", status_code=303, headers=_LEAVING)
        return await run_in_threadpool(self._page, request, opened, sent=sent, what=what)

    def _was_done(self, opened: Opened, form: Form) -> bool:
        """Say whether this very form was taken before: it was sent twice, and happens once."""
        return (
            self._app.supplier_papers.was_done(_key(opened, form))
            if "key" in form.fields
            else False
        )

    def _command(self, opened: Opened, form: Form, what: str) -> Command:
        """Make the command of a form.

        Raises:
            Refused: with every fault of what was typed; the order is not there.
        """
        order, now = self._order(opened), self._app.clock.now()
        if order is None:
            raise Refused(Reason(code="NOT_FOUND", message=gettext("There is no such order.")))
        source = f"link/{opened.link.id}"
        act: object
        if what == "ship":
            act = by_link.shipment(order, typed_shipment(form), source=source)
        elif what == "mail":
            return self._mailing(opened, form)
        else:
            text = form.text("revision")
            revision = int(text) if text.isdecimal() and len(text) < 7 else 0  # noqa: PLR2004
            if revision < order.revision:
                standing.refuse_stale(order, revision)
            typed = by_link.accept_all(order) if what == "accept" else typed_lines(form, order)
            act = by_link.answer(order, typed, revision=revision, source=source, at=now)
        return Command(
            key=_key(opened, form),
            act=act,
            actor=bearer(opened),
            at=now,
            door="link",
        )

    def _mailing(self, opened: Opened, form: Form) -> Command:
        """Ask for the mail with another order's link, once an hour at most."""
        now, name = self._app.clock.now(), form.text("order")
        scope = Scope(supplier=opened.claims.bearer)
        found = self._app.documents.get(PurchaseOrder, name, scope=scope) if name else None
        if found is None:
            raise Refused(Reason(code="NOT_FOUND", message=gettext("There is no such order.")))
        return Command(
            key=f"link:{opened.claims.bearer}:{name}:{now:%Y%m%d%H}",
            act=SendSupplierLink(order=name),
            actor=SYSTEM,
            at=now,
            door="link",
        )


def _key(opened: Opened, form: Form) -> str:
    return f"link:{opened.link.id}:{form.key}"


_LEAVING = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def bearer(opened: Opened) -> Actor:
    """Give as whom the bearer of an order's link acts: its supplier, and nothing else."""
    supplier = opened.claims.bearer
    return Actor(id=f"link:{opened.link.id}", roles=(Role.SUPPLIER,), supplier=supplier)


def typed_lines(form: Form, order: PurchaseOrder) -> tuple[TypedLine, ...]:
    """Read what was typed for each line; what is no choice of ours is none."""
    return tuple(_typed(form, line.number) for line in order.lines)


def _typed(form: Form, number: str) -> TypedLine:
    def text(name: str) -> str:
        return form.text(f"line-{number}-{name}")

    chosen, rest = text("said"), text("rest")
    return TypedLine(
        line=number,
        said=Said(chosen) if chosen in set(Said) else Said.NOTHING,
        parts=tuple((text(f"quantity-{n}"), text(f"day-{n}")) for n in range(1, MOST_PARTS + 1)),
        rest=Rest(rest) if rest in set(Rest) else Rest.UNSAID,
        price=text("price"),
        substitute=text("substitute"),
        note=text("note"),
    )


def typed_shipment(form: Form) -> TypedShipment:
    """Read what was typed of a shipment."""
    numbers = [
        name.removeprefix("ship-")
        for name in form.fields
        if name.startswith("ship-") and not name.endswith("-unit")
    ]
    return TypedShipment(
        shipment=form.text("shipment"),
        shipped=form.text("shipped"),
        expected=form.text("expected"),
        carrier=form.text("carrier"),
        lines={n: (form.text(f"ship-{n}"), form.text(f"ship-{n}-unit")) for n in numbers},
    )


def _typed_text(sent: Sent, name: str, otherwise: str = "") -> str:
    """Give what was typed into a field, else what it is prefilled with."""
    return sent.form.text(name) if name in sent.form.fields else otherwise


def _asked(
    order: PurchaseOrder,
    line: OrderLine,
    ledger: LineLedger | None,
    form: Form | None,
    faults: Mapping[str, str],
) -> AskedLine:
    change = order.revision_of(order.revision)
    touched = (
        next((each for each in change.lines if each.line == line.number), None) if change else None
    )
    typed = _typed(form, line.number) if form is not None else TypedLine(line=line.number)
    mine = f"line-{line.number}"
    return AskedLine(
        line=line,
        before=touched.before if touched else None,
        open=_in_packs(line, ledger.open_to_ship if ledger else line.base),
        typed=typed,
        faults={
            name.removeprefix(mine).lstrip("-"): text
            for name, text in faults.items()
            if name == mine or name.startswith(f"{mine}-")
        },
    )


def _in_packs(line: OrderLine, base: Quantity) -> Quantity:
    """Say a quantity in the order's unit where it comes out even, else in the base unit."""
    unit = line.terms.stated.unit
    try:
        one = line.to_base(Quantity(type(base.value)(1), unit))
    except MancipleError:
        return base
    if not one or base.value % one.value:
        return base
    return Quantity(base.value / one.value, unit)
