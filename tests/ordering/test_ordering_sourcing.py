"""An approved requisition becomes one order per supplier, with exactly what was approved."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.catalog.agreement import Agreement
from manciple.catalog.item import Item, Pack
from manciple.kernel.errors import Refused
from manciple.kernel.money import Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import total
from manciple.kernel.units import Unit
from manciple.ordering import life
from manciple.ordering.sourcing import split
from manciple.requisitioning.requisition import Requisition, RequisitionLine
from manciple.runtime.effects import Lane
from tests.ordering.order_world import NEEDED, NOW, cases, q, usd

BOLT = Item(
    id="BOLT-8",
    description="bolt M8",
    category="fasteners",
    base_unit=Unit.EACH,
    packs=(Pack(unit=Unit.CASE, base=Decimal(12)),),
    gtin="4006381333931",
)
NUT = replace(BOLT, id="NUT-8", packs=())
ITEMS = {"BOLT-8": BOLT, "NUT-8": NUT}


def an_agreement(supplier: str, item: str, unit: Unit = Unit.CASE) -> Agreement:
    return Agreement(
        id=f"{supplier}/{item}",
        supplier=supplier,
        item=item,
        supplier_item=None,
        price=Price(usd("30.00"), cases(1)),
        order_unit=unit,
        valid_from=date(2026, 1, 1),
    )


def needed(
    number: int, item: str = "BOLT-8", *, supplier: str = "ACME", committed: int = 108
) -> RequisitionLine:
    price = Price(usd("2.50"), q(1))
    return RequisitionLine(
        number=number,
        item=item,
        description="a thing",
        category="fasteners",
        stated=q(100),
        base=q(100),
        committed=q(committed),
        supplier=supplier,
        supplier_item=f"{supplier}-{item}",
        price=price,
        extended=price.of(q(committed)).rounded(),
        needed_by=NEEDED,
    )


def a_requisition(*lines: RequisitionLine) -> Requisition:
    worth = Money.zero(lines[0].extended.currency)
    for line in lines:
        worth = worth + line.extended
    return Requisition(
        id="REQ-1",
        site="HUB",
        flow="direct",
        requester="ana",
        lines=lines,
        total=worth,
        lane=Lane.CRITICAL,
        submitted_at=NOW,
    )


def test_a_need_is_ordered_in_whole_cases() -> None:
    agreements = {"ACME/BOLT-8": an_agreement("ACME", "BOLT-8")}

    [order] = split(a_requisition(needed(1)), items=ITEMS, agreements=agreements)

    [line] = order.lines
    assert (line.stated, line.base) == (cases(9), q(108))
    assert (line.supplier_item, line.packs, line.gtin) == ("ACME-BOLT-8", BOLT.packs, BOLT.gtin)
    assert (order.requisition, order.thread, order.site) == ("REQ-1", "requisition/REQ-1", "HUB")
    assert order.lane is Lane.CRITICAL


def test_each_supplier_gets_one_order_with_its_lines_numbered_from_one() -> None:
    lines = (needed(1), needed(2, "NUT-8", supplier="ZETA"), needed(3, "NUT-8"))

    acme, zeta = split(a_requisition(*lines), items=ITEMS, agreements={})

    assert [(line.number, line.item) for line in acme.lines] == [("1", "BOLT-8"), ("2", "NUT-8")]
    assert [(line.number, line.item) for line in zeta.lines] == [("1", "NUT-8")]


def test_packs_that_no_longer_divide_are_not_rounded_again() -> None:
    agreements = {
        "ACME/BOLT-8": an_agreement("ACME", "BOLT-8"),
        "ACME/NUT-8": an_agreement("ACME", "NUT-8"),
    }
    requisition = a_requisition(needed(1, committed=100), needed(2, "NUT-8"))

    [order] = split(requisition, items=ITEMS, agreements=agreements)

    assert [line.stated for line in order.lines] == [q(100), q(108)]


def test_every_item_that_left_the_catalog_is_told_at_once() -> None:
    requisition = a_requisition(needed(1, "GONE-1"), needed(2), needed(3, "GONE-2"))

    with pytest.raises(Refused) as no:
        split(requisition, items=ITEMS, agreements={})

    fields = [reason.field for reason in no.value.reasons]
    assert fields == ["lines.1.item", "lines.3.item"]


@given(
    st.lists(
        st.tuples(st.sampled_from(["ACME", "ZETA", "OMEGA"]), st.integers(1, 5000)),
        min_size=1,
        max_size=8,
    )
)
def test_splitting_conserves_quantities_and_money(rows: list[tuple[str, int]]) -> None:
    lines = [needed(n, supplier=s, committed=c) for n, (s, c) in enumerate(rows, 1)]
    requisition = a_requisition(*lines)
    agreements = {f"{s}/BOLT-8": an_agreement(s, "BOLT-8") for s, _ in rows}

    acts = split(requisition, items=ITEMS, agreements=agreements)

    orders = [life.place(act, number=act.supplier, at=NOW) for act in acts]
    ordered = total((line.base for order in orders for line in order.lines), Unit.EACH)
    assert ordered == total((line.committed for line in lines), Unit.EACH)
    assert sum((order.total.amount for order in orders), Decimal(0)) == requisition.total.amount
    assert len({order.supplier for order in orders}) == len(orders)
