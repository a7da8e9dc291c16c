"""The world's calendar: one heap of deeds, played in the order of (instant, serial).

    world = World(...)
    while (at := world.next_at()) is not None:
        clock.advance(at); world.act(at)

    dawn     the day's reviews and the evening are put on the heap
    review   a site's planner looks at the shelves        -> needs, a few minutes apart
    need     a requisition over the API
    post     suppliers take their mail; the bell is read  -> papers, trucks, sittings
    paper    a supplier leaves a file, or mails it        truck    the dock counts and books
    sitting  somebody works a list                        evening  customers have bought

A deed does what a person or a supplier would do, through the API, the partner's folder or the
warehouse system, and may put further deeds on the heap. The same seed gives the same deeds.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto
from functools import partial
from typing import Any, NoReturn, Protocol, assert_never
from zoneinfo import ZoneInfo

from manciple.world.bell import Bell, Cut, Dropped, News, Placed, Told
from manciple.world.books import Books
from manciple.world.chance import Chance
from manciple.world.client import Api
from manciple.world.company import Company, Person, Site
from manciple.world.desk import Desk, Paper, Shipment
from manciple.world.dock import Warehouse, count
from manciple.world.journal import Journal
from manciple.world.mailbox import Mail, Mailbox
from manciple.world.people import Office
from manciple.world.reactions import Reaction, reactions
from manciple.world.stock import Basket, Shelf, Stock

POST_EVERY = timedelta(minutes=30)
"""How often suppliers' desks look into their mailboxes, on a working day. Ours to assume."""
_AT_NIGHT = timedelta(hours=3)
_DAWN, _EVENING = time(7), time(23, 30)
"""When a day is planned and when it is over, in UTC: before the first site opens in the east,
after the last one closes in the west, standard time."""
_REVIEW = time(8, 10)
_BETWEEN_NEEDS = timedelta(minutes=12)
_OFFICE_DAYS = 2
_WEEKEND = 5
_OPEN_FROM, _OPEN_TO = 11, 1
_REFUSED = 400
BELL_RINGER = "kim.soto"
"""Whose key reads the event feed: the integration engineer's."""


class SuppliersMail(Protocol):
    """The suppliers' side of the file exchange."""

    def fetch(self, supplier: str) -> tuple[bytes, ...]:
        """Take the files that have come for a supplier, in the order of their names."""
        ...

    def drop(self, supplier: str, name: str, content: bytes) -> None:
        """Leave a file for us."""
        ...


_PLANNING_RUNS = (0, 2, 4)
"""Weekdays on which the planning system tells what is scarce."""


class Telling(StrEnum):
    """What a planning system tells of stock."""

    NOTHING = auto()
    SCARCE = auto()
    ALL = auto()


