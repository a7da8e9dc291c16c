"""Sends a request straight to the few routes that may answer it.

    /v1/requisitions/REQ-1/submit  ->  v1/requisitions  ->  the routes that begin so

FastAPI tries every route in turn, and makes ready each one that it tries. With some hundreds of
routes that would be most of a short answer's time, and most of a server's start.
"""

from collections.abc import Callable, Iterable
from threading import Lock

from fastapi import APIRouter, FastAPI
from starlette.types import Receive, Scope, Send

ANYWHERE = ""
"""The place of a route whose path does not begin with a fixed word."""


class Switchboard:
    """A server's routes by the place where their paths begin."""

    def __init__(self, server: FastAPI) -> None:
        """Stand before a server's routes; what did not come by `include` is tried everywhere."""
        self._server = server
        self._whole = server.router.app
        self._place: dict[int, str] = {}
        self._paths: set[str | None] = set()
        self._routers: dict[str, APIRouter] = {}
        self._later: Callable[[], Iterable[APIRouter]] | None = None
        self._lock = Lock()
        server.router.middleware_stack = self

    def include(self, router: APIRouter) -> None:
        """Take in a router's routes as they are: nothing is told to them anew."""
        for each in router.routes:
            path = getattr(each, "path", None)
            self._place[id(each)] = ANYWHERE if path is None else place_of(path)
            self._paths.add(path)
            self._server.router.routes.append(each)

    def later(self, routers: Callable[[], Iterable[APIRouter]]) -> None:
        """Name routers that are taken in when the first path is asked for that is not known."""
        self._later = routers

    def complete(self) -> None:
        """Take in what was to come later."""
        with self._lock:
            routers, self._later = self._later, None
            for each in routers() if routers else ():
                self.include(each)
            self._routers.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._whole(scope, receive, send)
            return
        scope.setdefault("router", self._server.router)
        if self._later is not None and not self._is_known(scope["path"]):
            self.complete()
        place = place_of(scope["path"])
        router = self._routers.get(place) or self._router(place)
        await router.app(scope, receive, send)

    def _is_known(self, path: str) -> bool:
        """Say whether a path needs nothing of what is taken in later.

        Of the API nothing is; of a place outside it, ``/metrics`` say, pages may come below.
        """
        place = place_of(path)
        return place in self._place.values() and (path.startswith("/v1/") or path in self._paths)

    def _router(self, place: str) -> APIRouter:
        """Give the router of a place; there are no more of them than places with routes."""
        known = place if place in self._place.values() else ANYWHERE
        if known == ANYWHERE and self._later is not None:
            self.complete()
            return self._router(place)
        if known not in self._routers:
            made = self._routers[known] = APIRouter()
            made.routes.extend(
                each
                for each in self._server.router.routes
                if self._place.get(id(each), ANYWHERE) in (known, ANYWHERE)
            )
        return self._routers[known]


def place_of(path: str) -> str:
    """Name the place where a path begins: its first word, or its first two under ``/v1``."""
    words = path.split("/", 3)[1:3]
    known = words[:2] if words and words[0] == "v1" else words[:1]
    return ANYWHERE if any("{" in word for word in known) else "/".join(known)
