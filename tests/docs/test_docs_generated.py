"""The generated reference: nothing is missing from it, and no page of it is stale."""

import ast
import shutil
from pathlib import Path

import pytest
from docs.generate import DOCS, ROOMS, events_of, pages

from docs import generate
from manciple.app.definitions import load
from manciple.app.registry import registry_of
from manciple.runtime.bus import Registry
from manciple.settings import Settings

SOURCE = DOCS.parent / "src" / "manciple"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return registry_of(load())


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    return dict(pages())


def headings(text: str) -> set[str]:
    return {line.removeprefix("### ") for line in text.splitlines() if line.startswith("### ")}


def test_pages_are_as_the_code_says_today(written: dict[str, str]) -> None:
    stale = [page for page, text in written.items() if (DOCS / page).read_text("utf-8") != text]
    assert stale == [], "run `make docs`"


def test_every_act_is_in_the_reference(registry: Registry, written: dict[str, str]) -> None:
    named = headings(written["reference/commands.md"])
    assert {act.__name__ for act in registry.handlers} <= named


def test_every_event_that_leads_to_something_is_in_the_reference(
    registry: Registry, written: dict[str, str]
) -> None:
    named = headings(written["reference/events.md"])
    assert {event.__name__ for event in registry.reactions} <= named


def saved_in(room: str) -> set[str]:
    """Find the records that a room's handlers make on the spot when they save a document."""
    found: set[str] = set()
    for module in (SOURCE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            is_save = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if not is_save or not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute) and node.func.attr == "save":
                found |= {
                    given.func.id
                    for given in node.args[1:]
                    if isinstance(given, ast.Call) and isinstance(given.func, ast.Name)
                }
    return {name for name in found if name[0].isupper()}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_events_made_where_a_document_is_saved_are_in_the_reference(
    room: str, written: dict[str, str]
) -> None:
    assert saved_in(room) <= headings(written["reference/events.md"])


def test_rooms_without_a_chapter_have_no_acts(registry: Registry) -> None:
    assert {act.__module__.split(".")[1] for act in registry.handlers} <= set(ROOMS)


def test_every_event_and_act_says_what_it_is_in_a_sentence_of_its_own(registry: Registry) -> None:
    records = [
        *registry.handlers,
        *(each for room in events_of(registry).values() for each in room),
    ]
    silent = [
        each.__name__ for each in records if (each.__doc__ or "").startswith(f"{each.__name__}(")
    ]
    assert silent == []


def test_every_policy_table_and_row_is_in_the_reference(written: dict[str, str]) -> None:
    text = written["reference/policies.md"]
    for table in load().register.tables():
        assert f"## {table.name} {table.version}" in text
        for row in table.rows:
            assert f"| {row.id} |" in text


def test_every_flow_and_step_is_in_the_reference(written: dict[str, str]) -> None:
    text = written["reference/flows.md"]
    for flow in load().flows:
        assert f"({flow.id} {flow.version})" in text
        for step in flow.steps:
            assert f"| {step.id} | {step.title} |" in text


def test_every_setting_is_in_the_reference(written: dict[str, str]) -> None:
    text = written["reference/settings.md"]
    for name in Settings.__dataclass_fields__:
        assert f"| `{name}` |" in text


def test_stale_page_is_named_and_then_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(DOCS / "reference", tmp_path / "reference")
    monkeypatch.setattr(generate, "DOCS", tmp_path)
    page = tmp_path / "reference" / "flows.md"
    page.write_text("yesterday", "utf-8")

    assert generate.main(["--check"]) == 1
    assert "stale: docs/reference/flows.md" in capsys.readouterr().out
    assert page.read_text("utf-8") == "yesterday"

    generate.main([])
    assert generate.main(["--check"]) == 0
    assert "Direct materials" in page.read_text("utf-8")
