"""The order-line ledger adds up, in any order, and its laws can fail."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.quantity import Quantity, UnitMismatchError
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import (
    LineLedger,
    Posting,
    Stage,
    WrongLineError,
    invariants,
    ledgers,
)
from manciple.runtime.codec import decode, encode

DAY = date(2026, 11, 2)
quantities = st.decimals(0, 10**6, places=3).map(lambda n: Quantity(n, Unit.EACH))
stages = st.sampled_from(Stage)


def each(n: int | str) -> Quantity:
    return Quantity(Decimal(n), Unit.EACH)


def posting(
    stage: Stage, quantity: Quantity, *, line: str = "1", source: str = "test/1/1"
) -> Posting:
    return Posting(
        stage=stage, line=line, quantity=quantity, stated=quantity, source=source, effective=DAY
    )


def ledger(**totals: int) -> LineLedger:
    result = LineLedger(line="1", unit=Unit.EACH)
    for stage, n in totals.items():
        result = result.post(posting(Stage(stage), each(n)))
    return result


def laws(line: LineLedger) -> list[str]:
    return [breach.law for breach in invariants(line)]


def test_short_receipt_leaves_the_rest_open() -> None:
    line = ledger(ordered=108, acknowledged=96, shipped=96, received=94, invoiced=96)

    assert line.open_to_receive == each(14)
    assert line.received_not_invoiced == each(-2)
    assert line.open_to_ship == each(12)
    assert laws(line) == []


def test_over_receipt_is_over_and_nothing_is_open() -> None:
    line = ledger(ordered=100, received=105, accepted=105)

    assert line.over == each(5)
    assert line.open_to_receive == each(0)
    assert laws(line) == []


def test_exact_receipt_leaves_nothing_open_and_nothing_over() -> None:
    line = ledger(ordered=100, cancelled=10, received=90)

    assert (line.over, line.open_to_receive, line.wanted) == (each(0), each(0), each(90))
    assert laws(line) == []


def test_a_return_with_replacement_reopens_the_line() -> None:
    line = ledger(ordered=25, received=25, accepted=25, returned=5, to_be_replaced=5)

    assert line.open_to_receive == each(5)
    assert line.billable == each(20)
    assert laws(line) == []


def test_a_return_for_refund_leaves_the_line_closed() -> None:
    line = ledger(ordered=25, received=25, accepted=25, returned=5, invoiced=25, credited=5)

    assert line.open_to_receive == each(0)
    assert line.billable == line.invoiced_net == each(20)
    assert laws(line) == []


def test_more_than_the_rest_after_a_short_close_is_over() -> None:
    line = ledger(ordered=108, received=108, short_closed=2)

    assert line.over == each(2)
    assert laws(line) == []


def test_posting_in_another_unit_is_refused() -> None:
    kilogram = Quantity(Decimal(1), Unit.KILOGRAM)

    with pytest.raises(UnitMismatchError, match="cannot combine EA with KGM"):
        ledger(ordered=1).post(posting(Stage.RECEIVED, kilogram))


def test_posting_of_another_line_is_refused() -> None:
    with pytest.raises(WrongLineError, match="line 2 came to line 1"):
        ledger(ordered=1).post(posting(Stage.RECEIVED, each(1), line="2"))


def test_cancelling_more_than_was_ordered_breaks_the_balance() -> None:
    assert laws(ledger(ordered=100, cancelled=120)) == ["balance", "at most"]


def test_short_closing_more_than_was_open_breaks_the_balance() -> None:
    assert laws(ledger(ordered=100, received=90, short_closed=10)) == []
    assert laws(ledger(ordered=100, short_closed=101)) == ["balance"]


def test_lowering_what_was_ordered_is_a_breach() -> None:
    line = ledger(ordered=100).post(posting(Stage.ORDERED, each(-10), source="test/2/1"))

    assert laws(line) == ["never lowered"]


def test_a_stage_below_zero_is_a_breach() -> None:
    assert laws(ledger(ordered=10, shipped=-1)) == ["not below zero"]


def test_posting_the_same_document_line_twice_is_a_breach() -> None:
    line = ledger(ordered=100).post(posting(Stage.RECEIVED, each(5)))

    assert laws(line) == []
    assert laws(line.post(posting(Stage.RECEIVED, each(5)))) == ["posted once"]


@pytest.mark.parametrize(
    ("totals", "text"),
    [
        ({"received": 5, "accepted": 6}, "accepted 6 EA is above received 5 EA"),
        ({"received": 5, "returned": 6}, "returned 6 EA is above received 5 EA"),
        (
            {"received": 5, "returned": 4, "to_be_replaced": 5},
            "to_be_replaced 5 EA is above returned 4 EA",
        ),
    ],
)
def test_a_part_above_its_whole_is_a_breach(totals: dict[str, int], text: str) -> None:
    breaches = invariants(ledger(ordered=100, **totals))

    assert [breach.text for breach in breaches] == [text]


def test_strangers_that_slipped_in_are_found() -> None:
    kilogram = Quantity(Decimal(1), Unit.KILOGRAM)
    foreign_unit = LineLedger(
        line="1", unit=Unit.EACH, postings=(posting(Stage.ORDERED, kilogram),)
    )
    foreign_line = LineLedger(
        line="1", unit=Unit.EACH, postings=(posting(Stage.ORDERED, each(1), line="2"),)
    )

    assert laws(foreign_unit) == ["one unit"]
    assert laws(foreign_line) == ["one line"]


def test_postings_are_sorted_into_one_ledger_per_line() -> None:
    rows = (
        posting(Stage.ORDERED, each(5)),
        posting(Stage.ORDERED, Quantity(Decimal(2), Unit.KILOGRAM), line="2"),
        posting(Stage.RECEIVED, each(3)),
    )

    found = ledgers(rows)

    assert list(found) == ["1", "2"]
    assert found["1"].open_to_receive == each(2)
    assert found["2"].unit is Unit.KILOGRAM


def test_a_posting_survives_being_stored() -> None:
    row = posting(Stage.SHIPPED, each("0.125"))

    assert decode(encode(row), Posting) == row


@given(st.lists(quantities, min_size=1))
def test_last_restatement_is_the_total(statements: list[Quantity]) -> None:
    line = LineLedger(line="1", unit=Unit.EACH)
    for statement in statements:
        line = line.restate(posting(Stage.ACKNOWLEDGED, statement))

    assert line.total(Stage.ACKNOWLEDGED) == statements[-1]


@given(st.lists(quantities, min_size=2))
def test_restating_the_same_again_adds_nothing(statements: list[Quantity]) -> None:
    line = LineLedger(line="1", unit=Unit.EACH)
    for statement in statements:
        line = line.restate(posting(Stage.ACKNOWLEDGED, statement))
        again = line.restate(posting(Stage.ACKNOWLEDGED, statement))

        assert again.postings[-1].quantity == each(0)
        assert again.total(Stage.ACKNOWLEDGED) == line.total(Stage.ACKNOWLEDGED)


@given(
    st.lists(st.tuples(stages, quantities), max_size=12).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(rows))
    )
)
def test_order_of_arrival_cannot_matter(
    rows: tuple[list[tuple[Stage, Quantity]], list[tuple[Stage, Quantity]]],
) -> None:
    one, other = (
        LineLedger(line="1", unit=Unit.EACH, postings=tuple(posting(s, q) for s, q in arrival))
        for arrival in rows
    )

    assert all(one.total(stage) == other.total(stage) for stage in Stage)
    assert one.open_to_receive == other.open_to_receive
    assert one.over == other.over


@given(ordered=quantities, received=st.lists(quantities, max_size=6), cancelled=quantities)
def test_the_balance_holds_as_long_as_no_more_is_given_up_than_asked(
    ordered: Quantity, received: list[Quantity], cancelled: Quantity
) -> None:
    line = LineLedger(line="1", unit=Unit.EACH).post(posting(Stage.ORDERED, ordered))
    line = line.post(posting(Stage.CANCELLED, min(cancelled, ordered)))
    for count, quantity in enumerate(received):
        line = line.post(posting(Stage.RECEIVED, quantity, source=f"receipt/{count}"))

    assert invariants(line) == ()
    assert line.over.value * line.open_to_receive.value == 0


@given(st.lists(quantities, min_size=2, max_size=8))
def test_open_never_grows_as_goods_come_in(received: list[Quantity]) -> None:
    line = ledger(ordered=1000)
    opens = [line.open_to_receive]
    for quantity in received:
        line = line.post(posting(Stage.RECEIVED, quantity))
        opens.append(line.open_to_receive)

    assert all(later <= earlier for earlier, later in pairwise(opens))
