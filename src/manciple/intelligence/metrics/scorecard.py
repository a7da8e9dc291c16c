"""A supplier's scorecard: the same metrics as everywhere, over the lines of one supplier.

With fewer lines than it takes to say anything there is no score, only how many lines there are:
two lines, both late, are no rate of 100 %.
"""

from collections.abc import Mapping
from decimal import Decimal

from manciple.intelligence.metrics import order, registry
from manciple.intelligence.metrics.figure import (
    By,
    Freshness,
    Metrics,
    Number,
    Question,
    Reading,
)
from manciple.intelligence.metrics.period import Period
from manciple.intelligence.metrics.ship_notice import LATE_NOTICE
from manciple.kernel.records import dataclass
from manciple.runtime.queries import EVERYTHING, Scope

ENOUGH = 10
"""Lines below which nothing is said of a supplier."""
NOT_ENOUGH = "not enough data"
_METRICS = (order.OTIF, order.FILL, order.LATENCY, order.PARTIAL, LATE_NOTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One line of a scorecard.

    Attributes:
        value: the headline; None when there are too few lines.
        standing: ``known``, or ``not enough data``.
        beside: what stands beside it: the 90th percentile, the share in time, sum over sum.
        open: what is not finished and so does not count yet.
    """

    metric: str
    variant: str
    name: str
    unit: str
    n: int
    standing: str
    value: Decimal | None
    beside: Mapping[str, Decimal]
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What can be said of one supplier in a period."""

    supplier: str
    period: str
    enough: int
    scores: tuple[Score, ...]
    freshness: Freshness


def scorecard(
    metrics: Metrics, supplier: str, period: Period, *, scope: Scope = EVERYTHING
) -> Scorecard:
    """Put a supplier's scorecard together from its figures.

    Args:
        metrics: gives the figures.
        supplier: whose lines count.
        period: the time that it is about.
        scope: whose facts the asker may see.
    """
    scores: list[Score] = []
    fresh = metrics.freshness(period.asked_at)
    for name in _METRICS:
        definition = registry.find(name)
        question = Question(
            definition=definition, period=period, scope=scope, only=((By.SUPPLIER, supplier),)
        )
        scores += _scores(metrics.read(question))
    return Scorecard(
        supplier=supplier,
        period=period.asked,
        enough=ENOUGH,
        scores=tuple(scores),
        freshness=fresh,
    )


def _scores(reading: Reading) -> list[Score]:
    definition = registry.find(reading.metric)
    names = {"": definition.name} | {
        each.id: f"{definition.name}, {each.name}" for each in definition.variants
    }
    return [
        _score(reading, variant, names[variant], number)
        for variant, numbers in reading.series.items()
        for number in numbers
    ]


def _score(reading: Reading, variant: str, name: str, number: Number) -> Score:
    is_enough = number.n >= ENOUGH
    beside = {
        "p90": number.p90,
        "share": number.share if number.median is not None else None,
        "weighted": number.weighted,
    }
    return Score(
        metric=reading.metric,
        variant=variant,
        name=name,
        unit=reading.unit,
        n=number.n,
        standing="known" if is_enough else NOT_ENOUGH,
        value=number.headline if is_enough else None,
        beside={key: value for key, value in beside.items() if is_enough and value is not None},
        open=number.censored,
    )
