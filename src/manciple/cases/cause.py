"""What caused an exception: another one, where a rule says that the one leads to the other.

    DELIVERY_FAILED -> NO_ACKNOWLEDGMENT -> DELAYED_RECEIPT         one root: DELIVERY_FAILED
    PRICE_VARIANCE on the order -> INVOICE_MISMATCH on its invoice  one root: PRICE_VARIANCE

An exception names the one that caused it and the root of the chain, so that what went wrong once
is counted once. Nothing is guessed: where no rule speaks, an exception is its own root.
"""

from collections.abc import Iterable, Mapping

from manciple.cases.case import Case
from manciple.cases.discrepancy import Code

LEADS_TO: Mapping[Code, tuple[Code, ...]] = {
    Code.NO_ACKNOWLEDGMENT: (Code.DELIVERY_FAILED,),
    Code.SHORTAGE: (Code.UNIT_CONFLICT,),
    Code.DELAYED_RECEIPT: (
        Code.REJECTED_LINE,
        Code.SHORTAGE,
        Code.DATE_CHANGE,
        Code.SUBSTITUTION,
        Code.NO_ACKNOWLEDGMENT,
        Code.DELIVERY_FAILED,
    ),
    Code.SHORT_RECEIPT: (Code.SHORTAGE,),
    Code.OVER_RECEIPT: (Code.OVER_SHIPMENT,),
    Code.RECEIPT_DRIFT: (
        Code.ERP_REJECTED,
        Code.DELIVERY_FAILED,
        Code.OVER_RECEIPT,
        Code.SHORT_RECEIPT,
    ),
    Code.INVOICE_MISMATCH: (
        Code.DUPLICATE,
        Code.PRICE_VARIANCE,
        Code.UNIT_CONFLICT,
        Code.SUBSTITUTION,
        Code.OVER_RECEIPT,
        Code.SHORT_RECEIPT,
        Code.RECEIPT_DRIFT,
        Code.OVER_SHIPMENT,
        Code.DELAYED_RECEIPT,
        Code.SHORTAGE,
    ),
}
"""By what went wrong: the exceptions that lead to it, the most telling first."""


_WHOLE = frozenset({Code.DELIVERY_FAILED, Code.ERP_REJECTED, Code.DUPLICATE})
"""About a document as a whole, whatever part of it they name."""


def cause_of(code: Code, line: str | None, known: Iterable[Case]) -> Case | None:
    """Give the exception that caused one of this code on this line; None when no rule names one.

    ``known`` are the exceptions about the same or related documents, open or settled. One that is
    about another line is no cause; of several the code's own order decides, then the oldest.
    """
    order = LEADS_TO.get(code, ())
    fitting = [
        case
        for case in known
        if case.code in order
        and (line is None or case.code in _WHOLE or case.discrepancy.line in {None, line})
    ]
    return min(
        fitting,
        key=lambda case: (order.index(case.code), case.opened_at, case.id),
        default=None,
    )
