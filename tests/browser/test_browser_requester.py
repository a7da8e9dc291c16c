"""Requester, planner and approver in a real browser: their tasks with and without script, by
keyboard alone, on a phone; axe looks at every page, light and dark, wide and narrow."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from manciple.requisitioning.requisition import Requisition
from manciple.web.server import serve_app
from tests.api.installation import Installation, installed
from tests.browser.office import Office, Scheme, furnished
from tests.browser.serving import served
from tests.browser.test_browser_access import everything_open, violations
from tests.scenarios.office import open_step, raise_need
from tests.web.signed_in import with_passwords

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One installation for all: each test asks for something of its own."""
    with ThreadPoolExecutor(1) as thread:
        kept = installed(tmp_path_factory.mktemp("requester") / "home")
        house = thread.submit(kept.__enter__).result()
        approval, approver, case = thread.submit(furnished, house).result()
        thread.submit(with_passwords, house, "rita").result()
        with served(serve_app(house.app)) as address:
            yield Office(
                browser=browser, house=house, address=address, approval=approval,
                approver=approver, case=case,
            )  # fmt: skip
        thread.submit(kept.__exit__, None, None, None).result()


def in_days(house: Installation, days: int) -> str:
    return (house.clock.now() + timedelta(days=days)).date().isoformat()


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_an_item_is_found_previewed_and_asked_for(
    office: Office, *, script: bool
) -> None:
    with office.at_work("rita", width=390, script=script) as page:
        page.goto("/requests")
        page.get_by_role("link", name="New request").first.click()
        page.get_by_label("Item", exact=True).fill("elb")
        page.get_by_role("button", name="Look up").click()
        page.get_by_role("link", name=re.compile("ELBOW")).click()
        page.get_by_label("Quantity").fill("240" if script else "252")
        page.get_by_label("Needed by").fill(in_days(office.house, 9))
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("Why these people")).to_be_visible()
        page.get_by_role("button", name="Ask for it").click()
        expect(page.get_by_role("status")).to_contain_text("It is asked for.")
        number = page.url.rsplit("/", 1)[1].partition("?")[0]
        page.get_by_role("button", name="Remind them").click()
        expect(page.get_by_role("status")).to_contain_text("Reminded.")

    need = office.house.app.peek(Requisition, number)
    assert need is not None
    assert (need.requester, need.lines[0].item) == ("rita", "ELBOW")


def test_a_request_is_made_by_keyboard_alone(office: Office) -> None:
    with office.at_work("rita") as page:
        page.goto("/requests/new")
        page.get_by_label("Item", exact=True).focus()
        for keys in ("FUSE", "Tab", "Tab", "700", "Tab", "Tab"):
            if keys == "Tab":
                page.keyboard.press("Tab")
            else:
                page.keyboard.type(keys)
        page.get_by_label("Needed by").fill(in_days(office.house, 9))
        page.keyboard.press("Enter")  # the first button of a form looks things up
        expect(page.get_by_text("fuse of a kind")).to_be_visible()
        button = page.get_by_role("button", name="Preview")
        for _ in range(80):
            if button.evaluate("node => node === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Ask for it")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_a_planner_goes_from_the_calendar_to_the_exception(
    office: Office, *, script: bool
) -> None:
    with office.at_work("paul", script=script) as page:
        page.goto("/promises")
        page.locator(".calendar a").first.click()
        page.get_by_role("link", name="shortage").first.click()
        expect(page).to_have_url(re.compile(f"/exceptions/{office.case}"))
        page.goto("/items?q=anch")
        page.get_by_role("link", name="ANCHOR").click()
        expect(page.get_by_role("heading", name="How long it took")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    office: Office, scheme: Scheme, width: int
) -> None:
    need = office.house.app.documents.page(Requisition, limit=1).rows[0].document.id
    own = (
        "/requests", "/requests/new?item=val", "/requests/new?kind=emergency",
        "/requests/new?kind=maintenance&item=VALVE", "/requests/upload", f"/requests/{need}",
        "/promises", "/items?q=v", "/items/VALVE/ATL", "/approvals/mine",
    )  # fmt: skip
    with office.at_work("paul", scheme=scheme, width=width, bypass_csp=True) as page:
        for address in own:
            page.goto(address)
            everything_open(page)
            assert violations(page) == [], address
            if width < 400:
                page.set_viewport_size({"width": 320, "height": 800})
                wide = page.evaluate("() => document.documentElement.scrollWidth")
                assert wide <= 320, address
                page.set_viewport_size({"width": width, "height": 800})


def test_the_approvers_terms_pass_axe_and_several_are_approved(office: Office) -> None:
    with ThreadPoolExecutor(1) as thread:
        made = thread.submit(raise_need, office.house, (("FUSE", "980"),)).result()
        step = thread.submit(open_step, office.house, made["approval"]).result()
    assert step is not None
    with office.at_work(step["approver"], bypass_csp=True) as page:
        page.goto("/approvals")
        assert violations(page) == []
        boxes = page.get_by_role("checkbox")
        if boxes.count():
            boxes.first.check()
            page.get_by_role("button", name="Approve the ticked ones").click()
            expect(page.locator("#batch [role=status]")).to_contain_text("1 of 1 done")
            assert violations(page) == []
