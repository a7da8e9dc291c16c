"""Flows, policies, endpoints, effects, events, traces and health over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse

from manciple.catalog.site import works_for
from manciple.exchange.partner import Partner
from manciple.governance.operations import HoldEndpoint, ReplayEffect, ResumeEndpoint, TryEndpoint
from manciple.kernel.errors import Refused, refuse
from manciple.kernel.messages import Role
from manciple.runtime import codec
from manciple.runtime.effects import EffectState
from manciple.runtime.queries import Page
from manciple.web.api.access import application
from manciple.web.api.asking import After, Asker, Asking, json, paged
from manciple.web.api.bodies import FactsBody, ReasonBody
from manciple.web.api.problems import api_router, refusal

router = api_router()
health = APIRouter()
T = TypeVar("T")
_INSIDE = tuple(role for role in Role if role not in {Role.SUPPLIER, Role.WAREHOUSE_SYSTEM})
_MOST = 2**63 - 1
_SERIAL = re.compile(r"[0-9]{1,18}\Z")
_RUNNERS = (Role.INTEGRATION, Role.ADMIN)
_SYSTEMS = ("erp", "finance", "mail", "wms")
"""Endpoints that may be held before the system behind them was ever named."""


def _only(asker: Asking, *roles: Role) -> None:
    if not asker.actor.has(*roles):
        wanted = " or ".join(sorted(role.value for role in roles))
        raise refuse(
            "FORBIDDEN",
            f"{asker.actor.id} has none of the roles that may: {wanted}",
            fix="Ask somebody with that role, or an administrator for it.",
        )


Limit = Annotated[int, Query(ge=1, le=200)]


def _cut(rows: Sequence[T], name: Callable[[T], str], after: str | None, limit: int) -> Response:
    """Give a page of what is held in memory, by name; the cursor is the last row's own."""
    left = sorted((each for each in rows if after is None or name(each) > after), key=name)
    shown = tuple(left[:limit])
    return paged(Page(rows=shown, after=name(shown[-1]) if len(left) > limit else None))


@router.get("/flows", tags=["flows"])
def flows(asker: Asker, after: After = None, limit: Limit = 50) -> Response:
    """List the flows by name: their steps, owners, service levels and targets."""
    _only(asker, *_INSIDE)
    return _cut(asker.app.flows, lambda flow: f"{flow.id} {flow.version}", after, limit)


@router.get("/policies", tags=["policies"])
def policies(asker: Asker, after: After = None, limit: Limit = 50) -> Response:
    """List the decision tables by name, every version with its rows."""
    _only(asker, *_INSIDE)
    rows = asker.app.policy_rows()
    return _cut(rows, lambda row: f"{row['name']} {row['version']}", after, limit)


@router.post("/policies/{table}/decide", tags=["policies"])
def decide(table: str, body: FactsBody, asker: Asker) -> Response:
    """Try a decision: the row that fires, and why the others do not. Nothing is kept."""
    _only(asker, *_INSIDE)
    return json(asker.app.try_policy(table, body.facts, body.version))


@router.get("/endpoints", tags=["running"])
def endpoints(asker: Asker) -> Response:
    """Show every lane of every endpoint: what waits, what died, whether its breaker is open."""
    _only(asker, *_INSIDE)
    return json({"rows": asker.app.history.lanes(), "after": None})


@router.post("/endpoints/{name}/hold", tags=["running"])
def hold(name: str, body: ReasonBody, asker: Asker) -> Response:
    """Stop sending to an endpoint; what is due waits."""
    return _turn(asker, name, HoldEndpoint(endpoint=name, reason=body.reason), held=True)


@router.post("/endpoints/{name}/resume", tags=["running"])
def resume(name: str, body: ReasonBody, asker: Asker) -> Response:
    """Send to a held endpoint again."""
    return _turn(asker, name, ResumeEndpoint(endpoint=name, reason=body.reason), held=False)


@router.post("/endpoints/{name}/try", tags=["running"])
def try_now(name: str, body: ReasonBody, asker: Asker) -> Response:
    """Try at once what waits for its next try, and let an open breaker pass it."""
    _only(asker, *_RUNNERS)
    _require_endpoint(asker, name)
    reply = asker.apply(TryEndpoint(endpoint=name, reason=body.reason))
    if not reply.is_done:
        return refusal(reply.refusals)
    return json({"endpoint": name, "tried": asker.app.try_endpoint(name)})


def _require_endpoint(asker: Asking, name: str) -> None:
    """Let the name of an endpoint pass: one that is served, or to which something was sent.

    Raises:
        Refused: NOT_FOUND, with the endpoints that there are; a switch of none would stop nothing.
    """
    kind, _, partner = name.partition(":")
    if kind == "edi" and partner and asker.app.peek(Partner, partner) is not None:
        return
    known = {lane.endpoint for lane in asker.app.history.lanes()}
    known |= {*_SYSTEMS, *asker.app.drains.endpoints.names()}
    if name not in known:
        raise refuse(
            "NOT_FOUND",
            f"there is no endpoint {name}",
            field="endpoint",
            fix=f"One of: {', '.join(sorted(each for each in known if ':' not in each))}, "
            "or edi: and a partner.",
        )


