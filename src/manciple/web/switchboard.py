"""Sends a request straight to the few routes that may answer it.

    /v1/requisitions/REQ-1/submit  ->  v1/requisitions  ->  the routes that begin so

FastAPI tries every route in turn, and makes ready each one that it tries. With some hundreds of
routes that would be most of a short answer's time, and most of a server's start.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
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
        self._routers: dict[str, APIRouter] = {}
        server.router.middleware_stack = self

    def include(self, router: APIRouter, *, prefix: str = "", **told: Any) -> None:
        """Take in a router's routes, as `FastAPI.include_router` would.

        Args:
            router: one whose routes were told everything already but what stands here.
            prefix: what every path begins with.
            told: further words of `FastAPI.include_router`.
        """
        for place, routes in _by_place(router, prefix):
            part = APIRouter(tags=router.tags)
            part.routes.extend(routes)
            self._server.include_router(part, prefix=prefix, **told)
            self._place[id(self._server.router.routes[-1])] = place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._whole(scope, receive, send)
            return
        scope.setdefault("router", self._server.router)
        place = place_of(scope["path"])
        router = self._routers.get(place) or self._router(place)
        await router.app(scope, receive, send)

    def _router(self, place: str) -> APIRouter:
        """Give the router of a place; there are no more of them than places with routes."""
        known = place if place in self._place.values() else ANYWHERE
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


def _by_place(router: APIRouter, prefix: str) -> Iterable[tuple[str, list[BaseRoute]]]:
    """Give a router's routes by place; neighbours of one place stay together."""
    found: dict[str, list[BaseRoute]] = {}
    for each in router.routes:
        path = getattr(each, "path", None)
        place = ANYWHERE if path is None else place_of(prefix + path)
        found.setdefault(place, []).append(each)
    return found.items()
