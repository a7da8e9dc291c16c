"""Suppliers as a list, read in three statements: the records, their lines, their exceptions."""

from datetime import datetime

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.catalog.supplier import Supplier
from manciple.intelligence.supplier_list import SupplierRow
from manciple.runtime.codec import decode
from manciple.runtime.queries import MOST_ROWS, Page, Scope
from manciple.runtime.rows import micros


class SqlSupplierList:
    """Lists suppliers."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def page(
        self, *, text: str, scope: Scope, now: datetime, after: str | None, limit: int
    ) -> Page[SupplierRow]:
        """Give suppliers by number, those after the number ``after``.

        The masters of all suppliers are looked through: they are thousands at most.
        """
        most = max(1, min(limit, MOST_ROWS))
        with reading(self._engine) as session:
            rows = session.rows(
                "select body from document where kind = 'supplier' and id > ? order by id",
                (after or "",),
            )
            found = [decode(row[0], Supplier) for row in rows]
            fitting = [each for each in found if _fits(each, text)]
            shown = fitting[:most]
            names = [each.id for each in shown]
            lines = _counts(
                session, "line", "sum(case when due_at <= ? then 1 else 0 end)", [micros(now)],
                names, scope,
            )  # fmt: skip
            cases = _counts(session, "case", "0", [], names, scope)
        return Page(
            rows=tuple(
                SupplierRow(
                    supplier=each,
                    lines=lines.get(each.id, ("", 0, 0))[1],
                    late=lines.get(each.id, ("", 0, 0))[2],
                    exceptions=cases.get(each.id, ("", 0, 0))[1],
                )
                for each in shown
            ),
            after=shown[-1].id if len(fitting) > most else None,
        )


def _fits(supplier: Supplier, text: str) -> bool:
    words = f"{supplier.id} {supplier.name}".lower()
    return all(word in words for word in text.lower().split())


def _counts(
    session: Session,
    name: str,
    what: str,
    values: list[object],
    suppliers: list[str],
    scope: Scope,
) -> dict[str, Row]:
    where = f"list = '{name}' and state = 'open' and {session.among('supplier')}"
    bound: list[object] = [*values, session.keys(suppliers)]
    if scope.sites is not None:
        where = f"{where} and {session.among('site')}"
        bound.append(session.keys(scope.sites))
    rows = session.rows(
        f"select supplier, count(*), {what} from task where {where} group by supplier",  # noqa: S608  our own words; values are bound
        bound,
    )
    return {row[0]: row for row in rows}
