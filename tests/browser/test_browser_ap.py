"""The accounts payable clerk in a real browser: a hold is cleared by its cause and the invoice is
payable, with script, without script and by keyboard alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.api.installation import Installation, installed
from tests.browser.desks import WAYS, Hands, apart, faults, open_office
from tests.browser.office import Office, Scheme
from tests.scenarios.office import ordered
from tests.scenarios.test_goods_that_go_back import ask, send
from tests.web.signed_in import with_passwords
from tests.web.test_paying_pages import furnish, invoice

pytestmark = pytest.mark.browser


@dataclass
class Clerks:
    """The office, and the order that each lost invoice bills."""

    office: Office
    orders: dict[str, str]


@contextmanager
def furnished(home: Path, orders: dict[str, str]) -> Iterator[Installation]:
    """A day of the clerk, goods sent back, and for each way an invoice that names no order."""
    with installed(home) as house:
        with_passwords(house, "ada", "luis")
        furnish(house)
        _, relays = ordered(house, (("RELAY", "20"),))
        house.count_at_dock("D5", relays.number, {"1": 20})
        back = ask(house, relays.number, "4", line={"receipt": None})
        send(house, back)
        for n, way in enumerate(WAYS):
            pieces = 300 + 100 * n
            adler, order = ordered(house, (("NUT", str(pieces)),), supplier="ADLER")
            orders[way] = order.number
            adler.control = 500 + 100 * n
            house.count_at_dock(f"DN-{n}", order.number, {"1": pieces})
            adler.drop(adler.invoice(order, f"LOST-{n}", names="PO-NOBODY"))
        yield house


@pytest.fixture(scope="module")
def clerks(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clerks]:
    orders: dict[str, str] = {}
    home = tmp_path_factory.mktemp("ap") / "home"
    with open_office(browser, furnished(home, orders)) as made:
        yield Clerks(made, orders)


@pytest.mark.parametrize("way", WAYS)
def test_a_hold_is_cleared_by_its_cause_and_the_invoice_is_payable(
    clerks: Clerks, way: str
) -> None:
    n = WAYS.index(way)
    office, order = clerks.office, clerks.orders[way]
    house = office.house
    with office.at_work("ada", script=way != "no script") as page:
        hands = Hands(page, way)
        page.goto("/invoices?code=NO_PO")
        hands.press(page.get_by_role("link", name=f"LOST-{n}"))
        expect(page).to_have_url(re.compile("/invoices"))
        number = apart(lambda: invoice(house, f"LOST-{n}"))
        page.goto(f"/invoices/{number}")
        hold = page.locator("article.hold").first
        expect(hold).to_contain_text("It is cleared when")
        hands.press(hold.locator("summary", has_text="Name its order line"))
        hands.write(hold.get_by_label("Order and line"), f"{order}/1")
        hands.press(hold.get_by_role("button", name="It bills this line"))
        expect(page.get_by_role("status").first).to_contain_text("nothing holds it any more")

    kept = apart(lambda: house.get("ada", f"/v1/invoices/{number}"))
    assert kept["state"] in {"payable", "posted"}
    assert kept["lines"][0]["assigned_by"] == "ada"


def test_an_invoice_is_worked_beside_the_queue_until_nothing_is_left_to_do(clerks: Clerks) -> None:
    house = clerks.office.house
    number = apart(lambda: invoice(house, "n 1"))
    with clerks.office.at_work("ada") as page:
        page.goto("/invoices")
        row = page.locator(f"[data-subject='invoice/{number}']")
        row.locator(".row-link").click()
        panel = page.locator("#panel")
        panel.get_by_role("button", name="Match it again").click()
        expect(row.locator(".row-told")).to_have_text("Matched again")
        expect(panel.get_by_role("status").first).to_contain_text("It was matched again")
        expect(row).to_have_attribute("aria-current", "true")
        back = panel.locator("details", has_text="Send it back")
        back.locator("summary").click()
        back.get_by_label("What the supplier is told").fill("billed twice")
        back.get_by_role("button", name="Send it back").click()
        expect(row.locator(".row-told")).to_contain_text("Sent back")
        expect(row.get_by_role("button", name="Undo")).to_be_visible()
        expect(row).not_to_have_attribute("aria-current", "true")
    assert apart(lambda: house.get("ada", f"/v1/invoices/{number}"))["state"] == "rejected"


@pytest.mark.parametrize("way", ["script", "no script"])
def test_a_clerk_reads_the_arithmetic_and_may_not_sign_for_the_buyer(
    clerks: Clerks, way: str
) -> None:
    office = clerks.office
    number = apart(lambda: invoice(office.house, "B-1"))
    with office.at_work("ada", script=way != "no script") as page:
        page.goto(f"/invoices/{number}")
        expect(page.get_by_text("108 pieces x 10 = 1080 USD").first).to_be_visible()
        expect(page.get_by_text("Only its owner may release it: Buyer.").first).to_be_visible()
        expect(page.get_by_role("button", name=re.compile("^Release [0-9]"))).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    clerks: Clerks, scheme: Scheme, width: int
) -> None:
    office = clerks.office
    number = apart(lambda: invoice(office.house, "B-1"))
    twice = apart(lambda: invoice(office.house, "n 1"))
    pages = (
        "/invoices", "/invoices?code=TAX", f"/invoices/{number}", f"/invoices/{twice}",
        "/duplicates", "/grni", "/credits", "/credits/of/BLUE",
    )  # fmt: skip
    with office.at_work("luis", scheme=scheme, width=width, bypass_csp=True) as page:
        assert faults(page, pages, width) == []
