from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.web.pages.wording import machine_moment, moment, number, plural, relative, size, wait

NOW = datetime(2026, 11, 3, 9, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal(4000), "4,000"),
        (Decimal("4000.500"), "4,000.5"),
        (Decimal(100), "100"),
        (Decimal("-12.0"), "-12"),
        (Decimal("1E+3"), "1,000"),
        (Decimal(0), "0"),
        (7, "7"),
    ],
)
def test_numbers_have_thousands_apart_and_no_idle_zeros(
    value: Decimal | int, written: str
) -> None:
    assert number(value) == written


def test_what_nobody_stated_is_a_dash_and_not_zero() -> None:
    assert number(None) not in {"0", ""}


@given(st.decimals(-(10**9), 10**9, places=4))
def test_a_written_number_reads_back_exactly(value: Decimal) -> None:
    assert Decimal(number(value).replace(",", "")) == value


@pytest.mark.parametrize(
    ("span", "written"),
    [
        (timedelta(), "at once"),
        (timedelta(seconds=36), "36 s"),
        (timedelta(minutes=6), "6 min"),
        (timedelta(minutes=6, seconds=5), "6 min 5 s"),
        (timedelta(hours=23, minutes=42), "23 h 42 min"),
        (timedelta(days=4, hours=1, minutes=30), "4 d 1 h"),
    ],
)
def test_waits_are_told_in_their_two_largest_parts(span: timedelta, written: str) -> None:
    assert wait(span) == written


@pytest.mark.parametrize(
    ("away", "written"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=30), "in a moment"),
        (timedelta(seconds=-60), "1 min ago"),
        (timedelta(hours=-3, minutes=-20), "3 h ago"),
        (timedelta(days=2, hours=1), "in 2 d"),
    ],
)
def test_moments_are_told_by_their_distance(away: timedelta, written: str) -> None:
    assert relative(NOW + away, NOW) == written


def test_moments_are_written_in_utc() -> None:
    lagos = NOW.astimezone(timezone(timedelta(hours=1)))

    assert moment(lagos) == "3 Nov 2026 09:14 UTC"
    assert machine_moment(lagos) == "2026-11-03T09:14:00Z"


def test_counts_carry_their_noun() -> None:
    assert [plural(n, "line") for n in (0, 1, 1200)] == ["0 lines", "1 line", "1,200 lines"]
    assert [size(n) for n in (1, 812, 4096, 12_000_000)] == [
        "1 byte",
        "812 bytes",
        "4.1 kB",
        "12.0 MB",
    ]
