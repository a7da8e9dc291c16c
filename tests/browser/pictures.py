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
from tests.api.installation import Installation
from tests.browser.chromium import launch
from tests.browser.desks import open_office
from tests.browser.operating import SCHEMES, in_trouble
from tests.browser.serving import served
from tests.scenarios.office import open_step, raise_need
from tests.web.linked import posted
from tests.web.mail_server import link_in
from tests.web.page_rights import TABLE
from tests.web.page_server import full_house, page_app
from tests.web.page_threads import RAW, THREAD, Threads
from tests.web.signed_in import with_passwords

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
APART: Final = {
    "sign-in": ("", "/sign-in"),
    "supplier-order": ("", "{link}"),
    "supplier-done": ("", "{done}"),
    "mail-approval": ("", "{letter}"),
    "approval-open": ("{approver}", "/approvals/{approval}"),
    "inbox": ("{approver}", "/approvals"),
    "ask-stock": ("rita", "/requests/new?item=VALVE"),
    "ask-maintenance": ("rita", "/requests/new?kind=maintenance"),
    "ask-emergency": ("rita", "/requests/new?kind=emergency"),
    "ask-sheet": ("rita", "/requests/upload"),
    "mine": ("rita", "/requests"),
    "told": ("rita", "/notifications"),
    "dock": ("walt", "/inbound"),
    "dock-receive": ("walt", "/inbound/{order}/receive"),
    "lend": ("{approver}", "/delegations"),
}
"""Pages of people whom no link leads to from the others: who sees it, and its address."""
WIDTHS: Final = {1440: 900, 390: 844}
DAYS: Final = 6
"""Days of the demo behind the pages of `every`."""
_LINK: Final = re.compile(r'href="(/[^"#]*)"')


def main() -> None:
    """Take them all, or those whose names are given."""
    chosen = set(sys.argv[1:]) or {*PAGES, "empty", *RUNNING, *OPENED, *APART, "every"}
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
        if chosen & {*APART}:
            take_apart(browser, chosen)
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


def take_apart(browser: Browser, chosen: Iterable[str]) -> None:
    """Make a house with a supplier who reads mail, and take pages as each person sees them."""
    with tempfile.TemporaryDirectory() as scratch:
        names: dict[str, str] = {}
        with open_office(browser, _with_letters(Path(scratch) / "home", names)) as office:
            for who, pages in _by_person(chosen, names).items():
                if not who:
                    take(browser, {name: office.address + path for name, path in pages.items()})
                    continue
                with office.at_work(who) as page:
                    cookies = page.context.cookies()
                whole = {name: office.address + path for name, path in pages.items()}
                take(browser, whole, cookies)


def _by_person(chosen: Iterable[str], names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in sorted(set(chosen) & set(APART)):
        who, path = (each.format_map(names) for each in APART[name])
        found.setdefault(who, {})[name] = path
    return found


@contextmanager
def _with_letters(home: Path, names: dict[str, str]) -> Iterator[Installation]:
    """Two orders by mail, one answered; one need at the dock's door, one before its approver."""
    with posted(home) as office:
        house = office.house
        office.by_mail("BLUE")
        names["order"] = office.ordered((("VALVE", "100"), ("RELAY", "20")))
        names["link"] = office.link()
        office.ordered((("VALVE", "48"),))
        answered = office.link()
        office.browser().fill(office.browser().open(answered), f"{answered}/accept")
        names["done"] = f"{answered}?done=accept"
        need = raise_need(house, (("VALVE", "240"), ("RELAY", "40"), ("FUSE", "100")))
        step = open_step(house, need["approval"])
        names["approval"], names["approver"] = need["approval"], str(step and step["approver"])
        letter = office.mail.to(f"{names['approver']}@example.com")[-1]
        names["letter"] = link_in(letter)
        with_passwords(house, "rita", "walt", names["approver"])
        yield house


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
