"""Figures: the dashboard, a metric with what it means and what is behind it, and the wait map.

/dashboard        eight tiles, cycle time, exceptions by type, suppliers, where lines wait
/metrics/NAME     the definition, the figure taken apart, the facts behind it, what was restated
/waiting          every open line: its place, whose turn, since when; /waiting.csv as a sheet
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from manciple.app.kept import Aged
from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.definition import Definition
from manciple.intelligence.metrics.fact import FactState
from manciple.intelligence.metrics.figure import By, Glance, Number, Question, Standing
from manciple.intelligence.metrics.period import Period, period
from manciple.intelligence.waiting import AGES, Place, Waiting, Waits, counted
from manciple.kernel.errors import Refused
from manciple.runtime.queries import Scope, scope_of
from manciple.runtime.rows import micros
from manciple.web.language import said
from manciple.web.pages import charts
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.figures import Figures
from manciple.web.pages.sheet import Column, sheet

PERIODS: Final = (
    ("7d", said("7 days")),
    ("28d", said("4 weeks")),
    ("90d", said("90 days")),
    ("all", said("Everything")),
)
_SUPPLIERS: Final = 8
_LENGTH: Final = 50
_CYCLE: Final = "requisition-to-po-cycle-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One metric at a glance.

    Attributes:
        change: against the period before, in the metric's unit; None where either is unknown.
        is_better: whether that is good; None where nobody can say.
        missing: what nobody tells, so that the figure is unknown; empty where it is known.
    """

    definition: Definition
    figure: Decimal | None
    words: str
    n: int
    change: Decimal | None
    is_better: bool | None
    spark: object
    missing: str = ""


def tile(now: Glance, before: Glance, weeks: Sequence[Number], definition: Definition) -> Tile:
    """Give a metric's tile from its figure, the one of the period before, and its weeks."""
    head = _head(now)
    figure = head.headline if head else None
    was = _head(before)
    old = was.headline if was else None
    change = None if figure is None or old is None else figure - old
    is_better = None
    if change and definition.more_is_better is not None:
        is_better = (change > 0) == definition.more_is_better
    words = f"{now.unit}"
    if now.standing is not Standing.KNOWN or figure is None:
        words = "no data" if now.standing is not Standing.UNKNOWN else "unknown"
    return Tile(
        definition=definition,
        figure=figure if now.standing is Standing.KNOWN else None,
        words=words,
        n=head.n if head else 0,
        change=change,
        is_better=is_better,
        spark=charts.spark([each.headline for each in weeks]),
        missing=now.missing[0] if now.missing else "",
    )


def _head(glance: Glance) -> Number | None:
    return glance.numbers[0] if glance.numbers else None


def before(asked: Period) -> Period:
    """Give the period of the same length just before."""
    length = asked.until - asked.start
    return Period(
        asked=f"before {asked.asked}", start=max(0, asked.start - length), end=asked.start,
        now=asked.now,
    )  # fmt: skip


