"""Who counted goods does not pass their invoice on: somebody else must."""

from tests.api.installation import Installation
from tests.scenarios.office import ordered


def test_who_counted_the_goods_does_not_release_their_invoice(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "120"),))
    body = {
        "receipt": "GR-1",
        "order": order.number,
        "site": "ATL",
        "received": f"{house.clock.now():%Y-%m-%d}",
        "lines": [{"line": "1", "quantity": {"value": "60", "unit": "EA"}}],
    }
    counted = house.post("walt", "/v1/receipts", body)
    assert counted.status == 201, counted.body
    house.settle()
    desk.drop(desk.invoice(order, "B-1"))
    (invoice,) = house.get("ada", "/v1/invoices")["rows"]
    (hold,) = invoice["holds"]
    assert (hold["code"], hold["owner_role"]) == ("QTY_RECEIVED", "warehouse_lead")

    release = {"code": "QTY_RECEIVED", "line": "1", "reason": "the rest is on its way"}
    refused = house.post("walt", f"/v1/invoices/{invoice['id']}/release", release)

    (error,) = refused.body["errors"]
    assert (refused.status, error["code"], error["rule"]) == (403, "SEGREGATION", "A-07")
    assert error["message"].startswith("walt counted receipt GR-1")
    assert not house.books("finance", "SELECT * FROM payable")
