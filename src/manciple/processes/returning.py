"""Goods that go back: who is told, when the credit is due, and which credit note settles what.

    ReturnAuthorised -> the warehouse picks and sends them back
    ReturnPicked     -> the ERP takes them off the stock
    ReturnShipped    -> the ERP takes them off the books, finance expects the credit; the order's
                        invoices are matched again; the credit's clock starts
    InvoicePayable (a credit note), ReturnShipped -> what is credited is reckoned again, in whole
    ReturnCredited   -> finance expects what is left    ReturnCreditOverdue -> OpenCase

Sources: domain rules D-15 and D-16.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta

from manciple.cases.case import OpenCase, WithdrawCase
from manciple.cases.discrepancy import Code, Discrepancy
from manciple.invoicing.invoice import (
    Invoice,
    InvoiceIndex,
    InvoicePayable,
    MatchOrder,
    rank,
)
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import CloseOrder, PurchaseOrder
from manciple.processes import telling
from manciple.processes.ports import (
    ErpReturn,
    ErpReturnLine,
    ExpectedCredit,
    OutboundReturn,
    OutboundReturnLine,
    ReturnStep,
)
from manciple.receiving.crediting import Credit, crediting
from manciple.receiving.receipt import Condition
from manciple.receiving.supplier_return import (
    NoteCreditOverdue,
    RecordReturnCredit,
    Returnable,
    ReturnAuthorised,
    ReturnCredited,
    ReturnCreditOverdue,
    ReturnCreditWaived,
    ReturnPicked,
    ReturnShipped,
    ReturnWithdrawn,
    Settlement,
    SupplierReturn,
)
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref, ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Work

_TIMER = "credit"


# ---- words to others --------------------------------------------------------------------------


def have_picked(work: Work, event: ReturnAuthorised) -> Iterable[object]:
    """The supplier takes the goods back: the warehouse picks them."""
    goods = work.get(SupplierReturn, event.rtv)
    _tell(work, goods, "wms", "wms.send_back", _outbound(goods, at=work.at, cancelled=False))
    return ()


def off_the_shelf(work: Work, event: ReturnPicked) -> Iterable[object]:
    """Picked: the ERP's stock has them no longer."""
    goods = work.get(SupplierReturn, event.rtv)
    assert goods.picked is not None
    _book(work, goods, ReturnStep.PICKED, goods.picked)
    return ()


def stay(work: Work, event: ReturnWithdrawn) -> Iterable[object]:
    """The goods stay: the warehouse is told, and the ERP if they were picked."""
    goods = work.get(SupplierReturn, event.rtv)
    if goods.authorisation is not None:
        told = _outbound(goods, at=work.at, cancelled=True)
        _tell(work, goods, "wms", "wms.send_back", told, step=":off")
    if event.was_picked:
        _book(work, goods, ReturnStep.PUT_BACK, work.at.date())
    return ()


def gone(work: Work, event: ReturnShipped) -> Iterable[object]:
    """Shipped: books, money, clock; what went back is no longer billable."""
    goods = work.get(SupplierReturn, event.rtv)
    assert goods.shipped is not None
    _book(work, goods, ReturnStep.SHIPPED, goods.shipped)
    order = work.get(PurchaseOrder, goods.order)
    if goods.settlement is Settlement.REPLACEMENT:
        _expect_again(work, goods, order)
    if goods.credit_by is not None:
        _expect_credit(work, goods, goods.expected_credit, step="")
        due = _end_of(goods.credit_by, work.at)
        await_credit(work, goods, max(due, work.at))
    yield MatchOrder(order=order.id)
    yield from reckoned(work, order.id)
    yield CloseOrder(order=order.id)


def await_credit(work: Work, goods: SupplierReturn, due: datetime) -> None:
    """Look again then whether the credit has come."""
    work.timer(ref(goods), _TIMER, due, NoteCreditOverdue(rtv=goods.id))


