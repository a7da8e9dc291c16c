"""Goods received and not invoiced, read from the open orders and their ledgers, oldest first."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from manciple.adapters.sql.engine import Session, reading
from manciple.adapters.sql.records import RecordTable
from manciple.invoicing.unbilled import Unbilled, unbilled
from manciple.kernel.errors import refuse
from manciple.ordering.line_ledger import Posting, ledgers
from manciple.ordering.purchase_order import OrderState, PurchaseOrder
from manciple.runtime.codec import decode
from manciple.runtime.queries import EVERYTHING, MOST_ROWS, Page, Scope

_STATES = (OrderState.RECEIVED.value, OrderState.SHIPPED.value)
"""States in which an order has goods here and is not done."""
_POSTINGS = RecordTable.of("posting", Posting)
_MARK = "\x1f"


class SqlUnbilled:
    """Reads what was received and is not invoiced, some orders at a time."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine

    def page(
        self, *, on: date, scope: Scope = EVERYTHING, after: str | None = None, limit: int = 50
    ) -> Page[Unbilled]:
        """Give what waits in the next ``limit`` open orders; a page may be empty and not the last.

        Each page costs one look into the index of documents by state and one into the postings.
        """
        state, made, name = _start(after)
        most = max(1, min(limit, MOST_ROWS))
        with reading(self._engine) as session:
            rows = self._orders(session, state, made, name, scope, most + 1)
            orders = [decode(row[0], PurchaseOrder) for row in rows[:most]]
            books = self._ledgers(session, [order.id for order in orders])
        found = tuple(
            each
            for order in orders
            for each in unbilled(order, ledgers(books.get(order.id, [])), on=on)
        )
        return Page(rows=found, after=_next(state, rows, most))

    def _orders(
        self, session: Session, state: str, made: int, name: str, scope: Scope, most: int
    ) -> list[tuple[Any, ...]]:
        where = ["kind = ?", "state = ?", "(made, id) > (?, ?)"]
        values: list[object] = [PurchaseOrder.KIND, state, made, name]
        if scope.supplier is not None:
            where.append("supplier = ?")
            values.append(scope.supplier)
        if scope.sites is not None:
            where.append(session.among("site"))
            values.append(session.keys(scope.sites))
        sql = (
            f"select body, made, id from document where {' and '.join(where)}"  # noqa: S608  our own words; values are bound
            " order by made, id limit ?"
        )
        return [tuple(row) for row in session.rows(sql, [*values, most])]

    def _ledgers(self, session: Session, orders: list[str]) -> dict[str, list[Posting]]:
        found: dict[str, list[Posting]] = {}
        if not orders:
            return found
        columns = ", ".join(name for part in _POSTINGS.parts for name, _ in part.columns)
        sql = (
            f"select owner, {columns} from posting where {session.among('owner')}"  # noqa: S608  our own words; values are bound
            " order by owner, n"
        )
        for row in session.rows(sql, (session.keys(orders),)):
            found.setdefault(row[0], []).append(_POSTINGS.record(row[1:]))
        return found


def _start(after: str | None) -> tuple[str, int, str]:
    if after is None:
        return _STATES[0], -1, ""
    parts = after.split(_MARK)
    if len(parts) != 3 or parts[0] not in _STATES or not parts[1].lstrip("-").isdigit():  # noqa: PLR2004  state, made, id
        raise refuse("BAD_CURSOR", "this cursor is none of ours", field="after",
                     fix="Send the 'after' of the page before, or leave it out.")  # fmt: skip
    return parts[0], int(parts[1]), parts[2]


def _next(state: str, rows: list[tuple[Any, ...]], most: int) -> str | None:
    if len(rows) > most:
        _, made, name = rows[most - 1]
        return _MARK.join((state, str(made), str(name)))
    later = _STATES[_STATES.index(state) + 1 :]
    return _MARK.join((later[0], "-1", "")) if later else None
