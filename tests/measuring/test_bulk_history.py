"""The bulk history that long measurements stand on is valid, whole and usable."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from bench.cycles_world import in_world
from bench.history import STEM, Stem, check, fill, lived

from manciple.adapters.sql.engine import open_engine, reading, transaction
from manciple.adapters.sql.tracing import SqlTraces


@pytest.fixture(scope="module")
def stem(tmp_path_factory: pytest.TempPathFactory) -> Stem:
    return lived(tmp_path_factory.mktemp("stem"))


def _rows(url: str, sql: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
    engine = open_engine(url)
    with reading(engine) as session:
        found = session.rows(sql, values)
    engine.dispose()
    return found


def test_a_bulk_history_is_accepted_by_the_verifier_and_every_order_has_its_thread(
    database_url: str, stem: Stem
) -> None:
    events = fill(database_url, 2 * STEM, stem=stem)

    found = check(database_url)

    assert found.broken is None
    assert (found.events, found.unsealed) == (events, 0)
    orders = _rows(database_url, "select id, state from document where kind = 'purchase-order'")
    assert len(set(orders)) == 2 * STEM
    assert {state for _, state in orders} == {"closed"}
    engine = open_engine(database_url)
    traces = SqlTraces(engine)
    threads = {traces.find(str(order))[0].thread for order, _ in orders}
    told = traces.trace(min(threads))
    engine.dispose()
    assert len(threads) == 2 * STEM
    assert told is not None
    assert len(told.steps) > 20


def test_one_changed_byte_in_a_bulk_history_is_found(database_url: str, stem: Stem) -> None:
    fill(database_url, STEM, stem=stem)
    engine = open_engine(database_url)
    with transaction(engine) as session:
        row = session.one("select n, body from event where type = 'OrderPlaced' order by n")
        assert row is not None
        changed = bytes(row[1]).replace(b'"lane":"standard"', b'"lane":"critical"')
        session.write("update event set body = ? where n = ?", (changed, row[0]))
    engine.dispose()

    found = check(database_url)

    assert found.broken is not None
    assert found.broken.what == "event"


def test_whole_cycles_run_on_top_of_a_bulk_history(
    database_url: str, stem: Stem, tmp_path: Path
) -> None:
    fill(database_url, STEM, stem=stem)

    played = in_world(database_url, tmp_path / "run", 8, tick=timedelta(hours=4))

    assert played.tally.payables == 8
    assert played.tally.waiting == 0
    assert check(database_url).broken is None
