"""The line to a server over HTTP."""

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx

from manciple.cli.client import NoAnswerError

_PATIENCE = httpx.Timeout(60, connect=5)
_QUICK = 1.0
"""Seconds in which a server of this machine says that it is there."""


class HttpWire:
    """Carries requests over a socket."""

    def __init__(self, base: str, *, trusts: bool) -> None:
        """Speak to the server at this address.

        Args:
            base: the address, without a slash at its end.
            trusts: whether the machine's proxies may carry the requests.
        """
        self._base = base
        self._client = httpx.Client(timeout=_PATIENCE, trust_env=trusts)

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the line."""
        self._client.close()

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Carry one request.

        Raises:
            NoAnswerError: nobody answered.
        """
        try:
            answer = self._client.request(
                method, self._base + path, headers=dict(headers), content=body
            )
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            what = str(problem) or type(problem).__name__
            raise NoAnswerError(f"{self._base} does not answer: {what}") from problem
        return answer.status_code, answer.content


def answers(address: str) -> bool:
    """Say whether a server of ours answers there."""
    try:
        with httpx.Client(timeout=_QUICK, trust_env=False) as client:
            return client.get(f"{address}/healthz").is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
