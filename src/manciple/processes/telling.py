"""What other systems are told: our documents in the words of their ports."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.ordering.line_ledger import LineLedger, Stage
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.ordering.revision import LineTerms, Revision
from manciple.processes.ports import (
    CancelledLine,
    CashForecast,
    CashLine,
    Commitment,
    ErpOrder,
    ErpOrderChange,
    ErpOrderLine,
    ErpPromises,
    InboundLine,
    InboundNotice,
    InboundReschedule,
    LineTermsNow,
    PromisedLine,
    RaisedLine,
)

PAY_AFTER = timedelta(days=30)
"""How long after goods are due a payment is expected, where no agreement says otherwise.

An assumption of the cash forecast only; what is really paid, and when, is finance's.
"""


def erp_order(order: PurchaseOrder) -> ErpOrder:
    """Tell the ERP of an order."""
    return ErpOrder(
        number=order.id,
        revision=order.revision,
        supplier=order.supplier,
        site=order.site,
        currency=order.currency,
        lines=tuple(
            ErpOrderLine(
                line=line.number,
                item=line.item,
                quantity=line.base,
                price=line.price_in_base(line.price),
                needed_by=line.needed_by,
                cost_centre=line.cost_centre,
                account=line.account,
            )
            for line in order.lines
        ),
        thread=order.thread,
    )


def erp_change(order: PurchaseOrder, revision: Revision) -> ErpOrderChange:
    """Tell the ERP what a revision gives up, raises, adds, and has otherwise than the first."""
    old = tuple(each for each in revision.lines if each.before is not None)
    steps = {
        each.line: each.after.wanted - each.before.wanted
        for each in old
        if each.before is not None
    }
    return ErpOrderChange(
        number=order.id,
        revision=revision.number,
        cancelled=tuple(
            CancelledLine(line=line, quantity=-step)
            for line, step in steps.items()
            if step.value < 0
        ),
        reason=revision.reason,
        raised=tuple(
            RaisedLine(line=line, quantity=step) for line, step in steps.items() if step.value > 0
        ),
        terms=tuple(_terms_now(order, revision)),
        added=tuple(
            _added(order, each.line, each.after) for each in revision.lines if each.before is None
        ),
    )


def _terms_now(order: PurchaseOrder, revision: Revision) -> Iterable[LineTermsNow]:
    """Give price and day of every line that a revision up to this one has changed in them."""
    seen: dict[str, LineTerms] = {}
    changed: set[str] = set()
    for known in order.revisions:
        if known.number > revision.number:
            break
        for each in known.lines:
            was = each.before
            if was and (was.price, was.needed_by) != (each.after.price, each.after.needed_by):
                changed.add(each.line)
            seen[each.line] = each.after
    for line in order.lines:
        if line.number in changed:
            terms = seen[line.number]
            yield LineTermsNow(
                line=line.number,
                price=line.price_in_base(terms.price),
                needed_by=terms.needed_by,
            )


def _added(order: PurchaseOrder, number: str, terms: LineTerms) -> ErpOrderLine:
    line = order.line(number)
    assert line is not None, f"{order.id} was given line {number} by this revision"
    return ErpOrderLine(
        line=number,
        item=line.item,
        quantity=terms.wanted,
        price=line.price_in_base(terms.price),
        needed_by=terms.needed_by,
        cost_centre=line.cost_centre,
        account=line.account,
    )


def erp_promises(order: PurchaseOrder, *, at: datetime) -> ErpPromises:
    """Tell the ERP what the supplier's standing answers promise."""
    return ErpPromises(
        number=order.id,
        revision=order.revision,
        lines=tuple(
            PromisedLine(line=line.number, confirmed=line.answer.confirmed, promised=line.promise)
            for line in order.lines
            if line.answer is not None
        ),
        as_of=at,
    )


def _due(line: OrderLine) -> date:
    return line.promise or line.needed_by


def _expected(line: OrderLine, ledger: LineLedger | None) -> Quantity:
    """What is expected of a line in all: what was answered, or asked for, less what was given up.

    What has come already is expected still: a statement is about the whole line. What went back to
    be replaced is expected once more.
    """
    if ledger is None:
        return line.base if line.answer is None else min(line.answer.confirmed, line.base)
    again = ledger.total(Stage.TO_BE_REPLACED)
    asked = ledger.wanted + again
    if line.answer is None:
        return asked
    return max(min(line.answer.confirmed + again, asked), ledger.total(Stage.RECEIVED))


def inbound_notice(order: PurchaseOrder, *, at: datetime) -> InboundNotice:
    """Tell the warehouse what a new order will bring."""
    return InboundNotice(
        order=order.id,
        revision=order.revision,
        supplier=order.supplier,
        site=order.site,
        lines=tuple(
            InboundLine(
                line=line.number, item=line.item, expected=line.terms.wanted, due=_due(line)
            )
            for line in order.lines
        ),
        as_of=at,
        thread=order.thread,
    )


def inbound_reschedule(
    order: PurchaseOrder,
    ledgers: Mapping[str, LineLedger],
    *,
    lines: Iterable[str],
    at: datetime,
    correlation: str,
    reason: str,
) -> InboundReschedule:
    """Tell the warehouse what is now expected of some lines, in all."""
    named = set(lines)
    return InboundReschedule(
        order=order.id,
        revision=order.revision,
        site=order.site,
        lines=tuple(
            InboundLine(
                line=line.number,
                item=line.item,
                expected=_expected(line, ledgers.get(line.number)),
                due=_due(line),
            )
            for line in order.lines
            if line.number in named
        ),
        as_of=at,
        correlation=correlation,
        reason=reason,
    )


def commitment(order: PurchaseOrder, *, at: datetime) -> Commitment:
    """Tell finance what money an order promises away."""
    return Commitment(
        order=order.id,
        revision=order.revision,
        supplier=order.supplier,
        site=order.site,
        currency=order.currency,
        lines=tuple(
            CashLine(
                line=line.number,
                amount=line.worth(line.terms.wanted),
                pay_on=_due(line) + PAY_AFTER,
            )
            for line in order.lines
        ),
        as_of=at,
        thread=order.thread,
    )


def cash_forecast(
    order: PurchaseOrder,
    ledgers: Mapping[str, LineLedger],
    *,
    lines: Iterable[str],
    at: datetime,
    correlation: str,
    cause: str,
) -> CashForecast:
    """Tell finance what is now expected to be paid for some lines, in all."""
    named = set(lines)
    return CashForecast(
        order=order.id,
        revision=order.revision,
        currency=order.currency,
        lines=tuple(
            CashLine(
                line=line.number,
                amount=_worth(line, ledgers.get(line.number)),
                pay_on=_due(line) + PAY_AFTER,
            )
            for line in order.lines
            if line.number in named
        ),
        as_of=at,
        correlation=correlation,
        cause=cause,
    )


def _worth(line: OrderLine, ledger: LineLedger | None) -> Money:
    expected = _expected(line, ledger)
    return line.worth(expected if ledger is None else expected - ledger.total(Stage.RETURNED))
