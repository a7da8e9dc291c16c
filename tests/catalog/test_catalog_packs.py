"""Packs convert exactly, refuse fractions, and round by D-12."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from manciple.catalog.item import Item, Pack, PackError
from manciple.catalog.packs import extend, price_in_base, round_to_pack, to_base
from manciple.kernel.errors import Refused
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit

DAY = date(2026, 11, 2)


def an_item(case: str = "12", base_unit: Unit = Unit.EACH) -> Item:
    return Item(
        id="BOLT-8",
        description="bolt M8",
        category="fasteners",
        base_unit=base_unit,
        packs=(Pack(unit=Unit.CASE, base=Decimal(case)),),
    )


def q(value: str | int, unit: Unit = Unit.EACH) -> Quantity:
    return Quantity(Decimal(value), unit)


def usd(amount: str, per: Quantity) -> Price:
    return Price(Money(Decimal(amount), Currency.USD), per)


def refusal(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.reasons[0].code


def test_cases_become_each_exactly() -> None:
    assert to_base(an_item(), q(9, Unit.CASE)) == q(108)


def test_the_base_unit_stays_as_it_is() -> None:
    assert to_base(an_item(), q(100)) == q(100)


def test_a_unit_without_a_pack_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="nobody said how much one KGM holds; known are EA") as no:
        to_base(an_item(), q(1, Unit.KILOGRAM))

    assert refusal(no) == "UOM_UNKNOWN"


def test_half_an_each_is_refused_not_rounded() -> None:
    with pytest.raises(Refused, match=r"100\.5 EA is not a whole number of EA") as no:
        to_base(an_item(), q("100.5"))

    assert refusal(no) == "UOM"


def test_a_part_of_a_case_is_refused_though_its_contents_are_whole() -> None:
    with pytest.raises(Refused) as no:
        to_base(an_item("24"), q("2.5", Unit.CASE))

    assert refusal(no) == "UOM"


def test_a_fraction_in_the_base_unit_is_refused() -> None:
    with pytest.raises(Refused, match=r"not a whole number of EA: 37\.5") as no:
        to_base(an_item("12.5"), q(3, Unit.CASE))

    assert refusal(no) == "UOM"


def test_a_fraction_is_fine_where_the_base_unit_is_measured() -> None:
    item = an_item("12.5", base_unit=Unit.KILOGRAM)

    assert to_base(item, q(3, Unit.CASE)) == q("37.5", Unit.KILOGRAM)


def test_more_decimal_places_than_the_books_hold_are_refused() -> None:
    with pytest.raises(Refused, match="decimal places") as no:
        to_base(an_item("0.4535923", base_unit=Unit.KILOGRAM), q(1, Unit.CASE))

    assert refusal(no) == "UOM"


def test_a_dozen_is_twelve_each_by_the_standard() -> None:
    assert to_base(an_item(), q(1, Unit.DOZEN)) == q(12)
    assert to_base(an_item(), q("2.5", Unit.DOZEN)) == q(30)


def test_metres_and_kilometres_are_never_confused() -> None:
    rope = an_item(base_unit=Unit.METRE)

    assert to_base(rope, q(4, Unit.METRE)) == q(4, Unit.METRE)
    assert to_base(rope, q(4, Unit.KILOMETRE)) == q(4000, Unit.METRE)


def test_a_quantity_that_never_ends_in_the_base_unit_is_refused() -> None:
    with pytest.raises(Refused, match="decimal places") as no:
        to_base(an_item(base_unit=Unit.DOZEN), q(1))

    assert refusal(no) == "UOM"


def test_a_price_per_each_holds_exactly_for_an_item_counted_in_dozens() -> None:
    price = price_in_base(usd("0.10", q(1)), base_unit=Unit.DOZEN, packs=())

    assert price.of(q("2.5", Unit.DOZEN)) == Money(Decimal("3.00"), Currency.USD)


def test_a_pack_of_nothing_cannot_be_made() -> None:
    with pytest.raises(PackError):
        Pack(unit=Unit.CASE, base=Decimal(0))


@pytest.mark.parametrize(
    ("need", "up", "down"),
    [(100, 5, 4), (96, 4, 4), (97, 5, 4), (24, 1, 1), (119, 5, 4), (120, 5, 5)],
)
def test_a_need_is_rounded_to_whole_cases(need: int, up: int, down: int) -> None:
    item = an_item("24")

    assert round_to_pack(item, q(need), Unit.CASE, None, up=True) == q(up, Unit.CASE)
    assert round_to_pack(item, q(need), Unit.CASE, None, up=False) == q(down, Unit.CASE)


def test_rounding_up_covers_the_minimum_too() -> None:
    item = an_item("24")

    assert round_to_pack(item, q(30), Unit.CASE, q(100), up=True) == q(5, Unit.CASE)
    assert round_to_pack(item, q(30), Unit.CASE, q(4, Unit.CASE), up=True) == q(4, Unit.CASE)


@pytest.mark.parametrize(("need", "minimum"), [(23, None), (100, 97), (0, None), (-5, None)])
def test_rounding_down_to_nothing_or_below_the_minimum_is_refused(
    need: int, minimum: int | None
) -> None:
    least = None if minimum is None else q(minimum)

    with pytest.raises(Refused) as no:
        round_to_pack(an_item("24"), q(need), Unit.CASE, least, up=False)

    assert refusal(no) == ("BELOW_PACK" if need > 0 else "BAD_QUANTITY")


def test_rounding_down_to_exactly_the_minimum_is_allowed() -> None:
    assert round_to_pack(an_item("24"), q(100), Unit.CASE, q(96), up=False) == q(4, Unit.CASE)


def test_a_price_per_case_is_the_same_price_per_its_contents() -> None:
    price = usd("30.00", q(1, Unit.CASE))

    assert price_in_base(price, base_unit=Unit.EACH, packs=an_item().packs) == usd("30.00", q(12))


def test_an_extended_price_is_rounded_once_at_the_end() -> None:
    price = usd("10.00", q(3))

    assert extend(price, q(100), packs=()) == Money(Decimal("333.33"), Currency.USD)
    assert extend(price, q(2), packs=()) == Money(Decimal("6.67"), Currency.USD)


@given(need=st.integers(1, 10**6), case=st.integers(1, 5000), minimum=st.integers(0, 10**5))
def test_rounding_up_is_the_smallest_multiple_that_covers_need_and_minimum(
    need: int, case: int, minimum: int
) -> None:
    item = an_item(str(case))

    packs = round_to_pack(item, q(need), Unit.CASE, q(minimum), up=True)

    covered = to_base(item, packs).value
    assert covered >= max(need, minimum)
    assert covered - case < max(need, minimum)


@given(need=st.integers(1, 10**6), case=st.integers(1, 5000))
def test_rounding_down_is_the_largest_multiple_within_the_need(need: int, case: int) -> None:
    assume(need >= case)
    item = an_item(str(case))

    packs = round_to_pack(item, q(need), Unit.CASE, None, up=False)

    covered = to_base(item, packs).value
    assert need - case < covered <= need


@given(cases=st.integers(0, 10**6), case=st.integers(1, 5000))
def test_converting_to_each_and_back_loses_nothing(cases: int, case: int) -> None:
    assert to_base(an_item(str(case)), q(cases, Unit.CASE)).value / case == cases
