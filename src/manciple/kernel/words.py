"""Names and words of records that people keep: short, printed, without what nobody can see.

    bad_name("SKU-0475")     ->  ""
    bad_name("../..")        ->  "it begins with neither a letter nor a digit"
    bad_word("a\u202eb")     ->  "it holds U+202E, which cannot be seen"

A name stands in addresses, files and lists and is typed by hand; a word is read. Either is refused
with the reason, and an empty reason is none.
"""

import re
import unicodedata
from typing import Final

LONGEST_NAME: Final = 80
LONGEST_WORD: Final = 200
LONGEST_TEXT: Final = 2000
_LONGEST_ADDRESS: Final = 254
_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*\Z"
)
"""An address that a mail can be sent to. Source: RFC 5322 3.4.1, dot-atoms only, no quoting."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that are not printed. Source: Unicode 15.0, section 4.5."""
_JOINS: Final = frozenset("\u200c\u200d")
"""What joins letters or keeps them apart in scripts that need it. Source: Unicode 15.0, 23.2."""


def bad_name(name: str, *, longest: int = LONGEST_NAME) -> str:
    """Say what is wrong with a name; empty when nothing is."""
    if not name.strip():
        return "it is empty"
    if name != name.strip():
        return "a blank stands before or behind it"
    if not name[0].isalnum():
        return "it begins with neither a letter nor a digit"
    return bad_word(name, longest=longest)


def bad_word(word: str, *, longest: int = LONGEST_WORD) -> str:
    """Say what is wrong with a word, which may be empty; empty when nothing is."""
    if len(word) > longest:
        return f"it has {len(word)} characters, {longest} are the most"
    for letter in word:
        if unicodedata.category(letter) in _UNSEEN and letter not in _JOINS:
            return f"it holds U+{ord(letter):04X}, which cannot be seen"
    return ""


def is_address(text: str) -> bool:
    """Say whether a mail can be sent to an address; no line break can hide in one that can."""
    return len(text) <= _LONGEST_ADDRESS and _ADDRESS.match(text) is not None
