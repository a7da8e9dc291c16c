"""The workbench in a real browser, over a real installation: each role from sign-in to effect.

Everything is done twice, with script and without; axe looks at every page, light and dark, wide
and narrow.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from manciple.approvals.request import Approval, StepState
from manciple.cases.case import Case
from manciple.web.server import serve_app
from tests.api.installation import Installation, installed
from tests.browser.conftest import Scheme, listen
from tests.browser.serving import served
from tests.browser.test_browser_access import everything_open, violations
from tests.scenarios.office import cases, open_step, ordered, raise_need
from tests.web.signed_in import PASSWORD, with_passwords

pytestmark = pytest.mark.browser


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


def told(page: Page, words: str, acted: str, *, script: bool) -> None:
    """Wait until an act is done: its row says so beside the list, else the page that follows."""
    if script:
        row = page.locator(".row-acted")
        expect(row).to_have_attribute("aria-busy", "false")
        expect(row.locator(".row-told")).to_contain_text(acted)
    else:
        expect(page.locator("main").get_by_role("status")).to_contain_text(words)


@pytest.mark.parametrize("script", [True, False])
def test_an_approver_signs_in_sees_why_and_approves(office: Office, *, script: bool) -> None:
    with office.at_work(office.approver, script=script) as page:
        page.get_by_role("link", name="Approvals").click()
        page.get_by_role("link", name=re.compile("for ATL")).first.click()
        expect(page.get_by_text("Why these people")).to_be_visible()
        page.get_by_label("Note").first.fill("fine by me")
        page.get_by_role("button", name=re.compile("Approve")).click()
        told(page, "REQ-", "Approved", script=script)

    approval = office.house.app.peek(Approval, office.approval)
    assert approval is not None
    step = approval.steps[0]
    assert (step.state, step.note) == (StepState.APPROVED, "fine by me")


@pytest.mark.parametrize("script", [True, False])
def test_a_planner_settles_a_shortage_from_the_queue(office: Office, *, script: bool) -> None:
    with office.at_work("paul", script=script) as page:
        page.locator(f"#exception-{office.case} a.row-link").click()
        option = page.locator("#option-cancel_remainder")
        option.locator("summary").click()
        option.get_by_label("Note").fill("enough for now")
        option.get_by_role("button").click()
        told(page, "give up the rest", "Decided", script=script)

    case = office.house.app.peek(Case, office.case)
    assert case is not None
    assert case.resolution is not None
    assert case.resolution.note == "enough for now"


def test_an_approver_does_it_all_by_keyboard(office: Office) -> None:
    with office.at_work(office.approver) as page:
        page.goto("/approvals")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        button = page.get_by_role("button", name=re.compile(r"^Approve \d"))
        expect(button).to_be_visible()  # beside the list
        for _ in range(200):
            if button.evaluate("node => node === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        told(page, "", "Approved", script=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_page_of_the_workbench(
    office: Office, scheme: Scheme, width: int
) -> None:
    pages = (
        "/sign-in", "/password", "/approvals", "/approvals?whose=all",
        f"/approvals/{office.approval}", "/exceptions?whose=all", f"/exceptions/{office.case}",
        "/dashboard", "/metrics/touchless", "/waiting",
    )  # fmt: skip
    with office.at_work("paul", scheme=scheme, width=width, bypass_csp=True) as page:
        for address in pages:
            page.goto(address)
            everything_open(page)
            assert violations(page) == [], address


def test_no_page_of_the_workbench_is_wider_than_320_pixels(office: Office) -> None:
    pages = (
        "/sign-in", "/approvals", f"/approvals/{office.approval}", "/exceptions?whose=all",
        f"/exceptions/{office.case}", "/dashboard", "/metrics/touchless", "/waiting",
    )  # fmt: skip
    with office.at_work("paul", width=320) as page:
        for address in pages:
            page.goto(address)
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= 320, address
