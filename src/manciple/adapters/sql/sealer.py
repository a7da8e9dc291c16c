"""The sealer: gives committed events their place in one sequence and seals them by Merkle roots.

    while sealer.seal(now): ...          one batch each; 0 when there is nothing, or another seals

Order within a batch is ``n``, the row's serial. On PostgreSQL serials commit out of order, but an
event caused by another was inserted after that one was visible, so ``n`` never puts effect before
cause, whichever batches they fall in. There is no high-water mark: a late commit would be skipped.
"""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, transaction
from manciple.runtime.chain import GENESIS, chained_root, merkle
from manciple.runtime.rows import micros

MOST = 2000
"""Events of one seal."""
LEASE = timedelta(seconds=10)


class Sealer:
    """Seals batches of events; of all that run, the one that holds the lease does."""

    def __init__(self, engine: sa.Engine, *, holder: str = "", most: int = MOST) -> None:
        """Seal the history of a database under a holder's name."""
        self._engine, self._most = engine, most
        self._holder = holder or uuid.uuid4().hex

    def seal(self, now: datetime) -> int:
        """Seal one batch; gives how many events."""
        with transaction(self._engine) as session:
            rows = self._unsealed(session)
            if not rows or not self._hold(session, now):
                return 0
            if session.is_postgres:
                # Another may have sealed them while we waited for the lease.
                rows = self._unsealed(session)
                if not rows:
                    return 0
            last = session.one("select last, chained from seal order by last desc limit 1")
            start, chained = last or (0, GENESIS)
            root = merkle(row[1] for row in rows)
            with session.together():
                session.write_all(
                    "update event set seq = ? where n = ?",
                    [(start + place, row[0]) for place, row in enumerate(rows, 1)],
                )
                session.write_all(
                    "insert into seal (first, last, root, chained, at) values (?, ?, ?, ?, ?)",
                    [
                        (
                            start + 1,
                            start + len(rows),
                            root,
                            chained_root(chained, root),
                            micros(now),
                        )
                    ],
                )
        return len(rows)

    def seal_all(self, now: datetime) -> int:
        """Seal everything there is; gives how many events."""
        total = 0
        while count := self.seal(now):
            total += count
        return total

    def _unsealed(self, session: Session) -> list[Row]:
        return session.rows(
            "select n, hash from event where seq is null order by n limit ?", (self._most,)
        )

    def _hold(self, session: Session, now: datetime) -> bool:
        """Take or keep the lease; on PostgreSQL its row is locked until the commit."""
        session.write(
            "insert into lease (name, token, until) values ('sealer', '', 0) "
            "on conflict do nothing"
        )
        row = session.one(
            f"select token, until from lease where name = 'sealer'{session.for_update}"  # noqa: S608  our own words; values are bound
        )
        if row is not None and row[0] not in ("", self._holder) and row[1] > micros(now):
            return False
        session.write(
            "update lease set token = ?, until = ? where name = 'sealer'",
            (self._holder, micros(now + LEASE)),
        )
        return True
