"""A seller, as a harness: it answers a buyer's 850 and 860, ships, bills, and keeps a book.

    850   unknown number: taken, 855           known number: a copy; nothing follows twice
    860   nothing has left: taken, 865 (AC)    goods have left: refused, 865 (RD), the order stands

Every file is answered by a 997. Manciple is no seller: this is made of its X12 reader and writer
alone, and nothing of it is part of the product.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from manciple.cli.partner_demo import seller_papers as papers
from manciple.cli.partner_demo.seller_book import SellerBook, SoldLine, SoldOrder
from manciple.exchange.reading import Reading, read
from manciple.formats.x12.acknowledge import answer_interchange, read_functional_acknowledgment
from manciple.formats.x12.messages import Message
from manciple.formats.x12.tokens import Segment
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    OutgoingMessage,
    Written,
    write_interchange,
)
from manciple.kernel.errors import MancipleError
from manciple.processes.ports import OutboundMessage

SHIPS_AFTER = timedelta(hours=6)
BILLS_AFTER = timedelta(hours=20)
_CANCELS = frozenset({"01"})
"""BCH01: the order is cancelled. Source: X12 004010, element 353."""


class SellerError(MancipleError):
    """The harness would have to write something that X12 can't carry."""


@dataclass(slots=True, kw_only=True)
class Seller:
    """The harness: whose papers it reads, and the book that it keeps."""

    book: SellerBook
    ours: str
    theirs: str

    def read(self, data: bytes, at: datetime) -> tuple[OutboundMessage, ...]:
        """Read a file of the buyer's; gives the files that answer it."""
        found = read(data)
        return (*self._technical(found, at), *self._answers(found, at))

    def work(self, at: datetime) -> tuple[OutboundMessage, ...]:
        """Ship what was answered and bill what was shipped, each after its hours."""
        return (*self._billed(at), *self._shipped(at))

    # ---- what came ------------------------------------------------------------------------

    def _technical(self, found: Reading, at: datetime) -> Iterator[OutboundMessage]:
        for each in found.interchanges:
            numbered = any(group.group.kind != "FA" for group in each.groups)
            if numbered:
                control = self.book.next_number("control")
                written = answer_interchange(
                    each.result, each.groups, control_number=control,
                    group_control_number=control, at=at,
                )  # fmt: skip
                if written is not None:
                    yield self._file("997", control, written)

    def _answers(self, found: Reading, at: datetime) -> Iterator[OutboundMessage]:
        for each in found.documents:
            message = each.message
            match message.kind:
                case "850":
                    yield from self._order(message, at)
                case "860":
                    yield from self._change(message, at)
                case "997":
                    self._acknowledged(message)
                case other:
                    self.book.note_refused(f"a {other} is nothing that a buyer sends")

    def _acknowledged(self, message: Message) -> None:
        for answer in read_functional_acknowledgment(message):
            if not answer.is_accepted:
                self.book.note_refused(f"group {answer.group_control_number}: {answer.code}")

    def _order(self, message: Message, at: datetime) -> Iterator[OutboundMessage]:
        head = _first(message, "BEG")
        lines = tuple(
            SoldLine(line=row.at(1), item=_item(row, 6), price=Decimal(row.at(4)),
                     wanted=Decimal(row.at(2)))
            for row in message.segments
            if row.tag == "PO1"
        )  # fmt: skip
        if self.book.take(head.at(3), _day(head.at(5)), lines, at=at):
            self.book.move(head.at(3), "answered", at=at)
            yield self._paper("855", papers.acknowledgment(self._known(head.at(3)), at), at)

    def _change(self, message: Message, at: datetime) -> Iterator[OutboundMessage]:
        head = _first(message, "BCH")
        order = self.book.order(head.at(3))
        if order is None:
            self.book.note_refused(f"860 for {head.at(3)}, which nobody ordered")
            return
        rows = [row for row in message.segments if row.tag == "POC"]
        has_left = order.state not in {"taken", "answered"}
        if has_left:
            answers = [("NC", line) for line in order.lines]
        elif head.at(1) in _CANCELS:
            answers = self._cancelled(order, at)
        else:
            answers = list(self._changed(order, rows))
        yield self._paper("865", papers.change_acknowledgment(
            self._known(order.number), at, sequence=head.at(5), asked_on=_day(head.at(11)),
            verdict="RD" if has_left else "AC", answers=answers,
        ), at)  # fmt: skip

    def _cancelled(self, order: SoldOrder, at: datetime) -> list[tuple[str, SoldLine]]:
        for line in order.lines:
            self.book.want(order.number, line.line, Decimal(0))
        self.book.move(order.number, "cancelled", at=at)
        return [("DI", line) for line in self._known(order.number).lines]

    def _changed(
        self, order: SoldOrder, rows: Iterable[Segment]
    ) -> Iterator[tuple[str, SoldLine]]:
        for row in rows:
            self.book.want(order.number, row.at(1), Decimal(row.at(3)))
            line = next(x for x in self._known(order.number).lines if x.line == row.at(1))
            yield row.at(2), line

    def _known(self, number: str) -> SoldOrder:
        order = self.book.order(number)
        assert order is not None
        return order

    # ---- what leaves ----------------------------------------------------------------------

    def _shipped(self, at: datetime) -> Iterator[OutboundMessage]:
        for order in self.book.orders("answered"):
            if at < order.moved_at + SHIPS_AFTER:
                continue
            for line in order.lines:
                self.book.ship(order.number, line.line, line.wanted)
            self.book.move(order.number, "shipped", at=at)
            rows = papers.ship_notice(self._known(order.number), at, shipment=f"SH-{order.number}")
            yield self._paper("856", rows, at)

    def _billed(self, at: datetime) -> Iterator[OutboundMessage]:
        for order in self.book.orders("shipped"):
            if at < order.moved_at + BILLS_AFTER:
                continue
            for line in order.lines:
                self.book.bill(order.number, line.line, line.shipped)
            self.book.move(order.number, "billed", at=at)
            rows = papers.invoice(
                self._known(order.number), at, number=f"IN-{order.number}",
                shipment=f"SH-{order.number}",
            )  # fmt: skip
            yield self._paper("810", rows, at)

    def _paper(self, kind: str, rows: tuple[papers.Row, ...], at: datetime) -> OutboundMessage:
        control = self.book.next_number("control")
        address = Address(qualifier="ZZ", identifier=self.ours)
        group = OutgoingGroup(
            sender=self.ours, receiver=self.theirs, control_number=control,
            messages=(OutgoingMessage(kind=kind, control_number="0001", segments=rows),),
        )  # fmt: skip
        written = write_interchange(
            OutgoingInterchange(
                sender=address, receiver=replace(address, identifier=self.theirs),
                control_number=control, at=at, groups=(group,), usage="T",
            )
        )  # fmt: skip
        return self._file(kind, control, written)

    def _file(self, kind: str, control: int, written: Written) -> OutboundMessage:
        if written.content is None:
            raise SellerError("; ".join(finding.text for finding in written.findings))
        return OutboundMessage(
            partner=self.theirs,
            interchange=f"{control:09d}",
            file_name=f"{kind}-{control:09d}.edi",
            digest=sha256(written.content).hexdigest(),
            content=written.content,
        )


def _first(message: Message, tag: str) -> Segment:
    return next(each for each in message.segments if each.tag == tag)


def _item(row: Segment, start: int) -> str:
    """Read the seller's own item number. Source: X12 004010, element 235, VP."""
    pairs = {row.at(n): row.at(n + 1) for n in range(start, len(row.elements) - 1, 2)}
    return pairs["VP"]


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()
