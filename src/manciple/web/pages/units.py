"""How many of what, as people read it: a unit by its word or its sign, never by its code.

    12 XCS -> 12 cases      132.00 USD per XCS -> 132.00 USD per case      1200.5 KGM -> 1,200.5 kg

Words are said in the reader's language, signs are the same in all of them.
"""

import re
from decimal import Decimal
from typing import Final

from manciple.kernel.price import Price
from manciple.kernel.quantity import Quantity
from manciple.kernel.unit_words import SIGNS, WORDS
from manciple.kernel.units import Unit
from manciple.web.language import gettext, ngettext
from manciple.web.pages.wording import money, number

_MANY: Final = 2


def unit(of: Quantity | Unit | str, count: Decimal | int = _MANY) -> str:
    """Say a unit, of which there are so many; a code that is none of ours stands as it is.

    Args:
        of: a quantity counts for itself; a code is one of UN/ECE Rec 20 or 21.
        count: one is one, every other number is many.
    """
    if isinstance(of, Quantity):
        return unit(of.unit, of.value)
    try:
        found = Unit(of)
    except ValueError:
        return str(of)
    if found in SIGNS:
        return SIGNS[found]
    one, many = WORDS[found]
    return ngettext(one, many, 1 if abs(count) == 1 else _MANY)


def quantity(value: Quantity) -> str:
    """Write how many of what: ``1,200 pieces``."""
    return f"{number(value.value)} {unit(value)}"


def price(value: Price) -> str:
    """Write a price: ``12.50 USD per piece``, ``12.50 USD per 100 pieces``."""
    per = unit(value.per) if value.per.value == 1 else quantity(value.per)
    return gettext("%(amount)s per %(unit)s") % {"amount": money(value.money), "unit": per}


def shown(value: object) -> object:
    """Give what a page writes for a value; all but units, quantities and prices as they are."""
    if isinstance(value, Quantity):
        return quantity(value)
    if isinstance(value, Unit):
        return unit(value)
    if isinstance(value, Price):
        return price(value)
    return value


_CODES: Final = "|".join(sorted((each.value for each in Unit), key=len, reverse=True))
_COUNTED: Final = re.compile(rf"(?<![\w.-])(-?[\d,]+(?:\.\d+)?) ({_CODES})\b")
_PRICED: Final = re.compile(rf"\bper ({_CODES})\b")


def in_words(text: str) -> str:
    """Say the units of a kept text by their words: ``12 EA short`` -> ``12 pieces short``.

    Only a code behind a number or behind ``per`` is one; every other word stays as it is.
    """
    counted = _COUNTED.sub(
        lambda met: f"{met[1]} {unit(met[2], Decimal(met[1].replace(',', '')))}", text
    )
    return _PRICED.sub(lambda met: gettext("per %(unit)s") % {"unit": unit(met[1], 1)}, counted)
