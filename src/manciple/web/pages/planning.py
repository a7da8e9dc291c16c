"""Planning: what suppliers promised, day by day, and all that is known of an item at a site.

/promises             needed, promised and slipped per day, and the lines behind it
/items                items by number or name
/items/ITEM/SITE      stock and its age, on order, ordered by week, how long it takes, what is set
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from manciple.app.item_sites import ItemSites, Week, monday_of
from manciple.app.needs import NeedDesk
from manciple.kernel.messages import Role
from manciple.ordering.queries import OpenLine
from manciple.runtime.queries import Whole, scope_of
from manciple.web.language import gettext, said
from manciple.web.pages import units
from manciple.web.pages.charts import WIDTH, across, ceiling, framed
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.sheet import Column, sheet
from manciple.web.pages.wording import number

MOST: Final = 2000
"""Open orders that the calendar looks at, the oldest."""
WEEKS: Final = 6
_LENGTH: Final = 50
_FOUND: Final = 50
_WEEK: Final = timedelta(days=7)
_ASKERS: Final = (Role.REQUESTER, Role.PLANNER, Role.MAINTENANCE)
VIEWS: Final = (
    ("all", said("Everything to come")),
    ("slipped", said("Slipped in the last 7 days")),
    ("late", said("Promised after the need")),
    ("silent", said("Not promised")),
    ("over", said("Should be here")),
)
"""The lists of lines, in the order in which they are offered."""


@dataclass(slots=True)
class Day:
    """One day of the calendar: how many lines are needed, promised, and slipped to it."""

    day: date
    needed: int = 0
    promised: int = 0
    slipped: int = 0
    silent: int = 0

    @property
    def is_empty(self) -> bool:
        """Say whether nothing falls on it."""
        return not (self.needed or self.promised)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Six weeks from a Monday, and how much falls before and after them."""

    weeks: tuple[tuple[Day, ...], ...]
    before: int
    after: int


def in_view(line: OpenLine, view: str, today: date) -> bool:
    """Say whether a line belongs to a list."""
    match view:
        case "slipped":
            return line.slipped_since(today - _WEEK)
        case "late":
            return bool(line.days_late and line.days_late > 0)
        case "silent":
            return line.promise is None
        case "over":
            return line.expected_on < today
        case _:
            return True


def calendar(lines: Iterable[OpenLine], first: date) -> Calendar:
    """Count lines by day; what falls outside the six weeks is counted before and after them."""
    days = {first + timedelta(days=n): Day(first + timedelta(days=n)) for n in range(7 * WEEKS)}
    last = first + timedelta(days=7 * WEEKS - 1)
    before = after = 0
    for line in lines:
        before += line.expected_on < first
        after += line.expected_on > last
        if line.needed_by in days:
            days[line.needed_by].needed += 1
            days[line.needed_by].silent += line.promise is None
        if line.promise in days:
            days[line.promise].promised += 1
            days[line.promise].slipped += bool(line.days_slipped and line.days_slipped > 0)
    found = list(days.values())
    weeks = tuple(tuple(found[7 * n : 7 * n + 7]) for n in range(WEEKS))
    return Calendar(weeks=weeks, before=before, after=after)


COLUMNS: Final[tuple[Column[OpenLine], ...]] = (
    Column(said("Order"), lambda row: row.order),
    Column(said("Line"), lambda row: row.line),
    Column(said("Item"), lambda row: row.item),
    Column(said("Description"), lambda row: row.description),
    Column(said("Supplier"), lambda row: row.supplier),
    Column(said("Site"), lambda row: row.site),
    Column(said("To come"), lambda row: row.open.value),
    Column(said("Unit"), lambda row: row.open.unit),
    Column(said("Needed by"), lambda row: row.needed_by),
    Column(said("First promise"), lambda row: row.first_promise),
    Column(said("Promise"), lambda row: row.promise),
    Column(said("Days slipped"), lambda row: row.days_slipped),
)
"""The lines as a sheet."""


