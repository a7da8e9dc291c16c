"""The tests of one invoice line, each with its arithmetic in one line, and the holds they set.

    price per unit, line amount     PRICE              received     QTY_RECEIVED
    quantity x price = amount       AMOUNT             ordered      QTY_ORDERED
    drift over all invoices         PRICE_CUMULATIVE   credited     CREDIT_EXCESS

Sources: domain rules D-04 to D-08 and D-15 with their rulings in 4.7.
"""

from collections.abc import Iterator
from fractions import Fraction

from manciple.invoicing.claims import Standing
from manciple.invoicing.conversion import shown, signed
from manciple.invoicing.drawing import Drawn
from manciple.invoicing.holds import OWNERS, Hold, HoldCode
from manciple.invoicing.invoice import InvoiceLine, OrderLineRef
from manciple.invoicing.limits import Finding, KindRuling, Limit, Limits, find
from manciple.invoicing.result import (
    BilledItem,
    Check,
    CheckName,
    CheckOutcome,
    MatchedLine,
    MatchKind,
)
from manciple.invoicing.variance import is_amount, minor_digits, rounded
from manciple.kernel.money import Currency, Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import OrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that one invoice line is tested against; quantities in the base unit.

    Attributes:
        order_price, billed_price: per base unit; None when the currencies differ.
        price_as_billed: per base unit, in the invoice's own currency.
        price_size: how many base units one unit of the order's price holds.
        ordered: less what was cancelled, as the revision in force has it.
        billable: received less returned.
        order_line: as the item that the line bills; a substitute with its own price and packs.
        instead: the substitutes that the line bills.
    """

    line: InvoiceLine
    place: OrderLineRef
    supplier: str
    category: str
    currency: Currency
    order_currency: Currency
    is_credit: bool
    order_line: OrderLine
    order_price: Fraction | None
    billed_price: Fraction | None
    price_as_billed: Fraction
    price_size: Fraction
    billed: Quantity
    ordered: Quantity
    billable: Quantity
    standing: Standing
    receipts: tuple[Drawn, ...]
    kind: KindRuling
    limits: Limits
    instead: tuple[BilledItem, ...] = ()

    @property
    def sign(self) -> int:
        """Give -1 for a credit: there, too little is the harmful side. Source: D-05."""
        return -1 if self.is_credit else 1

    @property
    def price_variance(self) -> Fraction | None:
        """Give (billed price - order price) x quantity, as it costs us."""
        if self.order_price is None or self.billed_price is None:
            return None
        return (self.billed_price - self.order_price) * Fraction(self.billed.value) * self.sign

    def limit(self, name: CheckName) -> Limit:
        """Ask policy how much one test allows on this line."""
        return self.limits.limit(name, category=self.category, supplier=self.supplier)


def line_checks(facts: Facts) -> Iterator[Check]:
    """Run every test of a line, in the order in which people read them."""
    if facts.billed:
        yield from _price_checks(facts)
        yield from _arithmetic(facts)
    if facts.is_credit:
        yield _credit(facts)
        return
    if facts.kind.kind is MatchKind.THREE_WAY:
        yield _quantity(facts, HoldCode.QTY_RECEIVED, facts.billable)
    yield _quantity(facts, HoldCode.QTY_ORDERED, facts.ordered)
    yield from _drift(facts)


def _price_checks(facts: Facts) -> Iterator[Check]:
    """Test the price for one price unit of the order, and the line's amount at that quantity."""
    if facts.order_price is None or facts.billed_price is None:
        return
    unit, coin = facts.order_line.price.per.unit.value, facts.currency.value
    for name, factor, what in (
        (CheckName.INVOICE_PRICE, facts.price_size, f"{coin} per {unit}"),
        (
            CheckName.INVOICE_LINE_AMOUNT,
            Fraction(facts.billed.value),
            f"{coin} for {facts.billed}",
        ),
    ):
        base, actual = facts.order_price * factor, facts.billed_price * factor
        limit = facts.limit(name)
        found = find(limit.tolerance, base=base, actual=actual, sign=facts.sign)
        yield Check(
            name=name,
            code=HoldCode.PRICE,
            line=facts.line.number,
            outcome=outcome(found),
            base=f"{shown(base)} {what}",
            actual=f"{shown(actual)} {what}",
            variance=f"{signed(found.variance)} {coin}",
            allowed="" if found.allowed is None else shown(found.allowed),
            legs=found.legs,
            ruling=limit.ruling,
            arithmetic=told(found, base=base, actual=actual, what=what, ruling=limit.ruling),
        )


