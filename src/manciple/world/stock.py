"""True stock: what lies on each shelf, what customers take, and when a planner sees it low.

    position = on hand + on order - owed to customers          one shelf: an item at a site
    position <= minimum at its review                          -> cases up to the maximum

The world alone knows true stock, and counts what was missing: an item-site-day is one shelf that
could not serve, or had nothing left, at the end of a day; a unit-day is one piece that a customer
waited for over the end of a day. Unmet demand is owed until goods come, and served first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date
from decimal import Decimal

from manciple.kernel.records import dataclass
from manciple.world.chance import Chance
from manciple.world.company import Company, Item, Offer
from manciple.world.season import index

STOCKED = 53
"""Chances in a hundred that a site stocks an item. An assumption of ours."""
_PACES = ((130, 20), (50, 30), (14, 50))
"""Customers' orders a day at one site in hundredths, and how many items in a hundred have that
pace: fast, middling, slow. An assumption of ours, in the shape of an ABC curve."""
_REVIEW_DAYS = 5
"""Working days between two reviews of one supplier's shelves at one site."""
_OFFICE_DAYS = 2
"""Working days that the planners allow for their own house, approval to dispatch."""
_CYCLE_DAYS = (13, 20, 50)
"""Working days that one order should last, by pace."""
_WEEKEND = 5
_WORKING_DAYS, _WEEK_DAYS = 5, 7
_SCARCE_DAYS = 3


