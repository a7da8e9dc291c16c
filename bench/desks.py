"""The suppliers' order desks of a measurement: in this process, or in one of their own.

Live they are a process of their own, as other people's machines are: what a desk spends is not
our program's.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from tests.soak.trade import firm

from manciple.world.desk import Desk, Plan

LOOK = 0.02
"""Seconds between two looks of a process of desks into their folders."""
Told = tuple[str, Plan]
"""A supplier, and what it does about one file of ours."""


class Desks:
    """Every supplier's desk, reading the files that we left for it."""

    def __init__(self, partners: Path) -> None:
        self._partners = partners
        self._desks = {each.id: Desk(supplier=each, seed=7) for each in firm().suppliers}
        self._taken: dict[str, set[str]] = {name: set() for name in self._desks}
        self._looked: dict[str, int] = {}

    def plans(self, at: datetime) -> Iterator[Told]:
        """Read the mail that has come since the last look."""
        for name, desk in self._desks.items():
            for content in self._mail(name):
                yield name, desk.read(content, at)

    def _mail(self, supplier: str) -> list[bytes]:
        folder = self._partners / supplier / "out"
        changed = folder.stat().st_mtime_ns
        if self._looked.get(supplier) == changed:
            return []
        self._looked[supplier] = changed
        taken = self._taken[supplier]
        new = sorted(set(os.listdir(folder)) - taken)  # noqa: PTH208  fifty looks a second
        taken.update(new)
        return [(folder / name).read_bytes() for name in new if name.startswith("850")]


class DesksElsewhere:
    """Desks in a process of their own; what they decided is taken when it is asked for."""

    def __init__(self, told: Connection) -> None:
        self._told = told

    def plans(self) -> Iterator[Told]:
        """Give what has been decided since the last look."""
        while self._told.poll():
            yield self._told.recv()


@contextmanager
def desks_elsewhere(partners: Path) -> Iterator[DesksElsewhere]:
    """Run the desks beside a block; the folders must be there."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_work, args=(str(partners), theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if ours.recv() != "ready":
            raise RuntimeError("the suppliers' desks did not open")
        yield DesksElsewhere(ours)
    finally:
        process.terminate()
        process.join()
        ours.close()


def _work(partners: str, told: Connection) -> None:
    desks = Desks(Path(partners))
    told.send("ready")
    while True:
        for each in desks.plans(datetime.now(UTC)):
            told.send(each)
        time.sleep(LOOK)
