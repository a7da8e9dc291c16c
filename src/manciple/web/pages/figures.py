"""Figures as pages read them: one over many facts is kept for a while, see `kept`."""

from dataclasses import dataclass
from datetime import datetime

from manciple.app.kept import Kept
from manciple.intelligence.metrics.definition import Definition
from manciple.intelligence.metrics.figure import (
    FactRow,
    Freshness,
    Glance,
    Metrics,
    Question,
    Reading,
    RestatementRow,
)
from manciple.runtime.queries import Page, Scope


@dataclass(slots=True)
class Figures:
    """Metrics whose large figures are kept, as one page reads them.

    Attributes:
        oldest: of when the oldest figure is that was given; None before the first.
    """

    metrics: Metrics
    kept: Kept
    oldest: datetime | None = None

    def read(self, question: Question) -> Reading:
        """Answer a question, or give the answer to the same one of some seconds ago.

        Periods of the same words are the same: they are told from each other by less than that.
        """
        definition, when = question.definition, question.period
        key = (
            "figure", definition.id, definition.version, question.by, question.scope,
            question.only, when.asked,
        )  # fmt: skip
        aged = self.kept.of(key, when.asked_at, lambda: self.metrics.read(question), _facts_behind)
        self.oldest = min(self.oldest or aged.at, aged.at)
        return aged.value

    def glance(self, *questions: Question) -> tuple[Glance, ...]:
        """Give headlines as they are now: that reads sums, however many facts there are."""
        return self.metrics.glance(*questions)

    def facts(
        self, question: Question, *, series: str, state: str, after: str | None, limit: int
    ) -> Page[FactRow]:
        """Give the facts behind a figure, as they are now."""
        return self.metrics.facts(question, series=series, state=state, after=after, limit=limit)

    def restatements(
        self, definition: Definition, *, after: str | None, limit: int, scope: Scope
    ) -> Page[RestatementRow]:
        """Give what was restated."""
        return self.metrics.restatements(definition, after=after, limit=limit, scope=scope)

    def open_by_reason(self, definition: Definition, scope: Scope) -> tuple[tuple[str, int], ...]:
        """Count what is open, as it is now."""
        return self.metrics.open_by_reason(definition, scope)

    def freshness(self, now: datetime) -> Freshness:
        """Say how far the figures are behind."""
        return self.metrics.freshness(now)


def _facts_behind(reading: Reading) -> int:
    return sum(each.n + each.censored for numbers in reading.series.values() for each in numbers)
