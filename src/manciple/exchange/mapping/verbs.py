"""Verbs: what a row of a map can do with a segment.

A row such as ``{do: quantity, value: 2, unit: 3}`` is compiled once to a closure that takes the
draft and the segment; reading a message is then only calling them in order.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from manciple.exchange.mapping.document import (
    AnswerWord,
    HeaderWord,
    Schedule,
    StatedAmount,
    StatedAnswer,
    StatedCharge,
    StatedDate,
    StatedItem,
    StatedParty,
    StatedPrice,
    StatedQuantity,
    StatedReference,
)
from manciple.exchange.mapping.draft import Draft
from manciple.formats.x12.findings import Fault, Severity
from manciple.formats.x12.tokens import Segment

Act = Callable[[Draft, Segment], None]
Row = Mapping[str, Any]

_QUALIFIER_LENGTH = 2
_PAIRS = 2


def compile_row(row: Row) -> Act:
    """Turn one row of a map into the function that does it."""
    return _VERBS[row["do"]](row)


def verbs() -> tuple[str, ...]:
    """The words that may stand after ``do``."""
    return tuple(_VERBS)


def _set(row: Row) -> Act:
    name, at, required = row["field"], row["at"], row.get("required", False)

    def act(draft: Draft, segment: Segment) -> None:
        text = segment.at(at)
        if text:
            draft.fields.setdefault(name, text)
        elif required:
            _missing(draft, segment, at)

    return act


def _missing(draft: Draft, segment: Segment, at: int) -> None:
    draft.find(Fault.MANDATORY, f"{segment.tag}{at:02} is empty", segment, at)


def _date(row: Row) -> Act:
    kind, at = row["kind"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        day = draft.day(segment, at)
        if day is not None:
            draft.entry.dates.append(StatedDate(kind=kind, day=day))

    return act


def _dated(row: Row) -> Act:
    qualifier, at = row["qualifier"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        day = draft.day(segment, at)
        if day is None:
            return
        stated = StatedDate(kind=draft.word("dates", segment.at(qualifier)), day=day)
        if stated not in draft.entry.dates:
            draft.entry.dates.append(stated)

    return act


def _order(row: Row) -> Act:
    at, required = row["at"], row.get("required", False)

    def act(draft: Draft, segment: Segment) -> None:
        text = segment.at(at)
        if text:
            _name_order(draft, text)
        elif required:
            _missing(draft, segment, at)

    return act


def _name_order(draft: Draft, number: str) -> None:
    """An order number belongs to the line or level that names it, else to the document."""
    if draft.line is not None:
        draft.line.order = draft.line.order or number
    elif draft.level is not None:
        draft.level.order = draft.level.order or number
    if number not in draft.orders:
        draft.orders.append(number)


def _reference(row: Row) -> Act:
    qualifier, at, other = row["qualifier"], row["at"], row.get("else")
    orders = frozenset(row.get("order", ()))

    def act(draft: Draft, segment: Segment) -> None:
        value = segment.at(at) or (segment.at(other) if other else "")
        code = segment.at(qualifier)
        if not value:
            return
        kind = draft.word("references", code)
        draft.entry.references.append(StatedReference(kind=kind, value=value))
        if code in orders:
            _name_order(draft, value)

    return act


def _party(row: Row) -> Act:
    role, name, scheme, at = row["role"], row["name"], row["scheme"], row["id"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.entry.parties.append(
            StatedParty(
                role=draft.word("parties", segment.at(role)),
                id=segment.at(at) or None,
                scheme=draft.word("party_schemes", segment.at(scheme)) or None,
                name=segment.at(name) or None,
            )
        )

    return act


def _street(row: Row) -> Act:
    first = row["first"]

    def act(draft: Draft, segment: Segment) -> None:
        parties = draft.entry.parties
        if parties:
            streets = filter(None, (segment.at(first), segment.at(first + 1)))
            parties[-1] = replace(parties[-1], street=(*parties[-1].street, *streets))

    return act


def _place(row: Row) -> Act:
    city, region, code, country = (
        row[name] for name in ("city", "region", "postal_code", "country")
    )

    def act(draft: Draft, segment: Segment) -> None:
        parties = draft.entry.parties
        if parties:
            parties[-1] = replace(
                parties[-1],
                city=segment.at(city) or None,
                region=segment.at(region) or None,
                postal_code=segment.at(code) or None,
                country=segment.at(country) or None,
            )

    return act


def _carrier(row: Row) -> Act:
    scac, name = row["scac"], row["name"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.carrier = draft.carrier or segment.at(scac) or segment.at(name) or None

    return act


def _line_id(row: Row) -> Act:
    at, missing = row["at"], row.get("when") == "missing"

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        if line is not None and not (missing and line.line):
            line.line = segment.at(at) or line.line

    return act


def _quantity(row: Row) -> Act:
    value, unit = row["value"], row["unit"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None:
            draft.line.quantity = draft.quantity(segment, value, unit) or draft.line.quantity

    return act


def _ordered(row: Row) -> Act:
    value, unit = row["value"], row["unit"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None:
            draft.line.ordered = draft.quantity(segment, value, unit)

    return act


def _ship_status(row: Row) -> Act:
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        code = segment.at(at)
        if code and draft.line is not None:
            draft.line.status = _answer_word(draft, segment, at)

    return act


def _price(row: Row) -> Act:
    amount, basis, missing = row["amount"], row.get("basis"), row.get("when") == "missing"
    per_value, per_unit = row.get("per_value"), row.get("per_unit")

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        if line is None or (missing and line.price is not None):
            return
        number = draft.number(segment, amount)
        if number is None:
            return
        per = (
            _per(draft, segment, per_value, per_unit, line.quantity)
            if basis is None
            else _basis(draft, segment, basis, line.quantity)
        )
        line.price = StatedPrice(amount=number, per=per)

    return act


def _per(
    draft: Draft,
    segment: Segment,
    value: int | None,
    unit: int | None,
    quantity: StatedQuantity | None,
) -> StatedQuantity:
    """The quantity that CTP04 and CTP05 name; without one, one of the line's unit."""
    stated = draft.quantity(segment, value, unit) if value else None
    if stated is not None and stated.unit and stated.value > 0:
        return stated
    return StatedQuantity(
        value=stated.value if stated is not None and stated.value > 0 else Decimal(1),
        unit=quantity.unit if quantity else None,
        canonical=quantity.canonical if quantity else None,
    )


