"""Days on which something is said to have happened: none that has not come yet.

today is the 10th in the site's zone, policy allows one day of clock skew: the 11th passes,
the 12th is refused
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from manciple.catalog.site import Site
from manciple.kernel.errors import refuse
from manciple.ordering.allowances import Test, allowance
from manciple.policy.register import Register
from manciple.runtime.work import Work


def require_past(work: Work, register: Register, day: date, *, site: str, field: str) -> None:
    """Let only a day pass that has begun at the site, or begins within the allowed clock skew.

    Raises:
        Refused: IN_THE_FUTURE, with the last day that would pass.
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
