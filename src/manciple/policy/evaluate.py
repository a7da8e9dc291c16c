"""Asking a decision table: which row fires, and why each of the others does not.

The verdict on every row follows from the segments that the facts lie in, so it is worked out once
per combination of segments and shared by all rulings that fall there.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import and_

from manciple.policy.conditions import Value
from manciple.policy.ruling import PolicyError, Ruling, Verdict
from manciple.policy.segments import Axis, present
from manciple.policy.table import DecisionTable, Hit

_REMEMBERED = 4096
"""Combinations of segments whose verdicts are kept; past this they are worked out each time."""


class CompiledTable:
    """A table ready to be asked, any number of times, by any number of threads."""

    def __init__(self, table: DecisionTable) -> None:
        """Cut every input column once."""
        self.table = table
        self.axes = tuple(
            Axis(column, [row.when[place] for row in table.rows])
            for place, column in enumerate(table.inputs)
        )
        self._answers = tuple(table.answers(row) for row in table.rows)
        self._verdicts: dict[tuple[int, ...], tuple[Verdict, ...]] = {}

    def decide(self, facts: Mapping[str, object]) -> Ruling:
        """Give the ruling on the facts; held when no row, or more than one unique row, matches.

        Raises:
            PolicyError: a fact is missing, of another type, or outside its column's closed set.
        """
        table = self.table
        missing = [column.name for column in table.inputs if column.name not in facts]
        if missing:
            raise PolicyError(f"{table.name}: missing facts: {', '.join(missing)}")
        places: list[int] = []
        used: dict[str, Value | None] = {}
        for axis in self.axes:
            place, value = axis.place(facts[axis.column.name], table.name)
            places.append(place)
            used[axis.column.name] = value
        why = self.verdicts(tuple(places))
        hits = [row for row, verdict in enumerate(why) if verdict.matched]
        speaking = self._speaking(hits)
        is_collecting = table.hit is Hit.COLLECT
        return Ruling(
            table=table.name,
            version=table.version,
            row=None if speaking is None else table.rows[speaking].id,
            rows=tuple(table.rows[row].id for row in hits),
            outputs={} if speaking is None else self._answers[speaking],
            collected=tuple(self._answers[row] for row in hits) if is_collecting else (),
            why=why,
            facts=used,
        )

    def matching(self, places: Sequence[int]) -> int:
        """Give the rows, as bits, that let one segment of each column through."""
        masks = (present(axis.segments[place]).mask for axis, place in self._at(places))
        return reduce(and_, masks, (1 << len(self.table.rows)) - 1)

    def verdicts(self, places: tuple[int, ...]) -> tuple[Verdict, ...]:
        """Give the verdict on every row for one segment of each column."""
        known = self._verdicts.get(places)
        if known is not None:
            return known
        masks = [
            (axis.column.name, present(axis.segments[place]).mask)
            for axis, place in self._at(places)
        ]
        verdicts = []
        for number, row in enumerate(self.table.rows):
            failed = tuple(name for name, mask in masks if not mask >> number & 1)
            verdicts.append(Verdict(row=row.id, matched=not failed, failed=failed))
        worked_out = tuple(verdicts)
        if len(self._verdicts) < _REMEMBERED:
            self._verdicts[places] = worked_out
        return worked_out

    def _at(self, places: Sequence[int]) -> Iterator[tuple[Axis, int]]:
        """Pair the columns with one segment each."""
        return zip(self.axes, places, strict=True)

    def _speaking(self, hits: list[int]) -> int | None:
        """Give the row that speaks under the table's hit policy."""
        match self.table.hit:
            case Hit.FIRST:
                return hits[0] if hits else None
            case Hit.UNIQUE:
                return hits[0] if len(hits) == 1 else None
            case Hit.COLLECT:
                return None
