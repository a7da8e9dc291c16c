"""Payment terms: days from their base, both sides of each bound, and what they are worth."""

from datetime import date
from fractions import Fraction

import pytest

from manciple.catalog.terms import PaymentTerms, TermsError


def test_two_ten_net_thirty_counts_calendar_days_from_the_base_and_never_rolls() -> None:
    terms = PaymentTerms(text="2/10 net 30")

    assert terms.last_day(date(2026, 3, 4)) == date(2026, 3, 14)  # a Saturday
    assert terms.due(date(2026, 3, 4)) == date(2026, 4, 3)


def test_two_ten_net_thirty_is_worth_37_2_percent_a_year_in_a_leap_year_too() -> None:
    worth = PaymentTerms(text="2/10 net 30").worth_a_year

    assert worth == Fraction(2, 98) * Fraction(365, 20)
    assert worth is not None
    assert f"{float(worth * 100):.1f}" == "37.2"


@pytest.mark.parametrize("text", ["net 30", "NET 30", "2/30 net 30"])
def test_terms_without_days_to_gain_have_no_worth(text: str) -> None:
    assert PaymentTerms(text=text).worth_a_year is None


@pytest.mark.parametrize("text", ["net 365", "1.5/10 net 45", "99.9/0 net 1", "2/10, net 30"])
def test_the_trades_words_are_read(text: str) -> None:
    assert PaymentTerms(text=text).text == text


@pytest.mark.parametrize(
    "text", ["", "2/10", "2/31 net 30", "0/10 net 30", "100/10 net 30", "net 366", "-2/10 net 30"]
)
def test_other_words_are_refused_with_what_is_wanted(text: str) -> None:
    with pytest.raises(TermsError, match="net"):
        PaymentTerms(text=text)
