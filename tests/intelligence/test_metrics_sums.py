"""Figures from sums are those from the facts themselves, whatever changed meanwhile."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from manciple.adapters.sql import sums
from manciple.adapters.sql.engine import Session, open_engine, reading, transaction
from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.metrics import SqlMetrics
from manciple.adapters.sql.sums import Piece, pieces
from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.definition import Measure
from manciple.intelligence.metrics.fact import DAY, Fact
from manciple.intelligence.metrics.figure import HOUR, By, Number, Question
from manciple.intelligence.metrics.freight import INBOUND
from manciple.intelligence.metrics.period import Period, period
from manciple.kernel.records import replace
from manciple.runtime.queries import EVERYTHING, Scope
from manciple.runtime.work import StoreError
from tests.databases import KINDS, database

NOW = datetime(2026, 3, 2, 15, 24, 7, tzinfo=UTC)
AT = int(NOW.timestamp()) * 10**6
SEEN = tuple(
    next(
        each
        for each in registry.DEFINITIONS
        if each.measure is measure and (not each.missing or measure is Measure.RATIO)
    )
    for measure in (Measure.DURATION, Measure.AGE, Measure.SHARE, Measure.RATE, Measure.RATIO)
)
"""One metric of each measure."""
_INSERT = (
    "insert into metric_fact (metric, key, state, opened_at, at, value, business, part, whole, "
    "unit, site, supplier, flow, reason, seq) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,1)"
)


def a_fact(chance: random.Random, metric: str, key: str) -> Fact:
    at = AT - chance.randrange(70 * DAY)
    if chance.random() < 0.2:
        at -= at % chance.choice((HOUR, DAY))
    took = chance.choice((HOUR, 2 * HOUR, chance.randrange(1, 9 * DAY)))
    is_share = registry.find(metric).measure is Measure.SHARE
    return Fact(
        metric=metric,
        key=key,
        state=chance.choice(("done", "done", "done", "open", "out")),
        opened_at=at - took,
        at=at,
        value=chance.randrange(2) if is_share else took,
        business=chance.choice((None, took // 3)),
        part=chance.choice((None, 3 * 10**6)),
        whole=4 * 10**6,
        unit=chance.choice(("", "", "EA")),
        site=chance.choice(("ATL", "DFW")),
        supplier=chance.choice(("ADLER", "BLUE")),
        flow=chance.choice(("direct", "emergency")),
    )


def told(session: Any, *facts: Fact) -> None:
    session.write_all(_INSERT, [tuple(each) for each in facts])


@pytest.fixture(scope="module", params=KINDS)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.Engine]:
    """Give a database with facts, half of which were changed after they had been summed."""
    chance = random.Random(7)
    with database(request.param, tmp_path_factory.mktemp("sums")) as url:
        made = open_engine(url)
        first = [a_fact(chance, each.id, f"K{n}") for each in SEEN for n in range(120)]
        was: dict[tuple[str, str], Fact | None] = {}
        facts: dict[tuple[str, str], tuple[Fact, int] | None] = {}
        for fact in first[::2]:
            was[fact.name] = fact
            gone = chance.random() < 0.3
            facts[fact.name] = None if gone else (a_fact(chance, *fact.name), 2)
        for each in SEEN:
            new = a_fact(chance, each.id, "NEW")
            was[new.name], facts[new.name] = None, (new, 2)
        with transaction(made) as session:
            told(session, *first, a_fact(random.Random(8), INBOUND, "somebody tells of freight"))
            sums.remake(session)
            session.write_all("delete from metric_fact where metric = ? and key = ?", list(was))
            told(session, *(each[0] for each in facts.values() if each is not None))
            sums.keep(session, cast("Any", SimpleNamespace(was=was, facts=facts)))
        yield made
        made.dispose()


PERIODS = (
    period("28d", now=NOW),
    period("all", now=NOW),
    period("2026-02-03", now=NOW),
    Period(asked="an hour cut", start=AT - 40 * DAY + 7, end=AT - 40 * DAY + 3 * HOUR, now=AT),
    Period(asked="some minutes", start=AT - 9 * DAY, end=AT - 9 * DAY + HOUR // 3, now=AT),
)
WHOSE: tuple[tuple[Scope, tuple[tuple[By, str], ...]], ...] = (
    (EVERYTHING, ()),
    (Scope(sites=("DFW",)), ()),
    (EVERYTHING, ((By.SUPPLIER, "ADLER"),)),
    (Scope(supplier="BLUE"), ((By.SITE, "ATL"), (By.FLOW, "direct"))),
)
BYS = (None, By.SITE, By.SUPPLIER, By.FLOW, By.DAY, By.WEEK)


def seen(number: Number) -> Number:
    """Give a number of the whole answer as far as a glance tells it."""
    return replace(
        number, open_hours=None, elapsed_days=None, censored=0, estimate=None,
        excluded={}, buckets=(),
    )  # fmt: skip


@pytest.mark.parametrize("definition", SEEN, ids=lambda each: str(each.id))
def test_a_glance_is_equal_to_the_whole_answer(engine: sa.Engine, definition: Any) -> None:
    metrics = SqlMetrics(engine)
    compared = 0
    is_slow = engine.dialect.name == "postgresql"
    questions = [
        Question(definition=definition, period=when, by=by, scope=scope, only=only)
        for when in (PERIODS[:2] if is_slow else PERIODS)
        for scope, only in WHOSE
        for by in BYS
    ]
    for question, glance in zip(questions, metrics.glance(*questions), strict=True):
        whole = [seen(each) for each in metrics.read(question).series[""] if each.n]
        assert [seen(each) for each in glance.numbers if each.n] == whole, question
        compared += len(whole)
    assert compared > 100


def test_what_is_asked_together_is_what_is_asked_one_by_one(engine: sa.Engine) -> None:
    metrics = SqlMetrics(engine)
    suppliers = sorted({value for _, only in WHOSE for by, value in only if by is By.SUPPLIER})
    onlys = [(), *(((By.SUPPLIER, each),) for each in (*suppliers, "nobody"))]
    questions = [
        Question(definition=definition, period=when, by=by, only=only)
        for definition in SEEN
        for when in PERIODS[:2]
        for by in (None, By.WEEK, By.SITE)
        for only in onlys
    ]
    alone = [glance for each in questions for glance in metrics.glance(each)]

    assert list(metrics.glance(*questions)) == alone
    assert sum(bool(each.numbers and each.numbers[0].n) for each in alone) == 12 * len(SEEN)


def test_a_page_of_figures_asks_the_database_as_often_for_one_metric_as_for_all(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    rows = Session.rows

    def counted(self: Session, sql: str, *more: Any) -> Any:
        asked.append(sql)
        return rows(self, sql, *more)

    monkeypatch.setattr(Session, "rows", counted)
    counts = []
    for definitions in (SEEN[:1], SEEN):
        asked.clear()
        SqlMetrics(engine).glance(
            *(Question(definition=e, period=PERIODS[0]) for e in definitions)
        )
        counts.append(len(asked))

    assert counts == [5, 5]  # facts, hours, days, hours, facts


def test_sums_kept_change_by_change_are_those_made_at_once(engine: sa.Engine) -> None:
    every = "select * from metric_sum order by metric, span, start, site, supplier, flow, unit"
    with transaction(engine) as session:
        kept = session.rows(every)
        sums.remake(session)
        assert session.rows(every) == kept
    assert len(kept) > 100


def test_what_was_never_summed_is_not_taken_out_in_silence(engine: sa.Engine) -> None:
    ghost = a_fact(random.Random(1), SEEN[0].id, "GHOST")._replace(state="done", value=5)
    book = SimpleNamespace(
        was={ghost.name: ghost}, facts={ghost.name: (ghost._replace(value=6), 3)}
    )
    with pytest.raises(StoreError, match="make them anew"), transaction(engine) as session:
        sums.keep(session, cast("Any", book))


def test_a_follower_makes_sums_that_do_not_fit_anew_and_says_so(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Sums that were spoilt by hand stop nobody: the next batch that notices mends them all."""
    ghost = a_fact(random.Random(1), SEEN[0].id, "GHOST")._replace(state="done", value=5)
    new = ghost._replace(value=6)
    book = SimpleNamespace(
        was={ghost.name: ghost}, facts={ghost.name: (new, 3)}, changed={}, restated=()
    )
    every = "select * from metric_sum order by metric, span, start, site, supplier, flow, unit"
    with transaction(engine) as session:
        session.write("update metric_sum set n = n + 1 where span = 'day'")
        Follower(engine)._keep(session, cast("Any", book))
        mended = session.rows(every)
        sums.remake(session)
        whole = session.rows(every)
        session.write("delete from metric_fact where key = 'GHOST'")
        sums.remake(session)

    assert mended == whole
    assert "the sums are made anew from the facts" in caplog.text


