"""Numbers, moments and waits, written the way people read them.

4000.500 -> 4,000.5      3 h 20 min      in 2 d      3 Nov 2026 09:14 UTC
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime

from manciple.kernel.money import Money
from manciple.web.language import ENGLISH, Voice, gettext, ngettext, voice

NOT_STATED: Final = "\N{EN DASH}"

MOST_KEPT: Final = 10_000
"""Moments and days that are kept as they were written: lists show the same again and again."""
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def number(value: Decimal | int | None) -> str:
    """Write a number with thousands apart and no idle zeros; a dash where nothing was stated."""
    if value is None:
        return NOT_STATED
    plain = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return local(plain.rstrip("0").rstrip(".") if "." in plain else plain)


def local(plain: str) -> str:
    """Write a number that stands as ``4,000.5`` with the signs of the reader's locale, exactly."""
    signs = _signs(voice().locale)
    return plain.translate(signs) if signs else plain


@cache
def _signs(locale: Locale) -> dict[int, str]:
    """Give what stands for comma, point and minus. Source: CLDR, number symbols."""
    known = locale.number_symbols["latn"]
    signs = {",": known["group"], ".": known["decimal"], "-": known["minusSign"]}
    return {ord(plain): sign for plain, sign in signs.items() if sign != plain}


def money(value: Money | None) -> str:
    """Write money with its currency's digits, more only where it has more: ``1,080.00 USD``."""
    if value is None:
        return NOT_STATED
    coins = value.rounded().amount
    plain = f"{coins if coins == value.amount else value.amount.normalize():,f}"
    return f"{local(plain)} {value.currency.value}"


def plain(value: Decimal) -> str:
    """Write a number as a form's field holds it: ``1200.5``, without idle zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wait(span: timedelta) -> str:
    """Write a length of time in its two largest parts; the sign is the caller's to tell."""
    seconds = abs(int(span.total_seconds()))
    if seconds < 1:
        return gettext("at once")
    if seconds < _MINUTE:
        return gettext("%(n)s s") % {"n": seconds}
    if seconds < _HOUR:
        return _parts(seconds, _MINUTE, 1, gettext("%(n)s min"), gettext("%(n)s s"))
    if seconds < _DAY:
        return _parts(seconds, _HOUR, _MINUTE, gettext("%(n)s h"), gettext("%(n)s min"))
    return _parts(seconds, _DAY, _HOUR, gettext("%(n)s d"), gettext("%(n)s h"))


def _parts(seconds: int, large: int, small: int, large_words: str, small_words: str) -> str:
    whole, rest = divmod(seconds, large)
    part = rest // small
    words = large_words % {"n": whole}
    return f"{words} {small_words % {'n': part}}" if part else words


def relative(at: datetime, now: datetime) -> str:
    """Say how far a moment is from now in its largest part: ``3 h ago``, ``in 2 d``."""
    seconds = int((at - now).total_seconds())
    size = abs(seconds)
    if size < _MINUTE:
        return gettext("just now") if seconds <= 0 else gettext("in a moment")
    if size >= _DAY:
        words = gettext("%(n)s d ago") if seconds < 0 else gettext("in %(n)s d")
        return words % {"n": size // _DAY}
    if size >= _HOUR:
        words = gettext("%(n)s h ago") if seconds < 0 else gettext("in %(n)s h")
        return words % {"n": size // _HOUR}
    words = gettext("%(n)s min ago") if seconds < 0 else gettext("in %(n)s min")
    return words % {"n": size // _MINUTE}


def moment(at: datetime) -> str:
    """Write a moment to the minute, in UTC: ``3 Nov 2026 09:14 UTC``."""
    return _moment(at, voice())


@lru_cache(MOST_KEPT)
def _moment(at: datetime, spoken: Voice) -> str:
    """Write a moment in the voice of this page, which is handed in to be kept with it."""
    utc = at.astimezone(UTC)
    if _is_english():
        return f"{utc.day} {utc:%b %Y %H:%M} UTC"
    pattern = gettext("d MMM y HH:mm")
    return f"{format_datetime(utc, pattern, locale=spoken.locale)} UTC"


def day(of: date) -> str:
    """Write a calendar day: ``Tue 3 Nov 2026``."""
    return _day(of, voice())


@lru_cache(MOST_KEPT)
def _day(of: date, spoken: Voice) -> str:
    if _is_english():
        return f"{of:%a} {of.day} {of:%b %Y}"
    return format_date(of, gettext("EEE d MMM y"), locale=spoken.locale)


NEAR = timedelta(days=180)
"""How far from today a day is told without its year, where it can only be this one."""


def near_day(of: date, now: datetime) -> str:
    """Write a day for a table: ``Tue 3 Nov``, with its year when that is half a year off."""
    if abs(of - now.date()) >= NEAR:
        return day(of)
    return _near_day(of, voice())


@lru_cache(MOST_KEPT)
def _near_day(of: date, spoken: Voice) -> str:
    if _is_english():
        return f"{of:%a} {of.day} {of:%b}"
    return format_date(of, gettext("EEE d MMM"), locale=spoken.locale)


def short_moment(at: datetime) -> str:
    """Write a moment without its year: ``3 Nov 09:14``."""
    utc = at.astimezone(UTC)
    if _is_english():
        return f"{utc.day} {utc:%b %H:%M}"
    return format_datetime(utc, gettext("d MMM HH:mm"), locale=voice().locale)


def _is_english() -> bool:
    return voice().language == ENGLISH


@lru_cache(MOST_KEPT)
def machine_moment(at: datetime) -> str:
    """Write a moment for programs, as ``<time datetime>`` wants it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size(count: int) -> str:
    """Write a number of bytes: ``812 bytes``, ``4.1 kB``, ``12.0 MB``."""
    kilobyte, megabyte = 1000, 1_000_000
    if count < kilobyte:
        return ngettext("%(n)s byte", "%(n)s bytes", count) % {"n": count}
    if count < megabyte:
        return f"{local(f'{Decimal(count) / kilobyte:.1f}')} kB"
    return f"{local(f'{Decimal(count) / megabyte:.1f}')} MB"


def event_words(name: str) -> str:
    """Write an event's name in words: ``OrderChanged`` -> ``order changed``."""
    return _CAMEL.sub(" ", name).lower()


def plural(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 line``, ``3 lines``, ``2 entries``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
