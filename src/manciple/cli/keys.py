"""``manciple keys``: API keys for people and programs."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, page
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list, now_stands


@click.group()
def keys() -> None:
    """See, issue and revoke API keys."""


add_list(
    keys, "/v1/keys",
    (("id", "id"), ("person", "person"), ("state", "state"), ("made", "created_at")), "keys",
)  # fmt: skip


@keys.command()
@click.argument("person", type=NUMBER)
@acts
def issue(api: Api, out: Output, person: str) -> None:
    """Make a key by which its bearer acts as PERSON; it is shown this once."""
    out.show(api.post("/v1/keys", body={"person": person}), _view)


def _view(answer: Any) -> RenderableType:
    shown = facts(answer, (("id", "id"), ("person", "person"), ("key", "key")))
    return page(shown, Text("Keep it now: only its digest is stored.", style="dim"))


@keys.command()
@click.argument("key_id", metavar="ID", type=NUMBER)
@acts
def revoke(api: Api, out: Output, key_id: str) -> None:
    """Make a key worthless from the next request on; ID is the middle part of mk_ID_..."""
    answer = api.post("/v1/keys", key_id, "revoke", body={})
    answer.pop("digest", None)
    out.show(answer, now_stands("key"))
