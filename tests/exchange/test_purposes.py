"""A paper that takes another back, or only talks of one, is never read as a new one."""

import pytest

from tests.api.installation import Installation
from tests.scenarios.office import ordered


@pytest.mark.parametrize(
    ("segment", "purpose", "is_taken"),
    [
        (b"BAK*00*", b"BAK*00*", True),
        (b"BAK*00*", b"BAK*06*", True),
        (b"BAK*00*", b"BAK*11*", True),
        (b"BAK*00*", b"BAK*01*", False),
        (b"BAK*00*", b"BAK*16*", False),
    ],
)
def test_an_acknowledgment_that_is_taken_back_confirms_nothing(
    house: Installation, segment: bytes, purpose: bytes, is_taken: bool
) -> None:
    desk, order = ordered(house)

    desk.drop(desk.acknowledgment(order).replace(segment, purpose, 1))
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
        assert "a cancellation (purpose 01)" in parked[0]["reasons"][0]


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
