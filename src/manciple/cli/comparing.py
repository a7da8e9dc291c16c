"""The comparison of the way before with Manciple's: many seeds of the model, and its validation.

seeds x (before, after, after without one mechanism)   in memory, all modelled
common seeds x (after, the product itself)             how far the model is from the product
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

from manciple.app import settings_from
from manciple.cli.demo import START, play, set_up
from manciple.kernel.errors import MancipleError, refuse
from manciple.world.company import company
from manciple.world.legacy.mechanism import ALL, MEANING, NONE, Mechanism
from manciple.world.legacy.model import Model
from manciple.world.legacy.parameters import parameters
from manciple.world.measures import MEASURES, measured, percentile
from manciple.world.reactions import reactions

T = TypeVar("T")
Values = Mapping[str, float | None]
_LOW, _MIDDLE, _HIGH = 10, 50, 90


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is compared: seeds, days and the files of figures; None means the shipped ones."""

    seeds: int
    days: int
    first_seed: int = 1
    parameters: Path | None = None
    reactions: Path | None = None


def _modelled(plan: Plan, seed: int) -> Mapping[str, Values]:
    """Play one seed under every operating model."""
    figures, _ = parameters(plan.parameters)
    table = reactions(plan.reactions)
    ways = {"before": NONE, "after": ALL} | {f"without {m}": ALL - {m} for m in Mechanism}
    return {
        name: measured(
            Model(
                company(seed), seed=seed, start=START, days=plan.days, mechanisms=mechanisms,
                figures=figures, table=table,
            ).play()
        )
        for name, mechanisms in ways.items()
    }  # fmt: skip


def _product(plan: Plan, seed: int) -> Values:
    """Play one seed through the product itself, and measure its event feed."""
    with tempfile.TemporaryDirectory(prefix="manciple-compare-") as folder:
        settings = replace(settings_from({}, home=Path(folder)), synchronous="OFF")
        demo = set_up(settings, seed=seed, days=plan.days)
        demo.world.use(reactions(plan.reactions))
        play(demo, quiet=True)
        demo.world.read_on()
        told = measured(demo.world.journal.told(demo.world.stock.told()))
        demo.wire.close()
        demo.app.store.engine.dispose()
        return told


def _each(play_seed: Callable[[int], T], seeds: Iterable[int], processes: int) -> list[T]:
    """Play every seed: here, when one process is enough, else so many at once."""
    if processes == 1:
        return [play_seed(seed) for seed in seeds]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(play_seed, seeds))


def compare(plan: Plan, *, processes: int) -> dict[str, Any]:
    """Play every seed under every model; gives ranges over seeds, and paired differences."""
    seeds = range(plan.first_seed, plan.first_seed + plan.seeds)
    runs = _each(partial(_modelled, plan), seeds, processes)
    _, sources = parameters(plan.parameters)
    return {
        "modelled": True,
        "seeds": plan.seeds,
        "first_seed": plan.first_seed,
        "days": plan.days,
        "measures": [_row(each.name, runs, "before", "after") for each in MEASURES],
        "ablations": {
            str(m): [_row(each.name, runs, "after", f"without {m}") for each in MEASURES]
            for m in Mechanism
        },
        "sources": dict(sources),
        "reactions": {name: row.source for name, row in reactions(plan.reactions).items()},
    }


def validate(plan: Plan, *, processes: int) -> dict[str, Any]:
    """Play common seeds through the model and the product; gives both, side by side."""
    seeds = range(plan.first_seed, plan.first_seed + plan.seeds)
    modelled = _each(partial(_modelled, plan), seeds, processes)
    product = _each(partial(_product, plan), seeds, processes)
    runs = [
        {"model": one["after"], "before": one["before"], "product": other}
        for one, other in zip(modelled, product, strict=True)
    ]
    return {
        "seeds": plan.seeds,
        "first_seed": plan.first_seed,
        "days": plan.days,
        "measures": [
            _row(each.name, runs, "model", "product")
            | {"before": _range(_of(runs, "before", each.name))}
            for each in MEASURES
        ],
    }


def _of(runs: Sequence[Mapping[str, Values]], way: str, name: str) -> list[float]:
    found = (run[way][name] for run in runs)
    return [each for each in found if each is not None]


