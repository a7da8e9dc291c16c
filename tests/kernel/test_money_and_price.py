"""Money is exact, rounds once, and is shared out without losing a cent."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.money import (
    Currency,
    CurrencyMismatchError,
    Money,
    MoneyError,
    allocate,
)
from manciple.kernel.price import Price, PriceError
from manciple.kernel.quantity import Quantity, UnitMismatchError
from manciple.kernel.units import Unit

D = Decimal
currencies = st.sampled_from([Currency.USD, Currency.JPY, Currency.KWD, Currency.CLF])


def usd(amount: str) -> Money:
    return Money(D(amount), Currency.USD)


@pytest.mark.parametrize(
    ("currency", "digits", "rounded"),
    [
        (Currency.USD, 2, "2.35"),
        (Currency.JPY, 0, "2"),
        (Currency.KWD, 3, "2.345"),
        (Currency.CLF, 4, "2.3450"),
    ],
)
def test_a_currency_knows_its_minor_unit(currency: Currency, digits: int, rounded: str) -> None:
    assert currency.minor_digits == digits
    assert str(Money(D("2.345"), currency).rounded().amount) == rounded


def test_codes_without_a_minor_unit_are_no_currency_here() -> None:
    with pytest.raises(ValueError, match="XAU"):
        Currency("XAU")


@pytest.mark.parametrize(
    ("amount", "half_up", "half_even"),
    [
        ("2.345", "2.35", "2.34"),
        ("-2.345", "-2.35", "-2.34"),
        ("2.355", "2.36", "2.36"),
        ("2.3449999999999", "2.34", "2.34"),
    ],
)
def test_halves_are_rounded_away_from_zero_unless_policy_says_even(
    amount: str, half_up: str, half_even: str
) -> None:
    assert usd(amount).rounded() == usd(half_up)
    assert usd(amount).rounded(half_even=True) == usd(half_even)


@given(st.decimals(-(10**9), 10**9, places=5), currencies)
def test_a_credit_is_rounded_like_its_invoice(amount: Decimal, currency: Currency) -> None:
    money = Money(amount, currency)

    assert (-money).rounded() == -(money.rounded())


def test_currencies_never_mix_silently() -> None:
    with pytest.raises(CurrencyMismatchError, match="cannot combine USD with EUR"):
        usd("1") + Money(D(1), Currency.EUR)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1000000000000000", "-1000000000000000"])
def test_a_number_that_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(MoneyError, match="is not an amount"):
        usd(amount)


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        ("100.00", (1, 1, 1), ("33.34", "33.33", "33.33")),
        ("-100.00", (1, 1, 1), ("-33.34", "-33.33", "-33.33")),
        ("0.05", (3, 7), ("0.02", "0.03")),  # 1.5 and 3.5 cents: equal remainders, the first wins
        ("0.01", (1, 2, 97), ("0.00", "0.00", "0.01")),
        ("10.00", (0, 5), ("0.00", "10.00")),
        ("0.00", (1, 2), ("0.00", "0.00")),
    ],
)
def test_the_largest_remainder_gets_the_odd_cent(
    amount: str, weights: tuple[int, ...], shares: tuple[str, ...]
) -> None:
    assert allocate(usd(amount), weights) == tuple(map(usd, shares))


@given(
    st.integers(-(10**12), 10**12),
    currencies,
    st.lists(st.decimals(0, 10**6, places=4), min_size=1, max_size=12).filter(any),
)
def test_allocation_loses_no_minor_unit(
    minor: int, currency: Currency, weights: list[Decimal]
) -> None:
    unit = D(1).scaleb(-currency.minor_digits)
    money = Money(minor * unit, currency)

    shares = allocate(money, weights)

    assert sum(shares, Money.zero(currency)) == money
    for share, weight in zip(shares, weights, strict=True):
        assert share == share.rounded()
        fair = money.amount * weight / sum(weights)
        assert abs(share.amount - fair) < unit * D("1.000001")
        assert weight or not share


@pytest.mark.parametrize(
    ("money", "weights", "words"),
    [
        (usd("0.005"), (1,), "finer than 0.01"),
        (usd("1"), (), "no weight is above zero"),
        (usd("1"), (0, 0), "no weight is above zero"),
        (usd("1"), (1, -1), "zero or more"),
        (usd("1"), (D("NaN"),), "zero or more"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(
    money: Money, weights: tuple[Decimal | int, ...], words: str
) -> None:
    with pytest.raises(MoneyError, match=words):
        allocate(money, weights)


def test_a_price_is_extended_by_multiplying_first() -> None:
    price = Price(usd("100.00"), Quantity(D(3), Unit.EACH))

    assert price.of(Quantity(D(3), Unit.EACH)) == usd("100.00")
    assert price.of(Quantity(D(1), Unit.EACH)).rounded() == usd("33.33")
    assert str(price) == "100.00 USD per 3 EA"


def test_a_price_per_hundred_is_not_rounded_before_the_end() -> None:
    price = Price(usd("1.25"), Quantity(D(100), Unit.EACH))

    assert price.of(Quantity(D(1000), Unit.EACH)) == usd("12.50")
    assert price.unit_amount == D("0.0125")


@given(
    st.decimals(0, 10**9, places=6),
    st.decimals("0.000001", 10**6, places=6),
    st.decimals(0, 10**9, places=6),
)
def test_an_extended_price_is_exact_to_sixty_digits(
    amount: Decimal, per: Decimal, value: Decimal
) -> None:
    price = Price(Money(amount, Currency.USD), Quantity(per, Unit.KILOGRAM))
    try:
        extended = price.of(Quantity(value, Unit.KILOGRAM))
    except MoneyError:
        return

    exact = Fraction(amount) * Fraction(value) / Fraction(per)
    assert abs(Fraction(extended.amount) - exact) <= Fraction(1, 10**40)


def test_a_price_per_nothing_is_refused() -> None:
    with pytest.raises(PriceError, match="per more than nothing"):
        Price(usd("1"), Quantity(D(0), Unit.EACH))


def test_a_price_of_another_unit_is_refused() -> None:
    with pytest.raises(UnitMismatchError):
        Price(usd("1"), Quantity(D(1), Unit.EACH)).of(Quantity(D(1), Unit.CASE))
