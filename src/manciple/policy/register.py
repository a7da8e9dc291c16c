"""The register: every decision table in every version, and what each has ever ruled.

A question is put to the version in force at an instant, or to the version that a running case is
pinned to. A stored ruling can be replayed: asked again of the same version, it must come out the
same to the byte.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Self

from manciple.kernel.messages import NaiveTimeError
from manciple.kernel.records import dataclass
from manciple.policy.conditions import CellError, Type, Value, read_value
from manciple.policy.evaluate import CompiledTable
from manciple.policy.ruling import PolicyError, Ruling, RulingRecord, record
from manciple.policy.source import read_tables
from manciple.policy.table import DecisionTable
from manciple.runtime.codec import encode


@dataclass(frozen=True, slots=True)
class Register:
    """All tables by name, each with its versions in the order in which they come into force."""

    versions: Mapping[str, tuple[CompiledTable, ...]]

    @classmethod
    def of(cls, tables: Iterable[DecisionTable]) -> Self:
        """Compile the tables, once.

        Raises:
            PolicyError: two versions of a table have one name or one day.
        """
        versions: dict[str, list[CompiledTable]] = {}
        for table in sorted(tables, key=lambda each: (each.name, each.effective_from)):
            known = versions.setdefault(table.name, [])
            for other in (each.table for each in known):
                if other.version == table.version or other.effective_from == table.effective_from:
                    same = f"{table.version} and {other.version} from {table.effective_from}"
                    raise PolicyError(f"{table.name}: two versions are one: {same}")
            known.append(CompiledTable(table))
        return cls({name: tuple(known) for name, known in versions.items()})

    def decide(
        self, name: str, facts: Mapping[str, object], *, at: datetime, version: str | None = None
    ) -> Ruling:
        """Ask a table; the ruling is held when no row matches.

        The version is the one in force at ``at`` (days begin at midnight UTC) unless ``version``
        pins another. Facts by column name; a whole number may stand for a decimal, and Money for
        a decimal in its own currency; facts that the table does not ask for are left out.

        Raises:
            PolicyError: no such table or version, or the facts are wrong or missing.
        """
        return self.compiled(name, at=at, version=version).decide(facts)

    def table(self, name: str, *, at: datetime, version: str | None = None) -> DecisionTable:
        """Give the table in force at an instant, or in the version named."""
        return self.compiled(name, at=at, version=version).table

    def tables(self) -> tuple[DecisionTable, ...]:
        """Give every version of every table, by name and day."""
        return tuple(each.table for name in sorted(self.versions) for each in self.versions[name])

    def compiled(self, name: str, *, at: datetime, version: str | None = None) -> CompiledTable:
        """Give the compiled table in force at an instant, or in the version named."""
        known = self.versions.get(name)
        if known is None:
            raise PolicyError(f"no table {name}: {', '.join(sorted(self.versions)) or 'none'}")
        if version is not None:
            for each in known:
                if each.table.version == version:
                    return each
            raise PolicyError(f"{name} has no version {version}")
        if at.tzinfo is None:
            raise NaiveTimeError(f"an aware time is wanted, not {at}")
        today = at.astimezone(UTC).date()
        for each in reversed(known):
            if each.table.effective_from <= today:
                return each
        raise PolicyError(f"no version of {name} is in force on {today}")


def load_tables(files: Mapping[str, bytes]) -> Register:
    """Build the register from YAML files by name.

    Raises:
        TableError: with every defect of every file.
        PolicyError: two versions of a table have one name or one day.
    """
    return Register.of(read_tables(files))


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What came of asking again.

    Attributes:
        same: the ruling came out the same to the byte.
        problem: why it couldn't be asked again; empty when it could.
        now: the ruling of today; None when it couldn't be asked.
    """

    same: bool
    was: RulingRecord
    now: RulingRecord | None = None
    problem: str = ""


def replay(was: RulingRecord, register: Register) -> Replay:
    """Put a stored ruling's facts to the same version again and compare to the byte."""
    anytime = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        compiled = register.compiled(was.table, at=anytime, version=was.version)
        facts = read_facts(compiled.table, {fact.name: fact.value for fact in was.facts})
        now = record(compiled.decide(facts))
    except PolicyError as problem:
        return Replay(same=False, was=was, problem=str(problem))
    return Replay(same=encode(was) == encode(now), was=was, now=now)


def read_facts(table: DecisionTable, texts: Mapping[str, str | None]) -> dict[str, Value | None]:
    """Read facts written as cells write them, each as its column's type.

    Raises:
        PolicyError: with every name that is no input of the table, and every value of another
            type or outside its column's closed set.
    """
    columns = {column.name: column for column in table.inputs}
    facts: dict[str, Value | None] = {}
    wrong: list[str] = []
    for name, text in texts.items():
        column = columns.get(name)
        if column is None:
            wrong.append(f"{name} is no input, one of {', '.join(columns)} wanted")
        elif text is None or column.type is Type.TEXT:
            facts[name] = text
        else:
            try:
                facts[name] = read_value(text, column.type, name=name)
            except CellError as problem:
                wrong.append(str(problem))
    if wrong:
        raise PolicyError(f"{table.name}: {'; '.join(wrong)}")
    return facts
