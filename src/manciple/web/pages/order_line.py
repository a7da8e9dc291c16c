"""One order line: six panels, its quantities as a picture, its history.

/lines/ORDER/LINE

    demand behind it   supplier state   dock slot
    carrier and ETA    budget, accrual  customer orders waiting

A panel says where its figures come from. One without a source names the adapter that is missing:
an empty panel would read as "nothing".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter, Request, Response

from manciple.catalog.agreement import Agreement, Sources, agreement_id
from manciple.catalog.outlook import Outlook, outlook_id
from manciple.intelligence.order_file import OrderFile
from manciple.kernel.money import Money
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.supplying.expedite import Hurry
from manciple.supplying.ship_notice import ShipNotice
from manciple.web.language import gettext, said
from manciple.web.pages import revisions, units, wording
from manciple.web.pages.desk import Desk

NO_SOURCE: Final = {
    "dock": said("No source: the dock scheduling adapter is not connected."),
    "carrier": said("No source: the transport management adapter is not connected."),
    "budget": said("No source: the budget adapter is not connected."),
    "outlook": said("No source: no planning or ERP adapter tells the outlook of this item."),
}
"""What a panel without a source says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to the line.

    Attributes:
        day: the day on which it counts.
        source: the document and its line.
    """

    day: date
    what: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """Another supplier with an agreement for the item.

    Attributes:
        share: its price against the order's, ``+10 %``; empty where they cannot be compared.
        lead_days: as agreed, None where none are; ``is_valid`` says whether the agreement covers
            today.
    """

    supplier: str
    price: str
    share: str
    lead_days: int | None
    is_valid: bool


class OrderLines:
    """Serves the page of one order line."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the address."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/lines/{order}/{line}", self.one, response_model=None)
        return router

    def one(self, request: Request, order: str, line: str) -> Response:
        """Show a line with its six panels."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        stored = self._desk.found(reader, PurchaseOrder, order)
        found = stored.document.line(line) if stored else None
        if stored is None or found is None:
            return self._desk.missing(request, reader, "order line", f"{order}/{line}"[:200])
        app, document = self._desk.app, stored.document
        file = app.order_files.read(document)
        outlook = app.peek(Outlook, outlook_id(document.site, found.item))
        now = app.clock.now()
        ledger = file.ledgers[line]
        return self._desk.show(
            request,
            "order_line.html",
            reader,
            order=document,
            line=found,
            file=file,
            ledger=ledger,
            flow=file.flow(found),
            outlook=outlook,
            days_left=_days_left(outlook, now.date()) if outlook else None,
            notices=_notices(file, line),
            accrual=_accrual(found, file),
            history=history(file, found),
            alternates=self._alternates(document, found),
            no_source={name: gettext(text) for name, text in NO_SOURCE.items()},
            money=wording.money,
            price=units.price,
            quantity=units.quantity,
        )

    def _alternates(self, order: PurchaseOrder, line: OrderLine) -> tuple[Alternate, ...]:
        documents, today = self._desk.app.documents, self._desk.app.clock.now().date()
        sources = self._desk.app.peek(Sources, line.item)
        names = [n for n in (sources.suppliers if sources else ()) if n != order.supplier]
        agreed = documents.many(Agreement, [agreement_id(name, line.item) for name in names])
        return tuple(
            Alternate(
                supplier=each.supplier,
                price=units.price(each.price),
                share=_share(line, each),
                lead_days=each.lead_days,
                is_valid=each.covers(today),
            )
            for each in agreed.values()
        )


def _share(line: OrderLine, agreed: Agreement) -> str:
    if agreed.price.money.currency is not line.price.money.currency:
        return ""
    old, new = line.price_in_base(line.price), line.price_in_base(agreed.price)
    return revisions.percent(old.unit_amount, new.unit_amount) or "0 %"


def _notices(file: OrderFile, line: str) -> tuple[ShipNotice, ...]:
    return tuple(
        each for each in file.notices if any(noticed.line == line for noticed in each.lines)
    )


def _accrual(line: OrderLine, file: OrderFile) -> Money | None:
    """Give what was received and not invoiced, at the ordered price; None: nothing is."""
    waiting = file.ledgers[line.number].received_not_invoiced
    return line.estimate(waiting) if waiting.value > 0 else None


def _days_left(outlook: Outlook, today: date) -> int | None:
    """Give the whole calendar days that stock lasts by the outlook, from its own instant."""
    left = outlook.days_left(outlook.as_of)
    return None if left is None else int(left) - (today - outlook.as_of.date()).days


WORDS: Final = {
    Stage.ORDERED: said("ordered"),
    Stage.CANCELLED: said("cancelled"),
    Stage.ACKNOWLEDGED: said("acknowledged"),
    Stage.SHIPPED: said("shipped"),
    Stage.RECEIVED: said("received"),
    Stage.ACCEPTED: said("accepted"),
    Stage.RETURNED: said("returned"),
    Stage.TO_BE_REPLACED: said("to be replaced"),
    Stage.SHORT_CLOSED: said("short-closed"),
    Stage.INVOICED: said("invoiced"),
    Stage.CREDITED: said("credited"),
}
"""What each stage of the ledger is called."""


def history(file: OrderFile, line: OrderLine) -> tuple[Entry, ...]:
    """Give all that was stated about a line and done to it, the newest first."""
    entries = [*_postings(file, line), *_revisions(file, line), *_hurries(file, line)]
    entries.sort(key=lambda each: each.day)
    return tuple(reversed(entries))


def _postings(file: OrderFile, line: OrderLine) -> Iterable[Entry]:
    for each in file.ledgers[line.number].postings:
        text = units.quantity(each.quantity)
        if each.stated.unit is not each.quantity.unit:
            text = f"{text} ({units.quantity(each.stated)})"
        yield Entry(
            day=each.effective,
            what=gettext(WORDS[each.stage]),
            text=f"{text}: {each.reason}" if each.reason else text,
            source=each.source,
        )


def _revisions(file: OrderFile, line: OrderLine) -> Iterable[Entry]:
    for revision in file.order.revisions:
        for each in revisions.differences(
            part for part in revision.lines if part.line == line.number
        ):
            parts = ", ".join(f"{p.what} {p.old} \N{RIGHTWARDS ARROW} {p.new}" for p in each.parts)
            yield Entry(
                day=revision.at.date(),
                what=gettext("revision %(n)s") % {"n": revision.number},
                text=f"{parts}: {revision.reason}",
                source=revision.change or revision.by,
            )


def _hurries(file: OrderFile, line: OrderLine) -> Iterable[Entry]:
    hurries: tuple[Hurry, ...] = file.expediting.hurries if file.expediting else ()
    for each in hurries:
        if each.line == line.number:
            yield Entry(
                day=each.at.date(),
                what=gettext("expedited"),
                text=f"{wording.money(each.cost)}, {each.cause.value.replace('_', ' ')}",
                source=each.by,
            )
