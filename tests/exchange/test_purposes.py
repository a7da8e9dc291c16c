"""A paper that takes another back, or only talks of one, is never read as a new one."""

import pytest

from tests.api.installation import Installation
from tests.scenarios.office import ordered


@pytest.mark.parametrize(
    ("purpose", "is_taken"),
    [(b"00", True), (b"06", True), (b"11", True), (b"01", False), (b"16", False)],
)
def test_an_acknowledgment_that_is_taken_back_confirms_nothing(
    house: Installation, purpose: bytes, is_taken: bool
) -> None:
    desk, order = ordered(house)

    desk.drop(desk.acknowledgment(order).replace(b"BAK*00*", b"BAK*" + purpose + b"*", 1))
    house.settle()

    state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
    assert state == ("acknowledged" if is_taken else "sent")
    parked = [row["code"] for row in house.get("kim", "/v1/quarantine")["rows"]]
    assert parked == ([] if is_taken else ["NOT_A_STATEMENT"])


@pytest.mark.parametrize(
    ("purpose", "is_taken"), [(b"00", True), (b"14", True), (b"05", True), (b"01", False)]
)
def test_a_shipment_that_is_taken_back_is_not_on_its_way(
    house: Installation, purpose: bytes, is_taken: bool
) -> None:
    desk, order = ordered(house)

    desk.drop(desk.ship_notice(order, "S-1").replace(b"BSN*00*", b"BSN*" + purpose + b"*", 1))
    house.settle()

    state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
    assert state == ("shipped" if is_taken else "sent")
    parked = house.get("kim", "/v1/quarantine")["rows"]
    assert [row["code"] for row in parked] == ([] if is_taken else ["NOT_A_STATEMENT"])
    if parked:
        (reason,) = parked[0]["reasons"]
        assert reason.startswith("NOT_A_STATEMENT: purpose: the ship notice S-1 is a cancellation")
        assert reason.endswith("Fix: Ask the supplier what stands, and settle it by hand: "
                               "nothing of it was taken.")  # fmt: skip


def test_an_invoice_that_is_taken_back_is_never_paid(house: Installation) -> None:
    desk, order = ordered(house)
    bill = desk.invoice(order, "X-1")
    at = bill.index(b"BIG*")
    end = bill.index(b"~", at)

    desk.drop(bill[:end] + b"***DI*01" + bill[end:])
    house.settle()

    assert house.get("kim", "/v1/invoices")["rows"] == []
    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["code"] == "NOT_A_STATEMENT"


def test_a_message_that_is_put_aside_names_line_field_and_fix(house: Installation) -> None:
    desk, order = ordered(house)
    line = order.lines[0].line

    desk.drop(desk.ship_notice(order, "S-1", {line: -3}))
    house.settle()

    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["code"] == "BAD_QUANTITY"
    assert parked["reasons"][0].startswith(f"BAD_QUANTITY: lines.0.quantity: line {line}: -3 ")
    assert parked["reasons"][0].endswith("can't be shipped. Fix: state zero or more")


def test_a_file_that_is_put_aside_names_the_segment(house: Installation) -> None:
    desk, order = ordered(house)
    paper = desk.acknowledgment(order)
    at = paper.index(b"SE*", paper.index(b"CTT*"))
    place = paper[:at].count(b"~") + 1

    desk.drop(paper[:at] + b"SE*99*0001" + paper[paper.index(b"~", at) :])
    house.settle()

    (parked,) = house.get("kim", "/v1/quarantine")["rows"]
    assert parked["code"] == "UNREADABLE"
    assert parked["reasons"][0].endswith(f"(segment {place} of the file)")