@dataclass(slots=True)
class World:
    """A distributor with its suppliers, for so many days, or for ever.

    Attributes:
        api: gives the API as a person uses it.
        goes_on: whether the world lives on after its days.
        table: how long people take; the shipped one if none is given.
        order: how people order their lists of exceptions; empty: as the API gives them.
        tells_stock: of which shelves the product is told in the evening what is on them and how
            fast it goes: of none; of those that are running out, on Monday, Wednesday and Friday;
            of all for which something is on order, every day.
        hurries: whether a supplier who is called about an order is asked to hurry it, too.
        done: how many deeds were played, by kind.
        refused: what the API refused, for the report.
    """

    company: Company
    seed: int
    start: date
    days: int
    api: Callable[[Person], Api]
    mail: SuppliersMail
    warehouse: Warehouse
    goes_on: bool = False
    table: Mapping[str, Reaction] = field(default_factory=reactions)
    order: str = ""
    tells_stock: Telling = Telling.NOTHING
    hurries: bool = False
    done: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    stock: Stock = field(init=False)
    office: Office = field(init=False)
    mailbox: Mailbox = field(default_factory=Mailbox)
    journal: Journal = field(default_factory=Journal)
    _books: Books = field(init=False)
    _bell: Bell = field(init=False)
    _heap: list[tuple[datetime, int, str, Callable[[datetime], None]]] = field(
        default_factory=list
    )
    _serial: int = 0
    _desks: dict[str, Desk] = field(default_factory=dict)
    _per_case: dict[str, int] = field(default_factory=dict)
    _moved: dict[str, datetime] = field(default_factory=dict)
    _scarce: dict[str, None] = field(default_factory=dict)
    _sittings: dict[str, tuple[datetime, tuple[str, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Put the first dawn and the first post round on the heap."""
        zones = {site.id: site.zone for site in self.company.sites}
        self._desks = {
            each.id: Desk(supplier=each, seed=self.seed, zones=zones)
            for each in self.company.suppliers
        }
        self._per_case = {item.id: item.per_case for item in self.company.items}
        self.stock = Stock(self.company, self.seed)
        self.office = Office(self.company, self.seed, self.table, self.mailbox, self.order)
        self._books = Books(self.stock)
        self._bell = Bell(self.office, self.journal)
        dawn = datetime.combine(self.start, _DAWN, UTC)
        self._at(dawn, "dawn", self._dawn)
        self._at(dawn, "post", self._post)

    @property
    def ends(self) -> datetime:
        """The instant at which the world's last day is over, in UTC."""
        return datetime.combine(self.start, time(), UTC) + timedelta(days=self.days)

    def next_at(self) -> datetime | None:
        """Give the instant of the next deed; None when the world's days are over."""
        if not self._heap or (self._heap[0][0] >= self.ends and not self.goes_on):
            return None
        return self._heap[0][0]

    def act(self, now: datetime) -> Iterable[NoReturn]:
        """Do everything that is due at ``now``; nothing is left for others to apply."""
        while self._heap and self._heap[0][0] <= now:
            at, _, kind, deed = heapq.heappop(self._heap)
            deed(at)
            self.done[kind] = self.done.get(kind, 0) + 1
        return ()

    def use(self, table: Mapping[str, Reaction]) -> None:
        """Have people work by another table of reaction times, before the first deed."""
        self.table = self.office.reactions = table

    def read_on(self) -> None:
        """Hear what the feed still holds, so that the journal knows the last day whole."""
        ringer = self.office.person(BELL_RINGER)
        assert ringer is not None
        api = self.api(ringer)
        for news in self._bell.ring(api):
            self._hear(news, api, self.ends)

    def _at(self, at: datetime, kind: str, deed: Callable[[datetime], None]) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, kind, deed))

    # ---- the day ----------------------------------------------------------------------------

    def _dawn(self, at: datetime) -> None:
        day = at.date()
        if day.weekday() < _WEEKEND:
            for site in self.company.sites:
                local = datetime.combine(day, _REVIEW, ZoneInfo(site.zone)).astimezone(UTC)
                self._at(local, "review", partial(self._review, site, day))
        self._at(datetime.combine(day, _EVENING, UTC), "evening", partial(self._evening, day))
        self._at(at + timedelta(days=1), "dawn", self._dawn)

    def _evening(self, day: date, at: datetime) -> None:
        self.stock.sell(day)
        if self.tells_stock is Telling.ALL or (
            self.tells_stock is Telling.SCARCE and day.weekday() in _PLANNING_RUNS
        ):
            self._tell_stock(at)

    def _tell_stock(self, at: datetime) -> None:
        """Have a planning system tell what it knows of shelves that wait for something.

        A shelf that ran out and has enough again is told of once more.
        """
        teller = self.office.person(BELL_RINGER)
        assert teller is not None
        api = self.api(teller)
        is_all = self.tells_stock is Telling.ALL
        for shelf in self.stock.shelves.values():
            name = f"{shelf.site}:{shelf.item.id}"
            was_scarce = name in self._scarce
            if shelf.is_scarce:
                self._scarce[name] = None
            else:
                self._scarce.pop(name, None)
            if (shelf.on_order or shelf.owed) if is_all else (shelf.is_scarce or was_scarce):
                body = outlook(shelf, name, at)
                status, answer = api.put(
                    f"/v1/outlooks/{name}", body, once=f"stock-{name}-{at:%Y%m%d}"
                )
                if status >= _REFUSED:
                    self.refused.append(f"{name}: {status} {answer.get('detail', '')}")

    def _review(self, site: Site, day: date, at: datetime) -> None:
        for n, basket in enumerate(self.stock.review(site.id, day)):
            self._at(at + n * _BETWEEN_NEEDS, "need", partial(self._raise, basket, day, n))

    def _raise(self, basket: Basket, day: date, n: int, at: datetime) -> None:
        del at
        once = f"need-{basket.site}-{day}-{n}"
        chance = Chance(self.seed, once)
        low = basket.site.lower()
        asks = chance.weighted([f"planner.{low}", f"branch.{low}", f"deputy.{low}"], [7, 2, 1])
        person = self.office.person(asks)
        assert person is not None
        body = need(basket, day, reference=once)
        status, answer = self.api(person).post("/v1/requisitions", body, once=once)
        if status >= _REFUSED:
            self.refused.append(f"{once}: {status} {answer.get('detail', '')}")
        else:
            self._books.raised(answer["id"], basket)
            self.journal.raised(answer["id"], len(basket.lines))

    # ---- suppliers ----------------------------------------------------------------------------

    def _post(self, at: datetime) -> None:
        """Every desk takes its mail, and everybody hears what came on their lists."""
        for name, desk in self._desks.items():
            for content in self.mail.fetch(name):
                plan = desk.read(content, at)
                self._papers(name, plan.papers)
                self._trucks(plan.shipments)
        ringer = self.office.person(BELL_RINGER)
        assert ringer is not None
        api = self.api(ringer)
        for news in self._bell.ring(api):
            self._hear(news, api, at)
        self._at(_next_post(at), "post", self._post)

    def _papers(self, supplier: str, papers: Iterable[Paper]) -> None:
        for paper in papers:
            deed = self._deliver if paper.mailed else self._drop
            self._at(paper.at, "mail" if paper.mailed else "paper", partial(deed, supplier, paper))

    def _trucks(self, shipments: Iterable[Shipment]) -> None:
        for shipment in shipments:
            self._at(shipment.arrives, "truck", partial(self._unload, shipment))

    def _hurry(self, supplier: str, order: str, at: datetime) -> None:
        """Ask a supplier to hurry an order; what comes sooner does not come again later."""
        plan = self._desks[supplier].hurry(order, at)
        self._moved |= {paper.name: paper.at for paper in plan.papers}
        self._moved |= {shipment.number: shipment.arrives for shipment in plan.shipments}
        self._papers(supplier, plan.papers)
        self._trucks(plan.shipments)

    def _was_moved(self, name: str, at: datetime) -> bool:
        return self._moved.get(name, at) != at

    def _drop(self, supplier: str, paper: Paper, at: datetime) -> None:
        if self._was_moved(paper.name, at):
            return
        self.mail.drop(supplier, paper.name, paper.content)

    def _deliver(self, supplier: str, paper: Paper, at: datetime) -> None:
        if self._was_moved(paper.name, at):
            return
        self.mailbox.put(Mail(supplier=supplier, name=paper.name, content=paper.content))
        clerk = self.office.in_charge("ap_clerk", "", supplier)
        assert clerk is not None
        self._tell(clerk, ("mail",), at, at)

    def _unload(self, shipment: Shipment, at: datetime) -> None:
        if self._was_moved(shipment.number, at):
            return
        counted = count(shipment, self.seed)
        self.warehouse.book(counted)
        for line in counted.lines:
            pieces = int(line.quantity) * (1 if line.unit == "EA" else self._per_case[line.item])
            shelf = self.stock.shelves.get((shipment.site, line.item))
            if shelf is not None and not line.damaged:
                shelf.put(pieces)
            self._books.less(shipment.order, line.item, pieces)

    # ---- people -------------------------------------------------------------------------------

    def _hear(self, news: News, api: Api, now: datetime) -> None:
        match news:
            case Told():
                person = self.office.person(news.person)
                assert person is not None
                self._tell(person, (news.kind,), news.at, now)
            case Placed():
                self._books.placed(news.requisition, news.order)
            case Dropped():
                self._books.dropped(news.name)
            case Cut():
                items = _items_of(api.get(f"/v1/purchase-orders/{news.order}"))
                for line, pieces in news.lines.items():
                    self._books.less(news.order, items.get(line, ""), pieces)
            case _:
                assert_never(news)

    def _tell(self, person: Person, kinds: tuple[str, ...], told: datetime, now: datetime) -> None:
        """Have somebody sit down to a list, and to what waits for them already; the sooner one."""
        sits = max(now, self.office.sits_down(person, told, kinds[0]))
        soonest, known = self._sittings.get(person.id, (sits, ()))
        kinds = tuple(sorted({*known, *kinds}))
        if person.id not in self._sittings or sits < soonest:
            self._at(sits, "sitting", partial(self._sit, person))
        self._sittings[person.id] = (min(soonest, sits), kinds)

    def _sit(self, person: Person, at: datetime) -> None:
        planned, kinds = self._sittings.get(person.id, (None, ()))
        if planned != at:
            return  # it was moved forward, and is over
        del self._sittings[person.id]
        sitting = self.office.sit(person, kinds, self.api(person), at)
        self.done["task"] = self.done.get("task", 0) + sitting.done
        for supplier, order in sitting.calls:
            if supplier in self._desks:
                self._papers(supplier, self._desks[supplier].call(order, at))
                if self.hurries:
                    self._hurry(supplier, order, at)
        for supplier, bill in sitting.disputes:
            if supplier in self._desks:
                self._papers(supplier, self._desks[supplier].dispute(bill, at))
        if sitting.left:
            self._tell(person, kinds, at, at)
        if sitting.again is not None:
            self._tell(person, kinds, sitting.again, at)


def need(basket: Basket, day: date, *, reference: str) -> Mapping[str, Any]:
    """Give a basket as the requisition that its planner raises."""
    return {
        "site": basket.site,
        "flow": "direct",
        "reference": reference,
        "customer_waiting": any(wanted.shelf.owed for wanted in basket.lines),
        "lines": [
            {
                "item": wanted.shelf.item.id,
                "supplier": basket.supplier,
                "quantity": {"value": str(wanted.cases), "unit": "CA"},
                "needed_by": needed_by(day, wanted.shelf.lead_days).isoformat(),
            }
            for wanted in basket.lines
        ],
    }


def outlook(shelf: Shelf, name: str, at: datetime) -> Mapping[str, Any]:
    """Give what a planning system knows of a shelf: stock, mean demand, customers who wait."""
    return {
        "id": name,
        "site": shelf.site,
        "item": shelf.item.id,
        "as_of": at.isoformat(),
        "on_hand": {"value": str(shelf.on_hand), "unit": "EA"},
        "daily_demand": {"value": f"{shelf.daily:f}", "unit": "EA"},
        "customer_orders": -(-shelf.owed // shelf.size),
    }


def needed_by(day: date, lead_days: int) -> date:
    """Give the day that a planner asks for: the lead time and the house's own, in working days."""
    left = lead_days + _OFFICE_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _WEEKEND
    return day


def _next_post(at: datetime) -> datetime:
    """Give the next round: every half hour while anybody works, some in the night."""
    soon = at + POST_EVERY
    working = soon.weekday() < _WEEKEND and (soon.hour >= _OPEN_FROM or soon.hour < _OPEN_TO)
    return soon if working else at + _AT_NIGHT


def _items_of(order: Mapping[str, Any]) -> Mapping[str, str]:
    return {line["number"]: line["item"] for line in order["lines"]}
