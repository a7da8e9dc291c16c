"""Units of measure: what a quantity counts, by their UN/ECE codes, with their X12 codes.

A unit belongs to a dimension. Inside one, factors that a standard defines are exact fractions:
a pound is 0.45359237 kg, an inch 25.4 mm. A package converts into nothing here: how many pieces
a case holds is a fact about the item.

Source: UN/ECE Recommendation 20 and, with a leading X, Recommendation 21; X12 004010 element 355;
factors of NIST Handbook 44, appendix C.
"""

from enum import StrEnum, auto
from fractions import Fraction

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass


class Unit(StrEnum):
    """A unit of measure, by its UN/ECE Rec 20 code, or Rec 21 package code with a leading X."""

    EACH = "EA"
    PIECE = "H87"
    ONE = "C62"
    DOZEN = "DZN"
    GROSS = "GRO"
    GREAT_GROSS = "GGR"
    HUNDRED = "CEN"
    THOUSAND = "MIL"
    PAIR = "PR"
    SET = "SET"
    KIT = "KT"
    LOT = "LO"
    PACK = "NMP"
    TEN_PACK = "TP"

    CASE = "XCS"
    BOX = "XBX"
    CARTON = "XCT"
    PACKAGE = "XPK"
    PACKET = "XPA"
    PALLET = "XPX"
    CRATE = "XCR"
    BUNDLE = "XBE"
    BALE = "XBL"
    BAG = "XBG"
    SACK = "XSA"
    ROLL = "XRO"
    REEL = "XRL"
    SPOOL = "XSO"
    COIL = "XCL"
    SHEET = "XST"
    TRAY = "XPU"
    TUBE = "XTU"
    DRUM = "XDR"
    BARREL = "XBA"
    KEG = "XKG"
    PAIL = "XPL"
    CAN = "XCX"
    BOTTLE = "XBO"
    JAR = "XJR"
    VIAL = "XVI"
    CYLINDER = "XCY"

    KILOGRAM = "KGM"
    GRAM = "GRM"
    MILLIGRAM = "MGM"
    TONNE = "TNE"
    POUND = "LBR"
    OUNCE = "ONZ"
    HUNDREDWEIGHT = "CWA"
    SHORT_TON = "STN"

    METRE = "MTR"
    CENTIMETRE = "CMT"
    MILLIMETRE = "MMT"
    KILOMETRE = "KMT"
    INCH = "INH"
    FOOT = "FOT"
    YARD = "YRD"
    MILE = "SMI"
    LINEAR_METRE = "LM"
    LINEAR_FOOT = "LF"

    SQUARE_METRE = "MTK"
    SQUARE_CENTIMETRE = "CMK"
    SQUARE_MILLIMETRE = "MMK"
    SQUARE_INCH = "INK"
    SQUARE_FOOT = "FTK"
    SQUARE_YARD = "YDK"

    CUBIC_METRE = "MTQ"
    CUBIC_CENTIMETRE = "CMQ"
    CUBIC_INCH = "INQ"
    CUBIC_FOOT = "FTQ"
    CUBIC_YARD = "YDQ"
    BOARD_FOOT = "BFT"
    LITRE = "LTR"
    MILLILITRE = "MLT"
    FLUID_OUNCE = "OZA"
    PINT = "PTL"
    QUART = "QTL"
    GALLON = "GLL"
    IMPERIAL_GALLON = "GLI"

    SECOND = "SEC"
    MINUTE = "MIN"
    HOUR = "HUR"
    DAY = "DAY"
    WEEK = "WEE"
    MONTH = "MON"
    YEAR = "ANN"

    KILOWATT_HOUR = "KWH"


