"""An outlook says how long an item's stock at a site lasts, and who waits for it.

ATL:VALVE as of Monday 08:00: 60 EA on hand, 12 EA a day -> out in 5 days; 2 customer orders wait

It is told by whoever knows: the ERP, a planning system, a warehouse. What they do not know they
leave out; nothing is taken as zero.
"""

from datetime import datetime
from fractions import Fraction
from typing import ClassVar

from manciple.catalog.item import Item
from manciple.kernel.errors import Reason
from manciple.kernel.money import Money
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass

_DAY_SECONDS = 86_400


def outlook_id(site: str, item: str) -> str:
    """Give the id of the outlook of an item at a site."""
    return f"{site}:{item}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is known of an item's stock at a site.

    Attributes:
        id: ``site:item``.
        on_hand: what can be used; None: not told.
        daily_demand: what is needed in a calendar day, on average; None: not told.
        customer_orders: how many orders of customers wait for it; None: not told.
        customer_value: what they are worth.
        as_of: the instant for which all this is told.
    """

    KIND: ClassVar[str] = "outlook"

    id: str
    site: str
    item: str
    as_of: datetime
    on_hand: Quantity | None = None
    daily_demand: Quantity | None = None
    customer_orders: int | None = None
    customer_value: Money | None = None

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "told"

    @property
    def runs_out(self) -> bool | None:
        """Say whether stock ever runs out at this demand; None when it was not told."""
        return None if self.daily_demand is None else bool(self.daily_demand)

    def days_left(self, at: datetime) -> Fraction | None:
        """Give the calendar days from ``at`` until stock runs out; below zero when it has.

        None when it can't be told, or when nothing is needed. Stock that is out is out, whether
        the demand is known or not.
        """
        since = Fraction(int((at - self.as_of).total_seconds()), _DAY_SECONDS)
        if self.on_hand is not None and not self.on_hand:
            return -since
        if self.on_hand is None or not self.daily_demand:
            return None
        return Fraction(self.on_hand.value) / Fraction(self.daily_demand.value) - since


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterOutlook:
    """Tell what is known of an item's stock at a site; the newest word stands."""

    outlook: Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookRegistered:
    """Somebody told how long stock lasts and who waits; what they did not tell is None."""

    outlook: str
    site: str
    item: str
    as_of: datetime
    on_hand: Quantity | None = None
    daily_demand: Quantity | None = None


def faults(outlook: Outlook, *, item: Item | None, site_known: bool) -> tuple[Reason, ...]:
    """List everything that is wrong with an outlook; empty when it can be kept."""
    found = []
    if outlook.id != outlook_id(outlook.site, outlook.item):
        wanted = outlook_id(outlook.site, outlook.item)
        found.append(_fault("id", f"{outlook.id} is not {wanted}", f"use {wanted}"))
    if not site_known:
        found.append(_fault("site", f"there is no site {outlook.site}", "register it first"))
    if item is None:
        found.append(_fault("item", f"there is no item {outlook.item}", "register it first"))
    for name, told in (("on_hand", outlook.on_hand), ("daily_demand", outlook.daily_demand)):
        if told is None:
            continue
        if item is not None and told.unit is not item.base_unit:
            message = (
                f"{told} is not in {item.base_unit.value}, the unit that {item.id} is kept in"
            )
            found.append(_fault(name, message, "tell it in the item's base unit"))
        if told.value < 0:
            found.append(_fault(name, f"{told} is below zero", "leave it out if nobody knows"))
    if outlook.customer_orders is not None and outlook.customer_orders < 0:
        found.append(_fault("customer_orders", "it is below zero", "tell how many wait"))
    if outlook.customer_value is not None and outlook.customer_value.amount < 0:
        found.append(_fault("customer_value", "it is below zero", "tell what they are worth"))
    return tuple(found)


def _fault(field: str, message: str, fix: str) -> Reason:
    return Reason(code="BAD_OUTLOOK", message=message, field=f"outlook.{field}", fix=fix)
