"""One browser for all tests; a server, threads and a fresh reader for each."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from manciple.web.server import serve_app
from tests.api.installation import installed
from tests.browser.chromium import launch
from tests.browser.office import Office, Scheme, furnished, listen
from tests.browser.serving import served
from tests.web.page_server import full_house, page_app
from tests.web.page_threads import Threads

PATIENCE = 8_000
SLOWEST_ACT = 15_000
"""Milliseconds until an act must show; a test of how fast says so itself, with its own bound."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SLOWEST_ACT)
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


@pytest.fixture
def office(browser: Browser, tmp_path: Path) -> Iterator[Office]:
    """The installation lives on a thread of its own: the browser's loop runs on this one."""
    with ThreadPoolExecutor(1) as thread:
        kept = installed(tmp_path / "home")
        house = thread.submit(kept.__enter__).result()
        approval, approver, case = thread.submit(furnished, house).result()
        with served(serve_app(house.app)) as address:
            yield Office(
                browser=browser,
                house=house,
                address=address,
                approval=approval,
                approver=approver,
                case=case,
            )
        thread.submit(kept.__exit__, None, None, None).result()
