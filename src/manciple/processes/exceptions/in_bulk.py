"""Accepting in bulk: which of a supplier's proposals may be accepted together with others.

Policy (``bulk_acceptance``) says by how many days and by how much; a proposal beyond it, or whose
size nobody can tell, is decided by itself.
"""

from datetime import datetime

from manciple.cases.case import Case
from manciple.cases.discrepancy import Code
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.policy.register import Register
from manciple.policy.ruling import Ruling

TABLE = "bulk_acceptance"
ACCEPT = "accept"


def concerned(case: Case, order: PurchaseOrder) -> tuple[OrderLine, ...]:
    """Give the answered lines that an exception is about."""
    named = case.discrepancy.line
    return tuple(
        line
        for line in order.lines
        if named in {None, line.number} and line.answer is not None and not line.is_given_up
    )


def why_not(register: Register, case: Case, order: PurchaseOrder, *, at: datetime) -> str:
    """Say why a proposal can't be accepted together with others; empty when it can."""
    if not case.is_open or ACCEPT not in case.resolutions:
        return "policy does not let it end by being accepted"
    ruling = register.decide(TABLE, {"code": case.code.value, "lane": case.lane.value}, at=at)
    if ruling.held or ruling.text("allowed") != "yes":
        return f"decided by itself ({ruling.cite()})"
    match case.code:
        case Code.DATE_CHANGE:
            return _too_late(case, order, ruling)
        case Code.PRICE_VARIANCE:
            return _too_dear(case, order, ruling)
        case _:
            return ""


def _too_late(case: Case, order: PurchaseOrder, ruling: Ruling) -> str:
    days, most = slip(case, order), ruling.decimal("most_days")
    if days is None:
        return "by how many days it is later can't be told"
    if most is not None and days > most:
        return f"{days} days later, at most {most:f} ({ruling.cite()})"
    return ""


def _too_dear(case: Case, order: PurchaseOrder, ruling: Ruling) -> str:
    amount, most = case.discrepancy.amount, ruling.decimal("most_amount")
    if amount is None or amount.currency is not order.currency:
        return "how much dearer it is can't be told"
    if most is not None and amount.amount > most:
        return f"{amount} dearer, at most {most:f} ({ruling.cite()})"
    return ""


def slip(case: Case, order: PurchaseOrder) -> int | None:
    """Give the most calendar days by which a promise is after the need; None: none is known."""
    days = [
        (line.promise - line.needed_by).days
        for line in concerned(case, order)
        if line.promise is not None
    ]
    return max(days, default=None)
