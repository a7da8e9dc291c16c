"""The run against mock-edi: orders end as the table says, and what does not is named."""

import json
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from manciple.adapters.partners.expected import ExpectedEnd, ExpectedOrder, expected_end
from manciple.cli.partner_demo import run_partner_demo
from manciple.cli.partner_demo.days import loads_of
from manciple.cli.partner_demo.facts import Found
from manciple.cli.partner_demo.firm import waves
from manciple.cli.partner_demo.report import Trial, show, told, trade
from manciple.cli.partner_demo.verdict import Difference, judge

HANDFUL = ("ACC-42", "ACC-44", "ACC-47", "SHT-01", "SHT-45")
"""A balance that follows, a dearer price, a refused line; confirmed short, and too few to be."""
END = expected_end()


def chosen(end: ExpectedEnd = END) -> tuple[ExpectedOrder, ...]:
    return tuple(order for order in end.orders if order.reference in HANDFUL)


def one(reference: str) -> ExpectedOrder:
    return next(order for order in END.orders if order.reference == reference)


def differences(found: Found, *orders: ExpectedOrder) -> list[tuple[str, str, str, str]]:
    return [
        (each.order, each.where, each.expected, each.actual)
        for each in judge(END, orders, found).differences
    ]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    home = tmp_path_factory.mktemp("partner") / "home"
    return trade(END, home=home, database_url=None, step=lambda _: None, orders=chosen(), days=9)


def test_a_handful_of_orders_ends_as_the_table_says(trial: Trial) -> None:
    assert trial.verdict.differences == []
    assert {name: each.stuck for name, each in trial.verdict.tallies.items()} == {
        "accept": {},
        "short-ship": {},
    }
    assert trial.refused == ()
    assert {name: each.broken for name, each in trial.invariants.items() if each.broken} == {}
    assert trial.is_clean
    assert trial.verdict.tallies["accept"].right == 3
    assert trial.verdict.tallies["short-ship"].exceptions == Counter({"SHORTAGE": 1})


def test_the_json_counts_what_happened(trial: Trial) -> None:
    row = json.loads(json.dumps(told(trial)))

    assert row["behaviours"]["accept"] == {
        "orders": 3,
        "right": 3,
        "exceptions": {
            "INVOICE_MISMATCH": 1, "PRICE_VARIANCE": 1, "REJECTED_LINE": 1, "SHORTAGE": 1,
        },
        "stuck": 0,
        "wrong": 0,
    }  # fmt: skip
    assert (row["wrong"], row["stuck"], row["refused"]) == ([], [], [])
    assert row["invariants"]["erp_orders"]["checked"] > 0
    assert len(row["merkle_root"]) == 64


def test_a_figure_that_differs_is_named_with_both_sides(trial: Trial) -> None:
    order = one("ACC-42")
    line = order.lines[0]
    there, erp = replace(line.there, shipped=Decimal(99)), replace(line.erp, received=Decimal(99))
    first = replace(line, there=there, erp=erp)
    other = replace(order, lines=(first, *order.lines[1:]), exceptions=("NO_ACKNOWLEDGMENT",))

    assert differences(trial.found, other) == [
        ("ACC-42", "partner: line 1 shipped", "99", "100"),
        ("ACC-42", "ERP: line 1 received", "99", "100"),
        ("ACC-42", "ERP: line 1 accepted", "99", "100"),
        ("ACC-42", "exceptions", "NO_ACKNOWLEDGMENT", "SHORTAGE"),
    ]


def test_a_payable_too_few_is_wrong_in_both_books(trial: Trial) -> None:
    other = replace(one("SHT-01"), payables=(Decimal("2400.00"), Decimal("1.00")))

    found = {where for _, where, _, _ in differences(trial.found, other)}

    assert {"ERP: invoices posted", "finance: payables"} <= found


def test_an_order_that_something_waits_for_is_stuck_and_not_wrong(trial: Trial) -> None:
    facts = replace(trial.found.orders["SHT-01"], waiting=("X:erp.create_order is dead",))
    found = replace(trial.found, orders={**trial.found.orders, "SHT-01": facts})

    verdict = judge(END, (one("SHT-01"),), found)

    assert verdict.tallies["short-ship"].stuck == {"SHT-01": ("X:erp.create_order is dead",)}
    assert verdict.differences == []
    assert not verdict.is_clean


