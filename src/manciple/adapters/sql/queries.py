"""What doors read: pages of documents, worklists, effects and events, each over its index."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, look_at, reading
from manciple.adapters.sql.reading import TASKS, task_of
from manciple.kernel.errors import refuse
from manciple.runtime.codec import decode
from manciple.runtime.documents import Document, Ref
from manciple.runtime.draft import Decoded
from manciple.runtime.history import read
from manciple.runtime.narrowing import ANY, MOST_COUNTED, Narrow, Tally
from manciple.runtime.queries import (
    EVERYTHING,
    MOST_ROWS,
    EffectRow,
    EventRow,
    LaneRow,
    Page,
    Scope,
    Stored,
    Whole,
)
from manciple.runtime.rows import Stored as Base
from manciple.runtime.rows import micros, moment
from manciple.runtime.work import Task

D = TypeVar("D", bound=Document)
T = TypeVar("T")
MOST_SEEN = 10_000
"""Documents that queues and lists keep decoded: more than the longest queue reads at once."""
_MARK = "\x1f"
_THERE = " and kind <> ''"
"""Not one whose making was taken back: of that only the history is left."""
_GET = "select version, head, body, at, site, supplier from document where ref = ? and kind <> ''"


class _Where:
    """Conditions and their values, joined as they are added."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.parts: list[str] = []
        self.values: list[object] = []

    def also(self, condition: str, *values: object) -> None:
        self.parts.append(condition)
        self.values.extend(values)

    def within(self, scope: Scope) -> None:
        """Leave out what is not the asker's to see. What belongs to no site is everybody's."""
        if scope.supplier is not None:
            self.also("supplier = ?", scope.supplier)
        if scope.sites is not None:
            self.also(
                f"(site = '' or {self._session.among('site')})", self._session.keys(scope.sites)
            )

    def __str__(self) -> str:
        return " and ".join(self.parts) or "1 = 1"


def _limited(limit: int) -> int:
    return max(1, min(limit, MOST_ROWS))


def _cursor(after: str, parts: int) -> list[str]:
    """Take a cursor apart; one that was not ours is refused."""
    found = after.split(_MARK)
    if len(found) != parts:
        raise refuse(
            "BAD_CURSOR", "this cursor is none of ours", field="after",
            fix="Send the 'after' of the page before, or leave it out.",
        )  # fmt: skip
    return found


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refuse("BAD_CURSOR", "this cursor is none of ours", field="after") from None


def _page(
    rows: Sequence[Row], limit: int, of: Callable[[Row], T], mark: Callable[[Row], str]
) -> Page[T]:
    more = len(rows) > limit
    shown = rows[:limit]
    return Page(
        rows=tuple(of(row) for row in shown), after=mark(shown[-1]) if more and shown else None
    )


