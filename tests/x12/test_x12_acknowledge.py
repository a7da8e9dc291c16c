"""997 and TA1: what we answer technically, and what a partner's answer says."""

from datetime import UTC, datetime

import pytest
from mockedi import x12 as mockedi_x12
from mockedi.validate import validate as mockedi_validate
from tests.x12.x12_builders import ORDER, file, message, parts, sample

from manciple.exchange.reading import InterchangeReading, read
from manciple.formats.x12.acknowledge import (
    FunctionalAcknowledgment,
    answer_interchange,
    functional_acknowledgment,
    interchange_acknowledgment,
    read_functional_acknowledgment,
)
from manciple.formats.x12.write import Written

AT = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)


def rows(data: bytes) -> list[str]:
    _, (group,), _ = parts(data)
    return ["*".join(row) for row in functional_acknowledgment(group, control_number="1").segments]


def answered(reading: InterchangeReading) -> Written | None:
    return answer_interchange(
        reading.result, reading.groups, control_number=42, group_control_number=17, at=AT
    )


def test_a_right_message_is_accepted() -> None:
    assert rows(file(message(*ORDER))) == ["AK1*PO*7", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (message(*ORDER, count=9), "4"),
        (message(*ORDER).replace("SE*5*0001", "SE*5*0002"), "3"),
        (message(*ORDER).replace("ST*850", "ST*"), "6"),
    ],
)
def test_a_broken_message_is_rejected_with_its_code(bad: str, code: str) -> None:
    found = rows(file(bad))

    assert f"AK5*R*{code}" in found
    assert found[-1] == "AK9*R*1*1*0"


def test_one_bad_message_of_two_makes_a_partial_acceptance() -> None:
    data = file(message(*ORDER), message(*ORDER, control="0002", count=1))

    assert rows(data)[1:] == [
        "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*R*4", "AK9*P*2*2*1"
    ]  # fmt: skip


def test_a_wrong_check_total_is_accepted_with_errors_and_its_place() -> None:
    data = file(message(ORDER[0], ORDER[1], "CTT*4"))

    assert rows(data)[1:] == [
        "AK2*850*0001", "AK3*CTT*4**8", "AK4*1**7*4", "AK5*E*5", "AK9*E*1*1*1"
    ]  # fmt: skip


def test_a_wrong_group_count_is_told_in_ak9() -> None:
    found = rows(file(message(*ORDER), ge="GE*3*7~"))

    assert found[-1] == "AK9*P*3*1*1*5"


def test_a_group_that_counts_fewer_than_came_is_accepted_with_errors() -> None:
    data = file(message(*ORDER), message(*ORDER, control="0002"), ge="GE*1*7~")

    assert rows(data)[-1] == "AK9*E*1*2*2*5"


def test_a_group_of_which_nothing_was_taken_is_rejected_whatever_else_is_wrong() -> None:
    found = rows(file(message(*ORDER, count=9), ge="GE*3*7~"))

    assert found[-1] == "AK9*R*3*1*0*5"


def test_findings_of_the_mapping_are_told_too() -> None:
    data = file(message("BEG*00*SA*PO-1**20261122", "PO1*1*many*EA", "CTT*1"))
    (interchange,) = read(data).interchanges

    (group,) = interchange.groups
    segments = functional_acknowledgment(group, control_number="1").segments

    assert ("AK3", "PO1", "3", "", "8") in segments
    assert ("AK4", "2", "", "6", "many") in segments
    assert ("AK5", "R", "5") in segments


def test_the_answer_is_one_interchange_back_to_the_sender() -> None:
    (interchange,) = read(file(message(*ORDER))).interchanges

    written = answered(interchange)

    assert written is not None
    assert written.content == (
        b"ISA*00*          *00*          *ZZ*SELLER         *ZZ*BUYER          "
        b"*261122*1330*U*00401*000000042*0*P*>~"
        b"GS*FA*SELLER*BUYER*20261122*1330*17*X*004010~"
        b"ST*997*0001~AK1*PO*7~AK2*850*0001~AK5*A~AK9*A*1*1*1~SE*6*0001~"
        b"GE*1*17~IEA*1*000000042~"
    )


def test_our_own_answer_reads_back_as_what_was_meant() -> None:
    data = file(message(*ORDER), message(*ORDER, control="0002", count=1))
    (interchange,) = read(data).interchanges
    written = answered(interchange)
    assert written is not None
    assert written.content is not None

    (reply,), _, _ = parts(written.content)
    (answer,) = read_functional_acknowledgment(reply)

    assert (answer.group_kind, answer.group_control_number, answer.code) == ("PO", "7", "P")
    assert [(m.control_number, m.is_accepted, m.codes) for m in answer.messages] == [
        ("0001", True, ()),
        ("0002", False, ("4",)),
    ]


