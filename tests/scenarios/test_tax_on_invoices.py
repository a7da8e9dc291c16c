"""Tax on a supplier's file: what is exempt passes with its code, a cent too much waits."""

from decimal import Decimal

from tests.api.installation import Installation
from tests.scenarios.office import ordered


def test_goods_for_resale_are_not_taxed(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    exempt = ("TXI", "ST", "0", "0", "", "", "3")

    desk.drop(desk.invoice(order, "B-1", {"1": 4, "2": 1}, more=[exempt]))
    desk.drop(desk.invoice(order, "B-2", {"1": 5, "2": 1}, more=[("TXI", "ST", "0.01", "8")],
                           plus="0.01"))  # fmt: skip

    found = {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}
    assert found["B-1"]["state"] == "posted"
    assert [tax["code"] for tax in found["B-1"]["taxes"]] == ["3"]
    assert found["B-2"]["state"] == "held"
    (hold,) = found["B-2"]["holds"]
    assert (hold["code"], hold["owner_role"]) == ("TAX", "ap_clerk")
    told = house.get("ada", f"/v1/invoices/{found['B-2']['id']}/match")["lines"]
    assert any("tax_group" in line and "stated 0.01" in line for line in told)

    refused = house.post("ben", f"/v1/invoices/{found['B-2']['id']}/release",
                         {"code": "TAX", "line": None, "reason": "a cent"})  # fmt: skip
    assert refused.status == 403
    released = house.post("ada", f"/v1/invoices/{found['B-2']['id']}/release",
                          {"code": "TAX", "line": None, "reason": "a cent"})  # fmt: skip
    assert released.status == 200, released.body
    house.settle()
    amounts = [Decimal(row["amount"]) for row in house.books("finance", "SELECT * FROM payable")]
    assert sum(amounts) == 9 * 120 + 2 * 200 + Decimal("0.01")


def test_a_tax_that_is_told_several_times_counts_once(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "100"), ("RELAY", "40")))
    house.count_at_dock("D1", order.number, {"1": 108, "2": 40})
    billed = {"1": 1, "2": 1}
    whole, parts = ("SAC", "C", "H850", "", "", "3000"), (("TXI", "ST", "21"), ("TXI", "FD", "9"))
    first = {"1": [("SAC", "C", "H850", "", "", "1000"), ("TXI", "ST", "10")]}
    both = first | {"2": [("TXI", "ST", "20")]}

    desk.drop(desk.invoice(order, "B-1", billed, more=[whole], plus="30.00"))
    desk.drop(desk.invoice(order, "B-2", billed, more=[whole, *parts], plus="30.00"))
    desk.drop(desk.invoice(order, "B-3", billed, more=[whole], beside=both, plus="30.00"))
    desk.drop(desk.invoice(order, "B-4", billed, more=[whole], beside=first, plus="40.00"))

    rows = {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}
    told = {
        number: [Decimal(tax["amount"]["amount"]) for tax in row["taxes"]]
        for number, row in sorted(rows.items())
    }
    assert told == {"B-1": [30], "B-2": [21, 9], "B-3": [10, 20], "B-4": [30, 10]}
    assert [Decimal(rows[each]["tax"]["amount"]) for each in told] == [30, 30, 30, 40]
    holds = {hold["code"] for row in rows.values() for hold in row["holds"]}
    assert (holds, [row["charges"] for row in rows.values()]) == ({"TAX"}, [[], [], [], []])
