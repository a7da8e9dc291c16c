"""Suppliers as a buyer sees them: how they keep their word, how they are reached, what is open.

/suppliers       everyone, with open lines, late lines and exceptions
/suppliers/ID    scorecard with n, period and trend; contacts, calendar, lead times; the channel's
                 health; disputes; open lines
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from manciple.cases.case import Case
from manciple.catalog.agreement import Agreement
from manciple.catalog.calendars import Calendar
from manciple.catalog.supplier import Supplier
from manciple.exchange.control_numbers import ControlSequence
from manciple.exchange.interchange import Direction, Interchange, Quarantined
from manciple.exchange.partner import Partner
from manciple.intelligence.lines import BoardQuery, Tab
from manciple.intelligence.metrics.period import period
from manciple.intelligence.metrics.scorecard import Score, scorecard
from manciple.runtime.queries import MOST_ROWS, LaneRow, Scope, scope_of
from manciple.web.language import said
from manciple.web.pages.desk import Desk, Reader
from manciple.web.pages.figures import Figures
from manciple.web.pages.layout import KNOWING
from manciple.web.pages.wording import number

_LENGTH: Final = 50
_FILES: Final = 100
_LINES: Final = 20
_TENTH: Final = Decimal("0.1")
PERIODS: Final = (("28d", said("4 weeks")), ("90d", said("90 days")))
"""The periods that are set side by side: the later one is what the earlier is measured by."""
_DAYS: Final = (said("Mon"), said("Tue"), said("Wed"), said("Thu"), said("Fri"), said("Sat"),
                said("Sun"))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One figure of the scorecard in both periods.

    Attributes:
        change: the short period's less the long one's; None where either is not known.
    """

    short: Score
    long: Score | None
    change: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leads:
    """Agreed lead times in working days: the shortest, the middle, the 90th percentile.

    Attributes:
        n: the agreements that state one.
        unstated: the agreements that state none.
    """

    n: int
    unstated: int
    shortest: int
    median: int
    p90: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """How a supplier's files come and go.

    Attributes:
        last_in, last_out: the newest file each way; None among the newest files there is none.
        missing: the control numbers that never came, by whose count.
        unread: messages that wait to be read or matched.
        lanes: of its endpoint: what waits, what died, whether it is stopped.
    """

    partner: Partner | None
    last_in: Interchange | None
    last_out: Interchange | None
    missing: tuple[tuple[str, str], ...]
    unread: tuple[Quarantined, ...]
    lanes: tuple[LaneRow, ...]


