"""Drafts: what one command has asked for so far, over what its batch has changed, over the store.

    Draft (one command)  ->  Batch (commands of one transaction)  ->  Store (committed before)

A refused command's draft is thrown away; an accepted one is absorbed by the batch.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from manciple.kernel.errors import MancipleError, Reason, Refused, refuse
from manciple.kernel.messages import Actor
from manciple.kernel.records import dataclass, replace
from manciple.runtime.codec import decode, encode
from manciple.runtime.documents import Document, Ref
from manciple.runtime.effects import Effect
from manciple.runtime.rows import LinkRow, Store, Stored, TimerRow, micros
from manciple.runtime.undoing import Memento
from manciple.runtime.work import LostRaceError, NotFoundError, Task

MOST_BYTES = 64 << 20
"""The largest thing that is kept in one piece."""
D = TypeVar("D", bound=Document)
R = TypeVar("R")


class DoubleEffectError(MancipleError):
    """Two effects under one key; nobody could tell them apart outside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Who and what an event comes from."""

    key: str
    actor: Actor
    at: datetime
    correlation: str
    door: str


@dataclass(frozen=True, slots=True)
class Happened:
    """An event on its way into a stream."""

    ref: str
    event: object
    touches: tuple[Ref, ...]
    cause: Cause


@dataclass(slots=True)
class Slot:
    """A document within a batch: how the store has it, and how it is now.

    Attributes:
        base: as stored, None while not loaded or when there is none.
        is_guessed: taken as this process last saw it; checked before the commit.
        is_wanted: some command loaded it to change it, so it may not move before the commit.
        added: the events that the batch's accepted commands added to it.
        is_gone: this batch took its making back.
    """

    base: Stored | None = None
    is_loaded: bool = False
    is_guessed: bool = False
    is_wanted: bool = False
    is_locked: bool = False
    document: Document | None = None
    added: int = 0
    is_gone: bool = False

    @property
    def is_absent(self) -> bool:
        """Whether it was looked for, and was not there."""
        return self.is_loaded and self.base is None


@dataclass(slots=True)
class Wanted:
    """What a transaction must have for itself: told by one try, locked first by the next.

    A first try locks nothing until its end, and then everything at once in one order, so that no
    two transactions wait for one another. If something moved meanwhile, the next try locks what
    this one wanted before it reads anything.
    """

    documents: set[str] = field(default_factory=set)
    counters: set[str] = field(default_factory=set)
    may_guess: bool = True
    """Whether documents may be taken as this process last saw them: only in a first try."""


@dataclass(slots=True)
class Changes:
    """Everything asked for, keyed so that a later wish replaces an earlier one."""

    documents: dict[str, Document] = field(default_factory=dict)
    events: list[Happened] = field(default_factory=list)
    records: dict[tuple[type, str], list[object]] = field(default_factory=dict)
    links: dict[LinkRow, None] = field(default_factory=dict)
    tasks: dict[str, Task | None] = field(default_factory=dict)
    effects: dict[str, tuple[Effect, Cause]] = field(default_factory=dict)
    timers: dict[str, tuple[Ref, datetime, object, Cause] | None] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    taken: list[tuple[str, object]] = field(default_factory=list)
    voided: list[tuple[str, str]] = field(default_factory=list)
    mementos: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)

    def absorb(self, other: "Changes") -> None:
        """Take over a later command's changes."""
        self.documents.update(other.documents)
        self.events += other.events
        for key, added in other.records.items():
            self.records.setdefault(key, []).extend(added)
        self.links.update(other.links)
        self.tasks.update(other.tasks)
        self.effects.update(other.effects)
        self.timers.update(other.timers)
        self.counters.update(other.counters)
        self.blobs.update(other.blobs)
        self.withdrawn -= other.documents.keys()
        self.withdrawn |= other.withdrawn
        self.taken += other.taken
        self.voided += other.voided
        self.mementos.update(other.mementos)


SURE = 100
"""Documents of a kind in a row that were looked for in vain; the next is taken for absent."""


def _kind(text: str) -> str:
    return text.partition("/")[0]