def test_a_case_that_the_table_does_not_leave_open_is_stuck(trial: Trial) -> None:
    order = replace(one("ACC-47"), still_open=())

    verdict = judge(END, (order,), trial.found)

    assert verdict.tallies["accept"].stuck == {"ACC-47": ("REJECTED_LINE is still open",)}
    named = replace(order, still_open=("REJECTED_LINE",))
    assert judge(END, (named,), trial.found).is_clean


def test_an_order_that_is_nowhere_says_where_it_is_missing(trial: Trial) -> None:
    facts = replace(trial.found.orders["SHT-01"], erp=None, partner=None)
    found = replace(trial.found, orders={"SHT-01": facts})

    why = judge(END, (one("SHT-01"),), found).tallies["short-ship"].stuck["SHT-01"]

    assert why == (f"{facts.number} is not in the ERP", f"{facts.number} is not at the partner")


def test_a_document_that_we_never_acknowledged_is_wrong(trial: Trial) -> None:
    found = replace(trial.found, unacknowledged={"accept": ("810 0004",)})

    assert judge(END, chosen(), found).differences == [
        Difference(
            order="all",
            behaviour="accept",
            where="partner: documents without our 997",
            expected="0",
            actual="810 0004",
        )
    ]


def test_what_belongs_to_no_order_is_wrong(trial: Trial) -> None:
    found = replace(trial.found, astray=["the ERP has an order PO-9 that nobody raised"])

    (difference,) = judge(END, chosen(), found).differences

    assert difference.actual == "the ERP has an order PO-9 that nobody raised"


def test_the_printed_table_names_every_complaint(trial: Trial) -> None:
    other = replace(one("SHT-45"), status="rejected")
    worse = replace(trial, verdict=judge(END, (other,), trial.found), refused=("SHT-99: 422",))
    out = StringIO()

    show(Console(width=200, file=out), worse)

    text = out.getvalue()
    assert "wrong: SHT-45 short-ship: partner: status: expected rejected, found invoiced" in text
    assert "refused: SHT-99: 422" in text


def test_orders_of_one_price_list_are_raised_together() -> None:
    groups = waves(END.orders)

    assert [len(wave.orders) for wave in groups] == [4, 96]
    for wave in groups:
        for order in wave.orders:
            assert all(wave.prices[order.behaviour, x.item] == x.price for x in order.lines)


def test_the_dock_reads_a_notice_by_eye() -> None:
    isa = f"ISA*00*{'':10}*00*{'':10}*ZZ*{'M':15}*ZZ*{'U':15}*260302*0900*U*00401*000000001*0*T*>"
    body = (
        "ST*856*0001", "BSN*00*SHP1*20260302*0900*0004", "HL*1**S*1", "N1*ST*Atlanta*92*ATL",
        "HL*2*1*O*1", "PRF*PO-1", "HL*3*2*I*0", "LIN*2*VP*GEAR-200", "SN1*2*60*EA",
        "CTT*3", "SE*11*0001",
    )  # fmt: skip

    (load,) = loads_of("~\n".join((isa, *body, "")).encode())

    assert (load.shipment, load.order, load.site) == ("SHP1", "PO-1", "ATL")
    assert load.pieces == (("2", Decimal(60), "EA"),)


def test_without_the_extra_the_command_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mockedi", None)

    code = run_partner_demo(home=tmp_path / "home", json_file=None, database_url=None, quiet=True)

    assert code == 1
    assert "pip install 'manciple[partner]'" in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_a_home_that_no_demo_made_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", "utf-8")

    code = run_partner_demo(home=tmp_path, json_file=None, database_url=None, quiet=True)

    assert code == 1
    assert "choose another --home" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_all_hundred_orders_end_as_the_table_says(tmp_path: Path) -> None:
    out = tmp_path / "out.json"

    code = run_partner_demo(home=tmp_path / "home", json_file=out, database_url=None, quiet=True)

    row = json.loads(out.read_text("utf-8"))
    assert (row["wrong"], row["stuck"], row["refused"]) == ([], [], [])
    assert {name: each["right"] for name, each in row["behaviours"].items()} == {
        "accept": 50,
        "short-ship": 50,
    }
    assert code == 0