def tell_again(work: Work, goods: SupplierReturn, effect: str, again: str) -> None:
    """Say one word again that did not get through, by the key of the effect that it was."""
    *_, step, verb = effect.split(":")
    match verb:
        case "wms.send_back":
            told = _outbound(goods, at=work.at, cancelled=goods.state.value == "withdrawn")
            _tell(work, goods, "wms", verb, told, step=again)
        case "erp.post_return" if step in set(ReturnStep):
            day = goods.shipped if step == ReturnStep.SHIPPED else goods.picked
            _book(work, goods, ReturnStep(step), day or work.at.date(), again=again)
        case "finance.expect_credit" if goods.credit_by is not None:
            _expect_credit(work, goods, goods.left_to_credit, step=again)
        case _:
            order = work.get(PurchaseOrder, goods.order)
            _expect_again(work, goods, order, again=again)


def _expect_again(
    work: Work, goods: SupplierReturn, order: PurchaseOrder, *, again: str = ""
) -> None:
    """Tell the warehouse that what went back will come again."""
    books = ledgers(work.records(Posting, order.id))
    lines = dict.fromkeys(line.line for line in goods.lines)
    told = telling.inbound_reschedule(
        order,
        books,
        lines=lines,
        at=work.at,
        correlation=work.correlation,
        reason=f"replacement of {goods.id}",
    )
    _tell(work, goods, "wms", "wms.reschedule", told, step=f":replaced{again}")


def _outbound(goods: SupplierReturn, *, at: datetime, cancelled: bool) -> OutboundReturn:
    return OutboundReturn(
        number=goods.id,
        order=goods.order,
        supplier=goods.supplier,
        site=goods.site,
        authorisation=goods.authorisation or "",
        lines=tuple(
            OutboundReturnLine(
                line=line.line,
                item=line.item,
                quantity=line.quantity,
                condition=line.condition.value,
                aside=line.aside,
            )
            for line in goods.lines
        ),
        as_of=at,
        cancelled=cancelled,
    )


def erp_return(goods: SupplierReturn, step: ReturnStep, day: date) -> ErpReturn:
    """Tell the ERP of what was in its books; what was put aside at the dock never was."""
    replaced = goods.settlement is Settlement.REPLACEMENT
    return ErpReturn(
        number=goods.id,
        order=goods.order,
        site=goods.site,
        step=step,
        day=day,
        lines=tuple(
            ErpReturnLine(
                line=line.line,
                quantity=line.quantity,
                available=line.condition is Condition.GOOD,
                to_replace=line.quantity if replaced else Quantity.zero(line.quantity.unit),
                item=line.item,
            )
            for line in goods.lines
            if not line.aside
        ),
    )


def _book(
    work: Work, goods: SupplierReturn, step: ReturnStep, day: date, *, again: str = ""
) -> None:
    told = erp_return(goods, step, day)
    if told.lines:
        _tell(work, goods, "erp", "erp.post_return", told, step=f"{again}:{step.value}")


def _expect_credit(work: Work, goods: SupplierReturn, amount: Money, *, step: str) -> None:
    assert goods.credit_by is not None
    told = ExpectedCredit(
        number=goods.id,
        order=goods.order,
        supplier=goods.supplier,
        amount=amount,
        due=goods.credit_by,
        as_of=work.at,
    )
    _tell(work, goods, "finance", "finance.expect_credit", told, step=step)


def _tell(
    work: Work, goods: SupplierReturn, endpoint: str, verb: str, payload: object, *, step: str = ""
) -> None:
    work.effect(
        Effect(
            key=f"{goods.id}{step}:{verb}",
            endpoint=endpoint,
            verb=verb,
            subject=Ref(SupplierReturn.KIND, goods.id),
            payload=payload,
            lane=goods.lane,
            business_key=str(Ref(PurchaseOrder.KIND, goods.order)) if endpoint == "erp" else "",
        )
    )


