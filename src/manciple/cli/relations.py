"""``manciple interests`` and ``manciple suppliers``: who belongs together."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import grid, page
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show, note_option, now_stands

_PATH = "/v1/interests"
_DECLARED = (
    ("supplier", "supplier"), ("relation", "relation"), ("note", "note"), ("ended", "ended"),
)  # fmt: skip


@click.group()
def interests() -> None:
    """Declare interests in suppliers, and see them."""


def _view(answer: Any) -> RenderableType:
    head = Text(f"{answer['id']}: {answer['state']}", style="bold")
    return page(head, grid(answer["declared"], _DECLARED))


add_list(interests, _PATH, (("person", "id"), ("state", "state")), "declared interests")
add_show(interests, _PATH, _view, "what a person has declared")


@interests.command()
@click.argument("supplier", type=NUMBER)
@click.option("--relation", required=True, help="owner, family, employment, gifts or other.")
@click.option("--person", type=NUMBER, help="Whose; else the caller's own.")
@note_option
@acts
def declare(
    api: Api, out: Output, supplier: str, relation: str, person: str | None, note: str
) -> None:
    """Declare an interest in SUPPLIER: its person is asked about nothing bought there."""
    body = {"supplier": supplier, "relation": relation, "person": person, "note": note}
    out.show(api.post(_PATH, body=body), _view)


@interests.command()
@click.argument("person", type=NUMBER)
@click.argument("supplier", type=NUMBER)
@note_option
@acts
def end(api: Api, out: Output, person: str, supplier: str, note: str) -> None:
    """Say that a declared interest has ended."""
    out.show(api.post(_PATH, person, "end", body={"supplier": supplier, "note": note}), _view)


@click.group()
def suppliers() -> None:
    """Say which supplier records are one house."""


@suppliers.command()
@click.argument("supplier", type=NUMBER)
@click.argument("house", type=NUMBER)
@click.option("--why", required=True, help="How it is known; it is kept.")
@acts
def link(api: Api, out: Output, supplier: str, house: str, why: str) -> None:
    """Put SUPPLIER to HOUSE, so that needs split between them count as one."""
    body = {"house": house, "why": why}
    out.show(api.post("/v1/suppliers", supplier, "house", body=body), now_stands("supplier"))
