"""Before and after: same customers, same people, same measures; a verdict may be "worse"."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from manciple.cli.comparing import verdict
from manciple.cli.main import root
from manciple.world.company import company
from manciple.world.journal import Journal
from manciple.world.legacy.mechanism import ALL, MEANING, NONE, Mechanism
from manciple.world.legacy.model import Model
from manciple.world.legacy.parameters import Parameters, ParametersError, parameters
from manciple.world.measures import (
    MEASURES,
    BillRecord,
    OrderRecord,
    Records,
    TroubleRecord,
    measured,
    percentile,
)
from manciple.world.reactions import Reaction, reactions

START = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, 15, tzinfo=UTC)
SHIPPED = Path(__file__).parents[2] / "src" / "manciple" / "world" / "legacy" / "parameters.toml"


def played(
    mechanisms: frozenset[Mechanism],
    *,
    figures: Parameters | None = None,
    slower: int = 1,
    seed: int = 5,
) -> Records:
    table = {
        role: replace(row, median=row.median * slower, p90=row.p90 * slower)
        for role, row in reactions().items()
    }
    return house(mechanisms, figures or parameters()[0], tuple(table.items()), seed)


@cache
def house(
    mechanisms: frozenset[Mechanism],
    figures: Parameters,
    table: tuple[tuple[str, Reaction], ...],
    seed: int,
) -> Records:
    return Model(
        company(seed, suppliers=24, items=96), seed=seed, start=START, days=21,
        mechanisms=mechanisms, figures=figures, table=dict(table),
    ).play()  # fmt: skip


def value(records: Records, name: str) -> float:
    told = measured(records)[name]
    assert told is not None
    return told


def test_both_ways_have_the_same_customers_and_a_seed_repeats_itself() -> None:
    before, after = played(NONE), played(ALL)
    table = tuple(reactions().items())
    again = house.__wrapped__(NONE, parameters()[0], table, 5)

    assert before.stock["pieces_asked"] == after.stock["pieces_asked"] > 0
    assert measured(again) == measured(before)
    assert len(before.orders) > 20


@pytest.mark.parametrize(
    ("mechanism", "measure", "worse_is_more"),
    [
        (Mechanism.APPROVALS, "req_to_po_hours", True),
        (Mechanism.DISPATCH, "touches_per_line", True),
        (Mechanism.ANSWERS, "answer_hours", True),
        (Mechanism.RECEIPTS, "first_pass", False),
        (Mechanism.MATCHING, "bill_days", True),
    ],
)
def test_giving_up_one_mechanism_shows_in_its_own_measure(
    mechanism: Mechanism, measure: str, worse_is_more: bool
) -> None:
    whole, without = value(played(ALL), measure), value(played(ALL - {mechanism}), measure)

    assert (without > whole) is worse_is_more
    assert without != whole


def test_without_chasing_a_silent_supplier_is_silent_longer() -> None:
    def unanswered(records: Records) -> int:
        return sum(order.sent is not None and order.answered is None for order in records.orders)

    assert unanswered(played(ALL - {Mechanism.CHASING})) > unanswered(played(ALL))


def test_people_who_are_slower_are_slower_in_both_ways() -> None:
    for way in (NONE, ALL):
        assert value(played(way, slower=4), "req_to_po_hours") > value(
            played(way), "req_to_po_hours"
        )


def test_a_parameter_of_the_way_before_changes_nothing_after() -> None:
    slow = replace(parameters()[0], inbox_checks=1, order_keyed=60, investigation=7)

    assert measured(played(ALL, figures=slow)) == measured(played(ALL))
    assert measured(played(NONE, figures=slow)) != measured(played(NONE))


def test_every_mechanism_has_a_meaning_and_every_parameter_a_source() -> None:
    _, sources = parameters()

    assert set(MEANING) == set(Mechanism) == ALL
    assert all(sources.values())
    assert sources["keying_errors"].startswith("R. Panko")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('source = "ASSUMPTION"', 'source = ""', "wants value, unit and source"),
        ("value = 70", 'value = "70"', "whole number"),
        ("value = 70", "value = -1", "whole number"),
        ("[receipt_batch]", "[receipt_bach]", "receipt_bach"),
        ('value = 8\nunit = "working days, 90th', 'value = 3\nunit = "working days, 90th',
         "investigation_p90"),
    ],
)  # fmt: skip
def test_parameters_that_can_not_be_are_refused_by_name(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(ParametersError) as refused:
        parameters(file)

    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("differences", "less_is_better", "said"),
    [
        ([-2.0, -1.0, -0.1], True, "better"),
        ([-2.0, -1.0, -0.1], False, "worse"),
        ([0.1, 1.0, 2.0], True, "worse"),
        ([0.1, 1.0, 2.0], False, "better"),
        ([-1.0, 0.5, 0.0], True, "no clear difference"),
        ([0.0, 0.5, 1.0], True, "no clear difference"),
        ([0.0, 0.0, 0.0], True, "equal"),
        ([None, None, None], True, "not known"),
    ],
)
def test_a_verdict_is_worse_or_equal_where_it_is(
    differences: list[float | None], less_is_better: bool, said: str
) -> None:
    assert verdict(differences, less_is_better=less_is_better) == said


def test_percentiles_interpolate_between_the_closest_ranks() -> None:
    assert percentile([], 50) is None
    assert percentile([4], 90) == 4
    assert percentile([1, 2, 3, 4], 50) == 2.5
    assert percentile([1, 2, 3, 4, 5], 90) == pytest.approx(4.6)


def test_measures_count_lines_and_leave_out_what_is_not_known() -> None:
    hour = timedelta(hours=1)
    records = Records(
        orders=[
            OrderRecord(lines=3, submitted=NOW, sent=NOW + hour, answered=NOW + 5 * hour),
            OrderRecord(lines=1, submitted=NOW, sent=NOW + 9 * hour, touches=2, in_time=[False]),
            OrderRecord(lines=4, submitted=NOW, in_time=[True]),
        ],
        bills=[
            BillRecord(came=NOW, clean=True, payable=NOW),
            BillRecord(came=NOW, clean=False, payable=NOW + 48 * hour),
            BillRecord(came=NOW),
        ],
        troubles=[TroubleRecord(arose=NOW, settled=NOW + 6 * hour), TroubleRecord(arose=NOW)],
        touches=4,
        stock={"stocked_item_site_days": 200, "stock_out_item_site_days": 3,
               "stock_out_unit_days": 8},
    )  # fmt: skip

    assert measured(records) == pytest.approx(
        {
            "req_to_po_hours": 1.0, "req_to_po_hours_p90": 6.6, "touchless": 75.0,
            "approvals_in_time": 50.0, "answer_hours": 4.0, "first_pass": 50.0,
            "bill_days": 1.0, "bill_days_p90": 1.8, "trouble_hours": 6.0,
            "trouble_hours_p90": 6.0, "touches_per_line": 0.5, "stock_out_share": 1.5,
            "stock_out_unit_days": 8.0,
        }
    )  # fmt: skip
    assert [each.name for each in MEASURES] == list(measured(records))
    empty = Records(stock={"stock_out_unit_days": 0})
    assert measured(empty)["req_to_po_hours"] is None


def event(kind: str, hours: int, door: str = "process", key: str = "k", **data: Any) -> Any:
    at = (NOW + timedelta(hours=hours)).isoformat()
    return {"type": kind, "at": at, "body": {"door": door, "command": key, "data": data}}


def test_the_feed_is_read_into_the_same_records() -> None:
    journal = Journal()
    journal.raised("REQ-1", 3)
    subject = {"kind": "requisition", "id": "REQ-1"}
    mended = {"supplier": "S", "number": "I7R", "invoice": "INV-2"}
    rows = [
        (event("RequisitionSubmitted", 0, "api", "a", requisition="REQ-1"), True),
        (event("StepApproved", 2, "api", "b", subject=subject, in_time=True), True),
        (event("OrderPlaced", 2, key="b>2:PlaceOrder", order="PO-1", requisition="REQ-1"), False),
        (event("OrderSent", 3, order="PO-1"), False),
        (event("OrderSent", 9, order="PO-1"), False),
        (event("AcknowledgmentReceived", 4, order="PO-1", is_answer=False), False),
        (event("AcknowledgmentReceived", 5, order="PO-1", is_answer=True), False),
        (event("InvoiceRegistered", 6, supplier="S", number="I7", invoice="INV-1"), False),
        (event("InvoiceMatched", 6, invoice="INV-1", clean=False), False),
        (event("CaseOpened", 6, case="C-1"), False),
        (event("CaseResolved", 8, "api", "c", case="C-1"), True),
        (event("InvoiceRegistered", 20, **mended), False),
        (event("InvoiceMatched", 20, invoice="INV-2", clean=True), False),
        (event("InvoicePayable", 30, invoice="INV-2"), False),
        (event("InvoiceRegistered", 40, supplier="S", number="I7", invoice="INV-3"), False),
    ]
    for row, is_person in rows:
        journal.note(row, is_person=is_person)

    told = journal.told({"stock_out_unit_days": 0})

    values = measured(told)
    assert (values["req_to_po_hours"], values["answer_hours"]) == (3.0, 2.0)
    assert (values["approvals_in_time"], values["touchless"]) == (100.0, 0.0)
    assert (values["first_pass"], values["bill_days"]) == (0.0, 1.0)
    assert (values["trouble_hours"], len(told.bills), told.touches) == (2.0, 1, 2)


def test_the_command_prints_modelled_ranges_and_writes_every_source(tmp_path: Path) -> None:
    file = tmp_path / "told.json"

    done = CliRunner().invoke(
        root, ["compare", "--seeds", "2", "--days", "6", "--json", str(file)], obj={}
    )

    assert done.exit_code == 0, done.output
    assert "MODELLED, not measured" in done.output
    told = json.loads(file.read_text("utf-8"))
    assert told["modelled"] is True
    assert set(told["ablations"]) == {str(each) for each in Mechanism}
    assert all(row["n"] <= 2 for row in told["measures"])
    assert set(told["sources"]) == set(parameters()[1])


def test_validation_holds_the_model_against_the_product_itself(tmp_path: Path) -> None:
    file = tmp_path / "told.json"
    asked = ["--seeds", "1", "--days", "2", "--processes", "1", "--json", str(file)]

    done = CliRunner().invoke(
        root, ["compare", *asked, "--validate", "1", "--validate-days", "2"], obj={}
    )

    assert done.exit_code == 0, done.output
    assert "the model beside the product itself: 1 common seeds, 2 days" in done.output
    told = json.loads(file.read_text("utf-8"))["validation"]
    rows = {row["name"]: row for row in told["measures"]}
    assert list(rows) == [each.name for each in MEASURES]
    for name in ("req_to_po_hours", "answer_hours", "stock_out_unit_days"):
        one = rows[name]
        assert one["n"] == 1
        (model,), (product,), (off,) = (set(one[k]) for k in ("model", "product", "difference"))
        assert off == pytest.approx(product - model)
    asked_pieces = rows["stock_out_share"]
    assert asked_pieces["model"] == pytest.approx(asked_pieces["product"], abs=0.5)
    assert told["days"] == 2
