"""Units, their codes, and quantities that convert exactly or not at all."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.quantity import (
    InexactError,
    Quantity,
    QuantityError,
    UnitMismatchError,
    convert,
    exactly,
    total,
)
from manciple.kernel.unit_words import SIGNS, WORDS, word
from manciple.kernel.units import (
    FACTS,
    Dimension,
    NoConversionError,
    Unit,
    factor,
    from_x12,
    is_integer,
    to_x12,
)

D = Decimal
units = st.sampled_from(Unit)
values = st.decimals(-(10**9), 10**9, places=6)


def test_every_unit_has_its_facts_and_a_code_of_its_own() -> None:
    assert set(FACTS) == set(Unit)
    assert len(FACTS) >= 60
    assert len({facts.x12 for facts in FACTS.values()}) == len(FACTS)


@given(units)
def test_the_crosswalk_leads_there_and_back(unit: Unit) -> None:
    assert from_x12(to_x12(unit)) is unit


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("EA", Unit.EACH),
        (" ca ", Unit.CASE),
        ("GR", Unit.GRAM),  # not gross
        ("GS", Unit.GROSS),
        ("CR", Unit.CUBIC_METRE),  # not crate
        ("HC", Unit.HUNDRED),
        ("ZZ", None),
        ("", None),
    ],
)
def test_x12_codes_are_read(code: str, unit: Unit | None) -> None:
    assert from_x12(code) is unit


@pytest.mark.parametrize(
    ("unit", "whole"),
    [
        (Unit.EACH, True),
        (Unit.CASE, True),
        (Unit.PAIR, True),
        (Unit.DOZEN, False),
        (Unit.THOUSAND, False),
        (Unit.KILOGRAM, False),
        (Unit.HOUR, False),
    ],
)
def test_pieces_and_packages_are_whole(unit: Unit, whole: bool) -> None:
    assert is_integer(unit) is whole


@pytest.mark.parametrize(
    ("of", "to", "exact"),
    [
        (Unit.POUND, Unit.KILOGRAM, Fraction(45359237, 100000000)),
        (Unit.INCH, Unit.MILLIMETRE, Fraction(254, 10)),
        (Unit.GALLON, Unit.CUBIC_INCH, Fraction(231)),
        (Unit.GALLON, Unit.FLUID_OUNCE, Fraction(128)),
        (Unit.CUBIC_FOOT, Unit.BOARD_FOOT, Fraction(12)),
        (Unit.CUBIC_YARD, Unit.CUBIC_FOOT, Fraction(27)),
        (Unit.SQUARE_YARD, Unit.SQUARE_INCH, Fraction(1296)),
        (Unit.SHORT_TON, Unit.OUNCE, Fraction(32000)),
        (Unit.MILE, Unit.FOOT, Fraction(5280)),
        (Unit.GREAT_GROSS, Unit.DOZEN, Fraction(144)),
        (Unit.FOOT, Unit.YARD, Fraction(1, 3)),
    ],
)
def test_factors_are_those_of_the_standards(of: Unit, to: Unit, exact: Fraction) -> None:
    assert factor(of, to) == exact


@pytest.mark.parametrize(
    ("of", "to"),
    [
        (Unit.CASE, Unit.EACH),
        (Unit.CASE, Unit.BOX),
        (Unit.PAIR, Unit.EACH),
        (Unit.KILOGRAM, Unit.LITRE),
        (Unit.MONTH, Unit.DAY),
    ],
)
def test_what_no_standard_defines_is_refused(of: Unit, to: Unit) -> None:
    with pytest.raises(NoConversionError, match=f"converts {of.value} into {to.value}"):
        factor(of, to)


def test_a_result_without_an_exact_decimal_is_refused_and_not_rounded() -> None:
    with pytest.raises(InexactError, match="1/3 YRD"):
        convert(Quantity(D(1), Unit.FOOT), Unit.YARD)


def test_a_conversion_is_exact() -> None:
    grams = convert(Quantity(D(2), Unit.POUND), Unit.GRAM)

    assert str(grams) == "907.18474 GRM"


@given(values, units, units)
def test_conversion_round_trips(value: Decimal, of: Unit, to: Unit) -> None:
    quantity = Quantity(value, of)
    try:
        there = convert(quantity, to)
    except (NoConversionError, InexactError, QuantityError):
        return

    assert convert(there, of) == quantity


@given(units, units, units)
def test_two_steps_are_one(a: Unit, b: Unit, c: Unit) -> None:
    if len({FACTS[unit].dimension for unit in (a, b, c)}) > 1:
        return
    if any(FACTS[unit].size is None for unit in (a, b, c)):
        return
    assert factor(a, b) * factor(b, c) == factor(a, c)


def test_packages_have_no_size_of_their_own() -> None:
    packages = [facts for facts in FACTS.values() if facts.dimension is Dimension.PACKAGE]

    assert all(facts.size is None and facts.is_integer for facts in packages)


def test_every_unit_has_a_word_or_a_sign_for_people() -> None:
    assert set(WORDS) | set(SIGNS) == set(Unit)
    assert not set(WORDS) & set(SIGNS)
    assert word(Unit.SQUARE_FOOT) == "sq ft"


@pytest.mark.parametrize(
    ("count", "told"),
    [("1", "case"), ("-1", "case"), ("0", "cases"), ("1.5", "cases"), ("2", "cases")],
)
def test_one_is_one_and_all_else_is_many(count: str, told: str) -> None:
    assert word(Unit.CASE, Decimal(count)) == told


def test_units_never_mix_silently() -> None:
    with pytest.raises(UnitMismatchError, match="cannot combine EA with XCS"):
        Quantity(D(1), Unit.EACH) + Quantity(D(1), Unit.CASE)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("NaN", "finite"),
        ("Infinity", "finite"),
        ("1000000000000", "below 10"),
        ("-1000000000000", "below 10"),
        ("0.0000001", "more than 6"),
        ("1.00000000000000000000000000000000001", "more than 6"),
    ],
)
def test_a_number_that_is_no_quantity_is_refused(value: str, words: str) -> None:
    with pytest.raises(QuantityError, match=words):
        Quantity(D(value), Unit.EACH)


@pytest.mark.parametrize("value", ["999999999999.999999", "-999999999999.999999", "1.0000000000"])
def test_the_largest_and_the_finest_quantities_are_held(value: str) -> None:
    assert Quantity(D(value), Unit.KILOGRAM).value == D(value)


def test_exactly_writes_a_fraction() -> None:
    assert exactly(Fraction(5, 8), Unit.INCH) == Quantity(D("0.625"), Unit.INCH)


@given(st.lists(st.decimals(-(10**6), 10**6, places=6)))
def test_a_total_is_the_sum_in_any_order(parts: list[Decimal]) -> None:
    quantities = [Quantity(part, Unit.KILOGRAM) for part in parts]

    assert total(quantities, Unit.KILOGRAM) == total(reversed(quantities), Unit.KILOGRAM)
    assert total(quantities, Unit.KILOGRAM).value == sum(parts, D(0))
