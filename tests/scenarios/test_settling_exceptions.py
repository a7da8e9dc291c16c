"""Settling exceptions: each allowed resolution does what its name says, and no other is taken."""

import pytest

from manciple.adapters.reference.switches import Mode
from tests.api.installation import Answer, Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, ordered, raise_need

HOLDER = {
    "planner": "paul",
    "buyer": "ben",
    "ap_clerk": "ada",
    "ap_lead": "luis",
    "warehouse_lead": "walt",
    "quality": "sam",
    "integration": "kim",
    "process_owner": "eva",
    "steward": "stew",
}


def settle(house: Installation, code: str, resolution: str, note: str = "seen") -> Answer:
    (case,) = cases(house, code)
    assert resolution in case["resolutions"]
    path = f"/v1/exceptions/{case['id']}/resolve"
    body = {"resolution": resolution, "note": note}
    answer = house.post(HOLDER[case["owner_role"]], path, body)
    house.settle()
    return answer


def test_a_resolution_that_policy_does_not_allow_is_refused_with_those_that_are(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house)

    path = f"/v1/exceptions/{case['id']}/resolve"
    refused = house.post("paul", path, {"resolution": "discard"})

    assert refused.status == 409
    assert refused.codes == {"RESOLUTION_NOT_ALLOWED"}
    assert all(word in refused.body["errors"][0]["fix"] for word in case["resolutions"])
    stranger = house.post("wim", path, {"resolution": "accept"})
    assert stranger.status == 404
    other = house.post("ada", path, {"resolution": "accept"})
    assert (other.status, other.codes) == (403, {"NOT_YOUR_CASE"})
    assert cases(house)


@pytest.mark.parametrize("resolution", ["await_balance", "accept", "dispute"])
def test_a_shortage_may_be_settled_without_giving_anything_up(
    house: Installation, resolution: str
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))

    answer = settle(house, "SHORTAGE", resolution)

    assert answer.status == 200, answer.body
    assert answer.body["resolution"]["kind"] == resolution
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["cancelled"] == "0"
    again = house.post(
        "paul", f"/v1/exceptions/{answer.body['id']}/resolve", {"resolution": resolution}
    )
    assert again.status == 409


def test_a_silent_supplier_is_chased_and_the_clock_starts_again(house: Installation) -> None:
    ordered(house)
    house.wait(days=4)

    answer = settle(house, "NO_ACKNOWLEDGMENT", "chase")

    assert answer.status == 200, answer.body
    assert not cases(house, "NO_ACKNOWLEDGMENT")
    house.wait(days=4)
    (case,) = cases(house, "NO_ACKNOWLEDGMENT")
    assert case["reopened"] == 1


def test_an_order_is_sent_again_byte_for_byte(house: Installation) -> None:
    desk, order = ordered(house)
    before = house.sent_to("BLUE")
    house.wait(days=4)

    answer = settle(house, "NO_ACKNOWLEDGMENT", "resend")

    assert answer.status == 200, answer.body
    ((name, content),) = before.items()
    again = name.replace(".edi", "-again1.edi")
    assert house.sent_to("BLUE") == {name: content, again: content}
    resent = [e for e in house.get("kim", "/v1/effects")["rows"] if ":again" in e["key"]]
    assert [each["state"] for each in resent] == ["done"]
    assert {each.number for each in desk.orders()} == {order.number}


