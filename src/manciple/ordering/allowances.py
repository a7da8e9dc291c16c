"""Allowances: the tolerances that policy gives an order line, each with the row that said so.

A test that no row configures allows nothing. Source: domain rules D-04 and D-25, rulings 4.7 B.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from manciple.kernel.records import dataclass
from manciple.kernel.tolerance import Mode, Tolerance
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.policy.evaluate import CompiledTable
from manciple.policy.register import Register


class Test(StrEnum):
    """Which figure is compared; a row of the table ``tolerances`` names one."""

    __test__ = False

    ACK_QUANTITY = "ack_quantity"
    ACK_PRICE = "ack_price"
    ACK_DATE = "ack_date"
    RECEIPT_OVER = "receipt_over"
    CLOSE = "close"
    DAY_AHEAD = "day_ahead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much a figure may differ, and which row of policy says so.

    Attributes:
        days_early, days_late: calendar days, inclusive; None allows none.
        cite: the table, version and row: ``tolerances 2026-01/t03``.
    """

    tolerance: Tolerance
    days_early: int = 0
    days_late: int = 0
    cite: str = ""


NOTHING = Allowance(tolerance=Tolerance(lower_holds=True))
"""Nothing may differ."""


def allowance(
    register: Register, test: Test, *, category: str, supplier: str, at: datetime
) -> Allowance:
    """Ask policy how much may differ for this category and supplier.

    Too little is as bad as too much, but for a price: a lower one is a warning (D-05).
    """
    return _worked_out(register.compiled("tolerances", at=at), test, category, supplier)


def over_receipt(
    register: Register, order: PurchaseOrder, at: datetime
) -> Mapping[str, Tolerance]:
    """Ask policy, by line number, how much more than ordered may come (D-21)."""
    return {
        line.number: allowance(
            register, Test.RECEIPT_OVER, category=line.category, supplier=order.supplier, at=at
        ).tolerance
        for line in order.lines
    }


@lru_cache(maxsize=4096)
def _worked_out(table: CompiledTable, test: Test, category: str, supplier: str) -> Allowance:
    """Ask once: the same version of the table gives the same answer to the same facts."""
    ruling = table.decide({"test": test.value, "category": category, "supplier": supplier})
    if ruling.held:
        return Allowance(tolerance=NOTHING.tolerance, cite=ruling.cite())
    return Allowance(
        tolerance=Tolerance(
            percent_upper=ruling.decimal("percent_upper"),
            absolute_upper=ruling.decimal("absolute_upper"),
            percent_lower=ruling.decimal("percent_lower"),
            absolute_lower=ruling.decimal("absolute_lower"),
            mode=Mode(ruling.text("mode")),
            lower_holds=test is not Test.ACK_PRICE,
        ),
        days_early=_days(ruling.decimal("days_early")),
        days_late=_days(ruling.decimal("days_late")),
        cite=ruling.cite(),
    )


def allowed_above(base: Decimal, tolerance: Tolerance) -> Decimal:
    """Say how far above ``base`` a figure may be: the upper limit's size, zero without a limit."""
    result = tolerance.test(base, base + 1)
    return result.allowed or Decimal(0)


def _days(stated: Decimal | None) -> int:
    return int(stated or 0)
