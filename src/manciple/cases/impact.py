"""The order of the queue: what an exception endangers, per minute of work.

    impact = (stock-out + customers + discount) / minutes of work           in points a minute
    stock-out   100 points when stock is out today, none at 14 days or more, evenly between
    customers   25 points for each customer order that waits, 1 more for each 100 of their value
    discount    1 point for each 10 of early payment discount that is about to be lost

The numbers are policy (``service_impact``). A term that nobody can tell is unknown and stays so;
it is not zero. To place the line all the same it counts as the mean of that term over the lines
where it is known, so that not knowing lifts nobody and sinks nobody; where it is known for no
line, it takes no part. The line says which of its terms were counted so.

Equal impact: the earlier due time first, then the older, then the id. Everything is exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum, auto
from fractions import Fraction
from functools import lru_cache

from manciple.kernel.errors import MancipleError
from manciple.kernel.money import Currency, Money
from manciple.kernel.records import dataclass


class Order(StrEnum):
    """In what order a queue is worked."""

    IMPACT = auto()
    OLDEST = auto()
    DUE = auto()


class Term(StrEnum):
    """What an exception may endanger."""

    STOCK_OUT = auto()
    CUSTOMERS = auto()
    DISCOUNT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each danger weighs.

    Attributes:
        stock_out: points when stock is out now.
        horizon: days to the stock-out at and above which there is no danger; above zero.
        customer_order: points for each customer order that waits.
        customer_value: how much of their value is one point; above zero.
        discount: how much discount is one point; above zero.
        currency: of the two; money of another currency is not known here.
    """

    stock_out: Decimal
    horizon: Decimal
    customer_order: Decimal
    customer_value: Decimal
    discount: Decimal
    currency: Currency


_NOTHING = Fraction()


class NeverType:
    """The time to a stock-out of what nobody needs."""

    def __str__(self) -> str:
        return "never"


