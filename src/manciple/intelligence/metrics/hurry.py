"""Expedited freight: which inbound shipments were hurried, for what cause, and what was paid.

    hurried --> next notice of the line      expedited          hurried, then closed --> not
    notice --> hurried while on its way      expedited: the day of the notice is restated

Source: domain rules 4.6, expedited freight incidence; SC-4.
"""

from collections.abc import Iterator, Sequence

from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.intelligence.metrics.freight import premium_of_freight
from manciple.intelligence.metrics.ship_notice import Notice
from manciple.kernel.records import dataclass

INCIDENCE = "expedited-freight-incidence"
AVOIDABLE = f"{INCIDENCE}/avoidable"
PREMIUM = "expedite-premium"
AVOIDABLE_CAUSES = ("late_requisition", "late_approval", "late_acknowledgment")
"""Causes that the house could have kept from happening. Source: 4.6, avoidable share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurry:
    """One time that a line was expedited.

    Attributes:
        cost: the premium in millionths of ``currency``.
        notice: the shipment that was on its way; empty if none was.
        closed_at: from when on it was not hurried any more.
    """

    line: str
    at: int
    cause: str
    cost: int
    currency: str
    notice: str = ""
    closed_at: int | None = None

    def hurries(self, notice: Notice) -> bool:
        """Say whether a shipment was expedited by it."""
        if not notice.carries(self.line):
            return False
        is_over = self.closed_at is not None and self.closed_at <= notice.at
        return self.notice == notice.notice or (self.at <= notice.at and not is_over)


def facts_of_hurries(
    whose: Fact, notices: Sequence[Notice], hurries: Sequence[Hurry]
) -> Iterator[Fact]:
    """Give a fact for each inbound shipment, and one for each premium that was paid.

    Args:
        whose: site, supplier and flow; its key is the order's number.
        notices: every shipment of the order.
        hurries: every time that a line of it was expedited.
    """
    for notice in notices:
        found = [hurry for hurry in hurries if hurry.hurries(notice)]
        causes = [hurry.cause for hurry in found]
        base = whose._replace(
            key=notice.notice,
            at=notice.at,
            state=FactState.DONE,
            reason=causes[0] if found else "",
        )
        yield base._replace(metric=INCIDENCE, value=int(bool(found)))
        is_avoidable = any(cause in AVOIDABLE_CAUSES for cause in causes)
        yield base._replace(metric=AVOIDABLE, value=int(is_avoidable))
    for place, hurry in enumerate(hurries, 1):
        paid = whose._replace(
            metric=PREMIUM, key=f"{whose.key}/{hurry.line}/{place}", at=hurry.at,
            state=FactState.DONE, value=hurry.cost, unit=hurry.currency, reason=hurry.cause,
        )  # fmt: skip
        yield paid
        yield premium_of_freight(paid, premium=hurry.cost)
