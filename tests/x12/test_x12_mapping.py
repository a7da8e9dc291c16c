"""Segments to partner documents: our own samples, and the traps that real files set."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.x12.x12_builders import file, message, sample

from manciple.exchange.mapping.document import (
    AnswerWord,
    DocumentKind,
    HeaderWord,
    PartnerDocument,
    PartnerLine,
    StatedItem,
    StatedQuantity,
)
from manciple.exchange.mapping.maps import load_maps
from manciple.exchange.mapping.values import read_day, read_implied, read_number
from manciple.exchange.mapping.x12 import together
from manciple.exchange.reading import DocumentReading, read
from manciple.formats.x12.findings import Fault, Severity
from manciple.kernel.units import Unit


def reading(data: bytes, overlay: str | None = None) -> DocumentReading:
    (found,) = read(data, maps=load_maps(overlay=overlay)).documents
    return found


def document(name: str) -> PartnerDocument:
    return reading(sample(name)).document


def lines(data: bytes) -> tuple[PartnerLine, ...]:
    return reading(data).document.lines


def order(*body: str) -> bytes:
    return file(message("BEG*00*SA*PO-1**20261122", *body))


def answer(*body: str, header: str = "AC") -> DocumentReading:
    return reading(file(message(f"BAK*00*{header}*PO-1*20261122", *body, kind="855"), kind="PR"))


def invoice(*body: str) -> PartnerDocument:
    return reading(file(message("BIG*20261122*I-1", *body, kind="810"), kind="IN")).document


def value(quantity: StatedQuantity | None) -> str | None:
    return None if quantity is None else str(quantity.value)


# Orders


def test_an_order_is_read_whole() -> None:
    found = document("850-plain.x12")

    assert found.kind is DocumentKind.ORDER
    assert (found.number, found.currency, found.type) == ("H-2001", "USD", "SA")
    assert found.day("issued") == date(2026, 3, 2)
    assert found.day("delivery_requested") == date(2026, 3, 10)
    assert [(p.role, p.id, p.city) for p in found.parties] == [
        ("buyer", "HS", None),
        ("ship_to", "HS-N", "Portland"),
    ]
    assert found.totals.amount == Decimal("90.87")
    assert [line.line for line in found.lines] == ["000001", "000002", "item-3"]


def test_a_ship_to_inside_a_line_leaves_the_header_alone() -> None:
    found = document("850-plain.x12")

    assert [p.id for p in found.lines[1].parties] == ["HS-S"]
    assert [d.day for d in found.lines[1].dates] == [date(2026, 3, 17)]
    assert [p.id for p in found.parties] == ["HS", "HS-N"]


def test_prices_keep_the_quantity_they_are_for() -> None:
    hundred, case, each = document("850-plain.x12").lines

    assert hundred.price is not None
    assert hundred.price.per == StatedQuantity(value=Decimal(100), unit="EA", canonical=Unit.EACH)
    assert case.price is not None
    assert (case.price.amount, case.price.per and case.price.per.unit) == (Decimal("0.05"), "CA")
    assert each.price is not None
    assert each.price.per == StatedQuantity(value=Decimal(1), unit="EA", canonical=Unit.EACH)


def test_items_come_with_whose_number_it_is() -> None:
    assert document("850-plain.x12").lines[0].items == (
        StatedItem(scheme="vendor", id="BOLT-M8"),
        StatedItem(scheme="buyer", id="10077"),
    )


def test_a_quantity_split_over_stores_keeps_its_parts() -> None:
    parts = document("850-plain.x12").lines[2].schedule

    assert [(p.location, str(p.quantity.value)) for p in parts] == [("S1", "1"), ("S2", "2")]


def test_a_line_keeps_the_segments_it_was_read_from() -> None:
    raw = document("850-plain.x12").lines[1].raw

    assert [row[0] for row in raw] == ["PO1", "N1", "DTM"]
    assert raw[0][4] == ".05"


def test_what_is_not_in_the_text_is_not_made_up() -> None:
    found = document("850-bare.x12")
    (line,) = found.lines

    assert (found.currency, found.dates, found.parties) == (None, (), ())
    assert found.totals.amount is None
    assert (line.line, line.items, line.price, line.status) == (None, (), None, None)


def test_the_release_is_not_the_order_date() -> None:
    found = reading(file(message("BEG*00*RL*B-7*12*20261122"))).document

    assert (found.number, found.release, found.day("issued")) == ("B-7", "12", date(2026, 11, 22))


def test_a_price_per_each_of_a_quantity_in_cases_is_said() -> None:
    found = reading(order("PO1*1*5*CA*2.50*PE*VP*X"))
    price = found.document.lines[0].price

    assert price is not None
    assert price.per is not None
    assert price.per.unit == "EA"
    assert [f.code for f in found.findings] == [Fault.PRICE_BASIS]


def test_an_unknown_price_basis_stays_unknown() -> None:
    found = reading(order("PO1*1*5*EA*2.50*BP*SKU-A"))
    price = found.document.lines[0].price

    assert price is not None
    assert price.per is None
    assert "it is an item qualifier: elements may be out of place" in found.findings[0].text


def test_a_price_in_ctp_counts_where_the_line_has_none() -> None:
    first, second = lines(
        order("PO1*1*5*EA", "CTP**DIS*30.00*12*EA", "PO1*2*5*EA*4", "CTP**RES*9")
    )

    assert first.price is not None
    assert first.price.per is not None
    assert (first.price.amount, first.price.per.value) == (Decimal("30.00"), Decimal(12))
    assert second.price is not None
    assert second.price.amount == Decimal(4)


def test_a_unit_that_we_do_not_know_is_kept_as_written_and_said() -> None:
    found = reading(order("PO1*1*5*Q7"))
    quantity = found.document.lines[0].quantity

    assert quantity == StatedQuantity(value=Decimal(5), unit="Q7")
    assert [(f.code, f.severity) for f in found.findings] == [(Fault.UNIT, Severity.WARNING)]


@pytest.mark.parametrize("bad", ["1e9", "NaN", "1,5", "12A", "Infinity", "9" * 30, "٣", "--1"])
def test_a_quantity_that_is_no_number_is_an_error_with_its_place(bad: str) -> None:
    found = reading(order(f"PO1*1*{bad}*EA"))

    assert found.document.lines[0].quantity is None
    (finding,) = [f for f in found.findings if f.code is Fault.NUMBER]
    assert (finding.where.segment, finding.where.element) == ("PO1", 2)
    assert finding.where.position == 3
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("bad", ["20261322", "2026112", "today", "00000000", "20260230"])
def test_a_day_that_does_not_exist_is_left_out_and_said(bad: str) -> None:
    found = reading(file(message(f"BEG*00*SA*PO-1**{bad}")))

    assert found.document.day("issued") is None
    assert [(f.code, f.where.element) for f in found.findings] == [(Fault.DATE, 5)]


def test_an_order_without_a_number_is_an_error() -> None:
    found = reading(file(message("BEG*00*SA***20261122")))

    assert [(f.code, f.text) for f in found.findings] == [(Fault.MANDATORY, "BEG03 is empty")]


# Acknowledgments


def test_several_answers_to_one_line_are_all_kept_and_add_up() -> None:
    split, *_ = document("855-split.x12").lines

    assert [(a.code, value(a.quantity)) for a in split.answers] == [
        ("IA", "60"), ("IB", "30"), ("IR", "10")
    ]  # fmt: skip
    assert split.answered(AnswerWord.ACCEPT) == 60
    assert split.answered(AnswerWord.BACKORDER_FULL) == 30
    assert [a.day for a in split.answers] == [date(2026, 3, 10), date(2026, 3, 24), None]
    assert split.status is AnswerWord.CHANGE_MIXED


def test_a_substitute_names_the_other_item() -> None:
    line = document("855-split.x12").lines[1]

    assert line.status is AnswerWord.SUBSTITUTE
    assert line.answers[0].substitute == (StatedItem(scheme="vendor", id="LAMP-4"),)


def test_an_answer_that_we_do_not_know_is_never_an_acceptance() -> None:
    found = reading(sample("855-split.x12"))

    assert found.document.lines[3].status is AnswerWord.UNKNOWN
    (finding,) = [f for f in found.findings if f.code is Fault.CODE]
    assert finding.severity is Severity.ERROR
    assert (finding.text, finding.where.element) == ("ACK01 'ZQ' is no answer that we know", 1)


def test_a_line_without_answer_among_answered_lines_stays_unanswered() -> None:
    assert document("855-split.x12").lines[4].status is None


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("IA", "accept"), ("AC", "accept"), ("AR", "accept"), ("IQ", "change.qty"),
        ("IP", "change.price"), ("DR", "change.date"), ("IC", "change.mixed"),
        ("IB", "backorder.full"), ("BP", "backorder.partial"), ("IS", "substitute"),
        ("SP", "pending"), ("IE", "pending"), ("IH", "hold"), ("IF", "hold"), ("IW", "hold"),
        ("ID", "reject"), ("IR", "reject"), ("R1", "reject"), ("R8", "reject"), ("XX", "unknown"),
        ("", "unknown"),
    ],
)  # fmt: skip
def test_answer_codes_mean_what_the_domain_rules_say(code: str, word: str) -> None:
    found = answer("PO1*1*5*EA", f"ACK*{code}*5*EA")

    assert found.document.lines[0].status == word


@pytest.mark.parametrize(
    ("code", "answered", "lines_say"),
    [
        ("AT", HeaderWord.ACCEPT, AnswerWord.ACCEPT),
        ("AD", HeaderWord.ACCEPT, AnswerWord.ACCEPT),
        ("RJ", HeaderWord.REJECT, AnswerWord.REJECT),
        ("RD", HeaderWord.REJECT, AnswerWord.REJECT),
        ("RO", HeaderWord.COUNTER, AnswerWord.CHANGE_MIXED),
        ("AC", HeaderWord.DETAIL, None),
        ("AE", HeaderWord.EXCEPTIONS, None),
        ("NA", HeaderWord.NONE, None),
        ("AH", HeaderWord.HOLD, AnswerWord.HOLD),
        ("RF", HeaderWord.REJECT, AnswerWord.REJECT),
        ("XX", HeaderWord.UNKNOWN, None),
    ],
)
def test_a_header_speaks_for_lines_only_when_no_line_is_answered(
    code: str, answered: HeaderWord, lines_say: AnswerWord | None
) -> None:
    alone = answer("PO1*1*5*EA", header=code).document
    beside = answer("PO1*1*5*EA", "ACK*IA*5*EA", "PO1*2*3*EA", header=code).document

    assert alone.answer is answered
    assert alone.lines[0].status is lines_say
    assert [line.status for line in beside.lines] == [AnswerWord.ACCEPT, None]


def test_an_acceptance_without_lines_has_none() -> None:
    found = document("855-header-only.x12")

    assert (found.answer, found.orders, found.lines) == (HeaderWord.ACCEPT, ("H-2002",), ())
    assert found.day("issued") is None
    assert found.day("order") == date(2026, 3, 2)


def test_a_header_that_contradicts_its_lines_is_said() -> None:
    found = answer("PO1*1*5*EA", "ACK*IA*5*EA", header="RJ")

    assert found.document.lines[0].status is AnswerWord.ACCEPT
    (finding,) = [f for f in found.findings if f.code is Fault.ANSWER_CONTRADICTION]
    assert finding.text == ("the header says RJ (reject), its lines say accept: the lines count")


def test_a_changed_price_in_ctp_belongs_to_the_answer() -> None:
    (line,) = answer("PO1*1*5*EA*9.50*PE", "CTP**CAT*9*1*EA", "ACK*IP").document.lines

    assert line.price is not None
    assert line.price.amount == Decimal("9.50")
    assert line.answers[0].price is not None
    assert line.answers[0].price.amount == Decimal(9)


@settings(deadline=None)
@given(st.lists(st.sampled_from(AnswerWord), min_size=1, max_size=5))
def test_answers_together_never_sound_better_than_each(words: list[AnswerWord]) -> None:
    word = together(tuple(words))

    assert (word is AnswerWord.ACCEPT) == (set(words) == {AnswerWord.ACCEPT})
    assert (AnswerWord.UNKNOWN in words) == (word is AnswerWord.UNKNOWN)
    assert word is together(tuple(reversed(words)))


# Ship notices


def test_a_ship_notice_knows_order_and_packages_of_each_item() -> None:
    found = document("856-tree.x12")

    assert found.orders == ("H-2001", "H-2005")
    assert [(line.order, value(line.quantity)) for line in found.lines] == [
        ("H-2001", "40"), ("H-2001", "20"), ("H-2005", "8")
    ]  # fmt: skip
    assert [line.packages for line in found.lines] == [
        ("00371234500000000017", "00371234500000000024"),
        ("00371234500000000017", "00371234500000000031"),
        ("00371234500000000048",),
    ]
    assert found.totals.shipped == 68
    assert found.carrier == "ACME"
    assert found.lines[0].ordered == StatedQuantity(
        value=Decimal(100), unit="EA", canonical=Unit.EACH
    )


def test_a_ship_notice_without_parents_is_read_by_rank() -> None:
    found = reading(sample("856-flat.x12"))
    first, second = found.document.lines

    assert found.document.number is None
    assert found.document.day("issued") == date(2026, 3, 9)
    assert (first.order, first.packages) == ("H-2001", ("00371234500000000055",))
    assert (second.order, second.packages) == ("H-2006", ("00371234500000000055",))
    assert [f.text for f in found.findings] == ["HL02 9 names no HL before this one"]


def test_a_tree_that_runs_in_circles_is_read() -> None:
    body = ("BSN*00*S1*20261122*1200", "HL*1*1*I", "SN1**5*EA", "HL*1*1*O", "PRF*P-1")
    found = reading(file(message(*body, kind="856"), kind="SH")).document

    assert [line.order for line in found.lines] == [None]
    assert found.orders == ("P-1",)


def test_ten_thousand_levels_are_read_in_no_time() -> None:
    body = [f"HL*{n}*{n - 1 or ''}*{'I' if n % 2 else 'P'}" for n in range(1, 10_001)]
    found = reading(file(message("BSN*00*S1", *body, kind="856"), kind="SH")).document

    assert len(found.lines) == 5000


# Invoices


def test_invoice_totals_have_two_implied_decimals() -> None:
    found = document("810-charges.x12")

    assert found.totals.amount == Decimal("163.52")
    assert [(a.kind, a.amount) for a in found.totals.others] == [
        ("discountable", Decimal("152.00"))
    ]
    assert found.lines[0].price is not None
    assert found.lines[0].price.amount == Decimal("2.50")


def test_charges_hang_under_their_line_or_under_the_invoice() -> None:
    found = document("810-charges.x12")

    assert [(c.kind, c.amount) for c in found.lines[0].charges] == [("allowance", Decimal(6))]
    assert [(c.kind, c.code, c.amount) for c in found.charges] == [
        ("tax", "ST", Decimal("9.52")),
        ("charge", "D240", Decimal("2.00")),
    ]


def test_an_order_named_under_a_line_belongs_to_the_line() -> None:
    found = document("810-charges.x12")

    assert found.orders == ("H-2001", "H-2005")
    assert [line.order for line in found.lines] == [None, "H-2005"]


def test_a_credit_is_told_by_its_type_not_by_its_amounts() -> None:
    found = document("810-credit.x12")

    assert found.is_credit
    assert found.totals.amount == Decimal("7.50")
    assert not document("810-charges.x12").is_credit


def test_a_decimal_point_in_an_implied_amount_is_taken_as_written_and_said() -> None:
    assert invoice("TDS*79.50").totals.amount == Decimal("79.50")
    assert invoice("TDS*7950").totals.amount == Decimal("79.50")
    assert invoice("TDS*-5").totals.amount == Decimal("-0.05")


# Other sets and overlays


def test_a_functional_acknowledgment_is_numbered_by_the_group_it_answers() -> None:
    found = document("997-partial.x12")

    assert (found.kind, found.number) == (DocumentKind.FUNCTIONAL_ACKNOWLEDGMENT, "101")


def test_a_set_without_map_is_read_to_its_head_with_a_note() -> None:
    found = reading(file(message("W05*N*ORD-1", "N1*ST*Store", kind="948"), kind="OW"))

    assert (found.document.kind, found.document.number) == (DocumentKind.OTHER, "ORD-1")
    assert [p.role for p in found.document.parties] == ["ship_to"]
    assert [(f.code, f.severity) for f in found.findings] == [(Fault.MAP_MISSING, Severity.NOTE)]


def test_a_partners_habits_overrule_the_plain_lists() -> None:
    data = file(
        message("BAK*00*AC*PO-1", "PO1*1*5*UN*1**BP*B1*UP*U1*VP*V1", "ACK*AA*5*UN*017*20261201",
                kind="855"),
        kind="PR",
    )  # fmt: skip
    plain, habit = reading(data), reading(data, overlay="example")
    (line,) = habit.document.lines

    assert plain.document.lines[0].status is AnswerWord.UNKNOWN
    assert line.status is AnswerWord.ACCEPT
    assert line.quantity is not None
    assert (line.quantity.unit, line.quantity.canonical) == ("UN", Unit.EACH)
    assert [i.scheme for i in line.items] == ["vendor", "upc", "buyer"]
    assert line.answers[0].kind == "delivery_promised"


# Values


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-10**9,
                   max_value=10**9))  # fmt: skip
def test_numbers_are_read_exactly(number: Decimal) -> None:
    assert read_number(f"{number:f}") == number


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_implied_decimals_lose_nothing(whole: int, decimals: int) -> None:
    found = read_implied(str(whole), decimals)

    assert found is not None
    assert found * 10**decimals == whole


@settings(deadline=None)
@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)))
def test_days_are_read_in_six_and_eight_digits(day: date) -> None:
    assert read_day(f"{day:%Y%m%d}") == day
    assert read_day(f"{day:%y%m%d}") == day
