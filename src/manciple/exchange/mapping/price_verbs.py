"""Verbs of prices: an amount, and the quantity that it is for."""

from decimal import Decimal

from manciple.exchange.mapping.document import StatedPrice, StatedQuantity
from manciple.exchange.mapping.draft import Act, Draft, Row
from manciple.formats.x12.findings import Fault, Severity
from manciple.formats.x12.tokens import Segment

_ONE = Decimal(1)


def price(row: Row) -> Act:
    """Take the line's price and what it is for."""
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


def _one_of(quantity: StatedQuantity) -> StatedQuantity:
    return StatedQuantity(value=_ONE, unit=quantity.unit, canonical=quantity.canonical)


def _basis(
    draft: Draft, segment: Segment, at: int, quantity: StatedQuantity | None
) -> StatedQuantity | None:
    """What a price is for: PE one each, HP a hundred, TP a thousand; unknown stays unknown."""
    code = segment.at(at)
    line_unit = quantity.unit if quantity else None
    if not code:
        return _one_of(quantity) if quantity else None
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


def answer_price(row: Row) -> Act:
    """Take the price that an answer states."""
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
