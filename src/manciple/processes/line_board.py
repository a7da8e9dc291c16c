"""The buyer's worklists: open order lines by stage, and what suppliers propose.

    OrderPlaced, OrderRefusedByErp, OrderSent, OrderAnswered, OrderChanged, OrderReopened
                                      -> the lines concerned stand on the board at their stage
    OrderReceived, OrderClosed        -> lines that are here in full leave it
    CaseOpened, CaseReopened, CaseResolved about an answer
                                      -> its lines are changed, or agreed; the proposal waits,
                                         or it does not

They change in the transaction of what happened, like every worklist. A line keeps the instant at
which it came to its stage, because only what moves a line writes its row anew.
"""

from collections.abc import Collection, Iterable
from typing import Final

from manciple.cases.case import Case, CaseOpened, CaseReopened, CaseResolved
from manciple.cases.discrepancy import Code
from manciple.cases.life import about
from manciple.catalog.site import Site
from manciple.kernel.messages import Role
from manciple.ordering.board import PLACES, Stage, open_line
from manciple.ordering.line_ledger import ledgers_of
from manciple.ordering.purchase_order import (
    AnswerState,
    OrderChanged,
    OrderClosed,
    OrderPlaced,
    OrderRefusedByErp,
    OrderReopened,
    OrderSent,
    PurchaseOrder,
)
from manciple.receiving.receipt import OrderReceived
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref, ref
from manciple.runtime.work import Task, Work
from manciple.supplying.acknowledgment import OrderAnswered

LINES: Final = "line"
"""The worklist of open order lines; a row's id is ``line:ORDER/LINE``."""
PROPOSALS: Final = "proposal"
"""The worklist of what suppliers propose; a row's id is ``proposal:CASE``."""
PROPOSED: Final = frozenset(
    {
        Code.SHORTAGE,
        Code.DATE_CHANGE,
        Code.PRICE_VARIANCE,
        Code.SUBSTITUTION,
        Code.REJECTED_LINE,
        Code.OVER_SHIPMENT,
    }
)
"""What a supplier's answer can propose that lies outside the tolerances."""
_OWNERS = {Stage.CHANGED: Role.BUYER, Stage.UNANSWERED: Role.SUPPLIER, Stage.COMING: Role.SUPPLIER}


def line_task(order: str, line: str) -> str:
    """Give the id of a line's row."""
    return f"{LINES}:{order}/{line}"


def proposal_task(case: str) -> str:
    """Give the id of a proposal's row."""
    return f"{PROPOSALS}:{case}"


def _show(work: Work, name: str, lines: Collection[str] | None, *, is_new: bool = False) -> None:
    """Write the rows of some lines of an order, or of all of them; those not open leave."""
    order = work.peek(PurchaseOrder, name)
    if order is None:
        return
    ledgers = {} if is_new else ledgers_of(work, order.id)
    site = work.peek(Site, order.site)
    disputed = _disputed(work, order)
    for line in order.lines:
        if lines is not None and line.number not in lines:
            continue
        found = open_line(
            order,
            line,
            ledgers.get(line.number),
            is_disputed=bool(disputed & {line.number, ""}),
            zone=site.zone if site else "UTC",
        )
        task = line_task(order.id, line.number)
        if found is None:
            work.drop_task(task)
            continue
        words = (order.id, line.number, line.item, line.supplier_item or "", line.description)
        work.put_task(
            Task(
                id=task,
                list=LINES,
                subject=ref(order),
                title=" ".join(word for word in (*words, order.erp_number or "") if word),
                role=_OWNERS.get(found.stage, Role.BUYER).value,
                owner=None,
                opened_at=work.at,
                due_at=found.late_from,
                site=order.site,
                supplier=order.supplier,
                priority=PLACES[found.stage],
            )
        )


def _disputed(work: Work, order: PurchaseOrder) -> frozenset[str]:
    """Give the lines whose answer somebody must decide on; an empty word stands for all of them.

    Only an order with an answer that is not as ordered is looked at more closely.
    """
    answers = (line.answer for line in order.lines)
    if all(each is None or each.state is AnswerState.FULL for each in answers):
        return frozenset()
    cases = (work.peek(Case, each.id) for each in work.refs(about(ref(order))))
    return frozenset(
        case.discrepancy.line or ""
        for case in cases
        if case is not None and case.is_open and case.code in PROPOSED
    )


