"""News for an open page: what arrived on its list, what others settled, what the bell says.

/live/hints?topic=approval&since=4821    hints of what the page follows, and of its reader's bell
/live/news?at=/approvals&since=4821      what that means for this reader, read with their rights

A page that was hinted asks for its news and shows them beside what it shows, moving nothing. The
news tell of rows by name and of others' acts in words; whoever wants the rows loads the list.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse

from manciple.approvals.request import Approval, ApprovalState
from manciple.cases.case import Case
from manciple.invoicing.invoice import Invoice, InvoiceState
from manciple.kernel.messages import SYSTEM
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.runtime.changes import bell_of
from manciple.runtime.documents import Document, Ref
from manciple.runtime.queries import EventRow
from manciple.web.language import gettext, ngettext, said
from manciple.web.pages.desk import MOST_COUNTED, Desk, Reader
from manciple.web.pages.following import Followed, Lists
from manciple.web.pages.layout import SECURITY
from manciple.web.pages.live import Hints
from manciple.web.pages.router import STREAMED, sequence_of
from manciple.web.pages.tabs import tabs_at

MOST: Final = 200
"""Documents that news tell of one by one; when more changed, the page is offered anew."""
_ALONE: Final[Mapping[str, type[Document]]] = {"/approvals/": Approval, "/exceptions/": Case}
"""Pages of one document, by how their address begins."""
_MOVED: Final = (said("Moved on by %(who)s"), said("Moved on"))
_STATES: Final[Mapping[str, tuple[str, str]]] = {
    f"{Approval.KIND}:{ApprovalState.GRANTED}": (said("Approved by %(who)s"), said("Approved")),
    f"{Approval.KIND}:{ApprovalState.REJECTED}": (said("Rejected by %(who)s"), said("Rejected")),
    f"{Approval.KIND}:{ApprovalState.VOID}": (said("Withdrawn by %(who)s"), said("Withdrawn")),
    f"{Case.KIND}:resolved": (said("Settled by %(who)s"), said("Settled")),
    f"{Invoice.KIND}:{InvoiceState.PAYABLE}": (said("Released by %(who)s"), said("Released")),
    f"{Invoice.KIND}:{InvoiceState.POSTED}": (said("Released by %(who)s"), said("Released")),
    f"{Invoice.KIND}:{InvoiceState.REJECTED}": (said("Sent back by %(who)s"), said("Sent back")),
}
"""What became of a row that is in the list no more, by its document's state: by whom, or by itself
where the program did it because of something else."""
_CHANGED: Final = (said("Changed by %(who)s"), said("Changed"))
_KINDS: Final[Mapping[str, type[Document]]] = {
    each.KIND: each for each in (Approval, Case, Invoice, PurchaseOrder)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Which page asks, and what it knows."""

    path: str
    fields: Mapping[str, str]
    since: int

    @classmethod
    def at(cls, address: str, since: int) -> "_Asked":
        parts = urlsplit(address)
        return cls(path=parts.path, fields=dict(parse_qsl(parts.query)), since=since)


