"""An acknowledgment is a supplier's answer to an order, line by line.

    received -> accepted      every line as ordered (or inside tolerance)
             -> partial       some of it is short, backordered or not said
             -> changed       a price, a date, an item or a quantity above the order
             -> rejected      nothing will come
             -> pending       contact, but no answer yet
             -> stale         answers an older revision; changes nothing
             -> superseded    a later answer was here first; changes nothing

An answer is kept for ever as it came. It is pinned to the order's revision: what it says of
revision 1 does not hold for revision 2. A message that says that a file could be read (997) is no
answer. Source: domain rules P-03, P-04, P-05 and D-25, with the rulings of 4.7.
"""

from datetime import date, datetime
from enum import StrEnum, auto
from typing import ClassVar

from manciple.cases.discrepancy import Discrepancy
from manciple.catalog.item import ItemId
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.runtime.effects import Lane


class AnswerStatus(StrEnum):
    """What a supplier says about a quantity of a line. Source: domain rule P-03."""

    ACCEPT = "accept"
    CHANGE_QTY = "change.qty"
    CHANGE_PRICE = "change.price"
    CHANGE_DATE = "change.date"
    CHANGE_MIXED = "change.mixed"
    BACKORDER_FULL = "backorder.full"
    BACKORDER_PARTIAL = "backorder.partial"
    SUBSTITUTE = "substitute"
    PENDING = "pending"
    HOLD = "hold"
    REJECT = "reject"
    UNKNOWN = "unknown"


class Header(StrEnum):
    """What the head of an answer says; lines win over it.

    ``EXCEPTIONS`` is the answer that lists exceptions only: a line not named is accepted.
    ``COUNTER`` refuses the order and offers other terms: its lines are the offer, and without any
    nothing comes. Source: X12 004010, data element 587.
    """

    ACCEPT = auto()
    DETAIL = auto()
    EXCEPTIONS = auto()
    REJECT = auto()
    COUNTER = auto()
    HOLD = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswer:
    """One thing said about a line; a line may have several, and their quantities add up.

    Attributes:
        quantity: None when not stated: the rest of the line.
        price: None when not stated: as ordered.
        promised: the day on which it will be here.
        substitute: the item number that comes instead.
    """

    status: AnswerStatus
    quantity: Quantity | None = None
    price: Price | None = None
    promised: date | None = None
    substitute: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredLine:
    """A line as the supplier answers it.

    Attributes:
        line: our line number as repeated; None when not stated.
        ordered: the ordered quantity as the supplier repeats it; shows which revision it read.
        price: the line's price as the supplier repeats it; compared whatever the code says.
    """

    line: str | None
    items: tuple[ItemId, ...] = ()
    answers: tuple[LineAnswer, ...] = ()
    ordered: Quantity | None = None
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineNote:
    """What a supplier said about a line in its own words."""

    line: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAcknowledgment:
    """Take in a supplier's answer to an order.

    Attributes:
        number: the supplier's number of the answer; None when it gave none.
        revision: the revision answered; None when the supplier did not repeat it: the one that
            the quantities repeated belong to, else the newest.
        issued: the day that the supplier put on it.
        source: where it came from: the interchange, as a reference in text.
        place: where it stands in there, ``855/0001``.
        sent_at: the instant that its envelope states; orders two answers of one day.
        is_change: it answers a change order and nothing else: its head speaks for the lines that
            the change touches, and a no to it leaves what was agreed before.
        notes: reasons in the supplier's own words; no part of what the answer is compared by.
        once: each line is answered once for a revision, and only the newest is answered:
            anything else is refused instead of being kept. A page can say so to who is there.
    """

    order: str
    supplier: str
    number: str | None
    revision: int | None
    header: Header
    lines: tuple[AnsweredLine, ...]
    issued: date | None
    source: str
    place: str
    sent_at: datetime | None = None
    is_change: bool = False
    notes: tuple[LineNote, ...] = ()
    once: bool = False


