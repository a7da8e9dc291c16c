"""Taking an invoice in: what cannot be kept is refused, all of it at once, field by field.

A paper that can be read but not paid is not refused: it is kept and held.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from manciple.catalog.terms import PaymentTerms
from manciple.invoicing.duplicates import normalised
from manciple.invoicing.invoice import (
    Invoice,
    InvoicedLine,
    InvoiceLine,
    InvoiceState,
    RegisterInvoice,
)
from manciple.invoicing.variance import is_amount
from manciple.kernel.errors import Reason
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Money

MOST_LINES = 10_000
"""No invoice of a distributor is longer; a longer one is a broken file."""
LONGEST_NUMBER = 60
MOST_PERCENT = 100
"""No tax is more than what it is of."""


def faults(act: RegisterInvoice, *, actor: Actor, supplier_known: bool) -> tuple[Reason, ...]:
    """List everything for which an invoice cannot be taken in; empty when it can."""
    speaks_for_one = actor.supplier is not None or actor.has(Role.SUPPLIER)
    if speaks_for_one and actor.supplier != act.supplier:
        whom = actor.supplier or "no supplier"
        message = f"{actor.id} speaks for {whom}, not for {act.supplier}"
        return (_fault("NOT_YOUR_SUPPLIER", "supplier", message, "send your own invoices only"),)
    return (*_head_faults(act, supplier_known=supplier_known), *_line_faults(act))


def _head_faults(act: RegisterInvoice, *, supplier_known: bool) -> Iterator[Reason]:
    if not supplier_known:
        message = f"there is no supplier {act.supplier}"
        yield _fault("UNKNOWN_SUPPLIER", "supplier", message, "register the supplier first")
    if not normalised(act.number) or len(act.number) > LONGEST_NUMBER:
        message = f"{act.number[:LONGEST_NUMBER]!r} is not an invoice number"
        fix = f"give the supplier's number: letters or digits, at most {LONGEST_NUMBER} characters"
        yield _fault("BAD_NUMBER", "number", message, fix, rule="D-17")
    if not act.lines and not act.charges:
        yield _fault("EMPTY_INVOICE", "lines", "it bills nothing", "give at least one line")
    if len(act.lines) > MOST_LINES:
        message = f"{len(act.lines)} lines, at most {MOST_LINES} wanted"
        yield _fault("TOO_MANY_LINES", "lines", message, "split the invoice")
    sums = [("tax", act.tax), ("total", act.total)]
    sums += [(f"charges.{at}.amount", charge.amount) for at, charge in enumerate(act.charges)]
    for at, tax in enumerate(act.taxes):
        sums += [(f"taxes.{at}.amount", tax.amount), (f"taxes.{at}.base", tax.base)]
    yield from _tax_faults(act)
    yield from (fault for field, amount in sums for fault in _currency_fault(act, field, amount))


def _tax_faults(act: RegisterInvoice) -> Iterator[Reason]:
    """Refuse a tax whose parts contradict its sum; nobody could say which of them is meant."""
    parts = sum((each.amount.amount for each in act.taxes), Decimal(0))
    if act.taxes and act.tax is not None and parts != act.tax.amount:
        message = f"the rate groups add up to {parts:f}, the tax is stated as {act.tax.amount:f}"
        fix = "state the tax of each rate, and their sum"
        yield _fault("TAX_PARTS", "taxes", message, fix, rule="D-10")
    for at, each in enumerate(act.taxes):
        if each.rate is not None and not 0 <= each.rate <= MOST_PERCENT:
            message = f"{each.rate:f} % is no tax rate"
            fix = f"give a rate from 0 to {MOST_PERCENT} percent"
            yield _fault("BAD_RATE", f"taxes.{at}.rate", message, fix, rule="D-10")


def _line_faults(act: RegisterInvoice) -> Iterator[Reason]:
    seen: set[str] = set()
    for at, line in enumerate(act.lines):
        field = f"lines.{at}"
        if line.number in seen:
            message = f"the line number {line.number} came before"
            yield _fault("DOUBLE_LINE", f"{field}.number", message, "number each line once")
        seen.add(line.number)
        yield from _currency_fault(act, f"{field}.price", line.price.money)
        yield from _currency_fault(act, f"{field}.amount", line.amount)
        yield from _figure_faults(act, line, field)


def _figure_faults(act: RegisterInvoice, line: InvoicedLine, field: str) -> Iterator[Reason]:
    is_money_only = act.credit and not line.quantity and line.amount is not None
    if line.quantity.value < 0 or (not line.quantity and not is_money_only):
        message = f"{line.quantity} cannot be billed: more than nothing is wanted"
        fix = "what is given back goes on a credit note, with positive figures"
        yield _fault("BAD_QUANTITY", f"{field}.quantity", message, fix, rule="D-15")
    if line.price.money.amount < 0:
        message = f"the price {line.price} is below zero"
        fix = "an allowance is a charge below zero; what is given back goes on a credit note"
        yield _fault("BAD_PRICE", f"{field}.price", message, fix, rule="D-15")
    if line.amount is not None and line.amount.amount < 0:
        message = f"the amount {line.amount} is below zero"
        fix = "what is given back goes on a credit note, with positive figures"
        yield _fault("BAD_AMOUNT", f"{field}.amount", message, fix, rule="D-15")
    per = Fraction(line.price.per.value)
    if not is_amount(Fraction(line.price.money.amount) * Fraction(line.quantity.value) / per):
        message = f"{line.quantity} at {line.price} is more than any book can hold"
        yield _fault("TOO_LARGE", f"{field}.quantity", message, "check the figures")


def _currency_fault(act: RegisterInvoice, field: str, amount: Money | None) -> Iterator[Reason]:
    if amount is not None and amount.currency is not act.currency:
        message = f"{amount.currency.value} on an invoice in {act.currency.value}"
        yield _fault("MIXED_CURRENCIES", field, message, "send one invoice for each currency")


def _fault(code: str, field: str, message: str, fix: str, *, rule: str = "") -> Reason:
    return Reason(code=code, message=message, field=field, rule=rule, fix=fix)


def taken_in(
    act: RegisterInvoice,
    *,
    name: str,
    number_key: str,
    at: datetime,
    terms: PaymentTerms | None = None,
) -> Invoice:
    """Make the invoice that we keep from the one that came; no line has its order line yet."""
    return Invoice(
        id=name,
        thread=f"{Invoice.KIND}/{name}",
        state=InvoiceState.RECEIVED,
        supplier=act.supplier,
        number=act.number,
        number_key=number_key,
        date=act.date,
        order=act.order,
        orders=(),
        currency=act.currency,
        lines=tuple(InvoiceLine(stated=line) for line in act.lines),
        charges=act.charges,
        tax=act.tax,
        total=act.total,
        credit=act.credit,
        registered_at=at,
        source=act.source,
        place=act.place,
        taxes=act.taxes,
        terms=terms,
    )
