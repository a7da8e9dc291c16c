"""``manciple returns``: goods that go back to a supplier, and the credit expected for them."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, page
from manciple.cli.options import DAY, NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show, note_option, now_stands, reason_option

_PATH = "/v1/returns"
_HEAD = (
    ("order", "order"), ("site", "site"), ("supplier", "supplier"), ("reason", "reason"),
    ("for a", "settlement"), ("authorisation", "authorisation"), ("restocking fee", "fee"),
    ("picked", "picked"), ("shipped", "shipped"), ("credit by", "credit_by"),
    ("credit notes", "credits"), ("why", "why"),
)  # fmt: skip
_LINES = (("line", "line"), ("item", "item"), ("goes back", "quantity>"),
          ("condition", "condition"), ("worth", "worth>"), ("credited", "credited>"))  # fmt: skip
_REASONS = ("damaged", "wrong_item", "quality", "over_delivered", "recall", "not_needed")


@click.group()
def returns() -> None:
    """Send goods back to their supplier and see what is credited."""


def _view(goods: Any) -> RenderableType:
    head = Text(f"return {goods['id']}: {goods['state']}", style="bold")
    return page(head, facts(goods, _HEAD), grid(goods["lines"], _LINES))


add_list(
    returns, _PATH,
    (("number", "id"), ("state", "state"), ("order", "order"), ("supplier", "supplier"),
     ("reason", "reason"), ("for a", "settlement"), ("credit by", "credit_by")),
    "returns",
)  # fmt: skip
add_show(returns, _PATH, _view, "a return with its lines")


@returns.command()
@click.option("--order", required=True, type=NUMBER, help="The purchase order.")
@click.option("--line", "lines", multiple=True, nargs=3, metavar="LINE QUANTITY UNIT",
              help="What is to go back; once for each line.")  # fmt: skip
@click.option("--damaged", multiple=True, nargs=3, metavar="LINE QUANTITY UNIT",
              help="What is damaged and is to go back.")  # fmt: skip
@click.option("--aside", multiple=True, nargs=3, metavar="LINE QUANTITY UNIT",
              help="What the dock put aside as too much.")  # fmt: skip
@click.option("--reason", required=True, type=click.Choice(_REASONS), help="Why.")
@click.option("--settlement", type=click.Choice(["refund", "replacement"]), default="refund",
              show_default=True, help="What is wanted for it.")  # fmt: skip
@note_option
@acts
def request(api: Api, out: Output, **said: Any) -> None:
    """Ask that goods of an order go back."""
    rows = [_row(line) for line in said.pop("lines")]
    rows += [_row(line) | {"condition": "damaged"} for line in said.pop("damaged")]
    rows += [_row(line) | {"aside": True} for line in said.pop("aside")]
    if not rows:
        raise click.UsageError("say --line, --damaged or --aside")
    out.show(api.post(_PATH, body=said | {"lines": rows}), _view)


def _row(line: tuple[str, str, str]) -> dict[str, Any]:
    return {"line": line[0], "quantity": {"value": line[1], "unit": line[2]}}


@returns.command()
@click.argument("number", type=NUMBER)
@click.option("--authorisation", required=True, help="The supplier's number for it.")
@click.option("--restocking-percent", default="0", show_default=True, help="What it keeps.")
@acts
def authorise(
    api: Api, out: Output, number: str, authorisation: str, restocking_percent: str
) -> None:
    """Note that the supplier takes the goods back."""
    body = {"authorisation": authorisation, "restocking_percent": restocking_percent}
    out.show(api.post(_PATH, number, "authorise", body=body), now_stands("return"))


@returns.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def refuse(api: Api, out: Output, number: str, reason: str) -> None:
    """Note that the supplier does not take the goods back."""
    out.show(api.post(_PATH, number, "refuse", body={"reason": reason}), now_stands("return"))


@returns.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def withdraw(api: Api, out: Output, number: str, reason: str) -> None:
    """Keep the goods after all."""
    out.show(api.post(_PATH, number, "withdraw", body={"reason": reason}), now_stands("return"))


@returns.command()
@click.argument("number", type=NUMBER)
@click.option("--picked", required=True, type=DAY, help="The day.")
@acts
def pick(api: Api, out: Output, number: str, picked: str) -> None:
    """Note that the goods were taken from the shelf."""
    body = {"picked": picked}
    out.show(api.post(_PATH, number, "pick", body=body), now_stands("return"))


@returns.command()
@click.argument("number", type=NUMBER)
@click.option("--shipped", required=True, type=DAY, help="The day.")
@click.option("--carrier", help="Who carries them.")
@acts
def ship(api: Api, out: Output, number: str, shipped: str, carrier: str | None) -> None:
    """Note that the goods left."""
    body = {"shipped": shipped, "carrier": carrier}
    out.show(api.post(_PATH, number, "ship", body=body), now_stands("return"))


@returns.command("write-off")
@click.argument("number", type=NUMBER)
@reason_option
@acts
def write_off(api: Api, out: Output, number: str, reason: str) -> None:
    """Expect no more credit for what went back."""
    out.show(api.post(_PATH, number, "write-off", body={"reason": reason}), now_stands("return"))
