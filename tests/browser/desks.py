"""What the tests of one role share: an installation behind a server, keys, and a look around."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from typing import Final, TypeVar

from playwright.sync_api import Browser, Locator, Page, expect

from manciple.web.server import serve_app
from tests.api.installation import Installation
from tests.browser.office import Office
from tests.browser.serving import served
from tests.browser.test_browser_access import everything_open, violations

WAYS: Final = ("script", "no script", "keyboard")
"""The ways in which each role's task is done."""
_MOST_STEPS: Final = 200
Given = TypeVar("Given")

CUT_OFF = """() => [...document.querySelectorAll('.table-frame')]
  .filter(each => !each.closest('details:not([open])') && each.scrollWidth > each.clientWidth + 1)
  .map(each => each.innerText.slice(0, 60) + ': ' + each.scrollWidth + ' > ' + each.clientWidth)"""
"""Tables that are wider than their frame, so that their last column is out of sight."""


def apart(work: Callable[[], Given]) -> Given:
    """Do something on a thread of its own: the browser's loop runs on this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


@contextmanager
def open_office(
    browser: Browser, furnished: AbstractContextManager[Installation]
) -> Iterator[Office]:
    """Serve an installation while the block runs."""
    with ThreadPoolExecutor(1) as thread:
        house = thread.submit(furnished.__enter__).result()
        with served(serve_app(house.app)) as address:
            yield Office(
                browser=browser, house=house, address=address, approval="", approver="", case=""
            )
        thread.submit(furnished.__exit__, None, None, None).result()


def step_to(page: Page, wanted: Locator) -> None:
    """Come to something with the Tab key alone."""
    for _ in range(_MOST_STEPS):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


class Hands:
    """Presses and fills in a page, with the mouse or with the keys alone."""

    def __init__(self, page: Page, way: str) -> None:
        self.page = page
        self.has_keys_alone = way == "keyboard"

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Press a button, follow a link, unfold what is folded; a box takes the space bar."""
        expect(wanted).to_be_visible()
        if self.has_keys_alone:
            step_to(self.page, wanted)
            self.page.keyboard.press(key)
        else:
            wanted.click()

    def write(self, wanted: Locator, text: str) -> None:
        """Put a text in the place of what a field holds; days are written 2026-03-12."""
        if not self.has_keys_alone:
            wanted.fill(text)
            return
        step_to(self.page, wanted)
        if wanted.get_attribute("type") == "date":
            year, month, day = text.split("-")
            self.page.keyboard.type(f"{month}{day}{year}")
            return
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, wanted: Locator, option: str) -> None:
        """Choose from a list by what it says."""
        if not self.has_keys_alone:
            wanted.select_option(label=option)
            return
        step_to(self.page, wanted)
        self.page.keyboard.type(option)
        expect(wanted.locator("option:checked")).to_have_text(option)


def faults(
    page: Page, addresses: tuple[str, ...], width: int, *, refused: tuple[str, ...] = ()
) -> list[str]:
    """Look at pages with everything unfolded: what axe says, and what is wider than 320 px.

    What was asked for at ``refused`` must be refused, on a page like any other.
    """
    found: list[str] = []
    for address in (*addresses, *refused):
        answer = page.goto(address)
        wanted = HTTPStatus.UNPROCESSABLE_ENTITY if address in refused else HTTPStatus.OK
        if answer is None or answer.status != wanted:
            found.append(f"{address} is not there")
        everything_open(page)
        found += [f"{address}: {each}" for each in violations(page)]
        if width < 400:
            page.set_viewport_size({"width": 320, "height": 800})
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            found += [f"{address} is {wide} px wide"] if wide > 320 else []
            page.set_viewport_size({"width": width, "height": 900})
    return found
