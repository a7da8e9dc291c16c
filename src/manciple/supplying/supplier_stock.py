"""What a supplier says it has of an item: known availability, with its age.

A stock list (X12 846) is a statement at an instant, not a promise. Each item keeps the newest one;
an older list that comes late changes nothing. How old a figure is stands beside it, and what was
never stated is unknown, not zero. Source: X12 004010, transaction set 846.
"""

from datetime import datetime
from typing import ClassVar

from manciple.catalog.item import ItemId, ItemScheme
from manciple.kernel.errors import refuse
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """One item of a stock list; a quantity that is not stated is None."""

    items: tuple[ItemId, ...]
    available: Quantity | None
    on_hand: Quantity | None = None
    on_order: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSupplierStock:
    """Take in what a supplier says it has.

    Attributes:
        as_of: the instant for which the list speaks.
    """

    supplier: str
    number: str
    as_of: datetime
    lines: tuple[StockLine, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierStock:
    """The newest statement of a supplier about one item.

    Attributes:
        item: our item, where the supplier names it by our number.
        supplier_item: the supplier's own number, where it states one.
        list_number: the stock list that said so.
    """

    KIND: ClassVar[str] = "supplier-stock"

    id: str
    supplier: str
    item: str | None
    supplier_item: str | None
    available: Quantity | None
    on_hand: Quantity | None
    on_order: Quantity | None
    as_of: datetime
    list_number: str
    source: str

    @property
    def state(self) -> str:
        """The one word that lists show: ``available``, ``none``, or ``unknown``."""
        if self.available is None:
            return "unknown"
        return "available" if self.available else "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierStockStated:
    """A supplier said what it has of an item."""

    supplier: str
    item: str | None
    supplier_item: str | None
    available: Quantity | None
    as_of: datetime
    list_number: str


def stock_id(supplier: str, items: tuple[ItemId, ...]) -> str:
    """Name the statement about an item: by our number where it is stated, else the supplier's.

    Raises:
        Refused: NO_ITEM, neither is stated.
    """
    for scheme in (ItemScheme.BUYER, ItemScheme.SUPPLIER):
        number = next((each.id for each in items if each.scheme is scheme), None)
        if number:
            return stock_key(supplier, scheme, number)
    raise refuse(
        "NO_ITEM",
        "a line of the stock list names neither our item nor the supplier's",
        field="items",
        fix="Ask the supplier for a BP or VP number in LIN.",
    )


def stock_key(supplier: str, scheme: ItemScheme, number: str) -> str:
    """Name the statement about an item by one number of it."""
    return f"{supplier}/{scheme.value}/{number}"


def stated(act: RecordSupplierStock, line: StockLine) -> SupplierStock:
    """Give what a line of the list says.

    Raises:
        Refused: NO_ITEM; BAD_QUANTITY, less than nothing is available.
    """
    if line.available is not None and line.available.value < 0:
        raise refuse(
            "BAD_QUANTITY",
            f"{line.available} can't be available",
            field="lines.available",
            fix="State zero when nothing is there.",
        )
    by_scheme = {each.scheme: each.id for each in reversed(line.items)}
    return SupplierStock(
        id=stock_id(act.supplier, line.items),
        supplier=act.supplier,
        item=by_scheme.get(ItemScheme.BUYER),
        supplier_item=by_scheme.get(ItemScheme.SUPPLIER),
        available=line.available,
        on_hand=line.on_hand,
        on_order=line.on_order,
        as_of=act.as_of,
        list_number=act.number,
        source=act.source,
    )


def is_newer(said: SupplierStock, known: SupplierStock | None) -> bool:
    """Say whether a statement replaces what is known; the same instant told anew does."""
    return known is None or (said.as_of >= known.as_of and said != known)
