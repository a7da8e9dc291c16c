"""A ruling: what a decision table answered, which row said so, and why the others did not."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass
from manciple.policy.conditions import Value, shown
from manciple.policy.table import Output

T = TypeVar("T")


class PolicyError(MancipleError):
    """A question that a table can't be asked: no such table or version, wrong or missing facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of one row: it let the facts through, or these columns did not."""

    row: str
    matched: bool
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A table's answer with its reasons.

    Attributes:
        row: the row that speaks; None on a hold, and for a collecting table.
        rows: every row that let the facts through, in the table's order.
        outputs: the speaking row's answers by name; empty on a hold.
        collected: for a collecting table the answers of every matching row.
        why: a verdict for every row.
        facts: the inputs as they were used.
    """

    table: str
    version: str
    row: str | None
    rows: tuple[str, ...]
    outputs: Mapping[str, Output]
    collected: tuple[Mapping[str, Output], ...]
    why: tuple[Verdict, ...]
    facts: Mapping[str, Value | None]

    @property
    def held(self) -> bool:
        """Say whether no row speaks: the caller must hold, never pass."""
        return self.row is None and not self.collected

    def cite(self) -> str:
        """Name the row that spoke: ``approval_routing 2026-01/r12``."""
        spoke = self.row or "+".join(self.rows if self.collected else ()) or "no row"
        return f"{self.table} {self.version}/{spoke}"

    def record(self) -> "RulingRecord":
        """Give the ruling as it is stored with the decision."""
        return record(self)

    def text(self, name: str) -> str:
        """Give a text output that must be stated."""
        return self._typed(name, str)

    def texts(self, name: str) -> tuple[str, ...]:
        """Give a list output; empty when the row lists nothing."""
        return self._typed(name, tuple)

    def decimal(self, name: str) -> Decimal | None:
        """Give a decimal output; None when the row does not state it."""
        return None if self._output(name) is None else self._typed(name, Decimal)

    def _output(self, name: str) -> Output:
        if self.row is None:
            raise PolicyError(f"{self.cite()} speaks no {name}: {self.table} holds")
        if name not in self.outputs:
            raise PolicyError(f"{self.table} has no output {name}: {', '.join(self.outputs)}")
        return self.outputs[name]

    def _typed(self, name: str, kind: type[T]) -> T:
        value = self._output(name)
        if not isinstance(value, kind):
            raise PolicyError(f"{self.cite()}: {name} is {value!r}, {kind.__name__} wanted")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One named value of a stored ruling, as a cell writes it; None when it was not stated."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Rows that did not match, and the columns that stopped them."""

    columns: str
    rows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingRecord:
    """A ruling as it is stored with the decision that it led to."""

    table: str
    version: str
    row: str | None
    rows: tuple[str, ...]
    facts: tuple[Fact, ...]
    outputs: tuple[Fact, ...]
    collected: tuple[tuple[Fact, ...], ...]
    missed: tuple[Missed, ...]

    def cite(self) -> str:
        """Name the row that spoke: ``approval_routing 2026-01/r12``."""
        spoke = self.row or "+".join(self.rows if self.collected else ()) or "no row"
        return f"{self.table} {self.version}/{spoke}"


def record(ruling: Ruling) -> RulingRecord:
    """Write a ruling down: inputs, answers, and for every other row what stopped it."""
    missed: dict[tuple[str, ...], list[str]] = {}
    for verdict in ruling.why:
        if not verdict.matched:
            missed.setdefault(verdict.failed, []).append(verdict.row)
    return RulingRecord(
        table=ruling.table,
        version=ruling.version,
        row=ruling.row,
        rows=ruling.rows,
        facts=tuple(Fact(name=name, value=_text(each)) for name, each in ruling.facts.items()),
        outputs=_facts(ruling.outputs),
        collected=tuple(_facts(each) for each in ruling.collected),
        missed=tuple(
            Missed(columns=" ".join(columns), rows=" ".join(rows))
            for columns, rows in missed.items()
        ),
    )


def _facts(answers: Mapping[str, Output]) -> tuple[Fact, ...]:
    """Write answers as texts; a list's members are joined by commas."""
    return tuple(Fact(name=name, value=_text(each)) for name, each in answers.items())


def _text(value: Output) -> str | None:
    """Write a value as a cell writes it."""
    if value is None:
        return None
    if isinstance(value, tuple):
        return ", ".join(value)
    return shown(value)
