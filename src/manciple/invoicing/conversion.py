"""Stated units into the order line's base unit, as exact fractions; what is not exact is not done.

    billed 2 CA of 24, price 120.00 per 100 EA:     48 EA at 6/5 USD

The packs are those that stand on the order line, of the day of the order. Source: domain rule
D-11 and its ruling: whole in the ledger's base unit, and the stated quantity whole in its stated
unit if that unit is integer; price units are exempt.
"""

from fractions import Fraction

from manciple.catalog import packs
from manciple.kernel.errors import Refused
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.ordering.purchase_order import OrderLine

_MILLION = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconvertible:
    """Why a quantity or a price cannot be said in the base unit."""

    text: str


def in_base(quantity: Quantity, line: OrderLine) -> Quantity | Unconvertible:
    """Say a stated quantity in the base unit, exactly, or say why that cannot be done."""
    try:
        return line.to_base(quantity)
    except Refused as refusal:
        return Unconvertible(text=_told(refusal))


def price_in_base(price: Price, line: OrderLine) -> Fraction | Unconvertible:
    """Say a price as an exact sum per base unit, in the price's own currency."""
    size = unit_size(price.per.unit, line)
    if isinstance(size, Unconvertible):
        return size
    return Fraction(price.money.amount) / (Fraction(price.per.value) * size)


def unit_size(unit: Unit, line: OrderLine) -> Fraction | Unconvertible:
    """Say how many base units one unit holds on this order line."""
    try:
        return Fraction(packs.factor(unit, base_unit=line.base_unit, packs=line.packs))
    except Refused as refusal:
        return Unconvertible(text=_told(refusal))


def shown(figure: Fraction) -> str:
    """Write an exact figure for people: at most six places, ``~`` before one that is cut short."""
    if figure.denominator == 1:
        return str(figure.numerator)
    millionths, rest = divmod(abs(figure.numerator) * _MILLION, figure.denominator)
    whole, part = divmod(millionths + (2 * rest >= figure.denominator), _MILLION)
    text = f"{whole}.{part:06d}".rstrip("0").rstrip(".")
    return f"{'~' if rest else ''}{'-' if figure < 0 else ''}{text}"


def signed(figure: Fraction) -> str:
    """Write an exact figure with its sign: ``+16``."""
    return shown(figure) if figure < 0 else f"+{shown(figure)}"


def _told(refusal: Refused) -> str:
    return "; ".join(reason.message for reason in refusal.reasons)
