r"""What text is: letters, digits, signs, line ends and tabs, whichever door people write it at.

    {"note": "a\u0000b"}   ->   BAD_TEXT at note: U+0000 at place 2 is a control character

A control character can't be seen, a database may refuse it, and half a surrogate pair can't be
written at all. Systems may write what they hold, but for NUL: PostgreSQL has no text with one.
"""

from collections.abc import Callable, Iterator
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
_NUL: Final = b"\\u0000"
_ALLOWED: Final = "\n\r\t"
_FIRST: Final = " "
_DELETE: Final = "\x7f"
_HALVES: Final = range(0xD800, 0xE000)


def faults_of(act: bytes, door: str) -> tuple[Reason, ...]:
    """Find what is no text in an encoded act; nothing in nearly all of them, at no cost.

    Of what systems write only NUL is refused, which no text of PostgreSQL can hold.
    """
    by_people = door in BY_PEOPLE
    marks = _MARKS if by_people else (_NUL,)
    if not any(mark in act for mark in marks):
        return ()
    return tuple(_faults(plain_values(act), _is_text if by_people else _is_storable))


def faults_within(act: object) -> tuple[Reason, ...]:
    """Find what is no text in an act that can't be encoded because of it."""
    return tuple(_faults(plain(act), _is_text))


def _faults(value: Any, passes: Callable[[str], bool]) -> Iterator[Reason]:
    for field, letter, at in islice(_found(value, (), passes), MOST_TOLD):
        code = f"U+{ord(letter):04X}"
        what = "half a character" if ord(letter) in _HALVES else "a control character"
        yield Reason(
            code="BAD_TEXT",
            message=f"{code} at place {at} is {what}",
            field=field,
            rule="plain text",
            fix="Leave it out: a text holds letters, digits, signs, line ends and tabs.",
        )


def _found(
    value: Any, place: tuple[str, ...], passes: Callable[[str], bool]
) -> Iterator[tuple[str, str, int]]:
    """Give the field, the character and its place from 1, of each text that holds one."""
    if isinstance(value, str):
        for at, letter in enumerate(value, 1):
            if not passes(letter):
                yield ".".join(place), letter, at
                break
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _found(name, place, passes)
            yield from _found(each, (*place, str(name)), passes)
    elif isinstance(value, list | tuple):
        for n, each in enumerate(value):
            yield from _found(each, (*place, str(n)), passes)


def _is_storable(letter: str) -> bool:
    return letter != "\0"


def _is_text(letter: str) -> bool:
    if letter < _FIRST:
        return letter in _ALLOWED
    return letter != _DELETE and ord(letter) not in _HALVES
