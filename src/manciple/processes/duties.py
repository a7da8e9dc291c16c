"""Segregation of duties: who did what for an order, so that nobody passes their own deeds on.

    asked for it, agreed to it, counted it  ->  may not release what keeps its invoice unpaid

Whoever acted for somebody else did it as well as the one whose power it was.
Source: segregation of duties, ISO/IEC 27002:2022, control 5.3; house rule A-07.
"""

from collections.abc import Iterator, Mapping, Sequence

from manciple.approvals.request import Approval
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import Receipt
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.work import Work


def done_by(work: Work, orders: Sequence[str]) -> Mapping[str, str]:
    """Say in words what each person did for some orders; of several deeds the first is told."""
    told: dict[str, str] = {}
    for name in orders:
        for person, deed in _deeds(work, work.get(PurchaseOrder, name)):
            told.setdefault(person, deed)
    return told


def _deeds(work: Work, order: PurchaseOrder) -> Iterator[tuple[str, str]]:
    need = work.find(Requisition, order.requisition)
    if need is not None:
        yield need.requester, f"asked for what {order.id} orders"
        asked = work.find(Approval, need.approval) if need.approval else None
        if asked is not None:
            yield from _agreed(asked, order.id)
    for each in work.refs(order.id):
        receipt = work.find(Receipt, each.id) if each.kind == Receipt.KIND else None
        if receipt is not None and receipt.order == order.id and receipt.by:
            yield receipt.by, f"counted receipt {receipt.id} of {order.id}"


def _agreed(asked: Approval, order: str) -> Iterator[tuple[str, str]]:
    deed = f"agreed to {order}"
    for step in asked.steps:
        for person in (step.acted_by, step.on_behalf_of):
            if person:
                yield person, deed
        for vote in step.votes:
            for person in (vote.by, vote.on_behalf_of):
                if person:
                    yield person, deed
