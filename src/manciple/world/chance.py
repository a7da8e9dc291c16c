"""Chance that the same seed repeats, on any machine and under any PYTHONHASHSEED."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from math import exp, log
from random import Random
from typing import TypeVar

T = TypeVar("T")
_Z90 = 1.2815515655446004
"""The 90th percentile of the standard normal distribution."""


class Chance:
    """A stream of chances for one named thing; two things never share a stream."""

    def __init__(self, seed: int, *names: object) -> None:
        """Start the stream. A text seed does not depend on PYTHONHASHSEED."""
        self._random = Random(":".join(str(part) for part in (seed, *names)))  # noqa: S311

    def happens(self, percent: int) -> bool:
        """Say whether something with this many chances in a hundred happens."""
        return self._random.randrange(100) < percent

    def between(self, low: int, high: int) -> int:
        """Give a whole number from ``low`` to ``high``, both inclusive."""
        return self._random.randint(low, high)

    def one_of(self, things: Sequence[T]) -> T:
        """Give one of these things."""
        return things[self._random.randrange(len(things))]

    def some_of(self, things: Sequence[T], count: int) -> list[T]:
        """Give so many different things, in chance's order."""
        return self._random.sample(list(things), min(count, len(things)))

    def weighted(self, things: Sequence[T], weights: Sequence[int]) -> T:
        """Give one of these things, by weight."""
        return self._random.choices(things, weights)[0]

    def cents(self, low: int, high: int) -> Decimal:
        """Give an amount from ``low`` to ``high`` cents."""
        return Decimal(self._random.randint(low, high)).scaleb(-2)

    def poisson(self, hundredths: int) -> int:
        """Give how many things happen in a time in which so many hundredths do on average."""
        bound, product, count = exp(-hundredths / 100), self._random.random(), 0
        while product > bound:
            product *= self._random.random()
            count += 1
        return count

    def span(self, median: timedelta, p90: timedelta) -> timedelta:
        """Give a lognormal time by its median and its 90th percentile, in whole minutes."""
        middle = median / timedelta(minutes=1)
        spread = log(p90 / median) / _Z90
        minutes = middle * exp(spread * self._random.gauss(0.0, 1.0))
        return timedelta(minutes=max(1, round(minutes)))
