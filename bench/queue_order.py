"""Does working exceptions by impact save stock-outs in the world, against first in, first out?

    python -m bench.queue_order [--seeds 6] [--days 28] [--cases N] [--json FILE]

Each seed is played twice through the product itself: same customers, shelves, suppliers and
people, but once everybody works their list of exceptions by impact, once the oldest first. Each
evening a planning system tells what lies on the shelves that wait for goods; without it the impact
of a stock-out is unknown. The difference is taken seed by seed; its interval is Student's, 95 %.

A supplier who is called about an order is asked to hurry it, too, and three in four can; what has
left stays as it is. ``--cases`` lets nobody get to more than so many exceptions in a day: an order
of work matters only where there is more work than time. Source: W. S. Gosset, "The Probable Error
of a Mean", Biometrika 6 (1908); quantiles of the t distribution as tabulated in any textbook.
"""

import argparse
import json
import math
import sys
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from manciple.app import settings_from
from manciple.cli.demo import play, set_up
from manciple.world.company import Character, Company, company
from manciple.world.measures import measured
from manciple.world.world import Telling

ORDERS = ("oldest", "impact")
MEASURES = {
    "stock_out_item_site_days": "shelves empty at a day's end",
    "stock_out_unit_days": "pieces owed at a day's end, summed",
    "trouble_hours": "trouble until settled, median hours",
    "trouble_hours_p90": "trouble until settled, 90 % within hours",
}
_T95 = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060,
)  # fmt: skip
"""Two-sided 95 % quantiles of Student's t, from one degree of freedom on."""
Values = Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How long, how large, and to how many exceptions anybody gets in a day; None: all."""

    days: int
    suppliers: int = 40
    items: int = 500
    cases: int | None = None


def played(plan: Plan, seed: int, order: str) -> Values:
    """Play one world in which everybody works their exceptions in this order."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="manciple-queue-") as folder:
        settings = replace(settings_from({}, home=Path(folder)), synchronous="OFF")
        firm = troubled(company(seed, suppliers=plan.suppliers, items=plan.items))
        demo = set_up(settings, seed=seed, days=plan.days, firm=firm)
        demo.world.tells_stock = Telling.ALL
        demo.world.hurries = True
        demo.world.office.order = order
        demo.world.office.cases_a_day = plan.cases
        play(demo, quiet=True)
        demo.world.read_on()
        stock = demo.world.stock.told()
        told = {**measured(demo.world.journal.told(stock)), **stock}
        demo.wire.close()
        demo.app.store.engine.dispose()
    return {name: told[name] for name in MEASURES}


def troubled(firm: Company) -> Company:
    """Give the company in a season in which every other supplier has sold more than it has."""
    return replace(
        firm,
        suppliers=tuple(
            replace(each, character=Character.OVERSOLD) if place % 2 else each
            for place, each in enumerate(firm.suppliers)
        ),
    )


def interval(differences: Sequence[float]) -> tuple[float, float, float]:
    """Give mean, lower and upper end of paired differences; nothing is known of fewer than two.

    >>> interval([1, 2, 3])
    (2.0, -0.48..., 4.48...)
    """
    n = len(differences)
    mean = sum(differences) / n
    if n < 2:
        return mean, -math.inf, math.inf
    variance = sum((each - mean) ** 2 for each in differences) / (n - 1)
    half = _T95[min(n - 1, len(_T95)) - 1] * math.sqrt(variance / n)
    return mean, mean - half, mean + half


def verdict(low: float, high: float) -> str:
    """Say what the interval allows to be said; less is better for every measure here."""
    if high < 0:
        return "impact is better"
    if low > 0:
        return "impact is worse"
    return "no clear difference"


def main() -> int:
    """Play, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.queue_order")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--suppliers", type=int, default=40)
    parser.add_argument("--items", type=int, default=500)
    parser.add_argument("--cases", type=int)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    plan = Plan(days=asked.days, suppliers=asked.suppliers, items=asked.items, cases=asked.cases)
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    runs: list[dict[str, Values]] = []
    with ProcessPoolExecutor(asked.processes, mp_context=get_context("spawn")) as pool:
        every = {order: pool.map(partial(played, plan, order=order), seeds) for order in ORDERS}
        for seed, *both in zip(seeds, *every.values(), strict=True):
            runs.append(dict(zip(every, both, strict=True)))
            print(f"seed {seed}: {runs[-1]}", flush=True)
            if asked.json is not None:
                asked.json.write_text(json.dumps(runs, indent=1) + "\n", "utf-8")
    print(f"{len(runs)} seeds, {plan}")
    for name, title in MEASURES.items():
        pairs = [(run["oldest"][name], run["impact"][name]) for run in runs]
        found = [b - a for a, b in pairs if a is not None and b is not None]
        if found:
            mean, low, high = interval(found)
            whole = sum(a for a, _ in pairs if a is not None) / len(pairs)
            print(
                f"{title}: oldest first {whole:,.1f}; impact less oldest {mean:+,.1f} "
                f"({low:+,.1f} to {high:+,.1f}), n = {len(found)}: {verdict(low, high)}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
