"""Times and exact decimals as whole numbers, the same on both databases.

SQLite's NUMERIC silently rounds money and its DATETIME loses the zone, so neither is used.
"""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from manciple.kernel.errors import MancipleError
from manciple.runtime.rows import micros, moment

SCALE = 6
"""Decimal places that are stored."""
_FACTOR = 10**SCALE
_MOST = 2**63 - 1


class ScaleError(MancipleError):
    """A number that the books can't hold exactly."""


def scaled(value: Decimal) -> int:
    """Give a decimal as a whole number of millionths.

    Raises:
        ScaleError: it has more than six decimal places, or is too large for 64 bits.
    """
    grown = value.scaleb(SCALE)
    whole = int(grown)
    if whole != grown or abs(whole) > _MOST:
        raise ScaleError(f"{value} can't be stored exactly in millionths of 64 bits")
    return whole


def unscaled(value: int) -> Decimal:
    """Give the decimal of a whole number of millionths, without idle zeros."""
    whole, rest = divmod(value, _FACTOR)
    return Decimal(value).scaleb(-SCALE).normalize() if rest else Decimal(whole)


class Scaled(sa.types.TypeDecorator[Decimal]):
    """An exact decimal of six places, stored as a 64-bit whole number."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Store a decimal."""
        return None if value is None else scaled(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Read a decimal."""
        return None if value is None else unscaled(value)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC time, stored as microseconds since 1970."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Store a time."""
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read a time."""
        return None if value is None else moment(value)
