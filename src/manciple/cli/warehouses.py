"""``manciple warehouse-orders`` and ``manciple supplier-stock``."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, page
from manciple.cli.options import DAY, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show

_ORDERS = "/v1/warehouse-orders"
_STOCK = "/v1/supplier-stock"
_HEAD = (("site", "site"), ("warehouse", "warehouse"), ("purpose", "purpose"), ("to", "to"),
         ("about", "about"), ("wanted", "wanted"), ("shipment", "shipment"),
         ("shipped", "shipped"))  # fmt: skip
_LINES = (("line", "line"), ("item", "item"), ("asked", "quantity>"))
_SENT = (("line", "line"), ("sent", "shipped>"))
_STOCK_ROWS = (("number", "id"), ("supplier", "supplier"), ("item", "item"),
               ("their number", "supplier_item"), ("available", "available>"),
               ("as of", "as_of"))  # fmt: skip


@click.group("warehouse-orders")
def warehouse_orders() -> None:
    """Have a warehouse of another company send goods out."""


def _view(order: Any) -> RenderableType:
    head = Text(f"warehouse order {order['id']}: {order['state']}", style="bold")
    return page(head, facts(order, _HEAD), grid(order["lines"], _LINES),
                grid(order["sent"], _SENT))  # fmt: skip


add_list(
    warehouse_orders, _ORDERS,
    (("number", "id"), ("state", "state"), ("site", "site"), ("warehouse", "warehouse"),
     ("purpose", "purpose"), ("to", "to"), ("wanted", "wanted")),
    "orders to warehouses",
)  # fmt: skip
add_show(warehouse_orders, _ORDERS, _view, "an order to a warehouse")


@warehouse_orders.command()
@click.option("--site", required=True, help="Whose goods.")
@click.option("--purpose", required=True, type=click.Choice(["return", "transfer"]), help="Why.")
@click.option("--to", required=True, help="The supplier or site to which they go.")
@click.option("--about", required=True, help="The return, transfer or purchase order.")
@click.option("--wanted", required=True, type=DAY,
              help="The day on which they are to leave.")  # fmt: skip
@click.option("--line", "lines", multiple=True, required=True, nargs=3,
              metavar="ITEM QUANTITY UNIT", help="Once for each line.")  # fmt: skip
@acts
def place(
    api: Api, out: Output, *, site: str, purpose: str, to: str, about: str, wanted: str,
    lines: tuple[tuple[str, str, str], ...],
) -> None:  # fmt: skip
    """Place an order with the warehouse that keeps the goods of a site."""
    rows = [{"item": i, "quantity": {"value": n, "unit": u}} for i, n, u in lines]
    body = {"site": site, "purpose": purpose, "to": to, "about": about,
            "wanted": wanted, "lines": rows}  # fmt: skip
    out.show(api.post(_ORDERS, body=body), _view)


@click.group("supplier-stock")
def supplier_stock() -> None:
    """See what suppliers said they have."""


def _stock(said: Any) -> RenderableType:
    head = Text(f"{said['id']}: {said['state']}", style="bold")
    rows = (("available", "available"), ("on hand", "on_hand"), ("on order", "on_order"),
            ("as of", "as_of"), ("stock list", "list_number"), ("file", "source"))  # fmt: skip
    return page(head, facts(said, rows))


add_list(supplier_stock, _STOCK, _STOCK_ROWS, "statements of stock")
add_show(supplier_stock, _STOCK, _stock, "what a supplier said it has of an item")
