"""Figures over the facts: each question reads an index of the facts, never the history."""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import sqlalchemy as sa

from manciple.adapters.sql import sums
from manciple.adapters.sql.engine import Row, Session, reading
from manciple.adapters.sql.glancing import Gathered, can_be_glanced, gathered
from manciple.adapters.sql.types import unscaled
from manciple.catalog.calendars import OFFICE
from manciple.intelligence.metrics.case import AGING
from manciple.intelligence.metrics.definition import Definition, Measure
from manciple.intelligence.metrics.fact import DAY, FactState
from manciple.intelligence.metrics.figure import (
    BUCKETS,
    HOUR,
    Bucket,
    By,
    FactRow,
    Freshness,
    Glance,
    Number,
    Question,
    Reading,
    RestatementRow,
    Standing,
    between,
    bucket_of,
    ranks_of,
    share_of,
    shown,
    survival_median,
)
from manciple.intelligence.metrics.following import VERSION
from manciple.intelligence.metrics.place import Hours, Place, business_days
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import refuse
from manciple.kernel.records import dataclass, replace
from manciple.runtime.codec import decode
from manciple.runtime.queries import MOST_ROWS, Page, Scope
from manciple.runtime.rows import moment

MOST_WAITS = 100_000
"""Facts up to which the Kaplan-Meier median is reckoned; beyond it, it is not told."""
_GROUPS: Mapping[By, str] = {
    By.SITE: "site",
    By.SUPPLIER: "supplier",
    By.FLOW: "flow",
    By.REASON: "reason",
    By.DAY: f"at / {DAY}",
    By.WEEK: f"(at / {DAY} + 3) / 7",
}
"""What facts are grouped by; day 0 of the count, 1970-01-01, was a Thursday."""
_COLUMNS: Mapping[By, str] = {
    By.SITE: "site",
    By.SUPPLIER: "supplier",
    By.FLOW: "flow",
    By.REASON: "reason",
}
L = TypeVar("L", Place, Hours)
_MEDIAN, _P90 = 50, 90
_PERCENTILES: Mapping[str, str] = {
    "low50": f"(n - 1) * {_MEDIAN} / 100 + 1",
    "high50": f"(n - 1) * {_MEDIAN} / 100 + 2",
    "low90": f"(n - 1) * {_P90} / 100 + 1",
    "high90": f"(n - 1) * {_P90} / 100 + 2",
}
"""The ranks between which a percentile lies, as whole-number arithmetic of the database."""


@dataclass(slots=True)
class _Group:
    """What was read of one group so far."""

    n: int = 0
    total: int = 0
    part: int | None = None
    whole: int | None = None
    is_one_unit: bool = True
    ranked: dict[int, int] = field(default_factory=dict)
    ranked_open: dict[int, int] = field(default_factory=dict)
    n_open: int = 0
    censored: int = 0
    estimate: int | None = None
    excluded: dict[str, int] = field(default_factory=dict)
    buckets: dict[str, int] = field(default_factory=dict)


