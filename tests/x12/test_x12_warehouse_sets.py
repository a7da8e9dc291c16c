"""861, 940, 943, 944, 945 and 846: what each is read as. The files are ours, and say so."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.x12.x12_builders import sample

from manciple.exchange.mapping.compose import compose
from manciple.exchange.mapping.document import PartnerDocument, PartnerLine
from manciple.exchange.mapping.maps import load_maps
from manciple.exchange.reading import json_lines, read


def only(name: str) -> PartnerDocument:
    (found,) = read(sample(name)).documents
    return found.document


def texts(name: str) -> list[str]:
    (found,) = read(sample(name)).documents
    return [each.text for each in found.findings]


def counts(line: PartnerLine) -> list[tuple[str, str, str | None]]:
    return [
        (c.kind, f"{c.quantity.value} {c.quantity.canonical}", c.condition) for c in line.counts
    ]


def test_a_receiving_advice_says_what_came_and_what_is_in_question() -> None:
    paper = only("861-received.x12")

    first, second = paper.lines
    assert (paper.kind, paper.number, paper.orders) == (
        "receiving_advice", "RA-77", ("H-2001", "H-2002"))  # fmt: skip
    assert str(paper.day("received")) == "2026-03-02"
    assert (first.line, first.order, first.quantity and first.quantity.value) == (
        "1", "H-2001", Decimal(94))  # fmt: skip
    assert counts(first) == [
        ("returned", "0 EA", None), ("in_question", "2 EA", "damaged"),
        ("in_question", "12 EA", "short"),
    ]  # fmt: skip
    assert (second.order, counts(second)) == ("H-2002", [("in_question", "4 EA", "over")])
    assert texts("861-received.x12") == []


def test_a_warehouse_order_says_what_is_to_leave() -> None:
    paper = only("940-return.x12")

    assert (paper.kind, paper.number, paper.orders, paper.type) == (
        "warehouse_order", "WO-1", ("RTV-9",), "N")  # fmt: skip
    assert str(paper.day("ship_requested")) == "2026-03-05"
    (line,) = paper.lines
    assert (line.line, line.description) == ("1", "HEX NUT M8")
    assert [(i.scheme, i.id) for i in line.items] == [("buyer", "SKU-0121")]


def test_a_transfer_notice_names_our_line_and_its_total_is_checked() -> None:
    paper = only("943-wrong-total.x12")

    (line,) = paper.lines
    assert (paper.number, paper.shipment, paper.carrier) == ("H-2001", "S-1", "ACME")
    assert (line.line, [i.scheme for i in line.items]) == ("1", ["upc-case", "vendor", "buyer"])
    assert texts("943-wrong-total.x12") == ["W0301 says 97, is 96"]


def test_a_transfer_receipt_keeps_conditions_and_lots() -> None:
    paper = only("944-damaged.x12")

    first, second = paper.lines
    assert (paper.number, paper.orders, paper.shipment) == ("WR-5", ("H-2001",), "S-1")
    assert counts(first) == [("in_question", "3 EA", "damaged"), ("in_question", "1 EA", "77")]
    assert [(i.scheme, i.id) for i in first.items][-1] == ("lot", "LOT-4")
    assert (second.line, [i.id for i in second.items]) == (None, ["SKU-0122"])
    assert texts("944-damaged.x12") == []


def test_a_warehouse_shipment_says_what_was_asked_sent_and_missing() -> None:
    paper = only("945-short.x12")

    (line,) = paper.lines
    assert (paper.number, paper.shipment) == ("WO-1", "BOL-9")
    assert line.quantity is not None
    assert line.ordered is not None
    assert (line.quantity.value, line.ordered.value) == (Decimal(8), Decimal(10))
    assert counts(line) == [("difference", "2 EA", None)]
    assert line.packages == ("00012345678905",)


def test_a_stock_list_gives_known_words_and_keeps_unknown_ones() -> None:
    paper = only("846-stock.x12")

    first, second = paper.lines
    assert (paper.kind, paper.number, str(paper.day("issued"))) == (
        "stock_list", "STOCK-12", "2026-03-03")  # fmt: skip
    assert counts(first) == [
        ("available", "1200 EA", None), ("on_hand", "1500 EA", None), ("7J", "4 EA", None)
    ]  # fmt: skip
    assert counts(second) == [("available", "0 XCS", None)]


def test_counts_stand_in_what_read_prints() -> None:
    lines: list[dict[str, Any]] = list(json_lines(sample("861-received.x12"), "f"))

    (first, _) = lines[0]["document"]["lines"]
    assert first["counts"][1] == {
        "kind": "in_question",
        "quantity": {"value": "2", "unit": "EA", "unit_canonical": "EA"},
        "condition": "damaged",
    }


@pytest.mark.parametrize(
    ("name", "message"),
    [("861-received.x12", "861"), ("940-return.x12", "940"), ("943-wrong-total.x12", "943")],
)
def test_what_is_read_is_written_and_read_again_alike(name: str, message: str) -> None:
    paper = only(name)
    made = compose(paper, message=message, control_number="0001", maps=load_maps())
    assert made.message is not None, made.findings

    rows = "".join("*".join(segment) + "~\n" for segment in made.message.segments)
    head, _, tail = sample(name).decode().partition(f"ST*{message}*0001~\n")
    count = len(made.message.segments) + 2
    text = f"{head}ST*{message}*0001~\n{rows}SE*{count}*0001~\n" + tail[tail.index("GE*") :]
    again = read(text.encode()).documents[0].document

    assert [(x.line, x.quantity, x.order) for x in again.lines] == [
        (x.line, x.quantity, x.order) for x in paper.lines
    ]
    assert [[c for c in x.counts if c.kind == "in_question"] for x in again.lines] == [
        [c for c in x.counts if c.kind == "in_question"] for x in paper.lines
    ]
    assert (again.number, again.orders, again.shipment) == (
        paper.number, paper.orders, paper.shipment)  # fmt: skip
    assert {(d.kind, d.day) for d in again.dates} >= {(d.kind, d.day) for d in paper.dates}


def test_more_questions_than_a_segment_holds_are_refused() -> None:
    paper = only("861-received.x12")
    (first, _) = paper.lines
    (_, one, _) = first.counts
    full = replace(paper, lines=(replace(first, counts=(one,) * 5),))
    over = replace(paper, lines=(replace(first, counts=(one,) * 6),))

    maps = load_maps()
    assert compose(full, message="861", control_number="1", maps=maps).message is not None
    refused = compose(over, message="861", control_number="1", maps=maps)
    assert refused.message is None
    assert "RCD holds 5" in refused.findings[0].text
