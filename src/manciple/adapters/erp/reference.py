"""The reference ERP behind the ERP port: our records in its words, its answers in ours.

ReferenceErpAdapter(HttpLine("http://127.0.0.1:8069"))     another process
ReferenceErpAdapter(InProcessLine(ReferenceErp(path)))     the same one, its own database
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from manciple.adapters.reference.client import ReferenceClient
from manciple.adapters.reference.line import Line, UnclearError
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity, UnitMismatchError
from manciple.kernel.units import Unit
from manciple.processes.ports import (
    Capabilities,
    ChangeWay,
    DocumentKind,
    ErpChange,
    ErpDocument,
    ErpInvoice,
    ErpItem,
    ErpItemPack,
    ErpLineTotals,
    ErpOffer,
    ErpOrder,
    ErpOrderChange,
    ErpOrderLine,
    ErpPromises,
    ErpReceipt,
    ErpReceiptLine,
    ErpRef,
    ErpReturn,
    ErpSite,
    ErpStock,
    ErpSupplier,
    Feed,
    Health,
    InvoiceWay,
    LineTermsNow,
    Page,
    ReceiptWay,
    Submitted,
)

_PATHS = {
    DocumentKind.ORDER: "/purchase-orders",
    DocumentKind.RECEIPT: "/receipts",
    DocumentKind.RETURN: "/returns",
    DocumentKind.INVOICE: "/invoices",
}


class ReferenceErpAdapter:
    """The reference ERP as an ErpPort."""

    def __init__(self, line: Line) -> None:
        """Reach the ERP over this line."""
        self._client = ReferenceClient(line)

    def capabilities(self) -> Capabilities:
        """Declare what the reference ERP can do."""
        return Capabilities(
            name="Reference ERP",
            conditional_write=True,
            native_idempotency=True,
            deep_create=True,
            asynchronous=False,
            receipt=ReceiptWay.POST,
            invoice=InvoiceWay.POST,
            change=ChangeWay.PATCH,
            feeds=(Feed.OUTBOX,),
            deletes_visible=False,
        )

    def health(self) -> Health:
        """Say whether it answers, lets us in, and how far its clock is from ours."""
        asked = datetime.now(UTC)
        try:
            body = self._client.read("/health")
        except UnclearError as problem:
            refused = "HTTP 401" in str(problem)
            return Health(
                reachable=refused,
                authorized=False,
                version="",
                clock_offset=timedelta(0),
                detail=str(problem),
            )
        assert body is not None
        return Health(
            reachable=True,
            authorized=True,
            version=body["version"],
            clock_offset=datetime.fromisoformat(body["now"]) - asked,
        )

    # --- masters

    def suppliers(self, cursor: str = "") -> Page[ErpSupplier]:
        """Read some suppliers, by id."""
        return self._client.page("/suppliers", cursor, _supplier)

    def items(self, cursor: str = "") -> Page[ErpItem]:
        """Read some items, by id."""
        return self._client.page("/items", cursor, _item)

    def sites(self, cursor: str = "") -> Page[ErpSite]:
        """Read some sites, by id."""
        return self._client.page("/sites", cursor, lambda row: ErpSite(**row))

    def offers(self, cursor: str = "") -> Page[ErpOffer]:
        """Read some supplier offers, by supplier, item and first day."""
        return self._client.page("/offers", cursor, _offer)

    def stock(self, item: str, site: str) -> ErpStock | None:
        """Tell an item's stock at a site; None if the ERP keeps none there."""
        body = self._client.read(f"/stock/{quote(item, safe='')}/{quote(site, safe='')}")
        if body is None:
            return None
        unit = Unit(body["unit"])
        on_hand, on_order, allocated = (
            Quantity(Decimal(body[name]), unit) for name in ("on_hand", "on_order", "allocated")
        )
        return ErpStock(
            item=item, site=site, on_hand=on_hand, on_order=on_order, allocated=allocated
        )

    # --- documents

    def find(self, kind: DocumentKind, key: str) -> ErpRef | None:
        """Look up what became of the write with this key."""
        found = self._client.find(key)
        if found is None or found[0] != kind:
            return None
        submitted = found[1]
        return ErpRef(kind=kind, number=submitted.reference or "", version=submitted.version or "")

    def get(self, kind: DocumentKind, external: str) -> ErpDocument | None:
        """Read a document by our number."""
        body = self._client.read(f"{_PATHS[kind]}/{quote(external, safe='')}")
        if body is None:
            return None
        return ErpDocument(
            ref=ErpRef(kind=kind, number=body["number"], version=body["version"]),
            external=body["external"],
            supplier=body["supplier"],
            state=body["state"],
            lines=tuple(_totals(line) for line in body["lines"]),
        )

    def create_order(self, key: str, order: ErpOrder) -> Submitted:
        """Make the order, once."""
        body = {
            "reference": order.number,
            "revision": order.revision,
            "supplier": order.supplier,
            "site": order.site,
            "currency": order.currency,
            "lines": [_order_line(line) for line in order.lines],
        }
        return self._client.post("/purchase-orders", key, body)

    def change_order(self, key: str, change: ErpOrderChange, version: str) -> Submitted:
        """Change the order that stands at ``version``."""
        body: dict[str, Any] = {
            "revision": change.revision,
            "cancelled": [
                {"line": line.line, "quantity": _text(line.quantity.value)}
                for line in change.cancelled
            ],
        }
        if change.raised:
            body["raised"] = [
                {"line": line.line, "quantity": _text(line.quantity.value)}
                for line in change.raised
            ]
        if change.terms:
            body["terms"] = [_terms(line) for line in change.terms]
        if change.added:
            body["added"] = [_order_line(line) for line in change.added]
        if change.reason:
            body["reason"] = change.reason[:200]
        target = f"/purchase-orders/{quote(change.number, safe='')}/changes"
        return self._client.post(target, key, body, version=version)

    def cancel_order(self, key: str, number: str, version: str, reason: str) -> Submitted:
        """Give up everything that is still open on the order."""
        target = f"/purchase-orders/{quote(number, safe='')}/cancellation"
        return self._client.post(target, key, {"reason": reason[:200]}, version=version)

    def confirm_lines(self, key: str, promises: ErpPromises) -> Submitted:
        """Write the supplier's promised quantities and days on the order."""
        lines = [
            {
                "line": line.line,
                "confirmed": _text(line.confirmed.value),
                "promised": line.promised.isoformat() if line.promised else None,
            }
            for line in promises.lines
        ]
        target = f"/purchase-orders/{quote(promises.number, safe='')}/confirmations"
        body = {"as_of": promises.as_of.isoformat(), "lines": lines}
        return self._client.post(target, key, body)

    def post_receipt(self, key: str, receipt: ErpReceipt) -> Submitted:
        """Book goods in."""
        lines = [
            {
                "line": line.line,
                "received": _text(line.received.value),
                "accepted": _text(line.accepted.value),
                **_instead(line),
            }
            for line in receipt.lines
        ]
        body = {
            "reference": receipt.number,
            "order": receipt.order,
            "site": receipt.site,
            "received": receipt.received.isoformat(),
            "lines": lines,
        }
        return self._client.post("/receipts", key, body)

    def post_return(self, key: str, goods: ErpReturn) -> Submitted:
        """Take goods that go back out of the stock when picked, out of the books when shipped."""
        lines = [
            {
                "line": line.line,
                "quantity": _text(line.quantity.value),
                "available": line.available,
                "to_replace": _text(line.to_replace.value),
                "item": line.item,
            }
            for line in goods.lines
        ]
        body = {
            "reference": goods.number,
            "order": goods.order,
            "site": goods.site,
            "step": goods.step.value,
            "day": goods.day.isoformat(),
            "lines": lines,
        }
        return self._client.post("/returns", key, body)

    def post_invoice(self, key: str, invoice: ErpInvoice) -> Submitted:
        """Book a matched invoice."""
        return self._client.post("/invoices", key, _invoice(invoice))

    # --- feeds

    def changes(self, cursor: str = "") -> Page[ErpChange]:
        """Read what changed since ``cursor``, oldest first."""
        return self._client.page("/changes", cursor, _change)

    def totals(self, cursor: str = "") -> Page[ErpLineTotals]:
        """Read its own sums for every order line."""
        return self._client.page("/line-totals", cursor, _totals)

    def trial_balance(self) -> dict[tuple[str, str], Decimal]:
        """Read the balance of each account and currency; all of a currency add up to nothing."""
        body = self._client.read("/trial-balance") or {"rows": []}
        return {(row["account"], row["currency"]): Decimal(row["balance"]) for row in body["rows"]}


