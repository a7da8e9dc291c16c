"""The reference warehouse system behind the warehouse port, and as an effects endpoint.

wms = ReferenceWmsAdapter(HttpLine("http://127.0.0.1:8070"))
wms_endpoint(wms)                     # serves wms.expect, .reschedule and .send_back
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from manciple.adapters.reference.carrier import Carrier
from manciple.adapters.reference.client import ReferenceClient
from manciple.adapters.reference.line import Line
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.processes.ports import (
    Condition,
    InboundLine,
    InboundNotice,
    InboundReschedule,
    OutboundReturn,
    Page,
    Submitted,
    WarehouseReceipt,
    WarehouseReceiptLine,
    WarehouseTotals,
    WmsPort,
)
from manciple.runtime.codec import decode


class ReferenceWmsAdapter:
    """The reference warehouse system as a WmsPort."""

    def __init__(self, line: Line) -> None:
        """Reach it over this line."""
        self._client = ReferenceClient(line)

    def find(self, key: str) -> Submitted | None:
        """Look up what became of the write with this key."""
        found = self._client.find(key)
        return None if found is None else found[1]

    def expect(self, key: str, notice: InboundNotice) -> Submitted:
        """Announce what an order will bring."""
        body = {
            "order": notice.order,
            "supplier": notice.supplier,
            "site": notice.site,
            "as_of": notice.as_of.isoformat(),
            "lines": _lines(notice.lines),
        }
        return self._client.post("/inbound", key, body)

    def reschedule(self, key: str, change: InboundReschedule) -> Submitted:
        """Restate what is expected of some lines."""
        body = {"as_of": change.as_of.isoformat(), "lines": _lines(change.lines)}
        return self._client.post(f"/inbound/{quote(change.order, safe='')}/schedule", key, body)

    def send_back(self, key: str, goods: OutboundReturn) -> Submitted:
        """Ask it to pick goods and send them back, or no longer to."""
        body = {
            "return": goods.number,
            "order": goods.order,
            "supplier": goods.supplier,
            "site": goods.site,
            "authorisation": goods.authorisation,
            "as_of": goods.as_of.isoformat(),
            "cancelled": goods.cancelled,
            "lines": [
                {
                    "line": line.line,
                    "item": line.item,
                    "unit": line.quantity.unit.value,
                    "quantity": f"{line.quantity.value:f}",
                    "condition": line.condition,
                    "aside": line.aside,
                }
                for line in goods.lines
            ],
        }
        return self._client.post("/returns", key, body)

    def receipts(self, cursor: str = "") -> Page[WarehouseReceipt]:
        """Read receipts booked since ``cursor``, oldest first."""
        return self._client.page("/receipts", cursor, _receipt)

    def totals(self, cursor: str = "") -> Page[WarehouseTotals]:
        """Read its own sums for every order line."""
        return self._client.page("/line-totals", cursor, _totals)


def wms_endpoint(port: WmsPort) -> Carrier:
    """Serve the ``wms.*`` verbs with a warehouse system."""
    return Carrier(
        port.find,
        {
            "wms.expect": lambda key, data: port.expect(key, decode(data, InboundNotice)),
            "wms.reschedule": lambda key, data: port.reschedule(
                key, decode(data, InboundReschedule)
            ),
            "wms.send_back": lambda key, data: port.send_back(key, decode(data, OutboundReturn)),
        },
    )


def _lines(lines: Sequence[InboundLine]) -> list[dict[str, str | None]]:
    return [
        {
            "line": line.line,
            "item": line.item,
            "unit": line.expected.unit.value,
            "expected": f"{line.expected.value:f}",
            "due": line.due.isoformat() if line.due else None,
        }
        for line in lines
    ]


def _receipt(row: Mapping[str, Any]) -> WarehouseReceipt:
    return WarehouseReceipt(
        receipt=row["number"],
        order=row["order"],
        site=row["site"],
        received=date.fromisoformat(row["received"]),
        shipment=row["shipment"],
        lines=tuple(
            WarehouseReceiptLine(
                line=line["line"],
                quantity=Quantity(Decimal(line["quantity"]), Unit(line["unit"])),
                condition=Condition(line["condition"]),
                item=line.get("item", ""),
            )
            for line in row["lines"]
        ),
    )


def _totals(row: Mapping[str, Any]) -> WarehouseTotals:
    unit = Unit(row["unit"])
    expected, received, damaged = (
        Quantity(Decimal(row[name]), unit) for name in ("expected", "received", "damaged")
    )
    return WarehouseTotals(
        order=row["order"],
        line=row["line"],
        unit=unit,
        expected=expected,
        received=received,
        damaged=damaged,
    )
