"""What events do to an order's life."""

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from manciple.intelligence.metrics.book import Book
from manciple.intelligence.metrics.delivery import Arrival, window
from manciple.intelligence.metrics.hours import hours_of, is_by_hand, open_time_of
from manciple.intelligence.metrics.hurry import Hurry
from manciple.intelligence.metrics.need import NeedLife
from manciple.intelligence.metrics.order import Clock, LineLife, OrderLife, Promise, day_of
from manciple.intelligence.metrics.place import Hand
from manciple.intelligence.metrics.ship_notice import Notice
from manciple.intelligence.metrics.told import Told, millionths, unit_of
from manciple.kernel.records import dataclass, replace
from manciple.runtime.rows import moment

Step = Callable[[Told, Book], None]


def order_key(told: Told) -> str:
    """Give the key of the order that an event names."""
    return f"purchase-order/{told.text('order')}"


def _order(told: Told, book: Book) -> OrderLife | None:
    return book.get(OrderLife, order_key(told))


def _placed(told: Told, book: Book) -> None:
    need = book.get(NeedLife, told.text("thread"))
    site = told.text("site")
    life = OrderLife(
        order=told.text("order"),
        site=site,
        supplier=told.text("supplier"),
        flow=need.flow if need else "",
        placed_at=told.at,
        submitted_at=need.submitted_at if need else None,
        touches=need.touches if need else 0,
        decisions=need.decisions if need else 0,
        lines=tuple(_new_line(row, told, book) for row in told.rows("lines")),
    )
    book.put(order_key(told), life, told)


def _new_line(row: Mapping[str, Any], told: Told, book: Book) -> LineLife:
    line = LineLife(
        line=row["line"],
        unit=unit_of(row["ordered"]),
        ordered=millionths(row["ordered"]) or 0,
        item=row.get("item") or "",
        amount=millionths(row.get("amount")) or 0,
        currency=unit_of(row.get("amount")),
    )
    return _promised(line, "requested", row["needed_by"], told, book, told.text("site"))


def _promised(
    line: LineLife, kind: str, day: object, told: Told, book: Book, site: str
) -> LineLife:
    """Judge a line by another day from now on; a day whose window is over is never replaced."""
    on = day_of(day)
    if on is None:
        return line
    known = {promise.kind: promise for promise in line.promises}
    standing = known.get(kind)
    if standing is not None and (standing.window.day == on or standing.window.closes_at < told.at):
        return line
    known[kind] = Promise(kind=kind, window=window(on, hours_of(book, "site", site)))
    return replace(line, promises=tuple(known[each] for each in sorted(known)))