def placed(work: Work, event: OrderPlaced) -> Iterable[object]:
    """A new order: its lines are to be released."""
    _show(work, event.order, None, is_new=True)
    return ()


def refused(work: Work, event: OrderRefusedByErp) -> Iterable[object]:
    """The ERP said no: the lines wait for a person."""
    _show(work, event.order, None)
    return ()


def sent(work: Work, event: OrderSent) -> Iterable[object]:
    """A revision left: the lines that it touches wait for the supplier."""
    order = work.get(PurchaseOrder, event.order)
    lines = [line.number for line in order.lines if line.revision == event.revision]
    _show(work, event.order, lines)
    return ()


def answered(work: Work, event: OrderAnswered) -> Iterable[object]:
    """The supplier answered: its lines are agreed or changed, and may have another day."""
    _show(work, event.order, {*event.lines, *(each.line for each in event.promises)})
    return ()


def changed(work: Work, event: OrderChanged) -> Iterable[object]:
    """A new revision: the lines that it touches begin anew, or are given up."""
    _show(work, event.order, event.touched)
    return ()


def reopened(work: Work, event: OrderReopened) -> Iterable[object]:
    """Goods are to be replaced: what is open again is on the board again."""
    _show(work, event.order, None)
    return ()


def received(work: Work, event: OrderReceived) -> Iterable[object]:
    """Goods came: what is here in full leaves the board, the rest stays where it is."""
    ledgers = ledgers_of(work, event.order)
    for line in event.lines:
        if line in ledgers and not ledgers[line].open_to_receive:
            work.drop_task(line_task(event.order, line))
    return ()


def closed(work: Work, event: OrderClosed) -> Iterable[object]:
    """Nothing more is expected of the order."""
    order = work.get(PurchaseOrder, event.order)
    for line in order.lines:
        work.drop_task(line_task(order.id, line.number))
    return ()


def decided(work: Work, event: CaseOpened | CaseReopened | CaseResolved) -> Iterable[object]:
    """Somebody must decide on an answer, or has."""
    if event.code not in PROPOSED or event.subject.kind != PurchaseOrder.KIND:
        return ()
    case = work.get(Case, event.case)
    order = work.peek(PurchaseOrder, event.subject.id)
    if order is None:
        return ()
    named = case.discrepancy.line
    answers = {
        line.number: line.answer
        for line in order.lines
        if named in {None, line.number} and line.answer is not None
    }
    lines = [name for name, each in answers.items() if each.state is not AnswerState.FULL]
    _show(work, order.id, lines)
    is_no = case.code is Code.REJECTED_LINE and bool(answers)
    if case.is_open and (lines or is_no):
        work.put_task(_proposal(work, case))
    else:
        work.drop_task(proposal_task(case.id))
    return ()


def _proposal(work: Work, case: Case) -> Task:
    return Task(
        id=proposal_task(case.id),
        list=PROPOSALS,
        subject=Ref(Case.KIND, case.id),
        title=case.title,
        role=case.owner_role.value,
        owner=case.owner,
        opened_at=work.at,
        due_at=case.due_at,
        site=case.site,
        supplier=case.supplier,
    )


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which the buyer's worklists are kept."""
    return (
        Reacts(event=OrderPlaced, react=placed),
        Reacts(event=OrderRefusedByErp, react=refused),
        Reacts(event=OrderSent, react=sent),
        Reacts(event=OrderAnswered, react=answered),
        Reacts(event=OrderChanged, react=changed),
        Reacts(event=OrderReopened, react=reopened),
        Reacts(event=OrderReceived, react=received),
        Reacts(event=OrderClosed, react=closed),
        Reacts(event=CaseOpened, react=decided),
        Reacts(event=CaseReopened, react=decided),
        Reacts(event=CaseResolved, react=decided),
    )
