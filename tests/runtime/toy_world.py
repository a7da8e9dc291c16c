"""A toy world: orders come, an ERP that is sometimes unwell takes them, goods arrive."""

import heapq
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from manciple.adapters.sql.audit import verify
from manciple.adapters.sql.sealer import Sealer
from manciple.kernel.clock import WorldClock
from manciple.kernel.messages import Command
from manciple.runtime.drains import Drains
from manciple.runtime.effects import Lane, Outcome, Parcel
from manciple.runtime.playing import Player
from tests.ports.test_ports_effects import Desks, hear
from tests.runtime.toy import START, Desk, PlaceToy, ReceiveToy, ask, order_id
from tests.runtime.toy_stores import Store, sql_store


@dataclass(slots=True)
class ToyWorld:
    """Commands in their order of time; the order itself is decided by the seed alone."""

    due: list[tuple[datetime, int, Command]] = field(default_factory=list)

    @classmethod
    def of(cls, *, seed: int, orders: int) -> "ToyWorld":
        chance = random.Random(f"world:{seed}")
        world = cls()
        for n in range(orders):
            at = START + timedelta(minutes=20 * n)
            lane = chance.choice(list(Lane))
            ordered = Decimal(chance.randint(1, 99))
            act = PlaceToy(item=f"item{chance.randint(0, 5)}", ordered=ordered, lane=lane)
            world.add(ask(f"k{n}", act, at=at))
            if chance.random() < 0.7:
                later = at + timedelta(hours=chance.randint(2, 60))
                world.add(ask(f"r{n}", ReceiveToy(order=order_id(f"k{n}")), at=later))
        return world

    def add(self, command: Command) -> None:
        heapq.heappush(self.due, (command.at, len(self.due), command))

    def next_at(self) -> datetime | None:
        return self.due[0][0] if self.due else None

    def act(self, now: datetime) -> Iterable[Command]:
        while self.due and self.due[0][0] <= now:
            yield heapq.heappop(self.due)[2]


class UnwellDesk(Desk):
    """Breaks the line now and then, by the key alone: half of the time after it did the work."""

    def send(self, parcel: Parcel) -> Outcome:
        chance = random.Random(f"{parcel.key}:{parcel.attempts}")
        if chance.random() < 0.1:
            raise OSError("the line broke before")
        done = super().send(parcel)
        if chance.random() < 0.1:
            raise OSError("the line broke after")
        return done


def player_of(
    store: Store, *, seed: int, orders: int, tick_minutes: int, desk: Desk | None = None
) -> tuple[Player, WorldClock, Desk]:
    clock = WorldClock(START)
    outside = desk or UnwellDesk()
    drains = Drains(store=store, clock=clock, endpoints=Desks(erp=outside), heard=hear)
    seal = None if not hasattr(store, "engine") else Sealer(store.engine, holder="world").seal
    world = ToyWorld.of(seed=seed, orders=orders)
    player = Player(
        store,
        drains,
        clock,
        world,
        tick=timedelta(minutes=tick_minutes),
        seal=seal,
        seal_every=10,
    )
    return player, clock, outside


def play_toy_world(url: str, *, seed: int, orders: int, tick_minutes: int) -> str:
    store = sql_store(url)
    player, clock, _ = player_of(store, seed=seed, orders=orders, tick_minutes=tick_minutes)
    played = player.play()
    found = verify(store.engine, clock.now())
    store.engine.dispose()
    return (
        f"{played.commands} {played.timers} {played.effects} {found.events} {found.unsealed} "
        f"{found.broken} {found.chained} {found.heads}"
    )
