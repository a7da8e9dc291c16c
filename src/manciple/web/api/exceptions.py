"""Exceptions over HTTP: the queue, one exception with its playbook, and the ways to end it."""

from decimal import Decimal
from typing import Annotated

from fastapi import Query, Response

from manciple.app.exception_queue import ExceptionQueue
from manciple.app.exceptions import ExceptionDesk
from manciple.cases.case import Case, ReassignCase, ReopenCase, ResolveCase, TurnCase
from manciple.cases.impact import Order
from manciple.runtime import codec
from manciple.runtime.documents import Ref
from manciple.runtime.queries import scope_of
from manciple.web.api.asking import After, Asker, json, paged, ranked_page
from manciple.web.api.bodies import ReasonBody, ReassignBody, ResolveBody, TurnBody
from manciple.web.api.problems import api_router

router = api_router(tags=["exceptions"])
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/exceptions")
def exceptions(
    asker: Asker,
    whose: Annotated[str, Query(pattern="^(mine|all)$")] = "all",
    order: Annotated[
        Order | None, Query(description="In what order; by lane if left out.")
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List open exceptions by priority, then due time; or by ``order``, with the reasons.

    By impact: stock that runs out, customers who wait and discount at risk, per minute of work;
    each row says why it stands where it stands. Unknown is told, and is not zero.
    """
    mine = whose == "mine"
    owner = asker.actor.id if mine else None
    roles = tuple(asker.actor.roles) if mine else None
    scope = scope_of(asker.actor)
    if order is not None:
        queue = ExceptionQueue(app=asker.app).read(order, scope=scope, owner=owner, roles=roles)
        return ranked_page(queue.page(after, limit))
    page = asker.app.worklists.tasks(
        "case", scope=scope, owner=owner, roles=roles, after=after, limit=limit
    )
    return paged(page)


@router.get("/exception-codes")
def codes(asker: Asker) -> Response:
    """List the codes of exceptions, each with its playbook, its owners and its resolutions."""
    return json({"rows": ExceptionDesk(app=asker.app).codes(), "after": None})


@router.get("/exception-codes/{code}")
def code(code: str, asker: Asker) -> Response:
    """Show a code of exceptions: its playbook, its owners, its resolutions and their effects."""
    return json(ExceptionDesk(app=asker.app).code(code))


@router.get("/exceptions/aging")
def aging(asker: Asker) -> Response:
    """Count open exceptions by age in business days, by code and owner's role."""
    return json(ExceptionDesk(app=asker.app).aging(scope_of(asker.actor)))


@router.get("/exceptions/{number}")
def exception(number: str, asker: Asker) -> Response:
    """Show an exception: what is wrong, who owns it, how to work it, what may be done now."""
    stored = asker.found(Case, number)
    desk = ExceptionDesk(app=asker.app)
    body = dict(codec.plain(stored.document)) | {
        "version": stored.version,
        "guide": desk.guide(stored.document),
        "age": desk.age(stored.document),
        "work": desk.work(stored.document),
    }
    return json(body, ETag=f'"{stored.version}"')


@router.post("/exceptions/{number}/resolve")
def resolve(number: str, body: ResolveBody, asker: Asker) -> Response:
    """End an exception by one of its allowed resolutions, which acts."""
    asker.found(Case, number)
    act = ResolveCase(
        case=number,
        resolution=body.resolution,
        note=body.note,
        terms=body.terms,
        minutes=Decimal(body.minutes) if body.minutes else None,
        root_cause=body.root_cause,
    )
    return asker.answer(act, Case, about=Ref(Case.KIND, number))


@router.post("/exceptions/{number}/reassign")
def reassign(number: str, body: ReassignBody, asker: Asker) -> Response:
    """Give an exception to another owner."""
    asker.found(Case, number)
    act = ReassignCase(case=number, owner=body.owner)
    return asker.answer(act, Case, about=Ref(Case.KIND, number))


@router.post("/exceptions/{number}/reopen")
def reopen(number: str, body: ReasonBody, asker: Asker) -> Response:
    """Open a settled exception again: it is not settled after all, and its age goes on."""
    asker.found(Case, number)
    act = ReopenCase(case=number, reason=body.reason)
    return asker.answer(act, Case, about=Ref(Case.KIND, number))


@router.post("/exceptions/{number}/turn")
def turn(number: str, body: TurnBody, asker: Asker) -> Response:
    """Note whose move it is; time with the supplier is a slice of the age, never taken off it."""
    asker.found(Case, number)
    act = TurnCase(case=number, turn=body.turn, note=body.note)
    return asker.answer(act, Case, about=Ref(Case.KIND, number))