def _text(value: Decimal) -> str:
    return f"{value:f}"


def _order_line(line: ErpOrderLine) -> dict[str, str]:
    if line.price.per.unit is not line.quantity.unit:
        raise UnitMismatchError(line.quantity.unit, line.price.per.unit)
    coding = {"cost_centre": line.cost_centre, "account": line.account}
    return {name: value for name, value in coding.items() if value} | {
        "line": line.line,
        "item": line.item,
        "unit": line.quantity.unit.value,
        "quantity": _text(line.quantity.value),
        "price": _text(line.price.money.amount),
        "per": _text(line.price.per.value),
        "needed_by": line.needed_by.isoformat(),
    }


def _terms(line: LineTermsNow) -> dict[str, str]:
    return {
        "line": line.line,
        "price": _text(line.price.money.amount),
        "per": _text(line.price.per.value),
        "needed_by": line.needed_by.isoformat(),
    }


def _invoice(invoice: ErpInvoice) -> dict[str, Any]:
    return {
        "reference": invoice.number,
        "supplier": invoice.supplier,
        "supplier_number": invoice.supplier_number,
        "date": invoice.date.isoformat(),
        "currency": invoice.currency,
        "credit": invoice.credit,
        "tax": _text(invoice.tax.amount),
        "total": _text(invoice.total.amount),
        "part": invoice.part,
        "lines": [
            {
                "order": line.order,
                "line": line.line,
                "quantity": _text(line.quantity.value),
                "amount": _text(line.amount.amount),
            }
            for line in invoice.lines
        ],
        "charges": [
            {
                "code": charge.code,
                "description": charge.description,
                "amount": _text(charge.amount.amount),
            }
            for charge in invoice.charges
        ],
    }