@dataclass(slots=True, kw_only=True)
class Shelf:
    """One item at one site, in pieces.

    Attributes:
        pace: customers' orders on a mean day, in hundredths.
        size: pieces that a customer's order asks for on average.
        supplier: the preferred one, from whom the planner orders.
        on_order: pieces in open requisitions and orders, as the planner's books have them.
        owed: pieces promised to customers and not there.
    """

    site: str
    item: Item
    supplier: str
    lead_days: int
    pace: int
    size: int
    minimum: int
    maximum: int
    on_hand: int
    chance: Chance
    on_order: int = 0
    owed: int = 0

    @property
    def position(self) -> int:
        """What the planner counts on."""
        return self.on_hand + self.on_order - self.owed

    @property
    def daily(self) -> Decimal:
        """What customers take of it on a mean calendar day, in pieces; two decimals."""
        return Decimal(self.pace * self.size * _WORKING_DAYS // _WEEK_DAYS).scaleb(-2)

    @property
    def is_urgent(self) -> bool:
        """Say whether less than a quarter of the reorder point is left, orders included."""
        return self.position * 4 <= self.minimum

    @property
    def is_scarce(self) -> bool:
        """Say whether customers wait, or will within three days if nothing comes."""
        return bool(self.owed) or self.on_hand < self.daily * _SCARCE_DAYS

    @property
    def may_join(self) -> bool:
        """Say whether it goes along when its supplier gets an order: it would be low soon."""
        return self.position <= self.minimum + (self.maximum - self.minimum) // 3

    def take(self, season: int) -> int:
        """Have customers buy for a day; gives the pieces that they asked for.

        Args:
            season: the day's index in hundredths of a per cent.
        """
        orders = self.chance.poisson(self.pace * season // 10_000)
        asked = sum(self.chance.between(1, 2 * self.size - 1) for _ in range(orders))
        served = min(asked, self.on_hand)
        self.on_hand -= served
        self.owed += asked - served
        return asked

    def put(self, pieces: int) -> None:
        """Put goods on the shelf; customers who wait are served first."""
        served = min(self.owed, pieces)
        self.owed -= served
        self.on_hand += pieces - served

    def cases(self) -> int:
        """Give the cases that bring the position near the maximum, at least one."""
        return max(1, (self.maximum - self.position) // self.item.per_case)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line that a planner wants: cases of an item."""

    shelf: Shelf
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What one site wants of one supplier."""

    site: str
    supplier: str
    lines: tuple[Wanted, ...]
    urgent: bool


@dataclass(slots=True)
class Missing:
    """What was not there, counted at the end of each day.

    Attributes:
        item_site_days: shelves with nothing on hand.
        stocked_days: shelves, each day: the whole of which ``item_site_days`` are a part.
        unit_days: pieces owed, each day.
        asked, served: pieces over all days; served at once, from the shelf.
    """

    item_site_days: int = 0
    stocked_days: int = 0
    unit_days: int = 0
    asked: int = 0
    served: int = 0


@dataclass(slots=True)
class Stock:
    """Every shelf of the company, and the count of what was missing."""

    company: Company
    seed: int
    shelves: dict[tuple[str, str], Shelf] = field(default_factory=dict)
    missing: Missing = field(default_factory=Missing)
    _pairs: dict[tuple[str, str], list[Shelf]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill the shelves as on any other morning: between empty-ish and full."""
        preferred = {offer.item: offer for offer in self.company.offers if offer.preferred}
        for item in self.company.items:
            for site in self.company.sites:
                chance = Chance(self.seed, "shelf", site.id, item.id)
                if chance.happens(STOCKED):
                    shelf = _shelf(self.seed, site.id, item, preferred[item.id], chance)
                    self.shelves[site.id, item.id] = shelf
                    self._pairs.setdefault((site.id, shelf.supplier), []).append(shelf)

    def sell(self, day: date) -> None:
        """Have customers take what they want of a day, then count what is missing."""
        season = {item.category: 0 for item in self.company.items}
        for category in season:
            season[category] = index(self.seed, category, day)
        working = day.weekday() < _WEEKEND
        missing = self.missing
        for shelf in self.shelves.values():
            if working:
                owed = shelf.owed
                asked = shelf.take(season[shelf.item.category])
                missing.asked += asked
                missing.served += asked - (shelf.owed - owed)
            missing.stocked_days += 1
            missing.item_site_days += not shelf.on_hand
            missing.unit_days += shelf.owed

    def review(self, site: str, day: date) -> Iterator[Basket]:
        """Give what a site's planner wants this morning, one basket a supplier.

        A supplier's shelves are reviewed once a week; one that is urgent is not left so long.
        """
        for place, ((where, supplier), shelves) in enumerate(self._pairs.items()):
            if where != site:
                continue
            due = place % _REVIEW_DAYS == day.weekday()
            low = any(shelf.position <= shelf.minimum for shelf in shelves)
            urgent = any(shelf.is_urgent for shelf in shelves)
            if urgent or (due and low):
                lines = tuple(
                    Wanted(shelf=shelf, cases=shelf.cases()) for shelf in shelves if shelf.may_join
                )
                yield Basket(site=site, supplier=supplier, lines=lines, urgent=urgent)

    def told(self) -> Mapping[str, int]:
        """Give the count of what was missing."""
        missing = self.missing
        return {
            "stock_out_item_site_days": missing.item_site_days,
            "stocked_item_site_days": missing.stocked_days,
            "stock_out_unit_days": missing.unit_days,
            "pieces_asked": missing.asked,
            "pieces_served_at_once": missing.served,
        }


def _shelf(seed: int, site: str, item: Item, offer: Offer, chance: Chance) -> Shelf:
    place = chance.weighted(range(len(_PACES)), [share for _, share in _PACES])
    pace = _PACES[place][0]
    size = max(1, item.per_case // 6)
    covered = offer.lead_days + _OFFICE_DAYS + _REVIEW_DAYS
    minimum = max(1, pace * size * covered * 13 // 1000)
    cycle = max(item.per_case, pace * size * _CYCLE_DAYS[place] // 100)
    return Shelf(
        site=site,
        item=item,
        supplier=offer.supplier,
        lead_days=offer.lead_days,
        pace=pace,
        size=size,
        minimum=minimum,
        maximum=minimum + cycle,
        on_hand=minimum + chance.between(0, cycle) - chance.between(0, minimum // 2),
        chance=Chance(seed, "demand", site, item.id),
    )