def test_an_order_that_the_997_rejected_is_written_anew_under_the_next_number(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    (first,) = house.sent_to("BLUE").items()
    desk.drop(desk.functional(order, "R"))

    answer = settle(house, "DELIVERY_FAILED", "resend", "their translator is mended")

    assert answer.status == 200, answer.body
    files = house.sent_to("BLUE")
    assert len(files) == 2
    assert files.pop(first[0]) == first[1]
    (again,) = desk.orders()[1:]
    assert (again.number, again.lines) == (order.number, order.lines)
    assert int(again.group) == int(order.group) + 1
    desk.drop(desk.functional(again))
    desk.drop(desk.acknowledgment(again))
    assert not cases(house)
    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["ordered"] == ledger[0]["totals"]["acknowledged"] == "108"


def test_what_the_supplier_could_not_read_it_is_not_late_to_answer(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.functional(order, "R"))

    house.wait(days=4)

    assert not cases(house, "NO_ACKNOWLEDGMENT")
    settle(house, "DELIVERY_FAILED", "resend")
    house.wait(hours=12)
    assert not cases(house, "NO_ACKNOWLEDGMENT")
    house.wait(days=4)
    (case,) = cases(house, "NO_ACKNOWLEDGMENT")
    assert case["subject"]["id"] == order.number


def test_an_order_that_nobody_answers_can_be_given_up(house: Installation) -> None:
    _, order = ordered(house)
    house.wait(days=4)

    answer = settle(house, "NO_ACKNOWLEDGMENT", "cancel_remainder", "bought elsewhere")

    assert answer.status == 200, answer.body
    totals = house.books("erp", "SELECT ordered, cancelled FROM line_total ORDER BY line")
    assert all(row["ordered"] == row["cancelled"] for row in totals)
    state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
    assert state in {"cancelled", "closed"}


def test_a_late_answer_settles_the_case_by_itself(house: Installation) -> None:
    desk, order = ordered(house)
    house.wait(days=4)
    assert cases(house, "NO_ACKNOWLEDGMENT")

    desk.drop(desk.acknowledgment(order))

    assert not cases(house, "NO_ACKNOWLEDGMENT")


def test_goods_that_are_late_may_be_given_up_line_by_line(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order))
    house.wait(days=14)

    answer = settle(house, "DELAYED_RECEIPT", "cancel_remainder")

    assert answer.status == 200, answer.body
    assert not cases(house, "DELAYED_RECEIPT")
    (row,) = house.books("erp", "SELECT ordered, cancelled FROM line_total")
    assert row["ordered"] == row["cancelled"] == "108"


def test_a_file_put_aside_is_read_again_or_thrown_out(house: Installation) -> None:
    desk, _ = ordered(house)
    desk.drop(b"not an interchange")

    read_again = settle(house, "UNREADABLE", "reread")

    assert read_again.status == 200, read_again.body
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["attempts"] == 2
    thrown_out = settle(house, "UNREADABLE", "discard")
    assert thrown_out.status == 200, thrown_out.body
    assert not house.get("kim", "/v1/quarantine")["rows"]
    assert not cases(house)
    raw = house.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim")
    assert raw.raw == b"not an interchange"


def test_an_answer_to_no_order_is_thrown_out_by_the_buyer(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, names="PO-NOBODYSMADE"))

    answer = settle(house, "UNKNOWN_ORDER", "discard")

    assert answer.status == 200, answer.body
    assert not house.get("ben", "/v1/quarantine")["rows"]
    assert not cases(house)


def test_a_disputed_invoice_goes_back_and_is_never_paid(house: Installation) -> None:
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    desk.drop(desk.invoice(order, "B-1", prices={"1": "150.00"}))

    answer = settle(house, "INVOICE_MISMATCH", "dispute", "the agreement says 120")

    assert answer.status == 200, answer.body
    (invoice,) = house.get("ada", "/v1/invoices")["rows"]
    assert invoice["state"] == "rejected"
    house.wait(hours=2)
    assert not house.books("finance", "SELECT * FROM payable")
    assert not house.get("ada", "/v1/holds")["rows"]
    assert not cases(house)


def test_a_refused_order_is_tried_again_once_the_erp_takes_it(house: Installation) -> None:
    requisition = raise_need(house, (("VALVE", "100"),))
    house.switch(house.erp, Mode.REFUSE, reason="closed")
    agree(house, requisition)
    assert settle(house, "ERP_REJECTED", "resend").status == 200
    assert cases(house, "ERP_REJECTED")
    house.switch(house.erp, Mode.OFF)

    assert settle(house, "ERP_REJECTED", "resend").status == 200

    assert not cases(house)
    assert len(house.books("erp", "SELECT * FROM purchase_order")) == 1
    assert len(SupplierSide(house, "BLUE").orders()) == 1


def test_an_exception_that_nobody_settles_goes_to_the_process_owner(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))

    house.wait(days=3)

    (case,) = cases(house, "SHORTAGE")
    assert (case["owner_role"], case["routed_role"]) == ("process_owner", "planner")


def test_an_exception_is_given_to_somebody_who_can_own_it(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house)
    path = f"/v1/exceptions/{case['id']}/reassign"

    assert house.post("paul", path, {"owner": "ada"}).status == 422
    given = house.post("eva", path, {"owner": "paul"})

    assert given.status == 200, given.body
    assert given.body["owner"] == "paul"
    rows = house.get("paul", "/v1/exceptions?whose=mine")["rows"]
    assert [row["owner"] for row in rows] == ["paul"]
