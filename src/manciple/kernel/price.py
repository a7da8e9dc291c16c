"""A price is money per quantity: ``30.00 USD per 12 EA``."""

from decimal import Decimal

from manciple.kernel.errors import MancipleError
from manciple.kernel.money import WIDE, Money
from manciple.kernel.quantity import Quantity, UnitMismatchError
from manciple.kernel.records import dataclass


class PriceError(MancipleError):
    """A price per nothing, or per less than nothing."""


@dataclass(frozen=True, slots=True)
class Price:
    """Money per quantity. The money may be zero or negative, the quantity is above zero."""

    money: Money
    per: Quantity

    def __post_init__(self) -> None:
        """Refuse a price per nothing."""
        if self.per.value <= 0:
            raise PriceError(f"a price is per more than nothing, not per {self.per}")

    def of(self, quantity: Quantity) -> Money:
        """Extend the price over a quantity of the price's unit, unrounded.

        It multiplies first and divides last, in 60 digits: exact wherever a decimal can be.

        Raises:
            UnitMismatchError: the quantity is in another unit; convert it by the item's packs.
        """
        if quantity.unit is not self.per.unit:
            raise UnitMismatchError(self.per.unit, quantity.unit)
        product = WIDE.multiply(self.money.amount, quantity.value)
        return Money(WIDE.divide(product, self.per.value), self.money.currency)

    @property
    def unit_amount(self) -> Decimal:
        """The amount for one unit, unrounded: 28 digits, for comparing and showing.

        Extend a quantity by ``of``, not by this: 100.00 per 3 EA is exactly 100.00 for 3.
        """
        return self.money.amount / self.per.value

    def __str__(self) -> str:
        per = f"{self.per.value.normalize():f} " if self.per.value != 1 else ""
        return f"{self.money.amount:f} {self.money.currency.value} per {per}{self.per.unit.value}"
