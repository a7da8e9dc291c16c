"""A supplier's order desk: reads our 850s, answers by 997, 855, 856 and 810, and ships.

What it does follows from the supplier's character and the seed. It knows of us only what stands
in the files; prices and quantities that it states are what it read, bent by its habits.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
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
from manciple.world.chance import Chance
from manciple.world.company import HABITS, Habits, Supplier

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
    """A file to be dropped at an instant."""

    at: datetime
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that follows from one order: papers and shipments, with their instants."""

    papers: tuple[Paper, ...]
    shipments: tuple[Shipment, ...]


@dataclass(slots=True)
class Desk:
    """One supplier's desk. Its numbers run on from file to file."""

    supplier: Supplier
    seed: int
    control: int = 0
    known: set[str] = field(default_factory=set)

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
        return Plan(papers=tuple(papers), shipments=tuple(shipments))

    def _fulfil(self, order: ReceivedOrder, at: datetime) -> Plan:
        chance = Chance(self.seed, "desk", self.supplier.id, order.number)
        habits = HABITS[self.supplier.character]
        confirmed, prices = self._decide(order, chance, habits)
        promised, ships = self._dates(order, at, chance, habits)
        papers: list[Paper] = []
        answered = at + timedelta(hours=chance.between(*habits.answers_in_hours),
                                  minutes=chance.between(0, 59))  # fmt: skip
        if not chance.happens(habits.forgets_to_answer):
            papers.append(self._acknowledgment(order, confirmed, prices, promised, answered))
        loads = self._loads(order, confirmed, chance, habits)
        shipments: list[Shipment] = []
        for number, load in enumerate(loads, 1):
            leaves = ships + timedelta(days=2 * (number - 1))
            arrives = leaves + timedelta(days=1, hours=chance.between(1, 8))
            name = f"{self.supplier.id[-2:]}S{order.number[-8:]}{number}"
            lines = tuple(
                Loaded(line=line.line, item=line.item, quantity=qty, unit=line.unit)
                for line, qty in zip(order.lines, load, strict=True)
                if qty > 0
            )
            if not lines:
                continue
            papers.append(self._ship_notice(order, load, name, leaves, arrives))
            shipments.append(
                Shipment(supplier=self.supplier.id, number=name, order=order.number,
                         site=order.ship_to, arrives=arrives, lines=lines)
            )  # fmt: skip
            billed = arrives + timedelta(hours=chance.between(2, 40))
            papers += self._invoices(order, load, prices, name, billed, chance, habits)
        return Plan(papers=tuple(papers), shipments=tuple(shipments))

    def _dates(
        self, order: ReceivedOrder, at: datetime, chance: Chance, habits: Habits
    ) -> tuple[datetime, datetime]:
        """Promise the day that the buyer asked for; ship so as to be there, or later by habit."""
        days = [line.wanted for line in order.lines if line.wanted is not None]
        soonest = at + timedelta(days=2)
        wanted = datetime.combine(min(days), time(15), UTC) if days else soonest
        promised = max(wanted, soonest)
        leaves = promised - timedelta(days=chance.between(1, 2), hours=chance.between(2, 9))
        slip = timedelta(days=chance.between(*habits.slips_days))
        return promised, max(leaves, at + timedelta(hours=6)) + slip

    def _decide(
        self, order: ReceivedOrder, chance: Chance, habits: Habits
    ) -> tuple[list[Decimal], list[Decimal]]:
        short = chance.happens(habits.confirms_short)
        victim = chance.between(0, len(order.lines) - 1)
        confirmed = [line.ordered for line in order.lines]
        if short:
            share = Decimal(chance.between(40, 90)) / 100
            confirmed[victim] = Decimal(int(confirmed[victim] * share))
        prices = [line.price for line in order.lines]
        if chance.happens(habits.raises_price):
            raised = prices[victim] * Decimal(100 + chance.between(4, 12)) / 100
            prices[victim] = raised.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return confirmed, prices

    def _loads(
        self, order: ReceivedOrder, confirmed: list[Decimal], chance: Chance, habits: Habits
    ) -> list[list[Decimal]]:
        first = list(confirmed)
        place = chance.between(0, len(order.lines) - 1)
        if chance.happens(habits.ships_short):
            first[place] = max(Decimal(0), first[place] - 1)
        elif chance.happens(habits.over_ships):
            first[place] += chance.between(2, 4)
        if chance.happens(habits.splits) and max(first) > 1:
            part = [Decimal(int(qty / 2)) for qty in first]
            return [part, [whole - some for whole, some in zip(first, part, strict=True)]]
        return [first]

    # ---- papers ---------------------------------------------------------------------------

    def _paper(
        self, kind: str, at: datetime, segments: list[tuple[str, ...]], version: str = "004010"
    ) -> Paper:
        self.control += 1
        address = Address(qualifier="ZZ", identifier=self.supplier.address)
        written = write_interchange(
            OutgoingInterchange(
                sender=address,
                receiver=BUYER,
                control_number=self.control,
                at=at,
                groups=(
                    OutgoingGroup(
                        sender=self.supplier.address,
                        receiver=BUYER.identifier,
                        control_number=self.control,
                        version=version,
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
        name = f"{self.supplier.id}-{kind}-{self.control:09}.edi"
        return Paper(at=at, name=name, content=written.content)

    def _functional(self, order: ReceivedOrder, at: datetime) -> Paper:
        return self._paper("997", at + timedelta(minutes=5), [
            ("AK1", "PO", order.group), ("AK2", "850", order.control), ("AK5", "A"),
            ("AK9", "A", "1", "1", "1"),
        ])  # fmt: skip

    def _acknowledgment(
        self, order: ReceivedOrder, confirmed: list[Decimal], prices: list[Decimal],
        promised: datetime, at: datetime,
    ) -> Paper:  # fmt: skip
        changed = any(
            qty != line.ordered or price != line.price
            for line, qty, price in zip(order.lines, confirmed, prices, strict=True)
        )
        rows: list[tuple[str, ...]] = [
            ("BAK", "00", "AC" if changed else "AD", order.number, f"{at:%Y%m%d}", "", "", "",
             f"{self.supplier.id[-2:]}-{order.number[-8:]}", f"{at:%Y%m%d}"),
        ]  # fmt: skip
        for line, qty, price in zip(order.lines, confirmed, prices, strict=True):
            pairs = tuple(part for pair in line.items for part in pair)
            day = f"{max(promised.date(), line.wanted or promised.date()):%Y%m%d}"
            rows.append(("PO1", line.line, f"{line.ordered:f}", line.unit, f"{price:f}",
                         line.basis, *pairs))  # fmt: skip
            if qty == line.ordered:
                code = "IA" if price == line.price else "IP"
                rows.append(("ACK", code, f"{qty:f}", line.unit, "017", day))
            elif qty == 0:
                rows.append(("ACK", "IB", f"{line.ordered:f}", line.unit))
            else:
                rows.append(("ACK", "IQ", f"{qty:f}", line.unit, "017", day))
        rows.append(("CTT", str(len(order.lines))))
        return self._paper("855", at, rows)

    def _ship_notice(
        self, order: ReceivedOrder, load: list[Decimal], name: str, leaves: datetime,
        arrives: datetime,
    ) -> Paper:  # fmt: skip
        rows: list[tuple[str, ...]] = [
            ("BSN", "00", name, f"{leaves:%Y%m%d}", f"{leaves:%H%M}", "0004"),
            ("HL", "1", "", "S"),
            ("DTM", "011", f"{leaves:%Y%m%d}"),
            ("DTM", "017", f"{arrives:%Y%m%d}"),
            ("N1", "ST", order.ship_to, "92", order.ship_to),
            ("HL", "2", "1", "O"),
            ("PRF", order.number),
        ]
        level = 2
        for line, qty in zip(order.lines, load, strict=True):
            if qty > 0:
                level += 1
                pairs = tuple(part for pair in line.items for part in pair)
                rows.append(("HL", str(level), "2", "I"))
                rows.append(("LIN", line.line, *pairs))
                rows.append(("SN1", line.line, f"{qty:f}", line.unit))
        rows.append(("CTT", str(level)))
        return self._paper("856", leaves, rows)

    def _invoices(
        self, order: ReceivedOrder, load: list[Decimal], prices: list[Decimal], name: str,
        at: datetime, chance: Chance, habits: Habits,
    ) -> list[Paper]:  # fmt: skip
        billed = [
            (line, qty, price)
            for line, qty, price in zip(order.lines, load, prices, strict=True)
            if qty > 0
        ]
        if chance.happens(habits.bills_wrong):
            place = chance.between(0, len(billed) - 1)
            line, qty, price = billed[place]
            if chance.happens(50):
                price = (price * Decimal("1.07")).quantize(Decimal("0.01"), ROUND_HALF_UP)
            else:
                qty += 1
            billed[place] = (line, qty, price)
        total = sum((qty * _each(line, price) for line, qty, price in billed), Decimal(0))
        cents = (total * 100).quantize(Decimal(1), ROUND_HALF_UP)
        rows: list[tuple[str, ...]] = [
            ("BIG", f"{at:%Y%m%d}", f"I{name}", f"{at:%Y%m%d}", order.number),
            ("REF", "SI", name),
        ]
        for line, qty, price in billed:
            pairs = tuple(part for pair in line.items for part in pair)
            rows.append(("IT1", line.line, f"{qty:f}", line.unit, f"{price:f}", line.basis,
                         *pairs))  # fmt: skip
        rows += [("TDS", f"{cents:f}"), ("CTT", str(len(billed)))]
        papers = [self._paper("810", at, rows)]
        if chance.happens(habits.bills_twice):
            papers.append(self._paper("810", at + timedelta(days=1), rows))
        return papers


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
