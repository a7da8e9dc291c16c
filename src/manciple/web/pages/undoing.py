"""Taking back what was just done: the toast on every page for some seconds, and its plain page.

POST /undo          takes back what the toast offers (field ``undo``, once for each)
GET  /undo/{undo}   what was done, whether it can still be taken back, and else what to do instead
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from manciple.runtime.documents import Ref
from manciple.runtime.undoing import Undo, UndoAct
from manciple.web.language import gettext, said
from manciple.web.offering import MOST, UNDONE, note
from manciple.web.pages.desk import EMPTY, Desk, Reader, Sent, status_of
from manciple.web.pages.forms import Form, inside
from manciple.web.pages.toast import words_of

_PAGES: Final[Mapping[str, str]] = {
    "approval": "/approvals/",
    "case": "/exceptions/",
    "invoice": "/invoices/",
    "purchase-order": "/orders/",
}
"""By kind, the page on which a document is seen."""


def page_of(ref: str) -> str:
    """Give the page on which a document is seen; empty when there is none."""
    where = Ref.parse(ref)
    return f"{_PAGES[where.kind]}{where.id}" if where.kind in _PAGES else ""


def instead(undo: Undo) -> tuple[str, str] | None:
    """Give where to go when it is too late, and what to do there; None without such a page."""
    orders = [each.ref for each in undo.touched if each.ref.startswith("purchase-order/")]
    if orders:
        return f"{page_of(orders[0])}#change", gettext("Change or cancel the order")
    subject = page_of(undo.subject)
    return (subject, gettext("See it as it is now")) if subject else None


class Undoing:
    """Serves the taking back."""

    def __init__(self, desk: Desk) -> None:
        """Stand on a desk."""
        self._desk = desk

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/undo", self.undo, methods=["POST"], response_model=None)
        router.add_api_route("/undo/{undo}", self.one, response_model=None)
        return router

    def one(self, request: Request, undo: str) -> Response:
        """Show what was done and what can be done about it."""
        reader = self._desk.reader(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        return self._page(request, reader, (undo,), EMPTY)

    async def undo(self, request: Request) -> Response:
        """Take back, each by a command of its own; go back to where it was asked."""
        reader = await self._desk.reading(request)
        if reader is None:
            return self._desk.to_sign_in(request)
        read = await self._desk.read(request, reader)
        names = tuple(dict.fromkeys(read.form.all("undo")))[:MOST]
        if read.reasons:
            return await run_in_threadpool(self._page, request, reader, names, read)
        failed: list[tuple[str, Sent]] = []
        for name in names:
            sent = await self._desk.done(reader, read.form, _act(name), part=name)
            if sent.is_done:
                note(UNDONE, name)
            else:
                failed.append((name, sent))
        if names and not failed:
            back = inside(read.form.text("back") or "/")
            return RedirectResponse(back, status_code=303)
        refused = tuple(name for name, _ in failed)
        sent = failed[0][1] if failed else read
        return await run_in_threadpool(self._page, request, reader, refused or names, sent)

    def _page(
        self, request: Request, reader: Reader, names: Sequence[str], sent: Sent
    ) -> Response:
        found = self._mine(reader, names)
        if not found:
            missing = said("act that can be taken back")
            return self._desk.missing(request, reader, missing, (*names, "")[0])
        now = self._desk.app.clock.now()
        return self._desk.show(
            request,
            "undo.html",
            reader,
            status=status_of(sent) if sent.reasons else 200,
            found=found,
            may_still=not sent.reasons
            and any(each.undone_at is None and now < each.until for each in found),
            sent=sent,
            words_of=words_of,
            page_of=page_of,
            instead=instead,
        )

    def _mine(self, reader: Reader, names: Iterable[str]) -> tuple[Undo, ...]:
        known = [name for name in names if name.isascii() and name.isprintable()]
        many = self._desk.app.documents.many(Undo, known)
        return tuple(each for each in many.values() if each.by == reader.actor.id)


def _act(name: str) -> Callable[[Form], object]:
    return lambda _: UndoAct(undo=name)
