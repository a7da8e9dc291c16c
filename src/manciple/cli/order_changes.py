"""``manciple orders change``: another quantity, price or day; lines more or fewer; undone again.

manciple orders change PO-1 --quantity "1=80 EA" --reason "less is needed" --preview
manciple orders change PO-1 --price "1=31.00 USD/CA" --needed-by 1=2026-07-01 --reason agreed
"""

import re
from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, lines, page, some, told
from manciple.cli.files import json_file
from manciple.cli.options import DAY, NUMBER, acts, asks
from manciple.cli.output import Output
from manciple.cli.papers import add_list, now_stands, reason_option

_ORDERS, _CHANGES = "/v1/purchase-orders", "/v1/order-changes"
_QUANTITY = re.compile(r"(?P<value>-?[0-9.]+)\s+(?P<unit>\S+)")
_PRICE = re.compile(
    r"(?P<amount>-?[0-9.]+)\s+(?P<currency>[A-Z]{3})\s*/\s*(?:(?P<count>[0-9.]+)\s+)?(?P<unit>\S+)"
)
_DIFF = (
    ("line", "line"), ("wanted", "before.stated>"), ("now", "after.stated>"),
    ("price", "before.price>"), ("now", "after.price>"),
    ("needed by", "before.needed_by"), ("now", "after.needed_by"),
)  # fmt: skip
_STEPS = (("step", "number>"), ("role", "role"), ("who", "approver"), ("why", "why"))


def add_changes(group: click.Group) -> None:
    """Give the group of orders its commands about changes."""
    group.add_command(change)
    group.add_command(changes)
    group.add_command(withdraw_change)
    group.add_command(agree_substitute)


def _view(answer: Any) -> RenderableType:
    """Draw a change: what it does line by line, and who must agree."""
    found = answer["reapproval"]
    head = Text(f"change of {answer['order']}: {found['outcome']}", style="bold")
    amounts = facts(answer, (("committed", "committed_before"), ("and then", "committed_after")))
    chain = answer.get("chain") or {}
    asked = some(chain.get("steps") or (), _STEPS, title="who would be asked, in this order")
    gap = Text(f"It would be held: {chain['gap']}") if chain.get("gap") else None
    return page(head, amounts, grid(answer["lines"], _DIFF), lines(found["causes"]), asked, gap)


def _made_view(answer: Any) -> RenderableType:
    how = "waits for agreement" if answer["state"] == "proposed" else answer["state"]
    return page(Text(f"order change {answer['id']}: {how}", style="bold"), _view(answer))


def _pairs(name: str, values: tuple[str, ...]) -> dict[str, str]:
    """Read ``LINE=VALUE`` for each line that an option names."""
    found: dict[str, str] = {}
    for value in values:
        line, equals, said = value.partition("=")
        if not equals or not line.strip() or not said.strip():
            raise click.UsageError(f"{name} wants LINE=VALUE, not {value!r}")
        if line.strip() in found:
            raise click.UsageError(f"{name} names line {line.strip()} twice")
        found[line.strip()] = said.strip()
    return found


def _quantity(name: str, said: str) -> dict[str, str]:
    found = _QUANTITY.fullmatch(said)
    if found is None:
        raise click.UsageError(f"{name} wants a number and a unit such as '80 EA', not {said!r}")
    return {"value": found["value"], "unit": found["unit"]}


def _price(said: str) -> dict[str, Any]:
    found = _PRICE.fullmatch(said)
    if found is None:
        raise click.UsageError(f"--price wants an amount such as '31.00 USD/CA', not {said!r}")
    per = {"value": found["count"] or "1", "unit": found["unit"]}
    return {"amount": found["amount"], "currency": found["currency"], "per": per}


def _day(name: str, said: str) -> str:
    try:
        return DAY.convert(said, None, None)
    except click.BadParameter as problem:
        problem.param_hint = name
        raise


def _body(
    *,
    file: Path | None,
    reason: str | None,
    quantities: tuple[str, ...],
    prices: tuple[str, ...],
    days: tuple[str, ...],
    cancelled: tuple[str, ...],
    cancel: bool,
    added: tuple[tuple[str, str, str], ...],
    added_cost: str | None,
    added_cost_code: str | None,
    added_cost_by: str | None,
) -> Any:
    """Make the request: the file's, or what the options say."""
    said = (reason, quantities, prices, days, cancelled, cancel, added, added_cost)
    if file is not None:
        if any(said) or added_cost_code or added_cost_by:
            raise click.UsageError("say the change in FILE or in options, not in both")
        return json_file(file)
    if reason is None:
        raise click.UsageError("say --reason, or a JSON FILE")
    rows: dict[str, dict[str, Any]] = {}
    for line, value in _pairs("--quantity", quantities).items():
        rows.setdefault(line, {"line": line})["quantity"] = _quantity("--quantity", value)
    for line, value in _pairs("--price", prices).items():
        rows.setdefault(line, {"line": line})["price"] = _price(value)
    for line, value in _pairs("--needed-by", days).items():
        rows.setdefault(line, {"line": line})["needed_by"] = _day("--needed-by", value)
    for line in cancelled:
        rows.setdefault(line, {"line": line})["cancel"] = True
    body: dict[str, Any] = {"reason": reason, "lines": list(rows.values()), "cancel": cancel}
    body["add"] = [
        {"item": item, "quantity": _quantity("--add", value), "needed_by": day}
        for item, value, day in added
    ]
    return body | _charge(added_cost, added_cost_code, added_cost_by)


