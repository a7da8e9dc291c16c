"""Goods received and not invoiced: what waits for its bill, how long, and what it is worth."""

from decimal import Decimal
from typing import Any

from tests.api.installation import Installation
from tests.scenarios.office import ordered


def waiting(house: Installation, who: str = "ada") -> list[tuple[str, int, str, str]]:
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = house.get(who, f"/v1/goods-received-not-invoiced?limit=1{after}")
        rows += page["rows"]
        if page["after"] is None:
            return [
                (row["line"], row["days"], row["quantity"]["value"], row["value"]["amount"])
                for row in rows
            ]
        after = f"&after={page['after']}"


def test_what_is_here_and_not_billed_is_listed_by_age(house: Installation) -> None:
    desk, order = ordered(house)
    assert waiting(house) == []
    house.count_at_dock("D1", order.number, {"1": 60})
    house.wait(hours=48)
    house.count_at_dock("D2", order.number, {"1": 48, "2": 20})
    assert waiting(house) == [
        ("1", 2, "60", "600.00"),
        ("1", 0, "48", "480.00"),
        ("2", 0, "20", "400.00"),
    ]

    desk.drop(desk.invoice(order, "B-1", {"1": 6, "2": 0}, kind=" "))
    assert waiting(house) == [("1", 0, "36", "360.00"), ("2", 0, "20", "400.00")]
    assert waiting(house, "rolf") == []

    told = house.get("ada", "/v1/invoices")["rows"][0]
    drawn = [(row["quantity"], row["receipt"]) for row in told["match"]["lines"][0]["receipts"]]
    assert [Decimal(quantity) for quantity, _ in drawn] == [60, 12]
    explained = house.get("ada", f"/v1/invoices/{told['id']}/match")["lines"]
    assert any("draws on 60 of" in line for line in explained)

    desk.drop(desk.invoice(order, "B-2", {"1": 3, "2": 2}))
    assert waiting(house) == []