class SqlDocuments:
    """Reads documents by number, or by kind and state."""

    def __init__(self, engine: sa.Engine, decoded: Decoded | None = None) -> None:
        """Read from this database; ``decoded`` is what this process has decoded lately."""
        self._engine, self._decoded = engine, decoded or Decoded(0)
        self._seen = Decoded(MOST_SEEN)

    def get(self, kind: type[D], name: str, *, scope: Scope = EVERYTHING) -> Stored[D] | None:
        """Give a document; None when it is not there or not within the scope."""
        text = f"{kind.KIND}/{name}"
        row = look_at(self._engine, _GET, (text,))
        if row is None or not scope.covers(site=row[4], supplier=row[5]):
            return None
        version, head, body, at, *_ = row
        document = self._decoded.document(text, Base(version, head, body), kind)
        return Stored(document=document, version=version, at=moment(at))

    def page(
        self,
        kind: type[D],
        *,
        scope: Scope = EVERYTHING,
        state: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Stored[D]]:
        """Give documents of a kind, newest first."""
        most = _limited(limit)
        with reading(self._engine) as session:
            where = _Where(session)
            where.also("kind = ?", kind.KIND)
            if state is not None:
                where.also("state = ?", state)
            where.within(scope)
            if after is not None:
                made, name = _cursor(after, 2)
                where.also("(made, id) < (?, ?)", _whole(made), name)
            sql = (
                "select body, version, at, made, id, head from document "  # noqa: S608  our own words; values are bound
                f"where {where} order by made desc, id desc limit ?"
            )
            rows = session.rows(sql, [*where.values, most + 1])
        return _page(
            rows, most, lambda row: self._met(row, kind), lambda row: f"{row[3]}{_MARK}{row[4]}"
        )

    def _met(self, row: Row, kind: type[D]) -> Stored[D]:
        """Give a document of a list; one that stands as it was last seen is not decoded again."""
        body, version, at, _, name, head = row
        base = Base(version, head, body)
        document = self._seen.document(f"{kind.KIND}/{name}", base, kind)
        return Stored(document=document, version=version, at=moment(at))

    def exists(self, ref: Ref) -> bool:
        """Say whether there is such a document."""
        with reading(self._engine) as session:
            sql = "select 1 from document where ref = ? and kind <> ''"
            return session.one(sql, (str(ref),)) is not None

    def count(self, kind: type[D]) -> int:
        """Count the documents of a kind."""
        row = look_at(self._engine, "select count(*) from document where kind = ?", (kind.KIND,))
        return int(row[0]) if row else 0

    def many(self, kind: type[D], names: Sequence[str]) -> Mapping[str, D]:
        """Give documents by number, in the order asked for; those not there are left out."""
        if not names:
            return {}
        refs = {str(Ref(kind.KIND, name)): name for name in names}
        found: dict[str, D] = {}
        with reading(self._engine) as session:
            wanted = self._unseen(session, kind, list(refs), found)
            rows = []
            if wanted:
                sql = (
                    "select ref, version, head, body from document "  # noqa: S608  our own words; values are bound
                    f"where {session.among('ref')}{_THERE}"
                )
                rows = session.rows(sql, (session.keys(wanted),))
        for text, version, head, body in rows:
            found[text] = self._seen.document(text, Base(version, head, body), kind)
        return {name: found[text] for text, name in refs.items() if text in found}

    def _unseen(
        self, session: Session, kind: type[D], refs: list[str], found: dict[str, D]
    ) -> list[str]:
        """Give what must be read; of many, first those that were read before are found again."""
        if len(refs) <= MOST_ROWS:
            return refs
        sql = f"select ref, version, head from document where {session.among('ref')}{_THERE}"  # noqa: S608  our own words; values are bound
        unseen = []
        for text, version, head in session.rows(sql, (session.keys(refs),)):
            base = Base(version, head, b"")
            if self._seen.holds(text, base, kind):
                found[text] = self._seen.document(text, base, kind)
            else:
                unseen.append(text)
        return unseen

    def stored(self, kind: type[D], names: Sequence[str]) -> Mapping[str, Stored[D]]:
        """Give documents by number with what the store knows of them, as ``many`` does."""
        if not names:
            return {}
        refs = {str(Ref(kind.KIND, name)): name for name in names}
        with reading(self._engine) as session:
            sql = (
                f"select body, version, at, ref from document where {session.among('ref')}{_THERE}"  # noqa: S608  our own words; values are bound
            )
            rows = {row[3]: row for row in session.rows(sql, (session.keys(tuple(refs)),))}
        return {name: _stored(rows[ref], kind) for ref, name in refs.items() if ref in rows}


def _stored(row: Row, kind: type[D]) -> Stored[D]:
    return Stored(document=decode(row[0], kind), version=row[1], at=moment(row[2]))


