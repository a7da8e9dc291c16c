"""A planner's books: what is on order of each shelf, by requisition and then by order.

raised -> placed -> received, cut -> closed        on order falls with each, never below zero
"""

from collections.abc import Mapping
from dataclasses import field

from manciple.kernel.records import dataclass
from manciple.world.stock import Basket, Stock


@dataclass(frozen=True, slots=True)
class _Open:
    site: str
    pieces: dict[str, int]


@dataclass(slots=True)
class Books:
    """What is on order, as far as the planners know."""

    stock: Stock
    _open: dict[str, _Open] = field(default_factory=dict)

    def raised(self, requisition: str, basket: Basket) -> None:
        """Note what was asked for."""
        pieces = {}
        for wanted in basket.lines:
            shelf = wanted.shelf
            pieces[shelf.item.id] = wanted.cases * shelf.item.per_case
            shelf.on_order += pieces[shelf.item.id]
        self._open[requisition] = _Open(basket.site, pieces)

    def placed(self, requisition: str, order: str) -> None:
        """Go on under the order's number."""
        known = self._open.pop(requisition, None)
        if known is not None:
            self._open[order] = known

    def less(self, order: str, item: str, pieces: int) -> None:
        """Note that so much came, or will not come."""
        known = self._open.get(order)
        if known is None:
            return
        less = min(pieces, known.pieces.get(item, 0))
        if less:
            known.pieces[item] -= less
            self.stock.shelves[known.site, item].on_order -= less

    def dropped(self, name: str) -> None:
        """Note that nothing more comes of a requisition or an order."""
        known = self._open.pop(name, None)
        for item, pieces in (known.pieces if known else {}).items():
            self.stock.shelves[known.site, item].on_order -= pieces  # type: ignore[union-attr]  # items come from known

    def told(self) -> Mapping[str, int]:
        """Give how much is on order."""
        return {"open": len(self._open)}
