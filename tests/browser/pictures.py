"""Pictures of every page, wide and narrow, light and dark: `python -m tests.browser.pictures`.

They land in `pictures/`, which git ignores; for looking at, not for comparing. Those who run the
house have pages only in one that is in trouble: it is made when one of theirs is chosen. `every`
plays a few days of the demo and takes each page that its links lead to, named by its route.
"""

import re
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from html import unescape
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, sync_playwright

from manciple.app import settings_from
from manciple.cli import demo
from manciple.web.server import serve_app
from tests.browser.chromium import launch
from tests.browser.operating import SCHEMES, in_trouble
from tests.browser.serving import served
from tests.web.page_rights import TABLE
from tests.web.page_server import full_house, page_app
from tests.web.page_threads import RAW, THREAD, Threads

FOLDER: Final = Path(__file__).parents[2] / "pictures"
PAGES: Final = {
    "recent": "/",
    "trace": f"/trace/{THREAD}",
    "message": f"/interchanges/{RAW}",
    "found": "/trace?key=SHARED-1",
    "nothing": "/trace?key=PO-999",
}
RUNNING: Final = {
    "endpoints": "/endpoints",
    "endpoint": "/endpoints/erp?ask=yes",
    "effects": "/effects?state=dead",
    "deadletters": "/deadletters",
    "files": "/interchanges",
    "quarantine": "/quarantine",
    "flows": "/flows",
    "flow": "/flows/direct?step=answer",
    "policies": "/policies",
    "policy": "/policies/approval_routing",
    "dashboard": "/dashboard",
    "metric": "/metrics/touchless",
    "waiting": "/waiting",
    "people": "/admin/people",
    "person": "/admin/people/anna",
    "keys": "/admin/keys",
    "lent": "/admin/delegations",
    "audit": "/audit",
}
"""Pages of those who run the house, as an administrator sees them."""
OPENED: Final = {"letter": "/deadletters", "quarantined": "/quarantine"}
"""Pages that the first row of another leads to."""
WIDTHS: Final = {1440: 900, 390: 844}
DAYS: Final = 6
"""Days of the demo behind the pages of `every`."""
_LINK: Final = re.compile(r'href="(/[^"#]*)"')


def main() -> None:
    """Take them all, or those whose names are given."""
    chosen = set(sys.argv[1:]) or {*PAGES, "empty", *RUNNING, *OPENED, "every"}
    FOLDER.mkdir(exist_ok=True)
    with ExitStack() as stack:
        house = stack.enter_context(lived_in()) if "every" in chosen else None
        browser = launch(stack.enter_context(sync_playwright()))
        if chosen & {*PAGES, "empty"}:
            with served(page_app(full_house())) as full, served(page_app(Threads())) as bare:
                pages = {name: full + path for name, path in PAGES.items()}
                take(browser, _of(pages | {"empty": bare + "/"}, chosen))
        if chosen & {*RUNNING, *OPENED}:
            take_running(browser, chosen)
        if house is not None:
            found = every(house)
            sys.stdout.write(f"no link leads to: {', '.join(sorted(ROUTES - found.keys()))}\n")
            take(browser, {name_of(route): house + path for route, path in found.items()})
        browser.close()


@contextmanager
def lived_in() -> Iterator[str]:
    """Play some days and serve their pages to whoever started it; gives the address."""
    with tempfile.TemporaryDirectory() as scratch:
        played = demo.set_up(settings_from({}, home=Path(scratch) / "home"), seed=7, days=DAYS)
        demo.play(played, quiet=True)
        with served(serve_app(played.app, viewer_key=played.key)) as address:
            yield address
        played.wire.close()


def every(address: str) -> dict[str, str]:
    """Follow links from the first page; give for each route the fullest of its first pages."""
    found: dict[str, str] = {}
    looked, size = Counter[str](), Counter[str]()
    seen, waiting = {"/"}, deque(["/"])
    with httpx.Client(base_url=address, timeout=60) as client:
        while waiting:
            path = waiting.popleft()
            route = route_of(path)
            if route is None or looked[route] == LOOKS:
                continue
            looked[route] += 1
            answer = client.get(path)
            if (
                answer.status_code != HTTPStatus.OK
                or "text/html" not in answer.headers["content-type"]
            ):
                continue
            if len(answer.content) > size[route]:
                found[route], size[route] = path, len(answer.content)
            for link in map(unescape, _LINK.findall(answer.text)):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
    return found


ROUTES: Final = frozenset(
    route.removeprefix("GET ")
    for route in TABLE
    if route.startswith("GET ") and not route.endswith((".csv", ".jsonl", "/live", "/find"))
)
"""The routes of pages, as the table of rights names them."""
LOOKS: Final = 6
"""Pages of one route that are looked at; the fullest is taken."""


def route_of(path: str) -> str | None:
    """Name the route of a path; one without parts that vary wins."""
    plain = path.partition("?")[0]
    fitting = [route for route in ROUTES if _pattern(route).fullmatch(plain)]
    return min(fitting, key=lambda route: (route.count("{"), route), default=None)


def _pattern(route: str) -> re.Pattern[str]:
    words = re.split(r"(\{[^}]*\})", route)
    return re.compile(
        "".join(
            (".+" if word.endswith(":path}") else "[^/]+") if word[:1] == "{" else re.escape(word)
            for word in words
        )
    )


def name_of(route: str) -> str:
    """Name a route's pictures: `/lines/{order}/{line}` is `every-lines-order-line`."""
    return "-".join(["every", *re.findall(r"[a-z]+", route.replace(":path", ""))])


def take_running(browser: Browser, chosen: Iterable[str]) -> None:
    """Make a house in trouble, and take the pages of those who run it."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        with in_trouble(browser, home, "root") as office, office.at_work("root") as page:
            cookies = page.context.cookies()
            pages = {name: office.address + path for name, path in RUNNING.items()}
            for name, path in _of(OPENED, chosen).items():
                page.goto(path)
                row = page.locator("a.row-link").first
                pages[name] = office.address + str(row.get_attribute("href"))
            take(browser, _of(pages, chosen), cookies)


def _of(pages: Mapping[str, str], chosen: Iterable[str]) -> dict[str, str]:
    return {name: pages[name] for name in sorted(set(chosen) & set(pages))}


def take(browser: Browser, pages: Mapping[str, str], cookies: Iterable[Any] = ()) -> None:
    """Take pictures of pages, as who has these cookies sees them."""
    for width, height in WIDTHS.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            context.add_cookies([*cookies])
            page = context.new_page()
            for name, address in pages.items():
                page.goto(address)
                if page.locator("#live").count():
                    page.locator("#live[data-state=live]").wait_for()
                target = FOLDER / f"{name}-{width}-{scheme}.png"
                page.screenshot(path=target, full_page=True)
                sys.stdout.write(f"{target}\n")
            context.close()


if __name__ == "__main__":
    main()
