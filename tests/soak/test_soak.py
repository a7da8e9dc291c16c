"""Hundreds of deaths, for `make soak`: MANCIPLE_KILLS of them, half on each database."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import OwnServer
from tests.soak.fire import on_postgresql, on_sqlite
from tests.soak.verdict import Verdict

KILLS = int(os.environ.get("MANCIPLE_KILLS", "200")) // 2


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    server = OwnServer()
    yield server
    server.stop()


def check(verdict: Verdict) -> None:
    print(verdict)  # noqa: T201  the soak's report
    assert verdict.wrong == ()
    assert verdict.acknowledged > 0
    assert verdict.orders == verdict.acknowledged
    assert verdict.invoices >= verdict.orders


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_the_product_survives_on_sqlite(sqlite_url: str, tmp_path: Path) -> None:
    check(on_sqlite(sqlite_url, tmp_path, kills=KILLS))


@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_the_product_survives_on_postgresql(own_server: OwnServer, tmp_path: Path) -> None:
    check(on_postgresql(own_server, tmp_path, kills=KILLS))
