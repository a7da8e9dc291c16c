"""Changes of orders: people are asked where policy wants it, and the supplier is told.

    OrderChangeProposed -> RequestApproval         ApprovalGranted  -> ApplyOrderChange
    OrderChangeEnded    -> VoidApproval            ApprovalRejected -> RejectOrderChange

Source: domain rules P-02, A-11 and A-13.
"""

from collections.abc import Iterable

from manciple.approvals.request import (
    Approval,
    ApprovalGranted,
    ApprovalRejected,
    RequestApproval,
    VoidApproval,
    approval_number,
)
from manciple.ordering.change.order_change import (
    DOCUMENT_TYPE,
    ApplyOrderChange,
    OrderChange,
    OrderChangeEnded,
    OrderChangeProposed,
    RejectOrderChange,
)
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work

FLOW = "direct"
"""The flow by whose rows the chain of a change is found."""


# ---- people's agreement -----------------------------------------------------------------------


def ask(work: Work, event: OrderChangeProposed) -> Iterable[object]:
    """A change commits so much more that people must agree."""
    change = work.get(OrderChange, event.change)
    yield RequestApproval(
        subject=Ref(OrderChange.KIND, change.id),
        thread=change.thread,
        title=change.title,
        document_type=DOCUMENT_TYPE,
        flow=FLOW,
        amount=change.committed_after,
        category=change.shares[0].category,
        site=change.site,
        requester=change.requester,
        lane=change.lane,
        shares=change.shares,
    )


def agreed(work: Work, event: ApprovalGranted) -> Iterable[object]:
    """Everybody said yes: the change holds."""
    del work
    if event.subject.kind == OrderChange.KIND:
        yield ApplyOrderChange(change=event.subject.id, approval=event.approval)


def refused(work: Work, event: ApprovalRejected) -> Iterable[object]:
    """Somebody said no: the order stays as it is."""
    del work
    if event.subject.kind == OrderChange.KIND:
        yield RejectOrderChange(change=event.subject.id, reason=event.reason.value)


def void(work: Work, event: OrderChangeEnded) -> Iterable[object]:
    """Nobody need decide any more: it was taken back, or its revision is outdated (A-11)."""
    name = approval_number(Ref(OrderChange.KIND, event.change), 1)
    approval = work.find(Approval, name)
    if approval is not None and approval.is_pending:
        yield VoidApproval(approval=name, reason=event.why)


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which orders are changed."""
    return (
        Reacts(event=OrderChangeProposed, react=ask),
        Reacts(event=ApprovalGranted, react=agreed),
        Reacts(event=ApprovalRejected, react=refused),
        Reacts(event=OrderChangeEnded, react=void),
    )
