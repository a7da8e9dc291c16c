"""Planned freight: the 850 says it, and its bills are held against the plan."""

from decimal import Decimal
from typing import Any

from manciple.formats.x12.tokens import Tokens
from tests.api.installation import Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, need, ordered, raise_need
from tests.web.signed_in import Browser, hidden_of, text_of, with_passwords

FREIGHT = {"code": "freight", "amount": {"amount": "100.00", "currency": "USD"}}


def sac(cents: int) -> tuple[str, ...]:
    return ("SAC", "C", "D240", "", "", str(cents))


def invoices(house: Installation) -> dict[str, dict[str, Any]]:
    return {row["number"]: row for row in house.get("ada", "/v1/invoices")["rows"]}


def charges_in(house: Installation, supplier: str, kind: str) -> list[tuple[str, ...]]:
    return [
        tuple(each.elements)
        for name, data in house.sent_to(supplier).items()
        for each in Tokens(data)
        if each.tag == "SAC" and name.startswith(kind)
    ]


def test_planned_freight_is_approved_sent_and_used_up_bill_by_bill(house: Installation) -> None:
    made = raise_need(house, (("VALVE", "100"),), planned=[FREIGHT])
    assert Decimal(made["total"]["amount"]) == 1080 + 100
    agree(house, made)
    desk = SupplierSide(house, "BLUE")
    order = desk.order()
    (sent,) = charges_in(house, "BLUE", "850")
    assert (*sent[:6], sent[15]) == (*sac(10_000), "Freight")

    house.count_at_dock("D1", order.number, {"1": 108})
    for number, cents in (("B-1", 6_000), ("B-2", 5_000), ("B-3", 1)):
        billed = desk.invoice(
            order, number, {"1": 1}, more=[sac(cents)], plus=str(Decimal(cents) / 100)
        )
        desk.drop(billed)

    found = invoices(house)
    assert [found[each]["state"] for each in ("B-1", "B-2", "B-3")] == ["posted", "posted", "held"]
    (hold,) = found["B-3"]["holds"]
    assert (hold["code"], hold["owner_role"], hold["variance"]) == (
        "CHARGE",
        "buyer",
        "+10.01 USD",
    )
    told = house.get("ada", f"/v1/invoices/{found['B-2']['id']}/match")
    assert any(
        "60 billed before + 50 = 110; of 100 planned 40 were left: 110 against 100 USD freight"
        f" planned (100 on {order.number}): +10, allowed 10 (upper 10 % or 25, stricter;"
        " tolerances 2026-01/r11): inside" in line
        for line in told["lines"]
    )
    assert told["match"]["charges"] == []


