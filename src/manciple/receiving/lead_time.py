"""Lead times as they were: calendar days from the order to the day that completed the line.

    9, 9, 10, 12, 21 days     n = 5, median 10, 90th percentile 21
    3 or fewer in history     nothing is learned from so little: unknown

Percentiles are by nearest rank: the smallest value that at least that share of all do not exceed,
so every figure is one that happened.
Source: Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Protocol

from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger, Posting
from manciple.ordering.purchase_order import PurchaseOrder

FEWEST: Final = 4
"""Deliveries from which something is learned; fewer make no distribution."""
NEWEST: Final = 60
"""Deliveries that count, the newest: what a supplier did years ago says little of today."""
_MEDIAN, _HIGH, _WHOLE = 50, 90, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """How long one order line took, for the item and site under which this row lies.

    Attributes:
        days: calendar days from ``ordered_on`` to ``received_on``.
    """

    purchase_order: str
    line: str
    supplier: str
    ordered_on: date
    received_on: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """What the newest deliveries tell.

    Attributes:
        n: how many deliveries there were.
        median, high: days; None where there were too few.
    """

    n: int
    median: int | None = None
    high: int | None = None

    @property
    def is_known(self) -> bool:
        """Say whether there were enough."""
        return self.median is not None

    def expected(self, ordered_on: date) -> tuple[date, date] | None:
        """Give the days by which half, and by which nine of ten such orders were here."""
        if self.median is None or self.high is None:
            return None
        return ordered_on + timedelta(days=self.median), ordered_on + timedelta(days=self.high)


class LeadTimes(Protocol):
    """Reads how long lines took."""

    def of(self, keys: Sequence[str]) -> Mapping[str, tuple[LeadTime, ...]]:
        """Give the newest deliveries of each ``site:item``, newest first."""
        ...


def learned(deliveries: Iterable[LeadTime]) -> Learned:
    """Say what deliveries tell; a line that was completed twice counts once, the first time."""
    days = sorted(each.days for each in first_completed(deliveries))
    if len(days) < FEWEST:
        return Learned(n=len(days))
    return Learned(n=len(days), median=_rank(days, _MEDIAN), high=_rank(days, _HIGH))


def first_completed(deliveries: Iterable[LeadTime]) -> tuple[LeadTime, ...]:
    """Give each order line's delivery once: that by which it was first complete."""
    first: dict[tuple[str, str], LeadTime] = {}
    for each in sorted(deliveries, key=lambda each: each.received_on):
        first.setdefault((each.purchase_order, each.line), each)
    return tuple(first.values())


def _rank(ordered: Sequence[int], percent: int) -> int:
    """Give the value of the nearest rank: the ``percent``-th of a hundred, rounded up."""
    return ordered[max(0, -(-percent * len(ordered) // _WHOLE) - 1)]


def completed(
    order: PurchaseOrder,
    before: Mapping[str, LineLedger],
    postings: Iterable[Posting],
    *,
    received: date,
) -> tuple[tuple[str, LeadTime], ...]:
    """Give item and lead time of each line of which a receipt brought the last open piece.

    A line on which another item came tells nothing about the one that was ordered.
    """
    after = dict(before)
    for posting in postings:
        after[posting.line] = after[posting.line].post(posting)
    found = []
    for line in order.lines:
        was, now = before.get(line.number), after.get(line.number)
        if was is None or now is None or not was.open_to_receive or now.open_to_receive:
            continue
        if any(posting.item is not None for posting in now.postings):
            continue
        took = LeadTime(
            purchase_order=order.id,
            line=line.number,
            supplier=order.supplier,
            ordered_on=order.ordered_on,
            received_on=received,
            days=max(0, (received - order.ordered_on).days),
        )
        found.append((line.item, took))
    return tuple(found)
