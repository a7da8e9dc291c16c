"""X12 to a partner document: the map engine.

A message is read segment by segment. Some segments begin another area (a PO1 begins a line, a CTT
the summary, an HL whatever its level says); in each area the map's table says what a segment does.
"""

from decimal import Decimal

from manciple.exchange.mapping.document import (
    AnswerWord,
    DocumentKind,
    HeaderWord,
    PartnerDocument,
    PartnerLine,
    Totals,
)
from manciple.exchange.mapping.draft import Draft, DraftLine, Level
from manciple.exchange.mapping.hierarchy import resolve_levels
from manciple.exchange.mapping.maps import Area, InboundMap, Maps
from manciple.formats.x12.findings import Fault, Finding, Severity
from manciple.formats.x12.messages import Message
from manciple.formats.x12.tokens import Segment
from manciple.kernel.records import dataclass, replace

# A header that speaks for all lines of a message without a single line answer. Source: P-03,
# ruling 4.7 A: in a message with line answers, the lines not named stay unanswered.
_SPEAKS_FOR_LINES = {
    HeaderWord.ACCEPT: AnswerWord.ACCEPT,
    HeaderWord.REJECT: AnswerWord.REJECT,
    HeaderWord.COUNTER: AnswerWord.CHANGE_MIXED,
    HeaderWord.HOLD: AnswerWord.HOLD,
}
_BACKORDERS = {AnswerWord.BACKORDER_FULL, AnswerWord.BACKORDER_PARTIAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A message in our words, and what could not be put into them."""

    document: PartnerDocument
    findings: tuple[Finding, ...]


def read_message(message: Message, maps: Maps) -> Mapped:
    """Read one transaction set into a partner document. Never raises on what a partner wrote."""
    rules = maps.of(message.kind)
    draft = Draft(message=message, codes=maps.codes)
    table = rules.header
    starts, hierarchy = rules.starts, rules.hierarchy
    raw = draft.header.raw
    for segment in message.segments:
        tag = segment[2]
        area = starts.get(tag)
        if area is not None:
            table = area.table
            raw = _begin(draft, area, segment)
        elif hierarchy is not None and tag == hierarchy.segment:
            area = _begin_level(draft, rules, segment)
            table = area.table
            raw = draft.entry.raw
        raw.append(segment[3])
        acts = table.get(tag)
        if acts is not None:
            for act in acts:
                act(draft, segment)
    if rules.set == "*" and message.kind not in maps.inbound:
        text = f"set {message.kind or '?'} has no map of its own: only its head was read"
        draft.find(Fault.MAP_MISSING, text, message.segments[0], 1, severity=Severity.NOTE)
    return _finished(draft, rules)


def _begin(draft: Draft, area: Area, segment: Segment) -> list[tuple[str, ...]]:
    if area.name == "line":
        return draft.new_line(segment).raw
    draft.line = None
    draft.level = None
    return draft.header.raw


_UNREAD = Area(name="unread", table={})


def _begin_level(draft: Draft, rules: InboundMap, segment: Segment) -> Area:
    marks = rules.hierarchy
    if marks is None:
        return _UNREAD
    code = segment.at(marks.level)
    area = rules.levels.get(code, _UNREAD)
    level = Level(
        id=segment.at(marks.id), parent=segment.at(marks.parent), code=code, segment=segment
    )
    draft.levels.append(level)
    draft.level = level
    draft.line = None
    if area.name == "line":
        level.line = draft.new_line(segment)
    return area


def _finished(draft: Draft, rules: InboundMap) -> Mapped:
    if draft.levels:
        resolve_levels(draft)
    _orders_among_items(draft)
    if rules.kind in {DocumentKind.ACKNOWLEDGMENT, DocumentKind.CHANGE_ACKNOWLEDGMENT}:
        _answer_lines(draft)
    fields = draft.fields
    header = draft.header
    lines = tuple(_line(line, draft) for line in draft.lines)
    document = PartnerDocument(
        kind=rules.kind,
        number=fields.get("number"),
        orders=tuple(draft.orders),
        dates=tuple(header.dates),
        currency=fields.get("currency"),
        parties=tuple(header.parties),
        lines=lines,
        totals=Totals(
            amount=draft.amount,
            lines=draft.counted_lines,
            hash=draft.counted_hash,
            shipped=_shipped(lines) if rules.kind is DocumentKind.SHIP_NOTICE else None,
            others=tuple(draft.amounts),
        ),
        answer=draft.answer,
        answer_code=fields.get("answer_code"),
        purpose=fields.get("purpose"),
        type=fields.get("type"),
        release=fields.get("release"),
        change=fields.get("change"),
        contract=fields.get("contract"),
        carrier=draft.carrier,
        references=tuple(header.references),
        charges=tuple(header.charges),
        raw=tuple(header.raw),
    )
    return Mapped(document=document, findings=tuple(draft.findings))


def _orders_among_items(draft: Draft) -> None:
    """An order number among the item numbers counts where nothing else names the order."""
    for line in draft.lines:
        if line.order is None and line.item_order is not None:
            line.order = line.item_order
            if line.order not in draft.orders:
                draft.orders.append(line.order)


def _shipped(lines: tuple[PartnerLine, ...]) -> Decimal:
    return sum((line.quantity.value for line in lines if line.quantity), Decimal(0))


def _line(line: DraftLine, draft: Draft) -> PartnerLine:
    items = line.items
    if draft.codes.prefer_items:
        order = {scheme: n for n, scheme in enumerate(draft.codes.prefer_items)}
        items = sorted(items, key=lambda item: order.get(item.scheme, len(order)))
    return PartnerLine(
        line=line.line,
        items=tuple(items),
        description=line.description,
        quantity=line.quantity,
        ordered=line.ordered,
        price=line.price,
        status=line.status,
        answers=tuple(line.answers),
        counts=tuple(line.counts),
        schedule=tuple(line.schedule),
        dates=tuple(line.dates),
        order=line.order,
        packages=tuple(line.packages),
        parties=tuple(line.parties),
        references=tuple(line.references),
        charges=tuple(line.charges),
        raw=tuple(line.raw),
    )


# Answers


def _answer_lines(draft: Draft) -> None:
    """Give each line one word for all its answers; without any, the header may speak for all."""
    answered = [line for line in draft.lines if line.answers]
    for line in answered:
        if line.answer_price is not None:
            line.answers = [
                replace(a, price=line.answer_price) if a.status in _PRICED else a
                for a in line.answers
            ]
        line.status = together(tuple(a.status for a in line.answers))
    if not answered:
        word = _SPEAKS_FOR_LINES.get(draft.answer) if draft.answer else None
        for line in draft.lines:
            line.status = word
    _contradictions(draft, answered)


_PRICED = {AnswerWord.CHANGE_PRICE, AnswerWord.CHANGE_MIXED}


def together(words: tuple[AnswerWord, ...]) -> AnswerWord:
    """One word for several answers to a line. What is unknown or held is never talked away."""
    kinds = set(words)
    if len(kinds) == 1:
        return words[0]
    for word in (AnswerWord.UNKNOWN, AnswerWord.HOLD, AnswerWord.PENDING):
        if word in kinds:
            return word
    if kinds <= {AnswerWord.ACCEPT, *_BACKORDERS}:
        return AnswerWord.BACKORDER_PARTIAL
    if kinds == {AnswerWord.ACCEPT, AnswerWord.REJECT}:
        return AnswerWord.CHANGE_QUANTITY
    kinds.discard(AnswerWord.ACCEPT)
    return kinds.pop() if len(kinds) == 1 else AnswerWord.CHANGE_MIXED


def _contradictions(draft: Draft, answered: list[DraftLine]) -> None:
    """Lines win over the header, but that the two disagree is worth a sentence."""
    words = {line.status for line in answered}
    rejected = draft.answer is HeaderWord.REJECT and words - {AnswerWord.REJECT}
    accepted = draft.answer is HeaderWord.ACCEPT and AnswerWord.REJECT in words
    if not (rejected or accepted):
        return
    start = next(s for s in draft.message.segments if s.tag in {"BAK", "BCA"})
    said = draft.fields.get("answer_code")
    lines = ", ".join(sorted(word for word in words if word))
    text = f"the header says {said} ({draft.answer}), its lines say {lines}: the lines count"
    draft.find(Fault.ANSWER_CONTRADICTION, text, start, 2, severity=Severity.WARNING)
