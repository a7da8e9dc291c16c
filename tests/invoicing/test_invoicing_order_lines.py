"""Which order line an invoice line bills, and what happens when nobody can tell."""

from datetime import date

from tests.invoicing.invoicing_world import (
    BUYER,
    CLERK,
    SUPPLIER,
    USD,
    VENDOR,
    Room,
    a_bill,
    a_line,
    an_order_line,
    open_codes,
    supplier_item,
)

from manciple.invoicing.holds import HoldCode, ReleaseHold
from manciple.invoicing.invoice import (
    AssignInvoiceLine,
    Invoice,
    InvoicePayable,
    InvoiceState,
    MatchInvoice,
)
from manciple.kernel.messages import Actor, Role
from manciple.ordering.line_ledger import Stage
from manciple.ordering.purchase_order import PlaceOrder, RecordOrderInErp
from manciple.runtime.documents import Ref

HELD, PAYABLE = InvoiceState.HELD, InvoiceState.PAYABLE


def payables(room: Room) -> list[str]:
    return [event.invoice for event in room.bus.happened(InvoicePayable)]


def release(room: Room, invoice: Invoice, code: HoldCode, *, by: Actor, line: str | None) -> None:
    room.ask(ReleaseHold(invoice=invoice.id, code=code, line=line, reason="looked at"), by=by)


def test_a_line_without_its_order_line_is_found_by_item_if_only_one_has_it() -> None:
    room = Room(lines=(an_order_line("1"), an_order_line("2")))
    room.receive("100 EA", line="2")

    paper = room.bill(a_line(line=None, items=(supplier_item("a-2 "),)))

    assert paper.state is PAYABLE
    assert paper.lines[0].place is not None
    assert paper.lines[0].place.line == "2"


def test_an_item_on_two_order_lines_is_never_picked() -> None:
    room = Room(lines=(an_order_line("1", item="bolt"), an_order_line("2", item="bolt")))
    room.receive("100 EA")

    paper = room.bill(a_line(line=None, items=(supplier_item("A-bolt"),)))

    (hold,) = paper.open_holds
    assert hold.code is HoldCode.NO_PO
    assert hold.owner_role is Role.REQUESTER
    assert [(each.line, each.reasons) for each in hold.candidates] == [
        ("1", ("supplier A-bolt is its item",)),
        ("2", ("supplier A-bolt is its item",)),
    ]
    assert room.ledger().total(Stage.INVOICED).value == 0


def test_an_order_line_that_contradicts_the_item_is_never_picked() -> None:
    room = Room(lines=(an_order_line("1"), an_order_line("2")))

    paper = room.bill(a_line(number="7", line="1", items=(supplier_item("A-2"),)))

    (hold,) = paper.open_holds
    assert hold.code is HoldCode.NO_PO
    assert hold.text == f"it names order line 1, but its item is on {room.order}/2"
    assert {each.line for each in hold.candidates} == {"1", "2"}


def test_a_supplier_who_only_counts_its_lines_names_none() -> None:
    room = Room(lines=(an_order_line("1"), an_order_line("2")))
    room.receive("100 EA", line="2")

    paper = room.bill(a_line(number="1", line="1", items=(supplier_item("A-2"),)))

    assert paper.state is PAYABLE
    assert [str(line.place) for line in paper.lines] == [f"{room.order}/2"]


def test_an_item_on_two_lines_is_told_apart_by_the_line_number() -> None:
    room = Room(lines=(an_order_line("1", item="bolt"), an_order_line("2", item="bolt")))
    room.receive("100 EA", line="2")

    paper = room.bill(a_line(number="2", line="2", items=(supplier_item("A-bolt"),)))

    assert paper.state is PAYABLE
    assert [str(line.place) for line in paper.lines] == [f"{room.order}/2"]


def test_a_named_order_line_may_have_leading_zeros_and_items_that_nobody_knows() -> None:
    room = Room()
    room.receive("100 EA")

    paper = room.bill(a_line(number="7", line="0001", items=(supplier_item("who-knows"),)))

    assert paper.state is PAYABLE


def test_a_counted_line_with_another_item_than_ours_is_not_picked() -> None:
    room = Room()

    paper = room.bill(a_line(items=(supplier_item("who-knows"),)))

    (hold,) = paper.open_holds
    assert hold.code is HoldCode.NO_PO
    assert hold.text == "none of its item numbers is on the order: supplier who-knows"
    assert [each.reasons for each in hold.candidates] == [("it is order line 1",)]


