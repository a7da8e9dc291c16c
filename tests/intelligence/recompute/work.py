"""Needs without an order, approval tasks, exceptions and bills."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.intelligence.recompute.figures import Fact
from tests.intelligence.recompute.hours import DAY, OFFICE, business_days, instant
from tests.intelligence.recompute.sources import Event, Sources
from tests.intelligence.recompute.x12 import element, first, loops, messages

_GRACE = DAY
_GOODS = {"QTY_RECEIVED"}
BASES = {"HP": 100, "HT": 1000, "HN": 100, "TP": 1000, "TN": 10}
"""X12 004010, element 639: how many units a price is for, where it is not for one."""


class Places:
    """Whose hours are whose."""

    def __init__(self, sources: Sources) -> None:
        """Read the registers."""
        self._named: dict[str, str] = {}
        self._hours: dict[str, Mapping[str, Any]] = {}
        for event in sources.events:
            if event.type in {"SiteRegistered", "SupplierRegistered"}:
                self._named[event.stream] = event.data.get("calendar") or ""
            elif event.type == "CalendarRegistered" and event.data.get("hours"):
                self._hours[event.data["calendar"]] = event.data["hours"]

    def day(self, kind: str, name: str, at: int) -> date:
        """Give the day that it is there at an instant."""
        zone = ZoneInfo(self.calendar(kind, name)["zone"])
        return (
            (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).astimezone(zone).date()
        )

    def calendar(self, kind: str, name: str) -> Mapping[str, Any]:
        """Give the hours of a site or a supplier."""
        return self._hours.get(self._named.get(f"{kind}/{name}", ""), OFFICE)


@dataclass(slots=True, kw_only=True)
class Need:
    """A requisition; ``lines`` wait while it has no order and is not ended."""

    flow: str
    site: str
    submitted: int
    lines: int
    ended: str = ""
    ended_at: int | None = None


def needs_of(sources: Sources) -> dict[str, Need]:
    """Give every requisition, under its stream."""
    needs: dict[str, Need] = {}
    ends = {
        "RequisitionOrdered": "ordered", "RequisitionRejected": "rejected",
        "RequisitionWithdrawn": "withdrawn",
    }  # fmt: skip
    for event in sources.events:
        if event.type == "RequisitionSubmitted":
            known = needs.get(event.stream)
            since = known.submitted if known else event.at
            needs[event.stream] = Need(
                flow=event.data["flow"], site=event.data["site"], submitted=since,
                lines=event.data["lines"],
            )  # fmt: skip
        elif event.type in ends:
            needs[event.stream].ended = ends[event.type]
            needs[event.stream].ended_at = event.at
    return needs


def waiting_needs(needs: Mapping[str, Need]) -> Iterator[Fact]:
    """Give the lines of needs that have no order."""
    for stream, need in needs.items():
        if need.ended == "ordered":
            continue
        for line in range(1, need.lines + 1):
            yield Fact(
                series="requisition-to-po-cycle-time", key=f"{stream.split('/')[1]}/{line}",
                opened=need.submitted, at=need.ended_at, is_open=not need.ended,
                is_out=bool(need.ended), site=need.site, flow=need.flow, reason=need.ended,
            )  # fmt: skip


# ---- approvals --------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Task:
    """One person asked."""

    key: str
    step: int
    approver: str
    asked: int
    due: int
    decided: int | None = None
    passed_on: bool = False
    dropped: str = ""
    dropped_at: int | None = None


def approvals(sources: Sources, needs: Mapping[str, Need]) -> Iterator[Fact]:
    """Give one fact for each person asked, at the due time."""
    tasks: dict[str, list[Task]] = defaultdict(list)
    about: dict[str, Need | None] = {}
    for event in sources.events:
        if event.type == "ApprovalRequested":
            subject = f"{event.data['subject']['kind']}/{event.data['subject']['id']}"
            about[event.stream] = needs.get(subject) or needs.get(event.data.get("thread", ""))
        elif event.stream in about:
            _decide(tasks[event.stream], event)
    for stream, rows in tasks.items():
        need = about[stream]
        for task in rows:
            told: dict[str, Any] = {
                "series": "approval-sla-adherence", "key": f"{stream.split('/')[1]}/{task.key}",
                "opened": task.asked, "at": task.due, "site": need.site if need else "",
                "flow": need.flow if need else "",
            }  # fmt: skip
            if task.passed_on:
                yield Fact(**told, value=Fraction(0), reason="handed on")
            elif task.dropped:
                yield Fact(**{**told, "at": task.dropped_at}, is_out=True, reason=task.dropped)
            elif task.decided is None:
                yield Fact(**told, value=Fraction(0), reason="open and overdue")
            else:
                in_time = task.decided <= task.due
                why = "in time" if in_time else "decided late"
                yield Fact(**told, value=Fraction(in_time), reason=why)


def _decide(tasks: list[Task], event: Event) -> None:
    data = event.data
    waiting = [
        task for task in tasks
        if task.decided is None and not task.dropped
        and data.get("step") in {None, 0, task.step}
    ]  # fmt: skip
    match event.type:
        case "StepAssigned":
            _ask(tasks, data["approver"], data["step"], event.at, data["due_at"])
        case "ApprovalEscalated":
            for task in waiting:
                task.passed_on |= task.approver == data["before"]
            _ask(tasks, data["now"], data["step"], event.at, data["due_at"])
        case "StepApproved" | "ApprovalRejected":
            for task in waiting:
                if task.approver == (data.get("on_behalf_of") or data["by"]):
                    task.decided = event.at
                else:
                    task.dropped, task.dropped_at = "withdrawn", event.at
        case "ApprovalRerouted" | "ApprovalVoided":
            for task in waiting:
                task.dropped = "void" if event.type == "ApprovalVoided" else "rerouted"
                task.dropped_at = event.at


def _ask(tasks: list[Task], approver: str, step: int, at: int, due: str | None) -> None:
    if due is not None:
        times = sum((task.step, task.approver) == (step, approver) for task in tasks)
        key = f"{step}/{approver}/{times + 1}"
        tasks.append(Task(key=key, step=step, approver=approver, asked=at, due=instant(due)))


# ---- exceptions -------------------------------------------------------------------------------


def exceptions(sources: Sources, needs: Mapping[str, Need], places: Places) -> Iterator[Fact]:
    """Give one fact for each exception: from its opening to its last settling."""
    opened: dict[str, Event] = {}
    settled: dict[str, int | None] = {}
    for event in sources.events:
        if event.type == "CaseOpened":
            opened[event.stream], settled[event.stream] = event, None
        elif event.type == "CaseReopened":
            settled[event.stream] = None
        elif event.type == "CaseResolved" and settled.get(event.stream) is None:
            settled[event.stream] = event.at
    for stream, event in opened.items():
        data, end = event.data, settled[stream]
        need = needs.get(data.get("thread") or "")
        told: dict[str, Any] = {
            "series": "exception-aging", "key": data["case"], "opened": event.at,
            "site": data.get("site") or "", "supplier": data.get("supplier") or "",
            "flow": need.flow if need else "", "reason": data["code"],
        }  # fmt: skip
        if end is None:
            yield Fact(**told, is_open=True)
        else:
            hours = places.calendar("site", told["site"])
            yield Fact(
                **told, at=end, value=Fraction(end - event.at),
                business=business_days(hours, event.at, end),
            )  # fmt: skip


# ---- bills ------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Bill:
    """An invoice: its lines' amounts by its own bytes, the holds by the looks at it."""

    supplier: str
    order: str
    credit: bool
    currency: str
    amounts: dict[str, Fraction]
    looked: int | None = None
    awaits: bool = False
    first: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    later: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    passed: dict[str, int] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    freight: Fraction | None = None
    payable: int | None = None


