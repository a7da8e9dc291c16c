"""Receipts and invoices in the words of ERP and finance."""

from collections.abc import Mapping
from datetime import date, timedelta

from manciple.invoicing.invoice import Invoice
from manciple.invoicing.part import part_key
from manciple.invoicing.parting import settlement_of
from manciple.kernel.money import Money
from manciple.kernel.quantity import total
from manciple.ordering.line_ledger import LineLedger
from manciple.processes.ports import (
    ErpInstead,
    ErpInvoice,
    ErpInvoiceCharge,
    ErpInvoiceLine,
    ErpReceipt,
    ErpReceiptLine,
    Payable,
)
from manciple.receiving.receipt import Receipt

Books = Mapping[str, LineLedger]
"""An order's ledgers by line."""
NET = timedelta(days=30)
"""When a payable is due where no terms are known, or not the day from which they count."""


def erp_receipt(receipt: Receipt) -> ErpReceipt:
    """Tell the ERP what was received, and how much of it was good."""
    numbers = dict.fromkeys(line.line for line in receipt.lines)
    lines = []
    for number in numbers:
        rows = [line for line in receipt.lines if line.line == number]
        unit = rows[0].received.unit
        received = total((row.received for row in rows), unit)
        if received:
            accepted = total((row.accepted for row in rows), unit)
            instead = tuple(
                ErpInstead(item=row.came, accepted=row.accepted)
                for row in rows
                if row.came is not None and row.accepted
            )
            lines.append(
                ErpReceiptLine(line=number, received=received, accepted=accepted, instead=instead)
            )
    return ErpReceipt(
        number=receipt.id,
        order=receipt.order,
        site=receipt.site,
        received=receipt.received,
        lines=tuple(lines),
    )


def erp_invoice(invoice: Invoice, *, part: int = 0) -> ErpInvoice:
    """Tell the ERP what is to be posted: lines, charges and tax add up to the total."""
    settled = settlement_of(invoice, part)
    return ErpInvoice(
        number=part_key(invoice.id, part),
        supplier=invoice.supplier,
        supplier_number=invoice.number,
        date=invoice.date,
        currency=invoice.currency,
        lines=tuple(
            ErpInvoiceLine(
                order=line.order, line=line.line, quantity=line.quantity, amount=line.amount
            )
            for line in settled.lines
        ),
        charges=tuple(
            ErpInvoiceCharge(code=c.code, description=c.description, amount=c.amount)
            for c in settled.charges
        ),
        tax=settled.tax,
        total=settled.total,
        credit=invoice.credit,
        part=part,
    )


def payable(invoice: Invoice, *, part: int = 0) -> Payable:
    """Hand an invoice to finance to be paid; a credit note is handed over as a negative sum."""
    total = settlement_of(invoice, part).total
    due = max(invoice.due or invoice.date + NET, invoice.date)
    until, less = _offered(invoice, total, part)
    return Payable(
        invoice=part_key(invoice.id, part),
        supplier=invoice.supplier,
        supplier_number=invoice.number,
        orders=invoice.orders,
        invoiced_on=invoice.date,
        due=due,
        amount=-total if invoice.credit else total,
        discount_until=until,
        discount=less,
        part=part,
    )


def _offered(invoice: Invoice, total: Money, part: int) -> tuple[date | None, Money | None]:
    """Say until when finance may take how much off; nothing when the discount was lost."""
    found = invoice.discount
    if found is None or found.until is None or found.until < invoice.date:
        return None, None
    less = found.amount if found.lost is None else None
    if part:
        less = invoice.parts[part - 1].discount
    if less is None or not 0 < less.amount < total.amount:
        return None, None
    return found.until, less
