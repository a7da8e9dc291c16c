"""A house in trouble behind a server: what those who run it look at in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page

from tests.api.installation import Installation
from tests.browser.desks import open_office, step_to
from tests.browser.office import Office, Scheme
from tests.scenarios.office import Need
from tests.web.signed_in import with_passwords
from tests.web.test_operating_pages import troubled

SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")


@contextmanager
def in_trouble(
    browser: Browser, home: Path, *people: str, more: tuple[Need, ...] = (), files: int = 1
) -> Iterator[Office]:
    """Serve it while the block runs, to people who have a password."""
    with open_office(browser, _with_people(home, people, more, files)) as office:
        yield office


@contextmanager
def _with_people(
    home: Path, people: tuple[str, ...], more: tuple[Need, ...], files: int
) -> Iterator[Installation]:
    with troubled(home, more=more, files=files) as house:
        with_passwords(house, *people)
        yield house


def press(page: Page, wanted: Locator) -> None:
    """Go to something with the Tab key and press Enter on it."""
    step_to(page, wanted)
    page.keyboard.press("Enter")
