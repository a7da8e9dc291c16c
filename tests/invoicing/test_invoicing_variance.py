"""Price and quantity variance: the identity, and how the parts are shown."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.invoicing.variance import Variances, rounded, variances
from manciple.kernel.money import Currency, Money

USD = Currency.USD
prices = st.fractions(min_value=0, max_value=10**6, max_denominator=10**6)
quantities = st.decimals(min_value=0, max_value=10**6, places=3)


def usd(text: str) -> Money:
    return Money(Decimal(text), USD)


def test_sixty_billed_at_ten_fifty_against_fifty_open_at_ten() -> None:
    found = variances(
        billed_price=Fraction("10.50"),
        order_price=Fraction(10),
        billed=Decimal(60),
        open_to_invoice=Decimal(50),
    )

    assert found.price == 30
    assert found.quantity == 100
    assert found.total == Fraction("10.50") * 60 - 10 * 50


@given(prices, prices, quantities, quantities)
def test_the_two_variances_add_up_exactly(
    pi: Fraction, po: Fraction, qi: Decimal, qr: Decimal
) -> None:
    found = variances(billed_price=pi, order_price=po, billed=qi, open_to_invoice=qr)

    assert found.price + found.quantity == Fraction(qi) * pi - Fraction(qr) * po


@given(prices, prices, quantities, quantities)
def test_the_shown_parts_add_up_to_the_shown_total(
    pi: Fraction, po: Fraction, qi: Decimal, qr: Decimal
) -> None:
    found = variances(billed_price=pi, order_price=po, billed=qi, open_to_invoice=qr)

    shown = found.shown(USD)

    assert shown is not None
    assert shown.price + shown.quantity == shown.total
    assert shown.total == rounded(found.total, USD)
    assert abs(Fraction(shown.quantity.amount) - found.quantity) <= Fraction(1, 100)


def test_the_quantity_part_takes_the_rounding_remainder() -> None:
    shown = Variances(price=Fraction("0.005"), quantity=Fraction("0.004")).shown(USD)

    assert shown is not None
    assert (shown.price, shown.quantity, shown.total) == (usd("0.01"), usd("0"), usd("0.01"))


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("0.00499999999999999999999999999999999", "0.00"),
        ("-1/3", "-0.33"),
        ("2/3", "0.67"),
    ],
)
def test_money_is_rounded_once_and_half_away_from_zero(exact: str, shown: str) -> None:
    assert rounded(Fraction(exact), USD) == usd(shown)


def test_a_variance_too_large_for_any_book_is_not_shown() -> None:
    assert Variances(price=Fraction(10**16), quantity=Fraction(0)).shown(USD) is None
