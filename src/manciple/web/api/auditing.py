"""The audit over HTTP: search the sealed history, have it checked, see what was found."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Response

from manciple.governance.auditing import HISTORY, Audit, VerifyHistory
from manciple.governance.queries import AuditQuery
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.web.api.asking import After, Asker, Asking, json, paged
from manciple.web.api.bodies import Body
from manciple.web.api.problems import api_router

router = api_router()
_WATCHERS = (Role.AUDITOR, Role.ADMIN)


class NothingBody(Body):
    """Nothing has to be said."""


def _watching(asker: Asking) -> None:
    if not asker.actor.has(*_WATCHERS):
        raise refuse("FORBIDDEN", "the audit is for auditors and administrators")


@router.get("/audit", tags=["history"])
def audit(asker: Asker) -> Response:
    """Show the newest audit: when, what it found, and what no seal covers yet."""
    _watching(asker)
    return json({"audit": asker.app.peek(Audit, HISTORY), "reach": asker.app.audit_trail.reach()})


@router.post("/audit/verify", status_code=202, tags=["history"])
def verify(body: NothingBody, asker: Asker) -> Response:
    """Have the whole history checked; a worker does it, and GET /v1/audit shows what it found."""
    del body
    reply = asker.apply(VerifyHistory())
    return asker.told(reply, Audit, 202)


@router.get("/audit/events", tags=["history"])
def search(
    asker: Asker,
    actor: Annotated[str, Query(max_length=200)] = "",
    about: Annotated[str, Query(max_length=200)] = "",
    event: Annotated[str, Query(max_length=80)] = "",
    start: datetime | None = None,
    end: datetime | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Search sealed events by who, about what, which event, and when; newest first."""
    _watching(asker)
    for name, when in (("start", start), ("end", end)):
        if when is not None and when.tzinfo is None:
            raise refuse("BAD_VALUE", f"{name} needs a time zone", field=name,
                         fix="Write 2026-07-01T08:00:00Z.")  # fmt: skip
    query = AuditQuery(actor=actor, about=about, event=event, start=start, end=end)
    return paged(asker.app.audit_trail.search(query, after=after, limit=limit))
