"""What can be taken back, on memory, SQLite and PostgreSQL alike: all of it, or nothing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from manciple.adapters.memory import MemoryBus
from manciple.adapters.sql.audit import verify
from manciple.adapters.sql.store import SqlStore
from manciple.kernel.messages import Command
from manciple.kernel.quantity import Quantity
from manciple.runtime import rewinding
from manciple.runtime.bus import Registry, Reply
from manciple.runtime.documents import Ref
from manciple.runtime.effects import EffectState, Lane
from manciple.runtime.lanes import Limits
from manciple.runtime.undoing import SECONDS, Undo, UndoAct, Undoing, undo_number
from manciple.runtime.work import Work
from tests.databases import database
from tests.runtime import toy
from tests.runtime.toy import (
    ANA,
    START,
    ChaseToy,
    Movement,
    NumberToy,
    Order,
    PlaceToy,
    ReceiveToy,
    Shelf,
    ask,
    ask_ourselves,
    order_id,
)
from tests.runtime.toy_stores import KINDS, Store, sql_store

LATER = START + timedelta(seconds=SECONDS)


def against(row: Movement, undo: str) -> Movement:
    minus = Quantity(-row.quantity.value, row.quantity.unit)
    return replace(row, quantity=minus, stated=minus, source=f"undo/{undo}")


TABLE = Undoing(
    acts=frozenset({PlaceToy, ReceiveToy, NumberToy}),
    kinds={"toy-order": Order, "toy-shelf": Shelf},
    ledgers={Movement: against},
    counters=("loose/",),
)


def place_by_need(work: Work, act: PlaceToy) -> Ref:
    """As an order is placed: its number comes of what it is for, not of who asked how often."""
    return toy.place(cast("Work", _Keyed(work, f"{act.item}{act.ordered}")), act)


class _Keyed:
    def __init__(self, work: Work, key: str) -> None:
        self._work, self.key = work, key

    def __getattr__(self, name: str) -> object:
        return getattr(self._work, name)


NAME = order_id("bolt7")


def house() -> Registry:
    plain = toy.registry()
    rows = (
        *(each for each in plain.handlers.values() if each.act is not PlaceToy),
        replace(plain.handlers[PlaceToy], handle=place_by_need),
        rewinding.handles(TABLE, {act.__name__: act for act in plain.handlers}),
    )
    made = Registry.of(rows, undoing=TABLE)
    return replace(made, reactions=plain.reactions)


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryBus(house())
        return
    with database(request.param, tmp_path) as url:
        opened = sql_store(url, house())
        yield opened
        opened.engine.dispose()


def told(store: Store, *commands: Command) -> Reply:
    return store.apply(commands).replies[-1]


def done(store: Store, *commands: Command) -> None:
    assert [reply.refusals for reply in store.apply(commands).replies] == [()] * len(commands)


def place(key: str = "p", *, seconds: int = SECONDS, ordered: int = 7) -> Command:
    act = PlaceToy(item="bolt", ordered=Decimal(ordered))
    return replace(ask(key, act), undo_seconds=seconds)


def back(of: str = "p", *, key: str = "u", seconds: float = 3, who: str = ANA.id) -> Command:
    at = START + timedelta(seconds=seconds)
    actor = replace(ANA, id=who)
    return ask(key, UndoAct(undo=undo_number(of)), at=at, actor=actor)


def codes(reply: Reply) -> list[str]:
    return [reason.code for reason in reply.refusals]


def state(store: Store) -> dict[str, object]:
    """Everything but history: what pages, rules and drains would see."""
    return {
        "orders": store.documents(Order),
        "shelves": store.documents(Shelf),
        "tasks": store.tasks(),
        "timers": [(t.key, t.due_at, t.act, t.correlation) for t in store.timers()],
        "threads": store.threads(f"NR-{NAME}"),
        "effects": [e.key for e in store.effects() if e.state is EffectState.DUE],
    }


def claimed(store: Store, seconds: float) -> int:
    taken = store.claim(
        "erp",
        Lane.STANDARD,
        now=START + timedelta(seconds=seconds),
        token="w/1",
        limits=Limits(),
        most=9,
    )
    return len(taken.parcels)


def test_what_is_taken_back_leaves_everything_as_it_was_and_is_told(store: Store) -> None:
    done(store, place("other", seconds=0, ordered=5))
    before = state(store)

    done(store, place())
    after = state(store)
    done(store, back())

    assert state(store) == before != after
    stream = [each.type for each in store.events(Ref("toy-order", NAME))]
    assert stream == ["ToyPlaced", "ActUndone"]
    shelf = [each.type for each in store.events(Ref("toy-shelf", "bolt"))]
    assert shelf == ["ToyExpected", "ToyExpected", "ActUndone"]
    offer = store.get(Undo, undo_number("p"))
    assert offer.state == "undone"
    assert offer.undone_at == START + timedelta(seconds=3)
    ledger = store.records(Movement, NAME)
    assert [row.quantity.value for row in ledger] == [Decimal(7), Decimal(-7)]


def test_what_was_taken_back_can_be_done_again_under_the_same_numbers(store: Store) -> None:
    done(store, place())
    done(store, back())
    done(store, replace(place("p2"), at=START + timedelta(seconds=4)))

    stream = [each.version for each in store.events(Ref("toy-order", NAME))]
    assert stream == [1, 2, 3]
    states = {each.key: each.state for each in store.effects()}
    assert states[f"{NAME}:1:create"] is EffectState.DUE
    if isinstance(store, SqlStore):
        assert states[f"{NAME}:1:create~{undo_number('p')}"] is EffectState.VOID
        assert not verify(store.engine, LATER).broken


@pytest.mark.parametrize(("at", "expected"), [(7.999999, []), (8, ["UNDO_OVER"])])
def test_the_time_ends_with_its_last_second(store: Store, at: float, expected: list[str]) -> None:
    done(store, place())

    assert codes(told(store, back(seconds=at))) == expected


def test_nothing_leaves_before_the_time_is_over(store: Store) -> None:
    done(store, place(), place("machine", seconds=0, ordered=5))

    assert claimed(store, 7.999999) == 1, "what a program asked for"
    assert claimed(store, 8) == 1, "what a person asked for"


def test_once_claimed_it_is_too_late(store: Store) -> None:
    done(store, place("q", seconds=1))
    assert claimed(store, 1) == 1

    reply = told(store, back("q", seconds=0.5))

    assert codes(reply) == ["DISPATCHED"]
    assert store.get(Order, NAME).state == "placed"


def test_the_undo_first_means_that_nothing_is_claimed(store: Store) -> None:
    done(store, place())
    done(store, back(seconds=7))

    assert claimed(store, 100) == 0


def test_what_followed_hinders(store: Store) -> None:
    done(store, place())
    done(store, ask("r", ReceiveToy(order=NAME), at=START + timedelta(seconds=1)))

    reply = told(store, back())

    assert codes(reply) == ["FOLLOWED"]
    assert reply.refusals[0].field == f"toy-order/{NAME}"


def test_a_task_that_was_taken_up_hinders(store: Store) -> None:
    done(store, place(seconds=0))
    done(store, ask_ourselves("c", ChaseToy(order=NAME)))
    receive = ask("r", ReceiveToy(order=NAME))
    before = state(store)
    done(store, replace(receive, undo_seconds=8))
    assert store.tasks() == ()

    done(store, back("r"))

    assert state(store) == before
    assert len(store.tasks()) == 1


def test_only_whoever_did_it_takes_it_back_and_only_once(store: Store) -> None:
    done(store, place())

    assert codes(told(store, back(who="bob"))) == ["FORBIDDEN"]
    done(store, back(key="u1"))
    assert codes(told(store, back(key="u2"))) == ["ALREADY_UNDONE"]
    assert told(store, back(key="u1")).repeated


def test_programs_wait_for_nothing_and_are_offered_nothing(store: Store) -> None:
    done(store, place(seconds=0))

    assert codes(told(store, back())) == ["NOT_FOUND"]
    assert claimed(store, 0) == 1


def test_a_number_that_may_have_no_gap_is_not_taken_back(store: Store) -> None:
    loose = NumberToy(counter="loose/a")
    strict = NumberToy(counter="interchange")
    done(
        store, replace(ask("l", loose), undo_seconds=8), replace(ask("s", strict), undo_seconds=8)
    )

    assert codes(told(store, back("l", key="ul"))) == []
    assert codes(told(store, back("s", key="us"))) == ["NOT_FOUND"]


def test_in_one_batch_with_its_act(store: Store) -> None:
    before = state(store)

    done(store, place(), back(seconds=0))

    assert state(store) == before


def test_only_whole_seconds_up_to_a_minute(store: Store) -> None:
    done(store, place(seconds=3600))

    assert store.get(Undo, undo_number("p")).until == START + timedelta(seconds=60)


def test_of_undo_and_claim_at_one_moment_the_database_lets_one_win(store: Store) -> None:
    """Nodes whose clocks differ: one takes back at 7 s what another sends at 8 s."""
    outcomes: list[tuple[list[str], int]] = []
    for n in range(12):
        key, order = f"race{n}", 100 + n
        done(store, place(key, ordered=order))
        gate = threading.Barrier(2)

        def undo(key: str = key, gate: threading.Barrier = gate) -> list[str]:
            gate.wait()
            return codes(told(store, back(key, key=f"undo-{key}", seconds=7)))

        def claim(gate: threading.Barrier = gate) -> int:
            gate.wait()
            return claimed(store, 8)

        with ThreadPoolExecutor(2) as both:
            reply, taken = both.submit(undo), both.submit(claim)
            outcomes.append((reply.result(), taken.result()))

    assert set(outcomes_of(outcomes)) <= {((), 0), (("DISPATCHED",), 1)}


def outcomes_of(found: list[tuple[list[str], int]]) -> list[tuple[tuple[str, ...], int]]:
    return [(tuple(codes), taken) for codes, taken in found]
