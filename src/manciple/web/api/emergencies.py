"""Emergencies over HTTP: the register, the answer to a page, and rights that were lost."""

from typing import Annotated

from fastapi import Query, Response

from manciple.kernel.errors import refuse
from manciple.kernel.messages import Role
from manciple.requisitioning.emergency import (
    Emergency,
    EmergencyRight,
    EmergencyState,
    RefuseEmergency,
    ReleaseEmergency,
    RestoreEmergencyRight,
)
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, Asking, json, paged, shown
from manciple.web.api.bodies import Body, NoteBody, Text
from manciple.web.api.problems import api_router

router = api_router()


class RefusalBody(Body):
    """Why an emergency has to wait."""

    reason: Text


@router.get("/emergencies", tags=["requisitions"])
def emergencies(
    asker: Asker,
    state: EmergencyState | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List emergencies, newest first: what is open, ratified, refused, overdue."""
    _ours(asker)
    page = asker.app.documents.page(
        Emergency, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.get("/emergencies/{number}", tags=["requisitions"])
def emergency(number: str, asker: Asker) -> Response:
    """Show an emergency: what happened, who released it, by when it must be ratified."""
    _ours(asker)
    return shown(asker.found(Emergency, number))


@router.post("/emergencies/{number}/release", tags=["requisitions"])
def release(number: str, body: NoteBody, asker: Asker) -> Response:
    """Answer a page: let the emergency go before the 15 minutes are over."""
    asker.found(Emergency, number)
    act = ReleaseEmergency(emergency=number, note=body.note)
    return asker.answer(act, Emergency, about=Ref(Emergency.KIND, number))


@router.post("/emergencies/{number}/refuse", tags=["requisitions"])
def refuse_it(number: str, body: RefusalBody, asker: Asker) -> Response:
    """Answer a page: nothing is bought tonight."""
    asker.found(Emergency, number)
    act = RefuseEmergency(emergency=number, reason=body.reason)
    return asker.answer(act, Emergency, about=Ref(Emergency.KIND, number))


@router.get("/emergency-caps", tags=["requisitions"])
def caps(asker: Asker) -> Response:
    """Show for every site that had an emergency what is open, and what is left of its cap."""
    _ours(asker)
    return json({"rows": asker.app.emergency_caps(asker.actor)})


@router.get("/emergency-rights", tags=["requisitions"])
def rights(
    asker: Asker,
    state: Annotated[str | None, Query(pattern="^(suspended|restored)$")] = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List who lost the right to declare emergencies, and for what: the CFO's list."""
    _ours(asker)
    page = asker.app.documents.page(
        EmergencyRight, scope=scope_of(asker.actor), state=state, after=after, limit=limit
    )
    return paged(page)


@router.post("/emergency-rights/{name}/restore", tags=["requisitions"])
def restore(name: str, body: NoteBody, asker: Asker) -> Response:
    """Let a person declare emergencies again; the caller's limit must cover what was bought."""
    act = RestoreEmergencyRight(person=name, note=body.note)
    return asker.answer(act, EmergencyRight, about=Ref(EmergencyRight.KIND, name))


def _ours(asker: Asking) -> None:
    """Keep suppliers out of the register."""
    if asker.actor.supplier is not None or asker.actor.has(Role.SUPPLIER):
        raise refuse("FORBIDDEN", "a supplier's key does not open the register of emergencies")
