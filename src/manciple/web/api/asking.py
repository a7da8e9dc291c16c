"""A command from a request, and the reply as a response.

``Idempotency-Key`` makes a POST happen once: the same key with the same request gives the same
answer again; with another request it is refused. ``If-Match`` makes a change conditional.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Query, Request, Response, Security
from fastapi.security import HTTPBearer
from pydantic import AfterValidator

from manciple.app import Application
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Command
from manciple.runtime import codec
from manciple.runtime.bus import Reply
from manciple.runtime.documents import Document, Ref
from manciple.runtime.queries import Page, Stored, scope_of
from manciple.runtime.undoing import MOST_SECONDS, undo_ref
from manciple.web.api.access import application, caller
from manciple.web.api.problems import refusal

D = TypeVar("D", bound=Document)
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
_ETAG = re.compile(r'^(?:W/)?"(\d{1,9})"$')


def json(value: object, status: int = 200, **headers: str) -> Response:
    """Answer with JSON: decimals as strings, times in ISO 8601."""
    return Response(codec.encode(value), status, headers, "application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One caller's request: who asks, with which key, on which version."""

    app: Application
    actor: Actor
    key: str | None
    match: str | None
    undo_seconds: int = 0

    def command(self, act: object, *, about: Ref | None = None, door: str = "api") -> Command:
        """Make the command; its key is the caller's own, so two callers' keys never meet.

        Raises:
            Refused: no usable Idempotency-Key, or an If-Match that is no version of ours.
        """
        key = self.need_key()
        if self.match == "*" and about is not None and not self.app.documents.exists(about):
            raise refuse(
                "STALE",
                f"there is no {about} yet, and If-Match: * asks for one",
                field="If-Match",
                rule="RFC 9110, section 13.1.1",
                fix="Leave If-Match out to make it.",
            )
        expects: tuple[tuple[str, int], ...] = ()
        if self.match is not None and self.match != "*" and about is not None:
            etag = _ETAG.match(self.match)
            if etag is None:
                raise refuse(
                    "STALE",
                    f"{self.match} is no version of this",
                    field="If-Match",
                    fix="Send the ETag of the last read.",
                )
            expects = ((str(about), int(etag[1])),)
        return Command(
            key=f"api:{self.actor.id}:{key}",
            act=act,
            actor=self.actor,
            at=self.app.clock.now(),
            door=door,
            expects=expects,
            undo_seconds=self.undo_seconds,
        )

    def need_key(self) -> str:
        """Give the caller's Idempotency-Key.

        Raises:
            Refused: there is none, or one that can't be kept.
        """
        if self.key is None or not _KEY.match(self.key):
            raise refuse(
                "IDEMPOTENCY_KEY_MISSING",
                "every change needs an Idempotency-Key of 1 to 200 visible ASCII characters",
                field="Idempotency-Key",
                fix="Send a new key (a UUID, say) for each thing to do; the same for a retry.",
            )
        return self.key

    def need_every_site(self) -> None:
        """Let only those on who are bound to no site: what follows tells of all of them.

        Raises:
            Refused: FORBIDDEN, with the sites that the caller works for.
        """
        if self.actor.sites:
            raise refuse(
                "FORBIDDEN",
                f"this tells of every site; {self.actor.id} works for "
                f"{', '.join(self.actor.sites)}",
                fix="Ask somebody who is bound to no site; lists and the trace show your own.",
            )

    def apply(self, act: object, *, about: Ref | None = None) -> Reply:
        """Apply an act and give the reply; a refusal is raised."""
        return self.app.apply(self.command(act, about=about))

    def answer(self, act: object, kind: type[D], *, about: Ref | None = None) -> Response:
        """Apply an act and answer with the document that it made or changed."""
        return self.told(self.apply(act, about=about), kind, 201 if about is None else 200)

    def told(self, reply: Reply, kind: type[D], status: int) -> Response:
        """Answer with the document of a reply, or with its refusal."""
        if not reply.is_done:
            return refusal(reply.refusals)
        stored = self.app.documents.get(kind, reply.subject.id) if reply.subject else None
        if stored is None:
            return json({"key": reply.key, "repeated": reply.repeated}, status)
        answer = shown(stored, status, repeated=reply.repeated)
        if self.undo_seconds and self.app.documents.exists(offered := undo_ref(reply.key)):
            answer.headers["Undo"] = offered.id
        return answer

    def found(self, kind: type[D], name: str) -> Stored[D]:
        """Read a document within the caller's scope.

        Raises:
            Refused: it is not there, or not the caller's to see; nobody learns which.
        """
        stored = self.app.documents.get(kind, name, scope=scope_of(self.actor))
        if stored is None:
            raise refuse("NOT_FOUND", f"there is no {kind.KIND} {name}")
        return stored


def shown(stored: Stored[Any], status: int = 200, *, repeated: bool = False) -> Response:
    """Answer with a document, its version as ETag."""
    body = _body(stored)
    headers = {"ETag": f'"{stored.version}"'}
    if repeated:
        headers["Idempotency-Replayed"] = "true"
    return json(body, status, **headers)


def _body(stored: Stored[Any]) -> dict[str, Any]:
    """Give a document's own fields; version and state are added where it has none of the name."""
    added = {"version": stored.version, "state": stored.document.state}
    return added | dict(codec.plain(stored.document))


def paged(page: Page[Any]) -> Response:
    """Answer with rows and the cursor of the next page."""
    rows = [_body(row) if isinstance(row, Stored) else codec.plain(row) for row in page.rows]
    return json({"rows": rows, "after": _wrapped(page.after)})


def ranked_page(page: Mapping[str, Any]) -> Response:
    """Answer with rows that were put in order just now; the cursor is the last row's own id."""
    return json(dict(page) | {"after": _wrapped(page["after"])})


def _wrapped(cursor: str | None) -> str | None:
    """Make a cursor that an address can carry as it is; a serial number is one already."""
    if cursor is None or cursor.isdigit():
        return cursor
    return "c" + base64.urlsafe_b64encode(cursor.encode()).decode().rstrip("=")


def _unwrapped(cursor: str | None) -> str | None:
    if cursor is None or cursor.isdigit():
        return cursor
    text = cursor[1:] if cursor.startswith("c") else "?"
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError as problem:
        message = "this is no cursor: send the after of the page before, unchanged"
        raise ValueError(message) from problem


_BEARER = HTTPBearer(
    scheme_name="key", description="An API key from an administrator: mk_...", auto_error=False
)
"""Told in the OpenAPI document; ``caller`` reads the key."""


async def asking(
    request: Request,
    actor: Annotated[Actor, Depends(caller)],
    bearer: Annotated[object, Security(_BEARER)] = None,
    idempotency_key: Annotated[
        str | None, Header(description="Makes a change happen once; needed on every change.")
    ] = None,
    if_match: Annotated[
        str | None, Header(description="The ETag of the last read: refuse if it has changed.")
    ] = None,
    undo_seconds: Annotated[
        int, Header(ge=0, le=MOST_SECONDS, description="How long the act can be taken back.")
    ] = 0,
) -> Asking:
    """Give the request's asker, for FastAPI's ``Depends``."""
    del bearer
    return Asking(
        app=application(request),
        actor=actor,
        key=idempotency_key,
        match=if_match,
        undo_seconds=undo_seconds,
    )


Asker = Annotated[Asking, Depends(asking)]
After = Annotated[
    str | None, AfterValidator(_unwrapped), Query(description="The page before gave it.")
]
__all__ = ["After", "Asker", "Asking", "asking", "json", "paged", "ranked_page", "shown"]
