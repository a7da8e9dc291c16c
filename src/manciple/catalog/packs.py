"""Packs: what one unit is in another, exactly, and how a need is rounded to whole packs.

    9 CA of 12 EA   -> 108 EA             to_base
    100 EA, case 12 -> 9 CA (up), 8 CA (down)     round_to_pack
    30.00 per 1 CA  -> 30.00 per 12 EA    price_in_base

Nothing is rounded to make it fit: a result that the base unit can't hold is refused with UOM.
"""

from contextlib import suppress
from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from manciple.catalog.item import Item, Pack
from manciple.kernel import units
from manciple.kernel.errors import refuse
from manciple.kernel.money import Money, MoneyError
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity, QuantityError
from manciple.kernel.units import NoConversionError, Unit, is_integer

_EXACT = Context(prec=60)
"""Wide enough that a quantity times a pack is never rounded."""
_ONE = Fraction(1)
_fraction_of = lru_cache(maxsize=4096)(Fraction)
"""Packs hold the same few numbers again and again."""


def factor(unit: Unit, *, base_unit: Unit, packs: tuple[Pack, ...]) -> Fraction:
    """Say how many base units one ``unit`` holds: by the item's pack, else by the standard.

    Raises:
        Refused: UOM_UNKNOWN, the item has no such pack and no standard says.
    """
    if unit is base_unit:
        return _ONE
    for pack in packs:
        if pack.unit is unit:
            return _fraction_of(pack.base)
    with suppress(NoConversionError):
        return units.factor(unit, base_unit)
    known = ", ".join(each.value for each in (base_unit, *(pack.unit for pack in packs)))
    raise refuse(
        "UOM_UNKNOWN",
        f"nobody said how much one {unit.value} holds; known are {known}",
        field="quantity.unit",
        rule="D-11",
        fix="use a known unit, or register the pack with the item",
    )


def convert(quantity: Quantity, *, base_unit: Unit, packs: tuple[Pack, ...]) -> Quantity:
    """Express a quantity in the base unit, exactly.

    The stated number must be whole where its unit is counted, and so must the result.

    Raises:
        Refused: UOM_UNKNOWN without such a pack; UOM when a counted unit would be a fraction.
            Source: domain rule D-11 and its ruling in 4.7.
    """
    if not fits(quantity):
        raise _fraction(quantity, quantity)
    held = factor(quantity.unit, base_unit=base_unit, packs=packs)
    whole = int(quantity.value)
    is_whole = held.denominator == 1 and whole == quantity.value
    try:
        number = (
            Decimal(whole * held.numerator)
            if is_whole
            else _decimal(Fraction(quantity.value) * held)
        )
        result = Quantity(number, base_unit)
    except QuantityError as problem:
        raise refuse(
            "UOM",
            f"{quantity} can't be kept in {base_unit.value}: {problem}",
            field="quantity",
            rule="D-11",
            fix="state it in the base unit",
        ) from problem
    if not fits(result):
        raise _fraction(quantity, result)
    return result


def to_base(item: Item, quantity: Quantity) -> Quantity:
    """Express a quantity of an item in its base unit, exactly: 9 CA of 12 are 108 EA.

    Raises:
        Refused: UOM_UNKNOWN or UOM, see ``convert``.
    """
    return convert(quantity, base_unit=item.base_unit, packs=item.packs)


def fits(quantity: Quantity) -> bool:
    """Say whether the number is possible in its unit: nobody can deliver half an each."""
    return not is_integer(quantity.unit) or quantity.value == quantity.value.to_integral_value()


def round_to_pack(
    item: Item, need: Quantity, pack: Unit, minimum: Quantity | None = None, *, up: bool
) -> Quantity:
    """Round a need to whole packs, in the pack's unit: 100 EA in cases of 24 are 5 CA, or 4.

    Up: the smallest multiple that covers the need and the minimum. Down: the largest multiple
    that does not pass the need.

    Raises:
        Refused: UOM_UNKNOWN or UOM; BAD_QUANTITY when nothing is needed; BELOW_PACK when rounding
            down leaves nothing, or less than the minimum.
            Source: domain rule D-12 and its ruling in 4.7.
    """
    wanted = to_base(item, need).value
    least = Decimal(0) if minimum is None else to_base(item, minimum).value
    if wanted <= 0:
        raise refuse("BAD_QUANTITY", f"{need} is nothing to order", field="quantity", rule="D-12")
    held = factor(pack, base_unit=item.base_unit, packs=item.packs)
    if up:
        return Quantity(Decimal(ceil(Fraction(max(wanted, least)) / held)), pack)
    result = Quantity(Decimal(floor(Fraction(wanted) / held)), pack)
    if not result or Fraction(result.value) * held < least:
        raise refuse(
            "BELOW_PACK",
            f"{need} rounded down is {result}, below the smallest that can be ordered"
            f" ({minimum or Quantity(Decimal(1), pack)})",
            field="quantity",
            rule="D-12",
            fix="order more, or let the need be rounded up",
        )
    return result


def price_in_base(price: Price, *, base_unit: Unit, packs: tuple[Pack, ...]) -> Price:
    """Say the same price per base units: 30.00 per case of 12 is 30.00 per 12 EA.

    A price's unit need not be whole in the base unit (D-11: price units are exempt).

    Raises:
        Refused: UOM_UNKNOWN, the item has no such pack; BAD_PRICE, no book can hold it.
    """
    held = factor(price.per.unit, base_unit=base_unit, packs=packs)
    whole = int(price.per.value)
    if held.denominator == 1 and whole == price.per.value:
        per: Fraction | int = whole * held.numerator
    else:
        per = Fraction(price.per.value) * held
    try:
        money = price.money.times(Decimal(per.denominator))
        return Price(money, Quantity(Decimal(per.numerator), base_unit))
    except (MoneyError, QuantityError) as problem:
        raise refuse(
            "BAD_PRICE", f"{price}: {problem}", field="price", fix="state a smaller figure"
        ) from problem


def extend(
    price: Price, base: Quantity, *, packs: tuple[Pack, ...], half_even: bool = False
) -> Money:
    """Give what so many base units cost, rounded once to the currency's minor unit.

    Raises:
        Refused: UOM_UNKNOWN, the price is per a unit without a pack.
        MoneyError: it is more than a book can hold.
    """
    exact = price_in_base(price, base_unit=base.unit, packs=packs).of(base)
    return exact.rounded(half_even=half_even)


def _decimal(value: Fraction) -> Decimal:
    """Write a fraction as a decimal; an endless one keeps more digits than a quantity may have."""
    return _EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _fraction(stated: Quantity, result: Quantity) -> Exception:
    return refuse(
        "UOM",
        f"{stated} is not a whole number of {result.unit.value}: {result.value:f}",
        field="quantity",
        rule="D-11",
        fix="state a quantity that is whole in its unit and in the base unit",
    )
