"""``manciple receipts``: what a warehouse counted."""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, page
from manciple.cli.files import json_file
from manciple.cli.options import DAY, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show

_PATH = "/v1/receipts"
_HEAD = (("order", "order"), ("site", "site"), ("supplier", "supplier"), ("received", "received"),
         ("shipment", "shipment"), ("recorded", "recorded_at"))  # fmt: skip
_LINES = (("line", "line"), ("received", "quantity>"), ("condition", "condition"))


@click.group()
def receipts() -> None:
    """Record and see what a warehouse counted."""


def _view(receipt: Any) -> RenderableType:
    head = Text(f"receipt {receipt['id']}: {receipt['state']}", style="bold")
    return page(head, facts(receipt, _HEAD), grid(receipt["told"], _LINES))


add_list(
    receipts, _PATH,
    (("number", "id"), ("state", "state"), ("order", "order"), ("site", "site"),
     ("supplier", "supplier"), ("received", "received")),
    "receipts",
)  # fmt: skip
add_show(receipts, _PATH, _view, "a receipt with its lines")


@receipts.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--receipt", help="The warehouse's own number.")
@click.option("--order", help="The purchase order.")
@click.option("--site", help="Where it came in.")
@click.option("--received", type=DAY, help="The day it came in.")
@click.option("--shipment", help="The supplier's shipment number.")
@click.option("--line", "lines", multiple=True, nargs=3, metavar="LINE QUANTITY UNIT",
              help="What was counted in good order; once for each line.")  # fmt: skip
@click.option("--damaged", multiple=True, nargs=3, metavar="LINE QUANTITY UNIT",
              help="What was counted and is damaged.")  # fmt: skip
@acts
def record(api: Api, out: Output, **said: Any) -> None:
    """Record what was counted, from options or from a JSON FILE (- for stdin)."""
    out.show(api.post(_PATH, body=_body(**said)), _view)


def _body(
    *,
    file: Path | None,
    received: str | None,
    lines: tuple[tuple[str, str, str], ...],
    damaged: tuple[tuple[str, str, str], ...],
    **head: str | None,
) -> Any:
    said = {name: value for name, value in head.items() if value is not None}
    if file is not None:
        if said or received or lines or damaged:
            raise click.UsageError("say the receipt in FILE or in options, not in both")
        return json_file(file)
    missing = [f"--{name}" for name in ("receipt", "order", "site") if name not in said]
    missing += [] if received else ["--received"]
    if missing or not (lines or damaged) or received is None:
        wanted = ", ".join(missing or ["--line or --damaged"])
        raise click.UsageError(f"say {wanted}, or a JSON FILE")
    counted = [(line, "good") for line in lines] + [(line, "damaged") for line in damaged]
    return said | {
        "received": received,
        "lines": [
            {"line": line[0], "quantity": {"value": line[1], "unit": line[2]}, "condition": how}
            for line, how in counted
        ],
    }
