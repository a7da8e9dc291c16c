"""What facts have cured is withdrawn by itself, and only that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered

from manciple.adapters.reference.switches import Mode


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made
        unowned = [case["id"] for case in cases(made) if not (case["owner_role"])]
        assert unowned == []


def codes(house: Installation) -> list[str]:
    return sorted(each["code"] for each in cases(house))


def settled(house: Installation, case: dict[str, Any]) -> dict[str, Any]:
    now: dict[str, Any] = house.get("root", f"/v1/exceptions/{case['id']}")
    return now


def test_a_second_answer_that_confirms_everything_cures_what_the_first_one_said(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}, prices={"2": "9000.00"}))
    assert codes(house) == ["PRICE_VARIANCE", "SHORTAGE"]
    short, price = cases(house, "SHORTAGE")[0], cases(house, "PRICE_VARIANCE")[0]
    house.wait(hours=1)

    desk.drop(desk.acknowledgment(order, {"1": 8}, number="A-2"))
    assert codes(house) == ["SHORTAGE"]
    assert settled(house, price)["resolution"]["kind"] == "overtaken"

    house.wait(hours=1)
    desk.drop(desk.acknowledgment(order, number="A-3"))
    assert codes(house) == []
    assert settled(house, short)["resolution"]["kind"] == "overtaken"


def test_a_late_line_that_comes_in_part_stays_late_with_newer_figures(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.wait(days=14)
    (late,) = cases(house, "DELAYED_RECEIPT")
    assert late["discrepancy"]["variance"] == "-108 EA"

    house.count_at_dock("D1", order.number, {"1": 107})
    (now,) = cases(house, "DELAYED_RECEIPT")
    assert (now["id"], now["discrepancy"]["variance"]) == (late["id"], "-1 EA")

    house.count_at_dock("D2", order.number, {"1": 1})
    assert cases(house, "DELAYED_RECEIPT") == []


def test_goods_that_come_after_all_cure_the_shortage_of_their_line_alone(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    house.count_at_dock("D1", order.number, {"1": 107})
    assert codes(house) == ["SHORTAGE"]

    house.count_at_dock("D2", order.number, {"1": 1})

    assert codes(house) == []


def test_a_receipt_that_the_erp_refuses_is_rejected_by_the_erp_until_it_takes_it(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.switch(house.erp, Mode.REFUSE, reason="period closed")
    house.count_at_dock("D1", order.number, {"1": 108})
    (case,) = cases(house, "ERP_REJECTED")
    assert case["subject"]["kind"] == "receipt"
    assert "period closed" in case["discrepancy"]["text"]
    options = {o["name"]: o["possible"] for o in case["guide"]["options"]}
    assert options == {"resend": True, "accept": True, "cancel_remainder": False}

    path = f"/v1/exceptions/{case['id']}/resolve"
    assert house.post("kim", path, {"resolution": "resend"}).status == 200
    house.settle()
    (again,) = cases(house, "ERP_REJECTED")
    assert (again["id"], again["reopened"]) == (case["id"], 1)

    house.switch(house.erp, Mode.OFF)
    assert house.post("kim", path, {"resolution": "resend"}).status == 200
    house.settle()
    assert cases(house, "ERP_REJECTED") == []
    assert len(house.books("erp", "SELECT * FROM receipt")) == 1
