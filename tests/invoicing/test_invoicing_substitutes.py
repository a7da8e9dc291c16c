"""A substitute is tested against the price agreed for it. Domain rule D-22.

Ordered 100 bolts at 10.00; "nut-9" may come instead, at 8.00. Prices pass up to 2 %.
"""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.invoicing.invoicing_world import (
    AT,
    CASE,
    DAY,
    Bench,
    a_bill,
    a_line,
    an_order,
    an_order_line,
    bench,
    check_of,
    codes,
    price,
    quantity,
    supplier_item,
    usd,
)

from manciple.catalog.item import Pack
from manciple.invoicing.explanation import explain
from manciple.invoicing.invoice import InvoicedLine
from manciple.invoicing.result import CheckName
from manciple.invoicing.unbilled import unbilled
from manciple.ordering.line_ledger import Posting, Stage
from manciple.ordering.substitute import Substitute

LIMITS = (
    "invoice_price: percent_upper 2, mode percent-only",
    "invoice_line_amount: percent_upper 2, mode percent-only",
    "invoice_total: percent_upper 2, mode percent-only",
    "cumulative_price: percent_upper 2, mode percent-only",
)
INSTEAD = Substitute(
    item="nut-9",
    description="Nut",
    category="fasteners",
    supplier_item="A-9",
    gtin=None,
    price=price("80.00 / 1 CA"),
    packs=(Pack(unit=CASE, base=Decimal(10)),),
    basis="agreement acme/nut-9",
    agreed_by="bo",
    agreed_at=AT,
)
THE_BOLT, THE_NUT = supplier_item("A-1"), supplier_item("A-9")


def agreed(**came: str) -> Bench:
    """Bench with the substitute agreed; ``bolts`` and ``nuts`` came, each in its own units."""
    order = an_order(replace(an_order_line(), substitutes=(INSTEAD,)))
    made = bench(*LIMITS, order=order)
    for name, amount in came.items():
        stage, item = Stage.RECEIVED, "nut-9" if name == "nuts" else None
        base = order.lines[0].bought_as(item).to_base(quantity(amount))
        posting = Posting(
            stage=stage,
            line="1",
            quantity=base,
            stated=quantity(amount),
            source=f"receipt/R1/1{'+1' if item else ''}",
            effective=DAY,
            item=item,
        )
        made = replace(made, postings=(*made.postings, posting))
    return made


def nuts(stated: str, at: str, number: str = "1") -> InvoicedLine:
    return a_line(stated, at=at, number=number, line=None, items=(THE_NUT,))


def bolts(stated: str, at: str, number: str = "1") -> InvoicedLine:
    return a_line(stated, at=at, number=number, line=None, items=(THE_BOLT,))


@pytest.mark.parametrize(
    ("at", "held"), [("8.00", False), ("8.16", False), ("8.17", True), ("10.00", True)]
)
def test_a_substitute_is_tested_against_its_own_price(at: str, *, held: bool) -> None:
    result = agreed(nuts="100 EA").match(a_bill(nuts("100 EA", at)))

    assert codes(result) == ({"PRICE"} if held else set())


@pytest.mark.parametrize(("at", "held"), [("10.20", False), ("10.21", True)])
def test_the_item_ordered_is_tested_against_the_price_ordered(at: str, *, held: bool) -> None:
    result = agreed(bolts="100 EA").match(a_bill(bolts("100 EA", at)))

    assert codes(result) == ({"PRICE"} if held else set())


def test_its_cases_are_counted_in_its_own_packs() -> None:
    result = agreed(nuts="10 CA").match(a_bill(nuts("10 CA", "80.00 / 1 CA")))

    assert codes(result) == set()
    assert result.lines[0].billed == quantity("100 EA")
    assert result.lines[0].amount == usd("800.00")


def test_what_a_paper_calls_the_goods_does_not_make_them_dearer() -> None:
    result = agreed(bolts="60 EA", nuts="40 EA").match(a_bill(bolts("100 EA", "10.00")))

    # 60 x 10.00 + 40 x 8.00 is 920.00, and 1000.00 is billed.
    (hold,) = result.holds
    assert (hold.code.value, hold.amount) == ("PRICE", usd("80.00"))


