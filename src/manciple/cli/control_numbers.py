"""``manciple control-numbers``: partners' counts, and what is missing in them."""

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, page, some
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_list, add_show, now_stands, reason_option

_PATH = "/v1/control-numbers"
_ROWS = (
    ("number", "id"), ("partner", "partner"), ("count", "scope"), ("state", "state"),
    ("first", "first>"), ("last", "last>"),
)  # fmt: skip
_MISSING = (("from", "first>"), ("to", "last>"), ("since", "since"), ("told", "is_told"))


@click.group("control-numbers")
def control_numbers() -> None:
    """See partners' counts, and what is missing in them."""


def _view(count: object) -> RenderableType:
    assert isinstance(count, dict)
    head = Text(f"{count['partner']}, {count['scope']}: {count['state']}", style="bold")
    return page(head, facts(count, (("first", "first"), ("last", "last"))),
                some(count["missing"], _MISSING, title="missing"))  # fmt: skip


add_list(control_numbers, _PATH, _ROWS, "counts of control numbers")
add_show(control_numbers, _PATH, _view, "one sender's count")


@control_numbers.command()
@click.argument("number", type=NUMBER)
@reason_option
@acts
def accept(api: Api, out: Output, number: str, reason: str) -> None:
    """Decide that the missing numbers will never come."""
    answer = api.post(_PATH, number, "accept", body={"reason": reason})
    out.show(answer, now_stands("count"))
