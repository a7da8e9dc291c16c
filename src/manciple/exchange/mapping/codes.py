"""Codes: a partner's codes on the left, our words on the right, as data with an overlay."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from manciple.exchange.mapping.document import StatedQuantity
from manciple.kernel.units import Unit, from_x12, to_x12

MEMORY = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A partner's habits, laid over the plain code lists.

    Attributes:
        codes: rows that are added to a list or change one.
        write: codes to write for a word, where the first of the list is not theirs.
        prefer_items: which item numbers come first, best first.
    """

    name: str
    codes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    write: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    prefer_items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """All code lists of one partner, read in both directions.

    Attributes:
        units: what unit codes met so far mean; a memory, filled as files are read.
        quantities: number and unit as written to the quantity they are; likewise a memory.
    """

    lists: Mapping[str, Mapping[str, Any]]
    backwards: Mapping[str, Mapping[str, str]]
    prefer_items: tuple[str, ...] = ()
    units: dict[str, Unit | None] = field(default_factory=dict, repr=False, compare=False)
    quantities: dict[tuple[str, str], StatedQuantity] = field(
        default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def of(cls, plain: Mapping[str, Mapping[str, Any]], overlay: Overlay | None = None) -> "Codes":
        """Lay a partner's overlay over the plain lists."""
        over = overlay or Overlay(name="")
        names = plain.keys() | over.codes.keys()
        lists = {
            name: {**plain.get(name, {}), **over.codes.get(name, {})} for name in sorted(names)
        }
        backwards = {
            name: MappingProxyType({**_backwards(rows), **over.write.get(name, {})})
            for name, rows in lists.items()
        }
        return cls(
            lists=MappingProxyType(lists),
            backwards=MappingProxyType(backwards),
            prefer_items=over.prefer_items,
        )

    def unit(self, code: str) -> Unit | None:
        """What a unit code means; the partner's own table speaks first."""
        if code not in self.units:
            own = self.lists.get("units", {}).get(code)
            known = next((unit for unit in Unit if unit.value == own), None)
            unit = known if own is not None else from_x12(code)
            if len(self.units) >= MEMORY:
                return unit
            self.units[code] = unit
        return self.units[code]

    def unit_code(self, unit: Unit) -> str:
        """The code to write for a unit."""
        own = self.backwards.get("units", {}).get(unit.value)
        return own if own is not None else to_x12(unit)


def _backwards(rows: Mapping[str, Any]) -> dict[str, str]:
    """Our word to the first code listed for it."""
    found: dict[str, str] = {}
    for code, word in rows.items():
        if isinstance(word, str):
            found.setdefault(word, code)
    return found
