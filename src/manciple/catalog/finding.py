"""Finding an item by the beginning of its number or of any word of its description.

VALVE-12, "Ball valve 1/2 in brass"  ->  valve-12  valve  12  ball  1  2  in  brass
"""

import re
from typing import Final, Protocol

from manciple.catalog.item import Item
from manciple.kernel.records import dataclass

_WORD: Final = re.compile(r"\w+")
_LONGEST: Final = 60
_MOST: Final = 24
"""Words of one item that are listed; a longer description is found by its first ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWord:
    """An item bears the word under which this row lies; an outdated row is passed over."""

    item: str


class ItemFinder(Protocol):
    """Finds items by what people type."""

    def found(self, text: str, *, most: int) -> tuple[Item, ...]:
        """Give items whose number or words begin so, all typed words together, by number."""
        ...


def words_of(item: Item) -> tuple[str, ...]:
    """Give the words by which an item is found, in small letters, each once."""
    whole = item.id.casefold()
    parts = _WORD.findall(f"{item.id} {item.description}".casefold())
    listed = (word[:_LONGEST] for word in (whole, *parts))
    return tuple(dict.fromkeys(listed))[:_MOST]


def typed_words(text: str) -> tuple[str, ...]:
    """Take apart what somebody typed; one word that is a whole number stays one."""
    plain = " ".join(text.casefold().split())
    if plain and " " not in plain:
        return (plain[:_LONGEST],)
    return tuple(dict.fromkeys(word[:_LONGEST] for word in plain.split()))[:_MOST]


def bears(item: Item, words: tuple[str, ...]) -> bool:
    """Say whether every typed word begins one of the item's words."""
    own = words_of(item)
    return all(any(each.startswith(word) for each in own) for word in words)
