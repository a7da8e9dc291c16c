"""The order-line ledger: every quantity ever stated about one order line.

Each document posts to the ledger and no posting is rewritten. What is open, short
or over is summed when asked for, never stored.

    ordered 108 -> acknowledged 96 -> shipped 96 -> received 94 -> invoiced 96   (EA)

Two people can read the same postings in any order and see the same sums; that is why the order
in which documents arrive can't matter.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum, auto
from typing import Self

from manciple.kernel.errors import MancipleError
from manciple.kernel.quantity import Quantity, UnitMismatchError, total
from manciple.kernel.records import dataclass, replace
from manciple.kernel.units import Unit
from manciple.runtime.work import Work


class Stage(StrEnum):
    """What a posted quantity means, in the order that goods and papers move."""

    ORDERED = auto()
    CANCELLED = auto()
    ACKNOWLEDGED = auto()
    SHIPPED = auto()
    RECEIVED = auto()
    ACCEPTED = auto()
    RETURNED = auto()
    TO_BE_REPLACED = auto()
    """The part of RETURNED that the supplier will deliver again; posted beside it."""
    SHORT_CLOSED = auto()
    INVOICED = auto()
    CREDITED = auto()


class WrongLineError(MancipleError):
    """A posting of one order line was put into the ledger of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One statement by one document about one order line.

    Attributes:
        line: the order line's number.
        quantity: in the item's base unit, so that postings add exactly.
        stated: as the document said it, for example 8 cases; kept for the reader.
        source: the document and its line, for example ``855/4711/3``.
        reason: why, where the document says so.
        effective: the day on which it counts.
        item: the substitute that came or went back; None: the item ordered. Source: D-22.
    """

    stage: Stage
    line: str
    quantity: Quantity
    stated: Quantity
    source: str
    reason: str | None = None
    effective: date
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLedger:
    """All postings of one order line, in the item's base unit."""

    line: str
    unit: Unit
    postings: tuple[Posting, ...] = ()

    def post(self, posting: Posting) -> Self:
        """Add a movement: goods shipped or received, or a quantity invoiced.

        Raises:
            UnitMismatchError: the posting is not in the item's base unit.
            WrongLineError: the posting is about another line.
        """
        if posting.quantity.unit is not self.unit:
            raise UnitMismatchError(self.unit, posting.quantity.unit)
        if posting.line != self.line:
            raise WrongLineError(f"a posting of line {posting.line} came to line {self.line}")
        return replace(self, postings=(*self.postings, posting))

    def step(self, posting: Posting) -> Posting:
        """Give the posting that brings its stage to the total that ``posting`` states."""
        return replace(posting, quantity=posting.quantity - self.total(posting.stage))

    def restate(self, posting: Posting) -> Self:
        """Post the step to a new total: a second acknowledgment restates the first."""
        return self.post(self.step(posting))

    def total(self, stage: Stage) -> Quantity:
        """Sum what was posted at ``stage``, in the base unit."""
        return total([p.quantity for p in self.postings if p.stage is stage], self.unit)

    @property
    def wanted(self) -> Quantity:
        """What the order still asks for in all: ordered, less what was cancelled."""
        return self.total(Stage.ORDERED) - self.total(Stage.CANCELLED)

    @property
    def open_to_receive(self) -> Quantity:
        """Still expected; none when everything came, however much it was.

        What was ordered is never lowered: an order change posts what it cancels.
        """
        return max(self._balance, Quantity.zero(self.unit))

    @property
    def open_to_ship(self) -> Quantity:
        """Not yet announced by the supplier; none when all of it, or more, is."""
        left = self.wanted + self.total(Stage.TO_BE_REPLACED) - self.total(Stage.SHIPPED)
        return max(left, Quantity.zero(self.unit))

    @property
    def over(self) -> Quantity:
        """Received above what the order still asked for. Source: domain rule P-01, 4.7 A."""
        ceiling = max(
            self.wanted + self.total(Stage.TO_BE_REPLACED) - self.total(Stage.SHORT_CLOSED),
            Quantity.zero(self.unit),
        )
        return max(self.total(Stage.RECEIVED) - ceiling, Quantity.zero(self.unit))

    def came_as(self, receipt: str | None) -> str | None:
        """Give the substitute that a receipt brought, or the newest one where none is named.

        None where it brought the item ordered, or both.
        """
        name = "receipt/" if receipt is None else f"receipt/{receipt}/"
        came = [
            posting
            for posting in self.postings
            if posting.stage is Stage.RECEIVED and posting.source.startswith(name)
        ]
        if receipt is None:
            newest = max(came, key=lambda posting: posting.effective, default=None)
            return None if newest is None else newest.item
        found = tuple(dict.fromkeys(posting.item for posting in came))
        return found[0] if len(found) == 1 else None

    def is_mixed(self, receipt: str) -> bool:
        """Say whether a receipt brought more than one item on this line."""
        items = {
            posting.item
            for posting in self.postings
            if posting.stage is Stage.RECEIVED and posting.source.startswith(f"receipt/{receipt}/")
        }
        return len(items) > 1

    @property
    def billable(self) -> Quantity:
        """Received and kept: what may be billed. Source: domain rule D-06, ruling 4.7 A."""
        return self.total(Stage.RECEIVED) - self.total(Stage.RETURNED)

    @property
    def invoiced_net(self) -> Quantity:
        """Billed so far, less quantities credited."""
        return self.total(Stage.INVOICED) - self.total(Stage.CREDITED)

    @property
    def received_not_invoiced(self) -> Quantity:
        """The line's share of goods-received/invoice-received (GR/IR) clearing."""
        return self.total(Stage.RECEIVED) - self.total(Stage.INVOICED)

    @property
    def _balance(self) -> Quantity:
        given_up = self.total(Stage.CANCELLED) + self.total(Stage.SHORT_CLOSED)
        asked = self.total(Stage.ORDERED) + self.total(Stage.TO_BE_REPLACED)
        return asked - given_up - self.total(Stage.RECEIVED)


