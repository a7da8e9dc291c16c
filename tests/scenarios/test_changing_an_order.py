"""Changing an order: the supplier is told, answers, ships and bills by the revision in force."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from manciple.app.checking import check
from manciple.formats.x12.tokens import Tokens
from manciple.world.desk import ReceivedOrder
from tests.api.installation import Answer, Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.databases import KINDS, database
from tests.scenarios.office import cases, open_step, ordered
from tests.scenarios.test_settling_exceptions import settle

Rows = list[tuple[str, ...]]


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Give a whole small installation, once on each database."""
    with database(request.param, tmp_path) as url, installed(tmp_path, url) as made:
        yield made


def change(
    house: Installation, number: str, *lines: Mapping[str, Any], who: str = "ben", **more: Any
) -> Answer:
    body = {"reason": "the shop changed its mind", "lines": list(lines)} | more
    answer = house.post(who, f"/v1/purchase-orders/{number}/changes", body)
    house.settle()
    return answer


def pieces(line: str, count: int) -> dict[str, Any]:
    return {"line": line, "quantity": {"value": str(count), "unit": "EA"}}


def priced(line: str, amount: str, unit: str = "CA") -> dict[str, Any]:
    per = {"value": "1", "unit": unit}
    return {"line": line, "price": {"amount": amount, "currency": "USD", "per": per}}


def told(house: Installation, kind: str, supplier: str = "BLUE") -> list[list[tuple[str, ...]]]:
    """Give the files of a kind that lie for a supplier, as segments."""
    files = sorted(house.sent_to(supplier).items())
    return [
        [tuple(each.elements) for each in Tokens(data)]
        for name, data in files
        if name.startswith(kind)
    ]


def of(segments: list[tuple[str, ...]], tag: str) -> list[tuple[str, ...]]:
    return [each for each in segments if each[0] == tag]


def answered(
    desk: SupplierSide, order: ReceivedOrder, revision: str, rows: Rows, head: str = "AC"
) -> bytes:
    now = desk.house.clock.now()
    bca = ("BCA", "00", head, order.number, "", revision, f"{now:%Y%m%d}", "", "",
           f"C-{revision}", f"{now:%Y%m%d}")  # fmt: skip
    return desk.drop(desk.write("865", [bca, *rows, ("CTT", "1")]))


def line_answer(line: str, count: str, code: str = "IA", unit: str = "CA") -> Rows:
    return [("POC", line, "QD", count, "", unit), ("ACK", code, count, unit)]


def line_states(house: Installation, order: str) -> list[str]:
    """Read how far each line of an order is."""
    return [line["state"] for line in house.get("ben", f"/v1/purchase-orders/{order}/ledger")]


def document(house: Installation, number: str) -> Any:
    return house.get("ben", f"/v1/purchase-orders/{number}")


def invoices(house: Installation) -> dict[str, str]:
    return {row["number"]: row["state"] for row in house.get("ada", "/v1/invoices")["rows"]}


def agrees(house: Installation) -> None:
    """Our totals are everybody's: the ERP's, the warehouse's, finance's."""
    house.wait(hours=2)
    broken = {name: found.broken for name, found in check(house.app).items() if found.broken}
    assert not broken