def test_a_functional_acknowledgment_is_never_answered() -> None:
    (interchange,) = read(sample("997-partial.x12")).interchanges

    assert answered(interchange) is None


def test_a_ta1_is_due_when_the_sender_asks() -> None:
    _, _, (result,) = parts(file(message(*ORDER), ask="1"))
    (interchange,) = read(file(message(*ORDER), ask="1")).interchanges
    written = answered(interchange)

    assert interchange_acknowledgment(result) == (
        "TA1", "000000001", "261122", "1200", "A", "000"
    )  # fmt: skip
    assert written is not None
    assert b"~TA1*000000001*261122*1200*A*000~GS*FA" in (written.content or b"")


@pytest.mark.parametrize(
    ("data", "code", "note"),
    [
        (file(message(*ORDER), iea="IEA*1*000000002~"), "R", "001"),
        (file(message(*ORDER), iea="IEA*2*000000001~"), "R", "021"),
        (file(message(*ORDER), iea=""), "R", "023"),
        (file(message(*ORDER)).replace(b"BUYER     ", b"BUYER"), "E", "022"),
    ],
)
def test_a_broken_interchange_is_told_why(data: bytes, code: str, note: str) -> None:
    _, _, (result,) = parts(data)
    ta1 = interchange_acknowledgment(result)

    assert ta1 is not None
    assert ta1[4:] == (code, note)


@pytest.mark.parametrize(
    ("count", "code"),
    [(None, "E"), (9, "R")],
    ids=["its message was taken", "nothing of it was taken"],
)
def test_a_broken_interchange_is_rejected_only_if_nothing_was_taken(
    count: int | None, code: str
) -> None:
    body = message(*ORDER) if count is None else message(*ORDER, count=count)
    _, groups, (result,) = parts(file(body, iea="IEA*1*000000002~"))

    assert (interchange_acknowledgment(result, groups) or ())[4:] == (code, "001")


def test_a_repeated_interchange_is_told_as_duplicate() -> None:
    data = file(message(*ORDER))
    _, groups, (_, second) = parts(data + data)

    assert (interchange_acknowledgment(second, groups) or ())[4:] == ("R", "025")


def test_a_partners_997_names_accepted_and_rejected_messages() -> None:
    (reply,), _, _ = parts(sample("997-partial.x12"))

    (answer,) = read_functional_acknowledgment(reply)

    assert answer.group_control_number == "101"
    assert (answer.code, answer.included, answer.received, answer.accepted) == ("P", 2, 2, 1)
    assert not answer.is_accepted
    first, second = answer.messages
    assert first.is_accepted
    assert (second.control_number, second.code, second.codes) == ("0002", "R", ("5",))
    assert [(n.segment, n.position, n.element, n.element_code) for n in second.notes] == [
        ("PO1", 9, None, None),
        ("PO1", 9, 2, "6"),
    ]


def test_a_997_that_says_nothing_accepts_nothing() -> None:
    (reply,), _, _ = parts(file(message("AK1*PO*101", kind="997"), kind="FA"))

    (answer,) = read_functional_acknowledgment(reply)

    assert answer == FunctionalAcknowledgment(group_kind="PO", group_control_number="101", code="")
    assert not answer.is_accepted


def test_a_997_may_answer_several_groups_and_hold_nonsense() -> None:
    body = ("AK1*PO*1", "AK9*A*1*1*1", "AK1*IN*2", "AK2*810", "AK4*x", "AK5", "AK9*R*many")
    (reply,), _, _ = parts(file(message(*body, kind="997"), kind="FA"))

    first, second = read_functional_acknowledgment(reply)

    assert first.is_accepted
    assert (second.code, second.included) == ("R", None)
    assert [m.is_accepted for m in second.messages] == [False]


def test_an_independent_reader_takes_our_answer_as_we_mean_it() -> None:
    """mock-edi (MIT) has its own 997 reader and its own dictionary."""
    data = file(message(*ORDER), message(*ORDER, control="0002", count=1))
    (interchange,) = read(data).interchanges
    written = answered(interchange)
    assert written is not None
    assert written.content is not None

    report = mockedi_validate(mockedi_x12.parse(written.content.decode()))

    (found,) = report.messages
    assert found.accepted
    assert [*found.segments, *found.set_errors] == []
    assert not report.envelope_errors
