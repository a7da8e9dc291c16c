"""The remedy `re_source`: what will not come from one supplier is bought from another.

    108 EA wanted of BLUE, 96 confirmed  ->  BLUE's order gives up 12; a requisition for 12 of ZETA

Who may be chosen follows from the agreements of today: suppliers that are not blocked and have a
valid agreement for every item in question. Nobody is chosen by himself: whoever decides names the
supplier. The new requisition is the decider's own, and goes through its own approval.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from manciple.cases.case import Case, CaseResolved
from manciple.cases.ports import Standing
from manciple.catalog.agreement import Agreement, Sources, agreement_id
from manciple.catalog.arrival import all_here_on
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.catalog.supplier import Supplier
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.money import Money, MoneyError
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import CancelRemainder, OrderLine, PurchaseOrder
from manciple.processes.exceptions.remainder import beyond, nothing_to_give_up, rests
from manciple.processes.exceptions.remedy import Remedy, Term
from manciple.requisitioning.requisition import RequestedLine, SubmitRequisition
from manciple.runtime.work import Work

SUPPLIER = "supplier"
_Lines = tuple[tuple[OrderLine, Quantity], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A supplier that could deliver instead.

    Attributes:
        arrives: the day on which it could all be here, ordered now; None where an agreement states
            no lead time. Source: domain rule P-06.
        amount: what the quantities cost there, before packs and minimums.
        difference: that less what the order pays for them.
    """

    supplier: str
    arrives: date | None
    amount: Money
    difference: Money

    def __str__(self) -> str:
        sign = "+" if self.difference.amount >= 0 else ""
        when = f"here on {self.arrives}" if self.arrives else "lead time unknown"
        return f"{self.supplier}: {self.amount} ({sign}{self.difference}), {when}"


def candidates(standing: Standing, order: PurchaseOrder, lines: _Lines) -> tuple[Candidate, ...]:
    """List the suppliers that could deliver all of it instead, the earliest first.

    Those whose lead time nobody has stated come last.
    """
    known: list[set[str]] = []
    for line, _ in lines:
        sources = standing.peek(Sources, line.item)
        known.append(set(sources.suppliers if sources else ()) - {order.supplier})
    names = sorted(set.intersection(*known)) if known else []
    found = [_candidate(standing, order, lines, name) for name in names]
    return tuple(
        sorted(
            (each for each in found if each is not None),
            key=lambda each: (each.arrives or date.max, each.amount.amount, each.supplier),
        )
    )


def _candidate(
    standing: Standing, order: PurchaseOrder, lines: _Lines, name: str
) -> Candidate | None:
    supplier = standing.peek(Supplier, name)
    if supplier is None or supplier.blocked:
        return None
    today = _today(standing, order)
    zero = Money(Decimal(0), order.currency)
    amount, paid = zero, zero
    leads: list[int | None] = []
    for line, rest in lines:
        agreed = standing.peek(Agreement, agreement_id(name, line.item))
        if agreed is None or not agreed.covers(today):
            return None
        try:
            amount += line.price_in_base(agreed.price).of(rest)
            paid += line.price_in_base(line.price).of(rest)
        except (Refused, MoneyError):
            return None
        leads.append(agreed.lead_days)
    return Candidate(
        supplier=name,
        arrives=all_here_on(
            standing.at,
            leads,
            seller=supplier,
            works=calendar_of_supplier(standing, name),
            dock=calendar_of_site(standing, order.site),
        ),
        amount=amount.rounded(),
        difference=(amount - paid).rounded(),
    )


def _today(standing: Standing, order: PurchaseOrder) -> date:
    return calendar_of_site(standing, order.site).local_day(standing.at)


def _others(standing: Standing, case: Case) -> tuple[Candidate, ...]:
    order = standing.peek(PurchaseOrder, case.subject.id)
    if order is None:
        return ()
    lines = rests(standing, order, case.code, case.discrepancy.line)
    return candidates(standing, order, lines)


def nobody_else(standing: Standing, case: Case) -> str:
    """Nothing can be bought elsewhere where nothing is left, or nobody else sells it."""
    if why := nothing_to_give_up(standing, case):
        return why
    return "" if _others(standing, case) else "no other supplier has an agreement for it today"


def offers(standing: Standing, case: Case) -> tuple[str, ...]:
    """Tell who could deliver instead, when and for how much."""
    return tuple(str(each) for each in _others(standing, case))


def buy_elsewhere(work: Work, event: CaseResolved) -> Iterable[object]:
    """Give up what is left here, and ask for it from the supplier that was named.

    Raises:
        Refused: NO_SUCH_SOURCE, with those that could deliver.
    """
    order = work.get(PurchaseOrder, event.subject.id)
    lines = rests(work, order, event.code, event.discrepancy.line)
    able = candidates(work, order, lines)
    chosen = event.terms[SUPPLIER].strip()
    if chosen not in {each.supplier for each in able}:
        named = "; ".join(str(each) for each in able)
        raise refuse(
            "NO_SUCH_SOURCE",
            f"{chosen} has no agreement for all of it today",
            field=f"terms.{SUPPLIER}",
            fix=f"one of: {named}",
        )
    yield CancelRemainder(
        order=order.id,
        lines=tuple(line.number for line, _ in lines),
        reason=event.note or f"bought from {chosen}",
        beyond=beyond(event.code),
    )
    today = _today(work, order)
    yield SubmitRequisition(
        site=order.site,
        flow="direct",
        lines=tuple(
            RequestedLine(
                item=line.item,
                quantity=rest,
                needed_by=max(line.needed_by, today),
                supplier=chosen,
            )
            for line, rest in lines
        ),
        reference=event.case,
        note=f"instead of {order.id} of {order.supplier}: {event.code.value}",
        requester=event.by,
    )


def remedies() -> tuple[Remedy, ...]:
    """Give the remedy that buys elsewhere."""
    return (
        Remedy(
            name="re_source",
            on=(PurchaseOrder.KIND,),
            effect="The order gives up what is left, and a new requisition asks another supplier.",
            terms=(
                Term(
                    name=SUPPLIER,
                    text="another supplier with an agreement for it",
                    required=True,
                    offers=offers,
                ),
            ),
            hinders=nobody_else,
            act=buy_elsewhere,
        ),
    )
