"""Numbers over recomputed facts, each by the plainest way that there is: exact fractions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.intelligence.recompute.hours import DAY

HOUR = DAY // 24
GROUPS = ("", "site", "supplier", "flow", "reason", "day", "week")
"""What the figures are taken apart by; the first is all together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that counts (``at`` is set), waits (``is_open``), or is left out."""

    series: str
    key: str
    at: int | None = None
    opened: int | None = None
    is_open: bool = False
    is_out: bool = False
    value: Fraction | None = None
    business: int | None = None
    part: Fraction | None = None
    whole: Fraction | None = None
    unit: str = ""
    site: str = ""
    supplier: str = ""
    flow: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What is compared with the projection's number of the same group."""

    n: int
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
    buckets: tuple[int, ...] = ()


def rounded(value: Fraction | None) -> Decimal | None:
    """Give two decimals, half away from zero."""
    if value is None:
        return None
    cents = abs(value) * 100
    whole = cents.numerator // cents.denominator
    whole += cents - whole >= Fraction(1, 2)
    return Decimal(whole if value >= 0 else -whole).scaleb(-2)


def quantile(values: Iterable[Fraction | int], percent: int) -> Fraction | None:
    """Give a percentile between the closest ranks. Source: Hyndman and Fan 1996, definition 7."""
    ordered = sorted(Fraction(value) for value in values)
    if not ordered:
        return None
    place = Fraction(percent * (len(ordered) - 1), 100)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def kaplan_meier(done: list[int], waiting: list[int]) -> int | None:
    """Give the first wait by which half are done, with those who wait still at risk until now."""
    surviving = Fraction(1)
    for wait in sorted(set(done)):
        at_risk = sum(each >= wait for each in done) + sum(each >= wait for each in waiting)
        surviving *= 1 - Fraction(done.count(wait), at_risk)
        if surviving <= Fraction(1, 2):
            return wait
    return None


def _group(fact: Fact, by: str) -> str:
    if by == "":
        return ""
    if by not in {"day", "week"}:
        return str(getattr(fact, by))
    assert fact.at is not None
    on = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=fact.at)).date()
    return (on if by == "day" else on - timedelta(days=on.weekday())).isoformat()


def figures(
    facts: Iterable[Fact], *, by: str, until: int, measure: str, age: Callable[[Fact], int]
) -> dict[str, Figure]:
    """Give the figure of each group, of everything before ``until``; ages are of that instant."""
    kept: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        is_over = fact.at is not None and fact.at < until
        if not is_over and (by in {"day", "week"} or measure not in {"duration", "age"}):
            continue
        if is_over or (fact.opened is not None and fact.opened < until):
            kept[_group(fact, by)].append(fact)
    if by == "" and not kept:
        kept[""] = []
    return {
        name: _figure(group, until=until, measure=measure, age=age)
        for name, group in sorted(kept.items())
    }


def _figure(group: list[Fact], *, until: int, measure: str, age: Callable[[Fact], int]) -> Figure:
    out: dict[str, int] = defaultdict(int)
    for fact in group:
        if fact.is_out and fact.at is not None and fact.at < until:
            out[fact.reason] += 1
    done = [f for f in group if not f.is_out and f.at is not None and f.at < until]
    waiting = [f for f in group if not f.is_out and (f.at is None or f.at >= until)]
    told: dict[str, Any] = {"n": len(done), "excluded": dict(sorted(out.items()))}
    values = [fact.value for fact in done if fact.value is not None]
    business = [fact.business for fact in done if fact.business is not None]
    parts = sum((f.part for f in done if f.part is not None), Fraction(0))
    wholes = sum((f.whole for f in done if f.whole is not None), Fraction(0))
    is_one_unit = len({fact.unit for fact in done}) == 1
    weighted = rounded(100 * parts / wholes) if wholes and is_one_unit else None
    if measure == "duration":
        told["censored"] = len(waiting)
        if waiting:
            ages = [until - fact.opened for fact in waiting if fact.opened is not None]
            middle = kaplan_meier([int(value) for value in values], ages)
            told["estimate"] = None if middle is None else rounded(Fraction(middle, HOUR))
        if done:
            told["median"] = _scaled(quantile(values, 50), HOUR)
            told["p90"] = _scaled(quantile(values, 90), HOUR)
            told["mean"] = rounded(sum(values, Fraction(0)) / len(values) / HOUR)
            told["open_hours"] = _scaled(quantile(business, 50), HOUR)
            told["share"] = rounded(100 * parts / wholes) if wholes else None
    elif measure == "age":
        told["censored"] = len(waiting)
        buckets = [0] * 5
        for fact in waiting:
            buckets[sum(age(fact) > days * DAY for days in (1, 3, 7, 14))] += 1
        told["buckets"] = tuple(buckets)
        if done:
            told["median"] = _scaled(quantile(business, 50), DAY)
            told["p90"] = _scaled(quantile(business, 90), DAY)
            told["elapsed_days"] = _scaled(quantile(values, 50), DAY)
    elif measure == "share" and done:
        told["share"] = rounded(100 * sum(values, Fraction(0)) / len(done))
        told["weighted"] = weighted
    elif measure == "rate" and done:
        told["mean"] = rounded(100 * sum(values, Fraction(0)) / len(done))
        told["weighted"] = weighted
    elif measure == "ratio" and done and is_one_unit:
        told["share"] = rounded(100 * parts / wholes) if wholes > 0 else None
    elif measure == "total" and done and is_one_unit:
        told["total"] = rounded(sum(values, Fraction(0)))
    return Figure(**told)


def _scaled(value: Fraction | None, unit: int) -> Decimal | None:
    return None if value is None else rounded(value / unit)