class Dimension(StrEnum):
    """What kind of thing a unit measures."""

    COUNT = auto()
    PACKAGE = auto()
    MASS = auto()
    LENGTH = auto()
    AREA = auto()
    VOLUME = auto()
    TIME = auto()
    ENERGY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What is known about a unit.

    Attributes:
        is_integer: only whole numbers of it make sense.
        size: how many of its dimension's base unit it is; None when no standard says.
        x12: its X12 element 355 code.
    """

    dimension: Dimension
    is_integer: bool
    size: Fraction | None
    x12: str


class NoConversionError(MancipleError):
    """Two units of which no standard says how many of the one make the other."""

    def __init__(self, of: Unit, to: Unit) -> None:
        """Keep both units."""
        super().__init__(f"no standard converts {of.value} into {to.value}")
        self.of, self.to = of, to


def _facts(dimension: Dimension, x12: str, size: str | None, *, whole: bool = False) -> UnitFacts:
    """Lay out one row of the list below."""
    exact = None if size is None else Fraction(size)
    return UnitFacts(dimension=dimension, is_integer=whole, size=exact, x12=x12)


def _package(x12: str) -> UnitFacts:
    """Lay out a package: whole, and of a size that only the item knows."""
    return _facts(Dimension.PACKAGE, x12, None, whole=True)


_COUNT, _MASS, _LENGTH = Dimension.COUNT, Dimension.MASS, Dimension.LENGTH
_AREA, _VOLUME, _TIME = Dimension.AREA, Dimension.VOLUME, Dimension.TIME

FACTS: dict[Unit, UnitFacts] = {
    Unit.EACH: _facts(_COUNT, "EA", "1", whole=True),
    Unit.PIECE: _facts(_COUNT, "PC", "1", whole=True),
    Unit.ONE: _facts(_COUNT, "UN", "1", whole=True),
    Unit.DOZEN: _facts(_COUNT, "DZ", "12"),
    Unit.GROSS: _facts(_COUNT, "GS", "144"),
    Unit.GREAT_GROSS: _facts(_COUNT, "GG", "1728"),
    Unit.HUNDRED: _facts(_COUNT, "HU", "100"),
    Unit.THOUSAND: _facts(_COUNT, "TH", "1000"),
    Unit.PAIR: _facts(_COUNT, "PR", None, whole=True),
    Unit.SET: _facts(_COUNT, "ST", None, whole=True),
    Unit.KIT: _facts(_COUNT, "KT", None, whole=True),
    Unit.LOT: _facts(_COUNT, "LO", None, whole=True),
    Unit.PACK: _package("PH"),
    Unit.TEN_PACK: _package("TP"),
    Unit.CASE: _package("CA"),
    Unit.BOX: _package("BX"),
    Unit.CARTON: _package("CT"),
    Unit.PACKAGE: _package("PK"),
    Unit.PACKET: _package("12"),
    Unit.PALLET: _package("PL"),
    Unit.CRATE: _package("CP"),
    Unit.BUNDLE: _package("BD"),
    Unit.BALE: _package("BA"),
    Unit.BAG: _package("BG"),
    Unit.SACK: _package("SJ"),
    Unit.ROLL: _package("RL"),
    Unit.REEL: _package("RE"),
    Unit.SPOOL: _package("SO"),
    Unit.COIL: _package("CX"),
    Unit.SHEET: _package("SH"),
    Unit.TRAY: _package("TY"),
    Unit.TUBE: _package("TB"),
    Unit.DRUM: _package("DR"),
    Unit.BARREL: _package("BR"),
    Unit.KEG: _package("KE"),
    Unit.PAIL: _package("PA"),
    Unit.CAN: _package("CN"),
    Unit.BOTTLE: _package("BO"),
    Unit.JAR: _package("JR"),
    Unit.VIAL: _package("VI"),
    Unit.CYLINDER: _package("CL"),
    Unit.KILOGRAM: _facts(_MASS, "KG", "1"),
    Unit.GRAM: _facts(_MASS, "GR", "1/1000"),
    Unit.MILLIGRAM: _facts(_MASS, "ME", "1/1000000"),
    Unit.TONNE: _facts(_MASS, "MP", "1000"),
    Unit.POUND: _facts(_MASS, "LB", "0.45359237"),
    Unit.OUNCE: _facts(_MASS, "OZ", "0.028349523125"),
    Unit.HUNDREDWEIGHT: _facts(_MASS, "CW", "45.359237"),
    Unit.SHORT_TON: _facts(_MASS, "TN", "907.18474"),
    Unit.METRE: _facts(_LENGTH, "MR", "1"),
    Unit.CENTIMETRE: _facts(_LENGTH, "CM", "1/100"),
    Unit.MILLIMETRE: _facts(_LENGTH, "MM", "1/1000"),
    Unit.KILOMETRE: _facts(_LENGTH, "DK", "1000"),
    Unit.INCH: _facts(_LENGTH, "IN", "0.0254"),
    Unit.FOOT: _facts(_LENGTH, "FT", "0.3048"),
    Unit.YARD: _facts(_LENGTH, "YD", "0.9144"),
    Unit.MILE: _facts(_LENGTH, "DH", "1609.344"),
    Unit.LINEAR_METRE: _facts(_LENGTH, "LM", "1"),
    Unit.LINEAR_FOOT: _facts(_LENGTH, "LF", "0.3048"),
    Unit.SQUARE_METRE: _facts(_AREA, "SM", "1"),
    Unit.SQUARE_CENTIMETRE: _facts(_AREA, "SC", "1/10000"),
    Unit.SQUARE_MILLIMETRE: _facts(_AREA, "MS", "1/1000000"),
    Unit.SQUARE_INCH: _facts(_AREA, "SI", "0.00064516"),
    Unit.SQUARE_FOOT: _facts(_AREA, "SF", "0.09290304"),
    Unit.SQUARE_YARD: _facts(_AREA, "SY", "0.83612736"),
    Unit.CUBIC_METRE: _facts(_VOLUME, "CR", "1000"),
    Unit.CUBIC_CENTIMETRE: _facts(_VOLUME, "CC", "1/1000"),
    Unit.CUBIC_INCH: _facts(_VOLUME, "CI", "0.016387064"),
    Unit.CUBIC_FOOT: _facts(_VOLUME, "CF", "28.316846592"),
    Unit.CUBIC_YARD: _facts(_VOLUME, "CY", "764.554857984"),
    Unit.BOARD_FOOT: _facts(_VOLUME, "BF", "2.359737216"),
    Unit.LITRE: _facts(_VOLUME, "LT", "1"),
    Unit.MILLILITRE: _facts(_VOLUME, "ML", "1/1000"),
    Unit.FLUID_OUNCE: _facts(_VOLUME, "FO", "0.0295735295625"),
    Unit.PINT: _facts(_VOLUME, "PT", "0.473176473"),
    Unit.QUART: _facts(_VOLUME, "QT", "0.946352946"),
    Unit.GALLON: _facts(_VOLUME, "GA", "3.785411784"),
    Unit.IMPERIAL_GALLON: _facts(_VOLUME, "GI", "4.54609"),
    Unit.SECOND: _facts(_TIME, "03", "1"),
    Unit.MINUTE: _facts(_TIME, "MJ", "60"),
    Unit.HOUR: _facts(_TIME, "HR", "3600"),
    Unit.DAY: _facts(_TIME, "DA", "86400"),
    Unit.WEEK: _facts(_TIME, "WK", "604800"),
    Unit.MONTH: _facts(_TIME, "MO", None),
    Unit.YEAR: _facts(_TIME, "YR", None),
    Unit.KILOWATT_HOUR: _facts(Dimension.ENERGY, "KH", "1"),
}
"""One row per unit. Base units: one piece, kilogram, metre, square metre, litre, second."""

_TO_X12 = {unit: facts.x12 for unit, facts in FACTS.items()}
_FROM_X12 = {code: unit for unit, code in _TO_X12.items()} | {
    "HC": Unit.HUNDRED,  # hundred count
    "T3": Unit.THOUSAND,  # thousand pieces
    "HV": Unit.HUNDREDWEIGHT,  # hundredweight, short
    "NS": Unit.SHORT_TON,
    "PF": Unit.PALLET,  # pallet (lift)
}
"""Read leniently: codes with another's meaning are read, and never written."""


def is_integer(unit: Unit) -> bool:
    """Say whether only whole numbers of the unit make sense: pieces and packages, not dozens."""
    return FACTS[unit].is_integer


def factor(of: Unit, to: Unit) -> Fraction:
    """Give how many of ``to`` one of ``of`` is, exactly.

    Raises:
        NoConversionError: no standard says.
    """
    if of is to:
        return Fraction(1)
    here, there = FACTS[of], FACTS[to]
    if here.dimension is not there.dimension or here.size is None or there.size is None:
        raise NoConversionError(of, to)
    return here.size / there.size


def from_x12(code: str) -> Unit | None:
    """Give the unit that an X12 element 355 code means; None when the code is not known."""
    return _FROM_X12.get(code.strip().upper())


def to_x12(unit: Unit) -> str:
    """Give the X12 element 355 code of a unit."""
    return _TO_X12[unit]
