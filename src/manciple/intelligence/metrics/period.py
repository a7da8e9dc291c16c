"""The time that a question is about, in whole days by UTC.

28d                        the last 28 days up to now
2026-03                    a month
2026-03-02..2026-03-15     from the first day to the last, inclusive
all                        everything there is
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from manciple.kernel.errors import Refused, refuse
from manciple.kernel.records import dataclass
from manciple.runtime.rows import micros, moment

USUAL = "28d"
"""What is asked for when nothing is said."""
_DAYS = re.compile(r"([1-9][0-9]{0,3})d\Z")
_MONTH = re.compile(r"(\d{4})-(\d\d)\Z")
_SPAN = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?\Z")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From an instant (inclusive) to another (exclusive), in microseconds since 1970.

    Attributes:
        asked: the words in which it was asked for.
        now: the asker's clock; nothing later counts, whatever ``end`` says.
    """

    asked: str
    start: int
    end: int
    now: int

    @property
    def until(self) -> int:
        """Give the end that counts: the period's own, or just after now."""
        return min(self.end, self.now + 1)

    @property
    def asked_at(self) -> datetime:
        """Give the instant at which it was asked."""
        return moment(self.now)


def period(text: str, *, now: datetime) -> Period:
    """Read a period.

    Raises:
        Refused: BAD_PERIOD.
    """
    asked = text.strip() or USUAL
    at = micros(now)
    try:
        if asked == "all":
            return Period(asked=asked, start=0, end=at + 1, now=at)
        if days := _DAYS.match(asked):
            return Period(asked=asked, start=micros(now - int(days[1]) * _DAY), end=at + 1, now=at)
        if month := _MONTH.match(asked):
            first = date(int(month[1]), int(month[2]), 1)
            after = (first.replace(day=28) + 4 * _DAY).replace(day=1)
            return Period(asked=asked, start=_midnight(first), end=_midnight(after), now=at)
        if span := _SPAN.match(asked):
            first = date.fromisoformat(span[1])
            last = date.fromisoformat(span[2] or span[1])
            if first <= last:
                return Period(
                    asked=asked, start=_midnight(first), end=_midnight(last + _DAY), now=at
                )
    except (ValueError, OverflowError) as problem:
        raise _bad(asked) from problem
    raise _bad(asked)


def _bad(asked: str) -> Refused:
    return refuse(
        "BAD_PERIOD",
        f"{asked!r} is no period",
        field="period",
        fix="Write 28d, 2026-03, 2026-03-02..2026-03-15, or all.",
    )


def _midnight(day: date) -> int:
    return micros(datetime.combine(day, time(), UTC))
