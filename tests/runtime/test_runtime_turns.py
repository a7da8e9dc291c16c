"""Who waits for the writer shares its commit: on their own, and over both databases."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from manciple.adapters.sql.bus import _Asked
from manciple.adapters.sql.engine import transaction
from manciple.adapters.sql.turns import Turns, _Turn
from manciple.kernel.messages import Command
from manciple.runtime.delivery import Settlement, Take, Trip
from manciple.runtime.effects import Lane
from manciple.runtime.lanes import Health, Limits
from manciple.runtime.work import LeaseLostError
from tests.runtime.toy import START, BreakToy, PlaceToy, ask, order_id
from tests.runtime.toy_stores import sql_store


def until(is_so: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


class Office:
    """Doubles numbers; the first is held until it is let go, and every group is remembered."""

    def __init__(self, *, together: Exception | None = None) -> None:
        self.groups: list[list[int]] = []
        self.began, self.go = threading.Event(), threading.Event()
        self._fails = together
        self.turns: Turns[int, int] = Turns(
            self._several, self._one, weight=lambda number: number % 10, most=9
        )

    def _one(self, number: int) -> int:
        self.groups.append([number])
        self.began.set()
        assert self.go.wait(5)
        if number == 13:
            raise ValueError("thirteen")
        return 2 * number

    def _several(self, numbers: Sequence[int]) -> Sequence[int]:
        if self._fails is not None:
            raise self._fails
        self.groups.append(list(numbers))
        return [2 * each for each in numbers]


def waiting(turns: Turns[Any, Any]) -> int:
    return len(turns._waiting)


def queued(office: Office, numbers: Sequence[int]) -> list["Future[int]"]:
    """Have threads ask one after the other while the first is at work."""
    pool = ThreadPoolExecutor(len(numbers))
    answers = [pool.submit(office.turns.take, numbers[0])]
    assert office.began.wait(5)
    for place, number in enumerate(numbers[1:], 1):
        answers.append(pool.submit(office.turns.take, number))
        until(partial(_has, office, place))
    office.go.set()
    pool.shutdown(wait=True)
    return answers


def _has(office: Office, count: int) -> bool:
    return waiting(office.turns) == count


def test_what_gathers_is_done_at_once_up_to_a_weight_and_each_gets_its_own() -> None:
    office = Office()

    answers = queued(office, [11, 13 + 10, 4, 2, 5, 4])

    assert [answer.result(0) for answer in answers] == [22, 46, 8, 4, 10, 8]
    assert office.groups == [[11], [23, 4, 2], [5, 4]]
    assert not office.turns._is_busy


def test_what_can_not_be_done_at_once_is_done_one_by_one_and_only_its_own_error_is_raised() -> (
    None
):
    office = Office(together=RuntimeError("not at once"))

    answers = queued(office, [1, 2, 13, 3])

    assert [answers[place].result(0) for place in (0, 1, 3)] == [2, 4, 6]
    with pytest.raises(ValueError, match="thirteen"):
        answers[2].result(0)
    assert office.groups == [[1], [2], [13], [3]]
    assert office.turns.take(4) == 8


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Have Ctrl-C heard: a program started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_a_thread_that_is_interrupted_while_it_waits_is_not_waited_for() -> None:
    office, pool = Office(), ThreadPoolExecutor(3)
    first = pool.submit(office.turns.take, 1)
    assert office.began.wait(5)

    def press_ctrl_c() -> Future[int]:
        until(lambda: _has(office, 1))
        last = pool.submit(office.turns.take, 2)
        until(lambda: _has(office, 2))
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return last

    pressed = pool.submit(press_ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        office.turns.take(5)
    office.go.set()

    assert (first.result(5), pressed.result(5).result(5)) == (2, 4)
    assert office.groups == [[1], [2]]
    assert not office.turns._is_busy
    pool.shutdown()


def test_who_leaves_when_the_turn_was_passed_to_it_passes_it_on() -> None:
    office, pool = Office(), ThreadPoolExecutor(2)
    first = pool.submit(office.turns.take, 1)
    assert office.began.wait(5)
    leaving: _Turn[int, int] = _Turn(5)
    office.turns._waiting.append(leaving)
    last = pool.submit(office.turns.take, 2)
    until(lambda: _has(office, 2))
    office.go.set()
    assert first.result(5) == 2

    until(lambda: leaving.leads)
    assert not last.done()
    office.turns._leave(leaving)

    assert last.result(5) == 4
    assert office.groups == [[1], [2]]
    pool.shutdown()


# --- over a database -----------------------------------------------------------------------------


def place(key: str, endpoint: str = "erp") -> Command:
    return ask(key, PlaceToy(item="bolt", ordered=Decimal(1), endpoint=endpoint))


def together(store: Any, asks: Sequence[Callable[[], Any]]) -> list[Future[Any]]:
    """Have threads ask while somebody else writes, so that they gather behind the first."""
    pool = ThreadPoolExecutor(len(asks))
    with transaction(store.engine) as session:
        session.write("update lane set epoch = epoch")
        holding = store._turns
        answers = [pool.submit(asks[0])]
        until(lambda: holding._is_busy)
        for count, each in enumerate(asks[1:], 1):
            answers.append(pool.submit(each))
            until(partial(lambda wanted: waiting(holding) == wanted, count))
    pool.shutdown(wait=True)
    return answers


def test_threads_that_wait_share_a_commit_and_each_hears_of_its_own(sqlite_url: str) -> None:
    store = sql_store(sqlite_url)
    store.apply([place("k0")])
    broken = ask("b", BreakToy(order=order_id("k0")))
    before = store.counts.commits

    asks = [partial(store.attempt, [place(f"a{n}"), place(f"b{n}")]) for n in range(4)]
    answers = together(store, [*asks, partial(store.attempt, [broken])])

    for n in range(4):
        assert [reply.key for reply in answers[n].result(0).replies] == [f"a{n}", f"b{n}"]
        assert all(reply.is_done for reply in answers[n].result(0).replies)
        assert ("erp", Lane.STANDARD) in answers[n].result(0).lanes
    [defect] = answers[4].result(0).replies
    assert isinstance(defect.defect, ZeroDivisionError)
    assert store.counts.commits - before == 2
    store.engine.dispose()


def test_a_claim_shares_the_commit_and_finds_what_that_commit_asks_for(sqlite_url: str) -> None:
    store = sql_store(sqlite_url)
    store.apply([place("k0")])
    limits = Limits()
    claim = partial(
        store.claim, "erp", Lane.STANDARD, now=START, token="w/1", limits=limits, most=50
    )

    answers = together(store, [partial(store.attempt, [place("k1")]),
                               partial(store.attempt, [place("k2")]), claim])  # fmt: skip

    claimed = {parcel.subject.id for parcel in answers[2].result(0).parcels}
    assert claimed == {order_id(f"k{n}") for n in range(3)}
    store.engine.dispose()


def test_a_lease_that_was_lost_is_told_to_its_own_thread_alone(sqlite_url: str) -> None:
    store = sql_store(sqlite_url)
    store.apply([place("k0")])
    late = Settlement("no such effect", "w/0", "done", 0, b"{}", 1)

    answers = together(store, [
        partial(store.attempt, [place("k1")]),
        partial(store.attempt, [place("k2")]),
        partial(store.attempt, [place("k3")], settle=[late]),
    ])  # fmt: skip

    assert answers[1].result(0).replies[0].is_done
    with pytest.raises(LeaseLostError):
        answers[2].result(0)
    known = store.apply([place("k1"), place("k2"), place("k3")]).replies
    assert [reply.repeated for reply in known] == [True, True, False]
    store.engine.dispose()


def test_workers_that_want_each_others_lanes_do_not_wait_for_one_another(
    postgres_url: str,
) -> None:
    stores = [sql_store(postgres_url), sql_store(postgres_url)]
    lanes = [("erp", Lane.BULK), ("erp", Lane.STANDARD), ("wms", Lane.STANDARD)]
    for endpoint, lane in lanes:
        stores[0].raise_epoch(endpoint, lane)

    def claim(store: Any, wanted: Sequence[tuple[str, Lane]]) -> None:
        for turn in range(60):
            takes = [
                Take(endpoint=endpoint, lane=lane, now=START, token=f"w/{turn}", limits=Limits(),
                     most=50, epoch=None)
                for endpoint, lane in wanted
            ]  # fmt: skip
            trips = [Trip(*wanted[-1], Health(), turn, turn)]
            store._tried(_Asked((), takes=takes, trips=trips))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(claim, stores, [lanes, lanes[::-1]]))

    assert [store.counts.races for store in stores] == [0, 0]
    for store in stores:
        store.engine.dispose()
