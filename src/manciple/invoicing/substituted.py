"""Which item a paper bills where another one came on its order line, and what was agreed for it.

    ordered 100 BOLT-8 at 10.00, came 60 of it and 40 BOLT-9, agreed at 8.00
    a bill over 100 BOLT-8      60 x 10.00 + 40 x 8.00 = 920.00, not 1000.00
    a bill over 40 BOLT-9       40 x 8.00

A line bills what came of the item that it names, first; then, oldest first, whatever else came;
and what has not come yet at the price of the item that it names. Papers are served in their order
as everywhere. So the price test is against what was agreed for the goods that are here, whatever
a paper calls them. Source: domain rule D-22.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from manciple.invoicing.conversion import Unconvertible, price_in_base
from manciple.invoicing.invoice import Invoice, InvoicedLine, OrderLineRef, rank
from manciple.ordering.line_ledger import LineLedger, Stage
from manciple.ordering.matching import item_named
from manciple.ordering.purchase_order import OrderLine

_ZERO = Decimal(0)
_Shares = dict[str | None, Decimal]


def billed_as(order_line: OrderLine, stated: InvoicedLine) -> OrderLine:
    """Give the order line as a paper's line means it: as the substitute that it names, or itself.

    Quantities and prices are then read in that item's own packs.
    """
    return order_line.bought_as(item_named(order_line, stated.items))


@dataclass(slots=True)
class Came:
    """What came on one order line, item by item, and which paper bills it.

    An item is our number of a substitute; None is the item ordered.
    """

    order_line: OrderLine
    ledger: LineLedger
    papers: Iterable[Invoice]
    place: OrderLineRef
    _kept: _Shares = field(default_factory=dict)
    _shares: dict[tuple[str, int], _Shares] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every billing line its goods: of its own item first, then of what is left."""
        for posting in self.ledger.postings:
            if posting.stage in (Stage.RECEIVED, Stage.RETURNED):
                step = posting.quantity.value
                step = step if posting.stage is Stage.RECEIVED else -step
                self._kept[posting.item] = self._kept.get(posting.item, _ZERO) + step
        left = {item: max(kept, _ZERO) for item, kept in self._kept.items()}
        bills = [
            (paper.id, at, line.stated, line.posted.value)
            for paper in sorted(self.papers, key=rank)
            for at, line in enumerate(paper.lines)
            if not paper.credit and line.place == self.place and line.posted is not None
        ]
        for paper, at, stated, quantity in bills:
            own = self._own(stated)
            self._shares[paper, at] = _drawn((own,), left, quantity)
        for paper, at, stated, quantity in bills:
            shares = self._shares[paper, at]
            more = _drawn(tuple(left), left, quantity - sum(shares.values(), _ZERO))
            own = self._own(stated)
            missing = quantity - sum((*shares.values(), *more.values()), _ZERO)
            for item, part in (*more.items(), (own, missing)):
                if part:
                    shares[item] = shares.get(item, _ZERO) + part

    def items(self, paper: str, at: int) -> _Shares:
        """Give how much of which item a paper's line bills, in the base unit."""
        return self._shares.get((paper, at), {})

    def price(self, paper: str, at: int, stated: InvoicedLine, *, ordered: Fraction) -> Fraction:
        """Give the agreed price of one base unit of what a paper's line bills.

        ``ordered`` is that of the item ordered. A credit is held against the item that it names,
        one that names none against the average of all that came.
        """
        shares = self.items(paper, at)
        if not shares:
            named = item_named(self.order_line, stated.items)
            is_named = named is not None or bool(stated.items)
            shares = {named: Decimal(1)} if is_named else self._positive()
        whole = sum(shares.values(), _ZERO)
        if not whole:
            return self._each(self._own(stated), ordered)
        worth = sum(
            (Fraction(part) * self._each(item, ordered) for item, part in shares.items()),
            Fraction(0),
        )
        return worth / Fraction(whole)

    def _positive(self) -> _Shares:
        return {item: kept for item, kept in self._kept.items() if kept > 0}

    def _own(self, stated: InvoicedLine) -> str | None:
        """Give the item that a paper's line names; where it names none, the only one that came."""
        named = item_named(self.order_line, stated.items)
        came = self._positive()
        if named is None and not stated.items and len(came) == 1:
            return next(iter(came))
        return named

    def _each(self, item: str | None, ordered: Fraction) -> Fraction:
        if item is None:
            return ordered
        line = self.order_line.bought_as(item)
        price = price_in_base(line.price, line)
        assert not isinstance(price, Unconvertible), "a substitute's price is tried when agreed"
        return price


def _drawn(items: Iterable[str | None], left: _Shares, quantity: Decimal) -> _Shares:
    """Take up to ``quantity`` of these items from what is left, in their order."""
    taken: _Shares = {}
    for item in items:
        part = min(quantity - sum(taken.values(), _ZERO), left.get(item, _ZERO))
        if part > 0:
            taken[item] = part
            left[item] -= part
    return taken
