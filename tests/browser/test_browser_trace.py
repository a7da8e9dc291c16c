import re
from dataclasses import replace
from time import monotonic

import pytest
from playwright.sync_api import Page, expect

from manciple.intelligence.tracing import System
from tests.browser.conftest import House
from tests.web.page_threads import THREAD, a_step, the_order

pytestmark = pytest.mark.browser

TRACE = f"/trace/{THREAD}"
LIVE = "#live[data-state=live]"


def grow(house: House, title: str) -> None:
    """Let one more thing happen to the order."""
    shown = house.threads.trace(THREAD) or the_order()
    step = a_step(
        title, system=System.FINANCE, at=shown.steps[-1].at, version=len(shown.steps) + 90
    )
    house.threads.put(replace(shown, steps=(*shown.steps, step)))


def test_a_key_typed_into_the_search_opens_the_trace(page: Page) -> None:
    page.goto("/")
    page.get_by_role("searchbox", name="Find a thread").fill("000000482")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(re.escape(TRACE)))
    expect(page.get_by_role("heading", name="PO-100234")).to_be_visible()


def test_the_raw_message_is_one_click_away(page: Page) -> None:
    page.goto(TRACE)
    page.get_by_role("link", name="Raw message: Supplier confirmed 96 of 108").click()

    expect(page.get_by_role("heading", name="855 000000482")).to_be_visible()
    expect(page.get_by_text("says 3 lines, 2 came").first).to_be_visible()


def test_each_document_and_each_exception_is_called_by_its_name(page: Page) -> None:
    page.goto(TRACE)

    titles = page.locator("section[aria-labelledby=documents] .paper-title")
    expect(titles.first).to_be_visible()
    assert titles.count() > 1
    for title in titles.all():
        expect(title).to_be_visible()


def test_a_change_is_seen_within_a_second(page: Page, house: House) -> None:
    page.goto(TRACE)
    page.locator(LIVE).wait_for()
    seen = []
    for title in ("Hold released", "Invoice payable", "Payable sent"):
        start = monotonic()
        grow(house, title)
        page.get_by_text(title, exact=True).wait_for()
        seen.append(monotonic() - start)

    assert max(seen) < 1.0, seen


def test_a_change_leaves_focus_and_unfolded_reasons_alone(page: Page, house: House) -> None:
    page.goto(TRACE)
    page.locator(LIVE).wait_for()
    page.get_by_text("Two approvals needed").click()
    reason = page.get_by_text("Row r13 did not")
    expect(reason).to_be_visible()
    page.get_by_role("searchbox").fill("PO-1002")

    grow(house, "Hold released")
    page.get_by_text("Hold released", exact=True).wait_for()

    expect(reason).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("PO-1002")


def test_the_list_of_threads_is_live_too(page: Page, house: House) -> None:
    page.goto("/")
    page.locator(LIVE).wait_for()

    house.threads.put(replace(the_order(), key="PO-NEW", thread="requisition/REQ-NEW"))

    expect(page.locator("tbody tr").first).to_contain_text("PO-NEW")


def test_paused_means_that_nothing_moves_until_it_goes_on(page: Page, house: House) -> None:
    page.goto(TRACE)
    page.locator(LIVE).wait_for()
    page.locator("#live").click()
    expect(page.locator("#live")).to_contain_text("Paused")

    grow(house, "Hold released")
    page.wait_for_timeout(1200)
    assert page.get_by_text("Hold released", exact=True).count() == 0

    page.locator("#live").click()
    expect(page.get_by_text("Hold released", exact=True)).to_be_visible()
    expect(page.locator("#live")).to_contain_text("Live")


def test_a_hidden_tab_asks_for_nothing_and_catches_up_when_it_is_seen(
    page: Page, house: House
) -> None:
    page.goto(TRACE)
    page.locator(LIVE).wait_for()
    hide = """hidden => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, arg=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    grow(house, "Hold released")
    page.wait_for_timeout(1200)
    assert asked == []

    page.evaluate(hide, arg=False)
    expect(page.get_by_text("Hold released", exact=True)).to_be_visible()


def test_a_page_that_lost_its_server_says_so_and_catches_up(house: House) -> None:
    with house.reader() as page:
        page.goto(TRACE)
        page.locator(LIVE).wait_for()
        house.threads.is_down = True
        expect(page.locator("#live")).to_contain_text("Reconnecting")
        grow(house, "Hold released")

        house.threads.is_down = False

        expect(page.locator("#live")).to_contain_text("Live")
        expect(page.get_by_text("Hold released", exact=True)).to_be_visible()


def test_a_thread_that_can_no_longer_be_read_stays_as_it_was_shown(house: House) -> None:
    with house.reader() as page:
        page.goto(TRACE)
        page.locator(LIVE).wait_for()
        with page.expect_response(re.compile(re.escape(TRACE))) as refused:
            house.threads.drop(THREAD)
            house.threads.put(replace(the_order(), thread="requisition/REQ-OTHER"))

        assert refused.value.status == 404
        expect(page.get_by_role("heading", name="PO-100234")).to_be_visible()
        assert page.locator("h1").count() == 1


def test_ten_changes_at_once_end_in_the_last_one(page: Page, house: House) -> None:
    page.goto(TRACE)
    page.locator(LIVE).wait_for()
    for number in range(10):
        grow(house, f"Change {number}")

    expect(page.get_by_text("Change 9", exact=True)).to_be_visible()
    assert page.locator(".event").count() == len(the_order().steps) + 10


def test_all_quantities_can_be_read_as_a_table(page: Page) -> None:
    page.goto(TRACE)
    page.get_by_text("View as table").click()

    row = page.get_by_role("row", name=re.compile("HB-M12-80"))
    expect(row).to_contain_text("108")
    expect(
        page.get_by_role("img", name=re.compile("^Line 1. Ordered: 108 pieces"))
    ).to_be_visible()
