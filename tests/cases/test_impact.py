"""The order of the queue: what is at stake per minute of work; unknown is not zero."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.cases.impact import (
    NEVER,
    Order,
    Stake,
    Term,
    Weights,
    WeightsError,
    ranked,
    shown,
)
from manciple.kernel.money import Currency, Money
from tests.api.installation import Installation, installed
from tests.cli.desk import Desk, served
from tests.scenarios.office import cases, ordered

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
WEIGHTS = Weights(
    stock_out=Decimal(100),
    horizon=Decimal(14),
    customer_order=Decimal(25),
    customer_value=Decimal(100),
    discount=Decimal(10),
    currency=Currency.USD,
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with served(tmp_path / "desk") as made:
        yield made


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency.USD)


def stake(name: str = "A", **more: Any) -> Stake:
    usual: dict[str, Any] = {
        "case": name,
        "opened_at": NOW,
        "due_at": NOW,
        "minutes": Decimal(10),
        "days_to_stock_out": NEVER,
        "customer_orders": 0,
        "discount": usd("0"),
        "unknown": {},
        "notes": {},
    }
    return Stake(**(usual | more))


def points(one: Stake) -> Fraction:
    (line,) = ranked([one], WEIGHTS)
    return line.points


@pytest.mark.parametrize(
    ("days", "worth"),
    [
        (Fraction(-3), Fraction(100)),
        (Fraction(0), Fraction(100)),
        (Fraction(7), Fraction(50)),
        (14 - Fraction(1, 100), Fraction(1, 14)),
        (Fraction(14), Fraction(0)),
        (Fraction(15), Fraction(0)),
        (NEVER, Fraction(0)),
    ],
)
def test_stock_that_runs_out_weighs_evenly_until_the_horizon(days: Any, worth: Fraction) -> None:
    assert points(stake(days_to_stock_out=days)) == worth


def test_customers_and_discounts_weigh_what_policy_says() -> None:
    assert points(stake(customer_orders=2)) == 50
    assert points(stake(customer_orders=2, customer_value=usd("350"))) == Fraction(107, 2)
    assert points(stake(discount=usd("25"))) == Fraction(5, 2)


def test_impact_is_for_a_minute_of_work() -> None:
    quick = stake("quick", days_to_stock_out=Fraction(7), minutes=Decimal(5))
    slow = stake("slow", days_to_stock_out=Fraction(0), minutes=Decimal(11))

    first, second = ranked([slow, quick], WEIGHTS)

    assert (first.stake.case, first.impact) == ("quick", Fraction(10))
    assert (second.stake.case, second.impact) == ("slow", Fraction(100, 11))
    assert first.why[-1] == "50 points in 5 minutes of work"


def test_unknown_counts_as_the_mean_of_the_known_and_says_so() -> None:
    low = stake("low", days_to_stock_out=Fraction(14))
    high = stake("high", days_to_stock_out=Fraction(0))
    dark = stake("dark", days_to_stock_out=None, unknown={Term.STOCK_OUT: "no adapter"})

    lines = ranked([low, dark, high], WEIGHTS)

    assert [line.stake.case for line in lines] == ["high", "dark", "low"]
    (term,) = [each for each in lines[1].terms if each.term is Term.STOCK_OUT]
    assert term.points is None
    assert term.counted == 50
    assert "unknown, no adapter; counted as the mean of those known, 50 points" in term.why


def test_what_is_known_for_no_line_takes_no_part() -> None:
    one = stake("one", days_to_stock_out=None, customer_orders=1)
    two = stake("two", days_to_stock_out=None, customer_orders=2)

    lines = ranked([one, two], WEIGHTS)

    assert [line.stake.case for line in lines] == ["two", "one"]
    assert all(line.terms[0].points is None and not line.terms[0].counted for line in lines)
    assert "it takes no part" in lines[0].why[0]


def test_money_of_another_currency_is_unknown_and_not_converted() -> None:
    foreign = Money(Decimal(50), Currency.EUR)

    (line,) = ranked([stake(discount=foreign)], WEIGHTS)

    assert line.terms[2].points is None
    assert "no rate to USD" in line.why[2]
    nothing = Money(Decimal(0), Currency.EUR)
    assert points(stake(discount=nothing)) == 0


def test_ties_go_by_due_time_then_age_then_id() -> None:
    later = NOW + timedelta(hours=1)
    rows = [
        stake("D", due_at=later),
        stake("C", opened_at=NOW - timedelta(hours=1)),
        stake("B"),
        stake("A"),
    ]

    assert [line.stake.case for line in ranked(rows, WEIGHTS)] == ["C", "A", "B", "D"]


def test_the_other_orders_take_no_notice_of_impact() -> None:
    old = stake("old", opened_at=NOW - timedelta(days=2), due_at=NOW + timedelta(days=2))
    due = stake("due", due_at=NOW - timedelta(days=1))
    grave = stake("grave", days_to_stock_out=Fraction(0), due_at=NOW + timedelta(days=1))

    by = {
        order: [line.stake.case for line in ranked([grave, due, old], WEIGHTS, order)]
        for order in Order
    }

    assert by[Order.IMPACT] == ["grave", "due", "old"]
    assert by[Order.OLDEST] == ["old", "due", "grave"]
    assert by[Order.DUE] == ["due", "grave", "old"]


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        (replace(WEIGHTS, horizon=Decimal(0)), "horizon"),
        (replace(WEIGHTS, customer_value=Decimal(0)), "customer_value"),
        (replace(WEIGHTS, discount=Decimal(-1)), "discount"),
    ],
)
def test_weights_that_divide_are_above_zero(weights: Weights, name: str) -> None:
    with pytest.raises(WeightsError, match=name):
        ranked([], weights)


stakes = st.builds(
    stake,
    st.uuids().map(str),
    minutes=st.decimals(Decimal("0.5"), 60, places=1),
    days_to_stock_out=st.one_of(st.none(), st.just(NEVER), st.fractions(-5, 30)),
    customer_orders=st.one_of(st.none(), st.integers(0, 9)),
)


@given(st.lists(stakes, max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_exceptions_come_does_not_matter(rows: list[Stake], by: Any) -> None:
    shuffled = list(rows)
    by.shuffle(shuffled)

    assert ranked(shuffled, WEIGHTS) == ranked(rows, WEIGHTS)
    impacts = [line.impact for line in ranked(rows, WEIGHTS)]
    assert impacts == sorted(impacts, reverse=True)


@pytest.mark.parametrize(
    ("number", "text"),
    [(Fraction(5), "5"), (Fraction(1, 8), "0.13"), (Fraction(-1, 8), "-0.13"), (Fraction(0), "0")],
)
def test_numbers_are_shown_with_two_places_at_most(number: Fraction, text: str) -> None:
    assert shown(number) == text


# ---- through the doors ------------------------------------------------------------------------


def tell(
    house: Installation, item: str, on_hand: str | None, demand: str | None, orders: int | None
) -> None:
    """Tell the stock of an item at ATL as of now."""
    body = {
        "site": "ATL",
        "item": item,
        "as_of": house.clock.now().isoformat(),
        "on_hand": on_hand and {"value": on_hand, "unit": "EA"},
        "daily_demand": demand and {"value": demand, "unit": "EA"},
        "customer_orders": orders,
    }
    answer = house.put("kim", f"/v1/outlooks/ATL:{item}", body)
    assert answer.status == 200, answer.body


def two_shortages(house: Installation) -> tuple[dict[str, Any], dict[str, Any]]:
    """Open two shortages, of VALVE first and of RELAY an hour later."""
    for lines in ((("VALVE", "100"),), (("RELAY", "20"),)):
        supplier, order = ordered(house, lines)
        supplier.drop(supplier.acknowledgment(order, {"1": 1}))
        house.wait(hours=1)
    valve, relay = sorted(cases(house, "SHORTAGE"), key=lambda case: str(case["opened_at"]))
    return valve, relay


def test_the_queue_is_worked_by_impact_and_says_why(desk: Desk) -> None:
    house = desk.house
    valve, relay = two_shortages(house)
    tell(house, "VALVE", "100", "10", 0)
    tell(house, "RELAY", "0", None, 3)

    impact = house.get("paul", "/v1/exceptions?order=impact")["rows"]

    assert [row["id"] for row in impact] == [relay["id"], valve["id"]]
    first, second = impact
    assert (first["rank"], first["impact"]) == (1, "14.58")
    assert [term["points"] for term in first["terms"]] == ["100", "75", "0"]
    assert first["why"] == [
        "stock lasts 0 days: 100 points",
        "3 customer orders wait: 75 points",
        "discount at risk 0.00 USD: 0 points",
        "175 points in 12 minutes of work",
    ]
    assert second["why"][0] == "stock lasts 10 days: 28.57 points"
    for order in ("oldest", "due"):
        rows = house.get("paul", f"/v1/exceptions?order={order}")["rows"]
        assert [row["id"] for row in rows] == [valve["id"], relay["id"]]
    page = house.get("paul", "/v1/exceptions?order=impact&limit=1")
    assert [row["id"] for row in page["rows"]] == [relay["id"]]
    rest = house.get("paul", f"/v1/exceptions?order=impact&limit=1&after={page['after']}")
    assert [row["id"] for row in rest["rows"]] == [valve["id"]]
    assert rest["after"] is None
    shown_rows = desk.json("paul", "exceptions", "list", "--order", "impact")["rows"]
    assert [row["id"] for row in shown_rows] == [relay["id"], valve["id"]]
    assert "stock lasts 0 days" in desk.run("paul", "exceptions", "list", "--order", "impact")
    assert house.ask("GET", "/v1/exceptions?order=luck", who="paul").status == 422


def test_stock_lasts_less_with_every_day_that_passes(house: Installation) -> None:
    two_shortages(house)
    tell(house, "VALVE", "100", "10", 0)
    house.wait(days=2)

    rows = house.get("paul", "/v1/exceptions?order=impact")["rows"]

    (told,) = [row["why"][0] for row in rows if "unknown" not in row["why"][0]]
    assert told == "stock lasts 8 days: 42.86 points"


def test_where_nobody_tells_the_stock_the_missing_source_is_named(house: Installation) -> None:
    valve, relay = two_shortages(house)

    rows = house.get("paul", "/v1/exceptions?order=impact")["rows"]

    assert [row["id"] for row in rows] == [valve["id"], relay["id"]]
    assert rows[0]["terms"][0]["points"] is None
    assert (
        "no system tells the stock of VALVE at ATL (PUT /v1/outlooks/ATL:VALVE)"
        in (rows[0]["why"][0])
    )
    assert "it takes no part" in rows[0]["why"][1]


def test_an_outlook_that_says_nothing_sensible_is_refused(house: Installation) -> None:
    body = {
        "site": "MOON",
        "item": "VALVE",
        "as_of": house.clock.now().isoformat(),
        "on_hand": {"value": "-1", "unit": "XCS"},
    }

    refused = house.put("kim", "/v1/outlooks/MOON:VALVE", body)

    assert refused.status == 422
    assert refused.codes == {"BAD_OUTLOOK"}
    fields = {each["field"] for each in refused.body["errors"]}
    assert fields == {"outlook.site", "outlook.on_hand"}
    assert house.put("paul", "/v1/outlooks/MOON:VALVE", body).status == 403


def test_an_older_outlook_changes_nothing(house: Installation) -> None:
    early = house.clock.now().isoformat()
    house.wait(hours=1)
    tell(house, "VALVE", "60", "12", 2)
    old = {"site": "ATL", "item": "VALVE", "as_of": early, "customer_orders": 9}

    assert house.put("kim", "/v1/outlooks/ATL:VALVE", old).status == 200

    assert house.get("kim", "/v1/outlooks/ATL:VALVE")["customer_orders"] == 2