def test_a_carrier_bills_the_freight_of_an_order_and_never_its_goods(house: Installation) -> None:
    planned = FREIGHT | {"amount": {"amount": "200.00", "currency": "USD"}, "billed_by": "COBALT"}
    desk, order = ordered(house, (("VALVE", "100"),), planned=[planned])
    assert charges_in(house, "BLUE", "850") == []
    for path in ("/v1/purchase-orders", f"/v1/purchase-orders/{order.number}"):
        assert "COBALT" not in str(house.get("blue", path)), "whom we pay is not its matter"
        assert "COBALT" in str(house.get("ben", path))
    carrier = SupplierSide(house, "COBALT")

    def bill(number: str, amount: str, names: str) -> None:
        day = f"{house.clock.now():%Y%m%d}"
        rows = [
            ("BIG", day, number, day, names),
            ("IT1", "1", "1", "EA", amount, "", "VP", "LTL"),
            ("TDS", str(int(Decimal(amount) * 100))),
            ("CTT", "1"),
        ]
        carrier.drop(carrier.write("810", rows))

    desk.drop(desk.ship_notice(order, "TRUCK-7"))
    bill("C-1", "120.00", order.number)
    bill("C-2", "100.00", "TRUCK-7")
    bill("C-3", "0.01", order.number)
    bill("C-4", "50.00", "PO-NOBODY")

    found = invoices(house)
    states = {number: row["state"] for number, row in found.items()}
    assert states == {"C-1": "posted", "C-2": "posted", "C-3": "held", "C-4": "held"}
    assert [hold["code"] for hold in found["C-3"]["holds"]] == ["CHARGE"]
    assert [hold["code"] for hold in found["C-4"]["holds"]] == ["NO_PO"]
    told = house.get("ada", f"/v1/invoices/{found['C-1']['id']}/match")
    assert (
        f"line 1 bills a service: freight 120.00 USD of order {order.number}, which plans it for"
        " this supplier; no goods (D-09)"
    ) in told["lines"]
    assert (told["match"]["lines"], told["match"]["holds"]) == ([], [])
    booked = house.books("erp", "SELECT code, amount FROM invoice_charge ORDER BY amount")
    assert [(each["code"], Decimal(each["amount"])) for each in booked] == [
        ("freight", Decimal(100)),
        ("freight", Decimal(120)),
    ]
    assert house.books("erp", "SELECT * FROM invoice_line") == []
    with_passwords(house, "ada")
    browser = Browser(house)
    assert browser.sign_in("ada").status_code == 303
    kept, waits = (
        text_of(browser.open(f"/invoices/{found[number]['id']}")) for number in ("C-1", "C-3")
    )
    assert f"agrees {order.number}/freight · a planned charge, no goods" in kept
    assert "agrees" not in waits
    cost = text_of(browser.open(f"/orders/{order.number}"))
    assert "freight 200.00 USD planned, 220.01 USD billed" in cost
    assert "a third party bills it: COBALT; 0.01 USD of it is on hold" in cost

    house.count_at_dock("D1", order.number, {"1": 108})
    desk.drop(desk.invoice(order, "B-1"))
    assert invoices(house)["B-1"]["state"] == "posted"
    paid = house.books("finance", "SELECT supplier, amount FROM payable")
    assert sorted((each["supplier"], Decimal(each["amount"])) for each in paid) == [
        ("BLUE", Decimal(1080)),
        ("COBALT", Decimal(100)),
        ("COBALT", Decimal(120)),
    ]


def test_what_cannot_be_planned_is_refused_field_by_field(house: Installation) -> None:
    eur = {"amount": "1.00", "currency": "EUR"}
    wrong = [
        {"code": "Freight!", "amount": {"amount": "0.00", "currency": "USD"}},
        {"code": "duty", "amount": eur, "supplier": "COBALT", "billed_by": "NOBODY"},
        {"code": "fee", "amount": {"amount": "0.001", "currency": "USD"}, "supplier": "BLUE"},
        {"code": "fee", "amount": {"amount": "9.00", "currency": "USD"}, "supplier": "BLUE"},
    ]
    lines = (("VALVE", "12"), ("BOLT", "100"))

    answer = house.post("rita", "/v1/requisitions", need(house, lines, planned=wrong))

    assert answer.status == 422
    assert sorted((each["field"], each["code"]) for each in answer.body["errors"]) == [
        ("planned.0.amount", "CHARGES"),
        ("planned.0.code", "CHARGE_CODE"),
        ("planned.0.supplier", "CHARGE_SUPPLIER"),
        ("planned.1.amount", "CURRENCY"),
        ("planned.1.billed_by", "SUPPLIER_UNKNOWN"),
        ("planned.1.supplier", "CHARGE_SUPPLIER"),
        ("planned.2.amount", "CHARGES"),
        ("planned.3.code", "CHARGE_TWICE"),
    ]


def test_a_spreadsheet_plans_charges_and_tells_the_cell_that_cannot(house: Installation) -> None:
    head = "site,item,quantity,unit,needed_by,charges\n"
    day = "2026-03-20"
    rows = f"{head}ATL,VALVE,12,EA,{day},"
    csv, path = {"Content-Type": "text/csv"}, "/v1/requisitions/import"

    bad = house.post("rita", path, content=f"{rows}much freight\n".encode(), headers=csv)
    words = f"{rows}freight 30.00 USD; duty 12.50 USD by COBALT\n"
    good = house.post("rita", path, content=words.encode(), headers=csv)

    assert [(p["row"], p["column"], p["code"]) for p in bad.body["problems"]] == [
        (2, "charges", "CHARGES")
    ]
    (name,) = good.body["requisitions"]
    need_ = house.get("rita", f"/v1/requisitions/{name}")
    assert [
        (each["code"], each["amount"]["amount"], each["supplier"], each["billed_by"])
        for each in need_["planned"]
    ] == [("freight", "30.00", "BLUE", "BLUE"), ("duty", "12.50", "BLUE", "COBALT")]
    assert Decimal(need_["total"]["amount"]) == 120 + Decimal("42.50")