def _charge(cost: str | None, code: str | None, by: str | None) -> dict[str, Any]:
    """Make the fields of a charge that the change plans, as far as they are said."""
    fields: dict[str, Any] = {"added_cost_code": code, "added_cost_by": by}
    if cost is None and code is not None:
        raise click.UsageError("--added-cost-code says of what --added-cost is: say that, too")
    if cost is not None:
        amount, _, currency = cost.partition(" ")
        fields["added_cost"] = {"amount": amount, "currency": currency}
    return {name: value for name, value in fields.items() if value is not None}


_WANTED = (
    click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True)),
    click.option("--quantity", "quantities", multiple=True, metavar="LINE=QUANTITY",
                 help="How much in all, as '1=80 EA'."),
    click.option("--price", "prices", multiple=True, metavar="LINE=PRICE",
                 help="The new price, as '1=31.00 USD/CA' or '1=31.00 USD/12 EA'."),
    click.option("--needed-by", "days", multiple=True, metavar="LINE=DAY",
                 help="Another day, as '1=2026-07-01'."),
    click.option("--cancel-line", "cancelled", multiple=True, metavar="LINE",
                 help="Give up what has not come of this line."),
    click.option("--cancel", is_flag=True, help="Give up all that has not come of the order."),
    click.option("--add", "added", multiple=True, type=(str, str, DAY),
                 metavar="ITEM QUANTITY DAY",
                 help="Add a line, as RELAY '20 EA' 2026-07-01."),
    click.option("--added-cost", metavar="MONEY",
                 help="What the supplier charges for the change, as '25.00 USD'."),
    click.option("--added-cost-code", metavar="CODE",
                 help="As what it will bill it: freight, or a fee when not said."),
    click.option("--added-cost-by", metavar="SUPPLIER",
                 help="The carrier or broker that bills it, in the supplier's place."),
    click.option("--reason", help="Why; it is kept and told."),
)  # fmt: skip


@click.command()
@click.argument("number", type=NUMBER)
@click.option("--preview", is_flag=True, help="Show what it would do; keep nothing.")
@click.option("--if-version", type=click.IntRange(0), help="Only if the order has this version.")
@acts
def change(
    api: Api,
    out: Output,
    number: str,
    *,
    preview: bool,
    if_version: int | None,
    **wanted: Any,
) -> None:
    """Change an order from options, or from a JSON FILE (- for stdin).

    Inside the limits of policy it holds at once; else when people have agreed. The supplier is
    told by a change order, and answers the lines that it touches.
    """
    if preview and if_version is not None:
        raise click.UsageError("--if-version is about doing it, --preview does nothing: say one")
    body = _body(**wanted)
    if preview:
        out.show(api.post(_ORDERS, number, "changes", "preview", body=body), _view)
        return
    answer = api.post(_ORDERS, number, "changes", body=body, version=if_version)
    out.show(answer, _made_view)


for _option in _WANTED:
    change = _option(change)


@click.group()
def changes() -> None:
    """See changes of orders, with what became of them."""


def _shown(answer: Any) -> RenderableType:
    why = Text(told(answer["why"])) if answer["why"] else None
    return page(_made_view(answer), why)


add_list(
    changes, _CHANGES,
    (("number", "id"), ("state", "state"), ("order", "order"), ("revision", "revision>"),
     ("before", "committed_before>"), ("after", "committed_after>"), ("by", "requester"),
     ("asked", "asked_at")),
    "changes of orders",
)  # fmt: skip


@changes.command("show")
@click.argument("number", type=NUMBER)
@asks
def show_change(api: Api, out: Output, number: str) -> None:
    """Show a change of an order: before and after, every test, what became of it."""
    out.show(api.get(_CHANGES, number), _shown)


@click.command("withdraw-change")
@click.argument("number", type=NUMBER)
@acts
def withdraw_change(api: Api, out: Output, number: str) -> None:
    """Take a change back before people have decided on it."""
    out.show(api.post(_CHANGES, number, "withdraw", body={}), now_stands("order change"))


@click.command("agree-substitute")
@click.argument("number", type=NUMBER)
@click.option("--line", required=True, help="The order line for which another item comes.")
@click.option("--item", required=True, help="Our number of the item that comes instead.")
@click.option("--price", metavar="PRICE",
              help="What it costs, as '31.00 USD/CA'; else what its agreement says.")  # fmt: skip
@reason_option
@acts
def agree_substitute(
    api: Api, out: Output, number: str, line: str, item: str, price: str | None, reason: str
) -> None:
    """Agree that another item may come on an order line, at a price of its own."""
    body: dict[str, Any] = {"line": line, "item": item, "reason": reason}
    if price is not None:
        body["price"] = _price(price)
    out.show(api.post(_ORDERS, number, "substitutes", body=body), now_stands("order"))
