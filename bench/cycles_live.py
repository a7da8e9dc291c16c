"""Cycles on the wall clock: clients at the door's intake, workers with the durable engine.

clients (8 or 32 threads) -> Intake (group commit) -> wakes -> drains -> ERP, WMS, finance by HTTP
suppliers' desks, a process of their own, look into their folders; each paper follows when the
one before has been read
"""

import heapq
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.cycles_world import less
from bench.desks import DesksElsewhere, desks_elsewhere
from bench.house import House, Tally, house
from tests.soak.neighbours import Neighbours, environment

from manciple.adapters.sql.engine import reading
from manciple.app import Application
from manciple.kernel.clock import WallClock
from manciple.kernel.messages import Command
from manciple.runtime.memory import settle_in
from manciple.runtime.rows import micros
from manciple.settings import Settings
from manciple.worker import Running
from manciple.world.desk import Paper, Shipment

LOOK = 0.02
"""Seconds between two looks at what has been settled."""
OPEN = 150
"""Cycles under way at a time: the clients start no more before others have ended."""
_PATIENCE = 240.0

_Step = Callable[[], Command]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a run on the wall clock did."""

    rate: float
    cpu_ms: float
    commits: float
    p50: float
    p99: float
    tally: Tally


class Work:
    """What clients have to do, the later step of a cycle first; new needs when nothing waits."""

    def __init__(self, made: House, app: Application, cycles: int, desks: DesksElsewhere) -> None:
        self._house, self._app, self._desks = made, app, desks
        self._left, self._numbers = cycles, iter(range(cycles))
        self._heap: list[tuple[int, int, list[_Step]]] = []
        self._serial, self._looks = count(), count(1)
        self._running = 0
        self._waits: dict[str, list[_Step]] = {}
        self._settled: set[str] = set()
        self._more = threading.Condition()
        self.problems: list[str] = []
        self.done = threading.Event()

    def client(self) -> None:
        """Take one thing after the other, and wait for its commit."""
        while not self.done.is_set():
            steps = self._next()
            if steps is None:
                continue
            try:
                self._do(steps)
            except Exception as problem:  # noqa: BLE001  the run must end and say so
                self.problems.append(repr(problem))
                self.done.set()

    def _next(self) -> list[_Step] | None:
        with self._more:
            if self._heap:
                return heapq.heappop(self._heap)[2]
            if self._running < OPEN:
                number = next(self._numbers, None)
                if number is not None:
                    self._running += 1
                    return [lambda: self._house.asking.need(number, self._app.clock.now())]
            self._more.wait(0.05)
            return None

    def _do(self, steps: list[_Step]) -> None:
        command = steps[0]()
        reply = self._app.apply(command)
        if reply.subject is None:
            raise RuntimeError(f"{command.key}: {reply.refusals}")
        if command.key.startswith("need:"):
            while (yes := self._yes(reply.subject.id)) is not None:
                self._app.apply(yes)
        elif command.key.startswith("file:"):
            self._go_on_when_read(reply.subject.id, steps[1:])
        elif steps[1:]:
            self._push(steps[1:])

    def _yes(self, need: str) -> Command | None:
        return self._house.asking.approval(self._app, need, self._app.clock.now())

    def _push(self, steps: list[_Step]) -> None:
        with self._more:
            heapq.heappush(self._heap, (len(steps), next(self._serial), steps))
            self._more.notify()

    def _go_on_when_read(self, interchange: str, steps: list[_Step]) -> None:
        with self._more:
            is_read = interchange in self._settled
            if not is_read:
                self._waits[interchange] = steps
        if is_read and steps:
            self._push(steps)

    def look(self) -> None:
        """See what suppliers have to say, what has been read, and what has been paid."""
        for name, plan in self._desks.plans():
            rows = [(each.at, self._paper(name, each)) for each in plan.papers]
            rows += [(each.arrives, self._receipt(each)) for each in plan.shipments]
            invoices = sum("-810-" in each.name for each in plan.papers)
            with self._more:
                self._left += invoices - 1
                self._running += invoices - 1
            self._push([step for _, step in sorted(rows, key=lambda row: row[0])])
        for verb, subject in self._newly_settled():
            with self._more:
                if subject in self._settled:
                    continue
                self._settled.add(subject)
                steps = self._waits.pop(subject, None)
                if verb == "finance.payable":
                    self._running, self._left = self._running - 1, self._left - 1
                if self._left == 0:
                    self.done.set()
            if steps:
                self._push(steps)

    def _paper(self, supplier: str, paper: Paper) -> _Step:
        return lambda: self._house.asking.paper(
            supplier, paper.name, paper.content, self._app.clock.now()
        )

    def _receipt(self, truck: Shipment) -> _Step:
        return lambda: self._house.asking.receipt(truck, self._app.clock.now())

    def _newly_settled(self) -> list[tuple[str, str]]:
        """Look a little back, and now and then a long way: times are taken before commits."""
        back = 30_000_000 if next(self._looks) % 50 == 0 else 500_000
        sql = (
            "select verb, subject from effect where state = 'done' and settled_at >= ? "
            "and verb in ('inbound.read', 'finance.payable')"
        )
        with reading(self._app.store.engine) as session:
            rows = session.rows(sql, (micros(self._app.clock.now()) - back,))
        return [(row[0], row[1].partition("/")[2]) for row in rows]


def live(
    url: str, home: Path, cycles: int, *, clients: int, workers: int = 1, lines_each: int = 2
) -> Lived:
    """Run cycles to their end, with the door and a worker in this process and more beside it."""
    home.mkdir(parents=True)
    with Neighbours(home) as around:
        lines = {name: around.line(name) for name in around.urls}
        settings = Settings(
            home=home, database_url=url, partners=home / "partners", executor="bench-1",
            erp_url=around.urls["erp"], wms_url=around.urls["wms"],
            finance_url=around.urls["finance"],
        )  # fmt: skip
        clock = WallClock()
        with (
            house(
                url, home, lines, clock, flush=True, settings=settings, lines_each=lines_each
            ) as made,
            Running(made.app, url=url, executor="bench-1", feeds=False) as running,
            _more_workers(settings, workers - 1),
            desks_elsewhere(settings.partners) as desks,
        ):
            return _run(made, Work(made, running.app, cycles, desks), running.app, cycles, clients)


def _run(made: House, work: Work, app: Application, cycles: int, clients: int) -> Lived:
    before, commits = made.tally(), app.store.counts.commits
    threads = [threading.Thread(target=work.client, daemon=True) for _ in range(clients)]
    settle_in()  # as the programs do
    start, cpu = time.perf_counter(), time.process_time()
    for each in threads:
        each.start()
    while not work.done.wait(LOOK) and time.perf_counter() - start < _PATIENCE:
        work.look()
    spent, burnt = time.perf_counter() - start, time.process_time() - cpu
    work.done.set()
    for each in threads:
        each.join()
    if work.problems:
        raise RuntimeError("; ".join(work.problems[:5]))
    while made.tally().waiting and time.perf_counter() - start < _PATIENCE:
        time.sleep(0.1)
    tally = less(made.tally(), before)
    if tally.payables < cycles:
        raise RuntimeError(f"{cycles} cycles gave {tally.payables} payables: {tally}")
    waited = sorted(_waited(app))
    return Lived(
        rate=cycles / spent,
        cpu_ms=1000 * burnt / cycles,
        commits=(app.store.counts.commits - commits) / cycles,
        p50=statistics.median(waited),
        p99=waited[int(len(waited) * 0.99)],
        tally=tally,
    )


def _waited(app: Application) -> list[float]:
    """Give the seconds from each effect's command to its settlement: commit to done, and more."""
    with reading(app.store.engine) as session:
        rows = session.rows("select settled_at - at from effect where state = 'done'")
    return [row[0] / 1_000_000 for row in rows]


@contextmanager
def _more_workers(settings: Settings, number: int) -> Iterator[None]:
    """Run workers in processes of their own."""
    processes = []
    for place in range(number):
        told = {
            "home": str(settings.home), "url": settings.database_url,
            "executor": f"bench-{place + 2}", "erp": settings.erp_url, "wms": settings.wms_url,
            "finance": settings.finance_url, "partners": str(settings.partners),
        }  # fmt: skip
        processes.append(
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.soak.our_process", "worker",
                 json.dumps(told)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), text=True,
            )
        )  # fmt: skip
    for each in processes:
        if each.stdout is None or each.stdout.readline() != "ready\n":
            raise RuntimeError("a worker did not start")
    try:
        yield
    finally:
        for each in processes:
            each.terminate()
            each.wait()