class LineOutcome(StrEnum):
    """What the answers to one line amount to."""

    ACCEPTED = auto()
    CHANGED = auto()
    PARTIAL = auto()
    REJECTED = auto()
    HELD = auto()
    PENDING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """So much of a line on such a day; no day when none was stated."""

    quantity: Quantity
    promised: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedLine:
    """One order line and what was answered to it, in the base unit.

    Attributes:
        wanted: what the order asks for: ordered, less cancelled.
        confirmed: what will come; None when that was not said.
        backordered, rejected: what will come later at no known date; what will not come.
        unsaid: what nothing was said about: to be chased.
        schedule: the parts confirmed, each with its day.
        promised: the last of those days.
        price: the price named, per base units; None when none was.
        stated: the confirmed quantity as the supplier said it, where it said one.
        is_within: the deviations, if any, are inside the tolerances.
        cites: the rows of policy that were asked.
    """

    line: str
    item: str
    wanted: Quantity
    confirmed: Quantity | None
    backordered: Quantity
    rejected: Quantity
    unsaid: Quantity
    outcome: LineOutcome
    words: tuple[AnswerStatus, ...]
    schedule: tuple[Delivery, ...] = ()
    promised: date | None = None
    price: Price | None = None
    substitute: str | None = None
    stated: Quantity | None = None
    is_within: bool = True
    cites: tuple[str, ...] = ()


class AcknowledgmentState(StrEnum):
    """What an answer as a whole amounts to."""

    ACCEPTED = auto()
    PARTIAL = auto()
    CHANGED = auto()
    REJECTED = auto()
    PENDING = auto()
    STALE = auto()
    SUPERSEDED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgment:
    """A supplier's answer, kept as it came, with what it meant when it came.

    Attributes:
        id: follows from what it says, so that the same answer sent again is the same document.
        revision: the revision of the order that it answers.
        lines: the order lines that it speaks of, compared.
        findings: what was odd about it: header against lines, lines that nobody can place.
    """

    KIND: ClassVar[str] = "acknowledgment"

    id: str
    thread: str
    order: str
    revision: int
    supplier: str
    number: str | None
    state: AcknowledgmentState
    header: Header
    lines: tuple[ComparedLine, ...]
    discrepancies: tuple[Discrepancy, ...]
    findings: tuple[str, ...]
    issued: date | None
    source: str
    place: str
    received_at: datetime
    notes: tuple[LineNote, ...] = ()


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgmentReceived:
    """A supplier answered an order. ``is_answer``: it was more than contact, and it counts."""

    acknowledgment: str
    order: str
    thread: str
    revision: int
    state: AcknowledgmentState
    supplier: str
    number: str | None
    is_answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePromise:
    """What one answer promises of a line, and what stands after it; base units.

    Attributes:
        stated: the day that this answer names; None when it names none.
        promised: the day that stands now, of the latest statement that named one.
        first: the day of the earliest statement. Later answers never move it.
        confirmed: what will come, by the answer that stands.
        substitute: the item that comes instead; None when it is the item ordered.
    """

    line: str
    stated: date | None
    promised: date | None
    first: date | None
    confirmed: Quantity | None
    substitute: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnswered:
    """The supplier's answer stands on these lines; complete when none is awaited any more.

    Attributes:
        promises: of every line that the answer speaks of, also where a later one stands; empty
            in events that were kept before it was told.
    """

    order: str
    thread: str
    acknowledgment: str
    revision: int
    lines: tuple[str, ...]
    is_complete: bool
    promises: tuple[LinePromise, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseChange:
    """What is now to be expected of one line, and what was expected before; base units.

    Attributes:
        ordered: what the order asks for: ordered, less cancelled.
        confirmed: what will come.
        short: how much less than the order asks for; none when all of it comes.
        promised_before: the day expected before: promised, else needed.
        price: the price named; None when none was.
    """

    line: str
    item: str
    ordered: Quantity
    confirmed: Quantity
    short: Quantity
    promised_before: date
    promised: date | None
    price: Price | None = None
    schedule: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyPromiseChanged:
    """What is to be expected of an order changed; one event per answer, however many lines.

    Attributes:
        discrepancy: what a planner must look at; None when all is inside tolerance. One for the
            whole answer: one answer, one task.
    """

    order: str
    thread: str
    acknowledgment: str
    revision: int
    supplier: str
    site: str
    lane: Lane
    lines: tuple[PromiseChange, ...]
    discrepancy: Discrepancy | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgmentDiscrepancyFound:
    """An answer holds something that somebody other than the planner must look at."""

    order: str
    thread: str
    acknowledgment: str
    supplier: str
    site: str
    lane: Lane
    discrepancy: Discrepancy
