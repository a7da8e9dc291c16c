"""A tolerance says how far a figure may be from what was agreed, and which leg decides.

>>> two_percent = Tolerance(percent_upper=Decimal(2), absolute_upper=Decimal(15))
>>> two_percent.test(Decimal(1000), Decimal(1015)).inside    # 10.15 x 100 against 10.00 x 100
True
>>> two_percent.test(Decimal(1000), Decimal(1016)).inside    # stricter: 15.00 wins over 20.00
False

Source: domain rules D-04 and D-05, with the rulings of 4.7 B.
"""

from decimal import Context, Decimal
from enum import StrEnum

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass

_EXACT = Context(prec=120)
"""Wide enough that no product or difference of book figures is ever rounded."""
_LONGEST_TAIL = 8
"""Decimal places shown; what is compared is exact."""
_ZERO = Decimal(0)


class ToleranceError(MancipleError):
    """A tolerance that nobody can mean: a limit below zero or not a number."""


class Mode(StrEnum):
    """How the percent leg and the absolute leg of one side are combined."""

    STRICTER = "stricter"
    LOOSER = "looser"
    PERCENT_ONLY = "percent-only"
    ABSOLUTE_ONLY = "absolute-only"


class Side(StrEnum):
    """Where the figure lies: too much (harmful to us), too little, or exactly as agreed."""

    UPPER = "upper"
    LOWER = "lower"
    EQUAL = "equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceResult:
    """What a test found, with its arithmetic.

    Attributes:
        inside: the variance is within the limit; equal is inside.
        variance: actual minus base, exact, with its own sign.
        allowed: the size of variance that this side allows; None when it equals the base, for
            then no limit was asked.
        reason: the arithmetic in one sentence.
        warning: it is outside on the lower side, and this tolerance only warns there.
    """

    inside: bool
    side: Side
    variance: Decimal
    allowed: Decimal | None
    reason: str
    warning: bool = False

    @property
    def holds(self) -> bool:
        """Say whether the figure must be held: outside, and more than a warning."""
        return not self.inside and not self.warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How much a figure may differ from its base: upper and lower, percent and absolute.

    A leg that is None takes no part. A side without any leg allows nothing. Limits are inclusive.

    Attributes:
        percent_upper: percent of the base's size: ``Decimal(2)`` is 2 %.
        absolute_upper: in the unit of the figures compared.
        lower_holds: a figure too low is held like one too high; otherwise it is a warning.
    """

    percent_upper: Decimal | None = None
    absolute_upper: Decimal | None = None
    percent_lower: Decimal | None = None
    absolute_lower: Decimal | None = None
    mode: Mode = Mode.STRICTER
    lower_holds: bool = False

    def __post_init__(self) -> None:
        """Refuse a limit below zero."""
        for name in ("percent_upper", "absolute_upper", "percent_lower", "absolute_lower"):
            limit: Decimal | None = getattr(self, name)
            if limit is not None and not (limit.is_finite() and limit >= 0):
                raise ToleranceError(f"{name} is {limit}: zero, a positive number or none wanted")

    def test(self, base: Decimal, actual: Decimal, *, sign: int = 1) -> ToleranceResult:
        """Say whether ``actual`` is near enough to ``base``, and show the arithmetic.

        Args:
            base: the agreed figure: a unit price, a quantity, an amount. Percent is of its size.
            actual: the figure stated, in the same unit.
            sign: the sign of the line. -1 for a credit whose prices or amounts are stated as
                positive figures, so that too little credited is the harmful side. Amounts that
                are themselves negative carry the direction already: leave it 1.
        """
        variance = _EXACT.subtract(actual, base)
        if not variance:
            reason = f"{_cut(f'{actual:f}')} is exactly as agreed"
            return ToleranceResult(
                inside=True, side=Side.EQUAL, variance=variance, allowed=None, reason=reason
            )
        side = Side.UPPER if (variance > 0) == (sign > 0) else Side.LOWER
        allowed, words = self._allowed(side, base)
        inside = abs(variance) <= allowed
        warning = not inside and side is Side.LOWER and not self.lower_holds
        reason = (
            f"{_cut(f'{actual:f}')} - {_cut(f'{base:f}')} = {_cut(f'{variance:+f}')},"
            f" {side} side; allowed {_shown(allowed)}"
            f" ({words}): {'inside' if inside else 'outside'}{', a warning' if warning else ''}"
        )
        return ToleranceResult(
            inside=inside,
            side=side,
            variance=variance,
            allowed=allowed,
            reason=reason,
            warning=warning,
        )

    def _allowed(self, side: Side, base: Decimal) -> tuple[Decimal, str]:
        """Give the variance that a side allows, and how it came about."""
        if side is Side.UPPER:
            percent, absolute = self.percent_upper, self.absolute_upper
        else:
            percent, absolute = self.percent_lower, self.absolute_lower
        legs: list[tuple[Decimal, str]] = []
        notes: list[str] = []
        if percent is not None and self.mode is not Mode.ABSOLUTE_ONLY:
            words = f"{_shown(percent)} % of {_cut(f'{abs(base):f}')}"
            if base:
                part = _EXACT.multiply(abs(base), percent).scaleb(-2, _EXACT)
                legs.append((part, f"{words} = {_shown(part)}"))
            else:
                notes.append("a percent of zero is undefined and takes no part")
        if absolute is not None and self.mode is not Mode.PERCENT_ONLY:
            legs.append((absolute, f"absolute {_shown(absolute)}"))
        if not legs:
            notes.append("no limit is set, so nothing is allowed")
            return _ZERO, "; ".join(notes)
        pick = max if self.mode is Mode.LOOSER else min
        allowed = pick(amount for amount, _ in legs)
        listed = f"{self.mode} of " if len(legs) > 1 else ""
        return allowed, "; ".join((listed + " and ".join(words for _, words in legs), *notes))


def _shown(figure: Decimal) -> str:
    """Write a figure without an exponent and without idle zeros."""
    return _cut(f"{_EXACT.normalize(figure):f}")


def _cut(figure: str) -> str:
    """Cut a long tail of decimals for the reader, with a mark; what is compared is exact."""
    whole, dot, places = figure.partition(".")
    return figure if len(places) <= _LONGEST_TAIL else f"{whole}{dot}{places[:_LONGEST_TAIL]}…"
