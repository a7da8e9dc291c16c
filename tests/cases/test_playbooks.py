"""Playbooks: one for every code, whole, checked, pinned to the case, shown at the doors."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from manciple.adapters.sql.store import SqlStore
from manciple.app.definitions import (
    acting_resolutions,
    allowed_resolutions,
    load_flows,
    load_policies,
    playbook_files,
    shipped,
)
from manciple.cases.discrepancy import Code
from manciple.cases.playbook import (
    PlaybookError,
    Playbooks,
    lint_playbooks,
    read_playbooks,
)
from manciple.policy.yaml_text import read_yaml
from tests.api.installation import Installation, installed
from tests.cli.desk import Desk, run, served
from tests.scenarios.office import cases, ordered

SHORTAGE = playbook_files()["shortage.yaml"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with served(tmp_path / "home") as made:
        yield made


def lint(files: dict[str, bytes]) -> list[str]:
    found = lint_playbooks(
        read_playbooks(files),
        allowed=allowed_resolutions(load_policies()),
        remedies=acting_resolutions(load_flows()),
    )
    return [str(each) for each in found]


def wrong(text: str, by: str, data: bytes = SHORTAGE) -> list[str]:
    """Give the defects of the shortage's playbook with one text put in place of another."""
    assert text.encode() in data
    changed = playbook_files() | {"shortage.yaml": data.replace(text.encode(), by.encode(), 1)}
    try:
        return lint(changed)
    except PlaybookError as problem:
        return [str(each) for each in problem.defects]


def test_every_code_has_a_playbook_without_a_defect() -> None:
    books = read_playbooks(playbook_files())

    assert {book.code for book in books} == set(Code)
    assert lint(playbook_files()) == []


@pytest.mark.parametrize("name", sorted(playbook_files()))
def test_what_is_shipped_fits_the_schema_for_editors(name: str) -> None:
    schema = json.loads((shipped("playbooks") / "schema.json").read_text("utf-8"))

    Draft202012Validator(schema).validate(read_yaml(playbook_files()[name]))


def test_a_code_without_a_playbook_is_found() -> None:
    files = playbook_files()
    del files["shortage.yaml"]

    assert lint(files) == ["SHORTAGE: it has no playbook"]


@pytest.mark.parametrize(
    ("text", "by", "told"),
    [
        ("- name: accept", "- name: pray", "pray: no such resolution does anything"),
        ("- name: accept", "- name: resend", "resend: exception_routing never allows it"),
        ("- name: accept", "- name: dispute", "dispute comes twice"),
        ("minutes: 12", "minutes: 0", "minutes: '0': more than 0"),
        ("minutes: 12", "minutes: 601", "minutes: '601': more than 0 and at most 600"),
        ("minutes: 12", "minutes: soon", "minutes: 'soon'"),
        ("waits_on: us", "waits_on: fate", "waits_on: 'fate'"),
        ("effective_from: 2026-01-01", "effective_from: today", "effective_from: 'today'"),
        ("SUPPLIER_SHORT", "BAD_LUCK", "'BAD_LUCK' is no root cause"),
        ("playbook: SHORTAGE", "playbook: SHORT", "'SHORT' is no exception code"),
        ("owner: Procurement", "boss: Procurement", "owner: it is missing"),
        ("check:\n", "check:\n  - ''\n", "check.0: a text is wanted"),
        ("steps:\n", "steps:\n  - ' '\n", "steps.0: a text is wanted"),
    ],
)
def test_a_defect_is_named_with_its_place(text: str, by: str, told: str) -> None:
    assert any(told in each for each in wrong(text, by)), wrong(text, by)


def test_a_resolution_that_policy_allows_and_no_word_is_said_of_is_found() -> None:
    start = SHORTAGE.index(b"  - name: accept")
    end = SHORTAGE.index(b"  - name: dispute")
    files = playbook_files() | {"shortage.yaml": SHORTAGE[:start] + SHORTAGE[end:]}

    (told,) = lint(files)

    assert told == "SHORTAGE 2026-01: accept: exception_routing allows it, no word is said of it"


def test_the_bounds_of_the_usual_minutes_are_inside() -> None:
    assert wrong("minutes: 12", "minutes: 600") == []
    assert wrong("minutes: 12", "minutes: 0.5") == []


