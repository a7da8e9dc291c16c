"""An item is a thing that is bought again: what it is, its base unit and the packs it comes in.

    bolt M8: base unit EA; a case is 12 EA, a pallet 960 EA

Every quantity about an item is kept in the base unit; the pack in which somebody spoke is kept
beside it.
"""

import re
from decimal import Decimal
from enum import StrEnum, auto
from typing import ClassVar, Final

from manciple.kernel.errors import MancipleError, Reason
from manciple.kernel.records import dataclass
from manciple.kernel.units import Unit
from manciple.kernel.words import LONGEST_NAME, LONGEST_TEXT, bad_name, bad_word

_GTIN: Final = re.compile(r"[0-9]{8,14}\Z")
"""Source: GS1 General Specifications, 7.10: GTIN-8, -12, -13 and -14."""


class ItemScheme(StrEnum):
    """Whose number an item number is."""

    SUPPLIER = auto()
    BUYER = auto()
    GTIN = auto()
    MANUFACTURER = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class ItemId:
    """An item number and whose it is: the supplier's, ours, or a GTIN."""

    scheme: ItemScheme
    id: str


class PackError(MancipleError):
    """A pack that holds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """How many base units one unit of this kind holds: a case is ``12`` each."""

    unit: Unit
    base: Decimal

    def __post_init__(self) -> None:
        """Refuse a pack that holds nothing."""
        if not self.base.is_finite() or self.base <= 0:
            raise PackError(f"a {self.unit.value} holds more than nothing, not {self.base}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A thing that is bought again.

    Attributes:
        id: our item number.
        stocked: kept in stock, so the direct flow may buy it.
        regulated: buying it late or wrong touches the law; raises its criticality.
        gtin: the trade item number of the base unit, digits only.
    """

    KIND: ClassVar[str] = "item"

    id: str
    description: str
    category: str
    base_unit: Unit
    packs: tuple[Pack, ...] = ()
    stocked: bool = True
    regulated: bool = False
    gtin: str | None = None

    @property
    def state(self) -> str:
        """Give the word that lists show."""
        return "stocked" if self.stocked else "not stocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterItem:
    """Make an item known, or replace what was known of it."""

    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRegistered:
    """An item can be bought; or its description or packs changed."""

    item: str
    category: str
    is_new: bool


def faults(item: Item) -> tuple[Reason, ...]:
    """List everything that is wrong with an item's record; empty when it can be registered."""
    found = []
    if why := bad_name(item.id):
        found.append(_fault("id", f"{item.id[:LONGEST_NAME]!r}: {why}", "give it our item number"))
    for name, word, longest in (
        ("category", item.category, LONGEST_NAME),
        ("description", item.description, LONGEST_TEXT),
    ):
        if why := bad_word(word, longest=longest):
            found.append(_fault(name, why, "say it in plain words"))
    if not item.category.strip():
        found.append(
            _fault("category", "the category is empty", "name a category; policy reads it")
        )
    units = [pack.unit for pack in item.packs]
    for index, unit in enumerate(units):
        place = f"packs.{index}.unit"
        if unit is item.base_unit:
            found.append(_fault(place, f"{unit.value} is the base unit itself", "leave it out"))
        if unit in units[:index]:
            found.append(_fault(place, f"{unit.value} is given twice", "give each pack once"))
    if item.gtin is not None and not _GTIN.match(item.gtin):
        message = f"{item.gtin[:LONGEST_NAME]!r} is not 8 to 14 digits"
        found.append(_fault("gtin", message, "give 8 to 14 digits, or null"))
    return tuple(found)


def _fault(field: str, message: str, fix: str) -> Reason:
    return Reason(code="BAD_ITEM", message=message, field=f"item.{field}", fix=fix)
