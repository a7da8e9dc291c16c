"""What changed, and how soon another process knows: a notice is a hint, a look is the truth."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.adapters.sql.changes import MOST, POLL_SECONDS, SqlChanges
from manciple.adapters.sql.engine import look, open_engine, transaction
from manciple.adapters.sql.store import SqlStore
from manciple.runtime.changes import ANY
from manciple.runtime.work import StoreError
from manciple.web.pages.live import Hints
from tests.databases import OwnServer, database
from tests.runtime.toy import PlaceToy, ask
from tests.runtime.toy_stores import KINDS, sql_store

SOON = 0.5
"""Well under a second, on a machine that others use too."""
_EVENT = (
    "insert into event (n, stream, version, type, hash, body, at) "
    "values (?, ?, 1, 'Made', ?, ?, 0)"
)


@pytest.fixture(params=KINDS[1:])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    made = sql_store(url)
    yield made
    made.engine.dispose()


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    server = OwnServer()
    yield server
    server.stop()


def changes_of(store: SqlStore) -> SqlChanges:
    made = SqlChanges(store.engine, store.signal)
    made.look()
    return made


def place(store: SqlStore, key: str) -> None:
    store.apply([ask(key, PlaceToy(item="bolt", ordered=Decimal(5)))])


def write_event(store: SqlStore, n: int, stream: str) -> None:
    with transaction(store.engine) as session:
        session.write(_EVENT, (n, stream, b"", b""))


def test_a_look_tells_the_kinds_that_changed_and_a_quiet_one_nothing(store: SqlStore) -> None:
    place(store, "k1")
    changes = changes_of(store)
    start = changes.sequence()
    assert start > 0
    assert changes.look().topics == frozenset()
    assert changes.since(start) == frozenset()

    place(store, "k2")
    heard = changes.look()

    assert heard.sequence > start
    assert {"trace", "toy-order"} <= heard.topics
    assert changes.since(start) == heard.topics
    assert changes.since(heard.sequence) == frozenset()
    assert changes.since(start - 1) == ANY, "from before this process looked"
    assert changes.since(heard.sequence + 1) == ANY, "from another database"


def test_a_lower_number_that_is_committed_later_is_seen(store: SqlStore) -> None:
    write_event(store, 1000, "early/1")
    changes = changes_of(store)
    write_event(store, 1003, "high/1")
    assert "high" in changes.look().topics

    write_event(store, 1001, "late/1")
    heard = changes.look()

    assert heard.sequence == 1003
    assert heard.topics == {"late", "trace"}
    assert changes.look().topics == frozenset()


def test_far_behind_or_before_a_restored_database_anything_may_have_changed(
    store: SqlStore,
) -> None:
    write_event(store, 10, "a/1")
    changes = changes_of(store)
    write_event(store, 10 + MOST, "b/1")
    assert changes.look().topics == {"b", "trace"}
    write_event(store, 11 + 2 * MOST, "c/1")
    assert changes.look().topics == ANY
    with transaction(store.engine) as session:
        session.write("delete from event where n > 10")
    assert changes.look().topics == ANY


def test_bells_ring_for_those_who_are_told(store: SqlStore) -> None:
    changes = changes_of(store)
    with transaction(store.engine) as session:
        session.write(_EVENT, (1, "approval/A-1", b"", b""))
        session.write(
            "insert into notice (owner, subject, kind, title, path, site, at) "
            "values ('anna', 'approval/A-1', 'asked', 'x', '/', '', 0)"
        )
    assert changes.look().topics == {"trace", "approval", "bell:anna"}
    with transaction(store.engine) as session:
        session.write("insert into notice_seen (owner, subject, at) values ('anna', '*', 1)")
    assert changes.look().topics == {"bell:anna"}


async def _hinted_after(changes: SqlChanges, act: Callable[[], None]) -> float:
    """Give how long after an act an open page is hinted."""
    hints = Hints(changes, lambda _: 0)
    stream = hints.stream(None, known=changes.sequence(), topics=("toy-order",))
    await anext(stream)
    parts: list[str] = []

    async def hear() -> float:
        async for part in stream:
            parts.append(part)
            if part.startswith("event: toy-order\n"):
                return time.monotonic()
        raise AssertionError

    hearing = asyncio.create_task(hear())
    await asyncio.sleep(0.15)  # just after a look: the next one is as far as it can be
    start = time.monotonic()
    await asyncio.to_thread(act)
    heard = await asyncio.wait_for(hearing, 5)
    await stream.aclose()
    return heard - start


@pytest.mark.parametrize("is_told", [True, False])
def test_another_nodes_commit_is_hinted_at_once_and_without_notices_within_a_second(
    postgres_url: str, *, is_told: bool
) -> None:
    here, there = sql_store(postgres_url), sql_store(postgres_url)
    nodes = (here, there) if is_told else ()
    for node in nodes:
        node.signal.start()
    try:
        until(lambda: all(node.signal.is_connected for node in nodes))
        took = asyncio.run(_hinted_after(changes_of(here), lambda: place(there, "k1")))
        assert took < (SOON if is_told else POLL_SECONDS + 0.3)
    finally:
        for node in (here, there):
            node.signal.stop()
            node.engine.dispose()


def test_the_signal_comes_back_after_its_connection_was_cut(postgres_url: str) -> None:
    here, there = sql_store(postgres_url), sql_store(postgres_url)
    heard: list[float] = []
    for node in (here, there):
        node.signal.start()
    try:
        until(lambda: here.signal.is_connected and there.signal.is_connected)
        here.signal.listen(lambda: heard.append(time.monotonic()))
        gone = look(
            there.engine,
            "select count(pg_terminate_backend(pid)) from pg_stat_activity "
            "where strpos(query, 'manciple_changed') > 0 and datname = current_database() "
            "and pid <> pg_backend_pid()",
        )
        assert gone[0][0] == 2
        place(there, "lost")  # whoever is away hears of it when it is back
        until(lambda: bool(heard) and here.signal.is_connected and there.signal.is_connected)
        heard.clear()
        place(there, "found")
        until(lambda: bool(heard))
    finally:
        for node in (here, there):
            node.signal.stop()
            node.engine.dispose()


def test_the_signal_comes_back_after_the_database_itself_died(own_server: OwnServer) -> None:
    url = own_server.fresh()
    here, there = sql_store(url), sql_store(url)
    heard: list[float] = []
    for node in (here, there):
        node.signal.start()
    try:
        until(lambda: here.signal.is_connected and there.signal.is_connected)
        here.signal.listen(lambda: heard.append(time.monotonic()))
        place(there, "before")
        until(lambda: bool(heard))

        own_server.kill()
        until(lambda: not (here.signal.is_connected or there.signal.is_connected))
        heard.clear()
        with pytest.raises(StoreError):
            place(there, "meanwhile")
        assert not here.signal.is_connected
        assert heard == []

        own_server.start()
        until(lambda: here.signal.is_connected and there.signal.is_connected)
        time.sleep(0.2)  # what each of them says when it is back has been heard
        heard.clear()
        place(there, "after")
        until(lambda: bool(heard))
    finally:
        for node in (here, there):
            node.signal.stop()
            node.engine.dispose()
    assert sessions(url) == 0
    gc.collect()  # what was left open would say so


def sessions(url: str) -> int:
    """Count who else is connected to a database."""
    engine = open_engine(url)
    try:
        (found,) = look(
            engine,
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and backend_type = 'client backend' and pid <> pg_backend_pid()",
        )
        return int(found[0])
    finally:
        engine.dispose()


def test_a_commit_never_waits_for_a_signal_that_is_away(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[bool] = []
    end = store.signal.listen(lambda: heard.append(True))
    place(store, "k1")
    assert heard == [True]
    end()
    place(store, "k2")
    assert heard == [True]
    assert not store.signal.is_connected
    assert caplog.records == []


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 8
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
