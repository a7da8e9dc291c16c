"""Ship notices: how many of them came when the goods that they announce were here already.

    truck, counted --> notice       late: the dock could not plan for it
    notice --> truck                in time

A notice is late when of a line at least half of what it announces had come before it: booked
before, or with an earlier day of arrival at the dock. What came goes to the notices of its line in
the order in which they came, so that an over-delivery is not the next notice's. Source: P-07.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from manciple.intelligence.metrics.delivery import Arrival
from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.kernel.records import dataclass

LATE_NOTICE = "late-ship-notice-share"
AFTER = "after the goods"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A ship notice: one inbound shipment, and how much of which line it carries.

    Attributes:
        lines: line and quantity, in millionths of the base unit.
        day: on which it came, at the dock; None in what was kept before that was told.
    """

    notice: str
    at: int
    lines: tuple[tuple[str, int], ...]
    day: date | None = None

    def carries(self, line: str) -> int:
        """Say how much of a line it carries, in millionths of the base unit."""
        return sum(quantity for name, quantity in self.lines if name == line)

    def follows(self, arrival: Arrival) -> bool:
        """Say whether goods had come before it: booked by then, or on an earlier day."""
        return arrival.at <= self.at or (self.day is not None and arrival.day < self.day)


def facts_of_notices(
    whose: Fact, notices: Sequence[Notice], arrivals: Mapping[str, Sequence[Arrival]]
) -> Iterator[Fact]:
    """Give a fact for each ship notice of an order: whether it came after its goods.

    Args:
        whose: site, supplier and flow.
        notices: in the order in which they came.
        arrivals: by line, what came of it.
    """
    announced: dict[str, int] = {}
    for notice in notices:
        is_late = False
        for line, quantity in notice.lines:
            came = sum(x.quantity for x in arrivals.get(line, ()) if notice.follows(x))
            is_late |= 0 < quantity <= 2 * (came - announced.get(line, 0))
            announced[line] = announced.get(line, 0) + quantity
        yield whose._replace(
            metric=LATE_NOTICE, key=notice.notice, at=notice.at, state=FactState.DONE,
            value=int(is_late), reason=AFTER if is_late else "",
        )  # fmt: skip
