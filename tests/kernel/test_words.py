"""What may be a name and what may be a word, on both sides of each bound."""

import pytest

from manciple.kernel.words import LONGEST_NAME, bad_name, bad_word, is_address


@pytest.mark.parametrize(
    "name",
    [
        "SKU-0475",
        "a",
        "7",
        "office:America/Chicago",
        "Müller & Söhne",
        "नमस्ते\u200d",
        "x" * LONGEST_NAME,
    ],
)
def test_a_name_that_can_be_typed_and_read_passes(name: str) -> None:
    assert bad_name(name) == ""


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "empty"),
        (" ", "empty"),
        (" a", "a blank"),
        ("a ", "a blank"),
        ("../..", "neither a letter nor a digit"),
        ("-1", "neither a letter nor a digit"),
        ("x" * (LONGEST_NAME + 1), "80 are the most"),
        ("a\0b", r"U\+0000"),
        ("a\nb", r"U\+000A"),
        ("a\u202eb", r"U\+202E"),
        ("a\ud800", r"U\+D800"),
    ],
)
def test_a_name_that_cannot_is_told_why(name: str, why: str) -> None:
    with pytest.raises(AssertionError, match=why):
        assert not bad_name(name), bad_name(name)


def test_a_word_may_be_empty_and_begin_with_anything() -> None:
    assert [bad_word(word) for word in ("", " a", "-1", "x" * 200)] == ["", "", "", ""]
    assert bad_word("x" * 201) == "it has 201 characters, 200 are the most"
    assert bad_word("ab", longest=1) == "it has 2 characters, 1 are the most"


def test_an_address_is_one_that_a_mail_can_be_sent_to() -> None:
    assert is_address("orders@example.com")
    assert not any(map(is_address, ["", "x", "a@b\n", "a b@c.d", f"{'a' * 65}@b.c"]))
