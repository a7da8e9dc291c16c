"""The object-centric event log: three forms of one history, whole, without a dangling relation."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from manciple.adapters.sql.engine import reading
from manciple.adapters.sql.ocel import Exported, Format, export
from manciple.adapters.sql.sealer import Sealer
from manciple.cli.main import root
from manciple.intelligence.ocel import PRIVATE
from tests.api.installation import Installation, installed
from tests.scenarios.office import ordered, raise_need


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("ocel") / "home") as made:
        raise_need(made, (("VALVE", "100"),))
        desk, order = ordered(made, (("ANCHOR", "400"), ("BOLT", "200")), supplier="ADLER")
        desk.drop(desk.acknowledgment(order, {"1": 15}))
        desk.drop(desk.invoice(order, "X-1 <&'"))
        desk.drop(b"noise")
        made.wait(hours=30)
        Sealer(made.app.store.engine).seal_all(made.clock.now())
        yield made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def written(house: Installation, folder: Path) -> dict[Format, Exported]:
    return {form: export(house.app.store.engine, form, folder / form.value) for form in Format}


@pytest.fixture(scope="module")
def log(written: dict[Format, Exported], folder: Path) -> dict[str, Any]:
    assert written
    found: dict[str, Any] = json.loads((folder / "json").read_text("utf-8"))
    return found


def test_the_three_forms_hold_the_same(written: dict[Format, Exported]) -> None:
    assert len(set(written.values())) == 1
    assert min(written[Format.JSON].events, written[Format.JSON].objects) > 50


def test_every_sealed_event_about_no_person_is_in_the_log(
    house: Installation, log: dict[str, Any]
) -> None:
    with reading(house.app.store.engine) as session:
        rows = session.rows("select stream, seq, type from event where seq is not null")
    wanted = {
        (str(seq), kind) for stream, seq, kind in rows if stream.partition("/")[0] not in PRIVATE
    }

    assert {(each["id"], each["type"]) for each in log["events"]} == wanted
    assert not {each["type"] for each in log["objects"]} & PRIVATE
    assert len(rows) > len(wanted)  # there are people, and they stay inside


def test_no_relation_of_the_json_dangles_and_every_type_is_declared(
    log: dict[str, Any], written: dict[Format, Exported]
) -> None:
    objects = {each["id"]: each for each in log["objects"]}
    declared = {
        what: {
            each["name"]: {a["name"] for a in each["attributes"]} for each in log[f"{what}Types"]
        }
        for what in ("event", "object")
    }

    relations = [r for each in log["events"] for r in each["relationships"]]
    between = [r for each in log["objects"] for r in each.get("relationships", ())]
    assert {r["objectId"] for r in (*relations, *between)} <= set(objects)
    assert all(r["qualifier"] for r in (*relations, *between))
    for what in ("event", "object"):
        for each in log[f"{what}s"]:
            names = {attribute["name"] for attribute in each.get("attributes", ())}
            assert names <= declared[what][each["type"]], each["id"]
    assert len(objects) == len(log["objects"]) == written[Format.JSON].objects
    assert len(relations) == written[Format.JSON].event_relations
    assert len(between) == written[Format.JSON].object_relations


def test_the_life_of_an_order_line_can_be_followed(log: dict[str, Any]) -> None:
    line = next(each["id"] for each in log["objects"] if each["type"] == "order-line")
    order = "purchase-order/" + line.split("/")[1]
    about = [e for e in log["events"] if line in {r["objectId"] for r in e["relationships"]}]

    assert "OrderPlaced" in {each["type"] for each in about}
    whole = next(each for each in log["objects"] if each["id"] == line)
    assert order in {r["objectId"] for r in whole["relationships"]}
    times = [each["time"] for each in log["events"]]
    assert all(each.endswith("Z") for each in times)


def test_the_xml_is_well_formed_and_says_the_same(
    log: dict[str, Any], written: dict[Format, Exported], folder: Path
) -> None:
    assert written
    root = ET.parse(folder / "xml").getroot()

    def named(name: str) -> list[ET.Element]:
        return [each for each in root.iter() if each.tag.rpartition("}")[2] == name]

    events = [each for each in named("event") if each.get("id")]
    objects = [each for each in named("object") if each.get("id")]
    assert {each.get("id") for each in events} == {each["id"] for each in log["events"]}
    assert {each.get("id") for each in objects} == {each["id"] for each in log["objects"]}
    known = {each.get("id") for each in objects}
    assert {each.get("object-id") for each in named("relationship")} <= known


def test_the_sqlite_log_has_a_table_for_each_type_and_no_dangling_row(
    log: dict[str, Any], written: dict[Format, Exported], folder: Path
) -> None:
    assert written
    with closing(sqlite3.connect(f"file:{folder / 'sqlite'}?mode=ro", uri=True)) as db:

        def count(sql: str) -> int:
            return int(db.execute(f"select count(*) from {sql}").fetchone()[0])

        assert count("event") == len(log["events"])
        assert count("object") == len(log["objects"])
        for name, column, of in (
            ("event_object", "ocel_event_id", "event"),
            ("event_object", "ocel_object_id", "object"),
            ("object_object", "ocel_source_id", "object"),
            ("object_object", "ocel_target_id", "object"),
        ):
            assert count(f"{name} where {column} not in (select ocel_id from {of})") == 0
        for what in ("event", "object"):
            types = dict(db.execute(f"select ocel_type, ocel_type_map from {what}_map_type"))
            assert set(types) == {each["name"] for each in log[f"{what}Types"]}
            for table in types.values():
                assert (
                    count(f'"{what}_{table}" where ocel_id not in (select ocel_id from {what})')
                    == 0
                )
        rows = sum(
            count(f'"event_{row[0]}"')
            for row in db.execute("select ocel_type_map from event_map_type")
        )
        assert rows == len(log["events"])


def test_the_same_history_gives_the_same_bytes(
    house: Installation, written: dict[Format, Exported], folder: Path, tmp_path: Path
) -> None:
    assert written
    for form in (Format.JSON, Format.XML):
        export(house.app.store.engine, form, tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == (folder / form.value).read_bytes()


def test_a_log_that_cannot_be_written_leaves_the_old_one(
    house: Installation, tmp_path: Path
) -> None:
    target = tmp_path / "log"
    target.mkdir()
    (target / "kept").write_text("here")

    with pytest.raises(OSError, match=r"."):
        export(house.app.store.engine, Format.JSON, target)

    assert [each.name for each in sorted(tmp_path.iterdir()) if each.name != "log"] == []
    assert (target / "kept").read_text() == "here"


def test_a_history_of_nothing_is_a_log_of_nothing(tmp_path: Path, sqlite_url: str) -> None:
    from manciple.adapters.sql.engine import open_engine  # noqa: PLC0415  one test's own

    engine = open_engine(sqlite_url)
    for form in Format:
        assert export(engine, form, tmp_path / form.value).events == 0
    engine.dispose()
    assert json.loads((tmp_path / "json").read_text())["events"] == []


def test_the_command_writes_the_log_and_says_what_is_in_it(
    house: Installation, written: dict[Format, Exported], tmp_path: Path
) -> None:
    url = house.app.store.engine.url.render_as_string(hide_password=False)
    target = tmp_path / "history.json"
    asked = ["export", "ocel", "--format", "json", str(target), "--database-url", url, "--json"]

    done = CliRunner().invoke(root, asked, obj={})
    refused = CliRunner().invoke(root, [*asked[:4], str(tmp_path), *asked[5:]], obj={})

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["events"] == written[Format.JSON].events
    assert json.loads(target.read_text("utf-8"))["events"]
    assert refused.exit_code == 2
