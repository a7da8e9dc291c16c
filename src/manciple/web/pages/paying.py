"""Accounts payable: what is on hold and why, and the match of one invoice.

/invoices                  held invoices by owner and cause: what is at stake, the discount's clock
/invoices/ID               order, receipts and invoice side by side, test by test
/invoices/ID/release       one hold is let go by its owner      /reject   the paper goes back
/invoices/ID/part          what matches is paid, the rest waits
/invoices/ID/assign        which order line a line bills        /rematch  match it as things stand
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app import hold_queue
from manciple.app.hold_queue import By, Row, Wanted
from manciple.app.match_view import MatchView, look
from manciple.catalog.terms import PaymentTerms
from manciple.invoicing.discount import Discount
from manciple.invoicing.holds import CURED_BY_FACTS, Hold, HoldCode, ReleaseHold
from manciple.invoicing.invoice import (
    AssignInvoiceLine,
    Invoice,
    MatchInvoice,
    RejectInvoice,
)
from manciple.invoicing.part import ReleasePart
from manciple.invoicing.parting import left, waiting
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Money
from manciple.runtime.documents import Ref
from manciple.runtime.narrowing import MOST_COUNTED
from manciple.runtime.queries import Stored
from manciple.web.language import gettext, said
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form
from manciple.web.pages.payables_words import CAUSES, CLEARED_BY, ROLES, STATES, TESTS
from manciple.web.pages.sheet import Column, sheet
from manciple.web.pages.tabs import Counted, told

READERS: Final = (
    Role.AP_CLERK, Role.AP_LEAD, Role.BUYER, Role.WAREHOUSE_LEAD, Role.REQUESTER,
)  # fmt: skip
"""Who owns holds, and so sees invoices."""
_LENGTH: Final = 50
ORDERS: Final = (
    (By.DISCOUNT, said("Discount first")),
    (By.OLDEST, said("Oldest")),
    (By.VALUE, said("Largest")),
)
"""In what orders the queue is offered."""
DONE: Final = {
    "release": said("The hold was released."),
    "part": said("What matches was released; the rest waits."),
    "reject": said("The invoice was sent back."),
    "assign": said("The line has its order line; it was matched again."),
    "rematch": said("It was matched again as things stand."),
}
"""What a page says after an act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The clock of a discount, as a row shows it.

    Attributes:
        kind: ``running``, ``lost``, ``kept``, ``none``, ``undated`` or ``termless``.
        until: the last day, that day included.
        ends: the first instant after it.
    """

    kind: str
    amount: Money | None = None
    until: date | None = None
    ends: datetime | None = None
    blame: str = ""


def _count(
    found: hold_queue.HoldQueue, actor: Actor, asked: Mapping[str, str], at: datetime
) -> Counted:
    """Count what a tab of the queue holds, among what the page has read anyway."""
    wanted = Wanted(
        mine=asked.get("whose") == "mine",
        owner=asked.get("owner", ""),
        code=asked.get("code", ""),
        supplier=asked.get("supplier", ""),
        at_risk=asked.get("discount") == "risk",
    )
    count = hold_queue.count(found.held, wanted, actor=actor, at=at, most=MOST_COUNTED)
    return told(count, more=found.left_out > 0)


def clock_of(
    terms: PaymentTerms | None, found: Discount | None, *, is_open: bool, at: datetime
) -> Clock:
    """Say how a discount stands; unknown is unknown, and no discount is no discount."""
    if terms is None:
        return Clock(kind="termless")
    if found is None:
        return Clock(kind="none")
    if found.lost is not None:
        return Clock(
            kind="lost", amount=found.amount, until=found.until, blame=found.lost.blame.value
        )
    if found.until is None or found.lapses_at is None:
        return Clock(kind="undated", amount=found.amount)
    kind = "running" if is_open else "kept"
    if is_open and not found.is_at_risk(at):
        kind = "lost"
    return Clock(kind=kind, amount=found.amount, until=found.until, ends=found.lapses_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One hold with whose turn it is, and whether the reader may release it.

    Attributes:
        why_not: why the reader cannot release it, in words; empty when they can.
    """

    hold: Hold
    key: str
    is_yours: bool
    why_not: str


