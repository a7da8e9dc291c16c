"""Indirect spend: coded or refused, in the catalog or in words, matched by its kind."""

from typing import Any

import pytest

from tests.api.installation import Answer, Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, need, raise_need

CODED = {"cost_centre": "4711", "account": "6200"}
STATUE = {"item": "STATUE", "quantity": {"value": "2", "unit": "EA"}}
REPAIR: dict[str, Any] = {
    "item": "WORK",
    "quantity": {"value": "5", "unit": "EA"},
    "description": "Repair of dock door 3, by the hour",
    "supplier": "BLUE",
    "price": {
        "money": {"amount": "90.00", "currency": "USD"},
        "per": {"value": "1", "unit": "EA"},
    },
}


@pytest.fixture
def office(house: Installation) -> Installation:
    """Give a house with cost centres, and services that are bought in words."""
    centres = (
        ("4711", {"name": "Workshop", "site": "ATL", "accounts": ["6200", "6300"]}),
        ("4712", {"name": "Shut long ago", "closed": True}),
        ("4713", {"name": "Dallas", "site": "DFW"}),
        ("4714", {"name": "Everywhere"}),
    )
    for name, body in centres:
        assert house.put("stew", f"/v1/cost-centres/{name}", body).status == 200
    work = {"description": "Work", "category": "services", "base_unit": "EA", "stocked": False}
    assert house.put("stew", "/v1/items/WORK", work).status == 200
    offered = {"id": "WORK", "description": "Work", "category": "services", "unit": "EA"}
    house.erp.load(_items(offered | {"stocked": False, "gtin": None, "packs": []}))
    return house


def _items(item: dict[str, Any]) -> bytes:
    import json  # noqa: PLC0415

    return json.dumps({"suppliers": [], "sites": [], "items": [item], "offers": []}).encode()


def ask(house: Installation, line: dict[str, Any], **more: Any) -> Answer:
    body = need(house, [("FUSE", "1")], flow="indirect") | more
    day = body["lines"][0]["needed_by"]
    return house.post("rita", "/v1/requisitions", body | {"lines": [line | {"needed_by": day}]})


@pytest.mark.parametrize(
    ("coding", "codes"),
    [
        ({}, {"COST_CENTRE_MISSING", "ACCOUNT_MISSING"}),
        ({"cost_centre": "4711"}, {"ACCOUNT_MISSING"}),
        ({"account": "6200"}, {"COST_CENTRE_MISSING"}),
        (CODED | {"cost_centre": "4799"}, {"COST_CENTRE_UNKNOWN"}),
        (CODED | {"cost_centre": "4712"}, {"COST_CENTRE_CLOSED"}),
        (CODED | {"cost_centre": "4713"}, {"COST_CENTRE_SITE"}),
        (CODED | {"account": "6400"}, {"ACCOUNT_NOT_ALLOWED"}),
        (CODED | {"account": "62"}, {"ACCOUNT", "ACCOUNT_NOT_ALLOWED"}),
        (CODED, set()),
        (CODED | {"cost_centre": "4714", "account": "999"}, set()),
    ],
)
def test_who_pays_is_said_or_nothing_is_bought(
    office: Installation, coding: dict[str, str], codes: set[str]
) -> None:
    answer = ask(office, STATUE | coding)

    assert answer.status == (422 if codes else 201), answer.body
    if codes:
        assert answer.codes == codes
        fields = {each["field"] for each in answer.body["errors"]}
        assert fields <= {"lines.0.cost_centre", "lines.0.account"}
        assert all(each["rule"] == "WF-3" and each["fix"] for each in answer.body["errors"])


def test_what_is_not_stocked_is_told_its_flow(office: Installation) -> None:
    answer = ask(office, STATUE, flow="direct")

    assert (answer.status, answer.codes) == (422, {"NOT_A_STOCK_ITEM"})
    assert "go to the flow indirect" in answer.body["errors"][0]["fix"]
    assert ask(office, STATUE | CODED, flow="direct").codes >= {"CODING_NOT_WANTED"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"description": " "}, "DESCRIPTION_MISSING"),
        ({"supplier": None}, "SUPPLIER_UNKNOWN"),
        ({"supplier": "NOBODY"}, "SUPPLIER_UNKNOWN"),
        ({"item": "STATUE", "supplier": "ADLER"}, "PRICE_AGREED"),
        ({"item": "FUSE"}, "PRICE_STATED"),
        ({"price": REPAIR["price"] | {"money": {"amount": "0", "currency": "USD"}}}, "PRICE"),
        ({"price": REPAIR["price"] | {"money": {"amount": "9", "currency": "EUR"}}}, "CURRENCY"),
    ],
)
def test_a_line_in_words_is_whole_or_refused(
    office: Installation, change: dict[str, Any], code: str
) -> None:
    answer = ask(office, REPAIR | CODED | change)

    assert (answer.status, code in answer.codes) == (422, True), answer.body