class Measuring:
    """Serves the pages of figures."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/dashboard", self.dashboard, response_model=None)
        router.add_api_route("/metrics/{name}", self.metric, response_model=None)
        router.add_api_route("/waiting", self.waiting, response_model=None)
        router.add_api_route("/waiting.csv", self.waiting_sheet, response_model=None)
        return router

    def dashboard(
        self,
        request: Request,
        asked: Annotated[str, Query(alias="period", max_length=40)] = "28d",
        site: Annotated[str, Query(max_length=40)] = "",
        supplier: Annotated[str, Query(max_length=40)] = "",
        flow: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        """Show the process at a glance."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        now = self._desk.app.clock.now()
        when = self._period(asked, now)
        only = tuple(
            (by, value)
            for by, value in ((By.SITE, site), (By.SUPPLIER, supplier), (By.FLOW, flow))
            if value
        )
        figures = self._desk.figures()
        looks = figures.glance(
            *(
                _asked(reader, definition, span, by, only)
                for definition in registry.HEADLINES
                for span, by in ((when, None), (before(when), None), (_weeks(now), By.WEEK))
            )
        )
        weeks = {
            definition.id: weekly.numbers
            for definition, weekly in zip(registry.HEADLINES, looks[2::3], strict=True)
        }
        tiles = [
            tile(now_, then, weeks[definition.id], definition)
            for definition, now_, then in zip(
                registry.HEADLINES, looks[::3], looks[1::3], strict=True
            )
        ]
        aging = registry.find("exception-aging")
        kinds = figures.open_by_reason(aging, _narrowed(reader, site, supplier))
        waits = self._desk.waits(_narrowed(reader, site, supplier))
        places = self._places(waits, _narrowed(reader, site, supplier))
        suppliers = self._suppliers(figures, reader, when, now)
        freshness = self._desk.app.metrics.freshness(now)
        return self._desk.show(
            request,
            "dashboard.html",
            reader,
            tiles=tiles,
            cycle=_band(weeks.get(_CYCLE, ())),
            cycle_rows=weeks.get(_CYCLE, ()),
            kinds=kinds,
            kinds_drawn=_kinds_drawn(kinds),
            suppliers=suppliers,
            places=places,
            places_drawn=_places_drawn(places),
            ages=[name for name, _ in AGES],
            open_lines=len(waits.value.rows),
            left_out=waits.value.left_out,
            counted_at=waits.at,
            freshness=freshness,
            period=when.asked,
            periods=PERIODS,
            site=site,
            supplier=supplier,
            flow=flow,
        )

    def _period(self, asked: str, now: datetime) -> Period:
        try:
            return period(asked, now=now)
        except Refused:
            return period("28d", now=now)

    def _places(
        self, waits: Aged[Waits], scope: Scope
    ) -> tuple[tuple[Place, tuple[int, ...]], ...]:
        """Count where lines wait by place and age, at the instant at which they were read."""
        rows = waits.value.rows
        return self._desk.kept.of(
            ("places", scope), waits.at, lambda: _places(rows, waits.at), lambda _: len(rows)
        ).value

    def _suppliers(
        self, figures: Figures, reader: Reader, when: Period, now: datetime
    ) -> tuple[object, tuple[tuple[str, tuple[Decimal | None, ...]], ...], tuple[str, ...]]:
        """Give the heat map of late answers: suppliers with the most lines, by week."""
        latency = registry.find("supplier-acknowledgment-latency")
        (by_supplier,) = figures.glance(_asked(reader, latency, when, By.SUPPLIER))
        busiest = sorted(by_supplier.numbers, key=lambda each: (-each.n, each.group))[:_SUPPLIERS]
        looks = figures.glance(
            *(
                _asked(reader, latency, _weeks(now), By.WEEK, ((By.SUPPLIER, each.group),))
                for each in busiest
            )
        )
        rows = []
        weeks: list[str] = []
        cells: dict[str, dict[str, Decimal | None]] = {}
        for each, weekly in zip(busiest, looks, strict=True):
            cells[each.group] = {
                week.group: None if week.share is None else 100 - week.share
                for week in weekly.numbers
            }
            weeks += [week.group for week in weekly.numbers if week.group not in weeks]
        weeks.sort()
        for name, known in cells.items():
            rows.append((name, tuple(known.get(week) for week in weeks)))
        drawn = charts.heat(
            [
                charts.HeatRow(name=name, cells=values, address=f"/dashboard?supplier={name}")
                for name, values in rows
            ],
            weeks,
            label="Answers that came late, in percent, by supplier and week",
            unit="% late",
        )
        return drawn, tuple(rows), tuple(weeks)

    def metric(
        self,
        request: Request,
        name: str,
        asked: Annotated[str, Query(alias="period", max_length=40)] = "28d",
        by: By = By.SITE,
        state: FactState = FactState.DONE,
        after: Annotated[str | None, Query(max_length=400)] = None,
    ) -> Response:
        """Show what a metric means, its figure taken apart, and what is behind it."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        try:
            definition = registry.find(name)
        except Refused:
            return self._desk.missing(request, reader, "metric", name)
        now = self._desk.app.clock.now()
        when = self._period(asked, now)
        question = Question(
            definition=definition, period=when, scope=scope_of(reader.actor), by=None
        )
        facts = self._desk.app.metrics.facts(
            question, series=definition.id, state=state.value, after=after, limit=_LENGTH
        )
        figures = self._desk.figures()
        others = [registry.find(each) for each in definition.beside]
        weekly, *looks = figures.glance(
            _asked(reader, definition, _weeks(now), By.WEEK),
            *(_asked(reader, each, when, None) for each in others),
        )
        reading = figures.read(_asked(reader, definition, when, None))
        parts = figures.read(_asked(reader, definition, when, by))
        return self._desk.show(
            request,
            "metric.html",
            reader,
            definition=definition,
            reading=reading,
            parts=parts.series.get("", ()),
            beside=tuple(
                tile(look, look, (), each) for each, look in zip(others, looks, strict=True)
            ),
            counted_at=figures.oldest or now,
            weekly=weekly.numbers,
            drawn=_band(weekly.numbers),
            facts=facts.rows,
            older=facts.after,
            after=after,
            restated=self._desk.app.metrics.restatements(
                definition, after=None, limit=10, scope=scope_of(reader.actor)
            ).rows,
            by=by,
            bys=tuple(each for each in By if each is not By.DAY),
            state=state,
            states=tuple(FactState),
            period=when.asked,
            periods=PERIODS,
        )

    def waiting(
        self,
        request: Request,
        place: Annotated[str, Query(max_length=40)] = "",
        site: Annotated[str, Query(max_length=40)] = "",
        supplier: Annotated[str, Query(max_length=40)] = "",
        start: Annotated[int, Query(alias="from", ge=0, le=100_000)] = 0,
    ) -> Response:
        """Show every open line, the longest wait first."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        scope = _narrowed(reader, site, supplier)
        waits = self._desk.waits(scope)
        places = self._places(waits, scope)
        rows = [row for row in waits.value.rows if not place or row.place.value == place]
        return self._desk.show(
            request,
            "waiting.html",
            reader,
            rows=rows[start : start + _LENGTH],
            total=len(rows),
            start=start,
            further=start + _LENGTH if start + _LENGTH < len(rows) else None,
            left_out=waits.value.left_out,
            counted_at=waits.at,
            places=places,
            drawn=_places_drawn(places),
            ages=[name for name, _ in AGES],
            place=place,
            site=site,
            supplier=supplier,
        )

    def waiting_sheet(
        self,
        request: Request,
        place: Annotated[str, Query(max_length=40)] = "",
        site: Annotated[str, Query(max_length=40)] = "",
        supplier: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        """Give every open line of the same filter as a sheet, the longest wait first."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        waits = self._desk.app.waiting.waits(scope=_narrowed(reader, site, supplier))
        rows = [row for row in waits.rows if not place or row.place.value == place]
        return sheet("waiting", COLUMNS, [rows], left_out=waits.left_out)


COLUMNS: Final[tuple[Column[Waiting], ...]] = (
    Column(said("Line"), lambda row: row.line),
    Column(said("Item"), lambda row: row.item),
    Column(said("Waits for"), lambda row: row.place),
    Column(said("Whose turn"), lambda row: row.turn),
    Column(said("Site"), lambda row: row.site),
    Column(said("Supplier"), lambda row: row.supplier),
    Column(said("Since"), lambda row: row.since),
)
"""Where lines wait, as a sheet."""


def _asked(
    reader: Reader,
    definition: Definition,
    when: Period,
    by: By | None,
    only: tuple[tuple[By, str], ...] = (),
) -> Question:
    """Ask for what this reader may see."""
    return Question(
        definition=definition, period=when, by=by, scope=scope_of(reader.actor), only=only
    )


def _weeks(now: datetime) -> Period:
    """Give the last thirteen weeks."""
    start = now - timedelta(weeks=13)
    return Period(asked="13 weeks", start=micros(start), end=micros(now) + 1, now=micros(now))


def _narrowed(reader: Reader, site: str, supplier: str) -> Scope:
    """Give the reader's scope, narrowed to what they ask for and never widened."""
    scope = scope_of(reader.actor)
    sites = scope.sites
    if site:
        sites = (site,) if sites is None or site in sites else ("",)
    return Scope(sites=sites, supplier=supplier or scope.supplier)


def _band(weeks: Sequence[Number]) -> object:
    return charts.band(
        [
            charts.Spread(name=each.group, median=each.headline, high=each.p90 or each.headline)
            for each in weeks
        ],
        label="By week: the figure, and the 90th percentile where there is one",
        unit="",
    )


def _kinds_drawn(kinds: Sequence[tuple[str, int]]) -> object:
    return charts.ranked(
        [
            charts.Ranked(
                name=code.lower().replace("_", " ").capitalize(),
                figure=count,
                address=f"/exceptions?whose=all&code={code}",
            )
            for code, count in kinds
        ],
        label="Open exceptions by type",
    )


def _places(rows: Sequence[Waiting], now: datetime) -> tuple[tuple[Place, tuple[int, ...]], ...]:
    return tuple((place, tuple(ages)) for place, ages in counted(rows, now).items())


def _places_drawn(places: Sequence[tuple[Place, tuple[int, ...]]]) -> object:
    return charts.stacks(
        [
            charts.Stack(
                name=place.value[:1].upper() + place.value[1:],
                parts=ages,
                address=f"/waiting?place={place.value}" if any(ages) else "",
            )
            for place, ages in places
        ],
        label="Where open order lines wait, by place and age",
        legend=[name for name, _ in AGES],
    )
