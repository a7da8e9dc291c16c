"""Planned charges: both sides of each limit, several papers, several orders, third parties."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.invoicing.invoicing_world import (
    CLERK,
    Bench,
    Room,
    a_bill,
    a_line,
    an_order,
    an_order_line,
    bench,
    check_of,
    codes,
    open_codes,
    usd,
)

from manciple.invoicing.holds import HoldCode
from manciple.invoicing.invoice import (
    AssignInvoiceLine,
    Charge,
    Invoice,
    InvoiceIndex,
    RegisterInvoice,
)
from manciple.invoicing.planned import landed
from manciple.invoicing.result import CheckName, CheckOutcome
from manciple.kernel.records import replace as replaced
from manciple.ordering.change.order_change import ChangeOrder, LineChange
from manciple.ordering.line_ledger import Posting, Stage
from manciple.ordering.purchase_order import OrderState, PlaceOrder, PurchaseOrder
from manciple.ordering.purchase_order import RecordOrderInErp as Recorded
from manciple.requisitioning.planned import PlannedCharge, parse

POLICIES = Path(__file__).parents[2] / "policies"
SHIPPED = {
    name: (POLICIES / name).read_text("utf-8") for name in ("charges.yaml", "tolerances.yaml")
}
CARRIER = "rival"
"""The other supplier of the room, who carries goods here."""


def plan(code: str, amount: str, *, by: str = "acme", revision: int = 1) -> PlannedCharge:
    return PlannedCharge(
        code=code, amount=usd(amount), supplier="acme", billed_by=by, revision=revision
    )


def charge(code: str, amount: str) -> Charge:
    return Charge(code=code, description="", amount=usd(amount))


def planning(*charges: PlannedCharge, category: str = "fasteners") -> Bench:
    line = replaced(an_order_line("1", "100 EA"), category=category)
    order = replaced(an_order(line), planned=charges)
    return bench(order=order, more=SHIPPED).with_goods(Stage.RECEIVED, "100 EA")


def bill(amount: str, code: str = "freight", **more: Any) -> RegisterInvoice:
    return a_bill(a_line("10 EA"), charges=(charge(code, amount),), **more)


def matched(at: Bench, act: RegisterInvoice, name: str, *others: Invoice) -> Invoice:
    kept = at.kept(act, name=name)
    return replaced(kept, match=at.match(act, *others))


@pytest.mark.parametrize(
    ("planned", "category", "billed", "holds"),
    [
        ("100.00", "fasteners", "110.00", set()),  # 10 %
        ("100.00", "fasteners", "110.01", {"CHARGE"}),
        ("400.00", "fasteners", "425.00", set()),  # 25 dollars, stricter than 40
        ("400.00", "fasteners", "425.01", {"CHARGE"}),
        ("100.00", "chemicals", "120.00", set()),  # 20 %
        ("100.00", "chemicals", "120.01", {"CHARGE"}),
        ("900.00", "chemicals", "1000.00", set()),  # 100 dollars, stricter than 180
        ("900.00", "chemicals", "1000.01", {"CHARGE"}),
        ("100.00", "fasteners", "0.01", set()),  # less is no finding: the rest may still come
    ],
)
def test_a_planned_charge_passes_up_to_its_tolerance(
    planned: str, category: str, billed: str, holds: set[str]
) -> None:
    result = planning(plan("freight", planned), category=category).match(bill(billed))

    assert codes(result) == holds
    assert check_of(result, CheckName.FREIGHT).outcome is (
        CheckOutcome.HELD if holds else CheckOutcome.PASSED
    )


def test_what_was_planned_is_not_asked_of_the_table_for_charges_nobody_planned() -> None:
    """The table would hold freight above 50, and allocate it below."""
    result = planning(plan("freight", "100.00")).match(bill("100.00"))

    assert (result.is_clean, result.charges) == (True, ())
    assert CheckName.CHARGE not in {check.name for check in result.checks}


def test_another_charge_than_the_planned_one_is_unplanned() -> None:
    result = planning(plan("freight", "100.00")).match(bill("25.01", "handling"))

    assert codes(result) == {"CHARGE"}
    assert check_of(result, CheckName.CHARGE).arithmetic.startswith(
        "25.01 against 0 USD planned for handling"
    )


def test_the_tolerance_is_given_once_over_all_papers_and_not_for_each() -> None:
    at = planning(plan("freight", "100.00"))
    first = matched(at, bill("60.00", number="A"), "INV-1ST")

    inside = at.match(bill("50.00", number="B"), first)
    above = at.match(bill("50.01", number="B"), first)

    assert codes(inside) == set()
    assert codes(above) == {"CHARGE"}
    assert check_of(above, CheckName.FREIGHT).arithmetic == (
        "60 billed before + 50.01 = 110.01; of 100 planned 40 were left: 110.01 against 100 USD"
        " freight planned (100 on PO-1): +10.01, allowed 10 (upper 10 % or 25, stricter;"
        " tolerances 2026-01/r11): outside"
    )


def test_a_paper_that_comes_later_does_not_use_up_what_an_earlier_one_bills() -> None:
    at = planning(plan("freight", "100.00"))
    later = matched(at, bill("100.00", number="B"), "INV-B")

    assert codes(at.match(bill("100.00", number="A"), later)) == set()


def test_what_is_credited_is_free_again_and_no_more_is_credited_than_was_billed() -> None:
    at = planning(plan("freight", "100.00"))
    first = matched(at, bill("100.00", number="A"), "INV-1ST")
    back = matched(at, bill("40.00", number="C", credit=True), "CRN-C", first)

    assert codes(at.match(bill("50.00", number="B"), first, back)) == set()
    assert codes(at.match(bill("50.01", number="B"), first, back)) == {"CHARGE"}
    rest = at.match(bill("60.00", number="D", credit=True), first, back)
    over = at.match(bill("60.01", number="D", credit=True), first, back)
    outcomes = [check_of(each, CheckName.FREIGHT).outcome for each in (rest, over)]
    assert outcomes == [CheckOutcome.PASSED, CheckOutcome.HELD]
    assert "CREDIT_EXCESS" in codes(over)
    assert ([each.amount for each in rest.planned], over.planned) == ([usd("60.00")], ())


def test_a_charge_kept_back_on_a_credit_note_is_a_charge() -> None:
    at = planning(plan("fee", "10.00"))

    kept = check_of(at.match(bill("-11.00", "fee", credit=True)), CheckName.FREIGHT)
    more = check_of(at.match(bill("-11.01", "fee", credit=True)), CheckName.FREIGHT)

    assert (kept.outcome, more.outcome) == (CheckOutcome.PASSED, CheckOutcome.HELD)
    assert (kept.code, more.code) == (HoldCode.CHARGE, HoldCode.CHARGE)


def test_a_cancelled_order_plans_nothing_any_more() -> None:
    at = planning(plan("handling", "100.00"))
    cancelled = replace(at, order=replaced(at.order, state=OrderState.CANCELLED))

    assert codes(cancelled.match(bill("25.01", "handling"))) == {"CHARGE"}
    assert cancelled.order.committed == cancelled.order.total


def test_plans_of_one_code_add_up_and_landed_says_what_was_billed_of_them() -> None:
    at = planning(plan("fee", "10.00"), plan("fee", "5.00", revision=2), plan("duty", "7.00"))
    paper = matched(at, bill("15.00", "fee"), "INV-1ST")

    (fee, duty) = landed(at.order, (paper,))

    assert paper.match is not None
    assert paper.match.is_clean
    assert (fee.planned, fee.billed, fee.waiting) == (usd("15.00"), usd("15.00"), usd("15.00"))
    assert (duty.planned, duty.billed, duty.waiting) == (usd("7.00"), usd("0"), usd("0"))


# ---- the room -----------------------------------------------------------------------------------


def with_plan(room: Room, number: str, *charges: PlannedCharge, stated: str = "100 EA") -> str:
    act = PlaceOrder(
        requisition=number,
        thread=f"requisition/{number}",
        supplier="acme",
        site="chicago",
        currency=usd("0").currency,
        lines=(an_order_line("1", stated),),
        planned=charges,
    )
    made = room.ask(act).subject
    assert made is not None
    room.ask(Recorded(order=made.id, erp_number=f"45-{number}"))
    return made.id


def taken(room: Room, act: RegisterInvoice) -> Invoice:
    reply = room.ask(act)
    assert reply.subject is not None
    return room.bus.get(Invoice, reply.subject.id)


def a_room() -> Room:
    return Room(more=SHIPPED)


def freight_bill(
    number: str, order: str | None, amount: str, *, lines: Sequence[Any] = (), **more: Any
) -> RegisterInvoice:
    """A carrier's paper: a line for what it did."""
    billed = lines or (a_line("1 EA", at=amount, line=None, order=order),)
    return a_bill(*billed, number=number, order=order, supplier=CARRIER, **more)


