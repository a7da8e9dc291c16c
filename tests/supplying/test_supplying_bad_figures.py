"""Figures that nobody can mean are held or refused; they break nothing and drown no ledger."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.kernel.messages import Actor
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import PlaceOrder
from manciple.receiving.receipt import ReceivedLine, RecordReceipt
from manciple.supplying.acknowledgment import (
    AcknowledgmentDiscrepancyFound,
    AnsweredLine,
    AnswerStatus,
    Header,
    LineAnswer,
    RecordAcknowledgment,
)
from manciple.supplying.ship_notice import (
    RecordShipNotice,
    ShipNoticeDiscrepancyFound,
    ShippedLine,
)
from tests.ordering.order_world import ACME, DOCK, World, a_line, q, usd

HUGE = q(999_999_999_999)
DEAR = Price(Money(Decimal(10) ** 14, Currency.USD), q(1))


def an_answer(order: str, *answers: LineAnswer) -> RecordAcknowledgment:
    return RecordAcknowledgment(
        order=order,
        supplier="ACME",
        number=None,
        revision=None,
        header=Header.DETAIL,
        lines=(AnsweredLine(line="1", answers=answers),),
        issued=date(2026, 11, 3),
        source="in/1",
        place="855/1",
    )


def a_notice(order: str, quantity: Quantity, shipment: str = "S1") -> RecordShipNotice:
    return RecordShipNotice(
        order=order,
        supplier="ACME",
        shipment=shipment,
        shipped=None,
        expected=None,
        carrier=None,
        lines=(ShippedLine(line="1", quantity=quantity), ShippedLine(line="1", quantity=quantity)),
        source="in/2",
        place="856/1",
    )


def a_receipt(order: str, quantity: Quantity, number: str = "R1") -> RecordReceipt:
    return RecordReceipt(
        receipt=number,
        order=order,
        site="HUB",
        received=date(2026, 11, 2),
        lines=(ReceivedLine(line="1", quantity=quantity),),
    )


@pytest.mark.parametrize(("quantity", "is_held"), [(q(108_000), False), (q(108_001), True)])
def test_more_than_a_thousand_times_the_order_is_a_slip(
    quantity: Quantity, *, is_held: bool
) -> None:
    world = World()
    order = world.an_order()

    world.does(a_notice(order, quantity), ACME)

    told = world.bus.happened(ShipNoticeDiscrepancyFound)
    assert any("more than 1000 times the 108 EA" in e.discrepancy.text for e in told) is is_held
    assert world.total(order, Stage.SHIPPED) == (q(0) if is_held else q(216_000))


def test_huge_quantities_break_no_door_and_drown_no_ledger() -> None:
    world = World()
    order = world.an_order()
    confirmed = LineAnswer(status=AnswerStatus.ACCEPT, quantity=HUGE)

    world.does(an_answer(order, confirmed, confirmed), ACME)
    for shipment in ("S1", "S2"):
        world.does(a_notice(order, HUGE, shipment), ACME)
    assert world.refuses(a_receipt(order, HUGE), DOCK) == ["IMPLAUSIBLE"]

    world.check()
    world.does(a_receipt(order, q(108)), DOCK)


def test_a_price_that_no_book_can_hold_is_told_without_a_sum() -> None:
    world = World()
    order = world.an_order()
    each = replace(DEAR, per=q(1, Unit.KILOGRAM))

    world.does(an_answer(order, LineAnswer(status=AnswerStatus.ACCEPT, price=DEAR)), ACME)
    world.does(an_answer(order, LineAnswer(status=AnswerStatus.ACCEPT, price=each)), ACME)

    first, second = world.bus.happened(AcknowledgmentDiscrepancyFound)
    assert (first.discrepancy.code.value, first.discrepancy.amount) == ("PRICE_VARIANCE", None)
    assert second.discrepancy.code.value == "UNIT_CONFLICT"


@pytest.mark.parametrize(
    ("stated", "price", "code"),
    [
        (q(10**9 + 1), Price(usd("1"), q(1)), "BAD_QUANTITY"),
        (q(10**9), DEAR, "BAD_AMOUNT"),
    ],
)
def test_an_order_beyond_the_books_is_refused(stated: Quantity, price: Price, code: str) -> None:
    act = PlaceOrder(
        requisition="REQ-1",
        thread="requisition/REQ-1",
        supplier="ACME",
        site="HUB",
        currency=Currency.USD,
        lines=(a_line(stated=stated, price=price),),
    )

    assert World().refuses(act) == [code]


@pytest.mark.parametrize("day", [date(2062, 11, 2), date.max])
def test_a_day_that_nobody_can_mean_is_refused_by_name(day: date) -> None:
    world = World()
    order = world.an_order()
    answer = an_answer(order, LineAnswer(status=AnswerStatus.ACCEPT, promised=day))
    notice = a_notice(order, q(12))

    assert world.refuses(answer, ACME) == ["TOO_FAR_AHEAD"]
    assert world.refuses(replace(answer, issued=day), ACME) == ["TOO_FAR_AHEAD"] * 2
    assert world.refuses(replace(notice, shipped=day), ACME) == ["TOO_FAR_AHEAD"]
    assert world.refuses(replace(notice, expected=day), ACME) == ["TOO_FAR_AHEAD"]
    world.check()


figures = st.builds(
    Quantity,
    st.decimals(Decimal(-(10**11)), Decimal(10**11), places=3),
    st.sampled_from([Unit.EACH, Unit.CASE, Unit.DOZEN, Unit.KILOGRAM]),
)
prices = st.none() | st.builds(
    Price,
    st.builds(
        Money,
        st.decimals(Decimal(-(10**14)), Decimal(10**14), places=4),
        st.sampled_from([Currency.USD, Currency.EUR]),
    ),
    st.builds(
        Quantity,
        st.decimals(Decimal("0.001"), Decimal(10**11), places=3),
        st.sampled_from([Unit.EACH, Unit.CASE, Unit.THOUSAND, Unit.KILOGRAM]),
    ),
)
answers = st.builds(
    LineAnswer,
    status=st.sampled_from(AnswerStatus),
    quantity=st.none() | figures,
    price=prices,
    promised=st.none() | st.dates(),
    substitute=st.none() | st.text(max_size=5),
)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.one_of(
            st.lists(answers, max_size=3).map(lambda each: (an_answer("", *each), ACME)),
            figures.map(lambda each: (a_notice("", each), ACME)),
            figures.map(lambda each: (a_receipt("", each), DOCK)),
        ),
        max_size=6,
    )
)
def test_whatever_comes_is_done_or_refused_and_the_laws_hold(
    messages: list[tuple[RecordAcknowledgment | RecordShipNotice | RecordReceipt, Actor]],
) -> None:
    world = World()
    order = world.an_order()

    for message, sender in messages:
        reply = world.tell(replace(message, order=order), sender)
        assert reply.is_done or all(reason.code and reason.message for reason in reply.refusals)

    world.check()