def _basis(
    draft: Draft, segment: Segment, at: int, quantity: StatedQuantity | None
) -> StatedQuantity | None:
    """What a price is for: PE one each, HP a hundred, TP a thousand; unknown stays unknown."""
    code = segment.at(at)
    line_unit = quantity.unit if quantity else None
    if not code:
        return replace(quantity, value=Decimal(1)) if quantity else None
    basis = draft.codes.lists["price_bases"].get(code)
    if basis is None:
        hint = ", it is an item qualifier: elements may be out of place"
        hint = hint if code in draft.codes.lists["items"] else ""
        text = f"{segment.tag}{at:02} {code!r} is no price basis that we know{hint}"
        draft.find(Fault.PRICE_BASIS, text, segment, at, severity=Severity.WARNING)
        return None
    value, unit = Decimal(str(basis["value"])), basis.get("unit")
    if unit is None or unit == line_unit:
        canonical = quantity.canonical if quantity else None
        return StatedQuantity(value=value, unit=line_unit, canonical=canonical)
    if line_unit is not None:
        text = f"the price is per {value} {unit} ({code}), the quantity is in {line_unit}"
        draft.find(Fault.PRICE_BASIS, text, segment, at, severity=Severity.WARNING)
    return StatedQuantity(value=value, unit=unit, canonical=draft.codes.unit(unit))


def _answer_price(row: Row) -> Act:
    amount, per_value, per_unit = row["amount"], row["per_value"], row["per_unit"]

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        number = draft.number(segment, amount) if line is not None else None
        if line is None or number is None:
            return
        per = _per(draft, segment, per_value, per_unit, line.quantity)
        line.answer_price = StatedPrice(amount=number, per=per)
        line.price = line.price or line.answer_price

    return act


def _description(row: Row) -> Act:
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        if draft.line is not None:
            draft.line.description = draft.line.description or segment.at(at) or None

    return act


def _items(row: Row) -> Act:
    first = row["first"]

    def act(draft: Draft, segment: Segment) -> None:
        line = draft.line
        if line is not None:
            found = _pairs(draft, segment, first)
            line.items += found
            for item in found:
                if item.scheme == "order":
                    line.item_order = item.id

    return act


