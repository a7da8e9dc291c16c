"""A short world played in a process of its own: prints its root, counts and broken invariants."""

import json
import sys
from pathlib import Path

from manciple.app import settings_from
from manciple.cli import demo


def main(home: str, days: str, url: str) -> None:
    settings = settings_from({}, home=Path(home), url=url or None)
    played = demo.set_up(settings, seed=7, days=int(days))
    elapsed = demo.play(played, quiet=True)
    told = demo.figures(played, seed=7, elapsed=elapsed)
    played.wire.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:4])
