"""Drawings for people: calm tables, facts and lines.

told     a value in one line          grid    rows as a table        facts   one thing's fields
lines    texts as they are            page    parts under one another
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from manciple.cli.output import printable

__all__ = ["Columns", "RenderableType", "Text", "at", "draw", "facts", "grid", "lines", "listed",
           "page", "some", "told", "waiting"]  # fmt: skip
_WIDE = 160
"""Columns of a page that goes to no terminal."""
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?(Z|\+00:00)\Z")
Columns = Sequence[tuple[str, str]]
"""Heading and dotted path of each column; a path that ends with ``>`` is set right."""


def draw(drawing: RenderableType) -> None:
    """Print a drawing; markup in it is text."""
    width = None if sys.stdout.isatty() else _WIDE
    Console(markup=False, highlight=False, emoji=False, width=width).print(drawing, crop=False)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show on stderr that something goes on."""
    with Console(stderr=True).status(what):
        yield


def at(value: Any, path: str) -> Any:
    """Give what stands under a dotted path; None where it leads nowhere."""
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def told(value: Any) -> str:  # noqa: PLR0911  one answer for each shape
    """Write a value in one line: ``9 CA``, ``12.50 USD``, ``2026-03-02 08:00Z``, ``-``."""
    match value:
        case None | "":
            return "-"
        case bool():
            return "yes" if value else "no"
        case {"value": number, "unit": unit}:
            return f"{number} {unit}"
        case {"amount": amount, "currency": currency}:
            return f"{amount} {currency}"
        case {"money": money, "per": per}:
            return f"{told(money)} per {told(per)}"
        case {"kind": kind, "id": name}:
            return printable(f"{kind}/{name}")
        case Mapping():
            pairs = (f"{name} {told(each)}" for name, each in value.items())
            return printable(", ".join(pairs))
        case list() | tuple():
            return ", ".join(told(each) for each in value) or "-"
        case _:
            return printable(_INSTANT.sub(r"\1 \2Z", str(value)))


def grid(rows: Iterable[Any], columns: Columns, *, title: str = "") -> RenderableType:
    """Draw rows as a table."""
    table = Table(box=None, padding=(0, 2, 0, 0), title=title or None, title_justify="left")
    for heading, path in columns:
        table.add_column(heading, justify="right" if path.endswith(">") else "left",
                         overflow="fold", header_style="bold")  # fmt: skip
    for row in rows:
        table.add_row(*(Text(told(at(row, path.rstrip(">")))) for _, path in columns))
    return table


def facts(value: Any, columns: Columns) -> RenderableType:
    """Draw one thing's facts, each on a line of its own."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for heading, path in columns:
        table.add_row(heading, Text(told(at(value, path))))
    return table


def page(*parts: RenderableType | None) -> RenderableType:
    """Put parts under one another, with a blank line between."""
    shown: list[RenderableType] = []
    for part in parts:
        if part is not None:
            shown += [part, ""] if part is not parts[-1] else [part]
    return Group(*shown)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Texts that are not folded into columns."""

    texts: tuple[str, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Give each text and a new line."""
        del console, options
        for text in self.texts:
            yield Segment(text)
            yield Segment.line()


def lines(texts: Iterable[str]) -> RenderableType:
    """Write lines of text as they are; a terminal breaks those that are too long."""
    return _Lines(tuple(printable(text) for text in texts))


def some(rows: Sequence[Any], columns: Columns, *, title: str) -> RenderableType | None:
    """Draw rows under a title; nothing when there are none."""
    return grid(rows, columns, title=title) if rows else None


def listed(columns: Columns, nothing: str) -> Callable[[Any], RenderableType]:
    """Draw a page of rows, and say how to go on."""

    def view(answer: Any) -> RenderableType:
        if not answer["rows"]:
            return Text(nothing)
        table = grid(answer["rows"], columns)
        if answer.get("after") is None:
            return table
        return page(table, Text("There are more: use --limit or --all.", style="dim"))

    return view
