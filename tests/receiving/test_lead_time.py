"""Lead times: nearest rank over what happened, and unknown where too little did."""

from datetime import date, timedelta

import pytest

from manciple.receiving.lead_time import LeadTime, Learned, learned

DAY = date(2026, 3, 2)


def took(*days: int) -> list[LeadTime]:
    return [
        LeadTime(
            purchase_order=f"PO-{n}",
            line="1",
            supplier="ACME",
            ordered_on=DAY,
            received_on=DAY + timedelta(days=each),
            days=each,
        )
        for n, each in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "median", "high"),
    [
        ((9, 9, 10, 12, 21), 10, 21),
        ((4, 3, 2, 1), 2, 4),
        (tuple(range(1, 11)), 5, 9),  # nine of ten took 9 days or fewer
        (tuple(range(1, 12)), 6, 10),
        ((0, 0, 0, 0), 0, 0),
    ],
)
def test_percentiles_are_days_that_happened(days: tuple[int, ...], median: int, high: int) -> None:
    assert learned(took(*days)) == Learned(n=len(days), median=median, high=high)


def test_from_three_deliveries_nothing_is_learned() -> None:
    known = learned(took(3, 4, 5))

    assert (known.n, known.median, known.high, known.is_known) == (3, None, None, False)
    assert known.expected(DAY) is None


def test_a_line_that_was_completed_twice_counts_once_the_first_time() -> None:
    rows = took(5, 5, 5, 5)
    again = LeadTime(
        purchase_order="PO-0", line="1", supplier="ACME", ordered_on=DAY,
        received_on=DAY + timedelta(days=90), days=90,
    )  # fmt: skip

    assert learned([again, *rows]) == Learned(n=4, median=5, high=5)


def test_expected_days_count_from_the_order() -> None:
    assert learned(took(9, 9, 10, 12, 21)).expected(DAY) == (date(2026, 3, 12), date(2026, 3, 23))
