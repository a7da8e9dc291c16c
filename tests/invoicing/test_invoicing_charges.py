"""Charges that no order planned: both sides of each amount, the shares, nothing hidden."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.invoicing.invoicing_world import (
    AT,
    EUR,
    Bench,
    a_bill,
    a_line,
    an_order,
    an_order_line,
    bench,
    check_of,
    codes,
    usd,
)

from manciple.invoicing.charges import share_out
from manciple.invoicing.explanation import explain
from manciple.invoicing.invoice import Charge
from manciple.invoicing.limits import ChargeWay, Limits
from manciple.invoicing.result import CheckName, CheckOutcome
from manciple.kernel.money import Money
from manciple.ordering.line_ledger import Stage

SHIPPED = Path(__file__).parents[2] / "policies" / "charges.yaml"
CHARGES = {"charges.yaml": SHIPPED.read_text("utf-8")}


def charge(code: str, amount: str, description: str = "") -> Charge:
    return Charge(code=code, description=description, amount=usd(amount))


def two_lines() -> Bench:
    order = an_order(an_order_line("1", "30 EA"), an_order_line("2", "10 EA"))
    received = bench(order=order, more=CHARGES).with_goods(Stage.RECEIVED, "30 EA", "1")
    return received.with_goods(Stage.RECEIVED, "10 EA", "2")


LINES = (a_line("30 EA"), a_line("10 EA", number="2", line="2"))


@pytest.mark.parametrize(
    ("code", "amount", "holds"),
    [
        ("handling", "25.00", set()),
        ("handling", "25.01", {"CHARGE"}),
        ("freight", "50.00", set()),
        ("freight", "50.01", {"CHARGE"}),
        ("insurance", "25.00", set()),
        ("insurance", "25.01", {"CHARGE"}),
        ("hazmat", "0.01", {"CHARGE"}),
        ("hazmat", "0.00", set()),
    ],
)
def test_a_charge_passes_up_to_its_amount_and_waits_above_it(
    code: str, amount: str, holds: set[str]
) -> None:
    result = two_lines().match(a_bill(*LINES, charges=(charge(code, amount),)))

    assert codes(result) == holds


def test_without_a_table_every_charge_waits_for_the_buyer() -> None:
    received = bench().with_goods(Stage.RECEIVED, "100 EA")

    assert codes(received.match(a_bill(a_line(), charges=(charge("freight", "0.01"),)))) == {
        "CHARGE"
    }


def test_a_large_charge_in_small_parts_is_a_large_charge() -> None:
    parts = (charge("handling", "13.00", "Picking"), charge("handling", "12.01", "Packing"))

    result = two_lines().match(a_bill(*LINES, charges=parts))

    assert codes(result) == {"CHARGE"}
    assert check_of(result, CheckName.CHARGE).arithmetic == (
        "25.01 against 0 USD planned for Picking, Packing: +25.01, allowed 25"
        " (upper 25, absolute-only; charges 2026-01/c03): outside"
    )


def test_an_allocated_charge_is_shown_beside_its_lines_and_touches_no_price() -> None:
    bill = a_bill(*LINES, charges=(charge("freight", "40.00", "Freight"),), total="440.00")

    result = two_lines().match(bill)

    assert result.is_clean
    (freight,) = result.charges
    assert [(each.line, each.amount) for each in freight.shares] == [
        ("1", usd("30.00")),
        ("2", usd("10.00")),
    ]
    assert [line.amount for line in result.lines] == [usd("300.00"), usd("100.00")]
    assert all(line.variances is not None and not line.variances.price for line in result.lines)
    assert (
        "  freight 40.00 USD = 30.00 USD of line 1 + 10.00 USD of line 2, by what the lines bill;"
        " unit prices do not change (D-09; charges 2026-01/c01)"
    ) in explain(result)


def test_an_accepted_charge_is_no_share_of_any_line() -> None:
    result = two_lines().match(a_bill(*LINES, charges=(charge("handling", "10.00"),)))

    assert result.is_clean
    assert result.charges == ()


def test_a_charge_hidden_in_the_unit_price_is_a_price_and_waits_as_one() -> None:
    received = bench(more=CHARGES).with_goods(Stage.RECEIVED, "100 EA")

    assert codes(received.match(a_bill(a_line(at="10.40")))) == {"PRICE"}


def test_what_is_charged_back_on_a_credit_note_is_in_our_favour() -> None:
    note = a_bill(a_line("5 EA"), charges=(charge("hazmat", "9.00"),), credit=True)
    kept = replace(note, charges=(charge("hazmat", "-9.00"),))

    ours = check_of(two_lines().match(note), CheckName.CHARGE)
    theirs = check_of(two_lines().match(kept), CheckName.CHARGE)

    assert (ours.outcome, theirs.outcome) == (CheckOutcome.WARNED, CheckOutcome.HELD)


def test_an_amount_in_another_currency_allows_nothing() -> None:
    limits = Limits(register=two_lines().register, at=AT)

    rule = limits.charge("freight", supplier="acme", currency=EUR)

    assert (rule.way, rule.limit.tolerance.absolute_upper) == (ChargeWay.HOLD, None)


def test_what_rounding_leaves_goes_to_the_largest_line_and_the_lowest_number() -> None:
    thirds = share_out(
        usd("10.00"), [usd("1"), usd("1"), usd("1")], [(2, "10"), (1, "2"), (1, "3")]
    )
    largest = share_out(
        usd("0.10"), [usd("1"), usd("2"), usd("1")], [(1, "1"), (1, "2"), (1, "3")]
    )

    assert thirds == (usd("3.33"), usd("3.34"), usd("3.33"))
    assert largest == (usd("0.03"), usd("0.04"), usd("0.03"))


@given(
    cents=st.integers(-10_000, 10_000),
    basis=st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any),
)
def test_shares_lose_no_cent(cents: int, basis: list[int]) -> None:
    amount = usd(f"{Decimal(cents) / 100}")
    lines = [usd(f"{Decimal(each) / 100}") for each in basis]

    shares = share_out(amount, lines, [(1, str(at)) for at in range(len(basis))])

    assert sum(shares, Money.zero(amount.currency)) == amount
