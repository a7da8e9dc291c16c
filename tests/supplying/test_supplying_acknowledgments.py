"""A supplier's answer: pinned, summed, compared with tolerances, restated, never guessed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.cases.discrepancy import Code
from manciple.catalog.item import ItemId, ItemScheme
from manciple.kernel.messages import Actor, Role
from manciple.kernel.money import Currency, Money
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import (
    AnswerState,
    Beyond,
    CancelRemainder,
    OrderLine,
    OrderState,
    RecordOrderSent,
)
from manciple.receiving.receipt import ReceivedLine, RecordReceipt
from manciple.supplying.acknowledgment import (
    Acknowledgment,
    AcknowledgmentDiscrepancyFound,
    AcknowledgmentReceived,
    AcknowledgmentState,
    AnsweredLine,
    AnswerStatus,
    Header,
    LineAnswer,
    LineOutcome,
    OrderAnswered,
    PromiseChange,
    RecordAcknowledgment,
    SupplyPromiseChanged,
)
from manciple.supplying.overdue import AcknowledgmentOverdue, NoteAcknowledgmentOverdue
from tests.ordering.order_world import (
    ACME,
    BUYER,
    DOCK,
    NEEDED,
    ZETA,
    World,
    a_line,
    cases,
    q,
    usd,
)

S = AnswerStatus
DAY = date(2026, 11, 3)
SENT = datetime(2026, 11, 3, 9, tzinfo=UTC)


def says(
    status: AnswerStatus,
    quantity: Quantity | None = None,
    *,
    price: Price | None = None,
    promised: date | None = None,
    substitute: str | None = None,
) -> LineAnswer:
    return LineAnswer(
        status=status, quantity=quantity, price=price, promised=promised, substitute=substitute
    )


def on(
    line: str | None,
    *answers: LineAnswer,
    items: Sequence[ItemId] = (),
    ordered: Quantity | None = None,
    price: Price | None = None,
) -> AnsweredLine:
    return AnsweredLine(
        line=line, items=tuple(items), answers=answers, ordered=ordered, price=price
    )


def answer(
    order: str,
    *lines: AnsweredLine,
    header: Header = Header.DETAIL,
    number: str | None = None,
    revision: int | None = None,
    issued: date | None = DAY,
    sent_at: datetime | None = SENT,
    supplier: str = "ACME",
) -> RecordAcknowledgment:
    return RecordAcknowledgment(
        order=order,
        supplier=supplier,
        number=number,
        revision=revision,
        header=header,
        lines=lines,
        issued=issued,
        source="interchange/IN-1",
        place="855/0001",
        sent_at=sent_at,
    )


def told(world: World, order: str, *lines: AnsweredLine, header: Header = Header.DETAIL) -> None:
    world.does(answer(order, *lines, header=header), ACME)


def the_answer(world: World) -> Acknowledgment:
    [document] = world.bus.documents(Acknowledgment)
    return document


def planner(world: World) -> Code | None:
    [event] = world.bus.happened(SupplyPromiseChanged)
    return event.discrepancy.code if event.discrepancy else None


def others(world: World) -> list[Code]:
    return [each.discrepancy.code for each in world.bus.happened(AcknowledgmentDiscrepancyFound)]


def change_of(world: World) -> PromiseChange:
    [event] = world.bus.happened(SupplyPromiseChanged)
    [change] = event.lines
    return change


# ---- quantities


def test_a_line_accepted_as_ordered_changes_no_promise() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.ACCEPT, cases(9), promised=NEEDED)))

    assert the_answer(world).state is AcknowledgmentState.ACCEPTED
    assert world.total(order, Stage.ACKNOWLEDGED) == q(108)
    assert world.order(order).state is OrderState.ACKNOWLEDGED
    assert world.order(order).acknowledged_revision == 1
    assert world.order(order).lines[0].promise == NEEDED
    assert world.happened()[-2:] == ["AcknowledgmentReceived", "OrderAnswered"]


def test_eight_cases_of_nine_are_short_by_one_case_in_base_units() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.CHANGE_QTY, cases(8))))

    change = change_of(world)
    assert (change.ordered, change.confirmed, change.short) == (q(108), q(96), q(12))
    [event] = world.bus.happened(SupplyPromiseChanged)
    assert event.discrepancy is not None
    assert event.discrepancy.code is Code.SHORTAGE
    assert (event.discrepancy.expected, event.discrepancy.actual) == ("108 EA", "96 EA")
    assert event.discrepancy.variance == "-12 EA"
    assert event.discrepancy.amount == usd("30.00")
    assert "nothing said about 12 EA" in event.discrepancy.text
    assert others(world) == []
    posting = world.ledger(order).postings[-1]
    assert (posting.stage, posting.stated) == (Stage.ACKNOWLEDGED, cases(8))


@pytest.mark.parametrize(
    ("confirmed", "expected"),
    [(108, None), (105, None), (104, Code.SHORTAGE), (0, Code.SHORTAGE)],
)
def test_a_quantity_at_the_tolerance_is_inside_and_one_less_is_short(
    confirmed: int, expected: Code | None
) -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.CHANGE_QTY, q(confirmed))))

    changed = world.bus.happened(SupplyPromiseChanged)
    assert len(changed) == (confirmed != 108)
    assert [each.discrepancy.code for each in changed if each.discrepancy] == (
        [expected] if expected else []
    )
    state = the_answer(world).lines[0]
    assert state.is_within is (expected is None)
    assert world.total(order, Stage.ACKNOWLEDGED) == q(confirmed)


@pytest.mark.parametrize(("confirmed", "expected"), [(111, []), (112, [Code.OVER_SHIPMENT])])
def test_more_than_ordered_is_a_change_upward(confirmed: int, expected: list[Code]) -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.CHANGE_QTY, q(confirmed))))

    assert others(world) == expected
    assert planner(world) is None
    assert change_of(world).short == q(0)


def test_several_answers_of_one_line_add_up() -> None:
    world = World()
    order = world.an_order()
    late = NEEDED + timedelta(days=1)

    told(
        world,
        order,
        on(
            "1",
            says(S.ACCEPT, cases(5), promised=NEEDED),
            says(S.CHANGE_DATE, q(24), promised=late),
            says(S.BACKORDER_FULL, cases(2)),
        ),
    )

    [line] = the_answer(world).lines
    assert (line.confirmed, line.backordered, line.unsaid) == (q(84), q(24), q(0))
    assert [(each.quantity, each.promised) for each in line.schedule] == [
        (q(60), NEEDED),
        (q(24), late),
    ]
    assert world.order(order).lines[0].promise == late
    assert planner(world) is Code.SHORTAGE


def test_schedule_lines_in_two_answered_lines_are_one_order_line() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.ACCEPT, q(58))), on("01", says(S.ACCEPT, q(50))))

    assert the_answer(world).state is AcknowledgmentState.ACCEPTED
    assert world.total(order, Stage.ACKNOWLEDGED) == q(108)


def test_an_answer_without_a_quantity_takes_the_rest_of_the_line() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.REJECT, q(8)), says(S.ACCEPT), says(S.BACKORDER_FULL)))

    [line] = the_answer(world).lines
    assert (line.confirmed, line.rejected, line.backordered) == (q(100), q(8), q(0))
    assert others(world) == [Code.REJECTED_LINE]


def test_a_partial_shipment_leaves_the_rest_backordered() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.BACKORDER_PARTIAL, q(60))))

    [line] = the_answer(world).lines
    assert (line.confirmed, line.backordered, line.unsaid) == (q(60), q(48), q(0))
    assert line.outcome is LineOutcome.PARTIAL
    assert planner(world) is Code.SHORTAGE


def test_a_backordered_line_confirms_nothing_and_is_still_an_answer() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.BACKORDER_FULL)))

    standing = world.order(order).lines[0].answer
    assert standing is not None
    assert (standing.state, standing.confirmed) == (AnswerState.PARTIAL, q(0))
    assert change_of(world).short == q(108)
    assert world.total(order, Stage.ACKNOWLEDGED) == q(0)


@pytest.mark.parametrize("status", [S.CHANGE_QTY, S.BACKORDER_PARTIAL, S.UNKNOWN])
def test_a_quantity_that_is_not_stated_is_unclear_not_zero(status: AnswerStatus) -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(status)))

    assert others(world) == [Code.UNREADABLE]
    assert world.order(order).lines[0].answer is None
    assert the_answer(world).state is AcknowledgmentState.PENDING
    assert world.bus.happened(SupplyPromiseChanged) == ()


def test_the_quantity_repeated_on_the_line_stands_in_for_a_changed_one() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.CHANGE_QTY), ordered=cases(8)))

    assert world.total(order, Stage.ACKNOWLEDGED) == q(96)


@pytest.mark.parametrize(
    "quantity", [q("95.5"), cases("7.5"), q(3, Unit.KILOGRAM)], ids=["part", "pack", "unknown"]
)
def test_a_quantity_that_the_packs_cannot_hold_is_a_unit_conflict(quantity: Quantity) -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.CHANGE_QTY, quantity)))

    assert others(world) == [Code.UNIT_CONFLICT]
    assert world.order(order).lines[0].answer is None


def test_a_negative_quantity_is_refused_whole() -> None:
    world = World()
    order = world.an_order()

    act = answer(order, on("1", says(S.ACCEPT, q(-1))))

    assert world.refuses(act, ACME) == ["BAD_QUANTITY"]


# ---- rejection


def test_a_rejected_line_will_not_come_and_the_planner_gets_no_second_task() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))

    told(world, order, on("1", says(S.REJECT)), on("2", says(S.ACCEPT)))

    assert others(world) == [Code.REJECTED_LINE]
    assert planner(world) is None
    assert change_of(world).confirmed == q(0)
    assert the_answer(world).state is AcknowledgmentState.PARTIAL


def test_an_order_rejected_line_by_line_is_one_discrepancy() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))

    told(world, order, on("1", says(S.REJECT)), on("2", says(S.REJECT)))

    [found] = world.bus.happened(AcknowledgmentDiscrepancyFound)
    assert found.discrepancy.code is Code.REJECTED_LINE
    assert found.discrepancy.line is None
    assert found.discrepancy.amount == usd("540.00")
    assert the_answer(world).state is AcknowledgmentState.REJECTED


# ---- header


def test_a_header_without_lines_speaks_for_all_of_them() -> None:
    world = World()
    yes, no = (world.an_order(a_line("1"), a_line("2", item="NUT-8")) for _ in range(2))

    world.does(answer(yes, header=Header.ACCEPT), ACME)
    world.does(answer(no, header=Header.REJECT), ACME)

    assert world.total(yes, Stage.ACKNOWLEDGED, "2") == q(108)
    assert world.order(yes).is_answered
    assert [line.answer.state for line in world.order(no).lines if line.answer] == [
        AnswerState.REJECTED
    ] * 2


@pytest.mark.parametrize("header", [Header.DETAIL, Header.NONE])
def test_a_header_that_decides_nothing_leaves_all_lines_pending(header: Header) -> None:
    world = World()
    order = world.an_order()

    told(world, order, header=header)

    assert the_answer(world).state is AcknowledgmentState.PENDING
    assert world.order(order).state is OrderState.SENT
    [received] = world.bus.happened(AcknowledgmentReceived)
    assert not received.is_answer


def test_lines_not_named_stay_pending_though_the_header_accepts() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))

    told(world, order, on("1", says(S.ACCEPT)), header=Header.ACCEPT)

    assert world.order(order).lines[1].answer is None
    assert world.order(order).acknowledged_revision == 0
    assert the_answer(world).state is AcknowledgmentState.PARTIAL


def test_an_answer_of_exceptions_accepts_what_it_does_not_name() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))

    told(world, order, on("1", says(S.REJECT)), header=Header.EXCEPTIONS)

    assert world.total(order, Stage.ACKNOWLEDGED, "2") == q(108)
    assert others(world) == [Code.REJECTED_LINE]


def test_a_line_wins_over_a_rejecting_header_and_the_contradiction_is_told() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.ACCEPT)), header=Header.REJECT)

    assert world.total(order, Stage.ACKNOWLEDGED) == q(108)
    [found] = world.bus.happened(AcknowledgmentDiscrepancyFound)
    assert "the head rejects the order, but lines 1 are confirmed" in found.discrepancy.text
    assert the_answer(world).findings == (found.discrepancy.text,)


def test_an_accepting_header_does_not_hide_what_its_lines_repeat() -> None:
    world = World()
    order = world.an_order()
    dearer = Price(usd("31.00"), cases(1))

    told(world, order, on("1", ordered=cases(8), price=dearer), header=Header.ACCEPT)

    assert world.total(order, Stage.ACKNOWLEDGED) == q(96)
    assert others(world) == [Code.PRICE_VARIANCE]
    assert planner(world) is Code.SHORTAGE


def test_details_without_codes_are_the_answer_when_the_header_announces_them() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", ordered=cases(8)), header=Header.DETAIL)

    assert world.total(order, Stage.ACKNOWLEDGED) == q(96)
    assert planner(world) is Code.SHORTAGE


# ---- contact is no answer


def test_a_pending_schedule_is_contact_and_stops_nothing() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.PENDING, q(108))))

    assert world.order(order).state is OrderState.SENT
    assert the_answer(world).state is AcknowledgmentState.PENDING
    world.does(NoteAcknowledgmentOverdue(order=order, revision=1))
    [overdue] = world.bus.happened(AcknowledgmentOverdue)
    assert overdue.lines == ("1",)


def test_a_line_on_hold_goes_to_somebody_and_is_no_answer() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.HOLD)))

    assert others(world) == [Code.NO_ACKNOWLEDGMENT]
    assert world.order(order).lines[0].answer is None


def test_an_answer_ends_the_waiting_and_the_timer_says_nothing() -> None:
    world = World()
    order, silent = world.an_order(), world.an_order()
    told(world, order, on("1", says(S.ACCEPT)))

    for each in (order, silent, "PO-NOBODY"):
        world.does(NoteAcknowledgmentOverdue(order=each, revision=1))
    world.does(NoteAcknowledgmentOverdue(order=silent, revision=2))

    assert [each.order for each in world.bus.happened(AcknowledgmentOverdue)] == [silent]


# ---- price and date


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("30.00", []), ("30.60", []), ("30.61", [Code.PRICE_VARIANCE]), ("20.00", [])],
)
@pytest.mark.parametrize("status", [S.ACCEPT, S.CHANGE_PRICE])
def test_a_price_is_compared_whatever_the_code_says(
    status: AnswerStatus, amount: str, expected: list[Code]
) -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(status), price=Price(usd(amount), cases(1))))

    assert others(world) == expected
    assert the_answer(world).state is (
        AcknowledgmentState.CHANGED if expected else AcknowledgmentState.ACCEPTED
    )


def test_a_price_per_hundred_is_the_same_price() -> None:
    world = World()
    order = world.an_order(a_line(price=Price(usd("100.00"), q(36))))

    same = Price(usd("33.333333"), cases(1))
    told(world, order, on("1", says(S.ACCEPT), price=Price(usd("200.00"), q(72))))

    assert world.bus.happened(SupplyPromiseChanged) == ()
    told(world, order, on("1", says(S.ACCEPT, price=same)))
    assert others(world) == []


def test_a_dearer_price_is_worth_the_difference_of_what_is_confirmed() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.CHANGE_PRICE, cases(8), price=Price(usd("33"), cases(1)))))

    [found] = world.bus.happened(AcknowledgmentDiscrepancyFound)
    assert found.discrepancy.amount == usd("24.00")
    assert found.discrepancy.expected == "30.00 USD per XCS"


def test_a_price_in_another_currency_or_unit_is_never_converted() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
    euros = Price(Money(usd("30.00").amount, Currency.EUR), cases(1))

    told(
        world,
        order,
        on("1", says(S.ACCEPT, price=euros)),
        on("2", says(S.ACCEPT, price=Price(usd("30.00"), q(1, Unit.KILOGRAM)))),
    )

    assert others(world) == [Code.PRICE_VARIANCE, Code.UNIT_CONFLICT]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(-6, Code.DATE_CHANGE), (-5, None), (0, None), (2, None), (3, Code.DATE_CHANGE)],
)
def test_a_date_at_the_limit_is_inside_and_one_day_more_is_not(
    days: int, expected: Code | None
) -> None:
    world = World()
    order = world.an_order()
    promised = NEEDED + timedelta(days=days)

    told(world, order, on("1", says(S.CHANGE_DATE, promised=promised)))

    changed = world.bus.happened(SupplyPromiseChanged)
    assert len(changed) == (days != 0)
    assert [each.discrepancy.code for each in changed if each.discrepancy] == (
        [expected] if expected else []
    )
    line = world.order(order).lines[0]
    assert line.promise == line.first_promise == promised


def test_the_first_promise_is_kept_when_the_date_moves_again() -> None:
    world = World()
    order = world.an_order()
    first, second = NEEDED, NEEDED + timedelta(days=9)
    told(world, order, on("1", says(S.ACCEPT, promised=first)))

    told(world, order, on("1", says(S.CHANGE_DATE, promised=second)))

    line = world.order(order).lines[0]
    assert (line.first_promise, line.promise) == (first, second)
    assert change_of(world).promised_before == first


def test_short_and_late_lines_are_one_task_for_the_planner() -> None:
    world = World()
    order = world.an_order(*(a_line(str(n), item=f"ITEM-{n}") for n in (1, 2, 3)))

    told(
        world,
        order,
        on("1", says(S.CHANGE_QTY, q(96))),
        on("2", says(S.CHANGE_QTY, q(84))),
        on("3", says(S.CHANGE_DATE, promised=NEEDED + timedelta(days=30))),
    )

    [event] = world.bus.happened(SupplyPromiseChanged)
    assert [each.line for each in event.lines] == ["1", "2", "3"]
    assert event.discrepancy is not None
    assert event.discrepancy.code is Code.SHORTAGE
    assert event.discrepancy.line is None
    assert event.discrepancy.amount == usd("90.00")
    assert event.discrepancy.actual == "line 1: 96 EA; line 2: 84 EA"
    assert "line 3: promised +30 days" in event.discrepancy.text


def test_a_substitute_keeps_both_items() -> None:
    world = World()
    order = world.an_order()

    told(world, order, on("1", says(S.SUBSTITUTE, cases(9), substitute="A-BOLT-9")))

    [found] = world.bus.happened(AcknowledgmentDiscrepancyFound)
    assert found.discrepancy.code is Code.SUBSTITUTION
    assert (found.discrepancy.expected, found.discrepancy.actual) == ("A-BOLT-8", "A-BOLT-9")
    assert world.ledger(order).postings[-1].reason == "instead comes A-BOLT-9"


def test_a_category_without_tolerances_allows_nothing() -> None:
    world = World()
    order = world.an_order(a_line(category="valves"))

    told(
        world,
        order,
        on(
            "1",
            says(
                S.CHANGE_MIXED,
                q(107),
                price=Price(usd("30.01"), cases(1)),
                promised=NEEDED - timedelta(days=1),
            ),
        ),
    )

    assert planner(world) is Code.SHORTAGE
    assert others(world) == [Code.PRICE_VARIANCE]
    assert {each.code for each in the_answer(world).discrepancies} == {
        Code.SHORTAGE,
        Code.PRICE_VARIANCE,
        Code.DATE_CHANGE,
    }


# ---- which line is meant


def two_lines() -> tuple[OrderLine, OrderLine]:
    return a_line("1"), replace(a_line("2", item="NUT-8"), gtin="04006381333931")


@pytest.mark.parametrize(
    "item",
    [
        ItemId(ItemScheme.SUPPLIER, "a-nut-8 "),
        ItemId(ItemScheme.BUYER, "NUT-8"),
        ItemId(ItemScheme.GTIN, "4006381333931"),
    ],
)
@pytest.mark.parametrize("line", [None, "", "000007"])
def test_a_line_is_found_by_item_when_its_number_is_not_ours(
    line: str | None, item: ItemId
) -> None:
    world = World()
    order = world.an_order(*two_lines())

    told(world, order, on(line, says(S.ACCEPT), items=[item]))

    assert world.total(order, Stage.ACKNOWLEDGED, "2") == q(108)
    assert others(world) == []


@pytest.mark.parametrize(
    ("line", "items", "words"),
    [
        (None, [], "has no line unnumbered with no item"),
        ("9", [ItemId(ItemScheme.BUYER, "SCREW")], "has no line 9 with buyer SCREW"),
        ("1", [ItemId(ItemScheme.BUYER, "NUT-8")], "but the item buyer NUT-8 is of line 2"),
        (None, [ItemId(ItemScheme.MANUFACTURER, "NUT-8")], "manufacturer NUT-8"),
    ],
)
def test_a_line_that_nobody_can_place_is_told_not_guessed(
    line: str | None, items: list[ItemId], words: str
) -> None:
    world = World()
    order = world.an_order(*two_lines())

    told(world, order, on(line, says(S.REJECT), items=items))

    [found] = world.bus.happened(AcknowledgmentDiscrepancyFound)
    assert found.discrepancy.code is Code.UNKNOWN_ORDER
    assert words in found.discrepancy.text
    assert all(line.answer is None for line in world.order(order).lines)


def test_an_item_on_two_lines_needs_the_line_number() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2"))
    item = [ItemId(ItemScheme.BUYER, "BOLT-8")]

    told(world, order, on(None, says(S.ACCEPT), items=item))
    assert others(world) == [Code.UNKNOWN_ORDER]

    told(world, order, on("2", says(S.ACCEPT), items=item))
    assert world.total(order, Stage.ACKNOWLEDGED, "2") == q(108)
    assert world.total(order, Stage.ACKNOWLEDGED, "1") == q(0)


def test_an_item_number_of_a_substitute_does_not_hide_the_line() -> None:
    world = World()
    order = world.an_order(*two_lines())
    other = [ItemId(ItemScheme.SUPPLIER, "A-BOLT-9")]

    told(world, order, on("1", says(S.SUBSTITUTE, substitute="A-BOLT-9"), items=other))

    assert others(world) == [Code.SUBSTITUTION]


# ---- pinned to a revision


def test_an_answer_to_an_older_revision_is_kept_and_changes_nothing() -> None:
    world = World()
    order = world.an_order()
    told(world, order, on("1", says(S.CHANGE_QTY, q(96))))
    world.does(CancelRemainder(order=order, reason="bought elsewhere"), BUYER)
    before = world.order(order)

    world.does(answer(order, on("1", says(S.ACCEPT)), revision=1, number="LATE"), ACME)

    assert world.order(order) == before
    stale = [
        each
        for each in world.bus.documents(Acknowledgment)
        if each.state is AcknowledgmentState.STALE
    ]
    assert [each.revision for each in stale] == [1]
    assert others(world) == [Code.STALE_ACKNOWLEDGMENT]
    assert world.total(order, Stage.ACKNOWLEDGED) == q(96)


def test_an_answer_that_repeats_the_old_quantity_is_to_the_old_revision() -> None:
    world = World()
    order = world.an_order()
    told(world, order, on("1", says(S.CHANGE_QTY, q(96))))
    world.does(CancelRemainder(order=order, reason="bought elsewhere"), BUYER)
    world.does(RecordOrderSent(order=order, revision=2, interchange="OUT-2"))

    told(world, order, on("1", says(S.ACCEPT), ordered=cases(9)))
    assert others(world) == [Code.STALE_ACKNOWLEDGMENT]

    told(world, order, on("1", says(S.ACCEPT), ordered=cases(8)))
    assert world.order(order).acknowledged_revision == 2
    assert world.total(order, Stage.ACKNOWLEDGED) == q(96)
    assert len(world.bus.happened(SupplyPromiseChanged)) == 1
    world.check()


def test_nobody_answers_a_revision_that_was_not_sent() -> None:
    world = World()
    order = world.an_order()
    told(world, order, on("1", says(S.CHANGE_QTY, q(96))))
    world.does(CancelRemainder(order=order, reason="bought elsewhere"), BUYER)

    told(world, order, on("1", says(S.ACCEPT)))

    assert others(world) == [Code.STALE_ACKNOWLEDGMENT]
    assert world.order(order).lines[0].answer is None


@pytest.mark.parametrize("revision", [0, 2, -1])
def test_a_revision_that_never_was_is_refused(revision: int) -> None:
    world = World()
    order = world.an_order()

    act = answer(order, on("1", says(S.ACCEPT)), revision=revision)

    assert world.refuses(act, ACME) == ["UNKNOWN_REVISION"]


def test_a_line_given_up_is_not_accepted_by_a_header() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
    act = CancelRemainder(order=order, lines=("2",), reason="no need", beyond=Beyond.DELIVERED)
    world.does(act, BUYER)
    world.does(RecordOrderSent(order=order, revision=2, interchange="OUT-2"))

    told(world, order, header=Header.ACCEPT)

    assert world.total(order, Stage.ACKNOWLEDGED, "2") == q(0)
    assert world.order(order).acknowledged_revision == 2
    assert the_answer(world).state is AcknowledgmentState.ACCEPTED


# ---- whose order it is


@pytest.mark.parametrize(
    ("supplier", "actor"),
    [
        ("ZETA", ZETA),
        ("ACME", ZETA),
        ("ZETA", ACME),
        ("ZETA", BUYER),
        ("ACME", Actor(id="x", roles=(Role.SUPPLIER,))),
    ],
)
def test_another_suppliers_order_looks_like_none(supplier: str, actor: Actor) -> None:
    world = World()
    order = world.an_order()

    act = answer(order, on("1", says(S.ACCEPT)), supplier=supplier)
    reply = world.tell(act, actor)
    unknown = world.tell(replace(act, order="PO-NOBODY"), actor)

    assert [reason.code for reason in reply.refusals] == ["UNKNOWN_ORDER"]
    [mine], [none] = reply.refusals, unknown.refusals
    assert mine.message.replace(order, "PO-NOBODY") == none.message
    assert (mine.field, mine.fix) == (none.field, none.fix)


def test_a_buyer_of_another_site_does_not_answer_for_the_supplier() -> None:
    world = World()
    order = world.an_order()
    act = answer(order, on("1", says(S.ACCEPT)))

    assert world.refuses(act, replace(BUYER, sites=("WEST",))) == ["NOT_YOUR_SITE"]
    world.does(act, replace(BUYER, sites=("HUB",)))


def test_an_order_that_never_left_is_unknown_to_its_supplier() -> None:
    world = World()
    order = world.place()

    assert world.refuses(answer(order, on("1", says(S.ACCEPT))), ACME) == ["UNKNOWN_ORDER"]


def test_a_late_answer_to_goods_that_are_here_bothers_no_planner() -> None:
    world = World()
    order = world.an_order()
    here = RecordReceipt(
        receipt="R1",
        order=order,
        site="HUB",
        received=date(2026, 11, 2),
        lines=(ReceivedLine(line="1", quantity=q(108)),),
    )
    world.does(here, DOCK)

    late = NEEDED + timedelta(days=30)
    told(world, order, on("1", says(S.CHANGE_QTY, q(60), promised=late)))

    assert world.bus.happened(SupplyPromiseChanged) == ()
    assert world.total(order, Stage.ACKNOWLEDGED) == q(60)
    assert world.order(order).state is OrderState.RECEIVED
    assert world.order(order).is_answered


# ---- restated, repeated, in any order


def test_a_second_answer_restates_the_first() -> None:
    world = World()
    order = world.an_order()
    told(world, order, on("1", says(S.CHANGE_QTY, q(96))))

    told(world, order, on("1", says(S.ACCEPT, q(108))))

    assert world.total(order, Stage.ACKNOWLEDGED) == q(108)
    [first, second] = world.bus.happened(SupplyPromiseChanged)
    assert first.discrepancy is not None
    assert second.discrepancy is None
    assert second.lines[0].short == q(0)
    world.check()


def test_the_same_words_again_from_another_file_are_told_once_more_but_change_nothing() -> None:
    world = World()
    order = world.an_order()
    first = answer(order, on("1", says(S.CHANGE_QTY, q(96))))
    world.does(first, ACME)

    world.does(replace(first, source="interchange/IN-2", place="855/0007"), ACME)
    assert len(world.bus.documents(Acknowledgment)) == 1

    world.does(replace(first, sent_at=SENT + timedelta(hours=1)), ACME)
    assert len(world.bus.documents(Acknowledgment)) == 2
    assert len(world.bus.happened(SupplyPromiseChanged)) == 1
    assert len(world.bus.happened(OrderAnswered)) == 2
    assert world.total(order, Stage.ACKNOWLEDGED) == q(96)
    world.check()


def test_an_earlier_answer_that_comes_late_is_kept_and_does_not_count() -> None:
    world = World()
    order = world.an_order()
    late = answer(order, on("1", says(S.REJECT)), issued=DAY - timedelta(days=1))
    told(world, order, on("1", says(S.ACCEPT)))

    world.does(late, ACME)

    states = {each.state for each in world.bus.documents(Acknowledgment)}
    assert states == {AcknowledgmentState.ACCEPTED, AcknowledgmentState.SUPERSEDED}
    assert world.total(order, Stage.ACKNOWLEDGED) == q(108)
    assert others(world) == []


def test_the_first_promise_is_the_earliest_statement_though_it_comes_last() -> None:
    world = World()
    order = world.an_order()
    soon, later = NEEDED - timedelta(days=1), NEEDED + timedelta(days=1)
    told(world, order, on("1", says(S.ACCEPT, promised=later)))

    earlier = answer(order, on("1", says(S.ACCEPT, promised=soon)), issued=DAY - timedelta(days=1))
    world.does(earlier, ACME)

    line = world.order(order).lines[0]
    assert (line.first_promise, line.promise) == (soon, later)
    assert len(world.bus.happened(SupplyPromiseChanged)) == 1


def test_a_date_stands_when_a_later_answer_names_none() -> None:
    world = World()
    order = world.an_order()
    late = NEEDED + timedelta(days=9)
    told(world, order, on("1", says(S.ACCEPT)))

    earlier = answer(order, on("1", says(S.CHANGE_DATE, q(60), promised=late)), issued=None)
    world.does(earlier, ACME)

    assert world.order(order).lines[0].promise == late
    assert planner(world) is Code.DATE_CHANGE
    assert world.total(order, Stage.ACKNOWLEDGED) == q(108)


answered_lines = st.builds(
    lambda line, status, n, days: on(
        line,
        says(status, q(n), promised=None if days is None else NEEDED + timedelta(days=days)),
    ),
    st.sampled_from(["1", "2"]),
    st.sampled_from([S.ACCEPT, S.CHANGE_QTY, S.BACKORDER_FULL, S.REJECT, S.PENDING]),
    st.integers(0, 120),
    st.none() | st.integers(-9, 9),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(answered_lines, max_size=3), min_size=1, max_size=4).flatmap(
        lambda messages: st.tuples(
            st.just(messages), st.permutations(list(range(len(messages))) * 3)
        )
    )
)
def test_every_answer_three_times_in_any_order_ends_the_same(
    arrivals: tuple[list[list[AnsweredLine]], list[int]],
) -> None:
    messages, sequence = arrivals

    def play(order_of_arrival: Sequence[int]) -> tuple[object, ...]:
        world = World()
        order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
        for index in order_of_arrival:
            sent = SENT + timedelta(minutes=index)
            act = answer(order, *messages[index], number=f"A{index}", sent_at=sent)
            world.does(act, ACME)
        world.check()
        end = world.order(order)
        totals = tuple(world.total(order, Stage.ACKNOWLEDGED, line) for line in ("1", "2"))
        return (end.state, end.lines, end.acknowledged_revision, totals)

    assert play(sequence) == play(range(len(messages)))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 150), min_size=1, max_size=5))
def test_the_last_restatement_is_what_is_confirmed(totals: list[int]) -> None:
    world = World()
    order = world.an_order()

    for index, confirmed in enumerate(totals):
        act = answer(
            order, on("1", says(S.CHANGE_QTY, q(confirmed))), issued=DAY + timedelta(days=index)
        )
        world.does(act, ACME)

    assert world.total(order, Stage.ACKNOWLEDGED) == q(totals[-1])
    changes = world.bus.happened(SupplyPromiseChanged)
    assert len(changes) == sum(a != b for a, b in zip([108, *totals], totals, strict=False))
    world.check()