class SqlMetrics:
    """Answers questions about metrics."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def read(self, question: Question) -> Reading:
        """Answer a question about a metric."""
        definition, asked = question.definition, question.period
        with reading(self._engine) as session:
            series: dict[str, tuple[Number, ...]] = {}
            is_told = _is_told(session, definition)
            if is_told:
                for name in definition.series:
                    series[name.partition("/")[2]] = _numbers(session, question, name)
            fresh = _freshness(session, moment(asked.now))
            restated = _count_restated(session, question)
        headline = series.get("", ())
        is_known = any(each.censored or each.standing is Standing.KNOWN for each in headline)
        standing = Standing.KNOWN if is_known else None
        if standing is None:
            standing = Standing.NO_DATA if is_told else Standing.UNKNOWN
        return Reading(
            metric=definition.id,
            version=definition.version,
            unit=definition.unit,
            standing=standing,
            missing=() if is_told else definition.missing,
            period=asked.asked,
            start=moment(asked.start),
            end=moment(asked.until),
            by=question.by,
            series=series,
            restatements=restated,
            freshness=fresh,
        )

    def glance(self, *questions: Question) -> tuple[Glance, ...]:
        """Give metrics' headlines alone, from the sums of their facts where they are made."""
        with reading(self._engine) as session:
            told = {
                name: _is_told(session, definition)
                for name, definition in {q.definition.id: q.definition for q in questions}.items()
            }
            numbers: list[tuple[Number, ...]] = [()] * len(questions)
            asked = [n for n, each in enumerate(questions) if told[each.definition.id]]
            is_made = sums.is_made(session)
            summed = [n for n in asked if is_made and can_be_glanced(questions[n])]
            found = gathered(session, [questions[n] for n in summed])
            for n, groups in zip(summed, found, strict=True):
                numbers[n] = _glanced(questions[n], groups)
            for n in sorted({*asked} - {*summed}):
                numbers[n] = _numbers(session, questions[n], questions[n].definition.id)
        return tuple(
            _glance(question.definition, each, is_told=told[question.definition.id])
            for question, each in zip(questions, numbers, strict=True)
        )

    def facts(
        self, question: Question, *, series: str, state: str, after: str | None, limit: int
    ) -> Page[FactRow]:
        """Give the facts behind a figure: the newest first, open ones by age."""
        most = max(1, min(limit, MOST_ROWS))
        with reading(self._engine) as session:
            where, values = _where(session, question, series)
            if state == FactState.OPEN:
                order, column = "opened_at, key", "opened_at"
                where += " and state = 'open' and opened_at < ?"
                values.append(question.period.until)
                step = "(opened_at, key) > (?, ?)"
            else:
                order, column = "at desc, key desc", "at"
                where += " and state = ? and at >= ? and at < ?"
                values += [state, question.period.start, question.period.until]
                step = "(at, key) < (?, ?)"
            if after is not None:
                where += f" and {step}"
                values += _cursor(after)
            rows = session.rows(
                "select metric, key, state, opened_at, at, value, part, whole, unit, site, "  # noqa: S608  our own words; values are bound
                f"supplier, flow, reason, seq, {column} from metric_fact where {where} "
                f"order by {order} limit ?",
                [*values, most + 1],
            )
        found = rows[:most]
        measure = question.definition.measure
        mark = f"{found[-1][14]}~{found[-1][1]}" if len(rows) > most else None
        return Page(rows=tuple(_fact_row(row, measure) for row in found), after=mark)

    def restatements(
        self, definition: Definition, *, after: str | None, limit: int, scope: Scope
    ) -> Page[RestatementRow]:
        """Give what was restated, newest first."""
        most = max(1, min(limit, MOST_ROWS))
        with reading(self._engine) as session:
            where, values = _scoped(session, scope)
            names = session.among("metric")
            where = f"{names}{where}"
            values = [session.keys(definition.series), *values]
            if after is not None:
                where += " and n < ?"
                values.append(_whole(after))
            rows = session.rows(
                "select metric, key, day, old, new, event, seq, at, n from metric_restatement "  # noqa: S608  our own words; values are bound
                f"where {where} order by n desc limit ?",
                [*values, most + 1],
            )
        found = rows[:most]
        measure = definition.measure
        mark = str(found[-1][8]) if len(rows) > most else None
        return Page(rows=tuple(_restatement_row(row, measure) for row in found), after=mark)

    def open_by_reason(self, definition: Definition, scope: Scope) -> tuple[tuple[str, int], ...]:
        """Count what is open by the word that tells it apart, the most first."""
        with reading(self._engine) as session:
            where, values = _scoped(session, scope)
            rows = session.rows(
                "select reason, count(*) from metric_fact where metric = ? and state = 'open'"  # noqa: S608  our own words; values are bound
                f"{where} group by reason",
                [definition.id, *values],
            )
        return tuple(
            sorted(((str(word), int(n)) for word, n in rows), key=lambda r: (-r[1], r[0]))
        )

    def freshness(self, now: datetime) -> Freshness:
        """Say how far the figures are behind."""
        with reading(self._engine) as session:
            return _freshness(session, now)


def _glance(definition: Definition, numbers: tuple[Number, ...], *, is_told: bool) -> Glance:
    unsaid = Standing.NO_DATA if is_told else Standing.UNKNOWN
    return Glance(
        unit=definition.unit,
        standing=Standing.KNOWN
        if any(each.standing is Standing.KNOWN for each in numbers)
        else unsaid,
        missing=() if is_told else definition.missing,
        numbers=numbers,
    )


def _is_told(session: Session, definition: Definition) -> bool:
    """Say whether somebody tells what the metric needs."""
    if not definition.missing:
        return True
    return (
        session.one("select 1 from metric_fact where metric = ? limit 1", (definition.witness,))
        is not None
    )


# ---- one series -------------------------------------------------------------------------------


