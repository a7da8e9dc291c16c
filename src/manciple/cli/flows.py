"""``manciple flows``: the flows that run, and everything that is wrong with a definition."""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.app.definitions import load, shipped
from manciple.app.registry import registry_of
from manciple.cli.client import Api
from manciple.cli.drawing import lines, listed, page
from manciple.cli.files import taken
from manciple.cli.options import NUMBER, asks, json_option
from manciple.cli.output import Output
from manciple.kernel.errors import refuse
from manciple.processes.flow import Flow, check, describe, read_flow
from manciple.runtime.codec import plain, record

_COLUMNS = (("flow", "id"), ("version", "version"), ("title", "title"), ("owner", "owner"),
            ("target", "metric_target"))  # fmt: skip


@click.group()
def flows() -> None:
    """See and check flow definitions."""


@flows.command("list")
@asks
def list_flows(api: Api, out: Output) -> None:
    """List the flows that this installation runs."""
    out.show(api.rows("/v1/flows", most=None), listed(_COLUMNS, "There are no flows."))


@flows.command()
@click.argument("flow", type=NUMBER)
@asks
def show(api: Api, out: Output, flow: str) -> None:
    """Show a flow: its steps, owners, decision rules, service levels and target."""
    rows = api.rows("/v1/flows", most=None)["rows"]
    found = next((row for row in rows if row["id"] == flow), None)
    if found is None:
        known = ", ".join(row["id"] for row in rows)
        raise refuse("NOT_FOUND", f"there is no flow {flow}", field="FLOW", fix=f"One of {known}.")
    out.show(found, lambda row: lines(describe(record(row, Flow)).splitlines()))


@flows.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]...",
                type=click.Path(path_type=Path, allow_dash=True))  # fmt: skip
@json_option
@click.pass_context
def check_files(ctx: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """List every defect of flow definitions, all at once; the shipped ones without a FILE.

    Exit 1 if there is one.
    """
    definitions = load()
    tables = {table.name for table in definitions.register.tables()}
    acts = {act.__name__ for act in registry_of(definitions).handlers}
    chosen = files or tuple(sorted(shipped("flows").glob("*.yaml")))
    told = [_checked(file, tables, acts) for file in chosen]
    count = sum(len(each["defects"]) for each in told)
    Output(as_json=as_json).show({"files": told, "defects": count}, _view)
    ctx.exit(1 if count else 0)


def _checked(file: Path, tables: set[str], acts: set[str]) -> dict[str, Any]:
    flow, defects = read_flow(taken(file))
    if flow != Flow() or not defects:
        known = {defect.path for defect in defects}
        found = check(flow, tables=tables, acts=acts)
        defects += tuple(defect for defect in found if defect.path not in known)
    return {"file": str(file), "flow": flow.id, "defects": plain(defects)}


def _view(answer: Any) -> RenderableType:
    parts: list[RenderableType] = []
    for each in answer["files"]:
        if not each["defects"]:
            parts.append(lines([f"{each['file']}: flow {each['flow']} has no defect"]))
            continue
        found = (
            f"  {defect['path'] or 'file'}: {defect['rule']}: {defect['fix']}"
            for defect in each["defects"]
        )
        parts.append(lines([f"{each['file']}: {len(each['defects'])} defects", *found]))
    return page(*parts) if parts else Text("There are no flows.")
