"""An order's life, line by line: released, sent, answered, shipped, received, and what follows.

    submitted -> released -> sent --(revision's clock)--> answered -> shipped -> received
       |__ cycle time __|      |__ acknowledgment latency __|          |__ fill rate, OTIF
                               |__ touchless: no hand before, none within ten days after

Source: domain rules 4.6, P-02 and P-05, with the rulings of 4.7.
"""

from collections.abc import Iterator
from datetime import date

from manciple.intelligence.metrics.delivery import Arrival, Window, judge
from manciple.intelligence.metrics.fact import DAY, Fact, FactState
from manciple.intelligence.metrics.hurry import Hurry, facts_of_hurries
from manciple.intelligence.metrics.need import CYCLE_TIME
from manciple.intelligence.metrics.ship_notice import Notice, facts_of_notices
from manciple.kernel.records import dataclass

TOUCHLESS = "touchless-po-rate"
TOUCHLESS_BUT_APPROVED = "touchless-po-rate/excluding-approval"
LATENCY = "supplier-acknowledgment-latency"
FILL = "supplier-fill-rate"
OTIF = "otif"
PARTIAL = "partial-shipment-rate"
EMERGENCY = "emergency-share"
_EMERGENCY_FLOW = "emergency"
UNTOUCHED_DAYS = 10
"""Days after the dispatch within which a change by hand takes the touchless away. Source: 4.6."""
_WHOLE = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The wait for the supplier's answer to one revision of one line.

    Attributes:
        sent_at: when that revision had been handed to the partner.
        answered_at: when the first business answer stood on the line.
        open_time: between the two, in the supplier's open hours.
        is_overdue: the time allowed was over before an answer came.
        dropped: why nobody waits any more: ``superseded`` by a later revision, ``given up``.
    """

    revision: int
    sent_at: int
    answered_at: int | None = None
    open_time: int | None = None
    is_overdue: bool = False
    dropped: str = ""
    dropped_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """One day against which a line is judged, with the window around it."""

    kind: str
    window: Window


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLife:
    """What is remembered of one order line; quantities in millionths of the base unit.

    Attributes:
        added: what later revisions asked for beyond the first.
        buyer_cancelled: given up although the supplier would have delivered it; what was given
            up because the supplier would not stays the supplier's to answer for.
        revision: that last touched it.
        answered_revision: the newest revision to which an answer stands.
        touched_by_hand_at: the first change by a person after the dispatch.
        shipped: on the first shipment; ``basis`` says by which paper: ``asn`` or ``receipt``.
        finished_at: when nothing more was expected of it.
        amount: of what was ordered, in millionths of ``currency``.
    """

    line: str
    unit: str
    ordered: int
    added: int = 0
    cancelled: int = 0
    buyer_cancelled: int = 0
    confirmed: int | None = None
    is_substituted: bool = False
    revision: int = 1
    answered_revision: int = 0
    clocks: tuple[Clock, ...] = ()
    touched_by_hand_at: int | None = None
    shipped: int | None = None
    shipped_at: int | None = None
    basis: str = ""
    arrivals: tuple[Arrival, ...] = ()
    receipts: int = 0
    promises: tuple[Promise, ...] = ()
    finished_at: int | None = None
    item: str = ""
    amount: int = 0
    currency: str = ""

    @property
    def wanted(self) -> int:
        """What the order still asks for."""
        return self.ordered + self.added - self.cancelled

    @property
    def owed(self) -> int:
        """What the supplier is judged by: asked for, less what the buyer gave up by itself."""
        return self.ordered + self.added - self.buyer_cancelled

    @property
    def received(self) -> int:
        """What came in all."""
        return sum(arrival.quantity for arrival in self.arrivals)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLife:
    """What is remembered of one order.

    Attributes:
        submitted_at: of the requisition; None where the history does not hold it.
        released_at: when the supplier might be told: the ERP had it.
        cycle: from submission to release in the site's open hours.
        sent_at: when its first revision had been handed to the partner.
        touches, decisions: by people, before it was sent.
        contacted_at: the supplier said something that is no answer yet.
        ended: why it can't be released or sent any more; empty else.
        notices: its shipments, in the order in which they were announced.
        hurries: every time that a line of it was expedited.
    """

    order: str
    site: str
    supplier: str
    flow: str
    placed_at: int
    submitted_at: int | None
    lines: tuple[LineLife, ...]
    released_at: int | None = None
    cycle: int | None = None
    sent_at: int | None = None
    touches: int = 0
    decisions: int = 0
    contacted_at: int | None = None
    ended: str = ""
    ended_at: int | None = None
    notices: tuple[Notice, ...] = ()
    hurries: tuple[Hurry, ...] = ()


def facts_of_order(order: OrderLife) -> Iterator[Fact]:
    """Give every fact of every line of an order."""
    for line in order.lines:
        whose = Fact(
            metric="", key=f"{order.order}/{line.line}", state=FactState.DONE,
            site=order.site, supplier=order.supplier, flow=order.flow,
        )  # fmt: skip
        yield _cycle(order, whose)
        yield from _touchless(order, line, whose)
        yield from _latency(order, line, whose)
        yield from _filled(line, whose)
        yield from _on_time(line, whose)
        yield from _in_parts(line, whose)
    ours = Fact(
        metric="", key=order.order, state=FactState.DONE,
        site=order.site, supplier=order.supplier, flow=order.flow,
    )  # fmt: skip
    yield from facts_of_hurries(ours, order.notices, order.hurries)
    arrivals = {line.line: line.arrivals for line in order.lines}
    yield from facts_of_notices(ours, order.notices, arrivals)


def _cycle(order: OrderLife, whose: Fact) -> Fact:
    base = whose._replace(metric=CYCLE_TIME, opened_at=order.submitted_at)
    if order.submitted_at is None:
        return base._replace(state=FactState.OUT, at=order.placed_at, reason="submission unknown")
    if order.released_at is None:
        if order.ended:
            return base._replace(state=FactState.OUT, at=order.ended_at, reason=order.ended)
        return base._replace(state=FactState.OPEN)
    return base._replace(
        at=order.released_at, value=order.released_at - order.submitted_at, business=order.cycle
    )


def _touchless(order: OrderLife, line: LineLife, whose: Fact) -> Iterator[Fact]:
    if order.sent_at is None:
        return
    by_hand = line.touched_by_hand_at
    is_undone = by_hand is not None and by_hand - order.sent_at <= UNTOUCHED_DAYS * DAY
    is_untouched = not order.touches and not is_undone
    why = "changed by hand later" if is_undone and not order.touches else ""
    why = "touched before dispatch" if order.touches else why
    base = whose._replace(opened_at=order.submitted_at, at=order.sent_at)
    approved = "approved by a person" if order.decisions and is_untouched else why
    yield base._replace(
        metric=TOUCHLESS, value=int(is_untouched and not order.decisions), reason=approved
    )
    yield base._replace(metric=TOUCHLESS_BUT_APPROVED, value=int(is_untouched), reason=why)
    yield base._replace(metric=EMERGENCY, value=int(order.flow == _EMERGENCY_FLOW))


def _latency(order: OrderLife, line: LineLife, whose: Fact) -> Iterator[Fact]:
    for clock in line.clocks:
        base = whose._replace(
            metric=LATENCY, key=f"{whose.key}/{clock.revision}", opened_at=clock.sent_at
        )
        if clock.answered_at is not None:
            yield base._replace(
                at=clock.answered_at,
                value=clock.answered_at - clock.sent_at,
                business=clock.open_time,
                part=int(not clock.is_overdue),
                whole=1,
            )
        elif clock.dropped:
            yield base._replace(state=FactState.OUT, at=clock.dropped_at, reason=clock.dropped)
        else:
            said = "contact without an answer" if order.contacted_at is not None else ""
            yield base._replace(state=FactState.OPEN, reason=said)


def _filled(line: LineLife, whose: Fact) -> Iterator[Fact]:
    if line.shipped is None:
        return
    base = whose._replace(metric=FILL, at=line.shipped_at, unit=line.unit, reason=line.basis)
    yield _rated(base, line.shipped, line.ordered)
    revised = base._replace(metric=f"{FILL}/revised")
    if line.owed > 0:
        yield _rated(revised, line.shipped, line.owed)
    else:
        yield revised._replace(state=FactState.OUT, reason="given up by the buyer")
    strict = 0 if line.is_substituted else line.shipped
    yield _rated(base._replace(metric=f"{FILL}/strict"), strict, line.ordered)


def _rated(base: Fact, part: int, whole: int) -> Fact:
    """Give a fact its rate in millionths, half up, capped at the whole."""
    capped = max(0, min(part, whole))
    rate = (2 * capped * _WHOLE + whole) // (2 * whole)
    return base._replace(value=rate, part=capped, whole=whole)


def _on_time(line: LineLife, whose: Fact) -> Iterator[Fact]:
    for promise in line.promises:
        series = OTIF if promise.kind == "first" else f"{OTIF}/{promise.kind}"
        base = whose._replace(metric=series, at=promise.window.closes_at, unit=line.unit)
        if line.owed <= 0:
            yield base._replace(state=FactState.OUT, reason="given up by the buyer")
            continue
        verdict = judge(line.arrivals, promise.window, wanted=line.owed)
        yield base._replace(
            value=int(verdict.is_hit),
            part=min(verdict.inside, line.owed),
            whole=line.owed,
            reason=verdict.why,
        )


def _in_parts(line: LineLife, whose: Fact) -> Iterator[Fact]:
    if line.finished_at is None:
        return
    base = whose._replace(metric=PARTIAL, at=line.finished_at)
    if not line.receipts:
        yield base._replace(state=FactState.OUT, reason="nothing came")
        return
    is_short = line.confirmed is not None and line.confirmed < line.owed
    in_parts = line.receipts > 1 or is_short
    why = "several receipts" if line.receipts > 1 else "confirmed short" if is_short else ""
    yield base._replace(value=int(in_parts), reason=why)


def day_of(text: object) -> date | None:
    """Read a stored day."""
    return date.fromisoformat(text) if isinstance(text, str) else None
