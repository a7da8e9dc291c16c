"""Master data as the ERP keeps it: suppliers, items, sites, offers, stock."""

from datetime import date

from manciple.kernel.money import Currency
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSupplier:
    """A supplier as the ERP knows it."""

    id: str
    name: str
    currency: Currency
    blocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpItemPack:
    """How many base units one pack holds."""

    unit: Unit
    base: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpItem:
    """An item as the ERP knows it."""

    id: str
    description: str
    category: str
    base_unit: Unit
    packs: tuple[ErpItemPack, ...]
    stocked: bool
    gtin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpSite:
    """A warehouse or branch as the ERP knows it."""

    id: str
    name: str
    company: str
    city: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpOffer:
    """What a supplier asks for an item, from a day and perhaps to a day (both inclusive).

    Attributes:
        lead_days: its working days from order to arrival; None where the ERP holds none.
    """

    supplier: str
    item: str
    supplier_item: str | None
    price: Price
    order_unit: Unit
    minimum: Quantity | None
    lead_days: int | None
    valid_from: date
    valid_to: date | None
    preferred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpStock:
    """How much of an item a site has, by the ERP's books, and how much is on its way."""

    item: str
    site: str
    on_hand: Quantity
    on_order: Quantity
    allocated: Quantity
