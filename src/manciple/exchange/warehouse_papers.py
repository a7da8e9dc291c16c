"""Papers of warehouses and stock lists, as acts: 944 and 861 count, 945 ships, 846 has.

Only a partner who keeps goods for a site of ours may count them or send them out; the same paper
of anybody else is put aside with that reason. Source: X12 004010, sets 846, 861, 944 and 945.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal

from manciple.exchange.inbound import Sender, items_of, order_number, quantity_of
from manciple.exchange.mapping.document import PartnerDocument, PartnerLine, StatedQuantity
from manciple.kernel.errors import refuse
from manciple.kernel.quantity import Quantity
from manciple.receiving.warehouse_order import RecordWarehouseShipment, SentLine
from manciple.receiving.warehouse_receipt import CountedLine, RecordWarehouseReceipt
from manciple.supplying.supplier_stock import RecordSupplierStock, StockLine

LINES_AT_ONCE = 100
"""So many items of a stock list are kept in one transaction."""
_NOT_ACCEPTED = frozenset({"damaged", "quality"})
"""Conditions of goods that came and are not accepted; short and over are told by the quantity."""


def warehouse_receipts(
    paper: PartnerDocument, sender: Sender
) -> tuple[RecordWarehouseReceipt, ...]:
    """Give a receipt for each order of which a warehouse counted something."""
    sites = _require_sites(paper, sender)
    number = _require_number(paper)
    fallback = order_number(paper)
    by_order: dict[str, list[CountedLine]] = {}
    for line in paper.lines:
        by_order.setdefault(line.order or fallback, []).append(_counted(paper, line))
    return tuple(
        RecordWarehouseReceipt(
            warehouse=sender.supplier,
            sites=sites,
            number=number if len(by_order) == 1 else f"{number}-{place}",
            order=order,
            received=paper.day("received") or paper.day("issued"),
            lines=tuple(lines),
            shipment=paper.shipment,
        )
        for place, (order, lines) in enumerate(by_order.items(), 1)
    )


def _require_sites(paper: PartnerDocument, sender: Sender) -> tuple[str, ...]:
    if not sender.sites:
        raise refuse(
            "NOT_A_WAREHOUSE",
            f"{sender.supplier} keeps goods for no site of ours, so its {paper.kind.value} "
            "can't be booked",
            field="partner",
            fix="Name the sites in the partner's profile, if it is a warehouse of ours.",
        )
    return sender.sites


def _require_number(paper: PartnerDocument) -> str:
    if paper.number is None:
        raise refuse("NO_NUMBER", "the paper has no number of its own", field="number")
    return paper.number


def _require_quantity(stated: StatedQuantity | None, line: PartnerLine) -> Quantity:
    if stated is None:
        raise refuse(
            "NO_QUANTITY", f"line {line.line or 'unnumbered'} states no quantity",
            field="quantity",
        )  # fmt: skip
    return quantity_of(stated)


def _counted(paper: PartnerDocument, line: PartnerLine) -> CountedLine:
    del paper
    counted = _require_quantity(line.quantity, line)
    bad = [
        each.quantity
        for each in line.counts
        if each.kind == "in_question" and each.condition in _NOT_ACCEPTED
    ]
    damaged = None
    if bad:
        value = sum((each.value for each in bad), Decimal(0))
        unit = bad[0].canonical or counted.unit
        damaged = Quantity(value, unit)
    return CountedLine(
        line=line.line, items=items_of(line.items), counted=counted, damaged=damaged
    )


def warehouse_shipment(paper: PartnerDocument, sender: Sender) -> RecordWarehouseShipment:
    """Give what a warehouse sent out for an order of ours to it."""
    _require_sites(paper, sender)
    return RecordWarehouseShipment(
        warehouse=sender.supplier,
        order=_require_number(paper),
        shipment=paper.shipment,
        shipped=paper.day("shipped"),
        lines=tuple(
            SentLine(line=_line_number(line), shipped=_require_quantity(line.quantity, line))
            for line in paper.lines
        ),
    )


def _line_number(line: PartnerLine) -> str:
    if line.line is None:
        raise refuse("NO_LINE", "a line of the shipping advice has no number", field="LX01")
    return line.line.lstrip("0") or "0"


def supplier_stock(paper: PartnerDocument, sender: Sender) -> tuple[RecordSupplierStock, ...]:
    """Give what a supplier has, so many items at once."""
    number, as_of = _require_number(paper), _as_of(paper, sender)
    lines = [_stock_line(line) for line in paper.lines]
    return tuple(
        RecordSupplierStock(
            supplier=sender.supplier,
            number=number,
            as_of=as_of,
            lines=tuple(lines[first : first + LINES_AT_ONCE]),
            source=sender.source,
        )
        for first in range(0, len(lines), LINES_AT_ONCE)
    )


def _as_of(paper: PartnerDocument, sender: Sender) -> datetime:
    """The instant for which the list speaks: its envelope's, or the beginning of its own day."""
    day: date | None = paper.day("issued")
    sent = sender.sent_at
    if sent is not None and (day is None or sent.date() == day):
        return sent
    if day is None:
        raise refuse(
            "NO_DATE",
            f"the stock list {paper.number} does not say of which day it is",
            field="BIA04",
            fix="Ask the supplier for the date of its stock.",
        )
    return datetime.combine(day, time(), UTC)


def _stock_line(line: PartnerLine) -> StockLine:
    found = {each.kind: each.quantity for each in reversed(line.counts)}
    words = ("available", "on_hand", "on_order")
    available, on_hand, on_order = (
        quantity_of(found[word]) if word in found else None for word in words
    )
    return StockLine(
        items=items_of(line.items), available=available, on_hand=on_hand, on_order=on_order
    )
