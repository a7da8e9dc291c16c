"""Which receipts an invoice draws on: first come, first billed, what is named before the rest."""

from datetime import date
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.invoicing.invoicing_world import EACH, quantity

from manciple.invoicing.drawing import Billed, Delivery, Drawing, deliveries, draw
from manciple.ordering.line_ledger import LineLedger, Posting, Stage

D = Decimal


def came(receipt: str, size: int, *, day: int = 1, shipment: str | None = None) -> Delivery:
    return Delivery(
        day=date(2026, 3, day), receipt=receipt, line="1", quantity=D(size), shipment=shipment
    )


def bills(invoice: str, size: int, *, at: int = 0, names: str = "") -> Billed:
    return Billed(invoice=invoice, at=at, quantity=D(size), names=names)


def told(drawing: Drawing, invoice: str, at: int = 0) -> list[tuple[str, int]]:
    return [(each.receipt, int(each.quantity)) for each in drawing.lines[invoice, at]]


def test_the_oldest_receipt_is_billed_first() -> None:
    drawing = draw(
        [came("R2", 60, day=8), came("R1", 40, day=3)], [bills("A", 50), bills("B", 30)]
    )

    assert told(drawing, "A") == [("R1", 40), ("R2", 10)]
    assert told(drawing, "B") == [("R2", 30)]
    assert [(each.receipt, each.quantity) for each in drawing.left] == [("R2", D(20))]


def test_receipts_of_one_day_go_by_their_number() -> None:
    drawing = draw([came("R9", 5), came("R10", 5)], [bills("A", 6)])

    assert told(drawing, "A") == [("R10", 5), ("R9", 1)]


def test_what_a_line_names_is_served_before_lines_that_name_nothing() -> None:
    receipts = [came("R1", 10, day=1), came("R2", 10, day=2, shipment="S-7")]
    lines = [bills("A", 10, at=0), bills("A", 10, at=1, names="R1")]

    by_receipt = draw(receipts, lines)
    by_shipment = draw(receipts, [bills("A", 10, names="S-7"), bills("B", 10)])

    assert (told(by_receipt, "A", 0), told(by_receipt, "A", 1)) == ([("R2", 10)], [("R1", 10)])
    assert (told(by_shipment, "A"), told(by_shipment, "B")) == ([("R2", 10)], [("R1", 10)])


def test_more_than_the_named_receipt_holds_comes_from_the_oldest() -> None:
    drawing = draw([came("R1", 10), came("R2", 4, day=2)], [bills("A", 6, names="R2")])

    assert told(drawing, "A") == [("R2", 4), ("R1", 2)]


def test_more_billed_than_came_draws_no_more_than_came() -> None:
    drawing = draw([came("R1", 10)], [bills("A", 11)])

    assert told(drawing, "A") == [("R1", 10)]
    assert drawing.left == ()


def test_credited_goods_are_taken_off_the_last_line() -> None:
    drawing = draw([came("R1", 25)], [bills("A", 20), bills("B", 5)], credited=D(5))

    assert (told(drawing, "A"), told(drawing, "B")) == ([("R1", 20)], [])


def posting(stage: Stage, size: str, source: str, *, day: int = 1) -> Posting:
    return Posting(
        stage=stage,
        line="1",
        quantity=quantity(f"{size} EA"),
        stated=quantity(f"{size} EA"),
        source=source,
        effective=date(2026, 3, day),
    )


def kept(*rows: Posting) -> list[tuple[str, int]]:
    ledger = LineLedger(line="1", unit=EACH, postings=rows)
    return [(each.receipt, int(each.quantity)) for each in deliveries(ledger)]


def test_a_return_takes_from_the_receipt_that_it_names_else_from_the_newest() -> None:
    first = posting(Stage.RECEIVED, "10", "receipt/R1/1", day=1)
    second = posting(Stage.RECEIVED, "10", "receipt/W/2/1", day=2)

    assert kept(first, second) == [("R1", 10), ("W/2", 10)]
    assert kept(first, second, posting(Stage.RETURNED, "4", "return/X/1/1")) == [
        ("R1", 10),
        ("W/2", 6),
    ]
    assert kept(posting(Stage.RETURNED, "4", "return/X/1/1@R1"), first, second) == [
        ("R1", 6),
        ("W/2", 10),
    ]
    assert kept(first, second, posting(Stage.RETURNED, "14", "return/X/1/1")) == [
        ("R1", 6),
        ("W/2", 0),
    ]


sizes = st.integers(min_value=0, max_value=12)


@given(
    st.lists(st.tuples(sizes, st.integers(1, 3)), max_size=5),
    st.lists(st.tuples(sizes, st.sampled_from(["", "R0", "R1", "S2"])), max_size=5),
    sizes,
    st.integers(),
)
def test_nothing_is_drawn_twice_and_a_second_run_gives_the_same(
    receipts: list[tuple[int, int]], lines: list[tuple[int, str]], credited: int, seed: int
) -> None:
    there = [
        came(f"R{n}", size, day=day, shipment=f"S{n}") for n, (size, day) in enumerate(receipts)
    ]
    asked = [bills(f"I{n}", size, names=name) for n, (size, name) in enumerate(lines)]
    shuffled = list(there)
    Random(seed).shuffle(shuffled)

    drawing = draw(there, asked, credited=D(credited))

    assert drawing == draw(shuffled, asked, credited=D(credited))
    drawn = {each.receipt: D(0) for each in there}
    for line in asked:
        own = drawing.lines[line.invoice, 0]
        assert sum((row.quantity for row in own), D(0)) <= line.quantity
        for row in own:
            drawn[row.receipt] += row.quantity
    left = {each.receipt: each.quantity for each in drawing.left}
    assert all(
        drawn[each.receipt] + left.get(each.receipt, D(0)) == each.quantity for each in there
    )
    billed = max(sum(size for size, _ in lines) - credited, 0)
    assert sum(drawn.values()) == min(billed, sum(size for size, _ in receipts))