def test_a_hundred_become_eighty_from_the_order_to_the_payment(house: Installation) -> None:
    """Ordered 100, acknowledged 100, changed to 80, shipped 80, invoiced 80: payable."""
    desk, order = ordered(house, (("RELAY", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.wait(hours=2)

    made = change(house, order.number, pieces("1", 80))

    assert (made.status, made.body["state"], made.body["revision"]) == (201, "applied", 2)
    assert made.body["reapproval"]["outcome"] == "notifies"
    [paper] = told(house, "860")
    [bch], [poc] = of(paper, "BCH"), of(paper, "POC")
    assert (bch[1], bch[3], bch[5]) == ("04", order.number, "2")
    assert (poc[1], poc[2], poc[3], poc[5]) == ("1", "QD", "8", "CA")
    standing = document(house, order.number)
    assert standing["lines"][0]["answer"] is None
    assert line_states(house, order.number) == ["sent"]
    answered(desk, order, "2", line_answer("1", "8"))
    standing = document(house, order.number)
    assert (standing["acknowledged_revision"], standing["state"]) == (2, "acknowledged")
    assert line_states(house, order.number) == ["acknowledged"]
    house.wait(hours=2)
    desk.drop(desk.ship_notice(order, "S-1", {"1": 8}))
    assert line_states(house, order.number) == ["shipped"]
    house.count_at_dock("D-1", order.number, {"1": 80}, shipment="S-1")
    assert line_states(house, order.number) == ["received"]
    desk.drop(desk.invoice(order, "B-1", {"1": 8}))
    house.wait(hours=2)
    assert invoices(house) == {"B-1": "posted"}
    [totals] = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    assert {name: totals["totals"][name] for name in ("ordered", "cancelled", "received")} == {
        "ordered": "100", "cancelled": "20", "received": "80",
    }  # fmt: skip
    assert totals["open"] == "0"
    [row] = house.books("erp", "SELECT ordered, cancelled, received FROM line_total")
    assert tuple(row.values()) == ("100", "20", "80")
    assert document(house, order.number)["state"] == "closed"
    assert line_states(house, order.number) == ["closed"]
    assert not cases(house)
    agrees(house)


def test_what_left_before_the_change_counts_by_the_revision_before(house: Installation) -> None:
    """A hundred are on their way when eighty are asked for: they are taken in and paid."""
    desk, order = ordered(house, (("RELAY", "100"),))
    desk.drop(desk.acknowledgment(order))
    notice = desk.ship_notice(order, "S-1", {"1": 10})
    house.wait(days=2)
    change(house, order.number, pieces("1", 80))
    house.wait(hours=2)

    desk.drop(notice)
    house.count_at_dock("D-1", order.number, {"1": 100}, shipment="S-1")
    desk.drop(desk.invoice(order, "B-1", {"1": 10}))
    house.wait(hours=2)

    assert invoices(house) == {"B-1": "posted"}
    [totals] = house.get("ben", f"/v1/purchase-orders/{order.number}/ledger")
    assert (totals["totals"]["received"], totals["open"]) == ("100", "0")
    assert not cases(house, "OVER_SHIPMENT")
    agrees(house)


def test_an_accepted_price_holds_for_what_leaves_after_and_not_before(
    house: Installation,
) -> None:
    """Forty left before the supplier named its price: they are billed at the old one."""
    desk, order = ordered(house, (("RELAY", "100"),))
    old = order.lines[0].price
    new = f"{old * 103 / 100:.2f}"
    desk.drop(desk.ship_notice(order, "S-1", {"1": 4}))
    house.wait(days=2)
    desk.drop(desk.acknowledgment(order, prices={"1": new}))
    assert settle(house, "PRICE_VARIANCE", "accept", "copper").status == 200
    standing = document(house, order.number)
    assert standing["revision"] == 2
    assert standing["lines"][0]["price"]["money"]["amount"] == new
    assert standing["lines"][0]["answer"] is not None
    assert not told(house, "860"), "the supplier said so itself"
    house.wait(days=2)
    desk.drop(desk.ship_notice(order, "S-2", {"1": 6}))
    house.count_at_dock("D-1", order.number, {"1": 40}, shipment="S-1")
    house.count_at_dock("D-2", order.number, {"1": 60}, shipment="S-2")

    desk.drop(desk.invoice(order, "B-1", {"1": 4}, prices={"1": new}))
    house.wait(hours=2)
    [hold] = house.get("ada", "/v1/holds")["rows"]
    assert hold["title"].startswith("PRICE"), "3 % above the price of the revision in force then"
    assert settle(house, "INVOICE_MISMATCH", "dispute").status == 200
    desk.drop(desk.invoice(order, "B-2", {"1": 4}))
    desk.drop(desk.invoice(order, "B-3", {"1": 6}, prices={"1": new}))
    house.wait(hours=2)

    assert invoices(house) == {"B-1": "rejected", "B-2": "posted", "B-3": "posted"}
    agrees(house)


def test_an_invoice_in_flight_is_held_against_the_price_that_its_goods_left_at(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("RELAY", "100"),))
    old = order.lines[0].price
    desk.drop(desk.ship_notice(order, "S-1", {"1": 4}))
    bill = desk.invoice(order, "B-1", {"1": 4})
    house.wait(hours=3)
    made = change(house, order.number, priced("1", f"{old * 104 / 100:.2f}"))
    assert made.body["state"] == "applied"
    [paper] = told(house, "860")
    assert of(paper, "POC")[0][2] == "PC"
    house.count_at_dock("D-1", order.number, {"1": 40}, shipment="S-1")

    desk.drop(bill)
    house.wait(hours=2)

    assert invoices(house) == {"B-1": "posted"}
    match = house.get("ada", "/v1/invoices")["rows"][0]["match"]
    checks = {each["name"]: each for line in match["lines"] for each in line["checks"]}
    assert checks["invoice_price"]["arithmetic"].startswith("200 is exactly the 200 USD")
    agrees(house)


def test_a_change_above_the_limits_waits_for_people_and_then_holds(house: Installation) -> None:
    desk, order = ordered(house, (("RELAY", "100"),))
    old = order.lines[0].price

    made = change(house, order.number, priced("1", f"{old * 120 / 100:.2f}"))

    assert made.body["state"] == "proposed"
    assert document(house, order.number)["revision"] == 1
    assert not told(house, "860")
    approval = _approval_of(house, made.body["id"])
    while (step := open_step(house, approval)) is not None:
        assert step["approver"] != "ben"
        assert house.post(step["approver"], f"/v1/approvals/{approval}/approve").status == 200
        house.settle()
    standing = document(house, order.number)
    assert (standing["revision"], standing["baseline_revision"]) == (2, 2)
    assert house.get("ben", f"/v1/order-changes/{made.body['id']}")["state"] == "applied"
    assert len(told(house, "860")) == 1
    del desk
    agrees(house)


def _approval_of(house: Installation, change_id: str) -> str:
    rows = house.get("root", "/v1/approvals?whose=all&limit=200")["rows"]
    for row in rows:
        approval = house.get("root", f"/v1/approvals/{row['subject']['id']}")
        if approval["subject"]["id"] == change_id:
            return str(approval["id"])
    raise AssertionError(rows)


def test_an_outdated_or_withdrawn_change_is_on_nobodys_list_any_more(
    house: Installation,
) -> None:
    _, order = ordered(house, (("RELAY", "100"),))
    dearer = priced("1", f"{order.lines[0].price * 2:.2f}")
    first = change(house, order.number, dearer).body["id"]
    waiting = _approval_of(house, first)

    change(house, order.number, pieces("1", 90))

    assert house.get("ben", f"/v1/order-changes/{first}")["state"] == "void"
    assert house.get("root", f"/v1/approvals/{waiting}")["state"] == "void"
    second = change(house, order.number, dearer).body["id"]
    waiting = _approval_of(house, second)
    assert house.post("paul", f"/v1/order-changes/{second}/withdraw").codes == {"NOT_YOUR_CHANGE"}
    assert house.post("ben", f"/v1/order-changes/{second}/withdraw").status == 200
    assert house.get("root", f"/v1/approvals/{waiting}")["state"] == "void"


def test_a_preview_keeps_nothing_and_a_stale_version_is_refused(house: Installation) -> None:
    _, order = ordered(house, (("RELAY", "100"),))
    path = f"/v1/purchase-orders/{order.number}"
    seen = house.ask("GET", path, who="ben")
    body = {"reason": "dearer", "lines": [priced("1", f"{order.lines[0].price * 2:.2f}")]}

    shown = house.post("ben", f"{path}/changes/preview", body)

    assert shown.status == 200, shown.body
    assert shown.body["reapproval"]["outcome"] == "needs-approval"
    assert shown.body["chain"]["steps"]
    assert shown.body["lines"][0]["before"]["stated"]["value"] == "10"
    assert house.ask("GET", path, who="ben").etag == seen.etag
    change(house, order.number, pieces("1", 90))
    stale = house.post("ben", f"{path}/changes", body, match=seen.etag)
    assert stale.status == 412


def test_a_stale_answer_is_told_and_never_applied(house: Installation) -> None:
    desk, order = ordered(house, (("RELAY", "100"),))
    late = desk.acknowledgment(order)
    change(house, order.number, pieces("1", 80))
    house.wait(minutes=30)

    desk.drop(late)

    [case] = cases(house, "STALE_ACKNOWLEDGMENT")
    assert "revision 1" in case["discrepancy"]["actual"]
    assert document(house, order.number)["lines"][0]["answer"] is None
    answered(desk, order, "1", line_answer("1", "10"))
    assert document(house, order.number)["lines"][0]["answer"] is None
    answered(desk, order, "7", line_answer("1", "8"))
    assert house.get("kim", "/v1/quarantine")["rows"][0]["code"] == "UNKNOWN_REVISION"


def test_a_rejected_change_leaves_what_was_agreed_before(house: Installation) -> None:
    desk, order = ordered(house, (("RELAY", "100"),))
    desk.drop(desk.acknowledgment(order))
    change(house, order.number, pieces("1", 80))
    house.wait(hours=1)

    answered(desk, order, "2", line_answer("1", "8", "IR"), head="RD")

    [case] = cases(house, "REJECTED_LINE")
    assert "rejects revision 2" in case["discrepancy"]["text"]
    standing = document(house, order.number)
    assert standing["revisions"][0]["rejected"] == ["1"]
    assert standing["lines"][0]["answer"]["confirmed"]["value"] == "100"
    house.wait(hours=1)
    desk.drop(desk.ship_notice(order, "S-1", {"1": 10}))
    house.count_at_dock("D-1", order.number, {"1": 100}, shipment="S-1")
    desk.drop(desk.invoice(order, "B-1", {"1": 10}))
    house.wait(hours=2)
    assert invoices(house) == {"B-1": "posted"}
    agrees(house)


def test_each_revision_has_its_own_clock_for_the_lines_that_it_touches(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("RELAY", "100"), ("VALVE", "108")))
    desk.drop(desk.acknowledgment(order))
    change(house, order.number, pieces("1", 90))
    house.wait(days=4)

    [case] = cases(house, "NO_ACKNOWLEDGMENT")
    assert "lines 1 of revision 2" in case["discrepancy"]["text"]
    answered(desk, order, "2", [], head="AT")

    assert not cases(house, "NO_ACKNOWLEDGMENT")
    lines = document(house, order.number)["lines"]
    assert [line["answer"]["revision"] for line in lines] == [2, 1]


def test_giving_up_the_remainder_is_told_to_the_supplier(house: Installation) -> None:
    desk, order = ordered(house, (("RELAY", "100"),))
    desk.drop(desk.acknowledgment(order, {"1": 6}))

    assert settle(house, "SHORTAGE", "cancel_remainder").status == 200

    [paper] = told(house, "860")
    [poc] = of(paper, "POC")
    assert (poc[2], poc[3]) == ("QD", "6")
    agrees(house)


def test_a_partner_gets_its_changes_in_the_way_that_its_profile_names(
    house: Installation,
) -> None:
    _, order = ordered(house, (("RELAY", "100"), ("VALVE", "108")))
    profile = house.get("root", "/v1/partners/BLUE")
    profile = {name: profile[name] for name in profile if name not in {"version_", "state"}}

    def takes(way: str) -> None:
        stored = house.ask("GET", "/v1/partners/BLUE", who="root")
        body = dict(stored.body) | {"changes": way}
        assert house.put("root", "/v1/partners/BLUE", body).status == 200

    takes("850")
    change(house, order.number, pieces("1", 90))
    whole = told(house, "850")[-1]
    assert of(whole, "BEG")[0][1] == "05"
    assert of(whole, "REF")[0][1:] == ("ZI", "2")
    assert next(line[2] for line in of(whole, "PO1")) == "9"
    takes("phone")
    change(house, order.number, pieces("1", 80))
    assert document(house, order.number)["sent_revision"] == 2
    assert settle(house, "CALL_SUPPLIER", "accept", "told Ms Blue").status == 200
    assert document(house, order.number)["sent_revision"] == 3
    assert not cases(house, "CALL_SUPPLIER")


def test_added_lines_and_more_of_a_line_reach_every_book(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "1080"),))
    day = order.lines[0].wanted
    assert day is not None
    add = [
        {
            "item": "RELAY",
            "quantity": {"value": "10", "unit": "EA"},
            "needed_by": day.isoformat(),
        }
    ]

    made = change(house, order.number, pieces("1", 1092), add=add)
    if made.body["state"] == "proposed":
        approval = _approval_of(house, made.body["id"])
        while (step := open_step(house, approval)) is not None:
            house.post(step["approver"], f"/v1/approvals/{approval}/approve")
            house.settle()

    [paper] = told(house, "860")
    assert [poc[2] for poc in of(paper, "POC")] == ["QI", "AI"]
    rows = house.books("erp", "SELECT line, ordered, cancelled FROM line_total ORDER BY line")
    assert [tuple(row.values()) for row in rows] == [("1", "1092", "0"), ("2", "10", "0")]
    expected = house.books("wms", "SELECT line, quantity FROM expectation ORDER BY line")
    assert [tuple(row.values()) for row in expected] == [("1", "1092"), ("2", "10")]
    del desk
    agrees(house)
