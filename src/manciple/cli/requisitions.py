"""``manciple requisitions``: raise a need, see who would approve it, import a spreadsheet."""

from pathlib import Path
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api, parsed
from manciple.cli.drawing import at, facts, grid, lines, page, some, told
from manciple.cli.files import json_file, taken
from manciple.cli.options import DAY, NUMBER, acts, asks
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show, note_option, now_stands
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.requisitioning.planned import parse

_PATH = "/v1/requisitions"
_UNREADABLE = 422
_LINES = (
    ("line", "number"), ("item", "item"), ("description", "description"), ("asked", "stated>"),
    ("supplier", "supplier"), ("price", "price>"), ("extended", "extended>"),
    ("needed by", "needed_by"), ("pays", "cost_centre"), ("account", "account"),
)  # fmt: skip
_CHARGES = (
    ("charge", "code"), ("amount", "amount>"), ("order of", "supplier"),
    ("billed by", "billed_by"),
)  # fmt: skip
_STEPS = (
    ("step", "number"), ("role", "role"), ("approver", "approver"), ("kind", "kind"),
    ("why", "why"),
)  # fmt: skip
_HEAD = (
    ("site", "site"), ("flow", "flow"), ("requester", "requester"), ("reference", "reference"),
    ("total", "total"), ("lane", "lane"), ("approval", "approval"), ("orders", "orders"),
    ("reason", "reason"), ("note", "note"),
)  # fmt: skip


@click.group()
def requisitions() -> None:
    """Raise needs and see them."""


def requisition_view(need: Any) -> RenderableType:
    """Draw a requisition with its lines."""
    head = Text(f"requisition {need['id']}: {need['state']}", style="bold")
    planned = some(need["planned"], _CHARGES, title="planned charges")
    return page(head, facts(need, _HEAD), grid(need["lines"], _LINES), planned)


add_list(
    requisitions, _PATH,
    (("number", "id"), ("state", "state"), ("site", "site"), ("requester", "requester"),
     ("reference", "reference"), ("total", "total>"), ("raised", "submitted_at")),
    "requisitions",
)  # fmt: skip
add_show(requisitions, _PATH, requisition_view, "a requisition with its lines")

_NEED = (
    click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True)),
    click.option("--site", help="The site that needs it."),
    click.option("--item", "items", multiple=True, help="An item; once for each line."),
    click.option("--quantity", "quantities", multiple=True, help="How much, for each line."),
    click.option("--unit", "units", multiple=True, help="Its unit; said once, for every line."),
    click.option(
        "--needed-by", "days", multiple=True, type=DAY,
        help="By when; said once, for every line.",
    ),
    click.option("--supplier", "suppliers", multiple=True, help="From whom, for each line."),
    click.option("--cost-centre", "centres", multiple=True, help="Who pays, for each line."),
    click.option("--account", "accounts", multiple=True, help="Booked where, for each line."),
    click.option("--description", "words", multiple=True, help="In free text, for each line."),
    click.option(
        "--price", "prices", multiple=True, nargs=2, metavar="AMOUNT CURRENCY",
        help="For one of the unit, for each line in free text.",
    ),
    click.option(
        "--charge", "charges", multiple=True, metavar="CHARGE",
        help="A charge to plan: 'freight 120.00 USD', with 'on SUPPLIER' and 'by CARRIER'.",
    ),
    click.option("--flow", help="The flow; direct when not said."),
    click.option("--cause", help="What happened, in an emergency."),
    click.option("--asset", help="What stands still, in an emergency or for maintenance."),
    click.option(
        "--downtime", type=click.Choice(["stopped", "reduced", "planned"]),
        help="For maintenance: what its lack does to the asset.",
    ),
    click.option("--customer-order", help="What it is for, in an emergency."),
    click.option("--reference", help="The requester's own number."),
    click.option("--note", help="A remark; it is kept."),
    click.option("--customer-waiting", is_flag=True, help="A customer waits for it."),
)  # fmt: skip


def _need_options(body: "click.decorators.FC") -> "click.decorators.FC":
    for option in reversed(_NEED):
        body = option(body)
    return body


@requisitions.command()
@_need_options
@acts
def submit(api: Api, out: Output, **need: Any) -> None:
    """Raise a requisition from options, or from a JSON FILE (- for stdin)."""
    out.show(api.post(_PATH, body=_body(**need)), requisition_view)


@requisitions.command()
@_need_options
@asks
def preview(api: Api, out: Output, **need: Any) -> None:
    """Show what it would cost, who would approve it and why; nothing is kept."""
    out.show(api.post(f"{_PATH}/preview", body=_body(**need)), _preview_view)


