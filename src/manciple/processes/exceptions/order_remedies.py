"""Remedies of orders: give up what will not come, ask the supplier again, or let it stand."""

from collections.abc import Iterable

from manciple.cases.case import Case, CaseResolved
from manciple.cases.discrepancy import Code
from manciple.cases.ports import Standing
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import ENDED, CancelRemainder, PurchaseOrder
from manciple.processes.changing import accept
from manciple.processes.disputing import TELL
from manciple.processes.exceptions.remainder import beyond, nothing_to_give_up
from manciple.processes.exceptions.remedy import Remedy, Term
from manciple.processes.flow import Flow
from manciple.processes.taking_in import closed_to_goods, wanted
from manciple.receiving.overdue import NoteReceiptOverdue
from manciple.receiving.warehouse_order import WarehouseOrder
from manciple.runtime.documents import ref
from manciple.runtime.work import Work
from manciple.supplying.overdue import NoteAcknowledgmentOverdue

_ORDER = (PurchaseOrder.KIND,)


def nothing_is_open(standing: Standing, case: Case) -> str:
    """Nothing can be waited for where nothing is open."""
    order = standing.peek(PurchaseOrder, case.subject.id)
    if order is None:
        return ""
    if order.state in ENDED:
        return f"the order is {order.state.value}"
    books = ledgers(standing.records(Posting, order.id))
    named = case.discrepancy.line
    lines = [book for line, book in books.items() if named in {None, line}]
    if any(book.open_to_receive.value > 0 for book in lines):
        return ""
    return "nothing of it is open any more" if lines else ""


def not_in_erp(standing: Standing, case: Case) -> str:
    """An order that the ERP has not made stands nowhere: to accept that ends nothing."""
    order = standing.peek(PurchaseOrder, case.subject.id)
    if case.code is Code.ERP_REJECTED and order is not None and order.erp_number is None:
        return "the ERP has not made the order; send it again or give it up"
    return ""


def not_to_accept(standing: Standing, case: Case) -> str:
    """Say what stands against letting it be as it is."""
    return not_in_erp(standing, case) or closed_to_goods(standing, case)


def let_stand(work: Work, event: CaseResolved) -> Iterable[object]:
    """Have what was said or sent: the order follows, and what is aside as too much comes in."""
    if event.code is Code.OVER_RECEIPT:
        return wanted(work, event)
    return accept(work, event)


def give_up(work: Work, event: CaseResolved) -> Iterable[object]:
    """Give up what will not come, of the line that the exception names or of all."""
    del work
    line = event.discrepancy.line
    yield CancelRemainder(
        order=event.subject.id,
        lines=(line,) if line else (),
        reason=event.note or event.code.value,
        beyond=beyond(event.code),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTime:
    """Gives a supplier more time; how long is the flow's."""

    flow: Flow

    def ask_again(self, work: Work, event: CaseResolved) -> Iterable[object]:
        """Give more time once; what is still missing then opens the exception again."""
        order = work.get(PurchaseOrder, event.subject.id)
        if event.code is Code.NO_ACKNOWLEDGMENT and not order.is_answered:
            level = self.flow.service_level("acknowledgment")
            due = level.due(work.at, calendar_of_supplier(work, order.supplier))
            act = NoteAcknowledgmentOverdue(order=order.id, revision=order.revision)
            work.timer(ref(order), "acknowledgment", due, act)
            return ()
        calendar = calendar_of_site(work, order.site)
        due = self.flow.service_level("exception").due(work.at, calendar)
        named = event.discrepancy.line
        for line in order.lines:
            if named in {None, line.number}:
                late = NoteReceiptOverdue(order=order.id, line=line.number)
                work.timer(ref(order), f"receipt:{line.number}", due, late)
        return ()


def remedies(flow: Flow) -> tuple[Remedy, ...]:
    """Give the remedies of orders."""
    more_time = MoreTime(flow=flow)
    return (
        Remedy(
            name="cancel_remainder",
            on=_ORDER,
            effect="The order gives up what will not come; what was ordered is never lowered.",
            hinders=nothing_to_give_up,
            act=give_up,
        ),
        Remedy(
            name="chase",
            on=_ORDER,
            effect="The supplier's clock starts again; silence opens the exception again.",
            hinders=nothing_is_open,
            act=more_time.ask_again,
        ),
        Remedy(
            name="await_balance",
            on=_ORDER,
            effect="The goods get more time; what is still missing opens an exception.",
            hinders=nothing_is_open,
            act=more_time.ask_again,
        ),
        Remedy(
            name="accept",
            on=_ORDER,
            effect="What the supplier said or sent stands; a price or a day becomes the order's, "
            "a substitute may come at the price agreed for it, and what the dock put aside of it "
            "is taken in.",
            act=let_stand,
            hinders=not_to_accept,
        ),
        Remedy(
            name="dispute",
            on=(WarehouseOrder.KIND,),
            effect="The warehouse is to find what it did not send.",
        ),
        Remedy(
            name="dispute",
            on=_ORDER,
            effect="The order's own terms stand. The supplier is told so if it reads mail or text "
            "files; otherwise you tell it.",
            terms=(Term(name=TELL, text="A sentence of yours that the supplier is told with it"),),
        ),
    )
