"""Cycles in simulated time: one thread, one clock, the drains that run in production."""

import heapq
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bench.house import House, Tally, house

from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.finance.server import ReferenceFinance
from manciple.adapters.reference.line import InProcessLine
from manciple.adapters.sql.sealer import Sealer
from manciple.adapters.wms.server import ReferenceWms
from manciple.kernel.clock import WorldClock
from manciple.kernel.messages import Command
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.memory import settle_in
from manciple.runtime.playing import Player

LOOK = timedelta(minutes=15)
"""How often people and suppliers look, where the tick is no longer than that."""
START = datetime(2026, 3, 2, 15, tzinfo=UTC)
_Deed = Callable[[datetime], Iterable[Command]]


def _only(command: Command) -> _Deed:
    return lambda _: [command]


class Script:
    """So many needs an hour, and everything that follows from them, at its own instant."""

    def __init__(
        self, made: House, cycles: int, *, an_hour: int, tick: timedelta, first: int
    ) -> None:
        self._house, self._tick = made, max(tick, LOOK) + timedelta(seconds=1)
        self._heap: list[tuple[datetime, int, _Deed]] = []
        self._serial = count()
        for number in range(cycles):
            at = START + number * timedelta(hours=1) / an_hour
            self._at(at, self._need(first + number))
        self._open = cycles
        self._at(START + self._tick, self._office)
        self._at(START + self._tick, self._post)

    def next_at(self) -> datetime | None:
        """Give the instant of the next deed."""
        return self._heap[0][0] if self._heap else None

    def act(self, now: datetime) -> Iterable[Command]:
        """Give the commands of what is due."""
        while self._heap and self._heap[0][0] <= now:
            at, _, deed = heapq.heappop(self._heap)
            yield from deed(at)

    def _at(self, at: datetime, deed: _Deed) -> None:
        heapq.heappush(self._heap, (at, next(self._serial), deed))

    def _need(self, number: int) -> _Deed:
        return lambda at: [self._house.asking.need(number, at)]

    def _office(self, at: datetime) -> Iterable[Command]:
        """Everybody looks at what waits for them."""
        app = self._house.app
        waiting = app.documents.page(Requisition, after=None, limit=200, state="submitted").rows
        for row in waiting:
            yes = self._house.asking.approval(app, row.document.id, at)
            if yes is not None:
                yield yes
        if self._open or waiting:
            self._at(at + self._tick, self._office)

    def _post(self, at: datetime) -> Iterable[Command]:
        """The suppliers look into their folders."""
        for name, plan in self._house.desks.plans(self._house.app.clock.now()):
            self._open -= 1
            for paper in plan.papers:
                command = self._house.asking.paper(name, paper.name, paper.content, paper.at)
                self._at(max(paper.at, at), _only(command))
            for truck in plan.shipments:
                receipt = self._house.asking.receipt(truck, truck.arrives)
                self._at(truck.arrives, _only(receipt))
        if self._open:
            self._at(at + self._tick, self._post)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a run in simulated time did."""

    rate: float
    cpu_ms: float
    commits: float
    tally: Tally


def in_world(
    url: str,
    home: Path,
    cycles: int,
    *,
    tick: timedelta,
    an_hour: int = 12,
    first: int = 0,
    lines_each: int = 2,
) -> Played:
    """Play cycles to their end; ``first`` is the number of their first need."""
    home.mkdir(parents=True)
    erp = ReferenceErp(home / "erp.sqlite", synchronous="NORMAL")
    wms = ReferenceWms(home / "wms.sqlite", synchronous="NORMAL")
    finance = ReferenceFinance(home / "finance.sqlite", synchronous="NORMAL")
    lines = {
        "erp": InProcessLine(erp),
        "wms": InProcessLine(wms),
        "finance": InProcessLine(finance),
    }
    clock = WorldClock(START)
    with house(url, home, lines, clock, flush=False, lines_each=lines_each) as made:
        store = made.app.store
        before = made.tally()
        made.app.definitions.maps(None)  # read once, before the clock runs
        script = Script(made, cycles, an_hour=an_hour, tick=tick, first=first)
        seal = Sealer(store.engine).seal
        player = Player(store, made.app.drains, clock, script, tick=tick, seal=seal)
        settle_in()  # as the programs do
        start, cpu = time.perf_counter(), time.process_time()
        player.play(START + timedelta(days=30))
        spent, burnt = time.perf_counter() - start, time.process_time() - cpu
        played = Played(
            rate=cycles / spent,
            cpu_ms=1000 * burnt / cycles,
            commits=store.counts.commits / cycles,
            tally=less(made.tally(), before),
        )
    for system in (erp, wms, finance):
        system.close()
    return played


def less(after: Tally, before: Tally) -> Tally:
    """Give what a run added."""
    return Tally(
        commands=after.commands - before.commands,
        effects=after.effects - before.effects,
        events=after.events - before.events,
        payables=after.payables,
        waiting=after.waiting,
        cases=after.cases,
    )
