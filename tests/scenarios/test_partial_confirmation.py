"""A supplier confirms less than was ordered: planner, dock and finance each learn it once (SC-3).

    855 says 8 of 9 cases -> one task for the planner | one new dock schedule | one cash forecast

The three legs share one correlation id, and none waits for another.
"""

import json
from decimal import Decimal
from typing import Any

from manciple.adapters.reference.switches import Mode
from tests.api.installation import Installation
from tests.scenarios.office import cases, ordered

LEGS = ("wms.reschedule", "finance.forecast")


def effects(house: Installation, verb: str) -> list[dict[str, Any]]:
    rows = house.get("kim", "/v1/effects?limit=200")["rows"]
    return [row for row in rows if row["verb"] == verb]


def test_a_partial_confirmation_makes_one_of_each_leg(house: Installation) -> None:
    desk, order = ordered(house)

    desk.drop(desk.acknowledgment(order, {"1": 8}))

    (case,) = cases(house)
    assert (case["code"], case["owner_role"]) == ("SHORTAGE", "planner")
    (task,) = house.get("paul", "/v1/exceptions?whose=mine")["rows"]
    assert task["id"] == case["id"]
    told = [effects(house, verb) for verb in LEGS]
    assert [len(each) for each in told] == [1, 1]
    correlations = {json.loads(rows[0]["payload"])["correlation"] for rows in told}
    assert correlations == {case["correlation"]}
    due = house.books("wms", "SELECT line, quantity FROM expectation ORDER BY line")
    assert due == [{"line": "1", "quantity": "96"}, {"line": "2", "quantity": "20"}]
    (cash,) = house.books("finance", "SELECT * FROM order_total")
    assert Decimal(cash["committed"]) == 1480
    assert Decimal(cash["forecast"]) == 1360


def test_a_warehouse_that_is_down_stops_neither_planner_nor_finance(house: Installation) -> None:
    desk, order = ordered(house)
    house.switch(house.wms, Mode.DOWN)

    desk.drop(desk.acknowledgment(order, {"1": 8}))

    assert [case["code"] for case in cases(house)] == ["SHORTAGE"]
    (cash,) = house.books("finance", "SELECT * FROM order_total")
    assert Decimal(cash["forecast"]) == 1360
    (waiting,) = effects(house, "wms.reschedule")
    assert (waiting["state"], waiting["attempts"]) == ("due", 1)
    lanes = house.get("kim", "/v1/endpoints")["rows"]
    assert [row["endpoint"] for row in lanes if row["due"]] == ["wms"]
    house.switch(house.wms, Mode.OFF)
    house.wait(hours=1)
    (delivered,) = effects(house, "wms.reschedule")
    assert delivered["state"] == "done"
    due = house.books("wms", "SELECT quantity FROM expectation WHERE line = '1'")
    assert due == [{"quantity": "96"}]


def test_finance_that_is_down_stops_neither_planner_nor_warehouse(house: Installation) -> None:
    desk, order = ordered(house)
    house.switch(house.finance, Mode.DROP)

    desk.drop(desk.acknowledgment(order, {"1": 8}))

    assert len(cases(house, "SHORTAGE")) == 1
    due = house.books("wms", "SELECT quantity FROM expectation WHERE line = '1'")
    assert due == [{"quantity": "96"}]
    house.switch(house.finance, Mode.OFF)
    house.wait(hours=1)
    (cash,) = house.books("finance", "SELECT * FROM order_total")
    assert Decimal(cash["forecast"]) == 1360


def test_a_second_answer_restates_and_the_planner_still_has_one_task(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}, number="A1"))

    desk.drop(desk.acknowledgment(order, {"1": 7}, number="A2"))

    (case,) = cases(house)
    assert "84" in case["discrepancy"]["actual"] + case["discrepancy"]["text"]
    due = house.books("wms", "SELECT quantity FROM expectation WHERE line = '1'")
    assert due == [{"quantity": "84"}]
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["acknowledged"] == "84"


def test_the_planner_gives_up_the_rest_and_everybody_hears_of_it(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house)

    path = f"/v1/exceptions/{case['id']}/resolve"
    answer = house.post("paul", path, {"resolution": "cancel_remainder", "note": "buy elsewhere"})
    house.settle()

    assert answer.status == 200
    assert not cases(house)
    totals = house.books("erp", "SELECT * FROM line_total WHERE line = '1'")
    assert (totals[0]["ordered"], totals[0]["cancelled"]) == ("108", "12")
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["ordered"] == "108"
    assert ledger[0]["open"] == "96"
    (cash,) = house.books("finance", "SELECT * FROM order_total")
    assert Decimal(cash["forecast"]) == 1360
