"""What is owed: duplicates side by side, goods received and not invoiced, credits expected.

/duplicates           papers held for a number that another one has, beside that other one
/grni                 received and not invoiced, by age; sums per currency; its lines
/credits              what suppliers owe for goods that went back        /credits/ID/write-off
/credits/of/SUPPLIER  a supplier's papers, newest first, with what is owed for returns
"""

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.app import accrual
from manciple.app.accrual import BANDS
from manciple.app.hold_queue import MOST_HELD
from manciple.invoicing.duplicates import InvoiceNumber
from manciple.invoicing.holds import Hold, HoldCode
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.likeness import Compared, Fact, Likeness, compared
from manciple.invoicing.unbilled import Unbilled
from manciple.kernel.messages import Role
from manciple.receiving.supplier_return import SupplierReturn, WriteOffReturn
from manciple.runtime.documents import Ref
from manciple.runtime.queries import Scope, scope_of
from manciple.web.language import gettext, said
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form
from manciple.web.pages.payables_words import STATES
from manciple.web.pages.sheet import Column, sheet

_PAYABLES: Final = (Role.AP_CLERK, Role.AP_LEAD)
_CREDITS: Final = (*_PAYABLES, Role.BUYER)
_LENGTH: Final = 50
_PAIRS: Final = 20
BAND_WORDS: Final = {
    "0-7": said("Up to 7 days"),
    "8-30": said("8 to 30 days"),
    "31-60": said("31 to 60 days"),
    "61-90": said("61 to 90 days"),
    "91": said("Over 90 days"),
}
FACTS: Final = {
    Fact.NUMBER: said("Number"),
    Fact.DATE: said("Date"),
    Fact.TOTAL: said("Total"),
    Fact.ORDER: said("Order named"),
    Fact.LINES: said("Lines"),
}
ALIKE: Final = {
    Likeness.SAME: (said("same"), "trouble"),
    Likeness.NEAR: (said("near"), "waiting"),
    Likeness.OTHER: (said("differs"), "done"),
    Likeness.UNKNOWN: (said("unknown"), "moving"),
}
"""Alike is the sign of a duplicate, so it is the one that alarms."""
assert set(BAND_WORDS) == set(BANDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A paper that is held as a duplicate, beside the one that has its number."""

    held: Invoice
    hold: Hold
    other: Invoice | None
    facts: tuple[Compared, ...]

    @property
    def same(self) -> int:
        """Count the facts that are the same."""
        return sum(1 for each in self.facts if each.likeness is Likeness.SAME)


class Owing:
    """Serves the pages of what is owed."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/duplicates", self.duplicates, response_model=None)
        router.add_api_route("/grni", self.grni, response_model=None)
        router.add_api_route("/grni.csv", self.grni_sheet, response_model=None)
        router.add_api_route("/credits.csv", self.credits_sheet, response_model=None)
        router.add_api_route("/credits", self.credits, response_model=None)
        router.add_api_route("/credits/of/{supplier}", self.statement, response_model=None)
        router.add_api_route(
            "/credits/{number}/write-off", self.write_off, methods=["POST"], response_model=None
        )
        return router

    # ---- duplicates -------------------------------------------------------------------------

    def duplicates(
        self,
        request: Request,
        after: Annotated[str, Query(max_length=80)] = "",
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """Show papers whose number another one has, side by side with it."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*_PAYABLES):
            return self._desk.missing(request, reader, gettext("page"), "/duplicates")
        app = self._desk.app
        held = app.payables.held(scope=scope_of(reader.actor), most=MOST_HELD)
        names = [
            each.id
            for each in held.rows
            if any(hold.code is HoldCode.DUPLICATE for hold in each.open_holds)
        ]
        start = names.index(after) + 1 if after in names else 0
        shown = names[start : start + _PAIRS]
        return self._desk.show(
            request,
            "duplicates.html",
            reader,
            pairs=self._pairs(shown),
            total=len(names),
            left_out=held.left_out,
            after=after,
            older=shown[-1] if start + _PAIRS < len(names) else None,
            facts=FACTS,
            alike=ALIKE,
            states=STATES,
            may_release=reader.actor.has(Role.AP_LEAD),
            may_reject=reader.actor.has(*_PAYABLES),
            done=done,
        )

    def _pairs(self, names: list[str]) -> list[Pair]:
        """Read the pairs; three questions, however many they are."""
        documents = self._desk.app.documents
        held = documents.many(Invoice, names)
        keys = [each.number_key for each in held.values()]
        numbers = documents.many(InvoiceNumber, list(dict.fromkeys(keys)))
        holders = [each.holder for each in numbers.values() if each.holder]
        others = documents.many(Invoice, holders)
        found = []
        for each in held.values():
            number = numbers.get(each.number_key)
            other = others.get(number.holder or "") if number is not None else None
            hold = next((h for h in each.open_holds if h.code is HoldCode.DUPLICATE), None)
            if hold is not None:
                facts = compared(other, each) if other is not None else ()
                found.append(Pair(held=each, hold=hold, other=other, facts=facts))
        return found

    # ---- received and not invoiced ------------------------------------------------------------

    def grni(
        self,
        request: Request,
        band: Annotated[str, Query(max_length=10)] = "",
        supplier: Annotated[str, Query(max_length=80)] = "",
        site: Annotated[str, Query(max_length=80)] = "",
        after: Annotated[str | None, Query(max_length=300)] = None,
    ) -> Response:
        """Show what was received and nobody billed, by age."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*_PAYABLES):
            return self._desk.missing(request, reader, gettext("page"), "/grni")
        aged = self._desk.lines.of(
            ("accrual", scope_of(reader.actor), band, supplier, site),
            self._desk.app.clock.now(),
            lambda: accrual.accrual(
                self._desk.app, reader.actor, band=band, supplier=supplier, site=site
            ),
            lambda found: found.looked_at,
        )
        found = aged.value
        rows = found.after(after)
        shown = rows[:_LENGTH]

        def address(path: str = "/grni", **change: str | None) -> str:
            """Give the address of this view with something changed; it begins at its head."""
            now: dict[str, str | None] = {"band": band, "supplier": supplier, "site": site}
            return f"{path}?{urlencode({k: v for k, v in (now | change).items() if v})}"

        return self._desk.show(
            request,
            "grni.html",
            reader,
            found=found,
            counted_at=aged.at,
            rows=shown,
            older=accrual.cursor_of(shown[-1]) if len(rows) > _LENGTH else None,
            after=after,
            band=band,
            bands=BAND_WORDS,
            supplier=supplier,
            site=site,
            address=address,
        )

    def grni_sheet(
        self,
        request: Request,
        band: Annotated[str, Query(max_length=10)] = "",
        supplier: Annotated[str, Query(max_length=80)] = "",
        site: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """Give all of the same filter as a sheet, also what the page does not sum."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*_PAYABLES):
            return self._desk.missing(request, reader, gettext("page"), "/grni.csv")
        pages = (
            [
                row
                for row in rows
                if band in ("", accrual.band_of(row.days))
                and supplier in ("", row.supplier)
                and site in ("", row.site)
            ]
            for rows in accrual.pages(self._desk.app, reader.actor)
        )
        return sheet("received-not-invoiced", UNBILLED, pages)

    # ---- credits expected ---------------------------------------------------------------------

    def credits(
        self,
        request: Request,
        supplier: Annotated[str, Query(max_length=80)] = "",
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """Show what suppliers owe for goods that went back."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*_CREDITS):
            return self._desk.missing(request, reader, gettext("page"), "/credits")
        return self._credits(request, reader, EMPTY, supplier, done)

    def _credits(
        self, request: Request, reader: Reader, sent: Sent, supplier: str = "", done: str = ""
    ) -> Response:
        app = self._desk.app
        today = app.clock.now().date()
        found = accrual.owed(app, reader.actor, on=today, supplier=supplier)
        return self._desk.show(
            request,
            "credits.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            found=found,
            today=today,
            supplier=supplier,
            is_late=accrual.is_late,
            may_write_off=reader.actor.has(Role.AP_LEAD),
            sent=sent,
            done=done,
        )

    def credits_sheet(
        self, request: Request, supplier: Annotated[str, Query(max_length=80)] = ""
    ) -> Response:
        """Give the credits expected as a sheet."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*_CREDITS):
            return self._desk.missing(request, reader, gettext("page"), "/credits.csv")
        today = self._desk.app.clock.now().date()
        found = accrual.owed(self._desk.app, reader.actor, on=today, supplier=supplier)
        return sheet("credits-expected", CREDITS, [found.rows])

    async def write_off(self, request: Request, number: str) -> Response:
        """Expect no more credit for a return."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        there = await run_in_threadpool(self._desk.found, reader, SupplierReturn, number)
        if there is None or not reader.may(*_CREDITS):
            return self._desk.missing(request, reader, gettext("return"), number)

        def act_of(form: Form) -> object:
            return WriteOffReturn(rtv=number, reason=form.text("reason"))

        sent = await self._desk.sent(
            request, reader, act_of, about=Ref(SupplierReturn.KIND, number)
        )
        if sent.is_done:
            return RedirectResponse("/credits?done=write-off", status_code=303)
        return await run_in_threadpool(self._credits, request, reader, sent)

    def statement(
        self,
        request: Request,
        supplier: str,
        after: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """Show a supplier's invoices and credit notes, newest first, and its open returns."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*_CREDITS) or not supplier.isprintable():
            return self._desk.missing(request, reader, gettext("page"), supplier)
        app = self._desk.app
        scope = Scope(sites=scope_of(reader.actor).sites, supplier=supplier)
        page = app.documents.page(Invoice, scope=scope, after=after, limit=_LENGTH)
        today = app.clock.now().date()
        return self._desk.show(
            request,
            "statement.html",
            reader,
            supplier=supplier,
            rows=[row.document for row in page.rows],
            owed=accrual.owed(app, reader.actor, on=today, supplier=supplier),
            is_late=accrual.is_late,
            today=today,
            states=STATES,
            after=after,
            older=page.after,
        )


UNBILLED: Final[tuple[Column[Unbilled], ...]] = (
    Column(said("Order"), lambda row: row.order),
    Column(said("Line"), lambda row: row.line),
    Column(said("Item"), lambda row: row.item),
    Column(said("Supplier"), lambda row: row.supplier),
    Column(said("Site"), lambda row: row.site),
    Column(said("Receipt"), lambda row: row.receipt),
    Column(said("Received"), lambda row: row.received),
    Column(said("Days"), lambda row: row.days),
    Column(said("Not billed"), lambda row: row.quantity.value),
    Column(said("Unit"), lambda row: row.quantity.unit),
    Column(said("Value"), lambda row: row.value.amount if row.value else None),
    Column(said("Currency"), lambda row: row.value.currency if row.value else None),
)
"""The sheet of what is not invoiced."""
CREDITS: Final[tuple[Column[SupplierReturn], ...]] = (
    Column(said("Return"), lambda row: row.id),
    Column(said("Order"), lambda row: row.order),
    Column(said("Supplier"), lambda row: row.supplier),
    Column(said("Authorisation"), lambda row: row.authorisation),
    Column(said("Shipped"), lambda row: row.shipped),
    Column(said("Due by"), lambda row: row.credit_by),
    Column(said("Expected"), lambda row: row.expected_credit.amount),
    Column(said("Still owed"), lambda row: row.left_to_credit.amount),
    Column(said("Currency"), lambda row: row.expected_credit.currency),
)
"""The sheet of the credits expected."""
