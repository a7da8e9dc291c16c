"""What a commit writes: one statement a table, in one round trip where the driver can."""

from collections.abc import Mapping, Sequence

from manciple.adapters.sql.engine import Session, Written
from manciple.adapters.sql.reading import CHUNK
from manciple.adapters.sql.records import RecordTable, RecordTableError
from manciple.runtime.delivery import Settlement, Trip
from manciple.runtime.rows import Stays, Writes, micros
from manciple.runtime.work import LeaseLostError, LostRaceError, Task

_COMMAND = "insert into command (key, act, at, digest, reply) values (?, ?, ?, ?, ?)"
_NEW = (
    "insert into document (ref, kind, id, state, version, head, body, at, site, supplier, made) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_CHANGED = (
    "update document set state = ?, version = ?, head = ?, body = ?, at = ?, site = ?, "
    "supplier = ?, kind = ? "
    "where ref = ? and version = ?"
)
_STAYED = (
    "update document set version = ?, head = ?, body = ?, at = ? where ref = ? and version = ?"
)
_ANOTHER_STATE = (
    "update document set state = ?, version = ?, head = ?, body = ?, at = ? "
    "where ref = ? and version = ?"
)
"""SQLite writes every index anew of which a column is set, even to what it was: four of them by
the whole statement, one by this one, none by the shortest."""
_EVENT = "insert into event (stream, version, type, hash, body, at) values (?, ?, ?, ?, ?, ?)"
_LINK = "insert into trace (key, thread, ref) values (?, ?, ?) on conflict do nothing"
_TASK = (
    "insert into task (id, list, subject, title, role, owner, opened_at, due_at, site, supplier, "
    "priority, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set "
    "list = excluded.list, subject = excluded.subject, title = excluded.title, "
    "role = excluded.role, owner = excluded.owner, opened_at = excluded.opened_at, "
    "due_at = excluded.due_at, site = excluded.site, supplier = excluded.supplier, "
    "priority = excluded.priority, state = excluded.state"
)
_EFFECT = (
    "insert into effect (key, endpoint, lane, verb, subject, payload, due_at, at, correlation, "
    "business_key, needed) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LANE = "insert into lane (endpoint, lane) values (?, ?) on conflict do nothing"
_TIMER = (
    "insert into timer (key, due_at, act, body, document, version, correlation) "
    "values (?, ?, ?, ?, ?, ?, ?) on conflict (key) do update set due_at = excluded.due_at, "
    "act = excluded.act, body = excluded.body, document = excluded.document, "
    "version = excluded.version, correlation = excluded.correlation"
)
_COUNTER = (
    "insert into counter (name, last) values (?, ?) "
    "on conflict (name) do update set last = excluded.last where counter.last = ?"
)
_BLOB = "insert into blob (digest, chunk, data) values (?, ?, ?) on conflict do nothing"
_SETTLE = (
    "update effect set state = ?, due_at = ?, result = ?, settled_at = ?, lease = null, "
    "lease_until = 0 where key = ? and lease = ?"
)
_VOID = (
    "update effect set key = ?, state = 'void', settled_at = due_at "
    "where key = ? and state = 'due' and attempts = 0 and lease is null"
)
_MEMENTO = "insert into memento (id, until, body) values (?, ?, ?)"
TRIP = (
    "update lane set failures = ?, recent = ?, open_until = ?, failing_since = ? "
    "where endpoint = ? and lane = ?"
)
_ATTEMPT = (
    "insert into attempt (key, attempt, at, said, state, next_at, result) "
    "values (?, ?, ?, ?, ?, ?, ?)"
)


class Writing:
    """Writes a transaction's worth; raises when anything moved under it.

    Rows that others may write too are written in the order of their keys, and counters before the
    documents that are named by their numbers, so that no two transactions wait for one another.
    Events keep their own order: it is history's.
    """

    def __init__(self, session: Session, tables: Mapping[type, RecordTable]) -> None:
        """Write through a transaction's session."""
        self._session, self._tables = session, tables
        self._expected: list[tuple[Written, int, LostRaceError]] = []

    def keep(
        self,
        writes: Writes,
        fired: Sequence[str],
        settle: Sequence[Settlement],
        *,
        lanes: Sequence[tuple[str, str]],
    ) -> None:
        """Write everything.

        Args:
            writes: what the commands change.
            fired: timers that were fired, by their keys.
            settle: effects that are over, or to be tried again.
            lanes: endpoints and lanes of the effects that may have no row yet, in their order.

        Raises:
            LostRaceError: a document, a lease or a timer moved; the transaction must be undone.
        """
        if fired:
            gone = self._drop_timers(fired)
            if gone != len(set(fired)):
                raise LeaseLostError("a timer was fired or moved by somebody else")
        with self._session.together():
            self._guarded(
                _COUNTER,
                [(name, last, was) for name, (was, last) in sorted(writes.counters.items())],
                LostRaceError("a counter moved"),
            )
            self._guarded(
                _SETTLE,
                [(s.state, s.due_at, s.result, s.settled_at, s.key, s.token) for s in settle],
                LeaseLostError("a lease was lost"),
            )
            self._write(
                _ATTEMPT,
                [
                    (s.key, s.attempt, s.at, s.said, s.state, s.due_at, s.result)
                    for s in settle
                    if s.at
                ],
            )
            self._history(writes)
            self._write(_LANE, lanes)
            self._wishes(writes)
        for written, wanted, problem in self._expected:
            if written.count != wanted:
                raise problem

    def _guarded(self, sql: str, rows: Sequence[Sequence[object]], problem: LostRaceError) -> None:
        if rows:
            self._expected.append((self._session.write_all(sql, rows), len(rows), problem))

    def _write(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            self._session.write_all(sql, rows)

    def _history(self, writes: Writes) -> None:
        self._write(_COMMAND, sorted(writes.commands))
        rows = sorted(writes.documents, key=lambda row: row.ref)
        changed = [row for row in rows if row.was]
        for sql, stays, first, last in (
            (_STAYED, Stays.ALL, 4, 8),
            (_ANOTHER_STATE, Stays.OWNERS, 3, 8),
        ):
            self._guarded(
                sql,
                [(*r[first:last], r.ref, r.was) for r in changed if r.stays is stays],
                LostRaceError("a document moved"),
            )
        self._guarded(
            _CHANGED,
            [(*r[3:10], r.kind, r.ref, r.was) for r in changed if r.stays is Stays.NOT_KNOWN],
            LostRaceError("a document moved"),
        )
        self._write(_NEW, [(*r[:10], r.at) for r in rows if not r.was])
        self._write(_EVENT, writes.events)

    def _wishes(self, writes: Writes) -> None:
        by_table: dict[str, list[tuple[object, ...]]] = {}
        for owner, record in writes.records:
            table = self._tables.get(type(record))
            if table is None:
                raise RecordTableError(f"no table is registered for {type(record).__name__}")
            by_table.setdefault(table.insert, []).append(table.row(owner, record))
        for sql, rows in by_table.items():
            self._write(sql, rows)
        self._write(_LINK, sorted(writes.links))
        self._take_back(writes)
        self._write(_EFFECT, writes.effects)
        if writes.dropped_timers:
            sql = f"delete from timer where {self._session.among('key')}"  # noqa: S608  our own words; values are bound
            self._session.write_all(sql, [(self._session.keys(writes.dropped_timers),)])
        self._write(_TIMER, sorted(writes.timers))
        self._write(_TASK, sorted(_task(each) for each in writes.tasks))
        if writes.dropped_tasks:
            sql = f"delete from task where {self._session.among('id')}"  # noqa: S608  our own words; values are bound
            self._session.write_all(sql, [(self._session.keys(writes.dropped_tasks),)])
        self._write(
            _BLOB,
            [
                (digest, place // CHUNK, data[place : place + CHUNK])
                for digest, data in sorted(writes.blobs.items())
                for place in range(0, max(1, len(data)), CHUNK)
            ],
        )

    def _take_back(self, writes: Writes) -> None:
        """Write what an undo asks for; an effect that somebody claimed meanwhile undoes it all."""
        self._guarded(
            _VOID,
            sorted((new, old) for old, new in writes.voided),
            LostRaceError("an effect was claimed"),
        )
        self._write("delete from trace where ref = ?", sorted((ref,) for ref in writes.unlinked))
        for owner, record in writes.taken_records:
            table = self._tables[type(record)]
            sql = table.one_gone(is_postgres=self._session.is_postgres)
            self._write(sql, [table.row(owner, record)])
        rows = [(key, micros(at), body) for key, (at, body) in sorted(writes.mementos.items())]
        self._write(_MEMENTO, rows)

    def _drop_timers(self, keys: Sequence[str]) -> int:
        sql = f"delete from timer where {self._session.among('key')}"  # noqa: S608  our own words; values are bound
        return self._session.write(sql, (self._session.keys(keys),))


def trip_row(trip: Trip) -> tuple[object, ...]:
    """Give the values of `TRIP`."""
    health = trip.health
    until, since = trip.open_until, trip.failing_since
    return (health.failures, health.recent, until, since, trip.endpoint, trip.lane.value)


def _task(each: Task) -> tuple[object, ...]:
    return (
        each.id,
        each.list,
        str(each.subject),
        each.title,
        each.role,
        each.owner,
        micros(each.opened_at),
        None if each.due_at is None else micros(each.due_at),
        each.site,
        each.supplier,
        each.priority,
        each.state,
    )
