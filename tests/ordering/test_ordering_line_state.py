"""A line's state, step by step (P-01): each transition, and both sides of part and full."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.ordering.line_ledger import LineLedger, Posting, Stage
from manciple.ordering.line_state import LineStep, line_state
from manciple.ordering.purchase_order import Answer, AnswerState, OrderState, PurchaseOrder
from tests.invoicing.invoicing_world import an_order, quantity

ORDER = replace(an_order(), state=OrderState.ACKNOWLEDGED, sent_revision=1)


def ledger(**totals: int) -> LineLedger:
    rows = [
        Posting(
            stage=Stage(stage),
            line="1",
            quantity=Quantity(Decimal(n), Unit.EACH),
            stated=Quantity(Decimal(n), Unit.EACH),
            source=f"test/{stage}",
            effective=date(2026, 3, 2),
        )
        for stage, n in ({"ordered": 100} | totals).items()
    ]
    return LineLedger(line="1", unit=Unit.EACH, postings=tuple(rows))


def state(order: PurchaseOrder = ORDER, **totals: int) -> str:
    (line,) = order.lines
    return str(line_state(order, line, ledger(**totals)))


def answered(of: AnswerState) -> PurchaseOrder:
    (line,) = ORDER.lines
    answer = Answer(
        acknowledgment="ACK-1", revision=1, stated_at=(), state=of, confirmed=quantity("90 EA")
    )
    return replace(ORDER, lines=(replace(line, answer=answer),))


@pytest.mark.parametrize(
    ("order_state", "sent", "told"),
    [
        (OrderState.PLACED, 0, "approved"),
        (OrderState.REFUSED, 0, "approved"),
        (OrderState.RECORDED, 0, "released"),
        (OrderState.SENT, 1, "sent"),
    ],
)
def test_before_the_supplier_speaks(order_state: OrderState, sent: int, told: str) -> None:
    assert state(replace(ORDER, state=order_state, sent_revision=sent)) == told


def test_a_line_that_a_new_revision_touched_is_released_until_that_is_sent() -> None:
    (line,) = ORDER.lines
    touched = replace(ORDER, revision=2, lines=(replace(line, revision=2),))

    assert state(touched) == "released"
    assert state(replace(touched, sent_revision=2)) == "sent"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (AnswerState.FULL, "acknowledged"),
        (AnswerState.PARTIAL, "acknowledged in part"),
        (AnswerState.CHANGED, "acknowledged with changes"),
        (AnswerState.REJECTED, "acknowledged and rejected"),
    ],
)
def test_what_the_supplier_answered(answer: AnswerState, told: str) -> None:
    assert state(answered(answer)) == told


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        ({"shipped": 1}, "shipped in part"),
        ({"shipped": 99}, "shipped in part"),
        ({"shipped": 100}, "shipped"),
        ({"shipped": 90, "cancelled": 10}, "shipped"),
        ({"received": 1}, "received in part"),
        ({"shipped": 100, "received": 99}, "received in part"),
        ({"received": 100}, "received"),
        ({"received": 94, "short_closed": 6}, "received"),
        ({"received": 105}, "received"),
        ({"received": 100, "returned": 5, "to_be_replaced": 5}, "received in part"),
        ({"invoiced": 1}, "invoiced in part"),
        ({"received": 100, "invoiced": 99}, "invoiced in part"),
        ({"received": 100, "invoiced": 100}, "invoiced"),
        ({"received": 100, "invoiced": 100, "credited": 100}, "received"),
        ({"received": 100, "returned": 5, "invoiced": 95}, "invoiced"),
        ({"received": 94, "short_closed": 6, "invoiced": 94}, "invoiced"),
        ({"cancelled": 100}, "cancelled"),
        ({"cancelled": 99}, "acknowledged in part"),
        ({"received": 1, "cancelled": 100}, "received"),
    ],
)
def test_the_furthest_step_that_the_ledger_tells(totals: dict[str, int], told: str) -> None:
    assert state(answered(AnswerState.PARTIAL), **totals) == told


def test_a_closed_order_closes_its_lines_and_a_cancelled_one_cancels_what_never_came() -> None:
    closed, given_up = (
        replace(ORDER, state=each) for each in (OrderState.CLOSED, OrderState.CANCELLED)
    )

    assert state(closed, received=100, invoiced=100) == "closed"
    assert state(closed, cancelled=100) == "cancelled"
    assert state(given_up) == "cancelled"


def test_the_order_of_arrival_does_not_matter() -> None:
    whole = ledger(shipped=100, received=60, invoiced=60)
    turned = replace(whole, postings=whole.postings[::-1])
    (line,) = ORDER.lines

    assert line_state(ORDER, line, whole) == line_state(ORDER, line, turned)
    assert line_state(ORDER, line, whole).step is LineStep.INVOICED
