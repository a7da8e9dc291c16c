"""``manciple exceptions``: what went wrong, who owns it, and the ways to end it."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, lines, page
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_show, add_tasks, note_option, now_stands

_PATH = "/v1/exceptions"
_HEAD = (
    ("code", "code"), ("what", "title"), ("about", "subject"), ("thread", "thread"),
    ("site", "site"), ("supplier", "supplier"), ("owner role", "owner_role"), ("owner", "owner"),
    ("opened", "opened_at"), ("due", "due_at"), ("may end by", "resolutions"),
    ("ended by", "resolution"),
)  # fmt: skip


@click.group()
def exceptions() -> None:
    """See and end what went wrong."""


def _terms(said: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in said]
    for name, sign, _ in pairs:
        if not (name and sign):
            raise click.BadParameter(f"{name!r}: write NAME=TEXT", param_hint="--with")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _view(case: Any) -> RenderableType:
    head = Text(f"exception {case['id']}: {case['state']}", style="bold")
    return page(head, facts(case, _HEAD), lines([case["playbook"]]))


add_tasks(
    exceptions, _PATH,
    (("exception", "id"), ("what", "title"), ("site", "site"), ("supplier", "supplier"),
     ("role", "role"), ("owner", "owner"), ("due", "due_at")),
    "open exceptions", usual="all",
)  # fmt: skip
add_show(exceptions, _PATH, _view, "an exception: what is wrong, who owns it, what may be done")


@exceptions.command()
@click.argument("number", type=NUMBER)
@click.option("--resolution", required=True, help="One of those that `show` lists.")
@click.option(
    "--with",
    "terms",
    multiple=True,
    metavar="NAME=TEXT",
    help="What the resolution needs to be told, such as supplier=BLUE; may be repeated.",
)
@note_option
@acts
def resolve(
    api: Api, out: Output, number: str, resolution: str, terms: tuple[str, ...], note: str
) -> None:
    """End an exception by one of its allowed resolutions, which acts."""
    body = {"resolution": resolution, "note": note, "terms": _terms(terms)}
    out.show(api.post(_PATH, number, "resolve", body=body), now_stands("exception"))


@exceptions.command()
@click.argument("number", type=NUMBER)
@click.option("--owner", required=True, type=NUMBER, help="The person who has it from now on.")
@acts
def reassign(api: Api, out: Output, number: str, owner: str) -> None:
    """Give an exception to another owner."""
    body = {"owner": owner}
    out.show(api.post(_PATH, number, "reassign", body=body), now_stands("exception"))