def test_a_version_comes_into_force_on_its_day_and_the_older_one_stays_readable() -> None:
    newer = SHORTAGE.replace(b'"2026-01"', b'"2026-02"').replace(b"2026-01-01", b"2026-06-01")
    books = Playbooks(read_playbooks({"old.yaml": SHORTAGE, "new.yaml": newer}))

    on = {day: books.at(Code.SHORTAGE, date(2026, *day)) for day in ((5, 31), (6, 1))}

    assert [book.version for book in on.values() if book] == ["2026-01", "2026-02"]
    older = books.version(Code.SHORTAGE, "2026-01")
    assert older is not None
    assert older.effective_from == date(2026, 1, 1)
    assert books.version(Code.SHORTAGE, "2027-01") is None
    assert books.at(Code.DUPLICATE, date(2026, 6, 1)) is None


def test_an_exception_is_shown_with_its_playbook_and_what_may_be_done_now(
    house: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    asked: list[tuple[type, str]] = []
    records = SqlStore.records

    def told(store: SqlStore, kind: type, owner: str) -> tuple[object, ...]:
        asked.append((kind, owner))
        return records(store, kind, owner)

    monkeypatch.setattr(SqlStore, "records", told)

    (case,) = cases(house, "SHORTAGE")

    assert asked
    assert len(set(asked)) == len(asked), "several ways to settle it look at the same ledger"

    guide = case["guide"]
    assert case["playbook_version"] == guide["version"] == "2026-01"
    assert guide["title"] == "The supplier confirms less than was ordered"
    assert guide["check"]
    assert guide["steps"]
    options = {option["name"]: option for option in guide["options"]}
    assert list(options) == case["resolutions"]
    assert all(o["effect"] and o["costs"] and o["choose_when"] for o in options.values())
    assert all(o["possible"] and not o["why_not"] for o in options.values())


def test_what_cannot_be_done_any_more_is_shown_so_and_refused_with_what_can(
    house: Installation,
) -> None:
    desk, _ = ordered(house)
    desk.drop(b"not an interchange")
    (case,) = cases(house, "UNREADABLE")
    possible = {option["name"]: option["possible"] for option in case["guide"]["options"]}

    refused = house.post("kim", f"/v1/exceptions/{case['id']}/resolve", {"resolution": "accept"})

    assert possible == {"reread": True, "discard": True, "accept": False, "dispute": False}
    assert (refused.status, refused.codes) == (409, {"RESOLUTION_NOT_ALLOWED"})
    (error,) = refused.body["errors"]
    assert "it does nothing about a quarantined-message" in error["message"]
    assert error["fix"] == "choose one of: reread, discard"
    assert cases(house, "UNREADABLE")


def test_codes_are_shown_by_the_api_and_the_command_line(desk: Desk) -> None:
    rows = desk.house.get("paul", "/v1/exception-codes")["rows"]
    assert [row["code"] for row in rows] == [code.value for code in Code]
    assert all(row["routing"] and row["resolutions"] for row in rows)
    assert desk.house.ask("GET", "/v1/exception-codes/NOPE", who="paul").status == 404

    shown = desk.run("paul", "exceptions", "show", "shortage")
    assert "The supplier confirms less than was ordered" in shown
    assert "cancel_remainder" in shown
    assert "await_balance" in desk.run("paul", "exceptions", "show", "SHORTAGE")
    assert "DUPLICATE" in desk.run("paul", "exceptions", "codes")
    (refused,) = desk.refused("paul", "exceptions", "show", "NOPE")
    assert "SHORTAGE" in refused["fix"]


def test_the_command_line_checks_playbooks(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_bytes(SHORTAGE)
    bad.write_bytes(SHORTAGE.replace(b"minutes: 12", b"minutes: none"))

    assert json.loads(run("exceptions", "check", "--json").stdout)["defects"] == 0
    assert run("exceptions", "check", str(good)).exit_code == 0
    result = run("exceptions", "check", str(bad), "--json")
    assert result.exit_code == 1
    (told,) = json.loads(result.stdout)["rows"]
    assert told["where"] == "minutes"
