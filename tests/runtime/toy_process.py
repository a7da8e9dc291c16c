"""Our own process, as a test can kill it: a door that acknowledges, a worker, or both in one.

    python -m tests.runtime.toy_process door|worker|both URL NAME DESK_SOCKET

A door places orders one after another and prints a key only when its commit was acknowledged; it
repeats a key until it is answered. Ends when its standard input closes.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

from manciple.adapters.durable.settings import open_engine_for_dbos
from manciple.adapters.durable.wakes import Wakes
from manciple.adapters.durable.worker import Worker
from manciple.adapters.durable.workflow import client_of, enqueue
from manciple.adapters.sql.migrating import OneProcess, check_migrated
from manciple.adapters.sql.store import SqlStore
from manciple.kernel.clock import WallClock
from manciple.runtime.drains import Drains
from manciple.runtime.effects import Lane
from manciple.runtime.intake import ClosedError, Intake
from manciple.runtime.lanes import Limits
from tests.ports.test_ports_effects import Desks, hear
from tests.runtime.toy import Desk, PlaceToy, ask
from tests.runtime.toy_desk import DeskLine
from tests.runtime.toy_stores import sql_store

LIMITS = Limits(
    lease=timedelta(seconds=3), opens_for=timedelta(milliseconds=300), tries=1000, trips_after=20
)
CLIENTS = 3


def work(url: str, name: str, store: SqlStore, desk: str) -> Worker:
    line: Desk = DeskLine(desk)  # type: ignore[assignment]
    drains = Drains(
        store=store,
        clock=WallClock(),
        endpoints=Desks(erp=line),
        heard=hear,
        limits_of=lambda _, __: LIMITS,
    )
    return Worker(
        url,
        store,
        drains,
        WallClock(),
        executor=name,
        take_over_every=0.5,
        silent=timedelta(seconds=4),
    )


def wakes_of(url: str, store: SqlStore) -> Callable[[Iterable[tuple[str, Lane]]], None]:
    client = client_of(open_engine_for_dbos(url))
    return Wakes(store.epochs, lambda e, lane, epoch: enqueue(client, e, lane, epoch)).wake


def knock(intake: Intake, name: str, stopped: threading.Event, printing: threading.Lock) -> None:
    clock, count = WallClock(), 0
    me = threading.current_thread().name
    while not stopped.is_set():
        key = f"{name}/{os.environ['TOY_BIRTH']}/{me}/{count}"
        act = PlaceToy(item=f"item{count % 5}", ordered=Decimal(1))
        try:
            reply = intake.apply(ask(key, act, at=clock.now()), timeout=30)
        except ClosedError:
            return
        except Exception:  # noqa: BLE001  not acknowledged: ask again with the same key
            time.sleep(0.1)
            continue
        assert reply.is_done, reply
        with printing:
            sys.stdout.write(key + "\n")
            sys.stdout.flush()
        count += 1
        time.sleep(0.02)


def main(part: str, url: str, name: str, desk: str) -> None:
    logging.disable(logging.CRITICAL)
    with OneProcess(url):
        store = sql_store(url)
        check_migrated(store.engine)
        worker = work(url, name, store, desk) if part in ("worker", "both") else None
        stopped, printing = threading.Event(), threading.Lock()
        if part in ("door", "both"):
            wake = worker.wake if worker else wakes_of(url, store)
            intake = Intake(store, wake=wake)
            for n in range(CLIENTS):
                threading.Thread(
                    target=knock, args=(intake, name, stopped, printing), name=f"c{n}", daemon=True
                ).start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()
        stopped.set()
        if part in ("door", "both"):
            intake.stop()
        if worker:
            worker.stop()


if __name__ == "__main__":
    main(*sys.argv[1:5])