def _body(
    *,
    file: Path | None,
    items: tuple[str, ...],
    quantities: tuple[str, ...],
    units: tuple[str, ...],
    days: tuple[str, ...],
    suppliers: tuple[str, ...],
    centres: tuple[str, ...],
    accounts: tuple[str, ...],
    words: tuple[str, ...],
    prices: tuple[tuple[str, str], ...],
    charges: tuple[str, ...],
    customer_waiting: bool,
    **head: str | None,
) -> Any:
    """Make the request: the file's, or one line for each item."""
    said = {name: value for name, value in head.items() if value is not None}
    if file is not None:
        by_line = (items, quantities, units, days, suppliers, centres, accounts, words, prices)
        if said or any(by_line) or charges or customer_waiting:
            raise click.UsageError("say the need in FILE or in options, not in both")
        return json_file(file)
    if "site" not in said or not items:
        raise click.UsageError("say --site and at least one --item, or a JSON FILE")
    count = len(items)
    quantity = _each("--quantity", quantities, count, repeats=False)
    unit = _each("--unit", units, count, repeats=True)
    day = _each("--needed-by", days, count, repeats=True)
    supplier = _each("--supplier", suppliers, count, repeats=True) if suppliers else None
    more = {
        "cost_centre": _each("--cost-centre", centres, count, repeats=True) if centres else None,
        "account": _each("--account", accounts, count, repeats=True) if accounts else None,
        "description": _each("--description", words, count, repeats=False) if words else None,
    }
    stated = _each("--price", prices, count, repeats=False) if prices else None
    rows = [
        {
            "item": item,
            "quantity": {"value": quantity[n], "unit": unit[n]},
            "needed_by": day[n],
        }
        | ({"supplier": supplier[n]} if supplier else {})
        | {name: values[n] for name, values in more.items() if values}
        | ({"price": _price(stated[n], unit[n])} if stated else {})
        for n, item in enumerate(items)
    ]
    made = said | {"lines": rows} | ({"customer_waiting": True} if customer_waiting else {})
    return made | ({"planned": [_charge(text) for text in charges]} if charges else {})


def _charge(text: str) -> dict[str, Any]:
    """Write a planned charge as the API takes it."""
    found = parse(text)
    if found is None:
        raise click.UsageError(f"--charge wants 'freight 120.00 USD', not {text!r}")
    amount = {"amount": f"{found.amount.amount:f}", "currency": found.amount.currency.value}
    names = {"supplier": found.supplier, "billed_by": found.billed_by}
    said = {name: value for name, value in names.items() if value is not None}
    return {"code": found.code, "amount": amount} | said


def _price(said: tuple[str, str], unit: str) -> dict[str, Any]:
    """Write a price for one of the unit as the API takes it."""
    amount, currency = said
    return {
        "money": {"amount": amount, "currency": currency},
        "per": {"value": "1", "unit": unit},
    }


def _each(name: str, values: tuple[Any, ...], count: int, *, repeats: bool) -> tuple[Any, ...]:
    if repeats and len(values) == 1:
        return values * count
    if len(values) != count:
        raise click.UsageError(f"{count} --item want {count} {name}, not {len(values)}")
    return values


def _preview_view(answer: Any) -> RenderableType:
    need, chain = answer["requisition"], answer["chain"]
    if chain["gap"]:
        who: RenderableType = Text(f"It would be held: {chain['gap']}")
    elif not chain["steps"]:
        who = Text("Nobody is asked: a policy row says so.")
    else:
        who = grid(chain["steps"], _STEPS, title="who would be asked, in this order")
    cited = (
        f"{each['table']} {each['version']}/{each['row'] or 'no row'}: "
        + ", ".join(f"{name} = {told(value)}" for name, value in each["facts"].items())
        for each in chain["rulings"]
    )
    head = facts(need, (("total", "total"), ("lane", "lane"), ("site", "site")))
    found = [f"{each['rule']}: {each['text']}" for each in chain["findings"]]
    planned = some(need["planned"], _CHARGES, title="planned charges")
    return page(head, grid(need["lines"], _LINES), planned, who, lines(found), lines(cited))


@requisitions.command()
@click.argument("number", type=NUMBER)
@note_option
@acts
def nudge(api: Api, out: Output, number: str, note: str) -> None:
    """Remind whoever has to decide on it; once in 24 hours."""
    out.show(api.post(_PATH, number, "nudge", body={"note": note}), now_stands("approval"))


@requisitions.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--rows", type=click.Choice(["all", "good"]), default="all", show_default=True,
    help="All rows or none, or the good ones.",
)  # fmt: skip
@acts
def import_rows(api: Api, out: Output, file: Path, rows: str) -> None:
    """Raise requisitions from a CSV FILE (- for stdin); bad cells are told by row and column.

    Columns: site, item, quantity, unit, needed_by; and reference, flow, supplier, note,
    customer_waiting, cost_centre, account, description, price, charges. Exit 1 when nothing was
    raised.
    """
    data = taken(file)
    if not data:
        raise refuse(
            "NO_HEADER",
            f"{file} is empty",
            field="FILE",
            fix="Name the columns in the first row: site, item, quantity, unit, needed_by.",
        )
    with out.working("handing in the rows"):
        status, answer = api.send(
            f"{_PATH}/import", data=data, kind="text/csv", rows=rows
        )  # fmt: skip
    told_by_rows = status == _UNREADABLE and b'"problems"' in answer
    body = parsed(answer) if told_by_rows else api.accepted(status, answer)
    if body.get("requisitions"):
        out.show(body, _import_view)
        return
    raise Refused(*(_reason(problem) for problem in body["problems"]))


def _reason(problem: Any) -> Reason:
    """Say a bad row as a reason; its field is ``row 3, quantity``."""
    where = f"row {problem['row']}" if problem["row"] else "file"
    return Reason(
        code=problem["code"],
        message=problem["message"],
        field=f"{where}, {problem['column']}" if problem["column"] else where,
        fix=problem["fix"],
    )


def _import_view(body: Any) -> RenderableType:
    made = body["requisitions"]
    columns = (("row", "row>"), ("column", "column"), ("code", "code"), ("message", "message"),
               ("fix", "fix"))  # fmt: skip
    left = some(body["problems"], columns, title="left out")
    return page(lines([f"requisition {at(each, 'id') or told(each)}" for each in made]), left)


@requisitions.command()
@click.argument("number", type=NUMBER)
@acts
def withdraw(api: Api, out: Output, number: str) -> None:
    """Take a requisition back before it is approved."""
    out.show(api.post(_PATH, number, "withdraw", body={}), now_stands("requisition"))
