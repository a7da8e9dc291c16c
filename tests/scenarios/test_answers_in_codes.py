"""What a supplier's codes mean to an order: heads, lines, contact, remainders and ship notices.

Every answer comes in as an X12 855 or 856 file; what is asserted stands in the order's ledger.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from manciple.world.desk import ReceivedOrder
from tests.api.installation import Installation, installed
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import cases, ordered


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Give one installation for all stories here; each has an order of its own."""
    with installed(tmp_path_factory.mktemp("codes") / "home") as made:
        yield made


def answers(
    desk: SupplierSide, order: ReceivedOrder, head: str, lines: dict[str, list[tuple[str, ...]]]
) -> None:
    """Drop an 855 with this BAK02 and these ACKs; a line that is not named is not sent."""
    day = f"{desk.house.clock.now():%Y%m%d}"
    rows: list[tuple[str, ...]] = [
        ("BAK", "00", head, order.number, day, "", "", "", f"A-{order.number[-6:]}")
    ]
    for line in order.lines:
        if line.line in lines:
            items = (part for pair in line.items for part in pair)
            rows.append(
                ("PO1", line.line, f"{line.ordered:f}", line.unit, f"{line.price:f}", "", *items)
            )
            rows.extend(("ACK", *said) for said in lines[line.line])
    desk.drop(desk.write("855", rows))


def acknowledged(house: Installation, order: ReceivedOrder) -> list[str]:
    books = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    return [line["totals"]["acknowledged"] for line in books]


def of(house: Installation, order: ReceivedOrder) -> dict[str, dict[str, Any]]:
    return {each["code"]: each for each in cases(house) if each["subject"]["id"] == order.number}


def state(house: Installation, order: ReceivedOrder) -> str:
    return str(house.get("ben", f"/v1/purchase-orders/{order.number}")["state"])


# ---- heads and lines


@pytest.mark.parametrize(
    ("head", "confirmed", "codes"),
    [
        ("AD", ["108", "20"], set()),
        ("AT", ["108", "20"], set()),
        ("RJ", ["0", "0"], {"REJECTED_LINE"}),
        ("RD", ["0", "0"], {"REJECTED_LINE"}),
        ("RF", ["0", "0"], {"REJECTED_LINE"}),
        ("RO", ["0", "0"], {"REJECTED_LINE"}),
        ("AC", ["0", "0"], set()),
        ("NA", ["0", "0"], set()),
        ("AH", ["0", "0"], {"NO_ACKNOWLEDGMENT"}),
    ],
)
def test_a_head_without_lines_speaks_for_all_unless_it_only_announces_them(
    shared: Installation, head: str, confirmed: list[str], codes: set[str]
) -> None:
    desk, order = ordered(shared)

    answers(desk, order, head, {})

    assert acknowledged(shared, order) == confirmed
    assert set(of(shared, order)) == codes
    is_answered = head not in {"AC", "NA", "AH"}
    assert state(shared, order) == ("acknowledged" if is_answered else "sent")


@pytest.mark.parametrize("head", ["AD", "AC", "RJ"])
def test_where_a_line_answers_the_others_wait(shared: Installation, head: str) -> None:
    desk, order = ordered(shared)

    answers(desk, order, head, {"1": [("IA", "9", "CA")]})

    assert acknowledged(shared, order) == ["108", "0"]
    found = of(shared, order)
    assert set(found) == ({"REJECTED_LINE"} if head == "RJ" else set())
    if found:
        text = found["REJECTED_LINE"]["discrepancy"]["text"]
        assert text == "the head rejects the order, but lines 1 are confirmed"


@pytest.mark.parametrize(("head", "is_denied"), [("AD", True), ("AC", False)])
def test_a_no_of_a_line_under_a_yes_of_the_head_says_so_on_the_case(
    shared: Installation, head: str, *, is_denied: bool
) -> None:
    desk, order = ordered(shared)

    answers(desk, order, head, {"1": [("IR", "9", "CA")], "2": [("IA", "2", "CA")]})

    assert acknowledged(shared, order) == ["0", "20"]
    (case,) = of(shared, order).values()
    assert case["code"] == "REJECTED_LINE"
    text = case["discrepancy"]["text"]
    assert text.startswith("108 EA of 108 EA are rejected")
    assert text.endswith(", though the head accepts the order") == is_denied


def test_a_counter_offer_is_what_its_lines_say(shared: Installation) -> None:
    """Eight cases in place of nine are offered for line 1; of line 2 nothing is said."""
    desk, order = ordered(shared)
    _, yes = ordered(shared)

    answers(desk, order, "RO", {"1": [("IQ", "8", "CA")]})
    answers(desk, yes, "RO", {"1": [("IA", "9", "CA")], "2": [("IA", "2", "CA")]})

    assert acknowledged(shared, order) == ["96", "0"]
    assert set(of(shared, order)) == {"SHORTAGE"}
    assert (acknowledged(shared, yes), of(shared, yes)) == (["108", "20"], {})


# ---- contact, holds, and what nobody knows


@pytest.mark.parametrize("code", ["SP", "IE"])
def test_contact_is_no_answer(shared: Installation, code: str) -> None:
    desk, order = ordered(shared)

    answers(desk, order, "AC", {"1": [(code, "9", "CA")], "2": [(code, "2", "CA")]})

    assert acknowledged(shared, order) == ["0", "0"]
    assert state(shared, order) == "sent"
    assert not of(shared, order)


