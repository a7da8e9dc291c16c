"""The run in order: set up, play the days, ask everybody, judge, print."""

import json
import sys
import time as wall
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from manciple.adapters.partners.behaviours import Behaviour
from manciple.adapters.partners.expected import ExpectedEnd, ExpectedOrder, expected_end
from manciple.adapters.partners.mock_edi import PartnerError
from manciple.adapters.sql.sealer import Sealer
from manciple.app.checking import Check, check
from manciple.cli.partner_demo.days import Days
from manciple.cli.partner_demo.facts import Found, gather
from manciple.cli.partner_demo.firm import SetUpError, waves
from manciple.cli.partner_demo.house import House, opened
from manciple.cli.partner_demo.verdict import Tally, Verdict, judge
from manciple.runtime.playing import Player

START = date(2026, 3, 2)
"""A Monday."""
DAYS = 12

Step = Callable[[str], None]
"""Told before each day, with the day's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A run that is over: what was found, and what that means."""

    found: Found
    verdict: Verdict
    invariants: dict[str, Check]
    refused: tuple[str, ...]
    merkle_root: str
    days: int
    elapsed: float

    @property
    def is_clean(self) -> bool:
        """Say whether every order ended as the table says and every invariant holds."""
        broken = any(each.broken for each in self.invariants.values())
        return self.verdict.is_clean and not self.refused and not broken


