"""Each reference system runs as a process of its own and stops when it is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from manciple.adapters.reference.line import HttpLine


@pytest.mark.parametrize("module", ["erp.reference_server", "wms.server", "finance.server"])
def test_it_serves_on_a_free_port_and_stops_cleanly(tmp_path: Path, module: str) -> None:
    database = tmp_path / "new" / "books.sqlite"
    command = [sys.executable, "-m", f"manciple.adapters.{module}", "--database", str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = HttpLine(process.stdout.readline().strip())

        health = line.ask("GET", "/health")

        line.close()
        process.terminate()
        assert health.status == 200
        assert process.wait(10) == 0
    assert database.exists()
