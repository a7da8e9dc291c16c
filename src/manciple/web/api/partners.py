"""Interchanges over HTTP: post any partner file, see what was found, fetch the very bytes."""

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from manciple.exchange.interchange import (
    MOST_BYTES,
    DiscardQuarantined,
    Interchange,
    Quarantined,
    ReceiveInterchange,
    RereadInterchange,
)
from manciple.kernel.errors import refuse
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, paged, shown
from manciple.web.api.bodies import ReasonBody
from manciple.web.api.problems import api_router

router = api_router()


async def _whole(request: Request) -> bytes:
    """Read the body, and stop reading as soon as it is too large."""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MOST_BYTES:
            raise refuse(
                "FILE_TOO_LARGE",
                f"more than {MOST_BYTES} bytes came",
                field="body",
                fix="Split the file into several interchanges.",
            )
    return bytes(data)


@router.post("/interchanges", status_code=202, tags=["interchanges"])
async def receive(request: Request, asker: Asker, name: str | None = None) -> Response:
    """Take a partner file, whatever it holds: kept first, read next, answered by its own kind."""
    act = ReceiveInterchange(
        data=await _whole(request), channel="api", partner=asker.actor.supplier, name=name
    )
    command = asker.command(act)
    reply = await asker.app.apply_soon(command)
    return asker.told(reply, Interchange, 202)


@router.get("/interchanges", tags=["interchanges"])
def interchanges(
    asker: Asker,
    state: Literal[
        "received",
        "read",
        "unreadable",
        "composed",
        "sent",
        "undeliverable",
        "accepted",
        "rejected",
    ]
    | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List files that came and went, newest first."""
    page = asker.app.documents.page(
        Interchange, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/interchanges/{number}", tags=["interchanges"])
def interchange(number: str, asker: Asker) -> Response:
    """Show what was found in a file."""
    return shown(asker.found(Interchange, number))


@router.get(
    "/interchanges/{number}/raw",
    tags=["interchanges"],
    responses={200: {"content": {"application/octet-stream": {}}}},
    response_class=Response,
)
def raw(number: str, asker: Asker) -> Response:
    """Give the very bytes that came or went."""
    stored = asker.found(Interchange, number)
    data = asker.app.bytes_of(stored.document.digest)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": "attachment"}
    return Response(data, 200, headers, "application/octet-stream")


@router.post("/interchanges/{number}/reread", tags=["interchanges"])
def reread(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Read a kept file again, because what it waited for has appeared."""
    asker.found(Interchange, number)
    act = RereadInterchange(interchange=number, why=body.reason)
    return asker.answer(act, Interchange, about=Ref(Interchange.KIND, number))


@router.get("/quarantine", tags=["interchanges"])
def quarantine(
    asker: Asker, after: After = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Response:
    """List messages that could not be read or matched: since when, and what they wait for."""
    page = asker.app.documents.page(
        Quarantined, scope=scope_of(asker.actor), state="waiting", after=after, limit=limit
    )
    return paged(page)


@router.post("/quarantine/{number}/discard", tags=["interchanges"])
def discard(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Decide that a message will never be applied; it stays readable."""
    asker.found(Quarantined, number)
    act = DiscardQuarantined(quarantined=number, reason=body.reason)
    return asker.answer(act, Quarantined, about=Ref(Quarantined.KIND, number))
