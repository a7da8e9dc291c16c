"""How it feels, in a real browser: taking back, saved views, and who comes second."""

import re

import pytest
from playwright.sync_api import Page, expect

from manciple.approvals.request import Approval, StepState
from tests.browser.office import Office, Scheme
from tests.browser.test_browser_access import violations

pytestmark = pytest.mark.browser


def approve(page: Page, office: Office) -> None:
    page.goto(f"/approvals/{office.approval}")
    page.get_by_role("button", name=re.compile(r"^Approve \d")).click()
    expect(page.locator("#undo")).to_contain_text("Approved")


def stands(office: Office) -> StepState:
    approval = office.house.app.peek(Approval, office.approval)
    assert approval is not None
    return approval.steps[0].state


def test_a_yes_is_taken_back_by_key_by_button_and_without_script(office: Office) -> None:
    with office.at_work(office.approver, bypass_csp=True) as page:
        approve(page, office)
        expect(page.locator(".toast-left")).to_have_text(re.compile(r"^[1-8] s left$"))
        expect(page.locator("#undo [aria-live]")).to_contain_text("Press Z")
        assert stands(office) is StepState.APPROVED
        page.keyboard.press("z")
        expect(page.get_by_text("Taken back")).to_be_visible()
        assert stands(office) is StepState.PENDING
        approve(page, office)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Taken back")).to_be_visible()
        assert stands(office) is StepState.PENDING
    with office.at_work(office.approver, script=False) as page:
        approve(page, office)
        expect(page.locator("#undo")).to_contain_text("It can be taken back until")
        page.get_by_role("link", name="What is this?").click()
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_text("taken back").first).to_be_visible()
    assert stands(office) is StepState.PENDING


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_in_the_toast_its_page_and_saved_views(
    office: Office, width: int, scheme: Scheme
) -> None:
    with office.at_work(office.approver, width=width, scheme=scheme, bypass_csp=True) as page:
        approve(page, office)
        assert violations(page) == []
        more = page.locator("#undo input[name=undo]").get_attribute("value")
        page.goto("/approvals?whose=all")
        page.get_by_text("Save this view").first.click()
        assert violations(page) == []
        page.goto(f"/undo/{more}")
        assert violations(page) == []
        if width < 400:
            page.set_viewport_size({"width": 320, "height": 800})
            for address in ("/approvals?whose=all", f"/undo/{more}"):
                page.goto(address)
                assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_the_first_act_wins_the_second_keeps_its_text_and_a_view_is_shared(
    office: Office,
) -> None:
    with office.at_work(office.approver) as first, office.at_work(office.approver) as second:
        second.goto(f"/approvals/{office.approval}")
        approve(first, office)
        second.get_by_text("Reject instead").click()
        second.get_by_label("Reason").select_option("other")
        second.get_by_label("What should change").fill("half of it is enough")
        second.get_by_role("button", name="Reject", exact=True).click()
        expect(second.get_by_role("alert")).to_contain_text("Nothing was changed.")
        assert "half of it is enough" in second.content()
        assert stands(office) is StepState.APPROVED
        first.goto("/approvals?whose=all")
        first.get_by_text("Save this view").first.click()
        first.get_by_label("Name").fill("All of us")
        first.get_by_label("For whom").select_option("approver")
        first.get_by_role("button", name="Save this view").click()
        expect(first.get_by_role("link", name="All of us")).to_have_attribute(
            "aria-current", "page"
        )
    other = "alec" if office.approver == "anna" else "anna"
    with office.at_work(other) as page:
        page.goto("/approvals")
        page.get_by_role("link", name="All of us").click()
        expect(page).to_have_url(re.compile("whose=all"))
