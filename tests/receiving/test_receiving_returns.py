"""Returns to suppliers: what may go back, when it counts, and which credit settles which."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.messages import Actor, Role
from manciple.kernel.quantity import Quantity, total
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import CloseOrder, OrderReopened, OrderState
from manciple.receiving.crediting import Credit, Crediting, crediting
from manciple.receiving.receipt import Condition, ReceivedLine, RecordReceipt
from manciple.receiving.return_life import authorised
from manciple.receiving.supplier_return import (
    AuthoriseReturn,
    CreditedLine,
    KeptLine,
    NoteCreditOverdue,
    PickReturn,
    RecordReturnCredit,
    RefuseReturn,
    RequestReturn,
    ReturnCreditOverdue,
    ReturnedLine,
    ReturnReason,
    ReturnState,
    Settlement,
    ShipReturn,
    SupplierReturn,
    WithdrawReturn,
    WriteOffReturn,
)
from manciple.runtime.effects import Lane
from tests.ordering.order_world import (
    ACME,
    BUYER,
    DOCK,
    NOW,
    PLANNER,
    ZETA,
    PostInvoiced,
    World,
    a_line,
    cases,
    q,
    usd,
)

TODAY = NOW.date()
LEAD = Actor(id="wim", roles=(Role.WAREHOUSE_LEAD,))
AP_LEAD = Actor(id="lea", roles=(Role.AP_LEAD,))


def received(world: World, quantity: int = 25, *, ordered: int | None = None) -> str:
    """An order of so many bolts at 2.50, all here."""
    order = world.an_order(a_line(stated=q(ordered or quantity)))
    world.does(
        RecordReceipt(
            receipt="R1",
            order=order,
            site="HUB",
            received=TODAY,
            lines=(ReceivedLine(line="1", quantity=q(quantity)),),
        ),
        DOCK,
    )
    return order


def going(
    order: str, quantity: Quantity, *, settlement: Settlement = Settlement.REFUND, **more: object
) -> RequestReturn:
    line = ReturnedLine(line="1", quantity=quantity, **more)  # type: ignore[arg-type]
    return RequestReturn(
        order=order, lines=(line,), reason=ReturnReason.DAMAGED, settlement=settlement
    )


def asked(world: World, order: str, quantity: int = 5, **more: object) -> str:
    return world.does(going(order, q(quantity), **more), LEAD)  # type: ignore[arg-type]


def sent(world: World, order: str, quantity: int = 5, **more: object) -> str:
    name = asked(world, order, quantity, **more)
    world.does(AuthoriseReturn(rtv=name, authorisation="RMA-7"), BUYER)
    world.does(PickReturn(rtv=name, picked=TODAY), LEAD)
    world.does(ShipReturn(rtv=name, shipped=TODAY), LEAD)
    return name


def the(world: World, name: str) -> SupplierReturn:
    return world.bus.get(SupplierReturn, name)


# --- what may go back


def test_no_more_goes_back_than_is_here_and_not_on_its_way() -> None:
    world = World()
    order = received(world, 25)

    assert world.refuses(going(order, q(26)), LEAD) == ["TOO_MUCH"]
    first = asked(world, order, 20)
    assert world.refuses(going(order, q(6)), LEAD) == ["TOO_MUCH"]
    asked(world, order, 5)
    assert world.refuses(going(order, q(1)), LEAD) == ["TOO_MUCH"]
    world.does(WithdrawReturn(rtv=first, reason="sold"), LEAD)
    asked(world, order, 20)


def test_two_lines_of_one_request_count_together() -> None:
    world = World()
    order = received(world, 25)
    line = ReturnedLine(line="1", quantity=q(13))
    act = RequestReturn(order=order, lines=(line, line), reason=ReturnReason.QUALITY)

    assert world.refuses(act, LEAD) == ["TOO_MUCH"]


def test_what_the_dock_put_aside_goes_back_without_touching_the_ledger() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100)))
    world.does(
        RecordReceipt(
            receipt="R1", order=order, site="HUB", received=TODAY,
            lines=(ReceivedLine(line="1", quantity=q(107)),),
        ),
        DOCK,
    )  # fmt: skip

    assert world.refuses(going(order, q(3), aside=True), LEAD) == ["TOO_MUCH"]
    name = sent(world, order, 2, aside=True)

    assert world.total(order, Stage.RETURNED) == q(0)
    assert the(world, name).state is ReturnState.SETTLED
    assert the(world, name).credit_by is None
    assert world.refuses(going(order, q(1), aside=True), LEAD) == ["TOO_MUCH"]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (RequestReturn(order="PO-0", lines=(), reason=ReturnReason.DAMAGED), "UNKNOWN_ORDER"),
        (RequestReturn(order="", lines=(), reason=ReturnReason.DAMAGED), "UNKNOWN_ORDER"),
    ],
)
def test_goods_of_no_order_do_not_go_back(act: RequestReturn, code: str) -> None:
    assert World().refuses(act, LEAD) == [code]


def test_bad_lines_are_refused_all_at_once() -> None:
    world = World()
    order = received(world)
    lines = (
        ReturnedLine(line="9", quantity=q(1)),
        ReturnedLine(line="1", quantity=q(0)),
        ReturnedLine(line="1", quantity=q(1, Unit.KILOGRAM)),
    )
    act = RequestReturn(order=order, lines=lines, reason=ReturnReason.DAMAGED)

    assert world.refuses(act, LEAD) == ["UNKNOWN_LINE", "BAD_QUANTITY", "UOM_UNKNOWN"]
    assert world.refuses(replace(act, lines=()), LEAD) == ["NO_LINES"]


# --- when it counts


def test_it_counts_for_billing_at_ship_and_not_before() -> None:
    world = World()
    order = received(world, 25)
    name = asked(world, order, 5)
    seen = []
    for act, actor in (
        (AuthoriseReturn(rtv=name, authorisation="RMA-7"), BUYER),
        (PickReturn(rtv=name, picked=TODAY), LEAD),
        (ShipReturn(rtv=name, shipped=TODAY, carrier="UPS"), LEAD),
    ):
        world.does(act, actor)
        seen.append(world.ledger(order).billable)

    assert seen == [q(25), q(25), q(20)]
    world.check()


def test_a_refund_leaves_nothing_open_and_a_replacement_opens_the_line() -> None:
    world = World()
    order = received(world, 25)
    assert world.order(order).state is OrderState.RECEIVED

    sent(world, order, 5)
    assert world.ledger(order).open_to_receive == q(0)
    assert world.order(order).state is OrderState.RECEIVED

    name = sent(world, order, 3, settlement=Settlement.REPLACEMENT)
    assert world.ledger(order).open_to_receive == q(3)
    assert world.order(order).state is OrderState.SHIPPED
    assert the(world, name).state is ReturnState.SETTLED
    assert len(world.bus.happened(OrderReopened)) == 1
    world.check()


def test_a_closed_order_is_opened_by_a_replacement_and_takes_it_in() -> None:
    world = World()
    order = received(world, 25)
    world.does(PostInvoiced(order=order, line="1", quantity=q(25)))
    world.does(CloseOrder(order=order))
    assert world.order(order).state is OrderState.CLOSED

    sent(world, order, 5, settlement=Settlement.REPLACEMENT)
    world.does(
        RecordReceipt(
            receipt="R2", order=order, site="HUB", received=TODAY,
            lines=(ReceivedLine(line="1", quantity=q(5)),),
        ),
        DOCK,
    )  # fmt: skip
    world.does(CloseOrder(order=order))

    assert world.order(order).state is OrderState.CLOSED
    assert world.ledger(order).billable == q(25)
    world.check()


# --- its life


def test_the_steps_come_in_their_order_and_nothing_is_done_twice() -> None:
    world = World()
    order = received(world)
    name = asked(world, order)
    pick, ship = PickReturn(rtv=name, picked=TODAY), ShipReturn(rtv=name, shipped=TODAY)
    authorise = AuthoriseReturn(rtv=name, authorisation="RMA-7")

    assert world.refuses(pick, LEAD) == ["WRONG_STATE"]
    assert world.refuses(ship, LEAD) == ["WRONG_STATE"]
    world.does(authorise, BUYER)
    assert world.refuses(authorise, BUYER) == ["WRONG_STATE"]
    assert world.refuses(ship, LEAD) == ["WRONG_STATE"]
    long_ago = TODAY - timedelta(days=2)
    assert world.refuses(replace(pick, picked=long_ago), LEAD) == ["BEFORE_ITS_TIME"]
    world.does(pick, LEAD)
    assert world.refuses(replace(ship, shipped=TODAY - timedelta(days=1)), LEAD) == ["BAD_DAY"]
    assert world.refuses(replace(ship, shipped=TODAY + timedelta(days=1)), LEAD) == [
        "IN_THE_FUTURE"
    ]
    world.does(ship, LEAD)
    assert world.refuses(WithdrawReturn(rtv=name, reason="no"), LEAD) == ["WRONG_STATE"]


def test_a_supplier_answers_for_itself_and_for_nobody_else() -> None:
    world = World()
    order = received(world)
    name = asked(world, order)

    assert world.refuses(AuthoriseReturn(rtv=name, authorisation="X"), ZETA) == [
        "NOT_YOUR_SUPPLIER"
    ]
    assert world.refuses(AuthoriseReturn(rtv=name, authorisation=" "), ACME) == ["NO_NUMBER"]
    world.does(RefuseReturn(rtv=name, reason="too old"), ACME)
    assert the(world, name).state is ReturnState.REFUSED
    asked(world, order, 25)


@pytest.mark.parametrize(("percent", "codes"), [("0", []), ("0.0001", ["RESTOCKING_FEE"])])
def test_a_fee_that_policy_does_not_accept_is_refused(percent: str, codes: list[str]) -> None:
    world = World()
    name = asked(world, received(world))
    act = AuthoriseReturn(rtv=name, authorisation="X", restocking_percent=Decimal(percent))

    assert [each.code for each in world.tell(act, BUYER).refusals] == codes


def test_the_fee_is_rounded_once_and_comes_off_the_credit() -> None:
    world = World()
    name = asked(world, received(world), 5)
    goods = replace(the(world, name), most_restocking=Decimal(15))
    at_most = AuthoriseReturn(rtv=name, authorisation="X", restocking_percent=Decimal(15))
    now = authorised(goods, at_most, actor=BUYER)

    assert goods.worth == usd("12.50")
    assert now.fee == usd("1.88")
    assert now.expected_credit == usd("10.62")


# --- the credit


def test_the_credit_is_due_on_the_last_day_and_not_overdue_when_it_came() -> None:
    world = World()
    order = received(world)
    late, good = sent(world, order, 5), sent(world, order, 2)
    assert the(world, late).credit_by == TODAY + timedelta(days=30)
    whole = (CreditedLine(line="1", quantity=q(2)),)
    part = (CreditedLine(line="1", quantity=q(4)),)

    world.does(RecordReturnCredit(rtv=good, lines=whole, credits=("CRN-1",)))
    world.does(RecordReturnCredit(rtv=late, lines=part, credits=("CRN-1",)))
    world.does(NoteCreditOverdue(rtv=good))
    world.does(NoteCreditOverdue(rtv=late))

    assert the(world, good).state is ReturnState.SETTLED
    assert the(world, late).state is ReturnState.SHIPPED
    (told,) = world.bus.happened(ReturnCreditOverdue)
    assert (told.rtv, told.open) == (late, usd("2.50"))
    world.does(WriteOffReturn(rtv=late, reason="not worth it"), AP_LEAD)
    assert the(world, late).state is ReturnState.SETTLED


def a_return(name: str, quantity: int, *, day: int, line: str = "1") -> SupplierReturn:
    kept = KeptLine(
        line=line,
        item="BOLT",
        quantity=q(quantity),
        stated=q(quantity),
        condition=Condition.GOOD,
        receipt=None,
        aside=False,
        worth=usd("1.00"),
        credited=q(0),
    )
    return SupplierReturn(
        id=name,
        thread="",
        order="PO-1",
        site="HUB",
        supplier="ACME",
        lane=Lane.STANDARD,
        state=ReturnState.SHIPPED,
        reason=ReturnReason.DAMAGED,
        settlement=Settlement.REFUND,
        lines=(kept,),
        requested_by="wim",
        requested_at=NOW,
        credit_days=30,
        most_restocking=None,
        ruling="",
        shipped=date(2026, 11, day),
    )


def amounts(found: tuple[Crediting, ...]) -> dict[str, list[Decimal]]:
    return {each.rtv: [line.quantity.value for line in each.lines] for each in found}


def test_credits_settle_the_return_that_left_first() -> None:
    later, first = a_return("RTV-A", 2, day=8), a_return("RTV-B", 5, day=3)

    found = crediting((later, first), (Credit(credit="C1", line="1", quantity=q(6)),))

    assert amounts(found) == {"RTV-B": [5], "RTV-A": [1]}


quantities = st.integers(min_value=1, max_value=9)


@given(
    st.lists(st.tuples(quantities, st.integers(1, 4)), max_size=4),
    st.lists(quantities, max_size=4),
    st.randoms(use_true_random=False),
)
def test_no_credit_is_used_twice_and_the_order_of_returns_does_not_matter(
    shipped: list[tuple[int, int]], given_: list[int], random: object
) -> None:
    returns = [a_return(f"RTV-{n}", size, day=day) for n, (size, day) in enumerate(shipped)]
    notes = [Credit(credit=f"C{n}", line="1", quantity=q(size)) for n, size in enumerate(given_)]
    shuffled = list(returns)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    found = crediting(returns, notes)

    assert found == crediting(shuffled, notes) == crediting(shuffled, notes)
    credited = total((line.quantity for each in found for line in each.lines), Unit.EACH)
    back, paid = sum(size for size, _ in shipped), sum(given_)
    assert credited == q(min(back, paid))
    sizes = {each.id: each.lines[0].quantity for each in returns}
    assert all(each.lines[0].quantity <= sizes[each.rtv] for each in found)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_lines_of_other_order_lines_are_left_alone(order: tuple[int, ...]) -> None:
    returns = [a_return("RTV-A", 5, day=1), a_return("RTV-B", 5, day=1, line="2")]
    notes = [Credit(credit=f"C{n}", line=line, quantity=q(size))
             for n, (line, size) in enumerate((("1", 2), ("2", 9), ("3", 1)))]  # fmt: skip

    found = crediting(returns, [notes[n] for n in order])

    assert amounts(found) == {"RTV-A": [2], "RTV-B": [5]}


def test_a_planner_of_another_site_moves_nothing_here() -> None:
    world = World()
    order = world.place(site="SPOKE")
    world.does(going(received(world), cases(1)), PLANNER)

    assert world.refuses(going(order, q(1)), PLANNER) == ["UNKNOWN_ORDER"]
