"""A need: from the day that it was stated until every line of it stands on an order."""

from collections.abc import Iterator

from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.kernel.records import dataclass

CYCLE_TIME = "requisition-to-po-cycle-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedLife:
    """What is remembered of a requisition.

    Attributes:
        submitted_at: of the first submission; rework does not start it anew.
        lines: how many lines wait for an order.
        touches: acts of people other than stating the need and deciding on it.
        decisions: approvals and rejections given by people.
        ended: why it waits no more: ``ordered``, ``rejected``, ``withdrawn``; empty while it does.
    """

    requisition: str
    site: str
    flow: str
    submitted_at: int
    lines: int
    touches: int = 0
    decisions: int = 0
    ended: str = ""
    ended_at: int | None = None


def facts_of_need(need: NeedLife) -> Iterator[Fact]:
    """Give the facts of a need that has no order yet: one for each line.

    What was ordered is counted on the order's lines from then on.
    """
    if need.ended == "ordered":
        return
    for line in range(1, need.lines + 1):
        yield Fact(
            metric=CYCLE_TIME,
            key=f"{need.requisition}/{line}",
            state=FactState.OUT if need.ended else FactState.OPEN,
            opened_at=need.submitted_at,
            at=need.ended_at,
            site=need.site,
            flow=need.flow,
            reason=need.ended,
        )
