"""Papers that do not fit: dear, twice, too many, too early, unreadable, somebody else's."""

import random
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, need, ordered


def test_a_dear_invoice_is_held_for_the_buyer_and_paid_on_the_buyers_word(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})

    desk.drop(desk.invoice(order, "B-1", prices={"1": "130.00"}))

    (invoice,) = house.get("ben", "/v1/invoices")["rows"]
    assert invoice["state"] == "held"
    price = [hold for hold in invoice["holds"] if hold["code"] == "PRICE"]
    assert {hold["owner_role"] for hold in price} == {"buyer"}
    assert not house.books("finance", "SELECT * FROM payable")
    refused = house.post(
        "walt",
        f"/v1/invoices/{invoice['id']}/release",
        {"code": "PRICE", "line": "1", "reason": "it is fine"},
    )
    assert refused.status == 403
    for hold in price:
        released = house.post(
            "ben",
            f"/v1/invoices/{invoice['id']}/release",
            {"code": "PRICE", "line": hold["line"], "reason": "the agreement allows it"},
        )
        assert released.status == 200, released.body
    house.settle()
    (payable,) = house.books("finance", "SELECT * FROM payable")
    assert Decimal(payable["amount"]) == 9 * 130 + 400
    assert not cases(house)


def test_more_than_ordered_stays_aside_and_is_not_paid(house: Installation) -> None:
    desk, order = ordered(house)

    house.count_at_dock("D1", order.number, {"1": 120, "2": 20})
    desk.drop(desk.invoice(order, "B-1", {"1": 10}))

    codes = {case["code"]: case["owner_role"] for case in cases(house)}
    assert codes["OVER_RECEIPT"] == "planner"
    erp = house.books("erp", "SELECT received FROM line_total WHERE line = '1'")
    assert [Decimal(row["received"]) for row in erp] == [108]
    assert house.books("wms", "SELECT received FROM line_total WHERE line = '1'") == [
        {"received": "120"}
    ]
    (invoice,) = house.get("ada", "/v1/invoices")["rows"]
    assert invoice["state"] == "held"
    assert not house.books("finance", "SELECT * FROM payable")


