"""Papers that we write beside orders: 861 to a supplier, 943 and 940 to a warehouse.

    what was counted         -> 861, to a supplier whose profile asks for it
    what is on its way       -> 943, to the warehouse that keeps the goods of the site
    what is to be sent out   -> 940, to the same

Quantities are in the item's base unit, as the ledger keeps them. Source: X12 004010, sets 861, 940
and 943.
"""

from collections.abc import Mapping
from decimal import Decimal

from manciple.exchange.mapping.document import (
    DocumentKind,
    PartnerDocument,
    PartnerLine,
    StatedCount,
    StatedDate,
    StatedItem,
    StatedParty,
    StatedQuantity,
    StatedReference,
    Totals,
)
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import to_x12
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.receiving.receipt import BookedLine, Receipt
from manciple.receiving.warehouse_order import WarehouseOrder, WarehousePurpose
from manciple.runtime.documents import Ref
from manciple.supplying.ship_notice import ShipNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPaper:
    """Write a paper for a partner and hand it to the partner's endpoint.

    Attributes:
        message: the transaction set, ``861``.
        about: the document that it tells of; the file lies on its thread.
    """

    partner: str
    message: str
    paper: PartnerDocument
    about: Ref
    thread: str = ""


def _stated(quantity: Quantity) -> StatedQuantity:
    return StatedQuantity(
        value=quantity.value, unit=to_x12(quantity.unit), canonical=quantity.unit
    )


def _items(line: OrderLine) -> tuple[StatedItem, ...]:
    ours = StatedItem(scheme="buyer", id=line.item)
    if line.supplier_item is None:
        return (ours,)
    return (StatedItem(scheme="vendor", id=line.supplier_item), ours)


def receiving_advice(
    receipt: Receipt, order: PurchaseOrder, *, missing: Mapping[str, Quantity]
) -> PartnerDocument:
    """Tell a supplier what we counted: all of it, and what of it is damaged, over or missing.

    ``missing`` is by line what the supplier announced in this shipment and did not come.
    """
    lines = {line.number: line for line in order.lines}
    booked = {line.line: line for line in receipt.lines}
    none_came = [number for number in missing if number not in booked]
    shipment = receipt.shipment
    return PartnerDocument(
        kind=DocumentKind.RECEIVING_ADVICE,
        number=receipt.id,
        orders=(order.id,),
        dates=(
            StatedDate(kind="issued", day=receipt.recorded_at.date()),
            StatedDate(kind="received", day=receipt.received),
        ),
        references=(
            (StatedReference(kind="shipment", value=shipment),) if shipment is not None else ()
        ),
        parties=(StatedParty(role="ship_to", id=order.site, scheme="buyer"),),
        lines=(
            *(
                _advised(order, lines[line.line], line, missing.get(line.line))
                for line in receipt.lines
            ),
            *(_advised(order, lines[number], None, missing[number]) for number in none_came),
        ),
    )


def _advised(
    order: PurchaseOrder, line: OrderLine, booked: BookedLine | None, missing: Quantity | None
) -> PartnerLine:
    none = Quantity.zero(line.base_unit)
    counted = booked.counted if booked else none
    damaged = booked.received - booked.accepted if booked else none
    over = booked.quarantined if booked else none
    found = (("damaged", damaged), ("over", over), ("short", missing or none))
    return PartnerLine(
        line=line.number,
        order=order.id,
        items=_items(line),
        quantity=_stated(counted),
        counts=tuple(
            StatedCount(kind="in_question", quantity=_stated(quantity), condition=condition)
            for condition, quantity in found
            if quantity
        ),
    )


def transfer_notice(notice: ShipNotice, order: PurchaseOrder) -> PartnerDocument:
    """Tell a warehouse what a supplier has sent on its way to it."""
    lines = {line.number: line for line in order.lines}
    expected = notice.expected
    shipped = notice.shipped or notice.received_at.date()
    return PartnerDocument(
        kind=DocumentKind.TRANSFER_NOTICE,
        number=order.id,
        orders=(order.id,),
        dates=(
            StatedDate(kind="shipped", day=shipped),
            *((StatedDate(kind="delivery_estimated", day=expected),) if expected else ()),
        ),
        references=(StatedReference(kind="shipment", value=notice.shipment),),
        parties=(
            StatedParty(role="ship_from", id=order.supplier, scheme="buyer"),
            StatedParty(role="warehouse", id=order.site, scheme="buyer"),
        ),
        lines=tuple(
            PartnerLine(
                line=each.line,
                items=_items(lines[each.line]),
                quantity=_stated(each.quantity),
                description=lines[each.line].description or None,
            )
            for each in notice.lines
        ),
        totals=Totals(hash=sum((each.quantity.value for each in notice.lines), Decimal(0))),
    )


def warehouse_order(order: WarehouseOrder) -> PartnerDocument:
    """Ask a warehouse to send goods out."""
    to_us = order.purpose is WarehousePurpose.TRANSFER
    return PartnerDocument(
        kind=DocumentKind.WAREHOUSE_ORDER,
        number=order.id,
        orders=(order.about,) if order.about else (),
        dates=(StatedDate(kind="ship_requested", day=order.wanted),),
        parties=(
            StatedParty(role="ship_from", id=order.site, scheme="buyer"),
            StatedParty(role="ship_to" if to_us else "supplier", id=order.to, scheme="buyer"),
        ),
        lines=tuple(
            PartnerLine(
                line=line.line,
                items=(StatedItem(scheme="buyer", id=line.item),),
                quantity=_stated(line.quantity),
                description=line.description or None,
            )
            for line in order.lines
        ),
        totals=Totals(hash=sum((line.quantity.value for line in order.lines), Decimal(0))),
    )
