"""Flows: the one we ship is whole, and every defect of a bad one is told at once."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from manciple.kernel.calendar import BusinessCalendar
from manciple.processes.flow import (
    ClockKind,
    Flow,
    FlowError,
    StepKind,
    Whose,
    check,
    describe,
    diagram,
    load_flow,
    read_flow,
    schema,
)
from manciple.runtime.codec import decode, encode

FLOWS = Path(__file__).parents[2] / "flows"
DIRECT = (FLOWS / "direct.yaml").read_bytes()
OFFICE = BusinessCalendar(zone="America/Chicago", hours=((time(8), time(17)),) * 5 + (None, None))


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    node = yaml.safe_load(DIRECT)
    change(node)
    return yaml.safe_dump(node).encode()


def defects(data: bytes) -> set[tuple[str, str]]:
    with pytest.raises(FlowError) as refusal:
        load_flow(data)
    assert all(each.fix for each in refusal.value.defects)
    return {(each.path, each.rule) for each in refusal.value.defects}


def test_the_direct_flow_has_nothing_wrong() -> None:
    flow = load_flow(DIRECT)

    assert flow.id == "direct"
    assert check(flow) == ()


def test_the_direct_flow_tells_how_long_to_wait() -> None:
    level = load_flow(DIRECT).service_level("acknowledgment")

    assert level.duration == timedelta(hours=16)
    assert level.clock is ClockKind.BUSINESS
    assert level.calendar is Whose.SUPPLIER
    assert level.reminders == (50, 80)


@pytest.mark.parametrize("name", ["approval", "acknowledgment", "receipt", "match", "exception"])
def test_every_wait_of_the_direct_flow_has_a_service_level(name: str) -> None:
    assert load_flow(DIRECT).service_level(name).hours > 0


def test_a_service_level_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FlowError, match="one of approval"):
        load_flow(DIRECT).service_level("acknowledgement")


def test_business_hours_go_by_the_calendar_and_elapsed_hours_by_the_clock() -> None:
    flow = load_flow(DIRECT)
    friday = datetime(2026, 11, 20, 22, tzinfo=UTC)  # 16:00 in Chicago

    assert flow.service_level("receipt").due(friday, OFFICE) == friday + timedelta(
        days=2, hours=23
    )
    assert flow.service_level("dispatch").due(friday, OFFICE) == friday + timedelta(hours=2)


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        (lambda f: f.pop("triggers"), "triggers", "missing"),
        (lambda f: f.update(decision_rules=[]), "decision_rules", "missing"),
        (lambda f: f.pop("approval"), "approval.table", "missing"),
        (lambda f: f.update(integration_points=[]), "integration_points", "missing"),
        (lambda f: f.update(service_levels=[]), "service_levels", "missing"),
        (lambda f: f.pop("owner"), "owner", "missing"),
        (lambda f: f["metric_target"].pop("target"), "metric_target.target", "missing"),
        (lambda f: f["raci"].update(responsible=[]), "raci.responsible", "missing"),
        (lambda f: f.update(owner="boss"), "owner", "unknown-role"),
        (lambda f: f["raci"].update(informed=["boss"]), "raci.informed", "unknown-role"),
        (lambda f: f["steps"][0].pop("owner"), "steps.1.owner", "missing"),
        (lambda f: f["steps"][2].update(next=[]), "steps.sourcing", "no-exit"),
        (lambda f: f["steps"][3].update(next=["erp_order"]), "steps.erp_order", "no-exit"),
        (lambda f: f["steps"][-1].update(next=["closed"]), "steps.withdrawn", "no-exit"),
        (lambda f: f["steps"][1].update(next=["rejected"]), "steps.sourcing", "unreachable"),
        (
            lambda f: f["steps"][0].update(next=["aproval"]),
            "steps.requisition.next",
            "unknown-step",
        ),
        (lambda f: f["steps"][1].update(id="requisition"), "steps.requisition", "duplicate"),
        (lambda f: f["steps"][0].update(kind="magic"), "steps.1.kind", "wrong-type"),
        (lambda f: f["triggers"][0].update(starts="begin"), "triggers.1.starts", "unknown-step"),
        (
            lambda f: f["decision_rules"][0].update(table="x"),
            "decision_rules.1.table",
            "unknown-table",
        ),
        (lambda f: f["approval"].update(table="x"), "approval.table", "unknown-table"),
        (
            lambda f: f["approval"].update(service_level="x"),
            "approval.service_level",
            "unknown-service-level",
        ),
        (
            lambda f: f["integration_points"][0].update(verb="erp.pray"),
            "integration_points.1.verb",
            "unknown-verb",
        ),
        (
            lambda f: f["integration_points"][0].update(endpoint="wms"),
            "integration_points.1.endpoint",
            "wrong-endpoint",
        ),
        (
            lambda f: f["service_levels"][0].pop("calendar"),
            "service_levels.approval.calendar",
            "no-calendar",
        ),
        (
            lambda f: f["service_levels"][0].update(hours=0),
            "service_levels.approval.hours",
            "no-time",
        ),
        (
            lambda f: f["service_levels"][0].update(hours="soon"),
            "service_levels.1.hours",
            "wrong-type",
        ),
        (
            lambda f: f["service_levels"][0].update(reminders=[80, 50]),
            "service_levels.approval.reminders",
            "bad-reminders",
        ),
        (
            lambda f: f["service_levels"][2].update(reminders=[50, 50]),
            "service_levels.dispatch.reminders",
            "bad-reminders",
        ),
        (
            lambda f: f["service_levels"][1].update(reminders=[100]),
            "service_levels.erp_order.reminders",
            "bad-reminders",
        ),
        (lambda f: f.update(stpes=[]), "stpes", "unknown-key"),
        (lambda f: f.update(steps="none"), "steps", "wrong-type"),
        (lambda f: f.update(raci=["me"]), "raci", "wrong-type"),
    ],
)
def test_a_defect_is_told_with_path_and_rule(
    change: Callable[[dict[str, Any]], object], path: str, rule: str
) -> None:
    assert (path, rule) in defects(changed(change))


def test_every_defect_is_told_at_once() -> None:
    def spoil(flow: dict[str, Any]) -> None:
        flow.pop("purpose")
        flow["triggers"] = []
        flow["decision_rules"][0]["table"] = "horoscope"
        flow["service_levels"][0].pop("calendar")
        flow["steps"][2]["owner"] = "boss"
        flow["colour"] = "blue"

    found = defects(changed(spoil))

    assert found >= {
        ("purpose", "missing"),
        ("triggers", "missing"),
        ("decision_rules.1.table", "unknown-table"),
        ("service_levels.approval.calendar", "no-calendar"),
        ("steps.sourcing.owner", "unknown-role"),
        ("colour", "unknown-key"),
        ("steps.requisition", "unreachable"),
    }


def test_acts_are_looked_up_when_the_registry_is_given() -> None:
    flow = load_flow(DIRECT)
    every = {"SubmitRequisition", "RecordAcknowledgment", "RecordShipNotice", "RecordReceipt"}

    found = check(flow, acts=every)

    assert [(each.rule, each.fix) for each in found] == [
        ("unknown-act", "RegisterInvoice is no act of the registry")
    ]
    assert check(flow, acts={*every, "RegisterInvoice"}) == ()


@pytest.mark.parametrize("data", [b"", b"[", b"\xff", b"just a text", b"- a\n- list"])
def test_bytes_that_are_no_flow_are_refused(data: bytes) -> None:
    with pytest.raises(FlowError) as refusal:
        load_flow(data)

    assert refusal.value.defects[0].path == ""


def test_an_empty_flow_misses_everything() -> None:
    rules = {each.rule for each in check(Flow())}

    assert rules == {"missing"}


def test_a_flow_read_by_half_is_still_checked() -> None:
    flow, wrong = read_flow(b"id: direct\nsteps: [{id: a, kind: end}]\n")

    assert wrong == ()
    assert flow.steps[0].kind is StepKind.END
    assert ("steps.1.owner", "missing") in {(d.path, d.rule) for d in check(flow)}


def test_the_shipped_schema_is_in_step_with_the_records() -> None:
    assert json.loads((FLOWS / "schema.json").read_text("utf-8")) == schema()


def test_the_schema_takes_the_direct_flow_and_refuses_a_bad_one() -> None:
    validator = Draft202012Validator(schema())
    node = yaml.safe_load(DIRECT)

    assert list(validator.iter_errors(node)) == []
    node["service_levels"][0]["clock"] = "lunar"
    node["colour"] = "blue"
    assert len(list(validator.iter_errors(node))) == 2


def test_the_page_of_a_flow_names_every_part() -> None:
    flow = load_flow(DIRECT)
    page = describe(flow)

    for step in flow.steps:
        assert f"| {step.id} | {step.title} | {step.kind} | {step.owner} |" in page
    for level in flow.service_levels:
        assert f"| {level.name} | {level.step} | {level.hours} " in page
    for point in flow.integration_points:
        assert f"| {point.endpoint} | {point.verb} | {point.direction} |" in page
    for rule in flow.decision_rules:
        assert f"| {rule.step} | {rule.table} |" in page
    assert "16 business hours (supplier)" in page
    assert "2 elapsed hours" in page


def test_the_picture_draws_every_way_from_every_step() -> None:
    flow = load_flow(DIRECT)
    lines = diagram(flow).splitlines()

    for place, step in enumerate(flow.steps):
        (at,) = (n for n, line in enumerate(lines) if line.startswith(f"[{step.id}]"))
        for after in step.next:
            is_below = place + 1 < len(flow.steps) and flow.steps[place + 1].id == after
            assert lines[at + 1] == "  |" if is_below else after in lines[at]


def test_a_flow_is_stored_and_read_back() -> None:
    flow = load_flow(DIRECT)

    assert decode(encode(flow), Flow) == flow
