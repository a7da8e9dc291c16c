"""The store in memory: the same semantics as the databases, for tests and for trying things out.

bus = MemoryBus(Registry.of(handles, reacts))
applied = bus.apply([Command(key="k1", act=SubmitRequisition(...), actor=ana, at=now)])
bus.documents(Requisition), bus.events(), bus.effects(), bus.timers(), bus.tasks()
bus.fire(now)                       # applies the acts of all timers due by now
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from typing import TypeVar, cast

from manciple.kernel.messages import Command
from manciple.kernel.records import dataclass, replace
from manciple.runtime.applying import Otherwise, Result, run
from manciple.runtime.bus import Applied, Registry, Reply
from manciple.runtime.codec import decode, encode, record
from manciple.runtime.delivery import Claim, Settlement, Take, Trip
from manciple.runtime.documents import Document, Ref
from manciple.runtime.draft import Decoded, DoubleEffectError
from manciple.runtime.effects import EffectEntry, EffectState, Lane, Parcel
from manciple.runtime.firing import fire
from manciple.runtime.history import Recorded, read
from manciple.runtime.lanes import BACKLOG, Health, LaneState, Limits, in_order
from manciple.runtime.rows import (
    DocumentRow,
    EffectRow,
    EventRow,
    LinkRow,
    Stored,
    TimerRow,
    Writes,
    micros,
    moment,
)
from manciple.runtime.timers import Timer, timer_of
from manciple.runtime.work import LeaseLostError, LostRaceError, Task

D = TypeVar("D", bound=Document)
E = TypeVar("E")


@dataclass(slots=True)
class _Effect:
    row: EffectRow
    due_at: int
    state: EffectState = EffectState.DUE
    attempts: int = 0
    polls: int = 0
    lease: str | None = None
    lease_until: int = 0
    result: bytes = b"{}"
    settled_at: int | None = None

    @property
    def is_unclaimed(self) -> bool:
        return self.state is EffectState.DUE and not self.attempts and self.lease is None

    def is_due(self, now: int) -> bool:
        waits = self.state in (EffectState.DUE, EffectState.ACCEPTED)
        return waits and self.due_at <= now and self.lease_until <= now


@dataclass(slots=True)
class _Tables:
    """The rows as they lie there; also what a transaction reads (`runtime.rows.Store`)."""

    locks: bool = False
    answered: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    kept: dict[str, DocumentRow] = field(default_factory=dict)
    events: list[EventRow] = field(default_factory=list)
    appended: dict[tuple[type, str], list[bytes]] = field(default_factory=dict)
    index: dict[str, list[LinkRow]] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    effects: dict[str, _Effect] = field(default_factory=dict)
    lanes: dict[tuple[str, Lane], LaneState] = field(default_factory=dict)
    held: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)
    timers: dict[str, TimerRow] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    mementos: dict[str, bytes] = field(default_factory=dict)

    def commands(self, keys: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        return {key: self.answered[key] for key in keys if key in self.answered}

    def documents(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:  # noqa: ARG002
        rows = (self.kept[text] for text in refs if text in self.kept)
        return {row.ref: Stored(row.version, row.head, row.body) for row in rows}

    def heads(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:
        return self.documents(refs, lock=lock)

    def records(self, kind: type, owner: str) -> Sequence[object]:
        return [decode(body, kind) for body in self.appended.get((kind, owner), ())]

    def links(self, key: str) -> Sequence[LinkRow]:
        return self.index.get(key, ())

    def counter(self, name: str, *, lock: bool) -> int:  # noqa: ARG002
        return self.counters.get(name, 0)

    def blob(self, digest: str) -> bytes | None:
        return self.blobs.get(digest)

    def tasks_named(self, names: Sequence[str]) -> Mapping[str, Task]:
        return {name: self.tasks[name] for name in names if name in self.tasks}

    def timers_named(self, keys: Sequence[str]) -> Mapping[str, TimerRow]:
        return {key: self.timers[key] for key in keys if key in self.timers}

    def unclaimed(self, keys: Sequence[str]) -> frozenset[str]:
        found = {key: self.effects[key] for key in keys if key in self.effects}
        return frozenset(key for key, each in found.items() if each.is_unclaimed)

    def memento(self, name: str) -> bytes | None:
        return self.mementos.get(name)


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
        settle: Sequence[Settlement] = (),
        fired: Mapping[str, str] | None = None,
        otherwise: Otherwise | None = None,
        reads: Sequence[Ref] = (),  # noqa: ARG002  a hint that memory does not need
        take: Take | None = None,
        trip: Trip | None = None,
    ) -> Applied:
        """Apply the commands in one transaction; a defect is told in its reply."""
        with self._lock:
            try:
                applied = self._commit(commands, settle, fired or {}, otherwise)
            except LostRaceError:
                raise
            except Exception:
                if len(commands) <= 1 or settle or fired:
                    raise
                return self._one_by_one(commands, otherwise)
            if trip is not None:
                self._trip(trip)
            if take is not None:
                take.claim = self._claimed(take)
            return applied

    def _one_by_one(self, commands: Sequence[Command], otherwise: Otherwise | None) -> Applied:
        replies: list[Reply] = []
        lanes = set[tuple[str, Lane]]()
        for command in commands:
            try:
                applied = self._commit([command], (), {}, otherwise)
            except Exception as problem:  # noqa: BLE001  belongs to the caller of this command
                replies.append(Reply(key=command.key, defect=problem))
                continue
            replies += applied.replies
            lanes |= applied.lanes
        return Applied(replies=tuple(replies), lanes=frozenset(lanes))

    def _commit(
        self,
        commands: Sequence[Command],
        settle: Sequence[Settlement],
        fired: Mapping[str, str],
        otherwise: Otherwise | None,
    ) -> Applied:
        result = run(
            self.registry,
            self._tables,
            commands,
            decoded=Decoded(0),
            fired=fired,
            otherwise=otherwise,
        )
        self._keep(result, fired, settle)
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
        """Apply the acts of all timers due by ``now``, the first due first; a defect is raised."""
        replies: list[Reply] = []
        lanes = set[tuple[str, Lane]]()
        while (fired := fire(self, now, most=1)).replies:
            for defect in fired.defects:
                raise defect
            replies += fired.replies
            lanes |= fired.lanes
        return Applied(replies=tuple(replies), lanes=frozenset(lanes))

    def claim(
        self,
        endpoint: str,
        lane: Lane,
        *,
        now: datetime,
        token: str,
        limits: Limits,
        most: int,
        epoch: int | None = None,
    ) -> Claim:
        """Take up to ``most`` due effects under a lease, in one commit."""
        take = Take(
            endpoint=endpoint, lane=lane, now=now, token=token, limits=limits, most=most,
            epoch=epoch,
        )  # fmt: skip
        with self._lock:
            return self._claimed(take)

    def _claimed(self, take: Take) -> Claim:
        endpoint, lane, limits = take.endpoint, take.lane, take.limits
        tables, at = self._tables, micros(take.now)
        state = tables.lanes.get((endpoint, lane), LaneState()).refilled(limits, at)
        must_wait = endpoint in tables.held or self._is_behind(endpoint, lane, at)
        allowed = 0 if must_wait else state.allows(limits, at, take.most)
        taken = sorted(self._free(endpoint, lane, at), key=_by_need)[:allowed]
        tables.lanes[endpoint, lane] = state.taken(limits, len(taken)).begun(take.epoch)
        for each in taken:
            each.lease, each.lease_until = take.token, micros(take.now + limits.lease)
            if each.state is EffectState.ACCEPTED:
                each.polls += 1
            else:
                each.attempts += 1
        return Claim(
            parcels=tuple(_parcel(each, take.now) for each in taken),
            token=take.token,
            health=state.health,
            failing_since=state.failing_since,
            polls={e.row.key: e.polls for e in taken if e.state is EffectState.ACCEPTED},
        )

    def renew(self, token: str, keys: Sequence[str], until: datetime) -> frozenset[str]:
        """Hold the lease longer; gives the keys that are still ours."""
        with self._lock:
            ours = self._leased(token, keys)
            for each in ours:
                each.lease_until = micros(until)
            return frozenset(each.row.key for each in ours)

    def release(self, token: str, keys: Sequence[str]) -> None:
        """Give claimed effects back unsent, as if they had not been tried."""
        with self._lock:
            for each in self._leased(token, keys):
                each.lease, each.lease_until = None, 0
                if each.state is EffectState.ACCEPTED:
                    each.polls -= 1
                else:
                    each.attempts -= 1

    def trip(
        self, endpoint: str, lane: Lane, *, health: Health, open_until: int, failing_since: int
    ) -> None:
        """Write what the breaker says after a batch."""
        with self._lock:
            self._trip(Trip(endpoint, lane, health, open_until, failing_since))

    def _trip(self, trip: Trip) -> None:
        name = (trip.endpoint, trip.lane)
        self._tables.lanes[name] = replace(
            self._tables.lanes.get(name, LaneState()),
            failures=trip.health.failures,
            recent=trip.health.recent,
            open_until=trip.open_until,
            failing_since=trip.failing_since,
        )

    def recover(self, endpoint: str, now: datetime) -> None:
        """The endpoint answers again: what waited to be tried again is due, on every lane."""
        at, lanes = micros(now), self._tables.lanes
        with self._lock:
            for each in self._waiting(endpoint):
                if each.state is EffectState.DUE and each.attempts and each.lease_until <= at:
                    each.due_at = min(each.due_at, at)
            for name, lane in lanes.items():
                if name[0] == endpoint:
                    lanes[name] = replace(lane, open_until=0)

    def _waiting(self, endpoint: str) -> list[_Effect]:
        states = (EffectState.DUE, EffectState.ACCEPTED)
        effects = self._tables.effects.values()
        return [e for e in effects if e.row.endpoint == endpoint and e.state in states]

    def _free(self, endpoint: str, lane: Lane, now: int) -> list[_Effect]:
        """Give the lane's due effects that no earlier one of their business key holds up."""
        waiting = self._waiting(endpoint)

        def holds_up(earlier: _Effect, each: _Effect) -> bool:
            one, other = earlier.row, each.row
            if one.business_key != other.business_key:
                return False
            if (one.at, one.key) >= (other.at, other.key):
                return False
            return not earlier.is_due(now) or one.lane != other.lane or one.needed > other.needed

        due = [each for each in waiting if each.row.lane == lane and each.is_due(now)]
        return [each for each in due if not any(holds_up(other, each) for other in waiting)]

    def _is_behind(self, endpoint: str, lane: Lane, now: int) -> bool:
        """Say whether a more critical lane, whose breaker is closed, has a backlog."""
        lanes = self._tables.lanes
        ahead = [
            each
            for each in self._waiting(endpoint)
            if each.row.lane in lane.before
            and each.is_due(now)
            and lanes.get((endpoint, Lane(each.row.lane)), LaneState()).open_until <= now
        ]
        return len(ahead) >= BACKLOG

    def hold(self, endpoint: str, *, at: datetime, by: str, reason: str) -> None:
        """Send nothing to the endpoint until it is let go."""
        self._tables.held.setdefault(endpoint, (at, by, reason))

    def let_go(self, endpoint: str) -> None:
        """Send to the endpoint again."""
        self._tables.held.pop(endpoint, None)

    def due_lanes(self, now: datetime) -> Sequence[tuple[str, Lane]]:
        """Give the lanes that have something to send now; see the port."""
        at, held = micros(now), self._tables.held
        due = [each.row for each in self._tables.effects.values() if each.is_due(at)]
        lanes = {(row.endpoint, Lane(row.lane)) for row in due if row.endpoint not in held}
        return sorted(lanes, key=in_order)

    def next_effect(self) -> datetime | None:
        """Give the instant at which the next effect that is not held can be sent."""
        tables = self._tables
        times = [
            max(
                each.due_at,
                each.lease_until,
                tables.lanes.get((row.endpoint, Lane(row.lane)), LaneState()).open_until,
            )
            for each in tables.effects.values()
            if (row := each.row).endpoint not in tables.held
            and each.state in (EffectState.DUE, EffectState.ACCEPTED)
        ]
        return moment(min(times)) if times else None

    def due_timers(self, now: datetime, most: int) -> Sequence[Timer]:
        """Give the timers due by ``now``, the first due first."""
        return [timer for timer in self.timers() if timer.due_at <= now][:most]

    def next_timer(self) -> datetime | None:
        """Give the instant of the first timer."""
        times = [row.due_at for row in self._tables.timers.values()]
        return moment(min(times)) if times else None

    def postpone(self, timer: Timer, due_at: datetime) -> None:
        """Move a timer whose act broke."""
        with self._lock:
            row = self._tables.timers.get(timer.key)
            if row is not None and row.due_at == micros(timer.due_at):
                self._tables.timers[timer.key] = row._replace(due_at=micros(due_at))

    def _leased(self, token: str, keys: Sequence[str]) -> list[_Effect]:
        effects = (self._tables.effects.get(key) for key in keys)
        return [each for each in effects if each is not None and each.lease == token]

    def _keep(
        self, result: Result, fired: Mapping[str, str], settle: Sequence[Settlement]
    ) -> None:
        """Write everything, or raise with nothing written."""
        writes = result.writes
        gone = self._check(result, fired, settle)
        appended = [(row, owner, encode(row)) for owner, row in writes.records]
        for each in settle:
            self._settle(each)
        self._keep_documents(writes)
        self._keep_wishes(writes, appended, gone)

    def _check(
        self, result: Result, fired: Mapping[str, str], settle: Sequence[Settlement]
    ) -> list[str]:
        """Give the timers that are over, or raise when something moved under us."""
        tables = self._tables
        gone = [timer for key, timer in fired.items() if key not in result.broken]
        if any(timer not in tables.timers for timer in gone):
            raise LeaseLostError("a timer was fired or moved by somebody else")
        if any(not self._leased(each.token, [each.key]) for each in settle):
            raise LeaseLostError("a lease was lost")
        if any(not tables.effects[old].is_unclaimed for old, _ in result.writes.voided):
            raise LostRaceError("an effect was claimed")
        for effect in result.writes.effects:
            if effect.key in tables.effects:
                raise DoubleEffectError(f"an effect {effect.key} was already asked for")
        return gone

    def _keep_wishes(
        self, writes: Writes, appended: Sequence[tuple[object, str, bytes]], gone: Sequence[str]
    ) -> None:
        tables = self._tables
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
        self._take_back(writes)
        for effect in writes.effects:
            tables.effects[effect.key] = _Effect(row=effect, due_at=effect.due_at)
        tables.counters.update({name: last for name, (_, last) in writes.counters.items()})
        tables.blobs.update(writes.blobs)

    def _take_back(self, writes: Writes) -> None:
        tables = self._tables
        for old, new in writes.voided:
            each = tables.effects.pop(old)
            each.row, each.state = each.row._replace(key=new), EffectState.VOID
            each.settled_at = each.due_at
            tables.effects[new] = each
        for ref in writes.unlinked:
            for rows in tables.index.values():
                rows[:] = [each for each in rows if each.ref != ref]
        for owner, row in writes.taken_records:
            kept = tables.appended[type(row), owner]
            kept.reverse()
            kept.remove(encode(row))
            kept.reverse()
        tables.mementos.update({name: body for name, (_, body) in writes.mementos.items()})

    def _settle(self, settlement: Settlement) -> None:
        each = self._tables.effects[settlement.key]
        each.state, each.due_at = EffectState(settlement.state), settlement.due_at
        each.result, each.settled_at = settlement.result, settlement.settled_at
        each.lease, each.lease_until = None, 0

    def _keep_documents(self, writes: Writes) -> None:
        tables = self._tables
        tables.answered.update({row.key: (row.digest, row.reply) for row in writes.commands})
        tables.kept.update({row.ref: row for row in writes.documents})
        tables.events += writes.events


def _parcel(each: _Effect, at: datetime) -> Parcel:
    row = each.row
    return Parcel(
        key=row.key,
        endpoint=row.endpoint,
        lane=Lane(row.lane),
        verb=row.verb,
        subject=Ref.parse(row.subject),
        payload=row.payload,
        attempts=each.attempts,
        at=at,
        correlation=row.correlation,
        business_key=row.business_key,
    )


def _by_need(each: _Effect) -> tuple[int, int, str]:
    return each.row.needed, each.row.at, each.row.key


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
