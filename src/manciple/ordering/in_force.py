"""The terms in force: which revision goods of a line fall under, by when they left.

    shipped 60 on 3 March, 40 on 10 March; revision 2 (31.00) delivered on 5 March
    -> 60 at 30.00, 40 at 31.00; an invoice over 80 is agreed at (60 x 30 + 20 x 31) / 80

Goods that nobody announced count by the day of their receipt. What was known before the supplier
had a revision left before it, whatever day it states. Source: domain rule P-02, ruling 4.7 B.
"""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.purchase_order import OrderLine, PurchaseOrder
from manciple.ordering.revision import LineTerms, terms_at
from manciple.ordering.revision import in_force as revision_in_force

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """So many base units that fall under one revision, in the order in which they were told."""

    quantity: Decimal
    terms: LineTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGoods:
    """What has left or come on one line, lot by lot, and what holds for the rest.

    Attributes:
        rest: the terms of the newest revision that the supplier has and did not reject.
    """

    line: OrderLine
    lots: tuple[Lot, ...]
    rest: LineTerms

    def price(self, start: Decimal, end: Decimal) -> Fraction:
        """Give the agreed price of one base unit over the goods from ``start`` to ``end``.

        Units are counted in the order in which the goods left; an empty range is the rest's.
        """
        worth, taken, place = Fraction(0), _ZERO, _ZERO
        for lot in self.lots:
            here = max(min(end, place + lot.quantity) - max(start, place), _ZERO)
            worth += Fraction(here) * self._each(lot.terms)
            taken, place = taken + here, place + lot.quantity
        left = end - start - taken
        if end <= start:
            return self._each(self.rest)
        return (worth + Fraction(left) * self._each(self.rest)) / Fraction(end - start)

    def wanted(self, end: Decimal) -> Quantity:
        """Give how much was wanted in all when the unit at ``end`` left."""
        place = _ZERO
        for lot in self.lots:
            place += lot.quantity
            if end <= place:
                return lot.terms.wanted
        return self.rest.wanted

    def _each(self, terms: LineTerms) -> Fraction:
        price = self.line.price_in_base(terms.price)
        return Fraction(price.money.amount) / Fraction(price.per.value)


def is_repriced(order: PurchaseOrder, line: str) -> bool:
    """Say whether any revision touched a line after it was first ordered."""
    return any(revision.touches(line) for revision in order.revisions)


def goods_of(order: PurchaseOrder, line: OrderLine, ledger: LineLedger) -> LineGoods:
    """Sort what has left or come on a line by the revision that was in force."""
    lots = []
    shipped = received = _ZERO
    for place, posting in enumerate(ledger.postings):
        if posting.stage is Stage.SHIPPED:
            lots.append(_lot(order, line, posting, place, posting.quantity.value))
            shipped += posting.quantity.value
        elif posting.stage is Stage.RECEIVED:
            received += posting.quantity.value
            unannounced = min(received - shipped, posting.quantity.value)
            if unannounced > 0:
                lots.append(_lot(order, line, posting, place, unannounced))
                shipped += unannounced
    newest = max((r.number for r in order.revisions if r.delivered_at is not None), default=1)
    return LineGoods(line=line, lots=tuple(lots), rest=_terms(order, line, newest))


def wanted_when(order: PurchaseOrder, line: OrderLine, *, left: datetime) -> Quantity:
    """Give how much of a line was wanted in all when goods left at that instant."""
    return _terms(order, line, revision_in_force(order.revisions, left=left)).wanted


def _lot(
    order: PurchaseOrder, line: OrderLine, posting: Posting, place: int, quantity: Decimal
) -> Lot:
    end = datetime.combine(posting.effective, time(), UTC) + timedelta(days=1)
    known = tuple(r for r in order.revisions if r.heard_of(line.number) <= place)
    number = revision_in_force(known, left=end)
    return Lot(quantity=quantity, terms=_terms(order, line, number))


def _terms(order: PurchaseOrder, line: OrderLine, number: int) -> LineTerms:
    return terms_at(order.revisions, line.number, number, now=line.terms)
