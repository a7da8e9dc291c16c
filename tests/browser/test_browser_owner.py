"""Process owner and executive in a real browser: a flow with what is late in it, a case tried on
a decision table, a figure taken apart; with and without script, by keyboard, before axe."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import faults, step_to
from tests.browser.office import Office, Scheme
from tests.browser.operating import SCHEMES, in_trouble, press

pytestmark = pytest.mark.browser

OWNER = "eva"
CASE: Final = {
    "Document type": "requisition", "Flow": "direct", "Category": "valves", "Site": "ATL",
    "Lane": "standard", "Amount": "249.99",
}  # fmt: skip
"""A cent below the low value of a branch: row r01; a cent more needs a person."""
TRIED: Final = urlencode(
    {f"f.{name.lower().replace(' ', '_')}": value for name, value in CASE.items()}
)
"""The same case as the page's own form asks for it."""


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One installation for all: nobody changes anything in it."""
    with in_trouble(browser, tmp_path_factory.mktemp("owner") / "home", OWNER) as made:
        yield made


@pytest.mark.parametrize("script", [True, False])
def test_a_flow_tells_which_step_is_late_and_whose_turn_it_is(
    office: Office, *, script: bool
) -> None:
    with office.at_work(OWNER, script=script) as page:
        page.get_by_role("link", name="Flows").first.click()
        expect(page.locator("#flow-direct")).to_contain_text("late")
        page.get_by_role("link", name="Direct materials").click()
        page.locator("a.flow-node", has_text="Supplier's answer").click()
        expect(page).to_have_url(re.compile("step=answer"))
        expect(page.locator("#line-1")).to_contain_text("ANCHOR")
        expect(page.locator("#line-1")).to_contain_text("late")
        page.get_by_text("View as table").click()
        row = page.locator("#as-table tr", has_text="Supplier's answer")
        expect(row).to_contain_text("1 here, 1 late")
        page.locator("#line-1 a").click()
        expect(page).to_have_url(re.compile("/trace/"))


def stated(page: Page, name: str, value: str) -> None:
    """Fill in a field of the case, whatever it is."""
    field = page.locator("#try").get_by_label(name, exact=False).first
    if field.evaluate("node => node.tagName") == "SELECT":
        field.select_option(value)
    else:
        field.fill(value)


@pytest.mark.parametrize("script", [True, False])
def test_a_case_is_tried_on_both_sides_of_a_limit(office: Office, *, script: bool) -> None:
    with office.at_work(OWNER, script=script) as page:
        page.get_by_role("link", name="Decision tables").first.click()
        page.get_by_role("link", name="approval routing").click()
        page.locator("#try > summary").click()
        for name, value in CASE.items():
            stated(page, name, value)
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("status")).to_contain_text("Row r01 speaks")
        expect(page.get_by_role("status")).to_contain_text("LOW VALUE")
        expect(page.locator("#row-r01")).to_have_attribute("aria-current", "true")
        stated(page, "Amount", "250")
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("status")).to_contain_text("branch manager")
        expect(page.locator("#row-r01")).to_contain_text("not: amount")
        stated(page, "Amount", "much")
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_role("alert")).to_contain_text("much")
        expect(page.locator("#f-amount")).to_have_value("much")


def test_a_flow_and_a_case_by_keyboard_alone(office: Office) -> None:
    with office.at_work(OWNER) as page:
        page.goto("/flows/direct")
        press(page, page.locator("a.flow-node", has_text="Supplier's answer"))
        expect(page.locator("#line-1")).to_contain_text("ANCHOR")
        page.goto("/policies/approval_routing")
        press(page, page.locator("#try > summary"))
        step_to(page, page.locator("#f-document_type"))
        for value in CASE.values():
            page.keyboard.type(value)
            page.keyboard.press("Tab")
        press(page, page.get_by_role("button", name="Decide"))
        expect(page.get_by_role("status")).to_contain_text("Row r01 speaks")


@pytest.mark.parametrize("script", [True, False])
def test_an_executive_goes_from_a_figure_to_what_it_counts(
    office: Office, *, script: bool
) -> None:
    with office.at_work(OWNER, script=script) as page:
        page.get_by_role("link", name="Process health").first.click()
        page.get_by_role("link", name="90 d").first.click()
        page.locator(".tile a").first.click()
        expect(page.get_by_role("heading", name="What it means")).to_be_visible()
        page.goto("/waiting")
        page.locator("a.row-link").first.click()
        expect(page).to_have_url(re.compile("/trace/"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    office: Office, scheme: Scheme, width: int
) -> None:
    pages = (
        "/flows", "/flows/direct?step=answer", "/flows/emergency", "/policies",
        f"/policies/approval_routing?try=yes&{TRIED}", "/policies/match_kind",
        "/dashboard", "/metrics/touchless", "/waiting",
    )  # fmt: skip
    refused = "/policies/approval_routing?try=yes&f.amount=much"
    with office.at_work(OWNER, scheme=scheme, width=width, bypass_csp=True) as page:
        assert faults(page, pages, width, refused=(refused,)) == []
