"""``manciple emergencies``: the register, the answer to a page, rights that were lost."""

import click

from manciple.cli.client import Api
from manciple.cli.drawing import listed
from manciple.cli.options import NUMBER, acts, asks
from manciple.cli.output import Output
from manciple.cli.papers import add_list, now_stands

_PATH = "/v1/emergencies"
_CAPS = (("site", "site"), ("open", "open"), ("exposure", "exposure>"), ("cap", "cap>"),
         ("left", "left>"), ("one emergency", "case_cap>"))  # fmt: skip
_RIGHTS = (("person", "id"), ("state", "state"), ("emergencies", "causes"), ("since", "since"),
           ("lifted by", "lifted_by"))  # fmt: skip


@click.group()
def emergencies() -> None:
    """See emergencies, answer a page, restore a right."""


add_list(
    emergencies, _PATH,
    (("number", "id"), ("state", "state"), ("site", "site"), ("requester", "requester"),
     ("amount", "amount>"), ("ratify by", "due_at"), ("cause", "cause"), ("flag", "flag")),
    "emergencies",
)  # fmt: skip


@emergencies.command()
@asks
def caps(api: Api, out: Output) -> None:
    """Show what is open at each site, and what is left of its cap."""
    out.show(api.get("/v1/emergency-caps"), listed(_CAPS, "No site had an emergency."))


@emergencies.command()
@asks
def rights(api: Api, out: Output) -> None:
    """List who lost the right to declare emergencies."""
    page = api.rows("/v1/emergency-rights", state=None, most=None)
    out.show(page, listed(_RIGHTS, "Nobody ever lost the right."))


@emergencies.command()
@click.argument("number", type=NUMBER)
@click.option("--note", default="", help="A remark; it is kept.")
@acts
def release(api: Api, out: Output, *, number: str, note: str) -> None:
    """Let an emergency go before the 15 minutes are over."""
    out.show(api.post(_PATH, number, "release", body={"note": note}), now_stands("emergency"))


@emergencies.command()
@click.argument("number", type=NUMBER)
@click.option("--reason", required=True, help="Why it has to wait.")
@acts
def refuse(api: Api, out: Output, *, number: str, reason: str) -> None:
    """Stop an emergency before it is released."""
    out.show(api.post(_PATH, number, "refuse", body={"reason": reason}), now_stands("emergency"))


@emergencies.command()
@click.argument("person")
@click.option("--note", default="", help="A remark; it is kept.")
@acts
def restore(api: Api, out: Output, *, person: str, note: str) -> None:
    """Let a person declare emergencies again."""
    path = "/v1/emergency-rights"
    out.show(api.post(path, person, "restore", body={"note": note}), now_stands("right"))
