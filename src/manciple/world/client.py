"""The world's own HTTP client: one person's key, JSON in and out, a retry-safe key per deed."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass


class UnexpectedAnswerError(MancipleError):
    """The API answered with something that this deed can't go on with."""


class Wire(Protocol):
    """Whatever carries an HTTP request: a socket, or an application in this process."""

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Carry one request and give the status and the body of its answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The API as one person uses it."""

    wire: Wire
    key: str

    def get(self, path: str) -> Any:
        """Read something.

        Raises:
            UnexpectedAnswerError: the answer is not 200.
        """
        status, body = self.wire.request("GET", path, self._headers(), b"")
        if status != 200:  # noqa: PLR2004
            raise UnexpectedAnswerError(f"GET {path}: {status} {body[:500]!r}")
        return msgspec.json.decode(body)

    def post(self, path: str, value: Mapping[str, Any], *, once: str) -> tuple[int, Any]:
        """Ask for something to be done once; a refusal is an answer, a defect is not.

        Raises:
            UnexpectedAnswerError: the API answered with a defect (5xx).
        """
        return self._write("POST", path, msgspec.json.encode(value), once)

    def put(self, path: str, value: Mapping[str, Any], *, once: str) -> tuple[int, Any]:
        """Keep a record whole.

        Raises:
            UnexpectedAnswerError: the API answered with a defect (5xx).
        """
        return self._write("PUT", path, msgspec.json.encode(value), once)

    def send(self, path: str, content: bytes, *, once: str) -> tuple[int, Any]:
        """Hand in a file once.

        Raises:
            UnexpectedAnswerError: the API answered with a defect (5xx).
        """
        return self._write("POST", path, content, once, "application/octet-stream")

    def _write(
        self, method: str, path: str, body: bytes, once: str, kind: str = "application/json"
    ) -> tuple[int, Any]:
        headers = self._headers() | {"Idempotency-Key": once, "Content-Type": kind}
        status, answer = self.wire.request(method, path, headers, body)
        if status >= 500:  # noqa: PLR2004
            raise UnexpectedAnswerError(f"{method} {path}: {status} {answer[:500]!r}")
        return status, msgspec.json.decode(answer)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}", "Accept": "application/json"}
