"""The flow `emergency`: ordered at once inside caps, approved afterwards.

    EmergencyReleased -> PlaceOrder per supplier, RequestApproval as ratification
    ApprovalGranted, ApprovalRejected of an emergency -> RecordRatification
    EmergencyStopped -> RejectRequisition        RequisitionWithdrawn -> WithdrawEmergency

From the order on it runs through the reactions of `direct`. Source: domain rules A-16, A-17.
"""

from collections.abc import Iterable

from manciple.approvals.request import ApprovalGranted, ApprovalRejected, approval_number
from manciple.kernel.records import replace
from manciple.ordering.sourcing import orders_of
from manciple.requisitioning.drafting import approval_request
from manciple.requisitioning.emergency import (
    Emergency,
    EmergencyReleased,
    EmergencyState,
    EmergencyStopped,
    RecordRatification,
    WithdrawEmergency,
)
from manciple.requisitioning.requisition import (
    EMERGENCY_FLOW,
    RejectRequisition,
    Requisition,
    RequisitionWithdrawn,
)
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.work import Work


def is_emergency(work: Work, requisition: str) -> bool:
    """Say whether a requisition is ordered before it is approved."""
    need = work.peek(Requisition, requisition)
    return need is not None and need.flow == EMERGENCY_FLOW


def order_and_ask(work: Work, event: EmergencyReleased) -> Iterable[object]:
    """It may be ordered; those who would have been asked before are asked now."""
    need = work.get(Requisition, event.emergency)
    yield from orders_of(work, need)
    asked = approval_request(need)
    due = f"{event.due_at:%Y-%m-%d %H:%M} UTC"
    yield replace(asked, title=f"Ratify by {due} the emergency {asked.title}: {need.cause}")


def ratify(work: Work, event: ApprovalGranted) -> Iterable[object]:
    """Everybody said yes afterwards."""
    if event.subject.kind == Requisition.KIND and is_emergency(work, event.subject.id):
        yield RecordRatification(emergency=event.subject.id, is_ratified=True)


def refuse(work: Work, event: ApprovalRejected) -> Iterable[object]:
    """Somebody would not have approved it."""
    if event.subject.kind == Requisition.KIND and is_emergency(work, event.subject.id):
        reason = f"{event.reason.value}: {event.note}" if event.note else event.reason.value
        yield RecordRatification(emergency=event.subject.id, is_ratified=False, reason=reason)


def reject(work: Work, event: EmergencyStopped) -> Iterable[object]:
    """Whoever is on call refused it: the need ends; stated anew it takes the normal path."""
    del work
    if event.state is EmergencyState.STOPPED:
        subject = Ref(Requisition.KIND, event.emergency)
        yield RejectRequisition(
            requisition=event.emergency,
            approval=approval_number(subject, 1),
            reason=f"{event.by}, on call: {event.reason}",
        )


def withdraw(work: Work, event: RequisitionWithdrawn) -> Iterable[object]:
    """The requester took it back before it was released."""
    if work.peek(Emergency, event.requisition) is not None:
        yield WithdrawEmergency(emergency=event.requisition)


def reacts() -> tuple[Reacts, ...]:
    """Give the flow's rows of the reaction table."""
    return (
        Reacts(event=EmergencyReleased, react=order_and_ask),
        Reacts(event=ApprovalGranted, react=ratify),
        Reacts(event=ApprovalRejected, react=refuse),
        Reacts(event=EmergencyStopped, react=reject),
        Reacts(event=RequisitionWithdrawn, react=withdraw),
    )
