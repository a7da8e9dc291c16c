"""Our object-centric logs, read by two programs of others: equal counts, nothing dangling.

`rustxes` 0.2.11 reads JSON and XML. It reads no SQLite: it has no function for it.

`oceldb` 0.10.1 reads all three, and checks every relation and type itself. Its reader of XML takes
booleans only as 1 and 0; we write true and false, the canonical form (XML Schema 1.0 part 2,
section 3.2.2), which is the only one that `rustxes` understands. So it is given a copy in which
just those words are replaced; everything else in it is what we wrote.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import oceldb
import oceldb.io
import polars as pl
import pytest
import rustxes

from manciple.adapters.sql.ocel import Exported, Format, export
from manciple.adapters.sql.sealer import Sealer
from tests.api.installation import installed
from tests.scenarios.office import ordered, raise_need

Log = tuple[Path, Exported]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[Format, Log]]:
    """Give a log of each form of one history, with text that needs care and money in it."""
    folder = tmp_path_factory.mktemp("readers")
    with installed(folder / "home") as made:
        raise_need(made, (("VALVE", "100"),))
        desk, order = ordered(made, (("ANCHOR", "400"), ("BOLT", "200")), supplier="ADLER")
        desk.drop(desk.acknowledgment(order, {"1": 15}))
        desk.drop(desk.invoice(order, "X-1 <&'"))
        made.wait(hours=30)
        Sealer(made.app.store.engine).seal_all(made.clock.now())
        yield {
            form: (path, export(made.app.store.engine, form, path))
            for form in Format
            for path in [folder / f"log.{form.value}"]
        }


@pytest.mark.parametrize("form", [Format.JSON, Format.XML])
def test_rustxes_reads_what_was_written(logs: Mapping[Format, Log], form: Format) -> None:
    path, wrote = logs[form]
    reads = {Format.JSON: rustxes.import_ocel_json, Format.XML: rustxes.import_ocel_xml}
    log: Mapping[str, pl.DataFrame] = reads[form](str(path))

    assert wrote.events > 50
    assert log["events"].height == wrote.events
    assert log["objects"].height == wrote.objects
    assert log["relations"].height == wrote.event_relations
    assert log["o2o"].height == wrote.object_relations
    events, objects = set(log["events"]["ocel:eid"]), set(log["objects"]["ocel:oid"])
    assert len(events) == wrote.events
    assert len(objects) == wrote.objects
    assert set(log["relations"]["ocel:eid"]) <= events
    assert set(log["relations"]["ocel:oid"]) <= objects
    assert {*log["o2o"]["ocel:oid"], *log["o2o"]["ocel:oid_2"]} <= objects
    assert log["events"]["total"].drop_nulls().dtype == pl.Float64
    assert log["events"]["clean"].drop_nulls().dtype == pl.Boolean


@pytest.mark.parametrize("form", list(Format))
def test_oceldb_reads_what_was_written_and_finds_nothing_wrong(
    logs: Mapping[Format, Log], form: Format, tmp_path: Path
) -> None:
    path, wrote = logs[form]
    source = tmp_path / path.name
    content = path.read_bytes()
    if form is Format.XML:
        for word, digit in ((b"true", b"1"), (b"false", b"0")):
            content = re.sub(
                b">" + word + b"</attribute>", b">" + digit + b"</attribute>", content
            )
    source.write_bytes(content)
    reads: dict[Format, Any] = {
        Format.JSON: oceldb.io.convert_json,
        Format.XML: oceldb.io.convert_xml,
        Format.SQLITE: oceldb.io.convert_sqlite,
    }

    log = reads[form](source, tmp_path / "native", validate=True)

    log.validate()
    counts = [_count(table) for table in (log.events(), log.objects(), log.e2o(), log.o2o())]
    assert counts == [
        wrote.events, wrote.objects, wrote.event_relations, wrote.object_relations,
    ]  # fmt: skip
    events, objects = _ids(log.events()), _ids(log.objects())
    assert len(events) == wrote.events
    assert len(objects) == wrote.objects
    related = log.e2o().collect()
    assert set(related["ocel_event_id"]) <= events
    assert set(related["ocel_object_id"]) <= objects
    between = log.o2o().collect()
    assert {*between["ocel_source_id"], *between["ocel_target_id"]} <= objects


def _count(table: pl.LazyFrame) -> int:
    return int(table.select(pl.len()).collect().item())


def _ids(table: pl.LazyFrame) -> set[str]:
    return set(table.select("ocel_id").collect()["ocel_id"])
