"""Part release: what matches is paid, what is held waits, and no cent is paid twice or lost."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.invoicing.invoicing_world import (
    BUYER,
    CLERK,
    LEAD,
    TWO_PERCENT,
    WAREHOUSE,
    Room,
    a_line,
    an_order_line,
    open_codes,
    usd,
)

from manciple.invoicing.explanation import explain_invoice
from manciple.invoicing.holds import HoldCode, ReleaseHold
from manciple.invoicing.invoice import (
    Invoice,
    InvoicePayable,
    InvoiceState,
    RecordInvoiceInErp,
    RecordPayable,
    RejectInvoice,
)
from manciple.invoicing.part import InvoicePartReleased, ReleasePart
from manciple.invoicing.parting import breaches, left

SHIPPED = Path(__file__).parents[2] / "policies" / "part_release.yaml"
TEXT = SHIPPED.read_text("utf-8")
SPLIT = {"part_release.yaml": TEXT}
WHOLE = {"part_release.yaml": TEXT.replace("way: split", "way: whole")}
UNASKED = {"part_release.yaml": TEXT.replace("asked: true", "asked: false")}
HELD, PAYABLE, POSTED = InvoiceState.HELD, InvoiceState.PAYABLE, InvoiceState.POSTED


def part_of(room: Room, paper: Invoice) -> Invoice:
    room.ask(ReleasePart(invoice=paper.id), by=CLERK)
    return room.now(paper)


def refusal(room: Room, paper: Invoice) -> list[str]:
    before = room.now(paper)
    reply = room.try_(ReleasePart(invoice=paper.id), by=CLERK)
    assert room.now(paper) == before
    return [each.code for each in reply.refusals]


def figures(paper: Invoice) -> list[tuple[list[tuple[str, str, str]], str]]:
    return [
        ([(x.line, str(x.quantity), str(x.amount)) for x in part.lines], str(part.total))
        for part in paper.parts
    ]


def test_fifty_of_sixty_are_paid_and_ten_wait() -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = room.bill(a_line("60 EA"))
    assert [(hold.name, str(hold.quantity)) for hold in paper.open_holds] == [
        ("QTY_RECEIVED:1", "10 EA")
    ]

    now = part_of(room, paper)

    assert now.state is HELD
    assert open_codes(now) == ["QTY_RECEIVED:1"]
    assert figures(now) == [([("1", "50 EA", "500.00 USD")], "500.00 USD")]
    assert left(now) == usd("100.00")
    told = "\n".join(explain_invoice(now))
    assert "50 EA of line 1; 500.00 USD = 500.00 USD (D-06; part_release 2026-01/p01)" in told
    assert "still waits: 10 EA of line 1, 100.00 USD: QTY_RECEIVED:1" in told
    assert refusal(room, now) == ["NOTHING_TO_RELEASE"]

    room.receive("9 EA")
    now = part_of(room, paper)
    assert figures(now)[1] == ([("1", "9 EA", "90.00 USD")], "90.00 USD")

    room.receive("1 EA")
    now = room.now(paper)
    assert now.state is PAYABLE
    assert figures(now)[2] == ([("1", "1 EA", "10.00 USD")], "10.00 USD")
    assert [part.is_last for part in now.parts] == [False, False, True]
    assert breaches(now) == ()
    (said,) = room.bus.happened(InvoicePayable)
    assert said.total == usd("600.00")
    parts = room.bus.happened(InvoicePartReleased)
    assert [(each.part, str(each.rest)) for each in parts] == [
        (1, "100.00 USD"),
        (2, "10.00 USD"),
        (3, "0.00 USD"),
    ]


def test_a_line_that_matches_goes_while_another_waits_for_its_price() -> None:
    lines = (an_order_line("1"), an_order_line("2", "10 EA", at="30.00"))
    room = Room(*TWO_PERCENT, lines=lines, more=WHOLE)
    room.receive("100 EA")
    room.receive("10 EA", line="2")
    paper = room.bill(
        a_line("100 EA", at="10.01"), a_line("10 EA", at="31.00", number="2", line="2")
    )
    assert open_codes(paper) == ["PRICE:2"]

    now = part_of(room, paper)
    assert figures(now) == [([("1", "100 EA", "1001.00 USD")], "1001.00 USD")]

    release = ReleaseHold(invoice=paper.id, code=HoldCode.PRICE, line="2", reason="agreed")
    room.ask(release, by=BUYER)
    now = room.now(paper)
    assert now.state is PAYABLE
    assert figures(now)[1] == ([("2", "10 EA", "310.00 USD")], "310.00 USD")


def test_a_line_that_policy_does_not_split_waits_whole() -> None:
    room = Room(more=WHOLE)
    room.receive("50 EA")

    assert refusal(room, room.bill(a_line("60 EA"))) == ["NOTHING_TO_RELEASE"]


def test_without_a_row_of_policy_nothing_goes_before_the_rest() -> None:
    room = Room()
    room.receive("50 EA")

    assert refusal(room, room.bill(a_line("60 EA"))) == ["NOTHING_TO_RELEASE"]


def test_policy_may_let_parts_go_unasked() -> None:
    room = Room(more=UNASKED)
    room.receive("50 EA")

    paper = room.bill(a_line("60 EA"))

    assert figures(paper) == [([("1", "50 EA", "500.00 USD")], "500.00 USD")]
    assert paper.parts[0].by == ""
    room.receive("4 EA")
    assert [str(part.total) for part in room.now(paper).parts] == ["500.00 USD", "40.00 USD"]


def test_cents_and_tax_are_shared_without_losing_one() -> None:
    room = Room(more=SPLIT)
    room.receive("1 EA")
    paper = room.bill(a_line("3 EA", at="3.33", amount="9.99"), tax="1.00", total="10.99")
    assert open_codes(paper) == ["TAX:", "QTY_RECEIVED:1"]
    room.ask(ReleaseHold(invoice=paper.id, code=HoldCode.TAX, line=None, reason="right"), by=CLERK)

    now = part_of(room, paper)
    assert [(str(p.tax), str(p.total)) for p in now.parts] == [("0.33 USD", "3.66 USD")]
    room.receive("1 EA")
    now = part_of(room, paper)
    assert [(str(p.tax), str(p.total)) for p in now.parts[1:]] == [("0.34 USD", "3.67 USD")]
    room.receive("1 EA")
    now = room.now(paper)
    assert [(str(p.tax), str(p.total)) for p in now.parts[2:]] == [("0.33 USD", "3.66 USD")]
    assert breaches(now) == ()


@pytest.mark.parametrize(
    ("more", "code"),
    [({"tax": "9.00", "total": "609.00"}, "TAX:"), ({"total": "601.00"}, "AMOUNT:")],
)
def test_a_paper_in_doubt_as_a_whole_pays_nothing(more: dict[str, str], code: str) -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = room.bill(a_line("60 EA"), **more)
    assert code in open_codes(paper)

    assert refusal(room, paper) == ["PAPER_IN_DOUBT"]


def test_a_part_once_released_stays_and_comes_before_papers_of_an_earlier_day() -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = room.bill(a_line("60 EA"))
    part_of(room, paper)

    earlier = room.bill(a_line("20 EA"), number="INV-0", dated=paper.date.replace(day=1))

    assert open_codes(earlier) == ["QTY_RECEIVED:1"]
    assert refusal(room, earlier) == ["NOTHING_TO_RELEASE"]
    assert [str(hold.quantity) for hold in room.now(paper).open_holds] == ["10 EA"]


def test_an_invoice_of_which_a_part_is_paid_is_not_sent_back() -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = part_of(room, room.bill(a_line("60 EA")))

    refused = room.try_(RejectInvoice(invoice=paper.id, reason="wrong"), by=LEAD)
    assert [each.code for each in refused.refusals] == ["PART_RELEASED"]

    room.bill(a_line("10 EA"), number="CR-1", credit=True)
    assert room.now(paper).state is PAYABLE
    assert breaches(room.now(paper)) == ()


def test_only_accounts_payable_releases_a_part_and_nobody_what_they_counted() -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = room.bill(a_line("60 EA"))
    for actor in (BUYER, WAREHOUSE):
        refused = room.try_(ReleasePart(invoice=paper.id), by=actor)
        assert [each.code for each in refused.refusals] == ["FORBIDDEN"]

    room.duties[CLERK.id] = "received PO-1"
    assert refusal(room, paper) == ["SEGREGATION"]


def test_each_part_has_its_own_numbers_and_the_last_makes_it_posted() -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = part_of(room, room.bill(a_line("60 EA")))
    room.receive("10 EA")
    last = RecordInvoiceInErp(invoice=paper.id, erp_number="51-2", part=2)
    first = RecordInvoiceInErp(invoice=paper.id, erp_number="51-1", part=1)

    room.ask(last)
    assert room.now(paper).state is PAYABLE
    room.ask(first)
    room.ask(first)
    room.ask(RecordPayable(invoice=paper.id, finance_number="AP-1", part=1))
    now = room.now(paper)
    assert now.state is POSTED
    assert [(p.erp_number, p.finance_number) for p in now.parts] == [
        ("51-1", "AP-1"),
        ("51-2", None),
    ]
    for other in (
        replace(first, erp_number="51-9"),
        replace(first, part=3),
        replace(first, part=0),
    ):
        assert [each.code for each in room.try_(other).refusals] == ["WRONG_STATE"]


def test_a_breach_of_the_law_is_named() -> None:
    room = Room(more=SPLIT)
    room.receive("50 EA")
    paper = part_of(room, room.bill(a_line("60 EA")))
    (part,) = paper.parts
    twice = replace(paper, parts=(part, replace(part, number=2)))
    dearer = replace(paper, parts=(replace(part, total=usd("500.01")),))

    assert any("100 EA were released" in each for each in breaches(twice))
    assert breaches(dearer) == ("part 1 states 500.01 USD and comes to 500.00 USD",)
    assert breaches(replace(paper, state=PAYABLE))
