"""What doors read: documents with their versions, worklists, effects and the history.

Nothing here locks or changes anything. Rows are frozen; pages are walked by cursor, newest first,
and hold at most 200 rows. ``Scope`` says whose rows may be seen, and is part of the query itself.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from manciple.kernel.messages import Actor, Role
from manciple.kernel.records import dataclass
from manciple.runtime.documents import Document, Ref
from manciple.runtime.narrowing import ANY, MOST_COUNTED, Narrow, Tally
from manciple.runtime.work import Task

D = TypeVar("D", bound=Document)
Row = TypeVar("Row")
MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose rows may be seen: of these sites, of this supplier; None is no limit."""

    sites: tuple[str, ...] | None = None
    supplier: str | None = None

    def covers(self, *, site: str, supplier: str) -> bool:
        """Say whether a row may be seen. What belongs to no site is everybody's."""
        if self.supplier is not None and supplier != self.supplier:
            return False
        return self.sites is None or not site or site in self.sites


EVERYTHING = Scope()


def scope_of(actor: Actor) -> Scope:
    """Give what an actor may see: a supplier its own papers, a site's people their sites'."""
    if actor.supplier is not None or actor.has(Role.SUPPLIER):
        return Scope(supplier=actor.supplier or "")
    return Scope(sites=actor.sites or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored(Generic[D]):
    """A document with what the store knows of it."""

    document: D
    version: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Some rows and the cursor of the next page; None when this is the last."""

    rows: tuple[Row, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Generic[Row]):
    """The first rows of a list up to a bound, and how many more there are."""

    rows: tuple[Row, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An event as history keeps it.

    Attributes:
        seq: its place in the one sealed sequence; None until it is sealed.
        body: type, time, actor, command, correlation, objects and data, as JSON values.
    """

    n: int
    seq: int | None
    stream: str
    version: int
    type: str
    at: datetime
    hash: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectRow:
    """An effect as a person sees it."""

    key: str
    endpoint: str
    lane: str
    verb: str
    subject: str
    state: str
    attempts: int
    due_at: datetime
    result: Mapping[str, Any] | None
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRow:
    """A lane of an endpoint: what waits, what died, whether its breaker is open."""

    endpoint: str
    lane: str
    due: int
    dead: int
    failures: int
    open_until: datetime | None
    held: bool
    oldest_due: datetime | None


class Documents(Protocol):
    """Reads documents by number, or by kind and state."""

    def get(self, kind: type[D], name: str, *, scope: Scope = EVERYTHING) -> Stored[D] | None:
        """Give a document; None when it is not there or not within the scope."""
        ...

    def page(
        self,
        kind: type[D],
        *,
        scope: Scope = EVERYTHING,
        state: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Stored[D]]:
        """Give documents of a kind, newest first."""
        ...

    def exists(self, ref: Ref) -> bool:
        """Say whether there is such a document."""
        ...

    def count(self, kind: type[D]) -> int:
        """Count the documents of a kind."""
        ...

    def many(self, kind: type[D], names: Sequence[str]) -> Mapping[str, D]:
        """Give documents by number, in the order asked for; those that are not there are left out.

        One question to the database, however many; whoever asks has looked at their scope.
        """
        ...

    def stored(self, kind: type[D], names: Sequence[str]) -> Mapping[str, Stored[D]]:
        """Give documents by number with what the store knows of them, as ``many`` does."""
        ...


class Worklists(Protocol):
    """Reads what waits for somebody."""

    def about(self, keys: Sequence[str], *, name: str) -> tuple[Task, ...]:
        """Give the open rows of a worklist whose subjects bear some business keys, by id."""
        ...

    def tasks(
        self,
        name: str,
        *,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Task]:
        """Give open rows of a worklist, by priority, then due time.

        With ``owner`` and ``roles``: what that person owns, and what waits unowned for a role.
        """
        ...

    def heads(
        self,
        name: str,
        *,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        most: int,
    ) -> tuple[str, ...]:
        """Give the ids of the first ``most`` open rows, in the list's own order."""
        ...

    def named(self, ids: Sequence[str]) -> Mapping[str, Task]:
        """Give rows by id, open or not."""
        ...

    def of(
        self,
        subjects: Sequence[str],
        *,
        name: str,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
    ) -> tuple[Task, ...]:
        """Give those open rows of a worklist that are about some documents, by id."""
        ...

    def whole(
        self,
        name: str,
        *,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        most: int,
    ) -> Whole[Task]:
        """Give the first ``most`` open rows of a worklist in one piece, and count the rest."""
        ...

    def tallies(
        self, asked: Sequence[Tally], *, scope: Scope = EVERYTHING, most: int = MOST_COUNTED
    ) -> tuple[int, ...]:
        """Count open rows for each of what is asked, to ``most`` and no further, in one look."""
        ...


class History(Protocol):
    """Reads the event history and the effects."""

    def events(
        self, *, after: int = 0, limit: int = 100, stream: str | None = None
    ) -> Page[EventRow]:
        """Give events in the order in which they were written, after the serial ``after``."""
        ...

    def of(self, streams: Sequence[str], *, limit: int = 100) -> tuple[EventRow, ...]:
        """Give the newest ``limit`` events of some streams, in the order of writing."""
        ...

    def answered(self, keys: Sequence[str]) -> frozenset[str]:
        """Give those of the command keys that were answered before."""
        ...

    def effects(
        self,
        *,
        state: str | None = None,
        endpoint: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[EffectRow]:
        """Give effects, by key."""
        ...

    def effect(self, key: str) -> EffectRow | None:
        """Give one effect, or None."""
        ...

    def lanes(self) -> tuple[LaneRow, ...]:
        """Give every lane of every endpoint, sorted."""
        ...
