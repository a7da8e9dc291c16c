"""What policy allows on an invoice line, and what kind of match it gets; asked once for each test.

Rows of the tables ``tolerances`` and ``match_kind`` decide, as they stood when the invoice came
in. No row: nothing is allowed, and the line is held against order and receipts. Sources: domain
rules D-01 and D-04 with its ruling, "at company level zero".
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from decimal import Context, Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from manciple.invoicing.invoice import Treatment
from manciple.invoicing.result import CheckName, MatchKind
from manciple.kernel.money import Currency
from manciple.kernel.records import dataclass
from manciple.kernel.tolerance import Mode, Side, Tolerance
from manciple.policy.register import Register
from manciple.policy.ruling import Ruling

TAX_RATES = "tax_rates"
"""The policy table that says how things are taxed."""
CHARGES = "charges"
"""The policy table that says what becomes of charges that no order planned."""
PARTS = "part_release"
"""The policy table that says which lines of a held invoice may be paid by themselves."""
UNKNOWN = "unknown"
"""What a row of it says where nobody has looked the rate up."""
HALF = Decimal("0.5")
_EXACT = Context(prec=120)
"""Wide enough that no limit is ever rounded, as in ``kernel.tolerance``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A tolerance and the policy row that gave it."""

    tolerance: Tolerance
    ruling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRuling:
    """What a line is held against, the level at which that was set, and the row that said so."""

    kind: MatchKind
    level: str
    ruling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRate:
    """How something is taxed, and the row that said so.

    Attributes:
        rate: in percent of the untaxed amount; zero unless rated.
        code: what proves an exemption or a reverse charge; empty when the row gives none.
    """

    treatment: Treatment
    rate: Decimal
    code: str
    ruling: str


class ChargeWay(StrEnum):
    """What becomes of a charge that no order planned. Source: domain rule D-09."""

    ACCEPT = "accept"
    ALLOCATE = "allocate"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRule:
    """What policy says of a charge: what becomes of it, up to how much, and by which row."""

    way: ChargeWay
    limit: Limit


class PartWay(StrEnum):
    """How a line of a held invoice may be paid before the rest. Source: domain rule D-06."""

    WAIT = "wait"
    WHOLE = "whole"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRule:
    """What policy says of a line, whether somebody has to ask for it, and by which row."""

    way: PartWay
    is_asked: bool
    ruling: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The policy in force at one instant, as the matcher asks it.

    Attributes:
        asked: answers of before; what policy says at an instant does not change.
    """

    register: Register
    at: datetime
    asked: dict[tuple[CheckName, str, str], Limit] = field(default_factory=dict)

    def limit(self, name: CheckName, *, category: str, supplier: str) -> Limit:
        """Say how much one test allows; nothing, when no row speaks."""
        key = (name, category, supplier)
        if key not in self.asked:
            self.asked[key] = self._limit(name, category=category, supplier=supplier)
        return self.asked[key]

    def _limit(self, name: CheckName, *, category: str, supplier: str) -> Limit:
        facts = {"test": name.value, "category": category, "supplier": supplier}
        ruling = self.register.decide("tolerances", facts, at=self.at)
        return Limit(tolerance=_tolerance(ruling), ruling=ruling.cite())

    def _stated(self, name: CheckName, *, category: str, supplier: str) -> Limit | None:
        """Give the limit that a row sets for a test; None where no row speaks of it."""
        facts = {"test": name.value, "category": category, "supplier": supplier}
        ruling = self.register.decide("tolerances", facts, at=self.at)
        return None if ruling.held else Limit(tolerance=_tolerance(ruling), ruling=ruling.cite())

    def cumulative(self, *, category: str, supplier: str) -> Limit | None:
        """Say how far prices may drift over all invoices of a line: of its ordered value.

        The pair of limits that policy gives the drift itself; without one, half of the percent
        that one invoice may be over. None when no percent is set either, for then there is
        nothing to halve. Source: 4.7 A, D-08.
        """
        own = self._stated(CheckName.CUMULATIVE_PRICE, category=category, supplier=supplier)
        if own is not None:
            return own
        for name in (CheckName.INVOICE_LINE_AMOUNT, CheckName.INVOICE_PRICE):
            limit = self.limit(name, category=category, supplier=supplier)
            percent = limit.tolerance.percent_upper
            if percent is not None and limit.tolerance.mode is not Mode.ABSOLUTE_ONLY:
                half = Tolerance(percent_upper=percent * HALF, mode=Mode.PERCENT_ONLY)
                return Limit(tolerance=half, ruling=f"{limit.ruling}, half of its percent")
        return None

    def tax_rate(
        self, *, site: str, category: str, supplier: str, item: str | None, day: date
    ) -> TaxRate | None:
        """Say how something is taxed on a day; None when ``tax_rates`` does not know.

        ``item`` is None for a charge, whose code is asked as the category. Source: D-10.
        """
        facts: dict[str, object] = {
            "site": site,
            "category": category,
            "supplier": supplier,
            "agreement": None if item is None else f"{supplier}/{item}",
            "day": day,
        }
        if TAX_RATES not in self.register.versions:
            return None
        ruling = self.register.decide(TAX_RATES, facts, at=self.at)
        if ruling.held or ruling.text("treatment") == UNKNOWN:
            return None
        treatment = Treatment(ruling.text("treatment"))
        rate = ruling.decimal("rate")
        if treatment is Treatment.RATED and rate is None:
            return None
        code = ruling.outputs.get("code")
        return TaxRate(
            treatment=treatment,
            rate=rate if treatment is Treatment.RATED and rate is not None else Decimal(0),
            code=code if isinstance(code, str) else "",
            ruling=ruling.cite(),
        )

    def charge(self, code: str, *, supplier: str, currency: Currency) -> ChargeRule:
        """Say what becomes of a charge; held when no row speaks, or one of another currency."""
        if CHARGES not in self.register.versions:
            return ChargeRule(way=ChargeWay.HOLD, limit=Limit(tolerance=Tolerance(), ruling=""))
        facts = {"charge": code, "supplier": supplier}
        ruling = self.register.decide(CHARGES, facts, at=self.at)
        way = ChargeWay.HOLD if ruling.held else ChargeWay(ruling.text("way"))
        up_to = ruling.outputs.get("up_to")
        is_other = ruling.outputs.get("currency") != currency.value
        if way is ChargeWay.HOLD or is_other or not isinstance(up_to, Decimal):
            nothing = Limit(tolerance=Tolerance(), ruling=ruling.cite())
            return ChargeRule(way=ChargeWay.HOLD, limit=nothing)
        tolerance = Tolerance(absolute_upper=up_to, mode=Mode.ABSOLUTE_ONLY)
        return ChargeRule(way=way, limit=Limit(tolerance=tolerance, ruling=ruling.cite()))

    def part(self, *, category: str, supplier: str) -> PartRule:
        """Say whether a line may be paid before the rest of its invoice; by no row, it waits."""
        if PARTS not in self.register.versions:
            return PartRule(way=PartWay.WAIT, is_asked=True, ruling=f"{PARTS}: no such table")
        facts = {"supplier": supplier, "category": category}
        ruling = self.register.decide(PARTS, facts, at=self.at)
        way = PartWay.WAIT if ruling.held else PartWay(ruling.text("way"))
        is_asked = ruling.outputs.get("asked") is not False
        return PartRule(way=way, is_asked=is_asked, ruling=ruling.cite())

    def kind(self, facts: Mapping[str, str]) -> KindRuling:
        """Say what a line is held against; facts are category, supplier, item and line."""
        ruling = self.register.decide("match_kind", facts, at=self.at)
        if ruling.held:
            return KindRuling(kind=MatchKind.THREE_WAY, level="built in", ruling=ruling.cite())
        kind = MatchKind(ruling.text("kind"))
        return KindRuling(kind=kind, level=ruling.text("level"), ruling=ruling.cite())


