"""The server: the API, the pages and the health checks around one application."""

from collections.abc import Callable

from fastapi import FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware

from manciple.app import Application
from manciple.kernel.errors import Refused
from manciple.kernel.messages import Actor, Role
from manciple.web.api import (
    control_numbers,
    masters,
    order_changes,
    partners,
    problems,
    relations,
    requests,
    running,
    trade,
)
from manciple.web.api.access import actor_with, presented
from manciple.web.pages.layout import Viewer
from manciple.web.pages.router import pages

_DESCRIPTION = """Procurement orchestration: requisitions, approvals, orders, acknowledgments, ship
notices, receipts, invoices and exceptions. Quantities and money are decimal strings; unknown
fields are refused; every POST needs an Idempotency-Key; every change may be conditional by
If-Match; errors are problem+json."""


def serve_app(app: Application, *, viewer_key: str | None = None) -> FastAPI:
    """Build the server.

    Args:
        app: the application behind it.
        viewer_key: the key by which pages are read when a browser brings none; only for a server
            that listens on the loopback address for the person who started it.
    """
    server = FastAPI(
        title="Manciple",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    server.state.manciple = app
    problems.install(server)
    server.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    rooms = (
        requests,
        trade,
        order_changes,
        partners,
        control_numbers,
        relations,
        masters,
        running,
    )
    for module in rooms:
        server.include_router(module.router, prefix="/v1", responses=problems.DOCUMENTED)
    server.include_router(running.health)
    server.include_router(
        pages(
            traces=app.traces,
            interchanges=app.interchanges,
            latest=app.traces.latest,
            clock=app.clock.now,
            actor_of=_viewer(app, viewer_key),
        )
    )
    return server


def _viewer(app: Application, viewer_key: str | None) -> Callable[[Request], Viewer | None]:
    def viewer(request: Request) -> Viewer | None:
        try:
            actor = actor_with(presented(request) or viewer_key or "", app)
        except Refused:
            return None
        if not _may_read(actor):
            return None
        return Viewer(name=actor.id, role=actor.roles[0].value if actor.roles else "")

    return viewer


def _may_read(actor: Actor) -> bool:
    """Pages show whole threads: they are for people inside, at every site."""
    return actor.supplier is None and not actor.has(Role.SUPPLIER) and not actor.sites
