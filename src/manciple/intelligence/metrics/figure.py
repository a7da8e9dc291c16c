"""Figures: numbers over facts. Of nothing there is no figure: it says so, and is never zero.

Percentiles interpolate linearly between the closest ranks (Hyndman and Fan's type 7); the median
is the 50th. Everything is reckoned exactly and rounded once, half away from zero, to be shown.
Source: Hyndman, Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50
(1996), definition 7; domain rules 4.7 B, common.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum, auto
from fractions import Fraction
from typing import Protocol

from manciple.intelligence.metrics.definition import Definition
from manciple.intelligence.metrics.period import Period
from manciple.kernel.records import dataclass
from manciple.runtime.queries import EVERYTHING, Page, Scope

HOUR = 3_600_000_000
DAY = 24 * HOUR
BUCKETS: tuple[tuple[str, int | None], ...] = (
    ("(0,1]", 1), ("(1,3]", 3), ("(3,7]", 7), ("(7,14]", 14), ("(14,..)", None),
)  # fmt: skip
"""Ages of open work, in days: above the first, up to and with the second. Source: 4.7 B, aging."""


class By(StrEnum):
    """What figures can be taken apart by."""

    SITE = auto()
    SUPPLIER = auto()
    FLOW = auto()
    REASON = auto()
    DAY = auto()
    WEEK = auto()


class Standing(StrEnum):
    """Whether a figure can be told."""

    KNOWN = auto()
    NO_DATA = "no data"
    """Nothing in the period counts: that is not zero."""
    UNKNOWN = auto()
    """The history does not record what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How far the figures are behind what happened.

    Attributes:
        sealed: newest event with a place in the one sequence; 0 when there is none.
        followed: newest event that the figures know.
        behind: how old the oldest event is that they do not know; zero when they know all.
    """

    sealed: int
    followed: int
    behind: timedelta

    @property
    def is_current(self) -> bool:
        """Say whether they know every event that there is."""
        return not self.behind and self.sealed == self.followed


@dataclass(frozen=True, slots=True)
class Bucket:
    """How much open work is of such an age, ``(1,3]`` business days."""

    days: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One series of a metric over one group.

    Attributes:
        group: the site, supplier, flow or day; empty for all together.
        n: how many facts count.
        median, p90: in the metric's unit, for durations and closed ages.
        mean: of durations; or the mean of the lines' own rates, in percent.
        total: the sum, in the metric's unit; None where units differ.
        share: in percent: of facts that pass; for latency, of those within the time allowed.
        weighted: in percent by value or quantity: sum over sum; None where units differ.
        open_hours: of durations, the median in open hours of the place.
        elapsed_days: of ages, the median in elapsed days, 24x7.
        censored: how many are open: started before the period's end and not finished.
        estimate: the Kaplan-Meier median, which takes the open ones into account.
        excluded: how many were left out, by reason.
        buckets: of open work by its age, for aging.
    """

    group: str
    n: int
    standing: Standing
    median: Decimal | None = None
    p90: Decimal | None = None
    mean: Decimal | None = None
    total: Decimal | None = None
    share: Decimal | None = None
    weighted: Decimal | None = None
    open_hours: Decimal | None = None
    elapsed_days: Decimal | None = None
    censored: int = 0
    estimate: Decimal | None = None
    excluded: Mapping[str, int] = field(default_factory=dict)
    buckets: tuple[Bucket, ...] = ()

    @property
    def headline(self) -> Decimal | None:
        """Give the one number by which the metric is known; None when it can't be told."""
        return next(
            (
                each
                for each in (self.median, self.share, self.mean, self.total)
                if each is not None
            ),
            None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The answer to one question about one metric.

    Attributes:
        series: by variant id, the headline's under the empty one: figures by group, sorted.
    """

    metric: str
    version: int
    unit: str
    standing: Standing
    missing: tuple[str, ...]
    period: str
    start: datetime
    end: datetime
    by: By | None
    series: Mapping[str, tuple[Number, ...]]
    restatements: int
    freshness: Freshness


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A metric's headline alone, in little time: what counts, not what is open or left out.

    Attributes:
        numbers: figures by group, sorted; ages without those in elapsed days, durations without
            those in open hours.
    """

    unit: str
    standing: Standing
    missing: tuple[str, ...]
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact as a person drills down to it.

    Attributes:
        sequence: of the event that made it what it is.
        value: in the metric's unit; 1 or 0 for a share.
    """

    metric: str
    key: str
    state: str
    opened_at: datetime | None
    at: datetime | None
    value: Decimal | None
    part: Decimal | None
    whole: Decimal | None
    unit: str
    site: str
    supplier: str
    flow: str
    reason: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestatementRow:
    """A day that was over and has another figure now: which fact, and which event did it."""

    metric: str
    key: str
    day: date
    old: Decimal | None
    new: Decimal | None
    event: str
    sequence: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a metric.

    Attributes:
        scope: whose facts the asker may see.
        only: facts of this site, supplier, flow or reason alone.
    """

    definition: Definition
    period: Period
    by: By | None = None
    scope: Scope = EVERYTHING
    only: tuple[tuple[By, str], ...] = ()


class Metrics(Protocol):
    """Who gives figures: pages, the API and commands read through this."""

    def read(self, question: Question) -> Reading:
        """Answer a question about a metric."""
        ...

    def glance(self, *questions: Question) -> tuple[Glance, ...]:
        """Give metrics' headlines alone; every figure is that of the whole answer.

        What is asked together is read together: a page asks for all that it shows at once.
        """
        ...

    def facts(
        self, question: Question, *, series: str, state: str, after: str | None, limit: int
    ) -> Page[FactRow]:
        """Give the facts behind a figure: the newest first, open ones by age."""
        ...

    def restatements(
        self, definition: Definition, *, after: str | None, limit: int, scope: Scope
    ) -> Page[RestatementRow]:
        """Give what was restated, newest first."""
        ...

    def open_by_reason(self, definition: Definition, scope: Scope) -> tuple[tuple[str, int], ...]:
        """Count what is open by the word that tells it apart, the most first."""
        ...

    def freshness(self, now: datetime) -> Freshness:
        """Say how far the figures are behind."""
        ...


# ---- arithmetic -------------------------------------------------------------------------------


def percentile(ordered: Sequence[int], percent: int) -> Fraction | None:
    """Give a percentile of values in ascending order; None of nothing."""
    ranks = ranks_of(len(ordered), percent)
    if ranks is None:
        return None
    low, high, share = ranks
    return between(ordered[low - 1], ordered[high - 1], share)


def ranks_of(n: int, percent: int) -> tuple[int, int, Fraction] | None:
    """Give the two closest ranks, from 1, and how far between them the percentile lies.

    >>> ranks_of(4, 50)
    (2, 3, Fraction(1, 2))
    """
    if n <= 0:
        return None
    place = Fraction((n - 1) * percent, 100)
    low = place.numerator // place.denominator
    return low + 1, min(low + 2, n), place - low


def between(low: int, high: int, share: Fraction) -> Fraction:
    """Give the value that lies so far between two others."""
    return low + (high - low) * share


def shown(value: Fraction | int | None, *, unit: int = 1, places: int = 2) -> Decimal | None:
    """Round a value once, to be shown; half away from zero."""
    if value is None:
        return None
    exact = Fraction(value) / unit
    with localcontext() as context:
        context.prec = 60
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(
            Decimal(1).scaleb(-places), ROUND_HALF_UP
        )


def share_of(part: int, whole: int) -> Decimal | None:
    """Give a share in percent; None of nothing."""
    return shown(Fraction(part * 100, whole)) if whole else None


def survival_median(waits: Iterable[tuple[int, bool]], n: int) -> int | None:
    """Give the Kaplan-Meier median: the first wait by which half are done; None if none is.

    Args:
        waits: how long each took, ascending, and whether it is done; of the same length the done
            ones come first. It is read no further than needed.
        n: how many there are.

    Source: Kaplan, Meier, "Nonparametric Estimation from Incomplete Observations", Journal of the
    American Statistical Association 53 (1958).
    """
    with localcontext() as context:
        context.prec = 50
        half = Decimal("0.5") + Decimal(1).scaleb(-40)
        left, surviving = n, Decimal(1)
        for wait, is_done in waits:
            if is_done:
                surviving = surviving * (left - 1) / left
                if surviving <= half:
                    return wait
            left -= 1
    return None


def bucket_of(age: int) -> str:
    """Give the bucket of an age in microseconds; the upper bound belongs to the bucket."""
    for name, most in BUCKETS:
        if most is None or age <= most * DAY:
            return name
    raise AssertionError("the last bucket has no upper bound")
