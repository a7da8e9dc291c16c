r"""What text is: letters, digits, signs, line ends and tabs, whichever door people write it at.

    {"note": "a\u0000b"}   ->   BAD_TEXT at note: U+0000 at place 2 is a control character

A control character can't be seen, a database may refuse it, and half a surrogate pair can't be
written at all. Partners' files keep what they hold: they are read, not written, by us.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from manciple.kernel.errors import Reason
from manciple.runtime.codec import plain, plain_values

BY_PEOPLE: Final = frozenset({"api", "cli", "link", "mail", "page"})
"""The doors at which people, or programs of theirs, write texts."""
MOST_TOLD: Final = 20
"""Places that one refusal names."""
_MARKS: Final = (b"\\u00", b"\\b", b"\\f", b"\x7f")
"""How JSON writes a control character. Source: RFC 8259, section 7."""
_ALLOWED: Final = "\n\r\t"
_FIRST: Final = " "
_DELETE: Final = "\x7f"
_HALVES: Final = range(0xD800, 0xE000)


def faults_of(act: bytes) -> tuple[Reason, ...]:
    """Find what is no text in an encoded act; nothing in nearly all of them, at no cost."""
    if not any(mark in act for mark in _MARKS):
        return ()
    return tuple(_faults(plain_values(act)))


def faults_within(act: object) -> tuple[Reason, ...]:
    """Find what is no text in an act that can't be encoded because of it."""
    return tuple(_faults(plain(act)))


def _faults(value: Any) -> Iterator[Reason]:
    for field, letter, at in islice(_found(value, ()), MOST_TOLD):
        code = f"U+{ord(letter):04X}"
        what = "half a character" if ord(letter) in _HALVES else "a control character"
        yield Reason(
            code="BAD_TEXT",
            message=f"{code} at place {at} is {what}",
            field=field,
            rule="plain text",
            fix="Leave it out: a text holds letters, digits, signs, line ends and tabs.",
        )


def _found(value: Any, place: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """Give the field, the character and its place from 1, of each text that holds one."""
    if isinstance(value, str):
        for at, letter in enumerate(value, 1):
            if not _is_text(letter):
                yield ".".join(place), letter, at
                break
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _found(name, place)
            yield from _found(each, (*place, str(name)))
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from _found(each, (*place, str(n)))


def _is_text(letter: str) -> bool:
    if letter < _FIRST:
        return letter in _ALLOWED
    return letter != _DELETE and ord(letter) not in _HALVES
