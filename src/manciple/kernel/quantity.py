"""A quantity is an exact number of one unit; two units never mix silently.

>>> Quantity(Decimal(100), Unit.EACH) - Quantity(Decimal(4), Unit.EACH)
Quantity(value=Decimal('96'), unit=<Unit.EACH: 'EA'>)
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Self

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import copier, dataclass
from manciple.kernel.units import Unit, factor

SCALE = 6
"""Decimal places that a quantity may have: what the books store exactly."""
LIMIT = Decimal(10) ** 12
"""Quantities must stay below this; a larger one is a typing error, not a delivery."""
_LOW = -LIMIT
_FINEST = Decimal(1).scaleb(-SCALE)


class UnitMismatchError(MancipleError):
    """Two quantities of different units met where only one unit makes sense."""

    def __init__(self, wanted: Unit, got: Unit) -> None:
        """Name both units."""
        super().__init__(f"cannot combine {wanted.value} with {got.value}")
        self.wanted, self.got = wanted, got


class QuantityError(MancipleError):
    """A number that can't be a quantity: not finite, too large or too fine."""


class InexactError(MancipleError):
    """A quantity that has no exact decimal in the unit asked for."""

    def __init__(self, value: Fraction, unit: Unit) -> None:
        """Keep the exact value and the unit."""
        super().__init__(f"{value} {unit.value} has no exact form with {SCALE} decimal places")
        self.value, self.unit = value, unit


@dataclass(frozen=True, slots=True, order=False)
class Quantity:
    """So many of one unit: ``9 CA``. Signed, exact to six decimal places, below 10**12."""

    value: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        """Refuse what no book can hold."""
        value = self.value
        if not value.is_finite() or not _LOW < value < LIMIT:
            raise QuantityError(f"{value} is not a quantity: finite and below 10**12 is wanted")
        if value % _FINEST:
            raise QuantityError(f"{value} has more than {SCALE} decimal places")

    def _value_of(self, other: "Quantity") -> Decimal:
        if other.unit is not self.unit:
            raise UnitMismatchError(self.unit, other.unit)
        return other.value

    def __add__(self, other: Self) -> "Quantity":
        return _made(self.value + self._value_of(other), self.unit)

    def __sub__(self, other: Self) -> "Quantity":
        return _made(self.value - self._value_of(other), self.unit)

    def __neg__(self) -> "Quantity":
        return _made(-self.value, self.unit)

    def __lt__(self, other: Self) -> bool:
        return self.value < self._value_of(other)

    def __le__(self, other: Self) -> bool:
        return self.value <= self._value_of(other)

    def __gt__(self, other: Self) -> bool:
        return self.value > self._value_of(other)

    def __ge__(self, other: Self) -> bool:
        return self.value >= self._value_of(other)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit.value}"

    @classmethod
    def zero(cls, unit: Unit) -> "Quantity":
        """Give none of ``unit``."""
        return _NONE[unit]


_NONE = {each: Quantity(Decimal(0), each) for each in Unit}
_copy = copier(Quantity)
_set_value = Quantity.__dict__["value"].__set__


def _made(value: Decimal, unit: Unit) -> Quantity:
    """Make the sum or difference of quantities: its places are theirs, so only its size counts."""
    if not _LOW < value < LIMIT:
        raise QuantityError(f"{value} is not a quantity: finite and below 10**12 is wanted")
    made = _copy(_NONE[unit])
    _set_value(made, value)
    return made


def total(quantities: Iterable[Quantity], unit: Unit) -> Quantity:
    """Add quantities of one unit; none of ``unit`` when there are none."""
    result = Decimal(0)
    for each in quantities:
        if each.unit is not unit:
            raise UnitMismatchError(unit, each.unit)
        result += each.value
    return _made(result, unit)


def exactly(value: Fraction, unit: Unit) -> Quantity:
    """Write an exact fraction as a quantity.

    Raises:
        InexactError: six decimal places can't hold it; nothing is rounded.
    """
    if (value * 10**SCALE).denominator != 1:
        raise InexactError(value, unit)
    return Quantity(Decimal(value.numerator) / value.denominator, unit)


def convert(quantity: Quantity, unit: Unit) -> Quantity:
    """Say a quantity in another unit of its dimension: 2 lb as 907.18474 g.

    Packs are the item's matter, not the standard's: a case is no number of pieces here.

    Raises:
        NoConversionError: no standard defines how many of the one make the other.
        InexactError: the result has no exact decimal; 1 ft is no decimal number of yards.
    """
    return exactly(Fraction(quantity.value) * factor(quantity.unit, unit), unit)
