"""The facts on real databases: made in any batches, again from nothing, and after a death."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from manciple.adapters.sql import sums
from manciple.adapters.sql.audit import verify
from manciple.adapters.sql.engine import reading, transaction
from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.metrics import SqlMetrics
from manciple.adapters.sql.sealer import Sealer
from manciple.cli.beside import Beside, BesideError
from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.figure import By, Question, percentile, shown
from manciple.intelligence.metrics.following import follow
from manciple.intelligence.metrics.order import LATENCY, TOUCHLESS
from manciple.intelligence.metrics.period import period
from tests.api.installation import Installation, installed
from tests.databases import KINDS, database
from tests.scenarios.office import ordered, raise_need

_TABLES = {
    "metric_fact": "metric, key",
    "metric_life": "key",
    "metric_restatement": "seq, metric, key, day",
    "metric_sum": "metric, span, start, site, supplier, flow, unit",
}


@pytest.fixture(scope="module", params=KINDS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Give an installation with some life in it, all of it sealed."""
    folder: Path = tmp_path_factory.mktemp("house")
    (folder / "home").mkdir()
    with database(request.param, folder) as url, installed(folder / "home", url) as made:
        live(made)
        yield made


def live(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.functional(order))
    desk.drop(desk.acknowledgment(order, number="ACK-1"))
    desk.drop(desk.ship_notice(order, "TRUCK-1"))
    house.wait(hours=30)
    house.count_at_dock("DOCK-1", order.number, {"1": 108, "2": 10}, shipment="TRUCK-1")
    desk.drop(desk.invoice(order, "INV-1"))
    ordered(house, (("VALVE", "50"),))
    raise_need(house, (("VALVE", "500"),))
    house.wait(hours=30)
    Sealer(house.app.store.engine).seal_all(house.clock.now())


def up_to_date(house: Installation) -> None:
    """Seal and follow everything, whoever held the lease."""
    Sealer(house.app.store.engine).seal_all(house.clock.now())
    with transaction(house.app.store.engine) as session:
        session.write("delete from lease where name = 'metrics'")
    Follower(house.app.store.engine).follow_all(house.clock.now())


def anew(house: Installation, **how: Any) -> Follower:
    """Give a follower that stands before event 1, with everything sealed."""
    Sealer(house.app.store.engine).seal_all(house.clock.now())
    with transaction(house.app.store.engine) as session:
        session.write("delete from lease where name = 'metrics'")
    follower = Follower(house.app.store.engine, **how)
    follower.forget()
    return follower


def rows(house: Installation) -> dict[str, list[Any]]:
    """Give everything that following makes; rows of the log without their serial."""
    found: dict[str, list[Any]] = {}
    with reading(house.app.store.engine) as session:
        for table, order in _TABLES.items():
            names = [c.name for c in sa.inspect(_table(table)).columns if c.name != "n"]
            found[table] = session.rows(f"select {', '.join(names)} from {table} order by {order}")
        found["progress"] = session.rows(
            "select version, seq, at from metric_progress order by name"
        )
    return found


def _table(name: str) -> sa.Table:
    from manciple.adapters.sql.schema import TABLES  # noqa: PLC0415  only names are wanted

    return TABLES.tables[name]


def test_any_batches_make_the_same_rows(house: Installation) -> None:
    now = house.clock.now()
    made = []
    for most in (1, 7, 5000):
        anew(house, most=most).follow_all(now)
        made.append(rows(house))

    assert made[0] == made[1] == made[2]
    assert len(made[0]["metric_fact"]) > 20
    with transaction(house.app.store.engine) as session:
        sums.remake(session)
    assert rows(house) == made[0]


