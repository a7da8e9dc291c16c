"""What a match found: every test with its numbers, its arithmetic and the rule that decided."""

from enum import StrEnum, auto

from manciple.invoicing.drawing import Drawn
from manciple.invoicing.holds import Hold, HoldCode
from manciple.invoicing.variance import ShownVariances
from manciple.kernel.money import Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass


class MatchKind(StrEnum):
    """What a line is held against. Source: domain rule D-01."""

    TWO_WAY = "2-way"
    """The order alone."""
    THREE_WAY = "3-way"
    """The order, and what was received and not returned."""


class CheckName(StrEnum):
    """The tests, by the names of the policy table ``tolerances`` where it has one."""

    INVOICE_PRICE = "invoice_price"
    INVOICE_LINE_AMOUNT = "invoice_line_amount"
    INVOICE_QUANTITY = "invoice_quantity"
    INVOICE_TOTAL = "invoice_total"
    TAX = "tax"
    TAX_GROUP = "tax_group"
    TAX_CODE = "tax_code"
    ORDERED_QUANTITY = "ordered_quantity"
    CUMULATIVE_PRICE = "cumulative_price"
    LINE_ARITHMETIC = "line_arithmetic"
    TOTAL_ARITHMETIC = "total_arithmetic"
    CREDIT = "credit"
    CHARGE = "charge"
    FREIGHT = "freight"
    """What was planned: freight, duty, a fee."""


class CheckOutcome(StrEnum):
    """What one test said. A warning is shown and keeps nothing. Source: domain rule D-05."""

    PASSED = auto()
    WARNED = auto()
    HELD = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One test of one invoice line, or of the invoice as a whole (``line`` is None).

    Attributes:
        code: the hold that a breach of this test sets.
        base: what was agreed or known; ``actual`` what the invoice says; both with their unit.
        variance: actual less base, with its sign.
        allowed: how much variance was allowed on that side; empty when none was asked.
        legs: the tolerance in words, ``upper 2 % or 15, stricter``.
        ruling: the policy table, version and row, ``tolerances 2026-01/t03``.
        arithmetic: the same in one line of text.
    """

    name: CheckName
    code: HoldCode
    line: str | None
    outcome: CheckOutcome
    base: str
    actual: str
    variance: str
    allowed: str
    legs: str
    ruling: str
    arithmetic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledItem:
    """So much of a line bills a substitute, at the price that was agreed for it.

    Attributes:
        basis: where that price is from.
    """

    item: str
    quantity: Quantity
    price: Price
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedLine:
    """One invoice line beside its order line.

    Attributes:
        level: where the kind was set: company, category, supplier, item or line.
        ruling: the policy row that set the kind.
        billed: on this line, in the base unit; zero for a credit of money only.
        amount: what the line bills in money, as stated, else quantity x price rounded once.
        ordered: of the order line, less what was cancelled.
        billable: received less returned; None for a line that is not held against receipts.
        before: billed by papers that come first, less credits that count.
        receipts: the receipts that it draws on, oldest first; what is missing has not come.
        variances: price and quantity variance in money; None when they cannot be told.
        instead: the substitutes that it bills; the rest is the item ordered. Source: D-22.
    """

    line: str
    order: str
    order_line: str
    kind: MatchKind
    level: str
    ruling: str
    billed: Quantity
    amount: Money | None
    ordered: Quantity
    billable: Quantity | None
    before: Quantity
    variances: ShownVariances | None
    checks: tuple[Check, ...]
    receipts: tuple[Drawn, ...] = ()
    instead: tuple[BilledItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeShare:
    """So much of a charge belongs to one invoice line; its unit price does not change."""

    line: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocatedCharge:
    """A charge that policy allocates to the lines; the shares add up to it.

    Attributes:
        ruling: the policy row that says so.
    """

    code: str
    amount: Money
    ruling: str
    shares: tuple[ChargeShare, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedOrder:
    """An invoice line that bills a service: a charge that an order plans and a third party bills.

    Attributes:
        order: the order that the service was done for.
        code: the charge that it plans.
    """

    line: str
    order: str
    code: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedShare:
    """So much of an order's planned charge this paper uses up; a credit note gives it back."""

    order: str
    code: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResult:
    """All that a match found: the lines, the tests of the whole paper, and every hold.

    ``holds`` says what the facts say; which of them a person has released is the invoice's.

    Attributes:
        charges: those that no order planned, as policy allocates them to lines.
        services: the lines that bill no goods, but a service for an order.
        planned: what the paper uses up of the orders' planned charges.
    """

    lines: tuple[MatchedLine, ...]
    checks: tuple[Check, ...]
    holds: tuple[Hold, ...]
    charges: tuple[AllocatedCharge, ...] = ()
    services: tuple[ServedOrder, ...] = ()
    planned: tuple[PlannedShare, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Say whether no test sets a hold."""
        return not self.holds
