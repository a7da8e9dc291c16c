"""What an exception costs to work: the minutes that people say they spent, at a rate of policy.

    20 minutes of a planner at 48.00 USD an hour -> 16.00 USD

Minutes that nobody told are not known, and neither is their cost: they are never taken as zero.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from manciple.kernel.messages import Role
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass

MINUTES_AN_HOUR = Decimal(60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Work that somebody put into an exception.

    Attributes:
        role: as whom: the exception's owner at the time.
    """

    by: str
    role: Role
    at: datetime
    minutes: Decimal


def minutes_of(touches: Iterable[Touch]) -> Decimal | None:
    """Add up what was told; None when nobody told anything."""
    told = tuple(touch.minutes for touch in touches)
    return sum(told, Decimal()) if told else None


def cost_of(minutes: Decimal, rate: Money) -> Money:
    """Give what minutes cost at a rate for an hour, rounded half up once."""
    exact = Money(rate.amount * minutes / MINUTES_AN_HOUR, rate.currency)
    return exact.rounded()
