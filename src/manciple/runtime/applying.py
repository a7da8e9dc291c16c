"""Applying: what becomes of commands, worked out once for every store there is.

    known key?  -> the first answer again
    may the actor ask?  -> handler -> events -> reactions -> further acts, breadth first
    any of them refused  -> the whole command is refused with that reason, nothing of it is kept
    a defect (any other exception)  -> nothing of that command is kept, its neighbours go on

A follow-up act runs as `SYSTEM` under the key ``KEY>3:PlaceOrder`` and in its command's
correlation; only the command itself has an answer row, for only it can be repeated.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date

from manciple.kernel.errors import MancipleError, Reason, Refused, refuse
from manciple.kernel.messages import SYSTEM, Command, Role
from manciple.kernel.records import dataclass, replace
from manciple.runtime import rewinding, texts
from manciple.runtime.bus import Answer, Applied, Handles, Registry, Reply
from manciple.runtime.chain import GENESIS, link
from manciple.runtime.codec import decode, encode
from manciple.runtime.documents import Document, Ref
from manciple.runtime.draft import Batch, Cause, Changes, Decoded, Draft, Wanted
from manciple.runtime.effects import Lane
from manciple.runtime.history import Recorded
from manciple.runtime.rows import (
    CommandRow,
    DocumentRow,
    EffectRow,
    EventRow,
    Stays,
    Store,
    TimerRow,
    Writes,
    gone_row,
    micros,
)
from manciple.runtime.work import LostRaceError, NotFoundError, StoreError

Otherwise = Callable[[Command, Reply], Command | None]
"""What to apply, in the same transaction, in place of a command that was refused or broke."""

MOST_FOLLOWING = 1000
"""Acts that may follow from one command; more is a circle of reactions."""


_GONE = Reason(code="TIMER_GONE", message="the timer was cancelled or moved before it fired")


class EndlessError(MancipleError):
    """Reactions that lead to one another without end."""


@dataclass(slots=True, kw_only=True)
class _Answered:
    """A command's answer, before the versions of the batch are known."""

    command: Command
    digest: bytes
    refusals: tuple[Reason, ...] = ()
    subject: Ref | None = None
    added: int = 0
    defect: Exception | None = None
    before: Reply | None = None
    is_kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A transaction's worth: the answers, and what to write so that they become true."""

    applied: Applied
    writes: Writes
    broken: frozenset[str]
    documents: Mapping[str, tuple[int, bytes, Document]]


def run(
    registry: Registry,
    store: Store,
    commands: Sequence[Command],
    *,
    decoded: Decoded,
    fired: Mapping[str, str] | None = None,
    otherwise: Otherwise | None = None,
    wanted: Wanted | None = None,
    reads: Sequence[Ref] = (),
) -> Result:
    """Work out what the commands change, in their order, each seeing the ones before it.

    Args:
        registry: handlers and reactions.
        store: what was committed before.
        commands: what is asked for.
        decoded: documents decoded lately.
        fired: by command key, the timer that the command stands for; when an earlier command of
            this batch cancelled or moved that timer, the command is not applied.
        otherwise: gives what to apply in place of a command that was refused or broke.
        wanted: what an earlier try that lost a race wanted to lock; told anew by this one.
        reads: documents that the handlers will ask for.
    """
    batch = Batch(store, decoded, Wanted() if wanted is None else wanted)
    batch.prefetch(str(each) for each in reads)
    return _Run(registry, batch, fired or {}).run(commands, otherwise)


def _digest(command: Command, act: bytes) -> bytes:
    """Give what a repeat of the command's key must have in common with it: act and actor."""
    head = f"{type(command.act).__name__}\0{command.actor.id}\0".encode()
    return hashlib.sha256(head + act).digest()


def _listed(document: Document) -> tuple[str, str, str]:
    """Give what lists are ordered by: the document's state, site and supplier."""
    site, supplier = getattr(document, "site", ""), getattr(document, "supplier", "")
    return f"{document.state}", str(site or ""), str(supplier or "")


def _stays(before: Document | None, listed: tuple[str, str, str]) -> Stays:
    if before is None:
        return Stays.NOT_KNOWN
    was = _listed(before)
    if was == listed:
        return Stays.ALL
    return Stays.OWNERS if was[1:] == listed[1:] else Stays.NOT_KNOWN