def test_an_invoice_that_comes_twice_is_paid_once(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})

    desk.drop(desk.invoice(order, "B-1"))
    desk.drop(desk.invoice(order, "b 1"))

    assert len(house.books("finance", "SELECT * FROM payable")) == 1
    assert len(house.books("erp", "SELECT * FROM invoice")) == 1
    states = sorted(row["state"] for row in house.get("ada", "/v1/invoices")["rows"])
    assert states == ["held", "posted"]
    ledger = house.get("ada", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["invoiced"] == "108"


def test_an_answer_that_overtakes_its_order_waits_and_then_applies(
    house: Installation, tmp_path: Path
) -> None:
    """The order's number is learned from a second copy of the company, where it stands already."""
    with installed(tmp_path / "ahead") as ahead:
        number = ordered(ahead)[1].number
    desk = SupplierSide(house, "BLUE")
    rows: list[tuple[str, ...]] = [("BAK", "00", "AC", number, "20260302", "", "", "", "A-1")]
    for line, ask, item in (("1", "9", "VALVE"), ("2", "2", "RELAY")):
        rows.append(("PO1", line, ask, "CA", "", "", "VP", f"BL-{item}"))
        rows.append(("ACK", "IQ", "1", "CA", "017", "20260312"))
    desk.drop(desk.write("855", rows))
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert (parked["code"], parked["waits_for"]) == ("UNKNOWN_ORDER", number)
    (case,) = cases(house)
    assert (case["code"], case["owner_role"]) == ("UNKNOWN_ORDER", "buyer")

    ordered(house)

    assert not house.get("kim", "/v1/quarantine")["rows"]
    assert {case["code"] for case in cases(house)} == {"SHORTAGE"}
    ledger = house.get("paul", f"/v1/purchase-orders/{number}/ledger")
    assert [line["totals"]["acknowledged"] for line in ledger] == ["12", "10"]


def test_a_ship_notice_that_overtakes_its_order_waits_and_then_counts_once(
    house: Installation, tmp_path: Path
) -> None:
    with installed(tmp_path / "ahead") as ahead:
        _, order = ordered(ahead)
    desk = SupplierSide(house, "BLUE")
    desk.drop(desk.ship_notice(order, "S-1", {"1": 5, "2": 2}))
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert (parked["code"], parked["waits_for"]) == ("UNKNOWN_ORDER", order.number)
    house.wait(hours=30)

    ordered(house)
    desk.drop(desk.ship_notice(order, "S-1", {"1": 5, "2": 2}))

    assert not house.get("kim", "/v1/quarantine")["rows"]
    assert "UNKNOWN_ORDER" not in {case["code"] for case in cases(house)}
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert [line["totals"]["shipped"] for line in ledger] == ["60", "20"]
    assert [line["totals"]["acknowledged"] for line in ledger] == ["0", "0"]


@pytest.mark.parametrize("kind", ["855", "856", "810"])
def test_another_suppliers_order_number_is_as_good_as_unknown(
    house: Installation, kind: str
) -> None:
    _, order = ordered(house)
    thief = SupplierSide(house, "ADLER")
    paper = {
        "855": lambda: thief.acknowledgment(order),
        "856": lambda: thief.ship_notice(order, "S-1"),
        "810": lambda: thief.invoice(order, "T-1"),
    }[kind]()

    thief.drop(paper)

    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    touched = {name for line in ledger for name, sum_ in line["totals"].items() if sum_ != "0"}
    assert touched == {"ordered"}
    state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
    assert state == "sent"
    assert not house.books("finance", "SELECT * FROM payable")


def test_a_thief_learns_no_more_of_an_order_than_of_none(house: Installation) -> None:
    _, order = ordered(house)
    thief = SupplierSide(house, "ADLER")

    thief.drop(thief.acknowledgment(order))
    thief.drop(thief.acknowledgment(order, names="PO-NOBODYSMADE"))

    rows = house.get("adler", "/v1/quarantine")["rows"]
    assert {row["code"] for row in rows} == {"UNKNOWN_ORDER"}
    texts = {re.sub(r"PO-\w+", "PO", " ".join(row["reasons"])) for row in rows}
    assert len(rows) == 2
    assert len(texts) == 1
    direct = [
        house.ask("GET", f"/v1/purchase-orders/{number}", who="adler")
        for number in (order.number, "PO-NOBODYSMADE")
    ]
    assert [answer.status for answer in direct] == [404, 404]
    assert {answer.body["title"] for answer in direct} == {"There is no such thing here"}


def test_an_unreadable_file_is_kept_whole_with_the_place_and_answered(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    good = desk.acknowledgment(order)
    broken = good.replace(b"ACK*IA*9*", b"ACK*ZZ*NINE*", 1)

    desk.drop(broken)

    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["code"] == "UNREADABLE"
    raw = house.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim")
    assert raw.raw == broken
    kept = house.get("kim", f"/v1/interchanges/{parked['interchange']}")
    assert [note["segment"] for note in kept["findings"] if note["severity"] == "error"]
    (answer,) = desk.answers("997")
    assert [row[1] for row in answer["AK5"]] == ["R"]
    (case,) = cases(house)
    assert (case["code"], case["owner_role"]) == ("UNREADABLE", "integration")
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["acknowledged"] == "0"


def test_half_an_interchange_is_quarantined_whole(house: Installation) -> None:
    desk, order = ordered(house)
    whole = desk.acknowledgment(order)
    half = whole[: len(whole) * 2 // 3]

    desk.drop(half)

    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    raw = house.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim")
    assert raw.raw == half
    assert len(desk.answers("997")) + len(desk.answers("TA1")) == 1
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["acknowledged"] == "0"


def state_of(house: Installation, order: str) -> dict[str, Any]:
    """Give everything that must not depend on the order and number of arrivals.

    Which of several equal files came first may differ, and with it a document's source; so may
    the number of events, for a repeat is noted. What a document says may not.
    """
    stored = house.get("root", f"/v1/purchase-orders/{order}")
    ledger = house.get("root", f"/v1/purchase-orders/{order}/ledger")
    return {
        "order": (stored["state"], stored["lines"]),
        "ledger": [(line["totals"], line["open"], len(line["postings"])) for line in ledger],
        "papers": {
            kind: [_lasting(row) for row in house.get("root", f"/v1/{kind}")["rows"]]
            for kind in ("acknowledgments", "ship-notices", "receipts", "invoices")
        },
        "tasks": sorted((case["code"], case["subject"]["kind"]) for case in cases(house)),
        "holds": house.get("root", "/v1/holds")["rows"],
        "parked": house.get("root", "/v1/quarantine")["rows"],
        "erp": house.books("erp", 'SELECT * FROM line_total ORDER BY "order", line'),
        "wms": house.books("wms", "SELECT * FROM expectation ORDER BY external, line, position"),
        "payables": house.books("finance", "SELECT external, amount FROM payable"),
        "cash": house.books("finance", "SELECT line, forecast FROM cash_line ORDER BY line"),
    }


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out where a document was read from, and what was numbered in order of arrival."""
    passing = {"source", "version", "place", "erp_number", "finance_number"}
    return {name: value for name, value in row.items() if name not in passing}


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_message_three_times_in_any_order_ends_the_same(tmp_path: Path, seed: int) -> None:
    ends = []
    for home, often in (("in order", 1), ("shuffled", 3)):
        with installed(tmp_path / home) as house:
            desk, order = ordered(house)
            papers = [
                desk.functional(order),
                desk.acknowledgment(order, {"1": 8}),
                desk.ship_notice(order, "S-1", {"1": 8}),
                desk.invoice(order, "B-1", {"1": 8}),
            ] * often
            if often > 1:
                random.Random(seed).shuffle(papers)
            for paper in papers:
                desk.drop(paper)
            house.count_at_dock("D1", order.number, {"1": 96, "2": 20})
            house.wait(hours=1)
            ends.append(state_of(house, order.number))

    assert ends[0] == ends[1]
    assert ends[0]["payables"]


def test_a_need_for_nothing_we_buy_is_refused_line_by_line(house: Installation) -> None:
    body = need(house, [("STATUE", "1"), ("UNICORN", "2"), ("VALVE", "10")])

    refused = house.post("rita", "/v1/requisitions", body)

    assert refused.status == 422
    fields = {each["field"].rsplit(".", 1)[0] for each in refused.body["errors"]}
    assert fields == {"lines.0", "lines.1"}
    assert all(each["fix"] for each in refused.body["errors"])
    assert not house.get("rita", "/v1/requisitions")["rows"]
