"""Half of the goods came: that half is paid now, in ERP and finance under numbers of its own."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from manciple.app.checking import check
from tests.api.installation import Installation, installed
from tests.scenarios.office import ordered


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """Give a whole small installation, on SQLite and on PostgreSQL."""
    with installed(tmp_path, database_url) as made:
        yield made


def part(house: Installation, who: str, number: str) -> Any:
    answer = house.post(who, f"/v1/invoices/{number}/release-part")
    house.settle()
    return answer


def test_what_came_is_paid_and_the_rest_when_it_comes(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 60, "2": 20})
    desk.drop(desk.invoice(order, "B-1"))
    (paper,) = house.get("ada", "/v1/invoices")["rows"]
    name = paper["id"]
    assert [hold["code"] for hold in paper["holds"]] == ["QTY_RECEIVED"]
    assert part(house, "ben", name).status == 403

    assert part(house, "ada", name).status == 200

    told = house.get("ada", f"/v1/invoices/{name}")
    (first,) = told["parts"]
    assert told["state"] == "held"
    assert [line["quantity"]["value"] for line in first["lines"]] == ["60", "20"]
    assert Decimal(first["total"]["amount"]) == 600 + 400
    assert first["erp_number"]
    assert first["finance_number"]
    (paid,) = house.books("finance", "SELECT * FROM payable")
    assert (paid["external"], paid["supplier_number"]) == (f"{name}.1", "B-1/1")
    assert Decimal(paid["amount"]) == 1000
    lines = house.get("ada", f"/v1/invoices/{name}/match")["lines"]
    assert any("still waits: 48 EA of line 1, 480.00 USD: QTY_RECEIVED:1" in t for t in lines)
    assert part(house, "ada", name).codes == {"NOTHING_TO_RELEASE"}
    assert house.post("luis", f"/v1/invoices/{name}/reject", {"reason": "no"}).codes == {
        "PART_RELEASED"
    }
    assert not [text for each in check(house.app).values() for text in each.broken]

    house.count_at_dock("D2", order.number, {"1": 48})
    house.wait(minutes=30)

    told = house.get("ada", f"/v1/invoices/{name}")
    assert told["state"] == "posted"
    rows = house.books("finance", "SELECT * FROM payable ORDER BY number")
    assert [Decimal(row["amount"]) for row in rows] == [1000, 480]
    assert [row["external"] for row in rows] == [f"{name}.1", f"{name}.2"]
    erp = house.books("erp", "SELECT external, total FROM invoice ORDER BY number")
    assert [row["external"] for row in erp] == [f"{name}.1", f"{name}.2"]
    assert [Decimal(row["total"]) for row in erp] == [1000, 480]
    found = check(house.app)
    assert found["parts"].checked == 1
    assert not [text for each in found.values() for text in each.broken]
    assert part(house, "ada", name).codes == {"WRONG_STATE"}
