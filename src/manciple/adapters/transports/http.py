"""Trading over HTTP: our file is the body of a POST; the answer may hold the partner's files."""

import hashlib
import http.client
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from manciple.processes.ports import (
    Delivered,
    DeliveryRefusedError,
    InboundFile,
    OutboundMessage,
)

_LATER = (401, 403, 404, 408, 425, 429)
"""Refusals that are about us or about now: the same bytes may be taken later."""
_EDI = (b"ISA", b"UNA", b"UNB")
_CHUNK = 65_536


class AnswerTooLargeError(OSError):
    """The partner's answer does not end within the limit."""


class HttpTransport:
    """Posts files to one partner's address. It has no memory: ``find`` can't tell."""

    def __init__(
        self,
        url: str,
        *,
        partner: str,
        timeout: float = 30.0,
        answer_limit: int = 10_000_000,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Post to ``url``; an answer later than ``timeout`` seconds leaves the outcome unknown."""
        split = urlsplit(url)
        if split.scheme not in ("http", "https") or not split.hostname:
            message = f"an http or https address is wanted, not {url!r}"
            raise ValueError(message)
        self._secure, self._host, self._port = split.scheme == "https", split.hostname, split.port
        self._target = (split.path or "/") + (f"?{split.query}" if split.query else "")
        self._partner, self._timeout, self._limit = partner, timeout, answer_limit
        self._headers = dict(headers)

    def find(self, message: OutboundMessage) -> Delivered | None:  # noqa: ARG002  the port's shape
        """Tell nothing: HTTP leaves no trace to look at."""
        return None

    def deliver(self, message: OutboundMessage) -> Delivered:
        """Post the file once.

        Raises:
            OSError: no answer, a 5xx, or a refusal that is about us or about now.
            DeliveryRefusedError: the partner's door refuses these bytes (another 4xx).
        """
        status, body = self._post(message)
        said = body[:200].decode("utf-8", "replace").strip()
        if status >= http.client.INTERNAL_SERVER_ERROR or status in _LATER:
            raise ConnectionError(f"{self._partner} answered HTTP {status}: {said}")
        if status >= http.client.MULTIPLE_CHOICES:
            raise DeliveryRefusedError(f"{self._partner} answered HTTP {status}: {said}")
        return Delivered(place=f"HTTP {status}", answers=self._answers(message, body))

    def collect(self) -> tuple[InboundFile, ...]:
        """Give nothing: what comes over HTTP comes through our own door."""
        return ()

    def archive(self, file: InboundFile) -> None:
        """Nothing is kept here."""

    def quarantine(self, file: InboundFile, reason: str) -> None:
        """Nothing is kept here."""

    def _post(self, message: OutboundMessage) -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout)
        headers = {
            "Content-Type": message.content_type,
            "Content-Disposition": f'attachment; filename="{message.file_name}"',
            **self._headers,
        }
        try:
            connection.request("POST", self._target, body=message.content, headers=headers)
            response = connection.getresponse()
            return response.status, self._read(response)
        except http.client.HTTPException as problem:
            raise ConnectionError(f"{self._partner}: {problem!r}") from problem
        finally:
            connection.close()

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        data = bytearray()
        while chunk := response.read(_CHUNK):
            data += chunk
            if len(data) > self._limit:
                raise AnswerTooLargeError(f"{self._partner} answered over {self._limit} bytes")
        return bytes(data)

    def _answers(self, message: OutboundMessage, body: bytes) -> tuple[InboundFile, ...]:
        content = body.lstrip(b"\xef\xbb\xbf \r\n\t")
        if not content.startswith(_EDI):
            return ()
        name = f"answer-{message.file_name}"
        answer = InboundFile(
            partner=self._partner,
            place=name,
            file_name=name,
            digest=hashlib.sha256(body).hexdigest(),
            content=body,
        )
        return (answer,)
