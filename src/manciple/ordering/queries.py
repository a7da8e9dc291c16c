"""What pages read about order lines: by item and site, and those that are still to come."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.runtime.queries import Scope, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemOrdered:
    """An order line for the item and site under which this row lies (``site:item``).

    Attributes:
        quantity: as first ordered, in the item's base unit.
    """

    purchase_order: str
    line: str
    supplier: str
    quantity: Quantity
    ordered_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine:
    """A line of which something is still to come.

    Attributes:
        open: still to come, in the item's base unit.
        first_promise, promise: the first and the present date of the supplier; None: none yet.
        promised_on: the day on which the present date was named, by the supplier's own words;
            None where it is not known.
    """

    order: str
    line: str
    item: str
    description: str
    supplier: str
    site: str
    open: Quantity
    needed_by: date
    ordered_on: date
    first_promise: date | None = None
    promise: date | None = None
    promised_on: date | None = None

    @property
    def expected_on(self) -> date:
        """The day on which it is expected: promised, else needed."""
        return self.promise or self.needed_by

    @property
    def days_late(self) -> int | None:
        """Days that the promise is after the need; 0 or less in time, None without a promise."""
        return None if self.promise is None else (self.promise - self.needed_by).days

    @property
    def days_slipped(self) -> int | None:
        """Days that the promise moved since the first one; None without a promise."""
        if self.promise is None or self.first_promise is None:
            return None
        return (self.promise - self.first_promise).days

    def slipped_since(self, day: date) -> bool:
        """Say whether the supplier moved it to a later date on ``day`` or after it."""
        moved = self.days_slipped
        return bool(moved and moved > 0 and self.promised_on and self.promised_on >= day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What is still to come of an order line, in the base unit.

    Attributes:
        open: not received yet.
        on_the_way: shipped by the supplier's word and not received; it may be more than is open.
    """

    open: Quantity
    on_the_way: Quantity


class OrderLines(Protocol):
    """Reads order lines."""

    def to_come(
        self, *, scope: Scope, site: str = "", supplier: str = "", most: int
    ) -> Whole[OpenLine]:
        """Give lines of which something is still to come, of the oldest ``most`` open orders."""
        ...

    def ordered(self, keys: Sequence[str], *, most: int) -> dict[str, tuple[ItemOrdered, ...]]:
        """Give the newest ``most`` order lines of each ``site:item``, newest first."""
        ...

    def left(self, orders: Sequence[str]) -> dict[tuple[str, str], Quantity]:
        """Give what is still to come of each order and line, in the base unit."""
        ...

    def coming(self, orders: Sequence[str]) -> dict[tuple[str, str], Coming]:
        """Give what is open and what is on its way of each order and line with any posting."""
        ...
