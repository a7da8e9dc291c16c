"""The arithmetic of figures, with the numbers on both sides of each bound."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest

from manciple.intelligence.metrics.figure import (
    DAY,
    bucket_of,
    percentile,
    share_of,
    shown,
    survival_median,
)
from manciple.intelligence.metrics.period import period
from manciple.intelligence.metrics.place import business_days
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.errors import Refused
from manciple.runtime.rows import micros
from tests.intelligence.histories import at

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "percent", "wanted"),
    [
        ([1, 2, 3, 4], 50, Fraction(5, 2)),
        ([1, 2, 3, 4], 90, Fraction(37, 10)),
        ([7], 90, Fraction(7)),
        ([1, 2, 3], 50, Fraction(2)),
        (list(range(1, 12)), 90, Fraction(10)),
        ([], 50, None),
    ],
)
def test_percentiles_are_those_of_hyndman_and_fan_7(
    values: list[int], percent: int, wanted: Fraction | None
) -> None:
    assert percentile(values, percent) == wanted


@pytest.mark.parametrize(
    ("age", "bucket"),
    [
        (DAY, "(0,1]"), (DAY + 1, "(1,3]"), (3 * DAY, "(1,3]"), (3 * DAY + 1, "(3,7]"),
        (7 * DAY, "(3,7]"), (7 * DAY + 1, "(7,14]"), (14 * DAY, "(7,14]"),
        (14 * DAY + 1, "(14,..)"),
    ],
)  # fmt: skip
def test_an_age_at_the_bound_is_in_the_lower_bucket(age: int, bucket: str) -> None:
    assert bucket_of(age) == bucket


def test_of_nothing_there_is_no_share_and_rounding_is_half_away_from_zero() -> None:
    assert share_of(0, 0) is None
    assert share_of(0, 5) == Decimal("0.00")
    assert shown(Fraction(1, 200)) == Decimal("0.01")
    assert shown(Fraction(-1, 200)) == Decimal("-0.01")


def test_open_things_lengthen_the_estimated_median() -> None:
    # Freireich et al. (1963), 6-MP: 21 patients, median remission 23 weeks by Kaplan and Meier.
    done = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    waits = sorted([(wait, True) for wait in done] + [(wait, False) for wait in censored],
                   key=lambda each: (each[0], not each[1]))  # fmt: skip

    assert survival_median(waits, len(waits)) == 23
    assert survival_median([(1, True), (2, True)], 2) == 1
    assert survival_median([(1, True), (2, False), (3, False)], 3) is None


@pytest.mark.parametrize("n", [6, 28, 194, 1000])
def test_half_done_is_done_however_many_steps_it_took(n: int) -> None:
    waits = [(wait, True) for wait in range(1, n)] + [(n, False)]

    assert survival_median(waits, n) == n // 2


def test_a_business_day_is_a_days_worth_of_open_time() -> None:
    office = BusinessCalendar(
        zone="UTC",
        hours=((at(2, 8).time(), at(2, 17).time()),) * 5 + (None, None),
    )
    friday, monday = micros(at(6, 12)), micros(at(9, 12))

    assert business_days(office, friday, monday) == DAY
    assert business_days(office, friday, micros(at(6, 17))) == 5 * DAY // 9
    assert business_days(BusinessCalendar.always(), friday, monday) == 3 * DAY


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("2026-03", at(1), datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-03-02..2026-03-03", at(2), at(4)),
        ("2026-03-02", at(2), at(3)),
        ("2025-12", datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_period_is_whole_days_by_utc(asked: str, start: datetime, end: datetime) -> None:
    found = period(asked, now=NOW)
    assert (found.start, found.end) == (micros(start), micros(end))


def test_nothing_later_than_now_counts() -> None:
    assert period("2026-03", now=NOW).until == micros(NOW) + 1
    assert period("28d", now=NOW).start == micros(NOW) - 28 * DAY


@pytest.mark.parametrize(
    "asked", ["yesterday", "2026-13", "2026-03-05..2026-03-04", "0d", "2026-02-30", "99999d"]
)
def test_what_is_no_period_is_refused(asked: str) -> None:
    with pytest.raises(Refused) as refused:
        period(asked, now=NOW)
    assert refused.value.reasons[0].code == "BAD_PERIOD"
