"""What a request did that can be taken back: it travels to the next page in a short-lived cookie.

Only the numbers of the offers are in it; whoever reads the next page is shown their own alone. So
any node may answer next, and a page that is opened later offers nothing any more.
"""

from collections.abc import Iterable
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manciple.runtime.undoing import SECONDS

OFFERED: Final = "undo"
UNDONE: Final = "undone"
MOST: Final = 50
"""Offers that one cookie names."""
_noted: ContextVar[dict[str, list[str]] | None] = ContextVar("noted", default=None)


def note(cookie: str, name: str) -> None:
    """Tell the next page of something that was offered or taken back."""
    noted = _noted.get()
    if noted is not None:
        noted.setdefault(cookie, []).append(name)


def noted_in(header: str, cookie: str) -> tuple[str, ...]:
    """Give the numbers that a request's cookie names."""
    if cookie not in header:
        return ()
    try:
        found = SimpleCookie(header).get(cookie)
    except CookieError:
        return ()
    names = found.value.split(".") if found else []
    return tuple(name for name in names[:MOST] if name.isascii() and name.isprintable() and name)


class Offering:
    """Goes around the server, and sets the cookies for what was noted."""

    def __init__(self, app: ASGIApp) -> None:
        """Go around an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; what it noted goes out with the answer's head."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        noted: dict[str, list[str]] = {}

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start" and noted:
                headers = MutableHeaders(scope=message)
                for cookie, names in noted.items():
                    headers.append("set-cookie", _cookie(cookie, names, scope["scheme"]))
            await send(message)

        token = _noted.set(noted)
        try:
            await self._app(scope, receive, telling)
        finally:
            _noted.reset(token)


def _cookie(name: str, values: Iterable[str], scheme: str) -> str:
    secure = "; Secure" if scheme == "https" else ""
    told = ".".join(list(values)[-MOST:])
    return f"{name}={told}; Path=/; Max-Age={SECONDS + 2}; HttpOnly; SameSite=Lax{secure}"
