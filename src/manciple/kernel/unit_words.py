"""What people call a unit: a word for what is counted, a sign for what is measured.

    XCS -> case, cases      KGM -> kg

Source of the signs: NIST Special Publication 811, 2008, appendix B; ISO 80000-1:2022.
"""

from decimal import Decimal
from typing import Final

from manciple.kernel.units import Unit

WORDS: Final = {
    Unit.EACH: ("piece", "pieces"),
    Unit.PIECE: ("piece", "pieces"),
    Unit.ONE: ("unit", "units"),
    Unit.DOZEN: ("dozen", "dozen"),
    Unit.GROSS: ("gross", "gross"),
    Unit.GREAT_GROSS: ("great gross", "great gross"),
    Unit.HUNDRED: ("hundred", "hundred"),
    Unit.THOUSAND: ("thousand", "thousand"),
    Unit.PAIR: ("pair", "pairs"),
    Unit.SET: ("set", "sets"),
    Unit.KIT: ("kit", "kits"),
    Unit.LOT: ("lot", "lots"),
    Unit.PACK: ("pack", "packs"),
    Unit.TEN_PACK: ("ten-pack", "ten-packs"),
    Unit.CASE: ("case", "cases"),
    Unit.BOX: ("box", "boxes"),
    Unit.CARTON: ("carton", "cartons"),
    Unit.PACKAGE: ("package", "packages"),
    Unit.PACKET: ("packet", "packets"),
    Unit.PALLET: ("pallet", "pallets"),
    Unit.CRATE: ("crate", "crates"),
    Unit.BUNDLE: ("bundle", "bundles"),
    Unit.BALE: ("bale", "bales"),
    Unit.BAG: ("bag", "bags"),
    Unit.SACK: ("sack", "sacks"),
    Unit.ROLL: ("roll", "rolls"),
    Unit.REEL: ("reel", "reels"),
    Unit.SPOOL: ("spool", "spools"),
    Unit.COIL: ("coil", "coils"),
    Unit.SHEET: ("sheet", "sheets"),
    Unit.TRAY: ("tray", "trays"),
    Unit.TUBE: ("tube", "tubes"),
    Unit.DRUM: ("drum", "drums"),
    Unit.BARREL: ("barrel", "barrels"),
    Unit.KEG: ("keg", "kegs"),
    Unit.PAIL: ("pail", "pails"),
    Unit.CAN: ("can", "cans"),
    Unit.BOTTLE: ("bottle", "bottles"),
    Unit.JAR: ("jar", "jars"),
    Unit.VIAL: ("vial", "vials"),
    Unit.CYLINDER: ("cylinder", "cylinders"),
    Unit.DAY: ("day", "days"),
    Unit.WEEK: ("week", "weeks"),
    Unit.MONTH: ("month", "months"),
    Unit.YEAR: ("year", "years"),
}
"""What is counted, as one and as many."""
SIGNS: Final = {
    Unit.KILOGRAM: "kg", Unit.GRAM: "g", Unit.MILLIGRAM: "mg", Unit.TONNE: "t",
    Unit.POUND: "lb", Unit.OUNCE: "oz", Unit.HUNDREDWEIGHT: "cwt", Unit.SHORT_TON: "short ton",
    Unit.METRE: "m", Unit.CENTIMETRE: "cm", Unit.MILLIMETRE: "mm", Unit.KILOMETRE: "km",
    Unit.INCH: "in", Unit.FOOT: "ft", Unit.YARD: "yd", Unit.MILE: "mi",
    Unit.LINEAR_METRE: "lin. m", Unit.LINEAR_FOOT: "lin. ft",
    Unit.SQUARE_METRE: "m²", Unit.SQUARE_CENTIMETRE: "cm²", Unit.SQUARE_MILLIMETRE: "mm²",
    Unit.SQUARE_INCH: "sq in", Unit.SQUARE_FOOT: "sq ft", Unit.SQUARE_YARD: "sq yd",
    Unit.CUBIC_METRE: "m³", Unit.CUBIC_CENTIMETRE: "cm³", Unit.CUBIC_INCH: "cu in",
    Unit.CUBIC_FOOT: "cu ft", Unit.CUBIC_YARD: "cu yd", Unit.BOARD_FOOT: "bd ft",
    Unit.LITRE: "l", Unit.MILLILITRE: "ml", Unit.FLUID_OUNCE: "fl oz", Unit.PINT: "pt",
    Unit.QUART: "qt", Unit.GALLON: "gal", Unit.IMPERIAL_GALLON: "imp. gal",
    Unit.SECOND: "s", Unit.MINUTE: "min", Unit.HOUR: "h", Unit.KILOWATT_HOUR: "kWh",
}  # fmt: skip
"""What is measured."""


def word(unit: Unit, count: Decimal | int = 2) -> str:
    """Say a unit in English, of which there are so many: one is one, all else is many."""
    if unit in SIGNS:
        return SIGNS[unit]
    one, many = WORDS[unit]
    return one if abs(count) == 1 else many