class Planning:
    """Serves the planner's pages."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk
        self._cards = ItemSites(app=desk.app)

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/promises", self.promises, response_model=None)
        router.add_api_route("/promises.csv", self.promises_sheet, response_model=None)
        router.add_api_route("/items", self.items, response_model=None)
        router.add_api_route("/items/{item}/{site}", self.card, response_model=None)
        return router

    # ---- promises -------------------------------------------------------------------------

    def promises(
        self,
        request: Request,
        site: Annotated[str, Query(max_length=80)] = "",
        supplier: Annotated[str, Query(max_length=80)] = "",
        view: Annotated[str, Query(pattern="^(all|slipped|late|silent|over)$")] = "all",
        day: date | None = None,
        start: date | None = None,
        skip: Annotated[int, Query(ge=0, le=100_000)] = 0,
    ) -> Response:
        """Show what is to come by day, and the lines of a list or of a day."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        today = self._desk.app.clock.now().date()
        aged = self._desk.lines.of(
            ("to come", scope_of(reader.actor), site, supplier),
            self._desk.app.clock.now(),
            lambda: self._to_come(reader, site, supplier),
            lambda found: len(found.rows),
        )
        whole = aged.value
        rows = self._rows(whole, view, day, today)
        shown = rows[skip : skip + _LENGTH]
        first = monday_of(min(max(start or today, today - 52 * _WEEK), today + 104 * _WEEK))
        return self._desk.show(
            request,
            "promises.html",
            reader,
            calendar=calendar(whole.rows, first),
            rows=shown,
            total=len(rows),
            left_out=whole.left_out,
            counted_at=aged.at,
            counts={
                name: sum(in_view(line, name, today) for line in whole.rows) for name, _ in VIEWS
            },
            lists=VIEWS,
            cases=self._cards.cases([(each.order, each.line) for each in shown]),
            sites=NeedDesk(app=self._desk.app).sites(reader.actor),
            suppliers=sorted({line.supplier for line in whole.rows} | ({supplier} - {""})),
            site=site,
            supplier=supplier,
            view=view,
            day=day,
            today=today,
            first=first,
            earlier=first - WEEKS * _WEEK,
            later=first + WEEKS * _WEEK,
            skip=skip,
            more=skip + _LENGTH if skip + _LENGTH < len(rows) else None,
        )

    def promises_sheet(
        self,
        request: Request,
        site: Annotated[str, Query(max_length=80)] = "",
        supplier: Annotated[str, Query(max_length=80)] = "",
        view: Annotated[str, Query(pattern="^(all|slipped|late|silent|over)$")] = "all",
        day: date | None = None,
    ) -> Response:
        """Give the lines of the same list as a sheet."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        today = self._desk.app.clock.now().date()
        whole = self._to_come(reader, site, supplier)
        rows = self._rows(whole, view, day, today)
        return sheet("promises", COLUMNS, [rows], left_out=whole.left_out)

    def _to_come(self, reader: Reader, site: str, supplier: str) -> Whole[OpenLine]:
        return self._desk.app.order_lines.to_come(
            scope=scope_of(reader.actor), site=site, supplier=supplier, most=MOST
        )

    def _rows(
        self, whole: Whole[OpenLine], view: str, day: date | None, today: date
    ) -> Sequence[OpenLine]:
        """Give the lines of a list, the first expected first; of a day, those that fall on it."""
        found = [
            line
            for line in whole.rows
            if in_view(line, view, today)
            and (day is None or day in {line.needed_by, line.promise})
        ]
        return sorted(found, key=lambda line: (line.expected_on, line.order, line.line))

    # ---- items ----------------------------------------------------------------------------

    def items(
        self,
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        site: Annotated[str, Query(max_length=80)] = "",
    ) -> Response:
        """Find items by number or name."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        sites = NeedDesk(app=self._desk.app).sites(reader.actor)
        chosen = site if any(each.id == site for each in sites) else sites[0].id if sites else ""
        return self._desk.show(
            request,
            "items.html",
            reader,
            q=q,
            sites=sites,
            site=chosen,
            found=self._desk.app.items.found(q, most=_FOUND) if q.isprintable() else (),
            most=_FOUND,
        )

    def card(self, request: Request, item: str, site: str) -> Response:
        """Show all that is known of an item at a site."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        is_name = item.isprintable() and site.isprintable() and len(item) + len(site) <= 200  # noqa: PLR2004 -- names are short
        card = self._cards.one(item, site, reader.actor) if is_name else None
        if card is None:
            return self._desk.missing(request, reader, gettext("item at a site"), f"{item} {site}")
        return self._desk.show(
            request,
            "item-site.html",
            reader,
            card=card,
            drawn=columns(card.weeks, unit=card.item.base_unit.value),
            sites=NeedDesk(app=self._desk.app).sites(reader.actor),
            may_ask=reader.actor.has(*_ASKERS),
        )


def columns(weeks: Sequence[Week], *, unit: str) -> Markup:
    """Draw one column a week; a week without an order is an empty place, and says so."""
    top = ceiling(max((each.ordered for each in weeks), default=Decimal(0)))
    high, left, foot = 150, 48, 22
    step = Decimal(WIDTH - left) / max(1, len(weeks))
    drawn = [
        Markup(
            '<line class="chart-grid" x1="{left}" x2="100%" y1="{y}" y2="{y}"/>'
            '<text x="{left}" dx="-6" y="{label}" text-anchor="end">{value}</text>'
        ).format(left=across(left), y=_tenth(y), label=_tenth(y + 4), value=number(v))
        for v, y in (
            (top * part / 2, Decimal(high - foot) - Decimal(high - foot - 8) * part / 2)
            for part in range(3)
        )
    ]
    for place, each in enumerate(weeks):
        tall = Decimal(high - foot - 8) * each.ordered / top
        words = gettext("Week of %(day)s: %(much)s %(unit)s ordered") % {
            "day": each.monday.isoformat(), "much": number(each.ordered),
            "unit": units.unit(unit, each.ordered),
        }  # fmt: skip
        x = left + place * step
        drawn.append(
            Markup(
                '<rect class="chart-bar" x="{}" y="{}" width="{}" height="{}" rx="2">'
                "<title>{}</title></rect>"
            ).format(
                across(x + 2),
                _tenth(Decimal(high - foot) - tall),
                across(step - 4),
                _tenth(max(tall, Decimal(0))),
                words,
            )
        )
        if place % 5 == 0:
            drawn.append(
                Markup('<text x="{}" y="{}"{}>{}</text>').format(
                    across(x + 2) if place + 1 < len(weeks) else "100%",
                    high - 4,
                    Markup("") if place + 1 < len(weeks) else Markup(' text-anchor="end"'),
                    f"{each.monday.day} {each.monday:%b}",
                )
            )
    return framed(drawn, label=gettext("Ordered by week"), height=high)


def _tenth(value: Decimal | int) -> Decimal:
    return Decimal(value).quantize(Decimal("0.1"))