class Supplying:
    """Serves the pages of suppliers."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/suppliers", self.list, response_model=None)
        router.add_api_route("/suppliers/{name}", self.one, response_model=None)
        return router

    def list(
        self,
        request: Request,
        q: Annotated[str, Query(max_length=80)] = "",
        after: Annotated[str | None, Query(max_length=80)] = None,
    ) -> Response:
        """Show suppliers by number."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        if not reader.may(*KNOWING):
            return self._desk.missing(request, reader, "page", "/suppliers")
        now, scope = self._desk.app.clock.now(), scope_of(reader.actor)
        place = after if after is None or after.isprintable() else None
        aged = self._desk.kept.of(
            ("suppliers", scope, q, place),
            now,
            lambda: self._desk.app.supplier_list.page(
                text=q, scope=scope, now=now, after=place, limit=_LENGTH
            ),
            lambda page: sum(row.lines + row.exceptions for row in page.rows),
        )
        return self._desk.show(
            request,
            "suppliers.html",
            reader,
            rows=aged.value.rows,
            older=aged.value.after,
            counted_at=aged.at,
            after=after,
            q=q,
        )

    def one(self, request: Request, name: str) -> Response:
        """Show one supplier."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        stored = self._desk.found(reader, Supplier, name) if reader.may(*KNOWING) else None
        if stored is None:
            return self._desk.missing(request, reader, "supplier", name)
        supplier, app, now = stored.document, self._desk.app, self._desk.app.clock.now()
        scope = scope_of(reader.actor)
        calendar = app.peek(Calendar, supplier.calendar) if supplier.calendar else None
        figures = self._desk.figures()
        query = BoardQuery(tab=Tab.ALL, supplier=supplier.id)
        lines = app.lines.page(query, scope=scope, now=now, after=None, limit=_LINES)
        agreements = self._agreements(supplier.id)
        return self._desk.show(
            request,
            "supplier.html",
            reader,
            supplier=supplier,
            scores=self._scores(figures, reader, supplier.id),
            counted_at=figures.oldest or now,
            score_text=_text,
            change_text=_change,
            periods=PERIODS,
            calendar=calendar.calendar if calendar else None,
            days=_DAYS,
            agreed=len(agreements),
            leads=_leads(agreements),
            channel=self._channel(supplier.id),
            cases=self._cases(reader, supplier.id),
            lines=lines.rows,
            counts=app.lines.counts(query, scope=scope, now=now),
        )

    def _scores(self, figures: Figures, reader: Reader, supplier: str) -> tuple[Scored, ...]:
        now = self._desk.app.clock.now()
        short, long = (
            scorecard(figures, supplier, period(asked, now=now), scope=scope_of(reader.actor))
            for asked, _ in PERIODS
        )
        later = {(each.metric, each.variant): each for each in long.scores}
        return tuple(
            _scored(each, later.get((each.metric, each.variant))) for each in short.scores
        )

    def _agreements(self, supplier: str) -> Sequence[Agreement]:
        page = self._desk.app.documents.page(
            Agreement, scope=Scope(supplier=supplier), limit=MOST_ROWS
        )
        return tuple(each.document for each in page.rows)

    def _cases(self, reader: Reader, supplier: str) -> tuple[Case, ...]:
        scope = Scope(sites=scope_of(reader.actor).sites, supplier=supplier)
        tasks = self._desk.app.worklists.tasks("case", scope=scope, limit=_LINES)
        cases = self._desk.app.documents.many(Case, [task.id for task in tasks.rows])
        return tuple(cases.values())

    def _channel(self, supplier: str) -> Channel:
        app, scope = self._desk.app, Scope(supplier=supplier)
        partner = app.peek(Partner, supplier)
        files = app.documents.page(Interchange, scope=scope, limit=_FILES).rows
        sequences = app.documents.page(ControlSequence, scope=scope, limit=_LINES).rows
        unread = app.documents.page(Quarantined, scope=scope, state="waiting", limit=_LINES).rows
        return Channel(
            partner=partner,
            last_in=_last((each.document for each in files), Direction.IN),
            last_out=_last((each.document for each in files), Direction.OUT),
            missing=tuple(
                (each.document.scope, ", ".join(str(gap) for gap in each.document.missing))
                for each in sequences
                if each.document.missing
            ),
            unread=tuple(each.document for each in unread),
            lanes=tuple(
                lane
                for lane in app.history.lanes()
                if partner is not None and lane.endpoint == partner.endpoint
            ),
        )


def _last(files: Iterable[Interchange], way: Direction) -> Interchange | None:
    return max(
        (each for each in files if each.direction is way), key=lambda each: each.at, default=None
    )


def _scored(short: Score, long: Score | None) -> Scored:
    change = None
    if short.value is not None and long is not None and long.value is not None:
        change = short.value - long.value
    return Scored(short=short, long=long, change=change)


def _text(score: Score) -> str:
    """Write a figure to a tenth, with its unit."""
    assert score.value is not None
    return f"{number(score.value.quantize(_TENTH, ROUND_HALF_UP))} {score.unit}".strip()


def _change(scored: Scored) -> str:
    """Write by how much the short period is above the long one."""
    assert scored.change is not None
    change = scored.change.quantize(_TENTH, ROUND_HALF_UP)
    return f"{'+' if change > 0 else ''}{number(change)}"


def _leads(agreements: Sequence[Agreement]) -> Leads | None:
    """Sum agreed lead times up; the 90th percentile is the smallest that covers nine in ten."""
    days = sorted(each.lead_days for each in agreements if each.lead_days is not None)
    if not days:
        return None
    return Leads(
        n=len(days),
        unstated=len(agreements) - len(days),
        shortest=days[0],
        median=days[(len(days) - 1) // 2],
        p90=days[-(-len(days) * 9 // 10) - 1],
    )
