"""The pages that exist: recent threads, one order's trace, a raw partner message, live hints.

/                      what changed last, and the search
/trace?key=KEY         the thread that a business key leads to, or the choice between several
/trace/THREAD          one need's whole life
/interchanges/ID       a partner file, segment by segment
/live?thread=THREAD    hints that something changed
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, RedirectResponse, StreamingResponse

from manciple.catalog.site import works_for
from manciple.intelligence.tracing import Interchanges, Traces, lags
from manciple.runtime.changes import Changes
from manciple.web.assets import Assets
from manciple.web.language import gettext, said
from manciple.web.pages import lanes, overview
from manciple.web.pages.canonical import Canonical
from manciple.web.pages.layout import SECURITY, Layout, Viewer, sees
from manciple.web.pages.live import Hints

PAGE_LENGTH: Final = 40
LONGEST_KEY: Final = 200
LONGEST_SEQUENCE: Final = 20
STREAMED: Final = {**SECURITY, "X-Accel-Buffering": "no"}
"""The headers of a stream of hints."""


def pages(
    *,
    traces: Traces,
    interchanges: Interchanges,
    changes: Changes,
    clock: Callable[[], datetime],
    actor_of: Callable[[Request], Viewer | None],
    assets: Assets | None = None,
    canonical: Callable[[str], Canonical | None] = lambda _: None,
    hints: Hints | None = None,
) -> APIRouter:
    """Serve the pages; each reads only what it is given here.

    Args:
        traces: answers about threads; asked in worker threads, several at a time.
        interchanges: answers about partner files, likewise.
        changes: tells what changed; asked as long as a page is open that follows it.
        clock: the time by which ages and deadlines are told.
        actor_of: who reads; None shows nothing but that signing in is needed.
        assets: the built files; those of the installation if not given.
        canonical: gives what a partner file says in our own words; None where nobody can tell.
        hints: where open pages of this process wait; a place of their own if not given.

    Raises:
        AssetsMissingError: the assets were not built.
    """
    files = assets or Assets.load()
    served = _Pages(
        traces=traces,
        interchanges=interchanges,
        changes=changes,
        clock=clock,
        actor_of=actor_of,
        canonical=canonical,
        files=files,
        layout=Layout(files),
        hints=hints or Hints(changes, traces.sequence),
    )
    router = APIRouter(include_in_schema=False)
    router.routes.extend(files.router().routes)
    router.add_api_route("/", served.recent, response_model=None)
    router.add_api_route("/trace", served.find, response_model=None)
    router.add_api_route("/trace/{thread:path}", served.trace, response_model=None)
    router.add_api_route("/interchanges/{interchange:path}", served.message, response_model=None)
    router.add_api_route("/live", served.live, response_model=None)
    return router


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pages:
    """The answers behind the addresses: each reads, and draws what it read."""

    traces: Traces
    interchanges: Interchanges
    changes: Changes
    clock: Callable[[], datetime]
    actor_of: Callable[[Request], Viewer | None]
    canonical: Callable[[str], Canonical | None]
    files: Assets
    layout: Layout
    hints: Hints

    def recent(self, request: Request, after: Annotated[str | None, Query()] = None) -> Response:
        """Show what changed last."""
        viewer = self.actor_of(request)
        if viewer is None:
            return self._refused(request)
        sequence = self.changes.sequence()
        hits = self.traces.recent(limit=PAGE_LENGTH + 1, after=after, sites=_sites_of(viewer))
        return self.layout.page(
            request,
            "recent.html",
            viewer=viewer,
            hits=hits[:PAGE_LENGTH],
            after=after,
            older=hits[PAGE_LENGTH - 1].thread if len(hits) > PAGE_LENGTH else None,
            sequence=sequence,
            now=self.clock(),
        )

    def find(self, request: Request, key: Annotated[str, Query()] = "") -> Response:
        """Open the thread that a key leads to, or show the choice."""
        viewer = self.actor_of(request)
        if viewer is None:
            return self._refused(request)
        wanted = key.strip()
        if not wanted:
            return RedirectResponse("/", status_code=303)
        found = self.traces.find(wanted) if _can_be_a_key(wanted) else ()
        hits = tuple(each for each in found if _is_within(each.site, viewer))
        if len(hits) == 1:
            return RedirectResponse(f"/trace/{quote(hits[0].thread)}", status_code=303)
        return self.layout.page(
            request, "found.html", viewer=viewer, key=wanted, hits=hits, now=self.clock()
        )

    def trace(self, request: Request, thread: str) -> Response:
        """Show one need's whole life."""
        viewer = self.actor_of(request)
        if viewer is None:
            return self._refused(request)
        told = self.traces.trace(thread) if _can_be_a_key(thread) else None
        if told is None and _can_be_a_key(thread):  # a paper's own number leads there, too
            hits = [each for each in self.traces.find(thread) if _is_within(each.site, viewer)]
            if len(hits) == 1:
                return RedirectResponse(f"/trace/{quote(hits[0].thread)}", status_code=303)
        if told is None or not _is_within(told.site, viewer):
            return self._missing(request, viewer, said("thread"), thread)
        drawn = lanes.pieces(told.steps, self.files.url("icons.svg"))
        return self.layout.page(
            request,
            "trace.html",
            viewer=viewer,
            trace=told,
            overview=overview.Overview.of(told),
            systems=lanes.used(told.steps),
            rows=tuple(zip(told.steps, lags(told.steps), drawn, strict=True)),
            now=self.clock(),
        )

    def message(self, request: Request, interchange: str) -> Response:
        """Show a partner file as it came or went."""
        viewer = self.actor_of(request)
        if viewer is None:
            return self._refused(request)
        is_open = sees(viewer, "interchanges") and _can_be_a_key(interchange)
        told = self.interchanges.get(interchange) if is_open else None
        if told is None:
            return self._missing(request, viewer, said("partner message"), interchange)
        return self.layout.page(
            request,
            "interchange.html",
            viewer=viewer,
            message=told,
            canonical=self.canonical(interchange),
            now=self.clock(),
        )

    async def live(
        self,
        request: Request,
        thread: Annotated[str | None, Query()] = None,
        since: Annotated[str, Query()] = "",
        last_event_id: Annotated[str, Header()] = "",
    ) -> Response:
        """Send hints to one open page until it leaves."""
        if await run_in_threadpool(self.actor_of, request) is None:
            return PlainTextResponse(gettext("Sign in to follow changes."), status_code=401)
        if not await self.hints.can_be_read():
            return PlainTextResponse(
                gettext("Changes cannot be followed just now."), status_code=503
            )
        return StreamingResponse(
            self.hints.stream(thread, sequence_of(last_event_id or since)),
            media_type="text/event-stream",
            headers=STREAMED,
        )

    def _refused(self, request: Request) -> Response:
        return self.layout.page(request, "refused.html", viewer=None, status=401)

    def _missing(self, request: Request, viewer: Viewer, what: str, key: str) -> Response:
        return self.layout.page(
            request, "missing.html", viewer=viewer, status=404, what=what, key=key
        )


def _sites_of(viewer: Viewer) -> tuple[str, ...]:
    return viewer.actor.sites if viewer.actor is not None else ()


def _is_within(site: str, viewer: Viewer) -> bool:
    """Say whether a thread is for a site of its reader; of no known site, for every site's."""
    return viewer.actor is None or works_for(viewer.actor, site)


def _can_be_a_key(text: str) -> bool:
    """Refuse what no key can be: too long, or with control characters such as NUL."""
    return len(text) <= LONGEST_KEY and text.isprintable()


def sequence_of(text: str) -> int:
    """Read the sequence that a page says it shows; nonsense counts as none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < LONGEST_SEQUENCE else 0
