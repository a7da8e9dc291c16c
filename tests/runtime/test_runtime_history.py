"""History: sealed in one sequence, checked from its bytes, and the same wherever it is played."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from manciple.adapters.sql.audit import verify
from manciple.adapters.sql.engine import open_engine, transaction
from manciple.adapters.sql.sealer import Sealer
from manciple.adapters.sql.store import SqlStore
from manciple.runtime.rows import micros
from manciple.runtime.work import StoreError
from tests.databases import server
from tests.runtime.toy import START, PlaceToy, ReceiveToy, ask, order_id
from tests.runtime.toy_stores import sql_store

NOW = START + timedelta(minutes=5)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    made = sql_store(database_url)
    made.apply(
        [ask(f"k{n}", PlaceToy(item=f"item{n % 3}", ordered=Decimal(n + 1))) for n in range(8)]
    )
    made.apply([ask(f"r{n}", ReceiveToy(order=order_id(f"k{n}"))) for n in range(4)])
    yield made
    made.engine.dispose()


def change(store: SqlStore, sql: str, *values: object) -> None:
    with transaction(store.engine) as session:
        assert session.write(sql, values) == 1


def test_sealing_numbers_every_event_once_and_chains_the_seals(store: SqlStore) -> None:
    sealer = Sealer(store.engine, most=7)

    assert [sealer.seal(NOW) for _ in range(4)] == [7, 7, 6, 0]

    found = verify(store.engine, NOW)
    assert (found.events, found.seals, found.unsealed, found.broken) == (20, 3, 0, None)
    assert len(found.chained) == len(found.heads) == 64


def test_the_age_of_the_unsealed_tail_is_told(store: SqlStore) -> None:
    found = verify(store.engine, NOW)

    assert (found.unsealed, found.unsealed_age) == (20, timedelta(minutes=5))


def test_of_two_sealers_the_one_with_the_lease_seals(store: SqlStore) -> None:
    first, second = Sealer(store.engine, most=5), Sealer(store.engine, most=5)

    assert first.seal(NOW) == 5
    assert second.seal(NOW) == 0
    assert second.seal(NOW + timedelta(seconds=11)) == 5
    assert first.seal(NOW + timedelta(seconds=12)) == 0


def test_a_sealer_that_waited_for_another_seals_nothing_twice(store: SqlStore) -> None:
    sealed: list[int] = []
    barrier = threading.Barrier(4)

    def seal() -> None:
        sealer = Sealer(store.engine, holder="one")
        barrier.wait()
        sealed.append(sealer.seal(NOW))

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(sealed) == [0, 0, 0, 20]
    assert verify(store.engine, NOW).unsealed == 0


def test_who_sleeps_with_a_lock_on_postgresql_loses_it(postgres_url: str) -> None:
    store, sleeper = sql_store(postgres_url), open_engine(postgres_url, idle=1)
    store.apply([ask("k1", PlaceToy(item="item", ordered=Decimal(1)))])
    locks = "insert into lease (name, token, until) values ('sealer', 'sleeper', 0)"
    sealed = []

    def sleep() -> None:
        with transaction(sleeper) as session:
            session.write(locks)
            sealed.append(Sealer(store.engine).seal(NOW))
            session.write(locks)

    with pytest.raises(StoreError):
        sleep()

    assert sealed[0] > 0
    sleeper.dispose()
    store.engine.dispose()


STREAM = f"toy-order/{order_id('k2')}"
TAMPERED = [
    ("update event set body = ? where stream = ? and version = 1", (b"{}", STREAM), "event", "/1"),
    ("update event set hash = ? where stream = ? and version = 1", (b"x", STREAM), "event", "/1"),
    ("update event set type = ? where stream = ? and version = 2", ("X", STREAM), "event", "/2"),
    ("update event set at = ? where stream = ? and version = 2", (5, STREAM), "event", "/2"),
    ("delete from event where stream = ? and version = 1", (STREAM,), "link", "/1"),
    ("delete from event where stream = ? and version = 2", (STREAM,), "head", ""),
    ("update document set version = ? where ref = ?", (9, STREAM), "head", ""),
    ("delete from document where ref = ?", (STREAM,), "head", ""),
]


@pytest.mark.parametrize(("sql", "values", "what", "where"), TAMPERED)
def test_the_first_broken_record_is_named(
    store: SqlStore, sql: str, values: tuple[object, ...], what: str, where: str
) -> None:
    Sealer(store.engine).seal_all(NOW)

    change(store, sql, *values)

    broken = verify(store.engine, NOW).broken
    assert broken is not None
    assert (broken.what, broken.where) == (what, STREAM + where)


def test_bytes_replaced_by_text_are_named_too(store: SqlStore) -> None:
    if store.is_postgres:
        return  # PostgreSQL's columns hold bytes only
    Sealer(store.engine).seal_all(NOW)

    change(store, "update event set body = ? where stream = ? and version = 1", "{}", STREAM)

    broken = verify(store.engine, NOW).broken
    assert broken is not None
    assert (broken.what, broken.where) == ("event", STREAM + "/1")


@pytest.mark.parametrize(
    "sql",
    [
        "update seal set root = ? where first = 8",
        "update seal set chained = ? where first = 8",
        "update event set seq = null where seq = 9 and ? is not null",
    ],
)
def test_a_broken_seal_is_named(store: SqlStore, sql: str) -> None:
    Sealer(store.engine, most=7).seal_all(NOW)
    assert verify(store.engine, NOW).broken is None

    if "null" in sql:
        change(store, "update event set seq = null where seq = ?", 9)
    else:
        change(store, sql, b"another")

    broken = verify(store.engine, NOW).broken
    assert broken is not None
    assert (broken.what, broken.where) == ("seal", "8..14")


def test_a_forger_who_rehashes_a_whole_stream_is_caught_by_the_seal(store: SqlStore) -> None:
    from manciple.runtime.chain import GENESIS, link  # noqa: PLC0415

    Sealer(store.engine).seal_all(NOW)
    stream = f"toy-order/{order_id('k7')}"
    with transaction(store.engine) as session:
        row = session.one("select body from event where stream = ?", (stream,))
        assert row is not None
        forged = row[0].replace(b'"8"', b'"9"')
        assert forged != row[0]
        head = link(GENESIS, forged)
        session.write(
            "update event set body = ?, hash = ? where stream = ?", (forged, head, stream)
        )
        session.write("update document set head = ? where ref = ?", (head, stream))

    broken = verify(store.engine, NOW).broken

    assert broken is not None
    assert broken.what == "seal"


def test_a_late_commit_is_sealed_in_its_turn(postgres_url: str) -> None:
    store = sql_store(postgres_url)
    store.apply([ask("k0", PlaceToy(item="a", ordered=Decimal(1)))])
    sealer = Sealer(store.engine)
    with store.engine.connect() as late:
        late.exec_driver_sql("select nextval(pg_get_serial_sequence('event', 'n'))")
        store.apply([ask("k1", PlaceToy(item="b", ordered=Decimal(1)))])
        assert sealer.seal(NOW) == 4
    store.apply([ask("k2", PlaceToy(item="c", ordered=Decimal(1)))])

    assert sealer.seal(NOW) == 2
    assert verify(store.engine, NOW).broken is None
    assert micros(NOW) > 0
    store.engine.dispose()


_PLAY = """
import sys
from tests.runtime.toy_world import play_toy_world
print(play_toy_world(sys.argv[1], seed=7, orders=30, tick_minutes=int(sys.argv[2])))
"""


def _roots(url: str, salt: str, tick: int) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _PLAY, url, str(tick)],
        env={**os.environ, "PYTHONHASHSEED": salt},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("tick", [0, 240])
def test_one_seed_gives_one_root_on_any_database_and_hash_seed(
    sqlite_url: str, postgres_url: str, tick: int
) -> None:
    second = server().fresh()
    roots = {
        _roots(sqlite_url, "0", tick),
        _roots(postgres_url, "1", tick),
        _roots(second, "4242", tick),
    }
    server().drop(second)

    assert len(roots) == 1
