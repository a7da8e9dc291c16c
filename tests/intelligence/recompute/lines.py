"""Order lines: cycle time, touchless, answer, first shipment, promises, parts.

Which lines there are, how many pieces of what, for which site and from whom, what was given up and
what came on which day: the ERP's database. What was asked, answered, promised and shipped: the
papers' own bytes. From the sealed rows only the instants and the hands.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.intelligence.recompute.figures import Fact
from tests.intelligence.recompute.hours import (
    DAY,
    end_of,
    is_working_day,
    open_time,
)
from tests.intelligence.recompute.people import Hands, hands, is_decision
from tests.intelligence.recompute.sources import ErpLine, Event, Sources
from tests.intelligence.recompute.work import BASES, Places
from tests.intelligence.recompute.x12 import Segment, element, first, loops, messages

_PACKS = {"CA": "XCS"}
"""X12 element 355 -> UN/ECE Recommendation 20, by which the ERP keeps packs."""
_ANSWERS = {"IA", "AC", "AR", "IQ", "IP", "DR", "IC", "IB", "BP", "IS", "ID", "IR"}
"""Codes of X12 element 668 that answer a line; SP and IE (pending) do not."""
_DELIVERS = {"IA", "AC", "AR", "IQ", "IP", "DR", "IC", "BP", "IS"}
_ANSWER_HOURS = 16
"""Open hours of the supplier in which an answer is due: flows/direct.yaml, acknowledgment."""
_HOUR = 3_600_000_000
_EARLY, _LATE, _MISSING = 2, 1, 5
_UNTOUCHED = 10 * DAY


@dataclass(slots=True, kw_only=True)
class Wait:
    """A wait for an answer to one revision of a line."""

    revision: int
    since: int
    until: int | None = None
    dropped: str = ""
    dropped_at: int = 0


@dataclass(slots=True, kw_only=True)
class Line:
    """What became of one line."""

    erp: ErpLine
    wanted: Fraction
    owed: Fraction
    revision: int = 1
    answered: int = 0
    waits: list[Wait] = field(default_factory=list)
    hand: int | None = None
    confirmed: Fraction | None = None
    substituted: bool = False
    shipped: Fraction | None = None
    shipped_at: int = 0
    basis: str = ""
    arrivals: list[tuple[date, Fraction]] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)
    days: dict[str, tuple[date, date, int]] = field(default_factory=dict)
    finished: int | None = None
    due: date | None = None
    price: Fraction = Fraction(0)
    wanted_since: list[tuple[date, Fraction]] = field(default_factory=list)
    announced: Fraction = Fraction(0)

    @property
    def received(self) -> Fraction:
        """What came in all."""
        return sum((quantity for _, quantity in self.arrivals), Fraction(0))


@dataclass(slots=True, kw_only=True)
class Hurry:
    """A line hurried; ``shipment`` is the place of the one that was on its way, from 0."""

    line: str
    at: int
    cause: str
    cost: Fraction
    currency: str
    shipment: int | None
    closed: int | None = None


@dataclass(slots=True, kw_only=True)
class Order:
    """What became of one order."""

    number: str
    need: str
    flow: str
    site: str
    supplier: str
    placed: int
    placed_sequence: int
    count: int
    submitted: int | None
    lines: dict[str, Line]
    released: int | None = None
    sent: int | None = None
    sent_sequence: int = 0
    contacted: bool = False
    notices: list[tuple[int, dict[str, Fraction]]] = field(default_factory=list)
    hurries: list[Hurry] = field(default_factory=list)


class Orders:
    """Every order, told event by event."""

    def __init__(self, sources: Sources, places: Places) -> None:
        """Tell them all."""
        self.sources, self.places = sources, places
        self.people: Hands = hands(sources.events)
        self.orders: dict[str, Order] = {}
        self.needs: dict[str, tuple[int, str]] = {}
        steps: Mapping[str, Any] = {
            "RequisitionSubmitted": self._need, "OrderPlaced": self._placed,
            "OrderRecordedInErp": self._released, "InterchangeSent": self._sent,
            "MessageTaken": self._taken, "OrderChanged": self._changed,
            "GoodsReceived": self._received, "OrderClosed": self._closed,
            "LineExpedited": self._hurried, "ExpediteClosed": self._hurried_no_more,
        }  # fmt: skip
        for event in sources.events:
            step = steps.get(event.type)
            if step is not None:
                step(event)

    # ---- what happened ----------------------------------------------------------------------

    def _need(self, event: Event) -> None:
        self.needs.setdefault(event.stream, (event.at, event.data["flow"]))

    def _placed(self, event: Event) -> None:
        number = event.data["order"]
        submitted, flow = self.needs.get(event.data["thread"], (None, ""))
        erp = self.sources.lines.get(number, [])
        self.orders[number] = Order(
            number=number, need=event.data["thread"], flow=flow,
            site=erp[0].site if erp else event.data["site"],
            supplier=erp[0].supplier if erp else event.data["supplier"],
            placed=event.at, placed_sequence=event.sequence, submitted=submitted,
            count=len(erp) or len(event.data["lines"]),
            lines={
                line.line: Line(
                    erp=line, wanted=Fraction(line.ordered), owed=Fraction(line.ordered),
                    price=Fraction(line.price),
                )
                for line in erp
            },
        )  # fmt: skip

    def _released(self, event: Event) -> None:
        order = self.orders[event.data["order"]]
        assert order.lines, f"{order.number} is not in the ERP"
        order.released = order.released or event.at

    def _sent(self, event: Event) -> None:
        content = self.sources.papers[event.data["interchange"]]
        for message in messages(content):
            kind = element(message[0], 1)
            if kind == "850":
                self._sent_order(message, event)
            elif kind == "860":
                self._sent_change(message, event)

    def _sent_order(self, message: list[Segment], event: Event) -> None:
        order = self.orders[element(first(message, "BEG"), 3)]
        if order.sent is None:
            order.sent, order.sent_sequence = event.at, event.sequence
        for head, inside in loops(message, "PO1"):
            line = order.lines[element(head, 1)]
            self._waits(line, 1, event.at)
            self._asked_for(order, line, inside, order.placed)
            line.due = line.days["requested"][0]
            per = BASES.get(element(head, 5), 1) * self._pack(line, element(head, 3))
            line.price = Fraction(Decimal(element(head, 4))) / Fraction(per)

    def _sent_change(self, message: list[Segment], event: Event) -> None:
        head = first(message, "BCH")
        order = self.orders[element(head, 3)]
        for poc, _ in loops(message, "POC"):
            self._waits(order.lines[element(poc, 1)], int(element(head, 5)), event.at)

    def _waits(self, line: Line, revision: int, at: int) -> None:
        is_new = all(wait.revision != revision for wait in line.waits)
        if is_new and line.wanted > 0 and line.answered < revision == line.revision:
            line.waits.append(Wait(revision=revision, since=at))

    def _asked_for(self, order: Order, line: Line, inside: list[Segment], at: int) -> None:
        for segment in inside:
            if segment[0] == "DTM" and element(segment, 1) == "002":
                self._promise(order, line, "requested", element(segment, 2), at)

    def _promise(self, order: Order, line: Line, kind: str, stated: str, at: int) -> None:
        day = date.fromisoformat(f"{stated[:4]}-{stated[4:6]}-{stated[6:8]}")
        known = line.days.get(kind)
        if known is not None and (known[0] == day or known[2] < at or kind == "first"):
            return
        dock = self.places.calendar("site", order.site)
        last = day + timedelta(days=_LATE)
        while not is_working_day(dock, last):
            last += timedelta(days=1)
        line.days[kind] = (day, last, end_of(dock, last))

    def _taken(self, event: Event) -> None:
        """A paper was understood: its own bytes say what it says."""
        taken = list(messages(self.sources.papers[event.data["interchange"]]))
        message = taken[event.data["index"]]
        kind = element(message[0], 1)
        if kind in {"855", "865"}:
            self._answer(message, kind, event)
        elif kind == "856":
            self._ship_notice(message, event)

    def _answer(self, message: list[Segment], kind: str, event: Event) -> None:
        head, loop = ("BAK", "PO1") if kind == "855" else ("BCA", "POC")
        begin = first(message, head)
        order = self.orders[element(begin, 3)]
        revision = 1 if kind == "855" else int(element(begin, 5))
        for opened, inside in loops(message, loop):
            acks = [segment for segment in inside if segment[0] == "ACK"]
            line = order.lines[element(opened, 1)]
            if not acks or line.revision > revision:
                continue
            if not {element(ack, 1) for ack in acks} <= _ANSWERS:
                order.contacted = True
                continue
            line.answered = max(line.answered, revision)
            for wait in line.waits:
                if wait.revision == line.revision and wait.until is None and not wait.dropped:
                    wait.until = event.at
            self._promised(order, line, acks, event.at)

    def _promised(self, order: Order, line: Line, acks: list[Segment], at: int) -> None:
        confirmed = Fraction(0)
        days = []
        for ack in acks:
            if element(ack, 1) in _DELIVERS:
                pack = self._pack(line, element(ack, 3))
                confirmed += Fraction(Decimal(element(ack, 2)) * pack)
            if element(ack, 5):
                days.append(element(ack, 5))
        line.substituted = any(element(ack, 1) == "IS" for ack in acks)
        line.confirmed = confirmed
        for day in days:
            self._promise(order, line, "first", day, at)
            self._promise(order, line, "last", day, at)

    def _ship_notice(self, message: list[Segment], event: Event) -> None:
        order = self.orders.get(element(first(message, "PRF"), 1))
        if order is None:
            return
        sums: dict[str, Fraction] = {}
        for segment in message:
            if segment[0] == "SN1":
                number = element(segment, 1)
                pack = self._pack(order.lines[number], element(segment, 3))
                shipped = Fraction(Decimal(element(segment, 2)) * pack)
                sums[number] = sums.get(number, Fraction(0)) + shipped
        order.notices.append((event.at, sums))
        for number, shipped in sums.items():
            line = order.lines[number]
            line.announced += shipped
            if line.basis != "asn":
                line.shipped, line.shipped_at, line.basis = shipped, event.at, "asn"

    def _hurried(self, event: Event) -> None:
        order, number = self.orders[event.data["order"]], event.data["line"]
        carrying = [n for n, (_, sums) in enumerate(order.notices) if number in sums]
        line = order.lines[number]
        is_coming = bool(carrying) and line.received < line.announced
        order.hurries.append(
            Hurry(
                line=number, at=event.at, cause=event.data["cause"],
                cost=Fraction(event.data["cost"]["amount"]),
                currency=event.data["cost"]["currency"],
                shipment=carrying[-1] if is_coming else None,
            )
        )  # fmt: skip

    def _hurried_no_more(self, event: Event) -> None:
        for hurry in self.orders[event.data["order"]].hurries:
            if hurry.line == event.data["line"] and hurry.closed is None:
                hurry.closed = event.at

    def _pack(self, line: Line, unit: str) -> Decimal:
        if unit == line.erp.unit:
            return Decimal(1)
        return self.sources.packs[line.erp.item, _PACKS.get(unit, unit)]

    def _changed(self, event: Event) -> None:
        order, revision = self.orders[event.data["order"]], event.data["revision"]
        by_hand = self.people.stands_behind(event)
        given_up = self.sources.given_up.get((order.number, revision), {})
        for number in [row["line"] for row in event.data["lines"]]:
            line = order.lines[number]
            less = Fraction(given_up.get(number, Decimal(0)))
            short = Fraction(0)
            if line.confirmed is not None:
                short = max(short, line.wanted - line.confirmed)
            is_late = any(over < event.at for _, _, over in line.days.values())
            line.owed -= Fraction(0) if is_late else max(Fraction(0), less - short)
            line.wanted -= less
            line.wanted_since.append((self.places.day("site", order.site, event.at), line.wanted))
            for wait in line.waits:
                if wait.until is None and not wait.dropped:
                    wait.dropped = "superseded" if line.wanted > 0 else "given up"
                    wait.dropped_at = event.at
            line.revision = revision
            if event.data.get("is_told") is False:
                line.answered = revision
            if line.received >= line.wanted and line.finished is None:
                line.finished = event.at
            if by_hand and order.sent is not None and line.hand is None:
                line.hand = event.at

    def _received(self, event: Event) -> None:
        """Goods came: the ERP knows how many, and on which day."""
        order = self.orders[event.data["order"]]
        stated, rows = self.sources.receipts[event.data["receipt"]]
        for number, quantity in rows.items():
            line = order.lines[number]
            if quantity <= 0:
                continue
            line.arrivals.append((date.fromisoformat(stated), Fraction(quantity)))
            line.booked.append(event.at)
            if not line.basis:
                line.shipped, line.shipped_at, line.basis = (
                    Fraction(quantity), event.at, "receipt",
                )  # fmt: skip
            if line.received >= line.wanted and line.finished is None:
                line.finished = event.at

    def _closed(self, event: Event) -> None:
        for line in self.orders[event.data["order"]].lines.values():
            line.finished = line.finished or event.at

    # ---- what counts ------------------------------------------------------------------------

    def facts(self) -> Iterator[Fact]:
        """Give every fact of every line."""
        for order in self.orders.values():
            site, supplier = order.site, order.supplier
            whose = {"site": site, "supplier": supplier, "flow": order.flow}
            yield from self._cycle(order, whose)
            yield from _hurries(order, whose)
            yield from self._late_notices(order, whose)
            for number, line in order.lines.items():
                told = {"key": f"{order.number}/{number}", **whose}
                if order.sent is not None:
                    yield from self._touchless(order, line, told)
                yield from self._latency(order, line, told)
                yield from _filled(line, told)
                yield from _on_time(line, told)
                yield from _in_parts(line, told)

    def _cycle(self, order: Order, whose: Mapping[str, Any]) -> Iterator[Fact]:
        series = "requisition-to-po-cycle-time"
        numbers = list(order.lines) or [str(n) for n in range(1, order.count + 1)]
        hours = self.places.calendar("site", order.site)
        for number in numbers:
            told = {"series": series, "key": f"{order.number}/{number}", **whose}
            if order.submitted is None:
                yield Fact(**told, at=order.placed, is_out=True, reason="submission unknown")
            elif order.released is None:
                yield Fact(**told, opened=order.submitted, is_open=True)
            else:
                yield Fact(
                    **told, opened=order.submitted, at=order.released,
                    value=Fraction(order.released - order.submitted),
                    business=open_time(hours, order.submitted, order.released),
                )  # fmt: skip

    def _late_notices(self, order: Order, whose: Mapping[str, Any]) -> Iterator[Fact]:
        before: dict[str, Fraction] = defaultdict(Fraction)
        for place, (at, sums) in enumerate(order.notices):
            today = self.places.day("site", order.site, at)
            late = False
            for number, announced in sums.items():
                line = order.lines[number]
                here = sum(
                    (
                        quantity
                        for (day, quantity), booked in zip(line.arrivals, line.booked, strict=True)
                        if booked <= at or day < today
                    ),
                    Fraction(0),
                )
                late = late or (announced > 0 and (here - before[number]) * 2 >= announced)
                before[number] += announced
            yield Fact(
                series="late-ship-notice-share", key=f"{order.number}/{place}", at=at,
                value=Fraction(late), reason="after the goods" if late else "", **whose,
            )  # fmt: skip

    def _touchless(self, order: Order, line: Line, told: Mapping[str, Any]) -> Iterator[Fact]:
        acts = {
            event.sequence: event
            for thing in (order.need, f"purchase-order/{order.number}")
            for event in self.people.by_thing.get(thing, ())
            if event.sequence < order.sent_sequence
        }.values()
        touched = any(not is_decision(event) for event in acts)
        decided = any(is_decision(event) for event in acts)
        assert order.sent is not None
        undone = line.hand is not None and line.hand - order.sent <= _UNTOUCHED
        why = "touched before dispatch" if touched else "changed by hand later" if undone else ""
        plain = why or ("approved by a person" if decided else "")
        untouched = not why
        series = "touchless-po-rate"
        whole = {"opened": order.submitted, "at": order.sent, **told}
        yield Fact(series=series, value=Fraction(untouched and not decided), reason=plain, **whole)
        series = f"{series}/excluding-approval"
        yield Fact(series=series, value=Fraction(untouched), reason=why, **whole)
        is_emergency = Fraction(order.flow == "emergency")
        yield Fact(series="emergency-share", value=is_emergency, **whole)

    def _latency(self, order: Order, line: Line, told: Mapping[str, Any]) -> Iterator[Fact]:
        hours = self.places.calendar("supplier", order.supplier)
        for wait in line.waits:
            base = {
                **told,
                "series": "supplier-acknowledgment-latency",
                "key": f"{told['key']}/{wait.revision}",
                "opened": wait.since,
            }
            if wait.until is not None:
                spent = open_time(hours, wait.since, wait.until)
                yield Fact(
                    **base, at=wait.until, value=Fraction(wait.until - wait.since),
                    business=spent, part=Fraction(spent <= _ANSWER_HOURS * _HOUR),
                    whole=Fraction(1),
                )  # fmt: skip
            elif wait.dropped:
                yield Fact(**base, at=wait.dropped_at, is_out=True, reason=wait.dropped)
            else:
                why = "contact without an answer" if order.contacted else ""
                yield Fact(**base, is_open=True, reason=why)


def _hurries(order: Order, whose: Mapping[str, Any]) -> Iterator[Fact]:
    series = "expedited-freight-incidence"
    for place, (at, sums) in enumerate(order.notices):
        causes = [
            hurry.cause
            for hurry in order.hurries
            if hurry.line in sums
            and (
                hurry.shipment == place
                or (hurry.at <= at and (hurry.closed is None or hurry.closed > at))
            )
        ]
        ours = any(cause.startswith("late_") for cause in causes)
        told = {**whose, "key": f"{order.number}/{place}", "at": at}
        why = causes[0] if causes else ""
        yield Fact(series=series, value=Fraction(bool(causes)), reason=why, **told)
        yield Fact(series=f"{series}/avoidable", value=Fraction(ours), reason=why, **told)
    for place, hurry in enumerate(order.hurries):
        yield Fact(
            series="expedite-premium", key=f"{order.number}/{place}", at=hurry.at,
            value=hurry.cost, unit=hurry.currency, reason=hurry.cause, **whose,
        )  # fmt: skip
        yield Fact(
            series="expedite-premium-share", key=f"{order.number}/{place}", at=hurry.at,
            part=hurry.cost, whole=Fraction(0), unit=hurry.currency, reason="premium", **whose,
        )  # fmt: skip


def _filled(line: Line, told: Mapping[str, Any]) -> Iterator[Fact]:
    if line.shipped is None:
        return
    base = {**told, "at": line.shipped_at, "unit": line.erp.unit}
    ordered = Fraction(line.erp.ordered)
    series = "supplier-fill-rate"
    yield _rate(series, line.shipped, ordered, base, line.basis)
    if line.owed > 0:
        yield _rate(f"{series}/revised", line.shipped, line.owed, base, line.basis)
    else:
        yield Fact(series=f"{series}/revised", is_out=True, reason="given up by the buyer", **base)
    strict = Fraction(0) if line.substituted else line.shipped
    yield _rate(f"{series}/strict", strict, ordered, base, line.basis)


def _rate(
    series: str, part: Fraction, whole: Fraction, base: Mapping[str, Any], basis: str
) -> Fact:
    part = min(part, whole)
    return Fact(series=series, value=part / whole, part=part, whole=whole, reason=basis, **base)


def _on_time(line: Line, told: Mapping[str, Any]) -> Iterator[Fact]:
    for kind, (day, last, over) in line.days.items():
        series = "otif" if kind == "first" else f"otif/{kind}"
        base = {**told, "series": series, "at": over, "unit": line.erp.unit}
        if line.owed <= 0:
            yield Fact(**base, is_out=True, reason="given up by the buyer")
            continue
        opens = day - timedelta(days=_EARLY)
        inside = sum((q for on, q in line.arrivals if opens <= on <= last), Fraction(0))
        early = any(on < opens for on, _ in line.arrivals)
        enough = inside >= line.owed * (100 - _MISSING) / 100
        came_later = any(on > last for on, _ in line.arrivals)
        why = "early" if early else "" if enough else "late" if came_later else "short"
        yield Fact(
            **base, value=Fraction(not why), part=min(inside, line.owed), whole=line.owed,
            reason=why,
        )  # fmt: skip


def _in_parts(line: Line, told: Mapping[str, Any]) -> Iterator[Fact]:
    if line.finished is None:
        return
    base = {**told, "series": "partial-shipment-rate", "at": line.finished}
    if not line.arrivals:
        yield Fact(**base, is_out=True, reason="nothing came")
        return
    several = len(line.arrivals) > 1
    short = line.confirmed is not None and line.confirmed < line.owed
    why = "several receipts" if several else "confirmed short" if short else ""
    yield Fact(**base, value=Fraction(several or short), reason=why)