class Paying:
    """Serves the pages of held invoices."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/invoices", self.queue, response_model=None)
        router.add_api_route("/invoices.csv", self.queue_sheet, response_model=None)
        router.add_api_route("/invoices/{number}", self.one, response_model=None)
        for name, act in _ACTS.items():
            router.add_api_route(
                f"/invoices/{{number}}/{name}", self._deed(name, act), methods=["POST"],
                response_model=None, name=f"invoice {name}",
            )  # fmt: skip
        return router

    # ---- the queue --------------------------------------------------------------------------

    def queue(
        self,
        request: Request,
        whose: Annotated[str, Query(pattern="^(mine|all)$")] = "all",
        owner: Annotated[str, Query(max_length=40)] = "",
        code: Annotated[str, Query(max_length=40)] = "",
        supplier: Annotated[str, Query(max_length=80)] = "",
        by: By = By.DISCOUNT,
        discount: Annotated[str, Query(pattern="^(risk|)$")] = "",
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """Show what is held, and whose turn it is."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*READERS):
            return self._desk.missing(request, reader, gettext("page"), "/invoices")
        wanted = Wanted(
            mine=whose == "mine", owner=owner, code=code, supplier=supplier, by=by,
            at_risk=bool(discount),
        )  # fmt: skip
        found = hold_queue.read(self._desk.app, reader.actor, wanted)
        rows = found.after(after)
        shown = rows[:_LENGTH]

        def address(**change: object) -> str:
            """Give the address of this view with something changed; it begins at its head."""
            now: dict[str, object] = {
                "whose": whose, "owner": owner, "code": code, "supplier": supplier,
                "by": by.value, "discount": discount,
            }  # fmt: skip
            asked = {name: str(value) for name, value in (now | change).items() if value}
            return f"/invoices?{urlencode(asked)}"

        now = self._desk.app.clock.now()
        return self._desk.show(
            request,
            "invoices.html",
            reader,
            count_of=lambda asked: _count(found, reader.actor, asked, now),
            queue=found,
            discount_at_risk=bool(discount),
            rows=[
                (row, clock_of(row.invoice.terms, row.invoice.discount, is_open=True, at=now))
                for row in shown
            ],
            older=shown[-1].cursor if len(rows) > _LENGTH else None,
            after=after,
            whose=whose,
            owner=owner,
            code=code,
            supplier=supplier,
            by=by,
            orders=ORDERS,
            causes=CAUSES,
            cause_of=HoldCode,
            roles=ROLES,
            address=address,
        )

    def queue_sheet(
        self,
        request: Request,
        whose: Annotated[str, Query(pattern="^(mine|all)$")] = "all",
        owner: Annotated[str, Query(max_length=40)] = "",
        code: Annotated[str, Query(max_length=40)] = "",
        supplier: Annotated[str, Query(max_length=80)] = "",
        by: By = By.DISCOUNT,
        discount: Annotated[str, Query(pattern="^(risk|)$")] = "",
    ) -> Response:
        """Give the queue as a sheet: one line for each hold of the same filter and order."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*READERS):
            return self._desk.missing(request, reader, gettext("page"), "/invoices.csv")
        wanted = Wanted(
            mine=whose == "mine", owner=owner, code=code, supplier=supplier, by=by,
            at_risk=bool(discount),
        )  # fmt: skip
        found = hold_queue.read(self._desk.app, reader.actor, wanted)
        rows = [(row, hold) for row in found.rows for hold in row.holds]
        return sheet("held-invoices", COLUMNS, [rows], left_out=found.left_out)

    # ---- one invoice ------------------------------------------------------------------------

    def one(
        self, request: Request, number: str, done: Annotated[str, Query(max_length=20)] = ""
    ) -> Response:
        """Show an invoice's match."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, number, EMPTY, done)

    def _found(self, reader: Reader, number: str) -> tuple[Stored[Invoice], MatchView] | None:
        """Give an invoice that bills a site of the reader, or none of ours."""
        stored = self._desk.found(reader, Invoice, number)
        if stored is None or not reader.may(*READERS):
            return None
        view = look(self._desk.app, stored.document)
        sites = reader.actor.sites
        if sites and view.sites and not set(sites) & set(view.sites):
            return None
        return stored, view

    def _page(
        self, request: Request, reader: Reader, number: str, sent: Sent, done: str = ""
    ) -> Response:
        found = self._found(reader, number)
        if found is None:
            return self._desk.missing(request, reader, gettext("invoice"), number)
        stored, view = found
        invoice = stored.document
        now = self._desk.app.clock.now()
        turns = {
            hold.name: turn_of(hold, reader.actor, is_unsettled=invoice.is_unsettled)
            for hold in invoice.holds
        }
        return self._desk.show(
            request,
            "invoice.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            invoice=invoice,
            version=stored.version,
            view=view,
            turns=turns,
            left=left(invoice) if invoice.parts else None,
            waits=waiting(invoice) if invoice.parts and invoice.is_unsettled else (),
            clock=clock_of(invoice.terms, invoice.discount, is_open=invoice.is_unsettled, at=now),
            causes=CAUSES,
            cleared_by=CLEARED_BY,
            roles=ROLES,
            tests=TESTS,
            states=STATES,
            may=_may_do(reader.actor, invoice),
            sent=sent,
            done=gettext(DONE[done]) if done in DONE else "",
        )

    def _deed(self, name: str, act: Callable[[str, Form], object]) -> Callable[..., object]:
        async def deed(request: Request, number: str) -> Response:
            reader = await self._desk.reading(request)
            if reader is None:
                return self._desk.to_sign_in(request)
            if await run_in_threadpool(self._found, reader, number) is None:
                return self._desk.missing(request, reader, gettext("invoice"), number)
            about = Ref(Invoice.KIND, number)
            sent = await self._desk.sent(
                request, reader, lambda form: act(number, form), about=about
            )
            if sent.is_done:
                to = f"/invoices/{number}"
                if sent.form.text("back") == "duplicates":
                    to = "/duplicates"
                return RedirectResponse(f"{to}?done={name}", status_code=303)
            return await run_in_threadpool(self._page, request, reader, number, sent)

        return deed