def test_a_death_in_a_batch_leaves_nothing_of_it(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = house.clock.now()
    anew(house).follow_all(now)
    wanted = rows(house)
    follower = anew(house, most=50)
    follower.follow(now)
    before = rows(house)
    left = iter(range(20))

    def dies(told: Any, book: Any) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        follow(told, book)

    monkeypatch.setattr("manciple.adapters.sql.following.follow", dies)
    with pytest.raises(KeyboardInterrupt):
        follower.follow_all(now)
    monkeypatch.undo()
    assert rows(house)["progress"] >= before["progress"]

    up_to_date(house)
    assert rows(house) == wanted


def test_only_the_holder_of_the_lease_follows(house: Installation) -> None:
    engine, now = house.app.store.engine, house.clock.now()
    one, other = anew(house, holder="one", most=10), Follower(engine, holder="other", most=10)

    assert one.follow(now) == 10
    assert other.follow(now) == 0
    assert one.follow_all(now) > 0


def test_a_process_beside_follows_and_audits(house: Installation) -> None:
    engine, now = house.app.store.engine, house.clock.now()
    anew(house).follow_all(now)
    wanted = rows(house)
    anew(house)

    with Beside(engine.url.render_as_string(hide_password=False), synchronous="NORMAL") as beside:
        beside.follow_all(now)
        beside.catch_up(now)
        assert rows(house) == wanted
        assert beside.verify(now)() == verify(engine, now)


def test_what_the_process_beside_can_not_do_is_told() -> None:
    with (
        Beside("sqlite:////nowhere/at/all.db", synchronous="NORMAL") as beside,
        pytest.raises(BesideError, match="ended"),
    ):
        beside.catch_up(datetime(2026, 3, 2, tzinfo=UTC))


def test_who_was_overtaken_keeps_nothing(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = house.clock.now()
    anew(house).follow_all(now)
    wanted = rows(house)
    slow = anew(house, holder="slow")

    def is_overtaken(told: Any, book: Any) -> None:
        monkeypatch.undo()
        up_to_date(house)
        follow(told, book)

    monkeypatch.setattr("manciple.adapters.sql.following.follow", is_overtaken)

    assert slow.follow(now) == 0
    assert rows(house) == wanted
    assert slow.follow_all(now) == 0


def test_rules_of_another_version_make_everything_anew(house: Installation) -> None:
    engine, now = house.app.store.engine, house.clock.now()
    anew(house).follow_all(now)
    wanted = rows(house)
    with transaction(engine) as session:
        session.write("update metric_progress set version = 0")
        session.write("update metric_fact set value = 17")
        session.write("delete from lease where name = 'metrics'")

    assert SqlMetrics(engine).freshness(now).followed == 0
    up_to_date(house)
    assert rows(house) == wanted


def test_figures_are_those_of_the_facts_taken_one_by_one(house: Installation) -> None:
    engine, now = house.app.store.engine, house.clock.now()
    up_to_date(house)
    with reading(engine) as session:
        values = [
            row[0]
            for row in session.rows(
                "select value from metric_fact where metric = ? and state = 'done' order by value",
                (LATENCY,),
            )
        ]
    question = Question(definition=registry.find(LATENCY), period=period("all", now=now))
    found = SqlMetrics(engine).read(question)
    (number,) = found.series[""]

    assert number.n == len(values) > 0
    assert number.median == shown(percentile(values, 50), unit=3_600_000_000)
    assert number.p90 == shown(percentile(values, 90), unit=3_600_000_000)
    assert number.censored == 1
    assert found.freshness.is_current


def test_of_an_empty_period_there_is_no_data(house: Installation) -> None:
    now = house.clock.now()
    for definition in registry.DEFINITIONS:
        question = Question(definition=definition, period=period("2020-01", now=now))
        found = SqlMetrics(house.app.store.engine).read(question)
        assert found.standing in {"no data", "unknown"}
        assert all(n.headline is None for numbers in found.series.values() for n in numbers)


def test_events_that_are_not_followed_yet_are_told_as_age(house: Installation) -> None:
    engine = house.app.store.engine
    up_to_date(house)
    raise_need(house, (("RELAY", "20"),))
    house.wait(hours=2)

    fresh = SqlMetrics(engine).freshness(house.clock.now())
    assert not fresh.is_current
    assert fresh.behind.total_seconds() >= 7200


def test_the_doors_show_figures_by_group_facts_and_restatements(house: Installation) -> None:
    up_to_date(house)

    listed = house.get("root", "/v1/metrics?period=all")["rows"]
    assert len(listed) == len(registry.DEFINITIONS)
    unknown = {r["definition"]["id"]: r["reading"]["missing"] for r in listed
               if r["reading"]["standing"] == "unknown"}  # fmt: skip
    assert set(unknown) == {
        "inventory-availability-impact", "in-stock-share",
        "inbound-freight", "expedite-premium-share",
    }  # fmt: skip
    said = {missing[0].split(" ")[0] for missing in unknown.values()}
    assert said == {"stock", "freight"}

    answer = house.get("root", f"/v1/metrics/{TOUCHLESS}?period=all&by=supplier")
    groups = {number["group"]: number["n"] for number in answer["reading"]["series"][""]}
    facts = house.get("root", f"/v1/metrics/{TOUCHLESS}/facts?period=all&limit=200")["rows"]
    assert sum(groups.values()) == len(facts) == 3
    assert set(groups) == {"BLUE"}

    walked, after = [], ""
    while True:
        page = house.get("root", f"/v1/metrics/{TOUCHLESS}/facts?period=all&limit=1{after}")
        walked += page["rows"]
        if page["after"] is None:
            break
        after = f"&after={page['after']}"
    assert walked == facts
    restated = house.get("root", f"/v1/metrics/{TOUCHLESS}/restatements")["rows"]
    assert restated == []
    stock_is_told(house)


def stock_is_told(house: Installation) -> None:
    """Tell of a shelf: what was unknown is known, and says so."""
    at = house.clock.now().isoformat()
    told = {"id": "ATL:VALVE", "site": "ATL", "item": "VALVE", "as_of": at,
            "on_hand": {"value": "0", "unit": "EA"},
            "daily_demand": {"value": "3", "unit": "EA"}}  # fmt: skip
    answer = house.ask("PUT", "/v1/outlooks/ATL:VALVE", who="root", body=told,
                       headers={"Idempotency-Key": "stock"})  # fmt: skip
    assert answer.status < 400, answer
    house.wait(hours=30)
    up_to_date(house)

    impact, share = (
        house.get("root", f"/v1/metrics/{name}?period=all")["reading"]
        for name in ("inventory-availability-impact", "in-stock-share")
    )
    assert (impact["standing"], impact["missing"]) == ("known", [])
    assert (impact["series"][""][0]["n"], impact["series"][""][0]["total"]) == (1, "0.00")
    assert (share["series"][""][0]["n"], share["series"][""][0]["share"]) == (1, "0.00")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("happiness", "UNKNOWN_METRIC"),
        (f"{TOUCHLESS}?period=soon", "BAD_PERIOD"),
        (f"{TOUCHLESS}/facts?variant=none", "UNKNOWN_VARIANT"),
    ],
)
def test_a_bad_question_is_refused(house: Installation, path: str, code: str) -> None:
    answer = house.ask("GET", f"/v1/metrics/{path}", who="root")
    assert answer.codes == {code}


