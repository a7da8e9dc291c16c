"""A supplier's number stands for one invoice a year; a second one waits."""

from datetime import date

from tests.invoicing.invoicing_world import (
    CLERK,
    LEAD,
    Room,
    a_bill,
    a_line,
    open_codes,
)

from manciple.invoicing.duplicates import InvoiceNumber
from manciple.invoicing.holds import HoldCode, ReleaseHold
from manciple.invoicing.invoice import (
    Invoice,
    InvoicePayable,
    InvoiceState,
    RejectInvoice,
)
from manciple.kernel.messages import Actor, Role
from manciple.ordering.line_ledger import Stage

HELD, PAYABLE = InvoiceState.HELD, InvoiceState.PAYABLE


def payables(room: Room) -> list[str]:
    return [event.invoice for event in room.bus.happened(InvoicePayable)]


def release(room: Room, invoice: Invoice, code: HoldCode, *, by: Actor, line: str | None) -> None:
    room.ask(ReleaseHold(invoice=invoice.id, code=code, line=line, reason="looked at"), by=by)


def test_the_same_number_again_is_held_as_its_own_document_and_posts_nothing() -> None:
    room = Room()
    room.receive("100 EA")

    first = room.bill(number="INV-00123")
    again = room.bill(number="inv 123")

    assert first.state is PAYABLE
    assert room.now(first) == first
    assert again.id != first.id
    assert open_codes(again) == ["DUPLICATE:"]
    assert again.open_holds[0].owner_role is Role.AP_LEAD
    assert room.ledger().total(Stage.INVOICED).value == 100
    assert payables(room) == [first.id]


def test_the_very_same_message_again_is_the_same_application() -> None:
    room = Room()
    first = room.bill(key="855-1")

    repeated = room.try_(a_bill(order=room.order), key="855-1")

    assert repeated.repeated
    assert len(room.bus.documents(Invoice)) == 1
    assert room.now(first) == first


def test_further_partial_invoices_are_no_duplicates() -> None:
    room = Room()
    room.receive("100 EA")

    papers = [room.bill(a_line("50 EA"), number=number) for number in ("7001", "7002")]

    assert [paper.state for paper in papers] == [PAYABLE, PAYABLE]


def test_the_same_number_of_another_year_or_supplier_is_no_duplicate() -> None:
    room = Room()
    room.receive("100 EA")

    one = room.bill(a_line("50 EA"), number="7", dated=date(2025, 12, 31))
    two = room.bill(a_line("50 EA"), number="7", dated=date(2026, 1, 1))

    assert (one.state, two.state) == (PAYABLE, PAYABLE)


def test_a_released_duplicate_is_posted_and_matched_like_any_other() -> None:
    room = Room()
    room.receive("100 EA")
    room.bill(a_line("50 EA"), number="7")
    again = room.bill(a_line("60 EA"), number="07")

    release(room, again, HoldCode.DUPLICATE, by=LEAD, line=None)

    now = room.now(again)
    assert open_codes(now) == ["QTY_ORDERED:1", "QTY_RECEIVED:1"]
    assert room.ledger().total(Stage.INVOICED).value == 110


def test_a_released_duplicate_without_an_order_line_is_still_held() -> None:
    room = Room()
    room.bill(number="7")
    again = room.bill(a_line(line="9"), number="07")

    release(room, again, HoldCode.DUPLICATE, by=LEAD, line=None)

    assert open_codes(room.now(again)) == ["NO_PO:1"]


def test_when_the_first_is_rejected_the_corrected_one_takes_its_place() -> None:
    room = Room()
    room.receive("100 EA")
    wrong = room.bill(a_line(at="12.00"), number="7")
    right = room.bill(a_line(at="10.00"), number="7")
    assert open_codes(right) == ["DUPLICATE:"]

    room.ask(RejectInvoice(invoice=wrong.id, reason="price of last year"), by=CLERK)

    assert room.now(wrong).state is InvoiceState.REJECTED
    assert room.now(right).state is PAYABLE
    assert room.ledger().total(Stage.INVOICED).value == 100
    assert room.bus.get(InvoiceNumber, right.number_key).holder == right.id
    assert room.bus.tasks("hold") == ()
