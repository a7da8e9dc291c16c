"""The discount for paying early: until when, how much, and by whose delay it was lost.

    2/10 net 30, invoice of 2 March over 1000.00 net      20.00 until 12 March, that day included
    held on the 12th at midnight: lost, by whoever owned the holds that were open then

Unknown is unknown: without the day that the terms count from, or without a total, there is no day
or no amount. Source: domain rule D-20 with its ruling.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import ClassVar
from zoneinfo import ZoneInfo

from manciple.catalog.terms import HUNDRED, DiscountOf, PaymentTerms
from manciple.invoicing.holds import Hold
from manciple.invoicing.variance import rounded
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass, replace

_NO_DAYS_AFTER = 9000
"""A paper dated in a later year is a misprint; days cannot be added to it without end."""


class Blame(StrEnum):
    """By whose delay a discount was lost."""

    OURS = "ours"
    SUPPLIERS = "supplier"
    UNKNOWN = "unknown"
    """No row of policy says whose the delay was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDiscount:
    """How a discount was lost.

    Attributes:
        at: the end of its last day.
        holds: that were open then, ``PRICE:1``; none: the paper came, or was matched, too late.
        rulings: the policy rows that said whose the delay was, one for each hold.
    """

    at: datetime
    blame: Blame
    holds: tuple[str, ...] = ()
    rulings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """What an invoice is worth less when it is paid early.

    Attributes:
        until: the last day, included; None while the day that the terms count from is not known.
        lapses_at: the end of that day where the goods went; the clock of a held invoice.
        of: what the percent is of, by the terms; None while no total is known.
        amount: rounded once to the minor unit.
    """

    percent: Decimal
    until: date | None
    lapses_at: datetime | None
    of: Money | None
    amount: Money | None
    lost: LostDiscount | None = None

    def is_at_risk(self, at: datetime) -> bool:
        """Say whether it can still be had by paying; a lost one cannot."""
        return self.lost is None and self.lapses_at is not None and at < self.lapses_at


def promised(
    terms: PaymentTerms, *, base: date | None, zone: str, gross: Money | None, tax: Money | None
) -> Discount | None:
    """Give the discount of an invoice by its terms; None when they give none.

    Args:
        terms: as they stood when the invoice came.
        base: the day from which they count.
        zone: in which the last day ends.
        gross: the invoice's total with tax.
        tax: all of it; None when none is stated.
    """
    percent = terms.percent
    if percent is None:
        return None
    until = None if base is None or base.year > _NO_DAYS_AFTER else terms.last_day(base)
    of = gross
    if gross is not None and tax is not None and terms.discount_of is DiscountOf.NET:
        of = gross - tax
    if of is not None and of.amount <= 0:
        return None
    share = Fraction(percent) / HUNDRED
    return Discount(
        percent=percent,
        until=until,
        lapses_at=None if until is None else end_of(until, zone),
        of=of,
        amount=None if of is None else rounded(Fraction(of.amount) * share, of.currency),
    )


def due(terms: PaymentTerms, base: date | None) -> date | None:
    """Give the day on which all of it is due; None while nobody can know."""
    return None if base is None or base.year > _NO_DAYS_AFTER else terms.due(base)


def end_of(day: date, zone: str) -> datetime:
    """Give the first instant after a day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def lose(
    discount: Discount,
    *,
    before: Discount | None,
    came: datetime,
    open_holds: Iterable[Hold],
    blamed: Iterable[tuple[Blame, str]],
    at: datetime,
) -> Discount:
    """Mark a discount lost when its last day is over; one lost before stays lost as it was.

    Args:
        discount: as this moment finds it.
        before: as it stood before this moment.
        came: when the invoice was taken in; not before the day ended: the supplier sent it late.
        open_holds: those that were open when the day ended.
        blamed: for each of them, whose delay it is, and the policy row that says so.
        at: this moment.

    It is ours as soon as one of the holds is ours: nobody is blamed for what we delayed as well.
    """
    if before is not None and before.lost is not None:
        return replace(discount, lost=before.lost)
    end = discount.lapses_at
    if end is None or at < end:
        return discount
    if came >= end:
        return replace(discount, lost=LostDiscount(at=end, blame=Blame.SUPPLIERS))
    said = tuple(blamed)
    lost = LostDiscount(
        at=end,
        blame=_blame([blame for blame, _ in said]),
        holds=tuple(hold.name for hold in open_holds),
        rulings=tuple(ruling for _, ruling in said),
    )
    return replace(discount, lost=lost)


def _blame(said: list[Blame]) -> Blame:
    if not said or Blame.OURS in said:
        return Blame.OURS
    return Blame.UNKNOWN if Blame.UNKNOWN in said else Blame.SUPPLIERS


# --- counting what was lost


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSum:
    """What was lost of one supplier's discounts by one side's delay, in one currency.

    Attributes:
        invoices: how many, those of unknown amount included.
        amount: the sum of the known amounts.
    """

    blame: Blame
    invoices: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountsLost:
    """All discounts of one supplier that were lost, ours and the supplier's apart.

    Attributes:
        id: the supplier's number.
        sums: one for each side and currency, in the order in which they first came.
    """

    KIND: ClassVar[str] = "discounts-lost"

    id: str
    sums: tuple[LostSum, ...] = ()

    @property
    def state(self) -> str:
        """Give the one word that lists show."""
        return "counted"

    def with_one_more(self, blame: Blame, amount: Money) -> "DiscountsLost":
        """Count one lost discount; an unknown amount is given as nothing."""
        same = [s for s in self.sums if s.blame is blame and s.amount.currency is amount.currency]
        if not same:
            new = LostSum(blame=blame, invoices=1, amount=amount)
            return replace(self, sums=(*self.sums, new))
        (old,) = same
        more = replace(old, invoices=old.invoices + 1, amount=old.amount + amount)
        return replace(self, sums=tuple(more if each is old else each for each in self.sums))


# --- acts and events


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseDiscount:
    """The last day of an invoice's discount is over; ``lapses_at`` is the end that was meant."""

    invoice: str
    lapses_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountLost:
    """The discount of an invoice was lost, by somebody's delay; said once for an invoice.

    Attributes:
        holds: that were open when its last day ended.
    """

    invoice: str
    thread: str
    supplier: str
    blame: Blame
    amount: Money | None
    until: date
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDiscountCounted:
    """A lost discount was added to its supplier's sums."""

    supplier: str
    invoice: str
    blame: Blame
