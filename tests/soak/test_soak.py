"""Storms, for `make soak`: hundreds of deaths, and an hour of everything at once.

make soak                                             200 deaths, then an hour on each database
MANCIPLE_MINUTES=5 make soak ARGS="-k same_end"       five minutes on each
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import OwnServer, sqlite_file
from tests.soak.ending import differences, ending
from tests.soak.fire import everything, on_postgresql, on_sqlite, undisturbed
from tests.soak.storm import Storm
from tests.soak.verdict import Verdict

MINUTES = float(os.environ.get("MANCIPLE_MINUTES", "60"))
NEEDS_A_MINUTE = 12
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


def same_end(calm: Storm, wild: Storm) -> None:
    peace = undisturbed(calm)
    before = ending(calm)
    print(peace)  # noqa: T201  the soak's report
    verdict = everything(wild, seed=5, minutes=MINUTES, told=print)
    check(verdict)
    assert wild.suppliers.repeated > 0
    assert verdict.acknowledged == peace.acknowledged
    assert sum(len(rows) for rows in before.values()) > verdict.orders
    assert differences(before, ending(wild)) == []


@pytest.mark.soak
@pytest.mark.timeout(4 * 3600)
def test_the_same_end_after_a_storm_of_everything_on_sqlite(
    tmp_path: Path,
) -> None:
    needs, calm, wild = round(NEEDS_A_MINUTE * MINUTES), tmp_path / "calm", tmp_path / "wild"
    same_end(
        Storm(sqlite_file(made(calm)), calm, needs=needs),
        Storm(sqlite_file(made(wild)), wild, needs=needs, repeats=5),
    )


@pytest.mark.soak
@pytest.mark.timeout(4 * 3600)
def test_the_same_end_after_a_storm_of_everything_on_postgresql(
    own_server: OwnServer, tmp_path: Path
) -> None:
    needs = round(NEEDS_A_MINUTE * MINUTES)
    same_end(
        Storm(own_server.fresh(), made(tmp_path / "calm"), server=own_server, needs=needs),
        Storm(
            own_server.fresh(), made(tmp_path / "wild"), server=own_server, needs=needs, repeats=5
        ),
    )


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder
