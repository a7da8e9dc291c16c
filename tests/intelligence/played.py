"""A distributor, played for some days in this process and left open to be asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from manciple.app import settings_from
from manciple.cli import demo
from manciple.world.company import company

SEED, DAYS, TICK = 5, 12, timedelta(hours=1)
SUPPLIERS, ITEMS = 12, 60
"""A small one unless more is asked for: it takes seconds."""


@contextmanager
def played(
    home: Path,
    url: str = "",
    *,
    days: int = DAYS,
    seed: int = SEED,
    suppliers: int = SUPPLIERS,
    items: int = ITEMS,
) -> Iterator[demo.Demo]:
    """Play a world; in the end everything is sealed and followed."""
    settings = replace(settings_from({}, home=home, url=url or None), synchronous="OFF")
    firm = company(seed, suppliers=suppliers, items=items)
    world = demo.set_up(settings, seed=seed, days=days, firm=firm, tick=TICK)
    demo.play(world, quiet=True)
    try:
        yield world
    finally:
        world.wire.close()
        world.app.store.engine.dispose()
