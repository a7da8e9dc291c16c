"""Goods on their way: counted once, over all packages and notices, and told when too many."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.cases.discrepancy import Code
from manciple.catalog.item import ItemId, ItemScheme
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import OrderState
from manciple.supplying.ship_notice import (
    OrderShipped,
    RecordShipNotice,
    ShipmentRescheduled,
    ShipNotice,
    ShipNoticeDiscrepancyFound,
    ShipNoticeReceived,
    ShipNoticeState,
    ShippedLine,
)
from tests.ordering.order_world import ACME, NEEDED, NOW, ZETA, World, a_line, cases, q


def shipped(
    line: str | None, quantity: Quantity, *packages: str, items: Sequence[ItemId] = ()
) -> ShippedLine:
    return ShippedLine(line=line, items=tuple(items), quantity=quantity, packages=packages)


def notice(order: str, *lines: ShippedLine, shipment: str = "S1") -> RecordShipNotice:
    return RecordShipNotice(
        order=order,
        supplier="ACME",
        shipment=shipment,
        shipped=date(2026, 11, 10),
        expected=NEEDED,
        carrier="UPSN",
        lines=lines,
        source="interchange/IN-9",
        place="856/0001",
    )


def found(world: World) -> list[Code]:
    return [each.discrepancy.code for each in world.bus.happened(ShipNoticeDiscrepancyFound)]


def test_a_line_in_several_packages_is_one_quantity() -> None:
    world = World()
    order = world.an_order()
    lines = (shipped("1", cases(5), "SSCC1", "SSCC2"), shipped("1", cases(3), "SSCC3"))

    world.does(notice(order, *lines), ACME)

    [document] = world.bus.documents(ShipNotice)
    [line] = document.lines
    assert (line.quantity, line.stated) == (q(96), cases(8))
    assert line.packages == ("SSCC1", "SSCC2", "SSCC3")
    assert world.total(order, Stage.SHIPPED) == q(96)
    assert world.order(order).state is OrderState.SHIPPED
    assert world.bus.threads("SSCC2") == world.bus.threads("S1") == world.bus.threads(order)
    assert [each.is_complete for each in world.bus.happened(OrderShipped)] == [False]


def test_packages_in_two_units_are_stated_in_the_base_unit() -> None:
    world = World()
    order = world.an_order()

    world.does(notice(order, shipped("1", cases(8)), shipped("1", q(12))), ACME)

    [document] = world.bus.documents(ShipNotice)
    assert document.lines[0].stated == q(108)
    assert [each.is_complete for each in world.bus.happened(OrderShipped)] == [True]


def test_several_notices_of_an_order_add_up() -> None:
    world = World()
    order = world.an_order()

    world.does(notice(order, shipped("1", q(60))), ACME)
    world.does(notice(order, shipped("1", q(48)), shipment="S2"), ACME)

    assert world.total(order, Stage.SHIPPED) == q(108)
    assert found(world) == []
    world.check()


def test_the_same_shipment_again_counts_once() -> None:
    world = World()
    order = world.an_order()
    act = notice(order, shipped("1", q(60)))
    first = world.does(act, ACME)

    assert world.does(replace(act, source="interchange/IN-10"), ACME) == first

    assert world.total(order, Stage.SHIPPED) == q(60)
    assert len(world.bus.happened(ShipNoticeReceived)) == 1
    assert world.refuses(notice(order, shipped("1", q(61))), ACME) == ["SHIPMENT_CHANGED"]


SENT = NOW - timedelta(hours=6)


@pytest.mark.parametrize("order_of_arrival", list(permutations(range(4))))
def test_the_statement_that_was_sent_last_says_when_a_shipment_comes(
    order_of_arrival: tuple[int, ...],
) -> None:
    world = World()
    order = world.an_order()
    first = notice(order, shipped("1", cases(8)))
    told = (
        replace(first, expected=NEEDED, sent_at=SENT),
        replace(first, expected=NEEDED + timedelta(days=3), sent_at=SENT + timedelta(hours=1)),
        replace(first, expected=NEEDED + timedelta(days=2), sent_at=SENT + timedelta(hours=1)),
        replace(first, expected=None, sent_at=SENT + timedelta(hours=2)),
    )

    for n, each in enumerate((*order_of_arrival, *order_of_arrival)):
        world.does(replace(told[each], source=f"interchange/IN-{n}"), ACME)

    [document] = world.bus.documents(ShipNotice)
    assert document.expected == NEEDED + timedelta(days=3)
    assert document.dated_at == SENT + timedelta(hours=1)
    assert world.total(order, Stage.SHIPPED) == q(96)
    assert len(world.bus.happened(ShipNoticeReceived)) == 1


def test_a_shipment_that_comes_later_is_told_with_both_days() -> None:
    world = World()
    order = world.an_order()
    first = replace(notice(order, shipped("1", cases(8))), sent_at=SENT)
    later = replace(first, expected=NEEDED + timedelta(days=1), sent_at=SENT + timedelta(hours=1))

    for each in (first, later, later, first):
        world.does(each, ACME)

    [moved] = world.bus.happened(ShipmentRescheduled)
    assert (moved.before, moved.expected) == (NEEDED, NEEDED + timedelta(days=1))
    assert (moved.order, moved.shipment, moved.supplier) == (order, "S1", "ACME")


def test_a_day_that_is_said_anew_is_told_and_an_older_statement_stays_behind_it() -> None:
    world = World()
    order = world.an_order()
    first = replace(notice(order, shipped("1", cases(8))), sent_at=SENT)
    again = replace(first, sent_at=SENT + timedelta(hours=2))
    between = replace(
        first, expected=NEEDED + timedelta(days=1), sent_at=SENT + timedelta(hours=1)
    )

    for each in (first, again, between):
        world.does(each, ACME)

    [same] = world.bus.happened(ShipmentRescheduled)
    assert same.before == same.expected == NEEDED
    [document] = world.bus.documents(ShipNotice)
    assert (document.expected, document.dated_at) == (NEEDED, SENT + timedelta(hours=2))


@pytest.mark.parametrize(
    ("ahead", "day"),
    [(timedelta(days=1), NEEDED), (timedelta(days=1, seconds=1), NEEDED + timedelta(days=1))],
)
def test_an_envelope_from_the_future_does_not_stand_for_ever(ahead: timedelta, day: date) -> None:
    world = World()
    order = world.an_order()
    first = replace(notice(order, shipped("1", cases(8))), sent_at=world.now + ahead)
    world.does(first, ACME)

    world.now += timedelta(hours=1)
    world.does(replace(first, expected=NEEDED + timedelta(days=1), sent_at=world.now), ACME)

    [document] = world.bus.documents(ShipNotice)
    assert document.expected == day


def test_a_day_that_lies_years_off_moves_no_shipment() -> None:
    world = World()
    order = world.an_order()
    first = replace(notice(order, shipped("1", cases(8))), sent_at=SENT)
    world.does(first, ACME)

    far = replace(first, expected=date(2126, 1, 1), sent_at=SENT + timedelta(hours=1))

    assert world.refuses(far, ACME) == ["TOO_FAR_AHEAD"]
    [document] = world.bus.documents(ShipNotice)
    assert document.expected == NEEDED


def test_one_shipment_may_serve_two_orders() -> None:
    world = World()
    one, other = world.an_order(), world.an_order()

    world.does(notice(one, shipped("1", q(60))), ACME)
    world.does(notice(other, shipped("1", q(61))), ACME)

    assert (world.total(one, Stage.SHIPPED), world.total(other, Stage.SHIPPED)) == (q(60), q(61))
    assert len(world.bus.refs("S1")) == 2


@pytest.mark.parametrize(
    ("quantity", "warnings", "expected"),
    [(100, 0, []), (105, 1, []), (106, 0, [Code.OVER_SHIPMENT])],
)
def test_more_than_is_open_warns_up_to_the_tolerance_and_is_held_above(
    quantity: int, warnings: int, expected: list[Code]
) -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))

    world.does(notice(order, shipped("1", q(60))), ACME)
    world.does(notice(order, shipped("1", q(quantity - 60)), shipment="S2"), ACME)

    told = [len(each.warnings) for each in world.bus.happened(ShipNoticeReceived)]
    assert told == [0, warnings]
    assert found(world) == expected
    assert world.total(order, Stage.SHIPPED) == q(quantity)


def test_a_line_that_cannot_be_placed_holds_the_notice_and_the_others_count() -> None:
    world = World()
    order = world.an_order()
    lines = (
        shipped("1", q(60)),
        shipped(None, q(5), items=[ItemId(ItemScheme.SUPPLIER, "STRANGE")]),
        shipped("1", q(5, Unit.KILOGRAM)),
        shipped("1", q("0.5")),
    )

    world.does(notice(order, *lines), ACME)

    [document] = world.bus.documents(ShipNotice)
    assert document.state is ShipNoticeState.HELD
    assert found(world) == [Code.UNKNOWN_ORDER, Code.UNIT_CONFLICT, Code.UNIT_CONFLICT]
    assert world.total(order, Stage.SHIPPED) == q(60)


def test_a_notice_of_nothing_moves_nothing() -> None:
    world = World()
    order = world.an_order()

    world.does(notice(order, shipped("1", q(0))), ACME)

    assert world.order(order).state is OrderState.SENT
    assert world.bus.happened(OrderShipped) == ()


@pytest.mark.parametrize(
    ("shipment", "lines", "code"),
    [
        (" ", (shipped("1", q(1)),), "NO_SHIPMENT"),
        ("S1", (), "NO_LINES"),
        ("S1", (shipped("1", q(-1)),), "BAD_QUANTITY"),
    ],
)
def test_a_notice_that_says_nothing_usable_is_refused(
    shipment: str, lines: tuple[ShippedLine, ...], code: str
) -> None:
    world = World()
    order = world.an_order()

    assert world.refuses(notice(order, *lines, shipment=shipment), ACME) == [code]


def test_a_notice_for_an_order_of_somebody_else_finds_no_order() -> None:
    world = World()
    order = world.an_order()

    act = notice(order, shipped("1", q(60)))

    assert world.refuses(act, ZETA) == ["UNKNOWN_ORDER"]
    assert world.refuses(replace(act, order="PO-NOBODY"), ACME) == ["UNKNOWN_ORDER"]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(0, 120), min_size=1, max_size=4).flatmap(
        lambda sizes: st.tuples(st.just(sizes), st.permutations(list(range(len(sizes))) * 3))
    )
)
def test_every_notice_three_times_in_any_order_ends_the_same(
    arrivals: tuple[list[int], list[int]],
) -> None:
    sizes, sequence = arrivals

    def play(order_of_arrival: Sequence[int]) -> tuple[object, ...]:
        world = World()
        order = world.an_order()
        for index in order_of_arrival:
            line = shipped("1", q(sizes[index]))
            world.does(notice(order, line, shipment=f"S{index}"), ACME)
        world.check()
        documents = world.bus.documents(ShipNotice)
        return (world.order(order), world.total(order, Stage.SHIPPED), documents)

    assert play(sequence) == play(range(len(sizes)))
