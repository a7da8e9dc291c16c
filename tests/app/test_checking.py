"""The checker itself is checked: each law is broken once in a played world, and it says so."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from manciple.adapters.sql.engine import transaction
from manciple.app import settings_from
from manciple.app.checking import check
from manciple.cli import demo
from manciple.cli.demo import Demo


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    home: Path = tmp_path_factory.mktemp("played") / "home"
    made = demo.set_up(settings_from({}, home=home), seed=11, days=6)
    demo.play(made, quiet=True)
    yield made
    made.wire.close()


def broken(played: Demo) -> set[str]:
    return {name for name, each in check(played.app).items() if each.broken}


def ours(played: Demo, sql: str) -> None:
    with transaction(played.app.store.engine) as session:
        assert session.write(sql) == 1


def theirs(played: Demo, name: str, sql: str) -> None:
    """Change one row of a neighbour's books behind its back."""
    with closing(sqlite3.connect(played.settings.home / f"{name}.sqlite")) as books, books:
        assert books.execute(sql).rowcount == 1


def test_a_played_world_breaks_no_law_and_checks_every_one(played: Demo) -> None:
    told = check(played.app)

    assert {name: each.broken for name, each in told.items() if each.broken} == {}
    assert {name for name, each in told.items() if not each.checked} == {"parts"}, (
        "nobody pays an invoice in parts in this world; tests of their own do"
    )


@pytest.mark.parametrize(
    ("stage", "change", "back", "law"),
    [
        ("received", "quantity + 1000000", "quantity - 1000000", "wms_receipts"),
        ("ordered", "quantity + 1000000", "quantity - 1000000", "erp_orders"),
        ("ordered", "-quantity", "-quantity", "ledger"),
    ],
)
def test_one_wrong_posting_of_ours_is_found(
    played: Demo, stage: str, change: str, back: str, law: str
) -> None:
    row = f"where n = (select min(n) from posting where stage = '{stage}')"
    ours(played, f"update posting set quantity = {change} {row}")

    found = broken(played)

    ours(played, f"update posting set quantity = {back} {row}")
    assert law in found
    assert broken(played) == set()


def test_a_payable_that_finance_lost_is_found(played: Demo) -> None:
    first = "where number = (select min(number) from payable)"
    theirs(played, "finance", f"update payable set external = 'X' || external {first}")

    found = broken(played)

    theirs(played, "finance", f"update payable set external = substr(external, 2) {first}")
    assert "finance_payables" in found
    assert broken(played) == set()
