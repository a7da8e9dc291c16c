"""``manciple invoices`` and ``manciple match``: what was billed, what holds it, and why."""

from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, lines, listed, page, some
from manciple.cli.options import NUMBER, acts, asks
from manciple.cli.output import Output
from manciple.cli.papers import (
    add_list,
    add_show,
    add_tasks,
    all_option,
    limit_option,
    now_stands,
    reason_option,
)

_PATH = "/v1/invoices"
_HEAD = (
    ("supplier", "supplier"), ("their number", "number"), ("date", "date"), ("order", "order"),
    ("orders", "orders"), ("total", "total"), ("tax", "tax"), ("credit note", "credit"),
    ("terms", "terms.text"), ("due", "due"), ("discount until", "discount.until"),
    ("discount", "discount.amount"), ("discount lost by", "discount.lost.blame"),
    ("ERP number", "erp_number"), ("finance number", "finance_number"), ("reason", "reason"),
)  # fmt: skip
_LINES = (
    ("line", "stated.line"), ("bills order", "place.order"), ("its line", "place.line"),
    ("charge", "service.line"), ("quantity", "stated.quantity>"), ("price", "stated.price>"),
    ("amount", "stated.amount>"), ("counted as", "posted>"),
)  # fmt: skip
_UNBILLED = (
    ("days", "days>"), ("received", "received"), ("receipt", "receipt"), ("order", "order"),
    ("line", "line"), ("item", "item"), ("supplier", "supplier"), ("site", "site"),
    ("quantity", "quantity>"), ("value", "value>"),
)  # fmt: skip
_LOST = (("whose delay", "blame"), ("invoices", "invoices>"), ("amount", "amount>"))
_PARTS = (
    ("part", "number>"), ("total", "total>"), ("tax", "tax>"), ("released at", "at"),
    ("by", "by"), ("ERP number", "erp_number"), ("finance number", "finance_number"),
)  # fmt: skip
_HOLDS = (
    ("code", "code"), ("line", "line"), ("owner role", "owner_role"), ("owner", "owner"),
    ("why", "text"), ("variance", "variance"), ("released by", "released_by"),
    ("because", "release_reason"),
)  # fmt: skip


@click.group()
def invoices() -> None:
    """See invoices, release holds, send back."""


def _view(invoice: Any) -> RenderableType:
    head = Text(f"invoice {invoice['id']}: {invoice['state']}", style="bold")
    held = some(invoice["holds"], _HOLDS, title="holds")
    parts = some(invoice["parts"], _PARTS, title="released by itself")
    return page(head, facts(invoice, _HEAD), grid(invoice["lines"], _LINES), held, parts)


add_list(
    invoices, _PATH,
    (("number", "id"), ("state", "state"), ("supplier", "supplier"), ("their number", "number"),
     ("order", "order"), ("date", "date"), ("total", "total>")),
    "invoices",
)  # fmt: skip
add_show(invoices, _PATH, _view, "an invoice with its holds")
add_tasks(
    invoices, "/v1/holds",
    (("hold", "id"), ("invoice", "subject.id"), ("what", "title"), ("role", "role"),
     ("owner", "owner"), ("due", "due_at")),
    "holds", usual="all", name="holds",
)  # fmt: skip


@invoices.command("not-invoiced")
@limit_option
@all_option
@asks
def not_invoiced(api: Api, out: Output, limit: int, everything: bool) -> None:  # noqa: FBT001
    """List what was received and nobody billed, with its age and value."""
    rows = api.rows("/v1/goods-received-not-invoiced", most=None if everything else limit)
    out.show(rows, listed(_UNBILLED, "Everything that was received is billed."))


@invoices.command("discounts-lost")
@click.argument("supplier", type=NUMBER)
@asks
def discounts_lost(api: Api, out: Output, supplier: str) -> None:
    """Sum up a supplier's lost early-payment discounts, by whose delay."""
    answer = api.get("/v1/suppliers", supplier, "discounts-lost")
    out.show(answer, listed(_LOST, "No discount was lost."))


@invoices.command()
@click.argument("number", type=NUMBER)
@click.option("--code", required=True, help="The hold: PRICE, QTY_RECEIVED, ...")
@click.option("--line", help="The line that it holds, if it holds one.")
@reason_option
@acts
def release(api: Api, out: Output, number: str, code: str, line: str | None, reason: str) -> None:
    """Release one hold; the others stay."""
    body = {"code": code, "line": line, "reason": reason}
    out.show(api.post(_PATH, number, "release", body=body), now_stands("invoice"))


@invoices.command("release-part")
@click.argument("number", type=NUMBER)
@acts
def release_part(api: Api, out: Output, number: str) -> None:
    """Let what matches of a held invoice be paid; what is held waits on."""
    out.show(api.post(_PATH, number, "release-part", body={}), now_stands("invoice"))


@invoices.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def reject(api: Api, out: Output, number: str, reason: str) -> None:
    """Send an invoice back: it is not paid."""
    body = {"reason": reason}
    out.show(api.post(_PATH, number, "reject", body=body), now_stands("invoice"))


@invoices.command("assign-line")
@click.argument("number", type=NUMBER)
@click.option("--line", required=True, help="The invoice's line.")
@click.option("--order", required=True, help="The order that it bills.")
@click.option("--order-line", required=True, help="The line of that order.")
@click.option("--note", required=True, help="Why it is that line; it is kept.")
@acts
def assign_line(
    api: Api, out: Output, number: str, line: str, order: str, order_line: str, note: str
) -> None:
    """Say which order line an invoice line bills, where no rule could tell."""
    body = {"line": line, "order": order, "order_line": order_line, "note": note}
    out.show(api.post(_PATH, number, "assign-line", body=body), now_stands("invoice"))


@click.group()
def match() -> None:
    """Explain a three-way match."""


@match.command()
@click.argument("invoice", type=NUMBER)
@asks
def explain(api: Api, out: Output, invoice: str) -> None:
    """Show a match with its arithmetic: every test, its numbers, its tolerance, its outcome."""
    out.show(api.get(_PATH, invoice, "match"), lambda answer: lines(answer["lines"]))
