"""A list that is open while the house works: what came, what others settled, and nothing moves."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Scheme
from tests.browser.desks import apart
from tests.browser.test_browser_access import violations
from tests.browser.test_browser_workbench import Office
from tests.browser.test_browser_workbench import office as office  # noqa: PLC0414 -- the fixture itself
from tests.scenarios.office import open_step, raise_need

pytestmark = pytest.mark.browser


def live(page: Page) -> None:
    expect(page.locator("#live[data-state=live]")).to_be_visible()


def asked(office: Office) -> tuple[str, str]:
    """Let one more need wait; gives its approval, and who is asked."""

    def need() -> tuple[str, str]:
        made = raise_need(office.house, (("VALVE", "100"),))
        step = open_step(office.house, made["approval"])
        assert step is not None
        return str(made["approval"]), str(step["approver"])

    return apart(need)


def withdraw(office: Office) -> None:
    """Whoever asked for it takes it back."""
    subject = office.house.get("root", f"/v1/approvals/{office.approval}")["subject"]
    name = subject["id"] if isinstance(subject, dict) else subject.partition("/")[2]
    answer = office.house.post("rita", f"/v1/requisitions/{name}/withdraw")
    assert answer.status == 200, answer.body


def test_what_comes_is_offered_and_what_is_settled_is_marked(office: Office) -> None:
    with office.at_work(office.approver) as page:
        page.goto("/approvals")
        live(page)
        row = page.locator(f"[data-subject='approval/{office.approval}']")
        row.get_by_role("link").first.focus()
        page.keyboard.press("Tab")
        top, bell = row.bounding_box(), int(page.locator(".bell-count").inner_text())

        came, _ = asked(office)
        expect(page.locator(".news-bar")).to_contain_text("1 new")
        expect(page.locator(".bell-count")).to_have_text(str(bell + 1))
        expect(page.locator("#news-said")).to_have_text("1 new")
        assert row.bounding_box() == top, "nothing moves under the reader's hands"
        assert page.locator("#rows [data-row]").count() == 1

        page.get_by_role("link", name="Show", exact=True).focus()
        page.keyboard.press("Enter")
        fresh = page.locator(f"[data-subject='approval/{came}']")
        expect(fresh).to_be_visible()
        expect(fresh.get_by_role("link").first).to_be_focused()
        expect(page.locator(".news-bar")).to_be_hidden()

        apart(lambda: office.house.post(office.approver, f"/v1/approvals/{came}/approve"))
        expect(fresh.locator(".row-told")).to_have_text(re.compile("^(Approved|Moved on) by you$"))
        expect(fresh.get_by_role("link").first).to_be_focused()
        page.locator("#live").click()
        expect(page.locator("#live")).to_contain_text("Paused")
        asked(office)
        page.wait_for_timeout(600)
        expect(page.locator(".news-bar")).to_be_hidden()
        page.locator("#live").click()
        expect(page.locator(".news-bar")).to_contain_text("1 new")


def test_what_is_typed_stays_when_somebody_else_decides(office: Office) -> None:
    with office.at_work(office.approver) as page:
        page.goto(f"/approvals/{office.approval}")
        live(page)
        note = page.get_by_label("Note").first
        note.fill("half a sentence")
        apart(lambda: withdraw(office))
        expect(page.locator(".news-bar")).to_contain_text("Withdrawn")
        expect(note).to_be_focused()
        expect(note).to_have_value("half a sentence")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing_in_a_list_with_news(office: Office, width: int, scheme: Scheme) -> None:
    with office.at_work(office.approver, width=width, scheme=scheme, bypass_csp=True) as page:
        page.goto("/approvals")
        live(page)
        apart(
            lambda: office.house.post(office.approver, f"/v1/approvals/{office.approval}/approve")
        )
        expect(page.locator(".row-told")).to_be_visible()
        asked(office)
        expect(page.locator(".news-bar")).to_be_visible()
        page.screenshot(path=f"/tmp/live-{width}-{scheme}.png")
        assert violations(page) == []
        if width < 400:
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320
