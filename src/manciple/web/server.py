"""The server: the API, the pages and the health checks around one application."""

from collections.abc import Callable, Iterator

from fastapi import APIRouter, FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware

from manciple.app import Application
from manciple.governance.account import HOURS
from manciple.web.api import (
    auditing,
    control_numbers,
    edits,
    emergencies,
    exceptions,
    expedites,
    mail,
    masters,
    metrics,
    notices,
    order_changes,
    partners,
    passing,
    problems,
    relations,
    requests,
    returns,
    running,
    substitutes,
    trade,
    undoing,
    views,
    warehouses,
)
from manciple.web.assets import Assets
from manciple.web.keeping import Keeping
from manciple.web.offering import Offering
from manciple.web.pages import failing
from manciple.web.pages.answering import Answering
from manciple.web.pages.approving import Approving
from manciple.web.pages.buyers import buyers_pages
from manciple.web.pages.buying import Buying
from manciple.web.pages.canonical import read_canonical
from manciple.web.pages.collecting import Collecting
from manciple.web.pages.deciding import Deciding
from manciple.web.pages.desk import Desk, is_inside
from manciple.web.pages.docking import Docking
from manciple.web.pages.entry import Entry, SigningIn
from manciple.web.pages.excepting import Excepting
from manciple.web.pages.finding import Finding
from manciple.web.pages.following import Lists
from manciple.web.pages.layout import Layout, Viewer
from manciple.web.pages.linking import LinkDoor
from manciple.web.pages.live import Hints
from manciple.web.pages.measuring import Measuring
from manciple.web.pages.news import News
from manciple.web.pages.notified import Notified
from manciple.web.pages.operating import Workplace, workplaces
from manciple.web.pages.owing import Owing
from manciple.web.pages.paying import Paying
from manciple.web.pages.planning import Planning
from manciple.web.pages.requesting import Requesting
from manciple.web.pages.router import pages
from manciple.web.pages.undoing import Undoing
from manciple.web.pages.viewing import Viewing
from manciple.web.speaking import Speaking
from manciple.web.switchboard import Switchboard

_DESCRIPTION = """Procurement orchestration: requisitions, approvals, orders, acknowledgments, ship
notices, receipts, invoices and exceptions. Quantities and money are decimal strings; unknown
fields are refused; every POST needs an Idempotency-Key; every change may be conditional by
If-Match; errors are problem+json."""


def serve_app(
    app: Application,
    *,
    viewer_key: str | None = None,
    session_hours: int = HOURS,
    pages_at_once: bool = True,
) -> FastAPI:
    """Build the server.

    Args:
        app: the application behind it.
        viewer_key: the key by which pages are read when a browser brings none; only for a server
            that listens on the loopback address for the person who started it.
        session_hours: how long somebody stays signed in, on the application's clock.
        pages_at_once: False makes the pages ready when the first is asked for: for a server whose
            API alone is of use, as inside a command or under the simulated world.
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
    board = Switchboard(server)
    problems.install(server)
    server.add_middleware(Offering)
    server.add_middleware(Speaking)
    server.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=4)
    entry = Entry(app, viewer_key)
    server.add_middleware(Keeping, now=app.clock.now, stamp=app.stamp, ends=entry.ends)
    rooms = (
        requests,
        trade,
        returns,
        exceptions,
        order_changes,
        substitutes,
        partners,
        control_numbers,
        warehouses,
        emergencies,
        expedites,
        relations,
        passing,
        metrics,
        mail,
        notices,
        masters,
        edits,
        auditing,
        running,
        undoing,
        views,
    )
    for module in rooms:
        board.include(module.router)
    board.include(running.health)
    assets = Assets.load()
    layout = Layout(assets)
    failing.install(server, layout)
    board.later(lambda: _pages(app, entry, layout, assets, session_hours))
    if pages_at_once:
        board.complete()
    return server


def _pages(
    app: Application, entry: Entry, layout: Layout, assets: Assets, session_hours: int
) -> Iterator[APIRouter]:
    """Give the pages of every role."""
    desk = Desk(app, entry, layout)
    yield SigningIn(app, entry, layout, hours=session_hours).router()
    door = LinkDoor(desk)
    approving, hints = Approving(desk), Hints(app.changes, app.traces.sequence)
    places: tuple[Workplace, ...] = (
        approving,
        News(desk, hints, Lists(desk, approving, Buying(desk))),
        Excepting(desk),
        Finding(desk),
        Measuring(desk),
        *buyers_pages(desk),
        Answering(door),
        Deciding(door),
        Notified(desk),
        Undoing(desk),
        Viewing(desk),
        Paying(desk),
        Owing(desk),
        Docking(desk),
        Collecting(desk),
        *workplaces(desk),
        Requesting(desk),
        Planning(desk),
    )
    for workplace in places:
        yield workplace.router()
    yield pages(
        traces=app.traces,
        interchanges=app.interchanges,
        changes=app.changes,
        clock=app.clock.now,
        actor_of=_inside(entry),
        assets=assets,
        canonical=lambda name: read_canonical(app, name),
        hints=hints,
    )


def _inside(entry: Entry) -> Callable[[Request], Viewer | None]:
    """Give who reads the pages of threads: people inside, each those of their own sites."""

    def viewer(request: Request) -> Viewer | None:
        found = entry.viewer(request)
        return found if found is not None and found.actor and is_inside(found.actor) else None

    return viewer