@pytest.mark.parametrize("code", ["AA", "DA"])
def test_a_code_that_the_table_does_not_know_is_kept_aside_whole(
    shared: Installation, code: str
) -> None:
    desk, order = ordered(shared)
    before = len(shared.get("kim", "/v1/quarantine")["rows"])

    answers(desk, order, "AC", {"1": [(code, "9", "CA")], "2": [("IA", "2", "CA")]})

    rows = shared.get("kim", "/v1/quarantine")["rows"]
    assert len(rows) == before + 1
    assert sum(f"ACK01 '{code}' is no answer" in " ".join(r["reasons"]) for r in rows) == 1
    assert acknowledged(shared, order) == ["0", "0"]


# ---- what becomes of the rest


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ([("IQ", "5", "CA")], "nothing said about 48 EA"),
        ([("BP", "5", "CA")], "48 EA backordered"),
        ([("IA", "5", "CA"), ("IB", "4", "CA")], "48 EA backordered"),
        ([("IA", "5", "CA"), ("IB", "3", "CA")], "36 EA backordered and nothing said about 12 EA"),
    ],
)
def test_what_becomes_of_the_rest_is_said_or_is_chased(
    shared: Installation, said: list[tuple[str, ...]], rest: str
) -> None:
    desk, order = ordered(shared)

    answers(desk, order, "AC", {"1": said, "2": [("IA", "2", "CA")]})

    assert acknowledged(shared, order) == ["60", "20"]
    assert of(shared, order)["SHORTAGE"]["discrepancy"]["text"].startswith(rest)


def test_schedule_lines_of_one_line_add_up(shared: Installation) -> None:
    desk, order = ordered(shared)

    answers(
        desk, order, "AC", {"1": [("IA", "5", "CA"), ("IA", "4", "CA")], "2": [("IA", "2", "CA")]}
    )

    assert acknowledged(shared, order) == ["108", "20"]
    assert not of(shared, order)


@pytest.mark.parametrize(
    ("code", "packs", "day", "confirmed", "codes"),
    [
        ("IQ", "9", 0, "108", set()),
        ("IQ", "10", 0, "120", {"OVER_SHIPMENT"}),
        ("DR", "9", 1, "108", set()),
        ("DR", "9", 2, "108", {"DATE_CHANGE"}),
        ("DR", "9", -3, "108", set()),
        ("DR", "9", -4, "108", {"DATE_CHANGE"}),
        ("IC", "9", 1, "108", set()),
        ("IC", "10", 2, "120", {"OVER_SHIPMENT", "DATE_CHANGE"}),
    ],
)
def test_a_changed_quantity_or_day_is_an_answer_and_a_case_only_above_its_bound(
    shared: Installation, code: str, packs: str, day: int, confirmed: str, codes: set[str]
) -> None:
    """Nothing more than ordered is allowed on valves; a day late and three early are."""
    desk, order = ordered(shared)
    wanted = order.lines[0].wanted
    assert wanted is not None
    promised = f"{wanted + timedelta(days=day):%Y%m%d}"

    said = (code, packs, "CA", "017", promised)
    answers(desk, order, "AC", {"1": [said], "2": [("IA", "2", "CA")]})

    assert acknowledged(shared, order) == [confirmed, "20"]
    assert set(of(shared, order)) == codes
    assert state(shared, order) == "acknowledged"


@pytest.mark.parametrize(("above", "codes"), [("0", set()), ("0.01", {"PRICE_VARIANCE"})])
def test_a_changed_price_is_an_answer_and_a_case_only_above_its_bound(
    shared: Installation, above: str, codes: set[str]
) -> None:
    """Three percent are allowed on valves."""
    desk, order = ordered(shared)
    price = order.lines[0].price * Decimal("1.03") + Decimal(above)

    desk.drop(desk.acknowledgment(order, prices={"1": f"{price:.2f}"}))

    assert acknowledged(shared, order) == ["108", "20"]
    assert set(of(shared, order)) == codes


# ---- ship notices


def shipped(house: Installation, order: ReceivedOrder) -> list[str]:
    books = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    return [line["totals"]["shipped"] for line in books]


def test_each_shipment_counts_and_more_than_is_open_is_held(shared: Installation) -> None:
    desk, order = ordered(shared)

    desk.drop(desk.ship_notice(order, f"{order.number}-1", {"1": 5, "2": 2}))
    desk.drop(desk.ship_notice(order, f"{order.number}-2", {"1": 4, "2": 0}))
    assert shipped(shared, order) == ["108", "20"]
    assert not of(shared, order)

    desk.drop(desk.ship_notice(order, f"{order.number}-3", {"1": 1, "2": 0}))

    held = of(shared, order)["OVER_SHIPMENT"]["discrepancy"]
    assert (held["expected"], held["actual"], held["variance"]) == ("108 EA", "120 EA", "+12 EA")


def test_a_ship_notice_of_no_order_of_ours_is_parked(shared: Installation) -> None:
    desk, order = ordered(shared)

    desk.drop(desk.ship_notice(order, f"{order.number}-9", names="PO-NOBODY-KNOWS"))

    parked = [
        row
        for row in shared.get("kim", "/v1/quarantine")["rows"]
        if row["waits_for"] == "PO-NOBODY-KNOWS"
    ]
    assert [row["code"] for row in parked] == ["UNKNOWN_ORDER"]
    assert shipped(shared, order) == ["0", "0"]


def test_a_ship_notice_after_the_goods_still_counts_once(shared: Installation) -> None:
    desk, order = ordered(shared)
    shared.count_at_dock(f"D-{order.number}", order.number, {"1": 108, "2": 20})

    desk.drop(desk.ship_notice(order, f"{order.number}-1"))
    desk.drop(desk.ship_notice(order, f"{order.number}-1"))

    assert shipped(shared, order) == ["108", "20"]
    assert state(shared, order) == "received"
    assert not of(shared, order)
