"""The store over a database: the bus, deliveries, and plain looks at what lies in it.

store = SqlStore(open_engine(url), registry, records=[RecordTable.of("posting", Posting)])
store.apply([...]); store.documents(Order); store.events(ref); store.effects(); store.tasks()
"""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

from manciple.adapters.sql.deliveries import SqlDeliveries
from manciple.adapters.sql.engine import Row, look, look_at, reading
from manciple.adapters.sql.reading import TASKS, Reading, task_of
from manciple.runtime.codec import decode, record
from manciple.runtime.documents import Document, Ref
from manciple.runtime.effects import EffectEntry, EffectState, Lane
from manciple.runtime.history import Recorded, read
from manciple.runtime.rows import TimerRow, moment
from manciple.runtime.timers import Timer, timer_of
from manciple.runtime.work import Task

D = TypeVar("D", bound=Document)
E = TypeVar("E")
_EFFECTS = (
    "select key, endpoint, lane, verb, subject, payload, state, due_at, attempts, correlation, "
    "result, at, settled_at from effect"
)


class SqlStore(SqlDeliveries):
    """Everything the runtime needs of a database, and what tests and pages ask it."""

    def documents(self, kind: type[D]) -> tuple[D, ...]:
        """Give all documents of a kind, in the order of their ids."""
        with reading(self.engine) as session:
            rows = session.rows("select body, id from document where kind = ?", (kind.KIND,))
        return tuple(decode(body, kind) for body, _ in sorted(rows, key=lambda row: row[1]))

    def get(self, kind: type[D], name: str) -> D:
        """Give a document; raises KeyError when there is none."""
        text = f"{kind.KIND}/{name}"
        row = look_at(
            self.engine, "select body from document where ref = ? and kind <> ''", (text,)
        )
        if row is None:
            raise KeyError(text)
        return decode(row[0], kind)

    def version(self, ref: Ref) -> int:
        """Give how many events the document's stream has."""
        row = look_at(self.engine, "select version from document where ref = ?", (str(ref),))
        return int(row[0]) if row else 0

    def events(self, stream: Ref | None = None) -> tuple[Recorded, ...]:
        """Give all events, or those of one stream, in the order in which they happened."""
        with reading(self.engine) as session:
            if stream is None:
                rows = session.rows("select body from event order by n")
            else:
                rows = session.rows(
                    "select body from event where stream = ? order by version", (str(stream),)
                )
        return tuple(read(row[0]) for row in rows)

    def happened(self, kind: type[E]) -> tuple[E, ...]:
        """Give the events of one type as its records, in the order in which they happened."""
        found = (each for each in self.events() if each.type == kind.__name__)
        return tuple(record(each.data, kind) for each in found)

    def records(self, kind: type[E], owner: str) -> tuple[E, ...]:
        """Give the rows of a record type under an owner, in the order they were added."""
        with reading(self.engine) as session:
            rows = Reading(session, self._tables).records(kind, owner)
        return cast("tuple[E, ...]", tuple(rows))

    def effects(self, *, state: EffectState | None = None) -> tuple[EffectEntry, ...]:
        """Give all effects or those in a state, in the order in which they were asked for."""
        with reading(self.engine) as session:
            if state is None:
                rows = session.rows(f"{_EFFECTS} order by at, key")
            else:
                rows = session.rows(f"{_EFFECTS} where state = ? order by at, key", (state.value,))
        return tuple(_entry(row) for row in rows)

    def timers(self) -> tuple[Timer, ...]:
        """Give the timers that wait, the first due first."""
        sql = (
            "select key, due_at, act, body, document, version, correlation from timer "
            "order by due_at, key"
        )
        with reading(self.engine) as session:
            rows = session.rows(sql)
        return tuple(timer_of(TimerRow(*row), self.registry) for row in rows)

    def tasks(self, name: str | None = None) -> tuple[Task, ...]:
        """Give the rows of all worklists or of one, the most urgent first."""
        with reading(self.engine) as session:
            if name is None:
                rows = session.rows(TASKS)
            else:
                rows = session.rows(f"{TASKS} where list = ?", (name,))
        tasks = (task_of(row) for row in rows)
        return tuple(sorted(tasks, key=lambda t: (t.priority, t.due_at or t.opened_at, t.id)))

    def threads(self, key: str) -> tuple[str, ...]:
        """Give the threads that a business key lies on, sorted."""
        return tuple(sorted({row[1] for row in self._links(key)}))

    def refs(self, key: str) -> tuple[Ref, ...]:
        """Give the documents that a business key names, sorted."""
        return tuple(sorted({Ref.parse(row[2]) for row in self._links(key)}))

    def bytes_of(self, digest: str) -> bytes:
        """Give kept bytes; raises KeyError when nobody kept such."""
        sql = "select data from blob where digest = ? order by chunk"
        chunks = look(self.engine, sql, (digest,))
        if not chunks:
            raise KeyError(digest)
        return b"".join(row[0] for row in chunks)

    def chunks_of(self, digest: str) -> Iterator[bytes]:
        """Give kept bytes piece by piece; raises KeyError when nobody kept such."""
        with reading(self.engine) as session:
            chunks = session.rows("select chunk from blob where digest = ? order by 1", (digest,))
            if not chunks:
                raise KeyError(digest)
            for (chunk,) in chunks:
                row = session.one(
                    "select data from blob where digest = ? and chunk = ?", (digest, chunk)
                )
                if row is not None:
                    yield row[0]

    def _links(self, key: str) -> list[Row]:
        return look(self.engine, "select key, thread, ref from trace where key = ?", (key,))


def _entry(row: Row) -> EffectEntry:
    return EffectEntry(
        key=row[0],
        endpoint=row[1],
        lane=Lane(row[2]),
        verb=row[3],
        subject=Ref.parse(row[4]),
        payload=row[5],
        state=EffectState(row[6]),
        due_at=moment(row[7]),
        attempts=row[8],
        correlation=row[9],
        result=decode(row[10], dict[str, Any]) if row[10] else {},
        asked_at=moment(row[11]),
        settled_at=None if row[12] is None else moment(row[12]),
    )
