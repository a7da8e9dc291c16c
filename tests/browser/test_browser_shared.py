"""What all pages share, in a real browser: palette, panel beside a list, keys, language."""

import re

import pytest
from playwright.sync_api import expect

from manciple.cases.case import Case
from tests.browser.office import Office
from tests.browser.test_browser_access import violations

pytestmark = pytest.mark.browser


def test_ctrl_k_leads_to_any_page_and_number_by_keyboard_alone(office: Office) -> None:
    case = office.house.app.peek(Case, office.case)
    assert case is not None
    with office.at_work("paul", bypass_csp=True) as page:
        page.keyboard.press("Control+k")
        box = page.get_by_role("combobox", name="A page, an act")
        expect(box).to_be_focused()
        found = page.get_by_role("listbox").get_by_role("option")
        expect(found.first).to_be_visible()
        assert violations(page) == []
        page.keyboard.type(office.case[:9].lower())
        chosen = page.get_by_role("listbox").get_by_role("option", selected=True)
        expect(chosen).to_contain_text(office.case)
        expect(box).to_have_attribute("aria-activedescendant", "palette-1")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"/exceptions/{office.case}"))
        page.keyboard.press("Control+k")
        page.keyboard.type("zzzz")
        expect(page.locator(".palette-foot")).to_have_text("Nothing that you may see begins so")
        page.keyboard.press("Escape")
        expect(box).to_be_hidden()


def test_without_script_the_search_is_a_page(office: Office) -> None:
    with office.at_work("paul", script=False) as page:
        page.goto(f"/find?q={office.case}")
        page.get_by_role("link", name=office.case).click()
        expect(page).to_have_url(re.compile(f"/exceptions/{office.case}"))


def test_a_row_opens_beside_its_list_and_is_settled_there(office: Office) -> None:
    with office.at_work("paul", bypass_csp=True) as page:
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        panel = page.locator("#panel")
        expect(panel).to_contain_text("Settle it")
        expect(page).to_have_url(re.compile("/exceptions$"))
        expect(page.locator(f"#exception-{office.case}")).to_have_attribute("aria-current", "true")
        assert violations(page) == []
        page.keyboard.press("e")
        expect(panel.locator("details.option").first).to_have_attribute("open", "")
        page.keyboard.press("?")
        expect(page.locator("#help-acts")).to_contain_text("Settle it")
        page.keyboard.press("Escape")
        expect(page.locator("#help")).to_be_hidden()
        page.keyboard.press("Escape")
        expect(panel).to_be_hidden()
        expect(page.locator(f"#exception-{office.case} a.row-link")).to_be_focused()


def test_on_a_phone_and_without_script_a_row_opens_its_page(office: Office) -> None:
    for asked in ({"width": 390}, {"script": False}):
        with office.at_work("paul", **asked) as page:
            page.locator(f"#exception-{office.case} a.row-link").click()
            expect(page).to_have_url(re.compile(f"/exceptions/{office.case}"))


def test_single_keys_that_are_off_do_nothing(office: Office) -> None:
    with office.at_work("paul") as page:
        page.keyboard.press("?")
        page.get_by_label("Single keys are on").uncheck()
        page.get_by_role("button", name="Close").click()
        page.keyboard.press("j")
        page.keyboard.press("?")
        expect(page.locator("#help")).to_be_hidden()
        assert page.evaluate("() => document.activeElement.closest('[data-row]')") is None


@pytest.mark.parametrize("script", [True, False])
def test_a_reader_chooses_german_and_the_whole_page_speaks_it(
    office: Office, *, script: bool
) -> None:
    with office.at_work("paul", script=script) as page:
        page.get_by_role("button", name="Deutsch").click()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page).to_have_url(re.compile("/exceptions$"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Ausnahmen")
