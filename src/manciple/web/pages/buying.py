"""The buyer's line board: every open order line, by what has to happen to it.

/lines           tabs: to release, unacknowledged, changed, coming due, late, all; filters
/lines.csv       the same lines as a sheet
/lines/ask       the suppliers of the chosen lines are reminded of what they owe
/lines/expedite  the chosen lines are hurried, at a cost and for a cause
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.catalog.site import Site
from manciple.governance.people import Person
from manciple.intelligence.lines import BoardQuery, BoardRow, Tab, narrow_of
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Role
from manciple.kernel.money import Currency, Money
from manciple.runtime.narrowing import Tally
from manciple.runtime.queries import MOST_ROWS, Scope, scope_of
from manciple.supplying.asking import AskSupplier
from manciple.supplying.expedite import ExpediteCause, ExpediteLine
from manciple.web.language import gettext, said
from manciple.web.pages.batch import Acts, Batch, Name, sent_batch, show_batch
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.forms import Form, inside, number_in
from manciple.web.pages.layout import BUYING
from manciple.web.pages.sheet import Column, sheet
from manciple.web.pages.tabs import Counted

ACTORS: Final = frozenset({Role.BUYER, Role.PLANNER})
_LENGTH: Final = 50
_NOBODY: Final = Batch(form=Form({}))

TABS: Final[Mapping[Tab, tuple[str, str]]] = {
    Tab.RELEASE: (
        said("To release"),
        said(
            "What the line asks for has not left for the supplier: the ERP has not taken the "
            "order, has refused it, or the file or the change is still to be sent."
        ),
    ),
    Tab.UNANSWERED: (
        said("Unacknowledged"),
        said(
            "The supplier was told of the line's newest revision and has not answered it. "
            "A file that could be read (997) is no answer."
        ),
    ),
    Tab.CHANGED: (
        said("Changed by the supplier"),
        said(
            "The supplier answered otherwise than was ordered, outside the tolerances, and nobody "
            "has decided on that yet."
        ),
    ),
    Tab.SOON: (
        said("Coming due"),
        said("The day on which the line is expected ends within the next seven days."),
    ),
    Tab.LATE: (
        said("Late"),
        said(
            "The day on which the line is expected has ended at its site and goods are still to "
            "come. Expected is the day that the supplier promised last; without a promise, the "
            "day on which it is needed."
        ),
    ),
    Tab.ALL: (said("All open"), said("Every line of which goods are still to come.")),
}
"""What each tab is called, and which lines it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A buyer as a filter: the lines of the sites that they work for."""

    id: str
    name: str
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What time it is at a site, by whose day lines are late."""

    site: str
    zone: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader asks the board for, as its address says it."""

    tab: Tab = Tab.RELEASE
    supplier: str = ""
    site: str = ""
    buyer: str = ""
    q: str = ""

    def address(self, **other: str) -> str:
        """Give the board's address for this, with something else in it."""
        fields = {
            "tab": self.tab.value,
            "supplier": self.supplier,
            "site": self.site,
            "buyer": self.buyer,
            "q": self.q,
        } | other
        return "/lines?" + urlencode({name: value for name, value in fields.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Say whether any filter is set."""
        return bool(self.supplier or self.site or self.buyer or self.q)


COLUMNS: Final[tuple[Column[BoardRow], ...]] = (
    Column(said("Order"), lambda row: row.order),
    Column(said("Line"), lambda row: row.line),
    Column(said("Item"), lambda row: row.item),
    Column(said("Description"), lambda row: row.description),
    Column(said("Supplier"), lambda row: row.supplier),
    Column(said("Site"), lambda row: row.site),
    Column(said("Open"), lambda row: row.open.value),
    Column(said("Ordered"), lambda row: row.wanted.value),
    Column(said("Unit"), lambda row: row.open.unit),
    Column(said("Needed"), lambda row: row.needed_by),
    Column(said("Promised"), lambda row: row.promise),
    Column(said("Days after the need"), lambda row: row.slip),
    Column(said("Whose turn"), lambda row: row.turn),
    Column(said("Since"), lambda row: row.since),
    Column(said("Stage"), lambda row: row.stage),
    Column(said("Late from"), lambda row: row.late_from),
    Column(said("Exceptions"), lambda row: " ".join(number for number, _ in row.cases)),
)
"""The board as a sheet."""
Short = Annotated[str, Query(max_length=80)]


class Buying:
    """Serves the line board."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/lines", self.board, response_model=None)
        router.add_api_route("/lines.csv", self.board_sheet, response_model=None)
        router.add_api_route("/lines/ask", self.ask, methods=["POST"], response_model=None)
        router.add_api_route(
            "/lines/expedite", self.expedite, methods=["POST"], response_model=None
        )
        return router

    def board(
        self,
        request: Request,
        tab: Tab = Tab.RELEASE,
        supplier: Short = "",
        site: Short = "",
        buyer: Short = "",
        q: Annotated[str, Query(max_length=200)] = "",
        after: Annotated[str | None, Query(max_length=200)] = None,
        done: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        """Show the lines of a tab, the first to be late first."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        asked = Asked(tab=tab, supplier=supplier, site=site, buyer=buyer, q=q.strip())
        return self._page(request, reader, asked, after=after, done=done)

    def board_sheet(
        self,
        request: Request,
        tab: Tab = Tab.RELEASE,
        supplier: Short = "",
        site: Short = "",
        buyer: Short = "",
        q: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        """Give every line of the same tab and filters as a sheet, in the same order."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*BUYING):
            return self._desk.missing(request, reader, "page", "/lines.csv")
        asked = Asked(tab=tab, supplier=supplier, site=site, buyer=buyer, q=q.strip())
        return sheet("order-lines", COLUMNS, self._pages(reader, asked))

    def _pages(self, reader: Reader, asked: Asked) -> Iterator[tuple[BoardRow, ...]]:
        now, scope = self._desk.app.clock.now(), scope_of(reader.actor)
        query, after = _query(asked, self._buyers()), None
        while True:
            page = self._desk.app.lines.page(
                query, scope=scope, now=now, after=after, limit=MOST_ROWS
            )
            yield page.rows
            after = page.after
            if after is None:
                return

    async def ask(self, request: Request) -> Response:
        """Remind the suppliers of the chosen lines, once for each order."""
        return await self._batch(request, _questions)

    async def expedite(self, request: Request) -> Response:
        """Hurry the chosen lines."""
        return await self._batch(request, _hurries)

    async def _batch(self, request: Request, acts_of: Callable[[Form], Acts]) -> Response:
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.actor.has(*ACTORS):
            return self._desk.missing(request, reader, "page", "/lines")
        batch = await sent_batch(self._desk, request, reader, acts_of)
        asked = _asked_in(batch.form)
        if batch.is_part and not batch.reasons:
            back = (asked.address(), gettext("Order lines"))
            return await run_in_threadpool(
                show_batch, self._desk, request, reader, batch, names=_named, back=back
            )
        if batch.is_done:
            to = inside(asked.address(done=str(len(batch.done))))
            return RedirectResponse(to, status_code=303)
        return await run_in_threadpool(self._page, request, reader, asked, batch=batch)

    def _page(
        self,
        request: Request,
        reader: Reader,
        asked: Asked,
        *,
        after: str | None = None,
        done: str = "",
        batch: Batch = _NOBODY,
    ) -> Response:
        if not reader.may(*BUYING):
            return self._desk.missing(request, reader, "page", "/lines")
        now = self._desk.app.clock.now()
        scope, board = scope_of(reader.actor), self._desk.app.lines
        buyers = self._buyers()
        query = _query(asked, buyers)
        try:
            page = board.page(query, scope=scope, now=now, after=after, limit=_LENGTH)
        except Refused:
            return self._desk.missing(request, reader, "page", after or "")
        facets = board.facets(scope=scope)
        return self._desk.show(
            request,
            "lines.html",
            reader,
            status=batch.status if batch is not _NOBODY else 200,
            count_of=lambda fields: _count(fields, buyers, now),
            rows=page.rows,
            older=page.after,
            after=after,
            asked=asked,
            counts=self._counts(query, scope, now),
            tabs=[(tab, gettext(words[0]), gettext(words[1])) for tab, words in TABS.items()],
            facets=facets,
            buyers=buyers,
            clocks=self._clocks(facets.sites, now),
            causes=tuple(ExpediteCause),
            may_act=reader.actor.has(*ACTORS),
            chosen=frozenset(batch.form.all("line")) - _orders_done(batch),
            batch=batch,
            done=int(done) if done.isascii() and done.isdecimal() else 0,
        )

    def _counts(self, query: BoardQuery, scope: Scope, now: datetime) -> Mapping[Tab, int]:
        """Count the lines of every tab; on a very long board as of some seconds ago."""
        asked = replace(query, tab=Tab.ALL)
        return self._desk.tallies.of(
            ("lines", asked, scope),
            now,
            lambda: self._desk.app.lines.counts(asked, scope=scope, now=now),
            lambda counts: counts[Tab.ALL],
        ).value

    def query(self, asked: Mapping[str, str]) -> BoardQuery:
        """Read the fields of the board's address; an unknown tab is the first."""
        tab = asked.get("tab", "")
        narrow = {name: asked.get(name, "") for name in ("supplier", "site", "buyer", "q")}
        known = Tab(tab) if tab in set(Tab) else Tab.RELEASE
        buyers = self._buyers() if narrow["buyer"] else ()
        return _query(Asked(tab=known, **narrow), buyers)

    def count(self, reader: Reader, asked: Mapping[str, str]) -> Counted:
        """Say what a tab of the board counts."""
        del reader  # whose rows they are, is for whoever counts
        now = self._desk.app.clock.now()
        return Tally(list="line", narrow=narrow_of(self.query(asked), now))

    def _buyers(self) -> tuple[Buyer, ...]:
        people = self._desk.app.documents.page(Person, state="active", limit=MOST_ROWS).rows
        return tuple(
            Buyer(id=each.document.id, name=each.document.name, sites=each.document.sites)
            for each in sorted(people, key=lambda each: each.document.name)
            if Role.BUYER in each.document.roles
        )

    def _clocks(self, names: tuple[str, ...], now: datetime) -> tuple[Clock, ...]:
        sites = self._desk.app.documents.many(Site, names)
        return tuple(
            Clock(site=site.id, zone=site.zone, now=now.astimezone(ZoneInfo(site.zone)))
            for site in sites.values()
        )


def _query(asked: Asked, buyers: tuple[Buyer, ...]) -> BoardQuery:
    """Narrow by a site, and by a buyer to the sites that they work for; both must hold."""
    sites: tuple[str, ...] | None = (asked.site,) if asked.site else None
    if asked.buyer:
        buyer = next((each for each in buyers if each.id == asked.buyer), None)
        theirs = buyer.sites or None if buyer else ()
        if theirs is not None:
            sites = theirs if sites is None else tuple(s for s in sites if s in theirs)
    return BoardQuery(tab=asked.tab, supplier=asked.supplier, sites=sites, text=asked.q)


def _count(fields: Mapping[str, str], buyers: tuple[Buyer, ...], now: datetime) -> Counted:
    """Say what a tab of the board counts."""
    tab = fields.get("tab", Tab.RELEASE.value)
    if tab not in set(Tab):
        return None
    narrow = {name: fields.get(name, "") for name in ("supplier", "site", "buyer", "q")}
    query = _query(Asked(tab=Tab(tab), **narrow), buyers)
    return Tally(list="line", narrow=narrow_of(query, now))


def _asked_in(form: Form) -> Asked:
    tab = form.text("tab")
    asked = Asked(
        supplier=form.text("supplier")[:80],
        site=form.text("site")[:80],
        buyer=form.text("buyer")[:80],
        q=form.text("q")[:200],
    )
    return replace(asked, tab=Tab(tab)) if tab in set(Tab) else asked


def _chosen(form: Form) -> tuple[tuple[str, str], ...]:
    """Give the chosen lines as (order, line)."""
    pairs = (each.rpartition("/") for each in dict.fromkeys(form.all("line")))
    return tuple((order, line) for order, _, line in pairs if order and line)


def _questions(form: Form) -> Acts:
    orders = dict.fromkeys(order for order, _ in _chosen(form))
    note = form.text("note")
    return tuple((order, AskSupplier(order=order, note=note)) for order in orders)


def _hurries(form: Form) -> Acts:
    chosen = _chosen(form)
    if not chosen:
        return ()
    cost, cause = cost_of(form), cause_of(form)
    nothing = Money(Decimal(0), cost.currency)
    return tuple(
        (
            f"{order}/{line}",
            ExpediteLine(
                order=order,
                line=line,
                cost=nothing if place else cost,
                cause=cause,
                override=form.text("override"),
            ),
        )
        for place, (order, line) in enumerate(chosen)
    )


def cost_of(form: Form) -> Money:
    """Read what hurrying costs, from the fields ``cost`` and ``currency``.

    Raises:
        Refused: BAD_COST, BAD_CURRENCY.
    """
    text = form.text("cost")
    currency = form.text("currency").upper() or Currency.USD.value
    if currency not in set(Currency):
        raise refuse("BAD_CURRENCY", f"{currency} is no currency of ours", field="currency")
    cost = number_in(text)
    if cost is None:
        raise refuse(
            "BAD_COST", f"{text or 'nothing'} is no amount", field="cost",
            fix="Write what it costs, as 12.50; 0 where it costs nothing.",
        )  # fmt: skip
    return Money(cost, Currency(currency))


def cause_of(form: Form) -> ExpediteCause:
    """Read why it must be hurried.

    Raises:
        Refused: BAD_CAUSE.
    """
    cause = form.text("cause")
    if cause not in set(ExpediteCause):
        known = ", ".join(each.value.replace("_", " ") for each in ExpediteCause)
        raise refuse("BAD_CAUSE", "no cause was chosen", field="cause", fix=f"One of: {known}.")
    return ExpediteCause(cause)


def _named(rows: Sequence[str]) -> Mapping[str, Name]:
    """Call a line by its order and number, and an order by its own."""
    return {row: Name(row, f"/lines/{row}" if "/" in row else f"/orders/{row}") for row in rows}


def _orders_done(batch: Batch) -> frozenset[str]:
    """Give the chosen lines that were done: by their own name, or by their order's."""
    done = set(batch.done)
    return frozenset(
        each for each in batch.form.all("line") if {each, each.rpartition("/")[0]} & done
    )
