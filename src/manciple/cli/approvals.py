"""``manciple approvals``: what waits for a signature, and powers lent for a time."""

from datetime import UTC, datetime
from typing import Any

import click
from rich.console import RenderableType
from rich.text import Text

from manciple.cli.client import Api
from manciple.cli.drawing import facts, grid, page
from manciple.cli.options import NUMBER, acts
from manciple.cli.output import Output
from manciple.cli.papers import add_show, add_tasks, note_option, now_stands

_PATH = "/v1/approvals"
_HEAD = (
    ("about", "title"), ("amount", "amount"), ("decided as", "weighed"), ("category", "category"),
    ("site", "site"), ("requester", "requester"), ("policy", "ruling"), ("gap", "gap"),
    ("reason", "reason"),
    ("asked", "requested_at"), ("decided", "decided_at"),
)  # fmt: skip
_STEPS = (
    ("step", "number>"), ("role", "role"), ("approver", "approver"), ("kind", "kind"),
    ("state", "state"), ("due", "due_at"), ("by", "acted_by"), ("for", "on_behalf_of"),
    ("why", "why"),
)  # fmt: skip
FINDINGS = (
    ("rule", "rule"), ("amount", "amount"), ("score", "score>"), ("what was found", "text"),
)  # fmt: skip
"""What windows and declared interests made of a chain."""


@click.group()
def approvals() -> None:
    """Decide on what waits for a signature."""


def _view(approval: Any) -> RenderableType:
    head = Text(f"approval {approval['id']}: {approval['state']}", style="bold")
    found = grid(approval["findings"], FINDINGS, title="what else was found")
    steps = grid(approval["steps"], _STEPS)
    return page(head, facts(approval, _HEAD), steps, *([found] if approval["findings"] else ()))


add_tasks(
    approvals, _PATH,
    (("approval", "subject.id"), ("step", "id"), ("about", "title"), ("site", "site"),
     ("approver", "owner"), ("due", "due_at")),
    "approval steps", usual="mine",
)  # fmt: skip
add_show(approvals, _PATH, _view, "an approval: its chain, who did what, and why")


@approvals.command()
@click.argument("number", type=NUMBER)
@click.option("--step", type=click.IntRange(1, 1000), help="The step; else the caller's next.")
@note_option
@acts
def approve(api: Api, out: Output, number: str, step: int | None, note: str) -> None:
    """Approve a step."""
    body = {"step": step, "note": note}
    out.show(api.post(_PATH, number, "approve", body=body), now_stands("approval"))


@approvals.command()
@click.argument("number", type=NUMBER)
@click.option("--reason", required=True, help="A reason of the closed list.")
@note_option
@acts
def reject(api: Api, out: Output, number: str, reason: str, note: str) -> None:
    """Reject; a reason is needed."""
    body = {"reason": reason, "note": note}
    out.show(api.post(_PATH, number, "reject", body=body), now_stands("approval"))


@approvals.command()
@click.argument("number", type=NUMBER)
@acts
def reroute(api: Api, out: Output, number: str) -> None:
    """Find the approvers of a pending approval anew, with today's people and policy."""
    out.show(api.post(_PATH, number, "reroute", body={}), now_stands("approval"))


@approvals.command()
@click.argument("number", type=NUMBER)
@click.option("--to", required=True, type=NUMBER, help="Who shall decide instead.")
@click.option("--step", type=click.IntRange(1, 1000), help="The step; else the caller's next.")
@click.option("--note", required=True, help="Why it is theirs.")
@acts
def forward(api: Api, out: Output, number: str, to: str, step: int | None, note: str) -> None:
    """Give a step to somebody else who may decide it; its due time stays."""
    body = {"to": to, "step": step, "note": note}
    out.show(api.post(_PATH, number, "forward", body=body), now_stands("approval"))


@approvals.command()
@click.argument("number", type=NUMBER)
@click.argument("question")
@click.option("--step", type=click.IntRange(1, 1000), help="The step; else the caller's next.")
@acts
def ask(api: Api, out: Output, number: str, question: str, step: int | None) -> None:
    """Ask the requester something before deciding; no clock stops."""
    body = {"question": question, "step": step}
    out.show(api.post(_PATH, number, "ask", body=body), now_stands("approval"))


@approvals.command()
@click.argument("number", type=NUMBER)
@click.argument("answer")
@acts
def answer(api: Api, out: Output, number: str, answer: str) -> None:
    """Answer all that approvers asked about a request of yours."""
    out.show(api.post(_PATH, number, "answer", body={"answer": answer}), now_stands("approval"))


@approvals.command()
@click.option("--from", "from_person", required=True, type=NUMBER, help="Whose power.")
@click.option("--to", "to_person", required=True, type=NUMBER, help="Who may use it.")
@click.option(
    "--start", required=True, help="From when: 2026-07-01T08:00:00Z, or a day: its midnight, UTC."
)
@click.option("--end", required=True, help="Until when, not included; written as --start is.")
@click.option("--document-type", "document_types", multiple=True, help="Only for these.")
@click.option("--site", "sites", multiple=True, help="Only at these sites.")
@click.option("--cap", nargs=2, metavar="AMOUNT CURRENCY", help="Only up to this amount.")
@acts
def delegate(  # noqa: PLR0917
    api: Api,
    out: Output,
    from_person: str,
    to_person: str,
    start: str,
    end: str,
    document_types: tuple[str, ...],
    sites: tuple[str, ...],
    cap: tuple[str, str] | None,
) -> None:
    """Let somebody act for somebody, for a time, within a scope and a cap."""
    body = {
        "from_person": from_person,
        "to_person": to_person,
        "start": _instant(start, "--start"),
        "end": _instant(end, "--end"),
        "document_types": document_types,
        "sites": sites,
        "cap": {"amount": cap[0], "currency": cap[1]} if cap else None,
    }
    answer = api.post("/v1/delegations", body=body)
    out.show(answer, _delegation)


def _instant(text: str, name: str) -> str:
    """Read an instant; a day alone begins at midnight UTC, and no zone is guessed for a time."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError as problem:
        message = f"{text!r} is no time: write 2026-07-01T08:00:00Z"
        raise click.BadParameter(message, param_hint=name) from problem
    if when.tzinfo is None and text == when.date().isoformat():
        when = when.replace(tzinfo=UTC)
    if when.tzinfo is None:
        message = f"{text!r} names no zone: write {text}Z for UTC, or {text}-05:00"
        raise click.BadParameter(message, param_hint=name)
    return when.isoformat()


def _delegation(answer: Any) -> RenderableType:
    columns = (("delegation", "id"), ("from", "from_person"), ("to", "to_person"),
               ("start", "start"), ("end", "end"), ("sites", "sites"), ("cap", "cap"))  # fmt: skip
    return facts(answer, columns)


@approvals.command("end-delegation")
@click.argument("number", type=NUMBER)
@acts
def end_delegation(api: Api, out: Output, number: str) -> None:
    """End a delegation now."""
    answer = api.post("/v1/delegations", number, "revoke", body={})
    out.show(answer, now_stands("delegation"))
