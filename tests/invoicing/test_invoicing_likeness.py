"""What two papers have in common, and the bounds of near on both sides."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.invoicing.invoicing_world import AT, EUR, USD, a_bill, usd

from manciple.invoicing.intake import taken_in
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.likeness import Compared, Fact, Likeness, compared
from manciple.kernel.money import Money

FIRST = date(2026, 3, 2)


def paper(number: str = "B-1", *, day: date = FIRST, total: Money | None = None) -> Invoice:
    bill = taken_in(a_bill(), name=number, number_key=number, at=AT)
    return replace(bill, number=number, date=day, total=total)


def told(one: Invoice, other: Invoice, fact: Fact) -> Compared:
    (found,) = (each for each in compared(one, other) if each.fact is fact)
    return found


@pytest.mark.parametrize(
    ("spelled", "likeness", "apart"),
    [("B-1", Likeness.SAME, ""), ("b 01", Likeness.SAME, "B1"), ("B-2", Likeness.OTHER, "")],
)
def test_a_number_is_the_same_however_it_is_spelled(
    spelled: str, likeness: Likeness, apart: str
) -> None:
    found = told(paper(), paper(spelled), Fact.NUMBER)

    assert (found.likeness, found.apart) == (likeness, apart)


@pytest.mark.parametrize(
    ("days", "likeness", "apart"),
    [(0, Likeness.SAME, ""), (45, Likeness.NEAR, "+45"), (-45, Likeness.NEAR, "-45"),
     (46, Likeness.OTHER, "+46")],
)  # fmt: skip
def test_days_up_to_forty_five_apart_are_near(days: int, likeness: Likeness, apart: str) -> None:
    found = told(paper(), paper(day=FIRST + timedelta(days=days)), Fact.DATE)

    assert (found.likeness, found.apart) == (likeness, apart)


@pytest.mark.parametrize(
    ("other", "likeness", "apart"),
    [
        (usd("200.00"), Likeness.SAME, ""),
        (usd("199.00"), Likeness.NEAR, "-1.00 USD"),
        (usd("201.00"), Likeness.NEAR, "+1.00 USD"),
        (usd("198.99"), Likeness.OTHER, "-1.01 USD"),
        (usd("201.01"), Likeness.OTHER, "+1.01 USD"),
        (Money(Decimal("200.00"), EUR), Likeness.OTHER, ""),
        (None, Likeness.UNKNOWN, ""),
    ],
)
def test_totals_within_half_a_percent_of_the_larger_are_near(
    other: Money | None, likeness: Likeness, apart: str
) -> None:
    found = told(paper(total=Money(Decimal("200.00"), USD)), paper(total=other), Fact.TOTAL)

    assert (found.likeness, found.apart) == (likeness, apart)