def test_without_sums_a_glance_reads_the_facts(engine: sa.Engine) -> None:
    question = Question(definition=SEEN[0], period=PERIODS[0])
    before = SqlMetrics(engine).glance(question)[0].numbers[0]
    with transaction(engine) as session:
        session.write("update metric_progress set version = 0 where name = 'sums'")
    with reading(engine) as session:
        assert not sums.is_made(session)
    assert seen(SqlMetrics(engine).glance(question)[0].numbers[0]) == seen(before)
    with transaction(engine) as session:
        sums.remake(session)


@pytest.mark.parametrize(
    ("start", "until", "expected"),
    [
        (0, DAY, [Piece("day", 0, DAY)]),
        (0, HOUR, [Piece("hour", 0, HOUR)]),
        (1, HOUR, [Piece("fact", 1, HOUR)]),
        (5, 5, []),
        (
            HOUR - 1, 2 * DAY + HOUR + 1,
            [
                Piece("fact", HOUR - 1, HOUR), Piece("hour", HOUR, DAY),
                Piece("day", DAY, 2 * DAY), Piece("hour", 2 * DAY, 2 * DAY + HOUR),
                Piece("fact", 2 * DAY + HOUR, 2 * DAY + HOUR + 1),
            ],
        ),
        (DAY - HOUR, DAY + HOUR, [Piece("hour", DAY - HOUR, DAY + HOUR)]),
    ],
)  # fmt: skip
def test_a_period_is_taken_apart_without_a_gap(
    start: int, until: int, expected: list[Piece]
) -> None:
    assert list(pieces(start, until, whole=True)) == expected


def test_by_cell_only_whole_days_are_summed() -> None:
    found = pieces(HOUR, 3 * DAY + 1, whole=False)

    assert [each.source for each in found] == ["fact", "cell", "fact"]
    assert found[1] == Piece("cell", DAY, 3 * DAY)
