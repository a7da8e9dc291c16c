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