def test_freight_that_a_buyer_plans_afterwards_lets_the_held_bill_go(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    house.count_at_dock("D1", order.number, {"1": 60})
    desk.drop(desk.invoice(order, "B-1", {"1": 5}, more=[sac(5_100)], plus="51.00"))
    assert [hold["code"] for hold in invoices(house)["B-1"]["holds"]] == ["CHARGE"]
    with_passwords(house, "ben")
    browser = Browser(house)
    assert browser.sign_in("ben").status_code == 303
    address = f"/orders/{order.number}"
    page = browser.open(address)
    wanted = {"added_cost": "51.00", "added_cost_code": "freight", "reason": "the carrier's rate"}

    preview = browser.send(f"{address}/preview", hidden_of(page, f"{address}/change") | wanted)
    done = browser.send(f"{address}/change", hidden_of(page, f"{address}/change") | wanted)
    house.wait(minutes=1)  # while a change can be undone, nobody else hears of it

    assert "1,080.00 USD 1,131.00 USD" in text_of(preview.text)
    assert done.headers["location"] == f"{address}?done=change", text_of(done.text)
    assert invoices(house)["B-1"]["state"] == "posted"
    (changed,) = charges_in(house, "BLUE", "860")
    assert changed[:6] == sac(5_100)
    assert cases(house) == [], "neither ERP nor warehouse was told of nothing"
    later = {"lines": [{"line": "1", "needed_by": "2026-03-16"}], "reason": "no hurry"}
    moved = house.post("ben", f"/v1/purchase-orders/{order.number}/changes", later)
    house.settle()
    assert moved.body["revision"] == 3, moved.body
    assert house.books("erp", "SELECT revision FROM purchase_order") == [{"revision": 3}]
    assert cases(house) == []


def test_freight_of_a_carrier_is_planned_on_an_order_that_its_supplier_hears_nothing_of(
    house: Installation,
) -> None:
    _, order = ordered(house, (("VALVE", "100"),))
    path = f"/v1/purchase-orders/{order.number}/changes"
    usd = {"amount": "40.00", "currency": "USD"}
    body = {
        "added_cost": usd, "added_cost_code": "freight", "added_cost_by": "COBALT",
        "reason": "LTL for this one",
    }  # fmt: skip
    nobody = house.post("ben", path, body | {"added_cost_by": "NOBODY"})
    assert nobody.codes == {"SUPPLIER_UNKNOWN"}
    later = {"lines": [{"line": "1", "needed_by": "2026-03-16"}], "reason": "no hurry"}
    unsaid = house.post("ben", path, later | {"added_cost_by": "COBALT"})
    assert unsaid.codes == {"ADDED_COST"}, "what it would cost is not left out in silence"
    for amount in ("-1", "0.001", "40.005"):
        bad = house.post("ben", path, body | {"added_cost": usd | {"amount": amount}})
        assert bad.codes == {"ADDED_COST"}, amount
        assert f"{amount} USD" in bad.body["errors"][0]["message"], "as it came, not rounded"
    carrier = SupplierSide(house, "COBALT")
    day = f"{house.clock.now():%Y%m%d}"
    rows = [
        ("BIG", day, "C-1", day, order.number), ("IT1", "1", "1", "EA", "40.00", "", "VP", "LTL"),
        ("TDS", "4000"), ("CTT", "1"),
    ]  # fmt: skip
    carrier.drop(carrier.write("810", rows))
    assert invoices(house)["C-1"]["state"] == "held"

    made = house.post("ben", path, body)
    house.wait(minutes=1)

    assert made.status == 201, made.body
    kept = house.get("ben", f"/v1/purchase-orders/{order.number}")
    assert [(each["code"], each["billed_by"]) for each in kept["planned"]] == [
        ("freight", "COBALT")
    ]
    assert charges_in(house, "BLUE", "860") == [], "there is nothing to tell"
    for view in (f"/v1/purchase-orders/{order.number}", "/v1/purchase-orders"):
        assert "COBALT" not in str(house.get("blue", view)), "whom we pay is not its matter"
    assert invoices(house)["C-1"]["state"] == "posted"
    moved = house.post("ben", path, later)
    house.settle()
    assert moved.body["revision"] == 3, moved.body
    assert house.books("erp", "SELECT revision FROM purchase_order") == [{"revision": 3}]
    assert cases(house) == []
