"""The other systems as processes of their own, each with its own database, which may be killed.

with Neighbours(folder) as around:
    around.urls["erp"]; around.kill("wms")
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from manciple.adapters.reference.line import HttpLine

MODULES = {
    "erp": "manciple.adapters.erp.reference_server",
    "wms": "manciple.adapters.wms.server",
    "finance": "manciple.adapters.finance.server",
}
_COMPILES_ALWAYS = "PYTHONDONTWRITEBYTECODE"


def environment() -> dict[str, str]:
    """Give what a process of ours sees: compiled modules are kept, so that it starts quickly."""
    kept = {name: value for name, value in os.environ.items() if name != _COMPILES_ALWAYS}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "manciple-pycache")}


class Neighbours:
    """ERP, warehouse and finance; what is killed comes back on its port with its books."""

    def __init__(self, folder: Path, *, synchronous: str = "NORMAL") -> None:
        self._folder, self._synchronous = folder, synchronous
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._lines: dict[str, HttpLine] = {}
        self.urls: dict[str, str] = {}

    def __enter__(self) -> Self:
        for name in MODULES:
            self._launch(name)
        for name in MODULES:
            self._await(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in self._processes:
            self.end(name)
        for line in self._lines.values():
            line.close()

    def line(self, name: str) -> HttpLine:
        """Give the way to a system; one for all who ask from this process."""
        if name not in self._lines:
            self._lines[name] = HttpLine(self.urls[name])
        return self._lines[name]

    def books(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite"

    def process(self, name: str) -> "subprocess.Popen[str]":
        return self._processes[name]

    def start(self, name: str) -> None:
        self._launch(name)
        self._await(name)

    def _launch(self, name: str) -> None:
        port = self.urls[name].rpartition(":")[2] if name in self.urls else "0"
        process = subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-m", MODULES[name], "--port", port),
                *("--database", str(self.books(name)), "--synchronous", self._synchronous),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self._processes[name] = process

    def _await(self, name: str) -> None:
        process = self._processes[name]
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), f"{name} did not start"
        self.urls[name] = address

    def end(self, name: str) -> None:
        """Kill a system where it stands."""
        process = self._processes[name]
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()

    def kill(self, name: str) -> None:
        """Kill a system, and start it again."""
        self.end(name)
        self.start(name)