def _pairs(draft: Draft, segment: Segment, first: int) -> list[StatedItem]:
    """Qualifier and number, in any order of qualifiers, up to the end of the segment."""
    found: list[StatedItem] = []
    names = draft.codes.lists["items"]
    elements = segment.elements
    for at in range(first, len(elements) - 1, _PAIRS):
        code, number = elements[at].strip(), elements[at + 1].strip()
        if not code or not number:
            continue
        scheme = names.get(code)
        if scheme is None and len(code) != _QUALIFIER_LENGTH:
            text = f"{segment.tag}{at:02} {code[:40]!r} is no item qualifier"
            draft.find(Fault.CODE, text, segment, at, severity=Severity.WARNING)
            continue
        found.append(StatedItem(scheme=scheme or code, id=number))
    return found


def _schedule(row: Row) -> Act:
    value, unit, qualifier, at = row["value"], row["unit"], row["qualifier"], row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        quantity = draft.quantity(segment, value, unit) if draft.line is not None else None
        if draft.line is None or quantity is None:
            return
        kind = draft.word("dates", segment.at(qualifier)) or None
        day = draft.day(segment, at)
        draft.line.schedule.append(Schedule(quantity=quantity, kind=kind, day=day))

    return act


def _split(row: Row) -> Act:
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


def _answer(row: Row) -> Act:
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


def _header_answer(row: Row) -> Act:
    at = row["at"]

    def act(draft: Draft, segment: Segment) -> None:
        code = segment.at(at)
        draft.fields["answer_code"] = code
        word = draft.codes.lists["header_answers"].get(code)
        if word is None:
            text = f"{segment.tag}{at:02} {code!r} is no answer that we know"
            draft.find(Fault.CODE, text, segment, at, severity=Severity.WARNING)
        draft.answer = HeaderWord.UNKNOWN if word is None else HeaderWord(word)

    return act


def _charge(row: Row) -> Act:
    indicator, code, amount = row["indicator"], row["code"], row["amount"]
    rate, text = row["rate"], row["text"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.entry.charges.append(
            StatedCharge(
                kind=draft.word("charge_kinds", segment.at(indicator)),
                code=segment.at(code) or None,
                amount=draft.implied(segment, amount, 2),
                rate=draft.number(segment, rate),
                text=segment.at(text) or None,
            )
        )

    return act


def _tax(row: Row) -> Act:
    code, amount, rate = row["code"], row["amount"], row["rate"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.entry.charges.append(
            StatedCharge(
                kind="tax",
                code=segment.at(code) or None,
                amount=draft.number(segment, amount),
                rate=draft.number(segment, rate),
            )
        )

    return act


def _amount(row: Row) -> Act:
    qualifier, at, totals = row["qualifier"], row["at"], frozenset(row.get("total", ()))

    def act(draft: Draft, segment: Segment) -> None:
        number = draft.number(segment, at)
        if number is None:
            return
        code = segment.at(qualifier)
        draft.amounts.append(StatedAmount(kind=draft.word("amounts", code), amount=number))
        if code in totals and draft.amount is None:
            draft.amount = number

    return act


def _total(row: Row) -> Act:
    at, decimals, kind = row["at"], row["decimals"], row.get("kind")

    def act(draft: Draft, segment: Segment) -> None:
        number = draft.implied(segment, at, decimals)
        if number is None:
            return
        if kind:
            draft.amounts.append(StatedAmount(kind=kind, amount=number))
        else:
            draft.amount = number

    return act


def _counted(row: Row) -> Act:
    lines, total = row["lines"], row["hash"]

    def act(draft: Draft, segment: Segment) -> None:
        draft.counted_lines = draft.number(segment, lines)
        draft.counted_hash = draft.number(segment, total)

    return act


def _pack(row: Row) -> Act:
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


_VERBS: dict[str, Callable[[Row], Act]] = {
    "set": _set,
    "date": _date,
    "dated": _dated,
    "order": _order,
    "reference": _reference,
    "party": _party,
    "street": _street,
    "place": _place,
    "carrier": _carrier,
    "line_id": _line_id,
    "quantity": _quantity,
    "ordered": _ordered,
    "ship_status": _ship_status,
    "price": _price,
    "answer_price": _answer_price,
    "description": _description,
    "items": _items,
    "schedule": _schedule,
    "split": _split,
    "answer": _answer,
    "header_answer": _header_answer,
    "charge": _charge,
    "tax": _tax,
    "amount": _amount,
    "total": _total,
    "counted": _counted,
    "pack": _pack,
}
