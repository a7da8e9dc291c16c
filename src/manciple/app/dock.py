"""The dock: what is expected at a site, day by day, and what a receipt would do once booked.

    expected day   the ship notice's, else the promised, else the needed one
    first          what a customer waits for or is critical, then what is late, then by day

The open orders of a site are read up to a bound, which is told when it is reached.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from manciple.app.application import Application
from manciple.catalog.item import Item
from manciple.catalog.site import Site
from manciple.kernel.messages import Actor
from manciple.kernel.quantity import Quantity
from manciple.ordering.allowances import Allowance, Test, allowance
from manciple.ordering.line_ledger import LineLedger, Stage, ledgers
from manciple.ordering.purchase_order import OrderLine, OrderState, PurchaseOrder
from manciple.ordering.queries import Coming
from manciple.receiving import receipt
from manciple.receiving.receipt import Booking, RecordReceipt
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.documents import Document
from manciple.runtime.effects import Lane
from manciple.runtime.queries import MOST_ROWS, Scope, Stored, scope_of
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.ship_notice import ShipNotice

D = TypeVar("D", bound=Document)
MOST_PAGES: Final = 3
"""Pages of 200 orders of a state, or of papers, that one look reads, the newest."""
LATELY: Final = timedelta(hours=24)
"""What was told within this is a change since yesterday."""
_UNDER_WAY: Final = (
    OrderState.SHIPPED, OrderState.ACKNOWLEDGED, OrderState.SENT, OrderState.RECORDED,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """One order line that is still expected.

    Attributes:
        open: not received yet.
        announced: of that, what suppliers said is on its way.
        basis: where the day comes from: ``announced``, ``promised``, or ``needed`` where the
            supplier named none.
    """

    line: OrderLine
    open: Quantity
    announced: Quantity
    basis: str
    is_regulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What is expected of one order on one day.

    Attributes:
        day: when it should be here.
        notices: the ship notices that announced any of it.
        changes: what was told since yesterday, in words of this list: ``announced``, ``promise``.
        is_waited_for: a customer waits for it, by the need behind the order.
    """

    order: PurchaseOrder
    day: date
    lines: tuple[Expected, ...]
    notices: tuple[ShipNotice, ...]
    changes: tuple[str, ...]
    is_waited_for: bool

    @property
    def is_urgent(self) -> bool:
        """Say whether it comes first."""
        return self.is_waited_for or self.order.lane is Lane.CRITICAL

    @property
    def packages(self) -> int:
        """Count the packages that were announced by their numbers."""
        return len({name for n in self.notices for line in n.lines for name in line.packages})

    @property
    def is_regulated(self) -> bool:
        """Say whether any line is of a regulated item."""
        return any(line.is_regulated for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day at the dock, what is urgent first."""

    day: date
    arrivals: tuple[Arrival, ...]

    @property
    def lines(self) -> int:
        """Count the lines: the day's load."""
        return sum(len(each.lines) for each in self.arrivals)

    @property
    def changes(self) -> Mapping[str, int]:
        """Count the arrivals about which something was told since yesterday, by what it was."""
        return Counter(change for each in self.arrivals for change in each.changes)

    @property
    def is_waited_for(self) -> bool:
        """Say whether a customer waits for any of it."""
        return any(each.is_waited_for for each in self.arrivals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is expected, by day; ``late`` should have been here.

    Attributes:
        today: the day at the site; of the first site where several are shown.
        is_whole: False when a bound was reached and older orders are not shown.
    """

    today: date
    late: tuple[Arrival, ...]
    days: tuple[Day, ...]
    sites: tuple[str, ...]
    is_whole: bool

    @property
    def size(self) -> int:
        """Count the arrivals, those that are late with the others."""
        return len(self.late) + sum(len(day.arrivals) for day in self.days)


def board(app: Application, actor: Actor, *, site: str = "") -> Board:
    """Read what is expected at the sites of somebody, or at one of them."""
    now = app.clock.now()
    own = scope_of(actor).sites
    scope = Scope(sites=own if not site else (site,) if own is None or site in own else ())
    orders: list[PurchaseOrder] = []
    is_whole = True
    for state in _UNDER_WAY:
        rows, whole = _pages(app, PurchaseOrder, scope, state=state.value)
        orders += [row.document for row in rows]
        is_whole = is_whole and whole
    coming = app.order_lines.coming([order.id for order in orders])
    names = {order.id for order in orders}
    notices: dict[str, list[ShipNotice]] = {}
    for row in _pages(app, ShipNotice, Scope())[0]:
        if row.document.order in names:
            notices.setdefault(row.document.order, []).append(row.document)
    promised = {
        row.document.order
        for row in _pages(app, Acknowledgment, Scope(), since=now - LATELY)[0]
        if row.document.received_at >= now - LATELY
    }
    needs = app.documents.many(Requisition, list(dict.fromkeys(o.requisition for o in orders)))
    items = app.documents.many(
        Item, list(dict.fromkeys(line.item for o in orders for line in o.lines))
    )
    arrivals = [
        each
        for order in orders
        for each in _arrivals(
            order,
            coming,
            notices=notices.get(order.id, []),
            is_promised=order.id in promised,
            need=needs.get(order.requisition),
            items=items,
            now=now,
        )
    ]
    sites = tuple(sorted({order.site for order in orders}))
    days_of = days_at(app, sites)
    arrivals.sort(key=lambda a: (a.day, not a.is_urgent, a.order.supplier, a.order.id))
    days: dict[date, list[Arrival]] = {}
    for each in arrivals:
        if each.day >= days_of[each.order.site]:
            days.setdefault(each.day, []).append(each)
    late = sorted(
        (a for a in arrivals if a.day < days_of[a.order.site]),
        key=lambda a: (not a.is_urgent, a.day),
    )
    return Board(
        today=days_of.get(site or next(iter(sites), ""), now.date()),
        late=tuple(late),
        days=tuple(Day(day=day, arrivals=tuple(rows)) for day, rows in days.items()),
        sites=sites,
        is_whole=is_whole,
    )


def _pages(
    app: Application,
    kind: type[D],
    scope: Scope,
    *,
    state: str | None = None,
    since: datetime | None = None,
) -> tuple[list[Stored[D]], bool]:
    rows: list[Stored[D]] = []
    after: str | None = None
    for _ in range(MOST_PAGES):
        page = app.documents.page(kind, scope=scope, state=state, after=after, limit=MOST_ROWS)
        rows += page.rows
        after = page.after
        if after is None or (since is not None and page.rows and page.rows[-1].at < since):
            return rows, True
    return rows, False


def _arrivals(
    order: PurchaseOrder,
    coming: Mapping[tuple[str, str], Coming],
    *,
    notices: list[ShipNotice],
    is_promised: bool,
    need: Requisition | None,
    items: Mapping[str, Item],
    now: datetime,
) -> Iterable[Arrival]:
    by_day: dict[date, list[Expected]] = {}
    heard: dict[date, list[ShipNotice]] = {}
    for line in order.lines:
        left = coming.get((order.id, line.number))
        if left is None or line.is_given_up or not left.open:
            continue
        way = left.on_the_way
        told = [n for n in notices if any(each.line == line.number for each in n.lines)]
        days = [n.expected for n in told if n.expected is not None] if way else []
        day = max(days, default=line.expected_on)
        basis = "announced" if days else "promised" if line.promise else "needed"
        known = items.get(line.item)
        by_day.setdefault(day, []).append(
            Expected(
                line=line,
                open=left.open,
                announced=min(way, left.open),
                basis=basis,
                is_regulated=known is not None and known.regulated,
            )
        )
        heard.setdefault(day, []).extend(told if way else [])
    for day, lines in by_day.items():
        mine = tuple({n.id: n for n in heard[day]}.values())
        changes = []
        if any(n.received_at >= now - LATELY for n in mine):
            changes.append("announced")
        if is_promised:
            changes.append("promise")
        yield Arrival(
            order=order,
            day=day,
            lines=tuple(lines),
            notices=mine,
            changes=tuple(changes),
            is_waited_for=need is not None and bool(need.customer_order),
        )


def days_at(app: Application, sites: Iterable[str]) -> Mapping[str, date]:
    """Give the day that it is at each of several sites; in UTC where nobody knows its zone."""
    now, names = app.clock.now(), tuple(dict.fromkeys(sites))
    known = app.documents.many(Site, names)
    zones = {name: known[name].zone if name in known else "UTC" for name in names}
    return {name: now.astimezone(ZoneInfo(zone)).date() for name, zone in zones.items()}


# ---- one receipt ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One line of an order as the dock counts it.

    Attributes:
        expected: what should come now: the shipment's, or all that is open.
        most: what may still be taken in; above it goods are put aside.
        cite: the row of policy that gives the tolerance in it.
    """

    line: OrderLine
    expected: Quantity
    open: Quantity
    most: Quantity
    cite: str

    @property
    def is_complete(self) -> bool:
        """Whether nothing more of it is expected, now or later."""
        return self.open.value <= 0 and self.expected.value <= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """An order at the dock.

    Attributes:
        shipments: the supplier's shipments that were announced for it.
    """

    order: PurchaseOrder
    places: tuple[Place, ...]
    shipments: tuple[str, ...]
    today: date


_SHIPMENT: Final = "shipment/"


def counting(app: Application, order: PurchaseOrder, *, shipment: str = "") -> Counting:
    """Say what of an order is expected, and how much more of each line may come in."""
    books = ledgers(app.payables.postings([order.id]).get(order.id, ()))
    places = []
    shipments: dict[str, None] = {}
    for line in order.lines:
        ledger = books.get(line.number) or LineLedger(line=line.number, unit=line.base_unit)
        announced = Quantity.zero(line.base_unit)
        for posting in ledger.postings:
            if posting.stage is Stage.SHIPPED and posting.source.startswith(_SHIPMENT):
                name = posting.source.removeprefix(_SHIPMENT).rpartition("/")[0]
                shipments.setdefault(name)
                if name == shipment:
                    announced += posting.quantity
        allowed = _allowed(app, order, line)
        most = receipt.room_left(order, line, ledger, allowed.tolerance)
        places.append(
            Place(
                line=line,
                expected=announced if shipment else ledger.open_to_receive,
                open=ledger.open_to_receive,
                most=most,
                cite=allowed.cite,
            )
        )
    return Counting(
        order=order,
        places=tuple(places),
        shipments=tuple(shipments),
        today=days_at(app, [order.site])[order.site],
    )


def preview(app: Application, order: PurchaseOrder, act: RecordReceipt) -> Booking:
    """Say what a receipt would do; nothing is kept.

    Raises:
        Refused: with every fault of every line, as recording it would.
    """
    books = ledgers(app.payables.postings([order.id]).get(order.id, ()))
    return receipt.book(
        order,
        act,
        ledgers=books,
        tolerances={line.number: _allowed(app, order, line).tolerance for line in order.lines},
        at=app.clock.now(),
    )


def _allowed(app: Application, order: PurchaseOrder, line: OrderLine) -> Allowance:
    return allowance(
        app.definitions.register,
        Test.RECEIPT_OVER,
        category=line.category,
        supplier=order.supplier,
        at=app.clock.now(),
    )
