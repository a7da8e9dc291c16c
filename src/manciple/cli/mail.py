"""``manciple mail``: whether this house sends mail; its links to suppliers; the key that signs."""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType

from manciple.cli.client import Api
from manciple.cli.drawing import lines
from manciple.cli.options import NUMBER, acts, asks, home_option, json_option
from manciple.cli.output import Output
from manciple.cli.papers import reason_option


@click.group()
def mail() -> None:
    """Switch mail on, send suppliers their links, and say how you are told."""


@mail.command()
@asks
def show(api: Api, out: Output) -> None:
    """Show how mail is sent."""
    out.show(api.get("/v1/mailing"), _view)


@mail.command()
@click.option("--from", "sender", required=True, help="The address in From.")
@click.option("--address", required=True, help="What links begin with: https://buy.example.com")
@click.option("--name", default="Purchasing", show_default=True, help="How we call ourselves.")
@click.option("--zone", default="UTC", show_default=True, help="Whose clock times are told by.")
@click.option("--off", is_flag=True, help="Send nothing from now on.")
@acts
def on(
    api: Api, out: Output, *, sender: str, address: str, name: str, zone: str, off: bool
) -> None:
    """Say how mail is sent, and switch it on; the server is the setting MANCIPLE_SMTP_URL."""
    body = {
        "sender": sender, "address": address, "name": name, "zone": zone, "is_on": not off,
    }  # fmt: skip
    out.show(api.post("/v1/mailing", body=body), _view)


@mail.command()
@click.argument("order", type=NUMBER)
@click.option("--note", default="", help="A word to the supplier.")
@acts
def link(api: Api, out: Output, order: str, note: str) -> None:
    """Mail the supplier of ORDER a link to the page on which it can answer."""
    out.show(api.post("/v1/purchase-orders", order, "link", body={"note": note}), _link_view)


@mail.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def withdraw(api: Api, out: Output, number: str, reason: str) -> None:
    """End the link NUMBER at once."""
    out.show(api.post("/v1/links", number, "withdraw", body={"reason": reason}), _link_view)


@mail.command()
@asks
def notices(api: Api, out: Output) -> None:
    """List what you should know, newest first."""
    out.show(api.get("/v1/notices"), _notices_view)


@mail.command()
@click.option("--subject", default="", help="One thing alone, as `notices` names it.")
@acts
def read(api: Api, out: Output, subject: str) -> None:
    """Mark your notices as read."""
    answer = api.post("/v1/notices/read", body={"subject": subject})
    out.show(answer, lambda _: lines(["read"]))


@mail.command()
@click.argument("cadence", type=click.Choice(["immediately", "digest", "none"]))
@click.option("--quiet-from", help="HH:MM; no letter arrives from then on,")
@click.option("--quiet-to", help="HH:MM; until then.")
@click.option("--digest-at", default="07:00", show_default=True, help="HH:MM of the digest.")
@click.option("--zone", default="UTC", show_default=True, help="Whose clock.")
@acts
def wish(api: Api, out: Output, /, **asked: Any) -> None:
    """Say how you want to be told by mail: at once, in a daily digest, or not."""
    answer = api.post("/v1/notifying", body=asked)
    out.show(answer, lambda told: lines([f"{told['id']} is told by mail: {told['cadence']}"]))


@mail.command("rotate-key")
@home_option
@json_option
@click.pass_context
def rotate_key(ctx: click.Context, home: Path | None, *, as_json: bool) -> None:
    """Let a new key sign links; links that are out hold on until their own end."""
    from manciple.adapters.link_keys import KeyRing  # noqa: PLC0415  loaded when it is called
    from manciple.cli.inside import read_settings  # noqa: PLC0415  loaded when it is called

    settings = read_settings(ctx.obj or {}, home=home, url=None)
    name = KeyRing(settings.home, told=settings.link_keys).rotate()
    Output(as_json=as_json).show({"key": name}, lambda told: lines([f"{told['key']} signs now"]))


def _view(answer: Any) -> RenderableType:
    word = "is sent" if answer["is_on"] else "is not sent"
    return lines([f"mail {word} as {answer['sender']}; links begin with {answer['address']}"])


def _notices_view(answer: Any) -> RenderableType:
    rows = answer["rows"]
    return lines(
        [f"{'  ' if row['is_read'] else '* '}{row['at']}  {row['title']}" for row in rows]
        or ["nothing"]
    )


def _link_view(answer: Any) -> RenderableType:
    who = f"link {answer['id']} of {answer['bearer']}"
    return lines([f"{who}: {answer['state']}, until {answer['expires_at']}"])
