"""Pictures of every page, wide and narrow, light and dark: `python -m tests.browser.pictures`.

They land in `pictures/`, which git ignores; for looking at, not for comparing. Those who run the
house have pages only in one that is in trouble: it is made when one of theirs is chosen.
"""

import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import launch
from tests.browser.operating import SCHEMES, in_trouble
from tests.browser.serving import served
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


def main() -> None:
    """Take them all, or those whose names are given."""
    chosen = set(sys.argv[1:]) or {*PAGES, "empty", *RUNNING, *OPENED}
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        if chosen & {*PAGES, "empty"}:
            with served(page_app(full_house())) as house, served(page_app(Threads())) as bare:
                pages = {name: house + path for name, path in PAGES.items()}
                take(browser, _of(pages | {"empty": bare + "/"}, chosen))
        if chosen & {*RUNNING, *OPENED}:
            take_running(browser, chosen)
        browser.close()


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