@pytest.mark.parametrize(("amount", "holds"), [("220.00", []), ("220.01", ["CHARGE:"])])
def test_a_carriers_bill_is_held_against_the_freight_that_the_order_plans(
    amount: str, holds: list[str]
) -> None:
    room = a_room()
    order = with_plan(room, "REQ-2", plan("freight", "200.00", by=CARRIER))

    invoice = taken(room, freight_bill("C-1", order, amount))

    assert open_codes(invoice) == holds
    assert (invoice.orders, invoice.kind) == ((order,), None)
    assert {row.stage for row in room.bus.records(Posting, order)} == {Stage.ORDERED}


def test_a_supplier_whose_freight_a_carrier_bills_may_not_bill_it_too() -> None:
    room = a_room()
    order = with_plan(room, "REQ-2", plan("freight", "200.00", by=CARRIER))

    bought = taken(
        room,
        a_bill(a_line("1 EA"), number="A", order=order, charges=(charge("freight", "50.01"),)),
    )

    (hold,) = [each for each in bought.open_holds if each.name == "CHARGE:"]
    assert hold.text.startswith(
        "50.01 against 0 USD planned for freight (somebody else is to bill it): +50.01"
    )


def test_a_stranger_has_no_such_order() -> None:
    room = a_room()
    order = with_plan(room, "REQ-2", plan("freight", "200.00"))

    assert open_codes(taken(room, freight_bill("C-1", order, "10.00"))) == ["NO_PO:1"]


