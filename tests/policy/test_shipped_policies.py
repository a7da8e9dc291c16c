"""The tables we ship: whole, owned, and saying what the trade expects."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest

from manciple.cases.discrepancy import Code
from manciple.kernel.messages import Role
from manciple.kernel.tolerance import Mode, Tolerance
from manciple.policy.lint import lint
from manciple.policy.register import Register, load_tables, replay
from manciple.policy.ruling import RulingRecord
from manciple.policy.table import DecisionTable
from manciple.runtime.codec import decode, encode
from manciple.runtime.effects import Lane

D = Decimal
NOW = datetime(2026, 11, 22, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "policies"
REGISTER = load_tables({path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.yaml"))})
TABLES = ("approval_routing", "criticality", "emergency_caps", "exception_routing", "tolerances")


def table(name: str) -> DecisionTable:
    return REGISTER.table(name, at=NOW)


def routed(**facts: object) -> tuple[tuple[str, ...], str]:
    usual: Mapping[str, object] = {
        "document_type": "requisition",
        "flow": "direct",
        "category": "fasteners",
        "site": "DFW",
        "lane": "standard",
    }
    ruling = REGISTER.decide("approval_routing", {**usual, **facts}, at=NOW)
    return ruling.texts("steps"), ruling.text("final_role")


def tolerance(test: str, category: str = "electrical", supplier: str = "SUP-01") -> Tolerance:
    facts = {"test": test, "category": category, "supplier": supplier}
    ruling = REGISTER.decide("tolerances", facts, at=NOW)
    return Tolerance(
        percent_upper=ruling.decimal("percent_upper"),
        absolute_upper=ruling.decimal("absolute_upper"),
        percent_lower=ruling.decimal("percent_lower"),
        absolute_lower=ruling.decimal("absolute_lower"),
        mode=Mode(ruling.text("mode")),
    )


@pytest.mark.parametrize("name", TABLES)
def test_a_shipped_table_has_no_gap_overlap_or_shadowed_row(name: str) -> None:
    assert lint(table(name)) == ()


@pytest.mark.parametrize("name", TABLES)
def test_a_shipped_table_names_its_owner_and_sources(name: str) -> None:
    assert table(name).owner
    assert table(name).sources
    assert all(column.description or column.values for column in table(name).outputs)


@pytest.mark.parametrize(
    ("amount", "steps", "final"),
    [
        ("0", (), "LOW_VALUE"),
        ("249.99", (), "LOW_VALUE"),
        ("250.00", ("branch_manager",), "branch_manager"),
        ("4999.99", ("branch_manager",), "branch_manager"),
        ("5000.00", ("branch_manager", "category_manager"), "category_manager"),
        (
            "25000",
            ("branch_manager", "category_manager", "finance_controller"),
            "finance_controller",
        ),
        (
            "100000",
            ("branch_manager", "category_manager", "finance_controller", "cfo"),
            "cfo",
        ),
    ],
)
def test_the_chain_grows_with_the_amount(amount: str, steps: tuple[str, ...], final: str) -> None:
    assert routed(amount=D(amount)) == (steps, final)


def test_the_bands_vary_by_site() -> None:
    assert routed(amount=D(3000))[1] == "branch_manager"
    assert routed(amount=D(3000), site="SEA")[1] == "category_manager"
    assert routed(amount=D(999), site="ORD")[1] == "LOW_VALUE"


def test_chemicals_are_never_touchless() -> None:
    assert routed(amount=D(1), category="chemicals") == (
        ("branch_manager", "category_manager"),
        "category_manager",
    )


def test_nothing_is_touchless_outside_the_stock_flows() -> None:
    assert routed(amount=D(1), flow="indirect")[0] == ("branch_manager",)


def test_every_final_step_is_the_named_role() -> None:
    approvals = table("approval_routing")
    for row in approvals.rows:
        answers = approvals.answers(row)
        steps, final = answers["steps"], answers["final_role"]
        assert isinstance(steps, tuple)
        assert (steps[-1] if steps else "LOW_VALUE") == final
        assert (answers["sla_hours"] is None) == (not steps)


def test_the_vector_of_d_04_holds_with_the_shipped_tolerances() -> None:
    line, unit = tolerance("invoice_line_amount"), tolerance("invoice_price")

    assert unit.test(D("10.00"), D("10.15")).inside
    assert line.test(D("1000.00"), D("1015.00")).inside
    assert line.test(D("1000.00"), D("1016.00")).holds


@pytest.mark.parametrize(
    ("test", "base", "inside", "outside"),
    [
        ("invoice_price", "10.00", "10.20", "10.21"),
        ("invoice_quantity", "100", "100", "101"),
        ("cumulative_price", "1200", "1212", "1212.01"),
        ("invoice_total", "5000", "5050", "5050.01"),
        ("tax", "80.00", "80.05", "80.06"),
        ("freight", "100", "110", "110.01"),
        ("ack_price", "10.00", "10.05", "10.06"),
        ("receipt_over", "100", "100", "101"),
    ],
)
def test_shipped_limits_are_inclusive(test: str, base: str, inside: str, outside: str) -> None:
    assert tolerance(test).test(D(base), D(inside)).inside
    assert tolerance(test).test(D(base), D(outside)).holds


def test_a_suppliers_own_row_wins_over_its_category() -> None:
    assert tolerance("invoice_price", "pipe", "SUP-05").test(D(10), D("10.01")).holds
    assert tolerance("invoice_price", "pipe", "SUP-06").test(D(10), D("10.30")).inside


def test_dates_have_days_and_no_percent() -> None:
    facts = {"test": "ack_date", "category": "electrical", "supplier": "SUP-01"}
    ruling = REGISTER.decide("tolerances", facts, at=NOW)

    assert (ruling.decimal("days_early"), ruling.decimal("days_late")) == (D(3), D(1))
    assert ruling.decimal("percent_upper") is None


def test_every_code_has_an_owner_role_a_clock_and_a_way_out_in_every_lane() -> None:
    codes = table("exception_routing").input("code").values
    assert set(codes) == set(Code)
    for code in codes:
        clocks = []
        for lane in Lane:
            ruling = REGISTER.decide("exception_routing", {"code": code, "lane": lane}, at=NOW)
            assert Role(ruling.text("owner_role"))
            assert ruling.texts("resolutions")
            assert ruling.text("playbook")
            clocks.append(ruling.decimal("sla_hours"))
        assert clocks == sorted(clocks, key=lambda hours: hours or 0)
        assert all(clocks)


def test_a_waiting_customer_makes_it_critical() -> None:
    def lane(*, waiting: bool, category: str, regulated: bool = False) -> str:
        facts = {
            "flow": "direct",
            "category": category,
            "regulated": regulated,
            "customer_waiting": waiting,
        }
        return REGISTER.decide("criticality", facts, at=NOW).text("lane")

    assert lane(waiting=True, category="fasteners") == Lane.CRITICAL
    assert lane(waiting=False, category="fasteners") == Lane.BULK
    assert lane(waiting=False, category="fasteners", regulated=True) == Lane.STANDARD
    assert lane(waiting=False, category="electrical") == Lane.STANDARD


def test_a_shipped_ruling_survives_storing_and_replay() -> None:
    facts = {"code": "SHORTAGE", "lane": "critical"}
    was = REGISTER.decide("exception_routing", facts, at=NOW).record()

    assert replay(decode(encode(was), RulingRecord), REGISTER).same


def test_a_ruling_with_all_its_reasons_takes_well_under_a_millisecond() -> None:
    register = Register(REGISTER.versions)
    facts: dict[str, object] = {
        "document_type": "requisition",
        "flow": "direct",
        "category": "fasteners",
        "site": "DFW",
        "lane": "standard",
    }
    amounts = [D(n) for n in range(0, 200_000, 200)]

    start = perf_counter()
    for amount in amounts:
        register.decide("approval_routing", {**facts, "amount": amount}, at=NOW)
    each = (perf_counter() - start) / len(amounts)

    assert each < 0.001
