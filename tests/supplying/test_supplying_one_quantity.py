"""One quantity through the house: 9 cases ordered, 8 confirmed and shipped, 94 each counted.

ordered 108 -> acknowledged 96 -> shipped 96 -> received 94        (EA)
"""

from collections.abc import Iterable
from datetime import date

from manciple.cases.case import Case, OpenCase, ResolveCase
from manciple.cases.discrepancy import Code
from manciple.kernel.messages import Role
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import CancelRemainder, OrderState
from manciple.receiving.receipt import ReceiptDiscrepancyFound, ReceivedLine, RecordReceipt
from manciple.runtime.bus import Reacts
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Effect
from manciple.runtime.work import Work
from manciple.supplying.acknowledgment import (
    AnsweredLine,
    AnswerStatus,
    Header,
    LineAnswer,
    RecordAcknowledgment,
    SupplyPromiseChanged,
)
from manciple.supplying.ship_notice import RecordShipNotice, ShippedLine
from tests.ordering.order_world import ACME, DOCK, NEEDED, PLANNER, World, cases, q


def fan_out(work: Work, event: SupplyPromiseChanged) -> Iterable[object]:
    """What a process does with a changed promise: a task, a dock and a forecast."""
    subject = Ref("purchase-order", event.order)
    for endpoint, verb in (("wms", "wms.reschedule"), ("finance", "finance.forecast")):
        key = f"{event.acknowledgment}:{verb}"
        effect = Effect(
            key=key, endpoint=endpoint, verb=verb, subject=subject, payload=event.lines
        )
        work.effect(effect)
    if event.discrepancy is None:
        return ()
    opening = OpenCase(
        code=event.discrepancy.code,
        subject=subject,
        thread=event.thread,
        title=event.discrepancy.text,
        discrepancy=event.discrepancy,
        site=event.site,
        supplier=event.supplier,
        lane=event.lane,
    )
    return (opening,)


def an_answer(order: str) -> RecordAcknowledgment:
    short = LineAnswer(status=AnswerStatus.CHANGE_QTY, quantity=cases(8), promised=NEEDED)
    return RecordAcknowledgment(
        order=order,
        supplier="ACME",
        number="4711",
        revision=None,
        header=Header.DETAIL,
        lines=(AnsweredLine(line="1", answers=(short,)),),
        issued=date(2026, 11, 3),
        source="interchange/IN-1",
        place="855/0001",
    )


def test_one_quantity_goes_through_the_house() -> None:
    world = World(reacts=(Reacts(event=SupplyPromiseChanged, react=fan_out),))
    order = world.an_order()
    assert world.ledger(order).postings[0].stated == cases(9)

    world.does(an_answer(order), ACME, cause="855-4711")

    [case] = world.bus.documents(Case)
    assert case.code is Code.SHORTAGE
    assert (case.discrepancy.expected, case.discrepancy.actual) == ("108 EA", "96 EA")
    assert case.owner_role is Role.PLANNER
    effects = world.bus.effects()
    assert sorted(each.verb for each in effects) == ["finance.forecast", "wms.reschedule"]
    assert {each.correlation for each in effects} == {"855-4711"}
    assert case.correlation == "855-4711"

    world.does(ResolveCase(case=case.id, resolution="cancel_remainder"), PLANNER)
    world.does(CancelRemainder(order=order, lines=("1",), reason="short"), PLANNER)
    notice = RecordShipNotice(
        order=order,
        supplier="ACME",
        shipment="S1",
        shipped=date(2026, 11, 10),
        expected=NEEDED,
        carrier="UPSN",
        lines=tuple(
            ShippedLine(line="1", quantity=cases(1), packages=(f"P{n}",)) for n in range(8)
        ),
        source="interchange/IN-2",
        place="856/0001",
    )
    world.does(notice, ACME)
    world.does(
        RecordReceipt(
            receipt="R1",
            order=order,
            site="HUB",
            received=date(2026, 11, 2),
            lines=(ReceivedLine(line="1", quantity=q(94)),),
            shipment="S1",
        ),
        DOCK,
    )

    totals = [
        world.total(order, stage)
        for stage in (Stage.ORDERED, Stage.CANCELLED, Stage.ACKNOWLEDGED, Stage.SHIPPED)
    ]
    assert totals == [q(108), q(12), q(96), q(96)]
    assert world.total(order, Stage.RECEIVED) == q(94)
    assert world.ledger(order).open_to_receive == q(2)
    assert world.order(order).state is OrderState.SHIPPED
    [short] = world.bus.happened(ReceiptDiscrepancyFound)
    assert short.discrepancy.code is Code.SHORT_RECEIPT
    assert short.discrepancy.variance == "-2 EA"
    world.check()


def test_the_answer_three_times_makes_one_task_one_dock_change_and_one_forecast() -> None:
    world = World(reacts=(Reacts(event=SupplyPromiseChanged, react=fan_out),))
    order = world.an_order()

    for _ in range(3):
        world.does(an_answer(order), ACME)

    assert len(world.bus.tasks("case")) == 1
    assert len(world.bus.effects()) == 2
    assert len(world.bus.happened(SupplyPromiseChanged)) == 1
