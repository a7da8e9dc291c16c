"""Cut-off, the supplier's working days and the dock's: when goods can be here."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.catalog.arrival import arrival
from manciple.kernel.calendar import BusinessCalendar

SHIFT = (time(8), time(17))
WEEK = (*(SHIFT,) * 5, None, None)
ATLANTA = ZoneInfo("America/New_York")
THEIRS = BusinessCalendar(zone="America/New_York", hours=WEEK, holidays=(date(2026, 11, 26),))
DOCK = BusinessCalendar(zone="America/Denver", hours=WEEK, holidays=(date(2026, 12, 2),))


def there(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=ATLANTA)


@pytest.mark.parametrize(
    ("at", "counts", "here"),
    [
        (there(16, 15), date(2026, 11, 16), date(2026, 11, 18)),  # Monday at the very cut-off
        (there(16, 15, 1), date(2026, 11, 17), date(2026, 11, 19)),
        (there(19, 15), date(2026, 11, 19), date(2026, 11, 23)),  # over a weekend
        (there(20, 15, 1), date(2026, 11, 23), date(2026, 11, 25)),  # Friday, a minute late
        (there(21, 10), date(2026, 11, 23), date(2026, 11, 25)),  # a Saturday
        (there(24, 9), date(2026, 11, 24), date(2026, 11, 27)),  # the 26th is their holiday
        (there(26, 9), date(2026, 11, 27), date(2026, 12, 1)),  # ordered on it
        (there(30, 9), date(2026, 11, 30), date(2026, 12, 3)),  # the dock is closed on the 2nd
    ],
)
def test_two_days_count_from_the_cut_off_and_end_where_the_dock_works(
    at: datetime, counts: date, here: date
) -> None:
    found = arrival(at, supplier="BLUE", days=2, works=THEIRS, dock=DOCK, cut_off=time(15))

    assert (found.counts_from, found.here_on) == (counts, here)


def test_the_cut_off_is_of_the_suppliers_clock_over_a_change_of_daylight_saving() -> None:
    before, after = (
        arrival(at, supplier="BLUE", days=0, works=THEIRS, dock=DOCK, cut_off=time(15))
        for at in (
            datetime(2026, 10, 30, 19, tzinfo=UTC),  # 15:00 in summer
            datetime(2026, 11, 2, 20, tzinfo=UTC),  # 15:00 in winter
        )
    )

    assert before.counts_from == date(2026, 10, 30)
    assert after.counts_from == date(2026, 11, 2)
    assert before.until == datetime(2026, 10, 30, 19, tzinfo=UTC)
    assert after.until == datetime(2026, 11, 2, 20, tzinfo=UTC)


def test_without_a_cut_off_an_order_counts_until_they_close() -> None:
    at_closing, later = (
        arrival(at, supplier="BLUE", days=1, works=THEIRS, dock=DOCK)
        for at in (there(16, 17), there(16, 17, 1))
    )

    assert at_closing.counts_from == date(2026, 11, 16)
    assert at_closing.until == there(16, 17)
    assert later.counts_from == date(2026, 11, 17)
    assert later.here_on == date(2026, 11, 18)


def test_who_works_over_midnight_takes_orders_until_the_day_ends() -> None:
    nights = BusinessCalendar(zone="UTC", hours=((time(22), time(6)),) * 7, holidays=())
    late = datetime(2026, 11, 16, 23, 59, tzinfo=UTC)

    found = arrival(late, supplier="BLUE", days=0, works=nights, dock=nights)

    assert found.counts_from == found.here_on == date(2026, 11, 16)


@given(
    hours=st.integers(0, 24 * 30),
    days=st.integers(0, 6),
    zones=st.tuples(*[st.sampled_from(["Pacific/Auckland", "America/Los_Angeles", "UTC"])] * 2),
)
def test_nothing_can_be_here_before_the_dock_s_own_day(
    hours: int, days: int, zones: tuple[str, str]
) -> None:
    works, dock = (replace(THEIRS, zone=zones[0]), replace(DOCK, zone=zones[1]))
    at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours)

    found = arrival(at, supplier="BLUE", days=days, works=works, dock=dock)

    assert found.here_on >= dock.local_day(at)
    assert found.here_on >= found.counts_from
    assert dock.is_working_day(found.here_on)
