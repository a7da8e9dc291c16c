"""``manciple policy``: the decision tables, a decision tried, and what a table forgets."""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.app.definitions import shipped
from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, lines, listed, page, told
from manciple.cli.files import taken
from manciple.cli.options import NUMBER, asks, json_option
from manciple.cli.output import Output, printable
from manciple.kernel.errors import refuse
from manciple.policy.lint import lint
from manciple.policy.register import Register
from manciple.policy.ruling import PolicyError
from manciple.policy.source import TableError, read_tables
from manciple.policy.table import DecisionTable
from manciple.runtime.codec import plain

_PATH = "/v1/policies"
_COLUMNS = (("table", "name"), ("version", "version"), ("in force from", "effective_from"),
            ("hit", "hit"), ("owner", "owner"), ("what it is for", "description"))  # fmt: skip


@click.group()
def policy() -> None:
    """See, try and check decision tables."""


@policy.command("list")
@asks
def list_tables(api: Api, out: Output) -> None:
    """List the decision tables, every version."""
    out.show(api.rows(_PATH, most=None), listed(_COLUMNS, "There are no decision tables."))


@policy.command()
@click.argument("table", type=NUMBER)
@click.option("--version", type=NUMBER, help="Only this version.")
@asks
def show(api: Api, out: Output, table: str, version: str | None) -> None:
    """Show a decision table with its rows and reasons."""
    rows = api.rows(_PATH, most=None)["rows"]
    found = [
        row for row in rows if row["name"] == table and version in {None, row["version"]}
    ]  # fmt: skip
    if not found:
        known = ", ".join(f"{row['name']} {row['version']}" for row in rows)
        wanted = f"{table} {version or ''}".strip()
        message = f"there is no table {wanted}"
        raise refuse("NOT_FOUND", message, field="TABLE", fix=f"One of {known}.")
    out.show({"rows": found, "after": None}, _tables_view)


def _tables_view(answer: Any) -> RenderableType:
    return page(*(part for row in answer["rows"] for part in _table_view(row)))


def _table_view(table: Any) -> tuple[RenderableType, ...]:
    columns = [("row", "id")]
    columns += [(name, f"when.{name}") for name in table["inputs"]]
    columns += [(f"> {name}", f"then.{name}") for name in table["outputs"]]
    columns.append(("because", "because"))
    head = Text(f"{table['name']} {table['version']}", style="bold")
    return head, facts(table, _COLUMNS[2:]), grid(table["rows"], columns)


@policy.command()
@click.argument("table", type=NUMBER)
@click.option("--fact", "given", multiple=True, metavar="NAME=VALUE",
              help="A fact; true and false are yes and no.")  # fmt: skip
@click.option("--version", type=NUMBER, help="This version; else the one in force.")
@asks
def decide(api: Api, out: Output, table: str, given: tuple[str, ...], version: str | None) -> None:
    """Try a decision: the row that fires, and why the others do not. Nothing is kept."""
    body = {"facts": _facts(given), "version": version}
    out.show(api.post(_PATH, table, "decide", body=body), _ruling_view)


def _facts(given: tuple[str, ...]) -> dict[str, str | bool]:
    words = {"true": True, "false": False}
    found: dict[str, str | bool] = {}
    for pair in given:
        name, mark, value = pair.partition("=")
        if not mark or not name:
            raise click.BadParameter(f"{pair!r} is no NAME=VALUE", param_hint="--fact")
        if name in found:
            raise click.BadParameter(f"{name} is said twice", param_hint="--fact")
        found[name] = words.get(value.lower(), value)
    return found


def _ruling_view(ruling: Any) -> RenderableType:
    spoke = "no row speaks: it is held" if ruling["held"] else f"row {ruling['row']} fires"
    head = Text(printable(f"{ruling['table']} {ruling['version']}: {spoke}"), style="bold")
    then = [f"  {name} = {told(value)}" for name, value in ruling["outputs"].items()]
    others = [
        f"  {verdict['row']} did not match: {', '.join(verdict['failed'])}"
        for verdict in ruling["why"]
        if not verdict["matched"]
    ]
    also = [each["row"] for each in ruling["why"] if each["matched"]]
    return page(head, lines([*then, f"  matched: {', '.join(also) or 'none'}"]), lines(others))


@policy.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...",
                type=click.Path(path_type=Path, allow_dash=True))  # fmt: skip
@json_option
@click.pass_context
def check_files(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """List every defect of decision tables: wrong cells, gaps, overlaps, rows that never speak.

    All at once; the shipped tables without a FILE. Exit 1 if there is one.
    """
    chosen = files or tuple(sorted(shipped("policies").glob("*.yaml")))
    read: list[DecisionTable] = []
    told_of = [_checked(file, read) for file in chosen]
    together = _together(read)
    count = sum(len(each["defects"]) + len(each["findings"]) for each in told_of) + len(together)
    answer = {"files": told_of, "together": together, "defects": count}
    Output(as_json=as_json).show(answer, _check_view)
    ctx.exit(1 if count else 0)


def _checked(file: Path, read: list[DecisionTable]) -> dict[str, Any]:
    """Check one file: the defects of its form, else what its table says wrong."""
    try:
        tables = read_tables({file.name: taken(file)})
    except TableError as problem:
        defects = [plain(each) | {"message": str(each)} for each in problem.defects]
        return {"file": str(file), "tables": [], "defects": defects, "findings": []}
    read += tables
    found = [
        plain(each) | {"message": str(each)} for table in tables for each in lint(table)
    ]  # fmt: skip
    names = [f"{table.name} {table.version}" for table in tables]
    return {"file": str(file), "tables": names, "defects": [], "findings": found}


def _together(tables: list[DecisionTable]) -> list[str]:
    """Say what is wrong between files: two versions of a table with one name or one day."""
    try:
        Register.of(tables)
    except PolicyError as problem:
        return [str(problem)]
    return []


def _check_view(answer: Any) -> RenderableType:
    texts: list[str] = []
    for each in answer["files"]:
        wrong = [*each["defects"], *each["findings"]]
        names = ", ".join(each["tables"]) or "no table"
        head = "has no defect" if not wrong else f"{len(wrong)} defects"
        texts += [f"{each['file']}: {names}: {head}"]
        texts += [f"  {one['message']}" for one in wrong]
    return lines([*texts, *answer["together"]])
