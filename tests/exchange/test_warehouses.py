"""A warehouse of another company, and suppliers who want an 861, by files through the doors."""

from collections.abc import Sequence
from typing import Any

import pytest

from manciple.adapters.transports.folder import FolderTransport
from manciple.exchange.partner import Address, Partner, RegisterPartner
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import OURS, START, Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, ordered
from tests.x12.x12_builders import sample

NORTH = Address(qualifier="ZZ", interchange_id="NORTHDOCK", group_id="NORTHDOCK")
BLUE = Address(qualifier="ZZ", interchange_id="BLUEVALVE", group_id="BLUEVALVE")


def register(house: Installation, partner: Partner) -> None:
    (reply,) = house.app.store.apply(
        [Command(key=f"p:{partner}", act=RegisterPartner(partner=partner), actor=SYSTEM, at=START)]
    ).replies
    assert reply.is_done, reply.refusals


@pytest.fixture
def north(house: Installation) -> "Dock":
    """Give the warehouse of another company that keeps Atlanta's goods."""
    register(house, Partner(id="NORTH", theirs=NORTH, ours=OURS, sites=("ATL",)))
    house.app.systems.transports["NORTH"] = FolderTransport(
        house.home / "partners" / "NORTH", partner="NORTH", settle_seconds=0
    )
    return Dock(house)


class Dock:
    """The other company's warehouse: what came for it, and the papers it writes."""

    def __init__(self, house: Installation) -> None:
        self.house = house
        self.desk = SupplierSide(house, "NORTH")

    def say(self, kind: str, *rows: Sequence[str]) -> None:
        content = self.desk.write(kind, [tuple(row) for row in rows], sender="NORTHDOCK")
        self.house.drop("NORTH", content)

    def got(self, kind: str) -> list[bytes]:
        sent = self.house.sent_to("NORTH")
        return [data for name, data in sorted(sent.items()) if name.startswith(kind)]


def plain(data: bytes) -> bytes:
    return data.replace(b"~\n", b"~")


def ledger(house: Installation, order: str) -> dict[str, Any]:
    (line,) = house.get("root", f"/v1/purchase-orders/{order}/ledger")
    totals: dict[str, Any] = line["totals"]
    return {stage: totals[stage] for stage in ("shipped", "received", "accepted")}


def test_goods_on_their_way_are_announced_by_943_and_counted_by_944(
    house: Installation, north: Dock
) -> None:
    desk, order = ordered(house, (("VALVE", "96"),))
    desk.drop(desk.acknowledgment(order))
    desk.drop(desk.ship_notice(order, "S-1"))

    (notice,) = north.got("943")
    expected = sample("943-outgoing.x12").replace(b"ORDER-NUMBER", order.number.encode())
    assert plain(notice) == plain(expected)
    told = [e["key"] for e in house.get("kim", "/v1/effects")["rows"] if e["endpoint"] == "wms"]
    assert told == []

    north.say(
        "944",
        ("W17", "F", "20260303", "WR-5", order.number, "S-1"),
        ("W07", "94", "EA", "", "BP", "VALVE"), ("N9", "LI", "1"), ("W13", "3", "EA", "01"),
        ("W14", "94"),
    )  # fmt: skip

    assert ledger(house, order.number) == {"shipped": "96", "received": "94", "accepted": "91"}
    receipt = house.get("root", "/v1/receipts/NORTH-WR-5")
    assert (receipt["site"], receipt["received"]) == ("ATL", "2026-03-03")
    found = sorted(case["discrepancy"]["text"] for case in cases(house, "SHORT_RECEIPT"))
    assert found


