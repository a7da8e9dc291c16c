"""Holds on a store: each with its own owner and its own release."""

from dataclasses import replace
from datetime import date

import pytest
from tests.invoicing.invoicing_world import (
    BUYER,
    CLERK,
    LEAD,
    TWO_PERCENT,
    WAREHOUSE,
    Room,
    a_line,
    open_codes,
    usd,
)

from manciple.invoicing.holds import HoldCode, HoldReleased, ReleaseHold
from manciple.invoicing.invoice import (
    Invoice,
    InvoicedLine,
    InvoiceHeld,
    InvoicePayable,
    InvoiceState,
    MatchInvoice,
    RejectInvoice,
)
from manciple.kernel.messages import Actor, Role

HELD, PAYABLE = InvoiceState.HELD, InvoiceState.PAYABLE


def payables(room: Room) -> list[str]:
    return [event.invoice for event in room.bus.happened(InvoicePayable)]


def release(room: Room, invoice: Invoice, code: HoldCode, *, by: Actor, line: str | None) -> None:
    room.ask(ReleaseHold(invoice=invoice.id, code=code, line=line, reason="looked at"), by=by)


def test_each_hold_has_its_own_owner_and_the_release_of_one_clears_no_other() -> None:
    room = Room(*TWO_PERCENT)
    room.receive("90 EA")

    paper = room.bill(a_line(at="11.00"), tax="9.00", total="1109.00")

    owners = {hold.name: hold.owner_role for hold in paper.open_holds}
    assert owners == {
        "PRICE:1": Role.BUYER,
        "QTY_RECEIVED:1": Role.WAREHOUSE_LEAD,
        "TAX:": Role.AP_CLERK,
    }
    release(room, paper, HoldCode.QTY_RECEIVED, by=WAREHOUSE, line="1")
    release(room, paper, HoldCode.PRICE, by=BUYER, line="1")
    assert open_codes(room.now(paper)) == ["TAX:"]
    assert payables(room) == []

    release(room, paper, HoldCode.TAX, by=CLERK, line=None)
    assert room.now(paper).state is PAYABLE
    assert payables(room) == [paper.id]
    assert len(room.bus.happened(HoldReleased)) == 3


@pytest.mark.parametrize("actor", [CLERK, LEAD, WAREHOUSE])
def test_only_the_owner_of_a_hold_may_release_it(actor: Actor) -> None:
    room = Room()
    room.receive("100 EA")
    paper = room.bill(a_line(at="11.00"))
    act = ReleaseHold(invoice=paper.id, code=HoldCode.PRICE, line="1", reason="fine")

    refused = room.try_(act, by=actor)

    assert [each.code for each in refused.refusals] == ["NOT_YOUR_HOLD"]
    assert room.now(paper) == paper


def test_somebody_of_another_site_may_neither_release_nor_reject_nor_match() -> None:
    room = Room()
    paper = room.bill()
    release_ = ReleaseHold(invoice=paper.id, code=HoldCode.QTY_RECEIVED, line="1", reason="fine")
    reject = RejectInvoice(invoice=paper.id, reason="not ours")
    match = MatchInvoice(invoice=paper.id)

    for act, actor in ((release_, WAREHOUSE), (reject, CLERK), (match, CLERK)):
        reply = room.try_(act, by=replace(actor, sites=("denver",)))
        assert [each.code for each in reply.refusals] == ["NOT_YOUR_SITE"]

    assert room.now(paper) == paper
    assert room.ask(match, by=replace(CLERK, sites=("denver", "chicago"))).is_done


def test_a_release_is_kept_while_the_facts_stand_and_lost_when_they_change() -> None:
    room = Room()
    room.receive("50 EA")
    paper = room.bill(a_line("60 EA", at="11.00"))
    release(room, paper, HoldCode.PRICE, by=BUYER, line="1")
    release_of_ten = ReleaseHold(
        invoice=paper.id, code=HoldCode.QTY_RECEIVED, line="1", reason="on its way"
    )

    room.bill(a_line("1 EA"), number="LATER", dated=date(2026, 3, 30))
    assert open_codes(room.now(paper)) == ["QTY_RECEIVED:1"]

    room.receive("4 EA")
    now = room.now(paper)
    assert [hold.variance for hold in now.open_holds] == ["6 EA"]
    assert {hold.name for hold in now.holds if not hold.is_open} == {"PRICE:1"}

    room.ask(release_of_ten, by=WAREHOUSE)
    assert room.now(paper).state is PAYABLE


