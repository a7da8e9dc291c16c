"""An agreement says what one supplier charges for one item, from when until when.

ACME/BOLT-8: 30.00 USD per 1 CA, ordered in CA, at least 5 CA, valid from 2026-01-01
"""

from datetime import date
from typing import ClassVar, Final

from manciple.catalog import packs
from manciple.catalog.item import Item
from manciple.catalog.supplier import Supplier
from manciple.kernel.errors import Reason, Refused
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.kernel.words import bad_word

LONGEST_LEAD: Final = 1000
"""Working days that a supplier may take at most, some four years: more is a slip of the pen."""


def agreement_id(supplier: str, item: str) -> str:
    """Give the id of the agreement between a supplier and an item."""
    return f"{supplier}/{item}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The price and terms of one item from one supplier.

    Attributes:
        id: ``supplier/item``; one agreement per pair, and a new one replaces it.
        supplier_item: the supplier's own number of the item; None when it has none.
        order_unit: the pack in which orders are stated.
        valid_from: first day, included.
        valid_to: last day, included; None when no end is agreed.
        lead_days: the supplier's working days from the day that an order counts from, which is
            day 0, to arrival; 0 is the same day, None that nobody has stated any. Source: domain
            rule P-06.
        minimum: the smallest order of this item; None when there is none.
        preferred: taken before cheaper ones.
    """

    KIND: ClassVar[str] = "agreement"

    id: str
    supplier: str
    item: str
    supplier_item: str | None
    price: Price
    order_unit: Unit
    valid_from: date
    valid_to: date | None = None
    lead_days: int | None = None
    minimum: Quantity | None = None
    preferred: bool = False

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "preferred" if self.preferred else "agreed"

    def covers(self, day: date) -> bool:
        """Say whether the agreement is valid on a day, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Who sells an item: the suppliers with an agreement, in alphabetical order."""

    KIND: ClassVar[str] = "sources"

    id: str
    suppliers: tuple[str, ...]

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "known"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterAgreement:
    """Make an agreement known, or replace the one between this supplier and this item."""

    agreement: Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRegistered:
    """An item has a price from a supplier; or the price or terms changed."""

    agreement: str
    supplier: str
    item: str
    price: Price
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAdded:
    """One more supplier sells an item."""

    item: str
    supplier: str


def faults(
    agreement: Agreement, *, supplier: Supplier | None, item: Item | None
) -> tuple[Reason, ...]:
    """List everything that is wrong with an agreement; empty when it can be registered.

    ``supplier`` and ``item`` are the registered records, or None where there is none.
    """
    found = []
    if supplier is None:
        message = f"there is no supplier {agreement.supplier}"
        found.append(_fault("supplier", message, "register the supplier first"))
    elif agreement.price.money.currency is not supplier.currency:
        message = (
            f"the price is in {agreement.price.money.currency.value},"
            f" {supplier.id} is paid in {supplier.currency.value}"
        )
        found.append(_fault("price.money.currency", message, "agree the price in its currency"))
    if agreement.id != agreement_id(agreement.supplier, agreement.item):
        wanted = agreement_id(agreement.supplier, agreement.item)
        found.append(_fault("id", f"{agreement.id} is not {wanted}", f"use {wanted}"))
    if agreement.price.money.amount < 0:
        found.append(_fault("price", f"{agreement.price} is below zero", "agree a price"))
    if agreement.valid_to is not None and agreement.valid_to < agreement.valid_from:
        message = f"it ends on {agreement.valid_to}, before it starts"
        found.append(_fault("valid_to", message, "end it on or after its first day"))
    if agreement.lead_days is not None and not 0 <= agreement.lead_days <= LONGEST_LEAD:
        message = f"{agreement.lead_days} is not from 0 to {LONGEST_LEAD}"
        fix = "give working days, or null where none are agreed"
        found.append(_fault("lead_days", message, fix))
    if agreement.supplier_item is not None and (why := bad_word(agreement.supplier_item)):
        found.append(_fault("supplier_item", why, "give the supplier's own number, or null"))
    if item is None:
        message = f"there is no item {agreement.item}"
        found.append(_fault("item", message, "register the item first"))
    else:
        found.extend(_unit_faults(agreement, item))
    return tuple(found)


def _unit_faults(agreement: Agreement, item: Item) -> tuple[Reason, ...]:
    """Find units that the item has no pack for, and a minimum that can't be counted."""
    found = []
    for field, unit in (
        ("order_unit", agreement.order_unit),
        ("price.per.unit", agreement.price.per.unit),
    ):
        try:
            packs.factor(unit, base_unit=item.base_unit, packs=item.packs)
        except Refused as refusal:
            found.append(_fault(field, refusal.reasons[0].message, refusal.reasons[0].fix))
    if agreement.minimum is not None:
        try:
            packs.to_base(item, agreement.minimum)
        except Refused as refusal:
            found.append(_fault("minimum", refusal.reasons[0].message, refusal.reasons[0].fix))
    return tuple(found)


def _fault(field: str, message: str, fix: str) -> Reason:
    return Reason(code="BAD_AGREEMENT", message=message, field=f"agreement.{field}", fix=fix)
