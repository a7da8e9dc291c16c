"""Definitions: flows with what is in them now, and decision tables as tables.

/flows             every flow: owner, target, what is open in it, what is late
/flows/NAME        one flow drawn, each step a link to the lines that wait there; or as a table
/policies          every decision table
/policies/NAME     one table in one version; try a case: which row speaks, and why the others don't
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from manciple.app import Application
from manciple.app.kept import Aged
from manciple.app.places import Places, read_places
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.intelligence.metrics import registry
from manciple.intelligence.waiting import Place, Waiting, Waits
from manciple.kernel.errors import MancipleError, Reason, Refused
from manciple.policy.conditions import Type
from manciple.policy.table import DecisionTable
from manciple.processes.flow import Flow
from manciple.processes.flow.definition import ClockKind, ServiceLevel, StepKind, Whose
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.queries import scope_of
from manciple.runtime.work import Task
from manciple.web.pages import flow_map
from manciple.web.pages.admitting import admitted
from manciple.web.pages.desk import Desk, Reader, Sent, status_of
from manciple.web.pages.flow_map import Load
from manciple.web.pages.forms import Form
from manciple.web.pages.layout import GOVERNING

_LENGTH: Final = 50
_MOST_CASES: Final = 2000
STEP_OF: Final[Mapping[Place, tuple[str, ...]]] = {
    Place.APPROVAL: ("approval", "ratification"),
    Place.ORDERING: ("sourcing",),
    Place.ERP: ("erp_order",),
    Place.REFUSED: ("erp_order",),
    Place.SENDING: ("dispatch",),
    Place.ANSWER: ("answer",),
    Place.SHIPMENT: ("notice",),
    Place.RECEIPT: ("receipt",),
    Place.INVOICE: ("invoice",),
    Place.MATCH: ("match",),
}
"""At which step of a flow a line stands that waits at a place: the first that the flow has."""
_JUDGED: Final = frozenset(
    {"approval", "ratification", "erp_order", "dispatch", "answer", "match"}
)
"""Steps whose time runs from when the line came there; a receipt's runs from the promised day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An open line at a step.

    Attributes:
        due: by when the step is to be done; None where no service level says so.
    """

    waiting: Waiting
    step: str
    due: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Say whether its time is over; at the very end it is still in time."""
        return self.due is not None and self.due < now


def _due(places: Places, level: ServiceLevel, row: Waiting) -> datetime:
    """Give by when a line's step is due, by the calendar of its supplier or of its site."""
    if level.clock is ClockKind.BUSINESS and level.calendar is Whose.SUPPLIER:
        return level.due(row.since, calendar_of_supplier(places, row.supplier))
    return level.due(row.since, calendar_of_site(places, row.site))


def lines_of(app: Application, rows: Sequence[Waiting]) -> Mapping[str, list[Line]]:
    """Put open lines to their flow and step: as many questions for many lines as for one."""
    needs = dict.fromkeys(
        row.thread.partition("/")[2] for row in rows if row.thread.startswith("requisition/")
    )
    flow_of = {f"requisition/{k}": v.flow for k, v in _needs(app, tuple(needs)).items()}
    flows = {flow.id: flow for flow in app.flows}
    places = read_places(
        app.documents, sites=[row.site for row in rows], suppliers=[row.supplier for row in rows]
    )
    found: dict[str, list[Line]] = {flow.id: [] for flow in app.flows}
    for row in rows:
        flow = flows.get(flow_of.get(row.thread, ""))
        step = _step_of(flow, row.place) if flow is not None else None
        if flow is not None and step is not None:
            level = next((each for each in flow.service_levels if each.step == step), None)
            due = _due(places, level, row) if level is not None and step in _JUDGED else None
            found[flow.id].append(Line(waiting=row, step=step, due=due))
    return found


def _needs(app: Application, names: Sequence[str]) -> Mapping[str, Requisition]:
    return app.documents.many(Requisition, names)


