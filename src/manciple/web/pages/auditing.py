"""The audit: the sealed history by who, what and when; and whether nobody has touched it.

/audit             search; the last check and its result; have it checked now
/audit.csv         what is shown, as a sheet
/audit.jsonl       the same with the chain: one event a line, with its hash and its seal
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse, StreamingResponse

from manciple.governance.auditing import HISTORY, Audit, VerifyHistory
from manciple.governance.queries import AuditEntry, AuditQuery
from manciple.intelligence import wording
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Role
from manciple.runtime.codec import encode
from manciple.web.language import gettext, said
from manciple.web.pages.admitting import admitted, admitted_soon
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.sheet import MOST_ROWS, Column, sheet

ROLES: Final[tuple[Role, ...]] = ()
"""Administrators and auditors alone."""
_LENGTH: Final = 50
_ASKED: Final = ("actor", "about", "event", "start", "end")
_PAGE: Final = 200
COLUMNS: Final[tuple[Column[AuditEntry], ...]] = (
    Column(said("Number"), lambda row: row.seq),
    Column(said("When"), lambda row: row.at),
    Column(said("Who"), lambda row: row.actor),
    Column(said("For"), lambda row: row.on_behalf_of),
    Column(said("Door"), lambda row: row.door),
    Column(said("Event"), lambda row: row.type),
    Column(said("Object"), lambda row: row.stream),
    Column(said("Version"), lambda row: row.version),
    Column(said("Command"), lambda row: row.command),
    Column(said("Hash"), lambda row: row.hash),
    Column(said("Sealed by"), lambda row: row.sealed_by),
)


def _asked(
    actor: Annotated[str, Query(max_length=200)] = "",
    about: Annotated[str, Query(max_length=200)] = "",
    event: Annotated[str, Query(max_length=80)] = "",
    start: Annotated[str, Query(max_length=40)] = "",
    end: Annotated[str, Query(max_length=40)] = "",
) -> dict[str, str]:
    return {"actor": actor, "about": about, "event": event, "start": start, "end": end}


Asked = Annotated[dict[str, str], Depends(_asked)]
"""What is searched for: by whom, about what, which event, from when until when."""


class Auditing:
    """Serves the auditor's page."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/audit", self.search, response_model=None)
        router.add_api_route("/audit.csv", self.as_sheet, response_model=None)
        router.add_api_route("/audit.jsonl", self.as_lines, response_model=None)
        router.add_api_route("/audit/verify", self.verify, methods=["POST"], response_model=None)
        return router

    def search(
        self,
        request: Request,
        asked: Asked,
        after: Annotated[str | None, Query(max_length=80)] = None,
    ) -> Response:
        """Show what was done, and whether history is whole."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return self._page(request, reader, asked, after, EMPTY)

    def as_sheet(self, request: Request, asked: Asked) -> Response:
        """Give what is found as a sheet, newest first."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        return sheet("audit", COLUMNS, self._pages(query_of(asked)))

    def as_lines(self, request: Request, asked: Asked) -> Response:
        """Give what is found as JSON lines, with hashes and seals."""
        reader = admitted(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        pages = self._pages(query_of(asked))
        headers = {
            "Content-Disposition": 'attachment; filename="audit.jsonl"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return StreamingResponse(_lines(pages), media_type="application/jsonl", headers=headers)

    def _pages(self, query: AuditQuery) -> Iterator[tuple[AuditEntry, ...]]:
        """Walk what is found, page by page."""
        page = self._desk.app.audit_trail.search(query, limit=_PAGE)
        yield page.rows
        while page.after is not None:
            page = self._desk.app.audit_trail.search(query, after=page.after, limit=_PAGE)
            yield page.rows

    async def verify(self, request: Request) -> Response:
        """Have history checked behind the page."""
        reader = await admitted_soon(self._desk, request, ROLES)
        if isinstance(reader, Response):
            return reader
        sent = await self._desk.sent(request, reader, lambda _: VerifyHistory())
        if sent.is_done:
            return RedirectResponse("/audit", status_code=303)
        asked = dict.fromkeys(_ASKED, "")
        return await run_in_threadpool(self._page, request, reader, asked, None, sent)

    def _page(
        self,
        request: Request,
        reader: Reader,
        asked: dict[str, str],
        after: str | None,
        sent: Sent,
    ) -> Response:
        trail = self._desk.app.audit_trail
        reasons = sent.reasons
        rows: tuple[AuditEntry, ...] = ()
        older: str | None = None
        try:
            page = trail.search(query_of(asked), after=after, limit=_LENGTH)
            rows, older = page.rows, page.after
        except Refused as refused:
            reasons = refused.reasons
        said_ = Sent(form=sent.form, reasons=reasons)
        kept = {name: value for name, value in asked.items() if value}
        return self._desk.show(
            request,
            "audit.html",
            reader,
            status=status_of(said_) if reasons else 200,
            rows=[(row, wording.told(row.type, row.data)[2]) for row in rows],
            older=older,
            after=after,
            asked=asked,
            query=urlencode(kept),
            types=trail.event_types(),
            reach=trail.reach(),
            audit=self._desk.app.peek(Audit, HISTORY),
            most=MOST_ROWS,
            sent=said_,
        )


def _lines(pages: Iterable[Sequence[AuditEntry]]) -> Iterator[bytes]:
    """Write events as JSON lines; the last line of a list that was cut says so."""
    left = MOST_ROWS
    for rows in pages:
        yield b"".join(encode(row) + b"\n" for row in rows[:left])
        if len(rows) > left:
            yield encode({"cut_after": MOST_ROWS}) + b"\n"
            return
        left -= len(rows)


def query_of(asked: dict[str, str]) -> AuditQuery:
    """Read what a reader looks for; a day is one in UTC, and the last day counts whole.

    Raises:
        Refused: BAD_VALUE, a time that is none.
    """
    return AuditQuery(
        actor=asked.get("actor", "").strip(),
        about=asked.get("about", "").strip(),
        event=asked.get("event", "").strip(),
        start=_instant(asked.get("start", ""), "start"),
        end=_instant(asked.get("end", ""), "end"),
    )


def _instant(text: str, field: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as problem:
        raise refuse(
            "BAD_VALUE", gettext("%(text)s is no time") % {"text": text}, field=field,
            fix=gettext("Write 2026-07-01T08:00."),
        ) from problem  # fmt: skip
    return when if when.tzinfo else when.replace(tzinfo=UTC)
