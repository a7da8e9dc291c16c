"""What a cycle and a page cost as history grows.

    python -m bench.growth [sqlite] [postgresql] [--orders 20000,100000] [--cycles 60]

The same cycles are played, and the same pages asked for, over histories of different lengths that
`bench.history` wrote and the product's verifier accepted. The ratio to no history is the figure:
it should stay near 1. 22,000 orders are about a million events.
"""

import argparse
import asyncio
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from bench import history
from bench.cycles_world import START, Played, in_world
from bench.house import Databases
from tests.soak.trade import firm, key_of

from manciple.adapters.sql.engine import open_engine, reading
from manciple.app import build
from manciple.kernel.clock import WorldClock
from manciple.settings import Settings
from manciple.web.server import serve_app

CEILING = 1.2
"""How much dearer a cycle may be over a long history than over none."""
PAGE_CEILING = 0.150
"""Seconds within which 95 of 100 pages must come."""
_Rows = Callable[[str, Sequence[object]], Sequence[tuple[Any, ...]]]
_TICK = timedelta(hours=4)
ASKED = 40
"""How often each page is asked for, each time for another document where it shows one."""


def measure(kind: str, sizes: Sequence[int], cycles: int) -> int:
    """Measure one kind of database; gives how many figures are beyond their ceiling.

    Cycles over no history are played just before each length, so that both share the machine's
    mood.
    """
    databases, beyond, runs = Databases(), 0, count()

    def played(url: str) -> Played:
        return in_world(url, databases.folder / f"run{next(runs)}", cycles, tick=_TICK)

    try:
        stem = history.lived(databases.folder)
        played(databases.fresh(kind))  # the first run of a process is dearer
        for orders in sizes:
            url = databases.fresh(kind)
            events = history.fill(url, orders, stem=stem, progress=True)
            found = history.check(url)
            if found.broken is not None:
                raise RuntimeError(f"the history is not valid: {found.broken}")
            before, after = played(databases.fresh(kind)), played(url)
            beyond += _told(f"{kind:11}{orders:8} orders {events:9} events", after, before)
            beyond += _pages(url, databases.folder / f"page{orders}")
    finally:
        databases.close()
    return beyond


def _told(name: str, played: Played, base: Played) -> int:
    ratio = played.cpu_ms / base.cpu_ms
    is_beyond = ratio > CEILING
    print(
        f"{name}{played.rate:8.1f} cycles/s{played.cpu_ms:7.1f} CPU ms a cycle, "
        f"{base.cpu_ms:.1f} over none: x {ratio:.2f}"
        f"{'   beyond its ceiling' if is_beyond else ''}",
        flush=True,
    )
    return is_beyond


def _pages(url: str, home: Path) -> int:
    beyond = 0
    with _asking(url, home) as seconds:
        for name, addresses in _addresses(url).items():
            spent = sorted(seconds(each) for each in addresses)
            p50, p95 = spent[len(spent) // 2], spent[int(len(spent) * 0.95) - 1]
            is_beyond = p95 > PAGE_CEILING
            beyond += is_beyond
            note = "   beyond its ceiling" if is_beyond else ""
            print(f"    {name:34} p50 {1000 * p50:7.1f} ms  p95 {1000 * p95:7.1f} ms{note}")
    return beyond


@contextmanager
def _asking(url: str, home: Path) -> Iterator[Callable[[str], float]]:
    """Give what asks for an address and tells the seconds that the answer took."""
    settings = Settings(home=home, database_url=url, partners=home / "partners")
    app = build(settings, clock=WorldClock(START))
    key = key_of(next(each for each in firm().people if not each.sites).id)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=serve_app(app, viewer_key=key)),
        base_url="http://manciple.invalid",
        headers={"Authorization": f"Bearer {key}"},
    )
    with asyncio.Runner() as runner:

        def seconds(address: str) -> float:
            start = time.perf_counter()
            answer = runner.run(client.get(address, follow_redirects=True))
            spent = time.perf_counter() - start
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code} {answer.text[:300]}")
            return spent

        yield seconds
        runner.run(client.aclose())
    app.store.engine.dispose()


def _addresses(url: str) -> dict[str, list[str]]:
    """Give what is asked for: lists again and again, documents each once."""
    lists = (
        "/", "/v1/requisitions?limit=50", "/v1/purchase-orders?limit=50",
        "/v1/purchase-orders?limit=50&state=closed", "/v1/invoices?limit=50",
        "/v1/receipts?limit=50", "/v1/exceptions?limit=50", "/v1/approvals?limit=50",
        "/v1/interchanges?limit=50", "/v1/events?limit=50", "/v1/effects?limit=50",
        "/v1/endpoints", "/v1/suppliers?limit=50",
    )  # fmt: skip
    asked = {each: [each] * ASKED for each in lists}
    engine = open_engine(url)
    with reading(engine) as session:
        orders = _spread(session.rows, "purchase-order")
        needs = _spread(session.rows, "requisition")
        files = _spread(session.rows, "interchange")
    engine.dispose()
    asked["/trace/requisition/ID"] = [f"/trace/requisition/{each}" for each in needs]
    asked["/trace?key=ORDER"] = [f"/trace?key={each}" for each in orders]
    asked["/v1/trace/ORDER"] = [f"/v1/trace/{each}" for each in orders]
    asked["/v1/purchase-orders/ID"] = [f"/v1/purchase-orders/{each}" for each in orders]
    asked["/interchanges/ID"] = [f"/interchanges/{each}" for each in files]
    return asked


def _spread(rows: _Rows, kind: str) -> list[str]:
    """Give documents from all over a kind's history."""
    found = rows("select id from document where kind = ? order by ref", (kind,))
    step = max(1, len(found) // ASKED)
    return [row[0] for row in found[::step]][:ASKED]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; gives 0 when every part ran."""
    parser = argparse.ArgumentParser(prog="python -m bench.growth")
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--orders", default="20000,100000")
    parser.add_argument("--cycles", type=int, default=60)
    asked = parser.parse_args(argv)
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    sizes = [int(each) for each in asked.orders.split(",")]
    for kind in asked.kinds:
        measure(kind, sizes, asked.cycles)
    return 0


if __name__ == "__main__":
    sys.exit(main())
