"""Whole cycles of the real product: from requisition to payable.

    python -m bench.cycles [sqlite] [postgresql] [--cycles 200] [--short] [--json FILE]

A cycle: a need of one line or of two, its approvals, the order made in the ERP, the 850 handed
over, the supplier's 997, 855, 856 and 810 read and answered, the receipt, the match, the invoice
posted in the ERP, the payable in finance. Beside each rate stands the raw commit rate of the same
database in the same run; nothing else about a shared machine is comparable.
"""

import argparse
import json
import logging
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bench.cycles_live import Lived, live
from bench.cycles_world import Played, in_world
from bench.house import Databases, Tally
from bench.raw import raw_commits

FLOORS = {"world sqlite": 100, "live sqlite": 60, "live postgresql": 40}
"""Cycles a second that the project wants of two cores that have nothing else to do."""
COMMANDS, EFFECTS = 12, 6
"""What a cycle has at least."""


def measure(kinds: Sequence[str], cycles: int, *, short: bool) -> list[dict[str, Any]]:
    """Run every part and give a row of figures for each, printing it as it comes."""
    databases, homes = Databases(), count()
    rows: list[dict[str, Any]] = []

    def home() -> Path:
        return databases.folder / f"home{next(homes)}"

    def add(kind: str, part: str, raw: float, told: Played | Lived, floor: str) -> None:
        row = asdict(told) | {"kind": kind, "part": part, "raw": raw, "floor": FLOORS.get(floor)}
        rows.append(row)
        print(_line(row), flush=True)

    print(_HEAD)
    try:
        for kind in kinds:
            raw = raw_commits(databases.fresh(kind))
            for hours, lines in ((4, 1), (4, 2)) if short else ((0, 2), (4, 1), (4, 2)):
                played = in_world(
                    databases.fresh(kind),
                    home(),
                    cycles,
                    tick=timedelta(hours=hours),
                    lines_each=lines,
                )
                floor = f"world {kind}" if (hours, lines) == (4, 1) else ""
                add(kind, f"world, tick {hours} h, {_lines(lines)}", raw, played, floor)
            for clients, workers, lines in _live_parts(kind, short=short):
                raw = raw_commits(databases.fresh(kind))
                lived = live(
                    databases.fresh(kind),
                    home(),
                    cycles,
                    clients=clients,
                    workers=workers,
                    lines_each=lines,
                )
                name = f"live, {clients} clients, {workers} worker{'s' * (workers > 1)}"
                floor = f"live {kind}" if (clients, lines) == (8, 1) else ""
                add(kind, f"{name}, {_lines(lines)}", raw, lived, floor)
    finally:
        databases.close()
    return rows


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"


def _live_parts(kind: str, *, short: bool) -> list[tuple[int, int, int]]:
    """Give clients, workers and lines of a need."""
    parts = [(8, 1, 1)] if short else [(8, 1, 1), (8, 1, 2), (32, 1, 1)]
    return parts + ([(8, 2, 1)] if kind == "postgresql" else [])


_HEAD = (
    f"{'database':11}{'part':38}{'cycles/s':>9}{'floor':>7}{'raw c/s':>9}{'commits':>9}"
    f"{'CPU ms':>8}{'p50 s':>8}{'p99 s':>8}{'commands':>10}{'effects':>9}{'payables':>10}"
)


def _line(row: dict[str, Any]) -> str:
    tally: Tally | dict[str, int] = row["tally"]
    counts = tally if isinstance(tally, dict) else asdict(tally)
    paid = max(1, counts["payables"])
    latency = f"{row['p50']:8.3f}{row['p99']:8.3f}" if "p50" in row else f"{'':16}"
    floor = row["floor"]
    line = (
        f"{row['kind']:11}{row['part']:38}{row['rate']:9.1f}{floor or '':>7}{row['raw']:9.0f}"
        f"{row['commits']:9.1f}{row['cpu_ms']:8.1f}{latency}{counts['commands'] / paid:10.1f}"
        f"{counts['effects'] / paid:9.1f}{counts['payables']:10}"
    )
    notes = []
    if floor and row["rate"] < floor:
        notes.append("below floor")
    if counts["commands"] / paid < COMMANDS or counts["effects"] / paid < EFFECTS:
        notes.append("this is no whole cycle")
    return line + (f"   {', '.join(notes)}" if notes else "")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and give 0 when every part ran; a floor that is missed is printed."""
    parser = argparse.ArgumentParser(prog="python -m bench.cycles")
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    cycles = 60 if asked.short else asked.cycles
    rows = measure(asked.kinds, cycles, short=asked.short)
    if asked.json is not None:
        asked.json.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