class SqlWorklists:
    """Reads what waits for somebody."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def tasks(
        self,
        name: str,
        *,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Task]:
        """Give open rows of a worklist, by priority, then due time."""
        most = _limited(limit)
        with reading(self._engine) as session:
            where = _open_tasks(session, name, scope, owner, roles, narrow)
            if after is not None:
                priority, due, last = _cursor(after, 3)
                where.also(
                    "(priority, coalesce(due_at, 0), id) > (?, ?, ?)",
                    _whole(priority),
                    _whole(due),
                    last,
                )
            rows = session.rows(_TASKS.format(where=where), [*where.values, most + 1])
        return _page(
            rows, most, task_of, lambda row: f"{row[10]}{_MARK}{row[7] or 0}{_MARK}{row[0]}"
        )

    def about(self, keys: Sequence[str], *, name: str) -> tuple[Task, ...]:
        """Give the open rows of a worklist whose subjects bear some business keys, by id."""
        if not keys:
            return ()
        with reading(self._engine) as session:
            rows = session.rows(
                "select distinct k.id, k.list, k.subject, k.title, k.role, k.owner, "  # noqa: S608  our own words; values are bound
                "k.opened_at, k.due_at, k.site, k.supplier, k.priority, k.state "
                "from trace t cross join task k "  # the keys first: SQLite keeps this order
                f"where {session.among('t.key')} and k.subject = t.ref "
                "and k.state = 'open' and k.list = ? order by k.id",
                [session.keys(list(keys)), name],
            )
        return tuple(map(task_of, rows))

    def of(
        self,
        subjects: Sequence[str],
        *,
        name: str,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
    ) -> tuple[Task, ...]:
        """Give those open rows of a worklist that are about some documents, by id."""
        if not subjects:
            return ()
        with reading(self._engine) as session:
            where = _open_tasks(session, name, scope, owner, roles, narrow)
            where.also(session.among("subject"), session.keys(list(subjects)))
            rows = session.rows(f"{TASKS} where {where} order by id", where.values)
        return tuple(map(task_of, rows))

    def whole(
        self,
        name: str,
        *,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        most: int,
    ) -> Whole[Task]:
        """Give the first ``most`` open rows of a worklist in one piece, and count the rest."""
        with reading(self._engine) as session:
            where = _open_tasks(session, name, scope, owner, roles, narrow)
            rows = session.rows(_TASKS.format(where=where), [*where.values, most + 1])
            count = len(rows)
            if count > most:
                counted = session.one(
                    f"select count(*) from task where {where}",  # noqa: S608  our own words; values are bound
                    where.values,
                )
                count = int(counted[0]) if counted else count
        return Whole(rows=tuple(map(task_of, rows[:most])), left_out=max(0, count - most))

    def heads(
        self,
        name: str,
        *,
        scope: Scope = EVERYTHING,
        owner: str | None = None,
        roles: tuple[str, ...] | None = None,
        narrow: Narrow = ANY,
        most: int,
    ) -> tuple[str, ...]:
        """Give the ids of the first ``most`` open rows of a worklist, from its index alone."""
        with reading(self._engine) as session:
            where = _open_tasks(session, name, scope, owner, roles, narrow)
            rows = session.rows(
                f"select id from task where {where} "  # noqa: S608  our own words; values are bound
                "order by priority, coalesce(due_at, 0), id limit ?",
                [*where.values, most],
            )
        return tuple([row[0] for row in rows])

    def named(self, ids: Sequence[str]) -> Mapping[str, Task]:
        """Give rows by id, open or not."""
        if not ids:
            return {}
        with reading(self._engine) as session:
            sql = f"{TASKS} where {session.among('id')}"
            rows = session.rows(sql, (session.keys(list(ids)),))
        return {row[0]: task_of(row) for row in rows}

    def tallies(
        self, asked: Sequence[Tally], *, scope: Scope = EVERYTHING, most: int = MOST_COUNTED
    ) -> tuple[int, ...]:
        """Count open rows for each of what is asked, to ``most`` and no further, in one look."""
        if not asked:
            return ()
        with reading(self._engine) as session:
            parts, values = [], list[object]()
            for place, each in enumerate(asked):
                roles = each.roles if each.owner is not None else None
                where = _open_tasks(session, each.list, scope, each.owner, roles, each.narrow)
                parts.append(
                    f"(select count(*) from (select 1 from task where {where} limit ?) t{place})"  # noqa: S608  our own words; values are bound
                )
                values += [*where.values, most]
            row = session.one(f"select {', '.join(parts)}", values)
        return tuple(map(int, row or ()))


_TASKS = TASKS + " where {where} order by priority, coalesce(due_at, 0), id limit ?"


def _open_tasks(
    session: Session,
    name: str,
    scope: Scope,
    owner: str | None,
    roles: tuple[str, ...] | None,
    narrow: Narrow = ANY,
) -> _Where:
    where = _Where(session)
    where.also("list = ?", name)
    where.also("state = 'open'")
    if name == _LINE:
        where.also("list = 'line'")  # the words of its indexes
    elif narrow.since is not None or narrow.before is not None:
        where.also("list <> 'line'")  # the words of task_due
    where.within(scope)
    _narrowed(where, session, narrow)
    if owner is not None:
        where.also(
            f"(owner = ? or (owner is null and {session.among('role')}))",
            owner,
            session.keys(roles or ()),
        )
    return where


_LINE = "line"


def _narrowed(where: _Where, session: Session, narrow: Narrow) -> None:
    if narrow.since is not None:
        where.also("due_at >= ?", micros(narrow.since))
    if narrow.before is not None:
        where.also("due_at < ?", micros(narrow.before))
    if narrow.sites is not None:
        where.also(session.among("site"), session.keys(narrow.sites))
    if narrow.supplier:
        where.also("supplier = ?", narrow.supplier)
    if narrow.priority is not None:
        where.also("priority = ?", narrow.priority)
    for word in narrow.words:
        literal = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        where.also("lower(title) like ? escape '!'", f"%{literal}%")


class SqlHistory:
    """Reads the event history, the effects and the lanes."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def events(
        self, *, after: int = 0, limit: int = 100, stream: str | None = None
    ) -> Page[EventRow]:
        """Give events in the order in which they were written, after the serial ``after``."""
        most = _limited(limit)
        with reading(self._engine) as session:
            where = _Where(session)
            where.also("n > ?", after)
            if stream is not None:
                where.also("stream = ?", stream)
            sql = (
                "select n, seq, stream, version, type, at, hash, body from event "  # noqa: S608  our own words; values are bound
                f"where {where} order by n limit ?"
            )
            rows = session.rows(sql, [*where.values, most + 1])
        return _page(rows, most, event_row, lambda row: str(row[0]))

    def of(self, streams: Sequence[str], *, limit: int = 100) -> tuple[EventRow, ...]:
        """Give the newest ``limit`` events of some streams, in the order of writing."""
        with reading(self._engine) as session:
            rows = session.rows(
                "select n, seq, stream, version, type, at, hash, body from event "  # noqa: S608  our own words; values are bound
                f"where {session.among('stream')} order by n desc limit ?",
                [session.keys(streams), _limited(limit)],
            )
        return tuple(event_row(row) for row in reversed(rows))

    def answered(self, keys: Sequence[str]) -> frozenset[str]:
        """Give those of the command keys that were answered before."""
        if not keys:
            return frozenset()
        with reading(self._engine) as session:
            sql = f"select key from command where {session.among('key')}"  # noqa: S608  our own words; values are bound
            return frozenset(row[0] for row in session.rows(sql, (session.keys(keys),)))

    def effects(
        self,
        *,
        state: str | None = None,
        endpoint: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[EffectRow]:
        """Give effects, by key."""
        most = _limited(limit)
        with reading(self._engine) as session:
            where = _Where(session)
            for column, value in (("state", state), ("endpoint", endpoint)):
                if value is not None:
                    where.also(f"{column} = ?", value)
            if after is not None:
                where.also("key > ?", after)
            sql = (
                "select key, endpoint, lane, verb, subject, state, attempts, due_at, result, "  # noqa: S608  our own words; values are bound
                f"payload from effect where {where} order by key limit ?"
            )
            rows = session.rows(sql, [*where.values, most + 1])
        return _page(rows, most, effect_row, lambda row: str(row[0]))

    def effect(self, key: str) -> EffectRow | None:
        """Give one effect, or None."""
        sql = (
            "select key, endpoint, lane, verb, subject, state, attempts, due_at, result, payload "
            "from effect where key = ?"
        )
        with reading(self._engine) as session:
            row = session.one(sql, (key,))
        return None if row is None else effect_row(row)

    def lanes(self) -> tuple[LaneRow, ...]:
        """Give every lane of every endpoint, sorted."""
        sql = (
            "select l.endpoint, l.lane, "
            "(select count(*) from effect e where e.endpoint = l.endpoint and e.lane = l.lane "
            " and e.state in ('due', 'accepted')), "
            "(select count(*) from effect e where e.endpoint = l.endpoint and e.lane = l.lane "
            " and e.state = 'dead'), "
            "l.failures, l.open_until, "
            "exists (select 1 from hold h where h.endpoint = l.endpoint), "
            "(select min(e.due_at) from effect e where e.endpoint = l.endpoint "
            " and e.lane = l.lane and e.state in ('due', 'accepted')) "
            "from lane l order by l.endpoint, l.lane"
        )
        with reading(self._engine) as session:
            rows = session.rows(sql)
        return tuple(_lane(row) for row in rows)


def event_row(row: Row) -> EventRow:
    """Make an event's row of a database row."""
    recorded = read(row[7])
    body: dict[str, Any] = {
        "actor": recorded.actor,
        "on_behalf_of": recorded.on_behalf_of,
        "command": recorded.key,
        "correlation": recorded.correlation,
        "door": recorded.door,
        "objects": [recorded.stream, *recorded.touches],
        "data": recorded.data,
    }
    return EventRow(
        n=row[0],
        seq=row[1],
        stream=row[2],
        version=row[3],
        type=row[4],
        at=moment(row[5]),
        hash=row[6].hex(),
        body=body,
    )


def effect_row(row: Row) -> EffectRow:
    """Make an effect's row of a database row."""
    return EffectRow(
        key=row[0],
        endpoint=row[1],
        lane=row[2],
        verb=row[3],
        subject=row[4],
        state=row[5],
        attempts=row[6],
        due_at=moment(row[7]),
        result=decode(row[8], dict[str, Any]) if row[8] else None,
        payload=row[9].decode("utf-8", "replace")[:20_000],
    )


def _lane(row: Row) -> LaneRow:
    return LaneRow(
        endpoint=row[0],
        lane=row[1],
        due=row[2],
        dead=row[3],
        failures=row[4],
        open_until=moment(row[5]) if row[5] else None,
        held=bool(row[6]),
        oldest_due=moment(row[7]) if row[7] else None,
    )
