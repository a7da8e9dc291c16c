"""What a person asked for, and how long such things took: each over its index."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.adapters.sql.records import RecordTable
from manciple.catalog.finding import bears, typed_words
from manciple.catalog.item import Item
from manciple.kernel.errors import refuse
from manciple.receiving.lead_time import NEWEST, LeadTime
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.codec import decode
from manciple.runtime.queries import MOST_ROWS, Page, Stored
from manciple.runtime.rows import moment

_CANDIDATES = 400
"""Rows of the word index that are looked at for one search."""
_TOOK = RecordTable.of("lead_time", LeadTime)
_LAST = "\U0010ffff"
"""What sorts behind everything that begins with a word."""


class SqlNeeds:
    """Reads the needs that somebody stated."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def raised_by(
        self, person: str, *, after: str | None = None, limit: int = 50
    ) -> Page[Stored[Requisition]]:
        """Give a person's requisitions, newest first."""
        most = max(1, min(limit, MOST_ROWS))
        values: list[object] = [person]
        where = "r.owner = ?"
        if after is not None:
            where += " and r.n < ?"
            values.append(_whole(after))
        with reading(self._engine) as session:
            rows = session.rows(
                "select d.body, d.version, d.at, r.n from raised r join document d "  # noqa: S608  our own words; values are bound
                f"on d.ref = 'requisition/' || r.requisition where {where} "
                "order by r.n desc limit ?",
                [*values, most + 1],
            )
        shown = rows[:most]
        return Page(
            rows=tuple(
                Stored(document=decode(row[0], Requisition), version=row[1], at=moment(row[2]))
                for row in shown
            ),
            after=str(shown[-1][3]) if len(rows) > most else None,
        )


class SqlLeadTimes:
    """Reads how long lines took."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def of(self, keys: Sequence[str]) -> Mapping[str, tuple[LeadTime, ...]]:
        """Give the newest deliveries of each ``site:item``, newest first."""
        with reading(self._engine) as session:
            found = newest_of(session, _TOOK, keys, most=NEWEST)
        return {key: tuple(map(_TOOK.record, rows)) for key, rows in found.items()}


class SqlAssignments:
    """Reads which steps of approvals lay before somebody."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def newest(self, person: str, *, most: int) -> tuple[tuple[str, int], ...]:
        """Give approval and step number, the last asked first, each once for each asking."""
        with reading(self._engine) as session:
            rows = session.rows(
                "select approval, step from assigned where owner = ? and is_open = 1 "
                "order by n desc limit ?",
                (person, most),
            )
        return tuple((row[0], row[1]) for row in rows)


class SqlItemFinder:
    """Finds items by what people type."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def found(self, text: str, *, most: int) -> tuple[Item, ...]:
        """Give items whose number or words begin so, all typed words together, by number."""
        words = typed_words(text)
        if not words:
            return ()
        longest = max(words, key=len)
        with reading(self._engine) as session:
            rows = session.rows(
                "select distinct item from (select item from item_word where owner >= ? "
                "and owner < ? order by owner, n limit ?) as near order by item",
                (longest, longest + _LAST, _CANDIDATES),
            )
            names = [f"item/{row[0]}" for row in rows]
            sql = f"select body from document where {session.among('ref')} order by id"  # noqa: S608  our own words; values are bound
            bodies = session.rows(sql, (session.keys(names),)) if names else []
        items = (decode(body, Item) for (body,) in bodies)
        return tuple([item for item in items if bears(item, words)][:most])


def newest_of(
    session: Session, table: RecordTable, keys: Sequence[str], *, most: int
) -> dict[str, list[Row]]:
    """Give the newest rows of a record table under each owner, newest first, in one question."""
    found: dict[str, list[Row]] = {key: [] for key in keys}
    if not found:
        return found
    columns = table.select.removeprefix("select ").partition(" from ")[0]
    rows = session.rows(
        f"select owner, {columns} from {_newest(session, table.name)} order by owner, n desc",  # noqa: S608  our own words; values are bound
        (session.keys(list(found)), most),
    )
    for owner, *rest in rows:
        found[owner].append(tuple(rest))
    return found


def _newest(session: Session, table: str) -> str:
    """Name the newest rows under each of some owners: read backwards, only as many as wanted."""
    of_one = f"from {table} where owner = each.value order by n desc limit ?"
    if session.is_postgres:
        return f"unnest(?::text[]) as each(value) cross join lateral (select * {of_one}) as newest"
    return f"json_each(?) as each cross join {table} on n in (select n {of_one})"


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise refuse("BAD_CURSOR", "this cursor is none of ours", field="after") from None
