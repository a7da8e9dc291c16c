"""Lists that were drawn are kept while nothing changed, and a browser that has one is told so.

    request -> what it depends on -> kept?  the answer as it was, or 304 for If-None-Match
                                     not?   drawn, and kept if it is a whole page without cookies

A drawn page depends on its address, on all headers by which pages differ, on the ten seconds by
the application's clock, and on what the database holds, which is asked at every request: so what
anybody decides, on whichever node, is seen by the next look, and nobody is shown what was drawn
for another session. Times that are told from now ("3 min ago", "late") are at most ``SPAN`` old.

Only the lists in ``LISTS`` are kept: they tell nothing but what the database holds. A request
with ``Cache-Control: no-cache`` has its page drawn anew (RFC 9111, 5.2.1.4). Whole pages stay
``no-store``, so that going back shows what is; what live regions read again is ``no-cache``.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Final

from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manciple.runtime.work import StoreError
from manciple.web.offering import OFFERED, UNDONE, noted_in

LISTS: Final = frozenset(
    {
        "/", "/admin/delegations", "/admin/keys", "/admin/people", "/approvals",
        "/approvals/mine", "/audit", "/credits", "/dashboard", "/deadletters", "/delegations",
        "/duplicates", "/effects", "/endpoints", "/exceptions", "/flows", "/grni", "/inbound",
        "/interchanges", "/invoices", "/items", "/lines", "/notifications", "/policies",
        "/promises", "/proposals", "/quarantine", "/requests", "/returns", "/suppliers",
        "/waiting",
    }
)  # fmt: skip
"""The addresses whose pages are kept."""
SPAN: Final = 10
"""Seconds, by the application's clock, after which a page is drawn again at the latest."""
MOST: Final = 512
"""Pages that are kept, those asked for longest ago let go first."""
MOST_BYTES: Final = 32_000_000
"""Bytes of pages that are kept."""
_HEADERS: Final = (
    "host", "cookie", "authorization", "accept-language", "accept-encoding", "hx-request",
)  # fmt: skip
"""By what else pages differ; a cookie carries the session, the looks and the language."""
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page as it went out, and the instant from which on its reader is signed out."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    until: datetime | None


class Keeping:
    """Goes around the server and answers for lists that it has drawn already."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        now: Callable[[], datetime],
        stamp: Callable[[], str],
        ends: Callable[[str], datetime | None],
    ) -> None:
        """Go around an application.

        Args:
            app: what draws pages.
            now: the application's clock.
            stamp: tells what the database holds, see `manciple.adapters.sql.stamp`.
            ends: when the session of a cookie header ends; None where there is none.
        """
        self._app, self._now, self._stamp, self._ends = app, now, stamp, ends
        self._lock, self._bytes = Lock(), 0
        self._pages: OrderedDict[str, _Drawn] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] not in LISTS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookie = headers.get("cookie", "")
        if any(noted_in(cookie, each) for each in (OFFERED, UNDONE)):
            await self._app(scope, receive, send)  # what can be taken back counts down
            return
        is_anew = "no-cache" in headers.get("cache-control", "")
        try:
            found = await run_in_threadpool(self._look, scope, headers, is_anew=is_anew)
        except StoreError:  # whoever draws the page says so as every other page does
            await self._app(scope, receive, send)
            return
        name, known, until = found
        if known is not None:
            await _answer(send, name, known, headers.get("if-none-match", ""))
            return
        await self._draw(scope, receive, send, name, until)

    def _look(
        self, scope: Scope, headers: Headers, *, is_anew: bool
    ) -> tuple[str, _Drawn | None, datetime | None]:
        """Name what a page depends on, and give it if it is kept.

        The database is asked before anything is drawn: what is committed meanwhile makes another
        name for whoever asks next.
        """
        now = self._now()
        depends = (
            self._stamp(), int(now.timestamp()) // SPAN, scope["scheme"], scope["path"],
            scope["query_string"], *(headers.get(each) for each in _HEADERS),
        )  # fmt: skip
        name = sha256(repr(depends).encode()).hexdigest()[:40]
        with self._lock:
            known = self._pages.get(name)
            if known is not None:
                self._pages.move_to_end(name)
        if known is not None and not is_anew and (known.until is None or now < known.until):
            return name, known, None
        return name, None, self._ends(headers.get("cookie", ""))

    async def _draw(
        self, scope: Scope, receive: Receive, send: Send, name: str, until: datetime | None
    ) -> None:
        """Draw a page, let it go out with its name, and keep it when it is whole."""
        head: list[tuple[bytes, bytes]] | None = None
        parts: list[bytes] = []

        async def hearing(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start" and _can_be_kept(message):
                head = _named(message["headers"], name)
                message = {**message, "headers": head}
            elif head is not None and message["type"] == "http.response.body":
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    self._keep(name, _Drawn(tuple(head), b"".join(parts), until))
            await send(message)

        await self._app(scope, receive, hearing)

    def _keep(self, name: str, drawn: _Drawn) -> None:
        with self._lock:
            old = self._pages.pop(name, None)
            self._bytes += len(drawn.body) - (len(old.body) if old else 0)
            self._pages[name] = drawn
            while len(self._pages) > MOST or self._bytes > MOST_BYTES:
                _, gone = self._pages.popitem(last=False)
                self._bytes -= len(gone.body)


def _can_be_kept(message: Message) -> bool:
    """Say whether an answer is a page that is the same for the same asker."""
    told = {name.lower(): value for name, value in message["headers"]}
    is_page = told.get(b"content-type", b"").startswith(b"text/html")
    return message["status"] == _OK and is_page and b"set-cookie" not in told


def _named(headers: list[tuple[bytes, bytes]], name: str) -> list[tuple[bytes, bytes]]:
    """Put a page's name on it: weak, as a page may be compressed in more than one way."""
    return [*headers, (b"etag", f'W/"{name}"'.encode())]


async def _answer(send: Send, name: str, known: _Drawn, asked: str) -> None:
    """Send a page that is kept, or say that the browser has it. Source: RFC 9110, 15.4.5."""
    has_it = any(each.strip() in (f'W/"{name}"', f'"{name}"') for each in asked.split(","))
    if not has_it:
        start = {"type": "http.response.start", "status": _OK, "headers": list(known.headers)}
        await send(start)
        await send({"type": "http.response.body", "body": known.body})
        return
    kept = [each for each in known.headers if each[0].lower() not in _OF_THE_BODY]
    await send({"type": "http.response.start", "status": 304, "headers": kept})
    await send({"type": "http.response.body", "body": b""})


_OF_THE_BODY: Final = frozenset({b"content-length", b"content-type", b"content-encoding"})
