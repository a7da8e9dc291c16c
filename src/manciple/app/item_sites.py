"""One item at one site as a planner sees it: stock, orders, how long it takes, what is set.

Nothing is made up: what no system tells is unknown, and every figure says how old it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import floor
from typing import Final
from zoneinfo import ZoneInfo

from manciple.app.application import Application
from manciple.app.needs import NeedDesk, Stock, ToCome
from manciple.app.places import Places, read_places
from manciple.cases.case import Case
from manciple.cases.life import about as about_key
from manciple.catalog.agreement import Agreement, Sources, agreement_id
from manciple.catalog.arrival import arrival
from manciple.catalog.calendars import calendar_of_site, calendar_of_supplier
from manciple.catalog.item import Item
from manciple.catalog.outlook import outlook_id
from manciple.catalog.site import Site, works_for
from manciple.catalog.supplier import Supplier
from manciple.kernel.messages import Actor
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.lead_time import LeadTime, Learned, first_completed, learned
from manciple.runtime.documents import Ref
from manciple.runtime.queries import Stored

WEEKS: Final = 26
"""Weeks of orders that the chart looks back over."""
_MOST: Final = 400
"""Order lines that the chart adds up, the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What was ordered in the week that began on a Monday, in the base unit."""

    monday: date
    ordered: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How a supplier keeps to the lead time that it agreed to for the item, at the site.

    Attributes:
        n: its deliveries that are remembered, each order line once.
        late: those that came after the day which the agreement gives, by both calendars. Nobody
            remembers at what hour an order was placed: it counts as after the cut-off.
    """

    n: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSite:
    """All that is known of an item at a site.

    Attributes:
        told_at: when the stock was last told; None: never.
        out_on: the day on which stock runs out at the demand that was told; None: unknown, or
            it does not.
        is_cut: the chart's weeks hold more orders than were added up.
        kept: by supplier, how it keeps to the lead time that it agreed to.
    """

    item: Item
    item_at: datetime
    site: Site
    here: Stock
    elsewhere: tuple[Stock, ...]
    out_on: date | None
    on_order: tuple[ToCome, ...]
    weeks: tuple[Week, ...]
    is_cut: bool
    learned: Learned
    deliveries: tuple[LeadTime, ...]
    agreements: tuple[Stored[Agreement], ...]
    kept: Mapping[str, Kept | None]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSites:
    """Reads item-site cards, and what is open about order lines, for the doors."""

    app: Application

    def one(self, name: str, site: str, actor: Actor) -> ItemSite | None:
        """Give a card; None when there is no such item or site, or it is not the actor's."""
        item = self.app.documents.get(Item, name)
        place = self.app.peek(Site, site)
        if item is None or place is None or not works_for(actor, place.id):
            return None
        needs = NeedDesk(app=self.app)
        key = outlook_id(place.id, item.document.id)
        stocks = needs.stocks(item.document)
        here = next(each for each in stocks if each.site.id == place.id)
        on_order = needs.to_come(key, item.document.id)
        deliveries = self.app.lead_times.of([key])[key]
        now = self.app.clock.now()
        ordered = self.app.order_lines.ordered([key], most=_MOST)[key]
        first = monday_of(now.date()) - timedelta(weeks=WEEKS - 1)
        left = here.outlook.days_left(now) if here.outlook else None
        agreements = self._agreements(item.document.id)
        places = read_places(
            self.app.documents,
            sites=[place.id],
            suppliers=[each.document.supplier for each in agreements],
        )
        return ItemSite(
            item=item.document,
            item_at=item.at,
            site=place,
            here=here,
            elsewhere=tuple(each for each in stocks if each.site.id != place.id),
            out_on=None if left is None else now.date() + timedelta(days=max(0, floor(left))),
            on_order=on_order,
            weeks=_weeks(first, [(row.ordered_on, row.quantity.value) for row in ordered]),
            is_cut=len(ordered) == _MOST and ordered[-1].ordered_on >= first,
            learned=learned(deliveries),
            deliveries=deliveries[:12],
            agreements=agreements,
            kept={
                each.document.supplier: _kept(each.document, deliveries, places, place.id)
                for each in agreements
            },
            cases=tuple(
                case
                for cases in self.cases([(each.order, each.line) for each in on_order]).values()
                for case in cases
            ),
        )

    def _agreements(self, item: str) -> tuple[Stored[Agreement], ...]:
        sources = self.app.peek(Sources, item)
        names = [agreement_id(each, item) for each in (sources.suppliers if sources else ())]
        return tuple(self.app.documents.stored(Agreement, names).values())

    def cases(
        self, lines: Sequence[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[Case, ...]]:
        """Give the open exceptions of order lines; one about the whole order is of each line."""
        orders = list(dict.fromkeys(order for order, _ in lines))
        tasks = self.app.worklists.about(
            [about_key(Ref(PurchaseOrder.KIND, order)) for order in orders], name="case"
        )
        found = self.app.documents.many(Case, [task.id for task in tasks])
        about: dict[tuple[str, str], list[Case]] = {line: [] for line in lines}
        for case in found.values():
            for (order, line), open_ in about.items():
                if case.subject.id == order and case.discrepancy.line in {None, line}:
                    open_.append(case)
        return {line: tuple(cases) for line, cases in about.items() if cases}


def _kept(
    agreed: Agreement, deliveries: Sequence[LeadTime], places: Places, site: str
) -> Kept | None:
    """Hold a supplier's deliveries against its agreed days; None where it has agreed to none."""
    days = agreed.lead_days
    if days is None:
        return None
    works = calendar_of_supplier(places, agreed.supplier)
    dock = calendar_of_site(places, site)
    seller = places.peek(Supplier, agreed.supplier)
    theirs = [e for e in first_completed(deliveries) if e.supplier == agreed.supplier]
    late = sum(
        each.received_on
        > arrival(
            datetime.combine(each.ordered_on, time.max, ZoneInfo(works.zone)),
            supplier=agreed.supplier,
            days=days,
            works=works,
            dock=dock,
            cut_off=seller.cut_off if seller else None,
        ).here_on
        for each in theirs
    )
    return Kept(n=len(theirs), late=late)


def monday_of(day: date) -> date:
    """Give the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _weeks(first: date, rows: Sequence[tuple[date, Decimal]]) -> tuple[Week, ...]:
    sums: dict[date, Decimal] = {}
    for day, quantity in rows:
        monday = monday_of(day)
        sums[monday] = sums.get(monday, Decimal(0)) + quantity
    mondays = (first + timedelta(weeks=n) for n in range(WEEKS))
    return tuple(Week(monday=each, ordered=sums.get(each, Decimal(0))) for each in mondays)
