"""A supplier's order desk: reads our 850s and 860s, answers by 997, 855, 865, 856, 810, ships.

What it does follows from the supplier's character and the seed. It knows of us only what stands
in the files; prices and quantities that it states are what it read, bent by its habits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from manciple.formats.x12.tokens import Segment, Tokens
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    OutgoingMessage,
    write_interchange,
)
from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass, replace
from manciple.world.behaviour import (
    Answer,
    Asked,
    Bill,
    Load,
    Response,
    agreed,
    respond,
    sooner,
)
from manciple.world.chance import Chance
from manciple.world.change_desk import answer_rows, changes_of, functional_rows
from manciple.world.company import HABITS, Supplier

BUYER = Address(qualifier="ZZ", identifier="MANCIPLE")
"""Our own address as every supplier of the world knows it."""


class DeskError(MancipleError):
    """The desk would have to write something that X12 can't carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """A line of an 850 as the desk reads it; the quantity is in the unit that PO103 says."""

    line: str
    ordered: Decimal
    unit: str
    price: Decimal
    basis: str
    wanted: date | None
    items: tuple[tuple[str, str], ...]

    @property
    def item(self) -> str:
        """The buyer's own item number, as the label repeats it."""
        return dict(self.items).get("BP") or dict(self.items).get("IN", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedOrder:
    """An 850 as the desk reads it."""

    number: str
    group: str
    control: str
    lines: tuple[OrderedLine, ...]
    ship_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """So much of one order line on a truck; ``item`` is the buyer's number on the label."""

    line: str
    item: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """Goods on their way, with the papers that travel with them."""

    supplier: str
    number: str
    order: str
    site: str
    arrives: datetime
    lines: tuple["Loaded", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file to be left in the folder at an instant, or mailed to our AP mailbox."""

    at: datetime
    name: str
    content: bytes
    mailed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that follows from one order: papers and shipments, with their instants."""

    papers: tuple[Paper, ...]
    shipments: tuple[Shipment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trip:
    """A load that was planned, with the control numbers that its papers have: notice, bills."""

    order: ReceivedOrder
    load: Load
    bill: Bill
    name: str
    notice: int
    bills: tuple[int, ...]


@dataclass(slots=True)
class Desk:
    """One supplier's desk. Its numbers run on from file to file.

    Attributes:
        zones: the IANA zone of each site; UTC where none is given.
    """

    supplier: Supplier
    seed: int
    control: int = 0
    known: set[str] = field(default_factory=set)
    zones: Mapping[str, str] = field(default_factory=dict)
    _forgotten: dict[str, tuple[ReceivedOrder, Response]] = field(default_factory=dict)
    _billed: dict[str, tuple[ReceivedOrder, str, Bill]] = field(default_factory=dict)
    _planned: dict[tuple[str, str], tuple[Decimal, str]] = field(default_factory=dict)
    _trips: dict[str, list[_Trip]] = field(default_factory=dict)

    def read(self, content: bytes, at: datetime) -> Plan:
        """Read one file of ours and plan what follows; an order seen before changes nothing."""
        papers: list[Paper] = []
        shipments: list[Shipment] = []
        for order in orders_of(content):
            papers.append(self._functional(order, at))
            if order.number in self.known:
                continue
            self.known.add(order.number)
            plan = self._fulfil(order, at)
            papers += plan.papers
            shipments += plan.shipments
        papers += self._change_answers(content, at)
        return Plan(papers=tuple(papers), shipments=tuple(shipments))

    def _change_answers(self, content: bytes, at: datetime) -> Iterator[Paper]:
        """Answer each 860 of a file by a 997 and, within hours, an 865."""
        for change in changes_of(content):
            yield self._paper("997", at + timedelta(minutes=5), functional_rows(change))
            chance = Chance(self.seed, "change", self.supplier.id, change.number, change.revision)
            soon = at + timedelta(minutes=chance.between(30, 240))
            number = f"{self.supplier.id[-2:]}C{change.number[-8:]}{change.revision}"
            rows = answer_rows(change, self._planned, number=number, at=soon)
            yield self._paper("865", soon, rows)

    def call(self, order: str, at: datetime) -> tuple[Paper, ...]:
        """Take a call: an answer that was forgotten is sent within the hour or two."""
        forgotten = self._forgotten.pop(order, None)
        if forgotten is None:
            return ()
        chance = Chance(self.seed, "call", self.supplier.id, order)
        asked, response = forgotten
        soon = at + timedelta(minutes=chance.between(20, 150))
        return (self._acknowledgment(asked, response.answer, soon),)

    def hurry(self, order: str, at: datetime) -> Plan:
        """Take a call that asks for goods sooner; what has not left may leave up to days sooner.

        Returns:
            The papers and trucks that come sooner, under the names that they had before. Nothing
            if all is on the road, or the supplier can not.
        """
        papers: list[Paper] = []
        shipments: list[Shipment] = []
        trips = self._trips.get(order, [])
        for place, trip in enumerate(trips):
            zone = self.zones.get(trip.order.ship_to, "UTC")
            chance = Chance(self.seed, "hurry", self.supplier.id, trip.name)
            load = sooner(trip.load, at, zone, chance)
            if load is None:
                continue
            earlier = trip.bill.at - (trip.load.arrives - load.arrives)
            trips[place] = replace(trip, load=load, bill=replace(trip.bill, at=earlier))
            papers += self._papers_of(trips[place])
            shipments.append(self._shipment(trips[place]))
        return Plan(papers=tuple(papers), shipments=tuple(shipments))

    def dispute(self, bill: str, at: datetime) -> tuple[Paper, ...]:
        """Take a bill back, and send one that the order agrees with two days later."""
        known = self._billed.pop(bill, None)
        if known is None:
            return ()
        order, name, written = known
        mended = agreed(written, _asked(order))
        return (self._invoice(order, mended, name, f"{bill}R", at + timedelta(days=2)),)

    def _fulfil(self, order: ReceivedOrder, at: datetime) -> Plan:
        response = respond(
            _asked(order),
            supplier=self.supplier,
            zone=self.zones.get(order.ship_to, "UTC"),
            at=at,
            chance=Chance(self.seed, "desk", self.supplier.id, order.number),
        )
        answer = response.answer
        papers: list[Paper] = []
        if answer.forgotten:
            self._forgotten[order.number] = (order, response)
        else:
            papers.append(self._acknowledgment(order, answer, answer.at))
        shipments: list[Shipment] = []
        for number, load in enumerate(response.loads, 1):
            name = f"{self.supplier.id[-2:]}S{order.number[-8:]}{number}"
            bill = response.bills[number - 1]
            first = self.control + 1
            copies = 2 if bill.twice else 1
            trip = _Trip(order=order, load=load, bill=bill, name=name, notice=first,
                         bills=tuple(range(first + 1, first + 1 + copies)))  # fmt: skip
            self.control += 1 + copies
            self._trips.setdefault(order.number, []).append(trip)
            papers += self._papers_of(trip)
            shipments.append(self._shipment(trip))
            for loaded in shipments[-1].lines:
                packed, _ = self._planned.get((order.number, loaded.line), (Decimal(0), ""))
                planned = (packed + loaded.quantity, loaded.unit)
                self._planned[order.number, loaded.line] = planned
        return Plan(papers=tuple(papers), shipments=tuple(shipments))

    def _shipment(self, trip: _Trip) -> Shipment:
        order = trip.order
        lines = tuple(
            Loaded(line=line.line, item=line.item, quantity=each, unit=line.unit)
            for line, each in zip(order.lines, trip.load.quantities, strict=True)
            if each > 0
        )
        return Shipment(supplier=self.supplier.id, number=trip.name, order=order.number,
                        site=order.ship_to, arrives=trip.load.arrives, lines=lines)  # fmt: skip

    def _papers_of(self, trip: _Trip) -> Iterator[Paper]:
        """Write the ship notice of a trip and its bill, which some send twice."""
        order, name, bill = trip.order, trip.name, trip.bill
        yield self._ship_notice(order, trip.load, name, trip.notice)
        self._billed[f"I{name}"] = (order, name, bill)
        for days, control in enumerate(trip.bills):
            at = bill.at + timedelta(days=days)
            yield self._invoice(order, bill, name, f"I{name}", at, control)

    # ---- papers ---------------------------------------------------------------------------

    def _paper(
        self, kind: str, at: datetime, segments: list[tuple[str, ...]], control: int | None = None
    ) -> Paper:
        if control is None:
            self.control += 1
            control = self.control
        address = Address(qualifier="ZZ", identifier=self.supplier.address)
        written = write_interchange(
            OutgoingInterchange(
                sender=address,
                receiver=BUYER,
                control_number=control,
                at=at,
                groups=(
                    OutgoingGroup(
                        sender=self.supplier.address,
                        receiver=BUYER.identifier,
                        control_number=control,
                        version="004010",
                        messages=(
                            OutgoingMessage(
                                kind=kind, control_number="0001", segments=tuple(segments)
                            ),
                        ),
                    ),
                ),
            )
        )
        if written.content is None:
            raise DeskError("; ".join(finding.text for finding in written.findings))
        name = f"{self.supplier.id}-{kind}-{control:09}.edi"
        return Paper(at=at, name=name, content=written.content)

    def _functional(self, order: ReceivedOrder, at: datetime) -> Paper:
        return self._paper("997", at + timedelta(minutes=5), [
            ("AK1", "PO", order.group), ("AK2", "850", order.control), ("AK5", "A"),
            ("AK9", "A", "1", "1", "1"),
        ])  # fmt: skip

    def _acknowledgment(self, order: ReceivedOrder, answer: Answer, at: datetime) -> Paper:
        rows: list[tuple[str, ...]] = []
        changed = answer.substituted is not None
        for place, line in enumerate(order.lines):
            confirmed, price = answer.confirmed[place], answer.prices[place]
            changed = changed or confirmed != line.ordered or price != line.price
            pairs = tuple(part for pair in line.items for part in pair)
            day = f"{max(answer.promised, line.wanted or answer.promised):%Y%m%d}"
            rows.append(("PO1", line.line, f"{line.ordered:f}", line.unit, f"{price:f}",
                         line.basis, *pairs))  # fmt: skip
            if place == answer.substituted:
                other = ("VP", f"{dict(line.items).get('VP', line.item)}-B")
                rows.append(("ACK", "IS", f"{confirmed:f}", line.unit, "017", day, "", *other))
            elif confirmed == line.ordered:
                code = "IA" if price == line.price else "IP"
                rows.append(("ACK", code, f"{confirmed:f}", line.unit, "017", day))
            elif confirmed == 0:
                rows.append(("ACK", "IB", f"{line.ordered:f}", line.unit))
            else:
                rows.append(("ACK", "IQ", f"{confirmed:f}", line.unit, "017", day))
        head = ("BAK", "00", "AC" if changed else "AD", order.number, f"{at:%Y%m%d}", "", "", "",
                f"{self.supplier.id[-2:]}-{order.number[-8:]}", f"{at:%Y%m%d}")  # fmt: skip
        return self._paper("855", at, [head, *rows, ("CTT", str(len(order.lines)))])

    def _ship_notice(self, order: ReceivedOrder, load: Load, name: str, control: int) -> Paper:
        leaves, arrives = load.leaves, load.arrives
        rows: list[tuple[str, ...]] = [
            ("BSN", "00", name, f"{leaves:%Y%m%d}", f"{leaves:%H%M}", "0004"),
            ("HL", "1", "", "S"),
            ("TD5", "", "2", self.supplier.carrier),
            ("DTM", "011", f"{leaves:%Y%m%d}"),
            ("DTM", "017", f"{arrives:%Y%m%d}"),
            ("N1", "ST", order.ship_to, "92", order.ship_to),
            ("HL", "2", "1", "O"),
            ("PRF", order.number),
        ]
        level = 2
        for line, shipped in zip(order.lines, load.quantities, strict=True):
            if shipped > 0:
                level += 1
                pairs = tuple(part for pair in line.items for part in pair)
                rows.append(("HL", str(level), "2", "I"))
                rows.append(("LIN", line.line, *pairs))
                rows.append(("SN1", line.line, f"{shipped:f}", line.unit))
        rows.append(("CTT", str(level)))
        return self._paper("856", leaves, rows, control)

    def _invoice(
        self,
        order: ReceivedOrder,
        bill: Bill,
        shipment: str,
        number: str,
        at: datetime,
        control: int | None = None,
    ) -> Paper:
        billed = [
            (line, quantity, price)
            for line, quantity, price in zip(
                order.lines, bill.quantities, bill.prices, strict=True
            )
            if quantity > 0
        ]
        total = sum((each * _each(line, price) for line, each, price in billed), Decimal(0))
        cents = (total * 100).quantize(Decimal(1), ROUND_HALF_UP)
        rows: list[tuple[str, ...]] = [
            ("BIG", f"{at:%Y%m%d}", number, f"{at:%Y%m%d}", order.number),
            ("REF", "SI", shipment),
        ]
        for line, quantity, price in billed:
            pairs = tuple(part for pair in line.items for part in pair)
            rows.append(("IT1", line.line, f"{quantity:f}", line.unit, f"{price:f}", line.basis,
                         *pairs))  # fmt: skip
        rows += [("TDS", f"{cents:f}"), ("CTT", str(len(billed)))]
        paper = self._paper("810", at, rows, control)
        return replace(paper, mailed=HABITS[self.supplier.character].mails_bills)


def _asked(order: ReceivedOrder) -> tuple[Asked, ...]:
    return tuple(
        Asked(ordered=line.ordered, price=line.price, wanted=line.wanted) for line in order.lines
    )


def _each(line: OrderedLine, price: Decimal) -> Decimal:
    """The price of one PO103 unit. Source: X12 004010, element 639: HP per 100, HT per 1000."""
    return price / {"HP": 100, "HT": 1000}.get(line.basis, 1)


def orders_of(content: bytes) -> tuple[ReceivedOrder, ...]:
    """Read the 850s of a file: what the desk needs of them, and nothing else."""
    found: list[ReceivedOrder] = []
    group = ""
    message: list[Segment] = []
    for segment in Tokens(content):
        if segment.tag == "GS":
            group = segment.at(6)
        elif segment.tag == "ST":
            message = [segment]
        elif segment.tag == "SE" and message and message[0].at(1) == "850":
            found.append(_order(message, group))
        else:
            message.append(segment)
    return tuple(found)


def _wanted(message: list[Segment], line: Segment) -> date | None:
    """Read the day that the buyer asks for on a line: its DTM 002."""
    for segment in message[message.index(line) + 1 :]:
        if segment.tag in {"PO1", "CTT"}:
            return None
        if segment.tag == "DTM" and segment.at(1) == "002":
            return datetime.strptime(segment.at(2), "%Y%m%d").replace(tzinfo=UTC).date()
    return None


def _order(message: list[Segment], group: str) -> ReceivedOrder:
    number = next(each.at(3) for each in message if each.tag == "BEG")
    site = next((e.at(4) for e in message if e.tag == "N1" and e.at(1) == "ST"), "")
    lines = tuple(
        OrderedLine(
            line=each.at(1), ordered=Decimal(each.at(2)), unit=each.at(3),
            price=Decimal(each.at(4)), basis=each.at(5), wanted=_wanted(message, each),
            items=tuple(
                (each.at(n), each.at(n + 1))
                for n in range(6, len(each.elements) - 1, 2)
                if each.at(n) and each.at(n + 1)
            ),
        )
        for each in message
        if each.tag == "PO1"
    )  # fmt: skip
    return ReceivedOrder(
        number=number, group=group, control=message[0].at(2), lines=lines, ship_to=site
    )
