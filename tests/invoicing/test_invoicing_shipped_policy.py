"""The shipped tables, asked by the matcher: they know its tests and are free of defects."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.invoicing.invoicing_world import AT, Bench, a_bill, a_line, an_order, codes, usd

from manciple.invoicing.limits import Limits
from manciple.invoicing.result import CheckName, MatchKind
from manciple.ordering.line_ledger import Stage
from manciple.policy.lint import lint
from manciple.policy.register import load_tables

POLICIES = Path(__file__).parents[2] / "policies"
REGISTER = load_tables(
    {
        f"{name}.yaml": (POLICIES / f"{name}.yaml").read_bytes()
        for name in ("tolerances", "match_kind", "tax_rates", "discount_loss", "charges")
    }
)


@pytest.mark.parametrize(
    ("billed", "holds"), [("10.15", set()), ("10.16", {"PRICE"}), ("9.00", set())]
)
def test_two_percent_or_fifteen_dollars_is_the_house_rule(billed: str, holds: set[str]) -> None:
    bench = Bench(order=an_order(), register=REGISTER)
    received = bench.with_goods(Stage.RECEIVED, "100 EA")

    assert codes(received.match(a_bill(a_line(at=billed)))) == holds


def test_stock_is_bought_for_resale_so_a_cent_of_tax_on_it_waits() -> None:
    bench = Bench(order=an_order(), register=REGISTER).with_goods(Stage.RECEIVED, "100 EA")

    none = replace(a_bill(), tax=usd("0.00"))
    cent = replace(a_bill(), tax=usd("0.01"))

    assert codes(bench.match(none)) == set()
    assert codes(bench.match(cent)) == {"TAX"}


def test_a_service_is_two_way_and_goods_are_three_way() -> None:
    limits = Limits(register=REGISTER, at=AT)
    facts = {"line": "PO-1/1", "item": "x", "supplier": "acme"}

    service = limits.kind({**facts, "category": "services"})
    goods = limits.kind({**facts, "category": "fasteners"})

    assert (service.kind, service.level) == (MatchKind.TWO_WAY, "category")
    assert (goods.kind, goods.level) == (MatchKind.THREE_WAY, "company")


def test_every_test_that_asks_policy_has_a_row() -> None:
    limits = Limits(register=REGISTER, at=AT)
    asked = (
        CheckName.INVOICE_PRICE,
        CheckName.INVOICE_LINE_AMOUNT,
        CheckName.INVOICE_QUANTITY,
        CheckName.INVOICE_TOTAL,
        CheckName.TAX,
    )

    for name in asked:
        limit = limits.limit(name, category="anything", supplier="anybody")
        assert not limit.ruling.endswith("no row")


@pytest.mark.parametrize("name", ["match_kind", "tax_rates", "discount_loss", "charges"])
def test_the_tables_of_this_room_have_no_defect(name: str) -> None:
    (table,) = (each for each in REGISTER.tables() if each.name == name)

    assert lint(table) == ()
