"""One house under an operating model: discrete events in memory, from need to payable bill.

    review -> approvals -> dispatch -> supplier -> answer    -> trouble, if it differs
                                                -> trucks    -> shelf at once, books when noted
                                                -> bills     -> clean, or trouble, then payable

Each mechanism is either Manciple's or the way before. Customers, shelves, suppliers, carriers and
people's reaction times are the simulated world's own, drawn from the same seed. What differs from
the product is told in docs/explanation/before-and-after.md.
"""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from zlib import crc32
from zoneinfo import ZoneInfo

from manciple.world.behaviour import Asked, Bill, Load, Response, respond
from manciple.world.books import Books
from manciple.world.chance import Chance
from manciple.world.company import Company, Person
from manciple.world.legacy.mechanism import Mechanism
from manciple.world.legacy.parameters import Parameters
from manciple.world.legacy.queue import Queue
from manciple.world.measures import BillRecord, OrderRecord, Records, TroubleRecord
from manciple.world.reactions import Reaction, hours_of
from manciple.world.stock import Basket, Stock
from manciple.world.world import needed_by

_REVIEW = time(8, 10)
_EVENING = time(23, 30)
_BETWEEN = timedelta(minutes=12)
_LOOKS = (time(8, 30), time(12, 30), time(16))
_MACHINE = timedelta(minutes=15)
"""What the product's own rounds cost: deliveries each quarter of an hour, as in the demo."""
_POST = timedelta(minutes=15)
"""The mean wait until a supplier's desk looks into its mailbox, every half hour."""
_HEAD = "America/Chicago"
_BANDS = ((Decimal(5_000), 1), (Decimal(25_000), 2), (Decimal(100_000), 3))
"""Approval steps by amount: the shape of policies/approval_routing.yaml for stock items."""
_LOW, _LOW_AT_HUB = Decimal(250), Decimal(1_000)
_NOT_NEEDED = 2
_WEEKEND = 5
_CALL = timedelta(minutes=85)
_NEXT_BILL = timedelta(days=2)


@dataclass(slots=True, kw_only=True)
class _Order:
    name: str
    basket: Basket
    day: date
    record: OrderRecord
    asked: tuple[Asked, ...]
    response: Response | None = None
    unread: TroubleRecord | None = None
    open: dict[str, int] = field(default_factory=dict)
    ended: bool = False
    chased: bool = False
    booked: set[int] = field(default_factory=set)


