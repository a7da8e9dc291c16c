"""Cells: what each form lets through, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.policy.conditions import CellError, Type, read_condition

D = Decimal


@pytest.mark.parametrize(
    ("cell", "inside", "outside"),
    [
        ("-", ["-1", "0"], []),
        ("250", ["250", "250.00"], ["249.99", "250.01"]),
        ("250, 300", ["250", "300"], ["275"]),
        ("not 250, 300", ["275"], ["250", "300"]),
        ("[250..5000)", ["250", "4999.99"], ["249.99", "5000"]),
        ("(250..5000]", ["250.01", "5000"], ["250", "5000.01"]),
        ("[250..250]", ["250"], ["249.99", "250.01"]),
        ("(-5..5)", ["-4.99", "0", "4.99"], ["-5", "5"]),
        (">= 10", ["10", "1000000"], ["9.99"]),
        (">10", ["10.01"], ["10"]),
        ("<= 10", ["10", "-5"], ["10.01"]),
        ("< 10", ["9.99"], ["10"]),
    ],
)
def test_a_number_cell_lets_through_what_it_says(
    cell: str, inside: list[str], outside: list[str]
) -> None:
    condition = read_condition(cell, Type.DECIMAL, name="amount")

    assert all(condition.lets(D(each)) for each in inside)
    assert not any(condition.lets(D(each)) for each in outside)


@pytest.mark.parametrize(
    ("cell", "inside", "outside"),
    [
        ("cable", ["cable"], ["cables", "Cable"]),
        ("cable, hose", ["cable", "hose"], ["pipe"]),
        (["cable", "hose"], ["cable", "hose"], ["pipe"]),
        ("not cable, hose", ["pipe"], ["cable", "hose"]),
    ],
)
def test_a_text_cell_lets_through_what_it_says(
    cell: object, inside: list[str], outside: list[str]
) -> None:
    condition = read_condition(cell, Type.TEXT, name="category")

    assert all(condition.lets(each) for each in inside)
    assert not any(condition.lets(each) for each in outside)


def test_days_have_intervals_too() -> None:
    condition = read_condition("[2026-01-01..2026-07-01)", Type.DATE, name="on")

    assert condition.lets(date(2026, 6, 30))
    assert not condition.lets(date(2026, 7, 1))


@pytest.mark.parametrize(
    ("cell", "type_", "wanted"),
    [
        ("[0..10", Type.DECIMAL, "an interval such as"),
        ("0..10)", Type.DECIMAL, "a decimal number"),
        ("[10..0)", Type.DECIMAL, "first end is below"),
        ("[5..5)", Type.DECIMAL, "first end is below"),
        ("[0..ten)", Type.DECIMAL, "a decimal number"),
        ("=> 10", Type.DECIMAL, "a decimal number"),
        ("1e5", Type.DECIMAL, "a decimal number"),
        ("Infinity", Type.DECIMAL, "a decimal number"),
        ("1.5", Type.INT, "a whole number"),
        ("yes", Type.BOOL, "true or false"),
        ("2026-13-01", Type.DATE, "a date"),
        ("", Type.TEXT, "a text"),
        ("cable,", Type.TEXT, "a text"),
        ("cable, cable", Type.TEXT, "each value once"),
        ("[a..b)", Type.TEXT, "a text"),
        (">= 10", Type.TEXT, "a text"),
        ([], Type.TEXT, "at least one value"),
        ({"a": "b"}, Type.TEXT, "a text or a list"),
        ([["a"]], Type.TEXT, "a text"),
    ],
)
def test_a_malformed_cell_is_refused_with_what_was_wanted(
    cell: object, type_: Type, wanted: str
) -> None:
    with pytest.raises(CellError, match=wanted) as refusal:
        read_condition(cell, type_, name="amount")

    assert "amount" in refusal.value.wanted


def test_a_text_outside_the_columns_set_is_refused() -> None:
    with pytest.raises(CellError, match="one of cable, hose for category"):
        read_condition("hoze", Type.TEXT, values=("cable", "hose"), name="category")


@given(
    st.decimals(-(10**6), 10**6, places=2),
    st.decimals(-(10**6), 10**6, places=2),
    st.decimals(-(10**6), 10**6, places=3),
)
def test_two_bands_that_share_an_end_split_every_value_between_them(
    low: Decimal, high: Decimal, value: Decimal
) -> None:
    if not low < high:
        return
    below = read_condition(f"< {low}", Type.DECIMAL)
    band = read_condition(f"[{low}..{high})", Type.DECIMAL)
    above = read_condition(f">= {high}", Type.DECIMAL)

    assert [below.lets(value), band.lets(value), above.lets(value)].count(True) == 1


@given(
    st.sampled_from(["-", "5", "5, 7", "not 5", "[5..7)", "(5..7]", "[5..7]", "(5..7)"])
    | st.sampled_from([">= 5", "> 5", "<= 5", "< 5"])
)
def test_a_condition_reads_back_as_it_is_written(cell: str) -> None:
    condition = read_condition(cell, Type.DECIMAL)

    assert str(condition) == cell
    assert read_condition(str(condition), Type.DECIMAL) == condition
