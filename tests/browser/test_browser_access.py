import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.npm import modules
from tests.browser.office import Scheme
from tests.web.page_threads import RAW, THREAD, a_step, a_trace, the_order

pytestmark = pytest.mark.browser

PAGES = {
    "recent": "/",
    "older": "/?after=requisition/REQ-000050",
    "past the end": "/?after=requisition/REQ-000000",
    "choice": "/trace?key=SHARED-1",
    "nothing found": "/trace?key=PO-9",
    "trace": f"/trace/{THREAD}",
    "small trace": "/trace/requisition/REQ-000003",
    "raw message": f"/interchanges/{RAW}",
    "not found": "/trace/nothing",
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """Run axe on what is shown now; one line per rule that is broken."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=modules("checks") / "axe-core" / "axe.min.js")
    found: list[dict[str, Any]] = page.evaluate(
        "async tags => (await axe.run(document, { runOnly: tags })).violations", RULES
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def everything_open(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach(part => part.open = true)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_page(house: House, scheme: Scheme, width: int) -> None:
    with house.reader(scheme=scheme, width=width, bypass_csp=True) as page:
        for name, address in PAGES.items():
            page.goto(address)
            everything_open(page)
            assert violations(page) == [], name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_row_is_current_or_help_is_open(
    house: House, scheme: Scheme
) -> None:
    with house.reader(scheme=scheme, bypass_csp=True) as page:
        for address in ("/", f"/trace/{THREAD}"):
            page.goto(address)
            page.keyboard.press("j")
            assert violations(page) == []
            page.keyboard.press("?")
            expect(page.get_by_role("dialog")).to_be_visible()
            assert violations(page) == []


def test_axe_finds_nothing_where_a_stranger_is_sent_away(house: House) -> None:
    with house.reader(bypass_csp=True) as page:
        page.set_extra_http_headers({"stranger": "yes"})
        page.goto("/")
        assert violations(page) == []


def test_no_page_is_wider_than_a_screen_of_320_pixels(house: House) -> None:
    with house.reader(width=320) as page:
        for name, address in PAGES.items():
            page.goto(address)
            everything_open(page)
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= 320, name


def test_long_words_and_large_numbers_do_not_widen_a_narrow_page(house: House) -> None:
    long, large = "W" * 90, Decimal("123456789.125")
    line = replace(
        the_order().lines[0], item=long, description=long, price=long, ordered=large, shipped=large
    )
    house.threads.put(
        a_trace(
            key=long,
            headline=long,
            state=long[:40],
            supplier=long,
            total="123,456,789,123.45 USD",
            lines=(line,),
            steps=(a_step(long, actor=long, detail=((long, long),), reasons=(long,)),),
            documents=(replace(the_order().documents[0], number=long, keys=(long,)),),
            cases=(replace(the_order().cases[0], title=long, owner=long, code=long),),
            effects=(replace(the_order().effects[0], key=long, result=long),),
        )
    )
    with house.reader(width=320) as page:
        for address in ("/", f"/trace/{THREAD}"):
            page.goto(address)
            everything_open(page)
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= 320, address


def test_the_whole_way_can_be_gone_by_keyboard(page: Page) -> None:
    press: Callable[[str], None] = page.keyboard.press
    page.goto("/")
    press("j")
    expect(page.locator("tbody tr a").nth(0)).to_be_focused()
    press("j")
    press("j")
    press("k")
    expect(page.locator("tbody tr a").nth(1)).to_be_focused()
    press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("INV-90417")
    press("Enter")
    expect(page.get_by_role("heading", name="PO-100234")).to_be_visible()

    press("j")
    press("j")
    press("Enter")
    expect(page.get_by_text("Row r12 fired")).to_be_visible()
    press("Tab")
    press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_keys_move_from_finding_to_finding_in_a_raw_message(page: Page) -> None:
    page.goto(f"/interchanges/{RAW}")
    page.keyboard.press("j")
    page.keyboard.press("j")

    expect(page.locator("#segment-11")).to_be_focused()


def test_the_current_row_stays_current_through_a_live_change(page: Page, house: House) -> None:
    page.goto("/")
    page.locator("#live[data-state=live]").wait_for()
    page.keyboard.press("j")
    row = page.locator("tbody tr").filter(has=page.locator("a:focus"))
    before = row.inner_text()
    colour = row.evaluate("row => getComputedStyle(row).backgroundColor")

    house.threads.put(replace(the_order(), key="PO-NEW", thread="requisition/REQ-NEW"))
    expect(page.locator("tbody tr").first).to_contain_text("PO-NEW")

    assert row.inner_text() == before
    assert row.evaluate("row => getComputedStyle(row).backgroundColor") == colour


def test_the_first_tab_stop_skips_to_the_content(page: Page) -> None:
    page.goto(f"/trace/{THREAD}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_single_keys_can_be_switched_off_for_good(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Help and keys").click()
    page.get_by_label("Single keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("?")
    page.keyboard.press("/")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#search")).not_to_be_focused()


def test_a_chosen_theme_and_density_stay(page: Page) -> None:
    page.goto("/")
    light = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark theme").click()
    page.get_by_role("button", name="Comfortable rows").click()
    page.goto(f"/trace/{THREAD}")

    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != light
    expect(page.get_by_role("button", name="Dark theme")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("html")).to_have_attribute("data-density", "comfortable")


def test_without_script_a_thread_is_found_read_and_unfolded(house: House) -> None:
    with house.reader(script=False) as page:
        page.goto("/")
        assert page.locator(".js-only:visible").count() == 0
        page.get_by_role("searchbox", name="Find a thread").fill("GR-55102")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(THREAD))
        page.get_by_text("Two approvals needed").click()
        expect(page.get_by_text("Row r13 did not")).to_be_visible()
        expect(page.get_by_text("Reload to update")).to_be_visible()
        page.get_by_role("link", name="Order trace").first.click()
        page.get_by_role("link", name="Older").click()
        expect(page.locator("tbody tr")).to_have_count(21)


def test_the_exact_moment_shows_on_focus(page: Page) -> None:
    page.goto(f"/trace/{THREAD}")
    moment = page.locator(".head .moment")
    expect(moment.locator(".moment-exact")).to_be_hidden()
    moment.focus()

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(moment.locator(".moment-exact")).to_be_visible()
    expect(moment.locator(".moment-exact")).to_have_text("5 Nov 2026 14:42 UTC")


def test_paper_shows_the_trace_without_rail_and_bar(page: Page) -> None:
    page.goto(f"/trace/{THREAD}")
    page.emulate_media(media="print")

    expect(page.locator(".rail")).to_be_hidden()
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.get_by_text("Two approvals needed")).to_be_visible()
    expect(page.get_by_text("Row r13 did not")).to_be_visible()


def test_nothing_moves_for_who_asked_for_less_motion(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"/trace/{THREAD}")

    moving = "() => document.getAnimations().filter(part => part.playState === 'running').length"
    assert page.evaluate(moving) == 0
