"""Verbs of a line: its number, items, quantities, schedule, answers and packages."""

from decimal import Decimal

from manciple.exchange.mapping.document import (
    AnswerWord,
    Schedule,
    StatedAnswer,
    StatedCount,
    StatedItem,
    StatedQuantity,
)
from manciple.exchange.mapping.draft import Act, Draft, Row
from manciple.formats.x12.findings import Fault, Severity
from manciple.formats.x12.tokens import Segment
from manciple.kernel.records import replace

_QUALIFIER_LENGTH = 2
_PAIRS = 2


def line_id(row: Row) -> Act:
    """Take the line's number as written."""
    at, missing = row["at"], row.get("when") == "missing"

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        if line is not None and not (missing and line.line):
            line.line = segment.at(at) or line.line

    return act


def quantity(row: Row) -> Act:
    """Take the line's quantity."""
    value, unit = row["value"], row["unit"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None:
            draft.line.quantity = draft.quantity(segment, value, unit) or draft.line.quantity

    return act


def ordered(row: Row) -> Act:
    """Take what was ordered, where a ship notice repeats it."""
    value, unit = row["value"], row["unit"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None:
            draft.line.ordered = draft.quantity(segment, value, unit)

    return act


def ship_status(row: Row) -> Act:
    """Take what a ship notice says about the line."""
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        code = segment.at(at)
        if code and draft.line is not None:
            draft.line.status = _answer_word(draft, segment, at)

    return act


def description(row: Row) -> Act:
    """Take the item's description."""
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None:
            draft.line.description = draft.line.description or segment.at(at) or None

    return act


def items(row: Row) -> Act:
    """Take the item's numbers."""
    first, pairs = row["first"], row.get("pairs")

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        if line is not None:
            found = _pairs(draft, segment, first, pairs)
            line.items += found
            for item in found:
                if item.scheme == "order":
                    line.item_order = item.id

    return act


def _pairs(
    draft: Draft, segment: Segment, first: int, pairs: int | None = None
) -> list[StatedItem]:
    """Qualifier and number, in any order of qualifiers; so many pairs, or to the segment's end."""
    found: list[StatedItem] = []
    names = draft.codes.lists["items"]
    tail = segment[3][first : first + pairs * _PAIRS if pairs else None]
    for at, (code, number) in enumerate(zip(tail[::_PAIRS], tail[1::_PAIRS], strict=False)):
        scheme = names.get(code)
        if scheme is None:
            scheme = _scheme(draft, segment, first + at * _PAIRS)
        id_ = number.strip()
        if scheme and id_:
            found.append(StatedItem(scheme=scheme, id=id_))
    return found


def _scheme(draft: Draft, segment: Segment, at: int) -> str | None:
    """Whose number it is by a qualifier no list knows: the qualifier itself, if it can be one."""
    code = segment.at(at)
    if not code or not segment.at(at + 1):
        return None
    known = draft.codes.lists["items"].get(code)
    if known is None and len(code) != _QUALIFIER_LENGTH:
        text = f"{segment.tag}{at:02} {code[:40]!r} is no item qualifier"
        draft.find(Fault.CODE, text, segment, at, severity=Severity.WARNING)
        return None
    return str(known or code)


def item(row: Row) -> Act:
    """Take an item's number whose meaning is fixed by its place."""
    scheme, at = row["scheme"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None and segment.at(at):
            draft.line.items.append(StatedItem(scheme=scheme, id=segment.at(at)))

    return act


def line_unit(row: Row) -> Act:
    """Take the unit in which the line's counts are stated."""
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        code = segment.at(at)
        if draft.line is not None and code:
            unit = StatedQuantity(value=Decimal(1), unit=code, canonical=draft.codes.unit(code))
            draft.line.unit = unit
            draft.line.counts = [_in_unit(each, unit) for each in draft.line.counts]

    return act


def _in_unit(count: StatedCount, unit: StatedQuantity | None) -> StatedCount:
    """Give a count without a unit of its own the line's."""
    if unit is None or count.quantity.unit is not None:
        return count
    return replace(count, quantity=replace(unit, value=count.quantity.value))


def count(row: Row) -> Act:
    """Take another quantity of the line; what it means is fixed, or named by a qualifier."""
    value, unit, kind = row["value"], row["unit"], row.get("kind")
    qualifier, condition = row.get("qualifier"), row.get("condition")

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        quantity = draft.quantity(segment, value, unit) if line is not None else None
        if line is None or quantity is None:
            return
        word = kind or draft.word("quantities", segment.at(qualifier or 0))
        why = segment.at(condition) if condition else ""
        stated = StatedCount(
            kind=word,
            quantity=quantity,
            condition=draft.word("conditions", why) if why else None,
        )
        line.counts.append(_in_unit(stated, line.unit or line.quantity))

    return act


def schedule(row: Row) -> Act:
    """Take a part of the line and its day."""
    value, unit, qualifier, at = row["value"], row["unit"], row["qualifier"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        quantity = draft.quantity(segment, value, unit) if draft.line is not None else None
        if draft.line is None or quantity is None:
            return
        kind = draft.word("dates", segment.at(qualifier)) or None
        day = draft.day(segment, at)
        draft.line.schedule.append(Schedule(quantity=quantity, kind=kind, day=day))

    return act


def split(row: Row) -> Act:
    """Take the parts of the line that go to several stores."""
    unit, first = row["unit"], row["first"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is None:
            return
        for at in range(first, len(segment.elements) - 1, _PAIRS):
            quantity = draft.quantity(segment, at + 1, unit)
            if quantity is not None and segment.at(at):
                part = Schedule(quantity=quantity, location=segment.at(at))
                draft.line.schedule.append(part)

    return act


def answer(row: Row) -> Act:
    """Take one of the answers to the line."""
    code, value, unit = row["code"], row["value"], row["unit"]
    qualifier, at, items = row["qualifier"], row["at"], row["items"]

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        if line is None:
            return
        quantity = draft.quantity(segment, value, unit)
        if quantity is not None and quantity.unit is None and line.quantity is not None:
            quantity = replace(line.quantity, value=quantity.value)
        line.answers.append(
            StatedAnswer(
                status=_answer_word(draft, segment, code),
                code=segment.at(code),
                quantity=quantity,
                kind=draft.word("dates", segment.at(qualifier)) or None,
                day=draft.day(segment, at),
                substitute=tuple(_pairs(draft, segment, items)[:1]),
            )
        )

    return act


def _answer_word(draft: Draft, segment: Segment, at: int) -> AnswerWord:
    code = segment.at(at)
    word = draft.codes.lists["line_answers"].get(code)
    if word is None:
        text = f"{segment.tag}{at:02} {code!r} is no answer that we know"
        draft.find(Fault.CODE, text, segment, at)
        return AnswerWord.UNKNOWN
    return AnswerWord(word)


def pack(row: Row) -> Act:
    """Take the number of a package."""
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        number = segment.at(at)
        if not number:
            return
        if draft.line is not None:
            draft.line.packages.append(number)
        elif draft.level is not None:
            draft.level.packages.append(number)

    return act
