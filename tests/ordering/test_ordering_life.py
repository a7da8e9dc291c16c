"""An order's life: placed once, recorded, sent, changed, closed; nothing late moves it back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Currency
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.life import moved
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import (
    MOVES,
    Beyond,
    CancelRemainder,
    CloseOrder,
    OrderChanged,
    OrderClosed,
    OrderState,
    PlaceOrder,
    RecordErpRefusal,
    RecordOrderInErp,
    RecordOrderSent,
)
from manciple.receiving.receipt import ReceivedLine, RecordReceipt
from manciple.supplying.acknowledgment import (
    AnsweredLine,
    AnswerStatus,
    Header,
    LineAnswer,
    RecordAcknowledgment,
)
from manciple.supplying.ship_notice import RecordShipNotice, ShippedLine
from tests.ordering.order_world import (
    ACME,
    BUYER,
    DOCK,
    PLANNER,
    PostInvoiced,
    World,
    a_line,
    cases,
    q,
    usd,
)


def confirm(
    world: World, order: str, confirmed: Quantity, *, line: str = "1", revision: int | None = None
) -> None:
    answer = LineAnswer(status=AnswerStatus.CHANGE_QTY, quantity=confirmed)
    world.does(
        RecordAcknowledgment(
            order=order,
            supplier="ACME",
            number=None,
            revision=revision,
            header=Header.DETAIL,
            lines=(AnsweredLine(line=line, answers=(answer,)),),
            issued=date(2026, 11, 3),
            source="in/1",
            place="855/1",
        ),
        ACME,
    )


def ship(
    world: World, order: str, quantity: Quantity, shipment: str = "S1", *, line: str = "1"
) -> None:
    world.does(
        RecordShipNotice(
            order=order,
            supplier="ACME",
            shipment=shipment,
            shipped=date(2026, 11, 10),
            expected=None,
            carrier=None,
            lines=(ShippedLine(line=line, quantity=quantity),),
            source="in/2",
            place="856/1",
        ),
        ACME,
    )


def receive(world: World, order: str, *quantities: Quantity, receipt: str = "R1") -> None:
    lines = tuple(
        ReceivedLine(line=str(number), quantity=quantity)
        for number, quantity in enumerate(quantities, 1)
        if quantity
    )
    act = RecordReceipt(
        receipt=receipt, order=order, site="HUB", received=date(2026, 11, 2), lines=lines
    )
    world.does(act, DOCK)


def test_a_placed_order_opens_its_ledgers_in_base_units() -> None:
    world = World()

    order = world.order(world.place(a_line("1"), a_line("2", q(50), item="NUT-8")))

    assert order.total == usd("395.00")
    assert order.state is OrderState.PLACED
    assert world.total(order.id, Stage.ORDERED) == q(108)
    assert world.ledger(order.id).postings[0].stated == cases(9)
    assert world.total(order.id, Stage.ORDERED, "2") == q(50)
    assert world.bus.threads(order.id) == (order.thread,)


def test_placing_the_same_requisition_again_makes_no_second_order() -> None:
    world = World()
    act = PlaceOrder(
        requisition="REQ-1",
        thread="requisition/REQ-1",
        supplier="ACME",
        site="HUB",
        currency=Currency.USD,
        lines=(a_line(),),
    )

    first, second = world.does(act), world.does(act)

    assert first == second
    assert world.total(first, Stage.ORDERED) == q(108)
    assert world.happened() == ["OrderPlaced"]


def order_of(*lines: object, currency: Currency = Currency.USD) -> PlaceOrder:
    return PlaceOrder(
        requisition="REQ-1",
        thread="requisition/REQ-1",
        supplier="ACME",
        site="HUB",
        currency=currency,
        lines=lines,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (order_of(), "NO_LINES"),
        (order_of(a_line(), a_line()), "LINE_TWICE"),
        (order_of(a_line(stated=q(0))), "BAD_QUANTITY"),
        (order_of(a_line(), currency=Currency.EUR), "CURRENCY"),
        (order_of(replace(a_line(), base=q(107))), "UOM"),
        (order_of(replace(a_line(), price=Price(usd("1"), q(1, Unit.KILOGRAM)))), "UOM_UNKNOWN"),
    ],
)
def test_an_order_that_contradicts_itself_is_refused(act: PlaceOrder, code: str) -> None:
    assert World().refuses(act) == [code]


def test_the_erp_refuses_and_takes_it_after_a_correction() -> None:
    world = World()
    order = world.place()

    world.does(RecordErpRefusal(order=order, reason="cost centre is closed"))
    assert world.order(order).state is OrderState.REFUSED
    assert world.order(order).reason == "cost centre is closed"

    world.does(RecordOrderInErp(order=order, erp_number="4711"))
    assert world.order(order).state is OrderState.RECORDED
    assert world.order(order).reason is None
    assert world.bus.threads("4711") == (world.order(order).thread,)


def test_the_same_erp_number_again_is_quiet_and_another_is_refused() -> None:
    world = World()
    order = world.place()
    world.does(RecordOrderInErp(order=order, erp_number="4711"))

    world.does(RecordOrderInErp(order=order, erp_number="4711"))

    assert world.happened() == ["OrderPlaced", "OrderRecordedInErp"]
    assert world.refuses(RecordOrderInErp(order=order, erp_number="4712")) == ["ERP_NUMBER"]
    assert world.refuses(RecordErpRefusal(order=order, reason="late")) == ["WRONG_STATE"]


def test_an_order_cannot_have_been_sent_before_the_erp_has_it() -> None:
    world = World()
    order = world.place()

    sent = RecordOrderSent(order=order, revision=1, interchange="OUT-1")
    assert world.refuses(sent) == ["WRONG_STATE"]

    world.does(RecordOrderInErp(order=order, erp_number="4711"))
    assert world.refuses(replace(sent, revision=2)) == ["WRONG_STATE"]
    world.does(sent)
    world.does(sent)
    assert world.happened().count("OrderSent") == 1
    assert world.order(order).sent_at == world.now


def test_news_that_an_order_was_sent_may_come_after_its_answer() -> None:
    world = World()
    order = world.place()
    world.does(RecordOrderInErp(order=order, erp_number="4711"))
    confirm(world, order, q(108))

    world.does(RecordOrderSent(order=order, revision=1, interchange="OUT-1"))

    assert world.order(order).state is OrderState.ACKNOWLEDGED
    assert world.order(order).sent_revision == 1


@given(st.lists(st.sampled_from(OrderState), max_size=12))
def test_an_order_moves_only_along_its_life(steps: list[OrderState]) -> None:
    world = World()
    order = world.order(world.place())

    for step in steps:
        before = order.state
        order = moved(order, step)
        assert order.state is before or order.state in MOVES[before]


def test_every_state_of_an_order_leads_to_an_end() -> None:
    for state in OrderState:
        reached, edge = {state}, {state}
        while edge:
            edge = {after for each in edge for after in MOVES[each]} - reached
            reached |= edge
        assert reached & {OrderState.CLOSED, OrderState.CANCELLED}


def test_cancelling_beyond_what_was_confirmed_keeps_the_confirmed() -> None:
    world = World()
    order = world.an_order()
    confirm(world, order, q(96))

    world.does(CancelRemainder(order=order, reason="bought elsewhere"), PLANNER)

    after = world.order(order)
    assert after.revision == 2
    assert after.total == usd("240.00")
    assert after.lines[0].answer is None
    assert after.lines[0].base == q(108)
    assert world.total(order, Stage.ORDERED) == q(108)
    assert world.total(order, Stage.CANCELLED) == q(12)
    assert world.ledger(order).open_to_receive == q(96)
    [changed] = world.bus.happened(OrderChanged)
    assert [(each.line, each.quantity) for each in changed.cancelled] == [("1", q(12))]
    world.check()


def test_only_the_touched_line_waits_for_an_answer_again() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
    confirm(world, order, q(96), line="1")
    confirm(world, order, q(108), line="2")
    assert world.order(order).acknowledged_revision == 1

    world.does(CancelRemainder(order=order, reason="bought elsewhere"), BUYER)

    one, two = world.order(order).lines
    assert (one.revision, one.answer) == (2, None)
    assert two.revision == 1
    assert two.answer is not None
    assert two.answer.confirmed == q(108)


def test_a_line_without_an_answer_is_left_alone_unless_delivery_counts() -> None:
    world = World()
    order = world.an_order()

    act = CancelRemainder(order=order, reason="not answered")
    assert world.refuses(act, BUYER) == ["NOTHING_TO_CANCEL"]

    world.does(replace(act, beyond=Beyond.DELIVERED), BUYER)
    assert world.order(order).state is OrderState.CANCELLED
    assert world.order(order).is_answered
    assert world.order(order).total == usd("0.00")
    world.check()


def test_nothing_shipped_or_received_is_ever_cancelled() -> None:
    world = World()
    order = world.an_order()
    confirm(world, order, q(40))
    ship(world, order, q(60))
    receive(world, order, q(59))

    world.does(CancelRemainder(order=order, reason="too late"), BUYER)

    assert world.total(order, Stage.CANCELLED) == q(48)
    assert world.refuses(
        CancelRemainder(order=order, reason="again", beyond=Beyond.DELIVERED), BUYER
    ) == ["NOTHING_TO_CANCEL"]
    world.check()


def test_cancelling_beyond_delivery_gives_up_what_was_confirmed_too() -> None:
    world = World()
    order = world.an_order()
    confirm(world, order, q(96))
    ship(world, order, q(40))
    receive(world, order, q(40))

    act = CancelRemainder(order=order, reason="closed down", beyond=Beyond.DELIVERED)
    world.does(act, BUYER)

    assert world.total(order, Stage.CANCELLED) == q(68)
    assert world.order(order).state is OrderState.RECEIVED
    world.check()


def test_only_lines_that_are_named_are_cancelled() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))

    act = CancelRemainder(order=order, lines=("2",), reason="no need", beyond=Beyond.DELIVERED)
    world.does(act, BUYER)

    assert world.total(order, Stage.CANCELLED, "1") == q(0)
    assert world.total(order, Stage.CANCELLED, "2") == q(108)
    assert world.order(order).lines[1].is_given_up
    assert world.order(order).total == usd("270.00")


def test_a_change_is_refused_where_it_makes_no_sense() -> None:
    world = World()
    placed, sent = world.place(), world.an_order()

    def cancel(order: str, *lines: str) -> CancelRemainder:
        return CancelRemainder(order=order, lines=lines, reason="no need", beyond=Beyond.DELIVERED)

    assert world.refuses(cancel(placed), BUYER) == ["WRONG_STATE"]
    assert world.refuses(cancel(sent, "1", "7", "8"), BUYER) == ["UNKNOWN_LINE"] * 2
    assert world.refuses(cancel("PO-1"), BUYER) == ["UNKNOWN_ORDER"]
    assert world.refuses(cancel(sent), replace(BUYER, sites=("WEST",))) == ["NOT_YOUR_SITE"]
    assert world.refuses(cancel(sent), ACME) == ["FORBIDDEN"]
    world.does(cancel(sent), BUYER)
    assert world.refuses(cancel(sent), BUYER) == ["WRONG_STATE"]


def invoice(world: World, order: str, quantity: int) -> None:
    world.does(PostInvoiced(order=order, line="1", quantity=q(quantity)))


@pytest.mark.parametrize(("received", "short"), [(108, 0), (106, 2), (110, 0)])
def test_an_order_closes_when_the_rest_is_within_tolerance_and_all_is_invoiced(
    received: int, short: int
) -> None:
    world = World()
    order = world.an_order()
    receive(world, order, q(received))

    world.does(CloseOrder(order=order))
    assert world.order(order).state is not OrderState.CLOSED
    invoice(world, order, received)
    world.does(CloseOrder(order=order))

    assert world.order(order).state is OrderState.CLOSED
    assert world.total(order, Stage.SHORT_CLOSED) == q(short)
    assert world.ledger(order).open_to_receive == q(0)
    assert len(world.bus.happened(OrderClosed)) == 1
    world.check()


def test_an_order_stays_open_when_more_than_the_tolerance_is_missing() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))
    receive(world, order, q(97))
    invoice(world, order, 97)

    world.does(CloseOrder(order=order))

    assert world.order(order).state is OrderState.SHIPPED
    assert world.total(order, Stage.SHORT_CLOSED) == q(0)


def test_the_close_tolerance_is_of_the_ordered_quantity_and_includes_its_limit() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))
    receive(world, order, q(98))
    invoice(world, order, 98)

    world.does(CloseOrder(order=order))

    assert world.order(order).state is OrderState.CLOSED
    assert world.total(order, Stage.SHORT_CLOSED) == q(2)


def test_one_line_without_goods_keeps_the_whole_order_open() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", q(1), item="NUT-8"))
    receive(world, order, q(108))
    invoice(world, order, 108)

    world.does(CloseOrder(order=order))

    assert world.order(order).state is OrderState.SHIPPED


def test_a_line_of_which_nothing_came_is_not_given_up_however_small() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", q(100), item="NUT-8"))
    confirm(world, order, q(2), line="2")
    world.does(CancelRemainder(order=order, lines=("2",), reason="short"), BUYER)
    receive(world, order, q(108))
    invoice(world, order, 108)

    world.does(CloseOrder(order=order))
    assert world.order(order).state is OrderState.SHIPPED

    receive(world, order, q(0), q(1), receipt="R2")
    world.does(PostInvoiced(order=order, line="2", quantity=q(1)))
    world.does(CloseOrder(order=order))
    assert world.order(order).state is OrderState.CLOSED
    assert world.total(order, Stage.SHORT_CLOSED, "2") == q(1)
    world.check()


def test_an_order_without_tolerance_waits_for_the_last_piece() -> None:
    world = World()
    order = world.an_order(a_line(category="valves", stated=q(1000)))
    receive(world, order, q(999))
    invoice(world, order, 999)

    world.does(CloseOrder(order=order))

    assert world.order(order).state is OrderState.SHIPPED


def test_a_line_price_holds_in_whatever_unit_it_was_agreed() -> None:
    per_hundred = a_line(price=Price(usd("250.00"), q(100)))

    assert per_hundred.worth(q(108)) == usd("270.00")
    assert a_line().worth(q(1)) == usd("2.50")
    assert a_line().price_in_base(Price(usd("30"), cases(1))) == Price(usd("30"), q(12))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM}))
def test_no_door_may_ask_for_what_the_program_does_itself(role: Role) -> None:
    world = World()
    order = world.place()
    somebody = Actor(id="somebody", roles=(role,))

    for act in (
        order_of(a_line()),
        RecordOrderInErp(order=order, erp_number="1"),
        RecordErpRefusal(order=order, reason="no"),
        RecordOrderSent(order=order, revision=1, interchange="x"),
        CloseOrder(order=order),
    ):
        assert world.refuses(act, somebody) == ["FORBIDDEN"]


def test_quantities_of_an_order_are_exact() -> None:
    line = a_line(stated=Quantity(Decimal("0.3"), Unit.KILOGRAM))

    assert line.base == Quantity(Decimal("0.3"), Unit.KILOGRAM)
    assert line.to_base(Quantity(Decimal(100), Unit.GRAM)).value * 3 == Decimal("0.3")