def test_another_suppliers_order_is_as_unknown_as_none() -> None:
    room = Room()
    theirs = room.place(an_order_line(), requisition="REQ-2", supplier="rival")

    for order in (theirs, "PO-NOBODY", None):
        bill = a_bill(order=order, number=f"N-{order}")
        reply = room.ask(bill, by=VENDOR)
        assert reply.subject is not None
        paper = room.bus.get(Invoice, reply.subject.id)
        (hold,) = paper.open_holds
        assert (hold.code, hold.owner_role) == (HoldCode.NO_PO, Role.BUYER)
        assert hold.candidates == ()
        assert paper.thread == f"invoice/{paper.id}"


def test_an_order_may_be_named_by_its_number_in_the_erp() -> None:
    room = Room()
    room.receive("100 EA")

    reply = room.ask(a_bill(order="45-REQ-1"))

    assert reply.subject is not None
    paper = room.bus.get(Invoice, reply.subject.id)
    assert paper.state is PAYABLE
    assert paper.orders == (room.order,)
    assert paper.thread == "requisition/REQ-1"
    assert Ref("invoice", paper.id) in room.bus.refs("INV-1")


def test_one_invoice_may_bill_several_orders() -> None:
    room = Room()
    first, second = room.order, room.place(an_order_line(), requisition="REQ-2")
    room.receive("100 EA")

    lines = (a_line(order=first), a_line(order=second, number="2"))
    reply = room.ask(a_bill(*lines, order=None))

    assert reply.subject is not None
    paper = room.bus.get(Invoice, reply.subject.id)
    assert paper.orders == (first, second)
    assert open_codes(paper) == ["QTY_RECEIVED:2"]
    room.order = second
    room.receive("100 EA")
    assert room.now(paper).state is PAYABLE
    assert room.bus.threads(str(Ref("invoice", paper.id))) == (
        "requisition/REQ-1",
        "requisition/REQ-2",
    )


def test_a_person_may_say_which_order_line_is_meant() -> None:
    room = Room()
    room.receive("100 EA")
    paper = room.bill(a_line(line=None))
    assert open_codes(paper) == ["NO_PO:1"]
    act = AssignInvoiceLine(
        invoice=paper.id, line="1", order=room.order, order_line="1", note="by phone"
    )

    away = Actor(id="bo", roles=(Role.BUYER,), sites=("denver",))
    assert [each.code for each in room.try_(act, by=away).refusals] == ["NOT_YOUR_SITE"]
    room.ask(act, by=BUYER)

    now = room.now(paper)
    assert now.state is PAYABLE
    assert now.lines[0].assigned_by == "ben"
    again = room.try_(act, by=BUYER)
    assert [each.code for each in again.refusals] == ["WRONG_STATE"]


def test_nobody_can_assign_a_line_to_another_suppliers_order() -> None:
    room = Room()
    theirs = room.place(an_order_line(), requisition="REQ-2", supplier="rival")
    paper = room.bill(a_line(line=None))

    act = AssignInvoiceLine(invoice=paper.id, line="1", order=theirs, order_line="1", note="hm")

    assert [each.code for each in room.try_(act, by=BUYER).refusals] == ["UNKNOWN_ORDER"]


def test_an_order_that_no_supplier_can_have_seen_is_not_there() -> None:
    room = Room()
    act = PlaceOrder(
        requisition="REQ-9",
        thread="requisition/REQ-9",
        supplier=SUPPLIER,
        site="chicago",
        currency=USD,
        lines=(an_order_line(),),
    )
    unseen = room.ask(act).subject
    assert unseen is not None

    room.order = unseen.id
    paper = room.bill()

    assert open_codes(paper) == ["NO_PO:1"]
    room.ask(RecordOrderInErp(order=unseen.id, erp_number="45-9"))
    room.ask(MatchInvoice(invoice=paper.id), by=CLERK)
    assert open_codes(room.now(paper)) == ["QTY_RECEIVED:1"]


def test_assigning_a_credit_lets_the_invoice_that_waited_for_it_pass_at_once() -> None:
    room = Room()
    room.receive("25 EA")
    room.send_back("5 EA")
    invoice = room.bill(a_line("25 EA"), number="A", dated=date(2026, 3, 1))
    credit = room.bill(a_line("5 EA", line=None), number="C", credit=True, dated=date(2026, 3, 2))
    assert open_codes(invoice) == ["QTY_RECEIVED:1"]
    assert open_codes(credit) == ["NO_PO:1"]

    act = AssignInvoiceLine(
        invoice=credit.id, line="1", order=room.order, order_line="1", note="by mail"
    )
    room.ask(act, by=BUYER)

    assert open_codes(room.now(credit)) == []
    assert open_codes(room.now(invoice)) == []