class Model:
    """A house, played day by day."""

    def __init__(
        self,
        company: Company,
        *,
        seed: int,
        start: date,
        days: int,
        mechanisms: frozenset[Mechanism],
        figures: Parameters,
        table: Mapping[str, Reaction],
    ) -> None:
        """Stand ready on the first morning."""
        self._company, self._seed, self._start, self._days = company, seed, start, days
        self._has, self._figures = mechanisms, figures
        self._zones = {site.id: site.zone for site in company.sites}
        self._suppliers = {each.id: each for each in company.suppliers}
        self._prices = {(o.supplier, o.item): o.price for o in company.offers}
        self._heap: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._serial = 0
        self._queues = {each.id: self._queue(each, table) for each in company.people}
        self._orders: list[_Order] = []
        self.stock = Stock(company, seed)
        self._books = Books(self.stock)
        self.records = Records()

    def play(self) -> Records:
        """Play the days; gives what was noted."""
        for n in range(self._days):
            self._plan(self._start + timedelta(days=n))
        ends = datetime.combine(self._start, time(), UTC) + timedelta(days=self._days)
        while self._heap and self._heap[0][0] < ends:
            at, _, deed = heapq.heappop(self._heap)
            deed(at)
        self.records.stock = self.stock.told()
        return self.records

    def _at(self, at: datetime, deed: Callable[[datetime], None]) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (at, self._serial, deed))

    def _chance(self, *names: object) -> Chance:
        return Chance(self._seed, "model", *names)

    def _plan(self, day: date) -> None:
        if day.weekday() < _WEEKEND:
            for site, zone in self._zones.items():
                local = datetime.combine(day, _REVIEW, ZoneInfo(zone)).astimezone(UTC)
                self._at(local, partial(self._review, site, day))
        self._at(datetime.combine(day, _EVENING, UTC), lambda _: self.stock.sell(day))
        ago = (day - self._start).days
        if ago and ago % max(1, self._figures.open_order_report) == 0:
            nine = datetime.combine(day, time(9), ZoneInfo(_HEAD)).astimezone(UTC)
            self._at(nine, self._report)

    # ---- people ---------------------------------------------------------------------------

    def _queue(self, person: Person, table: Mapping[str, Reaction]) -> Queue:
        zone = self._zones[person.sites[0]] if person.sites else _HEAD
        role = next((each for each in person.roles if each in table), "integration")
        return Queue(person.id, table[role], hours_of(zone), self._seed, self._at)

    def _holder(self, role: str, site: str, about: str) -> Queue:
        holders = [each for each in self._company.people if role in each.roles]
        fitting = [each for each in holders if site in each.sites]
        fitting = fitting or [each for each in holders if not each.sites]
        return self._queues[fitting[crc32(about.encode()) % len(fitting)].id]

    def _do(
        self, queue: Queue, told: datetime, task: Callable[[datetime], None], minutes: int = 0
    ) -> None:
        def touched(at: datetime) -> None:
            self.records.touches += 1
            task(at)

        queue.put(told, touched, minutes=minutes)

    def _mailed(self, queue: Queue, at: datetime, about: str) -> datetime:
        """Give when somebody finds a mail: at the next look, or at the weekly report."""
        if self._chance("mail", queue.name, about).happens(self._figures.mail_overlooked):
            return at + timedelta(days=max(1, self._figures.open_order_report))
        zone = ZoneInfo(queue.hours.zone)
        day = at.astimezone(zone).date()
        looks = _LOOKS[: max(1, self._figures.inbox_checks)]
        while True:
            for look in looks:
                found = datetime.combine(day, look, zone).astimezone(UTC)
                if found >= at and day.weekday() < _WEEKEND:
                    return found
            day += timedelta(days=1)

    def _working_days(self, at: datetime, zone: str, days: int) -> datetime:
        """Give ten in the morning so many working days later."""
        day = at.astimezone(ZoneInfo(zone)).date()
        while days:
            day += timedelta(days=1)
            days -= day.weekday() < _WEEKEND
        return max(at, datetime.combine(day, time(10), ZoneInfo(zone)).astimezone(UTC))

    # ---- need, approvals, dispatch --------------------------------------------------------

    def _review(self, site: str, day: date, at: datetime) -> None:
        for n, basket in enumerate(self.stock.review(site, day)):
            name = f"{site}-{day}-{n}"
            self._books.raised(name, basket)
            self._at(at + n * _BETWEEN, partial(self._need, name, basket, day))

    def _need(self, name: str, basket: Basket, day: date, at: datetime) -> None:
        asked = tuple(
            Asked(
                ordered=Decimal(each.cases),
                price=self._prices[basket.supplier, each.shelf.item.id] * each.shelf.item.per_case,
                wanted=needed_by(day, each.shelf.lead_days),
            )
            for each in basket.lines
        )
        record = OrderRecord(lines=len(asked), submitted=at)
        self.records.orders.append(record)
        order = _Order(name=name, basket=basket, day=day, record=record, asked=asked)
        self._approve(order, self._chain(order), at)

    def _chain(self, order: _Order) -> list[str]:
        amount = sum((each.ordered * each.price for each in order.asked), Decimal(0))
        site = order.basket.site
        regulated = any(each.shelf.item.category == "chemicals" for each in order.basket.lines)
        if amount < (_LOW_AT_HUB if site == "ORD" else _LOW) and not regulated:
            return []
        steps = next((steps for bound, steps in _BANDS if amount < bound), 4)
        people = [f"branch.{site.lower()}", "nora.feld", "omar.reyes", "ida.lund"]
        return people[: max(steps, 2 if regulated else 1)]

    def _approve(self, order: _Order, chain: list[str], at: datetime) -> None:
        if not chain:
            self._dispatch(order, at)
            return
        queue = self._queues[chain[0]]
        due = queue.hours.due(at, timedelta(hours=self._figures.approval_sla))

        def decide(when: datetime) -> None:
            order.record.touches += 1
            order.record.in_time.append(when <= due)
            if self._chance("decide", order.name, chain[0]).happens(_NOT_NEEDED):
                self._books.dropped(order.name)
            else:
                self._approve(order, chain[1:], when)

        machine = Mechanism.APPROVALS in self._has
        told = at if machine else self._mailed(queue, at, f"approve-{order.name}")
        self._do(queue, told, decide)

    def _dispatch(self, order: _Order, at: datetime) -> None:
        if Mechanism.DISPATCH in self._has:
            self._at(at + _MACHINE, partial(self._send, order))
            return
        buyer = self._holder("buyer", "", order.name)

        def key(when: datetime) -> None:
            order.record.touches += 1
            self._send(order, when)

        told = self._mailed(buyer, at, f"key-{order.name}")
        self._do(buyer, told, key, self._figures.order_keyed)

    def _send(self, order: _Order, at: datetime) -> None:
        order.record.sent = at
        self._books.placed(order.name, order.name)
        order.open = {
            each.shelf.item.id: each.cases * each.shelf.item.per_case
            for each in order.basket.lines
        }
        self._orders.append(order)
        self._at(at + _POST, partial(self._supply, order))

    # ---- supplier -------------------------------------------------------------------------

    def _supply(self, order: _Order, at: datetime) -> None:
        supplier = self._suppliers[order.basket.supplier]
        chance = Chance(self._seed, "desk", supplier.id, order.name)
        zone = self._zones[order.basket.site]
        response = respond(order.asked, supplier=supplier, zone=zone, at=at, chance=chance)
        order.response = response
        sent = order.record.sent or at
        if not response.answer.forgotten:
            self._at(response.answer.at, partial(self._answered, order))
        elif Mechanism.CHASING in self._has:
            overdue = hours_of(_HEAD).due(sent, timedelta(hours=self._figures.answer_sla))
            self._at(overdue, partial(self._silent, order))
        for number, load in enumerate(response.loads):
            self._at(load.arrives, partial(self._unload, order, number, load))
        for bill in response.bills:
            self._at(bill.at, partial(self._billed, order, bill))
        if Mechanism.CHASING in self._has:
            promised = datetime.combine(response.answer.promised, time(17), ZoneInfo(zone))
            late = hours_of(zone).due(promised, timedelta(hours=self._figures.late_sla))
            self._at(max(late, at), partial(self._late, order))

    def _silent(self, order: _Order, at: datetime) -> None:
        if order.record.answered is not None or order.ended:
            return
        trouble = self._trouble(at)

        def call(when: datetime) -> None:
            trouble.settled = when
            self._at(when + _CALL, partial(self._answered, order))

        self._do(self._holder("buyer", "", order.name), at, call)

    def _answered(self, order: _Order, at: datetime) -> None:
        if order.record.answered is not None:
            return
        assert order.response is not None
        answer = order.response.answer
        short = {
            wanted.shelf.item.id: int(line.ordered - said) * wanted.shelf.item.per_case
            for wanted, line, said in zip(
                order.basket.lines, order.asked, answer.confirmed, strict=True
            )
            if said < line.ordered
        }
        prices = tuple(line.price for line in order.asked)
        differs = bool(short) or answer.prices != prices or answer.substituted is not None
        if Mechanism.ANSWERS in self._has:
            order.record.answered = at
            if differs:
                self._settle(order, short, self._trouble(at), at)
            return
        trouble = self._trouble(at) if differs else None
        buyer = self._holder("buyer", "", order.name)

        def read(when: datetime) -> None:
            order.record.answered = when
            compared = self._figures.answers_compared
            read_well = self._chance("compare", order.name).happens(compared)
            if trouble is not None and read_well:
                self._settle(order, short, trouble, when)
            elif trouble is not None:
                order.unread = trouble  # the weekly report finds what never came

        told = self._mailed(buyer, at, f"answer-{order.name}")
        self._do(buyer, told, read, self._figures.answers_entered)

    def _settle(
        self, order: _Order, short: Mapping[str, int], trouble: TroubleRecord, at: datetime
    ) -> None:
        """Have the planner give up what will not come, so that the next review sees it."""
        planner = self._holder("planner", order.basket.site, order.name)

        def decide(when: datetime) -> None:
            trouble.settled = when
            for item, pieces in short.items():
                self._less(order, item, pieces)

        self._do(planner, at, decide)

    def _trouble(self, at: datetime) -> TroubleRecord:
        trouble = TroubleRecord(arose=at)
        self.records.troubles.append(trouble)
        return trouble

    # ---- goods ----------------------------------------------------------------------------

    def _less(self, order: _Order, item: str, pieces: int) -> None:
        less = min(pieces, order.open.get(item, 0))
        order.open[item] = order.open.get(item, 0) - less
        self._books.less(order.name, item, less)

    def _unload(self, order: _Order, number: int, load: Load, at: datetime) -> None:
        for wanted, cases in zip(order.basket.lines, load.quantities, strict=True):
            pieces = int(cases) * wanted.shelf.item.per_case
            wanted.shelf.put(pieces)
            self._less(order, wanted.shelf.item.id, pieces)
        if Mechanism.RECEIPTS in self._has:
            order.booked.add(number)
            return
        lead = self._holder("warehouse_lead", order.basket.site, order.name)
        zone = self._zones[order.basket.site]
        noted = self._working_days(at, zone, self._figures.receipt_batch)
        if self._chance("note", order.name, number).happens(self._figures.receipts_lost):
            noted += timedelta(days=max(1, self._figures.open_order_report))
        self._do(lead, noted, lambda _: order.booked.add(number))

    def _late(self, order: _Order, at: datetime) -> None:
        """Goods are missing after their day: call, and give up what still does not come."""
        if order.ended or order.chased or not any(order.open.values()):
            return
        order.chased = True
        trouble, order.unread = order.unread or self._trouble(at), None
        planner = self._holder("planner", order.basket.site, order.name)

        def call(when: datetime) -> None:
            again = planner.hours.due(when, timedelta(hours=2 * self._figures.late_sla))
            self._at(again, partial(self._given_up, order, trouble))

        self._do(planner, at, call)

    def _given_up(self, order: _Order, trouble: TroubleRecord, at: datetime) -> None:
        order.chased = False
        expected = order.response is not None and any(
            load.arrives > at for load in order.response.loads
        )
        if not any(order.open.values()) or expected:
            trouble.settled = at
            if expected:
                self._late_again(order)
            return

        def cancel(when: datetime) -> None:
            trouble.settled = when
            for item in sorted(order.open):
                self._less(order, item, order.open[item])
            order.ended = True

        self._do(self._holder("planner", order.basket.site, order.name), at, cancel)

    def _late_again(self, order: _Order) -> None:
        assert order.response is not None
        last = max(load.arrives for load in order.response.loads)
        hours = hours_of(self._zones[order.basket.site])
        again = hours.due(last, timedelta(hours=self._figures.late_sla))
        self._at(again, partial(self._late, order))

    def _report(self, at: datetime) -> None:
        """The weekly list: unanswered and late orders, worked by buyers where nobody else does."""
        if Mechanism.CHASING in self._has:
            return
        for order in self._orders:
            response = order.response
            if response is None or order.ended:
                continue
            silent = response.answer.forgotten and order.record.answered is None
            late = any(order.open.values()) and response.answer.promised < at.date()
            if silent and order.record.sent and at - order.record.sent > timedelta(days=3):
                self._silent(order, at)
            if late:
                self._late(order, at)
            if not any(order.open.values()):
                order.ended = True

    # ---- bills ----------------------------------------------------------------------------

    def _billed(self, order: _Order, bill: Bill, at: datetime) -> None:
        record = BillRecord(came=at)
        self.records.bills.append(record)
        wrong = self._is_wrong(order, bill)
        if Mechanism.MATCHING in self._has:
            self._match(order, bill, record, wrong=wrong, at=at)
            return
        clerk = self._holder("ap_clerk", "", order.name)
        told = self._mailed(clerk, at, f"bill-{order.name}-{bill.load}")

        def look(when: datetime) -> None:
            self._look(order, bill, record, wrong=wrong, at=when)

        self._do(clerk, told, look, self._figures.invoice_keyed)

    def _is_wrong(self, order: _Order, bill: Bill) -> bool:
        """Say whether it bills other than ordered: the price, or more than was on the truck."""
        keyed = Mechanism.DISPATCH not in self._has and any(
            self._chance("keying", order.name, n).happens(self._figures.keying_errors)
            for n in range(len(order.asked))
        )
        prices = tuple(line.price for line in order.asked)
        return keyed or bill.is_wrong or bill.prices != prices

    def _match(
        self, order: _Order, bill: Bill, record: BillRecord, *, wrong: bool, at: datetime
    ) -> None:
        """Match by rule: clean is payable at once, else a clerk has a case when it is ripe."""
        booked = bill.load in order.booked
        record.clean = booked and not wrong if record.clean is None else record.clean
        if booked and not wrong:
            record.payable = at
            return
        trouble = self._trouble(at)
        if not wrong:
            self._wait(order, bill, record, trouble, at)
            return
        clerk = self._holder("ap_clerk", "", order.name)
        ripe = at + timedelta(hours=self._figures.case_patience)

        def dispute(when: datetime) -> None:
            trouble.settled = when
            record.payable = when + _NEXT_BILL  # the mended bill comes, and matches

        self._do(clerk, ripe, dispute)

    def _wait(
        self, order: _Order, bill: Bill, record: BillRecord, trouble: TroubleRecord, at: datetime
    ) -> None:
        """Look again each hour in which somebody keys until the receipt is there."""
        if bill.load in order.booked:
            trouble.settled = record.payable = at
            return
        self._at(at + timedelta(hours=1), partial(self._wait, order, bill, record, trouble))

    def _look(
        self, order: _Order, bill: Bill, record: BillRecord, *, wrong: bool, at: datetime
    ) -> None:
        """Match by hand: what agrees is passed, the rest is investigated by mail."""
        booked = bill.load in order.booked
        first = record.clean is None
        if first:
            record.clean = booked and not wrong
        noticed = self._chance("notice", order.name, bill.load)
        clerk = self._holder("ap_clerk", "", order.name)
        if not booked:
            if first:
                record.parked = self._trouble(record.came)
            again = self._working_days(at, _HEAD, max(1, self._figures.invoice_parked))
            self._do(
                clerk, again,
                lambda when: self._look(order, bill, record, wrong=wrong, at=when),
            )  # fmt: skip
            return
        parked, record.parked = record.parked, None
        if not wrong or not noticed.happens(self._figures.wrong_bills_caught):
            record.payable = at
            if parked is not None:
                parked.settled = at
            return
        trouble = parked or self._trouble(record.came)
        day = timedelta(minutes=9 * 60)
        median, p90 = self._figures.investigation, self._figures.investigation_p90
        span = noticed.span(day * median, day * p90)
        found = clerk.hours.due(at, span)

        def end(when: datetime) -> None:
            trouble.settled = record.payable = when

        self._do(clerk, found, end)