def _supplier(row: Mapping[str, Any]) -> ErpSupplier:
    return ErpSupplier(
        id=row["id"],
        name=row["name"],
        currency=Currency(row["currency"]),
        blocked=bool(row["blocked"]),
    )


def _item(row: Mapping[str, Any]) -> ErpItem:
    base_unit = Unit(row["unit"])
    packs = tuple(
        ErpItemPack(unit=Unit(pack["unit"]), base=Quantity(Decimal(pack["content"]), base_unit))
        for pack in row["packs"]
    )
    return ErpItem(
        id=row["id"],
        description=row["description"],
        category=row["category"],
        base_unit=base_unit,
        packs=packs,
        stocked=bool(row["stocked"]),
        gtin=row["gtin"],
    )


def _offer(row: Mapping[str, Any]) -> ErpOffer:
    order_unit = Unit(row["order_unit"])
    money = Money(Decimal(row["price"]), Currency(row["currency"]))
    minimum, valid_to = row["minimum"], row["valid_to"]
    return ErpOffer(
        supplier=row["supplier"],
        item=row["item"],
        supplier_item=row["supplier_item"],
        price=Price(money, Quantity(Decimal(row["per"]), Unit(row["per_unit"]))),
        order_unit=order_unit,
        minimum=Quantity(Decimal(minimum), order_unit) if minimum else None,
        lead_days=row["lead_days"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(valid_to) if valid_to else None,
        preferred=bool(row["preferred"]),
    )


def _totals(row: Mapping[str, Any]) -> ErpLineTotals:
    unit = Unit(row["unit"])

    def quantity(name: str) -> Quantity:
        return Quantity(Decimal(row[name]), unit)

    return ErpLineTotals(
        order=row["order"],
        line=row["line"],
        item=row["item"],
        unit=unit,
        ordered=quantity("ordered"),
        cancelled=quantity("cancelled"),
        confirmed=None if row["confirmed"] is None else quantity("confirmed"),
        promised=date.fromisoformat(row["promised"]) if row["promised"] else None,
        received=quantity("received"),
        accepted=quantity("accepted"),
        returned=quantity("returned"),
        invoiced=quantity("invoiced"),
        amount_invoiced=Money(Decimal(row["amount_invoiced"]), Currency(row["currency"])),
    )


def _change(row: Mapping[str, Any]) -> ErpChange:
    return ErpChange(
        kind=DocumentKind(row["kind"]),
        number=row["number"],
        external=row["external"],
        version=row["version"],
        what=row["what"],
    )


def _instead(line: ErpReceiptLine) -> dict[str, object]:
    """Name the items that came instead of the one ordered, where any did."""
    rows = [{"item": each.item, "accepted": _text(each.accepted.value)} for each in line.instead]
    return {"instead": rows} if rows else {}
