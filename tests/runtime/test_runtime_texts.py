"""What passes for text: people's doors take no control character, systems' doors no NUL."""

import pytest

from manciple.runtime.codec import encode
from manciple.runtime.texts import BY_PEOPLE, faults_of


@pytest.mark.parametrize("door", sorted(BY_PEOPLE))
@pytest.mark.parametrize("letter", ["\0", "\x01", "\x08", "\x0c", "\x1f", "\x7f"])
def test_people_write_no_control_character(door: str, letter: str) -> None:
    [fault] = faults_of(encode({"note": {"text": f"ab{letter}"}}), door)

    assert (fault.code, fault.field) == ("BAD_TEXT", "note.text")
    assert f"U+{ord(letter):04X} at place 3" in fault.message


@pytest.mark.parametrize("door", ["edi", "wms", "erp", "effect", "process", "timer"])
def test_systems_write_all_but_nul(door: str) -> None:
    assert faults_of(encode(["\x01\x7f", "\\u0000", "plain"]), door) == ()

    [fault] = faults_of(encode(["plain", "\x01\0"]), door)
    assert (fault.code, fault.field) == ("BAD_TEXT", "1")
    assert "U+0000 at place 2" in fault.message


@pytest.mark.parametrize("door", ["api", "edi"])
def test_line_ends_tabs_and_a_written_escape_are_text(door: str) -> None:
    assert faults_of(encode({"a": "x\n\r\ty", "b": "\\u0000 \\b"}), door) == ()
