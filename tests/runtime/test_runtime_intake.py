"""Group commit at the door: commands that arrive together share a transaction."""

import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from manciple.adapters.memory import MemoryBus
from manciple.kernel.messages import Command
from manciple.runtime.bus import Applied
from manciple.runtime.effects import Lane
from manciple.runtime.intake import BusyError, ClosedError, Intake
from manciple.runtime.work import StoreError
from tests.runtime.toy import BreakToy, PlaceToy, ask, order_id, registry
from tests.runtime.toy_stores import sql_store


class SlowBus:
    """Holds its first commit until it is let go, and remembers the sizes of its batches."""

    def __init__(self, inner: MemoryBus) -> None:
        self.inner, self.sizes = inner, list[int]()
        self.first, self.go = threading.Event(), threading.Event()
        self.fails: Exception | None = None

    def attempt(self, commands: Sequence[Command]) -> Applied:
        self.sizes.append(len(commands))
        self.first.set()
        assert self.go.wait(5)
        if self.fails is not None and len(commands) > 1:
            raise self.fails
        return self.inner.attempt(commands)


def place(key: str, ordered: int = 1) -> Command:
    return ask(key, PlaceToy(item="bolt", ordered=Decimal(ordered)))


def test_what_gathers_during_a_commit_shares_the_next() -> None:
    bus, woken = SlowBus(MemoryBus(registry())), list[frozenset[tuple[str, Lane]]]()
    intake = Intake(bus, wake=lambda lanes: woken.append(frozenset(lanes)))

    answers = [intake.submit(place("k0"))]
    assert bus.first.wait(5)
    answers += [intake.submit(place(f"k{n}", n - 3)) for n in range(1, 6)]
    bus.go.set()
    replies = [answer.result(5) for answer in answers]
    intake.stop()

    assert bus.sizes == [1, 5]
    assert [reply.is_done for reply in replies] == [True, False, False, False, True, True]
    assert woken == [frozenset({("erp", Lane.STANDARD)})] * 2


def test_a_defect_is_raised_to_its_caller_alone() -> None:
    bus = SlowBus(MemoryBus(registry()))
    bus.go.set()
    intake = Intake(bus)
    intake.apply(place("k0"))

    broken = intake.submit(ask("b", BreakToy(order=order_id("k0"))))
    fine = intake.submit(place("k1"))

    with pytest.raises(ZeroDivisionError):
        broken.result(5)
    assert fine.result(5).is_done
    intake.stop()


def test_a_batch_that_fails_as_one_is_committed_one_by_one() -> None:
    bus = SlowBus(MemoryBus(registry()))
    bus.fails = StoreError("the disk is full for large batches")
    intake = Intake(bus)

    answers = [intake.submit(place("k0"))]
    assert bus.first.wait(5)
    answers += [intake.submit(place(f"k{n}")) for n in range(1, 4)]
    bus.go.set()

    assert all(answer.result(5).is_done for answer in answers)
    assert bus.sizes == [1, 3, 1, 1, 1]
    intake.stop()


def test_a_closed_door_commits_what_it_took_in_and_takes_nothing_more() -> None:
    bus = SlowBus(MemoryBus(registry()))
    intake = Intake(bus)
    answers = [intake.submit(place(f"k{n}")) for n in range(4)]
    bus.go.set()

    intake.stop()
    intake.stop()

    assert all(answer.result(0).is_done for answer in answers)
    with pytest.raises(ClosedError):
        intake.submit(place("late"))


def test_a_full_door_refuses_at_once() -> None:
    bus = SlowBus(MemoryBus(registry()))
    intake = Intake(bus, room=2)
    intake.submit(place("k0"))
    assert bus.first.wait(5)

    answers = [intake.submit(place(f"k{n}")) for n in (1, 2)]
    with pytest.raises(BusyError):
        intake.submit(place("k3"))

    bus.go.set()
    assert all(answer.result(5).is_done for answer in answers)
    intake.stop()


def test_many_callers_share_commits_on_a_database(database_url: str) -> None:
    store = sql_store(database_url)
    intake = Intake(store)

    def one(n: int) -> bool:
        return intake.apply(place(f"k{n}")).is_done

    with ThreadPoolExecutor(8) as pool:
        done: Iterable[bool] = pool.map(one, range(80))
        assert all(done)
    intake.stop()

    assert len(store.effects()) == 80
    assert store.counts.commits < 80
    assert store.counts.splits == 0
    store.engine.dispose()


def test_two_doors_on_one_database_lose_no_update(postgres_url: str) -> None:
    stores = [sql_store(postgres_url), sql_store(postgres_url)]

    def one(n: int) -> bool:
        reply = stores[n % 2].apply([place(f"k{n}"), place(f"same{n // 2}")]).replies
        return all(each.is_done for each in reply)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(one, range(60)))

    from tests.runtime.toy import Shelf  # noqa: PLC0415

    assert stores[0].get(Shelf, "bolt").expected == Decimal(90)
    assert len(stores[0].effects()) == 90
    for store in stores:
        store.engine.dispose()
