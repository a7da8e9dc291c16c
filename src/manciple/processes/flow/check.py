"""What is wrong with a flow: every defect at once, each with its path, its rule and its mending.

A flow with a missing part, an empty section, a step that nobody reaches, owns or leaves, or a
service level without a clock is never used. Source: capabilities WF-1, WF-8 and WF-13.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import pairwise

from manciple.kernel.messages import Role
from manciple.processes.flow.definition import (
    ClockKind,
    Defect,
    Direction,
    Flow,
    ServiceLevel,
    Step,
    StepKind,
    is_required,
)
from manciple.processes.ports import PAYLOADS

TABLES = frozenset(
    {
        "approval_routing",
        "criticality",
        "emergency_caps",
        "exception_routing",
        "bulk_acceptance",
        "handling_rates",
        "match_kind",
        "service_impact",
        "spend_windows",
        "tolerances",
    }
)
"""The decision tables that we ship."""
_ALL = 100


def check(
    flow: Flow,
    *,
    tables: Collection[str] = TABLES,
    verbs: Collection[str] = tuple(PAYLOADS),
    acts: Collection[str] | None = None,
) -> tuple[Defect, ...]:
    """Give every defect of a flow; none when it may be used.

    Tables, verbs and acts are the names that exist; acts are not looked at when None.
    """
    return tuple(
        dict.fromkeys(
            (
                *_missing(flow, ""),
                *_twice(flow),
                *_roles(flow),
                *_references(flow),
                *_graph(flow),
                *_names(flow, tables, verbs, acts),
                *_levels(flow),
            )
        )
    )


def _missing(record: object, path: str) -> Iterator[Defect]:
    """Find every part that must be stated and is not."""
    assert is_dataclass(record)
    for field in fields(record):
        at = f"{path}.{field.name}" if path else field.name
        value = getattr(record, field.name)
        if is_dataclass(value):
            yield from _missing(value, at)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for number, each in enumerate(value, 1):
                yield from _missing(each, f"{at}.{number}")
        elif value in ("", ()) and is_required(type(record).__name__, field.name):
            what = "list at least one" if value == () else "state it"
            yield Defect(path=at, rule="missing", fix=what)


def _twice(flow: Flow) -> Iterator[Defect]:
    """Find ids and names that stand twice."""
    for part, ids in (
        ("steps", [step.id for step in flow.steps]),
        ("service_levels", [level.name for level in flow.service_levels]),
    ):
        for name, times in Counter(ids).items():
            if name and times > 1:
                yield Defect(path=f"{part}.{name}", rule="duplicate", fix="give each its own name")


def _roles(flow: Flow) -> Iterator[Defect]:
    """Find roles that nobody can have."""
    named: list[tuple[str, str]] = [
        ("owner", flow.owner),
        ("raci.accountable", flow.raci.accountable),
    ]
    for part in ("responsible", "consulted", "informed"):
        named += [(f"raci.{part}", role) for role in getattr(flow.raci, part)]
    named += [(f"steps.{step.id}.owner", step.owner) for step in flow.steps]
    named += [
        (f"service_levels.{each.name}.escalate_to", each.escalate_to)
        for each in flow.service_levels
    ]
    for path, role in named:
        if role and role not in list(Role):
            yield Defect(
                path=path, rule="unknown-role", fix=f"{role} is none of {', '.join(Role)}"
            )


def _references(flow: Flow) -> Iterator[Defect]:
    """Find steps and service levels that are named and do not exist."""
    steps = {step.id for step in flow.steps}
    named: list[tuple[str, str]] = [
        (f"triggers.{n}.starts", each.starts) for n, each in enumerate(flow.triggers, 1)
    ]
    for part in ("decision_rules", "integration_points", "service_levels"):
        named += [(f"{part}.{n}.step", each.step) for n, each in enumerate(getattr(flow, part), 1)]
    named.append(("approval.step", flow.approval.step))
    named += [(f"steps.{step.id}.next", after) for step in flow.steps for after in step.next]
    for path, step in named:
        if step and step not in steps:
            yield Defect(path=path, rule="unknown-step", fix=f"{step} is none of the steps")
    level = flow.approval.service_level
    if level and level not in {each.name for each in flow.service_levels}:
        fix = f"{level} is none of the service levels"
        yield Defect(path="approval.service_level", rule="unknown-service-level", fix=fix)


def _graph(flow: Flow) -> Iterator[Defect]:
    """Find steps that nobody reaches, and steps from which no end is reached."""
    reached = _closure({trigger.starts for trigger in flow.triggers}, flow.steps)
    ends = {step.id for step in flow.steps if step.kind is StepKind.END}
    for step in flow.steps:
        path = f"steps.{step.id}"
        if step.id not in reached:
            yield Defect(path=path, rule="unreachable", fix="let a trigger or a step lead to it")
        if step.kind is StepKind.END and step.next:
            yield Defect(path=path, rule="no-exit", fix="nothing follows an end")
        elif step.kind is not StepKind.END and not ends & _closure(set(step.next), flow.steps):
            yield Defect(path=path, rule="no-exit", fix="let it lead to an end")


def _closure(start: set[str], steps: Iterable[Step]) -> set[str]:
    """Give every step that is reached from these, themselves included."""
    after = {step.id: step.next for step in steps}
    reached: set[str] = set()
    waiting = list(start)
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting += after.get(step, ())
    return reached


def _names(
    flow: Flow, tables: Collection[str], verbs: Collection[str], acts: Collection[str] | None
) -> Iterator[Defect]:
    """Find tables, verbs and acts that do not exist, and verbs of another endpoint."""
    asked = [
        (f"decision_rules.{n}.table", each.table) for n, each in enumerate(flow.decision_rules, 1)
    ]
    for path, table in (*asked, ("approval.table", flow.approval.table)):
        if table and table not in tables:
            fix = f"{table} is none of {', '.join(sorted(tables))}"
            yield Defect(path=path, rule="unknown-table", fix=fix)
    brought = [(f"triggers.{n}.act", each.act) for n, each in enumerate(flow.triggers, 1)]
    for number, point in enumerate(flow.integration_points, 1):
        path = f"integration_points.{number}"
        if point.direction is Direction.IN:
            brought.append((f"{path}.verb", point.verb))
            continue
        if point.verb and point.verb not in verbs:
            fix = f"{point.verb} is none of {', '.join(sorted(verbs))}"
            yield Defect(path=f"{path}.verb", rule="unknown-verb", fix=fix)
        elif point.verb and point.verb.partition(".")[0] != point.endpoint.partition(":")[0]:
            fix = f"{point.verb} is not a verb of {point.endpoint}"
            yield Defect(path=f"{path}.endpoint", rule="wrong-endpoint", fix=fix)
    for path, act in brought:
        if acts is not None and act and act not in acts:
            yield Defect(path=path, rule="unknown-act", fix=f"{act} is no act of the registry")


def _levels(flow: Flow) -> Iterator[Defect]:
    """Find service levels without a time, a calendar, or with reminders in no order."""
    for number, level in enumerate(flow.service_levels, 1):
        path = f"service_levels.{level.name or number}"
        if level.hours <= 0:
            yield Defect(path=f"{path}.hours", rule="no-time", fix="one hour or more")
        if level.clock is ClockKind.BUSINESS and level.calendar is None:
            fix = "say whose calendar: site, supplier or company"
            yield Defect(path=f"{path}.calendar", rule="no-calendar", fix=fix)
        if not _are_shares(level):
            fix = "percents between 1 and 99, each above the one before"
            yield Defect(path=f"{path}.reminders", rule="bad-reminders", fix=fix)


def _are_shares(level: ServiceLevel) -> bool:
    """Say whether the reminders are rising percents below the whole."""
    rising = all(before < after for before, after in pairwise(level.reminders))
    return rising and all(0 < share < _ALL for share in level.reminders)
