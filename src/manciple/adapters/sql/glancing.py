"""Figures at a glance: from sums by day and hour, with only the facts of the hours that are cut.

A glance holds what pages show of many metrics at once: how many, median, 90th percentile, mean,
total and shares of the headline; not what is open, left out or restated, which `SqlMetrics.read`
tells. Each of its figures is equal to that of the whole answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from manciple.adapters.sql import sums
from manciple.adapters.sql.engine import Session
from manciple.intelligence.metrics.fact import DAY
from manciple.intelligence.metrics.figure import By, Question, ranks_of
from manciple.kernel.records import dataclass

_MEDIAN, _P90 = 50, 90
_SUMMED = frozenset({None, By.DAY, By.WEEK})
_BY: Mapping[By | None, Callable[[sums.Key], object]] = {
    None: lambda _: "",
    By.SITE: lambda key: key.site,
    By.SUPPLIER: lambda key: key.supplier,
    By.FLOW: lambda key: key.flow,
    By.DAY: lambda key: key.start // DAY,
    By.WEEK: lambda key: (key.start // DAY + 3) // 7,
}
"""What a sum is counted under; day 0, 1970-01-01, was a Thursday."""


@dataclass(slots=True)
class Gathered:
    """What the sums and facts of one group come to."""

    n: int = 0
    total: int = 0
    part: int = 0
    whole: int = 0
    units: set[str] = field(default_factory=set)
    values: list[int] = field(default_factory=list)

    def ranked(self) -> tuple[dict[int, int], int]:
        """Give the values at the ranks that median and 90th percentile need, and of how many."""
        self.values.sort()  # of runs in ascending order: they are merged
        found: dict[int, int] = {}
        for percent in (_MEDIAN, _P90):
            low, high, _ = ranks_of(len(self.values), percent) or (0, 0, 0)
            for rank in (low, high):
                if rank:
                    found[rank] = self.values[rank - 1]
        return found, len(self.values)


def can_be_glanced(session: Session, question: Question) -> bool:
    """Say whether the sums are there and tell what is asked: they know no reasons."""
    is_by_reason = question.by is By.REASON or any(by is By.REASON for by, _ in question.only)
    return not is_by_reason and sums.is_made(session)


def gathered(session: Session, question: Question) -> dict[Any, Gathered]:
    """Gather what counts of a metric's headline, by group."""
    period, scope = question.period, question.scope
    where = ""
    values: list[object] = []
    if scope.supplier is not None:
        where = " and supplier = ?"
        values.append(scope.supplier)
    if scope.sites is not None:
        where += f" and {session.among('site')}"
        values.append(session.keys(scope.sites))
    for by, value in question.only:
        where += f" and {by.value} = ?"
        values.append(value)
    is_whole = not where and question.by in _SUMMED
    group_of = _BY[question.by]
    groups: dict[Any, Gathered] = {}
    for piece in sums.pieces(period.start, period.until, whole=is_whole):
        read = sums.facts if piece.source == "fact" else sums.read
        for key, each in read(session, question.definition.id, piece, where, values):
            group = groups.setdefault(group_of(key), Gathered())
            group.n += each.n
            group.total += each.total
            group.part += each.part
            group.whole += each.whole
            group.units.add(key.unit)
            group.values.extend(each.spread)
    return groups
