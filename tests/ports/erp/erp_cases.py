"""What the ERP suite needs: an ERP under test that can be made to fail, and builders."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Protocol

from manciple.adapters.erp.endpoint import ErpEndpoint
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.processes.ports import (
    CancelledLine,
    ErpInvoice,
    ErpInvoiceLine,
    ErpLineTotals,
    ErpOrder,
    ErpOrderChange,
    ErpOrderLine,
    ErpPort,
    ErpPromises,
    ErpReceipt,
    ErpReceiptLine,
    ErpReturn,
    ErpReturnLine,
    PromisedLine,
    ReturnStep,
)
from manciple.runtime.codec import encode
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane, Outcome, Parcel

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

MASTERS: dict[str, Any] = {
    "suppliers": [
        {"id": "S-ACME", "name": "Acme Ünïted", "currency": "USD", "blocked": False},
        {"id": "S-EURO", "name": "Eurodis", "currency": "EUR", "blocked": False},
        {"id": "S-GONE", "name": "Gone Ltd", "currency": "USD", "blocked": True},
    ],
    "sites": [
        {"id": "ATL", "name": "Atlanta", "company": "US1", "city": "Atlanta", "zone": "UTC"},
        {"id": "DEN", "name": "Denver", "company": "US1", "city": "Denver", "zone": "UTC"},
    ],
    "items": [
        {
            "id": "I-BOLT",
            "description": "Bolt M8, 40 mm, vérité 螺栓",
            "category": "fasteners",
            "unit": "EA",
            "stocked": True,
            "gtin": "00012345600012",
            "packs": [{"unit": "XCS", "content": "12"}],
        },
        {
            "id": "I-GLUE",
            "description": "Glue",
            "category": "chemicals",
            "unit": "KGM",
            "stocked": True,
        },
        {
            "id": "I-WORK",
            "description": "Repair, one hour",
            "category": "services",
            "unit": "EA",
            "stocked": False,
        },
    ],
    "offers": [
        {
            "supplier": "S-ACME",
            "item": "I-BOLT",
            "supplier_item": "AC-8",
            "price": "30.00",
            "per": "100",
            "per_unit": "EA",
            "currency": "USD",
            "order_unit": "XCS",
            "minimum": "2",
            "lead_days": 5,
            "valid_from": "2026-01-01",
            "valid_to": None,
            "preferred": True,
        }
    ],
    "stock": [{"item": "I-BOLT", "site": "ATL", "on_hand": "40", "allocated": "5"}],
    "closed_periods": [{"month": "2026-09"}],
}


class Control(Protocol):
    """How a test makes the ERP misbehave."""

    def switch(self, mode: str, **more: Any) -> None: ...


@dataclass
class ErpUnderTest:
    """An ERP behind the port, with the hand that makes it misbehave."""

    port: ErpPort
    control: Control

    @property
    def endpoint(self) -> ErpEndpoint:
        return ErpEndpoint(self.port)

    def line(self, order: str = "PO-1", line: str = "1") -> ErpLineTotals:
        found = [t for t in self.port.totals().rows if (t.order, t.line) == (order, line)]
        assert len(found) == 1
        return found[0]

    def orders(self) -> set[str]:
        return {total.order for total in self.port.totals().rows}


def masters_json(**changed: Any) -> bytes:
    return json.dumps({**MASTERS, **changed}).encode()


def each(n: str | int) -> Quantity:
    return Quantity(Decimal(n), Unit.EACH)


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency.USD)


def a_line(line: str = "1", quantity: str = "96", item: str = "I-BOLT") -> ErpOrderLine:
    return ErpOrderLine(
        line=line,
        item=item,
        quantity=each(quantity),
        price=Price(usd("30.00"), each(100)),
        needed_by=date(2026, 12, 1),
    )


def an_order(number: str = "PO-1", *lines: ErpOrderLine, **changed: Any) -> ErpOrder:
    order = ErpOrder(
        number=number,
        revision=1,
        supplier="S-ACME",
        site="ATL",
        currency=Currency.USD,
        lines=lines or (a_line("1"), a_line("2", "10")),
    )
    return replace(order, **changed)


def a_change(quantity: str, line: str = "1", number: str = "PO-1") -> ErpOrderChange:
    cancelled = (CancelledLine(line=line, quantity=each(quantity)),)
    return ErpOrderChange(number=number, revision=2, cancelled=cancelled, reason="short supply")


def promises(
    confirmed: str, *, as_of: datetime = NOW, promised: str = "2026-12-04"
) -> ErpPromises:
    lines = (
        PromisedLine(line="1", confirmed=each(confirmed), promised=date.fromisoformat(promised)),
    )
    return ErpPromises(number="PO-1", revision=1, lines=lines, as_of=as_of)


def a_receipt(number: str, received: str, accepted: str | None = None) -> ErpReceipt:
    line = ErpReceiptLine(line="1", received=each(received), accepted=each(accepted or received))
    return ErpReceipt(
        number=number, order="PO-1", site="ATL", received=date(2026, 11, 20), lines=(line,)
    )


def a_return(
    step: ReturnStep,
    quantity: str = "5",
    *,
    number: str = "RTV-1",
    available: bool = True,
    replaced: str = "0",
) -> ErpReturn:
    line = ErpReturnLine(
        line="1", quantity=each(quantity), available=available, to_replace=each(replaced)
    )
    return ErpReturn(
        number=number,
        order="PO-1",
        site="ATL",
        step=step,
        day=date(2026, 11, 21),
        lines=(line,),
    )


def an_invoice(
    number: str, quantity: str, amount: str, *, line: str = "1", **changed: Any
) -> ErpInvoice:
    invoice = ErpInvoice(
        number=number,
        supplier="S-ACME",
        supplier_number=f"SUP-{number}",
        date=date(2026, 11, 21),
        currency=Currency.USD,
        lines=(
            ErpInvoiceLine(order="PO-1", line=line, quantity=each(quantity), amount=usd(amount)),
        ),
        charges=(),
        tax=usd("0"),
        total=usd(amount),
    )
    return replace(invoice, **changed)


def a_parcel(verb: str, payload: object, *, key: str = "K-1", attempts: int = 1) -> Parcel:
    return Parcel(
        key=key,
        endpoint=verb.split(".", maxsplit=1)[0],
        lane=Lane.STANDARD,
        verb=verb,
        subject=Ref(kind="purchase-order", id="PO-1"),
        payload=encode(payload),
        attempts=attempts,
        at=NOW,
    )


def delivered(endpoint: ErpEndpoint, parcel: Parcel) -> Outcome:
    """Do what the effect drain does: look up before every attempt but the first."""
    found = endpoint.find(parcel) if parcel.attempts > 1 else None
    return found or endpoint.send(parcel)
