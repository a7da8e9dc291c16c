"""A house in trouble behind a server: what those who run it look at in a browser."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from playwright.sync_api import Browser, Locator, Page, expect

from manciple.web.server import serve_app
from tests.browser.conftest import Scheme
from tests.browser.serving import served
from tests.browser.test_browser_access import everything_open, violations
from tests.browser.test_browser_workbench import Office
from tests.scenarios.office import Need
from tests.web.signed_in import with_passwords
from tests.web.test_operating_pages import troubled

SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
_MOST_STEPS: Final = 120
_Given = TypeVar("_Given")


def apart(work: Callable[[], _Given]) -> _Given:
    """Do something on a thread of its own: the browser's loop runs on this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


@contextmanager
def in_trouble(
    browser: Browser, home: Path, *people: str, more: tuple[Need, ...] = (), files: int = 1
) -> Iterator[Office]:
    """Serve it while the block runs, to people who have a password."""
    with ThreadPoolExecutor(1) as thread:
        kept = troubled(home, more=more, files=files)
        house = thread.submit(kept.__enter__).result()
        thread.submit(with_passwords, house, *people).result()
        with served(serve_app(house.app)) as address:
            yield Office(
                browser=browser, house=house, address=address, approval="", approver="", case=""
            )
        thread.submit(kept.__exit__, None, None, None).result()


def step_to(page: Page, wanted: Locator) -> None:
    """Go to something with the Tab key alone."""
    for _ in range(_MOST_STEPS):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def press(page: Page, wanted: Locator) -> None:
    """Go to something with the Tab key and press Enter on it."""
    step_to(page, wanted)
    page.keyboard.press("Enter")


def faults(page: Page, addresses: tuple[str, ...], width: int) -> list[str]:
    """Look at pages with everything unfolded: what axe says, and what is wider than 320 px."""
    found: list[str] = []
    for address in addresses:
        page.goto(address)
        everything_open(page)
        found += [f"{address}: {each}" for each in violations(page)]
        if width < 400:
            page.set_viewport_size({"width": 320, "height": 800})
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            found += [f"{address} is {wide} px wide"] if wide > 320 else []
            page.set_viewport_size({"width": width, "height": 900})
    return found