def _turn(asker: Asking, name: str, act: HoldEndpoint | ResumeEndpoint, *, held: bool) -> Response:
    """Note who turns the switch, then turn it; a repeat finds it turned."""
    _only(asker, *_RUNNERS)
    _require_endpoint(asker, name)
    reply = asker.apply(act)
    if not reply.is_done:
        return refusal(reply.refusals)
    asker.app.hold_endpoint(name, by=asker.actor, reason=act.reason, held=held)
    return json({"endpoint": name, "held": held})


@router.get("/effects", tags=["running"])
def effects(
    asker: Asker,
    state: EffectState | None = None,
    endpoint: str | None = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """List what was asked of other systems, with attempts and outcomes."""
    _only(asker, *_INSIDE)
    asker.need_every_site()
    if endpoint is not None:
        _require_endpoint(asker, endpoint)
    page = asker.app.history.effects(state=state, endpoint=endpoint, after=after, limit=limit)
    return paged(page)


@router.post("/effects/{key:path}/replay", tags=["running"])
def replay(key: str, body: ReasonBody, asker: Asker) -> Response:
    """Try a dead effect again, unchanged; it is looked up before it is sent."""
    _only(asker, *_RUNNERS)
    asker.need_key()
    effect = asker.app.history.effect(key)
    if effect is None:
        raise refuse("NOT_FOUND", f"there is no effect {key}", field="key")
    if effect.state != EffectState.DEAD.value:
        raise refuse(
            "WRONG_STATE",
            f"{key} is {effect.state}, no dead letter",
            field="key",
            fix="See /v1/effects?state=dead for those that are.",
        )
    reply = asker.apply(ReplayEffect(effect=key, reason=body.reason))
    if not reply.is_done:
        return refusal(reply.refusals)
    asker.app.replay_effect(key)
    return json({"effect": key, "state": "due"})


@router.get("/events", tags=["history"])
def events(
    asker: Asker,
    after: Annotated[int, Query(ge=0, le=_MOST)] = 0,
    stream: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    """List events in the order in which they were written."""
    _only(asker, *_INSIDE)
    asker.need_every_site()
    return paged(asker.app.history.events(after=after, limit=limit, stream=stream))


@router.get(
    "/events/stream",
    tags=["history"],
    responses={200: {"content": {"text/event-stream": {}}}},
    response_class=StreamingResponse,
)
async def stream(
    request: Request,
    asker: Asker,
    after: Annotated[int, Query(ge=0, le=_MOST)] = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Stream events as they happen; ``Last-Event-ID`` goes on where the line broke."""
    _only(asker, *_INSIDE)
    asker.need_every_site()
    start = int(last_event_id) if last_event_id and _SERIAL.match(last_event_id) else after
    return StreamingResponse(
        _events(request, asker, start), media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


async def _events(request: Request, asker: Asking, start: int) -> AsyncIterator[bytes]:

    place = start
    while not await request.is_disconnected():
        page = await asyncio.to_thread(asker.app.history.events, after=place, limit=200)
        for row in page.rows:
            place = row.n
            head = f"id: {row.n}\nevent: {row.type}\ndata: ".encode()
            yield head + codec.encode(row) + b"\n\n"
        if not page.rows:
            yield b": still here\n\n"
            await asyncio.sleep(0.25)


@router.get("/trace/{key:path}", tags=["history"])
def trace(key: str, asker: Asker) -> Response:
    """Show everything linked to a business key, in time order."""
    _only(asker, *_INSIDE)
    hits = [each for each in asker.app.traces.find(key) if works_for(asker.actor, each.site)]
    if not hits:
        raise refuse(
            "NOT_FOUND",
            f"nothing here is known as {key}",
            field="key",
            fix="Try a requisition, an order, a shipment, an invoice or a control number.",
        )
    threads = sorted({hit.thread for hit in hits})
    shown = [asker.app.traces.trace(thread) for thread in threads[:20]]
    return json({"key": key, "hits": hits, "traces": [each for each in shown if each]})


@health.get("/healthz", tags=["health"], response_class=PlainTextResponse)
def alive() -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


@health.get("/readyz", tags=["health"], responses={503: {"description": "Not ready"}})
def ready(request: Request) -> Response:
    """Say whether the database answers and is migrated."""
    try:
        checks = application(request).ready()
    except Refused as no:
        return json({"ready": False, "checks": [r.message for r in no.reasons]}, 503)
    return json({"ready": True, "checks": checks})


@health.get("/metrics", tags=["health"], response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """Give counters and gauges in the Prometheus text format."""
    return PlainTextResponse(
        application(request).metrics_text(), media_type="text/plain; version=0.0.4"
    )
