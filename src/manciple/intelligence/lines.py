"""The buyer's line board as pages read it: open order lines by tab, a page at a time.

Which lines stand on it, and at which stage, is kept in the transaction of what happened
(``processes.line_board``); quantities, days and whose turn it is are read with each page.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from typing import Protocol

from manciple.kernel.quantity import Quantity
from manciple.kernel.records import dataclass
from manciple.ordering.board import PLACES, SOON, Stage
from manciple.ordering.purchase_order import OrderState
from manciple.runtime.narrowing import Narrow
from manciple.runtime.queries import Page, Scope


class Tab(StrEnum):
    """Which lines are looked at: those of a stage, those of a time, or all."""

    RELEASE = auto()
    UNANSWERED = auto()
    CHANGED = auto()
    SOON = auto()
    LATE = auto()
    ALL = auto()

    @property
    def stage(self) -> Stage | None:
        """The stage that the tab shows; None where the clock decides, or nothing does."""
        return Stage(self.value) if self.value in set(Stage) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardQuery:
    """Which lines are wanted.

    Attributes:
        sites: of these sites alone; None is no limit. It narrows the reader's scope, never widens.
        text: stands somewhere in order, line, item, the supplier's item or the description.
    """

    tab: Tab = Tab.ALL
    supplier: str = ""
    sites: tuple[str, ...] | None = None
    text: str = ""


def narrow_of(query: BoardQuery, now: datetime) -> Narrow:
    """Say which rows of the board's worklist a query means, its tab included.

    A line is late at the very instant at which its day has ended.
    """
    tick = timedelta(microseconds=1)
    stage = query.tab.stage
    since = before = None
    if query.tab is Tab.LATE:
        before = now + tick
    elif query.tab is Tab.SOON:
        since, before = now + tick, now + SOON + tick
    return Narrow(
        since=since,
        before=before,
        sites=query.sites,
        supplier=query.supplier,
        priority=None if stage is None else PLACES[stage],
        words=tuple(query.text.lower().split()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One open line.

    Attributes:
        wanted: what the order asks for now, in the base unit.
        open: what is still to come.
        promise: the day that the supplier promised; None while it has promised none.
        stage: how far it is; None when it has left the board since the page was asked for.
        turn: who has to act: a person, a role, a supplier or a system.
        since: when it came to this stage.
        late_from: the instant from which on it is late.
        cases: the exceptions of the order that are open, as (number, code).
    """

    order: str
    thread: str
    line: str
    item: str
    description: str
    supplier: str
    site: str
    wanted: Quantity
    open: Quantity
    needed_by: date
    promise: date | None
    stage: Stage
    state: OrderState
    turn: str
    since: datetime
    late_from: datetime
    cases: tuple[tuple[str, str], ...] = ()

    @property
    def slip(self) -> int | None:
        """Calendar days by which the promise is after the need; negative is before."""
        return None if self.promise is None else (self.promise - self.needed_by).days

    def is_late(self, now: datetime) -> bool:
        """Say whether its day has ended; at that very instant it has."""
        return self.late_from <= now

    def is_owed(self, now: datetime) -> bool:
        """Say whether the supplier, who was told of it, owes an answer or late goods."""
        if self.stage is Stage.RELEASE:
            return False
        return self.stage is Stage.UNANSWERED or self.is_late(now)

    def is_soon(self, now: datetime) -> bool:
        """Say whether its day ends within the time in which a line is coming due."""
        return now < self.late_from <= now + SOON


class LineBoard(Protocol):
    """Who tells which lines are open: pages and commands read through this."""

    def page(
        self, query: BoardQuery, *, scope: Scope, now: datetime, after: str | None, limit: int
    ) -> Page[BoardRow]:
        """Give lines of a tab, the first to be late first.

        Raises:
            Refused: BAD_CURSOR.
        """
        ...

    def counts(self, query: BoardQuery, *, scope: Scope, now: datetime) -> Mapping[Tab, int]:
        """Count the lines of every tab under the query's other conditions."""
        ...

    def facets(self, *, scope: Scope) -> "Facets":
        """Give the suppliers and sites that have open lines."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What the board can be narrowed to, each in alphabetical order."""

    suppliers: tuple[str, ...]
    sites: tuple[str, ...]