_FREIGHT = {"D240", "G821", "G830"}
"""X12 004010, element 1300: freight; shipping; shipping and handling."""


def bills(sources: Sources, orders: Mapping[str, Any]) -> Iterator[Fact]:
    """Give the strict and the fair fact of each line of each bill that was looked at."""
    known: dict[str, Bill] = {}
    taken = {
        event.key: list(messages(sources.papers[event.data["interchange"]]))[event.data["index"]]
        for event in sources.events
        if event.type == "MessageTaken" and event.data["statement_name"] == "RegisterInvoice"
    }
    for event in sources.events:
        if event.type == "InvoiceRegistered":
            known[event.stream] = _bill(event, taken[event.key.split(">")[0]])
        elif event.stream in known:
            _look(known[event.stream], event)
    for stream, bill in known.items():
        yield from _freight_facts(stream, bill, orders.get(bill.order))
        yield from _bill_facts(stream, bill, orders.get(bill.order))


def _bill(event: Event, message: list[list[str]]) -> Bill:
    begin = first(message, "BIG")
    assert element(begin, 2) == event.data["number"]
    amounts: dict[str, Fraction] = defaultdict(Fraction)
    for row, (head, _) in zip(event.data["lines"], loops(message, "IT1"), strict=True):
        base = BASES.get(element(head, 5), 1)
        amount = Fraction(Decimal(element(head, 2)) * Decimal(element(head, 4))) / base
        amounts[row["line"]] += amount
    currency = element(first(message, "CUR"), 2) or "USD"
    return Bill(
        supplier=event.data["supplier"], order=element(begin, 4), currency=currency,
        credit=element(begin, 7) == "CR", amounts=amounts, freight=_freight(message),
    )  # fmt: skip


