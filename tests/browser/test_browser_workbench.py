"""The workbench in a real browser, over a real installation: each role from sign-in to effect.

Everything is done twice, with script and without; axe looks at every page, light and dark, wide
and narrow.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from manciple.approvals.request import Approval, StepState
from manciple.cases.case import Case
from tests.browser.desks import CUT_OFF
from tests.browser.office import Office, Scheme
from tests.browser.test_browser_access import everything_open, violations

pytestmark = pytest.mark.browser


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


def test_no_column_of_what_an_approver_decides_on_is_out_of_sight(office: Office) -> None:
    with office.at_work("paul") as page:
        for address in ("/approvals?whose=all", f"/approvals/{office.approval}"):
            page.goto(address)
            assert page.locator(".table-frame").count(), address
            assert page.evaluate(CUT_OFF) == [], address


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
