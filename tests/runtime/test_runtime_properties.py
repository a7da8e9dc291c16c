"""Any sequence of commands: the store in memory and SQLite end in the same state and history."""

import shutil
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manciple.adapters.memory import MemoryBus
from manciple.adapters.sql.audit import verify
from manciple.kernel.clock import WorldClock
from manciple.kernel.messages import Command
from manciple.runtime.drains import Drains
from manciple.runtime.firing import fire
from tests.databases import sqlite_file
from tests.ports.test_ports_effects import Desks, hear
from tests.runtime.toy import (
    START,
    BreakToy,
    Desk,
    Movement,
    NumberToy,
    Order,
    PlaceToy,
    ReceiveToy,
    SendToy,
    Shelf,
    ask,
    order_id,
    registry,
)
from tests.runtime.toy_stores import Store, sql_store

KEYS = [f"k{n}" for n in range(5)]
keys = st.sampled_from(KEYS)
orders = keys.map(order_id)
acts = st.one_of(
    st.builds(
        PlaceToy,
        item=st.sampled_from(["bolt", "nut", "forbidden", "peer"]),
        ordered=st.integers(0, 3).map(Decimal),
    ),
    st.builds(ReceiveToy, order=orders),
    st.builds(SendToy, order=orders, key=st.sampled_from(["e1", "e2", "e3"])),
    st.builds(BreakToy, order=orders),
    st.builds(NumberToy, counter=st.sampled_from(["a", "b"]), fails=st.booleans()),
)
batches = st.lists(st.lists(st.tuples(keys, acts), min_size=1, max_size=5), max_size=6)
steps = st.one_of(st.just("drain"), st.just("fire"), batches.map(tuple))


class House:
    """A store with its drains and a clock."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.desk = store, WorldClock(START), Desk()
        self.drains = Drains(
            store=store, clock=self.clock, endpoints=Desks(erp=self.desk), heard=hear
        )
        self.answers: list[object] = []

    def step(self, step: object) -> None:
        if step == "drain":
            self.answers.append(self.drains.drain_all())
        elif step == "fire":
            self.clock.advance(self.clock.now() + timedelta(hours=13))
            fired = fire(self.store, self.clock.now())
            self.answers.append([(r.key, r.is_done, r.version) for r in fired.replies])
        elif isinstance(step, tuple):
            for batch in step:
                commands: list[Command] = [
                    ask(key, act, at=self.clock.now()) for key, act in batch
                ]
                replies = self.store.attempt(commands).replies
                self.answers += [
                    (r.refusals, r.subject, r.version, r.repeated, type(r.defect)) for r in replies
                ]

    def everything(self) -> tuple[object, ...]:
        store = self.store
        return (
            self.answers,
            sorted(self.desk.sent),
            store.documents(Order),
            store.documents(Shelf),
            store.timers(),
            store.tasks(),
            sorted(store.effects(), key=lambda each: each.key),
            store.events(),
            [store.records(Movement, order_id(key)) for key in KEYS],
        )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(steps, max_size=5))
def test_memory_and_sqlite_never_differ(done: list[object]) -> None:
    folder = Path(tempfile.mkdtemp())
    sql = sql_store(sqlite_file(folder))
    try:
        houses = [House(MemoryBus(registry())), House(sql)]
        for house in houses:
            for step in done:
                house.step(step)

        first, second = (house.everything() for house in houses)
        assert first == second
        assert verify(sql.engine, houses[1].clock.now()).broken is None
    finally:
        sql.engine.dispose()
        shutil.rmtree(folder)
