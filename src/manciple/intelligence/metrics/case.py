"""An exception's life: how long it was, or has been, somebody's work."""

from collections.abc import Iterator

from manciple.intelligence.metrics.fact import Fact, FactState
from manciple.kernel.records import dataclass

AGING = "exception-aging"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLife:
    """What is remembered of one exception.

    Attributes:
        opened_at: when it first went wrong: reopening goes on with this clock.
        resolved_at: None while somebody must act.
        business_days: from opening to settling, in microseconds of 24 hours a business day.
        resolution: by which it was settled.
    """

    case: str
    code: str
    site: str
    supplier: str
    flow: str
    opened_at: int
    resolved_at: int | None = None
    business_days: int | None = None
    resolution: str = ""


def facts_of_case(case: CaseLife) -> Iterator[Fact]:
    """Give the one fact of an exception; its code tells it apart."""
    base = Fact(
        metric=AGING, key=case.case, state=FactState.OPEN, opened_at=case.opened_at,
        site=case.site, supplier=case.supplier, flow=case.flow, reason=case.code,
    )  # fmt: skip
    if case.resolved_at is None:
        yield base
    else:
        yield base._replace(
            state=FactState.DONE,
            at=case.resolved_at,
            value=case.resolved_at - case.opened_at,
            business=case.business_days,
        )
