"""The store in memory: the same semantics as the databases, for tests and for trying things out.

bus = MemoryBus(Registry.of(handles, reacts))
applied = bus.apply([Command(key="k1", act=SubmitRequisition(...), actor=ana, at=now)])
bus.documents(Requisition), bus.events(), bus.effects(), bus.timers(), bus.tasks()
bus.fire(now)                       # applies the acts of all timers due by now
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, cast

from manciple.kernel.messages import Command
from manciple.runtime.applying import Otherwise, Result, run
from manciple.runtime.bus import Applied, Registry
from manciple.runtime.codec import decode, encode, record
from manciple.runtime.documents import Document, Ref
from manciple.runtime.draft import Decoded, DoubleEffectError
from manciple.runtime.effects import EffectEntry, EffectState, Lane
from manciple.runtime.history import Recorded, read
from manciple.runtime.rows import (
    DocumentRow,
    EffectRow,
    EventRow,
    LinkRow,
    Stored,
    TimerRow,
    Writes,
    moment,
)
from manciple.runtime.timers import Timer, fire_command, timer_of
from manciple.runtime.work import LostRaceError, Task

D = TypeVar("D", bound=Document)
E = TypeVar("E")


@dataclass(slots=True)
class _Effect:
    row: EffectRow
    state: EffectState = EffectState.DUE
    due_at: int = 0
    attempts: int = 0
    result: bytes = b"{}"
    settled_at: int | None = None


@dataclass(slots=True)
class _Tables:
    """The rows as they lie there; also what a transaction reads (`runtime.rows.Store`)."""

    answered: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    kept: dict[str, DocumentRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    appended: dict[tuple[type, str], list[bytes]] = field(default_factory=dict)
    index: dict[str, list[LinkRow]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    effects: dict[str, _Effect] = field(default_factory=dict)
    timers: dict[str, TimerRow] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)

    def commands(self, keys: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        return {key: self.answered[key] for key in keys if key in self.answered}

    def documents(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:  # noqa: ARG002
        rows = (self.kept[text] for text in refs if text in self.kept)
        return {row.ref: Stored(row.version, row.head, row.body) for row in rows}

    def records(self, kind: type, owner: str) -> Sequence[object]:
        return [decode(body, kind) for body in self.appended.get((kind, owner), ())]

    def links(self, key: str) -> Sequence[LinkRow]:
        return self.index.get(key, ())

    def counter(self, name: str) -> int:
        return self.counters.get(name, 0)

    def blob(self, digest: str) -> bytes | None:
        return self.blobs.get(digest)


class MemoryBus:
    """Applies commands to a store in memory; safe to share between threads."""

    def __init__(self, registry: Registry) -> None:
        """Start with an empty store."""
        self.registry = registry
        self._tables = _Tables()
        self._lock = threading.RLock()

    def apply(self, commands: Sequence[Command]) -> Applied:
        """Apply the commands in order in one transaction; each succeeds or is refused alone."""
        applied = self.attempt(commands)
        for reply in applied.replies:
            if reply.defect is not None:
                raise reply.defect
        return applied

    def attempt(
        self,
        commands: Sequence[Command],
        *,
        fired: Mapping[str, str] | None = None,
        otherwise: Otherwise | None = None,
    ) -> Applied:
        """Apply the commands; a defect is told in its reply.

        Args:
            commands: in the order in which they see one another's changes.
            fired: by command key, the timer that the command stands for.
            otherwise: gives what to apply in place of a command that was refused or broke.
        """
        with self._lock:
            result = run(
                self.registry, self._tables, commands, decoded=Decoded(0), otherwise=otherwise
            )
            self._keep(result, fired or {})
            return result.applied

    def documents(self, kind: type[D]) -> tuple[D, ...]:
        """Give all documents of a kind, in the order of their ids."""
        rows = [row for row in self._tables.kept.values() if row.kind == kind.KIND]
        return tuple(decode(row.body, kind) for row in sorted(rows, key=lambda row: row.id))

    def get(self, kind: type[D], name: str) -> D:
        """Give a document; raises KeyError when there is none."""
        return decode(self._tables.kept[f"{kind.KIND}/{name}"].body, kind)

    def version(self, ref: Ref) -> int:
        """Give how many events the document's stream has."""
        row = self._tables.kept.get(str(ref))
        return row.version if row else 0

    def events(self, stream: Ref | None = None) -> tuple[Recorded, ...]:
        """Give all events, or those of one stream, in the order in which they happened."""
        wanted = None if stream is None else str(stream)
        rows = self._tables.events
        return tuple(read(row.body) for row in rows if wanted in (None, row.stream))

    def happened(self, kind: type[E]) -> tuple[E, ...]:
        """Give the events of one type as its records, in the order in which they happened."""
        return tuple(
            record(each.data, kind) for each in self.events() if each.type == kind.__name__
        )

    def records(self, kind: type[E], owner: str) -> tuple[E, ...]:
        """Give the rows of a record type under an owner, in the order they were added."""
        return cast("tuple[E, ...]", tuple(self._tables.records(kind, owner)))

    def effects(self) -> tuple[EffectEntry, ...]:
        """Give all effects, in the order in which they were asked for."""
        return tuple(_entry(each) for each in self._tables.effects.values())

    def timers(self) -> tuple[Timer, ...]:
        """Give the timers that wait, the first due first."""
        rows = sorted(self._tables.timers.values(), key=lambda row: (row.due_at, row.key))
        return tuple(timer_of(row, self.registry) for row in rows)

    def tasks(self, name: str | None = None) -> tuple[Task, ...]:
        """Give the rows of all worklists or of one, the most urgent first."""
        rows = [t for t in self._tables.tasks.values() if name in (None, t.list)]
        return tuple(sorted(rows, key=lambda t: (t.priority, (t.due_at or t.opened_at), t.id)))

    def threads(self, key: str) -> tuple[str, ...]:
        """Give the threads that a business key lies on, sorted."""
        return tuple(sorted({row.thread for row in self._tables.links(key)}))

    def refs(self, key: str) -> tuple[Ref, ...]:
        """Give the documents that a business key names, sorted."""
        return tuple(sorted({Ref.parse(row.ref) for row in self._tables.links(key)}))

    def bytes_of(self, digest: str) -> bytes:
        """Give kept bytes; raises KeyError when nobody kept such."""
        return self._tables.blobs[digest]

    def fire(self, now: datetime) -> Applied:
        """Apply the acts of all timers due by ``now``, the first due first, each alone."""
        replies, lanes = [], set[tuple[str, Lane]]()
        while due := [timer for timer in self.timers() if timer.due_at <= now]:
            command = fire_command(due[0], now)
            applied = self.attempt([command], fired={command.key: due[0].key})
            (reply,) = applied.replies
            if reply.defect is not None:
                raise reply.defect
            replies.append(reply)
            lanes |= applied.lanes
        return Applied(replies=tuple(replies), lanes=frozenset(lanes))

    def _keep(self, result: Result, fired: Mapping[str, str]) -> None:
        """Write everything, or raise with nothing written."""
        tables, writes = self._tables, result.writes
        gone = [timer for key, timer in fired.items() if key not in result.broken]
        if any(timer not in tables.timers for timer in gone):
            raise LostRaceError("a timer was fired or moved by somebody else")
        for effect in writes.effects:
            if effect.key in tables.effects:
                raise DoubleEffectError(f"an effect {effect.key} was already asked for")
        appended = [(row, owner, encode(row)) for owner, row in writes.records]
        self._keep_documents(writes)
        for row, owner, body in appended:
            tables.appended.setdefault((type(row), owner), []).append(body)
        for name in (*gone, *writes.dropped_timers):
            tables.timers.pop(name, None)
        tables.timers.update({row.key: row for row in writes.timers})
        for link in writes.links:
            rows = tables.index.setdefault(link.key, [])
            if link not in rows:
                rows.append(link)
        tables.tasks.update({task.id: task for task in writes.tasks})
        for name in writes.dropped_tasks:
            tables.tasks.pop(name, None)
        for effect in writes.effects:
            tables.effects[effect.key] = _Effect(row=effect, due_at=effect.due_at)
        tables.counters.update(writes.counters)
        tables.blobs.update(writes.blobs)

    def _keep_documents(self, writes: Writes) -> None:
        tables = self._tables
        tables.answered.update({row.key: (row.digest, row.reply) for row in writes.commands})
        tables.kept.update({row.ref: row for row in writes.documents})
        tables.events += writes.events


def _entry(each: _Effect) -> EffectEntry:
    row = each.row
    return EffectEntry(
        key=row.key,
        endpoint=row.endpoint,
        lane=Lane(row.lane),
        verb=row.verb,
        subject=Ref.parse(row.subject),
        payload=row.payload,
        state=each.state,
        due_at=moment(each.due_at),
        attempts=each.attempts,
        correlation=row.correlation,
        result=decode(each.result, dict),
        asked_at=moment(row.at),
        settled_at=None if each.settled_at is None else moment(each.settled_at),
    )
