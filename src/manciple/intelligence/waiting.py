"""Where orders wait: every open line, its place, whose turn it is, and since when.

    approval -> ordering -> ERP -> sending -> supplier's answer -> shipment -> receipt -> invoice
                             |                                                              |
                             +-> refused by the ERP                             match, hold owner

A line waits at one place at a time. Since when is told by the document that it waits for: the
day on which the step was put before somebody, or the last change of the document.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from manciple.kernel.records import dataclass
from manciple.runtime.queries import Scope

AGES: tuple[tuple[str, timedelta | None], ...] = (
    ("up to 1 day", timedelta(days=1)),
    ("up to 3 days", timedelta(days=3)),
    ("up to 7 days", timedelta(days=7)),
    ("up to 14 days", timedelta(days=14)),
    ("longer", None),
)
"""Ages in elapsed days; the upper bound belongs to the bucket."""


class Place(StrEnum):
    """Where a line can wait, in the order in which lines pass."""

    APPROVAL = "approval"
    ORDERING = "ordering"
    ERP = "ERP"
    REFUSED = "refused by the ERP"
    SENDING = "sending"
    ANSWER = "supplier's answer"
    SHIPMENT = "shipment"
    RECEIPT = "receipt"
    INVOICE = "invoice"
    MATCH = "invoice match"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One open line.

    Attributes:
        line: the document's number and the line's, ``PO-4T0C9M2K7QWE/1``.
        turn: who has to act: a person, a role, a supplier or a system.
        since: from when on it waits there.
    """

    thread: str
    line: str
    item: str
    place: Place
    turn: str
    since: datetime
    site: str
    supplier: str

    def age(self, now: datetime) -> int:
        """Give the place of its age among ``AGES``."""
        spent = now - self.since
        return next(n for n, (_, most) in enumerate(AGES) if most is None or spent <= most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """Open lines, the longest wait first.

    Attributes:
        left_out: how many more open documents there are than were looked at.
    """

    rows: tuple[Waiting, ...]
    left_out: int


class WaitMap(Protocol):
    """Who tells where lines wait: pages and commands read through this."""

    def waits(self, *, scope: Scope) -> Waits:
        """Give every open line within the scope."""
        ...


def counted(rows: Iterable[Waiting], now: datetime) -> dict[Place, list[int]]:
    """Count lines by place and age; every place is there, in the order in which lines pass."""
    counts = {place: [0] * len(AGES) for place in Place}
    for row in rows:
        counts[row.place][row.age(now)] += 1
    return counts
