"""Changes of orders: people are asked where policy wants it, and the supplier is told.

    OrderChangeProposed -> RequestApproval         ApprovalGranted  -> ApplyOrderChange
    OrderChangeEnded    -> VoidApproval            ApprovalRejected -> RejectOrderChange
    OrderChanged, OrderSent -> SendChange: revisions are told one after the other, and none while
                               the change can still be taken back: its file takes a number
    ChangeToBeCalled    -> OpenCase CALL_SUPPLIER: whoever settles it has told the supplier

Whoever accepts a price or a day that the supplier proposed changes the order to it: ``accept``.

Source: domain rules P-02, A-11 and A-13.
"""

from collections.abc import Iterable
from datetime import datetime

from manciple.approvals.request import (
    Approval,
    ApprovalGranted,
    ApprovalRejected,
    RequestApproval,
    VoidApproval,
    approval_number,
)
from manciple.cases.case import CaseResolved, OpenCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.catalog.item import Item
from manciple.exchange.changing import ChangeToBeCalled, SendChange
from manciple.ordering.change.order_change import (
    DOCUMENT_TYPE,
    AdoptProposal,
    ApplyOrderChange,
    ChangeOrder,
    LineChange,
    OrderChange,
    OrderChangeEnded,
    OrderChangeProposed,
    RejectOrderChange,
)
from manciple.ordering.purchase_order import (
    ENDED,
    OrderChanged,
    OrderLine,
    OrderSent,
    PurchaseOrder,
    RecordOrderSent,
)
from manciple.ordering.revision import next_to_tell
from manciple.ordering.substituting import AgreeSubstitute
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import Acknowledgment

_TELL = "tell-change"
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


# ---- telling the supplier ---------------------------------------------------------------------


def tell(work: Work, event: OrderChanged) -> Iterable[object]:
    """There is a new revision: the supplier is told at once if it has all that came before."""
    order = work.get(PurchaseOrder, event.order)
    waiting = next_to_tell(order.revisions, sent=order.sent_revision)
    if waiting is None or waiting.number != event.revision:
        return
    act = SendChange(order=order.id, revision=waiting.number)
    if work.leaves_at > work.at:
        work.timer(ref(order), _TELL, work.leaves_at, act)
    else:
        yield act


def tell_next(work: Work, event: OrderSent) -> Iterable[object]:
    """A revision left: the one that waited for it may follow."""
    order = work.get(PurchaseOrder, event.order)
    waiting = next_to_tell(order.revisions, sent=order.sent_revision)
    if waiting is not None:
        work.cancel_timer(ref(order), _TELL)
        yield SendChange(order=order.id, revision=waiting.number)


def call(work: Work, event: ChangeToBeCalled) -> Iterable[object]:
    """The supplier reads no change orders: somebody calls, and settles the exception by that."""
    del work
    lines = ", ".join(event.lines)
    text = f"tell {event.supplier} what revision {event.revision} changes on lines {lines}"
    yield OpenCase(
        code=Code.CALL_SUPPLIER,
        subject=Ref(PurchaseOrder.KIND, event.order),
        thread=event.thread,
        title=f"call {event.supplier}: revision {event.revision} of {event.order}",
        discrepancy=Discrepancy(
            code=Code.CALL_SUPPLIER,
            expected=f"revision {event.revision} told",
            actual="not told yet",
            text=f"{text}: {event.reason}",
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


# ---- accepting what the supplier proposed -----------------------------------------------------


def accept(work: Work, event: CaseResolved) -> Iterable[object]:
    """Change the order to what was accepted: the price or the day that the supplier named.

    A substitute that is named by our own number may come from then on, at the price that was
    agreed with its supplier; by another number, somebody says first which item it is. Anything
    else that is accepted stands as it was said, and changes nothing.
    """
    order = work.get(PurchaseOrder, event.subject.id)
    if event.code is Code.CALL_SUPPLIER:
        waiting = next_to_tell(order.revisions, sent=order.sent_revision)
        if waiting is not None:
            yield RecordOrderSent(order=order.id, revision=waiting.number, interchange=event.case)
        return
    if event.code is Code.SUBSTITUTION:
        yield from _substitute(work, order, event)
    if event.code not in _PROPOSALS or order.state in ENDED:
        return
    named = event.discrepancy.line
    lines = [line for line in order.lines if named in {None, line.number}]
    changes = [each for line in lines if (each := _proposed(line, event.code)) is not None]
    if changes:
        yield AdoptProposal(
            change=ChangeOrder(
                order=order.id,
                reason=event.note or f"the supplier's {event.code.value} was accepted",
                lines=tuple(changes),
            ),
            by=event.by,
            proposed_at=_said_at(work, [line for line in lines if line.answer is not None]),
            cause=event.code.value,
        )


def _substitute(work: Work, order: PurchaseOrder, event: CaseResolved) -> Iterable[object]:
    line = order.line(event.discrepancy.line or "")
    named = event.discrepancy.actual
    if line is None or order.state in ENDED or line.substitute(named) is not None:
        return
    if work.peek(Item, named) is not None:
        yield AgreeSubstitute(
            order=order.id,
            line=line.number,
            item=named,
            reason=event.note or "the substitute was accepted",
            signed_by=event.by,
        )


_PROPOSALS = frozenset({Code.PRICE_VARIANCE, Code.DATE_CHANGE})


def _proposed(line: OrderLine, code: Code) -> LineChange | None:
    """Give what the supplier's standing answer proposes on a line; None when it is as asked."""
    if line.answer is None:
        return None
    if code is Code.DATE_CHANGE:
        is_moved = line.promise is not None and line.promise != line.needed_by
        return LineChange(line=line.number, needed_by=line.promise) if is_moved else None
    price = line.answer.price
    if price is None or price == line.price_in_base(line.price):
        return None
    return LineChange(line=line.number, price=price)


def _said_at(work: Work, lines: list[OrderLine]) -> datetime:
    """Give when the supplier said what stands on these lines: the latest of its answers."""
    said = [
        work.get(Acknowledgment, line.answer.acknowledgment).received_at
        for line in lines
        if line.answer is not None
    ]
    return max(said, default=work.at)


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which orders are changed."""
    return (
        Reacts(event=OrderChanged, react=tell),
        Reacts(event=OrderSent, react=tell_next),
        Reacts(event=ChangeToBeCalled, react=call),
        Reacts(event=OrderChangeProposed, react=ask),
        Reacts(event=ApprovalGranted, react=agreed),
        Reacts(event=ApprovalRejected, react=refused),
        Reacts(event=OrderChangeEnded, react=void),
    )
