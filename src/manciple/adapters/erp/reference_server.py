"""The reference ERP: a small system of its own, with its own books, rules and number ranges.

    python -m manciple.adapters.erp.reference_server --port 8069 --database erp.sqlite

It can also be called in-process: ``ReferenceErp(path)`` behind an ``InProcessLine``. Either way
it has its own database file and shares no transaction with anybody.
"""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

from manciple.adapters.erp.reference_books import invoices, masters, orders, receipts, returns
from manciple.adapters.erp.reference_books.schema import SCHEMA
from manciple.adapters.reference.books import Booked, Writer
from manciple.adapters.reference.fields import Fields, body_of
from manciple.adapters.reference.server import serve
from manciple.adapters.reference.system import ReferenceSystem
from manciple.adapters.reference.web import Answer, RefusalError, Request, Route

_TABLES = {
    "order": "purchase_order",
    "receipt": "receipt",
    "return": "supplier_return",
    "invoice": "invoice",
}
_STATES = {"order": "", "return": "step"}
"""The column that holds a document's state; others are posted and stay so."""
_ORDER_STATE = """
CASE WHEN NOT EXISTS (SELECT 1 FROM line_total t WHERE t."order" = o.external
    AND CAST(t.ordered AS REAL) > CAST(t.cancelled AS REAL)) THEN 'cancelled'
  WHEN NOT EXISTS (SELECT 1 FROM line_total t WHERE t."order" = o.external
    AND CAST(t.ordered AS REAL) + CAST(t.replaced AS REAL)
    - CAST(t.cancelled AS REAL) > CAST(t.received AS REAL))
  THEN 'received' ELSE 'open' END
"""
"""For people who look; nothing is decided by it."""


