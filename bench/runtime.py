"""The runtime alone, on a toy trade: cycles a second and the time from commit to done.

    python -m bench.runtime [sqlite] [postgresql] [--cycles 200]

A cycle is 12 commands at the door and 6 effects (21 acts with what follows from them). The toy
has no rules to speak of, so these are upper bounds of what the product can do.
"""

import argparse
import logging
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bench.raw import raw_commits
from tests.databases import OwnServer, sqlite_file
from tests.ports.test_ports_effects import Desks, hear
from tests.runtime.toy import (
    START,
    Desk,
    NumberToy,
    PlaceToy,
    ReceiveToy,
    SendToy,
    ask,
    order_id,
)
from tests.runtime.toy_stores import sql_store

from manciple.adapters.durable.worker import Worker
from manciple.adapters.sql.sealer import Sealer
from manciple.adapters.sql.store import SqlStore
from manciple.kernel.clock import WallClock, WorldClock
from manciple.kernel.messages import Command
from manciple.runtime.drains import Drains
from manciple.runtime.intake import Intake
from manciple.runtime.playing import Player
from manciple.runtime.rows import moment

ORDERS = 3
"""Orders of one cycle, of four commands each."""


def cycle(number: int, at: datetime) -> list[Command]:
    """Give the 12 commands of one cycle."""
    commands: list[Command] = []
    for place in range(ORDERS):
        key = f"{number}/{place}"
        order = order_id(key)
        item = f"item{(number + place) % 50}"
        acts = (
            PlaceToy(item=item, ordered=Decimal(5)),
            SendToy(order=order, key=f"{order}:2:send", endpoint="wms"),
            ReceiveToy(order=order),
            NumberToy(counter=f"c{number % 20}"),
        )
        commands += [
            ask(key if step == 0 else f"{key}/{step}", act, at=at) for step, act in enumerate(acts)
        ]
    return commands


class Script:
    """A world of cycles, one every ten minutes."""

    def __init__(self, cycles: int) -> None:
        self._left = iter(
            (START + timedelta(minutes=10 * n), cycle(n, START + timedelta(minutes=10 * n)))
            for n in range(cycles)
        )
        self._next = next(self._left, None)

    def next_at(self) -> datetime | None:
        """Give the instant of the next cycle."""
        return self._next[0] if self._next else None

    def act(self, now: datetime) -> Iterator[Command]:
        """Give the commands of the cycles that are due."""
        while self._next and self._next[0] <= now:
            yield from self._next[1]
            self._next = next(self._left, None)


def in_world(url: str, cycles: int, tick: timedelta) -> str:
    """Play cycles in simulated time."""
    store, clock = sql_store(url), WorldClock(START)
    desks = Desks(erp=Desk(), wms=Desk())
    drains = Drains(store=store, clock=clock, endpoints=desks, heard=hear)
    seal = Sealer(store.engine).seal
    player = Player(store, drains, clock, Script(cycles), tick=tick, seal=seal)
    start = time.perf_counter()
    player.play()
    spent = time.perf_counter() - start
    commits = store.counts.commits / cycles
    store.engine.dispose()
    return f"{cycles / spent:7.1f} cycles/s {commits:5.1f} commits/cycle"


