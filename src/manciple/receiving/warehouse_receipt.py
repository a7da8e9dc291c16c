"""What a warehouse of another company counted for us: an X12 944 or 861, as a receipt of ours.

The warehouse names the order and its own receipt number; a line is found by our line number or by
the item, never by a guess. What it says is in question counts as part of what it received: damaged
goods are received and not accepted. Source: X12 004010, W07 and W13; RCD.
"""

from collections.abc import Iterable
from datetime import date, datetime

from manciple.catalog.item import ItemId
from manciple.kernel.errors import Reason, Refused, refuse
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.matching import item_named, match_line
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import Condition, ReceivedLine, RecordReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedLine:
    """A line as the warehouse counted it.

    Attributes:
        line: our line number as repeated; None when not stated.
        counted: all that came, the damaged goods with it.
        damaged: the part of it that is not to be accepted.
    """

    line: str | None
    items: tuple[ItemId, ...] = ()
    counted: Quantity
    damaged: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWarehouseReceipt:
    """Book what a warehouse of another company counted.

    Attributes:
        warehouse: the partner; ``sites`` are those whose goods it keeps.
        number: its own number of the receipt.
        received: the day; None when not stated, then the day on which it was told.
    """

    warehouse: str
    sites: tuple[str, ...]
    number: str
    order: str
    received: date | None
    lines: tuple[CountedLine, ...]
    shipment: str | None = None


def receipt_id(act: RecordWarehouseReceipt) -> str:
    """Name the receipt: two warehouses may use the same number."""
    return f"{act.warehouse}-{act.number}"


def require_warehouse(order: PurchaseOrder | None, act: RecordWarehouseReceipt) -> PurchaseOrder:
    """Give the order if this warehouse keeps the goods of its site.

    Raises:
        Refused: UNKNOWN_ORDER, NOT_YOUR_SITE.
    """
    if order is None:
        raise refuse(
            "UNKNOWN_ORDER",
            f"no order {act.order} is under way",
            field="order",
            fix="check the order number",
        )
    if order.site not in act.sites:
        raise refuse(
            "NOT_YOUR_SITE",
            f"{act.warehouse} keeps goods for {', '.join(act.sites) or 'no site'}, "
            f"not for {order.site}",
            field="sites",
            fix=f"add {order.site} to the sites of the partner {act.warehouse}, if that is right",
        )
    return order


def receipt_of(
    order: PurchaseOrder, act: RecordWarehouseReceipt, *, at: datetime
) -> RecordReceipt:
    """Say the warehouse's count in the words of a receipt.

    Raises:
        Refused: with every line that can't be placed, or is more damaged than it is counted.
    """
    lines: list[ReceivedLine] = []
    faults: list[Reason] = []
    for index, told in enumerate(act.lines):
        try:
            lines += _received(order, told, f"lines.{index}")
        except Refused as refusal:
            faults.extend(refusal.reasons)
    if faults:
        raise Refused(*faults)
    return RecordReceipt(
        receipt=receipt_id(act),
        order=order.id,
        site=order.site,
        received=act.received or at.date(),
        lines=tuple(lines),
        shipment=act.shipment,
    )


def _received(order: PurchaseOrder, told: CountedLine, where: str) -> Iterable[ReceivedLine]:
    match = match_line(order, told.line, told.items)
    if match.line is None:
        raise refuse("UNKNOWN_LINE", match.text, field=where, fix="name our line by N9*LI")
    damaged = told.damaged or Quantity.zero(told.counted.unit)
    if damaged.unit is not told.counted.unit or damaged > told.counted:
        raise refuse(
            "BAD_QUANTITY",
            f"{damaged} of {told.counted} can't be damaged",
            field=f"{where}.damaged",
            fix="state what is in question as a part of what was received",
        )
    number, good = match.line.number, told.counted - damaged
    came = item_named(match.line, told.items)
    if good:
        yield ReceivedLine(line=number, quantity=good, item=came)
    if damaged:
        yield ReceivedLine(line=number, quantity=damaged, condition=Condition.DAMAGED, item=came)
