from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.web.pages.telling import fact
from manciple.web.pages.wording import (
    machine_moment,
    moment,
    near_day,
    number,
    plural,
    relative,
    size,
    wait,
)

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


@pytest.mark.parametrize(
    ("days", "written"),
    [(0, "Tue 3 Nov"), (179, "Sat 1 May"), (180, "Sun 2 May 2027"), (-179, "Fri 8 May"),
     (-180, "Thu 7 May 2026")],
)  # fmt: skip
def test_a_day_in_a_table_has_its_year_when_it_could_be_another(days: int, written: str) -> None:
    assert near_day(NOW.date() + timedelta(days=days), NOW) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2026-03-17T21:34:00Z", "17 Mar 2026 21:34 UTC"),
        ("2026-10-24", "Sat 24 Oct"),
        ("2026-13-40", "2026-13-40"),
        ("category_manager", "category manager"),
        ("SUP_1", "SUP_1"),
        ("24 EA", "24 pieces"),
    ],
)
def test_a_value_of_an_event_is_told_as_people_say_it(value: str, written: str) -> None:
    assert fact(value, NOW) == written