def _released(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is None or order.released_at is not None:
        return
    cycle = None
    if order.submitted_at is not None:
        cycle = open_time_of(book, "site", order.site, order.submitted_at, told.at)
    released = replace(order, released_at=told.at, cycle=cycle, ended="", ended_at=None)
    book.put(order_key(told), released, told)


def _sent(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is None:
        return
    revision = _revision(told)
    lines = tuple(_clock_starts(line, revision, told.at) for line in order.lines)
    sent_at = told.at if order.sent_at is None else order.sent_at
    book.put(order_key(told), replace(order, lines=lines, sent_at=sent_at), told)


def _clock_starts(line: LineLife, revision: int, at: int) -> LineLife:
    """Start the wait for an answer to the revision that last touched the line, if it left now."""
    is_running = any(clock.revision == line.revision for clock in line.clocks)
    is_answered = line.answered_revision >= line.revision
    if is_running or is_answered or line.revision > revision or line.wanted <= 0:
        return line
    clock = Clock(revision=line.revision, sent_at=at)
    return replace(line, clocks=(*line.clocks, clock))


def _answered(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is None:
        return
    revision = _revision(told)
    stands = frozenset(told.words("lines"))
    promises = {row["line"]: row for row in told.rows("promises")}
    lines = []
    for known in order.lines:
        line = known
        if line.line in stands:
            line = _clock_stops(line, revision, order, told, book)
        promise = promises.get(line.line)
        if promise is not None:
            line = _as_promised(line, promise, order, told, book)
        lines.append(line)
    book.put(order_key(told), replace(order, lines=tuple(lines)), told)


def _clock_stops(
    line: LineLife, revision: int, order: OrderLife, told: Told, book: Book
) -> LineLife:
    clocks = tuple(
        replace(
            clock,
            answered_at=told.at,
            open_time=open_time_of(book, "supplier", order.supplier, clock.sent_at, told.at),
        )
        if clock.revision == line.revision and clock.answered_at is None and not clock.dropped
        else clock
        for clock in line.clocks
    )
    return replace(line, clocks=clocks, answered_revision=max(revision, line.answered_revision))


def _as_promised(
    line: LineLife, row: Mapping[str, Any], order: OrderLife, told: Told, book: Book
) -> LineLife:
    line = _promised(line, "first", row.get("first"), told, book, order.site)
    line = _promised(line, "last", row.get("promised"), told, book, order.site)
    return replace(
        line,
        confirmed=millionths(row.get("confirmed")),
        is_substituted=row.get("substitute") is not None,
    )


def _contacted(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is not None and told.data.get("state") == "pending" and order.contacted_at is None:
        book.put(order_key(told), replace(order, contacted_at=told.at), told)


def _overdue(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is None:
        return
    late = frozenset(told.words("lines"))
    lines = tuple(
        replace(
            line,
            clocks=tuple(
                replace(clock, is_overdue=True)
                if clock.answered_at is None and not clock.dropped
                else clock
                for clock in line.clocks
            ),
        )
        if line.line in late
        else line
        for line in order.lines
    )
    book.put(order_key(told), replace(order, lines=lines), told)


def _changed(told: Told, book: Book) -> None:
    """A revision touches the lines that it names; by hand if a person stands behind it."""
    order = _order(told, book)
    if order is None:
        return
    steps = _steps_of(told)
    by_hand = _is_changed_by_hand(told, book)
    lines = []
    for line in order.lines:
        step = steps.pop(line.line, None)
        if step is None:
            lines.append(line)
            continue
        changed = _revised(line, step, told)
        changed = _promised(changed, "requested", step.needed_by, told, book, order.site)
        if by_hand and order.sent_at is not None and changed.touched_by_hand_at is None:
            changed = replace(changed, touched_by_hand_at=told.at)
        lines.append(changed)
    for number, step in steps.items():
        added = LineLife(line=number, unit=step.unit, ordered=step.more, revision=_revision(told))
        lines.append(_promised(added, "requested", step.needed_by, told, book, order.site))
    touches = order.touches + (by_hand and order.sent_at is None)
    order = replace(order, lines=tuple(lines), touches=touches)
    if order.released_at is None and all(line.wanted <= 0 for line in lines):
        order = replace(order, ended="cancelled before release", ended_at=told.at)
    book.put(order_key(told), order, told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What a revision does to one line: so much more, so much less, another day."""

    unit: str = ""
    more: int = 0
    less: int = 0
    needed_by: object = None


def _steps_of(told: Told) -> dict[str, _Step]:
    """Read what a revision does, line by line, in the order in which it tells it."""
    steps: dict[str, _Step] = {}
    for row in told.rows("lines"):
        before, after = row.get("before") or {}, row["after"]
        wanted = millionths(after["wanted"]) or 0
        step = wanted - (millionths(before.get("wanted")) or 0)
        steps[row["line"]] = _Step(
            unit=unit_of(after["wanted"]),
            more=max(0, step),
            less=max(0, -step),
            needed_by=after.get("needed_by"),
        )
    for row in told.rows("cancelled"):
        less = millionths(row["quantity"]) or 0
        steps.setdefault(row["line"], _Step(unit=unit_of(row["quantity"]), less=less))
    return steps


def _is_changed_by_hand(told: Told, book: Book) -> bool:
    """Say whether a person stands behind a revision: who made it, asked for it, or settled a case.

    An automatic one, say of an answer inside tolerance, has nobody behind it.
    """
    if is_by_hand(told, book) or book.get(Hand, f"hand/{told.root}") is not None:
        return True
    change = told.text("change")
    return bool(change) and book.get(Hand, f"hand/{change}") is not None


def _asked_for(told: Told, book: Book) -> None:
    """A change waits for people's agreement; who asked for it stands behind it.

    So does who settled the exception from which the change was proposed.
    """
    if is_by_hand(told, book) or book.get(Hand, f"hand/{told.root}") is not None:
        book.put(f"hand/{told.text('change')}", Hand(at=told.at), told)


def _revision(told: Told) -> int:
    return int(told.data.get("revision") or 1)


def _revised(line: LineLife, step: _Step, told: Told) -> LineLife:
    """Bring a line to its new revision.

    A revision that no paper tells the supplier only agrees to what it proposed: it is answered.
    """
    line = replace(line, added=line.added + step.more)
    line = _is_touched(_gives_up(line, step.less, told.at), _revision(told), told.at)
    if told.data.get("is_told") is False:
        return replace(line, answered_revision=_revision(told))
    return line


def _gives_up(line: LineLife, quantity: int, at: int) -> LineLife:
    """Give up a quantity: what the supplier would not deliver, or not in time, is not the buyer's.

    Of the rest the supplier is not judged any more.
    """
    short = 0 if line.confirmed is None else max(0, line.wanted - line.confirmed)
    is_late = any(promise.window.closes_at < at for promise in line.promises)
    by_buyer = 0 if is_late else max(0, quantity - short)
    return replace(
        line,
        cancelled=line.cancelled + quantity,
        buyer_cancelled=line.buyer_cancelled + by_buyer,
    )


def _is_touched(line: LineLife, revision: int, at: int) -> LineLife:
    why = "given up" if line.wanted <= 0 else "superseded"
    clocks = tuple(
        replace(clock, dropped=why, dropped_at=at)
        if clock.answered_at is None and not clock.dropped
        else clock
        for clock in line.clocks
    )
    line = replace(line, revision=revision, clocks=clocks)
    return _finished(line, at) if line.received >= line.wanted else line


def _shipped(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is None:
        return
    sums: dict[str, int] = {}
    for row in told.rows("lines"):
        sums[row["line"]] = sums.get(row["line"], 0) + (millionths(row["quantity"]) or 0)
    lines = tuple(
        replace(line, shipped=sums[line.line], shipped_at=told.at, basis="asn")
        if line.line in sums and line.basis != "asn"
        else line
        for line in order.lines
    )
    zone = ZoneInfo(hours_of(book, "site", order.site).zone)
    notice = Notice(
        notice=told.text("ship_notice"),
        at=told.at,
        lines=tuple(sums.items()),
        day=moment(told.at).astimezone(zone).date(),
    )
    notices = (*order.notices, notice)
    book.put(order_key(told), replace(order, lines=lines, notices=notices), told)


def _hurried(told: Told, book: Book) -> None:
    """A line was expedited: what is announced of it and not here yet is hurried on its way."""
    order = _order(told, book)
    if order is None:
        return
    name = told.text("line")
    line = next((each for each in order.lines if each.line == name), None)
    carrying = [each.notice for each in order.notices if each.carries(name)]
    announced = sum(each.carries(name) for each in order.notices)
    is_here = line is None or line.received >= announced
    hurry = Hurry(
        line=name,
        at=told.at,
        cause=told.text("cause"),
        cost=millionths(told.data.get("cost")) or 0,
        currency=unit_of(told.data.get("cost")),
        notice=carrying[-1] if carrying and not is_here else "",
    )
    book.put(order_key(told), replace(order, hurries=(*order.hurries, hurry)), told)


def _hurried_no_more(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is None:
        return
    hurries = tuple(
        replace(each, closed_at=told.at)
        if each.line == told.text("line") and each.closed_at is None
        else each
        for each in order.hurries
    )
    book.put(order_key(told), replace(order, hurries=hurries), told)


def _received(told: Told, book: Book) -> None:
    order = _order(told, book)
    day = day_of(told.data.get("received"))
    if order is None or day is None:
        return
    sums: dict[str, int] = {}
    for row in told.rows("lines"):
        sums[row["line"]] = sums.get(row["line"], 0) + (millionths(row["received"]) or 0)
    lines = []
    for known in order.lines:
        line, came = known, sums.get(known.line, 0)
        if came > 0:
            arrival = Arrival(day=day, quantity=came, at=told.at)
            line = replace(line, arrivals=(*line.arrivals, arrival), receipts=line.receipts + 1)
            if not line.basis:
                line = replace(line, shipped=came, shipped_at=told.at, basis="receipt")
            if line.received >= line.wanted:
                line = _finished(line, told.at)
        lines.append(line)
    book.put(order_key(told), replace(order, lines=tuple(lines)), told)


def _finished(line: LineLife, at: int) -> LineLife:
    return line if line.finished_at is not None else replace(line, finished_at=at)


def _closed(told: Told, book: Book) -> None:
    order = _order(told, book)
    if order is not None:
        lines = tuple(_finished(line, told.at) for line in order.lines)
        book.put(order_key(told), replace(order, lines=lines), told)


ORDER_STEPS: Mapping[str, Step] = {
    "OrderPlaced": _placed,
    "OrderRecordedInErp": _released,
    "OrderSent": _sent,
    "OrderChanged": _changed,
    "OrderChangeProposed": _asked_for,
    "OrderClosed": _closed,
    "OrderAnswered": _answered,
    "AcknowledgmentReceived": _contacted,
    "AcknowledgmentOverdue": _overdue,
    "ShipNoticeReceived": _shipped,
    "GoodsReceived": _received,
    "LineExpedited": _hurried,
    "ExpediteClosed": _hurried_no_more,
}
"""By event type, what it does to the order that it names."""
