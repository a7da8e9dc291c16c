"""A decision table as its owner wrote it: typed columns, rows, a hit policy and a version.

    approval_routing 2026-01        hit: first        in force from 2026-01-01
    | row | document_type | amount        || steps                  | sla_hours |
    | r01 | requisition   | [0..250)      || none                   | -         |
    | r02 | requisition   | [250..5000)   || branch_manager         | 8         |

The records here are only built by ``source.read_tables``, which checks every cell.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from manciple.kernel.records import dataclass
from manciple.policy.conditions import Condition, Type

Output: TypeAlias = str | Decimal | int | bool | date | tuple[str, ...] | None
"""What an output cell may say; None where the cell is ``-``."""


class Hit(StrEnum):
    """Which of the matching rows speaks. Source: DMN 1.4, hit policies."""

    UNIQUE = "unique"
    """The one row that matches; two matching rows are a hold."""
    FIRST = "first"
    """The topmost row that matches."""
    COLLECT = "collect"
    """Every row that matches, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A typed column.

    Attributes:
        values: the closed set of a text column; empty when any text may come.
        unit: what a number counts: ``USD``, ``hours``, ``percent``. Money columns name a currency.
        optional: an input may be not stated (None), and then only ``-`` lets it through; an
            output may be ``-``, not stated.
        minimum: the lowest value that makes sense; the linter looks for gaps from here up.
    """

    name: str
    type: Type
    description: str = ""
    values: tuple[str, ...] = ()
    unit: str = ""
    optional: bool = False
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule: conditions in the order of the inputs, answers in the order of the outputs."""

    id: str
    when: tuple[Condition, ...]
    then: tuple[Output, ...]
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """A table in one version, with its owner and the day it comes into force."""

    name: str
    version: str
    effective_from: date
    owner: str
    description: str
    hit: Hit
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[Row, ...]
    sources: tuple[str, ...] = ()

    def input(self, name: str) -> Column:
        """Give an input column by its name."""
        return next(column for column in self.inputs if column.name == name)

    def answers(self, row: Row) -> Mapping[str, Output]:
        """Give a row's outputs by name."""
        return {column.name: cell for column, cell in zip(self.outputs, row.then, strict=True)}
