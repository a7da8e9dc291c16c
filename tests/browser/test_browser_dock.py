"""The warehouse lead in a real browser: a delivery is received short and damaged, with script,
without script and by keyboard alone, and the discrepancy is there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.installation import Installation, installed
from tests.browser.desks import WAYS, Hands, apart, faults, open_office
from tests.browser.office import Office, Scheme
from tests.scenarios.office import cases, ordered
from tests.web.signed_in import with_passwords
from tests.web.test_docking_pages import furnish

pytestmark = pytest.mark.browser


@contextmanager
def furnished(home: Path) -> Iterator[Installation]:
    """A day at the dock, an announced delivery for each way, and goods that go back."""
    with installed(home) as house:
        with_passwords(house, "walt")
        furnish(house)
        for n, _ in enumerate(WAYS):
            desk, order = ordered(house, (("RELAY", "40"),))
            desk.control = 300 + 100 * n
            desk.drop(desk.acknowledgment(order))
            desk.drop(desk.ship_notice(order, f"SW-{n}"))
        _, nuts = ordered(house, (("NUT", "100"),), supplier="ADLER")
        house.count_at_dock("D1", nuts.number, {"1": 100})
        piece = {"line": "1", "quantity": {"value": "5", "unit": "EA"}}
        goods = {"order": nuts.number, "reason": "damaged", "lines": [piece]}
        back = house.post("walt", "/v1/returns", goods).body["id"]
        agreed = {"authorisation": "RMA-7"}
        assert house.post("ben", f"/v1/returns/{back}/authorise", agreed).status == 200
        yield house


@pytest.fixture(scope="module")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(browser, furnished(tmp_path_factory.mktemp("dock") / "home")) as made:
        yield made


def order_of(page: Page, shipment: str) -> str:
    """Give the order of the row that names a shipment."""
    row = page.locator("tr", has_text=shipment)
    return row.get_by_role("link", name=re.compile("^PO-")).inner_text()


@pytest.mark.parametrize("way", WAYS)
def test_a_delivery_is_received_short_and_damaged(office: Office, way: str) -> None:
    n = WAYS.index(way)
    house = office.house
    with office.at_work("walt", script=way != "no script", width=390) as page:
        hands = Hands(page, way)
        page.goto("/inbound")
        order = order_of(page, f"SW-{n}")
        row = page.locator(f"tr[id^='arrival-{order}']")
        expect(row).to_contain_text(f"SW-{n}")
        hands.press(row.get_by_role("link", name="Receive"))
        expect(page.get_by_role("heading", name=f"Receive {order}")).to_be_visible()
        hands.write(page.get_by_label("Receipt number"), f"W-{n}")
        hands.write(page.get_by_label("Good (pieces)"), "30")
        hands.write(page.get_by_label("Damaged (pieces)"), "4")
        hands.press(page.get_by_role("button", name="See what it does"))
        expect(page.get_by_text("4 pieces of it damaged and not accepted")).to_be_visible()
        expect(page.get_by_text("Nothing is booked yet.")).to_be_visible()
        hands.press(page.locator("summary", has_text="Another item came instead"))
        hands.write(page.get_by_label("Which item"), "ELBOW")
        hands.write(page.get_by_label("Good, of it (pieces)"), "2")
        hands.press(page.get_by_role("button", name="See what it does"))
        expect(page.get_by_text("2 pieces put aside")).to_be_visible()
        page.get_by_label("Which item").fill("")  # it was none after all
        page.get_by_label("Good, of it (pieces)").fill("")
        hands.press(page.get_by_role("button", name="Book the receipt"))
        expect(page.locator("main").get_by_role("status").first).to_contain_text(
            f"{order} was booked"
        )

    def opened() -> list[str]:
        house.settle()
        return [
            each["code"] for each in cases(house) if each["subject"]["id"] in {order, f"W-{n}"}
        ]

    line = apart(lambda: house.get("root", f"/v1/receipts/W-{n}"))["lines"][0]
    assert (line["received"]["value"], line["accepted"]["value"]) == ("34", "30")
    assert apart(opened) == ["SHORT_RECEIPT"]


@pytest.mark.parametrize("way", WAYS)
def test_a_later_day_is_folded_on_a_phone_and_everything_in_it_is_within_reach(
    office: Office, way: str
) -> None:
    with office.at_work("walt", script=way != "no script", width=390) as page:
        hands = Hands(page, way)
        page.goto("/inbound")
        later = page.locator("details.folded").last
        head, row = later.locator("summary"), later.locator("[data-row]").first
        expect(row).to_be_hidden()
        expect(head).to_contain_text(re.compile(r"\d deliver(y|ies) · \d+ line"))

        hands.press(head)
        expect(row).to_be_visible()
        hands.press(head)
        expect(row).to_be_hidden()


def test_single_keys_walk_into_the_days_that_are_folded(office: Office) -> None:
    with office.at_work("walt") as page:
        page.goto("/inbound")
        rows = page.locator("main [data-row]")
        expect(rows.last).to_be_hidden()
        for _ in range(rows.count()):
            page.keyboard.press("j")
        expect(rows.last).to_be_visible()
        expect(rows.last.get_by_role("link").first).to_be_focused()


def test_days_stay_as_the_reader_left_them_when_news_are_shown(office: Office) -> None:
    with office.at_work("walt", width=390) as page:
        page.goto("/inbound")
        expect(page.locator("#live[data-state=live]")).to_be_visible()
        days = page.locator("details.folded")
        next_day, last_day = days.first, days.last
        next_day.locator("summary").click()
        last_day.locator("summary").click()
        expect(next_day).not_to_have_attribute("open", "")
        expect(last_day).to_have_attribute("open", "")
        known = page.locator("[data-row]").count()

        def need() -> str:
            return ordered(office.house, (("NUT", "50"),), supplier="ADLER")[1].number

        came = apart(need)
        page.get_by_role("link", name="Show", exact=True).click()

        expect(page.locator("[data-row]")).to_have_count(known + 1)
        expect(page.locator(f"tr[id^='arrival-{came}']").get_by_role("link").first).to_be_focused()
        expect(last_day).to_have_attribute("open", "")
        expect(next_day).not_to_have_attribute("open", "")


def test_news_in_a_folded_day_unfold_it(office: Office) -> None:
    with office.at_work("walt", width=390) as page:
        page.goto("/inbound")
        expect(page.locator("#live[data-state=live]")).to_be_visible()
        last_day = page.locator("details.folded").last
        expect(last_day).not_to_have_attribute("open", "")

        def need() -> str:
            return ordered(office.house, (("NUT", "60"),), supplier="ADLER")[1].number

        came = apart(need)
        page.get_by_role("link", name="Show", exact=True).click()

        expect(page.locator(f"tr[id^='arrival-{came}']").get_by_role("link").first).to_be_focused()
        expect(last_day.locator("summary")).to_have_class(re.compile("row-new"))


@pytest.mark.parametrize("way", WAYS[:2])
def test_a_lead_sees_the_discrepancies_and_what_goes_back(office: Office, way: str) -> None:
    with office.at_work("walt", script=way != "no script") as page:
        page.goto("/inbound")
        page.get_by_role("list", name="Exceptions of the dock").get_by_role("link").first.click()
        expect(page).to_have_url(re.compile("/exceptions"))
        page.goto("/returns")
        expect(page.get_by_text("RMA-7").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    office: Office, scheme: Scheme, width: int
) -> None:
    with office.at_work("walt", scheme=scheme, width=width, bypass_csp=True) as page:
        page.goto("/inbound")
        pages = (
            "/inbound", "/inbound?site=DFW", f"/inbound/{order_of(page, 'S-1')}/receive",
            "/returns", "/returns?state=requested", "/exceptions?whose=all",
        )  # fmt: skip
        assert faults(page, pages, width) == []
