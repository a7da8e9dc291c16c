"""The integration engineer in a real browser: a dead letter and a quarantined file are put right
by two people, with and without script and by keyboard alone; axe looks at every page."""

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desks import apart, faults, step_to
from tests.browser.office import Office, Scheme
from tests.browser.operating import SCHEMES, in_trouble, press

pytestmark = pytest.mark.browser

ENGINEER, SECOND = "kim", "root"
LATER: Final = "2026-05-04"


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One installation for all, with a letter and a file for each who puts one right."""
    home = tmp_path_factory.mktemp("engineer") / "home"
    more = (("FUSE", "700"), ("ANCHOR", "400"))
    with in_trouble(browser, home, ENGINEER, SECOND, more=more, files=4) as made:
        yield made


def asked(office: Office, path: str) -> Any:
    return apart(lambda: office.house.get(ENGINEER, path))


def with_another_day(payload: str) -> str:
    return re.sub(r'("needed_by": )"[^"]*"', rf'\1"{LATER}"', payload)


def settled(office: Office, key: str) -> Any:
    apart(office.house.settle)
    return asked(office, f"/v1/effects/{quote(key)}")["state"]


def key_in(page: Page) -> str:
    return page.locator(".head-facts .mono").inner_text()


@pytest.mark.parametrize("script", [True, False])
def test_a_dead_letter_is_found_put_right_by_two_people_and_done(
    office: Office, *, script: bool
) -> None:
    with office.at_work(ENGINEER, script=script) as page:
        page.get_by_role("link", name="Endpoints").first.click()
        page.get_by_role("link", name="erp", exact=True).first.click()
        page.get_by_role("link", name="Its dead letters").click()
        page.locator("a.row-link").last.click()
        expect(page.get_by_text("no answer").first).to_be_visible()
        page.get_by_text("Propose another payload").click()
        payload = page.get_by_label("The payload as it shall be")
        payload.fill(with_another_day(payload.input_value()))
        form = page.locator("#propose")
        form.get_by_label("Why").fill("their buyer asked for a later day")
        form.get_by_role("button", name="Propose").click()
        expect(page.get_by_text("somebody else has to confirm it")).to_be_visible()
        letter, key = page.url, key_in(page)
    assert settled(office, key) == "dead"  # one person alone sends nothing

    with office.at_work(SECOND, script=script) as page:
        page.goto(letter)
        expect(page.locator("ins").first).to_contain_text(LATER)
        page.get_by_label("Note").fill("seen")
        page.get_by_role("button", name="Confirm the edit").click()
        expect(page.get_by_text("Put right by kim and root")).to_be_visible()
        assert settled(office, key) == "done"
        page.reload()
        expect(page.locator(".head-title")).to_contain_text("Done")


def test_a_dead_letter_is_put_right_by_keyboard_alone(office: Office) -> None:
    with office.at_work(ENGINEER) as page:
        page.goto("/effects?state=dead")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        press(page, page.locator("#propose summary"))
        payload = page.get_by_label("The payload as it shall be")
        step_to(page, payload)
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(with_another_day(payload.input_value()))
        step_to(page, page.locator("#edit-reason"))
        page.keyboard.type("a later day")
        press(page, page.get_by_role("button", name="Propose", exact=True))
        expect(page.get_by_text("somebody else has to confirm it")).to_be_visible()
        letter, key = page.url, key_in(page)
    with office.at_work(SECOND) as page:
        page.goto(letter)
        press(page, page.get_by_role("button", name="Confirm the edit"))
        expect(page.get_by_text("Put right by kim and root")).to_be_visible()
    assert settled(office, key) == "done"


@pytest.mark.parametrize("script", [True, False])
def test_a_quarantined_file_is_put_right_by_two_people_and_read(
    office: Office, *, script: bool
) -> None:
    with office.at_work(ENGINEER, script=script) as page:
        page.goto("/quarantine")
        page.locator("a.row-link").last.click()
        content = page.get_by_label("The file as it shall be")
        content.fill(content.input_value().replace("ACK*ZZ*X", "ACK*IA*"))
        page.locator("#edit-reason").fill("IA was meant")
        page.get_by_role("button", name="Propose").click()
        expect(page.get_by_text("somebody else has to confirm it")).to_be_visible()
        here = page.url
    with office.at_work(SECOND, script=script) as page:
        page.goto(here)
        expect(page.locator("ins").first).to_contain_text("ACK*IA*")
        page.get_by_role("button", name="Confirm the edit").click()
        expect(page.get_by_role("status")).to_contain_text("See it")
        apart(office.house.settle)
        page.goto(here)
        page.get_by_role("link", name="The file that is read in its place").click()
        expect(page.locator(".head-title")).to_contain_text("read")


def test_a_quarantined_file_is_given_and_put_right_by_keyboard_alone(office: Office) -> None:
    with office.at_work(ENGINEER) as page:
        page.goto("/quarantine")
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        content = page.get_by_label("The file as it shall be")
        step_to(page, content)
        page.keyboard.press("Control+A")
        page.keyboard.insert_text(content.input_value().replace("ACK*ZZ*X", "ACK*IA*"))
        page.keyboard.press("Tab")
        page.keyboard.type("IA was meant")
        page.keyboard.press("Enter")
        expect(page.get_by_text("somebody else has to confirm it")).to_be_visible()
        here = page.url
    with office.at_work(SECOND) as page:
        page.goto(here)
        press(page, page.get_by_role("button", name="Confirm the edit"))
        expect(page.get_by_role("status")).to_contain_text("See it")


@pytest.mark.parametrize("script", [True, False])
def test_an_endpoint_is_held_and_let_go(office: Office, *, script: bool) -> None:
    with office.at_work(ENGINEER, script=script) as page:
        page.goto("/endpoints/wms")
        page.get_by_label("Why").fill("month end")
        page.get_by_role("button", name="Hold").click()
        expect(page.locator(".head-title")).to_contain_text("Held")
        page.get_by_label("Why").fill("it is over")
        page.get_by_role("button", name="Send again").click()
        expect(page.get_by_text("Let go by kim")).to_be_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    office: Office, scheme: Scheme, width: int
) -> None:
    done = asked(office, "/v1/effects?state=done")["rows"][0]["key"]
    aside = asked(office, "/v1/quarantine")["rows"][0]
    pages = (
        "/endpoints", "/endpoints/erp?ask=yes", "/endpoints/wms", "/effects",
        "/effects?state=done", "/effects?state=dead", f"/effects/{quote(done)}", "/deadletters",
        "/interchanges", f"/interchanges/{aside['interchange']}", "/quarantine",
        f"/quarantine/{aside['id']}",
    )  # fmt: skip
    with office.at_work(ENGINEER, scheme=scheme, width=width, bypass_csp=True) as page:
        assert faults(page, pages, width) == []