class News:
    """Serves hints and news to the pages of everybody inside."""

    def __init__(self, desk: Desk, hints: Hints, lists: Lists) -> None:
        """Stand on a desk; ``hints`` is where the open pages of this process wait."""
        self._desk, self._app = desk, desk.app
        self._hints, self._lists = hints, lists.by_address
        for path, each in self._lists.items():
            desk.follows[path] = tuple(sorted(each.kinds))
        for path, kind in _ALONE.items():
            desk.follows[path] = (kind.KIND,)

    def router(self) -> APIRouter:
        """Give the addresses."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/live/hints", self.hints, response_model=None)
        router.add_api_route("/live/news", self.news, response_model=None)
        return router

    async def hints(
        self,
        request: Request,
        topic: Annotated[list[str] | None, Query(max_length=20)] = None,
        since: Annotated[str, Query()] = "",
        last_event_id: Annotated[str, Header()] = "",
    ) -> Response:
        """Send hints to one open page until it leaves: the topics it names, and its bell."""
        reader = await self._desk.reading(request)
        if reader is None:
            return PlainTextResponse(gettext("Sign in to follow changes."), status_code=401)
        if not await self._hints.can_be_read():
            return PlainTextResponse(
                gettext("Changes cannot be followed just now."), status_code=503
            )
        known = frozenset().union(*(each.kinds for each in self._lists.values()))
        topics = {each for each in topic or () if each in known}
        bells = {bell_of(each) for each in (reader.actor.id, *reader.actor.roles)}
        return StreamingResponse(
            self._hints.stream(None, sequence_of(last_event_id or since), topics | bells),
            media_type="text/event-stream",
            headers=STREAMED,
        )

    def news(
        self,
        request: Request,
        at: Annotated[str, Query(max_length=1000)] = "",
        since: Annotated[str, Query()] = "",
        drawn: Annotated[str, Query()] = "",
    ) -> Response:
        """Tell what is new for the page at an address.

        ``drawn``: when it was drawn, in microseconds since 1970, where it shows a part of its list
        alone; what came earlier stands further down and is not new.
        """
        reader = self._desk.reader(request)
        if reader is None:
            return PlainTextResponse(gettext("Sign in to follow changes."), status_code=401)
        asked = _Asked.at(at, sequence_of(since))
        told: dict[str, Any] = {"sequence": reader.since, "bell": self._bell(reader)}
        followed = self._lists.get(asked.path)
        if followed is not None and reader.may(*(followed.roles or reader.actor.roles)):
            told |= self._of_list(reader, asked, followed, sequence_of(drawn))
        elif followed is None:
            told |= self._of_one(reader, asked)
        return JSONResponse(told, headers=SECURITY)

    def _bell(self, reader: Reader) -> Mapping[str, str]:
        unread = self._desk.unread(reader, most=MOST_COUNTED)
        if not unread:
            return {"count": "", "label": gettext("Notifications")}
        if unread >= MOST_COUNTED:
            label = gettext("Notifications, more than 99 unread")
            return {"count": f"{MOST_COUNTED - 1}+", "label": label}
        one, many = "Notifications, %(num)d unread", "Notifications, %(num)d unread"
        return {"count": str(unread), "label": ngettext(one, many, unread) % {"num": unread}}

    def _of_list(
        self, reader: Reader, asked: _Asked, followed: Followed, drawn: int
    ) -> dict[str, Any]:
        touched = self._app.changes.touched(
            asked.since,
            followed.kinds,
            on_threads=PurchaseOrder.KIND if followed.by_thread else "",
            most=MOST,
        )
        told: dict[str, Any] = {"tabs": self._tabs(reader, asked, followed)}
        if touched is None:
            return {**told, "is_far": True}
        here = followed.here(reader, asked.fields, touched)
        there = {each.subject for each in here}
        gone = [each for each in touched if each not in there]
        return {
            **told,
            "here": [
                {"key": each.key, "subject": each.subject, "new": each.opened >= drawn}
                for each in here
            ],
            "gone": self._words(reader, gone),
        }

    def _tabs(self, reader: Reader, asked: _Asked, followed: Followed) -> Mapping[str, str]:
        count_of = followed.count_of
        if count_of is None:
            return {}
        found = tabs_at(
            self._app, asked.path, reader.actor, lambda fields: count_of(reader, fields)
        )
        return {each.address: each.count for each in found}

    def _of_one(self, reader: Reader, asked: _Asked) -> dict[str, Any]:
        """Say who else did something with the one document that a page shows."""
        kind = next((each for begin, each in _ALONE.items() if asked.path.startswith(begin)), None)
        name = asked.path.rpartition("/")[2]
        if kind is None or self._desk.found(reader, kind, name) is None:
            return {}
        ref = f"{kind.KIND}/{name}"
        rows = self._app.history.of([ref], limit=1)
        if not rows or rows[-1].n <= asked.since or _actor(rows[-1]) == reader.actor.id:
            return {}
        return {"gone": self._words(reader, [ref])}

    def _words(self, reader: Reader, refs: Sequence[str]) -> Mapping[str, str]:
        """Say what became of documents, and by whom; what may not be seen is not told of."""
        by = _newest(self._app.history.of(refs, limit=MOST)) if refs else {}
        told: dict[str, str] = {}
        for ref, document in self._documents(reader, refs).items():
            state = getattr(document, "state", "")
            kind = ref.partition("/")[0]
            other = _CHANGED if kind == PurchaseOrder.KIND else _MOVED
            words, alone = _STATES.get(f"{kind}:{state}", other)
            who = by.get(ref, SYSTEM.id)
            if who == SYSTEM.id:
                told[ref] = gettext(alone)
            else:
                you = gettext("you") if who == reader.actor.id else who
                told[ref] = gettext(words) % {"who": you}
        return told

    def _documents(self, reader: Reader, refs: Iterable[str]) -> Mapping[str, Document]:
        found: dict[str, Document] = {}
        names: dict[str, list[str]] = {}
        for ref in map(Ref.parse, refs):
            names.setdefault(ref.kind, []).append(ref.id)
        sites = reader.actor.sites
        for kind, ids in names.items():
            if kind in _KINDS:
                many = self._app.documents.many(_KINDS[kind], ids)
                found |= {
                    f"{kind}/{name}": each
                    for name, each in many.items()
                    if not sites or getattr(each, "site", sites[0]) in sites
                }
        return found


def _newest(rows: Iterable[EventRow]) -> Mapping[str, str]:
    """Give who did the newest thing with each document."""
    return {row.stream: _actor(row) for row in rows}


def _actor(row: EventRow) -> str:
    return str(row.body.get("actor", ""))
