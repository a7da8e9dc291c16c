"""Tables as people read them: the reference pages and the schema for editors."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from manciple.policy.conditions import Type
from manciple.policy.describe import policy_pages
from manciple.policy.register import load_tables
from manciple.policy.table import Column, DecisionTable, Hit, Row

FOLDER = Path(__file__).parents[2] / "policies"
FILES = sorted(FOLDER.glob("*.yaml"))
SCHEMA = json.loads((FOLDER / "schema.json").read_text("utf-8"))


def document(path: Path) -> Any:
    """Read as an editor does, with days as texts."""
    return json.loads(json.dumps(yaml.safe_load(path.read_bytes()), default=str))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_schema_takes_every_shipped_table(path: Path) -> None:
    assert list(Draft202012Validator(SCHEMA).iter_errors(document(path))) == []


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    node = document(FOLDER / "criticality.yaml")
    node["hits"] = "first"
    node["hit"] = "last"
    node["inputs"][0]["type"] = "list"
    del node["rows"][0]["then"]

    assert len(list(Draft202012Validator(SCHEMA).iter_errors(node))) == 4


def test_the_schema_is_in_step_with_the_records() -> None:
    def keys(record: type) -> set[str]:
        return {field.name for field in fields(record)}

    definitions = SCHEMA["$defs"]
    assert set(SCHEMA["properties"]) == keys(DecisionTable) - {"name"} | {"table"}
    assert set(definitions["row"]["properties"]) == keys(Row)
    for side, types in (("input", set(Type) - {Type.LIST}), ("output", set(Type))):
        properties = definitions[side]["properties"]
        assert set(properties) == keys(Column)
        assert set(properties["type"]["enum"]) == types
    assert SCHEMA["properties"]["hit"]["enum"] == list(Hit)


def test_every_row_and_column_of_every_table_is_on_its_page() -> None:
    register = load_tables({path.name: path.read_bytes() for path in FILES})
    pages = policy_pages(register)

    assert len(pages) == len(FILES)
    for table in register.tables():
        page = pages[f"{table.name} {table.version}"]
        assert page.startswith(f"## {table.name} {table.version}\n")
        assert table.owner in page
        for column in (*table.inputs, *table.outputs):
            assert f"| {column.name} |" in page
        for row in table.rows:
            assert f"| {row.id} |" in page
            assert row.because in page


def test_a_page_keeps_every_row_on_one_line_of_the_grid() -> None:
    register = load_tables({path.name: path.read_bytes() for path in FILES})
    for page in policy_pages(register).values():
        grid = [line for line in page.splitlines() if line.startswith("|")]
        assert {line.replace("\\|", "").count("|") for line in grid} == {
            grid[0].count("|"),
            grid[-1].count("|"),
        }
