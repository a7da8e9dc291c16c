"""What people of the small company do every day, for the stories to begin with."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from manciple.world.desk import ReceivedOrder
from tests.api.installation import Installation
from tests.api.supplier_side import SupplierSide

Need = tuple[str, str]
"""An item and how many pieces of it."""


def need(
    house: Installation, lines: Sequence[Need], *, site: str = "ATL", **more: Any
) -> dict[str, Any]:
    """Write a requisition as a caller sends it."""
    day = (house.clock.now() + timedelta(days=10)).date().isoformat()
    rows = [
        {"item": item, "quantity": {"value": pieces, "unit": "EA"}, "needed_by": day}
        for item, pieces in lines
    ]
    return {"site": site, "lines": rows} | more


def raise_need(
    house: Installation,
    lines: Sequence[Need],
    *,
    who: str = "rita",
    site: str = "ATL",
    **more: Any,
) -> dict[str, Any]:
    """Raise a requisition; give it as the API answers."""
    answer = house.post(who, "/v1/requisitions", need(house, lines, site=site, **more))
    assert answer.status == 201, answer.body
    house.settle()
    body: dict[str, Any] = answer.body
    return body


def open_step(house: Installation, approval: str) -> dict[str, Any] | None:
    """Give the step of an approval that waits for somebody."""
    steps = house.get("root", f"/v1/approvals/{approval}")["steps"]
    return next((step for step in steps if step["state"] == "pending"), None)


def agree(house: Installation, requisition: dict[str, Any]) -> list[str]:
    """Have everybody whose turn it is agree; give who did."""
    agreed: list[str] = []
    approval = requisition["approval"]
    while (step := open_step(house, approval)) is not None:
        answer = house.post(step["approver"], f"/v1/approvals/{approval}/approve")
        assert answer.status == 200, answer.body
        agreed.append(step["approver"])
        house.settle()
    return agreed


def ordered(
    house: Installation,
    lines: Sequence[Need] = (("VALVE", "100"), ("RELAY", "20")),
    *,
    supplier: str = "BLUE",
    **more: Any,
) -> tuple[SupplierSide, ReceivedOrder]:
    """Have an order made and sent; give the supplier who holds it, and the order as it came."""
    desk = SupplierSide(house, supplier)
    before = {order.number for order in desk.orders()}
    agree(house, raise_need(house, lines, **more))
    (number,) = {order.number for order in desk.orders()} - before
    return desk, desk.order(number)


def cases(house: Installation, code: str = "") -> list[dict[str, Any]]:
    """Give the open exceptions, in whole."""
    rows = house.get("root", "/v1/exceptions?limit=200")["rows"]
    found = [house.get("root", f"/v1/exceptions/{row['id']}") for row in rows]
    return [each for each in found if code in {"", each["code"]}]