def _arithmetic(facts: Facts) -> Iterator[Check]:
    """Test that quantity x price is the stated amount, within half a minor unit."""
    line, coin = facts.line.stated, facts.currency.value
    if line.amount is None:
        return
    exact = facts.price_as_billed * Fraction(facts.billed.value)
    stated = Fraction(line.amount.amount)
    slack = Fraction(1, 2 * 10 ** minor_digits(facts.currency))
    held = abs(stated - exact) > slack
    yield Check(
        name=CheckName.LINE_ARITHMETIC,
        code=HoldCode.AMOUNT,
        line=facts.line.number,
        outcome=CheckOutcome.HELD if held else CheckOutcome.PASSED,
        base=f"{shown(exact)} {coin}",
        actual=f"{shown(stated)} {coin}",
        variance=f"{signed(stated - exact)} {coin}",
        allowed=shown(slack),
        legs="half a minor unit, for rounding",
        ruling="",
        arithmetic=(
            f"{line.quantity} at {line.price} = {shown(exact)} {coin}; stated {shown(stated)},"
            f" {signed(stated - exact)}: {'more than' if held else 'no more than'} rounding"
        ),
    )


def _quantity(facts: Facts, code: HoldCode, ceiling: Quantity) -> Check:
    """Test all that was billed up to this line against all that may be billed.

    Source: 4.7 B, D-06: once, cumulated, percent of that side's total.
    """
    limit = facts.limit(CheckName.INVOICE_QUANTITY)
    before, billed = facts.standing.before, facts.billed.value
    base, actual = Fraction(ceiling.value), Fraction(before) + Fraction(billed)
    found = find(limit.tolerance, base=base, actual=actual)
    is_receipt = code is HoldCode.QTY_RECEIVED
    unit = ceiling.unit.value
    what = f"{unit} {'received and kept' if is_receipt else 'ordered'}"
    sum_ = f"{shown(Fraction(before))} billed before + {shown(Fraction(billed))} = "
    return Check(
        name=CheckName.INVOICE_QUANTITY if is_receipt else CheckName.ORDERED_QUANTITY,
        code=code,
        line=facts.line.number,
        outcome=outcome(found),
        base=f"{shown(base)} {what}",
        actual=f"{shown(actual)} {unit}",
        variance=f"{signed(found.variance)} {unit}",
        allowed="" if found.allowed is None else shown(found.allowed),
        legs=found.legs,
        ruling=limit.ruling,
        arithmetic=sum_ + told(found, base=base, actual=actual, what=what, ruling=limit.ruling),
    )


def _drift(facts: Facts) -> Iterator[Check]:
    """Test the prices' drift over all invoices of the order line, from the second one on.

    One invoice alone is tested by its own price limits: with half their percent here, the limit
    of D-04 could never be used. Source: 4.7 A, D-08.
    """
    limit = facts.limits.cumulative(category=facts.category, supplier=facts.supplier)
    stands = facts.standing
    if limit is None or facts.order_price is None or stands.invoices < 2:  # noqa: PLR2004  the second
        return
    worth = facts.order_price * Fraction(facts.ordered.value)
    found = find(limit.tolerance, base=worth, actual=worth + stands.drift)
    coin = facts.currency.value
    what = f"{coin} for the whole line"
    reason = told(found, base=worth, actual=worth + stands.drift, what=what, ruling=limit.ruling)
    yield Check(
        name=CheckName.CUMULATIVE_PRICE,
        code=HoldCode.PRICE_CUMULATIVE,
        line=facts.line.number,
        outcome=outcome(found),
        base=f"{shown(worth)} {what}",
        actual=f"{shown(worth + stands.drift)} {what}",
        variance=f"{signed(stands.drift)} {coin}",
        allowed="" if found.allowed is None else shown(found.allowed),
        legs=found.legs,
        ruling=limit.ruling,
        arithmetic=f"{stands.invoices} invoices drifted {signed(stands.drift)} {coin}: {reason}",
    )


