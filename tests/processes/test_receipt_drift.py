"""Warehouse and ERP hold different received quantities: noticed, an exception, healed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered

from manciple.adapters.reference.switches import Mode


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


def compare(house: Installation) -> int:
    count = house.feeds.compare()
    house.settle()
    return count


def refused_receipt(house: Installation) -> str:
    """Have 108 VALVE counted that the ERP does not take."""
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.switch(house.erp, Mode.REFUSE, reason="period closed")
    house.count_at_dock("D1", order.number, {"1": 108})
    house.switch(house.erp, Mode.OFF)
    return order.number


def test_a_difference_that_stands_for_an_hour_is_a_drift_with_both_values(
    house: Installation,
) -> None:
    order = refused_receipt(house)
    (rejected,) = cases(house, "ERP_REJECTED")
    assert compare(house) == 1
    assert cases(house, "RECEIPT_DRIFT") == []
    house.wait(minutes=59)
    compare(house)
    assert cases(house, "RECEIPT_DRIFT") == []

    house.wait(minutes=1)
    compare(house)

    (drift,) = cases(house, "RECEIPT_DRIFT")
    assert drift["subject"] == {"kind": "purchase-order", "id": order}
    found = drift["discrepancy"]
    assert (found["expected"], found["actual"]) == ("warehouse 108 EA", "ERP 0 EA")
    assert found["variance"] == "-108 EA"
    assert drift["owner_role"] == "warehouse_lead"
    assert (drift["cause"], drift["root"]) == (rejected["id"], rejected["id"])


def test_it_heals_when_both_hold_the_same(house: Installation) -> None:
    refused_receipt(house)
    compare(house)
    house.wait(hours=1)
    compare(house)
    assert cases(house, "RECEIPT_DRIFT")
    (rejected,) = cases(house, "ERP_REJECTED")
    path = f"/v1/exceptions/{rejected['id']}/resolve"
    assert house.post("kim", path, {"resolution": "resend"}).status == 200
    house.settle()

    assert compare(house) == 0

    assert cases(house) == []


def test_what_is_put_aside_at_the_dock_is_no_drift(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.count_at_dock("D1", order.number, {"1": 150})
    assert [case["code"] for case in cases(house)] == ["OVER_RECEIPT"]

    compare(house)
    house.wait(hours=2)
    compare(house)

    assert cases(house, "RECEIPT_DRIFT") == []


def test_a_receipt_on_its_way_is_left_alone(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.switch(house.erp, Mode.DOWN)
    house.count_at_dock("D1", order.number, {"1": 108})
    house.switch(house.erp, Mode.OFF)

    assert compare(house) == 0
