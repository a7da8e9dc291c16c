"""Shelves day by day: what was told of them, and what late order lines would have met.

What is on a shelf is told by nobody but the planning system's own words, so they are read from the
sealed rows; what was on its way, how much, due when and come when, is the ERP's and the papers'.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.intelligence.recompute.figures import Fact
from tests.intelligence.recompute.hours import end_of, instant
from tests.intelligence.recompute.lines import Line, Order, Orders
from tests.intelligence.recompute.sources import Sources
from tests.intelligence.recompute.work import Places

_GAP = 14


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf at the end of a day; ``owed`` is None where the demand is not known."""

    on_hand: Fraction
    owed: Fraction | None
    is_told: bool


def shelves(sources: Sources, orders: Orders, places: Places) -> Iterator[Fact]:
    """Give the facts of every item, site and day of which something was told."""
    coming: dict[tuple[str, str], list[tuple[Order, Line]]] = defaultdict(list)
    for order in orders.orders.values():
        for line in order.lines.values():
            coming[order.site, line.erp.item].append((order, line))
    told: dict[tuple[str, str], dict[date, dict[str, Any]]] = defaultdict(dict)
    for event in sources.events:
        if event.type == "OutlookRegistered" and event.data.get("on_hand"):
            site, item = event.data["site"], event.data["item"]
            day = places.day("site", site, instant(event.data["as_of"]))
            told[site, item][day] = event.data
    for (site, item), words in told.items():
        unit = next(iter(words.values()))["on_hand"]["unit"]
        for day, shelf in _days(words):
            base: dict[str, Any] = {
                "key": f"{site}:{item}/{day}", "site": site,
                "at": end_of(places.calendar("site", site), day),
            }  # fmt: skip
            if shelf.is_told:
                yield Fact(series="in-stock-share", value=Fraction(shelf.on_hand > 0), **base)
            yield from _impact(shelf, day, coming[site, item], places, {**base, "unit": unit})


def _days(words: dict[date, dict[str, Any]]) -> Iterator[tuple[date, Shelf]]:
    """Walk from the first word to the last; between two that are far apart nobody knows."""
    known: Shelf | None = None
    demand: Fraction | None = None
    last: date | None = None
    for day, word in sorted(words.items()):
        if last is not None and (day - last).days > _GAP:
            known, demand = None, None
        while known is not None and last is not None and last < day - timedelta(days=1):
            last += timedelta(days=1)
            if demand is None or known.owed is None:
                known = Shelf(known.on_hand, None, is_told=False)
            else:
                owed = known.owed + max(Fraction(0), demand - known.on_hand)
                left = max(Fraction(0), known.on_hand - demand)
                known = Shelf(left, owed, is_told=False)
            yield last, known
        if word.get("daily_demand"):
            demand = Fraction(word["daily_demand"]["value"])
        on_hand = Fraction(word["on_hand"]["value"])
        owed_now: Fraction | None = None if demand is None else Fraction(0)
        if not on_hand and known is not None and demand is not None:
            short = max(Fraction(0), demand - known.on_hand)
            owed_now = None if known.owed is None else known.owed + short
        known, last = Shelf(on_hand, owed_now, is_told=True), day
        yield day, known


def _impact(
    shelf: Shelf, day: date, coming: list[tuple[Order, Line]], places: Places, base: dict[str, Any]
) -> Iterator[Fact]:
    series = "inventory-availability-impact"
    if shelf.owed is None:
        yield Fact(series=series, is_out=True, reason="demand is not told", **base)
        return
    rest, found = shelf.owed, False
    whose: dict[str, Any]
    for order, line in sorted(
        coming, key=lambda each: (each[1].due or date.max, each[0].number, each[1].erp.line)
    ):
        met = min(rest, _missing(order, line, day, places))
        if met <= 0:
            continue
        rest -= met
        found = True
        whose = {"supplier": order.supplier, "flow": order.flow}
        why = _waits_for(order, line, day, places)
        yield Fact(series=series, value=met, reason=why, **base, **whose)
        money = {**base, "unit": "USD"}
        yield Fact(
            series=f"{series}/value", value=met * line.price, reason=why, **money,
            **whose,
        )  # fmt: skip
    if not found:
        yield Fact(series=series, value=Fraction(0), **base)


def _missing(order: Order, line: Line, day: date, places: Places) -> Fraction:
    if line.due is None or day < max(line.due, places.day("site", order.site, order.placed)):
        return Fraction(0)
    wanted = Fraction(line.erp.ordered)
    for since, quantity in line.wanted_since:
        wanted = quantity if since <= day else wanted
    came = sum((quantity for on, quantity in line.arrivals if on <= day), Fraction(0))
    return max(Fraction(0), wanted - came)


def _waits_for(order: Order, line: Line, day: date, places: Places) -> str:
    if order.sent is None or day < places.day("site", order.site, order.sent):
        return "not sent"
    answers = [wait.until for wait in line.waits if wait.until is not None]
    if not answers or day < places.day("site", order.site, min(answers)):
        return "unanswered"
    return "promised late" if day < line.days["first"][0] else "supplier late"
