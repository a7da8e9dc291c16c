"""Chance that the same seed repeats, on any machine and under any PYTHONHASHSEED."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import TypeVar

T = TypeVar("T")


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
