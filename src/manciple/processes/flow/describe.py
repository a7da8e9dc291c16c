"""A flow for its reader: the five parts and the steps, in Markdown and as a picture in text."""

from collections.abc import Iterable

from manciple.processes.flow.definition import ClockKind, Flow, ServiceLevel, Step


def describe(flow: Flow) -> str:
    """Write the whole definition as a Markdown page."""
    raci, metric, approval = flow.raci, flow.metric_target, flow.approval
    people = (
        f"Accountable: {raci.accountable}. Responsible: {_words(raci.responsible)}. "
        f"Consulted: {_words(raci.consulted)}. Informed: {_words(raci.informed)}."
    )
    asked = (
        f"At step {approval.step} the table {approval.table} is asked for a "
        f"{approval.document_type}; service level {approval.service_level}."
    )
    parts = [
        f"# {flow.title} ({flow.id} {flow.version})",
        flow.purpose,
        f"Owner: {flow.owner}. Target: {metric.metric} {metric.target} {metric.unit}.",
        people,
        f"```text\n{diagram(flow)}```",
        "## Triggers",
        _grid(
            ["act", "starts at", "what happens"],
            ([each.act, each.starts, each.description] for each in flow.triggers),
        ),
        "## Decision rules",
        _grid(
            ["step", "table", "what is asked"],
            ([each.step, each.table, each.asks] for each in flow.decision_rules),
        ),
        "## Approval",
        asked,
        "## Integration points",
        _grid(
            ["step", "endpoint", "verb", "direction", "when"],
            (
                [each.step, each.endpoint, each.verb, each.direction, each.when]
                for each in flow.integration_points
            ),
        ),
        "## Service levels",
        _grid(
            ["name", "step", "time", "reminders", "escalates to"],
            (
                [each.name, each.step, _time(each), _reminders(each), each.escalate_to]
                for each in flow.service_levels
            ),
        ),
        "## Steps",
        _grid(
            ["step", "title", "kind", "owner", "then"],
            ([s.id, s.title, s.kind, s.owner, _words(s.next)] for s in flow.steps),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def diagram(flow: Flow) -> str:
    """Draw the steps in their order, one a line, each with what may follow.

    The step on the next line follows by an arrow down; others are named.
    """
    width = max((len(step.id) for step in flow.steps), default=0)
    lines: list[str] = []
    for place, step in enumerate(flow.steps):
        below = flow.steps[place + 1].id if place + 1 < len(flow.steps) else ""
        lines.append(_line(step, below, width))
        if below in step.next:
            lines.append("  |")
    return "\n".join(lines) + "\n"


def _line(step: Step, below: str, width: int) -> str:
    """Draw one step."""
    others = [each for each in step.next if each != below]
    leads = f"  -> {', '.join(others)}" if others else ""
    return f"[{step.id}]{' ' * (width - len(step.id))} {step.title}{leads}"


def _time(level: ServiceLevel) -> str:
    """Say how long a level is and by whose clock: ``16 business hours (supplier)``."""
    if level.clock is ClockKind.ELAPSED:
        return f"{level.hours} elapsed hours"
    return f"{level.hours} business hours ({level.calendar})"


def _reminders(level: ServiceLevel) -> str:
    """Say when reminders come: ``50 %, 80 %``."""
    return ", ".join(f"{share} %" for share in level.reminders) or "none"


def _words(names: tuple[str, ...]) -> str:
    """Join names."""
    return ", ".join(names) or "none"


def _grid(head: list[str], rows: Iterable[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
