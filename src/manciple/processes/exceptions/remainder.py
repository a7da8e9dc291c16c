"""What is left of an order's lines that an exception is about: what can still be given up.

After an answer that confirms a part, what was confirmed stands and the rest can be given up; else
whatever was not shipped or received can.
"""

from manciple.cases.case import Case
from manciple.cases.discrepancy import Code
from manciple.cases.ports import Standing
from manciple.kernel.quantity import Quantity
from manciple.ordering.change.remainder import rest_of
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import ENDED, Beyond, OrderLine, PurchaseOrder

_PARTLY_CONFIRMED = frozenset({Code.SHORTAGE, Code.REJECTED_LINE})
"""Codes about a part that the supplier does not confirm: what it confirms stands."""


def beyond(code: Code) -> Beyond:
    """Say what stands when the rest is given up."""
    return Beyond.CONFIRMED if code in _PARTLY_CONFIRMED else Beyond.DELIVERED


def rests(
    standing: Standing, order: PurchaseOrder, code: Code, line: str | None
) -> tuple[tuple[OrderLine, Quantity], ...]:
    """Give what can be given up of the line named, or of all: lines with more than nothing."""
    if order.state in ENDED:
        return ()
    books = ledgers(standing.records(Posting, order.id))
    named = [each for each in order.lines if line in {None, each.number}]
    found = ((each, rest_of(each, books[each.number], beyond(code))) for each in named)
    return tuple((each, rest) for each, rest in found if rest.value > 0)


def nothing_to_give_up(standing: Standing, case: Case) -> str:
    """Nothing can be given up where nothing is left."""
    order = standing.peek(PurchaseOrder, case.subject.id)
    if order is None:
        return ""
    if order.state in ENDED:
        return f"the order is {order.state.value}"
    left = rests(standing, order, case.code, case.discrepancy.line)
    return "" if left else f"nothing is left beyond what was {beyond(case.code).value}"