def test_by_is_one_of_the_groups() -> None:
    assert {each.value for each in By} == {"site", "supplier", "flow", "reason", "day", "week"}
    assert shown(None) is None
    assert isinstance(shown(1), Decimal)


@pytest.mark.parametrize("enough", [3, 4])
def test_a_supplier_with_too_few_lines_has_no_score(
    house: Installation, monkeypatch: pytest.MonkeyPatch, enough: int
) -> None:
    up_to_date(house)
    monkeypatch.setattr("manciple.intelligence.metrics.scorecard.ENOUGH", enough)

    card = house.get("root", "/v1/suppliers/BLUE/scorecard?period=all")
    found = {(score["metric"], score["variant"]): score for score in card["scores"]}
    waits = found[LATENCY, ""]
    known = Question(
        definition=registry.find(LATENCY), period=period("all", now=house.clock.now())
    )
    (number,) = SqlMetrics(house.app.store.engine).read(known).series[""]
    assert waits["n"] == number.n == 2
    assert waits["standing"] == "not enough data"
    assert waits["value"] is None
    assert not waits["beside"]


def test_a_supplier_with_enough_lines_has_its_scores(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    up_to_date(house)
    monkeypatch.setattr("manciple.intelligence.metrics.scorecard.ENOUGH", 2)

    card = house.get("root", "/v1/suppliers/BLUE/scorecard?period=all")
    found = {(score["metric"], score["variant"]): score for score in card["scores"]}
    assert found["supplier-fill-rate", ""]["value"] == "100.00"
    assert found[LATENCY, ""]["standing"] == "known"
    assert {variant for metric, variant in found if metric == "otif"} == {
        "", "requested", "last",
    }  # fmt: skip


def test_a_scorecard_is_of_a_supplier_that_there_is(house: Installation) -> None:
    answer = house.ask("GET", "/v1/suppliers/NOBODY/scorecard", who="root")
    assert answer.status == 404