def test_a_price_is_stated_in_the_indirect_flow_only(office: Installation) -> None:
    assert "PRICE_STATED" in ask(office, REPAIR, flow="direct").codes


def test_who_pays_reaches_the_books_of_the_erp(office: Installation) -> None:
    agree(office, ask(office, REPAIR | CODED).body)
    office.settle()

    assert office.books("erp", "SELECT cost_centre, account FROM coding") == [
        {"cost_centre": "4711", "account": "6200"}
    ]
    (line,) = office.books("erp", "SELECT item, ordered, price FROM order_line")
    assert (line["item"], line["ordered"], line["price"]) == ("WORK", "5", "90.00")


def test_stock_has_no_cost_centre_in_the_books(office: Installation) -> None:
    raise_need(office, (("FUSE", "20"),))

    assert not office.books("erp", "SELECT * FROM coding")


@pytest.mark.parametrize(
    ("line", "holds"), [(REPAIR, []), (STATUE | {"supplier": "ADLER"}, ["QTY_RECEIVED"])]
)
def test_a_service_is_matched_with_its_order_and_goods_with_their_receipt(
    office: Installation, line: dict[str, Any], holds: list[str]
) -> None:
    supplier = line["supplier"]
    agree(office, ask(office, line | CODED).body)
    office.settle()
    desk = SupplierSide(office, supplier)
    (number,) = (order.number for order in desk.orders())
    order = desk.order(number)
    desk.drop(desk.acknowledgment(order))
    desk.drop(desk.invoice(order, "S-1"))

    (row,) = office.get("ada", "/v1/invoices")["rows"]
    invoice = office.get("ada", f"/v1/invoices/{row['id']}")
    assert [each["code"] for each in invoice["holds"]] == holds


def test_no_dock_waits_for_a_service(office: Installation) -> None:
    agree(office, ask(office, REPAIR | CODED).body)
    office.settle()
    service = office.own("select key from timer where key like '%receipt:%'")
    agree(office, ask(office, STATUE | CODED).body)
    office.settle()

    assert not service
    assert len(office.own("select key from timer where key like '%receipt:%'")) == 1


def test_the_same_words_are_the_same_need(office: Installation) -> None:
    first = ask(office, REPAIR | CODED | {"quantity": {"value": "50", "unit": "EA"}}).body
    again = {"quantity": {"value": "10", "unit": "EA"}, "supplier": "ADLER"}
    second = ask(
        office, REPAIR | CODED | again | {"description": "REPAIR of dock  door 3, by the hour"}
    )
    found = office.get("root", f"/v1/approvals/{second.body['approval']}")

    assert found["weighed"]["amount"] == "5400.00"
    assert {each["rule"] for each in found["findings"]} == {"A-03", "A-04"}
    assert first["lines"][0]["is_free_text"]


def test_a_spreadsheet_states_needs_in_words(office: Installation) -> None:
    head = (
        "site,flow,item,quantity,unit,needed_by,supplier,cost_centre,account,description,price\n"
    )
    good = "ATL,indirect,WORK,2,EA,2026-03-12,BLUE,4711,6200,Paint a gate,90.00 USD\n"
    bad = "ATL,indirect,WORK,2,EA,2026-03-12,BLUE,4712,6200,Paint a wall,90 dollars\n"
    closed = "ATL,indirect,WORK,2,EA,2026-03-12,BLUE,4712,6200,Paint a wall,90.00 USD\n"

    def hand_in(row: str) -> Answer:
        kind = {"Content-Type": "text/csv"}
        path = "/v1/requisitions/import"
        return office.post("rita", path, content=(head + row).encode(), headers=kind)

    taken = hand_in(good)
    assert taken.status == 201, taken.body
    assert [(p["row"], p["column"], p["code"]) for p in hand_in(bad).body["problems"]] == [
        (2, "price", "PRICE")
    ]
    assert [(p["row"], p["column"], p["code"]) for p in hand_in(closed).body["problems"]] == [
        (2, "cost_centre", "COST_CENTRE_CLOSED")
    ]
