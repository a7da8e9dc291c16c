"""A column of a decision table, cut into segments inside which no cell changes its mind.

    cells [0..250) and >= 5000   ->   < 0 | 0 | (0..250) | 250 | (250..5000) | 5000 | > 5000

Each segment knows, as bits, the rows that let it through. A decision is then one look-up a column,
and the linter, which walks over the segments, looks at every case there is.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from manciple.kernel.money import Money
from manciple.kernel.records import dataclass
from manciple.policy.conditions import AnyOf, Anything, Condition, Interval, NoneOf, Type, Value
from manciple.policy.ruling import PolicyError
from manciple.policy.table import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of a column inside which no cell changes its mind.

    Attributes:
        example: a value inside; None for "not stated".
        mask: the rows that let it through, the first row as bit 0.
        text: the segment for people: ``[250..5000)``, ``any other text``.
    """

    example: Value | None
    mask: int
    text: str


class Axis:
    """One input column, cut into segments."""

    def __init__(self, column: Column, cells: Sequence[Condition]) -> None:
        """Cut the column at every value that a cell names."""
        self.column = column
        self.segments: list[Segment | None] = []
        self._places: dict[Value | None, int] = {}
        self._cuts: list[Value] = []
        self._other: int | None = None
        named = {value for cell in cells for value in _named(cell)}
        match column.type:
            case Type.TEXT | Type.LIST:
                for value in column.values or sorted(map(str, named)):
                    self._add(cells, value, str(value))
                if not column.values:
                    self._other = len(self.segments)
                    self._add(cells, _unlike(named), f"any other {column.name}", place=False)
            case Type.BOOL:
                self._add(cells, True, "true")
                self._add(cells, False, "false")
            case Type.DECIMAL | Type.INT | Type.DATE:
                self._cut(cells, named)
        if column.optional:
            mask = sum(1 << row for row, cell in enumerate(cells) if isinstance(cell, Anything))
            self._places[None] = len(self.segments)
            self.segments.append(Segment(example=None, mask=mask, text="not stated"))

    def place(self, fact: object, table: str) -> tuple[int, Value | None]:
        """Give the segment that a fact lies in, and the fact as it is used.

        Raises:
            PolicyError: the fact is of another type, or outside the column's closed set.
        """
        if fact is None:
            if not self.column.optional:
                raise PolicyError(f"{table}: fact {self.column.name} is not stated")
            return self._places[None], None
        value = _typed_fact(self.column, fact, table)
        if self._cuts:
            right = bisect_left(self._cuts, value)
            at_cut = right < len(self._cuts) and self._cuts[right] == value
            return 2 * right + at_cut, value
        place = self._places.get(value, self._other)
        if place is None:
            wanted = ", ".join(map(str, self._places))
            raise PolicyError(f"{table}: {self.column.name} is {value!r}, one of {wanted} wanted")
        return place, value

    def _add(
        self, cells: Sequence[Condition], value: Value, text: str, *, place: bool = True
    ) -> None:
        """Append the segment that holds ``value``."""
        mask = sum(1 << row for row, cell in enumerate(cells) if cell.lets(value))
        if place:
            self._places[value] = len(self.segments)
        self.segments.append(Segment(example=value, mask=mask, text=text))

    def _cut(self, cells: Sequence[Condition], named: set[Value]) -> None:
        """Cut an ordered column: below, at and above each value named."""
        self._cuts = sorted(named)
        if not self._cuts:
            self._other = 0
            example: Value = date(2000, 1, 1) if self.column.type is Type.DATE else Decimal(0)
            self._add(cells, example, f"any {self.column.name}", place=False)
            return
        edges: list[Value | None] = [None, *self._cuts, None]
        for low, high in pairwise(edges):
            inside = _between(low, high)
            if inside is None:
                self.segments.append(None)
            else:
                self._add(cells, inside, str(Interval(low, high, False, False)), place=False)
            if high is not None:
                self._add(cells, high, str(AnyOf((high,))), place=False)


def _named(cell: Condition) -> tuple[Value, ...]:
    """Give the values that a cell names: where it can change its mind."""
    match cell:
        case Anything():
            return ()
        case AnyOf(values) | NoneOf(values):
            return values
        case Interval(low, high):
            return tuple(end for end in (low, high) if end is not None)


def _unlike(named: set[Value]) -> str:
    """Give a text that no cell names."""
    text = "any other"
    while text in named:
        text += "."
    return text


def _between(low: Value | None, high: Value | None) -> Value | None:
    """Give a value strictly between two, or beyond the one; None when there is none."""
    match low, high:
        case (Decimal(), Decimal()):
            between: Value = (low + high) / 2
        case (Decimal() | int(), None):
            between = low + 1
        case (None, Decimal() | int()):
            between = high - 1
        case (int(), int()):
            between = low + 1
        case (date(), _):
            between = low + timedelta(days=1)
        case (None, date()):
            between = high - timedelta(days=1)
        case _:
            return None
    return None if between == high else between


def _typed_fact(column: Column, fact: object, table: str) -> Value:
    """Give a fact as its column's type."""
    value = _read_fact(column, fact)
    if value is None:
        unit = f" in {column.unit}" if column.unit else ""
        raise PolicyError(f"{table}: {column.name} is {fact!r}, {column.type}{unit} wanted")
    return value


def _read_fact(column: Column, fact: object) -> Value | None:
    """Give a fact as its column's type; None when it is of another.

    A whole number may stand for a decimal, and money for a decimal in its own currency.
    """
    value: Value | None = None
    match column.type, fact:
        case Type.BOOL, bool():
            value = fact
        case Type.TEXT, str():
            value = str(fact)
        case Type.DECIMAL, Decimal() if fact.is_finite():
            value = fact
        case Type.DECIMAL, Money(amount, currency) if currency == column.unit:
            value = amount
        case Type.DECIMAL, int() if not isinstance(fact, bool):
            value = Decimal(fact)
        case Type.INT, int() if not isinstance(fact, bool):
            value = fact
        case Type.DATE, date() if not isinstance(fact, datetime):
            value = fact
    return value


def present(segment: Segment | None) -> Segment:
    """Give a segment that has values; a fact can never lie in one that has none."""
    assert segment is not None
    return segment