def test_a_paper_of_charges_alone_is_held_against_the_plan_too() -> None:
    room = a_room()
    order = with_plan(room, "REQ-2", plan("freight", "200.00", by=CARRIER))

    def bare(number: str, amount: str) -> Invoice:
        return taken(
            room,
            a_bill(
                number=number, order=order, supplier=CARRIER, charges=(charge("freight", amount),)
            ),
        )

    assert open_codes(bare("C-1", "220.00")) == []
    assert open_codes(bare("C-2", "0.01")) == ["CHARGE:"]


def test_a_line_that_could_bill_two_plans_waits_until_it_is_said_which() -> None:
    room = a_room()
    order = with_plan(
        room, "REQ-2", plan("duty", "30.00", by=CARRIER), plan("fee", "9.00", by=CARRIER)
    )
    named = a_line("1 EA", at="30.00", line="duty", order=order)

    unsaid = taken(room, freight_bill("C-1", order, "9.00"))
    said = taken(room, freight_bill("C-2", order, "30.00", lines=(named,)))

    assert (open_codes(unsaid), open_codes(said)) == (["NO_PO:1"], [])
    assert (
        unsaid.holds[0].text == f"it does not say which it bills: duty of {order}, fee of {order}"
    )
    act = AssignInvoiceLine(
        invoice=unsaid.id, line="1", order=order, order_line="freight", note="Broker's fee."
    )
    refused = room.try_(act, by=CLERK)
    assert [each.code for each in refused.refusals] == ["UNKNOWN_ORDER"]
    room.ask(replaced(act, order_line="fee"), by=CLERK)
    assert open_codes(room.now(unsaid)) == []


