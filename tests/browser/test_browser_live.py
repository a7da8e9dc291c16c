"""A list that is open while the house works: what came, what others settled, and nothing moves."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from manciple.approvals.request import Approval
from tests.browser.desks import apart
from tests.browser.office import Office, Scheme
from tests.browser.test_browser_access import violations
from tests.scenarios.office import open_step, ordered, raise_need

pytestmark = pytest.mark.browser


def live(page: Page) -> None:
    expect(page.locator("#live[data-state=live]")).to_be_visible()


def asked(office: Office, line: tuple[str, str] = ("VALVE", "100")) -> tuple[str, str]:
    """Let one more need wait; gives its approval, and who is asked."""

    def need() -> tuple[str, str]:
        made = raise_need(office.house, (line,))
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
        assert violations(page) == []
        if width < 400:
            page.set_viewport_size({"width": 320, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_an_act_in_a_list_is_shown_at_once_and_taken_back_in_its_row(office: Office) -> None:
    asked(office)
    with office.at_work(office.approver) as page:
        page.goto("/approvals")
        live(page)
        rows = page.locator("#rows [data-row]")
        expect(rows).to_have_count(2)
        first, other = rows.nth(0), rows.nth(1)
        first.locator(".row-link").click()
        page.locator("#panel").get_by_label("Note").first.fill("fine")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/approve", hold)
        page.locator("#panel").get_by_role("button", name=re.compile("^Approve")).click()
        expect(first.locator(".row-told")).to_have_text("Approved")
        expect(other.locator(".row-link")).to_be_focused()
        assert len(held) == 1, "shown before anybody answered"
        held[0].continue_()
        page.unroute("**/approve")
        undo = first.get_by_role("button", name="Undo")
        expect(undo).to_be_visible()
        expect(first.locator(".toast-left")).to_have_text(re.compile(r"^[1-8] s left$"))
        page.keyboard.press("z")
        expect(first.locator(".row-told")).to_have_count(0)
        expect(first.locator(".row-link")).to_be_focused()
        number = str(first.get_attribute("data-subject")).partition("/")[2]
        kept = office.house.app.peek(Approval, number)
        assert kept is not None
        assert kept.is_pending


def test_a_refused_act_gives_the_row_back_with_its_reason_and_what_was_typed(
    office: Office,
) -> None:
    second, _ = asked(office)
    with office.at_work(office.approver) as page:
        page.goto("/approvals")
        live(page)
        row = page.locator(f"[data-subject='approval/{office.approval}']")
        row.locator(".row-link").click()
        panel = page.locator("#panel")
        panel.get_by_text("Reject instead").click()
        panel.get_by_label("Reason").select_option("other")
        panel.get_by_label("What should change").fill("half of it is enough")
        apart(
            lambda: office.house.post(office.approver, f"/v1/approvals/{office.approval}/approve")
        )
        expect(row.locator(".row-told-gone")).to_be_visible()
        expect(panel.locator(".panel-told")).to_be_visible()
        expect(panel.get_by_label("What should change")).to_have_value("half of it is enough")
        panel.get_by_role("button", name="Reject", exact=True).click()
        expect(row.locator(".row-told-refused")).to_contain_text("Approved by you")
        expect(page.locator(f"[data-subject='approval/{second}'] .row-link")).to_be_focused()
        row.get_by_role("button", name="Look at it").click()
        expect(panel.get_by_role("alert")).to_contain_text("Nothing was changed.")
        assert "half of it is enough" in panel.inner_html()


def test_an_exception_is_taken_from_its_row_by_key(office: Office) -> None:
    with office.at_work("paul") as page:
        page.goto("/exceptions")
        row = page.locator(f"[data-subject='case/{office.case}']")
        row.locator(".row-link").focus()
        page.keyboard.press("a")
        expect(row.get_by_role("button", name=re.compile("^Take"))).to_be_focused()
        page.keyboard.press("Enter")
        expect(row.locator(".row-told")).to_have_text("Taken by you")
        expect(row).to_have_attribute("aria-busy", "false")  # told at once, answered later
        page.reload()
        expect(row).to_contain_text("paul")
        expect(row.get_by_role("button", name=re.compile("^Take"))).to_have_count(0)


def test_what_is_of_low_risk_is_approved_in_its_row_by_key(office: Office) -> None:
    small, approver = asked(office, ("FUSE", "1000"))
    with office.at_work(approver) as page:
        page.goto("/approvals")
        row = page.locator(f"[data-subject='approval/{small}']")
        row.locator(".row-link").focus()
        page.keyboard.press("a")
        expect(row.get_by_role("button", name=re.compile("^Approve"))).to_be_focused()
        page.keyboard.press("Enter")
        expect(row.locator(".row-told")).to_contain_text("Approved")
        expect(row.get_by_role("button", name="Undo")).to_be_visible()
        kept = office.house.app.peek(Approval, small)
        assert kept is not None
        assert not kept.is_pending
        page.keyboard.press("z")
        expect(row.locator(".row-told")).to_have_count(0)
    kept = office.house.app.peek(Approval, small)
    assert kept is not None
    assert kept.is_pending


def test_counts_follow_beside_rows_that_do_not_move(office: Office) -> None:
    with office.at_work("paul") as page:
        page.goto("/exceptions?whose=all")
        live(page)
        rows = page.locator("#rows [data-row]")
        before = rows.count()
        facts = page.locator(".head-facts").first
        told = facts.inner_text()

        def another() -> None:
            desk, order = ordered(office.house, (("ANCHOR", "400"),), supplier="ADLER")
            desk.control = 7000
            desk.drop(desk.acknowledgment(order, {"1": 12}))

        apart(another)
        expect(page.locator(".news-bar")).to_be_visible()
        expect(facts).not_to_have_text(told, timeout=20_000)
        expect(facts).to_contain_text(f"{before + 1} open exceptions")
        assert rows.count() == before
        expect(page.locator(".news-bar")).to_be_visible()
