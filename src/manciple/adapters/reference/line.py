"""How a client adapter reaches a system: over kept-alive connections, or in-process.

A request that may have changed something is never sent twice from here.
"""

import http.client
import select
import time
from collections import deque
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

import msgspec

from manciple.adapters.reference.web import Answer, NoAnswerError, System, request_of

REASON_LIMIT = 500
"""Characters kept of the other system's explanation."""
_LATER = (401, 403, 408, 425, 429)
"""Refusals that are about us or about now, not about what was asked: nothing is decided."""


class UnclearError(OSError):
    """Nobody can know whether it happened: no answer, a broken line, a time-out, a 5xx."""


class Line(Protocol):
    """A way to ask a system something."""

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask once. Raises UnclearError when there is no answer or it is a 5xx."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class HttpLine:
    """Asks over HTTP."""

    def __init__(self, base_url: str, *, timeout: float = 10.0, token: str = "") -> None:
        """Reach ``base_url``; an answer that takes longer than ``timeout`` seconds is unclear."""
        split = urlsplit(base_url)
        if split.scheme not in ("http", "https") or not split.hostname:
            message = f"an http or https address is wanted, not {base_url!r}"
            raise ValueError(message)
        self._secure, self._host, self._port = split.scheme == "https", split.hostname, split.port
        self._root, self._timeout, self._token = split.path.rstrip("/"), timeout, token
        self._idle: deque[http.client.HTTPConnection] = deque()

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask once, on a connection that nobody else uses meanwhile."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self._token:
            sent["Authorization"] = f"Bearer {self._token}"
        connection = self._connection()
        try:
            connection.request(method, self._root + target, body=body, headers=sent)
            response = connection.getresponse()
            data = response.read()
        except (OSError, http.client.HTTPException) as problem:
            connection.close()
            raise UnclearError(f"{method} {target}: {problem!r}"[:REASON_LIMIT]) from problem
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return _clear(Answer(status=response.status, body=_json(data), headers=_lower(response)))

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> http.client.HTTPConnection:
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:
                break  # another thread was quicker
            readable, _, _ = select.select([kept.sock], [], [], 0)
            if not readable:  # readable before we asked: the other side hung up
                return kept
            kept.close()
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        return kind(self._host, self._port, timeout=self._timeout)


class InProcessLine:
    """Asks a system that lives in this process; it still has its own database."""

    def __init__(self, system: System, *, timeout: float | None = None) -> None:
        """Reach ``system``; slower answers than ``timeout`` seconds are unclear, as over HTTP."""
        self._system, self._timeout = system, timeout

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask once."""
        started = time.monotonic()
        try:
            answer = self._system.answer(request_of(method, target, headers, body))
        except NoAnswerError as problem:
            raise UnclearError(f"{method} {target}: no answer") from problem
        if self._timeout is not None and time.monotonic() - started > self._timeout:
            raise UnclearError(f"{method} {target}: timed out")
        return _clear(
            Answer(status=answer.status, body=_json(answer.encoded()), headers=answer.headers)
        )

    def close(self) -> None:
        """Nothing to hang up."""


def _clear(answer: Answer) -> Answer:
    """Pass an answer that means something; a 5xx and the like mean that nobody knows."""
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in _LATER:
        raise UnclearError(f"HTTP {answer.status}: {reason_of(answer)}")
    return answer


def reason_of(answer: Answer) -> str:
    """Give the system's own explanation, cut to REASON_LIMIT characters."""
    body = answer.body
    text = body.get("message") if isinstance(body, dict) else None
    return str(text or f"HTTP {answer.status}")[:REASON_LIMIT]


def _json(data: bytes) -> Any:
    if not data:
        return None
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as problem:
        raise UnclearError("the answer is not JSON") from problem


def _lower(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.getheaders()}