def _freight(message: list[list[str]]) -> Fraction | None:
    """Add up the freight that a bill charges; SAC05 has two implied decimals. None: none."""
    charged = [
        Fraction(int(element(segment, 5)), 100)
        for segment in message
        if segment[0] == "SAC" and element(segment, 1) == "C" and element(segment, 2) in _FREIGHT
    ]
    return sum(charged, Fraction(0)) if charged else None


def _look(bill: Bill, event: Event) -> None:
    if event.type == "InvoicePayable":
        bill.payable = event.at
    elif event.type == "InvoiceMatched":
        bill.awaits = bill.looked is None and not event.data["clean"]
        bill.looked = bill.looked or event.at
        if event.data["clean"]:
            _pass(bill, set(), event.at)
    elif event.type == "InvoiceHeld" and bill.looked is not None:
        held: dict[str, set[str]] = defaultdict(set)
        for hold in event.data["holds"]:
            for line in bill.amounts if hold["line"] is None else [hold["line"]]:
                held[line].add(hold["code"])
        for line, codes in held.items():
            if bill.awaits:
                bill.first[line] |= codes
            else:
                bill.later[line] |= codes - bill.first[line]
        bill.awaits = False
        _pass(bill, set(held), event.at)
    elif event.type == "HoldReleased":
        line = event.data.get("line")
        bill.released |= set(bill.amounts) if line is None else {line}


def _pass(bill: Bill, held: set[str], at: int) -> None:
    for line in bill.amounts:
        if line not in held:
            bill.passed.setdefault(line, at)


def _freight_facts(stream: str, bill: Bill, order: Any) -> Iterator[Fact]:
    """Give what a bill that may be paid says of freight, for the supplier of the goods."""
    if bill.freight is None or bill.payable is None:
        return
    sum_ = -bill.freight if bill.credit else bill.freight
    told: dict[str, Any] = {
        "key": stream.split("/")[1], "at": bill.payable, "unit": bill.currency,
        "supplier": order.supplier if order else bill.supplier,
        "site": order.site if order else "", "flow": order.flow if order else "",
    }  # fmt: skip
    yield Fact(series="inbound-freight", value=sum_, **told)
    yield Fact(
        series="expedite-premium-share", part=Fraction(0), whole=sum_, reason="freight", **told
    )


def _bill_facts(stream: str, bill: Bill, order: Any) -> Iterator[Fact]:
    if bill.looked is None or bill.awaits:
        return
    for line, amount in bill.amounts.items():
        told: dict[str, Any] = {
            "key": f"{stream.split('/')[1]}/{line}", "at": bill.looked, "unit": bill.currency,
            "supplier": bill.supplier, "site": order.site if order else "",
            "flow": order.flow if order else "",
        }  # fmt: skip
        series = "first-pass-match-rate"
        out = "credit note" if bill.credit else "of no value" if not amount else ""
        holds = bill.first[line]
        fair = not holds or (
            holds == _GOODS
            and not bill.later[line]
            and line not in bill.released
            and line in bill.passed
            and bill.passed[line] - bill.looked <= _GRACE
        )
        for name, passed in ((series, not holds), (f"{series}/fair", fair)):
            if out:
                yield Fact(series=name, is_out=True, reason=out, **told)
            else:
                yield Fact(
                    series=name, value=Fraction(passed), part=amount * passed, whole=amount,
                    reason=" ".join(sorted(holds)), **told,
                )  # fmt: skip
