"""What pages cost over a house with much open work: each page's p95, and lists a second.

    python -m bench.web [sqlite] [postgresql] [--orders 100000] [--exceptions 50000]

The pages are those of `tests/web/pages.toml`, every one; one that cannot be asked for is an error.
A signed-in reader asks a real server over HTTP, with one client; then several clients ask for the
list pages as fast as they can. The house is kept between runs (`bench.web_kept`).
"""

import argparse
import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from bench.web_kept import Kept, kept
from tests.api.small_company import HOLDER
from tests.web.page_rights import TABLE
from tests.web.signed_in import PASSWORD

from manciple.adapters.link_keys import KeyRing
from manciple.adapters.sql.engine import open_engine, reading
from manciple.governance.link import Link, Purpose, token
from manciple.kernel.messages import Role
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.codec import decode

CEILING: Final = 0.150
"""Seconds within which 95 of 100 pages must come to one client."""
FLOOR: Final = 200
"""List pages a second that one process must give."""
_KINDS: Final = {
    "approvals": "approval", "exceptions": "case", "purchase-orders": "purchase-order",
    "requisitions": "requisition", "interchanges": "interchange", "invoices": "invoice",
    "quarantine": "quarantined-message",
}  # fmt: skip
"""Which documents stand behind a noun of the table: each is asked for as another."""
_READERS: Final = {"/approvals": "alec", "/exceptions": "paul", "/notifications": "paul"}
"""Who looks at a page that is for everybody inside; else the first role that it names."""
_OWN: Final = "/requests/{number}/receive/{order}"
"""A page for whoever asked for what the order brings."""
_STREAMS: Final = "streams"
_NO_LISTS: Final = frozenset(
    {"/sign-in", "/password", "/requests/new", "/requests/upload", "/trace", "/find", "/live/news"}
)
_SHEETS: Final = 2
"""How often a sheet is asked for at most: it has every row of its list."""
CLIENTS: Final = 4
_ANSWERS: Final = frozenset({200, 303})
_MISSING: Final = 404


class MissingError(RuntimeError):
    """A page that is there for those alone whose own it is."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answer cost."""

    seconds: float
    cpu: float
    asked: int
    size: int


