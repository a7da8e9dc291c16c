"""Payment terms: by when a supplier is paid, and what paying early saves.

    2/10 net 30 from the invoice's date of 2 March
    2 % less when paid by 12 March, that day included; all of it by 1 April
    worth 2/98 x 365/20 = 37.2 % a year

Days are calendar days and never move off a weekend; a year has 365 days, a leap year too.
Source: domain rule D-20 with its ruling.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass

DAYS_OF_A_YEAR = 365
"""Always, so that the worth of terms does not depend on the year. Source: domain rule D-20."""
MOST_DAYS = 365
"""No supplier waits longer for its money."""
HUNDRED = 100
_TERMS = re.compile(
    r"(?:(?P<percent>\d{1,2}(?:\.\d{1,4})?)\s*/\s*(?P<early>\d{1,3})\s*,?\s+)?net\s+(?P<net>\d{1,3})",
    re.IGNORECASE,
)


class TermsError(MancipleError):
    """Words that are no payment terms."""


class TermsBase(StrEnum):
    """The day from which the days of the terms are counted; that day itself is day 0."""

    INVOICE_DATE = "invoice-date"
    """The date on the supplier's paper."""
    RECEIPT_DATE = "receipt-date"
    """The newest day on which goods came that the invoice draws on."""
    INVOICE_RECEIPT_DATE = "invoice-receipt-date"
    """The day on which the paper reached us, in the zone of the site that it bills."""


class DiscountOf(StrEnum):
    """What the percent is of."""

    NET = "net"
    """The total less its tax."""
    GROSS = "gross"
    """The total with its tax."""


@dataclass(frozen=True, slots=True)
class Days:
    """Payment terms in figures.

    Attributes:
        percent: of the discount, above 0 and below 100; None when none is given.
        early: days from the base to the last day of the discount, that day included.
        net: days from the base to the day on which all of it is due.
    """

    percent: Decimal | None
    early: int
    net: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """By when a supplier is paid, and what it gives for being paid early.

    Attributes:
        text: as the trade writes them: ``2/10 net 30``, or ``net 30`` without a discount.

    Raises:
        TermsError: the text is none of these, or its discount ends after the money is due.
    """

    text: str
    base: TermsBase = TermsBase.INVOICE_DATE
    discount_of: DiscountOf = DiscountOf.NET

    def __post_init__(self) -> None:
        """Refuse words that nobody could reckon with."""
        _read(self.text)

    @property
    def percent(self) -> Decimal | None:
        """Give the percent of the discount; None when the terms give none."""
        return _read(self.text).percent

    def last_day(self, base: date) -> date:
        """Give the last day on which the discount is given."""
        return base + timedelta(days=_read(self.text).early)

    def due(self, base: date) -> date:
        """Give the day on which all of it is due."""
        return base + timedelta(days=_read(self.text).net)

    @property
    def worth_a_year(self) -> Fraction | None:
        """Say what paying early earns, as a share of the money in a year; 0.372 for 2/10 net 30.

        None without a discount, and when it lasts as long as the money may stay: then it costs
        nothing to take it.
        """
        days = _read(self.text)
        if days.percent is None or days.net == days.early:
            return None
        percent = Fraction(days.percent)
        return percent / (HUNDRED - percent) * Fraction(DAYS_OF_A_YEAR, days.net - days.early)

    def __str__(self) -> str:
        """Give the words: ``2/10 net 30 from the invoice-date, on net``."""
        on = f", on {self.discount_of}" if self.percent is not None else ""
        return f"{self.text} from the {self.base}{on}"


@lru_cache(maxsize=1024)
def _read(text: str) -> Days:
    found = _TERMS.fullmatch(text.strip())
    if found is None:
        raise TermsError(f"{text!r} are no payment terms: '2/10 net 30' or 'net 30' is wanted")
    early, net = int(found["early"] or 0), int(found["net"])
    percent = None if found["percent"] is None else Decimal(found["percent"])
    if percent is not None and not percent:
        raise TermsError(f"{text!r} gives no discount: write 'net {net}'")
    if early > net or net > MOST_DAYS:
        raise TermsError(
            f"{text!r}: the discount's days may not be more than the {net} net days, and those"
            f" not more than {MOST_DAYS}"
        )
    return Days(percent, early, net)