def _row(name: str, runs: Sequence[Mapping[str, Values]], one: str, other: str) -> dict[str, Any]:
    measure = next(each for each in MEASURES if each.name == name)
    pairs = [
        (a, b)
        for a, b in ((run[one][name], run[other][name]) for run in runs)
        if a is not None and b is not None
    ]
    differences = _range([b - a for a, b in pairs])
    return {
        "name": name,
        "title": measure.title,
        one: _range(_of(runs, one, name)),
        other.partition(" ")[0] if other.startswith("without") else other: _range(
            _of(runs, other, name)
        ),
        "difference": differences,
        "n": len(pairs),
        "verdict": verdict(differences, less_is_better=measure.less_is_better),
    }


def _range(values: Iterable[float]) -> list[float | None]:
    told = list(values)
    return [percentile(told, percent) for percent in (_LOW, _MIDDLE, _HIGH)]


def verdict(differences: Sequence[float | None], *, less_is_better: bool) -> str:
    """Say what a change is, by the 10th to 90th percentile of its paired differences."""
    low, _, high = differences
    if low is None or high is None:
        return "not known"
    if low == high == 0:
        return "equal"
    if low > 0 or high < 0:
        return "better" if (high < 0) == less_is_better else "worse"
    return "no clear difference"


def show(console: Console, told: Mapping[str, Any]) -> None:
    """Print a comparison for people."""
    title = (
        f"MODELLED, not measured: before and after, {told['seeds']} seeds, {told['days']} days;"
        " median (10 % to 90 % of seeds)"
    )
    table = Table(title=title)
    for column in ("measure", "before", "after", "after less before", ""):
        table.add_column(column, justify="left" if column in {"measure", ""} else "right")
    for row in told["measures"]:
        table.add_row(
            row["title"], _text(row["before"]), _text(row["after"]), _text(row["difference"]),
            row["verdict"],
        )  # fmt: skip
    console.print(table)
    for name, rows in told["ablations"].items():
        _ablation(console, Mechanism(name), rows)
    unsourced = sorted(n for n, s in told["sources"].items() if s.startswith("ASSUMPTION"))
    console.print(
        f"{len(unsourced)} of {len(told['sources'])} parameters of the way before, and every"
        " reaction time, are assumptions: see --json, or edit them and run again."
    )


def _ablation(console: Console, mechanism: Mechanism, rows: Sequence[Mapping[str, Any]]) -> None:
    moved = [row for row in rows if row["verdict"] not in {"equal", "no clear difference"}]
    table = Table(title=f"modelled: without '{MEANING[mechanism]}' ({mechanism})")
    for column in ("measure", "after", "without it", "difference", ""):
        table.add_column(column, justify="left" if column in {"measure", ""} else "right")
    for row in moved:
        table.add_row(
            row["title"], _text(row["after"]), _text(row["without"]), _text(row["difference"]),
            row["verdict"],
        )  # fmt: skip
    if moved:
        console.print(table)
    else:
        console.print(f"modelled: without '{MEANING[mechanism]}': no clear difference anywhere")


def show_validation(console: Console, told: Mapping[str, Any]) -> None:
    """Print how far the model is from the product."""
    title = (
        f"the model beside the product itself: {told['seeds']} common seeds, {told['days']} days"
    )
    table = Table(title=title)
    for column in ("measure", "model before", "model after", "product", "product less model"):
        table.add_column(column, justify="left" if column == "measure" else "right")
    for row in told["measures"]:
        table.add_row(
            row["title"], _text(row["before"]), _text(row["model"]), _text(row["product"]),
            _text(row["difference"]),
        )  # fmt: skip
    console.print(table)


def _text(values: Sequence[float | None]) -> str:
    low, middle, high = values
    if low is None or middle is None or high is None:
        return "-"
    return f"{middle:,.1f} ({low:,.1f} to {high:,.1f})"


def _require(option: str, file: Path | None, read: Callable[[Path | None], object]) -> None:
    """Read a file of figures once before anything is played with it."""
    try:
        read(file)
    except (MancipleError, ValueError, TypeError, AttributeError) as problem:
        raise refuse(
            "BAD_VALUE",
            f"{file} can't be read: {problem}",
            field=option,
            fix="Write TOML as the shipped file is written, every row with its source.",
        ) from problem


def run(plan: Plan, *, validating: Plan | None, processes: int, json_file: Path | None) -> int:
    """Compare, print, and write the figures when a file is named.

    Raises:
        Refused: BAD_VALUE, a file of figures can't be read; nothing was played yet.
    """
    _require("--parameters", plan.parameters, parameters)
    _require("--reactions", plan.reactions, reactions)
    console = Console()
    told = compare(plan, processes=processes)
    show(console, told)
    if validating is not None:
        told["validation"] = validate(validating, processes=processes)
        show_validation(console, told["validation"])
    if json_file is not None:
        json_file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    return 0
