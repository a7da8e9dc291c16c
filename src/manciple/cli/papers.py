"""``list`` and ``show`` of every kind of document: pages of rows, one thing whole."""

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import Columns, listed
from manciple.cli.options import NUMBER, asks
from manciple.cli.output import Output, View

limit_option = click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True,
    help="So many rows.",
)  # fmt: skip
all_option = click.option("--all", "everything", is_flag=True, help="All rows.")
state_option = click.option("--state", metavar="STATE", help="Only those in this state.")
reason_option = click.option("--reason", required=True, help="Why; it is kept.")
note_option = click.option("--note", default="", help="A remark; it is kept.")


def add_list(group: click.Group, path: str, columns: Columns, noun: str) -> None:
    """Give a group its ``list``: documents, newest first, by state."""

    @group.command("list", help=f"List {noun}, newest first.")
    @state_option
    @limit_option
    @all_option
    @asks
    def _list(api: Api, out: Output, state: str | None, limit: int, everything: bool) -> None:  # noqa: FBT001
        with out.working(f"reading {noun}"):
            page = api.rows(path, state=state, most=None if everything else limit)
        out.show(page, listed(columns, f"There are no {noun}."))


def add_tasks(
    group: click.Group, path: str, columns: Columns, noun: str, *, usual: str, name: str = "list"
) -> None:
    """Give a group a worklist: what waits, by priority, then due time."""

    @group.command(name, help=f"List {noun} by priority, then due time.")
    @click.option(
        "--whose", type=click.Choice(["mine", "all"]), default=usual, show_default=True,
        help="What waits for the caller, or all that the caller may see.",
    )  # fmt: skip
    @limit_option
    @all_option
    @asks
    def _list(api: Api, out: Output, whose: str, limit: int, everything: bool) -> None:  # noqa: FBT001
        with out.working(f"reading {noun}"):
            page = api.rows(path, whose=whose, most=None if everything else limit)
        out.show(page, listed(columns, f"No {noun} wait here."))


def add_show(group: click.Group, path: str, view: View, noun: str) -> None:
    """Give a group its ``show``: one document whole."""

    @group.command("show", help=f"Show {noun}.")
    @click.argument("number", type=NUMBER)
    @asks
    def _show(api: Api, out: Output, number: str) -> None:
        out.show(api.get(path, number), view)


def now_stands(noun: str) -> View:
    """Say in one line how a document stands after a deed."""

    def view(document: object) -> RenderableType:
        assert isinstance(document, dict)
        return Text(f"{noun} {document.get('id', '')}: {document.get('state', 'done')}")

    return view
