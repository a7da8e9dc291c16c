"""Every behaviour of mock-edi in turn, each in a house of its own, and one table of all ends."""

import json
import sys
import time as wall
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from manciple.adapters.partners.behaviours import Behaviour, behaviours
from manciple.adapters.partners.mock_edi import PartnerError
from manciple.app.checking import Check
from manciple.cli.partner_demo.firm import SetUpError
from manciple.cli.partner_demo.house import clear, require_mock_edi
from manciple.cli.partner_demo.report import (
    Step,
    Trial,
    bar,
    complained,
    complaints,
    counted,
    lawful,
    tallied,
    trade,
)
from manciple.cli.partner_demo.selling import sell
from manciple.cli.partner_demo.verdict import Tally, Verdict


@dataclass(slots=True)
class Everything:
    """All behaviours played, one after the other.

    Attributes:
        orders: so many of each.
        trials: by behaviour.
    """

    orders: int
    elapsed: float = 0.0
    trials: dict[str, Trial] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Say whether every order of every behaviour ended as the table says."""
        return all(trial.is_clean for trial in self.trials.values())

    @property
    def tallies(self) -> dict[str, Tally]:
        """The orders of each behaviour, counted."""
        return {
            name: tally
            for trial in self.trials.values()
            for name, tally in trial.verdict.tallies.items()
        }

    @property
    def verdict(self) -> Verdict:
        """All that is wrong or stuck."""
        return Verdict(
            tallies=self.tallies,
            differences=[
                each for trial in self.trials.values() for each in trial.verdict.differences
            ],
        )

    @property
    def invariants(self) -> dict[str, Check]:
        """Each law over all behaviours."""
        laws: dict[str, Check] = {}
        for name, trial in self.trials.items():
            for law, found in trial.invariants.items():
                known = laws.get(law, Check(checked=0, broken=[]))
                broken = [*known.broken, *(f"{name}: {text}" for text in found.broken)]
                laws[law] = Check(checked=known.checked + found.checked, broken=broken)
        return laws

    @property
    def refused(self) -> list[str]:
        """What a door refused."""
        return [f"{name}: {text}" for name, trial in self.trials.items() for text in trial.refused]


def run_every_behaviour(
    *, home: Path, json_file: Path | None, database_url: str | None, orders: int
) -> int:
    """Play every behaviour with so many orders each and print the ends; 0 when all are right.

    The JSON: ``{orders, elapsed_s, behaviours{name: {orders, right, exceptions{code: cases},
    stuck, wrong, days, elapsed_s, merkle_root}}, wrong[...], stuck[...], refused, invariants}``,
    with wrong, stuck, refused and invariants as in the run of the whole table.
    """
    console = Console(stderr=True)
    try:
        _check(database_url)
        chosen = behaviours()
        clear(home)
        with bar(console, sum(each.days for each in chosen)) as step:
            every = play(chosen, home=home, orders=orders, step=step)
    except (SetUpError, PartnerError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if json_file is not None:
        json_file.write_text(json.dumps(told(every), indent=1) + "\n", "utf-8")
    show(console, every)
    return 0 if every.is_clean else 1


def _check(database_url: str | None) -> None:
    require_mock_edi()
    if database_url is not None:
        raise SetUpError(
            "every behaviour is played on a database of its own, in its folder of the home: "
            "leave --database-url out"
        )


def play(chosen: tuple[Behaviour, ...], *, home: Path, orders: int, step: Step) -> Everything:
    """Play behaviours one after the other, each in its folder of the home."""
    every = Everything(orders=orders)
    started = wall.perf_counter()
    for each in chosen:
        every.trials[each.name] = _one(each, home / each.name, orders, step)
    every.elapsed = wall.perf_counter() - started
    return every


def _one(behaviour: Behaviour, home: Path, orders: int, step: Step) -> Trial:
    def named(day: str) -> None:
        step(f"{behaviour.name}: {day}")

    if behaviour.bought:
        return sell(behaviour, home=home, orders=orders, step=named)
    return trade(
        behaviour.end(orders),
        home=home,
        database_url=None,
        step=named,
        days=behaviour.days,
        behaviour=behaviour,
    )


def told(every: Everything) -> dict[str, Any]:
    """Give the outcome as JSON has it."""
    return {
        "orders": every.orders,
        "elapsed_s": round(every.elapsed, 1),
        "behaviours": {
            name: {
                **counted(tally),
                "days": every.trials[name].days,
                "elapsed_s": round(every.trials[name].elapsed, 1),
                "merkle_root": every.trials[name].merkle_root,
            }
            for name, tally in every.tallies.items()
        },
        **complained(every.verdict),
        "refused": every.refused,
        "invariants": {
            name: {"checked": law.checked, "broken": len(law.broken)}
            for name, law in every.invariants.items()
        },
        "broken": {name: law.broken[:10] for name, law in every.invariants.items() if law.broken},
    }


def show(console: Console, every: Everything) -> None:
    """Print the outcome for people."""
    title = f"mock-edi: every behaviour, {every.orders} orders each, {every.elapsed:.1f} s"
    console.print(tallied(title, every.tallies))
    console.print(lawful(every.invariants))
    for text in complaints(every.verdict, every.invariants, every.refused):
        console.print(text, style="red", markup=False, highlight=False)
