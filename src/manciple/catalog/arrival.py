"""When goods can be here: by the supplier's cut-off and days, and on which days a dock works.

    ordered Friday 15:01, cut-off 15:00   -> counts from Monday, which is day 0
    two working days of the supplier      -> Wednesday
    the dock is closed on Wednesday       -> here on Thursday

Source: domain rule P-06 with its ruling in 4.7.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from manciple.catalog.supplier import Supplier
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What follows from ordering at an instant.

    Attributes:
        supplier: who delivers.
        counts_from: the day that the order counts from, day 0.
        days: the supplier's working days from then on.
        here_on: the first day on which the dock works, on or after the last of them, and not
            before the dock's own day at that instant.
        until: the last instant at which an order counts from `counts_from`.
    """

    supplier: str
    counts_from: date
    days: int
    here_on: date
    until: datetime


def arrival(
    at: datetime,
    *,
    supplier: str,
    days: int,
    works: BusinessCalendar,
    dock: BusinessCalendar,
    cut_off: time | None = None,
) -> Arrival:
    """Say when goods that are ordered at an instant can be here.

    Args:
        at: when the order is placed.
        supplier: who delivers.
        days: its working days from the day that the order counts from; not below zero.
        works: the supplier's calendar, whose zone is that of the cut-off.
        dock: the calendar of the site that receives.
        cut_off: until when by the supplier's clock an order counts from the same working day,
            that very instant included; None: until it closes.
    """
    limit = cut_off or _closing(works, works.local_day(at))
    start = works.counts_from(at, limit)
    there = max(works.add_working_days(start, days), dock.local_day(at))
    if not dock.is_working_day(there):
        there = dock.add_working_days(there, 1)
    ends = cut_off or _closing(works, start)
    return Arrival(
        supplier=supplier,
        counts_from=start,
        days=days,
        here_on=there,
        until=datetime.combine(start, ends, ZoneInfo(works.zone)).astimezone(UTC),
    )


def all_here_on(
    at: datetime,
    leads: Sequence[int | None],
    *,
    seller: Supplier,
    works: BusinessCalendar,
    dock: BusinessCalendar,
) -> date | None:
    """Say on which day several items can all be here; None where a lead time is unknown.

    Args:
        at: when the order is placed.
        leads: the agreed working days of each item; None where an agreement states none.
        seller: who delivers.
        works: its calendar, whose zone is that of its cut-off.
        dock: the calendar of the site that receives.
    """
    known = [days for days in leads if days is not None]
    if not known or len(known) < len(leads):
        return None
    return arrival(
        at, supplier=seller.id, days=max(known), works=works, dock=dock, cut_off=seller.cut_off
    ).here_on


def _closing(works: BusinessCalendar, day: date) -> time:
    """Give when a day's work ends; the end of the day where it goes on over midnight."""
    shift = works.hours[day.weekday()]
    return shift[1] if shift is not None and shift[0] < shift[1] else time.max
