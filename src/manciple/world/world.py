"""The world's calendar: one heap of deeds, played in the order of (instant, serial).

    world = World(...)
    while (at := world.next_at()) is not None:
        clock.advance(at); world.act(at)

A deed does what a person or a supplier would do, through the API, the partner's folder or the
warehouse system, and may put further deeds on the heap. The same seed gives the same deeds.
"""

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import NoReturn, Protocol

from manciple.kernel.errors import MancipleError
from manciple.world.client import Api
from manciple.world.company import Company, Person
from manciple.world.desk import Desk, Paper, Shipment
from manciple.world.dock import Warehouse, count
from manciple.world.people import Need, Office, needs

POST_EVERY = timedelta(minutes=30)
"""How often the suppliers' desks look into their mailboxes. An assumption of ours."""


class RefusedNeedError(MancipleError):
    """The API refused a need that the world holds to be right."""


class Mail(Protocol):
    """The suppliers' side of the file exchange."""

    def fetch(self, supplier: str) -> tuple[bytes, ...]:
        """Take the files that have come for a supplier, in the order of their names."""
        ...

    def drop(self, supplier: str, name: str, content: bytes) -> None:
        """Leave a file for us."""
        ...


@dataclass(slots=True)
class World:
    """A distributor with its suppliers, for so many days.

    Attributes:
        api: gives the API as a person uses it.
        done: how many deeds were played, by kind.
        refused: what the API refused, for the report.
    """

    company: Company
    seed: int
    start: date
    days: int
    api: Callable[[Person], Api]
    mail: Mail
    warehouse: Warehouse
    a_day: int = 5
    done: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    _heap: list[tuple[datetime, int, str, Callable[[datetime], None]]] = field(
        default_factory=list
    )
    _serial: int = 0
    _desks: dict[str, Desk] = field(default_factory=dict)
    _people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the whole time's needs, looks and post rounds on the heap."""
        self._people = {person.id: person for person in self.company.people}
        self._desks = {
            each.id: Desk(supplier=each, seed=self.seed) for each in self.company.suppliers
        }
        raised = max(1, self.days - 3)
        for need in needs(self.company, self.seed, self.start, raised, a_day=self.a_day):
            self._at(need.at, "need", partial(self._raise, need))
        office = Office(company=self.company, seed=self.seed)
        for person in self.company.people:
            for instant in office.looks(person, self.start, self.days):
                self._at(instant, "look", self._looking(office, person))
        self._at(self._midnight() + timedelta(hours=6), "post", self._post)

    @property
    def ends(self) -> datetime:
        """The instant at which the world's last day is over, in UTC."""
        return self._midnight() + timedelta(days=self.days)

    def _midnight(self) -> datetime:
        return datetime.combine(self.start, time(), UTC)

    def next_at(self) -> datetime | None:
        """Give the instant of the next deed; None when the world's days are over."""
        if not self._heap or self._heap[0][0] >= self.ends:
            return None
        return self._heap[0][0]

    def act(self, now: datetime) -> Iterable[NoReturn]:
        """Do everything that is due at ``now``; nothing is left for others to apply."""
        while self._heap and self._heap[0][0] <= now:
            at, _, kind, deed = heapq.heappop(self._heap)
            deed(at)
            self.done[kind] = self.done.get(kind, 0) + 1
        return ()

    def _at(self, at: datetime, kind: str, deed: Callable[[datetime], None]) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, kind, deed))

    # ---- deeds ----------------------------------------------------------------------------

    def _raise(self, need: Need, at: datetime) -> None:
        del at
        api = self.api(self._people[need.person])
        status, answer = api.post("/v1/requisitions", need.body, once=need.once)
        if status >= 400:  # noqa: PLR2004
            self.refused.append(f"{need.once}: {status} {answer.get('detail', '')}")

    def _post(self, at: datetime) -> None:
        """Every desk takes its mail; desks work whenever the post comes."""
        for name, desk in self._desks.items():
            for content in self.mail.fetch(name):
                plan = desk.read(content, at)
                for paper in plan.papers:
                    self._at(paper.at, "paper", self._dropping(name, paper))
                for shipment in plan.shipments:
                    self._at(shipment.arrives, "truck", self._unloading(shipment))
        self._at(at + POST_EVERY, "post", self._post)

    def _looking(self, office: Office, person: Person) -> Callable[[datetime], None]:
        def look(at: datetime) -> None:
            office.act(person, self.api(person), at)

        return look

    def _dropping(self, supplier: str, paper: Paper) -> Callable[[datetime], None]:
        def drop(_: datetime) -> None:
            self.mail.drop(supplier, paper.name, paper.content)

        return drop

    def _unloading(self, shipment: Shipment) -> Callable[[datetime], None]:
        def unload(_: datetime) -> None:
            self.warehouse.book(count(shipment, self.seed))

        return unload
