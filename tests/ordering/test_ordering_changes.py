"""Changes of orders: revisions, what they post, who must agree, and what they never do."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.kernel.errors import Refused
from manciple.kernel.money import Currency
from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.ordering.change.order_change import (
    ApplyOrderChange,
    ChangeOrder,
    ChangeState,
    CommitmentLowered,
    LineChange,
    OrderChange,
    OrderChangeEnded,
    OrderChangeProposed,
    RejectOrderChange,
    WithdrawOrderChange,
)
from manciple.ordering.change.revising import Cause, Edit, least, revise
from manciple.ordering.line_ledger import LineLedger, Posting, Stage, invariants
from manciple.ordering.purchase_order import (
    CancelRemainder,
    OrderChanged,
    OrderState,
    RecordOrderSent,
)
from tests.ordering.order_world import (
    ACME,
    BUYER,
    NEEDED,
    NOW,
    PLANNER,
    World,
    a_line,
    cases,
    q,
    usd,
)
from tests.ordering.test_ordering_life import confirm, receive, ship


def change(order: str, *lines: LineChange, cancel: bool = False) -> ChangeOrder:
    why = "the shop changed its mind"
    return ChangeOrder(order=order, reason=why, lines=lines, cancel=cancel)


def quantity(line: str, wanted: Quantity) -> LineChange:
    return LineChange(line=line, quantity=wanted)


def asked(world: World, act: ChangeOrder) -> OrderChange:
    return world.bus.get(OrderChange, world.does(act, BUYER))


# ---- what a revision is -----------------------------------------------------------------------


def test_less_is_cancelled_and_more_is_ordered_and_nothing_is_rewritten() -> None:
    world = World()
    order = world.an_order()

    world.does(change(order, quantity("1", cases(8))), BUYER)
    less = world.order(order)
    waiting = asked(world, change(order, quantity("1", q(120))))
    world.does(ApplyOrderChange(change=waiting.id, approval="APR-1"))
    more = world.order(order)

    assert (less.revision, less.total, less.lines[0].terms.wanted) == (2, usd("240.00"), q(96))
    assert (more.revision, more.total, more.lines[0].terms.stated) == (3, usd("300.00"), cases(10))
    assert world.total(order, Stage.ORDERED) == q(132)
    assert world.total(order, Stage.CANCELLED) == q(12)
    assert world.ledger(order).wanted == world.ledger(order).open_to_receive == q(120)
    assert more.lines[0].base == q(132)
    assert [each.number for each in more.revisions] == [2, 3]
    world.check()


def test_price_and_day_change_without_a_posting() -> None:
    world = World()
    order = world.an_order()
    dearer = Price(usd("30.50"), cases(1))
    later = NEEDED + timedelta(days=3)

    world.does(change(order, LineChange(line="1", price=dearer, needed_by=later)), BUYER)

    line = world.order(order).lines[0]
    assert (line.price, line.needed_by, line.revision) == (dearer, later, 2)
    assert world.order(order).total == usd("274.50")
    assert [each.stage for each in world.ledger(order).postings] == [Stage.ORDERED]
    [changed] = world.bus.happened(OrderChanged)
    [touched] = changed.lines
    assert touched.before is not None
    assert (touched.before.price.money, touched.after.price.money) == (usd("30.00"), usd("30.50"))


def test_only_touched_lines_wait_for_an_answer_again() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))
    confirm(world, order, q(108), line="1")
    confirm(world, order, q(108), line="2")

    world.does(change(order, quantity("1", cases(8))), BUYER)

    one, two = world.order(order).lines
    assert (one.answer, one.revision) == (None, 2)
    assert two.answer is not None
    assert two.revision == 1
    assert not world.order(order).is_answered


def test_a_line_and_a_whole_order_can_be_cancelled() -> None:
    world = World()
    order = world.an_order(a_line("1"), a_line("2", item="NUT-8"))

    world.does(change(order, LineChange(line="2", cancel=True)), BUYER)
    half = world.order(order)
    world.does(change(order, cancel=True), PLANNER)

    assert (half.state, half.total) == (OrderState.SENT, usd("270.00"))
    assert half.lines[1].is_given_up
    assert world.order(order).state is OrderState.CANCELLED
    assert world.order(order).total == usd("0.00")
    world.check()


def test_no_change_asks_for_less_than_was_shipped_or_received() -> None:
    world = World()
    order = world.an_order()
    confirm(world, order, q(108))
    ship(world, order, q(60))
    receive(world, order, q(48))

    below = change(order, quantity("1", cases(4)))
    assert world.refuses(below, BUYER) == ["BELOW_DELIVERED"]
    world.does(change(order, quantity("1", cases(5))), BUYER)

    assert world.ledger(order).wanted == q(60)
    assert world.ledger(order).open_to_receive == q(12)
    world.check()


def test_cancelling_a_line_leaves_what_is_on_its_way() -> None:
    world = World()
    order = world.an_order()
    ship(world, order, q(60))

    world.does(change(order, cancel=True), BUYER)

    assert world.ledger(order).wanted == q(60)
    assert world.order(order).state is OrderState.SHIPPED


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (quantity("1", q(100)), "BROKEN_PACK"),
        (quantity("1", q(-12)), "BAD_QUANTITY"),
        (quantity("7", q(12)), "UNKNOWN_LINE"),
        (quantity("1", cases(9)), "NO_CHANGE"),
        (LineChange(line="1"), "NO_CHANGE"),
        (LineChange(line="1", cancel=True, quantity=cases(3)), "CANCEL_ALONE"),
        (LineChange(line="1", needed_by=NOW.date() - timedelta(days=1)), "BAD_DATE"),
        (LineChange(line="1", needed_by=NOW.date() + timedelta(days=1096)), "TOO_FAR_AHEAD"),
        (LineChange(line="1", needed_by=date.max), "TOO_FAR_AHEAD"),
        (LineChange(line="1", price=Price(usd("-1"), cases(1))), "BAD_PRICE"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(line: LineChange, code: str) -> None:
    world = World()
    order = world.an_order()

    assert world.refuses(change(order, line), BUYER) == [code]


def test_who_may_change_an_order_and_when() -> None:
    world = World()
    placed, sent = world.place(), world.an_order()

    act = change(sent, quantity("1", cases(8)))
    assert world.refuses(act, ACME) == ["FORBIDDEN"]
    assert world.refuses(act, replace(BUYER, sites=("WEST",))) == ["NOT_YOUR_SITE"]
    assert world.refuses(change(placed, quantity("1", cases(8))), BUYER) == ["WRONG_STATE"]
    assert world.refuses(change("PO-NONE", cancel=True), BUYER) == ["UNKNOWN_ORDER"]
    assert world.refuses(change(sent), BUYER) == ["NO_CHANGE"]
    assert world.refuses(replace(act, reason=" "), BUYER) == ["REASON"]
    twice = change(sent, quantity("1", cases(8)), quantity("1", cases(7)))
    assert world.refuses(twice, BUYER) == ["LINE_TWICE"]


# ---- who must agree (A-11) --------------------------------------------------------------------


def at(amount: str) -> Price:
    return Price(usd(amount), q(1))


def test_the_vector_of_the_rule_through_the_order() -> None:
    """First approved 10 000; 5 % a change, 8 % in all: +400 passes, then +420 does not."""
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))

    first = asked(world, change(order, LineChange(line="1", price=at("104"))))
    second = asked(world, change(order, LineChange(line="1", price=at("108.2"))))

    assert first.state is ChangeState.APPLIED
    assert second.state is ChangeState.PROPOSED
    assert (second.committed_before, second.committed_after) == (usd("10400"), usd("10820"))
    [proposed] = world.bus.happened(OrderChangeProposed)
    assert any("8.2" in c or "820" in c for c in proposed.causes)
    standing = world.order(order)
    assert (standing.revision, standing.total) == (2, usd("10400"))
    assert standing.pending_change == second.id

    world.does(ApplyOrderChange(change=second.id, approval="APR-1"))

    after = world.order(order)
    assert (after.revision, after.total, after.baseline) == (3, usd("10820"), usd("10820"))
    assert (after.baseline_revision, after.pending_change) == (3, None)
    third = asked(world, change(order, LineChange(line="1", price=at("113.6"))))
    assert third.state is ChangeState.APPLIED, "4.99 % of the new baseline"


def test_exactly_eight_percent_in_all_passes() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))
    asked(world, change(order, LineChange(line="1", price=at("104"))))

    assert asked(world, change(order, LineChange(line="1", price=at("108")))).state is (
        ChangeState.APPLIED
    )


def test_a_decrease_is_told_and_lowers_the_last_but_never_the_baseline() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))

    asked(world, change(order, LineChange(line="1", price=at("90"))))
    [lowered] = world.bus.happened(CommitmentLowered)
    assert (lowered.before, lowered.after) == (usd("10000"), usd("9000"))
    assert world.order(order).baseline == usd("10000")

    above = asked(world, change(order, LineChange(line="1", price=at("94.51"))))
    assert above.state is ChangeState.PROPOSED, "5.01 % of 9 000"
    inside = asked(world, change(order, LineChange(line="1", price=at("94.5"))))
    assert inside.state is ChangeState.APPLIED, "5 % of 9 000, and below the baseline"


def test_a_pending_change_is_void_once_the_order_changes_otherwise() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))
    waiting = asked(world, change(order, LineChange(line="1", price=at("120"))))

    world.does(change(order, quantity("1", q(90))), BUYER)

    assert world.bus.get(OrderChange, waiting.id).state is ChangeState.VOID
    assert world.order(order).pending_change is None
    world.does(ApplyOrderChange(change=waiting.id, approval="APR-1"))
    assert world.order(order).lines[0].price == at("100")
    [ended] = world.bus.happened(OrderChangeEnded)
    assert "outdated" in ended.why


def test_a_second_proposal_takes_the_place_of_the_first() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))
    first = asked(world, change(order, LineChange(line="1", price=at("120"))))
    second = asked(world, change(order, LineChange(line="1", price=at("130"))))

    assert world.bus.get(OrderChange, first.id).state is ChangeState.VOID
    assert world.order(order).pending_change == second.id


def test_giving_up_the_remainder_voids_a_pending_change_too() -> None:
    world = World()
    order = world.an_order()
    confirm(world, order, q(96))
    waiting = asked(world, change(order, LineChange(line="1", price=Price(usd("99"), cases(1)))))
    assert waiting.state is ChangeState.PROPOSED

    world.does(CancelRemainder(order=order, reason="bought elsewhere"), PLANNER)

    assert world.bus.get(OrderChange, waiting.id).state is ChangeState.VOID


def test_a_change_that_can_not_be_made_any_more_ends_void_when_people_agree() -> None:
    world = World()
    order = world.an_order(a_line("1", q(100), price=at("100")), a_line("2", q(10), price=at("1")))
    act = change(order, LineChange(line="1", price=at("120")), quantity("2", q(2)))
    waiting = asked(world, act)
    ship(world, order, q(8), line="2")

    world.does(ApplyOrderChange(change=waiting.id, approval="APR-1"))

    ended = world.bus.get(OrderChange, waiting.id)
    assert ended.state is ChangeState.VOID
    assert "8 EA" in ended.why
    assert world.order(order).revision == 1


def test_whoever_asked_may_take_a_change_back_until_it_is_decided() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))
    waiting = asked(world, change(order, LineChange(line="1", price=at("120"))))
    act = WithdrawOrderChange(change=waiting.id)

    assert world.refuses(act, PLANNER) == ["NOT_YOUR_CHANGE"]
    world.does(act, BUYER)

    assert world.bus.get(OrderChange, waiting.id).state is ChangeState.WITHDRAWN
    assert world.order(order).pending_change is None
    assert world.refuses(act, BUYER) == ["ALREADY_DECIDED"]
    done = asked(world, change(order, LineChange(line="1", price=at("101"))))
    assert world.refuses(WithdrawOrderChange(change=done.id), BUYER) == ["ALREADY_DECIDED"]


def test_a_rejected_change_leaves_the_order_as_it_is() -> None:
    world = World()
    order = world.an_order(a_line(stated=q(100), price=at("100")))
    waiting = asked(world, change(order, LineChange(line="1", price=at("120"))))

    world.does(RejectOrderChange(change=waiting.id, reason="over_budget"))

    assert world.bus.get(OrderChange, waiting.id).state is ChangeState.REJECTED
    assert (world.order(order).revision, world.order(order).pending_change) == (1, None)


# ---- sending, and the law of quantities -------------------------------------------------------


def test_a_revision_is_delivered_when_it_left() -> None:
    world = World()
    order = world.an_order()
    world.does(change(order, quantity("1", cases(8))), BUYER)
    assert world.order(order).revisions[0].delivered_at is None
    world.now = NOW + timedelta(hours=2)

    world.does(RecordOrderSent(order=order, revision=2, interchange="OUT-2"))

    assert world.order(order).revisions[0].delivered_at == world.now
    assert world.order(order).sent_revision == 2


steps = st.lists(
    st.tuples(
        st.sampled_from(["want", "ship", "receive", "return", "close"]), st.integers(0, 130)
    ),
    max_size=14,
)


@settings(max_examples=150, deadline=None)
@given(steps)
def test_the_law_of_quantities_holds_whatever_happens(steps: list[tuple[str, int]]) -> None:
    """Ordered + over + to be replaced = open + received + short-closed + cancelled; none < 0."""
    world = World()
    order = world.order(world.an_order(a_line(stated=q(100), price=at("1"))))
    ledger = LineLedger(line="1", unit=q(1).unit).post(posted(Stage.ORDERED, 100, 0))
    for number, (what, size) in enumerate(steps, 1):
        if what == "want":
            terms = replace(order.lines[0].terms, wanted=q(size), stated=q(size))
            cause = Cause(by="bo", reason="test", at=NOW)
            edits, books = [Edit(line="1", terms=terms)], {"1": ledger}
            if q(size) < least(ledger) or order.state is not OrderState.SENT:
                with pytest.raises(Refused, match=r"BELOW_DELIVERED|WRONG_STATE"):
                    revise(order, edits, ledgers=books, cause=cause)
                continue
            made = revise(order, edits, ledgers=books, cause=cause)
            order = made.order
            for posting in made.postings:
                ledger = ledger.post(posting)
            assert ledger.wanted == q(size)
        else:
            for posting in moved(what, size, ledger, number):
                ledger = ledger.post(posting)
        assert invariants(ledger) == ()
        assert ledger.open_to_receive.value >= 0
        assert ledger.over.value >= 0


def moved(what: str, size: int, ledger: LineLedger, number: int) -> list[Posting]:
    """Post what other rooms would: shipments, receipts, returns for replacement, short closing."""
    if what == "ship":
        return [posted(Stage.SHIPPED, size, number)]
    if what == "receive":
        return [posted(Stage.RECEIVED, size, number)]
    if what == "return":
        kept = ledger.total(Stage.RECEIVED) - ledger.total(Stage.RETURNED)
        back = min(Decimal(size), kept.value)
        return [posted(Stage.RETURNED, back, number), posted(Stage.TO_BE_REPLACED, back, number)]
    left = ledger.open_to_receive.value
    return [posted(Stage.SHORT_CLOSED, min(Decimal(size), left), number)]


def posted(stage: Stage, size: int | Decimal, number: int) -> Posting:
    return Posting(
        stage=stage, line="1", quantity=q(size), stated=q(size), source=f"test/{number}",
        effective=date(2026, 11, 2),
    )  # fmt: skip


def test_currency_of_a_change_is_the_orders() -> None:
    world = World()
    order = world.an_order()
    euro = Price(replace(usd("30"), currency=Currency.EUR), cases(1))

    assert world.refuses(change(order, LineChange(line="1", price=euro)), BUYER) == ["BAD_PRICE"]
