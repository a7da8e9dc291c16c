"""What a supplier's desk does with our 860s: an 865, yes or no line by line.

What is packed is packed: a change that asks for less than will be shipped is refused, any other
is taken on. The desk knows of the change only what stands in the file.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from manciple.formats.x12.tokens import Segment, Tokens
from manciple.kernel.records import dataclass

Rows = list[tuple[str, ...]]
Planned = Mapping[tuple[str, str], tuple[Decimal, str]]
"""What the desk will ship of an order's line, and the unit in which it was ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLine:
    """A line of an 860: the new quantity, in the unit that POC05 says, and the day wanted."""

    line: str
    kind: str
    quantity: Decimal
    unit: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedChange:
    """An 860 as the desk reads it."""

    number: str
    revision: str
    group: str
    control: str
    lines: tuple[ChangedLine, ...]


def changes_of(content: bytes) -> tuple[ReceivedChange, ...]:
    """Read the 860s of a file."""
    found: list[ReceivedChange] = []
    group = ""
    message: list[Segment] = []
    for segment in Tokens(content):
        if segment.tag == "GS":
            group = segment.at(6)
        elif segment.tag == "ST":
            message = [segment]
        elif segment.tag == "SE" and message and message[0].at(1) == "860":
            found.append(_change(message, group))
        else:
            message.append(segment)
    return tuple(found)


def _change(message: list[Segment], group: str) -> ReceivedChange:
    head = next(each for each in message if each.tag == "BCH")
    lines: list[ChangedLine] = []
    for place, each in enumerate(message):
        if each.tag != "POC":
            continue
        day = ""
        for after in message[place + 1 :]:
            if after.tag in {"POC", "CTT"}:
                break
            if after.tag == "DTM" and after.at(1) == "002":
                day = after.at(2)
        lines.append(
            ChangedLine(
                line=each.at(1),
                kind=each.at(2),
                quantity=Decimal(each.at(3)),
                unit=each.at(5),
                day=day,
            )
        )
    return ReceivedChange(
        number=head.at(3),
        revision=head.at(5),
        group=group,
        control=message[0].at(2),
        lines=tuple(lines),
    )


def functional_rows(change: ReceivedChange) -> Rows:
    """Give the segments of the 997 that says that an 860 could be read."""
    return [
        ("AK1", "PC", change.group),
        ("AK2", "860", change.control),
        ("AK5", "A"),
        ("AK9", "A", "1", "1", "1"),
    ]


def answer_rows(change: ReceivedChange, planned: Planned, *, number: str, at: datetime) -> Rows:
    """Give the segments of the 865 that answers a change."""
    day = f"{at:%Y%m%d}"
    head = ("BCA", "00", "AC", change.number, "", change.revision, day, "", "", number, day)
    rows: Rows = [head]
    for line in change.lines:
        quantity = f"{line.quantity:f}"
        packed, unit = planned.get((change.number, line.line), (Decimal(0), line.unit))
        rows.append(("POC", line.line, line.kind, quantity, "", line.unit))
        if unit == line.unit and line.quantity < packed:
            rows.append(("ACK", "IR", quantity, line.unit))
        elif line.day and line.quantity:
            rows.append(("ACK", "IA", quantity, line.unit, "017", line.day))
        else:
            rows.append(("ACK", "IA", quantity, line.unit))
    rows.append(("CTT", str(len(change.lines))))
    return rows
