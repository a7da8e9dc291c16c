"""Days on which something is said to have happened: it has begun, and could have happened by then.

today is the 10th in the site's zone, policy allows one day of clock skew: the 11th passes,
the 12th is refused; goods of an order of the 4th: the 2nd passes, the 1st is refused
"""

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from manciple.catalog.site import Site
from manciple.kernel.errors import refuse
from manciple.kernel.records import dataclass
from manciple.ordering.allowances import Test, allowance
from manciple.policy.register import Register
from manciple.runtime.work import Work

_ZONES: Final = timedelta(days=1)
"""A day in UTC, as which the beginning is known, may be the one before at the site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What had to happen first.

    Attributes:
        day: in UTC.
        what: in words: ``order PO-1 was placed``.
    """

    day: date
    what: str


def require_past(
    work: Work, register: Register, day: date, *, site: str, field: str, since: Beginning
) -> None:
    """Let only a day pass that has begun at the site, and on which there was something to do.

    Either bound is wider by the allowed clock skew.

    Raises:
        Refused: IN_THE_FUTURE, with the last day that would pass; BEFORE_ITS_TIME, with the first.
    """
    known = work.peek(Site, site)
    zone = ZoneInfo(known.zone if known is not None else "UTC")
    skew = allowance(register, Test.DAY_AHEAD, category="", supplier="", at=work.at)
    today = work.at.astimezone(zone).date()
    last = today + timedelta(days=skew.days_late)
    if day > last:
        raise refuse(
            "IN_THE_FUTURE",
            f"{day} has not come yet: it is {today} at {site or 'the site'}, and at most"
            f" {skew.days_late} days of clock skew are allowed ({skew.cite})",
            field=field,
            fix=f"state the day on which it happened, {last} at the latest",
        )
    first = since.day - _ZONES - timedelta(days=skew.days_late)
    if day < first:
        raise refuse(
            "BEFORE_ITS_TIME",
            f"{day} can't be the day: {since.what} on {since.day}",
            field=field,
            fix=f"state the day on which it happened, {first} at the earliest",
        )