def _numbers(session: Session, question: Question, series: str) -> tuple[Number, ...]:
    measure = question.definition.measure
    groups: dict[object, _Group] = {}
    _add_done(session, question, series, groups)
    if measure in {Measure.DURATION, Measure.AGE}:
        _add_ranked(session, question, series, groups)
    if question.by not in {By.DAY, By.WEEK}:
        if measure is Measure.DURATION:
            _add_censored(session, question, series, groups)
        if measure is Measure.AGE:
            _add_ages(session, question, series, groups)
    _add_excluded(session, question, series, groups)
    if not groups and question.by is None:
        groups[""] = _Group()
    named = sorted(((_name(key, question.by), group) for key, group in groups.items()))
    return tuple(_number(name, group, measure, series) for name, group in named)


def _glanced(question: Question, pieces: Mapping[Any, Gathered]) -> tuple[Number, ...]:
    """Make the figures of what was gathered from sums."""
    measure = question.definition.measure
    groups: dict[object, _Group] = {}
    for key, found in pieces.items():
        ranked, count = found.ranked()
        is_age = measure is Measure.AGE
        groups[key] = _Group(
            n=found.n,
            total=found.total,
            part=found.part,
            whole=found.whole,
            is_one_unit=len(found.units) <= 1,
            ranked={} if is_age else ranked,
            ranked_open=ranked if is_age else {},
            n_open=count if is_age else 0,
        )
    if not groups and question.by is None:
        groups[""] = _Group()
    named = sorted(((_name(key, question.by), group) for key, group in groups.items()))
    return tuple(_number(name, group, measure, question.definition.id) for name, group in named)


def _name(key: object, by: By | None) -> str:
    """Write a group's name; a week by its Monday."""
    if by is By.DAY:
        return _day(int(str(key))).isoformat()
    if by is By.WEEK:
        return _day(int(str(key)) * 7 - 3).isoformat()
    return str(key)


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _add_done(
    session: Session, question: Question, series: str, groups: dict[object, _Group]
) -> None:
    where, values = _done(session, question, series)
    by = _by(question)
    rows = session.rows(
        f"select {by}, count(*), sum(value), sum(part), sum(whole), min(unit), max(unit), "  # noqa: S608  our own words; values are bound
        f"count(business) from metric_fact where {where} group by 1",
        values,
    )
    for key, n, total, part, whole, first, last, n_open in rows:
        group = groups.setdefault(key, _Group())
        group.n, group.total, group.n_open = n, int(total or 0), n_open
        group.part, group.whole = _int(part), _int(whole)
        group.is_one_unit = first == last


def _add_ranked(
    session: Session, question: Question, series: str, groups: dict[object, _Group]
) -> None:
    """Read the values at the ranks that a percentile needs: four rows a group."""
    where, values = _done(session, question, series)
    by = _by(question)
    marks = " or ".join(f"place = {rank}" for rank in _PERCENTILES.values())
    for column in ("value", "business"):
        rows = session.rows(
            f"select g, place, {column} from (select {by} as g, {column}, "  # noqa: S608  our own words; values are bound
            f"row_number() over (partition by {by} order by {column}) as place, "
            f"count(*) over (partition by {by}) as n "
            f"from metric_fact where {where} and {column} is not null) as ranked where {marks}",
            values,
        )
        for key, place, value in rows:
            group = groups.setdefault(key, _Group())
            ranked = group.ranked if column == "value" else group.ranked_open
            ranked[place] = value


def _add_censored(
    session: Session, question: Question, series: str, groups: dict[object, _Group]
) -> None:
    where, values = _where(session, question, series)
    until, by = question.period.until, _by(question)
    is_open = (
        "((state = 'open' and opened_at < ?) or (state = 'done' and at >= ? and opened_at < ?))"
    )
    rows = session.rows(
        f"select {by}, count(*) from metric_fact where {where} and {is_open} group by 1",  # noqa: S608  our own words; values are bound
        [*values, until, until, until],
    )
    for key, count in rows:
        groups.setdefault(key, _Group()).censored = count
    total = sum(group.n + group.censored for group in groups.values())
    if not rows or total > MOST_WAITS:
        return
    done, done_values = _done(session, question, series)
    waits = session.rows(
        f"select {by} as g, value as wait, 1 as done from metric_fact where {done} "  # noqa: S608  our own words; values are bound
        f"union all select {by}, ? - opened_at, 0 from metric_fact where {where} and {is_open} "
        "order by 1, 2, 3 desc",
        [*done_values, until, *values, until, until, until],
    )
    for key, group in groups.items():
        mine = ((wait, bool(is_done)) for g, wait, is_done in waits if g == key)
        if group.censored:
            group.estimate = survival_median(mine, group.n + group.censored)


