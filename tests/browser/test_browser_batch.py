"""Several rows at once in a browser: the bar moves, a page loaded anew goes on, or no script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.api.installation import Installation
from tests.browser.desks import apart, open_office
from tests.browser.office import Office, Scheme
from tests.browser.test_browser_access import violations
from tests.web.at_a_desk import Made, made_once
from tests.web.signed_in import with_passwords
from tests.web.test_batch_pages import SHORT, furnish, owners

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    def furnished(house: Installation) -> None:
        furnish(house)
        with_passwords(house, "paul")

    return apart(lambda: made_once(tmp_path_factory.mktemp("several") / "home", furnished))


@pytest.fixture
def office(
    browser: Browser, made: Made, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    with open_office(browser, made.copied(tmp_path_factory.mktemp("several") / "copy")) as found:
        yield found


def test_it_goes_on_where_it_was_when_the_page_is_loaded_anew(office: Office) -> None:
    with office.at_work("paul", bypass_csp=True) as page:
        sent: list[str] = []

        def count(route: Route) -> None:
            sent.append(route.request.post_data or "")
            if len(sent) == 2:
                route.abort()
            else:
                route.continue_()

        page.route("**/exceptions/several", count)
        page.goto("/exceptions?whose=all")
        page.keyboard.press("j")
        page.keyboard.press("x")
        page.get_by_role("button", name="Choose all that are shown").click()
        page.get_by_role("button", name="Take them").click()
        told = page.locator("#batch [role=status]")
        expect(told).to_contain_text("No answer came")
        page.reload()  # in the middle: the tab knows what was under way
        expect(told).to_have_text(f"{SHORT} of {SHORT} done, 0 failed, 0 skipped")
        assert len(sent) >= 4, "two parts before, two after"
        assert violations(page) == []
        expect(page.locator("#batch [data-fate=done]")).to_have_count(SHORT)
        page.get_by_role("link", name="Show the list as it is now").click()
        expect(page.locator("#batch")).to_be_hidden()
    assert set(apart(lambda: owners(office.house)).values()) == {"paul"}
    assert office.house.own("select count(*) from event where type = 'CaseReassigned'") == [
        (SHORT,)
    ]


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark")])
def test_what_failed_is_told_row_by_row_without_script_too(
    office: Office, width: int, scheme: Scheme
) -> None:
    with office.at_work("paul", script=False) as page:
        page.goto("/exceptions?whose=all")
        page.get_by_role("checkbox").first.check()
        page.get_by_role("button", name="Take them").click()
        expect(page.get_by_text(re.compile("1 of 1 done"))).to_be_visible()
    with office.at_work("paul", width=width, scheme=scheme, bypass_csp=True) as page:
        page.goto("/exceptions?whose=all")
        page.get_by_role("checkbox").nth(1).check()
        page.get_by_text("Give them to").click()
        page.get_by_label("Whose they are").fill("nobody-at-all")
        page.get_by_role("button", name="Give them", exact=True).click()
        expect(page.locator("#batch [role=status]")).to_contain_text("0 of 1 done, 1 failed")
        assert violations(page) == []
        page.set_viewport_size({"width": 320, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