NEVER = NeverType()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """What is known of one exception's danger. None: nobody can tell.

    Attributes:
        minutes: the work that it usually takes; above zero.
        days_to_stock_out: days until the stock of what it concerns runs out; NEVER when it does
            not run out, 0 or less when it has.
        customer_orders: how many wait for it; ``customer_value`` what they are worth.
        discount: what is lost if it is not settled in time.
        unknown: for a term that nobody can tell, why: which adapter is missing.
        notes: for a term, what else the reader should know.
    """

    case: str
    opened_at: datetime
    due_at: datetime
    minutes: Decimal
    days_to_stock_out: Fraction | NeverType | None = None
    customer_orders: int | None = None
    customer_value: Money | None = None
    discount: Money | None = None
    unknown: Mapping[Term, str]
    notes: Mapping[Term, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One term of one exception.

    Attributes:
        points: what it weighs; None when nobody can tell.
        counted: what it is counted as in the order; the points where they are known.
        why: in words.
    """

    term: Term
    points: Fraction | None
    counted: Fraction
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An exception in the queue, with the reasons of its place."""

    stake: Stake
    terms: tuple[Weighed, ...]

    @property
    def points(self) -> Fraction:
        """Give the sum of what its terms are counted as."""
        told = [each.counted for each in self.terms if each.counted]
        return sum(told[1:], told[0]) if told else _NOTHING

    @property
    def impact(self) -> Fraction:
        """Give its points for a minute of work."""
        points = self.points
        return points / Fraction(self.stake.minutes) if points else points

    @property
    def why(self) -> tuple[str, ...]:
        """Say why it stands where it stands."""
        each = tuple(term.why for term in self.terms)
        return (*each, f"{shown(self.points)} points in {self.stake.minutes:f} minutes of work")


class WeightsError(MancipleError):
    """Weights by which nothing can be weighed."""


def ranked(
    stakes: Iterable[Stake], weights: Weights, order: Order = Order.IMPACT
) -> tuple[Ranked, ...]:
    """Put exceptions in order, the one to be worked first at the head; a pure function.

    Raises:
        WeightsError: a weight that divides is not above zero.
    """
    for name in ("horizon", "customer_value", "discount"):
        if getattr(weights, name) <= 0:
            raise WeightsError(f"{name} is {getattr(weights, name)}: above zero is wanted")
    known = tuple(stakes)
    rows = [_weigh(stake, weights) for stake in known]
    means = {term: _mean([row[term][0] for row in rows]) for term in Term}
    lines = tuple(
        Ranked(
            stake=stake,
            terms=tuple(_counted(term, *row[term], means[term]) for term in Term),
        )
        for stake, row in zip(known, rows, strict=True)
    )
    return tuple(sorted(lines, key=lambda line: _key(line, order)))


def _key(line: Ranked, order: Order) -> tuple[object, ...]:
    stake = line.stake
    due = (stake.due_at, stake.opened_at, stake.case)
    match order:
        case Order.IMPACT:
            # Floats are ordered as what they stand for, and compare fast; equal ones exactly.
            impact = line.impact
            return (-float(impact), -impact if impact else 0, *due)
        case Order.OLDEST:
            return (stake.opened_at, stake.case)
        case Order.DUE:
            return due


_Told = tuple[Fraction | None, str]


def _weigh(stake: Stake, weights: Weights) -> dict[Term, _Told]:
    told = {
        Term.STOCK_OUT: _stock_out(stake, weights),
        Term.CUSTOMERS: _customers(stake, weights),
        Term.DISCOUNT: _discount(stake, weights),
    }
    return {
        term: (points, f"{text} ({stake.notes[term]})" if term in stake.notes else text)
        for term, (points, text) in told.items()
    }


def _stock_out(stake: Stake, weights: Weights) -> _Told:
    days = stake.days_to_stock_out
    if days is None:
        return _unknown(stake, Term.STOCK_OUT)
    if isinstance(days, NeverType):
        return Fraction(), "stock does not run out: 0 points"
    horizon = Fraction(weights.horizon)
    danger = min(max(horizon - days, Fraction()), horizon) / horizon
    points = Fraction(weights.stock_out) * danger
    return points, f"stock lasts {shown(days)} days: {shown(points)} points"


def _customers(stake: Stake, weights: Weights) -> _Told:
    orders, value = stake.customer_orders, stake.customer_value
    if orders is None:
        return _unknown(stake, Term.CUSTOMERS)
    points = Fraction(weights.customer_order) * orders
    text = f"{orders} customer orders wait"
    if value is not None and value.currency is weights.currency:
        points += Fraction(value.amount) / Fraction(weights.customer_value)
        text += f", worth {value}"
    elif value is not None:
        text += f", worth {value} (no rate to {weights.currency.value}, not counted)"
    return points, f"{text}: {shown(points)} points"


def _discount(stake: Stake, weights: Weights) -> _Told:
    lost = stake.discount
    if lost is None:
        return _unknown(stake, Term.DISCOUNT)
    if lost.currency is not weights.currency and lost.amount:
        return None, f"discount at risk {lost}: unknown, no rate to {weights.currency.value}"
    return _lost(lost, weights.discount)


@lru_cache(maxsize=4096)
def _lost(lost: Money, weight: Decimal) -> _Told:
    points = Fraction(lost.amount) / Fraction(weight)
    return points, f"discount at risk {lost}: {shown(points)} points"


_NAMES = {
    Term.STOCK_OUT: "days to stock-out",
    Term.CUSTOMERS: "customer orders at risk",
    Term.DISCOUNT: "discount at risk",
}


def _unknown(stake: Stake, term: Term) -> _Told:
    return None, f"{_NAMES[term]}: unknown, {stake.unknown.get(term, 'nobody told')}"


def _mean(points: Sequence[Fraction | None]) -> Fraction | None:
    told = [each for each in points if each is not None]
    return sum(told, Fraction()) / len(told) if told else None


def _counted(term: Term, points: Fraction | None, text: str, mean: Fraction | None) -> Weighed:
    if points is not None:
        return Weighed(term=term, points=points, counted=points, why=text)
    if mean is None:
        why = f"{text}; known for no exception here, so it takes no part"
        return Weighed(term=term, points=None, counted=Fraction(), why=why)
    why = f"{text}; counted as the mean of those known, {shown(mean)} points"
    return Weighed(term=term, points=None, counted=mean, why=why)


def shown(number: Fraction) -> str:
    """Write a number for people, at most two places, rounded half up."""
    if not number:
        return "0"
    scaled = abs(number) * 100 + Fraction(1, 2)
    text = f"{Decimal(scaled.numerator // scaled.denominator) / 100:.2f}".rstrip("0").rstrip(".")
    return f"-{text}" if number < 0 and text != "0" else text
