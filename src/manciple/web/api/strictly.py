"""Records as strict as requests: decimals in plain digits, instants with a zone.

    {"on_hand": {"value": 1.5, "unit": "EA"}}        a number with a point is not exact
    {"on_hand": {"value": "1_000", "unit": "EA"}}    Python reads it, nobody else writes it
    {"as_of": "2026-03-20T10:00:00"}                 of which place?

A record's type says what stands where; what it doesn't fit in is for whoever reads the record.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import inspect

from manciple.kernel.errors import Reason
from manciple.kernel.words import LONGEST_TEXT

_PLAIN: Final = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?\Z", re.ASCII)
_ZONED: Final = re.compile(r".*(Z|[+-][0-9]{2}:?[0-9]{2})\Z", re.ASCII | re.DOTALL)


def faults_of(value: object, kind: type[Any]) -> tuple[Reason, ...]:
    """Find what is looser than a request may be in the plain values of a record."""
    return tuple(_faults(value, _type_of(kind), ""))


def _type_of(kind: Any) -> inspect.Type:
    if kind not in _TYPES:
        _TYPES[kind] = inspect.type_info(kind)
    return _TYPES[kind]


_TYPES: Final[dict[Any, inspect.Type]] = {}
_Record = inspect.StructType | inspect.DataclassType


def _faults(value: object, kind: inspect.Type, place: str) -> Iterator[Reason]:
    if isinstance(kind, inspect.UnionType):
        for each in kind.types:
            if _may_be(value, each):
                yield from _faults(value, each, place)
    elif isinstance(kind, _Record) and isinstance(value, dict):
        for field in kind.fields:
            if field.encode_name in value:
                inner = f"{place}.{field.encode_name}".lstrip(".")
                yield from _faults(value[field.encode_name], field.type, inner)
    elif isinstance(kind, inspect.CollectionType) and isinstance(value, list):
        for n, each in enumerate(value):
            yield from _faults(each, kind.item_type, f"{place}.{n}")
    else:
        yield from _leaf(value, kind, place)


def _leaf(value: object, kind: inspect.Type, place: str) -> Iterator[Reason]:
    if isinstance(kind, inspect.DecimalType):
        yield from _decimal(value, place)
    elif not isinstance(value, str):
        return
    elif isinstance(kind, inspect.DateTimeType) and not _ZONED.match(value):
        yield _fault(place, f"{value[:40]!r} has no zone", "end it in Z or in +hh:mm")
    elif len(value) > LONGEST_TEXT:
        message = f"it has {len(value)} characters, {LONGEST_TEXT} are the most"
        yield _fault(place, message, "shorten it")


def _may_be(value: object, kind: inspect.Type) -> bool:
    if isinstance(value, dict):
        return isinstance(kind, _Record)
    if isinstance(value, list):
        return isinstance(kind, inspect.CollectionType)
    return isinstance(kind, inspect.DecimalType | inspect.DateTimeType | inspect.StrType)


def _decimal(value: object, place: str) -> Iterator[Reason]:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if is_whole or (isinstance(value, str) and _PLAIN.match(value)):
        return
    fix = 'write it as a text of digits: "12.50"; at most 15 before the point and 9 behind it'
    yield _fault(place, f"{str(value)[:40]!r} is no decimal number", fix)


def _fault(place: str, message: str, fix: str) -> Reason:
    return Reason(
        code="BAD_VALUE",
        message=f"{place}: {message}",
        field=place,
        rule="exact values",
        fix=fix,
    )
