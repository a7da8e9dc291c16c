"""``manciple expedites``: hurry a line of an order, and see what was hurried."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import grid, page
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list

_HURRIES = (("line", "line"), ("cost", "cost>"), ("cause", "cause"), ("basis", "basis"),
            ("override", "override"), ("closed", "closed"), ("by", "by"))  # fmt: skip
_CAUSES = ("late_requisition", "late_approval", "late_acknowledgment", "supplier_late",
           "forecast", "unknown")  # fmt: skip


@click.group()
def expedites() -> None:
    """Hurry lines of orders, and see what it cost."""


def _view(found: Any) -> RenderableType:
    head = Text(f"order {found['id']}: {found['state']}", style="bold")
    return page(head, grid(found["hurries"], _HURRIES))


add_list(
    expedites, "/v1/expedites",
    (("order", "id"), ("supplier", "supplier"), ("site", "site"), ("state", "state")),
    "orders that were hurried",
)  # fmt: skip


@expedites.command()
@click.argument("order", type=NUMBER)
@click.option("--line", required=True, help="The order line.")
@click.option("--cost", required=True, nargs=2, metavar="AMOUNT CURRENCY", help="What it costs.")
@click.option("--cause", required=True, type=click.Choice(_CAUSES), help="Why.")
@click.option("--override", default="", help="The reason, where it seems unfounded.")
@acts
def hurry(
    api: Api, out: Output, *, order: str, line: str, cost: tuple[str, str], cause: str,
    override: str,
) -> None:  # fmt: skip
    """Pay so that a line comes sooner."""
    body = {"line": line, "cost": {"amount": cost[0], "currency": cost[1]}, "cause": cause,
            "override": override}  # fmt: skip
    out.show(api.post("/v1/purchase-orders", order, "expedite", body=body), _view)


@expedites.command()
@click.argument("order", type=NUMBER)
@click.option("--note", default="", help="A sentence of your own that goes along.")
@acts
def ask(api: Api, out: Output, *, order: str, note: str) -> None:
    """Remind the supplier of the answers and the goods that it owes on an order."""
    out.show(api.post("/v1/purchase-orders", order, "ask", body={"note": note}), _asked)


def _asked(found: Any) -> RenderableType:
    return Text(f"{found['supplier']} asked about {found['id']}, time {found['asked']}")
