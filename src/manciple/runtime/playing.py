"""Playing: the simulated clock moves to the next thing that happens, and what is due is done.

    next world event | next timer | next effect   ->  clock  ->  timers in (due_at, key) order
        ->  the world's commands, a tick's in one transaction  ->  drains until nothing is due

No engine is launched: drains and timers are the functions that run in production. The same world
and tick give the same history on any database.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from manciple.kernel.clock import WorldClock
from manciple.kernel.messages import Command
from manciple.kernel.records import dataclass
from manciple.runtime.delivery import Deliveries
from manciple.runtime.drains import Drains
from manciple.runtime.firing import fire

_PATIENCE = timedelta(seconds=1)
"""How long the clock moves on when something due can't be sent yet (a quota, a lease)."""


class World(Protocol):
    """Whatever happens outside by itself."""

    def next_at(self) -> datetime | None:
        """Give the instant of the next event; None when nothing more happens."""
        ...

    def act(self, now: datetime) -> Iterable[Command]:
        """Let happen what is due by ``now``; what goes through doors by itself gives nothing."""
        ...


@dataclass(slots=True, kw_only=True)
class Played:
    """What a run did."""

    commands: int = 0
    timers: int = 0
    effects: int = 0
    sealed: int = 0


class Player:
    """Plays a world against a store.

    Attributes:
        played: what was done so far.
    """

    def __init__(
        self,
        store: Deliveries,
        drains: Drains,
        clock: WorldClock,
        world: World,
        *,
        tick: timedelta = timedelta(0),
        seal: Callable[[datetime], int] | None = None,
        seal_every: int = 500,
    ) -> None:
        """Stand ready.

        Args:
            store: applies commands and knows timers and effects.
            drains: what production drains with.
            clock: the one that the store's callers ask.
            world: what happens outside.
            tick: how much simulated time shares a transaction; part of the run like its seed.
            seal: seals history when so many commands were applied, and at the end.
            seal_every: after how many commands and timers.
        """
        self._store, self._drains, self._clock, self._world = store, drains, clock, world
        self._tick, self._seal, self._seal_every = tick, seal, seal_every
        self._since = 0
        self._has_drained = False
        self.played = Played()

    def play(self, until: datetime | None = None) -> Played:
        """Play until nothing happens any more, or to ``until``, inclusive."""
        while (at := self._next()) is not None and (until is None or at <= until):
            self._clock.advance(at)
            self._fire()
            due = self._world.next_at()
            if due is not None and due <= self._clock.now():
                self._act(due, until)
            self.played.effects += self._drains.drain_all()
            self._has_drained = True
            self._seal_now(self._seal_every)
        if until is not None:
            self._clock.advance(until)
        self._seal_now(1)
        return self.played

    def _next(self) -> datetime | None:
        now = self._clock.now()
        effect = self._store.next_effect()
        if effect is not None and effect <= now and self._has_drained:
            effect = now + _PATIENCE
        times = (self._world.next_at(), self._store.next_timer(), effect)
        return min((each for each in times if each is not None), default=None)

    def _fire(self) -> None:
        while (fired := fire(self._store, self._clock.now())).replies:
            for defect in fired.defects:
                raise defect
            self.played.timers += len(fired.replies)
            self._since += len(fired.replies)

    def _act(self, start: datetime, until: datetime | None) -> None:
        """Gather the commands of one tick, each at its own instant, and apply them as one."""
        gathered: list[Command] = []
        end = start + self._tick
        at: datetime | None = start
        while at is not None and (until is None or at <= until):
            self._clock.advance(at)
            gathered += self._world.act(self._clock.now())
            at = self._world.next_at()
            if at is not None and at >= end and at > self._clock.now():
                break
        if gathered:
            applied = self._store.attempt(gathered)
            for reply in applied.replies:
                if reply.defect is not None:
                    raise reply.defect
        self.played.commands += len(gathered)
        self._since += max(1, len(gathered))

    def _seal_now(self, after: int) -> None:
        if self._seal is None or self._since < after:
            return
        self._since = 0
        while count := self._seal(self._clock.now()):
            self.played.sealed += count
