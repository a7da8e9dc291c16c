"""Numbers, moments and waits, written the way people read them.

4000.500 -> 4,000.5      3 h 20 min      in 2 d      3 Nov 2026 09:14 UTC
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

NOT_STATED: Final = "\N{EN DASH}"

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def number(value: Decimal | int | None) -> str:
    """Write a number with thousands apart and no idle zeros; a dash where nothing was stated."""
    if value is None:
        return NOT_STATED
    plain = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def wait(span: timedelta) -> str:
    """Write a length of time in its two largest parts; the sign is the caller's to tell."""
    seconds = abs(int(span.total_seconds()))
    if seconds < 1:
        return "at once"
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return _parts(seconds, _MINUTE, "min", 1, "s")
    if seconds < _DAY:
        return _parts(seconds, _HOUR, "h", _MINUTE, "min")
    return _parts(seconds, _DAY, "d", _HOUR, "h")


def _parts(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    whole, rest = divmod(seconds, large)
    part = rest // small
    return f"{whole} {large_name} {part} {small_name}" if part else f"{whole} {large_name}"


def relative(at: datetime, now: datetime) -> str:
    """Say how far a moment is from now in its largest part: ``3 h ago``, ``in 2 d``."""
    seconds = int((at - now).total_seconds())
    size = abs(seconds)
    if size < _MINUTE:
        return "just now" if seconds <= 0 else "in a moment"
    for unit, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if size >= unit:
            count = size // unit
            return f"{count} {name} ago" if seconds < 0 else f"in {count} {name}"
    raise AssertionError(size)


def moment(at: datetime) -> str:
    """Write a moment to the minute, in UTC: ``3 Nov 2026 09:14 UTC``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y %H:%M} UTC"


def day(of: date) -> str:
    """Write a calendar day: ``Tue 3 Nov 2026``."""
    return f"{of:%a} {of.day} {of:%b %Y}"


def short_moment(at: datetime) -> str:
    """Write a moment without its year: ``3 Nov 09:14``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %H:%M}"


def machine_moment(at: datetime) -> str:
    """Write a moment for programs, as ``<time datetime>`` wants it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size(count: int) -> str:
    """Write a number of bytes: ``812 bytes``, ``4.1 kB``, ``12.0 MB``."""
    kilobyte, megabyte = 1000, 1_000_000
    if count < kilobyte:
        return "1 byte" if count == 1 else f"{count} bytes"
    if count < megabyte:
        return f"{Decimal(count) / kilobyte:.1f} kB"
    return f"{Decimal(count) / megabyte:.1f} MB"


def plural(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun: ``1 line``, ``3 lines``, ``2 entries``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
