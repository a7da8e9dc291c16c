"""Overdue answers: an order that should have been answered by now.

Contact is no answer: a line whose schedule or price the supplier still owes stays awaited.
Source: domain rules P-03 (SP, IE) and P-05.
"""

from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import BEFORE_SENDING, ENDED, OrderState, PurchaseOrder
from manciple.runtime.effects import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAcknowledgmentOverdue:
    """The time for an answer to a revision is over: tell, unless it came or no longer matters."""

    order: str
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgmentOverdue:
    """An order has lines without the supplier's answer, past the time for it."""

    order: str
    thread: str
    revision: int
    supplier: str
    site: str
    lane: Lane
    lines: tuple[str, ...]


_PAST_ANSWERING = ENDED | BEFORE_SENDING | {OrderState.RECEIVED}


def overdue(order: PurchaseOrder, revision: int) -> tuple[str, ...]:
    """Name the lines whose answer is overdue: those that no later revision has touched.

    Each revision that touches a line restarts its clock, and no other's. Source: ruling P-02.
    """
    if revision > order.revision or order.state in _PAST_ANSWERING:
        return ()
    return tuple(
        line.number for line in order.lines if line.revision <= revision and not line.is_answered
    )
