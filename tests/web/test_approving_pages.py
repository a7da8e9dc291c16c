"""An approver in a browser without script: the inbox, why me, yes, no, and who comes late."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from manciple.web.pages.reasons import why_of
from tests.api.installation import Installation, installed
from tests.scenarios.office import open_step, raise_need
from tests.web.signed_in import OURS, Browser, hidden_of, text_of, with_passwords


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield with_passwords(made, "anna", "alec", "dora", "nora", "rita")


def asked(house: Installation) -> tuple[str, str]:
    """Raise a need at Atlanta; give its approval and who is asked first."""
    need = raise_need(house, (("VALVE", "100"),))
    step = open_step(house, need["approval"])
    assert step is not None
    return str(need["approval"]), str(step["approver"])


def at_work(house: Installation, name: str) -> Browser:
    browser = Browser(house)
    assert browser.sign_in(name).status_code == 303
    return browser


def test_a_stranger_is_sent_to_the_sign_in_and_back(house: Installation) -> None:
    answer = Browser(house).ask("GET", "/approvals?whose=all")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=/approvals%3Fwhose%3Dall"


def test_an_approver_finds_the_step_sees_why_and_says_yes(house: Installation) -> None:
    approval, approver = asked(house)
    browser = at_work(house, approver)

    inbox = text_of(browser.open("/approvals"))
    page = browser.open(f"/approvals/{approval}")
    told = text_of(page)
    answer = browser.fill(page, f"/approvals/{approval}/approve", note="fine by me")

    assert "branch manager" in inbox
    assert f"{approver} signs last as branch manager for ATL, for up to" in inbox
    assert re.search(r'href="/policies/approval_routing\?version=[\w-]+#row-r\d+"', page)
    assert "approval_routing" in told
    assert "VALVE" in told
    assert answer.headers["location"] == f"/approvals?done={approval}"
    kept = house.get("root", f"/v1/approvals/{approval}")["steps"][0]
    assert (kept["state"], kept["acted_by"], kept["note"]) == ("approved", approver, "fine by me")
    assert "Nothing waits for you" in browser.open("/approvals")


def test_the_same_form_sent_twice_decides_once(house: Installation) -> None:
    approval, approver = asked(house)
    browser = at_work(house, approver)
    page = browser.open(f"/approvals/{approval}")

    first, again = (browser.fill(page, f"/approvals/{approval}/approve") for _ in range(2))

    assert first.status_code == again.status_code == 303
    events = house.own("select count(*) from event where type = 'StepApproved'")
    assert events == [(1,)]


def test_a_rejection_without_a_reason_keeps_the_text_and_changes_nothing(
    house: Installation,
) -> None:
    approval, approver = asked(house)
    browser = at_work(house, approver)
    page = browser.open(f"/approvals/{approval}")

    refused = browser.fill(page, f"/approvals/{approval}/reject", note="too many <b>", reason="")
    done = browser.fill(refused.text, f"/approvals/{approval}/reject", reason="wrong_quantity")

    assert refused.status_code == 422
    assert "Nothing was changed." in refused.text
    assert "too many &lt;b&gt;" in refused.text
    assert done.status_code == 303
    assert house.get("root", f"/v1/approvals/{approval}")["state"] == "rejected"


def test_who_decides_on_an_outdated_page_is_told_and_changes_nothing(
    house: Installation,
) -> None:
    approval, approver = asked(house)
    first, second = at_work(house, approver), at_work(house, approver)
    page = second.open(f"/approvals/{approval}")
    first.fill(first.open(f"/approvals/{approval}"), f"/approvals/{approval}/approve")

    late = second.fill(page, f"/approvals/{approval}/reject", reason="other", note="my text")

    assert late.status_code == 409
    assert "Nothing was changed." in late.text
    assert house.get("root", f"/v1/approvals/{approval}")["steps"][0]["state"] == "approved"


def test_nobody_signs_who_was_not_asked(house: Installation) -> None:
    approval, approver = asked(house)
    other = "alec" if approver == "anna" else "anna"
    browser = at_work(house, other)
    page = browser.open(f"/approvals/{approval}")
    assert "/approve" not in page

    word = hidden_of(page, "/sign-out")["word"]
    fields = {"word": word, "key": "0123456789abcdef", "step": "1"}
    answer = browser.send(f"/approvals/{approval}/approve", fields)

    assert answer.status_code in {403, 409, 422}
    assert house.get("root", f"/v1/approvals/{approval}")["steps"][0]["state"] == "pending"


def test_another_sites_approval_is_not_there(house: Installation) -> None:
    approval, _ = asked(house)
    browser = at_work(house, "dora")

    assert browser.ask("GET", f"/approvals/{approval}").status_code == 404
    assert browser.ask("GET", "/approvals/none").status_code == 404
    assert browser.ask("GET", "/approvals/%00").status_code == 404


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {}])
def test_a_decision_needs_a_form_of_ours(house: Installation, headers: dict[str, str]) -> None:
    approval, approver = asked(house)
    browser = at_work(house, approver)
    fields = hidden_of(browser.open(f"/approvals/{approval}"), f"/approvals/{approval}/approve")
    if not headers:
        fields, headers = fields | {"word": "0" * 40}, dict(OURS)

    answer = browser.send(f"/approvals/{approval}/approve", fields, headers)

    assert answer.status_code == 403
    assert house.get("root", f"/v1/approvals/{approval}")["steps"][0]["state"] == "pending"


def test_a_reason_is_taken_apart_into_words_and_rows() -> None:
    told = why_of("approval_routing 2026-01/r12+r14; forwarded by anna: on leave; back Monday")

    assert told.words == ("forwarded by anna: on leave", "back Monday")
    assert [row.address for row in told.rows] == [
        "/policies/approval_routing?version=2026-01#row-r12",
        "/policies/approval_routing?version=2026-01#row-r14",
    ]
    assert why_of("").rows == why_of("Because 1/2").rows == ()
