"""How fast X12 is read: segments a second, and the memory of a 50 MB file, beside pyx12.

    python bench/x12.py [--json FILE]

One run makes a 5 MB and a 50 MB file of purchase orders (seeded, so always the same), then times
tokens with envelope checks, reading to partner documents, the JSON lines that `read` prints, and
pyx12 (BSD) on the same 5 MB. Times are CPU seconds of this process, best of three: other work on
the machine disturbs them less than wall clock. Ratios within the run are what to compare.
"""

import argparse
import io
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pyx12.x12file import X12Reader

from manciple.exchange.mapping.maps import load_maps
from manciple.exchange.reading import events, json_lines
from manciple.formats.x12.envelope import read_envelopes
from manciple.formats.x12.tokens import Tokens

SEED = 7
SMALL = 5_000_000
LARGE = 50_000_000
ROUNDS = 3
# Source: the project's targets for X12; stated for an idle machine.
FLOORS = {"tokens_envelope": 500_000, "canonical": 100_000}
MEMORY_FLOOR_MB = 80

_CHILD = """
import resource, sys
from manciple.exchange.reading import json_lines
with open(sys.argv[1], "rb") as source:
    lines = json_lines(source, sys.argv[1])
    count = sum(1 for _ in lines)
print(count, lines.is_readable, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def orders(size: int, *, seed: int = SEED) -> Iterator[str]:
    """An interchange of purchase orders of about ``size`` bytes, the same for the same seed."""
    rng = random.Random(seed)
    yield (
        "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SUPPLIER       "
        "*261122*1200*U*00401*000000001*0*P*>~\nGS*PO*BUYER*SUPPLIER*20261122*1200*1*X*004010~\n"
    )
    written = count = 0
    while written < size:
        count += 1
        text = _order(rng, count)
        written += len(text)
        yield text
    yield f"GE*{count}*1~\nIEA*1*000000001~\n"


def _order(rng: random.Random, number: int) -> str:
    rows = [
        f"ST*850*{number:04}",
        f"BEG*00*SA*PO{number:07}**20261122",
        "CUR*BY*USD",
        "REF*DP*038",
        "DTM*002*20261201",
        "N1*BY*Harbour Supply*92*HS",
        f"N1*ST*Harbour {rng.randint(1, 6)}*92*HS-{rng.randint(1, 6)}",
        f"N3*{rng.randint(1, 999)} Pier Road",
        "N4*Portland*ME*04101*US",
    ]
    lines = rng.randint(3, 12)
    for line in range(1, lines + 1):
        price = f"{rng.randint(1, 99999) / 100:.2f}"
        rows += [
            _line(rng, line, price),
            "PID*F****Widget, blue, 40 mm",
            f"SCH*{rng.randint(1, 9)}*EA***002*202612{rng.randint(1, 28):02}",
        ]
    rows += [f"CTT*{lines}", f"SE*{len(rows) + 2}*{number:04}"]
    return "~\n".join(rows) + "~\n"


def _line(rng: random.Random, line: int, price: str) -> str:
    start = f"PO1*{line}*{rng.randint(1, 500)}*{rng.choice(('EA', 'CA'))}*{price}"
    return f"{start}**VP*ITEM-{rng.randint(1, 9999)}*UP*0{rng.randint(10**10, 10**11 - 1)}"


def best_of(rounds: int, work: Callable[[], object]) -> float:
    """The fastest of some rounds, in CPU seconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def _consume(iterator: Iterator[Any]) -> None:
    deque(iterator, maxlen=0)


def _memory(path: Path) -> tuple[int, bool, float]:
    """Objects, readable, and peak megabytes of reading a file in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, str(path)], check=True, capture_output=True, text=True
    )
    count, readable, peak = done.stdout.split()
    return int(count), readable == "True", int(peak) / 1024


def run() -> dict[str, Any]:
    """Measure everything once and give the figures."""
    load_maps()
    data = "".join(orders(SMALL)).encode()
    segments = sum(1 for _ in Tokens(data))
    text = data.decode()

    def peer() -> None:
        _consume(iter(X12Reader(io.StringIO(text))))

    seconds = {
        "tokens": best_of(ROUNDS, lambda: _consume(iter(Tokens(data)))),
        "tokens_envelope": best_of(ROUNDS, lambda: _consume(read_envelopes(data))),
        "canonical": best_of(ROUNDS, lambda: _consume(events(data))),
        "json_lines": best_of(ROUNDS, lambda: _consume(iter(json_lines(data, "bench")))),
        "pyx12": best_of(ROUNDS, peer),
    }
    rates = {name: round(segments / spent) for name, spent in seconds.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.x12"
        with path.open("w", encoding="ascii") as out:
            out.writelines(orders(LARGE))
        start = time.perf_counter()
        count, readable, peak = _memory(path)
        wall = time.perf_counter() - start
        size = path.stat().st_size
    return {
        "segments": segments,
        "segments_per_second": rates,
        "times_pyx12": {
            name: round(rate / rates["pyx12"], 1)
            for name, rate in rates.items()
            if name != "pyx12"
        },
        "large_file": {
            "bytes": size,
            "objects": count,
            "readable": readable,
            "peak_mb": round(peak, 1),
            "wall_s": round(wall, 1),
        },
        "own_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }


def main(argv: list[str] | None = None) -> int:
    """Run, print, and say which target was missed; 0 if none."""
    parser = argparse.ArgumentParser(description="X12 reading speed and memory")
    parser.add_argument("--json", metavar="FILE", help="write the figures there as well")
    arguments = parser.parse_args(argv)
    figures = run()
    rates, ratios = figures["segments_per_second"], figures["times_pyx12"]
    print(f"X12, {figures['segments']:,} segments in 5 MB, best of {ROUNDS}")
    for name, rate in rates.items():
        beside = f"{ratios[name]:>6.1f} x pyx12" if name in ratios else ""
        floor = f"   target {FLOORS[name]:,}" if name in FLOORS else ""
        print(f"  {name:<16} {rate:>10,} segments/s {beside}{floor}")
    large = figures["large_file"]
    print(
        f"  50 MB by read: {large['objects']:,} objects, peak {large['peak_mb']} MB "
        f"(target {MEMORY_FLOOR_MB}), {large['wall_s']} s"
    )
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    missed = [name for name, floor in FLOORS.items() if rates[name] < floor]
    missed += ["peak_mb"] if large["peak_mb"] > MEMORY_FLOOR_MB else []
    if missed:
        print(f"  below target: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
