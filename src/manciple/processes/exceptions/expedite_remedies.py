"""The remedy `expedite`: pay so that the line that the exception is about comes sooner."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from manciple.cases.case import CaseResolved
from manciple.kernel.errors import refuse
from manciple.kernel.money import Currency, Money
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.processes.exceptions.remedy import Remedy, Term
from manciple.runtime.work import Work
from manciple.supplying.expedite import ExpediteCause, ExpediteLine


def hurry(work: Work, event: CaseResolved) -> Iterable[object]:
    """Expedite the line that the exception names, or every line that is not answered."""
    order = work.get(PurchaseOrder, event.subject.id)
    terms = event.terms
    named = event.discrepancy.line
    lines = [named] if named else [x.number for x in order.lines if not x.is_answered]
    cost = _money(terms.get("cost", ""))
    for place, line in enumerate(lines):
        yield ExpediteLine(
            order=order.id,
            line=line,
            cost=cost if place == 0 else Money(Decimal(0), cost.currency),
            cause=_cause(terms.get("cause", "")),
            override=event.note or f"decided in {event.case}",
        )


def _money(text: str) -> Money:
    amount, _, currency = text.strip().partition(" ")
    try:
        return Money(Decimal(amount), Currency(currency.strip().upper()))
    except (InvalidOperation, ValueError) as problem:
        raise refuse(
            "BAD_COST", f"{text!r} is no amount", field="terms.cost", fix="say it as 12.50 USD"
        ) from problem


def _cause(text: str) -> ExpediteCause:
    try:
        return ExpediteCause(text.strip().lower())
    except ValueError as problem:
        known = ", ".join(each.value for each in ExpediteCause)
        raise refuse(
            "BAD_CAUSE", f"{text!r} is no cause", field="terms.cause", fix=f"one of: {known}"
        ) from problem


def remedies() -> tuple[Remedy, ...]:
    """Give what `expedite` does about an order."""
    return (
        Remedy(
            name="expedite",
            on=(PurchaseOrder.KIND,),
            effect="The line is hurried at a cost; a late answer closes it.",
            terms=(
                Term(name="cost", text="what it costs, as 12.50 USD", required=True),
                Term(name="cause", text="why: supplier_late, late_approval ...", required=True),
            ),
            act=hurry,
        ),
    )