def _tolerance(ruling: Ruling) -> Tolerance:
    """Read a row of the tolerances; nothing is allowed where none speaks."""
    if ruling.held:
        return Tolerance()
    return Tolerance(
        percent_upper=ruling.decimal("percent_upper"),
        absolute_upper=ruling.decimal("absolute_upper"),
        percent_lower=ruling.decimal("percent_lower"),
        absolute_lower=ruling.decimal("absolute_lower"),
        mode=Mode(ruling.text("mode")),
        lower_holds=ruling.outputs.get("lower_holds") is True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a tolerance says of two exact figures.

    Attributes:
        allowed: the variance allowed on the side where the figure lies; None when it is equal.
        legs: that side of the tolerance in words.
    """

    inside: bool
    warning: bool
    variance: Fraction
    allowed: Fraction | None
    legs: str

    @property
    def holds(self) -> bool:
        """Say whether the figure must be held: outside, and more than a warning."""
        return not self.inside and not self.warning


def find(tolerance: Tolerance, *, base: Fraction, actual: Fraction, sign: int = 1) -> Finding:
    """Test exact fractions: both figures and the absolute legs are scaled to whole numbers.

    A third of a dollar has no decimal; three thirds have. The percent legs do not change.
    """
    scale = lcm(base.denominator, actual.denominator)
    result = (_scaled(tolerance, scale) if scale > 1 else tolerance).test(
        Decimal(base.numerator * (scale // base.denominator)),
        Decimal(actual.numerator * (scale // actual.denominator)),
        sign=sign,
    )
    allowed = None if result.allowed is None else Fraction(result.allowed) / scale
    return Finding(
        inside=result.inside,
        warning=result.warning,
        variance=actual - base,
        allowed=allowed,
        legs="" if result.side is Side.EQUAL else legs(tolerance, result.side),
    )


def legs(tolerance: Tolerance, side: Side) -> str:
    """Say one side of a tolerance in words: ``upper 2 % or 15, stricter``."""
    upper = side is Side.UPPER
    percent = tolerance.percent_upper if upper else tolerance.percent_lower
    absolute = tolerance.absolute_upper if upper else tolerance.absolute_lower
    words = [] if percent is None else [f"{percent.normalize():f} %"]
    words += [] if absolute is None else [f"{absolute.normalize():f}"]
    if not words:
        return f"{side.value} nothing"
    combined = len(words) > 1 or tolerance.mode in (Mode.PERCENT_ONLY, Mode.ABSOLUTE_ONLY)
    return f"{side.value} {' or '.join(words)}{f', {tolerance.mode.value}' if combined else ''}"


def _scaled(tolerance: Tolerance, scale: int) -> Tolerance:
    def times(limit: Decimal | None) -> Decimal | None:
        return None if limit is None else _EXACT.multiply(limit, Decimal(scale))

    return Tolerance(
        percent_upper=tolerance.percent_upper,
        absolute_upper=times(tolerance.absolute_upper),
        percent_lower=tolerance.percent_lower,
        absolute_lower=times(tolerance.absolute_lower),
        mode=tolerance.mode,
        lower_holds=tolerance.lower_holds,
    )
