"""Receipts and invoices in the words of ERP and finance."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from manciple.invoicing.invoice import Invoice
from manciple.kernel.errors import MancipleError
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity, total
from manciple.ordering.line_ledger import LineLedger
from manciple.processes.ports import (
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
"""When a payable is due where no terms are known; finance's own terms win."""


class UnplacedLineError(MancipleError):
    """An invoice became payable with a line that bills no order line."""


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
            lines.append(ErpReceiptLine(line=number, received=received, accepted=accepted))
    return ErpReceipt(
        number=receipt.id,
        order=receipt.order,
        site=receipt.site,
        received=receipt.received,
        lines=tuple(lines),
    )


def erp_invoice(invoice: Invoice, *, total: Money) -> ErpInvoice:
    """Tell the ERP what is to be posted: lines, charges and tax add up to the total.

    What the lines' rounding leaves over or short of the stated total goes to the last line.
    """
    zero = Money.zero(invoice.currency)
    tax = invoice.tax or zero
    amounts: list[ErpInvoiceLine] = []
    for line in invoice.lines:
        if line.place is None:
            raise UnplacedLineError(f"{invoice.id} line {line.number} bills no order line")
        stated = line.stated
        worth = stated.amount or _extended(stated.quantity, stated.price.unit_amount, zero)
        amounts.append(
            ErpInvoiceLine(
                order=line.place.order,
                line=line.place.line,
                quantity=line.posted or stated.quantity,
                amount=abs(worth).rounded(),
            )
        )
    return ErpInvoice(
        number=invoice.id,
        supplier=invoice.supplier,
        supplier_number=invoice.number,
        date=invoice.date,
        currency=invoice.currency,
        lines=tuple(amounts),
        charges=tuple(
            ErpInvoiceCharge(code=c.code, description=c.description, amount=c.amount)
            for c in invoice.charges
        ),
        tax=tax,
        total=abs(total),
        credit=invoice.credit,
    )


def _extended(quantity: Quantity, each: Decimal, zero: Money) -> Money:
    return Money(quantity.value * each, zero.currency)


def payable(invoice: Invoice, *, total: Money) -> Payable:
    """Hand an invoice to finance to be paid."""
    return Payable(
        invoice=invoice.id,
        supplier=invoice.supplier,
        supplier_number=invoice.number,
        orders=invoice.orders,
        invoiced_on=invoice.date,
        due=invoice.date + NET,
        amount=total,
    )
