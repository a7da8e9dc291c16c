"""Hand-made threads for the pages, kept in memory behind the same Protocols as the real ones."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

import msgspec
import yaml

from manciple.intelligence.tracing import (
    Health,
    InterchangeView,
    System,
    Trace,
    TraceDocument,
    TraceHit,
    TraceLine,
    TraceStep,
)
from manciple.runtime.changes import EVERYTHING, Heard

NOW: Final = datetime(2026, 11, 5, 16, 42, tzinfo=UTC)
THREAD: Final = "requisition/REQ-7Q2M4K"
STREAM: Final = "purchase-order/PO-100234"
RAW: Final = "interchange/IN-0482"
HASH: Final = "9f2c41d07be85a63c1"

T = TypeVar("T")


class Threads:
    """Threads in memory: what was put in is what is found, by any of its keys."""

    def __init__(self, *traces: Trace) -> None:
        self._lock = Lock()
        self._traces = {trace.thread: trace for trace in traces}
        self.is_down = False

    def put(self, trace: Trace) -> None:
        """Add a thread, or show it anew as the latest change."""
        with self._lock:
            sequence = max((t.sequence for t in self._traces.values()), default=0) + 1
            self._traces[trace.thread] = replace(trace, sequence=sequence)

    def drop(self, thread: str) -> None:
        """Forget a thread, as a restored database may."""
        with self._lock:
            del self._traces[thread]

    def newest(self) -> int:
        if self.is_down:
            raise ConnectionError("the database does not answer")
        with self._lock:
            return max((t.sequence for t in self._traces.values()), default=0)

    def find(self, key: str) -> tuple[TraceHit, ...]:
        wanted = key.strip().casefold()
        hits = []
        for trace in self._newest_first():
            for document in trace.documents:
                if wanted in {name.casefold() for name in (document.number, *document.keys)}:
                    hits.append(_hit(trace, key=key.strip(), kind=document.kind))
                    break
        return tuple(hits)

    def trace(self, thread: str) -> Trace | None:
        with self._lock:
            return self._traces.get(thread)

    def recent(
        self, *, limit: int, after: str | None, sites: Collection[str] = ()
    ) -> tuple[TraceHit, ...]:
        threads = [each for each in self._newest_first() if not sites or each.site in sites]
        names = [trace.thread for trace in threads]
        start = names.index(after) + 1 if after in names else 0
        return tuple(
            _hit(trace, key=trace.key, kind="Purchase order")
            for trace in threads[start : start + limit]
        )

    def sequence(self, thread: str) -> int:
        trace = self.trace(thread)
        return trace.sequence if trace else 0

    def _newest_first(self) -> list[Trace]:
        with self._lock:
            return sorted(self._traces.values(), key=lambda trace: -trace.sequence)


class Changing:
    """What changed among threads in memory; looked at as the pages of a process would."""

    poll_seconds = 0.25

    def __init__(self, threads: Threads) -> None:
        self._threads, self._last = threads, threads.newest()
        self.looks = 0
        self.woken: list[Callable[[], None]] = []

    def sequence(self) -> int:
        return self._threads.newest()

    def look(self) -> Heard:
        self.looks += 1
        newest = self._threads.newest()
        topics = frozenset({EVERYTHING}) if newest != self._last else frozenset()
        self._last = newest
        return Heard(sequence=newest, topics=topics)

    def since(self, sequence: int) -> frozenset[str]:
        return frozenset({EVERYTHING}) if sequence != self._last else frozenset()

    def touched(
        self, since: int, kinds: Collection[str], *, on_threads: str = "", most: int
    ) -> tuple[str, ...] | None:
        del since, kinds, on_threads, most
        return None

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        self.woken.append(callback)
        return lambda: self.woken.remove(callback)


class Files:
    """Partner files in memory."""

    def __init__(self, *files: InterchangeView) -> None:
        self._files = {file.id: file for file in files}

    def get(self, interchange: str) -> InterchangeView | None:
        return self._files.get(interchange)


def _hit(trace: Trace, *, key: str, kind: str) -> TraceHit:
    return TraceHit(
        key=key,
        thread=trace.thread,
        kind=kind,
        headline=trace.headline,
        state=trace.state,
        health=trace.health,
        at=trace.steps[-1].at if trace.steps else trace.as_of,
    )


def a_line(line: str = "1", **quantities: Decimal | None) -> TraceLine:
    """Build a line of 108 EA; other quantities as given, the sums as the ledger has them."""
    zero = Decimal(0)
    ordered = quantities.pop("ordered", None) or Decimal(108)
    gone = (quantities.get("cancelled") or zero) + (quantities.get("short_closed") or zero)
    received = quantities.get("received") or zero
    return TraceLine(
        order="PO-2026-0117",
        line=line,
        item="HB-M12-80",
        description="Hex bolt M12 x 80, A2-70",
        unit="EA",
        price="30.00 USD per 12 EA",
        ordered=ordered,
        open=ordered - gone - received,
        received_not_invoiced=received - (quantities.get("invoiced") or zero),
        **quantities,
    )


def a_step(
    title: str, *, minutes: int = 0, system: System = System.ORDER, **more: object
) -> TraceStep:
    told: dict[str, object] = {
        "at": NOW - timedelta(days=4) + timedelta(minutes=minutes),
        "system": system,
        "title": title,
        "event": "OrderPlaced",
        "stream": STREAM,
        "version": minutes + 1,
        "actor": "Manciple",
        "hash": HASH,
    }
    return TraceStep(**{**told, **more})  # type: ignore[arg-type]


def a_trace(**more: object) -> Trace:
    """Build a small thread: one order, one line, two steps."""
    told: dict[str, object] = {
        "key": "PO-100234",
        "thread": THREAD,
        "headline": "108 EA hex bolts for Lagos",
        "state": "Acknowledged",
        "health": Health.MOVING,
        "supplier": "Halden Fasteners",
        "site": "Lagos branch",
        "total": "270.00 USD",
        "as_of": NOW,
        "sequence": 1,
        "documents": (
            TraceDocument(
                kind="Purchase order",
                number="PO-100234",
                state="Acknowledged",
                health=Health.MOVING,
                at=NOW,
                keys=("4500017734",),
            ),
        ),
        "lines": (a_line(acknowledged=Decimal(96)),),
        "steps": (a_step("Order placed"), a_step("Order sent", minutes=90)),
    }
    return Trace(**{**told, **more})  # type: ignore[arg-type]


def the_order() -> Trace:
    """Tell a whole order in the middle of its life, with what usually goes wrong."""
    return _read("order.yaml", Trace)


def the_message() -> InterchangeView:
    """Show an 855 with three findings, one of them about the file as a whole."""
    return _read("message.yaml", InterchangeView)


def _read(name: str, kind: type[T]) -> T:
    text = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), kind)


def many_orders(count: int) -> tuple[Trace, ...]:
    """Make a list of small threads, the whole order last changed."""
    states = (
        ("Acknowledged", Health.MOVING),
        ("Payable", Health.DONE),
        ("Waiting for approval", Health.WAITING),
        ("Received", Health.MOVING),
        ("Invoice held", Health.TROUBLE),
        ("Sent", Health.MOVING),
    )
    suppliers = (
        "Halden Fasteners",
        "Kestrel Electrical",
        "Osprey Packaging",
        "Brightwater Valves",
    )
    sites = ("Lagos branch", "Accra branch", "Kumasi depot", "Port Harcourt branch")
    made = []
    for n in range(count):
        state, health = states[n % len(states)]
        made.append(
            a_trace(
                key=f"PO-{100300 + n}",
                thread=f"requisition/REQ-{n:06d}",
                headline=f"{n % 7 + 1} lines for {sites[n % 4]} from {suppliers[n * 3 % 4]}",
                state=state,
                health=health,
                sequence=n + 1,
                documents=(
                    TraceDocument(
                        kind="Purchase order",
                        number=f"PO-{100300 + n}",
                        state=state,
                        health=health,
                        at=NOW,
                        keys=("SHARED-1",) if n < 2 else (),
                    ),
                ),
                steps=(
                    a_step("Order placed"),
                    a_step(state, at=NOW - timedelta(minutes=(count - n) * 47), version=2),
                ),
            )
        )
    return tuple(made)
