"""Price variance and quantity variance, told apart: one is the buyer's, one the warehouse's.

    price    (Pi - Po) x Qi        billed price against order price, on what is billed
    quantity (Qi - Qr) x Po        billed against open to invoice, at the order's price
    together Qi x Pi - Qr x Po

Source: domain rule D-07 and its ruling: Qr is what was open to invoice before this invoice.
"""

from decimal import Decimal
from fractions import Fraction

from manciple.kernel.money import LIMIT, Currency, Money
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Variances:
    """The two variances of one invoice line, unrounded; their sum is exact."""

    price: Fraction
    quantity: Fraction

    @property
    def total(self) -> Fraction:
        """Give what is billed less what was open, in money."""
        return self.price + self.quantity

    def shown(self, currency: Currency) -> "ShownVariances | None":
        """Round for people: the quantity part takes the remainder, so the parts still add up.

        None when a part is larger than any book can hold; the exact figures still decide.
        """
        if not all(map(is_amount, (self.price, self.quantity, self.total))):
            return None
        whole, price = rounded(self.total, currency), rounded(self.price, currency)
        return ShownVariances(price=price, quantity=whole - price, total=whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownVariances:
    """The two variances of one invoice line in whole minor units; price + quantity = total."""

    price: Money
    quantity: Money
    total: Money


def variances(
    *, billed_price: Fraction, order_price: Fraction, billed: Decimal, open_to_invoice: Decimal
) -> Variances:
    """Tell the price variance and the quantity variance of a line; prices per base unit."""
    on_quantity = Fraction(billed) - Fraction(open_to_invoice)
    return Variances(
        price=(billed_price - order_price) * Fraction(billed),
        quantity=on_quantity * order_price,
    )


def rounded(amount: Fraction, currency: Currency) -> Money:
    """Round an exact amount to the currency's minor unit, half away from zero, in one step.

    Source: domain rules 4.7 B, "half-up = half away from zero".
    """
    minor = 10 ** minor_digits(currency)
    whole = (2 * abs(amount.numerator) * minor + amount.denominator) // (2 * amount.denominator)
    return Money(Decimal(whole if amount >= 0 else -whole) / minor, currency)


def minor_digits(currency: Currency) -> int:
    """Say how many decimal places the currency's coins have: 2 for USD."""
    exponent = Money.zero(currency).rounded().amount.as_tuple().exponent
    return -int(exponent)


def is_amount(amount: Fraction) -> bool:
    """Say whether a sum is one that a book can hold."""
    return abs(amount) < Fraction(LIMIT) - 1
