"""One browser for all tests; a server, threads and a fresh reader for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from tests.browser.chromium import launch
from tests.browser.serving import served
from tests.web.page_server import full_house, page_app
from tests.web.page_threads import Threads

Scheme = Literal["light", "dark"]
_GIVEN_UP = "Transition was aborted"
"""What Chromium says when it gives up its own cross-fade between two pages on a slow machine."""
PATIENCE = 8_000


def listen(page: Page, complaints: list[str]) -> None:
    """Collect the errors that scripts of a page do not catch, from now on."""

    def hear(error: Error) -> None:
        if not str(error).startswith(_GIVEN_UP):
            complaints.append(str(error))

    page.on("pageerror", hear)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@dataclass
class House:
    """A running Manciple with its threads, and readers who look at it."""

    browser: Browser
    threads: Threads
    address: str
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def reader(
        self,
        *,
        width: int = 1280,
        height: int = 900,
        scheme: Scheme = "light",
        script: bool = True,
        bypass_csp: bool = False,
    ) -> Iterator[Page]:
        """Open a fresh browser profile; what the browser complains about is kept."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
            bypass_csp=bypass_csp,
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self._hear)
        listen(page, self.complaints)
        try:
            yield page
        finally:
            context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture
def house(browser: Browser) -> Iterator[House]:
    threads = full_house()
    with served(page_app(threads)) as address:
        yield House(browser, threads, address)


@pytest.fixture
def page(house: House) -> Iterator[Page]:
    """A reader with script; fails the test if the browser complained about anything."""
    with house.reader() as page:
        yield page
    assert house.complaints == []
