"""Rewinding: keeps what was before an act that can be taken back, and puts it back.

    offer    in the act's own transaction: mementos of documents, tasks and timers; effects wait
    undo     in one transaction: documents as they were, each with the event that says so; what the
             act made is there no more; ledgers get rows against; effects are void

Whether an effect was claimed meanwhile is decided by the database: it is voided only where nobody
has claimed it, in the same transaction, or nothing of the undo is kept and it is looked at again.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from manciple.kernel.messages import Command, Role
from manciple.kernel.records import replace
from manciple.runtime.bus import Handles
from manciple.runtime.codec import decode, encode
from manciple.runtime.documents import Ref
from manciple.runtime.draft import Batch, Changes, Draft
from manciple.runtime.rows import TimerRow, moment
from manciple.runtime.undoing import (
    MOST_SECONDS,
    ActUndone,
    KeptRecord,
    KeptTimer,
    Memento,
    Touched,
    Undo,
    UndoAct,
    Undoing,
    UndoOffered,
    check,
    dispatched,
    followed,
    undo_number,
)
from manciple.runtime.work import Task, Work

_PEOPLE = frozenset(Role) - {Role.SYSTEM, Role.SUPPLIER, Role.WAREHOUSE_SYSTEM}


def leaves_at(table: Undoing | None, command: Command) -> datetime:
    """Say before when nothing of a command may leave the house: while it can be taken back."""
    at = command.at.astimezone(UTC)
    if table is None or type(command.act) not in table.acts:
        return at
    return at + timedelta(seconds=max(0, min(command.undo_seconds, MOST_SECONDS)))


def offer(
    table: Undoing | None, draft: Draft, batch: Batch, command: Command, subject: Ref | None
) -> None:
    """Let the act be taken back for a while, if it is one of those that can be."""
    until = leaves_at(table, command)
    if table is None or until <= draft.at:
        return
    changes = draft.changes
    if not _can_put_back(table, changes):
        return
    name = undo_number(command.key)
    memento = _memento(draft, batch)
    touched = tuple(
        Touched(ref=text, version=draft.version(document))
        for text, document in changes.documents.items()
    )
    for key, (effect, cause) in changes.effects.items():
        due = until if effect.due_at is None else max(effect.due_at, until)
        changes.effects[key] = (replace(effect, due_at=due), cause)
    undo = Undo(
        id=name,
        key=command.key,
        act=type(command.act).__name__,
        by=command.actor.id,
        at=draft.at,
        until=until,
        subject="" if subject is None else str(subject),
        touched=touched,
        effects=tuple(changes.effects),
    )
    event = UndoOffered(
        undo=name,
        key=undo.key,
        act=undo.act,
        until=until,
        touched=tuple(each.ref for each in touched),
        effects=undo.effects,
    )
    draft.save(undo, event, touches=tuple(Ref.parse(each.ref) for each in touched))
    changes.mementos[name] = (until, encode(memento))


def _can_put_back(table: Undoing, changes: Changes) -> bool:
    documents = changes.documents.values()
    return (
        all(table.kinds.get(each.KIND) is type(each) for each in documents)
        and all(table.puts_back(kind) for kind, _ in changes.records)
        and all(name.startswith(table.counters) for name in changes.counters)
    )


def _memento(draft: Draft, batch: Batch) -> Memento:
    changes = draft.changes
    documents: dict[str, str | None] = {}
    for text, document in changes.documents.items():
        before = batch.document(text, type(document), lock=True)
        documents[text] = None if before is None else encode(before).decode()
    return Memento(
        documents=documents,
        tasks=batch.tasks(changes.tasks),
        left_tasks=dict(changes.tasks),
        left_timers=tuple(key for key, wish in changes.timers.items() if wish is not None),
        timers={
            key: None if row is None else _kept(row)
            for key, row in batch.timers(changes.timers).items()
        },
        records=tuple(
            KeptRecord(kind=kind.__name__, owner=owner, body=encode(each).decode())
            for (kind, owner), rows in changes.records.items()
            for each in rows
        ),
    )


def _kept(row: TimerRow) -> KeptTimer:
    return KeptTimer(
        document=row.document,
        due_at=moment(row.due_at),
        act=row.act,
        body=row.body.decode(),
        correlation=row.correlation,
    )


def handles(table: Undoing, acts: Mapping[str, type]) -> Handles:
    """Give the act that takes another back; ``acts`` are those that timers may hold, by name."""
    rewinder = _Rewinder(table, acts)
    return Handles(act=UndoAct, handle=rewinder.undo, by=_PEOPLE, reads=_offer_of)


def _offer_of(act: UndoAct) -> tuple[Ref, ...]:
    return (Ref(Undo.KIND, act.undo),)


class _Rewinder:
    def __init__(self, table: Undoing, acts: Mapping[str, type]) -> None:
        self._table, self._acts = table, acts

    def undo(self, work: Work, act: UndoAct) -> Ref:
        draft = cast("Draft", work)  # the only unit of work there is; undoing needs all of it
        undo = draft.get(Undo, act.undo)
        instead = self._table.instead_of(undo.act)
        check(undo, by=draft.actor.id, at=draft.at, instead=instead)
        for key, is_free in draft.free_effects(undo.effects).items():
            if not is_free:
                raise dispatched(key, instead)
        for each in undo.touched:
            if draft.standing(each.ref) != each.version:
                raise followed(each.ref)
        memento = draft.memento(undo.id)
        self._check_tasks(draft, memento)
        for key, row in draft.standing_timers(memento.left_timers).items():
            if row is None:
                raise followed(key.rpartition(":")[0])
        for each in undo.touched:
            self._put_back(draft, undo, each, memento.documents[each.ref])
        self._put_back_rows(draft, undo, memento)
        for key in undo.effects:
            draft.void_effect(key, undo.id)
        draft.save(
            replace(undo, undone_at=draft.at),
            ActUndone(undo=undo.id, key=undo.key, act=undo.act, by=undo.by),
            touches=tuple(Ref.parse(each.ref) for each in undo.touched),
        )
        return Ref.parse(undo.subject) if undo.subject else Ref(Undo.KIND, undo.id)

    def _check_tasks(self, draft: Draft, memento: Memento) -> None:
        for name, row in draft.standing_tasks(memento.left_tasks).items():
            left = memento.left_tasks[name]
            if row != left:
                raise followed(str((row or cast("Task", left)).subject))

    def _put_back(self, draft: Draft, undo: Undo, touched: Touched, body: str | None) -> None:
        ref = Ref.parse(touched.ref)
        kind = self._table.kinds[ref.kind]
        event = ActUndone(
            undo=undo.id, key=undo.key, act=undo.act, by=undo.by, was=touched.version
        )
        touches = (Ref(Undo.KIND, undo.id),)
        if body is None:
            draft.withdraw(draft.get(kind, ref.id), event, touches=touches)
        else:
            draft.get(kind, ref.id)
            draft.save(decode(body.encode(), kind), event, touches=touches)

    def _put_back_rows(self, draft: Draft, undo: Undo, memento: Memento) -> None:
        for name, task in memento.tasks.items():
            if task is None:
                draft.drop_task(name)
            else:
                draft.put_task(task)
        for name, timer in memento.timers.items():
            ref, _, word = name.rpartition(":")
            if timer is None:
                draft.cancel_timer(Ref.parse(ref), word)
                continue
            act: object = decode(timer.body.encode(), self._acts[timer.act])
            draft.restore_timer(Ref.parse(ref), word, timer.due_at, act, timer.correlation)
        for row in reversed(memento.records):
            kind = self._table.record_kind(row.kind)
            record: object = decode(row.body.encode(), kind)
            against = self._table.ledgers.get(kind)
            if against is None:
                draft.take_record(row.owner, record)
            else:
                draft.append(row.owner, against(record, undo.id))
