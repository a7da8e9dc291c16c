"""Deliveries against a promised day: the window around it, and what came inside.

    promised Wed 11, window -2/+1      Mon 9 [ Tue 10  Wed 11  Thu 12 ]      closed days at the end
    100 ordered, tolerance 5 %         60 on day -1 and 36 on day +1  -> hit
                                       60 on day -1 and 36 on day +2  -> miss

Days are calendar days at the dock. A window whose last day is a closed dock day ends on the next
open one. Whatever comes before the window makes the line a miss, however much comes inside.
Source: domain rules 4.6, OTIF, with the ruling of 4.7 B.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.records import dataclass
from manciple.runtime.rows import micros

EARLY = 2
"""Calendar days before the promised day from which goods may come. Source: domain rules 4.6."""
LATE = 1
"""Calendar days after it until which they may come. Source: domain rules 4.6."""
TOLERANCE = 5
"""Percent of the quantity that may be missing. Source: domain rules 4.6."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days on which a delivery is on time, and the last instant of the last of them.

    Attributes:
        day: the day requested or promised.
        opens, closes: first and last good day, inclusive.
        closes_at: the last microsecond of the last good day, by the dock's own clock.
    """

    day: date
    opens: date
    closes: date
    closes_at: int


def window(day: date, dock: BusinessCalendar) -> Window:
    """Give the window around a day at a dock."""
    closes = day + LATE * _DAY
    if not dock.is_working_day(closes):
        closes = dock.add_working_days(closes, 1)
    midnight = datetime.combine(closes + _DAY, time(), ZoneInfo(dock.zone))
    return Window(day=day, opens=day - EARLY * _DAY, closes=closes, closes_at=micros(midnight) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """So much of a line came on a day: millionths of the base unit.

    ``at`` is when it was booked; 0 in what was kept before that was told.
    """

    day: date
    quantity: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a line did against one window.

    Attributes:
        why: empty for a hit; else ``early``, ``short`` or ``late``: short, and more came later.
        inside: what came inside the window.
    """

    why: str
    inside: int

    @property
    def is_hit(self) -> bool:
        """Say whether enough came inside the window, and nothing before it."""
        return not self.why


def judge(arrivals: Iterable[Arrival], around: Window, *, wanted: int) -> Verdict:
    """Judge what came against a window; ``wanted`` is what should have come."""
    inside, after = 0, 0
    is_early = False
    for arrival in arrivals:
        if arrival.day < around.opens:
            is_early = True
        elif arrival.day <= around.closes:
            inside += arrival.quantity
        else:
            after += arrival.quantity
    if is_early:
        return Verdict("early", inside)
    if inside * 100 >= wanted * (100 - TOLERANCE):
        return Verdict("", inside)
    return Verdict("late" if after else "short", inside)
