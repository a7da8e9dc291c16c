"""An outside system in its own process with its own books, which can die between work and answer.

    python -m tests.runtime.toy_desk SOCKET FILE

POST KEY does the work once; GET KEY tells whether it was done. DIE makes the next POST commit and
then kill the process before it answers. Speaks one line a request over a Unix socket.
"""

import os
import signal
import socket
import socketserver
import sqlite3
import sys
import threading
from pathlib import Path

from manciple.runtime.effects import Outcome, Parcel


class DeskBooks:
    """The desk's own books: every key once, and every second POST of a key counted."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.execute("create table if not exists done (key text primary key)")
        self._db.execute("create table if not exists again (key text)")
        self._lock = threading.Lock()
        self.dies = False

    def ask(self, line: str) -> str:
        verb, _, key = line.strip().partition(" ")
        with self._lock:
            if verb == "DIE":
                self.dies = True
                return "yes"
            if verb == "GET":
                found = self._db.execute("select 1 from done where key = ?", (key,)).fetchone()
                return "yes" if found else "no"
            try:
                self._db.execute("insert into done values (?)", (key,))
            except sqlite3.IntegrityError:
                self._db.execute("insert into again values (?)", (key,))
            if self.dies:
                os.kill(os.getpid(), signal.SIGKILL)
            return "yes"


class _Line(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        books: DeskBooks = self.server.books  # type: ignore[attr-defined]
        while line := self.rfile.readline():
            self.wfile.write((books.ask(line.decode()) + "\n").encode())


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


class DeskLine:
    """The desk as an endpoint: a connection a request, any broken exchange is an OSError."""

    FINDS = True

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, words: str) -> str:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(self._address)
            line.sendall((words + "\n").encode())
            answer = line.makefile().readline().strip()
        if not answer:
            raise ConnectionError("no answer")
        return answer

    def find(self, parcel: Parcel) -> Outcome | None:
        if self.ask(f"GET {parcel.key}") == "yes":
            return Outcome.done(number=f"N-{parcel.key}")
        return None

    def send(self, parcel: Parcel) -> Outcome:
        self.ask(f"POST {parcel.key}")
        return Outcome.done(number=f"N-{parcel.key}")


def serve(address: str, file: Path) -> None:
    Path(address).unlink(missing_ok=True)
    with _Server(address, _Line) as server:
        server.books = DeskBooks(file)  # type: ignore[attr-defined]
        server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]))
