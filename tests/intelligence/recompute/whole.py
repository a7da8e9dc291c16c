"""Everything together: from the sources to figures, and where they differ from others."""

from collections import defaultdict
from collections.abc import Mapping

from tests.intelligence.recompute.figures import GROUPS, Fact, Figure, figures
from tests.intelligence.recompute.hours import business_days
from tests.intelligence.recompute.lines import Orders
from tests.intelligence.recompute.shelves import shelves
from tests.intelligence.recompute.sources import Sources
from tests.intelligence.recompute.work import (
    Places,
    approvals,
    bills,
    exceptions,
    needs_of,
    waiting_needs,
)

MEASURES: Mapping[str, str] = {
    "requisition-to-po-cycle-time": "duration",
    "touchless-po-rate": "share",
    "touchless-po-rate/excluding-approval": "share",
    "approval-sla-adherence": "share",
    "supplier-acknowledgment-latency": "duration",
    "first-pass-match-rate": "share",
    "first-pass-match-rate/fair": "share",
    "exception-aging": "age",
    "supplier-fill-rate": "rate",
    "supplier-fill-rate/revised": "rate",
    "supplier-fill-rate/strict": "rate",
    "otif": "share",
    "otif/requested": "share",
    "otif/last": "share",
    "partial-shipment-rate": "share",
    "expedited-freight-incidence": "share",
    "expedited-freight-incidence/avoidable": "share",
    "expedite-premium": "total",
    "inbound-freight": "total",
    "expedite-premium-share": "ratio",
    "late-ship-notice-share": "share",
    "inventory-availability-impact": "total",
    "inventory-availability-impact/value": "total",
    "in-stock-share": "share",
    "emergency-share": "share",
}
Table = dict[tuple[str, str, str], Figure]
"""By series, what it is taken apart by, and group."""


def facts(sources: Sources) -> dict[str, list[Fact]]:
    """Recompute every fact."""
    places, needs = Places(sources), needs_of(sources)
    orders = Orders(sources, places)
    found: dict[str, list[Fact]] = defaultdict(list)
    for each in (
        orders.facts(), waiting_needs(needs), approvals(sources, needs),
        exceptions(sources, needs, places), bills(sources, orders.orders),
        shelves(sources, orders, places),
    ):  # fmt: skip
        for fact in each:
            found[fact.series].append(fact)
    return found


def table(sources: Sources, *, now: int, by: tuple[str, ...] = GROUPS) -> Table:
    """Recompute every figure of every group, as it is told at ``now``."""
    places = Places(sources)

    def age(fact: Fact) -> int:
        assert fact.opened is not None
        return business_days(places.calendar("site", fact.site), fact.opened, now)

    found, told = facts(sources), Table()
    for series, measure in MEASURES.items():
        for each in by:
            made = figures(found[series], by=each, until=now + 1, measure=measure, age=age)
            told |= {(series, each, group): figure for group, figure in made.items()}
    return told


def differences(ours: Table, theirs: Table) -> list[str]:
    """Tell where two tables differ, one line for each figure."""
    return [
        f"{name}: recomputed {theirs.get(name)}, told {ours.get(name)}"
        for name in sorted({*ours, *theirs})
        if ours.get(name) != theirs.get(name)
    ]
