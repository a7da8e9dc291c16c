"""An order that its supplier could not read: the answer's clock stands until it is sent anew.

    InterchangeAnswered, rejected   -> nobody waits for an answer
    InterchangeSent, once more      -> the time for an answer starts again

A file that the partner's 997 rejected was handed over and not delivered: what the supplier never
read it can't answer late. Source: domain rule P-05, the time runs from *sent and delivered*.
"""

from collections.abc import Iterable

from manciple.catalog.calendars import calendar_of_supplier
from manciple.exchange.interchange import Interchange, InterchangeAnswered, InterchangeSent
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes.flow import Flow
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import ref
from manciple.runtime.work import Work
from manciple.supplying.overdue import NoteAcknowledgmentOverdue

_CLOCK = "acknowledgment"


def stop_clock(work: Work, event: InterchangeAnswered) -> Iterable[object]:
    """The partner could not read the order: it owes no answer to it."""
    kept = work.get(Interchange, event.interchange)
    if kept.state == "rejected" and kept.order is not None:
        order = work.get(PurchaseOrder, kept.order)
        if order.sent_revision == kept.revision:
            work.cancel_timer(ref(order), _CLOCK)
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The answer's time, as the flow has it."""

    flow: Flow

    def start_again(self, work: Work, event: InterchangeSent) -> Iterable[object]:
        """A revision that had left before has left once more: its answer is waited for again."""
        order = work.get(PurchaseOrder, event.order) if event.order is not None else None
        if order is None or order.sent_revision != event.revision or order.is_answered:
            return ()
        level = self.flow.service_level(_CLOCK)
        work.timer(
            ref(order),
            _CLOCK,
            level.due(work.at, calendar_of_supplier(work, order.supplier)),
            NoteAcknowledgmentOverdue(order=order.id, revision=order.revision),
        )
        return ()


def reacts(flow: Flow) -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which an unread order is waited for."""
    restart = Restart(flow=flow)
    return (
        Reacts(event=InterchangeAnswered, react=stop_clock),
        Reacts(event=InterchangeSent, react=restart.start_again),
    )
