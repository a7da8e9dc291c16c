"""Notifications: in the page for whom it concerns, by mail as they wish, once for each thing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.scenarios.office import agree, cases, open_step, ordered, raise_need
from tests.web.linked import Posted, posted
from tests.web.mail_server import link_in, text_of_letter
from tests.web.signed_in import Browser, text_of, with_passwords

PEOPLE = ("anna", "alec", "nora", "dora", "rita", "paul", "ben")
INBOX = "paul@example.com"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posted]:
    with posted(tmp_path_factory.mktemp("notified") / "home") as made:
        with_passwords(made.house, *PEOPLE)
        yield made


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Posted]:
    with posted(tmp_path / "home") as made:
        with_passwords(made.house, "paul")
        yield made


def at_work(office: Posted, name: str) -> Browser:
    browser = Browser(office.house)
    assert browser.sign_in(name).status_code == 303
    return browser


def short(office: Posted, **more: Any) -> str:
    """Have a supplier confirm less than was ordered; give the planner's case."""
    before = {case["id"] for case in cases(office.house)}
    desk, order = ordered(office.house, (("ANCHOR", "400"),), supplier="ADLER", **more)
    desk.drop(desk.acknowledgment(order, {"1": 15}))
    (case,) = [each for each in cases(office.house, "SHORTAGE") if each["id"] not in before]
    assert case["owner_role"] == "planner", case
    return str(case["id"])


def wish(office: Posted, cadence: str, **more: Any) -> None:
    answer = office.house.post("paul", "/v1/notifying", {"cadence": cadence} | more)
    assert answer.status == 200, answer.body


def test_who_is_asked_sees_it_with_a_count_and_it_is_read_once_read(office: Posted) -> None:
    need = raise_need(office.house, (("VALVE", "100"),))
    step = open_step(office.house, need["approval"])
    assert step is not None
    browser = at_work(office, step["approver"])

    inbox = browser.open("/approvals")
    page = browser.open("/notifications")
    done = browser.fill(page, "/notifications/read")

    assert 'class="bell-count"' in inbox
    assert f"/approvals/{need['approval']}" in page
    assert "you are asked" in text_of(page)
    assert done.headers["location"] == "/notifications"
    after = browser.open("/notifications")
    assert 'class="bell-count"' not in after
    assert f"/approvals/{need['approval']}" in after


def test_a_case_is_one_row_for_its_role_and_for_nobody_else(office: Posted) -> None:
    case = short(office)

    rows = office.house.get("paul", "/v1/notices")["rows"]
    others = office.house.get("ben", "/v1/notices")["rows"]

    assert [row["subject"] for row in rows].count(f"case/{case}") == 1
    assert f"case/{case}" not in [row["subject"] for row in others]


def test_the_requester_learns_what_became_of_a_need(office: Posted) -> None:
    need = raise_need(office.house, (("VALVE", "100"),))
    step = open_step(office.house, need["approval"])
    assert step is not None
    path = f"/v1/approvals/{need['approval']}/reject"
    assert office.house.post(step["approver"], path, {"reason": "not_needed"}).status == 200

    (row,) = [
        row for row in office.house.get("rita", "/v1/notices")["rows"]
        if row["subject"] == f"requisition/{need['id']}"
    ]  # fmt: skip
    assert "is rejected" in row["title"]


def test_nobody_is_written_to_who_did_not_ask_for_it(alone: Posted) -> None:
    short(alone)

    assert alone.mail.to(INBOX) == []


def test_who_wants_it_at_once_gets_one_letter_and_its_way_is_shown(alone: Posted) -> None:
    wish(alone, "immediately")
    case = short(alone)
    alone.house.settle()

    (letter,) = alone.mail.to(INBOX)
    assert f"/exceptions/{case}" in text_of_letter(letter)
    assert "/s/" not in text_of_letter(letter)
    assert "mail sent" in text_of(at_work(alone, "paul").open("/notifications"))


def test_in_quiet_hours_the_letter_waits_until_they_are_over(alone: Posted) -> None:
    """It is 15:00 UTC, ten in the morning in New York."""
    wish(alone, "immediately", quiet_from="09:00", quiet_to="11:00", zone="America/New_York")
    short(alone)
    alone.house.settle()
    early = list(alone.mail.to(INBOX))

    alone.house.wait(minutes=59)
    still = list(alone.mail.to(INBOX))
    alone.house.wait(minutes=2)

    assert (early, still) == ([], [])
    assert len(alone.mail.to(INBOX)) == 1


