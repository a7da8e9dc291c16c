"""2 % for paying in ten days: told to finance in time, or lost, with whose delay it was."""

from decimal import Decimal
from typing import Any

from manciple.app.masters import import_masters
from tests.api.installation import Installation
from tests.scenarios.office import ordered


def give_terms(house: Installation, supplier: str, terms: dict[str, Any]) -> int:
    known = house.get("stew", f"/v1/suppliers/{supplier}")
    body = {name: value for name, value in known.items() if name not in {"version", "state"}}
    return house.put("stew", f"/v1/suppliers/{supplier}", body | {"terms": terms}).status


def at_risk(house: Installation, invoice: str) -> str:
    rows = house.get("ben", "/v1/exceptions?order=impact")["rows"]
    (row,) = (each for each in rows if each["subject"]["id"] == invoice)
    (why,) = (each["why"] for each in row["terms"] if each["term"] == "discount")
    return str(why)


def test_a_discount_in_time_reaches_finance_and_one_held_too_long_is_ours(
    house: Installation,
) -> None:
    assert give_terms(house, "BLUE", {"text": "2/10 net 30"}) == 200
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    price = {line.line: Decimal(line.price) for line in order.lines}["1"]

    desk.drop(desk.invoice(order, "B-1", {"1": 1, "2": 1}))
    dear = {"1": f"{price * 2:f}"}
    desk.drop(desk.invoice(order, "B-2", {"1": 1, "2": 1}, prices=dear))

    found = {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}
    assert (found["B-1"]["state"], found["B-2"]["state"]) == ("posted", "held")
    held = found["B-2"]
    worth = Decimal(held["total"]["amount"]) * Decimal("0.02")
    assert Decimal(held["discount"]["amount"]["amount"]) == worth
    told = house.get("ada", f"/v1/invoices/{held['id']}/match")["lines"]
    assert "worth 37.2 % a year: at risk" in told[-1]
    (row,) = house.books("finance", "SELECT * FROM payable_row")
    assert row["discount_until"] == found["B-1"]["discount"]["until"]
    assert Decimal(row["discount"]) == Decimal(row["amount"]) * Decimal("0.02")

    assert at_risk(house, held["id"]) == "discount at risk 8.80 USD: 0.88 points"

    address = "/v1/suppliers/BLUE/discounts-lost"
    house.wait(days=9)
    assert house.get("ada", address)["rows"] == []
    house.wait(days=3)

    (lost,) = house.get("ada", address)["rows"]
    assert (lost["blame"], lost["invoices"]) == ("ours", 1)
    assert lost["amount"] == held["discount"]["amount"]
    told = house.get("ada", f"/v1/invoices/{held['id']}/match")["lines"]
    assert at_risk(house, held["id"]) == "discount at risk 0.00 USD: 0 points"
    assert "PRICE_CUMULATIVE:1 waited; whose delay: ours (discount_loss 2026-01/l03)" in told[-1]


def test_without_terms_nobody_can_tell_what_waiting_costs(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.invoice(order, "B-1", {"1": 1, "2": 1}))

    (held,) = house.get("ada", "/v1/invoices")["rows"]

    assert held["discount"] is None
    told = at_risk(house, held["id"])
    assert told.startswith("discount at risk: unknown, nobody told the payment terms of BLUE")


def test_words_that_are_no_terms_are_refused_by_their_field(house: Installation) -> None:
    known = house.get("stew", "/v1/suppliers/BLUE")
    body = {name: value for name, value in known.items() if name not in {"version", "state"}}

    answer = house.put("stew", "/v1/suppliers/BLUE", body | {"terms": {"text": "2/10"}})

    assert answer.status == 422
    assert "2/10 net 30" in str(answer.body)


def test_the_erps_feed_leaves_the_terms_that_we_gave_alone(house: Installation) -> None:
    give_terms(house, "BLUE", {"text": "2/10 net 30", "base": "receipt-date"})
    assert house.app.systems.erp is not None

    told = import_masters(house.app, house.app.systems.erp)

    assert told.written == 0
    assert house.get("stew", "/v1/suppliers/BLUE")["terms"] == {
        "text": "2/10 net 30",
        "base": "receipt-date",
        "discount_of": "net",
    }
