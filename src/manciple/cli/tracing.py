"""``manciple trace``: one need's whole life, by any business key."""

from datetime import datetime
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, lines, page, some, told
from manciple.cli.options import NUMBER, asks
from manciple.cli.output import Output, printable

_HEAD = (("state", "state"), ("supplier", "supplier"), ("site", "site"), ("total", "total"))
_PAPERS = (("paper", "kind"), ("number", "number"), ("state", "state"), ("since", "at"),
           ("also known as", "keys"))  # fmt: skip
_LINES = (
    ("line", "line"), ("item", "item"), ("unit", "unit"), ("ordered", "ordered>"),
    ("acknowledged", "acknowledged>"), ("shipped", "shipped>"), ("received", "received>"),
    ("invoiced", "invoiced>"), ("open", "open>"), ("not invoiced", "received_not_invoiced>"),
)  # fmt: skip
_CASES = (("exception", "id"), ("code", "code"), ("what", "title"), ("role", "owner_role"),
          ("owner", "owner"), ("state", "state"), ("due", "due_at"))  # fmt: skip
_EFFECTS = (("to", "endpoint"), ("verb", "verb"), ("state", "state"), ("tries", "attempts>"),
            ("next", "due_at"), ("answer", "result"))  # fmt: skip
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@click.command()
@click.argument("key", type=NUMBER)
@asks
def trace(api: Api, out: Output, key: str) -> None:
    """Tell everything linked to a business key, in time order.

    KEY is a requisition, an order, the supplier's number, a shipment, an invoice or an
    interchange control number.
    """
    out.show(api.get("/v1/trace", key), _view)


def _view(answer: Any) -> RenderableType:
    parts = [part for each in answer["traces"] for part in _thread(each)]
    more = len({hit["thread"] for hit in answer["hits"]}) - len(answer["traces"])
    if more > 0:
        parts.append(Text(f"{more} more threads are known by this key.", style="dim"))
    return page(*parts)


def _thread(trace: Any) -> list[RenderableType]:
    waits = [each for each in trace["effects"] if each["state"] != "done"]
    parts = [
        Text(printable(f"{trace['key']}: {trace['headline']}"), style="bold"),
        facts(trace, _HEAD),
        some(trace["documents"], _PAPERS, title="papers"),
        some(trace["lines"], _LINES, title="quantities, in base units"),
        some(trace["cases"], _CASES, title="exceptions"),
        some(waits, _EFFECTS, title="not yet done in other systems"),
        lines(_timeline(trace["steps"])),
    ]
    return [part for part in parts if part is not None]


def _timeline(steps: list[Any]) -> list[str]:
    """Write a line for each step, with what it waited for the one before; reasons below."""
    texts: list[str] = []
    before: datetime | None = None
    for step in steps:
        when = datetime.fromisoformat(step["at"])
        wait = _lag((when - before).total_seconds()) if before else ""
        before = when
        who = told(step["actor"])
        texts.append(f"{told(step['at'])} {wait:>7}  {step['system']:<9} {step['title']} ({who})")
        texts += [f"{'':<36}because {reason}" for reason in step["reasons"]]
    return texts


def _lag(seconds: float) -> str:
    """Write a wait in its largest unit: ``+3 h``."""
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"+{seconds / size:.0f} {unit}"
    return f"+{seconds:.0f} s" if seconds >= 1 else ""
