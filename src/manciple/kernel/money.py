"""Money is an exact decimal and a currency; it is rounded once, at the end, where a rule says so."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self

from manciple.kernel.errors import MancipleError


class Currency(StrEnum):
    """An ISO 4217 currency code."""

    USD = "USD"
    EUR = "EUR"


_MINOR_DIGITS: dict[Currency, int] = {}
LIMIT = Decimal(10) ** 15


class CurrencyMismatchError(MancipleError):
    """Two currencies met where only one makes sense."""

    def __init__(self, wanted: Currency, got: Currency) -> None:
        """Name both currencies."""
        super().__init__(f"cannot combine {wanted.value} with {got.value}")
        self.wanted, self.got = wanted, got


class MoneyError(MancipleError):
    """A number that can't be an amount of money: not finite or too large."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, signed and exact."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse what no book can hold."""
        if not self.amount.is_finite() or abs(self.amount) >= LIMIT:
            raise MoneyError(f"{self.amount} is not an amount: finite and below 10**15 is wanted")

    def _amount_of(self, other: "Money") -> Decimal:
        if other.currency is not self.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return other.amount

    def __add__(self, other: Self) -> "Money":
        return Money(self.amount + self._amount_of(other), self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.amount - self._amount_of(other), self.currency)

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
        return cls(Decimal(0), currency)

    def times(self, factor: Decimal) -> "Money":
        """Multiply, exactly and unrounded."""
        return Money(self.amount * factor, self.currency)

    def rounded(self, *, half_even: bool = False) -> "Money":
        """Round to the currency's minor unit, half away from zero unless policy says half even.

        Source: domain rules 4.7 B, "half-up = half away from zero".
        """
        digits = _MINOR_DIGITS.get(self.currency, 2)
        rule = ROUND_HALF_EVEN if half_even else ROUND_HALF_UP
        return Money(self.amount.quantize(Decimal(1).scaleb(-digits), rule), self.currency)
