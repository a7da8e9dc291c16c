"""Rows as they lie in the store: what a commit writes, and what a transaction reads.

Everything here is a word, a whole number or bytes: times are microseconds since 1970 in UTC.
`runtime.applying` makes the rows; the adapters only load and keep them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import NamedTuple, Protocol

from manciple.kernel.records import dataclass
from manciple.runtime.work import Task

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000


def micros(at: datetime) -> int:
    """Give an aware time as microseconds since 1970, exactly."""
    since = at - _EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def moment(value: int) -> datetime:
    """Give the aware UTC time of microseconds since 1970, exactly."""
    return _EPOCH + timedelta(microseconds=value)


class CommandRow(NamedTuple):
    """A command that was answered, so that a repeat of its key is answered alike."""

    key: str
    act: str
    at: int
    digest: bytes
    reply: bytes


class Stays(Enum):
    """What of a document's place in lists is in the store already."""

    NOT_KNOWN = auto()
    OWNERS = auto()
    ALL = auto()


class DocumentRow(NamedTuple):
    """A document's new state; ``was`` is the version that it must still have in the store.

    ``site`` and ``supplier`` say whose it is, for rights; empty when it is nobody's. ``stays``
    says which of them, and of the state, are in the store already as they are here: what does not
    change need not be written anew in any list.
    """

    ref: str
    kind: str
    id: str
    state: str
    version: int
    head: bytes
    body: bytes
    at: int
    site: str
    supplier: str
    was: int
    stays: Stays = Stays.NOT_KNOWN


def gone_row(ref: str, version: int, head: bytes, at: int, was: int) -> DocumentRow:
    """Give the row of a document that is there no more: its making was taken back.

    It keeps its place in the stream, so that its history goes on; no list of a kind shows it.
    """
    return DocumentRow(
        ref=ref,
        kind="",
        id=ref.partition("/")[2],
        state="undone",
        version=version,
        head=head,
        body=b"",
        at=at,
        site="",
        supplier="",
        was=was,
    )


class EventRow(NamedTuple):
    """An event with the exact bytes that were hashed."""

    stream: str
    version: int
    type: str
    hash: bytes
    body: bytes
    at: int


class EffectRow(NamedTuple):
    """An effect when it is asked for."""

    key: str
    endpoint: str
    lane: str
    verb: str
    subject: str
    payload: bytes
    due_at: int
    at: int
    correlation: str
    business_key: str
    needed: int


class TimerRow(NamedTuple):
    """A timer: the act that this program applies when it is due."""

    key: str
    due_at: int
    act: str
    body: bytes
    document: str
    version: int
    correlation: str


class LinkRow(NamedTuple):
    """A business key of a document on a thread of the trace index."""

    key: str
    thread: str
    ref: str


class Stored(NamedTuple):
    """A document as the store gives it."""

    version: int
    head: bytes
    body: bytes


@dataclass(slots=True, kw_only=True)
class Writes:
    """All that one commit writes.

    Attributes:
        taken_records: rows of indexes that go, by owner, because their act was taken back.
        unlinked: documents that are there no more, and lie on no thread.
        voided: effects that must not have been claimed, and the keys under which they rest.
        mementos: what was before an act, by the number of its undo, and until when it is wanted.
    """

    commands: list[CommandRow] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    records: list[tuple[str, object]] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    dropped_tasks: list[str] = field(default_factory=list)
    effects: list[EffectRow] = field(default_factory=list)
    timers: list[TimerRow] = field(default_factory=list)
    dropped_timers: list[str] = field(default_factory=list)
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    taken_records: list[tuple[str, object]] = field(default_factory=list)
    unlinked: list[str] = field(default_factory=list)
    voided: list[tuple[str, str]] = field(default_factory=list)
    mementos: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)


class Store(Protocol):
    """What a transaction can read: the state before it. Each method may be a round trip."""

    locks: bool
    """Whether others may write while this transaction runs, so that rows must be locked."""

    def commands(self, keys: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        """Give digest and reply of the keys that were answered before."""
        ...

    def documents(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:
        """Give those of the documents that exist; locked until the commit where rows lock."""
        ...

    def heads(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:
        """Give the same without the documents' bytes."""
        ...

    def records(self, kind: type, owner: str) -> Sequence[object]:
        """Give the rows of a record type under an owner, in the order they were added."""
        ...

    def links(self, key: str) -> Sequence[LinkRow]:
        """Give the trace index's rows of a business key."""
        ...

    def counter(self, name: str, *, lock: bool) -> int:
        """Give a counter's last number, 0 before the first."""
        ...

    def blob(self, digest: str) -> bytes | None:
        """Give kept bytes by their digest."""
        ...

    def tasks_named(self, names: Sequence[str]) -> Mapping[str, Task]:
        """Give those of the tasks that exist."""
        ...

    def timers_named(self, keys: Sequence[str]) -> Mapping[str, TimerRow]:
        """Give those of the timers that wait."""
        ...

    def unclaimed(self, keys: Sequence[str]) -> frozenset[str]:
        """Give those of the effects that nobody has ever claimed to send."""
        ...

    def memento(self, name: str) -> bytes | None:
        """Give what was before an act that can be taken back."""
        ...
