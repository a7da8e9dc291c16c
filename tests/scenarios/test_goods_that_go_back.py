"""Goods that go back: from the dock to the credit note, and what everybody is told on the way."""

from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, ordered
from tests.scenarios.test_settling_exceptions import settle

DAY = "2026-03-02"


def ask(house: Installation, order: str, pieces: str, **more: Any) -> dict[str, Any]:
    """The warehouse asks for a return of line 1."""
    line = {"line": "1", "quantity": {"value": pieces, "unit": "EA"}, **more.pop("line", {})}
    body = {"order": order, "lines": [line], "reason": "quality"} | more
    answer = house.post("walt", "/v1/returns", body)
    assert answer.status == 201, answer.body
    back: dict[str, Any] = answer.body
    return back


def step(house: Installation, who: str, back: dict[str, Any], word: str, **body: str) -> None:
    answer = house.post(who, f"/v1/returns/{back['id']}/{word}", body)
    assert answer.status == 200, answer.body
    house.settle()


def send(house: Installation, back: dict[str, Any]) -> None:
    step(house, "ben", back, "authorise", authorisation="RMA-7")
    step(house, "walt", back, "pick", picked=DAY)
    step(house, "walt", back, "ship", shipped=DAY, carrier="UPS")


def credit(
    desk: SupplierSide, order: Any, number: str, cases_: int, price: str = "120.00"
) -> None:
    desk.drop(desk.invoice(order, number, {"1": cases_, "2": 0}, prices={"1": price}, kind="CR"))


def on_hand(house: Installation) -> Decimal:
    (row,) = house.books("erp", "SELECT on_hand FROM stock WHERE item = 'VALVE' AND site = 'ATL'")
    return Decimal(row["on_hand"])


def test_five_of_what_came_go_back_and_are_credited(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    desk.drop(desk.invoice(order, "B-1"))
    here = on_hand(house)
    back = ask(house, order.number, "12")

    step(house, "ben", back, "authorise", authorisation="RMA-7")
    assert house.books("wms", "SELECT authorisation FROM outbound_return") == [
        {"authorisation": "RMA-7"}
    ]
    assert on_hand(house) == here
    step(house, "walt", back, "pick", picked=DAY)
    assert on_hand(house) == here - 12
    step(house, "walt", back, "ship", shipped=DAY, carrier="UPS")

    gone = house.get("walt", f"/v1/returns/{back['id']}")
    assert (gone["state"], gone["credit_by"]) == ("shipped", "2026-04-01")
    (erp,) = house.books("erp", "SELECT received, returned FROM line_total WHERE line = '1'")
    assert (erp["received"], erp["returned"]) == ("108", "12")
    (owed,) = house.books("finance", "SELECT amount, due FROM expected_credit")
    assert (Decimal(owed["amount"]), owed["due"]) == (Decimal(120), "2026-04-01")

    credit(desk, order, "C-1", 1)

    done = house.get("walt", f"/v1/returns/{back['id']}")
    assert done["state"] == "settled"
    assert len(done["credits"]) == 1
    (owed,) = house.books("finance", "SELECT amount FROM expected_credit")
    assert Decimal(owed["amount"]) == 0
    amounts = {Decimal(r["amount"]) for r in house.books("finance", "SELECT amount FROM payable")}
    assert amounts == {Decimal(9 * 120 + 400), Decimal(-120)}
    balance = house.books("erp", "SELECT decimal_sum(amount) AS left FROM ledger"
                                 " WHERE account = 'GRNI'")  # fmt: skip
    assert [Decimal(row["left"]) for row in balance] == [0]
    house.wait(hours=24 * 40)
    assert not cases(house)


def test_a_credit_that_does_not_come_by_its_day_is_somebodys_case(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    desk.drop(desk.invoice(order, "B-1"))
    back = ask(house, order.number, "24")
    send(house, back)
    credit(desk, order, "C-1", 1)

    house.wait(hours=24 * 30)
    assert not cases(house, "CREDIT_OVERDUE")
    house.wait(hours=24)
    (case,) = cases(house, "CREDIT_OVERDUE")
    assert case["owner_role"] == "ap_clerk"
    assert case["discrepancy"]["amount"] == {"amount": "120.00", "currency": "USD"}
    assert settle(house, "CREDIT_OVERDUE", "chase").status == 200
    house.wait(hours=24 * 10)
    (case,) = cases(house, "CREDIT_OVERDUE")

    credit(desk, order, "C-2", 1)
    assert not cases(house, "CREDIT_OVERDUE")
    assert house.get("walt", f"/v1/returns/{back['id']}")["state"] == "settled"


def test_a_credit_may_be_written_off(house: Installation) -> None:
    _, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    back = ask(house, order.number, "12")
    send(house, back)
    house.wait(hours=24 * 31)

    assert settle(house, "CREDIT_OVERDUE", "accept", "they are bankrupt").status == 200

    assert house.get("walt", f"/v1/returns/{back['id']}")["state"] == "settled"
    (owed,) = house.books("finance", "SELECT amount FROM expected_credit")
    assert Decimal(owed["amount"]) == 0


def test_what_is_to_be_replaced_is_expected_again(house: Installation) -> None:
    _, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})

    send(house, ask(house, order.number, "12", settlement="replacement"))

    ledger = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    (line,) = [each for each in ledger if each["line"] == "1"]
    assert line["open"] == "12"
    wms = house.books("wms", "SELECT expected FROM line_total WHERE line = '1'")
    assert wms == [{"expected": "120"}]
    assert not house.books("finance", "SELECT * FROM expected_credit")
    house.count_at_dock("D2", order.number, {"1": 12})
    ledger = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    (line,) = [each for each in ledger if each["line"] == "1"]
    assert line["open"] == "0"


