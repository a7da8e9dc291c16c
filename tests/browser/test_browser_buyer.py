"""The buyer in a real browser, and the planner's calendar: a supplier's proposal is taken and the
order changed, with script, without script and by keyboard alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from manciple.supplying.chasing import Chase
from tests.api.installation import Installation, installed
from tests.browser.desks import CUT_OFF, WAYS, Hands, apart, faults, open_office
from tests.browser.office import Office, Scheme
from tests.scenarios.office import cases, ordered
from tests.web.buyers_day import Day, buyers_day

pytestmark = pytest.mark.browser


@dataclass
class Bought:
    """The office, its day, and a dear order for each way in which the task is done."""

    office: Office
    day: Day
    dear: dict[str, str]


@pytest.fixture(scope="module")
def bought(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bought]:
    days: list[Day] = []
    dear: dict[str, str] = {}

    @contextmanager
    def furnished(home: Path) -> Iterator[Installation]:
        with installed(home) as house:
            days.append(buyers_day(house))
            for n, way in enumerate(WAYS):
                blue, order = ordered(house, (("VALVE", "120"),))
                blue.control = 1000 + 100 * n
                blue.drop(blue.acknowledgment(order, prices={"1": "126.00"}))
                dear[way] = order.number
            yield house

    with open_office(browser, furnished(tmp_path_factory.mktemp("buyer") / "home")) as office:
        yield Bought(office, days[0], dear)


@pytest.mark.parametrize("way", WAYS)
def test_a_proposal_is_taken_and_the_order_changed(bought: Bought, way: str) -> None:
    office, order = bought.office, bought.dear[way]
    (case,) = (
        each["id"]
        for each in apart(lambda: cases(office.house, "PRICE_VARIANCE"))
        if each["subject"]["id"] == order
    )
    with office.at_work("ben", script=way != "no script") as page:
        hands = Hands(page, way)
        page.goto("/lines?tab=changed")
        hands.press(page.get_by_role("link", name="Proposals").first)
        theirs = page.locator(f"#proposal-{case}")
        expect(theirs).to_contain_text("126.00 USD per 12 pieces")
        hands.choose(theirs.get_by_label("Decision"), "Accept")
        hands.write(theirs.get_by_label("Note"), "copper rose")
        hands.press(theirs.get_by_role("button", name="Decide"))
        expect(page.get_by_role("status").first).to_contain_text("accept")

        page.goto(f"/orders/{order}")
        hands.write(page.get_by_label("Quantity, cases"), "12")
        hands.write(page.locator("#reason"), "two branches want it")
        hands.press(page.get_by_role("button", name="What would it do?"))
        expect(page.get_by_text("People must agree").first).to_be_visible()
        hands.press(page.get_by_role("button", name="Ask for the change"))
        expect(page.get_by_role("status").first).to_contain_text("The change was asked for.")

    settled = apart(lambda: office.house.get("root", f"/v1/exceptions/{case}"))["resolution"]
    assert (settled["kind"], settled["note"], settled["by"]) == ("accept", "copper rose", "ben")
    changes = apart(lambda: office.house.get("ben", "/v1/order-changes?limit=200"))["rows"]
    (kept,) = (
        each
        for each in changes
        if each["order"] == order and each["wanted"]["reason"] == "two branches want it"
    )
    assert kept["requester"] == "ben"
    assert kept["wanted"]["lines"][0]["quantity"] == {"value": "12", "unit": "XCS"}


def test_a_supplier_is_reminded_from_the_row_and_not_twice(bought: Bought) -> None:
    silent = bought.day.silent
    with bought.office.at_work("ben") as page:
        page.goto("/lines?tab=unanswered")
        row = page.locator(f"[data-key-of='line:{silent}/1']")
        remind = row.get_by_role("button", name=f"Remind BLUE of {silent}/1")
        expect(remind).to_be_in_viewport()
        row.locator(".row-link").focus()
        page.keyboard.press("r")
        expect(remind).to_be_focused()
        page.keyboard.press("Enter")
        expect(row.locator(".row-told")).to_have_text("Supplier reminded")
        expect(row).to_have_attribute("aria-busy", "false")
        page.reload()
        remind.click()
        expect(row.locator(".row-told-refused")).to_contain_text(
            f"BLUE was asked about {silent} at"
        )
        expect(row.locator(".row-told-refused")).not_to_contain_text("Nothing was changed")
    chase = bought.office.house.app.peek(Chase, silent)
    assert chase is not None
    assert chase.asked == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_planner_goes_from_the_calendar_to_the_line(bought: Bought, way: str) -> None:
    with bought.office.at_work("paul", script=way != "no script") as page:
        hands = Hands(page, way)
        page.goto("/promises")
        hands.press(page.locator(".calendar a").first)
        hands.press(page.locator("main").get_by_role("link", name=re.compile("^PO-")).first)
        expect(page).to_have_url(re.compile("/(lines|orders)/PO-"))
        page.goto("/items?q=valve")
        hands.press(page.get_by_role("link", name=re.compile("VALVE")).first)
        expect(page.get_by_role("heading", name="How long it took")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    bought: Bought, scheme: Scheme, width: int
) -> None:
    day = bought.day
    pages = (
        "/lines?tab=all", "/lines?tab=late", f"/orders/{day.dear}", f"/orders/{day.refused}",
        f"/lines/{day.dear}/1", "/proposals", "/suppliers", "/suppliers/BLUE", "/promises",
        "/items?q=v", "/items/VALVE/ATL",
    )  # fmt: skip
    with bought.office.at_work("ben", scheme=scheme, width=width, bypass_csp=True) as page:
        assert faults(page, pages, width) == []


@pytest.mark.parametrize("width", [1280, 1440])
def test_no_column_of_a_buyers_tables_is_out_of_sight(bought: Bought, width: int) -> None:
    order = bought.dear[WAYS[0]]
    with bought.office.at_work("ben", width=width) as page:
        for address in ("/lines?tab=all", f"/orders/{order}", "/suppliers/BLUE", "/proposals"):
            page.goto(address)
            assert page.locator(".table-frame").count(), address
            assert page.evaluate(CUT_OFF) == [], address
