"""Totals: the CTT at the end of a message, compared with the lines that came.

CTT01 counts lines and CTT02 sums their quantities. Both are checks of the transfer, never data:
a difference is a warning.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from manciple.formats.x12.findings import Fault
from manciple.formats.x12.tokens import Segment

# Source: X12 004010, comment on CTT01 and CTT02 of each set. The line segment and the element
# whose sum is the hash total.
_LINES = {
    "810": ("IT1", 2),
    "830": ("LIN", 0),
    "832": ("LIN", 0),
    "846": ("LIN", 0),
    "861": ("RCD", 2),
    "850": ("PO1", 2),
    "855": ("PO1", 2),
    "860": ("POC", 3),
    "865": ("POC", 3),
}
# The total's segment, the line's segment and the element that is summed. Source: X12 004010, W76,
# W03 and W14, element 382 or 413 in their first place.
_WAREHOUSE = {
    "940": ("W76", "W01", 1),
    "943": ("W03", "W04", 1),
    "944": ("W14", "W07", 1),
    "945": ("W03", "W12", 3),
}
# CTT stands near the SE; only AMT and its kin may follow it.
_REACH = 8


def check_totals(kind: str, body: Sequence[Segment]) -> Iterator[tuple[Fault, str, Segment, int]]:
    """Compare CTT01 and CTT02 with the lines: (fault, sentence, segment, element) per difference.

    In a ship notice CTT01 counts HL segments with one sender and items with the next: either will
    do, and CTT02 may be the sum of the items or of all SN1.
    """
    wanted = _WAREHOUSE[kind][0] if kind in _WAREHOUSE else "CTT"
    for segment in body[: -_REACH - 1 : -1]:
        if segment[2] == wanted and wanted != "CTT":
            return _of_warehouse(kind, body, segment)
        if segment[2] == wanted:
            return _differences(kind, body, segment)
    return iter(())


def _of_warehouse(
    kind: str, body: Sequence[Segment], total: Segment
) -> Iterator[tuple[Fault, str, Segment, int]]:
    _, tag, element = _WAREHOUSE[kind]
    counted = _sum([s for s in body if s[2] == tag], element)
    if total.at(1) and counted is not None:
        yield from _compare(total, 1, Fault.TOTAL_QUANTITY, [counted])


def _differences(
    kind: str, body: Sequence[Segment], total: Segment
) -> Iterator[tuple[Fault, str, Segment, int]]:
    if kind == "856":
        counts, sums = _of_ship_notice(body)
    elif kind in _LINES:
        tag, element = _LINES[kind]
        lines = [s for s in body if s[2] == tag]
        counts = [len(lines)]
        sums = [_sum(lines, element)] if element and total.at(2) else []
    else:
        return
    if total.at(1) != str(counts[0]):
        yield from _compare(total, 1, Fault.CTT_COUNT, [Decimal(n) for n in counts])
    if total.at(2):
        yield from _compare(total, 2, Fault.CTT_HASH, [n for n in sums if n is not None])


def _compare(
    total: Segment, element: int, fault: Fault, right: Sequence[Decimal]
) -> Iterator[tuple[Fault, str, Segment, int]]:
    claimed = total.at(element)
    if claimed and right and _decimal(claimed) not in right:
        found = f"{right[0].normalize():f}"
        yield fault, f"{total.tag}{element:02} says {claimed}, is {found}", total, element


def _of_ship_notice(body: Sequence[Segment]) -> tuple[list[int], list[Decimal | None]]:
    levels, items, everything = 0, [], []
    level = ""
    for segment in body:
        if segment.tag == "HL":
            levels += 1
            level = segment.at(3)
            if level == "I":
                items.append(segment)
        elif segment.tag == "SN1":
            everything.append((level, segment))
    of_items = _sum([s for level, s in everything if level == "I"], 2)
    return [len(items), levels], [of_items, _sum([s for _, s in everything], 2)]


def _sum(lines: Sequence[Segment], element: int) -> Decimal | None:
    """The exact sum, or None if one of the numbers cannot be read."""
    total = Decimal(0)
    for line in lines:
        number = _decimal(line.at(element) or "0")
        if number is None:
            return None
        total += number
    return total


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 20 else None  # noqa: PLR2004