def test_a_944_told_twice_counts_once_and_a_changed_one_is_put_aside(
    house: Installation, north: Dock
) -> None:
    desk, order = ordered(house, (("VALVE", "96"),))
    desk.drop(desk.acknowledgment(order))
    rows = (("W17", "F", "20260303", "WR-5", order.number), ("W07", "90", "EA", "", "BP", "VALVE"))
    north.say("944", *rows)
    north.say("944", *rows)
    north.say("944", rows[0], ("W07", "91", "EA", "", "BP", "VALVE"))

    assert ledger(house, order.number)["received"] == "90"
    codes = [row["code"] for row in house.get("kim", "/v1/quarantine")["rows"]]
    assert codes == ["RECEIPT_CHANGED"]


@pytest.mark.parametrize(("damaged", "accepted"), [("90", "0"), ("91", None)])
def test_no_more_can_be_damaged_than_was_counted(
    house: Installation, north: Dock, damaged: str, accepted: str | None
) -> None:
    desk, order = ordered(house, (("VALVE", "96"),))
    desk.drop(desk.acknowledgment(order))
    north.say(
        "944", ("W17", "F", "20260303", "WR-5", order.number),
        ("W07", "90", "EA", "", "BP", "VALVE"), ("W13", damaged, "EA", "01"),
    )  # fmt: skip

    rows = house.get("kim", "/v1/quarantine")["rows"]
    assert [row["code"] for row in rows] == ([] if accepted else ["BAD_QUANTITY"])
    assert ledger(house, order.number)["accepted"] == "0"


def test_who_keeps_no_goods_of_ours_can_not_count_them(house: Installation, north: Dock) -> None:
    desk, order = ordered(house, (("VALVE", "96"),), site="DFW", who="rolf")
    desk.drop(desk.acknowledgment(order))
    count = [("W17", "F", "20260303", "X", order.number), ("W07", "1", "EA", "", "BP", "VALVE")]
    desk.drop(desk.write("944", count))
    north.say("944", *count)

    codes = sorted(row["code"] for row in house.get("kim", "/v1/quarantine")["rows"])
    assert codes == ["NOT_A_WAREHOUSE", "NOT_YOUR_SITE"]
    assert ledger(house, order.number)["received"] == "0"


def test_a_944_of_an_order_that_we_do_not_know_waits(house: Installation, north: Dock) -> None:
    north.say("944", ("W17", "F", "20260303", "X", "PO-NOBODY"), ("W07", "1", "EA"))

    (row,) = house.get("kim", "/v1/quarantine")["rows"]
    assert (row["code"], row["waits_for"]) == ("UNKNOWN_ORDER", "PO-NOBODY")


def test_one_site_has_one_warehouse(house: Installation, north: Dock) -> None:
    del north
    theirs = Address(qualifier="ZZ", interchange_id="SOUTHDOCK", group_id="SOUTHDOCK")
    south = Partner(id="SOUTH", theirs=theirs, ours=OURS, sites=("ATL",))
    act = RegisterPartner(partner=south)
    (reply,) = house.app.store.apply([Command(key="s", act=act, actor=SYSTEM, at=START)]).replies
    assert [each.code for each in reply.refusals] == ["SITE_TAKEN"]

    register(house, Partner(id="NORTH", theirs=NORTH, ours=OURS))
    register(house, south)


def place(house: Installation, **more: Any) -> Any:
    body = {
        "site": "ATL", "purpose": "return", "to": "BLUE", "about": "RTV-9",
        "wanted": "2026-03-05",
        "lines": [{"item": "VALVE", "quantity": {"value": "10", "unit": "EA"}}],
    }  # fmt: skip
    return house.post("walt", "/v1/warehouse-orders", body | more)