def _step_of(flow: Flow, place: Place) -> str | None:
    return next((each for each in STEP_OF[place] if flow.step(each) is not None), None)


def loads_of(
    flow: Flow, lines: Iterable[Line], cases: Sequence[Task], now: datetime
) -> Mapping[str, Load]:
    """Count what is at each step of a flow, and what of it is late."""
    at_step: dict[str, list[Line]] = {}
    for each in lines:
        at_step.setdefault(each.step, []).append(each)
    found: dict[str, Load] = {}
    for step in flow.steps:
        if step.kind is StepKind.CASE:
            late = sum(each.due_at is not None and each.due_at < now for each in cases)
            found[step.id] = Load(count=len(cases), late=late)
            continue
        here = at_step.get(step.id, [])
        is_judged = any(row.due is not None for row in here)
        late_here = sum(row.is_late(now) for row in here) if is_judged else None
        found[step.id] = Load(count=len(here), late=late_here)
    return found


class Governing:
    """Serves the pages of definitions."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        for path, page in (
            ("/flows", self.flows),
            ("/flows/{name}", self.flow),
            ("/policies", self.policies),
            ("/policies/{name}", self.policy),
        ):
            router.add_api_route(path, page, response_model=None)
        return router

    # ---- flows ------------------------------------------------------------------------------

    def flows(self, request: Request) -> Response:
        """List the flows with what is open in each."""
        reader = admitted(self._desk, request, GOVERNING)
        if isinstance(reader, Response):
            return reader
        app, now = self._desk.app, self._desk.app.clock.now()
        waits, lines = self._lines(reader)
        rows = [
            (flow, len(lines[flow.id]), sum(each.is_late(now) for each in lines[flow.id]))
            for flow in app.flows
        ]
        return self._desk.show(
            request,
            "flows.html",
            reader,
            rows=rows,
            left_out=waits.value.left_out,
            counted_at=waits.at,
        )

    def _lines(self, reader: Reader) -> tuple[Aged[Waits], Mapping[str, list[Line]]]:
        """Give where lines wait, and the same lines by flow and step."""
        desk, scope = self._desk, scope_of(reader.actor)
        waits = desk.waits(scope)
        lines = desk.lines.of(
            ("flows", scope),
            waits.at,
            lambda: lines_of(desk.app, waits.value.rows),
            lambda found: sum(map(len, found.values())),
        )
        return waits, lines.value

    def flow(
        self,
        request: Request,
        name: str,
        step: Annotated[str, Query(max_length=40)] = "",
        start: Annotated[int, Query(alias="from", ge=0, le=100_000)] = 0,
    ) -> Response:
        """Show one flow drawn, with what is at each step."""
        reader = admitted(self._desk, request, GOVERNING)
        if isinstance(reader, Response):
            return reader
        app, now = self._desk.app, self._desk.app.clock.now()
        flow = next((each for each in app.flows if each.id == name), None)
        if flow is None:
            return self._desk.missing(request, reader, "flow", name)
        waits, by_flow = self._lines(reader)
        lines = by_flow[flow.id]
        cases = app.worklists.whole("case", scope=scope_of(reader.actor), most=_MOST_CASES)
        loads = loads_of(flow, lines, cases.rows, now)
        chosen = flow.step(step) if step else None
        shown = [each for each in lines if chosen is None or each.step == chosen.id]
        return self._desk.show(
            request,
            "flow.html",
            reader,
            flow=flow,
            drawn=flow_map.drawing(flow, loads, chosen=chosen.id if chosen else ""),
            loads=loads,
            said_of=flow_map.said_of,
            chosen=chosen,
            is_case=chosen is not None and chosen.kind is StepKind.CASE,
            rows=shown[start : start + _LENGTH],
            total=len(shown),
            start=start,
            further=start + _LENGTH if start + _LENGTH < len(shown) else None,
            left_out=waits.value.left_out,
            counted_at=waits.at,
            levels={each.step: each for each in flow.service_levels},
            metric=_metric_of(flow),
            tables={each.step: each.table for each in flow.decision_rules},
        )

    # ---- policies ---------------------------------------------------------------------------

    def policies(self, request: Request) -> Response:
        """List the decision tables, each in the version that is in force."""
        reader = admitted(self._desk, request, GOVERNING)
        if isinstance(reader, Response):
            return reader
        rows = self._desk.app.policy_rows()
        names = sorted({row["name"] for row in rows})
        today = self._desk.app.clock.now().astimezone(UTC).date()
        tables = [
            ([row for row in rows if row["name"] == name], _in_force(rows, name, today))
            for name in names
        ]
        return self._desk.show(request, "policies.html", reader, tables=tables)

    def policy(
        self,
        request: Request,
        name: str,
        version: Annotated[str, Query(max_length=40)] = "",
        ask: Annotated[str, Query(pattern="^(yes|)$", alias="try")] = "",
    ) -> Response:
        """Show one table; with facts, what it decides and why."""
        reader = admitted(self._desk, request, GOVERNING)
        if isinstance(reader, Response):
            return reader
        return self._policy(request, reader, name, version, is_tried=bool(ask))

    def _policy(
        self, request: Request, reader: Reader, name: str, version: str, *, is_tried: bool
    ) -> Response:
        app = self._desk.app
        versions = [row for row in app.policy_rows() if row["name"] == name]
        if not versions:
            return self._desk.missing(request, reader, "decision table", name)
        today = app.clock.now().astimezone(UTC).date()
        shown = next((row for row in versions if row["version"] == version), None)
        if shown is None:
            shown = _in_force(versions, name, today) or versions[-1]
        table = app.definitions.register.table(
            name, at=app.clock.now(), version=str(shown["version"])
        )
        typed = {
            column.name: request.query_params.get(f"f.{column.name}", "")[:400]
            for column in table.inputs
        }
        reasons: tuple[Reason, ...] = ()
        ruling: Mapping[str, Any] | None = None
        if is_tried:
            try:
                ruling = app.try_policy(name, facts_of(table, typed), table.version)
            except Refused as refused:
                reasons = refused.reasons
            except MancipleError as problem:
                reasons = (Reason(code="BAD_VALUE", message=str(problem), field="facts"),)
        sent = Sent(form=Form({}), reasons=reasons)
        return self._desk.show(
            request,
            "policy.html",
            reader,
            status=status_of(sent) if reasons else 200,
            table=table,
            shown=shown,
            versions=versions,
            today=today,
            typed=typed,
            ruling=ruling,
            verdicts={each.row: each for each in ruling["why"]} if ruling else {},
            fired=_fired(ruling),
            sent=sent,
        )


def _fired(ruling: Mapping[str, Any] | None) -> frozenset[str]:
    """Name the rows that speak: the one of a ruling, or every match of a collecting table."""
    if ruling is None:
        return frozenset()
    if ruling["row"] is not None:
        return frozenset({ruling["row"]})
    return frozenset() if ruling["held"] else frozenset(v.row for v in ruling["why"] if v.matched)


def facts_of(table: DecisionTable, typed: Mapping[str, str]) -> dict[str, str | bool | int]:
    """Read what was typed for each input; an empty field states nothing."""
    found: dict[str, str | bool | int] = {}
    for column in table.inputs:
        text = typed[column.name].strip()
        if text:
            found[column.name] = text == "true" if column.type is Type.BOOL else text
    return found


def _in_force(
    rows: Sequence[Mapping[str, Any]], name: str, today: object
) -> Mapping[str, Any] | None:
    """Give the version that is in force: the newest whose day has come."""
    of_name = [row for row in rows if row["name"] == name and row["effective_from"] <= today]
    return max(of_name, key=lambda row: row["effective_from"], default=None)


def _metric_of(flow: Flow) -> str:
    """Give the id of the metric that a flow's owner answers for; empty when none is known."""
    find: Callable[[str], Any] = registry.find
    try:
        return str(find(flow.metric_target.metric).id)
    except (MancipleError, KeyError, AttributeError):
        return ""
