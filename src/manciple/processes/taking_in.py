"""What the dock put aside is taken in on somebody's word.

SubstituteAgreed               -> TakeInAside, as far as the line still wants goods
CaseResolved, OVER_RECEIPT     -> TakeInAside, all of it, by the remedy ``accept``

Source: domain rules D-21 and D-22.
"""

from collections.abc import Iterable

from manciple.cases.case import Case, CaseResolved
from manciple.cases.discrepancy import Code
from manciple.cases.ports import Standing
from manciple.ordering.purchase_order import ENDED, PurchaseOrder
from manciple.ordering.substituting import SubstituteAgreed
from manciple.receiving.receipt import Receipt, TakeInAside
from manciple.receiving.supplier_return import Returnable
from manciple.runtime.bus import Reacts
from manciple.runtime.work import Work


def agreed(work: Work, event: SubstituteAgreed) -> Iterable[object]:
    """Somebody agreed to an item that came before: it is taken in."""
    return _all(work, event.order, event.line, only=event.substitute, beyond=False)


def wanted(work: Work, event: CaseResolved) -> Iterable[object]:
    """Somebody wants what is more than may be received: it is taken in all the same."""
    return _all(work, event.subject.id, event.discrepancy.line or "", only=None, beyond=True)


def _all(
    work: Work, order: str, line: str, *, only: str | None, beyond: bool
) -> Iterable[TakeInAside]:
    known = work.peek(Returnable, order)
    names = dict.fromkeys(e.receipt for e in known.aside if e.line == line) if known else ()
    for name in names:
        receipt = work.peek(Receipt, name)
        for booked in receipt.lines if receipt else ():
            if booked.line == line and booked.quarantined and only in {None, booked.bought}:
                yield TakeInAside(
                    order=order, receipt=name, line=line, item=booked.bought, beyond=beyond
                )


def closed_to_goods(standing: Standing, case: Case) -> str:
    """Hinder taking in goods on an order on which nothing more can come."""
    order = standing.peek(PurchaseOrder, case.subject.id)
    if case.code is Code.OVER_RECEIPT and order is not None and order.state in ENDED:
        return f"the order is {order.state.value}: send the goods back, or order them anew"
    return ""


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table by which goods are taken in."""
    return (Reacts(event=SubstituteAgreed, react=agreed),)
