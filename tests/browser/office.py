"""An installation behind a server, people at work in it, and something that waits for them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Browser, Error, Page, expect

from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from tests.api.installation import Installation
from tests.scenarios.office import cases, open_step, ordered, raise_need
from tests.web.signed_in import PASSWORD, with_passwords

Scheme = Literal["light", "dark"]
_GIVEN_UP = "Transition was aborted"
"""What Chromium says when it gives up its own cross-fade between two pages on a slow machine."""


def listen(page: Page, complaints: list[str]) -> None:
    """Collect the errors that scripts of a page do not catch, from now on."""

    def hear(error: Error) -> None:
        if not str(error).startswith(_GIVEN_UP):
            complaints.append(str(error))

    page.on("pageerror", hear)


@dataclass
class Office:
    """An installation behind a server, and what waits in it."""

    browser: Browser
    house: Installation
    address: str
    approval: str
    approver: str
    case: str

    @contextmanager
    def at_work(
        self,
        name: str,
        *,
        width: int = 1280,
        scheme: Scheme = "light",
        script: bool = True,
        bypass_csp: bool = False,
    ) -> Iterator[Page]:
        """Sign somebody in through the page; no browser may complain about anything."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            bypass_csp=bypass_csp,
        )
        context.set_default_timeout(8_000)
        page = context.new_page()
        complaints: list[str] = []
        listen(page, complaints)
        try:
            page.goto("/exceptions")
            expect(page).to_have_url(re.compile("/sign-in"))
            page.get_by_label("Name").fill(name)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page).to_have_url(re.compile("/exceptions"))
            yield page
        finally:
            context.close()
        assert complaints == []


def furnished(house: Installation) -> tuple[str, str, str]:
    """Let something wait; gives the approval, who is asked, and the exception."""
    with_passwords(house, "anna", "alec", "paul")
    need = raise_need(house, (("VALVE", "100"),))
    step = open_step(house, need["approval"])
    assert step is not None
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 15}))
    now = house.clock.now()
    Sealer(house.app.store.engine).seal_all(now)
    Follower(house.app.store.engine).follow_all(now)
    return str(need["approval"]), str(step["approver"]), str(cases(house, "SHORTAGE")[0]["id"])
