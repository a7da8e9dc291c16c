"""Verbs: what a row of a map can do with a segment.

A row such as ``{do: quantity, value: 2, unit: 3}`` is compiled once to a closure that takes the
draft and the segment; reading a message is then only calling them in order.
"""

from collections.abc import Callable

from manciple.exchange.mapping import head_verbs, line_verbs, price_verbs
from manciple.exchange.mapping.draft import Act, Row

_VERBS: dict[str, Callable[[Row], Act]] = {
    "set": head_verbs.set_field,
    "date": head_verbs.date,
    "dated": head_verbs.dated,
    "order": head_verbs.order,
    "reference": head_verbs.reference,
    "party": head_verbs.party,
    "street": head_verbs.street,
    "place": head_verbs.place,
    "carrier": head_verbs.carrier,
    "line_id": line_verbs.line_id,
    "quantity": line_verbs.quantity,
    "ordered": line_verbs.ordered,
    "ship_status": line_verbs.ship_status,
    "price": price_verbs.price,
    "answer_price": price_verbs.answer_price,
    "description": line_verbs.description,
    "items": line_verbs.items,
    "schedule": line_verbs.schedule,
    "split": line_verbs.split,
    "answer": line_verbs.answer,
    "header_answer": head_verbs.header_answer,
    "charge": head_verbs.charge,
    "tax": head_verbs.tax,
    "amount": head_verbs.amount,
    "total": head_verbs.total,
    "counted": head_verbs.counted,
    "pack": line_verbs.pack,
    "names": head_verbs.names,
    "item": line_verbs.item,
    "line_unit": line_verbs.line_unit,
    "count": line_verbs.count,
}


def compile_row(row: Row) -> Act:
    """Turn one row of a map into the function that does it."""
    return _VERBS[row["do"]](row)


def verbs() -> tuple[str, ...]:
    """The words that may stand after ``do``."""
    return tuple(_VERBS)
