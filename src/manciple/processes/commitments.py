"""What an order gives up is no longer committed, so windows over spending count it no more."""

from collections.abc import Iterable

from manciple.approvals.spending import ReleaseCommitment
from manciple.ordering.purchase_order import OrderChanged, PurchaseOrder
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work


def release(work: Work, event: OrderChanged) -> Iterable[object]:
    """A rest was cancelled: its amount counts no more. Source: ruling A-03, net of cancelled."""
    order = work.get(PurchaseOrder, event.order)
    for each in event.cancelled:
        line = order.line(each.line)
        if line is not None and (worth := line.estimate(each.quantity)):
            yield ReleaseCommitment(
                subject=Ref(Requisition.KIND, order.requisition),
                supplier=order.supplier,
                item=line.item,
                amount=worth,
            )


def reacts() -> tuple[Reacts, ...]:
    """Give this process's rows of the reaction table."""
    return (Reacts(event=OrderChanged, react=release),)