@pytest.mark.parametrize(("sent", "state"), [("10", "shipped"), ("9", "short")])
def test_goods_leave_by_940_and_the_945_tells_what_left(
    house: Installation, north: Dock, sent: str, state: str
) -> None:
    placed = place(house)
    assert placed.status == 201, placed.body
    house.settle()
    number = placed.body["id"]
    (order,) = north.got("940")
    expected = sample("940-outgoing.x12").replace(b"ORDER-NUMBER", number.encode())
    assert plain(order) == plain(expected)

    north.say(
        "945", ("W06", "F", number, "20260305", "BOL-9", "", "RTV-9"), ("LX", "1"),
        ("W12", "CC", "10", sent, "", "EA", "", "BP", "VALVE"), ("W03", sent),
    )  # fmt: skip

    told = house.get("root", f"/v1/warehouse-orders/{number}")
    assert (told["state"], told["shipment"]) == (state, "BOL-9")
    short = cases(house, "SHORT_RECEIPT")
    assert len(short) == (state == "short")
    if short:
        assert "9 EA of 10 EA" in short[0]["discrepancy"]["text"]
        answer = house.post(
            "walt", f"/v1/exceptions/{short[0]['id']}/resolve", {"resolution": "dispute"}
        )
        assert answer.status == 200, answer.body


def test_a_site_with_a_warehouse_of_our_own_gets_no_940(house: Installation) -> None:
    assert place(house).codes == {"NO_WAREHOUSE"}


def test_a_supplier_that_asks_for_it_is_told_what_we_counted(house: Installation) -> None:
    register(house, Partner(id="BLUE", theirs=BLUE, ours=OURS, receiving_advice=True))
    desk, order = ordered(house, (("VALVE", "96"),))
    desk.drop(desk.acknowledgment(order))
    desk.drop(desk.ship_notice(order, "S-1"))

    house.count_at_dock("R-1", order.number, {"1": 90}, damaged={"1": 2}, shipment="S-1")

    sent = house.sent_to("BLUE")
    (name,) = [each for each in sent if each.startswith("861")]
    expected = sample("861-outgoing.x12").replace(b"ORDER-NUMBER", order.number.encode())
    assert plain(sent[name]) == plain(expected)


def test_a_supplier_that_does_not_ask_is_not_told(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "96"),))
    desk.drop(desk.acknowledgment(order))
    house.count_at_dock("R-1", order.number, {"1": 90})

    assert not [name for name in house.sent_to("BLUE") if name.startswith("861")]


def stock_list(number: str, day: str, available: str, unit: str = "EA") -> list[tuple[str, ...]]:
    return [
        ("BIA", "00", "SI", number, day), ("LIN", "1", "VP", "V-1", "BP", "VALVE"),
        ("QTY", "33", available, unit), ("LIN", "2", "VP", "V-2"), ("QTY", "17", "5", unit),
    ]  # fmt: skip


def test_what_a_supplier_has_is_known_with_its_age(house: Installation) -> None:
    desk = SupplierSide(house, "BLUE")
    desk.drop(desk.write("846", stock_list("L-1", "20260301", "120")))

    first = house.get("paul", "/v1/supplier-stock/BLUE/buyer/VALVE")
    assert (first["available"]["value"], first["as_of"][:10], first["state"]) == (
        "120", "2026-03-01", "available")  # fmt: skip
    second = house.get("paul", "/v1/supplier-stock/BLUE/supplier/V-2")
    assert (second["available"], second["on_hand"]["value"], second["state"]) == (
        None, "5", "unknown")  # fmt: skip

    desk.drop(desk.write("846", stock_list("L-0", "20260228", "999")))
    assert house.get("paul", "/v1/supplier-stock/BLUE/buyer/VALVE") == first

    desk.drop(desk.write("846", stock_list("L-2", "20260302", "0")))
    newest = house.get("paul", "/v1/supplier-stock/BLUE/buyer/VALVE")
    assert (newest["state"], newest["list_number"]) == ("none", "L-2")


def test_a_stock_list_in_a_unit_that_nobody_knows_is_put_aside(house: Installation) -> None:
    desk = SupplierSide(house, "BLUE")
    desk.drop(desk.write("846", stock_list("L-1", "20260301", "120", "Q9")))

    (row,) = house.get("kim", "/v1/quarantine")["rows"]
    assert row["code"] == "UOM_UNKNOWN"
