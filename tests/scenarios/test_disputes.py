"""What is disputed is told to the supplier by itself, in words it can act on, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from manciple.exchange.partner import Address, Partner, RegisterPartner, RemindedBy
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import OURS, START, Installation
from tests.scenarios.office import cases, ordered
from tests.scenarios.test_settling_exceptions import HOLDER
from tests.web.linked import INBOX, Posted, posted
from tests.web.mail_server import link_in, text_of_letter

BLUE = Address(qualifier="ZZ", interchange_id="BLUEVALVE", group_id="BLUEVALVE")


def by_file(house: Installation) -> None:
    partner = Partner(id="BLUE", theirs=BLUE, ours=OURS, reminded_by=RemindedBy.FILE)
    act = RegisterPartner(partner=partner)
    (reply,) = house.app.store.apply([Command(key="p", act=act, actor=SYSTEM, at=START)]).replies
    assert reply.is_done


def dispute(house: Installation, code: str, **said: str) -> str:
    (case,) = cases(house, code)
    body = {"resolution": "dispute", "note": "see the agreement", "terms": said}
    answer = house.post(HOLDER[case["owner_role"]], f"/v1/exceptions/{case['id']}/resolve", body)
    assert answer.status == 200, answer.body
    house.settle()
    return str(case["id"])


def told(house: Installation) -> list[str]:
    files = house.sent_to("BLUE")
    return [files[name].decode() for name in sorted(files) if name.startswith("dispute")]


def test_a_price_that_is_disputed_is_told_as_ours_beside_theirs(house: Installation) -> None:
    by_file(house)
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, prices={"1": "150.00"}))

    dispute(house, "PRICE_VARIANCE", tell="Our agreement of January holds until June.")
    house.wait(hours=2)

    (text,) = told(house)
    head, opening, row, asked, note = text.splitlines()
    assert head == f"Order {order.number}: we do not agree"
    assert opening == (
        f"we do not agree with what you told us of line 1 of our order {order.number}, revision 1."
    )
    assert row.startswith("1: 120.00 USD")
    assert "150.00 USD" in row
    assert asked.startswith("Our order stands.")
    assert note == "Our agreement of January holds until June."
    assert "see the agreement" not in text, "a note of ours stays with us"


def test_each_decision_is_told_once_and_another_is_another_paper(house: Installation) -> None:
    by_file(house)
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    case = dispute(house, "SHORTAGE")
    assert len(told(house)) == 1

    answer = house.post("paul", f"/v1/exceptions/{case}/reopen", {"reason": "it said so again"})
    assert answer.status == 200, answer.body
    dispute(house, "SHORTAGE")

    assert len(told(house)) == 2


def test_other_ways_to_end_it_tell_nobody(house: Installation) -> None:
    by_file(house)
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house, "SHORTAGE")

    answer = house.post("paul", f"/v1/exceptions/{case['id']}/resolve", {"resolution": "accept"})

    assert answer.status == 200, answer.body
    house.settle()
    assert told(house) == []


def test_who_reads_neither_mail_nor_text_files_is_told_by_a_person(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order, {"1": 8}))

    dispute(house, "SHORTAGE")

    assert told(house) == []
    assert not cases(house)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Posted]:
    with posted(tmp_path / "home") as made:
        yield made


def test_an_invoice_that_goes_back_is_told_with_what_differs_on_it(post: Posted) -> None:
    house = post.house
    known = house.get("root", "/v1/suppliers/BLUE")
    known |= {"contact": INBOX["BLUE"]}
    assert house.put("root", "/v1/suppliers/BLUE", known).status == 200
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    desk.drop(desk.invoice(order, "B-1", prices={"1": "150.00"}))

    dispute(house, "INVOICE_MISMATCH")
    house.wait(hours=1)

    (letter,) = post.mail.to(INBOX["BLUE"])
    assert letter["Subject"] == "Your invoice B-1 comes back"
    text = text_of_letter(letter)
    assert "we do not take your invoice B-1" in text
    assert "see the agreement" in text, "the reason of a rejection is for who sent it"
    assert "the price is not the price ordered" in text
    assert "Please send a corrected one under a new number" in text
    assert link_in(letter).startswith("/s/")
