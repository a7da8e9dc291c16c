"""What a metric means, in words that are printed beside every figure of it."""

from enum import StrEnum, auto

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass


class Measure(StrEnum):
    """How facts become one figure."""

    DURATION = auto()
    """A time from one event to another: median and 90th percentile, in hours."""
    SHARE = auto()
    """Facts that pass, of those that count, in percent."""
    RATE = auto()
    """The mean of each line's own rate, in percent; and the sum over the sum."""
    AGE = auto()
    """How old open work is, in buckets of days; and how old closed work became."""
    TOTAL = auto()
    """The sum, in the metric's own unit."""
    RATIO = auto()
    """One sum over another, in percent; not told where the other is zero, or units differ."""


class Grain(StrEnum):
    """What one fact stands for."""

    REQUISITION_LINE = "requisition line, then order line"
    ORDER_LINE = "order line"
    LINE_REVISION = "order line and revision"
    TASK = "approval task"
    INVOICE_LINE = "invoice line"
    CASE = "exception"
    SHIPMENT = "inbound shipment"
    ITEM_SITE_DAY = "item, site and day"
    EXPEDITE = "line expedited"
    INVOICE = "invoice"
    PREMIUM_OR_FREIGHT = "line expedited, or invoice that bills freight"


class DefinitionError(MancipleError):
    """A definition that could not be told from another, or that says too little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Another way to count the same thing, kept beside the headline and never in its place.

    Attributes:
        id: joined to the metric's by a slash, ``touchless-po-rate/excluding-approval``.
        formula: where it differs from the headline.
    """

    id: str
    name: str
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One metric, so that two people who ask for it by any of its names get one number.

    Attributes:
        version: raised whenever a figure of the same history could come out otherwise.
        formula: from what to what, or what over what.
        population: which things count.
        exclusions: what is left out of the population; each is counted and shown.
        censoring: what becomes of things that are not finished yet.
        period: the instant by which a fact falls into a period.
        missing: what somebody has to tell before it is known; while no fact stands under
            ``witness`` the metric is unknown, which is not the same as zero.
        witness: the series whose facts show that it is told.
        total_unit: of a total, what is summed.
        beside: metrics that are read with it, by their ids.
        source: the rules behind it.
        more_is_better: None where neither direction is good in itself.
    """

    id: str
    name: str
    version: int
    measure: Measure
    grain: Grain
    formula: str
    population: str
    exclusions: tuple[str, ...]
    censoring: str
    period: str
    aliases: tuple[str, ...] = ()
    variants: tuple[Variant, ...] = ()
    missing: tuple[str, ...] = ()
    witness: str = ""
    total_unit: str = ""
    beside: tuple[str, ...] = ()
    source: str
    more_is_better: bool | None = None

    @property
    def unit(self) -> str:
        """Give the unit of the headline figure."""
        return {
            Measure.DURATION: "hours",
            Measure.SHARE: "%",
            Measure.RATE: "%",
            Measure.AGE: "business days",
            Measure.TOTAL: self.total_unit,
            Measure.RATIO: "%",
        }[self.measure]

    @property
    def series(self) -> tuple[str, ...]:
        """Give the names under which facts are kept: the headline's first, then the variants'."""
        return (self.id, *(f"{self.id}/{variant.id}" for variant in self.variants))
