"""Charges that no order planned: accepted, allocated to the goods, or held, by policy's table.

    freight 40.00, policy allocates up to 50.00, lines of 300.00 and 100.00    30.00 and 10.00

All charges of one code on a paper are one sum, so that a large one in small parts is a large one.
An allocated charge is shown beside the lines that bear it and paid as the charge that it is: no
unit price ever takes it up. Source: domain rules D-09, and P-10 with its ruling for the shares.
"""

from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from manciple.invoicing.invoice import ROUNDING, Charge, Invoice
from manciple.invoicing.limits import ChargeRule, ChargeWay, Limits
from manciple.invoicing.result import AllocatedCharge, ChargeShare, ServedOrder
from manciple.invoicing.variance import rounded
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """All charges of one code on a paper, as one, and what policy says of it.

    ``is_others`` says that somebody else is expected to bill that charge; who that is, is no
    matter of the paper's sender.
    """

    charge: Charge
    rule: ChargeRule
    is_others: bool = False


def judged(
    invoice: Invoice,
    limits: Limits,
    *,
    planned: Collection[str] = (),
    services: Sequence[ServedOrder] = (),
    others: Collection[str] = (),
) -> tuple[Judged, ...]:
    """Give the charges of a paper by code, in the order in which they first come.

    A rounding line is no charge; it belongs to the tax. What sums up to nothing is left out.

    Args:
        invoice: the paper.
        limits: the policy that says what becomes of each.
        planned: codes that its orders plan; those are held against the plan instead.
        services: its lines that bill a charge of an order.
        others: codes that somebody else is expected to bill for the same orders.
    """
    by_code: dict[str, list[Charge]] = {}
    served = (Charge(code=x.code, description="", amount=x.amount) for x in services)
    for each in (*invoice.charges, *served):
        if each.code != ROUNDING and each.code not in planned:
            by_code.setdefault(each.code, []).append(each)
    found = []
    for code, charges in by_code.items():
        amount = sum((each.amount for each in charges), Money.zero(invoice.currency))
        words = dict.fromkeys(each.description for each in charges if each.description)
        if amount:
            rule = limits.charge(code, supplier=invoice.supplier, currency=invoice.currency)
            charge = Charge(code=code, description=", ".join(words), amount=amount)
            found.append(Judged(charge, rule, code in others))
    return tuple(found)


def allocated(
    invoice: Invoice,
    amounts: Sequence[Money | None],
    limits: Limits,
    *,
    planned: Collection[str] = (),
) -> Iterator[AllocatedCharge]:
    """Share out to the lines what policy allocates, by what each of them bills.

    Nothing while a line's amount cannot be told, or when no line bills anything.
    """
    known = [each for each in amounts if each is not None]
    if len(known) < len(amounts) or not any(each.amount > 0 for each in known):
        return
    for each in judged(invoice, limits, planned=planned):
        if each.rule.way is ChargeWay.ALLOCATE:
            shares = share_out(each.charge.amount, known, _numbers(invoice))
            yield AllocatedCharge(
                code=each.charge.code,
                amount=each.charge.amount,
                ruling=each.rule.limit.ruling,
                shares=tuple(
                    ChargeShare(line=line.number, amount=share)
                    for line, share in zip(invoice.lines, shares, strict=True)
                ),
            )


def share_out(
    amount: Money, basis: Sequence[Money], numbers: Sequence[tuple[int, str]]
) -> tuple[Money, ...]:
    """Share money out by a basis, so that the shares add up to it to the cent.

    Each share is rounded half away from zero; what that leaves goes to the line with the largest
    basis, the lowest line number where two are equal. Source: domain rule P-10, its ruling.
    """
    total = sum((Fraction(each.amount) for each in basis), Fraction(0))
    whole = Fraction(amount.amount)
    shares = [rounded(whole * Fraction(b.amount) / total, amount.currency) for b in basis]
    left = amount - sum(shares, Money.zero(amount.currency))
    largest = min(range(len(basis)), key=lambda at: (-basis[at].amount, numbers[at]))
    shares[largest] = shares[largest] + left
    return tuple(shares)


def _numbers(invoice: Invoice) -> list[tuple[int, str]]:
    """Give line numbers as they count: 2 before 10."""
    return [(len(line.number), line.number) for line in invoice.lines]
