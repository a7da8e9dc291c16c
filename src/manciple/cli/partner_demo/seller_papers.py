"""The papers that the harness writes as a seller: 855, 865, 856 and 810, segment by segment."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from manciple.cli.partner_demo.seller_book import SoldLine, SoldOrder

Row = tuple[str, ...]
LEAD = timedelta(days=3)
_CENT = Decimal("0.01")


def acknowledgment(order: SoldOrder, at: datetime) -> tuple[Row, ...]:
    """Confirm an order as ordered. Source: X12 004010, 855; BAK02 AD, ACK01 IA."""
    rows: list[Row] = [
        ("BAK", "00", "AD", order.number, _day(order.ordered_on), "", "", "", f"S-{order.number}",
         _day(at)),
    ]  # fmt: skip
    for line in order.lines:
        rows += [("PO1", line.line, f"{line.wanted:f}", *_priced(line)), _accepted(line, at)]
    return (*rows, ("CTT", str(len(order.lines))))


def change_acknowledgment(
    order: SoldOrder,
    at: datetime,
    *,
    sequence: str,
    asked_on: date,
    verdict: str,
    answers: Iterable[tuple[str, SoldLine]],
) -> tuple[Row, ...]:
    """Answer a change, each line with the action answered and the quantity that stands.

    Source: X12 004010, 865; BCA02 is AC (with detail and change) or RD (rejected with detail),
    POC02 the action (CA changed, NC no change).
    """
    rows: list[Row] = [
        ("BCA", "00", verdict, order.number, "", sequence, _day(order.ordered_on), "", "",
         f"S-{order.number}", _day(at), _day(asked_on)),
    ]  # fmt: skip
    count = 0
    for action, line in answers:
        count += 1
        quantity = f"{line.wanted:f}"
        rows += [("POC", line.line, action, quantity, "", *_priced(line)), _accepted(line, at)]
    return (*rows, ("CTT", str(count)))


def ship_notice(order: SoldOrder, at: datetime, *, shipment: str) -> tuple[Row, ...]:
    """Say what has left. Source: X12 004010, 856; BSN05 0004: shipment, order, item."""
    rows: list[Row] = [
        ("BSN", "00", shipment, _day(at), f"{at:%H%M}", "0004"),
        ("HL", "1", "", "S", "1"),
        ("DTM", "011", _day(at)),
        ("HL", "2", "1", "O", "1"),
        ("PRF", order.number, "", "", _day(order.ordered_on)),
    ]
    levels = 2
    for line in order.lines:
        levels += 1
        rows += [
            ("HL", str(levels), "2", "I", "0"),
            ("LIN", line.line, "VP", line.item),
            ("SN1", line.line, f"{line.shipped:f}", "EA"),
        ]
    return (*rows, ("CTT", str(levels)))


def invoice(order: SoldOrder, at: datetime, *, number: str, shipment: str) -> tuple[Row, ...]:
    """Bill what has left. Source: X12 004010, 810; TDS01 has two implied decimals."""
    rows: list[Row] = [
        ("BIG", _day(at), number, _day(order.ordered_on), order.number, "", "", "DI", "00"),
        ("REF", "SI", shipment),
        ("ITD", "01", "3", "", "", "", "", "30"),
    ]
    rows += [("IT1", line.line, f"{line.billed:f}", *_priced(line)) for line in order.lines]
    cents = sum((_extended(line) for line in order.lines), Decimal(0)) * 100
    return (*rows, ("TDS", f"{cents.to_integral_value():f}"), ("CTT", str(len(order.lines))))


def _extended(line: SoldLine) -> Decimal:
    return (line.billed * line.price).quantize(_CENT, ROUND_HALF_UP)


def _priced(line: SoldLine) -> Row:
    return ("EA", f"{line.price:f}", "", "VP", line.item)


def _accepted(line: SoldLine, at: datetime) -> Row:
    return ("ACK", "IA", f"{line.wanted:f}", "EA", "067", _day(at + LEAD))


def _day(at: date) -> str:
    return f"{at:%Y%m%d}"
