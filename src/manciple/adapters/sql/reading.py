"""What a command's transaction reads: the state before it, one short statement a question."""

from collections.abc import Mapping, Sequence

from manciple.adapters.sql.engine import Row, Session
from manciple.adapters.sql.records import RecordTable, RecordTableError
from manciple.runtime.documents import Ref
from manciple.runtime.rows import LinkRow, Stored, TimerRow, moment
from manciple.runtime.work import Task

CHUNK = 1 << 20
"""Bytes of one row of kept bytes."""


_COMMAND = "select key, digest, reply from command where"


class Reading:
    """A transaction as `runtime.rows.Store`."""

    def __init__(self, session: Session, tables: Mapping[type, RecordTable]) -> None:
        """Read through a transaction's session."""
        self._session, self._tables = session, tables
        self.locks = session.is_postgres
        self._by_ref = session.among("ref")
        self._by_key = session.among("key")

    def commands(self, keys: Sequence[str]) -> Mapping[str, tuple[bytes, bytes]]:
        """Give digest and reply of the keys that were answered before."""
        if not keys:
            return {}
        if len(keys) == 1:  # a third of the time that a list takes
            rows = self._session.rows(f"{_COMMAND} key = ?", keys)
        else:
            rows = self._session.rows(f"{_COMMAND} {self._by_key}", (self._session.keys(keys),))
        return {key: (digest, reply) for key, digest, reply in rows}

    def documents(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:
        """Give those of the documents that exist, locked in the order of their names."""
        tail = self._session.for_update if lock else ""
        if len(refs) == 1:
            sql = f"select version, head, body from document where ref = ?{tail}"  # noqa: S608  our own words; values are bound
            row = self._session.one(sql, refs)
            return {} if row is None else {refs[0]: Stored(*row)}
        sql = (
            f"select ref, version, head, body from document "  # noqa: S608  our own words; values are bound
            f"where {self._by_ref} order by ref{tail}"
        )
        rows = self._session.rows(sql, (self._session.keys(refs),))
        return {row[0]: Stored(*row[1:]) for row in rows}

    def heads(self, refs: Sequence[str], *, lock: bool) -> Mapping[str, Stored]:
        """Give the same without the documents' bytes."""
        tail = self._session.for_update if lock else ""
        sql = f"select ref, version, head from document where {self._by_ref} order by ref{tail}"  # noqa: S608  our own words; values are bound
        rows = self._session.rows(sql, (self._session.keys(refs),))
        return {ref: Stored(version, head, b"") for ref, version, head in rows}

    def records(self, kind: type, owner: str) -> Sequence[object]:
        """Give the rows of a record type under an owner, in the order they were added."""
        table = self._tables.get(kind)
        if table is None:
            raise RecordTableError(f"no table is registered for {kind.__name__}")
        return [table.record(row) for row in self._session.rows(table.select, (owner,))]

    def links(self, key: str) -> Sequence[LinkRow]:
        """Give the trace index's rows of a business key."""
        sql = "select key, thread, ref from trace where key = ?"
        return [LinkRow(*row) for row in self._session.rows(sql, (key,))]

    def counter(self, name: str, *, lock: bool) -> int:
        """Give a counter's last number, 0 before the first."""
        if lock:
            sql = "insert into counter (name, last) values (?, 0) on conflict do nothing"
            self._session.write(sql, (name,))
        tail = self._session.for_update if lock else ""
        row = self._session.one(f"select last from counter where name = ?{tail}", (name,))  # noqa: S608  our own words; values are bound
        return 0 if row is None else int(row[0])

    def blob(self, digest: str) -> bytes | None:
        """Give kept bytes by their digest."""
        sql = "select data from blob where digest = ? order by chunk"
        rows = self._session.rows(sql, (digest,))
        return b"".join(row[0] for row in rows) if rows else None

    def tasks_named(self, names: Sequence[str]) -> Mapping[str, Task]:
        """Give those of the tasks that exist."""
        sql = f"{TASKS} where {self._session.among('id')}"
        return {
            row[0]: task_of(row) for row in self._session.rows(sql, (self._session.keys(names),))
        }

    def timers_named(self, keys: Sequence[str]) -> Mapping[str, TimerRow]:
        """Give those of the timers that wait."""
        sql = (
            "select key, due_at, act, body, document, version, correlation from timer "  # noqa: S608  our own words; values are bound
            f"where {self._by_key}"
        )
        rows = self._session.rows(sql, (self._session.keys(keys),))
        return {row[0]: TimerRow(*row) for row in rows}

    def unclaimed(self, keys: Sequence[str]) -> frozenset[str]:
        """Give those of the effects that nobody has ever claimed to send."""
        sql = (
            "select key from effect where state = 'due' and attempts = 0 and lease is null "  # noqa: S608  our own words; values are bound
            f"and {self._by_key}"
        )
        rows = self._session.rows(sql, (self._session.keys(keys),))
        return frozenset(row[0] for row in rows)

    def memento(self, name: str) -> bytes | None:
        """Give what was before an act that can be taken back."""
        row = self._session.one("select body from memento where id = ?", (name,))
        return None if row is None else bytes(row[0])


TASKS = (
    "select id, list, subject, title, role, owner, opened_at, due_at, site, supplier, priority, "
    "state from task"
)


def task_of(row: Row) -> Task:
    """Read a row of a worklist."""
    return Task(
        id=row[0],
        list=row[1],
        subject=Ref.parse(row[2]),
        title=row[3],
        role=row[4],
        owner=row[5],
        opened_at=moment(row[6]),
        due_at=None if row[7] is None else moment(row[7]),
        site=row[8],
        supplier=row[9],
        priority=row[10],
        state=row[11],
    )
