"""A supplier with nothing but a signed link, in a real browser: a split and a price are answered,
with script, without script and by keyboard alone; a link that holds no more is refused kindly."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser, Page, expect

from manciple.governance.link import Purpose, read, token
from tests.api.installation import Installation
from tests.browser.desks import WAYS, Hands, apart, faults, open_office, step_to
from tests.browser.office import Office, Scheme
from tests.browser.test_browser_access import violations
from tests.scenarios.office import cases
from tests.web.linked import Posted, posted

pytestmark = pytest.mark.browser
TWO = (("VALVE", "100"), ("RELAY", "20"))


@dataclass
class Linked:
    """The office, and by what it is for: an order and the path of its link."""

    office: Office
    orders: dict[str, str]
    links: dict[str, str]

    @contextmanager
    def away(
        self, *, width: int = 390, scheme: Scheme = "light", script: bool = True, axe: bool = False
    ) -> Iterator[Page]:
        """A browser in which nobody is signed in; it may complain about nothing."""
        context = self.office.browser.new_context(
            base_url=self.office.address, viewport={"width": width, "height": 900},
            color_scheme=scheme, java_script_enabled=script, bypass_csp=axe,
        )  # fmt: skip
        context.set_default_timeout(8_000)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if "Content" in said.text
                else None)  # fmt: skip
        try:
            yield page
        finally:
            context.close()
        assert complaints == []


@pytest.fixture(scope="module")
def linked(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    orders: dict[str, str] = {}
    links: dict[str, str] = {}

    @contextmanager
    def furnished() -> Iterator[Installation]:
        with posted(tmp_path_factory.mktemp("supplier") / "home") as made:
            made.by_mail("BLUE")
            for name in (*WAYS, "waiting", "withdrawn", "answered"):
                orders[name] = made.ordered(TWO)
                links[name] = made.link()
            withdraw(made, orders["withdrawn"])
            yield made.house

    with open_office(browser, furnished()) as office:
        yield Linked(office, orders, links)


def withdraw(office: Posted, order: str) -> None:
    rows = office.house.own("select id, body from document where kind = 'link'")
    (name,) = [name for name, body in rows if order.encode() in bytes(body)]
    gone = office.house.post("ben", f"/v1/links/{name}/withdraw", {"reason": "it was forwarded"})
    assert gone.status == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_supplier_answers_with_a_split_and_a_price(linked: Linked, way: str) -> None:
    house, order = linked.office.house, linked.orders[way]
    with linked.away(script=way != "no script") as page:
        hands = Hands(page, way)
        page.goto(linked.links[way])
        first = page.locator("section[aria-labelledby='line-1']")
        if hands.has_keys_alone:
            step_to(page, first.get_by_label("As ordered"))
            page.keyboard.press("ArrowDown")
        else:
            first.get_by_label("Something differs").check()
        hands.write(first.get_by_label("Quantity, case"), "5")
        hands.write(first.get_by_label("There on").nth(0), "2026-03-12")
        hands.write(first.get_by_label("Then, case").first, "4")
        hands.write(first.get_by_label("There on").nth(1), "2026-03-20")
        hands.write(first.get_by_label("Price, USD"), "150.00")
        hands.write(first.get_by_label("Reason"), "the mill is late")
        hands.press(page.get_by_role("button", name="Send my answers"))
        expect(page.get_by_role("status").first).to_be_visible()
        expect(page.get_by_text("1 line waits for you")).to_be_visible()

    def kept() -> tuple[dict[str, object], set[str]]:
        house.settle()
        found = house.get("root", f"/v1/purchase-orders/{order}")["lines"][0]
        return found, {each["code"] for each in cases(house) if each["subject"]["id"] == order}

    line, codes = apart(kept)
    assert line["answer"]["confirmed"] == {"value": "108", "unit": "EA"}  # type: ignore[index]
    assert line["promise"] == "2026-03-20"
    assert "PRICE_VARIANCE" in codes


def test_a_rest_of_which_nothing_is_said_is_asked_about_in_place(linked: Linked) -> None:
    with linked.away(script=False) as page:
        page.goto(linked.links["waiting"])
        first = page.locator("section[aria-labelledby='line-1']")
        first.get_by_label("Something differs").check()
        first.get_by_label("Quantity, case").fill("5")
        page.get_by_role("button", name="Send my answers").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was taken yet.")
        expect(first.get_by_label("Quantity, case")).to_have_value("5")
        expect(first.get_by_label("And the rest, if less")).to_have_attribute(
            "aria-invalid", "true"
        )


@pytest.mark.parametrize("script", [True, False])
def test_a_link_that_holds_no_more_is_refused_kindly(linked: Linked, *, script: bool) -> None:
    """Withdrawn because it was forwarded, past its end, for another supplier, and altered."""
    house, good = linked.office.house, linked.links["waiting"]
    keys = house.app.systems.link_keys.keys()
    claims = read(good.removeprefix("/s/"), keys, Purpose.ORDER)
    assert claims is not None
    expired = token(replace(claims, expires_at=house.clock.now()), keys)
    foreign = token(replace(claims, bearer="ADLER"), keys)
    refused = (
        (linked.links["withdrawn"], 410, "This link was withdrawn"),
        (f"/s/{expired}", 410, "This link has expired"),
        (f"/s/{foreign}", 404, "This link does not work"),
        (good[:-6], 404, "This link does not work"),
    )
    with linked.away(script=script, axe=script) as page:
        for path, status, told in refused:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == status, told
            expect(page.get_by_role("heading")).to_have_text(told)
            expect(page.get_by_text("answer the mail")).to_be_visible()
            assert linked.orders["waiting"] not in page.content()
            assert not script or violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_too_wide(
    linked: Linked, scheme: Scheme, width: int
) -> None:
    with linked.away(scheme=scheme, width=width, axe=True) as page:
        assert faults(page, (linked.links["waiting"], linked.links["answered"]), width) == []
