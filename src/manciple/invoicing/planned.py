"""Charges that orders planned, held against the plan as a line is held against its order line.

    planned 100.00, billed before 60.00, this paper 50.00    110.00 against 100.00: +10.00

All papers of one biller on an order use up one plan, and the tolerance is given once, of all that
was planned, never anew for each paper. A paper that bills several orders is shared out to their
plans by what each planned. What a third party bills, a carrier or a broker, is held against the
plan of the order that it serves, and never touches the goods. Sources: domain rules D-09, D-04
(test ``freight``), and the rulings of D-06 and D-15 for what is cumulated.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from manciple.invoicing.checks import outcome, told
from manciple.invoicing.conversion import shown, signed
from manciple.invoicing.holds import HoldCode
from manciple.invoicing.invoice import ROUNDING, Invoice, InvoiceState, rank
from manciple.invoicing.limits import Limits, find
from manciple.invoicing.result import (
    Check,
    CheckName,
    CheckOutcome,
    PlannedShare,
    ServedOrder,
)
from manciple.kernel.money import Money, allocate
from manciple.kernel.records import dataclass
from manciple.ordering.purchase_order import PurchaseOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What orders planned of one code, for one paper that bills them.

    Attributes:
        code: what it is for.
        orders: the orders that plan it, with what each plans; in the paper's order.
        before: billed by papers that come first, less credits; not of this paper.
        billed: by every other paper, whoever comes first; for a credit note.
        credited: by credits that come before this one.
        own: what this paper states, positive on a credit note too.
        category: the leading category of the first order's goods; policy is asked with it.
    """

    code: str
    orders: tuple[tuple[str, Money], ...]
    before: Fraction
    billed: Fraction
    credited: Fraction
    own: Money
    category: str

    @property
    def planned(self) -> Fraction:
        """Give what the orders plan in all."""
        return sum((Fraction(each.amount) for _, each in self.orders), Fraction(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """What an order plans of one charge, and what was billed of it until now, less credits.

    Attributes:
        waiting: so much of ``billed`` is on papers that may not be paid yet.
    """

    code: str
    billed_by: str
    planned: Money
    billed: Money
    waiting: Money


def stated(invoice: Invoice, services: Iterable[ServedOrder]) -> dict[str, Money]:
    """Add up what a paper bills of each code: its charges, and its lines that are a service.

    All charges of one code are one sum, so that a large one in small parts is a large one.
    """
    sums: dict[str, Money] = {}
    charges = ((each.code, each.amount) for each in invoice.charges if each.code != ROUNDING)
    for code, amount in (*charges, *((each.code, each.amount) for each in services)):
        sums[code] = sums[code] + amount if code in sums else amount
    return sums


def plans(
    invoice: Invoice,
    services: tuple[ServedOrder, ...],
    orders: Mapping[str, PurchaseOrder],
    papers: Iterable[Invoice],
) -> Iterator[Plan]:
    """Give the plan behind each code that a paper bills and one of its orders plans.

    Args:
        invoice: with its ``orders`` known.
        services: its lines that are a service.
        orders: those that it bills, by number.
        papers: every paper of these orders that was not rejected.
    """
    billed = [orders[name] for name in invoice.orders]
    others = {each.id: each for each in papers if each.id != invoice.id}
    ours = [each for each in others.values() if each.supplier == invoice.supplier]
    for code, own in stated(invoice, services).items():
        planned = {
            order.id: amount
            for order in billed
            if (amount := _planned(order, code, invoice)) is not None
        }
        if planned and own:
            yield Plan(
                code=code,
                orders=tuple(planned.items()),
                before=_sum(_before(invoice, ours), code, planned),
                billed=_sum((each for each in ours if not each.credit), code, planned),
                credited=_sum(_credits_before(invoice, ours), code, planned),
                own=own,
                category=next(each for each in billed if each.id in planned).category,
            )


def billed_by_others(invoice: Invoice, orders: Iterable[PurchaseOrder]) -> frozenset[str]:
    """Give the codes that these orders expect somebody else to bill."""
    plans_ = (each for order in orders for each in order.plans)
    return frozenset(each.code for each in plans_ if each.billed_by != invoice.supplier)


def _planned(order: PurchaseOrder, code: str, invoice: Invoice) -> Money | None:
    """Give what an order plans for the paper's sender to bill; None: nothing, in its currency."""
    amounts = [
        each.amount
        for each in order.planned_by(invoice.supplier)
        if each.code == code and each.amount.currency is invoice.currency
    ]
    return sum(amounts, Money.zero(invoice.currency)) if amounts else None


def _before(invoice: Invoice, papers: Iterable[Invoice]) -> Iterator[Invoice]:
    """Give the invoices that come first, and every credit: what is given back is free again."""
    mine = rank(invoice)
    return (each for each in papers if each.credit or rank(each) < mine)


def _credits_before(invoice: Invoice, papers: Iterable[Invoice]) -> Iterator[Invoice]:
    mine = rank(invoice)
    return (each for each in papers if each.credit and rank(each) < mine)


def _sum(papers: Iterable[Invoice], code: str, orders: Mapping[str, Money]) -> Fraction:
    """Add up what papers used of the plans of these orders; a credit counts the other way."""
    found = Fraction(0)
    for paper in papers:
        for share in paper.match.planned if paper.match is not None else ():
            if share.code == code and share.order in orders:
                found += Fraction(share.amount.amount) * (-1 if paper.credit else 1)
    return found


def shares(plan: Plan) -> tuple[PlannedShare, ...]:
    """Share what a paper bills out to the plans that it uses, by their size, to the cent."""
    weights = [each.amount for _, each in plan.orders]
    parts = allocate(plan.own.rounded(), weights)
    return tuple(
        PlannedShare(order=order, code=plan.code, amount=part)
        for (order, _), part in zip(plan.orders, parts, strict=True)
    )


def planned_check(invoice: Invoice, plan: Plan, limits: Limits) -> Check:
    """Test what a paper bills of a plan; the tolerance is of all that was planned.

    Less than planned is no finding: the rest may still be billed, as with quantities.
    """
    if invoice.credit and plan.own.amount > 0:
        return _credit(invoice, plan)
    coin = invoice.currency.value
    base, own = plan.planned, Fraction(abs(plan.own.amount) if invoice.credit else plan.own.amount)
    actual = plan.before + own
    limit = limits.limit(CheckName.FREIGHT, category=plan.category, supplier=invoice.supplier)
    found = find(limit.tolerance, base=base, actual=actual)
    is_less = actual < base
    of = ", ".join(f"{shown(Fraction(each.amount))} on {name}" for name, each in plan.orders)
    rest = shown(max(base - plan.before, Fraction(0)))
    what = f"{coin} {plan.code} planned ({of})"
    sum_ = (
        f"{shown(plan.before)} billed before + {shown(own)} = {shown(actual)}; of"
        f" {shown(base)} planned {rest} were left: "
    )
    verdict = told(found, base=base, actual=actual, what=what, ruling=limit.ruling)
    if is_less:
        verdict = f"{shown(actual)} of {shown(base)} {what}: {shown(base - actual)} is left"
    return Check(
        name=CheckName.FREIGHT,
        code=HoldCode.CHARGE,
        line=None,
        outcome=CheckOutcome.PASSED if is_less else outcome(found),
        base=f"{shown(base)} {what}",
        actual=f"{shown(actual)} {coin}",
        variance=f"{signed(found.variance)} {coin}",
        allowed="" if found.allowed is None or is_less else shown(found.allowed),
        legs="" if is_less else found.legs,
        ruling=limit.ruling,
        arithmetic=sum_ + verdict,
    )


def _credit(invoice: Invoice, plan: Plan) -> Check:
    """Test that no more of a charge is given back than was billed. Source: D-15."""
    coin = invoice.currency.value
    back = Fraction(plan.own.amount) - plan.credited
    held = back > plan.billed
    return Check(
        name=CheckName.FREIGHT,
        code=HoldCode.CREDIT_EXCESS,
        line=None,
        outcome=CheckOutcome.HELD if held else CheckOutcome.PASSED,
        base=f"{shown(plan.billed)} {coin} {plan.code} billed",
        actual=f"{shown(back)} {coin}",
        variance=f"{signed(back - plan.billed)} {coin}",
        allowed="0",
        legs="never more than billed",
        ruling="",
        arithmetic=(
            f"{plan.code} credited {shown(back)} of {shown(plan.billed)} {coin} billed:"
            f" {'more than was billed' if held else 'within'}"
        ),
    )


def landed(order: PurchaseOrder, papers: Sequence[Invoice]) -> tuple[Landed, ...]:
    """Say of each charge that an order plans what was billed of it, for the cost of its goods."""
    found: dict[tuple[str, str], Money] = {}
    for each in order.planned:
        key = (each.code, each.billed_by)
        found[key] = found[key] + each.amount if key in found else each.amount
    return tuple(
        Landed(
            code=code,
            billed_by=biller,
            planned=planned,
            billed=_billed(order, papers, code, biller),
            waiting=_billed(order, [x for x in papers if x.is_unsettled], code, biller),
        )
        for (code, biller), planned in found.items()
    )


def _billed(order: PurchaseOrder, papers: Iterable[Invoice], code: str, biller: str) -> Money:
    sum_ = Money.zero(order.currency)
    for paper in papers:
        is_live = paper.state is not InvoiceState.REJECTED
        if paper.supplier == biller and paper.match is not None and is_live:
            for share in paper.match.planned:
                if (share.order, share.code) == (order.id, code):
                    sum_ = sum_ - share.amount if paper.credit else sum_ + share.amount
    return sum_
