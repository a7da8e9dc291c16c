"""Puts a reference system behind HTTP/1.1 with kept-alive connections."""

import argparse
import contextlib
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any

from manciple.adapters.reference.web import (
    Answer,
    NoAnswerError,
    RefusalError,
    System,
    body_limit,
    request_of,
)

_IDLE_SECONDS = 120
_DISCARDED = 64_000_000


class SystemServer(ThreadingHTTPServer):
    """One system, one port, one thread for each connection."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, system: System, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        self.system = system
        super().__init__((host, port), _Connection)

    @property
    def base_url(self) -> str:
        """Where it can be reached."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"

    def start(self) -> "SystemServer":
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a caller that hung up or died; anything else is told as ever."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop listening and close the books."""
        self.shutdown()
        self.server_close()
        self.system.close()


class _Connection(BaseHTTPRequestHandler):
    """One kept-alive connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE_SECONDS
    wbufsize = 65_536

    server: SystemServer

    def log_message(self, *_: Any) -> None:
        """Say nothing: the books are the record."""

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        request = request_of(self.command, self.path, dict(self.headers.items()), body)
        try:
            self._give(self.server.system.answer(request))
        except sqlite3.Error as problem:
            self._give(Answer(status=500, body={"error": "books", "message": str(problem)}))
        except NoAnswerError:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(2)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  http.server's names

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            self._give(RefusalError(501, "chunked", "a Content-Length is wanted").answer())
            return None
        length = self.headers.get("Content-Length", "0")
        limit = body_limit(self.path)
        if not length.isdecimal() or int(length) > limit:
            self.close_connection = True
            self._discard(int(length) if length.isdecimal() else 0)
            self._give(RefusalError(413, "too-large", f"a body may have {limit} bytes").answer())
            return None
        return self.rfile.read(int(length))

    def _discard(self, length: int) -> None:
        """Read what is refused, within reason: who is still sending does not hear an answer."""
        left = min(length, _DISCARDED)
        while left > 0 and (chunk := self.rfile.read(min(left, 65_536))):
            left -= len(chunk)

    def _give(self, answer: Answer) -> None:
        body = answer.encoded()
        self.send_response_only(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def serve(make: Callable[[Path, str], System], argv: Sequence[str] | None, name: str) -> None:
    """Run a system as a process of its own until it is told to stop.

    The first line on standard output is its address.
    """
    parser = argparse.ArgumentParser(prog=name, description=f"{name}: a small system of its own")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--synchronous", default="FULL", choices=("FULL", "NORMAL", "OFF"))
    given = parser.parse_args(argv)
    given.database.parent.mkdir(parents=True, exist_ok=True)
    server = SystemServer(
        make(given.database, given.synchronous), host=given.host, port=given.port
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(server.base_url, flush=True)  # noqa: T201  whoever started it reads the address
    server.serve_forever(0.05)
    server.server_close()
    server.system.close()
