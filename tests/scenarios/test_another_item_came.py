"""Another item came than was ordered: agreed to, stocked as what it is, paid at its own price."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from manciple.app.checking import check
from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, ordered
from tests.scenarios.test_goods_that_go_back import ask, send

EACH = {"value": "1", "unit": "EA"}


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """Give a whole small installation, on SQLite and on PostgreSQL."""
    with installed(tmp_path, database_url) as made:
        yield made


def stock(house: Installation, item: str) -> Decimal:
    rows = house.books("erp", "SELECT on_hand FROM stock WHERE item = ? AND site = ?", item, "ATL")
    return Decimal(rows[0]["on_hand"]) if rows else Decimal(0)


def elbows(desk: SupplierSide, order: str, number: str, at: str) -> bytes:
    """Bill 48 elbows by our number of them."""
    day = f"{desk.house.clock.now():%Y%m%d}"
    rows = [
        ("BIG", day, number, day, order),
        ("IT1", "1", "48", "EA", at, "", "BP", "ELBOW"),
        ("TDS", f"{48 * Decimal(at) * 100:.0f}"),
        ("CTT", "1"),
    ]
    return desk.write("810", rows)


def test_a_substitute_is_agreed_received_stocked_and_paid_as_what_it_is(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("VALVE", "108"),))
    path = f"/v1/purchase-orders/{order.number}/substitutes"
    wanted = {"line": "1", "item": "ELBOW", "reason": "no valves before June"}
    assert house.post("ada", path, wanted).status == 403
    dear = wanted | {"price": {"amount": "10.31", "currency": "USD", "per": EACH}}
    assert house.post("ben", path, dear).codes == {"DEARER"}

    agreed = house.post("ben", path, wanted)

    assert agreed.status == 200, agreed.body
    before = stock(house, "VALVE"), stock(house, "ELBOW")
    house.count_at_dock("D1", order.number, {"1": 60}, instead={"1": ("ELBOW", 48)})

    (kept,) = house.get("ben", "/v1/receipts")["rows"]
    lines = house.get("ben", f"/v1/receipts/{kept['id']}")["lines"]
    assert [(each["item"], each["came"], each["received"]["value"]) for each in lines] == [
        ("VALVE", None, "60"),
        ("VALVE", "ELBOW", "48"),
    ]
    assert (stock(house, "VALVE"), stock(house, "ELBOW")) == (before[0] + 60, before[1] + 48)
    (totals,) = house.books("erp", "SELECT received, accepted FROM receipt_line")
    assert (totals["received"], totals["accepted"]) == ("108", "108")

    # 60 at 10.00 and 48 at 5.00 come to 840.00; the supplier bills 108 valves, 1080.00.
    desk.drop(desk.invoice(order, "B-1"))
    (paper,) = house.get("ada", "/v1/invoices")["rows"]
    (hold,) = paper["holds"]
    assert (hold["code"], Decimal(hold["amount"]["amount"])) == ("PRICE", Decimal(240))
    told = house.get("ada", f"/v1/invoices/{paper['id']}/match")["lines"]
    assert any("48 EA of it are ELBOW, which came instead" in text for text in told)
    assert (
        house.post("ada", f"/v1/invoices/{paper['id']}/reject", {"reason": "dear"}).status == 200
    )

    # Five cases of valves as ordered; elbows at 5.00 and up to 3 % of it, 5.15.
    desk.drop(desk.invoice(order, "B-2", {"1": 5}))
    desk.drop(elbows(desk, order.number, "B-3", "5.16"))
    desk.drop(elbows(desk, order.number, "B-4", "5.15"))
    found = {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}
    assert (found["B-2"]["state"], found["B-3"]["state"]) == ("posted", "held")
    assert "PRICE" in {hold["code"] for hold in found["B-3"]["holds"]}
    rejected = house.post("ada", f"/v1/invoices/{found['B-3']['id']}/reject", {"reason": "dear"})
    assert rejected.status == 200
    house.settle()
    found = {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}
    assert found["B-4"]["state"] == "posted"
    assert not [text for each in check(house.app).values() for text in each.broken]


def test_an_item_that_nobody_agreed_to_is_put_aside_and_is_somebodys_case(
    house: Installation,
) -> None:
    _, order = ordered(house, (("VALVE", "108"),))
    before = stock(house, "ELBOW")

    house.count_at_dock("D1", order.number, {"1": 60}, instead={"1": ("ELBOW", 48)})

    (case,) = cases(house, "SUBSTITUTION")
    assert case["discrepancy"]["actual"] == "ELBOW"
    assert stock(house, "ELBOW") == before
    ledger = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["received"] == "60"


def receipts(house: Installation) -> list[dict[str, Any]]:
    """Give what was booked, with the lines, in the order of their numbers."""
    names = sorted(row["id"] for row in house.get("ben", "/v1/receipts")["rows"])
    return [house.get("ben", f"/v1/receipts/{quote(name)}") for name in names]


def test_what_was_put_aside_is_taken_in_when_somebody_agrees_to_it(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "108"),))
    before = stock(house, "ELBOW")
    house.count_at_dock("D1", order.number, {"1": 60}, instead={"1": ("ELBOW", 60)})
    (case,) = cases(house, "SUBSTITUTION")

    settled = house.post(
        "ben", f"/v1/exceptions/{case['id']}/resolve", {"resolution": "accept", "note": "they fit"}
    )
    assert settled.status == 200, settled.body
    house.settle()

    assert stock(house, "ELBOW") == before + 48, "no more than the line still wants"
    first, later = receipts(house)
    assert later["id"] == f"{first['id']}+1"
    assert [each["quarantined"]["value"] for each in first["lines"]] == ["0", "0"]
    (line,) = later["lines"]
    assert (line["came"], line["received"]["value"], line["quarantined"]["value"]) == (
        "ELBOW",
        "48",
        "12",
    )
    assert later["received"] == first["received"]
    (over,) = cases(house, "OVER_RECEIPT")
    assert over["discrepancy"]["variance"].startswith("+12 ")
    ledger = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["received"] == "108"
    assert not [text for each in check(house.app).values() for text in each.broken]

    wanted = house.post("paul", f"/v1/exceptions/{over['id']}/resolve", {"resolution": "accept"})
    assert wanted.status == 200, wanted.body
    house.settle()

    assert stock(house, "ELBOW") == before + 60
    ledger = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    assert (ledger[0]["totals"]["ordered"], ledger[0]["totals"]["received"]) == ("108", "120")
    assert not [text for each in check(house.app).values() for text in each.broken]


def test_what_goes_back_is_not_taken_in(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "108"),))
    house.count_at_dock("D1", order.number, {"1": 140})
    (over,) = cases(house, "OVER_RECEIPT")
    aside = Decimal(over["discrepancy"]["variance"].split()[0])
    ask(house, order.number, "10", line={"aside": True, "receipt": None})
    before = stock(house, "VALVE")

    wanted = house.post("paul", f"/v1/exceptions/{over['id']}/resolve", {"resolution": "accept"})
    assert wanted.status == 200, wanted.body
    house.settle()

    assert stock(house, "VALVE") == before + aside - 10
    assert receipts(house)[0]["lines"][0]["quarantined"]["value"] == "10"
    assert not [text for each in check(house.app).values() for text in each.broken]


def test_a_substitute_that_goes_back_leaves_the_shelf_that_it_stood_on(
    house: Installation,
) -> None:
    _, order = ordered(house, (("VALVE", "108"),))
    wanted = {"line": "1", "item": "ELBOW", "reason": "no valves before June"}
    path = f"/v1/purchase-orders/{order.number}/substitutes"
    assert house.post("ben", path, wanted).status == 200
    house.count_at_dock("D1", order.number, {"1": 60})
    house.count_at_dock("D2", order.number, {}, instead={"1": ("ELBOW", 48)})
    before = stock(house, "VALVE"), stock(house, "ELBOW")
    kept = [row["id"] for row in house.get("ben", "/v1/receipts")["rows"]]
    (theirs,) = [
        each
        for each in kept
        if house.get("ben", f"/v1/receipts/{each}")["lines"][0]["came"] == "ELBOW"
    ]

    back = ask(house, order.number, "12", line={"receipt": theirs})
    send(house, back)

    assert (stock(house, "VALVE"), stock(house, "ELBOW")) == (before[0], before[1] - 12)
    assert not [text for each in check(house.app).values() for text in each.broken]
