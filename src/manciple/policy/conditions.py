"""One cell of a decision table: which values of its column it lets through.

    -                   any value, stated or not
    EMEA                exactly this                 EMEA, APAC          one of these
    not EMEA, APAC      none of these
    [250..5000)         250 <= value < 5000          (0..250]            0 < value <= 250
    >= 5000             and >, <=, <

Text knows lists and ``not``; numbers and dates know all of them; booleans are true or false.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeAlias, assert_never

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass

Value: TypeAlias = str | Decimal | int | bool | date
"""What a fact or a cell may be."""


class Type(StrEnum):
    """What a column holds. Lists are for outputs only."""

    TEXT = "text"
    DECIMAL = "decimal"
    INT = "int"
    BOOL = "bool"
    DATE = "date"
    LIST = "list"


class CellError(MancipleError):
    """A cell that can't be read; carries what was wanted and what came."""

    def __init__(self, wanted: str, got: str) -> None:
        """Keep both parts."""
        super().__init__(f"{wanted} wanted, got {got!r}")
        self.wanted, self.got = wanted, got


@dataclass(frozen=True, slots=True)
class Anything:
    """Lets every value through."""

    def lets(self, value: Value) -> bool:  # noqa: ARG002  every value
        """Say yes."""
        return True

    def __str__(self) -> str:
        return "-"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Lets through the values listed."""

    values: tuple[Value, ...]

    def lets(self, value: Value) -> bool:
        """Say whether the value is listed."""
        return value in self.values

    def __str__(self) -> str:
        return ", ".join(map(shown, self.values))


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Lets through every value but those listed."""

    values: tuple[Value, ...]

    def lets(self, value: Value) -> bool:
        """Say whether the value is not listed."""
        return value not in self.values

    def __str__(self) -> str:
        return f"not {', '.join(map(shown, self.values))}"


@dataclass(frozen=True, slots=True)
class Interval:
    """Lets through the values between two ends; an end that is None is open for ever."""

    low: Value | None
    high: Value | None
    with_low: bool
    with_high: bool

    def lets(self, value: Value) -> bool:
        """Say whether the value lies between the ends."""
        above = self.low is None or _less(self.low, value) or (self.with_low and value == self.low)
        below = (
            self.high is None or _less(value, self.high) or (self.with_high and value == self.high)
        )
        return above and below

    def __str__(self) -> str:
        if self.low is None and self.high is not None:
            return f"{'<=' if self.with_high else '<'} {shown(self.high)}"
        if self.high is None and self.low is not None:
            return f"{'>=' if self.with_low else '>'} {shown(self.low)}"
        assert self.low is not None
        assert self.high is not None
        ends = f"{shown(self.low)}..{shown(self.high)}"
        return f"{'[' if self.with_low else '('}{ends}{']' if self.with_high else ')'}"


Condition: TypeAlias = Anything | AnyOf | NoneOf | Interval

_INTERVAL = re.compile(r"([\[(])\s*(\S+?)\s*\.\.\s*(\S+?)\s*([\])])")
_COMPARISON = re.compile(r"(>=|<=|>|<)\s*(\S+)")
_NOT = "not "


def read_condition(
    cell: object, type_: Type, *, values: tuple[str, ...] = (), name: str = "value"
) -> Condition:
    """Read one input cell of a column.

    A cell is a text or a list of texts. ``values`` is the closed set of a text column, empty when
    any text may come; ``name`` is the column, for the message.

    Raises:
        CellError: the cell is not one of the forms above.
    """
    if isinstance(cell, list):
        return AnyOf(_listed(cell, type_, values, name))
    if not isinstance(cell, str):
        raise CellError(f"a text or a list for {name}", str(cell))
    text = cell.strip()
    if text == "-":
        return Anything()
    if text.startswith(_NOT):
        return NoneOf(_listed(text.removeprefix(_NOT).split(","), type_, values, name))
    if type_ in (Type.DECIMAL, Type.INT, Type.DATE) and text[:1] in ("[", "(", "<", ">"):
        return _interval(text, type_, name)
    return AnyOf(_listed(text.split(","), type_, values, name))


def read_value(text: object, type_: Type, *, values: tuple[str, ...] = (), name: str) -> Value:
    """Read one value of a column.

    Raises:
        CellError: it is not of the column's type, or outside its closed set.
    """
    if not isinstance(text, str) or not text.strip():
        raise CellError(f"{_article(type_)} for {name}", str(text))
    text = text.strip()
    reader = _READERS.get(type_)
    if reader is not None:
        try:
            return reader(text)
        except (ValueError, InvalidOperation) as problem:
            raise CellError(f"{_article(type_)} for {name}", text) from problem
    if text == "-" or text[0] in "[(<>" or ".." in text:
        raise CellError(f"a text for {name}", text)
    if values and text not in values:
        raise CellError(f"one of {', '.join(values)} for {name}", text)
    return text


def shown(value: Value) -> str:
    """Write a value as a cell writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            assert_never(value)


def _interval(text: str, type_: Type, name: str) -> Interval:
    """Read ``[a..b)`` or ``>= a``."""
    comparison = _COMPARISON.fullmatch(text)
    if comparison:
        sign, end = comparison[1], read_value(comparison[2], type_, name=name)
        closed = sign.endswith("=")
        if sign.startswith(">"):
            return Interval(end, None, closed, False)
        return Interval(None, end, False, closed)
    ends = _INTERVAL.fullmatch(text)
    if ends is None:
        raise CellError(f"an interval such as [0..10) or >= 10 for {name}", text)
    low, high = (read_value(ends[place], type_, name=name) for place in (2, 3))
    with_low, with_high = ends[1] == "[", ends[4] == "]"
    if not _less(low, high) and not (low == high and with_low and with_high):
        raise CellError(f"an interval whose first end is below its second for {name}", text)
    return Interval(low, high, with_low, with_high)


def _listed(
    cells: list[object] | list[str], type_: Type, values: tuple[str, ...], name: str
) -> tuple[Value, ...]:
    """Read the members of a list, none of them twice."""
    if not cells:
        raise CellError(f"at least one value for {name}", "[]")
    listed = tuple(read_value(each, type_, values=values, name=name) for each in cells)
    if len(set(listed)) < len(listed):
        raise CellError(f"each value once for {name}", ", ".join(map(shown, listed)))
    return listed


def _less(a: Value, b: Value) -> bool:
    """Compare two values of one type."""
    return a < b  # type: ignore[operator]  # both come from one column


def _number(text: str) -> Decimal:
    """Read a plain decimal: digits, a point, a sign; no exponent, no infinity."""
    if not re.fullmatch(r"-?\d+(\.\d+)?", text, re.ASCII):
        raise ValueError(text)
    return Decimal(text)


def _integer(text: str) -> int:
    """Read a whole number."""
    if not re.fullmatch(r"-?\d{1,18}", text, re.ASCII):
        raise ValueError(text)
    return int(text)


def _truth(text: str) -> bool:
    """Read true or false; yes and no are words."""
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _article(type_: Type) -> str:
    """Say what a type wants, for people."""
    return {
        Type.TEXT: "a text",
        Type.DECIMAL: "a decimal number such as 12.50",
        Type.INT: "a whole number",
        Type.BOOL: "true or false",
        Type.DATE: "a date such as 2026-01-31",
        Type.LIST: "a list of texts",
    }[type_]


_READERS: dict[Type, Callable[[str], Value]] = {
    Type.DECIMAL: _number,
    Type.INT: _integer,
    Type.BOOL: _truth,
    Type.DATE: date.fromisoformat,
}
