"""The warehouse system: what it is told, what it tells."""

from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.processes.ports.answers import Page, Submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundLine:
    """So much of one order line is expected on a day; None: nobody knows when.

    A line that is expected in parts comes several times, once for each day.
    """

    line: str
    item: str
    expected: Quantity
    due: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundNotice:
    """What a warehouse shall expect of a new order."""

    order: str
    revision: int
    supplier: str
    site: str
    lines: tuple[InboundLine, ...]
    as_of: datetime
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundReschedule:
    """What a warehouse shall now expect, in all, of the named lines; other lines stay.

    Attributes:
        lines: the whole of each named line, received parts included; none expected: quantity 0.
        as_of: an older statement than the one that the warehouse holds changes nothing.
        correlation: the cause, the same on the planner's task and the cash forecast.
    """

    order: str
    revision: int
    site: str
    lines: tuple[InboundLine, ...]
    as_of: datetime
    correlation: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundReturnLine:
    """So much of one order line is to be picked for its supplier."""

    line: str
    item: str
    quantity: Quantity
    condition: str
    aside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundReturn:
    """Goods that a warehouse shall pick and send back to a supplier.

    Attributes:
        authorisation: the supplier's number; it goes on the parcel.
        cancelled: nothing is to be picked any more; what was picked goes on the shelf again.
        as_of: an older statement than the one that the warehouse holds changes nothing.
    """

    number: str
    order: str
    supplier: str
    site: str
    authorisation: str
    lines: tuple[OutboundReturnLine, ...]
    as_of: datetime
    cancelled: bool = False


class Condition(StrEnum):
    """How the goods looked on the dock."""

    GOOD = "good"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseReceiptLine:
    """So much of one order line was taken in, in this condition.

    Attributes:
        item: what came, where it is not the item ordered; empty where it is.
    """

    line: str
    quantity: Quantity
    condition: Condition
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseReceipt:
    """A receipt as the warehouse system booked it, under its own number."""

    receipt: str
    order: str
    site: str
    received: date
    lines: tuple[WarehouseReceiptLine, ...]
    shipment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseTotals:
    """What the warehouse system itself says about one order line."""

    order: str
    line: str
    unit: Unit
    expected: Quantity
    received: Quantity
    damaged: Quantity


class WmsPort(Protocol):
    """A warehouse system: told what comes and when, tells what came."""

    def find(self, key: str) -> Submitted | None:
        """Look up what became of the write with this key."""
        ...

    def expect(self, key: str, notice: InboundNotice) -> Submitted:
        """Announce what an order will bring."""
        ...

    def reschedule(self, key: str, change: InboundReschedule) -> Submitted:
        """Restate what is expected of some lines."""
        ...

    def send_back(self, key: str, goods: OutboundReturn) -> Submitted:
        """Ask it to pick goods and send them back, or no longer to."""
        ...

    def receipts(self, cursor: str = "") -> Page[WarehouseReceipt]:
        """Read receipts booked since ``cursor``, at least once each, oldest first."""
        ...

    def totals(self, cursor: str = "") -> Page[WarehouseTotals]:
        """Read its own sums for every order line."""
        ...
