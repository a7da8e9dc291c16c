"""A substitute: another item that was agreed to come on an order line, at a price of its own.

    line 1   100 EA BOLT-8 at 2.50      or BOLT-9 at 2.52, agreed by bo

What comes of it counts on the line for which it comes: received, open and over are the line's. It
is counted in its own packs, priced at its own price and stocked as what it is; documents keep both
item numbers. Source: domain rule D-22.
"""

from datetime import datetime

from manciple.catalog.item import Pack
from manciple.kernel.price import Price
from manciple.kernel.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """An item that may come instead of the one that was ordered.

    Attributes:
        item: our number of it.
        supplier_item: the supplier's number of it; None when it has none.
        price: what was agreed for it.
        packs: its packs on the day on which it was agreed; its base unit is the line's.
        basis: where the price is from: ``agreement ACME/BOLT-9``, or ``stated``.
    """

    item: str
    description: str
    category: str
    supplier_item: str | None
    gtin: str | None
    price: Price
    packs: tuple[Pack, ...]
    basis: str
    agreed_by: str
    agreed_at: datetime
