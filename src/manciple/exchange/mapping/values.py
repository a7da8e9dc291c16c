"""Values: numbers and days as partners write them, read exactly or not at all."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

_NUMBER = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{0,10})?|\.\d{1,10})", re.ASCII)
_DAY = re.compile(r"\d{6}|\d{8}", re.ASCII)
_CENTURY_TURNS = 70


@lru_cache(maxsize=8192)
def read_number(text: str) -> Decimal | None:
    """A decimal number, or None: no exponent, no blanks, no Infinity.

    At most 15 digits before the point and 10 after it, so that sums stay exact in 28 digits.
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=8192)
def read_implied(text: str, decimals: int) -> Decimal | None:
    """A number whose last digits are decimals: 14400 with two is 144.00.

    Some senders write the point anyway; then the number is taken as written.
    """
    number = read_number(text)
    if number is None or "." in text:
        return number
    return number.scaleb(-decimals)


@lru_cache(maxsize=4096)
def read_day(text: str) -> date | None:
    """CCYYMMDD, or YYMMDD in which 70 to 99 are of the last century; None if no such day is."""
    if not _DAY.fullmatch(text):
        return None
    if len(text) == 6:  # noqa: PLR2004
        text = ("19" if int(text[:2]) >= _CENTURY_TURNS else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
