"""Open hours reckoned day by day, from a calendar as its event tells it."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY = 86_400_000_000
OFFICE: Mapping[str, Any] = {
    "zone": "UTC",
    "hours": [["08:00:00", "17:00:00"]] * 5 + [None, None],
    "holidays": [],
}
"""The hours of a place that names none."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(at: datetime) -> int:
    """Give an instant in microseconds since 1970."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def instant(text: str) -> int:
    """Read an instant as events write it."""
    return micros(datetime.fromisoformat(text))


def _local(day: date, clock: time, zone: str) -> int:
    return micros(datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC))


def _shifts(calendar: Mapping[str, Any], start: int, end: int) -> Iterator[tuple[int, int]]:
    day = (_EPOCH + timedelta(microseconds=start)).date() - timedelta(days=2)
    last = (_EPOCH + timedelta(microseconds=end)).date() + timedelta(days=2)
    while day <= last:
        shift = calendar["hours"][day.weekday()]
        if shift is not None and day.isoformat() not in calendar["holidays"]:
            opens, closes = (time.fromisoformat(each) for each in shift)
            over = day + timedelta(days=1) if closes <= opens else day
            yield _local(day, opens, calendar["zone"]), _local(over, closes, calendar["zone"])
        day += timedelta(days=1)


def open_time(calendar: Mapping[str, Any], start: int, end: int) -> int:
    """Give the microseconds between two instants in which the place is open."""
    return sum(
        max(0, min(end, closes) - max(start, opens))
        for opens, closes in _shifts(calendar, start, end)
    )


def business_days(calendar: Mapping[str, Any], start: int, end: int) -> int:
    """Give open time as days: so many average working days, each told as 24 hours."""
    spans = []
    for shift in calendar["hours"]:
        if shift is not None:
            opens, closes = (time.fromisoformat(each) for each in shift)
            minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
            spans.append((minutes if minutes > 0 else minutes + 1440) * 60_000_000)
    return open_time(calendar, start, end) * DAY // (sum(spans) // len(spans))


def is_working_day(calendar: Mapping[str, Any], day: date) -> bool:
    """Say whether the place opens on a day."""
    return (
        calendar["hours"][day.weekday()] is not None
        and day.isoformat() not in calendar["holidays"]
    )


def end_of(calendar: Mapping[str, Any], day: date) -> int:
    """Give the last microsecond of a day by the place's own clock."""
    return _local(day + timedelta(days=1), time(), calendar["zone"]) - 1
