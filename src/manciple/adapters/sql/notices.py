"""Notices as people see them: one row for each thing, newest first, read or not."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from manciple.adapters.sql.engine import Session, reading
from manciple.governance.notice import EVERYTHING, NoticeKind
from manciple.governance.queries import NoticeRow
from manciple.runtime.rows import micros, moment


class SqlNotices:
    """Reads notices: a person's own and those of their roles, at their sites."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def unread(
        self,
        person: str,
        *,
        roles: Sequence[str],
        sites: Sequence[str],
        since: datetime,
        most: int | None = None,
    ) -> int:
        """Count the things of which something is unread since an instant, up to ``most``.

        A thing is unread when any notice of it is: what was seen later covers all before it.
        """
        with reading(self._engine) as session:
            where, values = _told(session, person, roles, sites, since)
            sql = f"select subject from notice t where {where} and not {_READ}"  # noqa: S608  our own words; values are bound
            values = (*values, person, EVERYTHING)
            if most is None:
                return _things_of(session, sql, values)[0]
            for looked_at in (most * each for each in _A_THING):
                things, rows = _things_of(session, f"{sql} limit {looked_at}", values)
                if things >= most or rows < looked_at:
                    return min(things, most)
            return min(_things_of(session, sql, values)[0], most)

    def latest(
        self,
        person: str,
        *,
        roles: Sequence[str],
        sites: Sequence[str],
        since: datetime,
        limit: int,
    ) -> tuple[NoticeRow, ...]:
        """Give the newest things first."""
        with reading(self._engine) as session:
            newest = None
            for looked_at in (limit * each for each in _A_THING):
                newest = _newest(session, person, roles, sites, since, limit, looked_at)
                if newest is not None:
                    break
            things, values = _things(session, person, roles, sites, since, newest)
            sql = (
                f"select n.subject, n.kind, n.title, n.path, n.at, t.times, {_READ}, "  # noqa: S608  our own words; values are bound
                "coalesce((select e.state from notice_mail m join effect e on e.key = m.effect "
                "where m.owner = cast(? as text) || '>' || n.subject "
                "order by m.n desc limit 1), '') "
                f"from ({things}) t join notice n on n.n = t.last order by t.last desc limit ?"
            )
            rows = session.rows(sql, (person, EVERYTHING, person, *values, limit))
        return tuple(
            NoticeRow(
                subject=row[0],
                kind=NoticeKind(row[1]),
                title=row[2],
                path=row[3],
                at=moment(row[4]),
                times=int(row[5]),
                is_read=bool(row[6]),
                mail=row[7],
            )
            for row in rows
        )


_READ = (
    "exists (select 1 from notice_seen s where s.owner = ? and s.subject in (t.subject, ?) "
    "and s.at >= t.at)"
)


_A_THING = (2, 8)
"""Notices of one thing that are allowed for, first and then, while unread things are counted."""


def _things_of(session: Session, sql: str, values: Sequence[object]) -> tuple[int, int]:
    """Count the things among some notices, and the notices."""
    row = session.one(f"select count(distinct subject), count(*) from ({sql}) as told", values)  # noqa: S608  our own words; values are bound
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _newest(
    session: Session,
    person: str,
    roles: Sequence[str],
    sites: Sequence[str],
    since: datetime,
    limit: int,
    looked_at: int,
) -> list[str] | None:
    """Give the things somebody was told of last, from so many newest notices of each owner.

    None where those are not enough to know: there are many notices of few things.
    """
    floor, last = 0, dict[str, int]()
    for owner in (person, *(f"role:{role}" for role in roles)):
        where, values = _within(session, sites, since)
        rows = session.rows(
            f"select n, subject from notice where owner = ? and +{where} order by n desc limit ?",  # noqa: S608  our own words; values are bound
            (owner, *values, looked_at),
        )
        for n, subject in rows:
            last[subject] = max(last.get(subject, 0), n)
        if len(rows) == looked_at:
            floor = max(floor, rows[-1][0])
    sure = sorted((subject for subject in last if last[subject] >= floor), key=last.__getitem__)
    return sure[-limit:] if len(sure) >= limit or not floor else None


def _things(
    session: Session,
    person: str,
    roles: Sequence[str],
    sites: Sequence[str],
    since: datetime,
    newest: Sequence[str] | None,
) -> tuple[str, tuple[object, ...]]:
    """Give the question for the things somebody was told of, and its values."""
    where, values = _told(session, person, roles, sites, since)
    if newest is not None:
        where += f" and {session.among('subject')}"
        values = (*values, session.keys(newest))
    things = (
        "select subject, max(n) as last, max(at) as at, count(*) as times "  # noqa: S608  our own words; values are bound
        f"from notice where {where} group by subject"
    )
    return things, values


def _told(
    session: Session, person: str, roles: Sequence[str], sites: Sequence[str], since: datetime
) -> tuple[str, tuple[object, ...]]:
    """Give the conditions of the notices that are for somebody, and their values."""
    owners = session.keys((person, *(f"role:{role}" for role in roles)))
    where, values = _within(session, sites, since)
    return f"{session.among('owner')} and {where}", (owners, *values)


def _within(
    session: Session, sites: Sequence[str], since: datetime
) -> tuple[str, tuple[object, ...]]:
    """Give the conditions of notices from an instant on at some sites, and their values.

    They begin with ``at``: with a plus before it no index of instants is used, where the newest
    are found by the index of numbers and the others need not be put in order.
    """
    if not sites:
        return "at >= ?", (micros(since),)
    where = f"at >= ? and (site = '' or {session.among('site')})"
    return where, (micros(since), session.keys(tuple(sites)))
