"""The agreed price of what a paper bills: of the revision in force when those goods left.

Invoices bill goods in the order in which they left: the first invoice by date the first goods. A
credit note is held against the average of all that left. Source: domain rules P-02 and P-08 with
the rulings of 4.7: the revision in force at the ship date first, its price second.
"""

from collections.abc import Iterable
from dataclasses import field
from decimal import Decimal
from fractions import Fraction

from manciple.invoicing.invoice import Invoice, OrderLineRef, rank
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.in_force import LineGoods

_ZERO = Decimal(0)


@dataclass(slots=True)
class Agreed:
    """What was agreed on one order line for every line of every paper that bills it."""

    goods: LineGoods
    papers: Iterable[Invoice]
    place: OrderLineRef
    _spans: dict[tuple[str, int], tuple[Decimal, Decimal]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Give every billing line its goods, the earliest paper the earliest goods."""
        start = _ZERO
        for paper in sorted(self.papers, key=rank):
            for at, line in enumerate(paper.lines):
                if paper.credit or line.place != self.place or line.posted is None:
                    continue
                end = start + line.posted.value
                self._spans[paper.id, at] = (start, end)
                start = end

    def price(self, paper: str, at: int) -> Fraction:
        """Give the agreed price of one base unit of what a paper's line bills."""
        everything = (_ZERO, sum((lot.quantity for lot in self.goods.lots), _ZERO))
        return self.goods.price(*self._spans.get((paper, at), everything))

    def ordered(self, paper: str, at: int, *, now: Quantity) -> Quantity:
        """Give how much was wanted in all when the goods left, or now where that is more."""
        span = self._spans.get((paper, at))
        return now if span is None else max(now, self.goods.wanted(span[1]))
