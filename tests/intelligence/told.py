"""The figures that the program tells, as a table to hold a recomputation against."""

from datetime import datetime

from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.figure import By, Metrics, Number, Question
from manciple.intelligence.metrics.period import period
from tests.intelligence.recompute.figures import Figure
from tests.intelligence.recompute.whole import MEASURES, Table


def told(metrics: Metrics, *, now: datetime) -> Table:
    """Ask for every figure of every metric that is recomputed, in every group."""
    found: Table = {}
    asked = period("all", now=now)
    for definition in registry.DEFINITIONS:
        if definition.id not in MEASURES:
            continue
        for by in (None, *By):
            reading = metrics.read(Question(definition=definition, period=asked, by=by))
            for variant, numbers in reading.series.items():
                series = f"{definition.id}/{variant}" if variant else definition.id
                for number in numbers:
                    found[series, by or "", number.group] = figure(number)
    return found


def figure(number: Number) -> Figure:
    """Give a number of the program in the words of the recomputation."""
    return Figure(
        n=number.n,
        median=number.median,
        p90=number.p90,
        mean=number.mean,
        total=number.total,
        share=number.share,
        weighted=number.weighted,
        open_hours=number.open_hours,
        elapsed_days=number.elapsed_days,
        censored=number.censored,
        estimate=number.estimate,
        excluded=dict(number.excluded),
        buckets=tuple(bucket.count for bucket in number.buckets),
    )
