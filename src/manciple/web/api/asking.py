"""A command from a request, and the reply as a response.

``Idempotency-Key`` makes a POST happen once: the same key with the same request gives the same
answer again; with another request it is refused. ``If-Match`` makes a change conditional.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request, Response

from manciple.app import Application
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor, Command
from manciple.runtime import codec
from manciple.runtime.bus import Reply
from manciple.runtime.documents import Document, Ref
from manciple.runtime.queries import Page, Stored, scope_of
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

    def command(self, act: object, *, about: Ref | None = None, door: str = "api") -> Command:
        """Make the command; its key is the caller's own, so two callers' keys never meet.

        Raises:
            Refused: no usable Idempotency-Key, or an If-Match that is no version of ours.
        """
        if self.key is None or not _KEY.match(self.key):
            raise refuse(
                "IDEMPOTENCY_KEY_MISSING",
                "every POST needs an Idempotency-Key of 1 to 200 visible ASCII characters",
                field="Idempotency-Key",
                fix="Send a new key (a UUID, say) for each thing to do; the same for a retry.",
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
            key=f"api:{self.actor.id}:{self.key}",
            act=act,
            actor=self.actor,
            at=self.app.clock.now(),
            door=door,
            expects=expects,
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
        return shown(stored, status, repeated=reply.repeated)

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
    body = codec.plain(stored.document)
    body["version"] = stored.version
    body["state"] = stored.document.state
    headers = {"ETag": f'"{stored.version}"'}
    if repeated:
        headers["Idempotency-Replayed"] = "true"
    return json(body, status, **headers)


def paged(page: Page[Any]) -> Response:
    """Answer with rows and the cursor of the next page."""
    rows = [
        codec.plain(row.document) | {"version": row.version, "state": row.document.state}
        if isinstance(row, Stored)
        else codec.plain(row)
        for row in page.rows
    ]
    return json({"rows": rows, "after": page.after})


async def asking(
    request: Request,
    actor: Annotated[Actor, Depends(caller)],
    idempotency_key: Annotated[str | None, Header()] = None,
    if_match: Annotated[str | None, Header()] = None,
) -> Asking:
    """Give the request's asker, for FastAPI's ``Depends``."""
    return Asking(app=application(request), actor=actor, key=idempotency_key, match=if_match)


Asker = Annotated[Asking, Depends(asking)]
After = Annotated[str | None, "the cursor that the page before gave"]
__all__ = ["After", "Asker", "Asking", "asking", "json", "paged", "shown"]