def ledgers(postings: Iterable[Posting]) -> Mapping[str, LineLedger]:
    """Sort an order's postings into one ledger per line, lines in the order they first appear."""
    found: dict[str, list[Posting]] = {}
    for posting in postings:
        found.setdefault(posting.line, []).append(posting)
    return {
        line: LineLedger(line=line, unit=rows[0].quantity.unit, postings=tuple(rows))
        for line, rows in found.items()
    }


def shipment_source(shipment: str, line: str) -> str:
    """Name the source of what a shipment brings on a line; receipts look for it again."""
    return f"shipment/{shipment}/{line}"


def ledgers_of(work: Work, order: str) -> Mapping[str, LineLedger]:
    """Read the ledgers of an order's lines, by line number."""
    return ledgers(work.records(Posting, order))


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A law of the ledger that does not hold on a line: what it wants and what there is."""

    law: str
    line: str
    text: str


def invariants(ledger: LineLedger) -> tuple[Breach, ...]:
    """Check the laws of one line's ledger and list every breach; empty when all hold.

    balance     ordered + over + to be replaced = open + received + short-closed + cancelled
    not below zero   of every stage
    never lowered    an ORDERED posting adds
    posted once      one document line states one thing at a stage
    at most          cancelled <= ordered; accepted <= received; returned <= received;
                     to be replaced <= returned
    one unit         all postings are in the base unit, and of this line

    Source: domain rule P-01 with its ruling in 4.7 A.
    """
    strays = [p for p in ledger.postings if p.quantity.unit is not ledger.unit]
    if strays:
        units = ", ".join(sorted({p.quantity.unit.value for p in strays}))
        return (_breach(ledger, "one unit", f"postings in {units}, not {ledger.unit.value}"),)
    return (
        *_strangers(ledger),
        *_balance(ledger),
        *_below_zero(ledger),
        *_lowered(ledger),
        *_doubles(ledger),
        *_at_most(ledger),
    )


def _strangers(ledger: LineLedger) -> Iterable[Breach]:
    for line in sorted({p.line for p in ledger.postings} - {ledger.line}):
        yield _breach(ledger, "one line", f"a posting is of line {line}")


def _balance(ledger: LineLedger) -> Iterable[Breach]:
    of = ledger.total
    wanted = of(Stage.ORDERED) + ledger.over + of(Stage.TO_BE_REPLACED)
    given_up = of(Stage.SHORT_CLOSED) + of(Stage.CANCELLED)
    there = ledger.open_to_receive + of(Stage.RECEIVED) + given_up
    if wanted != there:
        text = (
            f"ordered {of(Stage.ORDERED)} + over {ledger.over}"
            f" + to be replaced {of(Stage.TO_BE_REPLACED)} = {wanted}, but"
            f" open {ledger.open_to_receive} + received {of(Stage.RECEIVED)}"
            f" + short-closed {of(Stage.SHORT_CLOSED)} + cancelled {of(Stage.CANCELLED)} = {there}"
        )
        yield _breach(ledger, "balance", text)


def _below_zero(ledger: LineLedger) -> Iterable[Breach]:
    for stage in Stage:
        there = ledger.total(stage)
        if there.value < 0:
            yield _breach(ledger, "not below zero", f"{stage.value} is {there}")


def _lowered(ledger: LineLedger) -> Iterable[Breach]:
    for posting in ledger.postings:
        if posting.stage is Stage.ORDERED and posting.quantity.value < 0:
            text = f"{posting.source} lowers the ordered quantity by {-posting.quantity}"
            yield _breach(ledger, "never lowered", text)


def _doubles(ledger: LineLedger) -> Iterable[Breach]:
    seen: set[tuple[Stage, str]] = set()
    for posting in ledger.postings:
        if (posting.stage, posting.source) in seen:
            yield _breach(ledger, "posted once", f"{posting.source} {posting.stage.value} twice")
        seen.add((posting.stage, posting.source))


_LESS_THAN = (
    (Stage.CANCELLED, Stage.ORDERED),
    (Stage.ACCEPTED, Stage.RECEIVED),
    (Stage.RETURNED, Stage.RECEIVED),
    (Stage.TO_BE_REPLACED, Stage.RETURNED),
)
"""Stages that never pass another, one pair per row: (part, whole)."""


def _at_most(ledger: LineLedger) -> Iterable[Breach]:
    for part, whole in _LESS_THAN:
        some, most = ledger.total(part), ledger.total(whole)
        if some > most:
            text = f"{part.value} {some} is above {whole.value} {most}"
            yield _breach(ledger, "at most", text)


def _breach(ledger: LineLedger, law: str, text: str) -> Breach:
    return Breach(law=law, line=ledger.line, text=text)