@pytest.mark.parametrize(("at", "held"), [("9.384", False), ("9.385", True)])
def test_a_bill_over_both_is_tested_against_what_both_come_to(at: str, *, held: bool) -> None:
    result = agreed(bolts="60 EA", nuts="40 EA").match(a_bill(a_line("100 EA", at=at)))

    # 920.00 and 2 % of it, 18.40, is 938.40.
    assert codes(result) == ({"PRICE"} if held else set())
    (instead,) = result.lines[0].instead
    assert (instead.item, instead.quantity) == ("nut-9", quantity("40 EA"))
    told = "40 EA of it are nut-9, which came instead: 80.00 USD"
    assert any(told in text for text in explain(result))


def test_each_line_bills_its_own_item_first_whatever_their_order() -> None:
    here = agreed(bolts="60 EA", nuts="40 EA")

    one = here.match(a_bill(nuts("40 EA", "8.00"), bolts("60 EA", "10.00", "2")))
    other = here.match(a_bill(bolts("60 EA", "10.00"), nuts("40 EA", "8.00", "2")))

    assert codes(one) == codes(other) == set()


def test_two_papers_do_not_bill_the_same_bolts_twice() -> None:
    here = agreed(bolts="60 EA", nuts="40 EA")
    first = here.kept(a_bill(bolts("60 EA", "10.00"), number="A"), name="INV-0")

    dear = here.match(a_bill(bolts("40 EA", "10.00"), number="B"), first)
    right = here.match(a_bill(bolts("40 EA", "8.00"), number="B"), first)

    assert "PRICE" in codes(dear)
    assert check_of(dear, CheckName.INVOICE_PRICE).base == "8 USD per EA"
    assert codes(right) == set()


def test_before_anything_came_a_paper_is_believed_about_its_item_only_for_the_price() -> None:
    result = agreed().match(a_bill(nuts("100 EA", "8.00")))

    assert codes(result) == {"QTY_RECEIVED"}


def test_both_items_together_are_no_more_than_was_ordered() -> None:
    full = agreed(bolts="60 EA", nuts="41 EA")

    result = full.match(a_bill(bolts("60 EA", "10.00"), nuts("41 EA", "8.00", "2")))

    assert codes(result) == {"QTY_ORDERED"}


@pytest.mark.parametrize(("back", "over"), [("40 EA", None), ("41 EA", "1 EA")])
def test_a_substitute_that_went_back_is_billed_no_more(back: str, over: str | None) -> None:
    here = agreed(bolts="60 EA", nuts="80 EA")
    returned = Posting(
        stage=Stage.RETURNED, line="1", quantity=quantity(back), stated=quantity(back),
        source="return/RTV/1/1@R1", effective=DAY, item="nut-9",
    )  # fmt: skip
    here = replace(here, postings=(*here.postings, returned))

    result = here.match(a_bill(bolts("60 EA", "10.00"), nuts("40 EA", "8.00", "2")))

    told = [(hold.code.value, hold.line, hold.quantity) for hold in result.holds]
    assert told == ([("QTY_RECEIVED", "2", quantity(over))] if over else [])


@pytest.mark.parametrize(("at", "held"), [("8.00", False), ("7.80", True)])
def test_a_credit_of_a_substitute_gives_back_its_own_price(at: str, *, held: bool) -> None:
    here = agreed(nuts="100 EA")
    first = here.kept(a_bill(nuts("100 EA", "8.00"), number="A"), name="INV-0")

    result = here.match(a_bill(nuts("10 EA", at), number="C", credit=True), first)

    assert codes(result) == ({"PRICE"} if held else set())


def test_what_nobody_billed_is_worth_what_was_agreed_for_what_came() -> None:
    def waiting(here: Bench) -> list[tuple[str, object]]:
        books = here.orders().views["PO-1"].ledgers
        return [(each.item, each.value) for each in unbilled(here.order, books, on=DAY)]

    assert waiting(agreed(nuts="40 EA")) == [("nut-9", usd("320.00"))]
    assert waiting(agreed(bolts="40 EA")) == [("bolt-1", usd("400.00"))]
    assert waiting(agreed(bolts="60 EA", nuts="40 EA")) == [("bolt-1", None)]
