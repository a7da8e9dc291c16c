"""Remedies by returns: send goods back, ask for a credit again, or expect none any more."""

from collections.abc import Iterable

from manciple.cases.case import Case, CaseResolved
from manciple.cases.discrepancy import Code
from manciple.cases.ports import Standing
from manciple.catalog.calendars import calendar_of_site
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import Posting, Stage, ledgers
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes import returning
from manciple.processes.exceptions.remedy import Remedy
from manciple.processes.flow import Flow
from manciple.receiving.receipt import Condition
from manciple.receiving.supplier_return import (
    FALLEN,
    RequestReturn,
    Returnable,
    ReturnedLine,
    ReturnReason,
    ReturnState,
    SupplierReturn,
    WriteOffReturn,
)
from manciple.runtime.work import Work

_ORDER = (PurchaseOrder.KIND,)
_RETURN = (SupplierReturn.KIND,)


def send_back(work: Work, event: CaseResolved) -> Iterable[object]:
    """Ask the supplier to take back what was put aside as too much, or came damaged."""
    line, order = event.discrepancy.line or "", event.subject.id
    aside = event.code is Code.OVER_RECEIPT
    quantity = _going_back(work, order, line, aside=aside)
    if quantity is not None and quantity.value > 0:
        yield RequestReturn(
            order=order,
            lines=(
                ReturnedLine(
                    line=line,
                    quantity=quantity,
                    condition=Condition.GOOD if aside else Condition.DAMAGED,
                    aside=aside,
                ),
            ),
            reason=ReturnReason.OVER_DELIVERED if aside else ReturnReason.DAMAGED,
            note=event.note,
        )


def nothing_there(standing: Standing, case: Case) -> str:
    """Hinder a return of goods that are not there, or on their way back already."""
    aside = case.code is Code.OVER_RECEIPT
    line = case.discrepancy.line or ""
    quantity = _going_back(standing, case.subject.id, line, aside=aside)
    if quantity is not None and quantity.value > 0:
        return ""
    return (
        "nothing of it is put aside" if aside else "nothing of it came damaged and is still here"
    )


def _going_back(standing: Standing, order: str, number: str, *, aside: bool) -> Quantity | None:
    """Say how much of a line is aside or damaged and does not go back already."""
    bought = standing.peek(PurchaseOrder, order)
    line = bought.line(number) if bought is not None else None
    if line is None:
        return None
    known = standing.peek(Returnable, order) or Returnable(id=order)
    returns = (standing.peek(SupplierReturn, each) for each in known.returns)
    rows = [
        row
        for each in returns
        if each is not None and each.state not in FALLEN
        for row in each.lines
        if row.line == number and row.aside is aside
    ]
    if aside:
        there = total((a.quantity for a in known.aside if a.line == number), line.base_unit)
        return there - total((row.quantity for row in rows), line.base_unit)
    book = ledgers(standing.records(Posting, order))[number]
    damaged = book.total(Stage.RECEIVED) - book.total(Stage.ACCEPTED)
    broken = (row.quantity for row in rows if row.condition is Condition.DAMAGED)
    return damaged - total(broken, line.base_unit)


def write_off(work: Work, event: CaseResolved) -> Iterable[object]:
    """Expect no more credit for what went back."""
    goods = work.get(SupplierReturn, event.subject.id)
    if goods.state is ReturnState.SHIPPED:
        yield WriteOffReturn(rtv=goods.id, reason=event.note or event.code.value)


def say_again(work: Work, event: CaseResolved) -> Iterable[object]:
    """Tell another system again what did not get through."""
    goods = work.get(SupplierReturn, event.subject.id)
    again = f":again{work.get(Case, event.case).reopened + 1}"
    returning.tell_again(work, goods, event.discrepancy.line or "", again)
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTime:
    """Gives a supplier more time for a credit; how long is the flow's."""

    flow: Flow

    def ask_again(self, work: Work, event: CaseResolved) -> Iterable[object]:
        """Give more time once; what is still not credited then opens the exception again."""
        goods = work.get(SupplierReturn, event.subject.id)
        level = self.flow.service_level("exception")
        returning.await_credit(work, goods, level.due(work.at, calendar_of_site(work, goods.site)))
        return ()


def remedies(flow: Flow) -> tuple[Remedy, ...]:
    """Give the remedies by returns."""
    return (
        Remedy(
            name="return",
            on=_ORDER,
            effect="The supplier is asked to take back what is too much or damaged.",
            act=send_back,
            hinders=nothing_there,
        ),
        Remedy(
            name="chase",
            on=_RETURN,
            effect="The supplier gets more time for the credit; then the exception opens again.",
            act=MoreTime(flow=flow).ask_again,
        ),
        Remedy(
            name="accept",
            on=_RETURN,
            effect="The rest of the credit is written off.",
            act=write_off,
        ),
        Remedy(
            name="resend",
            on=_RETURN,
            effect="The word that did not get through is said again.",
            act=say_again,
        ),
    )
