"""The reference pages of the decision tables: every column, row and reason, in Markdown."""

from collections.abc import Iterable, Mapping

from manciple.policy.conditions import Anything, shown
from manciple.policy.register import Register
from manciple.policy.table import Column, DecisionTable, Output

_ANY = "·"
"""A cell that lets everything through."""


def policy_pages(register: Register) -> Mapping[str, str]:
    """Give one Markdown section per table and version, by ``name version``."""
    return {f"{table.name} {table.version}": describe(table) for table in register.tables()}


def describe(table: DecisionTable) -> str:
    """Write a table as a Markdown section: what it is for, its columns, its rows and reasons."""
    names = [column.name for column in table.inputs] + [column.name for column in table.outputs]
    rows = [
        [row.id, *map(condition_text, row.when), *map(_answer, row.then), row.because or ""]
        for row in table.rows
    ]
    in_force = f"In force from {table.effective_from.isoformat()}."
    parts = [
        f"## {table.name} {table.version}",
        table.description,
        f"Owner: {table.owner}. {in_force} Hit policy: {table.hit}. {len(rows)} rows.",
        "Sources: " + "; ".join(table.sources) + "." if table.sources else "",
        _grid(["column", "side", "type", "meaning"], _columns(table)),
        _grid(["row", *names, "because"], rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _columns(table: DecisionTable) -> Iterable[list[str]]:
    """Give one line per column."""
    for side, columns in (("in", table.inputs), ("out", table.outputs)):
        for column in columns:
            yield [column.name, side, _type(column), _meaning(column)]


def _type(column: Column) -> str:
    """Say a column's type with its unit: ``decimal, USD``."""
    parts = [str(column.type), column.unit, "may be not stated" if column.optional else ""]
    return ", ".join(part for part in parts if part)


def _meaning(column: Column) -> str:
    """Say what a column means, and its closed set."""
    values = f"One of {', '.join(column.values)}." if column.values else ""
    return " ".join(part for part in (column.description, values) if part)


def condition_text(cell: object) -> str:
    """Write an input cell."""
    return _ANY if isinstance(cell, Anything) else str(cell)


def _answer(cell: Output) -> str:
    """Write an output cell."""
    if cell is None:
        return "-"
    if isinstance(cell, tuple):
        return ", ".join(cell) or "none"
    return shown(cell)


def _grid(head: list[str], rows: Iterable[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_escaped, line))} |" for line in lines)


def _escaped(cell: str) -> str:
    """Keep a cell on one line of a table."""
    return " ".join(cell.replace("|", "\\|").split())
