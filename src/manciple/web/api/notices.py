"""Notices over HTTP: what somebody should know, what they have read, how they want to be told."""

from datetime import time, timedelta
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from manciple.governance.notice import (
    EVERYTHING,
    Cadence,
    MarkNoticesRead,
    Notifying,
    SetNotifying,
)
from manciple.runtime.documents import Ref
from manciple.web.api.asking import Asker, json
from manciple.web.api.bodies import CLOCK, Body
from manciple.web.api.problems import api_router

router = api_router()
BACK = timedelta(days=30)
"""How far back notices are shown."""
Clock = Annotated[str, Field(pattern=CLOCK, description="HH:MM")]


class NotifyingBody(Body):
    """How one wants to be told by mail."""

    cadence: Cadence
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    digest_at: Clock = "07:00"
    zone: Annotated[str, Field(max_length=64)] = "UTC"


class SeenBody(Body):
    """What was read; everything when nothing is named."""

    subject: Annotated[str, Field(max_length=200)] = EVERYTHING


@router.get("/notices", tags=["notices"])
def notices(asker: Asker, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Response:
    """List what the caller should know, newest first; of the last 30 days."""
    actor = asker.actor
    rows = asker.app.notices.latest(
        actor.id,
        roles=[role.value for role in actor.roles],
        sites=actor.sites,
        since=asker.app.clock.now() - BACK,
        limit=limit,
    )
    return json({"rows": rows})


@router.post("/notices/read", tags=["notices"])
def mark_read(body: SeenBody, asker: Asker) -> Response:
    """Mark something, or everything, as read."""
    act = MarkNoticesRead(subject=body.subject)
    return asker.answer(act, Notifying, about=Ref(Notifying.KIND, asker.actor.id))


@router.post("/notifying", tags=["notices"])
def set_notifying(body: NotifyingBody, asker: Asker) -> Response:
    """Say how the caller wants to be told by mail."""
    act = SetNotifying(
        notifying=Notifying(
            id=asker.actor.id,
            cadence=body.cadence,
            quiet_from=clock_of(body.quiet_from),
            quiet_to=clock_of(body.quiet_to),
            digest_at=time.fromisoformat(body.digest_at),
            zone=body.zone,
        )
    )
    return asker.answer(act, Notifying, about=Ref(Notifying.KIND, asker.actor.id))


def clock_of(text: str | None) -> time | None:
    """Read ``HH:MM``; None where nothing was said."""
    return time.fromisoformat(text) if text else None
