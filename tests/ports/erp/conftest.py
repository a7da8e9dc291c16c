"""ERPs to run the one suite against: over HTTP, and in-process with its own database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.erp.reference import ReferenceErpAdapter
from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.reference.line import HttpLine, InProcessLine, Line
from manciple.adapters.reference.server import SystemServer
from tests.ports.erp.erp_cases import ErpUnderTest, masters_json

TIMEOUT = 0.4


class LineControl:
    """Turns the reference ERP's switches over its own interface."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def switch(self, mode: str, **more: Any) -> None:
        body = json.dumps({"mode": mode, **more}).encode()
        assert self._line.ask("POST", "/_switch", body).status == 200


@pytest.fixture(params=["http", "in-process"])
def erp(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ErpUnderTest]:
    system = ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")
    system.load(masters_json())
    if request.param == "http":
        server = SystemServer(system).start()
        line: Line = HttpLine(server.base_url, timeout=TIMEOUT)
        yield ErpUnderTest(ReferenceErpAdapter(line), LineControl(line))
        line.close()
        server.stop()
    else:
        line = InProcessLine(system, timeout=TIMEOUT)
        yield ErpUnderTest(ReferenceErpAdapter(line), LineControl(line))
        system.close()
