"""A supplier's desk in tests: reads our 850s and says, in X12, exactly what a test has it say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from manciple.formats.x12.tokens import Tokens
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    OutgoingMessage,
    write_interchange,
)
from manciple.world.desk import OrderedLine, ReceivedOrder, orders_of
from tests.api.installation import Installation
from tests.api.small_company import SUPPLIERS

ADDRESSES = {name: address for name, _, address in SUPPLIERS}
Rows = list[tuple[str, ...]]


@dataclass(slots=True)
class SupplierSide:
    """One supplier: what came for it, and the papers it writes. Quantities are in PO1 units."""

    house: Installation
    name: str
    control: int = 100
    papers: list[bytes] = field(default_factory=list)

    # ---- what came ---------------------------------------------------------------------------

    def orders(self) -> tuple[ReceivedOrder, ...]:
        """Give the orders that lie in the folder, oldest first."""
        files = self.house.sent_to(self.name)
        return tuple(order for _, data in sorted(files.items()) for order in orders_of(data))

    @staticmethod
    def numbers(data: bytes) -> list[str]:
        """Name the orders in a file of ours; none where it is of another kind."""
        return [order.number for order in orders_of(data)]

    def order(self, number: str = "") -> ReceivedOrder:
        """Give the one order that came, or the one of this number."""
        found = [each for each in self.orders() if number in {"", each.number}]
        assert len(found) == 1, found
        return found[0]

    def answers(self, kind: str) -> list[dict[str, list[tuple[str, ...]]]]:
        """Give the 997s or TA1s that came, as segments by tag."""
        found = []
        for name, data in sorted(self.house.sent_to(self.name).items()):
            if name.startswith(kind):
                tags: dict[str, list[tuple[str, ...]]] = {}
                for segment in Tokens(data):
                    tags.setdefault(segment.tag, []).append(tuple(segment.elements))
                found.append(tags)
        return found

    # ---- what it says ------------------------------------------------------------------------

    def write(self, kind: str, rows: Sequence[tuple[str, ...]], *, sender: str = "") -> bytes:
        """Write one message in an interchange of its own."""
        self.control += 1
        address = sender or ADDRESSES[self.name]
        written = write_interchange(
            OutgoingInterchange(
                sender=Address(qualifier="ZZ", identifier=address),
                receiver=Address(qualifier="ZZ", identifier="MANCIPLE"),
                control_number=self.control,
                at=self.house.clock.now(),
                groups=(
                    OutgoingGroup(
                        sender=address,
                        receiver="MANCIPLE",
                        control_number=self.control,
                        messages=(
                            OutgoingMessage(
                                kind=kind, control_number="0001", segments=tuple(rows)
                            ),
                        ),
                    ),
                ),
            )
        )
        assert written.content is not None, written.findings
        return written.content

    def drop(self, content: bytes) -> bytes:
        """Leave a paper for us, and remember it."""
        self.papers.append(content)
        self.house.drop(self.name, content)
        return content

    def functional(self, order: ReceivedOrder, code: str = "A") -> bytes:
        """Say whether the 850 could be read."""
        return self.write(
            "997",
            [
                ("AK1", "PO", order.group),
                ("AK2", "850", order.control),
                ("AK5", code),
                ("AK9", code, "1", "1", "1" if code == "A" else "0"),
            ],
        )

    def acknowledgment(
        self,
        order: ReceivedOrder,
        confirmed: Mapping[str, int] | None = None,
        *,
        prices: Mapping[str, str] | None = None,
        number: str = "",
        names: str = "",
        late: int = 0,
    ) -> bytes:
        """Answer an order: so many of each line, everything ordered where none is said.

        What is promised comes ``late`` days after it was wanted.
        """
        now = self.house.clock.now()
        said, asked = dict(confirmed or {}), dict(prices or {})
        header = "AC" if said or asked else "AD"
        ack = number or f"A-{order.number[-6:]}"
        rows: Rows = [
            ("BAK", "00", header, names or order.number, f"{now:%Y%m%d}", "", "", "", ack)
        ]
        for line in order.lines:
            quantity = Decimal(said.get(line.line, line.ordered))
            price = asked.get(line.line, f"{line.price:f}")
            day = f"{(line.wanted or now.date()) + timedelta(days=late):%Y%m%d}"
            rows.append(_po1(line, price))
            if quantity == 0:
                rows.append(("ACK", "IR", f"{line.ordered:f}", line.unit))
            else:
                code = "IQ" if quantity != line.ordered else "IP" if line.line in asked else "IA"
                rows.append(("ACK", code, f"{quantity:f}", line.unit, "017", day))
        rows.append(("CTT", str(len(order.lines))))
        return self.write("855", rows)

    def ship_notice(
        self,
        order: ReceivedOrder,
        shipment: str,
        shipped: Mapping[str, int] | None = None,
        *,
        names: str = "",
    ) -> bytes:
        """Announce a truck that arrives tomorrow."""
        now = self.house.clock.now()
        said = dict(shipped or {})
        rows: Rows = [
            ("BSN", "00", shipment, f"{now:%Y%m%d}", f"{now:%H%M}", "0004"),
            ("HL", "1", "", "S"),
            ("DTM", "011", f"{now:%Y%m%d}"),
            ("DTM", "017", f"{now + timedelta(days=1):%Y%m%d}"),
            ("HL", "2", "1", "O"),
            ("PRF", names or order.number),
        ]
        for level, line in enumerate(order.lines, 3):
            quantity = Decimal(said.get(line.line, line.ordered))
            rows.append(("HL", str(level), "2", "I"))
            rows.append(("LIN", line.line, *_items(line)))
            rows.append(("SN1", line.line, f"{quantity:f}", line.unit))
        rows.append(("CTT", str(2 + len(order.lines))))
        return self.write("856", rows)

    def invoice(
        self,
        order: ReceivedOrder,
        number: str,
        billed: Mapping[str, int] | None = None,
        *,
        prices: Mapping[str, str] | None = None,
        names: str = "",
        more: Sequence[tuple[str, ...]] = (),
        beside: Mapping[str, Sequence[tuple[str, ...]]] | None = None,
        plus: str = "0",
        kind: str = "",
    ) -> bytes:
        """Bill an order: so many of each line, everything ordered where none is said.

        ``more`` are segments of the summary, ``beside`` of a line, ``plus`` what they add to the
        total; ``kind`` is
        BIG07, ``CR`` of a credit note.
        """
        now = self.house.clock.now()
        said, asked = dict(billed or {}), dict(prices or {})
        big = ("BIG", f"{now:%Y%m%d}", number, f"{now:%Y%m%d}", names or order.number)
        rows: Rows = [(*big, "", "", kind) if kind else big]
        total = Decimal(plus)
        for line in order.lines:
            quantity = Decimal(said.get(line.line, line.ordered))
            if kind and not quantity:
                continue
            price = Decimal(asked.get(line.line, line.price))
            total += quantity * price
            rows.append(
                ("IT1", line.line, f"{quantity:f}", line.unit, f"{price:f}", "", *_items(line))
            )
            rows += (beside or {}).get(line.line, ())
        count = sum(1 for row in rows if row[0] == "IT1")
        rows += [("TDS", f"{total * 100:.0f}"), *more, ("CTT", str(count))]
        return self.write("810", rows)


def _items(line: OrderedLine) -> tuple[str, ...]:
    return tuple(part for pair in line.items for part in pair)


def _po1(line: OrderedLine, price: str) -> tuple[str, ...]:
    return ("PO1", line.line, f"{line.ordered:f}", line.unit, price, line.basis, *_items(line))
