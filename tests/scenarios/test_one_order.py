"""One order's whole life: a need at a branch becomes goods on the shelf and a payable in finance.

    need -> chain -> approvals -> ERP -> 850 -> 997, 855, 856 -> dock -> 810 -> match -> payable

Everything goes through the doors that people and partners use. What is asserted stands in the
ERP's, the warehouse's and finance's own databases, and in the supplier's folder.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.databases import database
from tests.scenarios.office import agree, cases, need, raise_need


def live_through(house: Installation) -> dict[str, str]:
    """Play one order from need to payable; give every number under which it is known."""
    lines = (("VALVE", "500"), ("RELAY", "20"))
    preview = house.post("rita", "/v1/requisitions/preview", need(house, lines)).body
    requisition = raise_need(house, lines, reference="SO-4711")
    approval = house.get("root", f"/v1/approvals/{requisition['approval']}")
    assert _chain(preview["chain"]) == _chain(approval)
    assert preview["requisition"]["total"] == requisition["total"]
    assert [role for role, _, _ in _chain(approval)] == ["branch_manager", "category_manager"]
    assert not SupplierSide(house, "BLUE").orders()

    agreed = agree(house, requisition)

    assert agreed == [who for _, who, _ in _chain(approval)]
    desk = SupplierSide(house, "BLUE")
    order = desk.order()
    in_erp = house.books(
        "erp", "SELECT number FROM purchase_order WHERE external = ?", order.number
    )
    assert len(in_erp) == 1
    assert [f"{line.ordered} {line.unit}" for line in order.lines] == ["42 CA", "2 CA"]

    desk.drop(desk.functional(order))
    desk.drop(desk.acknowledgment(order, number="ACK-77"))
    desk.drop(desk.ship_notice(order, "TRUCK-9"))
    house.wait(hours=24)
    house.count_at_dock("DOCK-5", order.number, {"1": 504, "2": 20}, shipment="TRUCK-9")
    desk.drop(desk.invoice(order, "BV-1001"))

    (invoice,) = house.get("ada", "/v1/invoices")["rows"]
    return {
        "requisition": requisition["id"],
        "order": order.number,
        "ERP number": in_erp[0]["number"],
        "supplier's number": "ACK-77",
        "shipment": "TRUCK-9",
        "receipt": house.get("ada", "/v1/receipts")["rows"][0]["id"],
        "supplier's invoice": "BV-1001",
        "invoice": invoice["id"],
        "payable": invoice["finance_number"],
        "our control number": f"{int(order.group):09d}",
        "answer's control number": "000000102",
        "invoice's control number": f"{desk.control:09d}",
        "approval": requisition["approval"],
    }


def _chain(told: dict[str, object]) -> list[tuple[str, str, str]]:
    steps = told["steps"]
    assert isinstance(steps, list)
    return [(step["role"], step["approver"], step["kind"]) for step in steps]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_need_becomes_goods_and_a_payable(kind: str, tmp_path: Path) -> None:
    with database(kind, tmp_path) as url, installed(tmp_path, url) as house:
        known = live_through(house)

        totals = house.books("erp", "SELECT * FROM line_total ORDER BY line")
        assert [
            (row["ordered"], row["confirmed"], row["received"], row["invoiced"]) for row in totals
        ] == [("504", "504", "504", "504"), ("20", "20", "20", "20")]
        assert len(house.books("erp", "SELECT * FROM invoice")) == 1
        (dock,) = house.books("wms", "SELECT * FROM inbound")
        assert dock["external"] == known["order"]
        (payable,) = house.books("finance", "SELECT * FROM payable")
        assert payable["external"] == known["invoice"]
        assert Decimal(payable["amount"]) == Decimal("5440.00")
        (cash,) = house.books("finance", "SELECT * FROM order_total")
        assert Decimal(cash["committed"]) == Decimal("5440.00")
        sent = sorted(house.sent_to("BLUE"))
        assert [name[:3] for name in sent] == ["850", "997", "997", "997"]
        assert not cases(house)
        order = house.get("ben", f"/v1/purchase-orders/{known['order']}")
        assert order["state"] == "closed"
        assert house.app.verify().broken is None


def test_every_number_leads_to_the_same_story(house: Installation) -> None:
    known = live_through(house)

    for what, number in known.items():
        told = house.get("audra", f"/v1/trace/{number}")
        threads = {trace["thread"] for trace in told["traces"]}
        assert threads == {f"requisition/{known['requisition']}"}, what
    (whole,) = house.get("audra", f"/v1/trace/{known['order']}")["traces"]
    assert {row["kind"] for row in whole["documents"]} == {
        "Requisition", "Approval", "Purchase order", "Acknowledgment", "Ship notice", "Receipt",
        "Invoice", "Partner message",
    }  # fmt: skip
    assert {row["open"] for row in whole["lines"]} == {"0"}


def test_every_matched_number_can_be_read_in_the_explanation(house: Installation) -> None:
    known = live_through(house)

    told = house.get("ada", f"/v1/invoices/{known['invoice']}/match")

    assert told["state"] == "posted"
    text = str(told["match"])
    assert "5040" in text
    assert "tolerances 2026-01/" in text
    ledger = house.get("ada", f"/v1/purchase-orders/{known['order']}/ledger")
    assert [(line["line"], line["open"]) for line in ledger] == [("1", "0"), ("2", "0")]
