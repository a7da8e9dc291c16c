"""Requests and answers of a reference system, the same behind HTTP and in one process."""

from collections.abc import Callable, Mapping
from dataclasses import field
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

import msgspec

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass

BODY_LIMIT = 1_000_000
"""Bytes that a request body may have."""
LOAD_LIMIT = 50_000_000
"""Bytes that the owner's own requests, below ``/_``, may have."""
PAGE_LIMIT = 500
"""Rows on one page, unless fewer are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def parts(self) -> tuple[str, ...]:
        """The path in its parts, unquoted."""
        return tuple(unquote(part) for part in self.path.strip("/").split("/"))

    @property
    def changes(self) -> bool:
        """Whether the request wants something changed."""
        return self.method not in ("GET", "HEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the system says to a request."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """Give the body as JSON bytes."""
        return b"" if self.body is None else msgspec.json.encode(self.body)


class RefusalError(MancipleError):
    """The system says no, with an HTTP status, a code and its reason; nothing was changed."""

    def __init__(
        self, status: int, code: str, message: str, *, where: str = "", **more: object
    ) -> None:
        """Refuse; ``more`` goes into the answer's body."""
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.where, self.more = where, more

    def answer(self) -> Answer:
        """Give the refusal as an answer."""
        body = {"error": self.code, "message": self.message, "field": self.where, **self.more}
        return Answer(status=self.status, body=body)


def invalid(where: str, message: str) -> RefusalError:
    """Build the refusal of a field, to be raised."""
    return RefusalError(422, "invalid", f"{where}: {message}", where=where)


class NoAnswerError(Exception):
    """The connection is to be closed without an answer; not an error of ours to be caught."""


class System(Protocol):
    """A system that answers requests."""

    def answer(self, request: Request) -> Answer:
        """Answer one request. Raises NoAnswerError where no answer shall be given."""
        ...

    def close(self) -> None:
        """Close the books."""
        ...


def request_of(
    method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Request:
    """Build a request from a target such as ``/items?after=I-7``."""
    split = urlsplit(target)
    return Request(
        method=method,
        path=split.path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in (headers or {}).items()},
        body=body,
    )


Handler = Callable[[Request], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path; ``*`` in the path takes any one part."""

    method: str
    path: str
    handler: Handler

    def takes(self, request: Request) -> bool:
        """Say whether this route serves the request's path."""
        wanted, parts = self.path.strip("/").split("/"), request.parts
        return len(wanted) == len(parts) and all(
            each in ("*", part) for each, part in zip(wanted, parts, strict=True)
        )


class Router:
    """Finds the handler of a request; the commonest routes go first."""

    def __init__(self, *routes: Route) -> None:
        """Hold the routes, by method and first part."""
        self._routes: dict[str, list[Route]] = {}
        for route in routes:
            self._routes.setdefault(route.path.strip("/").split("/")[0], []).append(route)

    def answer(self, request: Request) -> Answer:
        """Answer by the route that takes the request; 404 and 405 otherwise."""
        limit = body_limit(request.path)
        if len(request.body) > limit:
            raise RefusalError(413, "too-large", f"a body may have {limit} bytes")
        served = [r for r in self._routes.get(request.parts[0], ()) if r.takes(request)]
        for route in served:
            if route.method == request.method:
                return route.handler(request)
        if served:
            raise RefusalError(
                HTTPStatus.METHOD_NOT_ALLOWED, "method", f"{request.method} is not served here"
            )
        raise RefusalError(HTTPStatus.NOT_FOUND, "not-found", f"nothing is at {request.path}")


def body_limit(path: str) -> int:
    """Say how many bytes a body sent to a path may have."""
    return LOAD_LIMIT if path.startswith("/_") else BODY_LIMIT


def page_size(request: Request) -> int:
    """Read how many rows are wanted, at most PAGE_LIMIT."""
    text = request.query.get("limit", str(PAGE_LIMIT))
    if not text.isdecimal() or not int(text):
        raise invalid("limit", f"a whole number from 1 is wanted, not {text[:20]!r}")
    return min(int(text), PAGE_LIMIT)
