"""The book of lives: what is remembered of each document, and the facts that follow from it.

    life before + event -> life after            facts before | facts after -> what changed

The facts are never looked up: they follow from the life, so the change is known from the two
lives alone, and an event that is followed twice would be noticed by its sequence, not here.
"""

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import TypeVar

from manciple.intelligence.metrics.approval import ApprovalLife, facts_of_approval
from manciple.intelligence.metrics.case import CaseLife, facts_of_case
from manciple.intelligence.metrics.fact import Fact, Restatement, restated
from manciple.intelligence.metrics.invoice import InvoiceLife, facts_of_invoice
from manciple.intelligence.metrics.need import NeedLife, facts_of_need
from manciple.intelligence.metrics.order import OrderLife, facts_of_order
from manciple.intelligence.metrics.place import Hand, Hours, Place, Somebody
from manciple.intelligence.metrics.stock import ShelfDayLife, ShelfLife, facts_of_day
from manciple.intelligence.metrics.told import Told
from manciple.kernel.records import dataclass

Life = (
    NeedLife
    | OrderLife
    | ApprovalLife
    | CaseLife
    | InvoiceLife
    | ShelfLife
    | ShelfDayLife
    | Place
    | Hours
    | Somebody
    | Hand
)
L = TypeVar(
    "L",
    NeedLife,
    OrderLife,
    ApprovalLife,
    CaseLife,
    InvoiceLife,
    ShelfLife,
    ShelfDayLife,
    Place,
    Hours,
    Somebody,
    Hand,
)
KINDS: dict[str, type[Life]] = {
    "requisition": NeedLife,
    "purchase-order": OrderLife,
    "approval": ApprovalLife,
    "case": CaseLife,
    "invoice": InvoiceLife,
    "shelf": ShelfLife,
    "shelf-day": ShelfDayLife,
    "site": Place,
    "supplier": Place,
    "calendar": Hours,
    "person": Somebody,
    "hand": Hand,
}
"""What is remembered under a key, by the word before its slash."""


def facts_of(life: Life | None) -> Iterator[Fact]:
    """Give the facts that follow from what is remembered of one document."""
    match life:
        case NeedLife():
            yield from facts_of_need(life)
        case OrderLife():
            yield from facts_of_order(life)
        case ApprovalLife():
            yield from facts_of_approval(life)
        case CaseLife():
            yield from facts_of_case(life)
        case InvoiceLife():
            yield from facts_of_invoice(life)
        case ShelfDayLife():
            yield from facts_of_day(life)
        case _:
            return


@dataclass(slots=True)
class Book:
    """The lives that one batch of events reads and changes, and what changed of their facts.

    Attributes:
        load: gives what was remembered before the batch.
        changed: the lives to keep.
        facts: by series and key, the fact as it is now with the sequence of the event that made
            it so; None for one that is no more.
        was: by series and key, the fact as it was before the batch; None where there was none.
        restated: in the order of the events.
    """

    load: Callable[[str], Life | None]
    changed: dict[str, Life] = field(default_factory=dict)
    facts: dict[tuple[str, str], tuple[Fact, int] | None] = field(default_factory=dict)
    was: dict[tuple[str, str], Fact | None] = field(default_factory=dict)
    restated: list[Restatement] = field(default_factory=list)
    _lives: dict[str, Life | None] = field(default_factory=dict)
    _facts: dict[str, dict[tuple[str, str], Fact]] = field(default_factory=dict)

    def get(self, kind: type[L], key: str) -> L | None:
        """Give what is remembered under a key; None where nothing is."""
        if key not in self._lives:
            self._lives[key] = self.load(key)
        life = self._lives[key]
        return life if isinstance(life, kind) else None

    def put(self, key: str, life: Life, told: Told) -> None:
        """Remember anew; the facts that change by it are caused by this event."""
        if key not in self._lives:
            self._lives[key] = self.load(key)
        if self._lives[key] == life:
            return
        before = self._facts.get(key)
        if before is None:
            before = {fact.name: fact for fact in facts_of(self._lives[key])}
        after = {fact.name: fact for fact in facts_of(life)}
        for name in self._names(before, after):
            self._change(name, before.get(name), after.get(name), told)
        self._lives[key] = self.changed[key] = life
        self._facts[key] = after

    def _names(
        self, before: dict[tuple[str, str], Fact], after: dict[tuple[str, str], Fact]
    ) -> Iterator[tuple[str, str]]:
        yield from after
        yield from (name for name in before if name not in after)

    def _change(
        self, name: tuple[str, str], before: Fact | None, after: Fact | None, told: Told
    ) -> None:
        if before == after:
            return
        self.was.setdefault(name, before)
        self.facts[name] = None if after is None else (after, told.sequence)
        self.restated += restated(
            before, after, sequence=told.sequence, event=told.type, at=told.at
        )
