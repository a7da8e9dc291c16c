"""The trace: everything that happened to one need, from requisition to payable, as read-only rows.

A *thread* is one need with all that grew out of it. Every document of a thread is found by any
business key: requisition, order, the supplier's own number, shipment, invoice, or the control
number of an interchange.

    find("PO-100234")  -> hits -> trace(hit.thread) -> Trace
    find("000000482")  -> the interchange's hits, the same threads

The rows are answers, not documents: nothing here decides, and nothing here is stored.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum, auto
from itertools import pairwise
from typing import Protocol

from manciple.kernel.records import dataclass


class System(StrEnum):
    """Where a step happened; each is one swim-lane of the trace, in this order."""

    REQUESTER = auto()
    POLICY = auto()
    APPROVER = auto()
    ORDER = auto()
    ERP = auto()
    SUPPLIER = auto()
    WAREHOUSE = auto()
    FINANCE = auto()
    CASE = auto()


class Health(StrEnum):
    """How a thing stands, whatever its own words for its state: the shape and colour shown."""

    DONE = auto()
    MOVING = auto()
    WAITING = auto()
    TROUBLE = auto()


class Severity(StrEnum):
    """How much a finding about a message matters."""

    ERROR = auto()
    WARNING = auto()
    INFO = auto()


class Direction(StrEnum):
    """Who sent an interchange: the partner to us, or we to the partner."""

    INBOUND = auto()
    OUTBOUND = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceStep:
    """One thing that happened: one event of the history, told in the trade's words.

    Attributes:
        title: a short sentence, for example ``Supplier confirmed 96 of 108``.
        event: the event's type, for example ``OrderAcknowledged``.
        stream: the document whose history this event belongs to.
        version: the event's place in that stream, from 1.
        actor: who or what caused it, as a person reads it.
        detail: (label, value) pairs worth showing, in reading order.
        reasons: why it was decided so, one sentence each; empty where nothing was decided.
        interchange: id of the partner message behind this step, if there is one.
        hash: of the event, as the audit chain holds it.
    """

    at: datetime
    system: System
    title: str
    event: str
    stream: str
    version: int
    actor: str
    detail: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    health: Health = Health.DONE
    interchange: str | None = None
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One order line and every quantity stated about it, in the item's base unit.

    A stage is None until a document states it: a supplier who confirmed nothing has not
    confirmed zero.

    Attributes:
        order: the number of the order that it is a line of; empty where that is not known.
        price: as ordered, with currency and per-quantity, for example ``30.00 USD per 12 EA``.
        received_not_invoiced: negative when more was billed than received.
    """

    line: str
    item: str
    description: str
    unit: str
    ordered: Decimal
    order: str = ""
    cancelled: Decimal | None = None
    acknowledged: Decimal | None = None
    shipped: Decimal | None = None
    received: Decimal | None = None
    accepted: Decimal | None = None
    returned: Decimal | None = None
    short_closed: Decimal | None = None
    invoiced: Decimal | None = None
    credited: Decimal | None = None
    open: Decimal
    received_not_invoiced: Decimal
    price: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceDocument:
    """One paper of the thread, with the state it is in and every key that finds it.

    Attributes:
        kind: in the trade's words, for example ``Purchase order`` or ``Invoice``.
        number: the key that people use for it.
        keys: further keys, for example the ERP's or the supplier's number.
        interchange: id of the partner message that carried it, if there is one.
        ref: the document as its history names it, for example ``invoice/INV-7Q2M``; empty where
            that is not known.
    """

    kind: str
    number: str
    state: str
    health: Health
    at: datetime
    keys: tuple[str, ...] = ()
    interchange: str | None = None
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceCase:
    """An exception raised by this thread: what is wrong and who has to act, by when.

    Attributes:
        code: the kind of exception, for example ``QUANTITY_SHORT``.
        owner: the person who has it now; None while only a role has it.
        due_at: None where no deadline was set; a case that is closed is never late.
    """

    id: str
    code: str
    title: str
    owner_role: str
    owner: str | None
    state: str
    is_open: bool
    opened_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceEffect:
    """One message to another system: what is to be done there, and how far that has come.

    Attributes:
        due_at: of the next attempt; None when there will be none.
        result: the other system's answer or the last failure; None before the first attempt.
    """

    key: str
    endpoint: str
    lane: str
    verb: str
    state: str
    health: Health
    attempts: int
    due_at: datetime | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One need's whole life as it stands at ``as_of``.

    Attributes:
        key: the business key by which people call it, usually the order number.
        thread: as the documents carry it, for example ``requisition/REQ-7Q2M``.
        state: the thread's state in words, for example ``Partly received``.
        total: amount and currency as text, for example ``3,240.00 USD``; empty if not known.
        steps: ascending by time, then in the order of the history.
        sequence: of the thread's last change; a page that shows less is out of date.
    """

    key: str
    thread: str
    headline: str
    state: str
    health: Health
    supplier: str
    site: str
    total: str
    as_of: datetime
    sequence: int
    documents: tuple[TraceDocument, ...] = ()
    lines: tuple[TraceLine, ...] = ()
    steps: tuple[TraceStep, ...] = ()
    cases: tuple[TraceCase, ...] = ()
    effects: tuple[TraceEffect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceHit:
    """One thread that a key leads to.

    Attributes:
        key: the key that matched; in a list of recent threads, the thread's own.
        kind: what that key names, for example ``Purchase order``.
        at: of the thread's last change.
        site: for which it is; empty where nobody says.
    """

    key: str
    thread: str
    kind: str
    headline: str
    state: str
    health: Health
    at: datetime
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark about a message: what is wrong with it, and where."""

    severity: Severity
    code: str
    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """One segment of a raw message with the findings about it.

    Attributes:
        number: of the segment in the interchange, from 1.
        text: as it came, without its terminator.
    """

    number: int
    text: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeView:
    """One partner file as it came or went, segment by segment.

    Attributes:
        message: what is inside, for example ``855``; empty where that could not be read.
        sha256: of the bytes as kept.
        segments: those to show; fewer than ``segment_count`` when the file is long.
        findings: about the file as a whole, or at no segment that is shown.
        threads: that this file had a part in.
    """

    id: str
    standard: str
    version: str
    message: str
    control_number: str
    direction: Direction
    sender: str
    receiver: str
    at: datetime
    state: str
    health: Health
    size: int
    sha256: str
    segment_count: int
    segments: tuple[SegmentView, ...] = ()
    findings: tuple[Finding, ...] = ()
    threads: tuple[str, ...] = ()


