"""The audit's index: who did what to which object, kept beside the sealed sequence.

    while trail.follow(now): ...      one batch of sealed events; 0 when all are known

The index says nothing that the events don't: it can be thrown away and made again. A batch is
entered once, whoever does it.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading, transaction
from manciple.governance.queries import AuditEntry, AuditQuery, AuditReach
from manciple.kernel.errors import refuse
from manciple.runtime.history import Recorded, read
from manciple.runtime.queries import Page
from manciple.runtime.rows import micros, moment

MOST = 1000
"""Events of one batch."""
_MARK = "\x1f"
_PAGE = 200
_TYPES = (
    "with recursive known (type) as (select min(type) from audit_entry union all "
    "select (select min(a.type) from audit_entry a where a.type > known.type) from known "
    "where known.type is not null) select type from known where type is not null"
)
"""One look into the index for each name, however many entries there are."""
_ENTRY = (
    "insert into audit_entry (seq, at, actor, type) values (?, ?, ?, ?) on conflict do nothing"
)
_OBJECT = "insert into audit_object (object, at, seq) values (?, ?, ?) on conflict do nothing"


class SqlAuditTrail:
    """Searches the sealed history; see `governance.queries.AuditTrail`."""

    def __init__(self, engine: sa.Engine, *, most: int = MOST) -> None:
        """Index and search a database's history."""
        self._engine, self._most = engine, most

    def follow(self, now: datetime) -> int:
        """Enter one batch of sealed events; gives how many."""
        del now
        with reading(self._engine) as session:
            rows = session.rows(
                "select seq, body from event where seq > "
                "(select coalesce(max(seq), 0) from audit_entry) order by seq limit ?",
                (self._most,),
            )
        if not rows:
            return 0
        told = [(seq, read(body)) for seq, body in rows]
        with transaction(self._engine) as session, session.together():
            session.write_all(_ENTRY, [_entry(seq, each) for seq, each in told])
            session.write_all(_OBJECT, [row for each in told for row in _objects(*each)])
        return len(rows)

    def follow_all(self, now: datetime) -> int:
        """Enter everything that is sealed; gives how many events."""
        total = 0
        while count := self.follow(now):
            total += count
        return total

    def search(
        self, query: AuditQuery, *, after: str | None = None, limit: int = 50
    ) -> Page[AuditEntry]:
        """Give sealed events that fit, newest first."""
        most = max(1, min(limit, _PAGE))
        table, parts, values = _asked(query)
        if after is not None:
            parts.append("(a.at, a.seq) < (?, ?)")
            values += _cursor(after)
        where = " and ".join(parts) or "1 = 1"
        sql = (
            f"select a.seq, a.at from {table} where {where} "  # noqa: S608  our own words; values are bound
            "order by a.at desc, a.seq desc limit ?"
        )
        with reading(self._engine) as session:
            found = session.rows(sql, [*values, most + 1])
            entries = _entries(session, [row[0] for row in found[:most]])
        last = found[most - 1] if len(found) > most else None
        return Page(rows=entries, after=f"{last[1]}{_MARK}{last[0]}" if last else None)

    def reach(self) -> AuditReach:
        """Say how far the search and the seals reach."""
        with reading(self._engine) as session:
            indexed = session.rows("select coalesce(max(seq), 0) from audit_entry")[0][0]
            sealed = session.rows("select coalesce(max(last), 0) from seal")[0][0]
            unsealed, oldest = session.rows(
                "select count(*), min(at) from event where seq is null"
            )[0]
        return AuditReach(
            indexed=int(indexed),
            sealed=int(sealed),
            unsealed=int(unsealed),
            tail=moment(oldest) if oldest is not None else None,
        )

    def event_types(self) -> tuple[str, ...]:
        """Give the names of all events that are in the index, sorted."""
        with reading(self._engine) as session:
            return tuple(row[0] for row in session.rows(_TYPES))


def _asked(query: AuditQuery) -> tuple[str, list[str], list[object]]:
    """Give the tables, conditions and values of a search; each way has its own index."""
    parts: list[str] = []
    values: list[object] = []
    table = "audit_entry a"
    if query.about:
        # The object's own rows lead; the entry is looked up by its key where more is asked.
        table, at = "audit_object a", "object = ?"
        parts.append(f"a.{at}")
        values.append(query.about)
        for column, value in (("actor", query.actor), ("type", query.event)):
            if value:
                parts.append(
                    f"exists (select 1 from audit_entry e where e.seq = a.seq and e.{column} = ?)"  # noqa: S608  our own words
                )
                values.append(value)
    else:
        for column, value in (("actor", query.actor), ("type", query.event)):
            if value:
                parts.append(f"a.{column} = ?")
                values.append(value)
    for sign, when in ((">=", query.start), ("<", query.end)):
        if when is not None:
            parts.append(f"a.at {sign} ?")
            values.append(micros(when))
    return table, parts, values


def _entry(seq: int, told: Recorded) -> tuple[object, ...]:
    return (seq, micros(told.at), told.actor, told.type)


def _objects(seq: int, told: Recorded) -> list[tuple[object, ...]]:
    at = micros(told.at)
    return [(each, at, seq) for each in dict.fromkeys((told.stream, *told.touches))]


def _entries(session: Session, wanted: Sequence[int]) -> tuple[AuditEntry, ...]:
    """Read events by their numbers, in the order asked for, with the seals that cover them."""
    if not wanted:
        return ()
    marks = ", ".join("?" * len(wanted))
    rows: dict[int, Row] = {
        row[0]: row
        for row in session.rows(
            "select seq, stream, version, hash, body, "  # noqa: S608  our own words; values are bound
            "(select min(s.last) from seal s where s.last >= event.seq) "
            f"from event where seq in ({marks})",
            tuple(wanted),
        )
    }
    return tuple(_shown(rows[seq]) for seq in wanted if seq in rows)


def _shown(row: Row) -> AuditEntry:
    told = read(bytes(row[4]))
    return AuditEntry(
        seq=row[0],
        at=told.at,
        actor=told.actor,
        on_behalf_of=told.on_behalf_of or "",
        door=told.door,
        type=told.type,
        stream=row[1],
        version=row[2],
        hash=bytes(row[3]).hex(),
        sealed_by=row[5] or 0,
        command=told.key,
        correlation=told.correlation,
        objects=tuple(dict.fromkeys((row[1], *told.touches))),
        data=told.data,
    )


_DIGITS = 18
"""Digits of a number that every 64-bit column holds."""


def _cursor(after: str) -> list[object]:
    at, _, seq = after.partition(_MARK)
    if not (at.isascii() and at.isdecimal() and seq.isascii() and seq.isdecimal()) or (
        max(len(at), len(seq)) > _DIGITS
    ):
        raise refuse("BAD_CURSOR", "this cursor is none of ours", field="after")
    return [int(at), int(seq)]