def turn_of(hold: Hold, actor: Actor, *, is_unsettled: bool) -> Turn:
    """Say whose turn a hold is, and why somebody cannot release it."""
    is_yours = hold_queue.is_for(hold, actor)
    why_not = ""
    if not is_unsettled or not hold.is_open:
        why_not = gettext("It is not open any more.")
    elif hold.code in CURED_BY_FACTS:
        why_not = gettext("No signature clears this one: without the fact nothing can be booked.")
    elif not actor.has(hold.owner_role):
        role = gettext(ROLES.get(hold.owner_role.value, hold.owner_role.value))
        why_not = gettext("Only its owner may release it: %(role)s.") % {"role": role}
    return Turn(hold=hold, key=hold.name.replace(":", "-"), is_yours=is_yours, why_not=why_not)


def _may_do(actor: Actor, invoice: Invoice) -> Mapping[str, bool]:
    """Say which acts a page offers; what is offered may still be refused, with the reason."""
    is_open = invoice.is_unsettled
    return {
        "part": is_open and not invoice.credit and actor.has(Role.AP_CLERK, Role.AP_LEAD),
        "reject": is_open and not invoice.parts and actor.has(Role.AP_CLERK, Role.AP_LEAD),
        "rematch": is_open and actor.has(Role.AP_CLERK),
        "assign": is_open and actor.has(Role.REQUESTER, Role.BUYER, Role.AP_CLERK),
    }


def _until(row: tuple[Row, Hold]) -> date | None:
    found = row[0].invoice.discount
    return found.until if found is not None and found.lost is None else None


def _saving(row: tuple[Row, Hold]) -> Decimal | None:
    found = row[0].invoice.discount
    is_there = found is not None and found.lost is None and found.amount is not None
    return found.amount.amount if is_there and found and found.amount else None


COLUMNS: Final[tuple[Column[tuple[Row, Hold]], ...]] = (
    Column(said("Invoice"), lambda row: row[0].invoice.number),
    Column(said("Ours"), lambda row: row[0].invoice.id),
    Column(said("Supplier"), lambda row: row[0].invoice.supplier),
    Column(said("Orders"), lambda row: " ".join(row[0].invoice.orders)),
    Column(said("Credit note"), lambda row: row[0].invoice.credit),
    Column(said("Cause"), lambda row: row[1].code),
    Column(said("Line"), lambda row: row[1].line),
    Column(said("Difference"), lambda row: row[1].variance),
    Column(said("Owner"), lambda row: row[1].owner or row[1].owner_role),
    Column(said("In dispute"), lambda row: row[1].amount.amount if row[1].amount else None),
    Column(
        said("Total"), lambda row: row[0].invoice.total.amount if row[0].invoice.total else None
    ),
    Column(said("Currency"), lambda row: row[0].invoice.currency),
    Column(said("Discount"), _saving),
    Column(said("Discount until"), _until),
    Column(said("Held since"), lambda row: row[1].opened_at),
)
"""The sheet of the queue; a discount that was lost is none."""


def _release(number: str, form: Form) -> object:
    code = form.text("code")
    if code not in set(HoldCode):
        raise refuse("BAD_VALUE", gettext("no hold is called so"), field="code")
    return ReleaseHold(
        invoice=number,
        code=HoldCode(code),
        line=form.text("line") or None,
        reason=form.text("reason"),
    )


def _part(number: str, _: Form) -> object:
    return ReleasePart(invoice=number)


def _reject(number: str, form: Form) -> object:
    return RejectInvoice(invoice=number, reason=form.text("why"))


def _assign(number: str, form: Form) -> object:
    order, _, line = form.text("place").rpartition("/")
    if not order or not line:
        raise refuse(
            "BAD_VALUE",
            gettext("the order line was not understood"),
            field="place",
            fix=gettext("Write the order and its line with a slash: PO-1234/2."),
        )
    return AssignInvoiceLine(
        invoice=number, line=form.text("line"), order=order, order_line=line,
        note=form.text("note"),
    )  # fmt: skip


def _rematch(number: str, _: Form) -> object:
    return MatchInvoice(invoice=number)


_ACTS: Final[Mapping[str, Callable[[str, Form], object]]] = {
    "release": _release,
    "part": _part,
    "reject": _reject,
    "assign": _assign,
    "rematch": _rematch,
}
