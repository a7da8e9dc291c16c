"""Administrator and auditor in a real browser: a person with a role, a scope and a key, and the
history searched, verified and exported; with and without script, by keyboard, before axe."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from manciple.web.server import serve_app
from tests.api.installation import installed
from tests.browser.desks import apart, faults, step_to
from tests.browser.office import Office, Scheme, furnished
from tests.browser.operating import SCHEMES, press
from tests.browser.serving import served
from tests.web.signed_in import with_passwords
from tests.web.test_operating_pages import seal

pytestmark = pytest.mark.browser

ADMIN, AUDITOR = "root", "audra"


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One installation for all: each test registers somebody of its own."""
    with ThreadPoolExecutor(1) as thread:
        kept = installed(tmp_path_factory.mktemp("admin") / "home")
        house = thread.submit(kept.__enter__).result()
        approval, approver, case = thread.submit(furnished, house).result()
        thread.submit(with_passwords, house, ADMIN, AUDITOR).result()
        thread.submit(seal, house).result()
        with served(serve_app(house.app)) as address:
            yield Office(
                browser=browser, house=house, address=address, approval=approval,
                approver=approver, case=case,
            )  # fmt: skip
        thread.submit(kept.__exit__, None, None, None).result()


def person(office: Office, name: str) -> Any:
    return apart(lambda: office.house.get(ADMIN, f"/v1/people/{name}"))


def who_is_let_in(office: Office, key: str) -> int:
    """Ask with a key as a program does."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{office.address}/v1/flows", headers=headers, timeout=20).status_code


@pytest.mark.parametrize("script", [True, False])
def test_a_person_gets_a_role_a_scope_a_limit_and_a_key_and_leaves(
    office: Office, *, script: bool
) -> None:
    name = "nina" if script else "nils"
    with office.at_work(ADMIN, script=script) as page:
        page.get_by_role("link", name="People").first.click()
        page.get_by_label("Id", exact=True).fill(name)
        page.get_by_label("Name", exact=True).fill("New Somebody")
        page.get_by_label("Mail", exact=True).fill(f"{name}@example.com")
        page.get_by_label("approver", exact=True).check()
        page.get_by_label("Sites").fill("ATL, DFW")
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("heading", name="New Somebody")).to_be_visible()
        page.get_by_text("Change it").click()
        page.get_by_label("Approves as").fill("branch_manager")
        page.get_by_label("Limits, one a line").fill("* * ATL 1500 USD")
        page.get_by_role("button", name="Keep the limits").click()
        expect(page.get_by_role("cell", name="1,500.00 USD")).to_be_visible()
        made = person(office, name)
        assert (made["roles"], made["sites"]) == (["approver"], ["ATL", "DFW"])

        page.goto("/admin/keys")
        page.get_by_label("Person as whom it acts").fill(name)
        page.get_by_label("Its visible part").fill(f"nightly{name}")
        page.get_by_role("button", name="Make a key").click()
        key = page.locator("#made").inner_text()
        assert who_is_let_in(office, key) == 200
        page.get_by_role("button", name=f"Revoke the key nightly{name}").click()
        expect(page.get_by_role("button", name=f"Revoke the key nightly{name}")).to_have_count(0)
        assert key not in page.content()
        assert who_is_let_in(office, key) == 401

        page.goto(f"/admin/people/{name}")
        page.get_by_role("button", name="Let them leave").click()
        expect(page.locator(".head-title")).to_contain_text("Gone")
    assert person(office, name)["state"] == "inactive"


def test_a_person_and_a_key_are_made_by_keyboard_alone(office: Office) -> None:
    with office.at_work(ADMIN) as page:
        page.goto("/admin/people")
        step_to(page, page.get_by_label("Id", exact=True))
        for text in ("nick", "Nick", "nick@example.com"):
            page.keyboard.type(text)
            page.keyboard.press("Tab")
        step_to(page, page.get_by_label("buyer", exact=True))
        page.keyboard.press("Space")
        press(page, page.get_by_role("button", name="Register"))
        expect(page.get_by_role("heading", name="Nick")).to_be_visible()
        page.goto("/admin/keys")
        step_to(page, page.get_by_label("Person as whom it acts"))
        page.keyboard.type("nick")
        page.keyboard.press("Enter")
        key = page.locator("#made").inner_text()
        assert who_is_let_in(office, key) == 200
        press(page, page.get_by_role("button", name=f"Revoke the key {key.split('_')[1]}"))
        expect(page.locator("#made")).to_have_count(0)
        assert who_is_let_in(office, key) == 401
    assert person(office, "nick")["roles"] == ["buyer"]


def taken(page: Page, name: str) -> str:
    """Take what a link gives, as a file."""
    with page.expect_download() as coming:
        page.get_by_role("link", name=name).click()
    return coming.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [True, False])
def test_an_auditor_searches_verifies_and_takes_the_chain_along(
    office: Office, *, script: bool
) -> None:
    with office.at_work(AUDITOR, script=script) as page:
        page.get_by_role("link", name="Audit").first.click()
        page.get_by_label("Who", exact=True).fill("rita")
        page.get_by_label("Event", exact=True).select_option("RequisitionSubmitted")
        page.get_by_role("button", name="Search").click()
        found = page.locator("tr[data-row]").count()
        assert found == 2
        assert len(taken(page, "CSV").strip().splitlines()) == 1 + found
        lines = [json.loads(each) for each in taken(page, "JSON lines").splitlines()]
        assert [each["actor"] for each in lines] == ["rita", "rita"]
        assert all(len(each["hash"]) == 64 for each in lines)

        page.goto("/audit")
        page.get_by_role("button", name="Check all of history").click()
        expect(page.get_by_text("a worker is at it")).to_be_visible()
        apart(office.house.settle)
        page.reload()
        expect(page.locator(".head-title")).to_contain_text("Sound")
        page.get_by_text("Roots").click()
        expect(page.get_by_text("Chained root")).to_be_visible()


def test_an_auditor_searches_by_keyboard_alone_and_may_change_nothing(office: Office) -> None:
    with office.at_work(AUDITOR) as page:
        page.goto("/audit")
        step_to(page, page.get_by_label("Who", exact=True))
        page.keyboard.type("rita")
        page.keyboard.press("Enter")
        page.wait_for_url("**/audit?actor=rita*")
        press(page, page.locator("tr[data-row] summary").first)
        expect(page.get_by_text("SHA-256").first).to_be_visible()
        page.goto("/admin/people")
        expect(page.get_by_role("button", name="Register")).to_have_count(0)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    office: Office, scheme: Scheme, width: int
) -> None:
    pages = (
        "/admin/people", "/admin/people/anna", "/admin/keys", "/admin/keys?state=revoked",
        "/admin/delegations", "/audit", "/audit?actor=nobody", "/notifications",
    )  # fmt: skip
    with office.at_work(ADMIN, scheme=scheme, width=width, bypass_csp=True) as page:
        assert faults(page, pages, width) == []
