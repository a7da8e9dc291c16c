"""A discrepancy is a fact: what was expected, what came, and by how much they differ.

SHORTAGE line 1: expected 108 EA, actual 96 EA, variance -12 EA
"""

from enum import StrEnum

from manciple.kernel.money import Money
from manciple.kernel.records import dataclass


class Code(StrEnum):
    """What kind of thing went wrong; routing, service level and resolutions hang on it."""

    SHORTAGE = "SHORTAGE"
    PRICE_VARIANCE = "PRICE_VARIANCE"
    DELAYED_RECEIPT = "DELAYED_RECEIPT"
    INVOICE_MISMATCH = "INVOICE_MISMATCH"
    NO_ACKNOWLEDGMENT = "NO_ACKNOWLEDGMENT"
    UNREADABLE = "UNREADABLE"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    OVER_SHIPMENT = "OVER_SHIPMENT"
    OVER_RECEIPT = "OVER_RECEIPT"
    SHORT_RECEIPT = "SHORT_RECEIPT"
    SUBSTITUTION = "SUBSTITUTION"
    DATE_CHANGE = "DATE_CHANGE"
    REJECTED_LINE = "REJECTED_LINE"
    ERP_REJECTED = "ERP_REJECTED"
    APPROVER_GAP = "APPROVER_GAP"
    STALE_ACKNOWLEDGMENT = "STALE_ACKNOWLEDGMENT"
    UNIT_CONFLICT = "UNIT_CONFLICT"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    ENDPOINT_DOWN = "ENDPOINT_DOWN"
    CONTROL_GAP = "CONTROL_GAP"
    CREDIT_OVERDUE = "CREDIT_OVERDUE"
    DUPLICATE = "DUPLICATE"
    RECEIPT_DRIFT = "RECEIPT_DRIFT"
    CALL_SUPPLIER = "CALL_SUPPLIER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """What was expected, what came, and by how much they differ.

    Attributes:
        line: the order line that it concerns; None when it is about the whole document.
        expected, actual, variance: as people read them, with their units: ``108 EA``, ``96 EA``,
            ``-12 EA``; empty where there is nothing to compare.
        amount: what it is worth, where that can be said.
        text: one sentence for whoever must act.
    """

    code: Code
    line: str | None = None
    expected: str = ""
    actual: str = ""
    variance: str = ""
    amount: Money | None = None
    text: str = ""
