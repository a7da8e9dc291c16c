"""What a handler may do inside its transaction: the unit of work as a Protocol.

Everything asked for here is written in one commit with the command's own row, or not at all.
"""

from datetime import datetime
from typing import Protocol, TypeVar

from manciple.kernel.errors import MancipleError
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass
from manciple.runtime.documents import Document, Ref
from manciple.runtime.effects import Effect

D = TypeVar("D", bound=Document)
R = TypeVar("R")


class NotFoundError(MancipleError):
    """A document that somebody refers to is not there."""

    def __init__(self, kind: str, name: str) -> None:
        """Name what was looked for."""
        super().__init__(f"there is no {kind} {name}")
        self.kind, self.name = kind, name


class LostRaceError(MancipleError):
    """A lease, a timer or a version moved under us; nothing of the transaction was kept."""


class LeaseLostError(LostRaceError):
    """A claim or a timer is somebody else's by now; trying again can't help."""


class StoreError(MancipleError):
    """The database failed in the middle of a transaction: no handler's fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A row of a worklist: something that waits for exactly one owner.

    Attributes:
        id: the waiting thing's own id (an approval step, a case); putting it again replaces it.
        list: ``approval``, ``case``, ``quarantine``.
        owner: a person's id; None when any holder of ``role`` may take it.
        site, supplier: where it belongs, for filters and rights; empty if nowhere.
        priority: lower is earlier; ties by ``due_at``.
    """

    id: str
    list: str
    subject: Ref
    title: str
    role: str
    owner: str | None
    opened_at: datetime
    due_at: datetime | None
    site: str = ""
    supplier: str = ""
    priority: int = 100
    state: str = "open"


class Work(Protocol):
    """One command's view of the store: reads see what the same batch has already changed.

    Loading with ``find`` or ``get`` locks the document until the commit on databases that lock
    rows; ``peek`` does not, for reference data that this command will not change.
    """

    @property
    def at(self) -> datetime:
        """The command's instant; the only time a handler knows."""
        ...

    @property
    def leaves_at(self) -> datetime:
        """Before when nothing of it may leave the house: ``at``, or the end of its undo."""
        ...

    @property
    def actor(self) -> Actor:
        """Whoever acts."""
        ...

    @property
    def key(self) -> str:
        """The command's idempotency key: the seed of every id made here."""
        ...

    @property
    def correlation(self) -> str:
        """What joins all that comes of one cause."""
        ...

    def find(self, kind: type[D], name: str) -> D | None:
        """Load a document to change it, or None."""
        ...

    def get(self, kind: type[D], name: str) -> D:
        """Load a document to change it.

        Raises:
            NotFoundError: there is none.
        """
        ...

    def peek(self, kind: type[D], name: str) -> D | None:
        """Read a document that this command will not change, or None."""
        ...

    def version(self, document: Document) -> int:
        """How many events the document's stream has; 0 before its first save."""
        ...

    def save(
        self,
        document: Document,
        *events: object,
        touches: tuple[Ref, ...] = (),
    ) -> None:
        """Keep the document's new state with the events (at least one) that led to it.

        ``touches`` names the other objects that the events concern (OCEL relations).
        """
        ...

    def append(self, owner: str, *records: object) -> None:
        """Add rows that are never rewritten to their type's table, under ``owner``."""
        ...

    def records(self, kind: type[R], owner: str) -> tuple[R, ...]:
        """Give all rows of a type under ``owner``, in the order in which they were added."""
        ...

    def link(self, thread: str, document: Ref, *keys: str) -> None:
        """Put the document, and business keys that name it, on a thread of the trace index.

        A thread is a requisition's ref as text; ``keys`` are what people type: numbers of
        orders, shipments, invoices, interchanges, the supplier's own. Repeats do nothing.
        """
        ...

    def threads(self, key: str) -> tuple[str, ...]:
        """Give the threads that a business key or a document's ref lies on, sorted."""
        ...

    def refs(self, key: str) -> tuple[Ref, ...]:
        """Give the documents that a business key names, sorted."""
        ...

    def put_task(self, task: Task) -> None:
        """Put a row on a worklist, or replace the row of that id."""
        ...

    def drop_task(self, name: str) -> None:
        """Take a row off its worklist; nothing happens when it is not there."""
        ...

    def effect(self, effect: Effect) -> None:
        """Ask for something to be done outside, after the commit."""
        ...

    def timer(self, document: Ref, name: str, due_at: datetime, act: object) -> None:
        """Have ``act`` applied by this program at ``due_at``; replaces a timer of that name."""
        ...

    def cancel_timer(self, document: Ref, name: str) -> None:
        """Forget a timer; nothing happens when it is not there."""
        ...

    def next_number(self, counter: str) -> int:
        """Take the next number of a gap-free counter (1, 2, ...): kept only if the commit is."""
        ...

    def keep_bytes(self, data: bytes) -> str:
        """Keep raw bytes and give their SHA-256 in hex, by which they are found again.

        Raises:
            Refused: TOO_LARGE, more than 64 MiB.
        """
        ...

    def read_bytes(self, digest: str) -> bytes:
        """Give bytes kept earlier.

        Raises:
            NotFoundError: nobody kept such bytes.
        """
        ...
