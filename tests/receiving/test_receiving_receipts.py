"""What arrives: counted once, partial or over, whole or damaged, at the right dock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.cases.discrepancy import Code
from manciple.catalog.item import Item, Pack, RegisterItem
from manciple.kernel.messages import Actor, Role
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import Beyond, CancelRemainder, CloseOrder, OrderState
from manciple.ordering.substituting import AgreeSubstitute
from manciple.receiving.lead_time import LeadTime
from manciple.receiving.overdue import NoteReceiptOverdue, ReceiptOverdue
from manciple.receiving.receipt import (
    Condition,
    GoodsReceived,
    OrderReceived,
    Receipt,
    ReceiptDiscrepancyFound,
    ReceiptState,
    ReceivedLine,
    RecordReceipt,
    TakeInAside,
)
from manciple.supplying.ship_notice import RecordShipNotice, ShippedLine
from tests.ordering.order_world import (
    ACME,
    BUYER,
    DOCK,
    NEEDED,
    PostInvoiced,
    World,
    a_line,
    cases,
    q,
    usd,
)

DAMAGED = Condition.DAMAGED


def came(
    quantity: Quantity, line: str = "1", condition: Condition = Condition.GOOD
) -> ReceivedLine:
    return ReceivedLine(line=line, quantity=quantity, condition=condition)


def receipt(
    order: str, *lines: ReceivedLine, number: str = "R1", shipment: str | None = None
) -> RecordReceipt:
    return RecordReceipt(
        receipt=number,
        order=order,
        site="HUB",
        received=date(2026, 11, 2),
        lines=lines,
        shipment=shipment,
    )


def found(world: World) -> list[Code]:
    return [each.discrepancy.code for each in world.bus.happened(ReceiptDiscrepancyFound)]


def in_ledger(world: World, order: str, line: str = "1") -> tuple[Quantity, Quantity]:
    return (
        world.total(order, Stage.RECEIVED, line),
        world.total(order, Stage.ACCEPTED, line),
    )


def test_a_short_receipt_leaves_the_rest_open() -> None:
    world = World()
    order = world.an_order()

    world.does(receipt(order, came(cases(7))), DOCK)

    assert in_ledger(world, order) == (q(84), q(84))
    assert world.ledger(order).open_to_receive == q(24)
    assert world.order(order).state is OrderState.SHIPPED
    assert [each.is_complete for each in world.bus.happened(OrderReceived)] == [False]
    assert world.ledger(order).postings[-1].stated == cases(7)
    assert found(world) == []


def test_the_last_receipt_completes_the_order() -> None:
    world = World()
    order = world.an_order()

    world.does(receipt(order, came(q(100))), DOCK)
    world.does(receipt(order, came(q(8)), number="R2"), DOCK)

    assert world.order(order).state is OrderState.RECEIVED
    assert [each.is_complete for each in world.bus.happened(OrderReceived)] == [False, True]
    assert world.bus.threads("R2") == world.bus.threads(order)
    world.check()


@pytest.mark.parametrize(
    ("receipts", "received", "aside"),
    [
        ([100], 100, 0),
        ([105], 105, 0),
        ([106], 105, 1),
        ([104, 1], 105, 0),
        ([104, 3], 105, 2),
        ([107], 105, 2),
        ([100, 5, 1], 105, 1),
    ],
)
def test_the_over_tolerance_is_of_the_order_and_holds_for_all_receipts_together(
    receipts: list[int], received: int, aside: int
) -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))

    for number, quantity in enumerate(receipts):
        world.does(receipt(order, came(q(quantity)), number=f"R{number}"), DOCK)

    assert in_ledger(world, order) == (q(received), q(received))
    documents = world.bus.documents(Receipt)
    put_aside = total((line.quarantined for doc in documents for line in doc.lines), Unit.EACH)
    assert put_aside == q(aside)
    assert documents[-1].state is (ReceiptState.QUARANTINED if aside else ReceiptState.BOOKED)
    assert found(world) == ([Code.OVER_RECEIPT] if aside else [])
    assert world.total(order, Stage.ORDERED) == q(100)
    assert world.ledger(order).over == q(received - 100)
    world.check()


def test_only_the_excess_is_told_with_its_worth() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))

    world.does(receipt(order, came(q(107))), DOCK)

    [event] = world.bus.happened(ReceiptDiscrepancyFound)
    assert (event.discrepancy.expected, event.discrepancy.actual) == ("100 EA", "107 EA")
    assert (event.discrepancy.variance, event.discrepancy.amount) == ("+2 EA", usd("5.00"))


def test_a_limit_between_two_pieces_takes_in_the_lower_one() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(110)))

    world.does(receipt(order, came(q(116))), DOCK)

    assert in_ledger(world, order)[0] == q(115)


def test_a_hair_above_a_limit_of_zero_is_put_aside() -> None:
    world = World()
    order = world.an_order(a_line(category="oil", stated=q(100, Unit.LITRE)))

    world.does(receipt(order, came(q("100.002", Unit.LITRE))), DOCK)

    assert in_ledger(world, order)[0] == q(100, Unit.LITRE)
    assert found(world) == [Code.OVER_RECEIPT]
    assert world.order(order).state is OrderState.RECEIVED


def test_what_was_cancelled_may_not_come_back_as_tolerance() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))
    cut = CancelRemainder(order=order, reason="no need", beyond=Beyond.DELIVERED)
    world.does(receipt(order, came(q(50))), DOCK)
    world.does(cut, BUYER)

    world.does(receipt(order, came(q(10)), number="R2"), DOCK)

    assert in_ledger(world, order)[0] == q(55)
    assert found(world) == [Code.OVER_RECEIPT]
    world.check()


def test_a_line_given_up_takes_nothing_in_while_the_others_go_on() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
    cut = CancelRemainder(order=order, lines=("2",), reason="no need", beyond=Beyond.DELIVERED)
    world.does(cut, BUYER)

    world.does(receipt(order, came(q(1), line="1"), came(q(1), line="2")), DOCK)

    assert in_ledger(world, order, "1")[0] == q(1)
    assert in_ledger(world, order, "2")[0] == q(0)
    assert found(world) == [Code.OVER_RECEIPT]


@pytest.mark.parametrize("end", ["closed", "cancelled"])
def test_an_order_that_has_ended_takes_nothing_in(end: str) -> None:
    world = World()
    order = world.an_order()
    if end == "closed":
        world.does(receipt(order, came(q(108))), DOCK)
        world.does(PostInvoiced(order=order, line="1", quantity=q(108)))
        world.does(CloseOrder(order=order))
    else:
        cut = CancelRemainder(order=order, reason="no need", beyond=Beyond.DELIVERED)
        world.does(cut, BUYER)
    before = in_ledger(world, order)

    world.does(receipt(order, came(q(1)), number="R2"), DOCK)

    assert world.order(order).state.value == end
    assert in_ledger(world, order) == before
    assert found(world) == [Code.OVER_RECEIPT]
    [event] = world.bus.happened(ReceiptDiscrepancyFound)
    assert f"the order is {end}" in event.discrepancy.text
    world.check()


def test_damaged_goods_are_received_but_not_accepted() -> None:
    world = World()
    order = world.an_order()

    world.does(receipt(order, came(q(103)), came(q(5), condition=DAMAGED)), DOCK)

    assert in_ledger(world, order) == (q(108), q(103))
    [event] = world.bus.happened(ReceiptDiscrepancyFound)
    assert event.discrepancy.code is Code.SHORT_RECEIPT
    assert event.discrepancy.text == "5 EA arrived damaged and are not accepted"
    assert event.discrepancy.amount == usd("12.50")


def test_good_goods_are_taken_in_before_damaged_ones() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))

    world.does(receipt(order, came(q(10), condition=DAMAGED), came(q(98))), DOCK)

    assert in_ledger(world, order) == (q(105), q(98))
    assert found(world) == [Code.OVER_RECEIPT, Code.SHORT_RECEIPT]


def test_the_same_receipt_again_counts_once() -> None:
    world = World()
    order, other = world.an_order(), world.an_order()
    act = receipt(order, came(q(60)))
    first = world.does(act, DOCK)

    assert world.does(act, DOCK) == first

    assert in_ledger(world, order)[0] == q(60)
    assert len(world.bus.happened(GoodsReceived)) == 1
    assert world.refuses(receipt(order, came(q(61))), DOCK) == ["RECEIPT_CHANGED"]
    assert world.refuses(receipt(other, came(q(60))), DOCK) == ["RECEIPT_CHANGED"]
    for other_day, shipment, field in (
        (act.received - timedelta(days=1), None, "received"),
        (act.received, "TRUCK-9", "shipment"),
    ):
        (reason,) = world.tell(replace(act, received=other_day, shipment=shipment), DOCK).refusals
        assert (reason.code, reason.field) == ("RECEIPT_CHANGED", field)


def test_every_fault_of_a_receipt_is_told_and_nothing_of_it_is_booked() -> None:
    world = World()
    order = world.an_order()
    lines = (
        came(q(1)),
        came(q(1), line="7"),
        came(q(0)),
        came(q("0.5")),
        came(q(1, Unit.KILOGRAM)),
    )

    reply = world.tell(receipt(order, *lines), DOCK)

    assert [(reason.code, reason.field) for reason in reply.refusals] == [
        ("UNKNOWN_LINE", "lines.1.line"),
        ("BAD_QUANTITY", "lines.2.quantity"),
        ("UOM", "lines.3.quantity"),
        ("UOM_UNKNOWN", "lines.4.quantity"),
    ]
    assert in_ledger(world, order) == (q(0), q(0))
    assert world.bus.documents(Receipt) == ()


def test_a_receipt_needs_a_number_and_lines() -> None:
    world = World()
    order = world.an_order()

    assert world.refuses(receipt(order), DOCK) == ["NO_LINES"]
    assert world.refuses(receipt(order, came(q(1)), number=" "), DOCK) == ["NO_NUMBER"]


def test_a_receipt_belongs_to_the_site_of_the_order_and_of_the_people() -> None:
    world = World()
    order, placed = world.an_order(), world.place()
    act = receipt(order, came(q(1)))
    lead = Actor(id="lee", roles=(Role.WAREHOUSE_LEAD,), sites=("HUB",))

    assert world.refuses(replace(act, site="WEST"), DOCK) == ["WRONG_SITE"]
    assert world.refuses(replace(act, site="WEST"), lead) == ["NOT_YOUR_SITE"]
    assert world.refuses(act, replace(lead, sites=("WEST",))) == ["NOT_YOUR_SITE"]
    assert world.refuses(replace(act, order="PO-NOBODY"), DOCK) == ["UNKNOWN_ORDER"]
    assert world.refuses(replace(act, order=placed), DOCK) == ["UNKNOWN_ORDER"]
    assert world.refuses(act, ACME) == ["FORBIDDEN"]
    world.does(act, lead)


def announce(world: World, order: str, *quantities: int, shipment: str = "S1") -> None:
    act = RecordShipNotice(
        order=order,
        supplier="ACME",
        shipment=shipment,
        shipped=None,
        expected=None,
        carrier=None,
        lines=tuple(
            ShippedLine(line=str(line), quantity=q(quantity))
            for line, quantity in enumerate(quantities, 1)
        ),
        source="in/1",
        place="856/1",
    )
    world.does(act, ACME)


def test_a_receipt_that_empties_a_shipment_tells_what_did_not_come() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
    announce(world, order, 96, 12)
    announce(world, order, 12, 1, shipment="S2")

    world.does(receipt(order, came(q(94)), shipment="S1"), DOCK)

    told = [each.discrepancy for each in world.bus.happened(ReceiptDiscrepancyFound)]
    assert [(each.code, each.line, each.variance) for each in told] == [
        (Code.SHORT_RECEIPT, "1", "-2 EA"),
        (Code.SHORT_RECEIPT, "2", "-12 EA"),
    ]
    assert told[0].text == "shipment S1 announced 96 EA, 94 EA came"


def test_a_shipment_that_came_whole_is_not_told() -> None:
    world = World()
    order = world.an_order()
    announce(world, order, 96)

    world.does(receipt(order, came(q(96)), shipment="S1"), DOCK)

    assert found(world) == []


def test_goods_that_are_not_here_are_overdue_unless_they_came_or_moved() -> None:
    world = World()
    late, here, part = world.an_order(), world.an_order(), world.an_order()
    world.does(receipt(here, came(q(108))), DOCK)
    world.does(receipt(part, came(q(100)), number="R2"), DOCK)

    for order in (late, here, part, "PO-NOBODY"):
        world.does(NoteReceiptOverdue(order=order, line="1", due=NEEDED))
    world.does(NoteReceiptOverdue(order=late, line="9", due=NEEDED))
    world.does(NoteReceiptOverdue(order=late, line="1", due=NEEDED - timedelta(days=1)))

    told = world.bus.happened(ReceiptOverdue)
    assert [(each.order, each.open, each.due) for each in told] == [
        (late, q(108), NEEDED),
        (part, q(8), NEEDED),
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(1, 90), min_size=1, max_size=4).flatmap(
        lambda sizes: st.tuples(st.just(sizes), st.permutations(list(range(len(sizes))) * 3))
    )
)
def test_every_receipt_three_times_in_any_order_ends_the_same(
    arrivals: tuple[list[int], list[int]],
) -> None:
    sizes, sequence = arrivals

    def play(order_of_arrival: Sequence[int]) -> tuple[object, ...]:
        world = World()
        order = world.an_order()
        for index in order_of_arrival:
            world.does(receipt(order, came(q(sizes[index])), number=f"R{index}"), DOCK)
        world.check()
        documents = world.bus.documents(Receipt)
        aside = total((line.quarantined for doc in documents for line in doc.lines), Unit.EACH)
        return (world.order(order), in_ledger(world, order), aside)

    end = play(sequence)
    assert end == play(range(len(sizes)))
    assert end[1] == (q(min(sum(sizes), 113)),) * 2


# --- days that have not come yet


@pytest.mark.parametrize(
    ("ahead", "reasons"),
    [
        (-2, ["BEFORE_ITS_TIME"]),
        (-1, []),
        (0, []),
        (1, ["IN_THE_FUTURE"]),
        (30, ["IN_THE_FUTURE"]),
    ],
)
def test_goods_cannot_have_come_before_their_order_or_on_a_day_that_has_not_begun(
    ahead: int, reasons: list[str]
) -> None:
    world = World()
    order = world.an_order()
    told = replace(
        receipt(order, came(cases(1))), received=world.now.date() + timedelta(days=ahead)
    )

    reply = world.tell(told, DOCK)

    assert [each.code for each in reply.refusals] == reasons
    assert [each.field for each in reply.refusals] == ["received" for _ in reasons]
    assert bool(world.total(order, Stage.RECEIVED)) is (reasons == [])


def test_goods_that_came_in_the_year_one_teach_no_lead_time() -> None:
    world = World()
    order = world.an_order()
    told = replace(receipt(order, came(cases(9))), received=date.min)

    (reason,) = world.tell(told, DOCK).refusals

    assert (reason.code, reason.field) == ("BEFORE_ITS_TIME", "received")
    assert str(world.order(order).ordered_on) in reason.message


# --- another item than ordered, domain rule D-22


def agreed_instead(world: World, order: str) -> None:
    """Agree that BOLT-9 may come for line 1, at 2.40 and in cases of ten."""
    packs = (Pack(unit=Unit.CASE, base=q(10).value),)
    item = Item(
        id="BOLT-9", description="a longer bolt", category="fasteners",
        base_unit=Unit.EACH, packs=packs,
    )  # fmt: skip
    world.does(RegisterItem(item=item))
    price = Price(usd("2.40"), q(1))
    act = AgreeSubstitute(order=order, line="1", item="BOLT-9", price=price, reason="agreed")
    world.does(act, BUYER)


def instead(quantity: Quantity) -> ReceivedLine:
    return ReceivedLine(line="1", quantity=quantity, item="BOLT-9")


def test_a_substitute_fills_the_line_and_keeps_both_item_numbers() -> None:
    world = World()
    order = world.an_order()
    agreed_instead(world, order)

    world.does(receipt(order, instead(cases(4)), came(cases(4))), DOCK)

    document = world.bus.documents(Receipt)[-1]
    assert [(each.item, each.came, each.received) for each in document.lines] == [
        ("BOLT-8", None, q(48)),
        ("BOLT-8", "BOLT-9", q(40)),
    ]
    posted = [p for p in world.ledger(order).postings if p.stage is Stage.RECEIVED]
    assert [(p.item, p.quantity) for p in posted] == [(None, q(48)), ("BOLT-9", q(40))]
    assert world.ledger(order).open_to_receive == q(20)
    assert world.total(order, Stage.ORDERED) == q(108)
    world.check()


@pytest.mark.parametrize(("others", "received", "aside"), [(13, 13, 0), (14, 13, 1)])
def test_a_substitute_shares_the_over_tolerance_of_its_line(
    others: int, received: int, aside: int
) -> None:
    world = World()
    order = world.an_order()
    agreed_instead(world, order)

    world.does(receipt(order, instead(q(others)), came(q(100))), DOCK)

    booked = world.bus.documents(Receipt)[-1].lines[1]
    assert (booked.came, booked.received, booked.quarantined) == (
        "BOLT-9", q(received), q(aside)
    )  # fmt: skip
    assert found(world) == ([Code.OVER_RECEIPT] if aside else [])
    if aside:
        (event,) = world.bus.happened(ReceiptDiscrepancyFound)
        assert event.discrepancy.amount == usd("2.40")
    world.check()


def test_an_item_that_nobody_agreed_to_is_put_aside_and_told() -> None:
    world = World()
    order = world.an_order()

    world.does(receipt(order, came(q(60)), instead(q(40))), DOCK)

    assert in_ledger(world, order) == (q(60), q(60))
    document = world.bus.documents(Receipt)[-1]
    assert document.state is ReceiptState.QUARANTINED
    assert [(each.came, each.quarantined) for each in document.lines] == [
        (None, q(0)),
        ("BOLT-9", q(40)),
    ]
    (event,) = world.bus.happened(ReceiptDiscrepancyFound)
    told = event.discrepancy
    assert (told.code, told.expected, told.actual) == (Code.SUBSTITUTION, "BOLT-8", "BOLT-9")
    assert "40 EA are put aside" in told.text
    world.check()


def test_a_shipment_is_emptied_by_both_items_together() -> None:
    world = World()
    order = world.an_order()
    agreed_instead(world, order)
    announce(world, order, 96)

    world.does(receipt(order, came(q(60)), instead(q(36)), shipment="S1"), DOCK)

    assert found(world) == []


@pytest.mark.parametrize(("others", "told"), [(0, True), (8, False)])
def test_a_line_that_another_item_filled_tells_no_lead_time(others: int, *, told: bool) -> None:
    world = World()
    order = world.an_order()
    agreed_instead(world, order)
    lines = [came(q(108 - others))] + ([instead(q(others))] if others else [])

    world.does(receipt(order, *lines), DOCK)

    assert world.ledger(order).open_to_receive == q(0)
    assert bool(world.bus.records(LeadTime, "HUB:BOLT-8")) is told


def taken(order: str, item: str = "BOLT-8", number: str = "R1", *, beyond: bool = True) -> object:
    return TakeInAside(order=order, receipt=number, line="1", item=item, beyond=beyond)


def test_what_is_aside_is_taken_in_under_its_own_number_as_of_its_day() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))
    world.does(receipt(order, came(q(10), condition=DAMAGED), came(q(98))), DOCK)

    world.does(taken(order))
    world.does(taken(order))

    assert in_ledger(world, order) == (q(108), q(98))
    first, later = sorted(world.bus.documents(Receipt), key=lambda each: each.id)
    assert (first.state, first.lines[0].quarantined, first.lines[0].moved) == (
        ReceiptState.BOOKED, q(0), q(3)
    )  # fmt: skip
    assert (later.id, later.received, later.lines[0].received) == ("R1+1", first.received, q(3))
    assert found(world) == [Code.OVER_RECEIPT, Code.SHORT_RECEIPT, Code.SHORT_RECEIPT]
    assert world.total(order, Stage.ORDERED) == q(100)
    world.check()


def test_a_substitute_that_was_aside_fills_no_more_than_the_line_wants() -> None:
    world = World()
    order = world.an_order()
    world.does(receipt(order, came(q(100)), instead(q(20))), DOCK)
    world.does(taken(order, "BOLT-9", beyond=False))
    assert in_ledger(world, order) == (q(100), q(100)), "nobody agreed to it"
    agreed_instead(world, order)

    world.does(taken(order, "BOLT-9", beyond=False))

    assert in_ledger(world, order) == (q(113), q(113))
    aside = {each.id: each.lines[-1].quarantined for each in world.bus.documents(Receipt)}
    assert aside == {"R1": q(0), "R1+1": q(7)}
    assert found(world) == [Code.SUBSTITUTION, Code.OVER_RECEIPT]
    world.check()


def test_nothing_is_taken_in_that_was_counted_in_packs_of_another_item() -> None:
    world = World()
    order = world.an_order()
    world.does(receipt(order, instead(cases(4))), DOCK)
    agreed_instead(world, order)

    world.does(taken(order, "BOLT-9", beyond=False))

    assert in_ledger(world, order) == (q(0), q(0))
    assert found(world) == [Code.SUBSTITUTION, Code.UNIT_CONFLICT]
    assert "booked as 48 EA; in its own packs they are 40 EA" in (
        world.bus.happened(ReceiptDiscrepancyFound)[-1].discrepancy.text
    )


def test_an_order_that_has_ended_takes_nothing_in_from_aside() -> None:
    world = World()
    order = world.an_order()
    world.does(receipt(order, came(q(130))), DOCK)
    before = in_ledger(world, order)
    world.does(PostInvoiced(order=order, line="1", quantity=before[0]))
    world.does(CloseOrder(order=order))

    world.does(taken(order))

    assert in_ledger(world, order) == before
    world.check()


@given(
    counts=st.lists(
        st.tuples(st.integers(0, 80), st.integers(0, 80)).filter(any), min_size=1, max_size=4
    ),
    wishes=st.lists(st.integers(0, 3), max_size=6),
)
@settings(max_examples=30)
def test_what_is_counted_is_taken_in_or_aside_and_never_both(
    counts: list[tuple[int, int]], wishes: list[int]
) -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))
    for n, (good, damaged) in enumerate(counts):
        parts = [came(q(good))] if good else []
        parts += [came(q(damaged), condition=DAMAGED)] if damaged else []
        world.does(receipt(order, *parts, number=f"R{n}"), DOCK)
    for wish in wishes:
        if wish < len(counts):
            world.does(taken(order, number=f"R{wish}"))

    lines = [line for each in world.bus.documents(Receipt) for line in each.lines]
    received, accepted = in_ledger(world, order)
    aside = total((line.quarantined for line in lines), q(0).unit)
    assert received + aside == q(sum(sum(each) for each in counts))
    assert accepted.value <= sum(good for good, _ in counts)
    for wish in {each for each in wishes if each < len(counts)}:
        held = world.bus.documents(Receipt)
        assert not any(
            line.quarantined for each in held if each.id == f"R{wish}" for line in each.lines
        )
    if set(range(len(counts))) <= set(wishes):
        assert accepted == q(sum(good for good, _ in counts))
    world.check()