class Traces(Protocol):
    """What the trace's pages, API and command read."""

    def find(self, key: str) -> tuple[TraceHit, ...]:
        """Find the threads that a business key leads to, at most 50, latest change first.

        Matches the whole key without regard to case and surrounding space. Each thread comes
        once; a key that names several of its documents is told as the first of them.
        """
        ...

    def trace(self, thread: str) -> Trace | None:
        """Tell one thread's whole life; None if there is no such thread."""
        ...

    def recent(
        self, *, limit: int, after: str | None, sites: Collection[str] = ()
    ) -> tuple[TraceHit, ...]:
        """List the threads that changed last, latest first, those after the thread ``after``.

        With ``sites``: those for one of them alone, found among the latest changes of all.
        """
        ...

    def sequence(self, thread: str) -> int:
        """Give the sequence of a thread's last change, cheaply; 0 if there is no such thread."""
        ...


class Interchanges(Protocol):
    """What the page of one raw partner message reads."""

    def get(self, interchange: str) -> InterchangeView | None:
        """Give one partner file with its findings; None if there is no such file."""
        ...


def lags(steps: Iterable[TraceStep]) -> tuple[timedelta | None, ...]:
    """Say how long each step waited for the one before it; the first waited for none.

    One value per step, in the order given, so that waiting stands beside what ended it.
    """
    times = [step.at for step in steps]
    waits = [later - earlier for earlier, later in pairwise(times)]
    return (None, *waits) if times else ()
