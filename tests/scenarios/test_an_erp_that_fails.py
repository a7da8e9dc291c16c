"""An ERP that is slow, refuses, is down, or commits and then dies: the order stands there once."""

from typing import Any

import pytest

from manciple.adapters.reference.switches import Mode
from tests.api.installation import Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, raise_need

LINES = (("VALVE", "100"), ("RELAY", "20"))


def in_erp(house: Installation) -> list[dict[str, Any]]:
    return house.books("erp", "SELECT external FROM purchase_order")


@pytest.mark.parametrize(
    "mode", [Mode.DOWN, Mode.DROP, Mode.LOSE, Mode.DIE, Mode.MAINTENANCE, Mode.SLOW]
)
def test_the_order_stands_in_the_erp_once_whatever_happens_to_the_line(
    house: Installation, mode: Mode
) -> None:
    requisition = raise_need(house, LINES)
    house.switch(house.erp, mode, ms=5)

    agree(house, requisition)

    was_lost = mode is not Mode.SLOW
    assert bool(SupplierSide(house, "BLUE").orders()) is not was_lost
    house.switch(house.erp, Mode.OFF)
    house.wait(hours=2)
    (row,) = in_erp(house)
    order = SupplierSide(house, "BLUE").order()
    assert order.number == row["external"]
    assert not cases(house)
    (effect,) = [
        each
        for each in house.get("kim", "/v1/effects?endpoint=erp")["rows"]
        if each["verb"] == "erp.create_order"
    ]
    assert (effect["state"], effect["attempts"] > 1) == ("done", was_lost)


def test_an_order_that_the_erp_refuses_becomes_somebodys_case_and_can_be_tried_again(
    house: Installation,
) -> None:
    requisition = raise_need(house, LINES)
    house.switch(house.erp, Mode.REFUSE, reason="the period is closed")

    agree(house, requisition)

    (case,) = cases(house)
    assert case["code"] == "ERP_REJECTED"
    assert "the period is closed" in case["discrepancy"]["text"]
    assert not SupplierSide(house, "BLUE").orders()
    assert not in_erp(house)
    house.switch(house.erp, Mode.OFF)
    holder = {"buyer": "ben", "integration": "kim", "process_owner": "eva", "steward": "stew"}
    answer = house.post(
        holder[case["owner_role"]],
        f"/v1/exceptions/{case['id']}/resolve",
        {"resolution": "resend", "note": "opened again"},
    )
    assert answer.status == 200, answer.body
    house.settle()
    (row,) = in_erp(house)
    assert SupplierSide(house, "BLUE").order().number == row["external"]


def test_an_erp_that_stays_down_ends_in_a_dead_letter_that_can_be_replayed(
    house: Installation,
) -> None:
    requisition = raise_need(house, LINES)
    house.switch(house.erp, Mode.DOWN)
    agree(house, requisition)

    house.wait(days=30)

    (dead,) = house.get("kim", "/v1/effects?state=dead")["rows"]
    assert dead["verb"] == "erp.create_order"
    assert {case["code"] for case in cases(house)} == {"DELIVERY_FAILED", "ENDPOINT_DOWN"}
    house.switch(house.erp, Mode.OFF)
    path = f"/v1/effects/{dead['key']}/replay"
    assert house.post("rita", path, {"reason": "try"}).status == 403
    assert house.post("kim", path, {"reason": "it is up again"}).status == 200
    house.settle()
    assert len(in_erp(house)) == 1
    assert len(SupplierSide(house, "BLUE").orders()) == 1


def test_an_endpoint_on_hold_gets_nothing_until_it_is_let_go(house: Installation) -> None:
    requisition = raise_need(house, LINES)
    held = house.post("kim", "/v1/endpoints/erp/hold", {"reason": "month end"})

    agree(house, requisition)

    assert held.body["held"] is True
    assert not in_erp(house)
    assert house.post("kim", "/v1/endpoints/erp/resume", {"reason": "done"}).status == 200
    house.settle()
    assert len(in_erp(house)) == 1
