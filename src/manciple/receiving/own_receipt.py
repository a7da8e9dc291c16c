"""What somebody asked for and counts themselves when it comes: at their site, of their request.

    rita asks -> the order comes -> rita counts it      the receipt is hers, by the same rules

Who counted goods never releases a hold of their invoice (A-07); that rule stands with the holds.
"""

from dataclasses import dataclass

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import RecordReceipt
from manciple.requisitioning.requisition import Requisition


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveOwn:
    """Book what a requester counted of their own request."""

    requisition: str
    counted: RecordReceipt


def require_own(
    need: Requisition | None, order: PurchaseOrder | None, act: ReceiveOwn, *, actor: Actor
) -> None:
    """Let somebody count what they asked for, and nothing else.

    Raises:
        Refused: UNKNOWN_REQUISITION, NOT_YOUR_REQUISITION or ANOTHER_ORDER.
    """
    if need is None:
        raise refuse(
            "UNKNOWN_REQUISITION", f"there is no requisition {act.requisition}",
            field="requisition",
        )  # fmt: skip
    if need.requester != actor.id:
        raise refuse(
            "NOT_YOUR_REQUISITION",
            f"{need.id} was asked for by {need.requester}, not by {actor.id}",
            field="requisition",
            rule="A-07",
            fix="Let them count it, or the warehouse of the site.",
        )
    if order is not None and order.requisition != need.id:
        raise refuse(
            "ANOTHER_ORDER",
            f"{order.id} was not made for {need.id}",
            field="order",
            fix="Take an order of this request.",
        )
