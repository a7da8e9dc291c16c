"""A reference system: its books, its routes, its switches, and the answers to requests."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from manciple.adapters.reference.books import Booked, Books, Writer, digest_of
from manciple.adapters.reference.fields import Fields, body_of
from manciple.adapters.reference.switches import Switches
from manciple.adapters.reference.web import (
    Answer,
    RefusalError,
    Request,
    Route,
    Router,
    invalid,
    page_size,
)

KEY_HEADER = "idempotency-key"
"""Carries the request's key, percent-encoded."""
_KEY_LIMIT = 200
_SEQUENCE = re.compile(r"[0-9]{1,18}")

Posting = Callable[[Writer, Fields], Booked]
"""Books one document from its fields; raises RefusalError to refuse it."""


class ReferenceSystem:
    """What the reference ERP, warehouse and finance systems have in common."""

    def __init__(
        self,
        database: Path,
        schema: str,
        *,
        name: str,
        synchronous: str = "FULL",
        token: str = "",
        embedded: bool = True,
    ) -> None:
        """Open the books. With a token, whoever does not quote it is turned away."""
        self.name, self.token = name, token
        self.books = Books(database, schema, synchronous=synchronous)
        self.switches = Switches(embedded=embedded)
        self._router = Router(*self._common(), *self.routes())

    def routes(self) -> tuple[Route, ...]:
        """Give the system's own routes."""
        return ()

    def answer(self, request: Request) -> Answer:
        """Answer one request; a refusal is an answer too."""
        try:
            if request.path.startswith("/_"):
                return self._router.answer(request)
            self._admit(request)
            mode = self.switches.before(request)
            answer = self._router.answer(request)
        except RefusalError as refusal:
            return refusal.answer()
        self.switches.after(mode)
        return answer

    def close(self) -> None:
        """Close the books."""
        self.books.close()

    def post(self, request: Request, posting: Posting) -> Answer:
        """Book the request's document once: 201, or 409 with what its key made before."""
        key = unquote(request.headers.get(KEY_HEADER, ""))
        if not 1 <= len(key) <= _KEY_LIMIT:
            raise RefusalError(
                428, "key-wanted", f"{KEY_HEADER}: 1 to {_KEY_LIMIT} characters are wanted"
            )
        fields, digest = body_of(request.body), digest_of(request.body)

        def work(writer: Writer) -> Booked:
            writer.refuse_repeat(key, digest)
            booked = posting(writer, fields)
            writer.remember(key, digest, booked)
            return booked

        booked = self.books.write(work)
        body = {"kind": booked.kind, "number": booked.number, "version": booked.version}
        return Answer(status=201, body=body, headers={"ETag": f'"{booked.version}"'})

    def paged(
        self,
        request: Request,
        statement: str,
        *,
        cursor: tuple[str, ...],
        start: tuple[object, ...],
    ) -> Answer:
        """Answer a page of ``statement``, ordered by the ``cursor`` columns.

        The statement ends in a comparison of those columns with as many question marks.
        """
        limit = page_size(request)
        after = request.query.get("after", "")
        values: tuple[object, ...] = tuple(after.split("\t")) if after else start
        if len(values) != len(cursor):
            raise invalid("after", "not a cursor of this list")
        if after and isinstance(start[0], int):
            if not _SEQUENCE.fullmatch(after):
                raise invalid("after", "not a cursor of this list")
            values = (int(after),)
        order = ", ".join(f'"{name}"' for name in cursor)
        found = self.books.rows(f"{statement} ORDER BY {order} LIMIT ?", *values, limit + 1)
        rows = [dict(row) for row in found[:limit]]
        last = "\t".join(str(rows[-1][name]) for name in cursor) if rows else after
        return Answer(status=200, body={"rows": rows, "next": last, "more": len(found) > limit})

    def _admit(self, request: Request) -> None:
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            raise RefusalError(401, "unauthorized", "the token is missing or wrong")

    def _common(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/_switch", self.switches.route),
            Route("POST", "/_switch", self.switches.route),
            Route("GET", "/health", self._health),
            Route("GET", "/requests/*", self._request),
            Route("GET", "/changes", self._changes),
        )

    def _health(self, _request: Request) -> Answer:
        body = {"system": self.name, "version": "1", "now": datetime.now(UTC).isoformat()}
        return Answer(status=200, body=body)

    def _request(self, request: Request) -> Answer:
        row = self.books.one(
            "SELECT kind, number, version FROM request WHERE key = ?", request.parts[1]
        )
        if row is None:
            raise RefusalError(404, "not-found", f"no request had the key {request.parts[1]}")
        return Answer(status=200, body=dict(row))

    def _changes(self, request: Request) -> Answer:
        return self.paged(
            request,
            "SELECT sequence, kind, number, external, version, what FROM change"
            " WHERE sequence > ?",
            cursor=("sequence",),
            start=(0,),
        )