class ReferenceErp(ReferenceSystem):
    """The reference ERP. Its HTTP interface is described in docs/reference/erp-port.md."""

    def __init__(
        self,
        database: Path,
        *,
        synchronous: str = "FULL",
        token: str = "",
        embedded: bool = True,
    ) -> None:
        """Open its books at ``database``."""
        super().__init__(
            database,
            SCHEMA,
            name="reference-erp",
            synchronous=synchronous,
            token=token,
            embedded=embedded,
        )

    def routes(self) -> tuple[Route, ...]:
        """Give the ERP's routes."""
        return (
            Route("POST", "/purchase-orders", lambda r: self.post(r, orders.create)),
            Route("POST", "/purchase-orders/*/changes", self._change),
            Route("POST", "/purchase-orders/*/cancellation", self._cancel),
            Route("POST", "/purchase-orders/*/confirmations", self._confirm),
            Route("GET", "/purchase-orders/*", lambda r: self._document(r, "order")),
            Route("POST", "/receipts", lambda r: self.post(r, receipts.create)),
            Route("GET", "/receipts/*", lambda r: self._document(r, "receipt")),
            Route("POST", "/returns", lambda r: self.post(r, returns.move)),
            Route("GET", "/returns/*", lambda r: self._document(r, "return")),
            Route("POST", "/invoices", lambda r: self.post(r, invoices.create)),
            Route("GET", "/invoices/*", lambda r: self._document(r, "invoice")),
            Route("GET", "/line-totals", self._totals),
            Route("GET", "/suppliers", lambda r: self._masters(r, "supplier")),
            Route("GET", "/items", self._items),
            Route("GET", "/sites", lambda r: self._masters(r, "site")),
            Route("GET", "/offers", self._offers),
            Route("GET", "/stock/*/*", self._stock),
            Route("GET", "/trial-balance", self._trial_balance),
            Route("POST", "/_load", self._load),
        )

    def load(self, masters_json: bytes) -> None:
        """Load master data in-process, as ``POST /_load`` does."""
        answer = self.answer(Request(method="POST", path="/_load", body=masters_json))
        if answer.status != HTTPStatus.OK:
            raise RefusalError(answer.status, "load", str(answer.body))

    def _change(self, request: Request) -> Answer:
        def posting(writer: Writer, fields: Fields) -> Booked:
            version = request.headers.get("if-match", "")
            return orders.change(writer, request.parts[1], version, fields)

        return self.post(request, posting)

    def _cancel(self, request: Request) -> Answer:
        def posting(writer: Writer, fields: Fields) -> Booked:
            version = request.headers.get("if-match", "")
            return orders.cancel(writer, request.parts[1], version, fields)

        return self.post(request, posting)

    def _confirm(self, request: Request) -> Answer:
        def posting(writer: Writer, fields: Fields) -> Booked:
            return orders.confirm(writer, request.parts[1], fields)

        return self.post(request, posting)

    def _document(self, request: Request, kind: str) -> Answer:
        external = request.parts[1]
        state = _STATES.get(kind, "'posted'") or _ORDER_STATE
        version = "version" if kind in _STATES else "1"
        supplier = (
            "supplier"
            if kind in {"order", "invoice"}
            else ("(SELECT supplier FROM purchase_order p WHERE p.number = o.po)")
        )
        row = self.books.one(
            f"SELECT number, external, {supplier} AS supplier, {version} AS version,"  # noqa: S608  our own words; values are bound
            f" {state} AS state FROM {_TABLES[kind]} o WHERE external = ?",
            external,
        )
        if row is None:
            raise RefusalError(404, "not-found", f"no {kind} has the reference {external}")
        lines = []
        if kind == "order":
            lines = self.books.rows('SELECT * FROM line_total WHERE "order" = ?', external)
        body = {"kind": kind, **dict(row), "lines": [dict(line) for line in lines]}
        body["version"] = str(body["version"])
        return Answer(status=200, body=body, headers={"ETag": f'"{body["version"]}"'})

    def _totals(self, request: Request) -> Answer:
        return self.paged(
            request,
            'SELECT * FROM line_total WHERE ("order", line) > (?, ?)',
            cursor=("order", "line"),
            start=("", ""),
        )

    def _masters(self, request: Request, table: str) -> Answer:
        return self.paged(
            request,
            f"SELECT * FROM {table} WHERE id > ?",  # noqa: S608  table names are ours
            cursor=("id",),
            start=("",),
        )

    def _items(self, request: Request) -> Answer:
        answer = self._masters(request, "item")
        for row in answer.body["rows"]:
            packs = self.books.rows(
                "SELECT unit, content FROM pack WHERE item = ? ORDER BY unit", row["id"]
            )
            row["packs"] = [dict(pack) for pack in packs]
        return answer

    def _offers(self, request: Request) -> Answer:
        return self.paged(
            request,
            "SELECT * FROM offer WHERE (supplier, item, valid_from) > (?, ?, ?)",
            cursor=("supplier", "item", "valid_from"),
            start=("", "", ""),
        )

    def _stock(self, request: Request) -> Answer:
        _, item, site = request.parts
        row = self.books.one(
            "SELECT s.on_hand, s.allocated, i.unit FROM stock s JOIN item i ON i.id = s.item"
            " WHERE s.item = ? AND s.site = ?",
            item,
            site,
        )
        if row is None:
            raise RefusalError(404, "not-found", f"no stock of {item} is kept at {site}")
        lines = self.books.rows(
            "SELECT t.ordered, t.cancelled, t.received, t.replaced FROM line_total t"
            ' JOIN purchase_order o ON o.external = t."order" WHERE t.item = ? AND o.site = ?',
            item,
            site,
        )
        return Answer(status=200, body={**dict(row), "on_order": _on_order(lines)})

    def _trial_balance(self, _request: Request) -> Answer:
        rows = self.books.rows(
            "SELECT account, currency, decimal_sum(amount) AS balance FROM ledger"
            " GROUP BY account, currency ORDER BY account, currency"
        )
        return Answer(status=200, body={"rows": [dict(row) for row in rows]})

    def _load(self, request: Request) -> Answer:
        fields = body_of(request.body)
        return Answer(status=200, body=self.books.write(lambda w: masters.load(w, fields)))


def _on_order(lines: Sequence[sqlite3.Row]) -> str:
    still_open = (
        Decimal(row["ordered"])
        + Decimal(row["replaced"])
        - Decimal(row["cancelled"])
        - Decimal(row["received"])
        for row in lines
    )
    return f"{sum((each for each in still_open if each > 0), Decimal(0)):f}"


def main(argv: Sequence[str] | None = None) -> None:
    """Serve the reference ERP until told to stop."""
    serve(
        lambda path, sync: ReferenceErp(path, synchronous=sync, embedded=False),
        argv,
        "reference-erp",
    )


if __name__ == "__main__":
    main()
