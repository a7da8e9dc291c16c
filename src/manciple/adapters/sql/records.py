"""Record tables: append-only record types on typed columns of their own, mapped by their fields.

    RecordTable.of("posting", Posting)      owner, stage, line, quantity, quantity_unit, ...

A field of two parts takes two columns: ``quantity`` in millionths and ``quantity_unit``.
"""

import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa

from manciple.adapters.sql.schema import serial
from manciple.adapters.sql.types import scaled, unscaled
from manciple.kernel.errors import MancipleError
from manciple.kernel.money import Currency, Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.runtime.rows import micros, moment


class RecordTableError(MancipleError):
    """A record type that no table can hold, or that nobody registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """How one field lies in columns."""

    name: str
    columns: tuple[tuple[str, type[sa.types.TypeEngine[Any]]], ...]
    store: Callable[[Any], tuple[object, ...]]
    load: Callable[..., Any]
    nullable: bool
    is_double: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTable:
    """One record type and its table.

    Attributes:
        insert, select: the statements, with ``?`` for a value.
    """

    name: str
    kind: type
    parts: tuple[_Field, ...]
    insert: str
    select: str

    @classmethod
    def of(cls, name: str, kind: type) -> "RecordTable":
        """Map a frozen dataclass onto the table of that name.

        Raises:
            RecordTableError: a field is of a type that no column holds.
        """
        hints = typing.get_type_hints(kind)
        parts = tuple(_field(each.name, hints[each.name]) for each in fields(kind))
        columns = [column for part in parts for column, _ in part.columns]
        listed, marks = ", ".join(columns), ", ".join("?" * (len(columns) + 1))
        return cls(
            name=name,
            kind=kind,
            parts=parts,
            insert=f"insert into {name} (owner, {listed}) values ({marks})",  # noqa: S608  our own words; values are bound
            select=f"select {listed} from {name} where owner = ? order by n",  # noqa: S608  our own words; values are bound
        )

    def one_gone(self, *, is_postgres: bool) -> str:
        """Give the statement that takes away the newest row that says just this."""
        same = "is not distinct from" if is_postgres else "is"
        columns = ("owner", *(name for part in self.parts for name, _ in part.columns))
        told = " and ".join(f"{name} {same} ?" for name in columns)
        return f"delete from {self.name} where n = (select max(n) from {self.name} where {told})"  # noqa: S608  our own words; values are bound

    def row(self, owner: str, record: Any) -> tuple[object, ...]:
        """Give the record's row, its owner first."""
        values: list[object] = [owner]
        for part in self.parts:
            value = getattr(record, part.name)
            values += [None] * len(part.columns) if value is None else part.store(value)
        return tuple(values)

    def record(self, row: Sequence[Any]) -> Any:
        """Give the record of a row read by `select`."""
        values: dict[str, Any] = {}
        place = 0
        for part in self.parts:
            if part.is_double:
                first, second = row[place], row[place + 1]
                values[part.name] = None if first is None else part.load(first, second)
                place += 2
            else:
                first = row[place]
                values[part.name] = None if first is None else part.load(first)
                place += 1
        return self.kind(**values)

    def table(self, metadata: sa.MetaData) -> sa.Table:
        """Give the table, as a migration must make it."""
        columns: list[Any] = [serial(), sa.Column("owner", sa.Text, nullable=False)]
        columns += [
            sa.Column(column, of, nullable=part.nullable)
            for part in self.parts
            for column, of in part.columns
        ]
        index = sa.Index(f"{self.name}_owner", "owner", "n")
        return sa.Table(self.name, metadata, *columns, index)


@lru_cache(maxsize=8192)
def _quantity(value: int, unit: str) -> Quantity:
    """Give a quantity as its columns have it; the same few come again and again."""
    return Quantity(unscaled(value), Unit(unit))


@lru_cache(maxsize=8192)
def _money(value: int, code: str) -> Money:
    """Give an amount as its columns have it."""
    return Money(unscaled(value), Currency(code))


def _one(value: Any) -> tuple[object, ...]:
    return (value,)


def _amount(value: Any, part: str, unit: str) -> tuple[object, ...]:
    return scaled(getattr(value, part)), getattr(value, unit).value


_PLAIN: Mapping[
    type, tuple[type[sa.types.TypeEngine[Any]], Callable[..., Any], Callable[..., Any]]
]
_PLAIN = {
    str: (sa.Text, _one, str),
    int: (sa.BigInteger, _one, int),
    bool: (sa.BigInteger, lambda value: (int(value),), bool),
    Decimal: (sa.BigInteger, lambda value: (scaled(value),), unscaled),
    datetime: (sa.BigInteger, lambda value: (micros(value),), moment),
    date: (sa.Text, lambda value: (value.isoformat(),), date.fromisoformat),
}


def _field(name: str, hint: Any) -> _Field:
    of, nullable = _not_none(hint)
    if of is Quantity:
        return _Field(
            name=name,
            is_double=True,
            columns=((name, sa.BigInteger), (f"{name}_unit", sa.Text)),
            store=partial(_amount, part="value", unit="unit"),
            load=_quantity,
            nullable=nullable,
        )
    if of is Money:
        return _Field(
            name=name,
            is_double=True,
            columns=((name, sa.BigInteger), (f"{name}_currency", sa.Text)),
            store=partial(_amount, part="amount", unit="currency"),
            load=_money,
            nullable=nullable,
        )
    if isinstance(of, type) and issubclass(of, StrEnum):
        return _Field(
            name=name,
            columns=((name, sa.Text),),
            store=lambda value: (value.value,),
            load={each.value: each for each in of}.__getitem__,
            nullable=nullable,
        )
    if of in _PLAIN:
        column, store, load = _PLAIN[of]
        return _Field(
            name=name, columns=((name, column),), store=store, load=load, nullable=nullable
        )
    raise RecordTableError(f"{name}: no column holds {hint}")


def _not_none(hint: Any) -> tuple[Any, bool]:
    if isinstance(hint, types.UnionType):
        rest = [each for each in typing.get_args(hint) if each is not types.NoneType]
        if len(rest) == 1:
            return rest[0], True
    return hint, False
