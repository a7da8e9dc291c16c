"""Open hours, due times, working days and cut-offs: the rulings on A-09 and P-06."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.calendar import BusinessCalendar, CalendarError
from manciple.kernel.messages import NaiveTimeError
from manciple.runtime.codec import decode, encode

CHICAGO = ZoneInfo("America/Chicago")
DAY_SHIFT = (time(8), time(17))
NIGHT_SHIFT = (time(22), time(6))
OFFICE = BusinessCalendar(
    zone="America/Chicago",
    hours=(DAY_SHIFT,) * 5 + (None, None),
    holidays=(date(2026, 11, 26), date(2026, 12, 25)),
)
NIGHTS = BusinessCalendar(zone="America/Chicago", hours=(NIGHT_SHIFT,) * 7)
HOUR = timedelta(hours=1)


def here(day: int, hour: int, minute: int = 0, *, month: int = 11, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CHICAGO, fold=fold)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (here(20, 16), 4, here(23, 11)),  # Friday to Monday
        (here(20, 16), 1, here(20, 17)),  # closing time, not the next opening
        (here(20, 17), 1, here(23, 9)),  # asked at closing time: starts at the next opening
        (here(21, 12), 9, here(23, 17)),  # asked on a Saturday
        (here(25, 16), 2, here(27, 9)),  # Thanksgiving is jumped over
        (here(23, 8), 0, here(23, 8)),
        (here(22, 3), 0, here(22, 3)),
    ],
)
def test_due_is_the_earliest_instant_at_which_open_time_reaches_the_sla(
    start: datetime, hours: int, due: datetime
) -> None:
    assert OFFICE.due(start, hours * HOUR) == due


def test_due_times_are_in_utc() -> None:
    assert OFFICE.due(here(20, 16), HOUR).tzinfo is UTC


@pytest.mark.parametrize(
    ("evening", "hours", "morning"),
    [
        (here(31, 22, month=10), 8, here(1, 5, month=11)),  # clocks go back: nine real hours
        (here(31, 22, month=10), 9, here(1, 6, month=11)),
        (here(7, 22, month=3), 7, here(8, 6, month=3)),  # clocks go forward: seven real hours
        (here(7, 22, month=3), 8, here(8, 23, month=3)),
    ],
)
def test_a_night_shift_over_a_clock_change_counts_real_time(
    evening: datetime, hours: int, morning: datetime
) -> None:
    assert NIGHTS.due(evening, hours * HOUR) == morning


def test_an_opening_that_the_clock_skips_is_the_instant_of_the_change() -> None:
    early = BusinessCalendar(zone="America/Chicago", hours=((time(2, 30), time(9)),) * 7)

    assert early.next_opening(here(8, 0, month=3)) == here(8, 3, month=3)
    assert early.elapsed(here(8, 0, month=3), here(8, 12, month=3)) == 6 * HOUR


def test_an_opening_that_the_clock_repeats_is_the_first_one() -> None:
    early = BusinessCalendar(zone="America/Chicago", hours=((time(1, 30), time(9)),) * 7)

    assert early.elapsed(here(1, 0), here(1, 12)) == timedelta(hours=8, minutes=30)


def test_a_holiday_cancels_the_shift_that_opens_on_it_only() -> None:
    nights = BusinessCalendar(
        zone="America/Chicago", hours=(NIGHT_SHIFT,) * 7, holidays=(date(2026, 11, 26),)
    )

    assert nights.is_open(here(26, 5))
    assert not nights.is_open(here(26, 23))
    assert not nights.is_open(here(27, 5))


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (here(20, 7, 59), False),
        (here(20, 8), True),
        (here(20, 16, 59), True),
        (here(20, 17), False),
        (here(21, 12), False),
        (here(26, 12), False),
    ],
)
def test_the_door_opens_on_time_and_closes_on_time(at: datetime, is_open: bool) -> None:
    assert OFFICE.is_open(at) is is_open


def test_elapsed_leaves_out_nights_weekends_and_holidays() -> None:
    assert OFFICE.elapsed(here(20, 16), here(27, 9)) == (1 + 9 + 9 + 9 + 1) * HOUR
    assert OFFICE.elapsed(here(27, 9), here(20, 16)) == -29 * HOUR


def test_a_calendar_that_never_closes_counts_elapsed_time() -> None:
    always = BusinessCalendar.always("America/Chicago")

    assert always.due(here(31, 12, month=10), 24 * HOUR) == here(1, 11)
    assert always.is_open(here(22, 3))


@pytest.mark.parametrize(
    ("day", "n", "found"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 25), 1, date(2026, 11, 27)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 23), -1, date(2026, 11, 20)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
        (date(2026, 11, 20), 5, date(2026, 11, 30)),
    ],
)
def test_working_days_are_counted_from_day_zero(day: date, n: int, found: date) -> None:
    assert OFFICE.add_working_days(day, n) == found


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (here(20, 14), 20),
        (here(20, 14, 1), 23),
        (here(21, 9), 23),
        (here(25, 18), 27),
        (datetime(2026, 11, 21, 1, tzinfo=UTC), 23),  # still Friday there, but after the cut-off
    ],
)
def test_an_order_after_the_cut_off_counts_from_the_next_working_day(
    at: datetime, day: int
) -> None:
    assert OFFICE.counts_from(at, time(14)) == date(2026, 11, day)


@pytest.mark.parametrize(
    ("zone", "hours", "words"),
    [
        ("Mars/Olympus", (DAY_SHIFT,) * 7, "Mars/Olympus"),
        ("../etc/passwd", (DAY_SHIFT,) * 7, "not known"),
        ("UTC", (DAY_SHIFT,) * 6, "seven days"),
        ("UTC", (None,) * 7, "a day on which it is open"),
        ("UTC", ((time(22), time(9)), *(DAY_SHIFT,) * 6), "runs into"),
        ("UTC", ((time(8, tzinfo=UTC), time(9)), *(None,) * 6), "without a zone"),
    ],
)
def test_a_calendar_that_nobody_can_work_by_is_refused(
    zone: str, hours: tuple[tuple[time, time] | None, ...], words: str
) -> None:
    with pytest.raises(CalendarError, match=words):
        BusinessCalendar(zone=zone, hours=hours)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTimeError):
        OFFICE.due(datetime(2026, 11, 20, 8), HOUR)


def test_a_service_level_that_is_never_reached_is_refused() -> None:
    with pytest.raises(CalendarError, match="twenty years"):
        OFFICE.due(here(20, 8), timedelta(days=10_000))
    with pytest.raises(CalendarError, match="zero or more"):
        OFFICE.due(here(20, 8), -HOUR)


shifts = st.none() | st.sampled_from(
    [DAY_SHIFT, (time(0), time(0)), (time(1, 30), time(2, 30)), (time(6), time(23, 59, 59))]
)
calendars = st.builds(
    BusinessCalendar,
    zone=st.sampled_from(["America/Chicago", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
    hours=st.tuples(*[shifts] * 6, st.just(DAY_SHIFT)),
    holidays=st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=5).map(tuple),
) | st.just(NIGHTS)
instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))
levels = st.timedeltas(timedelta(), timedelta(days=12))


@given(calendars, instants, levels)
def test_due_and_elapsed_agree(
    calendar: BusinessCalendar, start: datetime, sla: timedelta
) -> None:
    due = calendar.due(start, sla)

    assert calendar.elapsed(start, due) == sla
    if sla:
        assert calendar.elapsed(start, due - timedelta(microseconds=1)) < sla


@given(calendars, instants, levels, levels)
def test_more_time_is_never_due_earlier(
    calendar: BusinessCalendar, start: datetime, sla: timedelta, more: timedelta
) -> None:
    assert calendar.due(start, sla) <= calendar.due(start, sla + more)
    assert calendar.due(start, sla) <= calendar.due(start + more, sla)


@given(calendars, instants)
def test_open_is_where_time_elapses(calendar: BusinessCalendar, at: datetime) -> None:
    tick = timedelta(microseconds=1)

    assert calendar.is_open(at) == (calendar.elapsed(at, at + tick) == tick)


@given(
    calendars,
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(0, 30),
    st.integers(0, 30),
)
def test_working_days_add_up(calendar: BusinessCalendar, day: date, a: int, b: int) -> None:
    together = calendar.add_working_days(day, a + b)

    assert calendar.add_working_days(calendar.add_working_days(day, a), b) == together
    if a:
        assert calendar.is_working_day(calendar.add_working_days(day, a))


def test_a_calendar_is_stored_and_read_back() -> None:
    assert decode(encode(OFFICE), BusinessCalendar) == OFFICE
