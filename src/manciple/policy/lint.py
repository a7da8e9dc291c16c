"""The linter: what a decision table forgets, says twice, or can never say.

It walks over every combination of the columns' segments, so a gap can't hide between two rows:

    gap           no row speaks                               example and the whole range
    overlap       two rows of a unique table speak at once    both rows
    shadowed      a row that can never speak                  the rows that speak before it
    amount-ends   an amount band that is not half-open        write [250..5000)
"""

from collections.abc import Iterable
from enum import StrEnum
from itertools import product
from math import prod
from typing import TypeAlias

from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass
from manciple.policy.conditions import Interval, Type, Value, shown
from manciple.policy.evaluate import CompiledTable
from manciple.policy.segments import Axis, Segment
from manciple.policy.table import Column, DecisionTable, Hit

_WIDEST = 2_000_000
"""Combinations that are looked at; a wider table is itself a finding."""


class Rule(StrEnum):
    """What the linter looks for."""

    GAP = "gap"
    OVERLAP = "overlap"
    SHADOWED = "shadowed"
    AMOUNT_ENDS = "amount-ends"
    TOO_WIDE = "too-wide"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong with what a table says.

    Attributes:
        rows: the rows at fault; none for a gap.
        where: the range in which it is wrong: ``amount: [250..5000); site: any other site``.
        example: facts that show it, by column, as a cell writes them.
    """

    table: str
    version: str
    rule: Rule
    rows: tuple[str, ...] = ()
    where: str = ""
    example: tuple[tuple[str, str], ...] = ()
    message: str

    def __str__(self) -> str:
        return f"{self.table} {self.version}: {self.message}"


_Places: TypeAlias = tuple[int, ...]
_Box: TypeAlias = tuple[frozenset[int], ...]


def lint(table: DecisionTable) -> tuple[Finding, ...]:
    """Give everything that is wrong with what the table says; nothing when it is clean."""
    return _Linter(CompiledTable(table)).findings()


class _Linter:
    """Looks at one table."""

    def __init__(self, compiled: CompiledTable) -> None:
        self.compiled = compiled
        self.table = compiled.table
        self.open = tuple(_within(axis) for axis in compiled.axes)

    def findings(self) -> tuple[Finding, ...]:
        """Walk once over all combinations."""
        found = list(self._amount_ends())
        width = prod(map(len, self.open))
        if width > _WIDEST:
            message = f"{width} combinations are too many to prove; close a column's values"
            return (*found, self._finding(Rule.TOO_WIDE, message))
        gaps: list[_Places] = []
        doubles: dict[tuple[int, ...], list[_Places]] = {}
        speaking = 0
        for places in product(*self.open):
            mask = self.compiled.matching(places)
            if not mask:
                gaps.append(places)
            elif self.table.hit is Hit.UNIQUE and mask & (mask - 1):
                doubles.setdefault(_bits(mask), []).append(places)
            speaking |= mask & -mask if self.table.hit is Hit.FIRST else mask
        found += [
            self._located(Rule.GAP, (), box, "no row speaks for") for box in self._boxes(gaps)
        ]
        for rows, cells in doubles.items():
            ids = tuple(self.table.rows[row].id for row in rows)
            words = f"rows {' and '.join(ids)} both speak for"
            found += [self._located(Rule.OVERLAP, ids, box, words) for box in self._boxes(cells)]
        found += self._shadowed(speaking)
        return tuple(found)

    def _shadowed(self, speaking: int) -> Iterable[Finding]:
        """Find the rows that can never speak."""
        for number, row in enumerate(self.table.rows):
            if not speaking >> number & 1:
                message = f"row {row.id} can never speak: rows above it, or nothing, match first"
                yield self._finding(Rule.SHADOWED, message, rows=(row.id,))

    def _amount_ends(self) -> Iterable[Finding]:
        """Find amount bands that a cent could fall between or that share their end."""
        for place, column in enumerate(self.table.inputs):
            if column.type is not Type.DECIMAL or column.unit not in list(Currency):
                continue
            for row in self.table.rows:
                cell = row.when[place]
                if isinstance(cell, Interval) and not _is_half_open(cell):
                    message = f"row {row.id}: {column.name} {cell} is not half-open, like [0..250)"
                    yield self._finding(Rule.AMOUNT_ENDS, message, rows=(row.id,))

    def _boxes(self, cells: list[_Places]) -> list[_Box]:
        """Join combinations that differ in one column only, column by column."""
        boxes: list[_Box] = [tuple(frozenset((place,)) for place in cell) for cell in cells]
        for column in reversed(range(len(self.open))):
            joined: dict[_Box, frozenset[int]] = {}
            for box in boxes:
                rest = (*box[:column], *box[column + 1 :])
                joined[rest] = joined.get(rest, frozenset()) | box[column]
            boxes = [(*rest[:column], own, *rest[column:]) for rest, own in joined.items()]
        return boxes

    def _located(self, rule: Rule, rows: tuple[str, ...], box: _Box, words: str) -> Finding:
        """Build a finding that says where it is, with an example."""
        where, example = [], []
        for axis, places, whole in zip(self.compiled.axes, box, self.open, strict=True):
            segments = [_segment(axis, place) for place in sorted(places)]
            example.append((axis.column.name, _shown(segments[0].example)))
            if len(places) < len(whole):
                where.append(f"{axis.column.name}: {_range(axis.column, segments)}")
        located = "; ".join(where) or "anything"
        shown_example = ", ".join(f"{name} = {value}" for name, value in example)
        message = f"{words} {located} (for example {shown_example})"
        return self._finding(rule, message, rows=rows, where=located, example=tuple(example))

    def _finding(
        self,
        rule: Rule,
        message: str,
        *,
        rows: tuple[str, ...] = (),
        where: str = "",
        example: tuple[tuple[str, str], ...] = (),
    ) -> Finding:
        """Build a finding on this table."""
        return Finding(
            table=self.table.name,
            version=self.table.version,
            rule=rule,
            rows=rows,
            where=where,
            example=example,
            message=message,
        )


def _within(axis: Axis) -> tuple[int, ...]:
    """Give the segments of a column that hold values that make sense."""
    lowest = axis.column.minimum
    return tuple(
        place
        for place, segment in enumerate(axis.segments)
        if segment is not None
        and (segment.example is None or lowest is None or not _below(segment.example, lowest))
    )


def _below(value: Value, lowest: Value) -> bool:
    """Compare two numbers."""
    return value < lowest  # type: ignore[operator]  # only number columns have a minimum


def _is_half_open(cell: Interval) -> bool:
    """Say whether a band holds its lower end and not its upper one."""
    return (cell.low is None or cell.with_low) and not cell.with_high


def _bits(mask: int) -> tuple[int, ...]:
    """Give the places of the bits that are set."""
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)


def _segment(axis: Axis, place: int) -> Segment:
    """Give a segment that is known to have values."""
    segment = axis.segments[place]
    assert segment is not None
    return segment


def _range(column: Column, segments: list[Segment]) -> str:
    """Name a run of segments: numbers from first to last, texts one by one."""
    if column.type is Type.TEXT or len(segments) == 1:
        return ", ".join(segment.text for segment in segments)
    return f"{segments[0].text} to {segments[-1].text}"


def _shown(value: Value | None) -> str:
    """Write an example as a cell writes it."""
    return "not stated" if value is None else shown(value)
