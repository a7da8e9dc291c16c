"""Held invoices, and the postings of many orders at once; over the index of documents by state."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final

import sqlalchemy as sa

from manciple.adapters.sql.engine import Row, Session, reading
from manciple.adapters.sql.records import RecordTable
from manciple.invoicing.invoice import Invoice, InvoiceState
from manciple.invoicing.queries import HeldInvoice
from manciple.ordering.line_ledger import Posting
from manciple.runtime.codec import decode
from manciple.runtime.queries import Scope, Whole

MOST_READ: Final = 4000
"""Held invoices that a process remembers by their version."""
_POSTINGS = RecordTable.of("posting", Posting)


class SqlPayables:
    """Reads what accounts payable works on."""

    def __init__(self, engine: sa.Engine) -> None:
        """Read from this database."""
        self._engine = engine
        self._read: OrderedDict[str, tuple[int, HeldInvoice]] = OrderedDict()
        self._lock = Lock()

    def held(self, *, scope: Scope, most: int) -> Whole[HeldInvoice]:
        """Give the first ``most`` invoices that are held, the oldest first, and count the rest.

        Of those that were read before, only the version is asked for.
        """
        with reading(self._engine) as session:
            where, values = _held(session, scope)
            rows = session.rows(
                f"select ref, version from document where {where} order by made, id limit ?",  # noqa: S608  our own words; values are bound
                [*values, most + 1],
            )
            count = len(rows)
            if count > most:
                counted = session.one(f"select count(*) from document where {where}", values)  # noqa: S608  our own words; values are bound
                count = int(counted[0]) if counted else count
            found = self._documents(session, rows[:most])
        return Whole(rows=found, left_out=max(0, count - most))

    def _documents(self, session: Session, rows: Sequence[Row]) -> tuple[HeldInvoice, ...]:
        """Give invoices in their order; what is no longer held meanwhile is left out."""
        with self._lock:
            known = {ref: self._read.get(ref) for ref, _ in rows}
        wanted = [ref for ref, version in rows if (known[ref] or (None,))[0] != version]
        bodies = session.rows(
            "select ref, version, body from document "  # noqa: S608  our own words; values are bound
            f"where {session.among('ref')} and state = ?",
            (session.keys(wanted), InvoiceState.HELD.value),
        ) if wanted else ()  # fmt: skip
        again = frozenset(wanted)
        found = {ref: (int(version), decode(body, HeldInvoice)) for ref, version, body in bodies}
        with self._lock:
            self._read |= found
            while len(self._read) > MOST_READ:
                self._read.popitem(last=False)
        whole = ((found if ref in again else known).get(ref) for ref, _ in rows)
        return tuple(each[1] for each in whole if each is not None)

    def held_of(self, refs: Sequence[str]) -> tuple[HeldInvoice, ...]:
        """Give those of some invoices that are held."""
        if not refs:
            return ()
        with reading(self._engine) as session:
            rows = session.rows(
                f"select body from document where {session.among('ref')} and state = ?",  # noqa: S608  our own words; values are bound
                (session.keys(list(refs)), InvoiceState.HELD.value),
            )
        return tuple(decode(row[0], HeldInvoice) for row in rows)

    def postings(self, orders: Sequence[str]) -> Mapping[str, tuple[Posting, ...]]:
        """Give every posting of these orders, by order, in one question."""
        if not orders:
            return {}
        columns = ", ".join(name for part in _POSTINGS.parts for name, _ in part.columns)
        found: dict[str, list[Posting]] = {order: [] for order in orders}
        with reading(self._engine) as session:
            sql = (
                f"select owner, {columns} from posting where {session.among('owner')}"  # noqa: S608  our own words; values are bound
                " order by owner, n"
            )
            for row in session.rows(sql, (session.keys(orders),)):
                found[row[0]].append(_POSTINGS.record(row[1:]))
        return {order: tuple(rows) for order, rows in found.items()}


def _held(session: Session, scope: Scope) -> tuple[str, list[object]]:
    """Say which documents are meant; an invoice's site is that of its holds on the worklist."""
    parts: list[str] = ["kind = ?", "state = ?"]
    values: list[object] = [Invoice.KIND, InvoiceState.HELD.value]
    if scope.supplier is not None:
        parts.append("supplier = ?")
        values.append(scope.supplier)
    if scope.sites is not None:
        parts.append(
            "exists (select 1 from task where task.subject = document.ref and task.list = 'hold'"  # noqa: S608  our own words; values are bound
            " and task.state = 'open' and (task.site = '' or "
            f"{session.among('task.site')}))"
        )
        values.append(session.keys(scope.sites))
    return " and ".join(parts), values
