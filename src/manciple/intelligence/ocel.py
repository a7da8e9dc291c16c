"""The history as an object-centric event log (OCEL 2.0): which event touched which objects.

    OrderPlaced -> event 17, of type OrderPlaced
                   concerns purchase-order/PO-1 (subject), requisition/REQ-1 (requisition),
                   supplier/BLUE (supplier), site/ATL (site), order-line/PO-1/1 (line) ...

An event's plain fields are its attributes; fields that name another document are relations,
qualified by the field's own word. What the events of a document's own stream say of it are its
attributes over time. An order's line is an object of its own, part of its order.

Source: OCEL (Object-Centric Event Log) 2.0 Specification, Berti et al., 2023, sections 4 to 6.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from manciple.kernel.records import dataclass
from manciple.runtime.history import Recorded

PRIVATE = frozenset(
    {
        "person",
        "account",
        "api-key",
        "session",
        "authority",
        "delegation",
        "delegations",
        "interests",
        "approver-index",
    }
)
"""Kinds of documents about people: their events are not exported."""
REFERENCES: Mapping[str, str] = {
    "order": "purchase-order",
    "orders": "purchase-order",
    "requisition": "requisition",
    "requisitions": "requisition",
    "approval": "approval",
    "acknowledgment": "acknowledgment",
    "ship_notice": "ship-notice",
    "receipt": "receipt",
    "invoice": "invoice",
    "case": "case",
    "interchange": "interchange",
    "supplier": "supplier",
    "partner": "supplier",
    "site": "site",
    "item": "item",
    "change": "order-change",
}
"""By the name of a field, the kind of object that its words name."""
LINE = "order-line"
_SKIPPED = frozenset({"thread", "statement", "statement_name"})
_LINES = ("lines", "cancelled", "promises")


class Kind(StrEnum):
    """The types of attribute values. Source: OCEL 2.0 Specification, section 4, Definition 1."""

    STRING = "string"
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value under a name, written as text; a decimal keeps all its digits."""

    name: str
    kind: Kind
    value: str


@dataclass(frozen=True, slots=True)
class Relation:
    """An object that an event, or another object, is related to, and as what."""

    id: str
    qualifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OcelEvent:
    """One event of the log.

    Attributes:
        id: its place in the sealed sequence.
        about: the object in whose stream it is.
        is_first: it made that object: what it relates to, the object is related to as well.
        parts: objects that are part of another, as (part, whole).
    """

    id: str
    type: str
    time: str
    about: str
    is_first: bool
    attributes: tuple[Attribute, ...]
    relations: tuple[Relation, ...]
    parts: tuple[tuple[str, str], ...] = ()


def type_of(identity: str) -> str:
    """Give the type of an object from its id, ``purchase-order/PO-1``."""
    return identity.partition("/")[0]


def is_exported(stream: str) -> bool:
    """Say whether a stream's events belong in the log: those about people do not."""
    return type_of(stream) not in PRIVATE


def event_of(sequence: int, recorded: Recorded) -> OcelEvent:
    """Give a recorded event as an event of the log."""
    data: Mapping[str, Any] = recorded.data
    relations = dict.fromkeys(_relations(recorded, data))
    return OcelEvent(
        id=str(sequence),
        type=recorded.type,
        time=recorded.at.isoformat().replace("+00:00", "Z"),
        about=recorded.stream,
        is_first=recorded.version == 1,
        attributes=(
            Attribute("actor", Kind.STRING, recorded.actor),
            Attribute("door", Kind.STRING, recorded.door),
            *_attributes(data),
        ),
        relations=tuple(each for each in relations if is_exported(each.id)),
        parts=tuple(dict.fromkeys(_parts(data))),
    )


def _relations(recorded: Recorded, data: Mapping[str, Any]) -> Iterator[Relation]:
    yield Relation(recorded.stream, "subject")
    named = {recorded.stream}
    for name, kind in REFERENCES.items():
        for word in _words(data.get(name)):
            identity = f"{kind}/{word}"
            if identity not in named:
                named.add(identity)
                yield Relation(identity, name)
    subject = data.get("subject")
    if isinstance(subject, Mapping):
        named.add(f"{subject['kind']}/{subject['id']}")
        yield Relation(f"{subject['kind']}/{subject['id']}", "about")
    for line, _ in _parts(data):
        yield Relation(line, "line")
    for row in _rows(data, "lines"):
        if isinstance(row.get("item"), str):
            yield Relation(f"item/{row['item']}", "item")
    thread = data.get("thread")
    for other in (*recorded.touches, *_words(thread)):
        if other not in named and "/" in other:
            named.add(other)
            yield Relation(other, "concerns")


def _parts(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the order lines that an event names, each with its order.

    An invoice's own lines are no order lines: they say so by a ``place``.
    """
    order = data.get("order")
    if not isinstance(order, str) or "invoice" in data:
        return
    whole = f"purchase-order/{order}"
    for name in _LINES:
        for row in _rows(data, name):
            if isinstance(row.get("line"), str):
                yield f"{LINE}/{order}/{row['line']}", whole
        for word in _words(data.get(name)):
            yield f"{LINE}/{order}/{word}", whole
    if isinstance(data.get("line"), str):
        yield f"{LINE}/{order}/{data['line']}", whole


def _attributes(data: Mapping[str, Any]) -> Iterator[Attribute]:
    for name, value in data.items():
        if name in _SKIPPED or name in REFERENCES:
            continue
        yield from _valued(name, value)


def _valued(name: str, value: object) -> Iterator[Attribute]:
    """Write a plain value, an amount or a quantity; what has more parts is no attribute."""
    match value:
        case bool():
            yield Attribute(name, Kind.BOOLEAN, "true" if value else "false")
        case int():
            yield Attribute(name, Kind.INTEGER, str(value))
        case str():
            yield Attribute(name, Kind.STRING, value)
        case {"amount": str(number), "currency": str(unit)} | {
            "value": str(number),
            "unit": str(unit),
        }:
            yield Attribute(name, Kind.FLOAT, f"{Decimal(number):f}")
            yield Attribute(f"{name}_unit", Kind.STRING, unit)
        case _:
            return


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list | tuple):
        return tuple(each for each in value if isinstance(each, str))
    return ()


def _rows(data: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], ...]:
    value = data.get(name)
    if not isinstance(value, list | tuple):
        return ()
    return tuple(row for row in value if isinstance(row, Mapping))