class _Run:
    def __init__(self, registry: Registry, batch: Batch, fired: Mapping[str, str]) -> None:
        self._registry, self._batch, self._fired = registry, batch, fired
        self._known: dict[str, _Answered] = {}
        self._stored: Mapping[str, tuple[bytes, bytes]] = {}

    def run(self, commands: Sequence[Command], otherwise: Otherwise | None) -> Result:
        self._stored = self._batch.store.commands([each.key for each in commands])
        self._prefetch(commands)
        answers = [self._answer(each) for each in commands]
        instead = list(self._instead(answers, otherwise)) if otherwise else []
        return self._finish([*answers, *instead], len(answers))

    def _prefetch(self, commands: Iterable[Command]) -> None:
        texts: set[str] = set()
        for each in commands:
            handles = self._registry.handlers.get(type(each.act))
            if handles is not None and handles.reads is not None and each.key not in self._stored:
                texts.update(str(ref) for ref in handles.reads(each.act))
        if texts:
            self._batch.prefetch(texts)

    def _instead(self, answers: Sequence[_Answered], otherwise: Otherwise) -> Iterable[_Answered]:
        for each in answers:
            reply = each.before or self._reply(each)
            if not reply.is_done:
                command = otherwise(each.command, reply)
                if command is not None:
                    self._stored = {**self._stored, **self._batch.store.commands([command.key])}
                    yield self._answer(command)

    def _answer(self, command: Command) -> _Answered:
        try:
            act = encode(command.act)
        except UnicodeEncodeError:
            faults = texts.faults_within(command.act)
            return _Answered(command=command, digest=b"", refusals=faults, is_kept=False)
        except Exception as defect:  # noqa: BLE001  belongs to the caller of this one command
            return _Answered(command=command, digest=b"", defect=defect, is_kept=False)
        digest = _digest(command, act)
        known = self._again(command, digest)
        if known is not None:
            return known
        if faults := texts.faults_of(act, command.door):
            return _Answered(command=command, digest=digest, refusals=faults, is_kept=False)
        if self._fired.get(command.key) in self._batch.changes.timers:
            return _Answered(command=command, digest=digest, refusals=(_GONE,), is_kept=False)
        answered = self._apply(command, digest)
        if answered.is_kept:
            self._known[command.key] = answered
        return answered

    def _again(self, command: Command, digest: bytes) -> _Answered | None:
        """Give the first answer again, or refuse a key that came with another act."""
        if (first := self._known.get(command.key)) is not None:
            if first.digest == digest:
                return replace(
                    first, before=replace(self._reply(first), repeated=True), is_kept=False
                )
        elif (stored := self._stored.get(command.key)) is not None:
            if stored[0] == digest:
                answer = decode(stored[1], Answer)
                reply = Reply(
                    key=command.key,
                    refusals=answer.refusals,
                    subject=answer.subject,
                    version=answer.version,
                    repeated=True,
                )
                return _Answered(command=command, digest=digest, before=reply, is_kept=False)
        else:
            return None
        reason = Reason(
            code="KEY_REUSED",
            message=f"key {command.key} was used before for another act or by another actor",
            rule="X-01",
            fix="send a new act under a new key; repeat an act unchanged",
        )
        return _Answered(command=command, digest=digest, refusals=(reason,), is_kept=False)

    def _apply(self, command: Command, digest: bytes) -> _Answered:
        cause = Cause(
            key=command.key,
            actor=command.actor,
            at=command.at.astimezone(UTC),
            correlation=command.cause,
            door=command.door,
        )
        until = rewinding.leaves_at(self._registry.undoing, command)
        draft = Draft(self._batch, cause, until)
        try:
            handles = self._handles(command.act)
            _check_asker(handles, command)
            self._check_expected(command)
        except Refused as refused:
            return _Answered(
                command=command, digest=digest, refusals=refused.reasons, is_kept=False
            )
        except (LostRaceError, StoreError):
            raise
        except MancipleError as defect:
            return _Answered(command=command, digest=digest, defect=defect, is_kept=False)
        try:
            subject = self._act_and_follow(draft, cause, handles, command.act)
            draft.acts_as(cause)
            rewinding.offer(self._registry.undoing, draft, self._batch, command, subject)
        except Refused as refused:
            return _Answered(command=command, digest=digest, refusals=refused.reasons)
        except NotFoundError as missing:
            reason = Reason(
                code="NOT_FOUND",
                message=str(missing),
                fix=f"name a {missing.kind} that exists",
            )
            return _Answered(command=command, digest=digest, refusals=(reason,))
        except (LostRaceError, StoreError):
            raise
        except Exception as defect:  # noqa: BLE001  belongs to the caller of this one command
            defect.add_note(f"in command {command.key}: {type(command.act).__name__}")
            return _Answered(command=command, digest=digest, defect=defect, is_kept=False)
        self._absorb(draft.changes)
        text = str(subject)
        slot = self._batch.slots.get(text) if subject else None
        return _Answered(
            command=command, digest=digest, subject=subject, added=slot.added if slot else 0
        )

    def _act_and_follow(
        self, draft: Draft, cause: Cause, handles: Handles, act: object
    ) -> Ref | None:
        subject = handles.handle(draft, act)
        following: deque[object] = deque()
        done = count = 0
        while True:
            done = self._react(draft, done, following)
            if not following:
                return subject
            act = following.popleft()
            count += 1
            if count > MOST_FOLLOWING:
                raise EndlessError(f"more than {MOST_FOLLOWING} acts follow from {cause.key}")
            handles = self._handles(act)
            draft.acts_as(
                Cause(
                    key=f"{cause.key}>{count}:{type(act).__name__}",
                    actor=SYSTEM,
                    at=cause.at,
                    correlation=cause.correlation,
                    door="process",
                )
            )
            handles.handle(draft, act)

    def _react(self, draft: Draft, done: int, following: deque[object]) -> int:
        """Run the reactions to the events since ``done``, each as the program by itself."""
        events = draft.changes.events
        while done < len(events):
            happened = events[done]
            done += 1
            reactions = self._registry.reactions.get(type(happened.event))
            if reactions:
                draft.acts_as(_by_itself(happened.cause))
                for react in reactions:
                    following.extend(react(draft, happened.event))
        return done

    def _handles(self, act: object) -> Handles:
        handles = self._registry.handlers.get(type(act))
        if handles is None:
            raise MancipleError(f"no handler for {type(act).__name__}")
        return handles

    def _check_expected(self, command: Command) -> None:
        """Refuse when a document has moved on from the version that the asker read.

        The refusal is not kept under the key: the same act may be sent again on a fresh reading.
        """
        for text, expected in command.expects:
            slot = self._batch.loaded(text)
            slot.is_wanted = True
            now = (slot.base.version if slot.base else 0) + slot.added
            if now != expected:
                found = f"is at version {now}" if now else "does not exist"
                raise refuse(
                    "STALE",
                    f"{text} {found}, not at version {expected}",
                    field="If-Match",
                    rule="RFC 9110, 13.1.1",
                    fix="Read it again, then decide on what it says now.",
                )

    def _absorb(self, changes: Changes) -> None:
        batch = self._batch
        for text, document in changes.documents.items():
            slot = batch.slot(text)
            slot.is_gone = text in changes.withdrawn
            slot.document = None if slot.is_gone else document
        for happened in changes.events:
            batch.slots[happened.ref].added += 1
        batch.changes.absorb(changes)

    def _reply(self, answered: _Answered) -> Reply:
        if answered.before is not None:
            return answered.before
        version = 0
        if answered.subject is not None:
            slot = self._batch.slots.get(str(answered.subject))
            version = (slot.base.version if slot and slot.base else 0) + answered.added
        return Reply(
            key=answered.command.key,
            refusals=answered.refusals,
            subject=answered.subject,
            version=version,
            defect=answered.defect,
        )

    def _finish(self, answers: Sequence[_Answered], asked: int) -> Result:
        writes = Writes()
        self._batch.hold()
        documents = self._write_history(writes)
        lanes = self._write_wishes(writes)
        for each in answers:
            if each.before is not None:
                each.before = replace(self._late(each), repeated=True)
            elif each.is_kept:
                writes.commands.append(self._command_row(each))
        replies = tuple(self._reply(each) for each in answers[:asked])
        broken = frozenset(r.key for r in replies if r.defect is not None)
        return Result(
            applied=Applied(replies=replies, lanes=frozenset(lanes)),
            writes=writes,
            broken=broken,
            documents=documents,
        )

    def _late(self, repeat: _Answered) -> Reply:
        """Give the reply of a repeat; of a key within this batch with the version now known."""
        first = self._known.get(repeat.command.key)
        return self._reply(first) if first is not None else self._reply(repeat)

    def _command_row(self, answered: _Answered) -> CommandRow:
        reply = self._reply(answered)
        answer = Answer(refusals=reply.refusals, subject=reply.subject, version=reply.version)
        command = answered.command
        return CommandRow(
            key=command.key,
            act=type(command.act).__name__,
            at=micros(command.at),
            digest=answered.digest,
            reply=encode(answer),
        )

    def _write_history(self, writes: Writes) -> dict[str, tuple[int, bytes, Document]]:
        """Number, encode and chain the events; give the new heads."""
        slots, heads = self._batch.slots, dict[str, tuple[int, bytes, int]]()
        for happened in self._batch.changes.events:
            text, cause = happened.ref, happened.cause
            at = heads.get(text)
            if at is None:
                base = slots[text].base
                at = (base.version, base.head, 0) if base else (0, GENESIS, 0)
            version, kind = at[0] + 1, type(happened.event).__name__
            body = encode(
                Recorded(
                    actor=cause.actor.id,
                    at=cause.at,
                    correlation=cause.correlation,
                    data=happened.event,
                    door=cause.door,
                    key=cause.key,
                    on_behalf_of=cause.actor.on_behalf_of,
                    stream=text,
                    touches=tuple(str(each) for each in happened.touches),
                    type=kind,
                    version=version,
                )
            )
            head, when = link(at[1], body), micros(cause.at)
            heads[text] = (version, head, when)
            writes.events.append(EventRow(text, version, kind, head, body, when))
        changed: dict[str, tuple[int, bytes, Document]] = {}
        for text, document in self._batch.changes.documents.items():
            version, head, when = heads[text]
            base = slots[text].base
            kind, _, name = text.partition("/")
            if text in self._batch.changes.withdrawn:
                was = base.version if base else 0
                writes.documents.append(gone_row(text, version, head, when, was))
                writes.unlinked.append(text)
                continue
            listed = _listed(document)
            writes.documents.append(
                DocumentRow(
                    ref=text,
                    kind=kind,
                    id=name,
                    state=listed[0],
                    version=version,
                    head=head,
                    body=encode(document),
                    at=when,
                    site=listed[1],
                    supplier=listed[2],
                    was=base.version if base else 0,
                    stays=_stays(self._batch.decoded.before(text, base), listed),
                )
            )
            changed[text] = (version, head, document)
        return changed

    def _write_wishes(self, writes: Writes) -> set[tuple[str, Lane]]:
        changes = self._batch.changes
        writes.taken_records, writes.mementos = list(changes.taken), dict(changes.mementos)
        writes.voided = list(changes.voided)
        writes.records = [(key[1], r) for key, rows in changes.records.items() for r in rows]
        writes.links = list(changes.links)
        before = self._batch.counted
        writes.counters = {name: (before[name], n) for name, n in changes.counters.items()}
        writes.blobs = changes.blobs
        for name, task in changes.tasks.items():
            if task is None:
                writes.dropped_tasks.append(name)
            else:
                writes.tasks.append(task)
        lanes: set[tuple[str, Lane]] = set()
        for effect, cause in changes.effects.values():
            due = micros(effect.due_at) if effect.due_at else micros(cause.at)
            payload = effect.payload
            writes.effects.append(
                EffectRow(
                    key=effect.key,
                    endpoint=effect.endpoint,
                    lane=effect.lane.value,
                    verb=effect.verb,
                    subject=str(effect.subject),
                    payload=payload if isinstance(payload, bytes) else encode(payload),
                    due_at=due,
                    at=micros(cause.at),
                    correlation=cause.correlation,
                    business_key=effect.business_key or str(effect.subject),
                    needed=(effect.needed_by or date.max).toordinal(),
                )
            )
            lanes.add((effect.endpoint, effect.lane))
        versions = {row.ref: row.version for row in writes.documents}
        for name, timer in changes.timers.items():
            if timer is None:
                writes.dropped_timers.append(name)
                continue
            document, due_at, act, cause = timer
            text = str(document)
            slot = self._batch.slots.get(text)
            stored = slot.base.version if slot and slot.base else 0
            writes.timers.append(
                TimerRow(
                    key=name,
                    due_at=micros(due_at),
                    act=type(act).__name__,
                    body=encode(act),
                    document=text,
                    version=versions.get(text, stored),
                    correlation=cause.correlation,
                )
            )
        return lanes


def _by_itself(cause: Cause) -> Cause:
    """Give the same cause as the program's own."""
    if cause.actor is SYSTEM:
        return cause
    return Cause(
        key=cause.key,
        actor=SYSTEM,
        at=cause.at,
        correlation=cause.correlation,
        door=cause.door,
    )


def _check_asker(handles: Handles, command: Command) -> None:
    actor = command.actor
    if Role.SYSTEM in actor.roles or actor.has(*handles.by):
        return
    name = type(command.act).__name__
    able = ", ".join(sorted(role.value for role in handles.by)) or "nobody"
    raise refuse(
        "FORBIDDEN",
        f"{actor.id} may not ask for {name}: it takes {able}",
        rule="D7",
        fix="ask somebody who holds one of these roles",
    )
