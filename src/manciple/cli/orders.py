"""``manciple orders``: purchase orders, and every quantity stated about their lines."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, page
from manciple.cli.options import NUMBER, acts, asks
from manciple.cli.order_changes import add_changes
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show, now_stands, reason_option

_PATH = "/v1/purchase-orders"
_HEAD = (
    ("supplier", "supplier"), ("site", "site"), ("requisition", "requisition"),
    ("revision", "revision"), ("total", "total"), ("lane", "lane"),
    ("ordered on", "ordered_on"), ("ERP number", "erp_number"), ("sent", "sent_at"),
    ("reason", "reason"),
)  # fmt: skip
_LINES = (
    ("line", "number"), ("item", "item"), ("description", "description"),
    ("ordered", "stated>"), ("price", "price>"), ("needed by", "needed_by"),
    ("promised", "promise"),
)  # fmt: skip
_TOTALS = (
    "ordered", "cancelled", "acknowledged", "shipped", "received", "accepted", "returned",
    "invoiced",
)  # fmt: skip
_POSTINGS = (
    ("stage", "stage"), ("quantity", "quantity>"), ("stated", "stated>"), ("source", "source"),
    ("effective", "effective"), ("reason", "reason"),
)  # fmt: skip


@click.group()
def orders() -> None:
    """See purchase orders and their quantities."""


def _view(order: Any) -> RenderableType:
    head = Text(f"order {order['id']}: {order['state']}", style="bold")
    return page(head, facts(order, _HEAD), grid(order["lines"], _LINES))


def _ledger_view(ledger: Any) -> RenderableType:
    totals = [("line", "line"), ("state", "state"), ("unit", "unit")]
    totals += [(stage, f"totals.{stage}>") for stage in _TOTALS]
    totals += [("open", "open>"), ("not invoiced", "received_not_invoiced>")]
    details = (grid(each["postings"], _POSTINGS, title=f"line {each['line']}") for each in ledger)
    return page(grid(ledger, totals), *details)


add_list(
    orders, _PATH,
    (("number", "id"), ("state", "state"), ("supplier", "supplier"), ("site", "site"),
     ("total", "total>"), ("ERP number", "erp_number"), ("ordered", "ordered_on")),
    "purchase orders",
)  # fmt: skip
add_show(orders, _PATH, _view, "a purchase order with its lines")
add_changes(orders)


@orders.command()
@click.argument("number", type=NUMBER)
@asks
def ledger(api: Api, out: Output, number: str) -> None:
    """Show every quantity ever stated about the order's lines, and what is open."""
    out.show(api.get(_PATH, number, "ledger"), _ledger_view)


@orders.command("cancel-remainder")
@click.argument("number", type=NUMBER)
@click.option("--line", "lines", multiple=True, help="Only these lines; else every open one.")
@click.option(
    "--beyond",
    type=click.Choice(["confirmed", "delivered"]),
    default="confirmed",
    show_default=True,
    help="What stands: what the supplier confirmed, or only what was shipped or received.",
)
@reason_option
@acts
def cancel_remainder(
    api: Api, out: Output, number: str, lines: tuple[str, ...], beyond: str, reason: str
) -> None:
    """Give up what has not come yet; what was ordered is never lowered."""
    body = {"lines": lines, "reason": reason, "beyond": beyond}
    answer = api.post(_PATH, number, "cancel-remainder", body=body)
    out.show(answer, now_stands("order"))