class Decoded:
    """Documents as this process last saw them, by reference, so that a bystander is read once."""

    def __init__(self, most: int) -> None:
        """Remember at most so many; 0 remembers nothing."""
        self._most = most
        self._kept: dict[str, tuple[int, bytes, Document]] = {}
        self._absent: dict[str, None] = {}
        self._missed: dict[str, int] = {}

    def document(self, text: str, stored: Stored, kind: type[D]) -> D:
        """Give the document of the stored bytes."""
        kept = self._kept.get(text)
        if kept is not None and kept[1] == stored.head and isinstance(kept[2], kind):
            return kept[2]
        document = decode(stored.body, kind)
        self.keep(text, stored.version, stored.head, document)
        return document

    def holds(self, text: str, stored: Stored, kind: type) -> bool:
        """Say whether the document is known at that head, without its bytes."""
        kept = self._kept.get(text)
        return kept is not None and kept[1] == stored.head and isinstance(kept[2], kind)

    def before(self, text: str, stored: Stored | None) -> Document | None:
        """Give the document as it was at that head; None when it is not known here."""
        kept = self._kept.get(text)
        return kept[2] if kept and stored and kept[1] == stored.head else None

    def guess(self, text: str) -> Stored | None:
        """Give version and head of a document as it was last seen, without its bytes."""
        kept = self._kept.get(text)
        return None if kept is None else Stored(kept[0], kept[1], b"")

    def forget(self, text: str) -> None:
        """Remember a document no more."""
        self._kept.pop(text, None)

    def is_absent(self, text: str) -> bool:
        """Say whether there is likely no such document.

        There was none when this process last looked, or none of the last `SURE` of its kind that
        were looked for and not known: most of what is looked for once is about to be made.
        """
        if text in self._kept:
            return False
        return text in self._absent or self._missed.get(_kind(text), 0) >= SURE

    def keep_there(self, text: str) -> None:
        """Remember that a document of its kind was there which this process did not know."""
        self._missed[_kind(text)] = 0

    def keep_absent(self, text: str) -> None:
        """Remember that there is no such document in the store."""
        if not self._most:
            return
        kind = _kind(text)
        self._missed[kind] = self._missed.get(kind, 0) + 1
        if len(self._absent) >= self._most:
            for oldest in list(self._absent)[: self._most // 8 + 1]:
                self._absent.pop(oldest, None)
        self._absent[text] = None

    def keep(self, text: str, version: int, head: bytes, document: Document) -> None:
        """Remember a document under the version and head that its stream has in the store."""
        if not self._most:
            return
        if len(self._kept) >= self._most:
            for oldest in list(self._kept)[: self._most // 8 + 1]:
                self._kept.pop(oldest, None)
        self._kept[text] = (version, head, document)
        self._absent.pop(text, None)


class Batch:
    """What the commands of one transaction have changed so far."""

    def __init__(self, store: Store, decoded: Decoded, wanted: Wanted) -> None:
        """Start with nothing changed, and with what an earlier try wanted locked."""
        self.store, self.decoded, self.wanted = store, decoded, wanted
        self.slots: dict[str, Slot] = {}
        self.changes = Changes()
        self.counted: dict[str, int] = {}
        self._records: dict[tuple[type, str], tuple[object, ...]] = {}
        if store.locks:  # documents before counters, as whoever writes without locking first
            self._load(wanted.documents, lock=True)
            for name in sorted(wanted.counters):
                store.counter(name, lock=True)

    def prefetch(self, texts: Iterable[str]) -> None:
        """Load documents that will be asked for, in one round trip."""
        unknown = {each for each in texts if each not in self.slots}
        self._load({each for each in unknown if not self._guess(each)}, lock=False)

    def hold(self) -> None:
        """Lock, in one order, all that was loaded to be changed; check what was guessed.

        What was not there can't be locked, and may have come while the locks were waited for: it
        is looked for again once they are held. Two commands that both want a document which is
        there are thereby one after the other for everything else that they looked for, too.

        Raises:
            LostRaceError: one of them moved, or came, since it was looked for.
        """
        for text, slot in self.slots.items():
            if slot.is_wanted or slot.added:
                self.wanted.documents.add(text)
        self.wanted.counters.update(self.changes.counters)
        wanted = self.wanted.documents & self.slots.keys()
        guessed = {text for text, slot in self.slots.items() if slot.is_guessed}
        if self.store.locks:
            absent = {text for text in wanted if self.slots[text].is_absent}
            self._look({t for t in wanted - absent if not self.slots[t].is_locked}, lock=True)
            self._look({t for t in guessed | absent if not self.slots[t].is_locked}, lock=False)
        else:
            self._look({t for t in wanted if not self.slots[t].is_loaded} | guessed, lock=False)

    def document(self, text: str, kind: type[D], *, lock: bool) -> D | None:
        """Give a document as the batch has it now; with ``lock`` it is wanted until the commit."""
        slot = self.slots.get(text)
        if slot is None or not slot.is_loaded:
            slot = self.loaded(text)
        if lock:
            slot.is_wanted = True
        document = slot.document
        if document is None and slot.base is not None and not slot.is_gone:
            document = slot.document = self._decode(text, slot, kind)
        return cast("D | None", document)

    def _decode(self, text: str, slot: Slot, kind: type[D]) -> D | None:
        """Read the document; what was forgotten since it was guessed is loaded after all.

        A stream without a document is one whose making was taken back.
        """
        assert slot.base is not None
        if slot.is_guessed and not self.decoded.holds(text, slot.base, kind):
            self._load([text], lock=False)
        if not slot.is_guessed and not slot.base.body:
            self.decoded.forget(text)
            return None
        return self.decoded.document(text, slot.base, kind)

    def loaded(self, text: str) -> Slot:
        """Give the document's slot with its base known."""
        slot = self.slots.get(text)
        if slot is None or not slot.is_loaded:
            if not self._guess(text):
                self._load([text], lock=False)
            slot = self.slots[text]
        return slot

    def _guess(self, text: str) -> bool:
        """Spare a statement: what was guessed wrong is found when it is locked or checked."""
        if not self.wanted.may_guess:
            return False
        stored = self.decoded.guess(text)
        if stored is None and not self.decoded.is_absent(text):
            return False
        slot = self.slot(text)
        slot.base, slot.is_loaded, slot.is_guessed = stored, True, True
        return True

    def slot(self, text: str) -> Slot:
        """Give the document's slot, an empty one if nobody asked for it yet."""
        slot = self.slots.get(text)
        if slot is None:
            slot = self.slots[text] = Slot()
        return slot

    def tasks(self, names: Iterable[str]) -> dict[str, Task | None]:
        """Give the rows of worklists as they are now."""
        wanted = list(names)
        mine = self.changes.tasks
        asked = [each for each in wanted if each not in mine]
        stored = self.store.tasks_named(asked) if asked else {}
        return {each: mine[each] if each in mine else stored.get(each) for each in wanted}

    def timers(self, keys: Iterable[str]) -> dict[str, TimerRow | None]:
        """Give the timers as they are now."""
        wanted = list(keys)
        mine = self.changes.timers
        asked = [each for each in wanted if each not in mine]
        stored = self.store.timers_named(asked) if asked else {}
        return {
            each: _timer_row(each, mine[each]) if each in mine else stored.get(each)
            for each in wanted
        }

    def stored_records(self, kind: type, owner: str) -> tuple[object, ...]:
        """Give the rows that were there before the batch."""
        key = (kind, owner)
        if key not in self._records:
            self._records[key] = tuple(self.store.records(kind, owner))
        return self._records[key]

    def _load(self, texts: Collection[str], *, lock: bool) -> None:
        if texts:
            wanted = sorted(texts)
            self._found(wanted, self.store.documents(wanted, lock=lock), lock=lock)

    def _look(self, texts: Collection[str], *, lock: bool) -> None:
        """Learn where the streams are, without the documents."""
        if texts:
            wanted = sorted(texts)
            self._found(wanted, self.store.heads(wanted, lock=lock), lock=lock)

    def _found(self, wanted: Sequence[str], found: Mapping[str, Stored], *, lock: bool) -> None:
        for text in wanted:
            slot, stored = self.slot(text), found.get(text)
            if stored is not None and slot.base is None:
                self.decoded.keep_there(text)
            if slot.is_loaded and not _same(stored, slot.base):
                raise LostRaceError(f"{text} moved between its reading and its locking")
            slot.base, slot.is_loaded, slot.is_guessed = stored, True, False
            slot.is_locked = slot.is_locked or (lock and stored is not None)
            if stored is None:
                self.decoded.keep_absent(text)


def _timer_row(key: str, wish: tuple[Ref, datetime, object, Cause] | None) -> TimerRow | None:
    if wish is None:
        return None
    document, due_at, act, cause = wish
    return TimerRow(
        key=key,
        due_at=micros(due_at),
        act=type(act).__name__,
        body=encode(act),
        document=str(document),
        version=0,
        correlation=cause.correlation,
    )


def _same(one: Stored | None, other: Stored | None) -> bool:
    """Say whether both are the same point of a stream; the bytes follow from its head."""
    if one is None or other is None:
        return one is other
    return (one.version, one.head) == (other.version, other.head)


class Draft:
    """One command's view of the store; see `runtime.work.Work` for what each word means."""

    def __init__(self, batch: Batch, cause: Cause, leaves_at: datetime | None = None) -> None:
        """Start with nothing asked for."""
        self._batch, self._cause = batch, cause
        self.leaves_at = leaves_at or cause.at
        self.changes = Changes()

    def acts_as(self, cause: Cause) -> None:
        """Go on as another act of the same command."""
        self._cause = cause

    @property
    def at(self) -> datetime:
        """Give the command's instant."""
        return self._cause.at

    @property
    def actor(self) -> Actor:
        """Give whoever acts."""
        return self._cause.actor

    @property
    def key(self) -> str:
        """Give the act's key."""
        return self._cause.key

    @property
    def correlation(self) -> str:
        """Give what joins all that comes of one cause."""
        return self._cause.correlation

    def find(self, kind: type[D], name: str) -> D | None:
        """Load a document to change it, or None."""
        text = f"{kind.KIND}/{name}"
        staged = self.changes.documents.get(text)
        if staged is not None:
            return cast("D", staged)
        return self._batch.document(text, kind, lock=True)

    def get(self, kind: type[D], name: str) -> D:
        """Load a document to change it."""
        document = self.find(kind, name)
        if document is None:
            raise NotFoundError(kind.KIND, name)
        return document

    def peek(self, kind: type[D], name: str) -> D | None:
        """Read a document that this command will not change, or None."""
        text = f"{kind.KIND}/{name}"
        staged = self.changes.documents.get(text)
        if staged is not None:
            return cast("D", staged)
        return self._batch.document(text, kind, lock=False)

    def version(self, document: Document) -> int:
        """Say how many events the document's stream has."""
        text = f"{document.KIND}/{document.id}"
        slot = self._batch.loaded(text)
        mine = sum(1 for each in self.changes.events if each.ref == text)
        return (slot.base.version if slot.base else 0) + slot.added + mine

    def save(self, document: Document, *events: object, touches: tuple[Ref, ...] = ()) -> None:
        """Keep the document's new state with the events that led to it."""
        if not events:
            raise MancipleError(f"{document.KIND}/{document.id} can't change without an event")
        text = f"{document.KIND}/{document.id}"
        self.changes.documents[text] = document
        for each in events:
            self.changes.events.append(Happened(text, each, touches, self._cause))

    def append(self, owner: str, *records: object) -> None:
        """Add rows to a record type's table."""
        for each in records:
            self.changes.records.setdefault((type(each), owner), []).append(each)

    def records(self, kind: type[R], owner: str) -> tuple[R, ...]:
        """Give all rows of a record type under an owner."""
        key = (kind, owner)
        rows: Sequence[object] = (
            *self._batch.stored_records(kind, owner),
            *self._batch.changes.records.get(key, ()),
            *self.changes.records.get(key, ()),
        )
        return cast("tuple[R, ...]", rows)

    def link(self, thread: str, document: Ref, *keys: str) -> None:
        """Put the document and its business keys on a thread."""
        text = str(document)
        for key in (text, *keys):
            if key:
                self.changes.links[LinkRow(key, thread, text)] = None

    def threads(self, key: str) -> tuple[str, ...]:
        """Give the threads that a key lies on, sorted."""
        return tuple(sorted({row.thread for row in self._links(key)}))

    def refs(self, key: str) -> tuple[Ref, ...]:
        """Give the documents that a business key names, sorted."""
        return tuple(sorted({Ref.parse(row.ref) for row in self._links(key)}))

    def put_task(self, task: Task) -> None:
        """Put a row on a worklist."""
        self.changes.tasks[task.id] = task

    def drop_task(self, name: str) -> None:
        """Take a row off its worklist."""
        self.changes.tasks[name] = None

    def effect(self, effect: Effect) -> None:
        """Ask for something to be done outside."""
        if effect.key in self.changes.effects or effect.key in self._batch.changes.effects:
            raise DoubleEffectError(f"an effect {effect.key} was already asked for")
        self.changes.effects[effect.key] = (effect, self._cause)

    def timer(self, document: Ref, name: str, due_at: datetime, act: object) -> None:
        """Have an act applied at an instant."""
        due = due_at.astimezone(UTC)
        self.changes.timers[f"{document}:{name}"] = (document, due, act, self._cause)

    def cancel_timer(self, document: Ref, name: str) -> None:
        """Forget a timer."""
        self.changes.timers[f"{document}:{name}"] = None

    # ---- taking back (runtime.rewinding alone) ----------------------------------------------

    def standing(self, text: str) -> int:
        """Say how many events a stream has, and hold it there until the commit."""
        slot = self._batch.loaded(text)
        slot.is_wanted = True
        return (slot.base.version if slot.base else 0) + slot.added

    def standing_tasks(self, names: Iterable[str]) -> dict[str, Task | None]:
        """Give the rows of worklists as they are now."""
        return self._batch.tasks(names)

    def standing_timers(self, names: Iterable[str]) -> dict[str, TimerRow | None]:
        """Give timers as they are now; None: there is none of that name any more."""
        return self._batch.timers(names)

    def free_effects(self, keys: Sequence[str]) -> dict[str, bool]:
        """Say of each effect whether nobody has ever claimed it."""
        mine = self._batch.changes.effects
        asked = [each for each in keys if each not in mine]
        free = self._batch.store.unclaimed(asked) if asked else frozenset()
        return {each: each in mine or each in free for each in keys}

    def memento(self, name: str) -> Memento:
        """Give what was before an act.

        Raises:
            Refused: UNDO_OVER, it was cleared away.
        """
        mine = self._batch.changes.mementos.get(name)
        body = mine[1] if mine else self._batch.store.memento(name)
        if body is None:
            raise Refused(Reason(code="UNDO_OVER", message="this can't be taken back any more"))
        return decode(body, Memento)

    def withdraw(self, document: Document, *events: object, touches: tuple[Ref, ...]) -> None:
        """Let a document be there no more; its stream stays, and says why."""
        self.save(document, *events, touches=touches)
        self.changes.withdrawn.add(f"{document.KIND}/{document.id}")

    def void_effect(self, key: str, undo: str) -> None:
        """Let an effect never be sent; it rests under a key of its own, so the key is free."""
        if self._batch.changes.effects.pop(key, None) is None:
            self.changes.voided.append((key, f"{key}~{undo}"))

    def take_record(self, owner: str, record: object) -> None:
        """Take a row of an index away."""
        mine = self._batch.changes.records.get((type(record), owner), [])
        if record in mine:
            mine.remove(record)
        else:
            self.changes.taken.append((owner, record))

    def restore_timer(
        self, document: Ref, name: str, due_at: datetime, act: object, correlation: str
    ) -> None:
        """Set a timer as it was, in its own correlation."""
        self.changes.timers[f"{document}:{name}"] = (
            document,
            due_at,
            act,
            replace(self._cause, correlation=correlation),
        )

    def next_number(self, counter: str) -> int:
        """Take the next number of a gap-free counter."""
        last = self.changes.counters.get(counter)
        if last is None:
            last = self._batch.changes.counters.get(counter)
        if last is None:
            last = self._batch.store.counter(counter, lock=False)
            self._batch.counted.setdefault(counter, last)
        self.changes.counters[counter] = last + 1
        return last + 1

    def keep_bytes(self, data: bytes) -> str:
        """Keep raw bytes under their SHA-256."""
        if len(data) > MOST_BYTES:
            raise refuse(
                "TOO_LARGE",
                f"{len(data)} bytes came, at most {MOST_BYTES} are kept in one piece",
                fix="send it in smaller files",
            )
        digest = hashlib.sha256(data).hexdigest()
        self.changes.blobs[digest] = data
        return digest

    def read_bytes(self, digest: str) -> bytes:
        """Give bytes kept earlier."""
        for changes in (self.changes, self._batch.changes):
            if digest in changes.blobs:
                return changes.blobs[digest]
        data = self._batch.store.blob(digest)
        if data is None:
            raise NotFoundError("bytes", digest)
        return data

    def _links(self, key: str) -> list[Any]:
        rows: list[Any] = list(self._batch.store.links(key))
        for changes in (self._batch.changes, self.changes):
            rows += [row for row in changes.links if row.key == key]
        return rows
