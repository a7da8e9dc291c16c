"""Houses that are kept between runs: filling one takes minutes, asking it seconds.

They lie under MANCIPLE_BENCH, else under ``~/.cache/manciple-bench``; one that was made by
another schema, or broken off while it was filled, is made anew.
"""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import web_history
from bench.history import check
from tests.api.installation import Installation
from tests.databases import OwnServer, sqlite_file

from manciple.adapters.durable.migrating import migrate
from manciple.adapters.sql import sums
from manciple.adapters.sql.engine import open_engine, reading, transaction

MADE = 1
"""Raised when the day that is told changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A house that is there.

    Attributes:
        home: the folder of its keys and its partners' files.
        names: one thing of each noun.
        at: the instant at which its clock stands.
    """

    kind: str
    url: str
    home: Path
    names: Mapping[str, str]
    at: str
    orders: int
    exceptions: int
    events: int


def folder() -> Path:
    """Give where houses are kept."""
    told = os.environ.get("MANCIPLE_BENCH")
    return Path(told) if told else Path.home() / ".cache" / "manciple-bench"


@contextmanager
def kept(kind: str, orders: int, exceptions: int) -> Iterator[Kept]:
    """Open a house of a kind with so many orders and open exceptions at least, filled if need be.

    Raises:
        RuntimeError: the product's own verifier does not accept what was filled in.
    """
    place = folder() / f"web-{kind}-{orders}-{exceptions}"
    place.mkdir(parents=True, exist_ok=True)
    own = OwnServer(place / "postgresql") if kind == "postgresql" else None
    try:
        url = own.url("kept") if own else f"sqlite:///{place / 'manciple.db'}"
        stamp = place / "kept.json"
        if not _is_whole(stamp, url):
            stamp.unlink(missing_ok=True)
            _fill(kind, place, orders, exceptions, own)
        told = json.loads(stamp.read_text("utf-8"))
        del told["made"]
        yield Kept(**told | {"url": url, "home": place / "home"})
    finally:
        if own is not None:
            own.stop()


def _is_whole(stamp: Path, url: str) -> bool:
    """Say whether a house was filled to its end; one of an older schema is brought to this one."""
    if not stamp.exists() or json.loads(stamp.read_text("utf-8"))["made"] != MADE:
        return False
    migrate(url)
    engine = open_engine(url)
    with transaction(engine) as session:
        if not sums.is_made(session):
            sums.remake(session)
    engine.dispose()
    return True


def _fill(kind: str, place: Path, orders: int, exceptions: int, own: OwnServer | None) -> None:
    start = time.perf_counter()
    shutil.rmtree(place / "home", ignore_errors=True)
    for old in place.glob("*.db*"):
        old.unlink()

    def copy(house: Installation) -> str:
        with closing(sqlite3.connect(house.home / "manciple.db")) as db:
            db.execute(f"vacuum into '{place / 'base.db'}'")
        return f"sqlite:///{place / 'base.db'}"

    day = web_history.lived(place / "home", copy)
    if own is not None:
        url = own.anew("kept")
    else:
        made = Path(sqlite_file(place).removeprefix("sqlite:///"))
        made.replace(place / "manciple.db")
        url = f"sqlite:///{place / 'manciple.db'}"
    tellings = day.tellings(orders, exceptions)
    print(f"{kind}: filling {tellings} days of {len(day.stem.events)} events", flush=True)
    web_history.fill(day, url, tellings)
    print("the product's verifier reads it all", flush=True)
    found = check(url)
    if found.broken is not None:
        raise RuntimeError(f"the history is not valid: {found.broken}")
    told = asdict(
        Kept(
            kind=kind, url="", home=Path(), names=dict(day.names), at=day.at.isoformat(),
            orders=_count(url, "kind = 'purchase-order'"),
            exceptions=_count(url, "kind = 'case' and state = 'open'"), events=found.events,
        )
    )  # fmt: skip
    text = json.dumps(told | {"home": "", "made": MADE})
    (place / "kept.json").write_text(text, encoding="utf-8")
    print(f"{kind}: filled in {time.perf_counter() - start:.0f} s", flush=True)


def _count(url: str, where: str) -> int:
    engine = open_engine(url)
    with reading(engine) as session:
        row = session.one(f"select count(*) from document where {where}")
    engine.dispose()
    return int(row[0]) if row else 0
