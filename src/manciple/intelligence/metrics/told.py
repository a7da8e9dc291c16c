"""One event of the sealed history as the rules of metrics read it."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from manciple.kernel.records import dataclass
from manciple.runtime.history import Recorded
from manciple.runtime.rows import micros

_MILLION = 10**6
_FOLLOWED = re.compile(r">\d+:\w+\Z")
MACHINE_DOORS = frozenset({"process", "effect", "timer", "erp", "wms", "edi", "app", "install"})
"""Doors through which no person comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event with its place in the one sequence.

    Attributes:
        sequence: from 1, without gaps.
        at: in microseconds since 1970.
        key: of the command, or of the act that followed from it.
        kind: of the document whose stream it is in, ``purchase-order``.
    """

    sequence: int
    type: str
    stream: str
    at: int
    key: str
    actor: str
    door: str
    data: Mapping[str, Any]

    @classmethod
    def of(cls, sequence: int, recorded: Recorded) -> "Told":
        """Read a recorded event."""
        return cls(
            sequence=sequence,
            type=recorded.type,
            stream=recorded.stream,
            at=micros(recorded.at),
            key=recorded.key,
            actor=recorded.actor,
            door=recorded.door,
            data=recorded.data,
        )

    @property
    def kind(self) -> str:
        """Give the kind of the document that it happened to."""
        return self.stream.partition("/")[0]

    @property
    def root(self) -> str:
        """Give the key of the command that it all came from."""
        return _FOLLOWED.sub("", self.key)

    def text(self, name: str) -> str:
        """Give a word; empty where none is stated."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""

    def rows(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """Give the records under a name; nothing where there are none."""
        found = self.data.get(name) or ()
        return tuple(row for row in found if isinstance(row, Mapping))

    def words(self, name: str) -> tuple[str, ...]:
        """Give the words under a name: line numbers, say."""
        found: Iterable[object] = self.data.get(name) or ()
        return tuple(each for each in found if isinstance(each, str))

    def subject(self) -> str:
        """Give the document that it is about, as ``kind/id``; empty where none is named."""
        value = self.data.get("subject")
        return f"{value['kind']}/{value['id']}" if isinstance(value, Mapping) else ""


def instant(value: object) -> int | None:
    """Read a stored time as microseconds since 1970."""
    return micros(datetime.fromisoformat(value)) if isinstance(value, str) else None


def millionths(value: object) -> int | None:
    """Read a stored quantity or amount as whole millionths, exactly."""
    if not isinstance(value, Mapping):
        return None
    number = value.get("value", value.get("amount"))
    return int(Decimal(number) * _MILLION) if isinstance(number, str) else None


def unit_of(value: object) -> str:
    """Read the unit or currency of a stored quantity or amount."""
    if not isinstance(value, Mapping):
        return ""
    return str(value.get("unit", value.get("currency", "")))