class Browser:
    """Somebody who is signed in, on one connection that is kept open."""

    def __init__(self, port: int, name: str) -> None:
        """Sign in through the page."""
        self._port, self._cookie = port, ""
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        if name:
            self._sign_in(name)

    def _sign_in(self, name: str) -> None:
        self._line.request("GET", "/sign-in")
        word = re.search(r'name="word" value="(\w+)"', self._line.getresponse().read().decode())
        form = {"word": word[1] if word else "", "name": name, "password": PASSWORD, "to": "/find"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._line.request("POST", "/sign-in", urlencode(form), headers)
        answer = self._line.getresponse()
        answer.read()
        if answer.status != 303:
            raise RuntimeError(f"{name} could not sign in: {answer.status}")
        self._cookie = (answer.headers["set-cookie"] or "").partition(";")[0]

    def ask(self, address: str, *, anew: bool = True) -> Cost:
        """Ask for a page as a browser does; gives what it cost.

        Args:
            address: the page's.
            anew: ask for it to be drawn, though it may be kept.

        Raises:
            RuntimeError: it did not come.
        """
        headers = {"Cookie": self._cookie, "Accept-Encoding": "gzip", "Accept": "text/html"}
        if anew:
            headers["Cache-Control"] = "no-cache"
        start = time.perf_counter()
        self._line.request("GET", address, headers=headers)
        answer = self._line.getresponse()
        body = answer.read()
        spent = time.perf_counter() - start
        if answer.status == _MISSING:
            raise MissingError(address)
        if answer.status not in _ANSWERS or "/sign-in" in (answer.headers["location"] or ""):
            raise RuntimeError(f"{address}: {answer.status} {answer.headers['location'] or ''}")
        told = answer.headers
        return Cost(spent, float(told["x-cpu"]), int(told["x-asked"]), len(body))


@contextmanager
def served(house: Kept) -> Iterator[int]:
    """Serve a house by a process of its own; gives the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = int(free.getsockname()[1])
    told = {"url": house.url, "home": str(house.home), "at": house.at, "port": port}
    command = [sys.executable, "-W", "ignore", "-m", "bench.web_served", json.dumps(told)]
    process = subprocess.Popen(command)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def addresses(house: Kept, times: int) -> dict[str, list[str]]:
    """Give for every page of the table what is asked for, as often as ``times``."""
    spread = _spread(house.url, times)
    links = _links(house)
    found: dict[str, list[str]] = {}
    for route, row in TABLE.items():
        method, _, path = route.partition(" ")
        if path == _OWN and method == "GET":
            own = _own(house, times)
            found[path] = [
                path.format(number=quote(need), order=quote(order)) for need, order in own
            ]
            continue
        if method != "GET" or row.get(_STREAMS) or _is_missing(row):
            continue
        if path in links:
            found[path] = [links[path]] * times
            continue
        at = str(row.get("at", path))
        noun = re.search(r"{([\w-]+)}", at)
        if noun is None:
            found[path] = [at] * times
            continue
        names = spread.get(noun[1]) or [house.names[noun[1]]]
        found[path] = [re.sub(r"{[\w-]+}", quote(names[n % len(names)]), at) for n in range(times)]
    return found


def _own(house: Kept, most: int) -> Sequence[tuple[str, str]]:
    """Give requests of the page's reader, each with an order of it that goods can come for."""
    engine = open_engine(house.url)
    with reading(engine) as session:
        bodies = session.rows(
            "select r.body from document r where r.kind = 'requisition' and r.state = 'ordered' "
            "order by r.made desc, r.id desc limit 2000"
        )
        needs = [each for (body,) in bodies if (each := decode(body, Requisition)).orders]
        sent = {
            row[0]
            for row in session.rows(
                f"select id from document where {session.among('ref')} and state = 'sent'",
                (session.keys([f"purchase-order/{each.orders[0]}" for each in needs]),),
            )
        }
    engine.dispose()
    found = [
        (each.id, each.orders[0])
        for each in needs
        if each.requester == reader_of(_OWN) and each.orders[0] in sent
    ]
    if not found:
        raise RuntimeError(f"nobody can look at {_OWN}")
    return [found[n % len(found)] for n in range(most)]


def _is_missing(row: Mapping[str, object]) -> bool:
    """Say whether what the table asks for is there for nobody but whoever did something."""
    also = row.get("also")
    return isinstance(also, Mapping) and also.get("status") == 404 and row.get("for") == "inside"


def _spread(url: str, most: int) -> dict[str, list[str]]:
    """Give documents from all over each kind's history."""
    found, engine = {}, open_engine(url)
    with reading(engine) as session:
        for noun, kind in _KINDS.items():
            wanted = " and state = 'sent'" if kind == "purchase-order" else ""
            (count,) = session.rows(
                f"select count(*) from document where kind = ?{wanted}", (kind,)
            )[0]
            rows = session.rows(
                f"select id from (select id, row_number() over (order by made, id) as place "
                f"from document where kind = ?{wanted}) as each where mod(place, ?) = 0 limit ?",
                (kind, max(1, int(count) // most), most),
            )
            found[noun] = [row[0] for row in rows]
    engine.dispose()
    return found


def _links(house: Kept) -> dict[str, str]:
    """Sign links to the pages of outsiders: an order's answer, an approval's decision."""
    keys = KeyRing(house.home).keys()
    paths = {Purpose.ORDER: "/s/{token}", Purpose.APPROVAL: "/a/{token}"}
    engine, found = open_engine(house.url), {}
    with reading(engine) as session:
        newest = session.rows(
            "select body from document where kind = 'link' and state = 'open' "
            "order by made desc, id desc limit 100"
        )
        given = session.rows(
            "select body from document where ref = ?", (f"link/{house.names['links']}",)
        )
    engine.dispose()
    for (body,) in (*newest, *given):
        link = decode(body, Link)
        found[paths[link.purpose]] = paths[link.purpose].format(token=token(link.claims, keys))
    return found


def reader_of(path: str) -> str:
    """Give who looks at a page; nobody at those of outsiders."""
    row = TABLE[f"GET {path}"]
    if path in ("/s/{token}", "/a/{token}"):
        return ""
    for begin, name in _READERS.items():
        if path.startswith(begin):
            return name
    roles = row["for"] if isinstance(row["for"], list) else []
    return HOLDER[Role(roles[0])] if roles else "root"


def is_list(path: str) -> bool:
    """Say whether a page lists rows: what people open most often."""
    return "{" not in path and path not in _NO_LISTS and "." not in path


def measure(
    kind: str, orders: int, exceptions: int, *, times: int, seconds: float, only: str = ""
) -> int:
    """Measure one kind of database; gives how many figures are beyond their bound."""
    with kept(kind, orders, exceptions) as house, served(house) as port:
        print(
            f"{kind}: {house.orders} orders, {house.exceptions} open exceptions, "
            f"{house.events} events",
            flush=True,
        )
        wanted = [each for each in only.split(",") if each]
        pages = addresses(house, times)
        pages = {path: asked for path, asked in pages.items() if not wanted or path in wanted}
        browsers = {name: Browser(port, name) for name in sorted({*map(reader_of, pages)})}
        beyond = _one_client(pages, browsers)
        return beyond + _many(port, [path for path in pages if is_list(path)], seconds)


def _one_client(pages: Mapping[str, Sequence[str]], browsers: Mapping[str, Browser]) -> int:
    beyond = 0
    heads = ("p50 ms", "p95 ms", "first", "CPU ms")
    print(f"    {'page':38}{''.join(f'{each:>8}' for each in heads)}{'asked':>7}{'kB':>7}")
    for path, asked in pages.items():
        browser = browsers[reader_of(path)]
        try:
            first = browser.ask(asked[0]).seconds
        except MissingError as missing:
            print(f"    {path:38} not there for {reader_of(path)}: {missing}", flush=True)
            continue
        many = asked[:_SHEETS] if "." in path else asked
        costs = [browser.ask(each) for each in many]
        spent = sorted(each.seconds for each in costs)
        p50, p95 = spent[len(spent) // 2], spent[max(0, int(len(spent) * 0.95) - 1)]
        cpu = sorted(each.cpu for each in costs)[len(costs) // 2]
        is_beyond = p95 > CEILING and "." not in path
        beyond += is_beyond
        print(
            f"    {path:38}{1000 * p50:8.1f}{1000 * p95:8.1f}{1000 * first:8.1f}{cpu:8.1f}"
            f"{max(each.asked for each in costs):7}{costs[0].size / 1000:7.1f}"
            f"{'   beyond its ceiling' if is_beyond else ''}",
            flush=True,
        )
    return beyond


def _many(port: int, lists: Sequence[str], seconds: float) -> int:
    """Have several clients ask for each list page as fast as they can."""
    beyond = 0
    print(f"    {'list page':38}{'drawn/s':>9}{'CPU ms':>8}{'kept/s':>9}{'CPU ms':>8}")
    for path in lists:
        print(f"    {path:38}", end="")
        for anew in (True, False):
            rate, cpu = _rate(port, path, seconds, anew=anew)
            print(f"{rate:9.0f}{cpu:8.2f}", end="")
        beyond += rate < FLOOR
        print("   below floor" if rate < FLOOR else "", flush=True)
    return beyond


def _rate(port: int, path: str, seconds: float, *, anew: bool) -> tuple[float, float]:
    """Give how many answers a second several clients get, and the milliseconds of CPU of one."""
    browsers = [Browser(port, reader_of(path)) for _ in range(CLIENTS)]
    costs: list[Cost] = []
    until = time.perf_counter() + seconds

    def ask(browser: Browser) -> None:
        while time.perf_counter() < until:
            costs.append(browser.ask(path, anew=anew))

    before = _cpu(port)
    threads = [threading.Thread(target=ask, args=(each,)) for each in browsers]
    start = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    rate = len(costs) / (time.perf_counter() - start)
    return rate, 1000 * (_cpu(port) - before) / max(1, len(costs))


def _cpu(port: int) -> float:
    """Give the seconds of CPU that the server has burnt."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as line:
        line.request("GET", "/healthz")
        answer = line.getresponse()
        answer.read()
        return float(answer.headers["x-burnt"])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; gives 0 when every page was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.web")
    parser.add_argument("kinds", nargs="*", default=["sqlite", "postgresql"])
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--exceptions", type=int, default=50_000)
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--seconds", type=float, default=3, help="how long a list is asked for")
    parser.add_argument("--only", default="", help="these pages, with commas between")
    asked = parser.parse_args(argv)
    for kind in asked.kinds:
        measure(
            kind, asked.orders, asked.exceptions, times=asked.times, seconds=asked.seconds,
            only=asked.only,
        )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