def _end_of(day: date, now: datetime) -> datetime:
    return datetime.combine(day, time(), now.tzinfo) + timedelta(days=1)


# ---- credits ----------------------------------------------------------------------------------


def credit_came(work: Work, event: InvoicePayable) -> Iterable[object]:
    """A credit note may be booked: what it settles is reckoned again."""
    if event.credit:
        for order in event.orders:
            yield from reckoned(work, order)


def reckoned(work: Work, order: str) -> Iterator[RecordReturnCredit]:
    """Reckon from all payable credit notes of an order what of its returns is credited."""
    known = work.find(Returnable, order)
    if known is None or not known.returns:
        return
    returns = [work.get(SupplierReturn, each) for each in known.returns]
    by_name = {each.id: each for each in returns}
    for found in crediting(returns, tuple(_credits(work, order))):
        was = by_name[found.rtv]
        told = tuple(line.quantity for line in found.lines)
        if (told, found.credits) != (tuple(x.credited for x in was.lines), was.credits):
            yield RecordReturnCredit(rtv=found.rtv, lines=found.lines, credits=found.credits)


def _credits(work: Work, order: str) -> Iterator[Credit]:
    index = work.find(InvoiceIndex, order)
    names = index.invoices if index is not None else ()
    papers = sorted((work.get(Invoice, each) for each in names), key=rank)
    for paper in papers:
        for line in paper.lines if paper.credit and paper.is_settled else ():
            if line.place is not None and line.place.order == order and line.posted:
                yield Credit(credit=paper.id, line=line.place.line, quantity=line.posted)


def credited(work: Work, event: ReturnCredited) -> Iterable[object]:
    """Finance expects what is left; a return that is credited in whole needs nobody."""
    goods = work.get(SupplierReturn, event.rtv)
    if goods.credit_by is None:
        return
    _expect_credit(work, goods, goods.left_to_credit, step=f":{work.version(goods)}")
    if event.is_complete:
        yield from _settled(work, goods, f"credited by {', '.join(event.credits)}")


def written_off(work: Work, event: ReturnCreditWaived) -> Iterable[object]:
    """No credit is expected any more."""
    goods = work.get(SupplierReturn, event.rtv)
    if goods.credit_by is not None:
        _expect_credit(work, goods, Money.zero(goods.worth.currency), step=":off")
    yield from _settled(work, goods, f"written off: {event.reason}")


def _settled(work: Work, goods: SupplierReturn, note: str) -> Iterator[object]:
    work.cancel_timer(ref(goods), _TIMER)
    yield WithdrawCase(code=Code.CREDIT_OVERDUE, subject=ref(goods), note=note)


def overdue(work: Work, event: ReturnCreditOverdue) -> Iterable[object]:
    """The credit did not come by its day: somebody must ask for it."""
    del work
    yield OpenCase(
        code=Code.CREDIT_OVERDUE,
        subject=Ref(SupplierReturn.KIND, event.rtv),
        thread=event.thread,
        title=f"{event.supplier} has not credited {event.rtv}",
        discrepancy=Discrepancy(
            code=Code.CREDIT_OVERDUE,
            expected=f"{event.open} by {event.due}",
            actual="not credited in whole",
            amount=event.open,
            text=event.text,
        ),
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )


def reacts() -> tuple[Reacts, ...]:
    """Give the rows of the reaction table about goods that go back."""
    return (
        Reacts(event=ReturnAuthorised, react=have_picked),
        Reacts(event=ReturnPicked, react=off_the_shelf),
        Reacts(event=ReturnWithdrawn, react=stay),
        Reacts(event=ReturnShipped, react=gone),
        Reacts(event=InvoicePayable, react=credit_came),
        Reacts(event=ReturnCredited, react=credited),
        Reacts(event=ReturnCreditWaived, react=written_off),
        Reacts(event=ReturnCreditOverdue, react=overdue),
    )
