"""Typed segments to bytes, and back to the same."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.x12.x12_builders import parts, sample

from manciple.formats.x12.findings import Fault, Severity
from manciple.formats.x12.separators import Separators
from manciple.formats.x12.tokens import Tokens
from manciple.formats.x12.write import (
    Address,
    OutgoingGroup,
    OutgoingInterchange,
    OutgoingMessage,
    SeparatorPolicy,
    write_interchange,
    write_segments,
)

AT = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)


def outgoing(
    *segments: tuple[str, ...], separators: Separators | None = None, at: datetime = AT
) -> OutgoingInterchange:
    message = OutgoingMessage(kind="850", control_number="0001", segments=segments)
    group = OutgoingGroup(sender="US", receiver="THEM", control_number=9, messages=(message,))
    return OutgoingInterchange(
        sender=Address(qualifier="ZZ", identifier="US"),
        receiver=Address(qualifier="01", identifier="123456789"),
        control_number=77,
        at=at,
        groups=(group,),
        separators=separators or Separators(),
    )


def test_the_isa_is_106_characters_and_counts_are_right() -> None:
    written = write_interchange(outgoing(("BEG", "00", "SA", "PO-1"), ("PO1", "1", "5", "EA")))

    assert written.content == (
        b"ISA*00*          *00*          *ZZ*US             *01*123456789      "
        b"*261122*1330*U*00401*000000077*0*P*>~\n"
        b"GS*PO*US*THEM*20261122*1330*9*X*004010~\n"
        b"ST*850*0001~\nBEG*00*SA*PO-1~\nPO1*1*5*EA~\nSE*4*0001~\nGE*1*9~\nIEA*1*000000077~\n"
    )
    assert written.content.index(b"~") == 105


def test_times_are_written_in_utc() -> None:
    local = datetime(2026, 11, 22, 20, 5, tzinfo=timezone(timedelta(hours=-5)))

    written = write_interchange(outgoing(("BEG", "00"), at=local))

    assert b"*261123*0105*" in (written.content or b"")


def test_trailing_empty_elements_are_left_out() -> None:
    written = write_interchange(outgoing(("PO1", "1", "", "EA", "", "")))

    assert b"PO1*1**EA~" in (written.content or b"")


@pytest.mark.parametrize("bad", ["a*b", "a~b", "a>b", "two\nlines", "nul\x00"])
def test_a_separator_in_data_is_refused_with_its_place(bad: str) -> None:
    written = write_interchange(outgoing(("BEG", "00", bad)))

    assert written.content is None
    (finding,) = written.findings
    assert finding.code is Fault.SEPARATOR_IN_DATA
    assert finding.severity is Severity.ERROR
    assert (finding.where.segment, finding.where.element) == ("BEG", 2)


def test_a_separator_in_data_is_replaced_where_the_partner_says_so() -> None:
    written = write_interchange(
        outgoing(("MSG", "5*4 > 3~")), policy=SeparatorPolicy.REPLACE, replacement="-"
    )

    assert b"MSG*5-4 - 3-~" in (written.content or b"")
    assert [f.severity for f in written.findings] == [Severity.WARNING]


def test_an_address_that_does_not_fit_the_isa_is_refused() -> None:
    order = outgoing(("BEG", "00"))
    long = OutgoingInterchange(
        sender=Address(qualifier="ZZ", identifier="A NAME OF SIXTEEN"),
        receiver=order.receiver,
        control_number=1,
        at=AT,
    )

    written = write_interchange(long)

    assert written.content is None
    assert written.findings[0].text.startswith("ISA06 'A NAME OF SIXTEEN' is 17 characters")


def test_an_interchange_number_past_nine_digits_is_refused() -> None:
    interchange = outgoing(("BEG", "00"))
    big = OutgoingInterchange(
        sender=interchange.sender, receiver=interchange.receiver, control_number=10**9, at=AT
    )

    assert write_interchange(big).content is None


SAFE = st.text(
    st.characters(
        blacklist_characters="*~>^|!:", min_codepoint=32, blacklist_categories=("Cs", "Cc")
    ),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip())
TAGS = st.sampled_from(["BEG", "N1", "PO1", "PID", "REF", "MSG"])
SEGMENTS = st.tuples(TAGS, st.lists(SAFE, min_size=1, max_size=5)).map(lambda t: (t[0], *t[1]))
MARKS = st.sampled_from(
    [
        Separators(),
        Separators(element="|", component=":", terminator="!", line_end=""),
        Separators(element="^", component=">", terminator="\n", line_end=""),
        Separators(element="*", component=":", terminator="~", line_end="\r\n"),
    ]
)


@settings(deadline=None)
@given(st.lists(SEGMENTS, min_size=1, max_size=8), MARKS)
def test_what_is_written_reads_back_the_same(
    segments: list[tuple[str, ...]], marks: Separators
) -> None:
    written = write_interchange(outgoing(*segments, separators=marks))
    assert written.content is not None

    (message,), (group,), (interchange,) = parts(written.content)

    assert [s.elements for s in message.segments[1:-1]] == segments
    assert not (*message.findings, *group.findings, *interchange.findings)
    assert interchange.interchange is not None
    assert interchange.interchange.separators == marks


@pytest.mark.parametrize(
    "name", ["850-plain.x12", "850-bare.x12", "855-split.x12", "856-tree.x12", "810-charges.x12"]
)
def test_a_file_that_was_read_is_written_back_byte_for_byte(name: str) -> None:
    data = sample(name)
    tokens = Tokens(data)
    segments = [segment.elements for segment in tokens]

    written = write_segments(segments, tokens.separators)

    assert written.rstrip() == data.rstrip()
