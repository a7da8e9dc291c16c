"""Orders to a warehouse of another company: send these goods out, for a return or a transfer.

    placed -> shipped     everything was sent out
           -> short       less was sent out than asked; somebody must look

The warehouse answers once (X12 945); the same shipment told again changes nothing.
Source: X12 004010, transaction sets 940 and 945.
"""

from datetime import date, datetime
from enum import StrEnum, auto
from typing import ClassVar

from manciple.kernel.days import require_near
from manciple.kernel.errors import refuse
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass, replace


class WarehousePurpose(StrEnum):
    """Why goods leave a warehouse that keeps them for us."""

    RETURN = auto()
    TRANSFER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseLine:
    """So much of an item is to be sent out."""

    line: str
    item: str
    quantity: Quantity
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """So much of a line was sent out."""

    line: str
    shipped: Quantity


class WarehouseOrderState(StrEnum):
    """How far an order to a warehouse has come."""

    PLACED = auto()
    SHIPPED = auto()
    SHORT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseOrder:
    """What a warehouse of another company is to send out, and what it did.

    Attributes:
        to: where the goods go: a site of ours, or a supplier.
        about: the number of the return, the transfer or the purchase that it serves.
    """

    KIND: ClassVar[str] = "warehouse-order"

    id: str
    site: str
    warehouse: str
    purpose: WarehousePurpose
    to: str
    about: str
    wanted: date
    lines: tuple[WarehouseLine, ...]
    placed_at: datetime
    state: WarehouseOrderState = WarehouseOrderState.PLACED
    shipment: str | None = None
    shipped: date | None = None
    sent: tuple[SentLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFromWarehouse:
    """Have a warehouse of another company send goods of ours out."""

    site: str
    purpose: WarehousePurpose
    to: str
    about: str
    wanted: date
    lines: tuple[WarehouseLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWarehouseShipment:
    """Take in what a warehouse sent out.

    Attributes:
        order: the number of our order to the warehouse.
    """

    warehouse: str
    order: str
    shipment: str | None
    shipped: date | None
    lines: tuple[SentLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseOrderPlaced:
    """A warehouse of another company is to send goods of ours out."""

    order: str
    warehouse: str
    site: str
    purpose: WarehousePurpose
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseShipped:
    """A warehouse of another company sent goods of ours out; ``short`` names what it did not."""

    order: str
    warehouse: str
    site: str
    shipment: str | None
    lines: tuple[SentLine, ...]
    short: tuple[str, ...]


def check_order(act: OrderFromWarehouse, today: date) -> None:
    """See that an order to a warehouse can be carried out.

    Raises:
        Refused: NO_LINES, BAD_QUANTITY, DOUBLE_LINE, TOO_FAR_AHEAD.
    """
    require_near((act.wanted, "wanted"), today=today)
    if not act.lines:
        raise refuse("NO_LINES", "name at least one line to send out", field="lines")
    seen: set[str] = set()
    for index, line in enumerate(act.lines):
        if line.quantity.value <= 0:
            raise refuse(
                "BAD_QUANTITY", f"{line.quantity} can't be sent out",
                field=f"lines.{index}.quantity", fix="state more than zero",
            )  # fmt: skip
        if line.line in seen:
            raise refuse("DOUBLE_LINE", f"line {line.line} stands twice", field=f"lines.{index}")
        seen.add(line.line)


def shipped(order: WarehouseOrder, act: RecordWarehouseShipment) -> WarehouseOrder:
    """Note what was sent out; a line that is not named was not sent.

    Raises:
        Refused: WRONG_WAREHOUSE, UNKNOWN_LINE, UNIT_CONFLICT, WRONG_STATE when another shipment
            was told before.
    """
    if order.warehouse != act.warehouse:
        raise refuse(
            "WRONG_WAREHOUSE", f"{order.id} was placed with {order.warehouse}", field="warehouse"
        )
    units = {line.line: line.quantity.unit for line in order.lines}
    for each in act.lines:
        if each.line not in units:
            raise refuse("UNKNOWN_LINE", f"{order.id} has no line {each.line}", field="lines")
        if each.shipped.unit is not units[each.line]:
            raise refuse(
                "UNIT_CONFLICT",
                f"line {each.line} was asked in {units[each.line].value}, {each.shipped} was sent",
                field="lines",
                fix="answer in the unit of our 940",
            )
    told = replace(
        order, sent=act.lines, shipment=act.shipment, shipped=act.shipped,
        state=WarehouseOrderState.SHIPPED,
    )  # fmt: skip
    told = replace(told, state=WarehouseOrderState.SHORT) if short_of(told) else told
    if order.state is not WarehouseOrderState.PLACED and told != order:
        raise refuse(
            "WRONG_STATE",
            f"{order.id} was told as {order.state.value} before, with other quantities",
            field="order",
        )
    return told


def short_of(order: WarehouseOrder) -> tuple[str, ...]:
    """Say, line by line, what was asked and not sent: ``line 1: 4 EA of 10 EA``."""
    found = []
    for line in order.lines:
        sent = Quantity.zero(line.quantity.unit)
        for each in order.sent:
            if each.line == line.line:
                sent += each.shipped
        if sent < line.quantity:
            found.append(f"line {line.line}: {sent} of {line.quantity}")
    return tuple(found)
