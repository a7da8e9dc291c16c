"""What a supplier says on its page: the same acts as an 855 and an 856, from what was typed.

    accept                           1: 9 CA on 12 March
    change  5 CA on 12 March, 4 CA on 20 March     a split; each part with its day
            5 CA on 12 March, the rest later       confirmed and backordered
            at 31.00, or another item instead      a proposal, judged by the same tolerances
    reject  because                  with the reason

A line is answered once for each revision. Who has changed their mind speaks to the buyer: an
answer may have moved trucks and money by then.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from manciple.kernel.days import FURTHEST
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.money import Money, MoneyError
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.unit_words import word
from manciple.kernel.units import Unit
from manciple.ordering.purchase_order import MOST, OrderLine, PurchaseOrder
from manciple.supplying.acknowledgment import (
    AnsweredLine,
    AnswerStatus,
    Header,
    LineAnswer,
    LineNote,
    RecordAcknowledgment,
)
from manciple.supplying.ship_notice import RecordShipNotice, ShippedLine

MOST_PARTS = 3
"""Into how many deliveries a line can be split on the page."""
LONGEST_NOTE = 1000
_LONGEST = 80
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?\Z")


class Said(StrEnum):
    """What is chosen for a line; a line for which nothing is chosen waits on."""

    NOTHING = ""
    ACCEPT = "accept"
    CHANGE = "change"
    REJECT = "reject"


class Rest(StrEnum):
    """What becomes of what a changed line does not promise."""

    UNSAID = ""
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedLine:
    """One line as it was typed.

    Attributes:
        parts: quantity and day of each delivery, as text.
        price: for as much as the order's price is for; empty for the order's own.
        substitute: the item that comes instead; empty for none.
        note: the reason, in the supplier's words.
    """

    line: str
    said: Said = Said.NOTHING
    parts: tuple[tuple[str, str], ...] = ()
    rest: Rest = Rest.UNSAID
    price: str = ""
    substitute: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedShipment:
    """A ship notice as it was typed; ``lines``: quantity and unit by line number, as text."""

    shipment: str
    shipped: str = ""
    expected: str = ""
    carrier: str = ""
    lines: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def answer(
    order: PurchaseOrder,
    typed: Sequence[TypedLine],
    *,
    revision: int,
    source: str,
    at: datetime,
) -> RecordAcknowledgment:
    """Make the act of what was typed.

    Raises:
        Refused: with every fault, each at its field: nothing chosen, a line that is not there or
            is answered, a number or day that is none, a rest of which nothing is said, a
            rejection or change without a reason where one is wanted.
    """
    faults: list[Reason] = []
    lines: list[AnsweredLine] = []
    notes: list[LineNote] = []
    for each in typed:
        if each.said is Said.NOTHING:
            continue
        try:
            lines.append(_line(order, each, at.date()))
        except Refused as refused:
            faults.extend(refused.reasons)
        if each.note.strip():
            notes.append(LineNote(line=each.line, text=each.note.strip()))
    if faults:
        raise Refused(*faults)
    if not lines:
        raise refuse("NOTHING_SAID", "no line was answered", field="lines",
                     fix="choose an answer for one line at least")  # fmt: skip
    return RecordAcknowledgment(
        order=order.id,
        supplier=order.supplier,
        number=None,
        revision=revision,
        header=Header.NONE,
        lines=tuple(lines),
        issued=at.date(),
        source=source,
        place="page",
        sent_at=at,
        notes=tuple(notes),
        once=True,
    )


def accept_all(order: PurchaseOrder) -> tuple[TypedLine, ...]:
    """Accept every line that waits for an answer."""
    return tuple(
        TypedLine(line=line.number, said=Said.ACCEPT)
        for line in order.lines
        if not line.is_answered
    )


def _line(order: PurchaseOrder, typed: TypedLine, today: date) -> AnsweredLine:
    line = order.line(typed.line)
    where = f"line-{typed.line}"
    if line is None:
        raise refuse("NO_SUCH_LINE", f"the order has no line {typed.line}", field=where)
    if len(typed.note) > LONGEST_NOTE:
        raise refuse("TOO_LONG", f"line {line.number}: the reason is longer than {LONGEST_NOTE} "
                     "characters", field=f"{where}-note", fix="shorten it")  # fmt: skip
    match typed.said:
        case Said.REJECT:
            if not typed.note.strip():
                raise refuse(
                    "REASON_WANTED", f"line {line.number}: say why it is rejected",
                    field=f"{where}-note", fix="a word is enough: discontinued, say",
                )  # fmt: skip
            said: tuple[LineAnswer, ...] = (LineAnswer(status=AnswerStatus.REJECT),)
        case Said.CHANGE:
            said = _changed(line, typed, where, today)
        case _:
            terms = line.terms
            said = (
                LineAnswer(
                    status=AnswerStatus.ACCEPT, quantity=terms.stated, promised=terms.needed_by
                ),
            )
    return AnsweredLine(line=line.number, answers=said, ordered=line.terms.stated)


def _changed(line: OrderLine, typed: TypedLine, where: str, today: date) -> tuple[LineAnswer, ...]:
    unit = line.terms.stated.unit
    price = _price(line, typed.price, f"{where}-price")
    substitute = _word(typed.substitute, f"{where}-substitute")
    parts = [
        (
            _quantity(quantity, unit, f"{where}-quantity-{n}") if quantity.strip() else None,
            _day(day, today, f"{where}-day-{n}") if day.strip() else None,
        )
        for n, (quantity, day) in enumerate(typed.parts, start=1)
        if quantity.strip() or day.strip()
    ]
    if not parts:
        parts = [(line.terms.stated, None)]
    if len(parts) > 1 and any(quantity is None for quantity, _ in parts):
        raise refuse(
            "QUANTITY_WANTED",
            f"line {line.number}: each delivery needs its quantity",
            field=f"{where}-quantity-1",
            fix="type how much comes on each day",
        )
    first, day = parts[0]
    parts[0] = (first if first is not None else line.terms.stated, day)
    stated = tuple((quantity, when) for quantity, when in parts if quantity is not None)
    status = AnswerStatus.SUBSTITUTE if substitute else AnswerStatus.CHANGE_MIXED
    said = tuple(
        LineAnswer(
            status=status,
            quantity=quantity,
            price=price,
            promised=when or line.terms.needed_by,
            substitute=substitute,
        )
        for quantity, when in stated
        if quantity
    )
    left = line.terms.stated.value - sum((quantity.value for quantity, _ in stated), Decimal(0))
    if left <= 0:
        return said
    if typed.rest is Rest.UNSAID:
        raise refuse(
            "REST_WANTED",
            f"line {line.number}: {left.normalize():f} of {line.terms.stated.value.normalize():f} "
            f"{word(unit)} are left: say what becomes of them",
            field=f"{where}-rest",
            fix="they come later, or they will not come",
        )
    rest = AnswerStatus.BACKORDER_FULL if typed.rest is Rest.LATER else AnswerStatus.REJECT
    return (*said, LineAnswer(status=rest, quantity=Quantity(left, unit)))


def shipment(order: PurchaseOrder, typed: TypedShipment, *, source: str) -> RecordShipNotice:
    """Make a ship notice of what was typed; a line with no quantity is left out.

    Raises:
        Refused: with every fault, each at its field.
    """
    faults: list[Reason] = []
    lines = tuple(_shipped(order, typed.lines, faults))
    shipped = _maybe_day(typed.shipped, "shipped", faults)
    expected = _maybe_day(typed.expected, "expected", faults)
    name = typed.shipment.strip()
    if not name or len(name) > _LONGEST or not name.isprintable() or "/" in name:
        text = f"the number of your delivery note is wanted: 1 to {_LONGEST} characters, no /"
        faults.append(_fault("BAD_SHIPMENT", text, "shipment", "type what stands on it"))
    if shipped and expected and expected < shipped:
        text = "it can't arrive before it leaves"
        faults.append(_fault("BAD_DAY", text, "expected", "correct one of the two days"))
    if not lines and not faults:
        text = "no line ships anything"
        faults.append(_fault("NOTHING_SAID", text, "lines", "type how much is on its way"))
    if faults:
        raise Refused(*faults)
    return RecordShipNotice(
        order=order.id,
        supplier=order.supplier,
        shipment=name,
        shipped=shipped,
        expected=expected,
        carrier=_word(typed.carrier, "carrier"),
        lines=lines,
        source=source,
        place="page",
    )


def _shipped(
    order: PurchaseOrder, typed: Mapping[str, tuple[str, str]], faults: list[Reason]
) -> Iterable[ShippedLine]:
    for number, (quantity, unit) in typed.items():
        if not quantity.strip():
            continue
        where = f"ship-{number}"
        try:
            line = order.line(number)
            if line is None:
                raise refuse("NO_SUCH_LINE", f"the order has no line {number}", field=where)
            shipped = _quantity(quantity, _unit(unit, line, where), where)
        except Refused as refused:
            faults.extend(refused.reasons)
        else:
            if shipped.value > 0:
                yield ShippedLine(line=number, quantity=shipped)


def _maybe_day(text: str, where: str, faults: list[Reason]) -> date | None:
    try:
        return _plain_day(text, where) if text.strip() else None
    except Refused as refused:
        faults.extend(refused.reasons)
        return None


def _fault(code: str, message: str, place: str, fix: str) -> Reason:
    return Reason(code=code, message=message, field=place, fix=fix)


def _unit(text: str, line: OrderLine, where: str) -> Unit:
    try:
        unit = Unit(text)
    except ValueError as problem:
        raise refuse("UOM_UNKNOWN", f"{text!r} is no unit", field=where) from problem
    line.to_base(Quantity(Decimal(1), unit))
    return unit


def _number(text: str, where: str) -> Decimal:
    plain = text.strip().replace("\N{NO-BREAK SPACE}", "")
    if not _NUMBER.match(plain) or (value := Decimal(plain)) > MOST:
        raise refuse(
            "BAD_NUMBER",
            f"{text.strip()[:40]!r} is no number that can be meant",
            field=where,
            fix="type digits, with a point before at most six decimals: 12 or 12.5",
        )
    return value


def _quantity(text: str, unit: Unit, where: str) -> Quantity:
    return Quantity(_number(text, where), unit)


def _price(line: OrderLine, text: str, where: str) -> Price | None:
    if not text.strip():
        return None
    amount = _number(text, where)
    agreed = line.terms.price
    try:
        named = Price(Money(amount, agreed.money.currency), agreed.per)
    except MoneyError as problem:
        raise refuse("BAD_NUMBER", str(problem), field=where) from problem
    return None if named == agreed else named


def _plain_day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as problem:
        raise refuse("BAD_DAY", f"{text.strip()[:40]!r} is no day", field=where,
                     fix="type year, month, day: 2026-03-12") from problem  # fmt: skip


def _day(text: str, today: date, where: str) -> date:
    day = _plain_day(text, where)
    if not today <= day <= today + FURTHEST:
        raise refuse("BAD_DAY", f"{day.isoformat()} can't be promised: it is over, or years ahead",
                     field=where, fix="type a day from today on")  # fmt: skip
    return day


def _word(text: str, where: str) -> str | None:
    word = " ".join(text.split())
    if len(word) > _LONGEST or not word.isprintable():
        raise refuse("TOO_LONG", f"at most {_LONGEST} characters are wanted", field=where)
    return word or None
