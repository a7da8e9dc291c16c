"""What is rejected, posted, paid and never taken in."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tests.invoicing.invoicing_world import (
    CLERK,
    EACH,
    EUR,
    VENDOR,
    Room,
    a_bill,
    a_line,
    an_order_line,
    open_codes,
    usd,
)

from manciple.invoicing.explanation import explain_invoice
from manciple.invoicing.holds import HoldCode, ReleaseHold
from manciple.invoicing.invoice import (
    Charge,
    Invoice,
    InvoicePayable,
    InvoiceRegistered,
    InvoiceState,
    MatchInvoice,
    RecordInvoiceInErp,
    RecordPayable,
    RejectInvoice,
)
from manciple.invoicing.settlement import settlement
from manciple.kernel.messages import Actor
from manciple.kernel.money import Money
from manciple.ordering.line_ledger import Stage, invariants

HELD, PAYABLE = InvoiceState.HELD, InvoiceState.PAYABLE


def payables(room: Room) -> list[str]:
    return [event.invoice for event in room.bus.happened(InvoicePayable)]


def release(room: Room, invoice: Invoice, code: HoldCode, *, by: Actor, line: str | None) -> None:
    room.ask(ReleaseHold(invoice=invoice.id, code=code, line=line, reason="looked at"), by=by)


def test_a_rejected_invoice_leaves_the_ledger_as_it_was_and_frees_the_goods() -> None:
    room = Room()
    room.receive("100 EA")
    wrong = room.bill(a_line("100 EA", at="12.00"), number="A", dated=date(2026, 3, 1))
    waits = room.bill(a_line("100 EA"), number="B", dated=date(2026, 3, 2))
    assert open_codes(waits) == ["QTY_ORDERED:1", "QTY_RECEIVED:1"]

    room.ask(RejectInvoice(invoice=wrong.id, reason="wrong price"), by=CLERK)

    assert room.now(waits).state is PAYABLE
    ledger = room.ledger()
    assert ledger.total(Stage.INVOICED).value == 100
    assert invariants(ledger) == ()


def test_a_rejected_invoice_leaves_no_room_for_others_to_bill_too_much() -> None:
    room = Room()
    room.receive("100 EA")
    late = room.bill(a_line("50 EA", at="12.00"), number="Z", dated=date(2026, 3, 30))
    room.ask(RejectInvoice(invoice=late.id, reason="wrong price"), by=CLERK)

    too_much = room.bill(a_line("101 EA"), number="A", dated=date(2026, 3, 1))

    assert open_codes(too_much) == ["QTY_ORDERED:1", "QTY_RECEIVED:1"]


def test_what_is_payable_cannot_be_rejected_released_or_matched_away() -> None:
    room = Room()
    room.receive("100 EA")
    paper = room.bill()

    refused = room.try_(RejectInvoice(invoice=paper.id, reason="oops"), by=CLERK)
    room.send_back("50 EA")
    room.ask(MatchInvoice(invoice=paper.id), by=CLERK)

    assert [each.code for each in refused.refusals] == ["WRONG_STATE"]
    assert room.now(paper) == paper
    assert payables(room) == [paper.id]


def test_the_erp_and_finance_may_answer_in_either_order_and_twice() -> None:
    room = Room()
    room.receive("100 EA")
    paper = room.bill()
    finance = RecordPayable(invoice=paper.id, finance_number="F-1")
    erp = RecordInvoiceInErp(invoice=paper.id, erp_number="51-1")

    for act in (finance, erp, finance, erp):
        room.ask(act)

    now = room.now(paper)
    assert (now.state, now.erp_number) == (InvoiceState.POSTED, "51-1")
    assert now.finance_number == "F-1"
    other = room.try_(RecordInvoiceInErp(invoice=paper.id, erp_number="51-2"))
    assert [each.code for each in other.refusals] == ["WRONG_STATE"]


def test_a_held_invoice_cannot_be_recorded_as_posted() -> None:
    room = Room()
    paper = room.bill()

    refused = room.try_(RecordInvoiceInErp(invoice=paper.id, erp_number="51-1"))

    assert [each.code for each in refused.refusals] == ["WRONG_STATE"]


def test_the_settlement_adds_up_to_the_stated_total() -> None:
    room = Room(lines=(an_order_line("1", at="0.335"), an_order_line("2", at="0.335")))
    for line in "12":
        room.receive("100 EA", line=line)
    lines = (a_line("1 EA", at="0.335"), a_line("1 EA", at="0.335", number="2", line="2"))

    paper = room.bill(*lines, total="0.67")

    assert paper.state is PAYABLE
    figures = settlement(paper)
    assert [line.amount for line in figures.lines] == [usd("0.34"), usd("0.34")]
    assert figures.charges == (
        Charge(code="rounding", description="Rounding", amount=usd("-0.01")),
    )
    parts = (*(line.amount for line in figures.lines), figures.charges[0].amount, figures.tax)
    assert sum(parts, Money.zero(figures.total.currency)) == figures.total == usd("0.67")


def test_a_credit_of_money_frees_no_quantity() -> None:
    room = Room()
    room.receive("100 EA")
    room.bill(a_line("100 EA"), number="A")

    credit = room.bill(a_line("0 EA", amount="25.00"), number="C", credit=True, total="25.00")

    assert credit.state is PAYABLE
    assert room.ledger().total(Stage.CREDITED).value == 0
    (line,) = settlement(credit).lines
    assert not line.quantity
    assert line.amount == usd("25.00")


def test_everything_wrong_with_an_invoice_is_said_at_once_and_nothing_is_kept() -> None:
    room = Room()
    bad = replace(
        a_bill(a_line("-1 EA"), a_line("1 EA", at="-2.00", amount="-2.00")),
        number=" -/ ",
        supplier="nobody",
        tax=Money(Decimal(1), EUR),
    )

    reply = room.try_(bad)

    assert {(each.code, each.field) for each in reply.refusals} == {
        ("UNKNOWN_SUPPLIER", "supplier"),
        ("BAD_NUMBER", "number"),
        ("MIXED_CURRENCIES", "tax"),
        ("BAD_QUANTITY", "lines.0.quantity"),
        ("DOUBLE_LINE", "lines.1.number"),
        ("BAD_PRICE", "lines.1.price"),
        ("BAD_AMOUNT", "lines.1.amount"),
    }
    assert all(each.fix for each in reply.refusals)
    assert room.bus.documents(Invoice) == ()


def test_a_supplier_may_bill_in_its_own_name_only() -> None:
    room = Room()

    nobody = replace(VENDOR, supplier=None)
    for vendor in (VENDOR, nobody):
        refused = room.try_(replace(a_bill(), supplier="rival"), by=vendor)
        assert [each.code for each in refused.refusals] == ["NOT_YOUR_SUPPLIER"]


def test_huge_numbers_are_refused_or_held_and_never_break() -> None:
    room = Room()
    room.receive("100 EA")

    too_much = room.try_(a_bill(a_line("999999999999 EA", at="99999999999999"), order=room.order))
    much = room.bill(a_line("999999999999 EA", at="0.01"), number="M")
    in_cases = room.bill(a_line("999999999999 CA", at="0.01"), number="C")

    assert [each.code for each in too_much.refusals] == ["TOO_LARGE"]
    assert "QTY_RECEIVED:1" in open_codes(much)
    assert open_codes(in_cases) == ["UOM:1"]
    assert room.ledger().unit is EACH


def test_the_explanation_of_an_invoice_names_who_must_act() -> None:
    room = Room()
    paper = room.bill(a_line("60 EA"))

    told = explain_invoice(paper)

    assert told[0] == f"invoice INV-1 of acme ({paper.id}): held"
    assert told[-1] == "QTY_RECEIVED:1 waits for warehouse_lead: 60 EA"


def test_registering_says_so_once_with_the_thread_of_the_order() -> None:
    room = Room()
    paper = room.bill(total="1000.00")

    (event,) = room.bus.happened(InvoiceRegistered)

    assert (event.invoice, event.order, event.thread) == (
        paper.id,
        room.order,
        "requisition/REQ-1",
    )
