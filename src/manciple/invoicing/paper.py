"""The tests of an invoice as a whole: charges, tax and the total, and the holds that they set.

No order plans a charge or tells the tax, so both are compared with nothing: they pass only by an
absolute limit that policy gives. Unknown is unknown, not zero. Sources: domain rules D-09, D-10.
"""

from collections.abc import Iterator
from fractions import Fraction

from manciple.invoicing.checks import outcome, told
from manciple.invoicing.conversion import shown, signed
from manciple.invoicing.holds import OWNERS, Hold, HoldCode
from manciple.invoicing.invoice import Charge, Invoice
from manciple.invoicing.limits import Limit, Limits, find
from manciple.invoicing.result import Check, CheckName, CheckOutcome
from manciple.invoicing.variance import minor_digits
from manciple.kernel.money import Money
from manciple.kernel.tolerance import Tolerance

Amounts = tuple[Money | None, ...]
"""What each line bills, in line order; None where quantity x price cannot be told."""


def paper_checks(invoice: Invoice, amounts: Amounts, limits: Limits) -> tuple[Check, ...]:
    """Run the tests that concern no line."""
    return (
        *(_charge(invoice, charge, limits) for charge in invoice.charges if charge.amount),
        *_tax(invoice, limits),
        *_total(invoice, amounts, limits),
    )


def paper_holds(checks: tuple[Check, ...]) -> Iterator[Hold]:
    """Give one hold for each cause that the tests of the paper found."""
    held = [check for check in checks if check.outcome is CheckOutcome.HELD]
    for code in dict.fromkeys(check.code for check in held):
        causes = [check for check in held if check.code is code]
        yield Hold(
            code=code,
            line=None,
            owner_role=OWNERS[code],
            text="; ".join(check.arithmetic for check in causes),
            variance=", ".join(check.variance for check in causes),
            ruling=causes[0].ruling,
        )


def _charge(invoice: Invoice, charge: Charge, limits: Limits) -> Check:
    """Test a charge that no order planned; freight alone has a limit in policy. Source: D-09."""
    what = charge.description or charge.code
    if charge.code.strip().lower() != CheckName.FREIGHT.value:
        nothing = Limit(tolerance=Tolerance(), ruling="")
        return _unplanned(
            invoice, CheckName.CHARGE, HoldCode.CHARGE, charge.amount, what=what, limit=nothing
        )
    limit = limits.limit(CheckName.FREIGHT, category="freight", supplier=invoice.supplier)
    return _unplanned(
        invoice, CheckName.FREIGHT, HoldCode.CHARGE, charge.amount, what=what, limit=limit
    )


def _tax(invoice: Invoice, limits: Limits) -> Iterator[Check]:
    if invoice.tax:
        limit = limits.limit(CheckName.TAX, category="tax", supplier=invoice.supplier)
        yield _unplanned(
            invoice, CheckName.TAX, HoldCode.TAX, invoice.tax, what="tax", limit=limit
        )


def _unplanned(
    invoice: Invoice, name: CheckName, code: HoldCode, amount: Money, *, what: str, limit: Limit
) -> Check:
    base, actual = Fraction(0), Fraction(amount.amount)
    found = find(limit.tolerance, base=base, actual=actual, sign=-1 if invoice.credit else 1)
    coin = amount.currency.value
    words = f"{coin} that the orders tell of for {what}"
    return Check(
        name=name,
        code=code,
        line=None,
        outcome=outcome(found),
        base=f"{shown(base)} {coin}",
        actual=f"{shown(actual)} {coin}",
        variance=f"{signed(found.variance)} {coin}",
        allowed="" if found.allowed is None else shown(found.allowed),
        legs=found.legs,
        ruling=limit.ruling,
        arithmetic=told(found, base=base, actual=actual, what=words, ruling=limit.ruling),
    )


def _total(invoice: Invoice, amounts: Amounts, limits: Limits) -> Iterator[Check]:
    """Test that lines, charges and tax add up to the stated total.

    A line without a stated amount may be off by half a minor unit, since nobody can know how the
    supplier rounded. A total too low is held like one too high: the paper contradicts itself.
    Not tested while a line's amount cannot be told; that line has a hold of its own.
    """
    reckoned = reckon(invoice, amounts)
    if invoice.total is None or reckoned is None:
        return
    base, actual = Fraction(reckoned.amount), Fraction(invoice.total.amount)
    coin = invoice.currency.value
    unstated = sum(1 for line in invoice.lines if line.stated.amount is None)
    slack = Fraction(unstated, 2 * 10 ** minor_digits(invoice.currency))
    limit = limits.limit(CheckName.INVOICE_TOTAL, category="total", supplier=invoice.supplier)
    found = find(limit.tolerance, base=base, actual=actual)
    inside = found.inside or abs(actual - base) <= slack
    allowed = max(slack, found.allowed or Fraction(0))
    tax = "tax" if invoice.tax is not None else "tax (not stated)"
    yield Check(
        name=CheckName.INVOICE_TOTAL,
        code=HoldCode.AMOUNT,
        line=None,
        outcome=CheckOutcome.PASSED if inside else CheckOutcome.HELD,
        base=f"{shown(base)} {coin}",
        actual=f"{shown(actual)} {coin}",
        variance=f"{signed(actual - base)} {coin}",
        allowed=shown(allowed),
        legs=f"rounding of {unstated} lines" + (f" or {found.legs}" if found.legs else ""),
        ruling=limit.ruling,
        arithmetic=(
            f"lines + charges + {tax} = {shown(base)} {coin}; stated total {shown(actual)},"
            f" {signed(actual - base)}, allowed {shown(allowed)}:"
            f" {'adds up' if inside else 'does not add up'}"
        ),
    )


def reckon(invoice: Invoice, amounts: Amounts) -> Money | None:
    """Add up the lines, the charges and the tax; None while a line's amount cannot be told."""
    parts = [*amounts, *(charge.amount for charge in invoice.charges), invoice.tax]
    if None in amounts:
        return None
    zero = Money.zero(invoice.currency)
    return sum((part for part in parts if part is not None), zero)