def test_a_digest_holds_each_thing_once_and_goes_at_its_time(alone: Posted) -> None:
    wish(alone, "digest", digest_at="16:00")
    first, second = short(alone), short(alone)
    alone.house.settle()
    before = list(alone.mail.to(INBOX))

    alone.house.wait(minutes=61)

    assert before == []
    (letter,) = alone.mail.to(INBOX)
    told = text_of_letter(letter).replace("=\n", "")
    assert letter["Subject"] == "2 things since your last digest"
    for case in (first, second):
        assert told.count(f"/exceptions/{case}") == 1
    alone.house.wait(hours=24)
    assert len([x for x in alone.mail.to(INBOX) if "digest" in str(x["Subject"])]) <= 2


@pytest.mark.parametrize("cadence", ["immediately", "digest"])
def test_what_is_critical_waits_for_no_digest_and_no_quiet_hours(
    alone: Posted, cadence: str
) -> None:
    """It is 15:00 UTC, amid quiet hours; a customer waits for one of the two."""
    wish(alone, cadence, quiet_from="14:00", quiet_to="16:00", digest_at="16:30")
    short(alone)
    urgent = short(alone, customer_waiting=True)
    alone.house.settle()
    at_once = list(alone.mail.to(INBOX))
    alone.house.wait(minutes=91)
    later = alone.mail.to(INBOX)[1:]

    (letter,) = at_once
    assert f"/exceptions/{urgent}" in text_of_letter(letter)
    assert "Something critical went wrong" in text_of_letter(letter).replace("=\n", "")
    assert later
    assert not any(f"/exceptions/{urgent}" in text_of_letter(each) for each in later)
    page = text_of(at_work(alone, "paul").open("/notifications"))
    assert "At once, in quiet hours too, and not in the digest: Something critical" in page


def test_who_wants_no_mail_gets_none_whatever_it_is(alone: Posted) -> None:
    short(alone, customer_waiting=True)
    alone.house.settle()

    assert alone.mail.to(INBOX) == []


def test_settings_are_kept_and_nonsense_is_refused_with_what_was_typed(office: Posted) -> None:
    browser = at_work(office, "ben")
    page = browser.open("/notifications")

    bad = browser.fill(page, "/notifications/settings", cadence="digest", zone="Mars/Base",
                       quiet_from="22:00", quiet_to="06:00", digest_at="07:30")  # fmt: skip
    good = browser.fill(bad.text, "/notifications/settings", cadence="digest",
                        zone="America/Chicago", quiet_from="22:00", quiet_to="06:00",
                        digest_at="07:30")  # fmt: skip
    kept = browser.open("/notifications")

    assert bad.status_code == 422
    assert 'value="Mars/Base"' in bad.text
    assert good.status_code == 303
    assert 'value="America/Chicago"' in kept
    assert 'value="22:00"' in kept


def test_the_page_asks_as_often_for_many_rows_as_for_few(office: Posted) -> None:
    heard: list[str] = []

    def hear(*args: Any) -> None:
        heard.append(str(args[2]))

    browser = at_work(office, "paul")
    event.listen(office.house.app.store.engine, "before_cursor_execute", hear)
    try:
        browser.open("/notifications")
        heard.clear()
        browser.open("/notifications")
        few = len(heard)
        for _ in range(3):
            short(office)
        browser.open("/notifications")
        heard.clear()
        browser.open("/notifications")
    finally:
        event.remove(office.house.app.store.engine, "before_cursor_execute", hear)

    assert len(heard) == few


def test_a_stranger_and_a_supplier_have_none(office: Posted) -> None:
    assert office.browser().ask("GET", "/notifications").status_code == 303
    answer = office.house.post("adler", "/v1/notifying", {"cadence": "none"})
    assert answer.status == 403


def test_letters_links_and_notices_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    """One order by mail, answered by its link; a notice, a digest, an approval by mail."""
    with posted(tmp_path, postgres_url) as office:
        office.by_mail("ADLER")
        wish(office, "digest", digest_at="16:00")
        need = raise_need(office.house, (("ANCHOR", "400"),))
        step = open_step(office.house, need["approval"])
        assert step is not None
        asked = link_in(office.mail.to(f"{step['approver']}@example.com")[-1])
        browser = office.browser()
        decided = browser.fill(browser.open(asked), f"{asked}/approve")
        office.house.wait(minutes=1)  # the time in which it can be taken back
        agree(office.house, need)
        link = office.link("ADLER")
        fields = {"line-1-said": "change", "line-1-quantity-1": "1", "line-1-rest": "later"}
        answered = browser.fill(browser.open(link), f"{link}/answer", **fields)
        office.house.settle()
        rows = office.house.get("paul", "/v1/notices")["rows"]
        office.house.wait(minutes=61)

        assert (decided.status_code, answered.status_code) == (200, 303)
        assert any(row["subject"].startswith("case/") for row in rows)
        assert len(office.mail.to(INBOX)) == 1
        marked = office.house.post("paul", "/v1/notices/read")
        assert marked.status == 200, marked.body
        assert all(row["is_read"] for row in office.house.get("paul", "/v1/notices")["rows"])