def run_partner_demo(
    *, home: Path, json_file: Path | None, database_url: str | None, quiet: bool
) -> int:
    """Trade the whole table with mock-edi and print how it ended; 0 when all ended as it says.

    The JSON: ``{days, elapsed_s, behaviours{name: {orders, right, exceptions{code: cases}, stuck,
    wrong}}, wrong[{order, behaviour, where, expected, actual}], stuck[{order, behaviour, why}],
    refused, invariants{name: {checked, broken}}, merkle_root}``.
    """
    console = Console(stderr=True, quiet=quiet)
    try:
        with bar(console, DAYS) as step:
            trial = trade(expected_end(), home=home, database_url=database_url, step=step)
    except (SetUpError, PartnerError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    if json_file is not None:
        json_file.write_text(json.dumps(told(trial), indent=1) + "\n", "utf-8")
    show(console, trial)
    return 0 if trial.is_clean else 1


def trade(
    end: ExpectedEnd,
    *,
    home: Path,
    database_url: str | None,
    step: Step,
    orders: tuple[ExpectedOrder, ...] | None = None,
    days: int = DAYS,
    behaviour: Behaviour | None = None,
) -> Trial:
    """Trade these orders of the table, or all of them, and judge how each ended.

    With a ``behaviour`` people decide exceptions, and the partner mends its fault, as it says.
    """
    at = datetime(START.year, START.month, START.day, tzinfo=UTC)
    chosen = end.orders if orders is None else orders
    started = wall.perf_counter()
    first = waves(chosen)[0].prices
    with opened(home=home, database_url=database_url, end=end, prices=first, at=at) as house:
        plan = Days(house=house, start=START, days=days, orders=chosen, behaviour=behaviour)
        _play(house, plan, step)
        found = gather(house, plan)
        invariants = check(house.app)
        history = house.app.verify()
        invariants["history"] = Check(
            checked=history.events, broken=[str(history.broken)] if history.broken else []
        )
        return Trial(
            found=found,
            verdict=judge(end, chosen, found),
            invariants=invariants,
            refused=(*plan.refused, *house.feeds.refused),
            merkle_root=str(history.chained),
            days=days,
            elapsed=wall.perf_counter() - started,
        )


def _play(house: House, plan: Days, step: Step) -> None:
    app = house.app
    sealer = Sealer(app.store.engine, holder="world")
    player = Player(app.store, app.drains, house.clock, plan, seal=sealer.seal)
    begin = house.clock.now()
    for day in range(plan.days):
        until = begin + (plan.ends - begin) * (day + 1) / plan.days
        step(f"{until.date():%a %d %b}")
        player.play(until)


@contextmanager
def bar(console: Console, days: int) -> Iterator[Step]:
    """Show how far a run of so many days is, on a terminal only."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(),
        console=console, disable=not console.is_terminal, transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task("playing", total=days)
        begun = 0

        def step(text: str) -> None:
            nonlocal begun
            progress.update(task, description=text, completed=begun)
            begun += 1

        yield step


def told(trial: Trial) -> dict[str, Any]:
    """Give the outcome as JSON has it."""
    verdict = trial.verdict
    return {
        "days": trial.days,
        "elapsed_s": round(trial.elapsed, 1),
        "behaviours": {name: counted(tally) for name, tally in verdict.tallies.items()},
        **complained(verdict),
        "refused": list(trial.refused),
        "invariants": {
            name: {"checked": each.checked, "broken": len(each.broken)}
            for name, each in trial.invariants.items()
        },
        "broken": {
            name: each.broken[:10] for name, each in trial.invariants.items() if each.broken
        },
        "merkle_root": trial.merkle_root,
    }


def counted(tally: Tally) -> dict[str, Any]:
    """Give one behaviour's orders, counted."""
    return {
        "orders": tally.orders,
        "right": tally.right,
        "exceptions": dict(sorted(tally.exceptions.items())),
        "stuck": len(tally.stuck),
        "wrong": len(tally.wrong),
    }


def complained(verdict: Verdict) -> dict[str, Any]:
    """Give what is wrong and what is stuck, one by one."""
    return {
        "wrong": [asdict(each) for each in verdict.differences],
        "stuck": [
            {"order": order, "behaviour": name, "why": list(why)}
            for name, tally in verdict.tallies.items()
            for order, why in tally.stuck.items()
        ],
    }


def show(console: Console, trial: Trial) -> None:
    """Print the outcome for people."""
    verdict = trial.verdict
    title = f"mock-edi: {trial.days} days, {trial.elapsed:.1f} s"
    console.print(tallied(title, verdict.tallies))
    console.print(lawful(trial.invariants))
    for text in complaints(trial.verdict, trial.invariants, trial.refused):
        console.print(text, style="red", markup=False, highlight=False)
    console.print(f"history sealed under {trial.merkle_root}")


def tallied(title: str, tallies: Mapping[str, Tally]) -> Table:
    """Draw one row for each behaviour."""
    table = Table(title=title)
    for column in ("behaviour", "orders", "right", "exceptions", "stuck", "wrong"):
        words = column in {"behaviour", "exceptions"}
        table.add_column(column, justify="left" if words else "right")
    for name, tally in tallies.items():
        cases = "\n".join(f"{code} {n}" for code, n in sorted(tally.exceptions.items()))
        table.add_row(
            name, str(tally.orders), str(tally.right), cases or "none",
            str(len(tally.stuck)), str(len(tally.wrong)),
        )  # fmt: skip
    return table


def lawful(invariants: Mapping[str, Check]) -> Table:
    """Draw one row for each invariant."""
    laws = Table(title="invariants")
    for column in ("law", "checked", "broken"):
        laws.add_column(column, justify="left" if column == "law" else "right")
    for name, each in invariants.items():
        laws.add_row(name, f"{each.checked:,}", str(len(each.broken)))
    return laws


def complaints(
    verdict: Verdict, invariants: Mapping[str, Check], refused: Iterable[str]
) -> Iterator[str]:
    """Say in a line each what is stuck, wrong, broken or was refused."""
    for name, tally in verdict.tallies.items():
        for order, why in tally.stuck.items():
            yield f"stuck: {order} ({name}): {'; '.join(why)}"
    for each in verdict.differences:
        text = f"wrong: {each.order} {each.behaviour}: {each.where}"
        yield f"{text}: expected {each.expected}, found {each.actual}"
    for name, law in invariants.items():
        yield from (f"broken: {name}: {text}" for text in law.broken)
    yield from (f"refused: {text}" for text in refused)
