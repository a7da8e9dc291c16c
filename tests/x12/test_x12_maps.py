"""The maps are data: every file of mappings/x12 fits the schema, and every word has a meaning."""

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from manciple.exchange.mapping import maps
from manciple.exchange.mapping.codes import Codes, Overlay
from manciple.exchange.mapping.document import AnswerWord, HeaderWord
from manciple.exchange.mapping.maps import (
    MapKeyError,
    UnknownOverlayError,
    load_maps,
    shipped_directory,
)
from manciple.exchange.mapping.verbs import verbs
from manciple.kernel.units import Unit

FOLDER = shipped_directory()
FILES = sorted(FOLDER.rglob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads((FOLDER.parent / "schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_map_fits_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    jsonschema.validate(yaml.load(text, maps._Loader), SCHEMA)


def test_on_and_no_are_codes_and_not_booleans() -> None:
    lists = load_maps().codes.lists

    assert lists["items"]["ON"] == "order"
    assert lists["references"]["ON"] == "purchase_order"


def test_a_bare_number_as_code_is_refused(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "x12")
    habits = tmp_path / "x12" / "partners" / "hasty.yaml"
    habits.write_text("name: hasty\ncodes:\n  dates: {017: delivery_promised}\n")

    with pytest.raises(MapKeyError, match=r"hasty.yaml: the code 15 must stand in quotes"):
        load_maps(tmp_path / "x12", overlay="hasty")


def test_the_schema_knows_every_verb_and_no_other() -> None:
    rows = SCHEMA["$defs"]["row"]["oneOf"]

    assert {row["title"] for row in rows} == set(verbs())


@pytest.mark.parametrize(
    "bad",
    [
        {"set": "850", "kind": "order", "header": {"BEG": [{"do": "guess", "at": 1}]}},
        {"set": "850", "kind": "order", "header": {"BEG": [{"do": "order", "at": 0}]}},
        {"set": "850", "kind": "order", "header": {"beg": [{"do": "order", "at": 1}]}},
        {"set": "850", "kind": "wish", "header": {}},
        {"name": "x", "codes": {"line_answers": {"ZZ": "agreed"}}},
        {"name": "x", "habits": {}},
    ],
)
def test_a_map_with_a_mistake_is_refused_by_the_schema(bad: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, SCHEMA)


def test_answer_lists_use_only_our_words_and_never_unknown() -> None:
    codes = load_maps().codes.lists

    assert set(codes["line_answers"].values()) == set(AnswerWord) - {AnswerWord.UNKNOWN}
    assert set(codes["header_answers"].values()) == set(HeaderWord) - {HeaderWord.UNKNOWN}


def test_an_overlay_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(UnknownOverlayError, match=r"no mapping overlay 'nobody'.*example"):
        load_maps(overlay="nobody")


def test_an_overlay_may_not_leave_its_folder() -> None:
    with pytest.raises(UnknownOverlayError):
        load_maps(overlay="../codes")


def test_a_partners_unit_table_speaks_first_both_ways() -> None:
    codes = Codes.of({"units": {}}, Overlay(name="x", codes={"units": {"UN": "EA"}}))

    assert codes.unit("UN") is Unit.EACH
    assert codes.unit("CA") is Unit.CASE
    assert codes.unit("??") is None
    assert codes.unit_code(Unit.EACH) == "UN"
    assert codes.unit_code(Unit.CASE) == "CA"


def test_maps_are_loaded_once() -> None:
    assert load_maps() is load_maps()
