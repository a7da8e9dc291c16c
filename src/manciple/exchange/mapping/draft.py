"""A draft: a partner document while its segments are being read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from manciple.exchange.mapping.codes import MEMORY, Codes
from manciple.exchange.mapping.document import (
    AnswerWord,
    HeaderWord,
    Schedule,
    StatedAmount,
    StatedAnswer,
    StatedCharge,
    StatedCount,
    StatedDate,
    StatedItem,
    StatedParty,
    StatedPrice,
    StatedQuantity,
    StatedReference,
)
from manciple.exchange.mapping.values import read_day, read_implied, read_number
from manciple.formats.x12.findings import Fault, Finding, Severity, Where
from manciple.formats.x12.messages import Message
from manciple.formats.x12.tokens import Segment

MAX_FINDINGS = 200

Row = Mapping[str, Any]


@dataclass(slots=True)
class Entry:
    """What a header and a line have in common."""

    dates: list[StatedDate] = field(default_factory=list)
    parties: list[StatedParty] = field(default_factory=list)
    references: list[StatedReference] = field(default_factory=list)
    charges: list[StatedCharge] = field(default_factory=list)
    raw: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(slots=True)
class DraftLine(Entry):
    """A line while its segments are being read.

    Attributes:
        unit: one of the unit in which counts without a unit are stated.
        item_order: an order number among the item numbers; any other place for it wins.
    """

    start: Segment | None = None
    line: str | None = None
    items: list[StatedItem] = field(default_factory=list)
    description: str | None = None
    quantity: StatedQuantity | None = None
    ordered: StatedQuantity | None = None
    price: StatedPrice | None = None
    answer_price: StatedPrice | None = None
    status: AnswerWord | None = None
    answers: list[StatedAnswer] = field(default_factory=list)
    counts: list[StatedCount] = field(default_factory=list)
    unit: StatedQuantity | None = None
    schedule: list[Schedule] = field(default_factory=list)
    order: str | None = None
    item_order: str | None = None
    packages: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Level:
    """One HL of a ship notice: a shipment, order, package or item and what it hangs under."""

    id: str
    parent: str
    code: str
    segment: Segment
    order: str | None = None
    packages: list[str] = field(default_factory=list)
    line: DraftLine | None = None


@dataclass(slots=True)
class Draft:
    """What has been read of a message so far, and what was wrong with it."""

    message: Message
    codes: Codes
    header: Entry = field(default_factory=Entry)
    fields: dict[str, str] = field(default_factory=dict)
    orders: list[str] = field(default_factory=list)
    answer: HeaderWord | None = None
    carrier: str | None = None
    amount: Decimal | None = None
    counted_lines: Decimal | None = None
    counted_hash: Decimal | None = None
    amounts: list[StatedAmount] = field(default_factory=list)
    lines: list[DraftLine] = field(default_factory=list)
    line: DraftLine | None = None
    levels: list[Level] = field(default_factory=list)
    level: Level | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def entry(self) -> Entry:
        """Where the present segment belongs: the open line, or the header."""
        return self.line if self.line is not None else self.header

    def new_line(self, segment: Segment) -> DraftLine:
        """Open a line; what follows belongs to it."""
        self.line = DraftLine(start=segment)
        self.lines.append(self.line)
        return self.line

    def find(
        self,
        fault: Fault,
        text: str,
        segment: Segment,
        element: int | None = None,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note what is wrong, with its place in the file and in the message."""
        if len(self.findings) > MAX_FINDINGS:
            return
        if len(self.findings) == MAX_FINDINGS:
            fault, severity = Fault.TOO_MANY, Severity.ERROR
            text = f"more than {MAX_FINDINGS} findings in this message; the rest was left out"
        message = self.message
        where = Where(
            interchange=message.interchange.control_number,
            group=message.group.control_number if message.group else None,
            message=message.control_number,
            segment=segment.tag,
            index=segment.number,
            position=segment.number - message.segments[0].number + 1,
            element=element,
            offset=segment.offset,
        )
        value = segment.at(element) if element else None
        self.findings.append(
            Finding(severity=severity, code=fault, where=where, text=text, bad_value=value)
        )

    def missing(self, segment: Segment, element: int) -> None:
        """Note that an element which must be there is empty."""
        self.find(Fault.MANDATORY, f"{segment.tag}{element:02} is empty", segment, element)

    def name_order(self, number: str) -> None:
        """An order number belongs to the line or level that names it, else to the document."""
        if self.line is not None:
            self.line.order = self.line.order or number
        elif self.level is not None:
            self.level.order = self.level.order or number
        if number not in self.orders:
            self.orders.append(number)

    # Reading elements

    def number(self, segment: Segment, element: int) -> Decimal | None:
        """A number, or None with a finding if it is none."""
        text = segment.at(element)
        if not text:
            return None
        number = read_number(text)
        if number is None:
            self._unreadable(Fault.NUMBER, "number", segment, element)
        return number

    def implied(self, segment: Segment, element: int, decimals: int) -> Decimal | None:
        """A number with implied decimals, or None with a finding."""
        text = segment.at(element)
        if not text:
            return None
        number = read_implied(text, decimals)
        if number is None:
            self._unreadable(Fault.NUMBER, "number", segment, element)
        elif "." in text:
            place = f"{segment.tag}{element:02}"
            said = f"{place} {text!r} has a decimal point, {decimals} decimals are implied there"
            self.find(Fault.NUMBER, said, segment, element, severity=Severity.WARNING)
        return number

    def day(self, segment: Segment, element: int) -> date | None:
        """A day, or None with a finding if there is no such day."""
        text = segment.at(element)
        if not text:
            return None
        day = read_day(text)
        if day is None:
            self._unreadable(Fault.DATE, "day", segment, element, severity=Severity.WARNING)
        return day

    def quantity(self, segment: Segment, value: int, unit: int | None) -> StatedQuantity | None:
        """A number with its unit, or None if no number is stated."""
        key = (segment.at(value), segment.at(unit) if unit else "")
        known = self.codes.quantities.get(key)
        if known is not None:
            return known
        number = self.number(segment, value)
        if number is None:
            return None
        quantity = self._of_unit(number, key[1], segment, unit)
        clean = quantity.canonical is not None or quantity.unit is None
        if clean and len(self.codes.quantities) < MEMORY:
            self.codes.quantities[key] = quantity
        return quantity

    def _of_unit(
        self, number: Decimal, code: str, segment: Segment, unit: int | None
    ) -> StatedQuantity:
        """A quantity whose unit may be one that nobody told us."""
        if not code:
            return StatedQuantity(value=number)
        canonical = self.codes.unit(code)
        if canonical is None:
            text = f"{segment.tag}{unit or 0:02} {code!r} is no unit that we know"
            self.find(Fault.UNIT, text, segment, unit, severity=Severity.WARNING)
        return StatedQuantity(value=number, unit=code, canonical=canonical)

    def word(self, name: str, code: str) -> str:
        """Our word for a code, or the code itself where the list has none."""
        word = self.codes.lists[name].get(code)
        return word if isinstance(word, str) else code

    def _unreadable(
        self,
        fault: Fault,
        what: str,
        segment: Segment,
        element: int,
        *,
        severity: Severity = Severity.ERROR,
    ) -> None:
        text = f"{segment.tag}{element:02} {segment.at(element)[:40]!r} is no {what}"
        self.find(fault, text, segment, element, severity=severity)


Act = Callable[[Draft, Segment], None]