def _add_ages(
    session: Session, question: Question, series: str, groups: dict[object, _Group]
) -> None:
    """Age the open work by the asker's clock, in business days of its site."""
    where, values = _where(session, question, series)
    rows = session.rows(
        f"select {_by(question)}, site, opened_at from metric_fact "  # noqa: S608  our own words; values are bound
        f"where {where} and state = 'open' and opened_at < ?",
        [*values, question.period.until],
    )
    hours: dict[str, BusinessCalendar] = {}
    for key, site, opened_at in rows:
        if site not in hours:
            hours[site] = _hours(session, site)
        group = groups.setdefault(key, _Group())
        group.censored += 1
        name = bucket_of(business_days(hours[site], opened_at, question.period.now))
        group.buckets[name] = group.buckets.get(name, 0) + 1


def _hours(session: Session, site: str) -> BusinessCalendar:
    place = _life(session, f"site/{site}", Place)
    hours = _life(session, f"calendar/{place.calendar}", Hours) if place else None
    return hours.calendar if hours else OFFICE


def _life(session: Session, key: str, kind: type[L]) -> L | None:
    row = session.one("select body from metric_life where key = ?", (key,))
    return None if row is None else decode(row[0], kind)


def _add_excluded(
    session: Session, question: Question, series: str, groups: dict[object, _Group]
) -> None:
    where, values = _where(session, question, series)
    rows = session.rows(
        f"select {_by(question)}, reason, count(*) from metric_fact where {where} "  # noqa: S608  our own words; values are bound
        "and state = 'out' and at >= ? and at < ? group by 1, 2",
        [*values, question.period.start, question.period.until],
    )
    for key, reason, count in rows:
        groups.setdefault(key, _Group()).excluded[reason] = count


def _number(name: str, group: _Group, measure: Measure, series: str) -> Number:
    """Make the figures of a group; of nothing there are none."""
    number = Number(
        group=name,
        n=group.n,
        standing=Standing.KNOWN if group.n else Standing.NO_DATA,
        censored=group.censored,
        excluded=dict(sorted(group.excluded.items())),
    )
    if series == AGING:
        buckets = tuple(Bucket(name, group.buckets.get(name, 0)) for name, _ in BUCKETS)
        number = replace(number, buckets=buckets)
    if measure is Measure.DURATION:
        number = replace(number, estimate=shown(group.estimate, unit=HOUR))
    return _measured(number, group, measure) if group.n else number


def _measured(number: Number, group: _Group, measure: Measure) -> Number:
    """Add what a measure makes of a group that is not empty."""
    match measure:
        case Measure.DURATION:
            return replace(
                number,
                median=_rank(group.ranked, group.n, _MEDIAN, HOUR),
                p90=_rank(group.ranked, group.n, _P90, HOUR),
                mean=shown(Fraction(group.total, group.n), unit=HOUR),
                open_hours=_rank(group.ranked_open, group.n_open, _MEDIAN, HOUR),
                share=share_of(group.part or 0, group.whole or 0),
            )
        case Measure.AGE:
            return replace(
                number,
                median=_rank(group.ranked_open, group.n_open, _MEDIAN, DAY),
                p90=_rank(group.ranked_open, group.n_open, _P90, DAY),
                elapsed_days=_rank(group.ranked, group.n, _MEDIAN, DAY),
            )
        case Measure.SHARE:
            return replace(
                number,
                share=share_of(group.total, group.n),
                weighted=share_of(group.part or 0, group.whole or 0)
                if group.is_one_unit
                else None,
            )
        case Measure.TOTAL:
            return replace(
                number, total=shown(group.total, unit=10**6) if group.is_one_unit else None
            )
        case Measure.RATIO:
            share = share_of(group.part or 0, group.whole or 0) if group.is_one_unit else None
            is_told = share is not None and (group.whole or 0) > 0
            return replace(
                number,
                share=share if is_told else None,
                standing=Standing.KNOWN if is_told else Standing.NO_DATA,
            )
        case Measure.RATE:
            return replace(
                number,
                mean=shown(Fraction(group.total, group.n * 10**4)),
                weighted=share_of(group.part or 0, group.whole or 0)
                if group.is_one_unit
                else None,
            )


def _rank(ranked: Mapping[int, int], n: int, percent: int, unit: int) -> Decimal | None:
    ranks = ranks_of(n, percent)
    if ranks is None or not ranked:
        return None
    low, high, share = ranks
    return shown(between(ranked[low], ranked[high], share), unit=unit)


# ---- conditions -------------------------------------------------------------------------------


