"""997 or 999: what a partner is told about its files, by version and by its profile."""

from collections.abc import Iterator

import pytest

from manciple.exchange.answering import answer_set, answers_to
from manciple.exchange.partner import Address, AnswerSet, Partner, RegisterPartner
from manciple.exchange.reading import read
from manciple.formats.x12.acknowledge import read_functional_acknowledgment
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import OURS, START, Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import ordered
from tests.x12.x12_builders import ORDER, isa, message, parts, sample

THEIRS = Address(qualifier="ZZ", interchange_id="BLUEVALVE", group_id="BLUEVALVE")


def partner(answers: AnswerSet = AnswerSet.BY_VERSION) -> Partner:
    return Partner(id="BLUE", theirs=THEIRS, ours=OURS, answers=answers)


@pytest.mark.parametrize(
    ("answers", "version", "wanted"),
    [
        (AnswerSet.BY_VERSION, "004010", "997"),
        (AnswerSet.BY_VERSION, "004060VICS", "997"),
        (AnswerSet.BY_VERSION, "005010", "999"),
        (AnswerSet.BY_VERSION, "005010X231A1", "999"),
        (AnswerSet.BY_VERSION, "006020", "999"),
        (AnswerSet.SET_997, "005010", "997"),
        (AnswerSet.SET_999, "004010", "999"),
    ],
)
def test_the_profile_speaks_first_then_the_version(
    answers: AnswerSet, version: str, wanted: str
) -> None:
    assert answer_set(partner(answers), version) == wanted


def rows(data: bytes, answers: AnswerSet = AnswerSet.SET_999) -> Iterator[list[str]]:
    (interchange,) = read(data).interchanges
    for answer in answers_to(interchange, partner(answers)):
        for group in answer.unnumbered.groups:
            for each in group.messages:
                yield [each.kind, *("*".join(row) for row in each.segments)]


def in_group(*bodies: str, number: str = "7", sender: str = "BUYER") -> str:
    return (
        f"GS*PO*{sender}*SELLER*20261122*1200*{number}*X*005010~{''.join(bodies)}"
        f"GE*{len(bodies)}*{number}~"
    )


def test_what_is_wrong_is_told_in_the_segments_of_a_999() -> None:
    bad = message("BEG*00*SA*PO-1**20261122", "PO1*1*many*EA", "CTT*1")
    (found,) = rows((isa() + in_group(bad) + "IEA*1*000000001~").encode())

    assert found == [
        "999", "AK1*PO*7*005010", "AK2*850*0001", "IK3*PO1*3**8", "IK4*2**6*many", "IK5*R*5",
        "AK9*R*1*1*0",
    ]  # fmt: skip


def test_the_guide_that_a_message_names_is_named_again() -> None:
    guided = message(*ORDER).replace("ST*850*0001", "ST*850*0001*005010X777")
    (found,) = rows((isa() + in_group(guided) + "IEA*1*000000001~").encode())

    assert found[2] == "AK2*850*0001*005010X777"
    (plain,) = rows((isa() + in_group(guided) + "IEA*1*000000001~").encode(), AnswerSet.SET_997)
    assert plain[1:3] == ["AK1*PO*7", "AK2*850*0001"]


def test_two_groups_of_one_sender_are_answered_in_one_group_of_ours() -> None:
    two = in_group(message(*ORDER)) + in_group(message(*ORDER), number="8")
    (interchange,) = read((isa() + two + "IEA*2*000000001~").encode()).interchanges

    (answer,) = answers_to(interchange, partner())

    (group,) = answer.unnumbered.groups
    assert [m.control_number for m in group.messages] == ["0001", "0002"]
    assert [m.segments[0][2] for m in group.messages] == ["7", "8"]


def test_groups_of_two_senders_are_answered_in_two_files() -> None:
    two = in_group(message(*ORDER)) + in_group(message(*ORDER), number="8", sender="BRANCH")
    (interchange,) = read((isa(ask="1") + two + "IEA*2*000000001~").encode()).interchanges

    first, second = answers_to(interchange, partner())

    assert [a.unnumbered.groups[0].receiver for a in (first, second)] == ["BUYER", "BRANCH"]
    assert (len(first.unnumbered.answers), len(second.unnumbered.answers)) == (1, 0)


def test_a_partners_999_is_read_like_a_997() -> None:
    (reply,), _, _ = parts(sample("999-partial.x12"))

    (answer,) = read_functional_acknowledgment(reply)

    assert (answer.group_control_number, answer.code) == ("101", "P")
    assert [(m.control_number, m.code, m.codes) for m in answer.messages] == [
        ("0001", "A", ()),
        ("0002", "R", ("5",)),
    ]
    last = answer.messages[1].notes[-1]
    assert (last.segment, last.position, last.element, last.element_code, last.bad_value) == (
        "PO1", 9, 2, "6", "many")  # fmt: skip


def as_999(desk: SupplierSide, code: str) -> bytes:
    order = desk.order()
    rows = [
        ("AK1", "PO", order.group, "005010"),
        ("AK2", "850", order.control),
        ("IK5", code),
        ("AK9", code, "1", "1", "1" if code == "A" else "0"),
    ]
    return desk.write("999", rows)


@pytest.mark.parametrize(("code", "state"), [("A", "accepted"), ("R", "rejected")])
def test_a_999_speaks_of_our_order_and_is_no_answer_to_it(
    house: Installation, code: str, state: str
) -> None:
    desk, order = ordered(house)
    desk.drop(as_999(desk, code))

    files = house.get("kim", "/v1/interchanges")["rows"]
    (sent,) = [each for each in files if each["direction"] == "out"]
    assert (sent["state"], sent["answer"]) == (state, code)
    shown = house.get("root", f"/v1/purchase-orders/{order.number}")
    assert shown["state"] == "sent"


def test_a_file_of_version_5010_is_answered_with_a_999(house: Installation) -> None:
    desk, order = ordered(house)
    paper = desk.acknowledgment(order).replace(b"*X*004010", b"*X*005010")
    desk.drop(paper.replace(b"*U*00401*", b"*U*00501*"))

    sent = house.sent_to("BLUE")

    assert sent["999-000000002.edi"].replace(b"~\n", b"~") == sample("999-outgoing.x12").replace(
        b"~\n", b"~"
    )


def test_a_partner_that_wants_997_gets_997(house: Installation) -> None:
    act = RegisterPartner(partner=partner(AnswerSet.SET_997))
    house.app.store.apply([Command(key="p", act=act, actor=SYSTEM, at=START)])
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order).replace(b"*X*004010", b"*X*005010"))

    assert [name[:3] for name in house.sent_to("BLUE")] == ["850", "997"]
