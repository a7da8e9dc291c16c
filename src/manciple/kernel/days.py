"""Days that somebody names ahead: what lies years off is a slip of the pen, or stands for "never".

today is 2026-03-12: a need of 2029-03-11 passes, one of 2062-03-20 is refused, and so is a promise
of 9999-12-31
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from manciple.kernel.errors import Reason, Refused

FURTHEST: Final = timedelta(days=3 * 365)
"""How far ahead a day may lie, itself included."""


def too_far(day: date | None, *, today: date, field: str) -> Iterator[Reason]:
    """Give TOO_FAR_AHEAD for a day that nobody can mean; nothing for any other, or for none."""
    if day is not None and day - today > FURTHEST:
        yield Reason(
            code="TOO_FAR_AHEAD",
            message=f"{day} is more than {FURTHEST.days} days after {today}",
            field=field,
            fix=f"check the year; {today + FURTHEST} is the last day that can be named",
        )


def require_near(*days: tuple[date | None, str], today: date) -> None:
    """Let days pass that somebody can mean; each comes with the field in which it stands.

    Raises:
        Refused: TOO_FAR_AHEAD, once for each day that lies years off.
    """
    far = [each for day, field in days for each in too_far(day, today=today, field=field)]
    if far:
        raise Refused(*far)
