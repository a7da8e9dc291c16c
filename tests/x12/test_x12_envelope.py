"""Counts and control numbers: each fault is reported with its place, and reading goes on."""

import pytest
from tests.x12.x12_builders import ORDER, file, findings, isa, message, parts, sample, texts

from manciple.formats.x12.findings import Fault, Severity

PLAIN = file(message(*ORDER))


def test_a_right_file_has_no_findings() -> None:
    messages, groups, interchanges = parts(PLAIN)

    assert not texts(PLAIN)
    assert [m.kind for m in messages] == ["850"]
    assert messages[0].control_number == "0001"
    assert messages[0].version == "004010"
    assert groups[0].included == 1
    assert interchanges[0].interchange is not None
    assert interchanges[0].interchange.sender == "BUYER"


@pytest.mark.parametrize("name", ["850-plain.x12", "850-bare.x12", "855-split.x12", "856-tree.x12",
                                  "856-flat.x12", "810-charges.x12", "810-credit.x12",
                                  "997-partial.x12", "855-header-only.x12"])  # fmt: skip
def test_our_samples_have_right_envelopes(name: str) -> None:
    assert not texts(sample(name))


@pytest.mark.parametrize(
    ("old", "new", "text", "code"),
    [
        ("SE*5*0001", "SE*7*0001", "SE01 says 7, is 5", Fault.SE_COUNT),
        ("SE*5*0001", "SE*five*0001", "SE01 says five, is 5", Fault.SE_COUNT),
        ("SE*5*0001", "SE**0001", "SE01 says , is 5", Fault.SE_COUNT),
        ("SE*5*0001", "SE*5*0009", "SE02 says 0009, ST02 is 0001", Fault.SE_CONTROL),
        ("SE*5*0001~", "", "SE is missing before GE; ST02 is 0001", Fault.SE_MISSING),
        ("GE*1*7", "GE*4*7", "GE01 says 4, is 1", Fault.GE_COUNT),
        ("GE*1*7", "GE*1*8", "GE02 says 8, GS06 is 7", Fault.GE_CONTROL),
        ("GE*1*7~", "", "GE is missing before IEA; GS06 is 7", Fault.GE_MISSING),
        ("IEA*1*", "IEA*2*", "IEA01 says 2, is 1", Fault.IEA_COUNT),
        ("IEA*1*000000001", "IEA*1*000000009", "IEA02 says 000000009, ISA13 is 000000001",
         Fault.IEA_CONTROL),
        ("IEA*1*000000001~", "", "IEA is missing before the end of the file; ISA13 is 000000001",
         Fault.IEA_MISSING),
        ("GS*PO", "GS*IN", "GS01 says IN, group of 850 should be PO", Fault.GS_KIND),
        ("CTT*1", "CTT*3", "CTT01 says 3, is 1", Fault.CTT_COUNT),
        ("CTT*1", "CTT*1*9", "CTT02 says 9, is 5", Fault.CTT_HASH),
        ("ST*850", "ST*", "ST01 is empty", Fault.ST_KIND),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_both_figures(old: str, new: str, text: str, code: Fault) -> None:
    data = PLAIN.replace(old.encode(), new.encode())

    found = findings(data)

    assert text in [f.text for f in found]
    assert code in [f.code for f in found]


def test_a_finding_names_interchange_group_message_segment_element_and_byte() -> None:
    data = PLAIN.replace(b"SE*5*", b"SE*7*")

    (finding,) = findings(data)

    assert finding.severity is Severity.ERROR
    assert finding.where.interchange == "000000001"
    assert finding.where.group == "7"
    assert finding.where.message == "0001"
    assert finding.where.segment == "SE"
    assert finding.where.element == 1
    assert finding.where.position == 5
    assert finding.where.index == 6
    assert finding.where.offset == data.index(b"SE*7*")


def test_a_group_of_the_wrong_kind_is_a_warning_at_its_gs() -> None:
    (finding,) = findings(PLAIN.replace(b"GS*PO", b"GS*SC"))

    assert finding.severity is Severity.WARNING
    assert finding.where.segment == "GS"


def test_a_control_number_used_twice_is_reported_for_the_second_message() -> None:
    messages, _, _ = parts(file(message(*ORDER), message(*ORDER)))

    assert not messages[0].findings
    assert [f.text for f in messages[1].findings] == ["ST02 0001 is used twice in the group"]


def test_an_interchange_number_used_twice_by_one_sender_is_reported() -> None:
    assert texts(PLAIN + PLAIN) == ["ISA13 000000001 is used twice by BUYER"]
    other = PLAIN.replace(b"BUYER          *ZZ", b"OTHER          *ZZ")
    assert not texts(PLAIN + other)


def test_a_group_number_used_twice_is_reported() -> None:
    group = PLAIN[PLAIN.index(b"GS*") : PLAIN.index(b"IEA*")]
    data = PLAIN.replace(b"IEA*1*", group + b"IEA*2*")

    assert texts(data) == ["GS06 7 is used twice in the interchange"]


def test_a_message_without_group_is_read_and_reported() -> None:
    data = (isa() + message(*ORDER) + "IEA*0*000000001~").encode()
    messages, groups, _ = parts(data)

    assert [m.kind for m in messages] == ["850"]
    assert not groups
    assert texts(data) == ["message 0001 stands in no group: GS is missing"]


def test_a_segment_between_messages_is_reported() -> None:
    data = PLAIN.replace(b"GE*1*7", b"N1*ST*nowhere~GE*1*7")

    assert texts(data) == ["'N1' and what follows stands outside any message (ST to SE)"]


def test_a_fault_in_one_message_leaves_the_next_alone() -> None:
    data = file(message(*ORDER, count=99), message(*ORDER, control="0002"))
    messages, groups, _ = parts(data)

    assert [len(m.findings) for m in messages] == [1, 0]
    assert [len(m.findings) for m in groups[0].messages] == [1, 0]


def test_ship_notices_may_count_levels_or_items() -> None:
    body = ("BSN*00*S1*20261122*1200", "HL*1**S", "HL*2*1*I", "SN1**5*EA")
    for count in ("CTT*1*5", "CTT*2*5"):
        assert not texts(file(message(*body, count, kind="856"), kind="SH"))
    wrong = file(message(*body, "CTT*7", kind="856"), kind="SH")
    assert texts(wrong) == ["CTT01 says 7, is 1"]


def test_answers_to_our_interchanges_are_kept() -> None:
    ta1 = "TA1*000000201*260924*1130*R*025~"
    data = (isa() + ta1 + "IEA*0*000000001~").encode()
    _, _, (interchange,) = parts(data)

    (answer,) = interchange.answers
    assert (answer.control_number, answer.code, answer.note) == ("000000201", "R", "025")


def test_a_noisy_message_keeps_two_hundred_findings_and_is_an_error() -> None:
    rows = ["PO1*1*5*EA\nPO1*2*5*EA" for _ in range(500)]
    messages, _, _ = parts(file(message("BEG*00*SA*PO-1", *rows)))

    *first, last = messages[0].findings
    assert len(first) == 200
    assert {f.code for f in first} == {Fault.TERMINATOR_MISSING}
    assert (last.code, last.severity) == (Fault.TOO_MANY, Severity.ERROR)


def test_a_missing_terminator_after_st_is_counted_like_any_other() -> None:
    data = PLAIN.replace(b"~", b"~\n").replace(b"ST*850*0001~", b"ST*850*0001")

    assert "SE01 says 5, is 4; it is 5 with the 1 segments that lack their terminator" in texts(
        data
    )
