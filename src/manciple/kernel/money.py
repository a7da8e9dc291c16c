"""Money is an exact decimal and a currency, rounded once, at the end, where a rule says so.

100.00 USD shared out 1 : 1 : 1   ->   33.34, 33.33, 33.33
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Self

from manciple.kernel.currency import Currency as Currency  # noqa: PLC0414  a word of this module
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import copier, dataclass

LIMIT = Decimal(10) ** 15
"""Amounts must stay below this; a larger one is a typing error, not a purchase."""
_LOW = -LIMIT
WIDE = Context(prec=60)
"""Digits enough for the product of any amount, price and quantity of ours."""


class CurrencyMismatchError(MancipleError):
    """Two currencies met where only one makes sense."""

    def __init__(self, wanted: Currency, got: Currency) -> None:
        """Name both currencies."""
        super().__init__(f"cannot combine {wanted.value} with {got.value}")
        self.wanted, self.got = wanted, got


class MoneyError(MancipleError):
    """A number that can't be an amount of money, or can't be shared out as asked."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, signed and exact."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse what no book can hold."""
        amount = self.amount
        if not amount.is_finite() or not _LOW < amount < LIMIT:
            raise MoneyError(f"{self.amount} is not an amount: finite and below 10**15 is wanted")

    def _amount_of(self, other: "Money") -> Decimal:
        if other.currency is not self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.amount

    def __add__(self, other: Self) -> "Money":
        return _made(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return _made(self.amount - self._amount_of(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __abs__(self) -> "Money":
        return Money(abs(self.amount), self.currency)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._amount_of(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._amount_of(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._amount_of(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._amount_of(other)

    def __bool__(self) -> bool:
        return bool(self.amount)

    def __str__(self) -> str:
        return f"{self.rounded().amount:f} {self.currency.value}"

    @classmethod
    def zero(cls, currency: Currency) -> "Money":
        """Give nothing of ``currency``."""
        return _NONE[currency]

    def times(self, factor: Decimal) -> "Money":
        """Multiply, exactly and unrounded."""
        return Money(WIDE.multiply(self.amount, factor), self.currency)

    def rounded(self, *, half_even: bool = False) -> "Money":
        """Round to the currency's minor unit, half away from zero unless policy says half even.

        Source: domain rules 4.7 B, "half-up = half away from zero".
        """
        rule = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
        amount = self.amount.quantize(_MINOR_UNITS[self.currency], rule)
        return Money(amount, self.currency)


_NONE = {each: Money(Decimal(0), each) for each in Currency}
_copy = copier(Money)
_set_amount = Money.__dict__["amount"].__set__


def _made(amount: Decimal, currency: Currency) -> Money:
    """Make the sum or difference of amounts, which is finite as they are."""
    if not _LOW < amount < LIMIT:
        raise MoneyError(f"{amount} is not an amount: finite and below 10**15 is wanted")
    made = _copy(_NONE[currency])
    _set_amount(made, amount)
    return made


_MINOR_UNITS = {each: Decimal(1).scaleb(-each.minor_digits) for each in Currency}


def allocate(money: Money, weights: Sequence[Decimal | int]) -> tuple[Money, ...]:
    """Share money out by weights, in whole minor units, losing none of them.

    Each share is rounded towards zero; the minor units left over go one each to the largest
    remainders, the earlier share first where remainders are equal. A weight of zero gets nothing.

    Raises:
        MoneyError: the money is finer than its minor unit, a weight is below zero or not a
            number, or there is no weight above zero.
    """
    unit = _MINOR_UNITS[money.currency]
    whole = Fraction(money.amount) / Fraction(unit)
    if whole.denominator != 1:
        raise MoneyError(f"{money.amount} {money.currency} is finer than {unit}: round it first")
    if not all(Decimal(weight).is_finite() and weight >= 0 for weight in weights):
        raise MoneyError(f"weights are zero or more: {', '.join(map(str, weights))}")
    fractions = [Fraction(weight) for weight in weights]
    total = sum(fractions)
    if not total:
        raise MoneyError(f"{money} can't be shared out: no weight is above zero")
    exact = [abs(whole) * weight / total for weight in fractions]
    shares = [int(share) for share in exact]
    left = int(abs(whole)) - sum(shares)
    by_remainder = sorted(range(len(exact)), key=lambda place: shares[place] - exact[place])
    for place in by_remainder[:left]:
        shares[place] += 1
    sign = 1 if whole >= 0 else -1
    return tuple(Money(sign * share * unit, money.currency) for share in shares)
