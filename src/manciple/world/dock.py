"""The dock: a truck arrives, somebody counts, the warehouse system is told."""

from decimal import Decimal
from typing import Protocol

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass, replace
from manciple.world.chance import Chance
from manciple.world.desk import Shipment


class DockError(MancipleError):
    """The warehouse system did not take a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What was counted of one order line, in the unit of the delivery note."""

    line: str
    item: str
    quantity: Decimal
    unit: str
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A whole delivery as it was counted."""

    receipt: str
    shipment: Shipment
    lines: tuple[Counted, ...]


class Warehouse(Protocol):
    """The warehouse system as the dock's people use it."""

    def book(self, count: Count) -> None:
        """Book a delivery under the dock's own receipt number; a repeat changes nothing."""
        ...


def count(shipment: Shipment, seed: int) -> Count:
    """Count a delivery. Now and then one piece is missing, or a case is damaged."""
    chance = Chance(seed, "dock", shipment.number)
    lines: list[Counted] = []
    for load in shipment.lines:
        whole = Counted(line=load.line, item=load.item, quantity=load.quantity, unit=load.unit)
        missing = chance.happens(2) and load.quantity > 1
        damaged = chance.happens(1) and load.quantity > 1 and not missing
        if missing or damaged:
            lines.append(replace(whole, quantity=load.quantity - 1))
        else:
            lines.append(whole)
        if damaged:
            lines.append(replace(whole, quantity=Decimal(1), damaged=True))
    return Count(receipt=f"GR-{shipment.number}", shipment=shipment, lines=tuple(lines))