@pytest.mark.parametrize(("amount", "holds"), [("330.00", []), ("330.01", ["CHARGE:"])])
def test_one_bill_for_two_orders_uses_both_plans_by_their_size(
    amount: str, holds: list[str]
) -> None:
    """300 planned in all, of which 10 % may be over."""
    room = Room("freight: percent_upper 10, mode percent-only", more={})
    one = with_plan(room, "REQ-2", plan("freight", "100.00"))
    two = with_plan(room, "REQ-3", plan("freight", "200.00"))
    lines = (
        a_line("1 EA", number="1", line="1", order=one),
        a_line("1 EA", number="2", line="1", order=two),
    )

    invoice = taken(
        room, a_bill(*lines, number="A", order=None, charges=(charge("freight", amount),))
    )

    assert [each for each in open_codes(invoice) if each.startswith("CHARGE")] == holds
    assert invoice.match is not None
    assert [(each.order, each.amount) for each in invoice.match.planned] == (
        [(one, usd("110.00")), (two, usd("220.00" if not holds else "220.01"))]
    )
    (left,) = landed(room.bus.get(PurchaseOrder, one), (invoice,))
    assert (left.planned, left.billed) == (usd("100.00"), usd("110.00"))
    assert left.waiting == usd("110.00"), "its goods have not come"


def test_two_bills_end_alike_whichever_comes_first() -> None:
    def ends(*numbers: str) -> dict[str, list[str]]:
        room = a_room()
        order = with_plan(room, "REQ-2", plan("freight", "100.00", by=CARRIER))
        for number in numbers:
            taken(room, freight_bill(number, order, "150.00" if number == "A" else "100.00"))
        return {
            each.number: open_codes(each)
            for each in (room.bus.get(Invoice, name) for name in _papers(room, order))
        }

    assert ends("A", "B") == {"A": ["CHARGE:"], "B": ["CHARGE:"]}
    assert ends("B", "A") == {"A": ["CHARGE:"], "B": []}, "what is payable keeps its place"


def _papers(room: Room, order: str) -> tuple[str, ...]:
    return room.bus.get(InvoiceIndex, order).invoices


def test_what_a_change_costs_is_planned_from_then_on() -> None:
    room = a_room()
    order = with_plan(room, "REQ-2", plan("freight", "100.00"))
    change = ChangeOrder(
        order=order,
        reason="Less is needed.",
        lines=(LineChange(line="1", quantity=an_order_line("1", "90 EA").stated),),
        added_cost=usd("20.00"),
        added_cost_code="handling",
    )

    room.ask(change)

    bought = room.bus.get(PurchaseOrder, order)
    assert [(each.code, each.amount, each.revision) for each in bought.planned] == [
        ("freight", usd("100.00"), 1),
        ("handling", usd("20.00"), 2),
    ]
    assert bought.committed == usd("1020.00")
    assert bought.baseline == usd("1100.00")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("freight 120.00 USD", ("freight", "120.00", None, None)),
        ("Duty 5 USD by DHL Express", ("duty", "5", None, "DHL Express")),
        ("fee 5 USD on ACME by SWIFT", ("fee", "5", "ACME", "SWIFT")),
        ("freight 120.00", None),
        ("freight -1.00 USD", None),
        ("freight 1.00 XXX", None),
    ],
)
def test_a_charge_in_one_line_of_text(
    text: str, found: tuple[str, str, str | None, str | None] | None
) -> None:
    charge_ = parse(text)

    assert found == (
        None
        if charge_ is None
        else (
            charge_.code,
            f"{charge_.amount.amount:f}",
            charge_.supplier,
            charge_.billed_by,
        )
    )
