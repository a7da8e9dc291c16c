"""Invoices, receipts, returns and credits in any order end in the same state."""

from datetime import date
from itertools import permutations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.invoicing.invoicing_world import (
    SUPPLIER,
    Room,
    a_line,
    open_codes,
    usd,
)

from manciple.invoicing.holds import HoldCode, ReleaseHold
from manciple.invoicing.invoice import (
    Invoice,
    InvoicePayable,
    InvoiceState,
    MatchInvoice,
)
from manciple.kernel.messages import Actor
from manciple.ordering.line_ledger import Stage, invariants

HELD, PAYABLE = InvoiceState.HELD, InvoiceState.PAYABLE


def payables(room: Room) -> list[str]:
    return [event.invoice for event in room.bus.happened(InvoicePayable)]


def release(room: Room, invoice: Invoice, code: HoldCode, *, by: Actor, line: str | None) -> None:
    room.ask(ReleaseHold(invoice=invoice.id, code=code, line=line, reason="looked at"), by=by)


def test_an_invoice_of_received_goods_is_payable_at_once() -> None:
    room = Room()
    room.receive("100 EA")

    invoice = room.bill(total="1000.00")

    assert invoice.state is PAYABLE
    assert payables(room) == [invoice.id]
    (event,) = room.bus.happened(InvoicePayable)
    assert event.total == usd("1000.00")
    assert room.ledger().total(Stage.INVOICED).value == 100


def test_an_invoice_before_its_goods_waits_for_the_warehouse_and_is_paid_when_they_come() -> None:
    room = Room()

    early = room.bill()

    assert early.state is HELD
    (task,) = room.bus.tasks("hold")
    assert (task.id, task.role) == (f"{early.id}:QTY_RECEIVED:1", "warehouse_lead")
    assert (task.site, task.supplier) == ("chicago", SUPPLIER)

    room.receive("60 EA")
    assert room.now(early).open_holds[0].variance == "40 EA"
    room.receive("40 EA")

    assert room.now(early).state is PAYABLE
    assert room.bus.tasks("hold") == ()
    assert payables(room) == [early.id]


PAPERS = ("receive 60", "receive 40", "bill A 50", "bill B 50", "return 5", "credit C 5")


def play(room: Room, paper: str) -> None:
    what, *words = paper.split()
    match what, words:
        case "receive", [amount]:
            room.receive(f"{amount} EA", paper=paper)
        case "return", [amount]:
            room.send_back(f"{amount} EA", paper=paper)
        case "bill", [name, amount]:
            day = date(2026, 3, 2 + "AB".index(name))
            room.bill(a_line(f"{amount} EA"), number=name, dated=day, key=paper)
        case "credit", [name, amount]:
            line = a_line(f"{amount} EA")
            room.bill(line, number=name, dated=date(2026, 3, 9), credit=True, key=paper)


def end_state(room: Room) -> dict[str, tuple[str, list[str]]]:
    return {
        paper.number: (paper.state.value, open_codes(paper))
        for paper in room.bus.documents(Invoice)
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.permutations(PAPERS * 3))
def test_every_paper_three_times_in_any_order_ends_in_the_same_state(papers: list[str]) -> None:
    room = Room()

    for paper in papers:
        play(room, paper)

    assert end_state(room) == {name: ("payable", []) for name in "ABC"}
    assert sorted(payables(room)) == sorted(p.id for p in room.bus.documents(Invoice))
    ledger = room.ledger()
    assert ledger.total(Stage.INVOICED).value == 100
    assert ledger.total(Stage.CREDITED).value == 5
    assert invariants(ledger) == ()
    assert room.bus.tasks("hold") == ()


def test_twenty_five_billed_and_five_credited_net_to_twenty_in_any_order() -> None:
    papers = ("receive 25", "return 5", "bill A 25", "credit C 5")
    for order in permutations(papers):
        room = Room()
        for paper in order:
            play(room, paper)

        assert end_state(room) == {"A": ("payable", []), "C": ("payable", [])}
        assert room.ledger().invoiced_net == room.ledger().billable


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.permutations(("receive 60", "receive 40", "bill A 60", "bill B 60", "bill A 60")))
def test_two_invoices_for_the_same_goods_are_never_both_paid(papers: list[str]) -> None:
    room = Room()

    for paper in papers:
        play(room, paper)

    paid = [paper for paper in room.bus.documents(Invoice) if paper.is_settled]
    (waits,) = [paper for paper in room.bus.documents(Invoice) if not paper.is_settled]
    assert len(paid) == 1
    assert [(h.code, h.variance) for h in waits.open_holds] == [
        (HoldCode.QTY_ORDERED, "20 EA"),
        (HoldCode.QTY_RECEIVED, "20 EA"),
    ]


def test_nothing_happens_when_a_settled_match_is_asked_for_again() -> None:
    room = Room()
    early = room.bill()
    before = len(room.bus.events())

    room.ask(MatchInvoice(invoice=early.id))
    assert len(room.bus.events()) == before

    room.receive("100 EA")
    before = len(room.bus.events())
    room.ask(MatchInvoice(invoice=early.id))
    assert len(room.bus.events()) == before