def test_what_was_put_aside_goes_back_by_settling_its_exception(house: Installation) -> None:
    _, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 120, "2": 20})

    answer = settle(house, "OVER_RECEIPT", "return", "nobody ordered these")

    assert answer.status == 200, answer.body
    (back,) = house.get("walt", "/v1/returns")["rows"]
    (line,) = back["lines"]
    assert (line["quantity"]["value"], line["aside"]) == ("12", True)
    assert back["reason"] == "over_delivered"
    send(house, back)
    assert house.get("walt", f"/v1/returns/{back['id']}")["state"] == "settled"
    (erp,) = house.books("erp", "SELECT returned FROM line_total WHERE line = '1'")
    assert erp["returned"] == "0"


def test_more_credited_than_billed_waits_until_the_bill_is_here(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    desk.drop(desk.invoice(order, "B-1", {"1": 1, "2": 0}, kind=" "))

    credit(desk, order, "C-1", 2)
    (held,) = [r for r in house.get("ada", "/v1/invoices")["rows"] if r["credit"]]
    assert [hold["code"] for hold in held["holds"]] == ["CREDIT_EXCESS"]

    desk.drop(desk.invoice(order, "B-2", {"1": 1, "2": 0}, kind=" "))
    house.wait(minutes=30)
    assert house.get("ada", f"/v1/invoices/{held['id']}")["state"] == "posted"


STEPS = ("return", "bill", "credit")


@pytest.mark.parametrize("steps", list(permutations(STEPS)), ids="-".join)
def test_return_bill_and_credit_in_any_order_end_the_same(
    tmp_path: Path, steps: tuple[str, ...]
) -> None:
    """Received 108, returned 12 and credited 12: billable 96, in whatever order it is told."""
    with installed(tmp_path / "home") as house:
        desk, order = ordered(house)
        house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
        for each in steps:
            match each:
                case "return":
                    back = ask(house, order.number, "12")
                    send(house, back)
                case "bill":
                    desk.drop(desk.invoice(order, "B-1"))
                case _:
                    credit(desk, order, "C-1", 1)

        house.wait(minutes=30)
        (back,) = house.get("walt", "/v1/returns")["rows"]
        papers = {r["number"]: r["state"] for r in house.get("ada", "/v1/invoices")["rows"]}
        ledger = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
        (line,) = [row for row in ledger if row["line"] == "1"]
        named = ("received", "returned", "invoiced", "credited")
        stages = {stage: line["totals"][stage] for stage in named}
        assert (back["state"], papers, stages) == (
            "settled",
            {"B-1": "posted", "C-1": "posted"},
            {"received": "108", "returned": "12", "invoiced": "108", "credited": "12"},
        )
