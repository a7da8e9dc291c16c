"""Every behaviour of mock-edi ends as the table says that was written before it was played."""

import json
from collections import Counter
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from mockedi import db
from rich.console import Console

from manciple.adapters.partners.behaviours import Behaviour, behaviours
from manciple.cli.main import root
from manciple.cli.partner_demo.every import (
    Everything,
    play,
    run_every_behaviour,
    show,
    told,
)

ALL = {each.name: each for each in behaviours()}
SHORT = 5
"""So many orders of each here: every row of the table once."""


def quiet(_: str) -> None:
    """Show nothing."""


def played(tmp_path: Path, *chosen: Behaviour) -> Everything:
    return play(chosen, home=tmp_path, orders=SHORT, step=quiet)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ALL)
def test_a_behaviour_ends_as_the_table_says(tmp_path: Path, name: str) -> None:
    every = played(tmp_path, ALL[name])

    tally = every.tallies[name]
    assert every.verdict.differences == []
    assert tally.stuck == {}
    assert every.refused == []
    assert {law: each.broken for law, each in every.invariants.items() if each.broken} == {}
    assert any(each.checked > 0 for each in every.invariants.values())
    assert (tally.orders, tally.right) == (SHORT, SHORT)
    assert every.is_clean


def test_the_table_has_every_behaviour_that_mock_edi_has() -> None:
    assert set(ALL) == set(db.BEHAVIOURS)
    for name, behaviour in ALL.items():
        role = "supplier" if behaviour.bought else "customer"
        assert role in db.BEHAVIOUR_ROLES[name], name
        assert bool(behaviour.orders) != bool(behaviour.bought), name


def test_the_rows_add_up() -> None:
    """What is billed is worth its invoices, what the ERP has as invoiced its payables."""
    for behaviour in ALL.values():
        for order in behaviour.orders:
            billed = sum((x.price * x.there.billed for x in order.lines), Decimal(0))
            booked = sum((x.price * x.erp.invoiced for x in order.lines), Decimal(0))
            assert billed == sum(order.invoices, Decimal(0)), order.reference
            assert booked == sum(order.payables, Decimal(0)), order.reference
            assert not Counter(order.payables) - Counter(order.invoices), order.reference
            for line in order.lines:
                assert line.erp.invoiced <= line.erp.received <= line.ordered * Decimal("1.02")
                assert line.erp.received <= line.there.shipped, order.reference
                assert line.erp.cancelled + line.erp.received <= line.ordered * Decimal("1.02")


def test_an_over_shipping_row_ships_three_in_ten_more() -> None:
    for order in ALL["over-ship"].orders:
        for line in order.lines:
            asked = line.there.confirmed
            if not asked or "SHORTAGE" in order.exceptions:
                continue
            more = (asked * Decimal("1.3")).to_integral_value(ROUND_CEILING)
            assert line.there.shipped == max(more, asked + 1), order.reference


def test_a_row_is_raised_again_under_a_reference_of_its_own() -> None:
    end = ALL["no-ack"].end(12)

    assert [order.reference for order in end.orders[:6]] == [
        "NOA-01.1", "NOA-02.2", "NOA-03.3", "NOA-04.4", "NOA-05.5", "NOA-01.6",
    ]  # fmt: skip
    assert len({order.reference for order in end.orders}) == 12
    assert end.orders[5].lines == end.orders[0].lines


def test_what_is_wrong_with_a_behaviour_is_told_and_printed(tmp_path: Path) -> None:
    right = ALL["duplicate-order"]
    rows = (replace(right.bought[0], answers={"855": 2}), *right.bought[1:])

    every = play((replace(right, bought=rows),), home=tmp_path, orders=2, step=quiet)

    row = json.loads(json.dumps(told(every)))
    assert row["behaviours"]["duplicate-order"]["orders"] == 2
    assert (row["behaviours"]["duplicate-order"]["right"], every.is_clean) == (1, False)
    assert row["wrong"] == [
        {
            "order": "DOR-01.1",
            "behaviour": "duplicate-order",
            "where": "partner: 855 filed",
            "expected": "2",
            "actual": "1",
        }
    ]
    out = StringIO()
    show(Console(width=200, file=out), every)
    assert "wrong: DOR-01.1 duplicate-order: partner: 855 filed: expected 2" in out.getvalue()


def test_behaviours_are_played_on_databases_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run_every_behaviour(
        home=tmp_path / "home", json_file=None, database_url="postgresql://x/y", orders=1
    )

    assert code == 1
    assert "leave --database-url out" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_only_mock_edi_has_behaviours(tmp_path: Path) -> None:
    home = str(tmp_path / "home")

    result = CliRunner().invoke(root, ["demo", "--all-behaviours", "--home", home], obj={})

    assert result.exit_code == 1
    assert "only mock-edi has behaviours" in result.stderr


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_fifty_orders_of_every_behaviour_end_as_the_table_says(tmp_path: Path) -> None:
    out = tmp_path / "out.json"

    code = run_every_behaviour(home=tmp_path / "home", json_file=out, database_url=None, orders=50)

    row = json.loads(out.read_text("utf-8"))
    assert (row["wrong"], row["stuck"], row["refused"]) == ([], [], [])
    assert {name: each["right"] for name, each in row["behaviours"].items()} == dict.fromkeys(
        ALL, 50
    )
    assert code == 0