def _by(question: Question) -> str:
    return "cast('' as text)" if question.by is None else _GROUPS[question.by]


def _where(session: Session, question: Question, series: str) -> tuple[str, list[object]]:
    scoped, values = _scoped(session, question.scope)
    where = f"metric = ?{scoped}"
    values = [series, *values]
    for by, value in question.only:
        where += f" and {_COLUMNS[by]} = ?"
        values.append(value)
    return where, values


def _scoped(session: Session, scope: Scope) -> tuple[str, list[object]]:
    """Leave out what is not the asker's to see."""
    where = ""
    values: list[object] = []
    if scope.supplier is not None:
        where += " and supplier = ?"
        values.append(scope.supplier)
    if scope.sites is not None:
        where += f" and {session.among('site')}"
        values.append(session.keys(scope.sites))
    return where, values


def _done(session: Session, question: Question, series: str) -> tuple[str, list[object]]:
    where, values = _where(session, question, series)
    period = question.period
    return f"{where} and state = 'done' and at >= ? and at < ?", [
        *values, period.start, period.until,
    ]  # fmt: skip


def _count_restated(session: Session, question: Question) -> int:
    where, values = _scoped(session, question.scope)
    for by, value in question.only:
        if by is not By.REASON:
            where += f" and {_COLUMNS[by]} = ?"
            values.append(value)
    row = session.one(
        f"select count(*) from metric_restatement where {session.among('metric')}{where} "  # noqa: S608  our own words; values are bound
        "and day >= ? and day < ?",
        [
            session.keys(question.definition.series),
            *values,
            question.period.start // DAY,
            -(-question.period.until // DAY),
        ],
    )
    return int(row[0]) if row else 0


def _freshness(session: Session, now: datetime) -> Freshness:
    row = session.one(_FRESHNESS, (VERSION, VERSION))
    sealed, followed, next_at, tail_at = row or (0, 0, None, None)
    oldest = tail_at if next_at is None else next_at
    behind = timedelta(0) if oldest is None else now.astimezone(UTC) - moment(oldest)
    return Freshness(
        sealed=int(sealed or 0),
        followed=int(followed),
        behind=max(behind, timedelta(0)) if oldest is not None else behind,
    )


_FOLLOWED = "coalesce((select seq from metric_progress where name = 'facts' and version = ?), 0)"
_FRESHNESS = (
    f"select (select last from seal order by last desc limit 1), {_FOLLOWED}, "  # noqa: S608  our own words; values are bound
    f"(select at from event where seq = 1 + {_FOLLOWED}), "
    "(select at from event where seq is null order by n limit 1)"
)


# ---- rows -------------------------------------------------------------------------------------


def _int(value: object) -> int | None:
    return None if value is None else int(str(value))


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refuse("BAD_CURSOR", "this cursor is none of ours", field="after") from None


def _cursor(after: str) -> list[object]:
    at, mark, key = after.partition("~")
    if not mark:
        raise refuse("BAD_CURSOR", "this cursor is none of ours", field="after")
    return [_whole(at), key]


def _valued(value: int | None, measure: Measure) -> Decimal | None:
    """Give a fact's value in the unit that people read."""
    if value is None:
        return None
    match measure:
        case Measure.DURATION:
            return shown(value, unit=HOUR)
        case Measure.AGE:
            return shown(value, unit=DAY)
        case Measure.RATE:
            return shown(value, unit=10**4)
        case Measure.TOTAL | Measure.RATIO:
            return shown(value, unit=10**6)
        case Measure.SHARE:
            return Decimal(value)


def _fact_row(row: Row, measure: Measure) -> FactRow:
    part, whole = row[6], row[7]
    counts = measure is Measure.DURATION
    return FactRow(
        metric=row[0],
        key=row[1],
        state=row[2],
        opened_at=None if row[3] is None else moment(row[3]),
        at=None if row[4] is None else moment(row[4]),
        value=_valued(row[5], measure),
        part=None if part is None else Decimal(part) if counts else unscaled(part),
        whole=None if whole is None else Decimal(whole) if counts else unscaled(whole),
        unit=row[8],
        site=row[9],
        supplier=row[10],
        flow=row[11],
        reason=row[12],
        sequence=row[13],
    )


def _restatement_row(row: Row, measure: Measure) -> RestatementRow:
    return RestatementRow(
        metric=row[0],
        key=row[1],
        day=_day(row[2]),
        old=_valued(row[3], measure),
        new=_valued(row[4], measure),
        event=row[5],
        sequence=row[6],
        at=moment(row[7]),
    )
