"""Units of measure: UN/ECE Rec 20 and 21 codes, and their X12 element 355 crosswalk."""

from enum import StrEnum


class Unit(StrEnum):
    """A unit of measure, by its UN/ECE Rec 20 code, or Rec 21 package code with a leading X."""

    EACH = "EA"
    CASE = "XCS"
    KILOGRAM = "KGM"


_X12 = {"EA": Unit.EACH, "CA": Unit.CASE, "KG": Unit.KILOGRAM}
_TO_X12 = {unit: code for code, unit in _X12.items()}


def from_x12(code: str) -> Unit | None:
    """Give the unit that an X12 element 355 code means; None when the code is not known."""
    return _X12.get(code.strip().upper())


def to_x12(unit: Unit) -> str:
    """Give the X12 element 355 code of a unit."""
    return _TO_X12[unit]
