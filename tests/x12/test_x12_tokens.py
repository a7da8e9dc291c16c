"""Bytes to segments: every way in which senders write an interchange."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.x12.x12_builders import ORDER, file, isa, message, sample, texts

from manciple.exchange.reading import read
from manciple.formats.x12 import tokens
from manciple.formats.x12.findings import Fault
from manciple.formats.x12.tokens import Segment, Tokens

PLAIN = file(message(*ORDER))
TAGS = ["ISA", "GS", "ST", "BEG", "PO1", "CTT", "SE", "GE", "IEA"]


def tags(data: bytes) -> list[str]:
    return [segment.tag for segment in Tokens(data)]


def test_segments_carry_number_offset_tag_and_elements() -> None:
    segments = list(Tokens(PLAIN))

    assert [s.tag for s in segments] == TAGS
    assert [s.number for s in segments] == list(range(9))
    assert all(PLAIN[s.offset :].startswith(s.tag.encode()) for s in segments)
    assert segments[4].elements[:4] == ("PO1", "1", "5", "EA")


@pytest.mark.parametrize("terminator", ["~", "!", "|", "\\", "}", "\x1c", "\n", "\r", "\r\n", "…"])
def test_any_character_may_end_a_segment(terminator: str) -> None:
    data = PLAIN.decode().replace("~", terminator).encode()

    assert tags(data) == TAGS


@pytest.mark.parametrize("element", ["|", "~", "\x1d", "^", "+"])
def test_any_character_may_part_elements(element: str) -> None:
    data = PLAIN.replace(b"~", b"\n").replace(b"*", element.encode())

    assert tags(data) == TAGS


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\n\n", "\n\t ", "\n    "])
def test_what_follows_a_terminator_for_the_eye_is_read_over(line_end: str) -> None:
    data = PLAIN.decode().replace("~", "~" + line_end).encode()

    segments = list(Tokens(data))

    assert [s.tag for s in segments] == TAGS
    assert all(data[s.offset :].startswith(s.tag.encode()) for s in segments)


def test_byte_order_mark_and_blank_lines_before_the_isa_are_no_fault() -> None:
    assert not texts(b"\xef\xbb\xbf\r\n\n  " + PLAIN)


def test_unpadded_isa_is_read_and_its_width_reported() -> None:
    data = PLAIN.replace(b" " * 10, b" ").replace(b"BUYER ", b"BUYER")

    assert tags(data) == TAGS
    assert "ISA is 78 characters, fixed width is 106" in texts(data)[0]
    assert "ISA02 is 1 characters, should be 10" in texts(data)[0]


def test_line_break_inside_the_isa_is_reported_with_its_element() -> None:
    data = PLAIN.replace(b"*1200*U", b"*12\n00*U")

    assert tags(data) == TAGS
    assert "line feed inside ISA10" in texts(data)[0]
    assert next(s.at(10) for s in Tokens(data)) == "1200"


def test_missing_component_separator_leaves_the_terminator_in_its_place() -> None:
    data = PLAIN.decode().replace(">~", "~\n").replace("~", "~\n").encode()

    assert tags(data) == TAGS
    assert "ISA16 is empty or missing" in texts(data)[0]


def test_terminator_of_the_segments_wins_over_that_of_the_isa() -> None:
    data = PLAIN.replace(b">~GS", b">#\nGS").replace(b"~", b"~\n")

    assert tags(data) == TAGS
    assert "the ISA ends with '#', the segments with '~'" in texts(data)


def test_sender_called_gs_is_not_taken_for_the_group_header() -> None:
    data = PLAIN.replace(b"BUYER          *ZZ", b"GS*ZZ")

    assert tags(data) == TAGS


def test_repetition_separator_is_no_letter_and_no_old_version() -> None:
    assert separators(PLAIN) is None
    assert separators(PLAIN.replace(b"*U*00401*", b"*^*00401*")) is None
    assert separators(PLAIN.replace(b"*U*00401*", b"*U*00501*")) is None
    assert separators(PLAIN.replace(b"*U*00401*", b"*^*00501*")) == "^"


def separators(data: bytes) -> str | None:
    stream = Tokens(data)
    list(stream)
    return stream.separators.repetition


def test_missing_terminator_before_a_line_break_is_forgiven_and_reported() -> None:
    data = PLAIN.replace(b"~", b"~\n").replace(b"PO1*1*5*EA*2.50**VP*NUT-8~", b"PO1*1*5*EA*2.50")

    assert tags(data) == TAGS
    assert "PO1*1*5*EA*2.50 before CTT has no ~" in texts(data)
    assert "SE01 says 5, is 4; it is 5 with the 1 segments that lack their terminator" in texts(
        data
    )


def test_another_terminator_before_a_line_break_is_forgiven_and_reported() -> None:
    data = PLAIN.replace(b"~", b"$\n").replace(b"NUT-8$", b"NUT-8~")

    assert tags(data) == TAGS
    assert "PO1*1*5*EA*2.50**VP*NUT-8 ends with ~ instead of $" in texts(data)


def test_text_with_a_line_break_stays_one_segment() -> None:
    data = file(message("BEG*00*SA*PO-1**20261122", "MSG*two\nlines of text"))

    assert next(s for s in Tokens(data) if s.tag == "MSG").at(1) == "two\nlines of text"


def test_letters_outside_ascii_are_read_as_utf8_and_else_as_latin1() -> None:
    utf8 = file(message("BEG*00*SA*PO-1", "N1*ST*Café Zürich"))
    latin = utf8.decode().encode("latin-1")

    for data in (utf8, latin):
        name = next(s for s in Tokens(data) if s.tag == "N1")
        assert name.at(2) == "Café Zürich"
        assert data[name.offset :].startswith(b"N1*ST")


def test_several_interchanges_with_noise_between_are_all_read() -> None:
    second = file(message(*ORDER), control="000000002")
    data = PLAIN + b"\n-- cut here --\n" + second + b"\r\n\x1a"

    found = texts(data)

    assert tags(data) == TAGS * 2
    assert found == ["14 bytes outside any interchange: '-- cut here --'"]


def test_second_interchange_may_have_other_separators() -> None:
    other = PLAIN.decode().replace("*", "|").replace("~", "!").encode()

    assert tags(PLAIN + b"\n" + other) == TAGS * 2


def test_missing_iea_does_not_hide_the_next_interchange() -> None:
    cut = PLAIN[: PLAIN.index(b"GE*")]

    assert tags(cut + PLAIN) == TAGS[:-2] + TAGS
    assert "IEA is missing before the next ISA; ISA13 is 000000001" in texts(cut + PLAIN)


def test_file_that_ends_inside_a_segment_says_so() -> None:
    data = PLAIN[: PLAIN.index(b"CTT*1") + 4]

    assert "the file ends inside CTT: no '~' after it" in texts(data)
    assert "SE is missing before the end of the file; ST02 is 0001" in texts(data)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 107, 1000, 4096])
@pytest.mark.parametrize("name", ["850-plain.x12", "856-tree.x12", "850-bare.x12"])
def test_how_the_bytes_arrive_changes_nothing(name: str, size: int) -> None:
    data = sample(name) + b"\n" + sample("855-split.x12")
    whole = list(Tokens(data))

    assert list(Tokens(BytesIO(data), chunk=size)) == whole


def test_segment_without_end_is_left_out_and_reading_stops_in_bounded_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "MAX_SEGMENT", 10_000)
    data = PLAIN[:106] + b"GS*PO" + b"x" * 500_000

    codes = [f.code for f in read(data).findings]

    assert Fault.SEGMENT_TOO_LONG in codes
    assert Fault.IEA_MISSING in codes


# Whatever comes, reading ends with an answer


def answers(data: bytes) -> bool:
    reading = read(data)
    return bool(reading.documents or reading.interchanges)


@settings(deadline=None)
@given(st.binary(max_size=2000))
def test_random_bytes_never_raise(data: bytes) -> None:
    assert answers(data)


pieces = st.sampled_from(
    ["ISA", "*", "~", "\n", "GS", "ST*850*1", "SE", "GE", "IEA*1*1", "PO1", "HL*1*1*I", "\x00",
     "TDS*x", "é", "ACK*IA*1", "CTT*9*9", isa(), "SN1**9e9*EA", "SAC*C****1.2.3", ">", " "]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=60))
def test_anything_that_looks_like_x12_never_raises(some: list[str]) -> None:
    assert answers("".join(some).encode())


NAMES = ("850-plain.x12", "855-split.x12", "856-tree.x12", "810-charges.x12", "997-partial.x12")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), st.data())
def test_a_damaged_file_never_raises(name: str, data: st.DataObject) -> None:
    content = bytearray(sample(name))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))

    assert answers(bytes(content))


@pytest.mark.parametrize("name", NAMES)
def test_half_an_interchange_gives_findings(name: str) -> None:
    content = sample(name)
    for length in range(0, len(content) - 1, 13):
        reading = read(content[:length])
        assert reading.findings


@pytest.mark.parametrize(
    "noise",
    [b"\x00" * 10_000_000, b"ISA*" * 2_500_000, b"A~" * 5_000_000, b"ISA" + b"*~" * 5_000_000],
    ids=["nul", "isa", "tildes", "separators"],
)
def test_ten_megabytes_of_noise_end_in_a_finding(noise: bytes) -> None:
    reading = read(noise)

    assert not reading.is_readable
    assert any(f.code in {Fault.NOT_X12, Fault.ISA_UNREADABLE} for f in reading.findings)


def test_a_megabyte_of_segments_in_no_message_are_reported_once() -> None:
    data = PLAIN.replace(b"GE*1*7~", b"GE*1*7~" + b"XX*1~" * 200_000)

    assert [t for t in texts(data) if "outside any message" in t] == [
        "'XX' and what follows stands outside any message (ST to SE)"
    ]


def test_longest_message_is_cut_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("manciple.formats.x12.envelope.MAX_SEGMENTS", 50)
    data = file(message("BEG*00*SA*PO-1", *["PO1*1*5*EA"] * 100))

    assert "the message has more than 50 segments; the rest was left out" in texts(data)


def test_at_gives_empty_text_for_what_was_left_out() -> None:
    assert Segment(0, 0, "PO1", ("PO1", " 7 ")).at(1) == "7"
    assert Segment(0, 0, "PO1", ("PO1", " 7 ")).at(9) == ""
