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
        self, person: str, *, roles: Sequence[str], sites: Sequence[str], since: datetime
    ) -> int:
        """Count the things of which something is unread since an instant."""
        with reading(self._engine) as session:
            things, values = _things(session, person, roles, sites, since)
            sql = f"select count(*) from ({things}) t where not {_READ}"  # noqa: S608  our own words; values are bound
            row = session.one(sql, (*values, person, EVERYTHING))
        return int(row[0]) if row else 0

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
            things, values = _things(session, person, roles, sites, since)
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


def _things(
    session: Session, person: str, roles: Sequence[str], sites: Sequence[str], since: datetime
) -> tuple[str, tuple[object, ...]]:
    """Give the question for the things somebody was told of, and its values."""
    owners = session.keys((person, *(f"role:{role}" for role in roles)))
    values: tuple[object, ...] = (owners, micros(since))
    where = f"{session.among('owner')} and at >= ?"
    if sites:
        where += f" and (site = '' or {session.among('site')})"
        values = (*values, session.keys(tuple(sites)))
    things = (
        "select subject, max(n) as last, max(at) as at, count(*) as times "  # noqa: S608  our own words; values are bound
        f"from notice where {where} group by subject"
    )
    return things, values