def test_a_changed_variance_opens_a_released_hold_again() -> None:
    room = Room()
    room.receive("50 EA")
    paper = room.bill(a_line("60 EA", at="11.00"))
    release(room, paper, HoldCode.QTY_RECEIVED, by=WAREHOUSE, line="1")
    assert open_codes(room.now(paper)) == ["PRICE:1"]

    room.send_back("5 EA")

    assert open_codes(room.now(paper)) == ["PRICE:1", "QTY_RECEIVED:1"]
    assert any(task.id.endswith("QTY_RECEIVED:1") for task in room.bus.tasks("hold"))


@pytest.mark.parametrize(
    ("line", "code", "owner"),
    [
        (a_line(line="9"), HoldCode.NO_PO, Actor(id="rita", roles=(Role.REQUESTER,))),
        (a_line("2.5 CA"), HoldCode.UOM, BUYER),
    ],
)
def test_what_only_facts_can_cure_is_not_signed_away(
    line: InvoicedLine, code: HoldCode, owner: Actor
) -> None:
    room = Room()
    room.receive("100 EA")
    paper = room.bill(line)
    act = ReleaseHold(invoice=paper.id, code=code, line="1", reason="please")

    refused = room.try_(act, by=owner)

    assert [each.code for each in refused.refusals] == ["CURED_BY_FACTS"]
    assert room.now(paper).state is HELD


def test_a_credit_in_excess_waits_and_is_never_paid_by_a_signature() -> None:
    room = Room()
    credit = room.bill(a_line("5 EA"), number="C", credit=True)
    act = ReleaseHold(invoice=credit.id, code=HoldCode.CREDIT_EXCESS, line="1", reason="please")

    assert open_codes(credit) == ["CREDIT_EXCESS:1"]
    assert [each.code for each in room.try_(act, by=CLERK).refusals] == ["CURED_BY_FACTS"]
    assert payables(room) == []

    room.receive("100 EA")
    room.bill(a_line("100 EA"), number="A")
    assert room.now(credit).state is PAYABLE
    totals = {event.invoice: event.total for event in room.bus.happened(InvoicePayable)}
    assert totals[credit.id] == usd("-50.00")


def test_releasing_a_hold_that_is_not_there_names_those_that_are() -> None:
    room = Room()
    paper = room.bill()
    act = ReleaseHold(invoice=paper.id, code=HoldCode.PRICE, line="1", reason="fine")

    (reason,) = room.try_(act, by=BUYER).refusals

    assert reason.code == "NO_SUCH_HOLD"
    assert "QTY_RECEIVED:1" in reason.message


def test_a_held_event_is_said_again_only_when_the_holds_are_others() -> None:
    room = Room()
    room.bill()
    assert len(room.bus.happened(InvoiceHeld)) == 1

    room.receive("10 EA")
    assert len(room.bus.happened(InvoiceHeld)) == 2
    (_, second) = room.bus.happened(InvoiceHeld)
    assert [hold.variance for hold in second.holds] == ["90 EA"]


def test_nobody_releases_what_they_had_a_part_in() -> None:
    room = Room()
    room.receive("100 EA")
    paper = room.bill(a_line("100 EA", at="11.00"))
    room.duties = {BUYER.id: "counted receipt GR-1 of PO-1"}
    act = ReleaseHold(invoice=paper.id, code=HoldCode.PRICE, line="1", reason="agreed by mail")

    reply = room.try_(act, by=BUYER)

    (reason,) = reply.refusals
    assert (reason.code, reason.rule) == ("SEGREGATION", "A-07")
    assert "counted receipt GR-1" in reason.message
    assert open_codes(room.now(paper)) == ["PRICE:1"]
    assert room.ask(act, by=replace(BUYER, id="another.buyer")).is_done
