"""Age in business days, whose move it is, causes and roots, minutes and what they cost."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from manciple.cases.aging import Bucket, Turn, Wait, age_of, bucket_of, turn_of, turned
from manciple.cases.cost import cost_of
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.money import Currency, Money
from tests.api.installation import Installation, installed
from tests.cli.desk import Desk, served
from tests.scenarios.office import cases, ordered

WEEK = BusinessCalendar(zone="UTC", hours=((time(8), time(17)),) * 5 + (None, None))
FRIDAY_16 = datetime(2026, 3, 6, 16, tzinfo=UTC)
MONDAY_1230 = datetime(2026, 3, 9, 12, 30, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with served(tmp_path / "desk") as made:
        yield made


def test_a_part_of_a_shift_is_that_part_of_a_day() -> None:
    age = age_of(FRIDAY_16, (), until=MONDAY_1230, calendar=WEEK)

    assert age.days == Fraction(1, 9) + Fraction(1, 2)
    assert WEEK.days(MONDAY_1230, FRIDAY_16) == -age.days
    assert WEEK.days(FRIDAY_16, FRIDAY_16 + timedelta(hours=1)) == Fraction(1, 9)
    assert WEEK.days(FRIDAY_16 + timedelta(hours=1), MONDAY_1230) == Fraction(1, 2)


def test_a_short_shift_is_a_whole_day_too() -> None:
    short = BusinessCalendar(
        zone="UTC", hours=((time(8), time(17)),) * 4 + ((time(8), time(12)), None, None)
    )
    monday = datetime(2026, 3, 2, 8, tzinfo=UTC)

    assert short.days(monday, monday + timedelta(days=7)) == 5


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (Fraction(0), "(0,1]"),
        (Fraction(1), "(0,1]"),
        (1 + Fraction(1, 10**9), "(1,3]"),
        (Fraction(3), "(1,3]"),
        (3 + Fraction(1, 10**9), "(3,7]"),
        (Fraction(7), "(3,7]"),
        (7 + Fraction(1, 10**9), "(7,14]"),
        (Fraction(14), "(7,14]"),
        (14 + Fraction(1, 10**9), "(14,..)"),
    ],
)
def test_the_upper_end_of_a_bucket_is_inside(days: Fraction, bucket: str) -> None:
    assert bucket_of(days) == Bucket(bucket)


def test_time_with_the_supplier_is_a_slice_and_is_not_taken_off() -> None:
    out = Wait(since=FRIDAY_16, until=FRIDAY_16 + timedelta(minutes=30))
    back = Wait(since=MONDAY_1230 - timedelta(hours=1))

    age = age_of(FRIDAY_16, (out, back), until=MONDAY_1230, calendar=WEEK)

    assert age.days == Fraction(11, 18)
    assert age.waiting == Fraction(1, 18) + Fraction(1, 9)


def test_the_move_goes_out_once_and_comes_back_once() -> None:
    later = FRIDAY_16 + timedelta(minutes=5)
    out = turned((), Turn.SUPPLIER, at=FRIDAY_16)

    assert turned((), Turn.US, at=FRIDAY_16) == ()
    assert turned(out, Turn.SUPPLIER, at=later) == out
    assert turn_of(out) is Turn.SUPPLIER
    home = turned(out, Turn.US, at=later)
    assert home == (Wait(since=FRIDAY_16, until=later),)
    assert turn_of(home) is Turn.US


@pytest.mark.parametrize(
    ("minutes", "cost"), [("20", "16.00"), ("0.5", "0.40"), ("0.01", "0.01"), ("0.006", "0.00")]
)
def test_minutes_cost_what_the_rate_says_rounded_once(minutes: str, cost: str) -> None:
    rate = Money(Decimal("48.00"), Currency.USD)

    assert cost_of(Decimal(minutes), rate) == Money(Decimal(cost), Currency.USD)


def test_minutes_and_the_root_cause_are_kept_and_cost_the_owners_rate(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house, "SHORTAGE")
    assert case["work"] == {"minutes": None, "cost": None}
    path = f"/v1/exceptions/{case['id']}"
    for minutes in ("0", "6000.1", "-1"):
        body = {"resolution": "accept", "minutes": minutes}
        refused = house.post("paul", f"{path}/resolve", body)
        assert refused.codes == {"BAD_MINUTES"}, refused.body
    bad = house.post("paul", f"{path}/resolve", {"resolution": "accept", "root_cause": "LUCK"})
    assert bad.status in {400, 422}

    body = {"resolution": "accept", "minutes": "20", "root_cause": "SUPPLIER_SHORT"}
    assert house.post("paul", f"{path}/resolve", body).status == 200
    assert house.post("paul", f"{path}/reopen", {"reason": "too little"}).status == 200
    again = {"resolution": "accept", "minutes": "6000"}
    assert house.post("paul", f"{path}/resolve", again).status == 200

    now = house.get("paul", path)
    assert now["work"] == {"minutes": "6020", "cost": {"amount": "4816.00", "currency": "USD"}}
    assert now["root_cause"] == "SUPPLIER_SHORT"


def test_a_settled_exception_is_opened_again_by_hand_and_its_clock_goes_on(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house, "SHORTAGE")
    path = f"/v1/exceptions/{case['id']}"
    early = house.post("paul", f"{path}/reopen", {"reason": "why not"})
    assert (early.status, early.codes) == (409, {"ALREADY_OPEN"})
    house.post("paul", f"{path}/resolve", {"resolution": "accept"})
    stranger = house.post("ada", f"{path}/reopen", {"reason": "mine"})
    assert (stranger.status, stranger.codes) == (403, {"NOT_YOUR_CASE"})
    settled_age = house.get("paul", path)["age"]["business_days"]
    house.wait(days=2)
    assert house.get("paul", path)["age"]["business_days"] == settled_age

    reopened = house.post("paul", f"{path}/reopen", {"reason": "the balance was cancelled"})

    assert reopened.status == 200, reopened.body
    (now,) = cases(house, "SHORTAGE")
    assert (now["reopened"], now["opened_at"]) == (1, case["opened_at"])
    assert now["due_at"] > case["due_at"]
    assert [each["kind"] for each in now["earlier"]] == ["accept"]
    assert Decimal(now["age"]["business_days"]) >= Decimal(settled_age) + 1
    assert house.get("paul", "/v1/exceptions?whose=mine")["rows"][0]["id"] == case["id"]


def test_the_slice_with_the_supplier_is_told_at_the_doors(desk: Desk) -> None:
    supplier, order = ordered(desk.house)
    supplier.drop(supplier.acknowledgment(order, {"1": 8}))
    (case,) = cases(desk.house, "SHORTAGE")
    assert case["age"]["turn"] == "us"

    desk.run("paul", "exceptions", "wait", case["id"], "--on", "supplier", "--note", "rang")
    desk.house.wait(days=1)

    (now,) = cases(desk.house, "SHORTAGE")
    assert now["age"]["turn"] == "supplier"
    assert Decimal(now["age"]["waiting_on_supplier"]) > 0
    assert now["age"]["waiting_on_supplier"] <= now["age"]["business_days"]
    shown = desk.run("paul", "exceptions", "aging")
    assert "SHORTAGE" in shown
    assert "open: 1, opened again: 0" in shown
    told = desk.json("paul", "exceptions", "aging")
    assert told["buckets"] == ["(0,1]", "(1,3]", "(3,7]", "(7,14]", "(14,..)"]
    (row,) = told["rows"]
    assert row["open"] == sum(row["buckets"].values()) == 1
    desk.run("paul", "exceptions", "resolve", case["id"], "--resolution", "accept",
             "--minutes", "5", "--root-cause", "SUPPLIER_SHORT")  # fmt: skip
    desk.run("paul", "exceptions", "reopen", case["id"], "--reason", "it is not enough")
    assert "opened again: 1" in desk.run("paul", "exceptions", "aging")


def test_one_thing_gone_wrong_has_one_root(house: Installation) -> None:
    _, order = ordered(house)
    house.wait(days=4)
    (silent,) = cases(house, "NO_ACKNOWLEDGMENT")
    assert (silent["cause"], silent["root"], silent["age"]["turn"]) == (None, "", "supplier")

    house.wait(days=14)

    late = cases(house, "DELAYED_RECEIPT")
    assert len(late) == len(order.lines)
    assert {(each["cause"], each["root"]) for each in late} == {(silent["id"], silent["id"])}


def test_a_price_named_by_the_supplier_is_the_root_of_the_invoice_held_for_it(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order, prices={"1": "150.00"}))
    (price,) = cases(house, "PRICE_VARIANCE")
    body = {"resolution": "dispute", "note": "the agreement says 120"}
    assert house.post("ben", f"/v1/exceptions/{price['id']}/resolve", body).status == 200
    house.count_at_dock("D1", order.number, {"1": 108})

    desk.drop(desk.invoice(order, "B-1", prices={"1": "150.00"}))

    (mismatch,) = cases(house, "INVOICE_MISMATCH")
    assert (mismatch["cause"], mismatch["root"]) == (price["id"], price["id"])
    assert mismatch["owner_role"] == "ap_clerk"
