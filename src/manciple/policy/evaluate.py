"""Asking a decision table: which row fires, and why each of the others does not.

The verdict on every row follows from the segments that the facts lie in, so it is worked out once
per combination of segments and shared by all rulings that fall there.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

from manciple.policy.conditions import Value
from manciple.policy.ruling import PolicyError, Ruling, Verdict
from manciple.policy.segments import Axis, present
from manciple.policy.table import DecisionTable, Hit, Output

_REMEMBERED = 4096
"""Combinations of segments whose verdicts are kept; past this they are worked out each time."""


class _Answer(NamedTuple):
    """A ruling without its facts: the same for all facts of one combination of segments."""

    row: str | None
    rows: tuple[str, ...]
    outputs: Mapping[str, Output]
    collected: tuple[Mapping[str, Output], ...]
    why: tuple[Verdict, ...]


class CompiledTable:
    """A table ready to be asked, any number of times, by any number of threads."""

    def __init__(self, table: DecisionTable) -> None:
        """Cut every input column once."""
        self.table = table
        self.axes = tuple(
            Axis(column, [row.when[place] for row in table.rows])
            for place, column in enumerate(table.inputs)
        )
        self._asked = tuple((axis.column.name, axis) for axis in self.axes)
        self._answers = tuple(table.answers(row) for row in table.rows)
        self._verdicts: dict[tuple[int, ...], tuple[Verdict, ...]] = {}
        self._rulings: dict[tuple[int, ...], _Answer] = {}

    def decide(self, facts: Mapping[str, object]) -> Ruling:
        """Give the ruling on the facts; held when no row, or more than one unique row, matches.

        Raises:
            PolicyError: a fact is missing, of another type, or outside its column's closed set.
        """
        table = self.table
        missing = [name for name, _ in self._asked if name not in facts]
        if missing:
            raise PolicyError(f"{table.name}: missing facts: {', '.join(missing)}")
        places: list[int] = []
        used: dict[str, Value | None] = {}
        for name, axis in self._asked:
            place, used[name] = axis.place(facts[name], table.name)
            places.append(place)
        at = tuple(places)
        answer = self._rulings.get(at) or self._answer(at)
        return Ruling(
            table=table.name,
            version=table.version,
            row=answer.row,
            rows=answer.rows,
            outputs=answer.outputs,
            collected=answer.collected,
            why=answer.why,
            facts=used,
        )

    def _answer(self, places: tuple[int, ...]) -> "_Answer":
        """Work out what the table says wherever the facts lie in these segments."""
        rows, why = self.table.rows, self.verdicts(places)
        hits = [row for row, verdict in enumerate(why) if verdict.matched]
        speaking = self._speaking(hits)
        is_collecting = self.table.hit is Hit.COLLECT
        answer = _Answer(
            row=None if speaking is None else rows[speaking].id,
            rows=tuple(rows[row].id for row in hits),
            outputs={} if speaking is None else self._answers[speaking],
            collected=tuple(self._answers[row] for row in hits) if is_collecting else (),
            why=why,
        )
        if len(self._rulings) < _REMEMBERED:
            self._rulings[places] = answer
        return answer

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
