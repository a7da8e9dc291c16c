"""Claims: what every invoice and credit of one order line asks for, and who comes first.

Two invoices over the same goods cannot both be paid. Those already payable come first, then the
others by invoice date, number and line: never by the order in which they arrived, so that any
order of arrival ends in the same state.

    received 25, returned 5, invoiced 25, credited 5:   billable 20, claimed 25 - 5 = 20

Sources: domain rules D-06, D-08, D-15 and their rulings in 4.7.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from manciple.kernel.records import dataclass

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one line of one invoice or credit note asks for on an order line.

    Attributes:
        at: the line's place on its invoice.
        number: the supplier's number, normalised.
        is_settled: the invoice is payable or posted, which nothing takes back.
        is_credit: it gives back instead of asking.
        quantity: in the base unit, not negative; zero for a credit of money only.
        worth: quantity x price as billed, or the sum credited; not negative on ordinary paper.
        drift: (billed price - order price) x quantity, unrounded, before the sign of a credit.
    """

    invoice: str
    at: int
    dated: date
    number: str
    is_settled: bool
    is_credit: bool
    quantity: Decimal
    worth: Fraction
    drift: Fraction

    @property
    def rank(self) -> tuple[bool, date, str, str, int]:
        """Give the place in the queue: settled first, then by date, number, id and line."""
        return (not self.is_settled, self.dated, self.number, self.invoice, self.at)

    @property
    def is_price_credit(self) -> bool:
        """Say whether it gives back money without goods. Source: D-15."""
        return self.is_credit and self.quantity == ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one claim stands among all claims on its order line, in the base unit.

    Attributes:
        before: invoiced by those that come first, less all credits that count; without this one.
        invoiced: all that was ever invoiced, whoever comes first.
        credited: by the counting credits that come first, and by this one if it is a credit.
        worth_invoiced: the money of ``invoiced``.
        worth_credited: likewise in money, by credits without goods.
        drift: signed price variance of those that come first, this one and the credits.
        invoices: how many invoices that drift is of, this one included.
    """

    before: Decimal
    invoiced: Decimal
    credited: Decimal
    worth_invoiced: Fraction
    worth_credited: Fraction
    drift: Fraction
    invoices: int

    @property
    def is_credit_in_excess(self) -> bool:
        """Say whether more is credited than was ever invoiced. Equal is not more."""
        return self.credited > self.invoiced or self.worth_credited > self.worth_invoiced


def standing(claims: Iterable[Claim], of: Claim, *, elsewhere: Decimal = ZERO) -> Standing:
    """Say how ``of``, which is one of the claims, stands among them.

    A credit counts only while it is not in excess. ``elsewhere`` is what the ledger holds as
    invoiced, net of credits, by papers that are not among the claims; it comes before all.
    """
    queue = sorted(claims, key=lambda claim: claim.rank)
    invoices = [claim for claim in queue if not claim.is_credit]
    invoiced = sum((claim.quantity for claim in invoices), max(elsewhere, ZERO))
    worth = sum((claim.worth for claim in invoices), Fraction(0))
    counting = counting_credits(queue, invoiced=invoiced, worth=worth)
    ahead = [claim for claim in invoices if claim.rank <= of.rank]
    asked = sum((claim.quantity for claim in ahead if claim is not of), elsewhere)
    credited = [c for c in counting if c.rank < of.rank] + ([of] if of.is_credit else [])
    return Standing(
        before=asked - sum((claim.quantity for claim in counting), ZERO),
        invoiced=invoiced,
        credited=sum((claim.quantity for claim in credited), ZERO),
        worth_invoiced=worth,
        worth_credited=sum((c.worth for c in credited if c.is_price_credit), Fraction(0)),
        drift=sum((claim.drift for claim in ahead), Fraction(0))
        - sum((_given_back(claim) for claim in counting), Fraction(0)),
        invoices=len({claim.invoice for claim in ahead}),
    )


def counting_credits(
    queue: Iterable[Claim], *, invoiced: Decimal, worth: Fraction
) -> tuple[Claim, ...]:
    """Give the credits that count: in their order, those that keep credited within invoiced.

    A settled credit counts always. Source: 4.7 A, D-06 / D-15.
    """
    counting: list[Claim] = []
    quantity, money = ZERO, Fraction(0)
    for claim in (each for each in queue if each.is_credit):
        goods = quantity + claim.quantity
        sums = money + (claim.worth if claim.is_price_credit else 0)
        if claim.is_settled or (goods <= invoiced and sums <= worth):
            counting.append(claim)
            quantity, money = goods, sums
    return tuple(counting)


def _given_back(claim: Claim) -> Fraction:
    return claim.worth if claim.is_price_credit else claim.drift
