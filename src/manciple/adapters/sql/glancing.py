"""Figures at a glance: from sums by day and hour, with only the facts of the hours that are cut.

A glance holds what pages show of many metrics at once: how many, median, 90th percentile, mean,
total and shares of the headline; not what is open, left out or restated, which `SqlMetrics.read`
tells. Each of its figures is equal to that of the whole answer.
"""

from collections.abc import Callable, Mapping, Sequence
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


def can_be_glanced(question: Question) -> bool:
    """Say whether sums tell what is asked: they know no reasons."""
    return question.by is not By.REASON and all(by is not By.REASON for by, _ in question.only)


def gathered(session: Session, questions: Sequence[Question]) -> list[dict[Any, Gathered]]:
    """Gather what counts of each question's headline, by group.

    Questions over one period, for one reader and by the same words are read together, whatever
    metric, site, supplier or flow each of them asks for.
    """
    found: list[dict[Any, Gathered]] = [{} for _ in questions]
    alike: dict[object, list[int]] = {}
    for place, question in enumerate(questions):
        period, columns = question.period, tuple(by for by, _ in question.only)
        key = (period.start, period.until, question.scope, question.by, columns)
        alike.setdefault(key, []).append(place)
    for places in alike.values():
        _gather(session, [(questions[place], found[place]) for place in places])
    return found


def _gather(session: Session, asked: Sequence[tuple[Question, dict[Any, Gathered]]]) -> None:
    """Read for questions that differ in metric and in the values of their columns alone."""
    first = asked[0][0]
    columns = [by.value for by, _ in first.only]
    groups: dict[tuple[str, ...], list[dict[Any, Gathered]]] = {}
    for question, into in asked:
        name = (question.definition.id, *(value for _, value in question.only))
        groups.setdefault(name, []).append(into)
    where, values = "", list[object]()
    if first.scope.supplier is not None:
        where = " and supplier = ?"
        values.append(first.scope.supplier)
    if first.scope.sites is not None:
        where += f" and {session.among('site')}"
        values.append(session.keys(first.scope.sites))
    for place, column in enumerate(columns, start=1):
        where += f" and {session.among(column)}"
        values.append(session.keys(sorted({name[place] for name in groups})))
    metrics = sorted({name[0] for name in groups})
    is_whole = not where and first.by in _SUMMED
    group_of = _BY[first.by]
    for piece in sums.pieces(first.period.start, first.period.until, whole=is_whole):
        read = sums.facts if piece.source == "fact" else sums.read
        for key, each in read(session, metrics, piece, where, values):
            name = (key.metric, *(getattr(key, column) for column in columns))
            for into in groups.get(name, ()):
                group = into.setdefault(group_of(key), Gathered())
                group.n += each.n
                group.total += each.total
                group.part += each.part
                group.whole += each.whole
                group.units.add(key.unit)
                group.values.extend(each.spread)
