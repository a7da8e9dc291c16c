"""Freight on a supplier's file: up to the amount it is paid as freight, a cent above it waits."""

from decimal import Decimal

from tests.api.installation import Installation
from tests.scenarios.office import ordered


def test_freight_is_allocated_up_to_fifty_and_waits_above_it(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    fifty, more = ("SAC", "C", "D240", "", "", "5000"), ("SAC", "C", "D240", "", "", "5001")

    desk.drop(desk.invoice(order, "B-1", {"1": 1, "2": 1}, more=[fifty], plus="50.00"))
    desk.drop(desk.invoice(order, "B-2", {"1": 1, "2": 1}, more=[more], plus="50.01"))

    found = {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}
    assert (found["B-1"]["state"], found["B-2"]["state"]) == ("posted", "held")
    assert [(hold["code"], hold["owner_role"]) for hold in found["B-2"]["holds"]] == [
        ("CHARGE", "buyer")
    ]
    told = house.get("ada", f"/v1/invoices/{found['B-1']['id']}/match")
    (freight,) = told["match"]["charges"]
    assert [Decimal(each["amount"]["amount"]) for each in freight["shares"]] == [
        Decimal("18.75"),
        Decimal("31.25"),
    ]
    assert any("unit prices do not change (D-09; charges 2026-01/c01)" in t for t in told["lines"])
    (paid,) = house.books("finance", "SELECT * FROM payable")
    assert Decimal(paid["amount"]) == 120 + 200 + 50
