"""The tests of an invoice as a whole, and the holds that they set.

    goods at billed against goods at order prices   PRICE       charges   CHARGE
    lines + charges + tax = total                   AMOUNT      tax       TAX, see ``taxes``

A charge that an order plans is held against the plan (see ``planned``). Of the others, what policy
does not accept or allocate waits for the buyer (see ``charges``); none is ever spread over prices.
Unknown is unknown, not zero. Sources: domain rules D-04, D-09, D-10.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from manciple.invoicing.charges import Judged
from manciple.invoicing.checks import outcome, told
from manciple.invoicing.conversion import shown, signed
from manciple.invoicing.holds import OWNERS, Hold, HoldCode
from manciple.invoicing.invoice import Invoice
from manciple.invoicing.limits import Limit, Limits, find
from manciple.invoicing.result import Check, CheckName, CheckOutcome
from manciple.invoicing.taxes import Taxable, tax_checks
from manciple.invoicing.variance import minor_digits
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass

Amounts = tuple[Money | None, ...]
"""What each line bills, in line order; None where quantity x price cannot be told."""


@dataclass(frozen=True, slots=True)
class Goods:
    """What one line's goods are worth at the order's price, and as billed; one currency."""

    agreed: Fraction
    billed: Fraction


def paper_checks(
    invoice: Invoice,
    amounts: Amounts,
    goods: Sequence[Goods],
    taxables: Sequence[Taxable],
    limits: Limits,
    *,
    charged: Sequence[Check] = (),
    unplanned: Sequence[Judged] = (),
) -> tuple[Check, ...]:
    """Run the tests that concern no single line.

    Args:
        invoice: the paper.
        amounts: what each line bills.
        goods: each line's goods at both prices.
        taxables: what is taxed, and how.
        limits: what policy allows.
        charged: what the tests of planned charges found.
        unplanned: the charges that no order planned.
    """
    return (
        *_goods(invoice, goods, limits),
        *charged,
        *(_charge(invoice, each) for each in unplanned),
        *tax_checks(invoice, taxables, limits),
        *_total(invoice, amounts),
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


def _goods(invoice: Invoice, goods: Sequence[Goods], limits: Limits) -> Iterator[Check]:
    """Test what all lines together are over: many small differences are a large one.

    From the second line on; one line alone has been tested by its own limits.
    """
    if len(goods) < 2:  # noqa: PLR2004  the second
        return
    base = sum((each.agreed for each in goods), Fraction(0))
    actual = sum((each.billed for each in goods), Fraction(0))
    limit = limits.limit(CheckName.INVOICE_TOTAL, category="total", supplier=invoice.supplier)
    what = f"{invoice.currency.value} for all goods at the orders' prices"
    yield _compared(
        invoice,
        CheckName.INVOICE_TOTAL,
        HoldCode.PRICE,
        Goods(base, actual),
        what=what,
        limit=limit,
    )


def _charge(invoice: Invoice, each: Judged) -> Check:
    """Test a charge: no order planned it, so nothing passes but what policy allows."""
    charge = each.charge
    others = " (somebody else is to bill it)" if each.is_others else ""
    what = f"{invoice.currency.value} planned for {charge.description or charge.code}{others}"
    amounts = Goods(Fraction(0), Fraction(charge.amount.amount))
    limit = each.rule.limit
    return _compared(invoice, CheckName.CHARGE, HoldCode.CHARGE, amounts, what=what, limit=limit)


def _compared(
    invoice: Invoice, name: CheckName, code: HoldCode, sums: Goods, *, what: str, limit: Limit
) -> Check:
    base, actual, coin = sums.agreed, sums.billed, invoice.currency.value
    sign = -1 if invoice.credit else 1
    found = find(limit.tolerance, base=base, actual=actual, sign=sign)
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
        arithmetic=told(found, base=base, actual=actual, what=what, ruling=limit.ruling),
    )


def _total(invoice: Invoice, amounts: Amounts) -> Iterator[Check]:
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
    inside = abs(actual - base) <= slack
    tax = "tax" if invoice.tax is not None else "tax (not stated)"
    yield Check(
        name=CheckName.TOTAL_ARITHMETIC,
        code=HoldCode.AMOUNT,
        line=None,
        outcome=CheckOutcome.PASSED if inside else CheckOutcome.HELD,
        base=f"{shown(base)} {coin}",
        actual=f"{shown(actual)} {coin}",
        variance=f"{signed(actual - base)} {coin}",
        allowed=shown(slack),
        legs=f"half a minor unit for each of {unstated} lines without a stated amount",
        ruling="",
        arithmetic=(
            f"lines + charges + {tax} = {shown(base)} {coin}; stated total {shown(actual)},"
            f" {signed(actual - base)}, allowed {shown(slack)} for rounding:"
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