def _credit(facts: Facts) -> Check:
    """Test that no more is credited than was invoiced. Source: D-15; equal is not more."""
    stands, unit = facts.standing, facts.billed.unit.value
    held = stands.is_credit_in_excess
    if facts.billed:
        base, actual, what = Fraction(stands.invoiced), Fraction(stands.credited), unit
    else:
        base, actual, what = stands.worth_invoiced, stands.worth_credited, facts.currency.value
    return Check(
        name=CheckName.CREDIT,
        code=HoldCode.CREDIT_EXCESS,
        line=facts.line.number,
        outcome=CheckOutcome.HELD if held else CheckOutcome.PASSED,
        base=f"{shown(base)} {what}",
        actual=f"{shown(actual)} {what}",
        variance=f"{signed(actual - base)} {what}",
        allowed="0",
        legs="never more than invoiced",
        ruling="",
        arithmetic=(
            f"credited {shown(actual)} of {shown(base)} {what} invoiced:"
            f" {'more than was invoiced' if held else 'within'}"
        ),
    )


# --- words and holds


def outcome(found: Finding) -> CheckOutcome:
    """Say what a finding means for the line."""
    if found.inside:
        return CheckOutcome.PASSED
    return CheckOutcome.WARNED if found.warning else CheckOutcome.HELD


def told(found: Finding, *, base: Fraction, actual: Fraction, what: str, ruling: str) -> str:
    """Tell a test in one line: both figures, the variance, what was allowed, by which row."""
    if found.allowed is None:
        return f"{shown(actual)} is exactly the {shown(base)} {what}"
    verdict = "inside" if found.inside else "outside"
    verdict += ", a warning" if found.warning else ""
    by = f"; {ruling}" if ruling else ""
    return (
        f"{shown(actual)} against {shown(base)} {what}: {signed(found.variance)},"
        f" allowed {shown(found.allowed)} ({found.legs}{by}): {verdict}"
    )


def line_holds(facts: Facts, matched: MatchedLine) -> Iterator[Hold]:
    """Give one hold for each cause that the tests of a line found."""
    if facts.currency is not facts.order_currency:
        coins = f"{facts.currency.value} against {facts.order_currency.value}"
        yield Hold(
            code=HoldCode.FX_RATE,
            line=facts.line.number,
            owner_role=OWNERS[HoldCode.FX_RATE],
            text=f"billed in {coins} of the order, and no rate is known: the price is not tested",
            variance=coins,
        )
    held = [check for check in matched.checks if check.outcome is CheckOutcome.HELD]
    for code in dict.fromkeys(check.code for check in held):
        yield _hold(facts, [check for check in held if check.code is code])


def _hold(facts: Facts, causes: list[Check]) -> Hold:
    first = causes[0]
    variance, amount, quantity = first.variance, None, None
    match first.code:
        case HoldCode.PRICE:
            cost = facts.price_variance
            variance = f"{signed(cost or Fraction(0))} {facts.currency.value}"
            amount = _money(cost, facts.currency)
        case HoldCode.PRICE_CUMULATIVE:
            amount = _money(facts.standing.drift, facts.currency)
        case HoldCode.QTY_RECEIVED | HoldCode.QTY_ORDERED:
            quantity = _excess(facts, first.code)
            variance = str(quantity)
            if facts.order_price is not None:
                worth = facts.order_price * Fraction(quantity.value)
                amount = _money(worth, facts.currency)
        case _:
            pass
    return Hold(
        code=first.code,
        line=first.line,
        owner_role=OWNERS[first.code],
        text="; ".join(check.arithmetic for check in causes),
        variance=variance,
        amount=amount,
        quantity=quantity,
        ruling=first.ruling,
    )


def _excess(facts: Facts, code: HoldCode) -> Quantity:
    """Say how much of this line is above what may be billed; at most all of it."""
    ceiling = facts.billable if code is HoldCode.QTY_RECEIVED else facts.ordered
    above = Quantity(facts.standing.before, facts.billed.unit) + facts.billed - ceiling
    return min(above, facts.billed)


def _money(amount: Fraction | None, currency: Currency) -> Money | None:
    return rounded(amount, currency) if amount is not None and is_amount(amount) else None
