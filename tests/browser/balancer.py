"""A balancer as tests need one: each connection goes to the next node, past those that refuse.

It looks into nothing. Nodes that are ``silent`` are heard no more, as when one dies between deed
and answer; ``only`` leads every new connection to one node.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final

_CHUNK: Final = 65_536
_PATIENCE: Final = 0.3
"""Seconds that a node has to take a connection before the next is tried."""


@dataclass(slots=True)
class Balancer:
    """Round-robin over TCP."""

    ports: tuple[int, ...]
    listening: socket.socket
    connections: dict[int, int] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)
    only: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _turns: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = cycle(self.ports)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def cut(self) -> None:
        """End every connection that browsers keep open."""
        for each in tuple(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        while True:
            try:
                browser, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        self._open.add(browser)
        for _ in self.ports:
            port = self.only or next(self._turns)
            try:
                node = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
            except OSError:
                continue
            node.settimeout(None)
            self.connections[port] = self.connections.get(port, 0) + 1
            there = threading.Thread(target=self._pump, args=(browser, node, 0), daemon=True)
            there.start()
            self._pump(node, browser, port)
            there.join()
            node.close()
            break
        self._open.discard(browser)
        browser.close()

    def _pump(self, source: socket.socket, target: socket.socket, port: int) -> None:
        """Carry bytes until one side ends, then end the other; no one waits for a dead node."""
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                if port not in self.silent:
                    target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def balanced(*ports: int) -> Iterator[Balancer]:
    """Balance over the nodes at these ports while the block runs."""
    made = Balancer(ports, socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=made.run, daemon=True).start()
    try:
        yield made
    finally:
        made.listening.close()
