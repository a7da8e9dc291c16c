"""Play the whole distributor, recompute every metric, and print where the two differ.

    python -m tests.intelligence.recompute --days 45 --seed 7 [--database-url URL]

Ends with 1 if a figure differs.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.intelligence.played import played
from tests.intelligence.recompute.hours import micros
from tests.intelligence.recompute.sources import read
from tests.intelligence.recompute.whole import differences, table
from tests.intelligence.told import told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.intelligence.recompute")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        whole = played(
            home, asked.database_url, days=asked.days, seed=asked.seed, suppliers=40, items=500
        )
        with whole as world:
            now = world.clock.now()
            ours = told(world.app.metrics, now=now)
            sources = read(world.settings.database_url, home / "erp.sqlite")
            found = differences(ours, table(sources, now=micros(now)))
    sys.stdout.write("".join(f"{each}\n" for each in found))
    sys.stdout.write(
        f"{len(ours)} figures over {len(sources.events)} sealed events: "
        f"{len(found)} differ from the recomputation\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
