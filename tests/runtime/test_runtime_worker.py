"""The worker's parts: wakes and epochs, the idle poll, threads, DBOS, chores and retention."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from manciple.adapters.durable.chores import Chores
from manciple.adapters.durable.settings import open_engine_for_dbos
from manciple.adapters.durable.takeover import TakeOver, TwinError
from manciple.adapters.durable.threads import ThreadDrains
from manciple.adapters.durable.wakes import IdlePoll, Wakes
from manciple.adapters.durable.worker import Worker, prune_finished
from manciple.adapters.durable.workflow import client_of, enqueue
from manciple.adapters.sql.deliveries import Retention
from manciple.adapters.sql.engine import IDLE as IDLE_IN_TRANSACTION
from manciple.adapters.sql.sealer import Sealer
from manciple.adapters.sql.store import SqlStore
from manciple.kernel.clock import WallClock, WorldClock
from manciple.runtime.drains import Drains
from manciple.runtime.effects import EffectState, Lane
from manciple.runtime.lanes import Limits
from tests.ports.test_ports_effects import Desks, hear
from tests.runtime.toy import START, Desk, Order, PlaceToy, ask, order_id
from tests.runtime.toy_stores import sql_store

ERP = ("erp", Lane.STANDARD)


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    made = sql_store(database_url)
    yield made
    made.engine.dispose()


def place(store: SqlStore, *keys: str, at: datetime = START) -> None:
    act = PlaceToy(item="bolt", ordered=Decimal(1))
    store.apply([ask(key, act, at=at) for key in keys])


def until(claim: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def drains_of(store: SqlStore, desk: Desk, clock: WallClock | WorldClock) -> Drains:
    return Drains(store=store, clock=clock, endpoints=Desks(erp=desk), heard=hear)


def test_wakes_before_a_claim_are_one_drain_and_after_it_another(store: SqlStore) -> None:
    asked: list[tuple[str, Lane, int]] = []
    wakes = Wakes(store.epochs, lambda *each: asked.append(each), pause=0.001)
    place(store, "k0")

    for _ in range(5):
        wakes.wake([ERP])
        time.sleep(0.02)
    until(lambda: len(asked) == 1)
    drains_of(store, Desk(), WorldClock(START)).drain(*ERP, epoch=0)
    wakes.wake([ERP])
    until(lambda: len(asked) == 2)
    wakes.stop()

    assert [epoch for *_, epoch in asked] == [0, 1]


def test_the_idle_poll_finds_what_nobody_told_and_renames_what_got_stuck(store: SqlStore) -> None:
    woken: list[tuple[str, Lane]] = []
    place(store, "k0")
    poll = IdlePoll(store, WorldClock(START), woken.extend, every=3600, stale=3)

    epochs = []
    for _ in range(4):
        poll.look()
        epochs.append(store.epochs()[ERP])
    poll._stopped.set()

    assert woken == [ERP] * 4
    assert epochs == [0, 0, 1, 1]


@pytest.mark.parametrize("with_engine", [False, True])
def test_a_worker_sends_hears_fires_and_seals(
    store: SqlStore, database_url: str, with_engine: bool
) -> None:
    desk, clock = Desk(), WallClock()
    worker = Worker(
        database_url,
        store,
        drains_of(store, desk, clock),
        clock,
        executor="w1",
        with_engine=with_engine,
    )
    place(store, "new", at=clock.now())
    place(store, "old", at=clock.now() - timedelta(days=2))
    worker.wake([ERP])

    until(lambda: {e.state for e in store.effects()} == {EffectState.DONE})
    until(lambda: [t.document.id for t in store.timers()] == [order_id("new")])
    until(lambda: Sealer(store.engine, holder="w1").seal(clock.now()) == 0)
    worker.stop()

    assert len(desk.sent) == 2
    assert {order.state for order in store.documents(Order)} <= {"recorded", "chased"}


def test_what_a_wake_tells_leaves_at_once_and_asks_nothing_of_the_engine(
    store: SqlStore, database_url: str
) -> None:
    clock = WallClock()
    worker = Worker(database_url, store, drains_of(store, Desk(), clock), clock, executor="w1")
    place(store, "k0", at=clock.now())
    worker.wake([ERP])

    until(lambda: {e.state for e in store.effects()} == {EffectState.DONE})
    worker.stop()

    engine = open_engine_for_dbos(database_url)
    client = client_of(engine)
    assert client.list_workflows(load_input=False, load_output=False) == []
    client.destroy()
    engine.dispose()


def test_a_lane_that_is_drained_here_is_left_alone_by_the_idle_poll(store: SqlStore) -> None:
    woken: list[tuple[str, Lane]] = []
    place(store, "k0")
    drained_here = {ERP}
    poll = IdlePoll(
        store, WorldClock(START), woken.extend, every=3600, serves=drained_here.__contains__
    )

    poll.look()
    assert woken == []
    drained_here.clear()
    poll.look()
    poll._stopped.set()

    assert woken == [ERP]


def all_sent(desk: Desk, count: int) -> bool:
    return len(desk.sent) == count


def test_a_thread_that_has_no_work_ends_and_the_next_wake_makes_another(store: SqlStore) -> None:
    desk, clock = Desk(), WallClock()
    threads = ThreadDrains(
        drains_of(store, desk, clock).drain, store, clock, poll=None, pause=0, linger=0.01
    )
    for count in (1, 2):
        place(store, f"k{count}", at=clock.now())
        threads.wake([ERP])
        until(partial(all_sent, desk, count))
        until(lambda: not [t for t in threading.enumerate() if t.name == "drain erp"])
        assert not threads.serves(ERP)
    threads.stop()


def test_a_stopped_worker_lets_another_start_under_its_name(
    store: SqlStore, database_url: str
) -> None:
    for _ in range(2):
        clock = WallClock()
        worker = Worker(database_url, store, drains_of(store, Desk(), clock), clock, executor="w1")
        worker.stop()

    left = [each.name for each in threading.enumerate()]
    assert not {"chores", "wakes", "idle-poll", "take-over"} & set(left)


def test_two_live_workers_can_not_have_one_name(postgres_url: str) -> None:
    store = sql_store(postgres_url)
    engine = open_engine_for_dbos(postgres_url)
    client = client_of(engine)
    lost: list[str] = []

    def one() -> TakeOver:
        return TakeOver(
            store.engine,
            client,
            WallClock(),
            "w1",
            release=store.release_of,
            lost=lambda: lost.append("w1"),
            every=0.05,
        )

    first = one()
    with pytest.raises(TwinError, match="w1"):
        one()
    with store.engine.begin() as db:
        db.exec_driver_sql(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
        )
    until(lambda: lost == ["w1"])
    first._held.invalidate()
    first._held.close()
    client.destroy()
    engine.dispose()
    store.engine.dispose()


def test_the_rows_of_a_dead_executor_are_free_at_once_and_stay_tried(store: SqlStore) -> None:
    place(store, "k0", "k1")
    dead, other = (
        store.claim(*ERP, now=START, token=token, limits=Limits(), most=1)
        for token in ("w1/aa", "w10/bb")
    )
    assert (len(dead.parcels), len(other.parcels)) == (1, 1)

    assert store.release_of("w1") == 1

    again = store.claim(*ERP, now=START, token="w2/cc", limits=Limits(), most=50)
    assert [each.key for each in again.parcels] == [each.key for each in dead.parcels]
    assert again.parcels[0].attempts == 2


def test_what_anybody_claimed_is_free_when_the_only_process_starts(store: SqlStore) -> None:
    place(store, "k0", "k1", "k2")
    for token in ("w1/aa", "w2/bb"):
        store.claim(*ERP, now=START, token=token, limits=Limits(), most=1)

    assert store.release_all() == 2

    again = store.claim(*ERP, now=START, token="w3/cc", limits=Limits(), most=50)
    assert sorted(each.attempts for each in again.parcels) == [1, 2, 2], "they stay tried"


def test_what_is_over_and_old_goes_and_the_rest_stays(store: SqlStore) -> None:
    place(store, "k0", "k1")
    desk, clock = Desk(), WorldClock(START)
    desk.says[f"{order_id('k1')}:1:create"] = OSError("down")
    drains = drains_of(store, desk, clock)
    drains.drain(*ERP)
    later = START + timedelta(days=100)

    assert store.prune(START + timedelta(days=80), Retention()) == 0
    assert store.prune(later, Retention()) == 1
    assert [each.key for each in store.effects()] == [f"{order_id('k1')}:1:create"]
    assert store.prune(START + timedelta(days=500), Retention(), most=1) > 0
    assert (
        not store.apply([ask("fresh", PlaceToy(item="b", ordered=Decimal(1)))]).replies[0].defect
    )


def test_a_dead_letter_is_replayed_and_looked_up_first(store: SqlStore) -> None:
    place(store, "k0")
    key, desk, clock = f"{order_id('k0')}:1:create", Desk(), WorldClock(START)
    desk.says[key] = OSError("down")
    drains = drains_of(store, desk, clock)
    drains_once = Drains(
        store=store,
        clock=clock,
        endpoints=Desks(erp=desk),
        heard=hear,
        limits_of=lambda _, __: Limits(tries=1),
    )
    drains_once.drain(*ERP)
    desk.says.clear()
    desk.done[key] = b"it had arrived"

    assert store.replay(key, clock.now())
    assert not store.replay("nobody's", clock.now())
    drains.drain(*ERP)

    assert desk.sent == [key]
    assert store.effects()[0].state is EffectState.DONE


def test_chores_go_on_after_one_failed(store: SqlStore) -> None:
    calls: list[datetime] = []

    def seal(now: datetime) -> int:
        calls.append(now)
        if len(calls) == 1:
            raise OSError("no disk")
        return 0

    chores = Chores(store, WallClock(), wake=lambda _: None, seal=seal, every=0.01)
    until(lambda: len(calls) > 2)
    chores.stop()


def test_finished_drains_of_the_engine_are_deleted(store: SqlStore, database_url: str) -> None:
    clock = WallClock()
    worker = Worker(
        database_url, store, drains_of(store, Desk(), clock), clock, executor="w1", poll=0.05
    )
    place(store, "k0", at=clock.now())  # nobody is told of it: the idle poll finds it
    until(lambda: {e.state for e in store.effects()} == {EffectState.DONE})
    engine = open_engine_for_dbos(database_url)
    client = client_of(engine)

    until(lambda: prune_finished(client, datetime.now(UTC) + timedelta(hours=1)) > 0)

    worker.stop()
    client.destroy()
    engine.dispose()


def test_who_freezes_while_the_engine_takes_work_keeps_it_from_nobody(postgres_url: str) -> None:
    store, clock = sql_store(postgres_url), WallClock()
    engine, frozen = open_engine_for_dbos(postgres_url), open_engine_for_dbos(postgres_url, idle=1)
    client = client_of(engine)
    place(store, "k0", at=clock.now())
    enqueue(client, *ERP, store.epochs().get(ERP, 0))

    with frozen.connect() as held:
        taken = held.exec_driver_sql("select 1 from dbos.workflow_status for update").all()
        worker = Worker(
            postgres_url, store, drains_of(store, Desk(), clock), clock, executor="w1", poll=0.05
        )
        until(lambda: {e.state for e in store.effects()} == {EffectState.DONE}, 10)
        held.invalidate()

    assert len(taken) == 1, "the drain that waited was held"
    worker.stop()
    client.destroy()
    for each in (engine, frozen, store.engine):
        each.dispose()


def test_all_that_a_frozen_worker_locked_is_freed_at_once(postgres_url: str) -> None:
    store, engine = sql_store(postgres_url), open_engine_for_dbos(postgres_url)
    client = client_of(engine)
    place(store, "k0")
    frozen = subprocess.Popen(
        [sys.executable, "-m", "tests.runtime.toy_frozen", postgres_url, "w1"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert frozen.stdout is not None
    assert frozen.stdout.readline() == "frozen\n"

    start = time.monotonic()
    second = TakeOver(
        store.engine,
        client,
        WallClock(),
        "w2",
        release=store.release_of,
        lost=lambda: None,
        every=0.1,
        silent=timedelta(seconds=1),
    )
    with store.engine.begin() as db:
        rows = db.exec_driver_sql("select 1 from lane for update").all()
    waited = time.monotonic() - start
    second.stop()
    frozen.kill()
    frozen.wait()
    frozen.stdout.close()
    client.destroy()
    for each in (engine, store.engine):
        each.dispose()

    assert rows, "the lock that the frozen one held, and its waiters after it"
    assert waited < IDLE_IN_TRANSACTION, "not each of its sessions only when it was idle too long"
