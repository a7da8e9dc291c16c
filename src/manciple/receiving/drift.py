"""Drift: the warehouse system and the ERP hold different received quantities of one order line.

    same -> differs  noticed: it may be on its way      differs -> drift  still so an hour later
    differs, drift -> same  healed

What we put aside at the dock (more than may be received) is in the warehouse and rightly not in
the ERP, so it is taken off the warehouse's figure before the two are compared. A difference counts
only when the same figures stand an hour later: what is on its way arrives in that time.
Source: capability PO-2, "drift found: exception with both values".
"""

from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import ClassVar

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace
from manciple.runtime.effects import Lane

GRACE = timedelta(hours=1)
"""How long the same difference must stand before it is a drift; reached at exactly that time.

A house rule: a receipt that goes through takes minutes, and a comparison is made every hour.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareReceipts:
    """Compare what the warehouse system and the ERP say was received of an order line."""

    order: str
    line: str
    warehouse: Quantity
    erp: Quantity


class ComparisonState(StrEnum):
    """How the two stand to each other."""

    SAME = auto()
    DIFFERS = auto()
    DRIFT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptComparison:
    """The received quantities of an order line in both systems; made when they first differ.

    Attributes:
        id: ``order:line``.
        aside: of the warehouse's figure, what we put aside.
        since: when these figures were first seen.
    """

    KIND: ClassVar[str] = "receipt-comparison"

    id: str
    order: str
    line: str
    site: str
    supplier: str
    warehouse: Quantity
    aside: Quantity
    erp: Quantity
    state: ComparisonState
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDifferenceNoticed:
    """Warehouse and ERP hold different quantities; it may be on its way."""

    order: str
    thread: str
    line: str
    warehouse: Quantity
    aside: Quantity
    erp: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDriftFound:
    """Warehouse and ERP still hold different quantities."""

    order: str
    thread: str
    line: str
    site: str
    supplier: str
    lane: Lane
    warehouse: Quantity
    aside: Quantity
    erp: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDriftHealed:
    """Warehouse and ERP hold the same again."""

    order: str
    thread: str
    line: str


def comparison_id(order: str, line: str) -> str:
    """Give the id of the comparison of an order line."""
    return f"{order}:{line}"


def compared(
    known: ReceiptComparison | None, seen: ReceiptComparison, *, at: datetime
) -> ReceiptComparison | None:
    """Give the comparison as it stands after a look; None when nothing is to be kept.

    ``seen`` holds the figures of this look, with any state.
    """
    if seen.warehouse == seen.erp + seen.aside:
        if known is None or known.state is ComparisonState.SAME:
            return None
        return replace(seen, state=ComparisonState.SAME, since=at)
    if known is None or known.state is ComparisonState.SAME:
        return replace(seen, state=ComparisonState.DIFFERS, since=at)
    if _figures(known) != _figures(seen):
        return replace(seen, state=known.state, since=at)
    if known.state is ComparisonState.DIFFERS and at - known.since >= GRACE:
        return replace(known, state=ComparisonState.DRIFT)
    return None


def _figures(one: ReceiptComparison) -> tuple[Quantity, ...]:
    return (one.warehouse, one.aside, one.erp)
