"""What events do to shelves: stock is told, and order lines are on their way to them."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.hours import hours_of
from manciple.intelligence.metrics.order import LineLife, OrderLife
from manciple.intelligence.metrics.order_steps import order_key
from manciple.intelligence.metrics.stock import (
    KEPT_DAYS,
    ShelfDay,
    ShelfDayLife,
    ShelfLife,
    Supply,
    shares,
    told,
)
from manciple.intelligence.metrics.told import Told, instant, millionths, unit_of
from manciple.kernel.records import replace
from manciple.runtime.rows import micros, moment

Step = Callable[[Told, Book], None]


def _outlook(event: Told, book: Book) -> None:
    """Somebody told what is on a shelf; where they did not say how much, nothing is known."""
    site, item = event.text("site"), event.text("item")
    on_hand = millionths(event.data.get("on_hand"))
    as_of = instant(event.data.get("as_of"))
    if on_hand is None or as_of is None:
        return
    zone = ZoneInfo(hours_of(book, "site", site).zone)
    day = _day(as_of, zone)
    shelf = _shelf(book, site, item)
    last = shelf.days[-1].day if shelf.days else day - 1
    days = told(shelf.days, day, on_hand, millionths(event.data.get("daily_demand")))
    supplies = tuple(each for each in shelf.supplies if not _is_over(each, day))
    shelf = replace(shelf, unit=unit_of(event.data.get("on_hand")), days=days, supplies=supplies)
    book.put(_key(site, item), shelf, event)
    _reckon(shelf, min(day, last + 1), event, book)


def _is_over(supply: Supply, day: int) -> bool:
    """Say whether nothing is missing of a line since before the first day that is remembered."""
    return supply.due <= day - KEPT_DAYS and not supply.missing(day - KEPT_DAYS)


def _lines(event: Told, book: Book) -> None:
    """Something happened to an order: what is on its way to its shelves is another now."""
    order = book.get(OrderLife, order_key(event))
    if order is None:
        return
    zone = ZoneInfo(hours_of(book, "site", order.site).zone)
    for line in order.lines:
        if line.item:
            _line(order, line, zone, event, book)


def _line(order: OrderLife, line: LineLife, zone: ZoneInfo, event: Told, book: Book) -> None:
    shelf = _shelf(book, order.site, line.item)
    name = (order.order, line.line)
    known = next((each for each in shelf.supplies if (each.order, each.line) == name), None)
    supply = _supply(order, line, known, zone, event.at)
    if supply is None or supply == known:
        return
    others = tuple(each for each in shelf.supplies if each is not known)
    shelf = replace(shelf, supplies=(*others, supply))
    book.put(_key(order.site, line.item), shelf, event)
    came = [on for on, _ in supply.arrivals if known is None or (on, _) not in known.arrivals]
    _reckon(shelf, min([_day(event.at, zone), *came]), event, book)


def _supply(
    order: OrderLife, line: LineLife, known: Supply | None, zone: ZoneInfo, at: int
) -> Supply | None:
    days = {promise.kind: promise.window.day for promise in line.promises}
    if known is None and "requested" not in days:
        return None
    due = known.due if known else days["requested"].toordinal()
    wanted = known.wanted if known else ((0, line.wanted),)
    if wanted[-1][1] != line.wanted:
        wanted = (*wanted, (_day(at, zone), line.wanted))
    first = days.get("first")
    answers = [clock.answered_at for clock in line.clocks if clock.answered_at is not None]
    return Supply(
        order=order.order,
        line=line.line,
        supplier=order.supplier,
        flow=order.flow,
        placed=_day(order.placed_at, zone),
        due=due,
        wanted=wanted,
        arrivals=tuple((each.day.toordinal(), each.quantity) for each in line.arrivals),
        sent=None if order.sent_at is None else _day(order.sent_at, zone),
        answered=_day(min(answers), zone) if answers else None,
        promised=None if first is None else first.toordinal(),
        ordered=line.ordered,
        amount=line.amount,
        currency=line.currency,
    )


def _reckon(shelf: ShelfLife, since: int, event: Told, book: Book) -> None:
    """Reckon the shelf's days anew, from one on."""
    zone = ZoneInfo(hours_of(book, "site", shelf.site).zone)
    for day in shelf.days:
        if day.day >= since:
            name = date.fromordinal(day.day).isoformat()
            life = _day_life(shelf, day, zone)
            book.put(f"shelf-day/{shelf.site}:{shelf.item}/{name}", life, event)


def _day_life(shelf: ShelfLife, day: ShelfDay, zone: ZoneInfo) -> ShelfDayLife:
    after = date.fromordinal(day.day) + timedelta(days=1)
    return ShelfDayLife(
        site=shelf.site,
        item=shelf.item,
        unit=shelf.unit,
        day=day.day,
        at=micros(datetime.combine(after, time(), zone).astimezone(UTC)) - 1,
        on_hand=day.on_hand if day.is_told else None,
        is_known=day.owed is not None,
        shares=tuple(shares(shelf, day)),
    )


def _shelf(book: Book, site: str, item: str) -> ShelfLife:
    return book.get(ShelfLife, _key(site, item)) or ShelfLife(site=site, item=item)


def _key(site: str, item: str) -> str:
    return f"shelf/{site}:{item}"


def _day(at: int, zone: ZoneInfo) -> int:
    return moment(at).astimezone(zone).date().toordinal()


STOCK_STEPS: Mapping[str, Step] = {
    "OutlookRegistered": _outlook,
    "OrderPlaced": _lines,
    "OrderSent": _lines,
    "OrderAnswered": _lines,
    "OrderChanged": _lines,
    "GoodsReceived": _lines,
}
"""By event type, what it does to shelves, after it was told to the order."""