def live(url: str, cycles: int, *, clients: int, with_engine: bool) -> str:
    """Run cycles through the door with a worker beside it, until the last effect is done."""
    store, clock = sql_store(url), WallClock()
    desks = Desks(erp=Desk(), wms=Desk())
    drains = Drains(store=store, clock=clock, endpoints=desks, heard=hear)
    worker = Worker(url, store, drains, clock, executor="bench", with_engine=with_engine)
    intake = Intake(store, wake=worker.wake)
    committed: dict[str, datetime] = {}
    numbers, lock = iter(range(cycles)), threading.Lock()

    def client() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            for command in cycle(number, clock.now()):
                reply = intake.apply(command)
                if reply.subject is not None and isinstance(command.act, PlaceToy):
                    committed[f"{reply.subject.id}:1:create"] = clock.now()

    time.sleep(2)  # DBOS looks for queues once a second when it starts
    threads = [threading.Thread(target=client) for _ in range(clients)]
    start = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    door = time.perf_counter() - start
    while _waiting(store):
        time.sleep(0.02)
    spent = time.perf_counter() - start
    commits = store.counts.commits / cycles
    latency = sorted(_latencies(store, committed))
    intake.stop()
    worker.stop()
    store.engine.dispose()
    tail = latency[int(len(latency) * 0.99)]
    return (
        f"{cycles / spent:7.1f} cycles/s {commits:5.1f} commits/cycle, "
        f"door {cycles / door:6.1f}/s, "
        f"commit to done p50 {statistics.median(latency):.3f} s, p99 {tail:.3f} s"
    )


def latency_alone(url: str, count: int, *, with_engine: bool) -> str:
    """Place one order every 50 ms on an idle system."""
    store, clock = sql_store(url), WallClock()
    drains = Drains(store=store, clock=clock, endpoints=Desks(erp=Desk()), heard=hear)
    worker = Worker(url, store, drains, clock, executor="bench", with_engine=with_engine)
    intake = Intake(store, wake=worker.wake)
    time.sleep(1)
    committed: dict[str, datetime] = {}
    for n in range(count):
        act = PlaceToy(item=f"i{n % 9}", ordered=Decimal(1))
        reply = intake.apply(ask(f"one{n}", act, at=clock.now()))
        assert reply.subject is not None
        committed[f"{reply.subject.id}:1:create"] = clock.now()
        time.sleep(0.05)
    while _waiting(store):
        time.sleep(0.02)
    latency = sorted(_latencies(store, committed))
    intake.stop()
    worker.stop()
    store.engine.dispose()
    tail = latency[int(len(latency) * 0.99)]
    return f"commit to done p50 {statistics.median(latency):.3f} s, p99 {tail:.3f} s"


def _waiting(store: SqlStore) -> int:
    with store.engine.connect() as db:
        sql = "select count(*) from effect where state in ('due', 'accepted')"
        return int(db.exec_driver_sql(sql).scalar() or 0)


def _latencies(store: SqlStore, committed: dict[str, datetime]) -> list[float]:
    with store.engine.connect() as db:
        rows = db.exec_driver_sql("select key, settled_at from effect").all()
    return [
        (moment(settled) - committed[key]).total_seconds()
        for key, settled in rows
        if key in committed
    ]


def main() -> None:
    """Run what is asked for and print a line each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--cycles", type=int, default=200)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    folder = Path(tempfile.mkdtemp())
    own = OwnServer() if "postgresql" in asked.kinds else None
    for kind in asked.kinds:

        def fresh(kind: str = kind) -> str:
            return own.fresh() if kind == "postgresql" and own else sqlite_file(folder)

        cycles = asked.cycles
        print(f"{kind}: raw {raw_commits(fresh()):.0f} commits/s", flush=True)
        for hours in (0, 1, 4):
            tick = timedelta(hours=hours)
            print(f"  world, tick {hours} h       {in_world(fresh(), cycles, tick)}", flush=True)
        for clients in (8, 32):
            for with_engine in (True, False):
                name = "DBOS" if with_engine else "threads"
                line = live(fresh(), cycles, clients=clients, with_engine=with_engine)
                print(f"  live {name:7} {clients:2} clients {line}", flush=True)
        for with_engine in (True, False):
            name = "DBOS" if with_engine else "threads"
            print(f"  idle {name:7} {latency_alone(fresh(), 60, with_engine=with_engine)}")
        print(f"{kind}: raw {raw_commits(fresh()):.0f} commits/s", flush=True)
    if own:
        own.stop()


if __name__ == "__main__":
    main()
