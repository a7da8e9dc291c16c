"""Each request is answered in its reader's language: as chosen, else as the browser asks."""

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from manciple.web.language import speaking, voice_for

COOKIE: Final = "language"


class Speaking:
    """Goes around the server, so that everything made for an answer speaks one language."""

    def __init__(self, app: ASGIApp) -> None:
        """Go around an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request in its reader's language."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        chosen = _cookie(headers.get("cookie", ""))
        with speaking(voice_for(chosen, headers.get("accept-language", ""))):
            await self._app(scope, receive, send)


def _cookie(header: str) -> str:
    if COOKIE not in header:
        return ""
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
