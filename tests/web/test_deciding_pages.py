"""An approver decides by a link from a mail: once, as themselves, on what they were shown."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from manciple.governance.link import Claims, Purpose, read, token
from tests.scenarios.office import open_step, raise_need
from tests.web.linked import Posted, posted
from tests.web.mail_server import link_in, text_of_letter
from tests.web.signed_in import OURS, Browser, hidden_of, text_of, with_passwords


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posted]:
    with posted(tmp_path_factory.mktemp("deciding") / "home") as made:
        with_passwords(made.house, "anna", "alec", "nora", "dora", "rita")
        yield made


def asked(office: Posted, lines: tuple[tuple[str, str], ...] = (("VALVE", "100"),)) -> Any:
    """Raise a need; give the approval, who is asked, and the path of their link."""
    need = raise_need(office.house, lines)
    step = open_step(office.house, need["approval"])
    assert step is not None
    who = str(step["approver"])
    return str(need["approval"]), who, link_in(office.mail.to(f"{who}@example.com")[-1])


def step_of(office: Posted, approval: str) -> dict[str, Any]:
    found: dict[str, Any] = office.house.get("root", f"/v1/approvals/{approval}")["steps"][0]
    return found


def claims_of(office: Posted, link: str) -> Claims:
    keys = office.house.app.systems.link_keys.keys()
    found = read(link.removeprefix("/a/"), keys, Purpose.APPROVAL)
    assert found is not None
    return found


def test_the_letter_has_every_line_the_amount_why_and_the_time_left(office: Posted) -> None:
    lines = tuple((item, "100") for item in ("VALVE", "ELBOW", "RELAY", "FUSE"))
    _, who, _ = asked(office, lines)

    letter = office.mail.to(f"{who}@example.com")[-1]
    told = text_of_letter(letter)
    assert str(letter["Subject"]).startswith("To approve: ")
    for item, _ in lines:
        assert f"Item: {item}" in told
    assert "Why you: approval_routing" in told
    assert "Decide by: " in told
    assert "USD" in str(letter["Subject"])


def test_opening_the_page_decides_nothing_and_its_button_does(office: Posted) -> None:
    approval, who, link = asked(office)
    browser = office.browser()
    before = office.house.own("select count(*) from event")

    for method in ("HEAD", "GET", "GET"):
        assert browser.ask(method, link).status_code == 200
    for deed in ("approve", "reject"):
        assert browser.ask("GET", f"{link}/{deed}").status_code == 405
    assert office.house.own("select count(*) from event") == before
    page = browser.open(link)
    done = browser.fill(page, f"{link}/approve", note="fine by me")

    assert "VALVE" in text_of(page)
    assert done.status_code == 200
    assert "Your decision stands" in done.text
    kept = step_of(office, approval)
    assert (kept["state"], kept["acted_by"], kept["note"]) == ("approved", who, "fine by me")


def test_a_link_decides_once_and_a_form_sent_twice_is_thanked_twice(office: Posted) -> None:
    _, _, link = asked(office)
    browser = office.browser()
    page = browser.open(link)
    hidden = hidden_of(page, f"{link}/reject")

    first = browser.fill(page, f"{link}/approve")
    again = browser.fill(page, f"{link}/approve")
    other = browser.send(f"{link}/reject", hidden | {"reason": "not_needed"})
    looked = browser.ask("GET", link)

    assert (first.status_code, again.status_code) == (200, 200)
    assert (other.status_code, looked.status_code) == (410, 410)
    assert "This link has been used" in looked.text


@pytest.mark.parametrize("seconds", [0, 7])
def test_a_decision_is_taken_back_from_its_own_page_once(office: Posted, seconds: int) -> None:
    approval, _, link = asked(office)
    browser = office.browser()
    orders = len(office.orders())
    thanks = browser.fill(browser.open(link), f"{link}/approve").text
    office.house.wait(seconds=seconds)

    other = browser.send(f"{link}/undo", hidden_of(thanks, f"{link}/undo") | {"undo": "UNDO-X"})
    back = browser.fill(thanks, f"{link}/undo")
    again = browser.fill(thanks, f"{link}/undo")

    assert "until then you can take it back" in text_of(thanks)
    assert other.status_code == 403, "the word is for one decision alone"
    assert back.status_code == 200
    assert "nothing is decided" in text_of(back.text)
    assert step_of(office, approval)["state"] == "pending"
    assert again.status_code == 200, "the same form sent twice is the same act"
    office.house.wait(seconds=60)
    assert len(office.orders()) == orders
    types = [
        row[0]
        for row in office.house.own(
            f"select type from event where stream = 'approval/{approval}' order by version"
        )
    ]
    assert types[-1] == "ActUndone"
    page = browser.open(link)
    assert browser.fill(page, f"{link}/reject", reason="not_needed").status_code == 200
    late = browser.fill(thanks, f"{link}/undo")
    assert step_of(office, approval)["state"] == "rejected"
    assert late.status_code == 200, "it was taken back then; the later no stands"


def test_after_the_seconds_a_decision_by_link_stands_and_says_what_to_do(office: Posted) -> None:
    approval, _, link = asked(office)
    browser = office.browser()
    thanks = browser.fill(browser.open(link), f"{link}/approve").text
    office.house.wait(seconds=8)

    late = browser.fill(thanks, f"{link}/undo")

    assert late.status_code == 409
    assert "change or cancel that order" in text_of(late.text)
    assert step_of(office, approval)["state"] == "approved"


def test_somebody_else_who_is_signed_in_takes_nothing_back(office: Posted) -> None:
    approval, who, link = asked(office)
    thanks = office.browser().fill(office.browser().open(link), f"{link}/approve").text
    other = office.browser()
    other.sign_in("rita")

    refused = other.fill(thanks, f"{link}/undo")

    assert refused.status_code == 403
    assert step_of(office, approval)["state"] == "approved"
    assert who != "rita"


def test_a_question_by_link_decides_nothing_and_its_answer_brings_a_fresh_link(
    office: Posted,
) -> None:
    approval, who, link = asked(office)
    browser, rita = office.browser(), office.browser()
    due = step_of(office, approval)["due_at"]
    page = browser.open(link)

    assert browser.ask("GET", f"{link}/ask").status_code == 405
    empty = browser.fill(page, f"{link}/ask", question=" ")
    done = browser.fill(empty.text, f"{link}/ask", question="For which <job>?")
    again = browser.fill(empty.text, f"{link}/ask", question="For which <job>?")
    office.house.settle()

    assert (empty.status_code, done.status_code, again.status_code) == (422, 200, 200)
    assert "Nothing is decided" in done.text
    assert browser.ask("GET", link).status_code == 410, "the link is used up"
    letter = office.mail.to("rita@example.com")[-1]
    assert "A question about" in str(letter["Subject"])
    assert "For which <job>?" in text_of_letter(letter)
    path = f"/approvals/{approval}"
    rita.sign_in("rita")
    answered = rita.fill(rita.open(path), f"{path}/answer", answer="For the crane")
    assert answered.status_code == 303, answered.text
    office.house.settle()
    fresh = office.mail.to(f"{who}@example.com")[-1]
    assert "The answer: For the crane" in text_of_letter(fresh)
    now = link_in(fresh)
    assert now != link
    assert "For the crane" in text_of(browser.open(now))
    step = step_of(office, approval)
    assert (step["state"], step["due_at"]) == ("pending", due), "no clock stops"
    assert browser.fill(browser.open(now), f"{now}/approve").status_code == 200
    assert step_of(office, approval)["state"] == "approved"


def test_only_one_question_at_a_time_and_only_the_requester_answers(office: Posted) -> None:
    approval, who, _ = asked(office)
    path = f"/v1/approvals/{approval}"

    early = office.house.post("rita", f"{path}/answer", {"answer": "yes"})
    noise = office.house.post(who, f"{path}/ask", {"question": "why\x00?"})
    assert noise.status == 422
    assert noise.body["errors"][0]["field"] == "question"
    first = office.house.post(who, f"{path}/ask", {"question": "why?"})
    more = office.house.post(who, f"{path}/ask", {"question": "and when?"})
    other = office.house.post("paul", f"{path}/answer", {"answer": "yes"})

    assert (early.status, early.codes) == (409, {"NO_QUESTION"})
    assert first.status == 200
    assert (more.status, more.codes) == (409, {"QUESTION_OPEN"})
    assert (other.status, other.codes) == (403, {"NOT_YOUR_REQUISITION"})


def test_a_no_needs_a_reason_and_keeps_what_was_typed(office: Posted) -> None:
    approval, who, link = asked(office)
    browser = office.browser()
    page = browser.open(link)

    refused = browser.fill(page, f"{link}/reject", note="too many <b>", reason="")
    done = browser.fill(refused.text, f"{link}/reject", reason="wrong_quantity")

    assert refused.status_code == 422
    assert "too many &lt;b&gt;" in refused.text
    assert done.status_code == 200
    kept = step_of(office, approval)
    assert (kept["state"], kept["acted_by"], kept["reason"]) == ("rejected", who, "wrong_quantity")


def test_what_was_decided_elsewhere_is_not_decided_again(office: Posted) -> None:
    approval, who, link = asked(office)
    assert office.house.post(who, f"/v1/approvals/{approval}/approve").status == 200

    answer = office.browser().ask("GET", link)
    sent = office.browser().ask("POST", f"{link}/reject", headers=OURS)

    assert (answer.status_code, sent.status_code) == (410, 410)
    assert "has been used" in answer.text


def test_what_is_withdrawn_needs_no_decision(office: Posted) -> None:
    need = raise_need(office.house, (("VALVE", "100"),))
    step = open_step(office.house, need["approval"])
    assert step is not None
    link = link_in(office.mail.to(f"{step['approver']}@example.com")[-1])

    gone = office.house.post("rita", f"/v1/requisitions/{need['id']}/withdraw")

    assert gone.status == 200
    assert office.browser().ask("GET", link).status_code == 410


def test_a_link_in_the_hands_of_somebody_else_who_is_signed_in_is_refused(office: Posted) -> None:
    approval, who, link = asked(office)
    other = next(name for name in ("anna", "nora", "dora") if name != who)
    theirs, own = Browser(office.house), Browser(office.house)
    assert theirs.sign_in(other).status_code == 303
    hidden = hidden_of(office.browser().open(link), f"{link}/approve")

    looked = theirs.ask("GET", link)
    sent = theirs.send(f"{link}/approve", hidden)
    with_passwords(office.house, who)
    assert own.sign_in(who).status_code == 303

    assert (looked.status_code, sent.status_code) == (403, 403)
    assert "somebody else" in looked.text
    assert approval not in looked.text
    assert step_of(office, approval)["state"] == "pending"
    assert own.ask("GET", link).status_code == 200


def test_a_link_gives_nobody_a_right_that_they_do_not_have(office: Posted) -> None:
    """Signed with our own key for the requester, and for a person who was never asked."""
    approval, _, link = asked(office)
    keys = office.house.app.systems.link_keys.keys()
    claims = claims_of(office, link)

    for name in ("rita", "ben"):
        forged = f"/a/{token(replace(claims, bearer=name), keys)}"
        assert office.browser().ask("GET", forged).status_code == 404
        assert office.browser().ask("POST", f"{forged}/approve", headers=OURS).status_code == 404
    assert step_of(office, approval)["state"] == "pending"


def test_an_order_link_is_no_approval_link(office: Posted) -> None:
    _, _, link = asked(office)
    plain = link.removeprefix("/a/")

    assert office.browser().ask("GET", f"/s/{plain}").status_code == 404


def test_a_delegate_gets_the_letter_and_decides_for_who_lent_the_power(office: Posted) -> None:
    _, who, _ = asked(office)
    taker = "nora" if who != "nora" else "dora"
    now = office.house.clock.now()
    lent = office.house.post("root", "/v1/delegations", {
        "from_person": who, "to_person": taker,
        "start": now.isoformat(), "end": (now + timedelta(days=2)).isoformat(),
    })  # fmt: skip
    assert lent.status == 201, lent.body
    need = raise_need(office.house, (("VALVE", "100"),))
    letter = office.mail.to(f"{taker}@example.com")[-1]
    link, browser = link_in(letter), office.browser()

    done = browser.fill(browser.open(link), f"{link}/approve")
    office.house.post("root", f"/v1/delegations/{lent.body['id']}/revoke")

    assert f"you act for {who}" in text_of_letter(letter)
    assert done.status_code == 200, text_of(done.text)
    kept = step_of(office, need["approval"])
    assert (kept["acted_by"], kept["on_behalf_of"]) == (taker, who)


def test_a_right_that_was_taken_since_the_letter_is_gone(tmp_path: Path) -> None:
    with posted(tmp_path / "home") as office:
        approval, who, link = asked(office)
        browser = office.browser()
        page = browser.open(link)
        known = office.house.get("root", f"/v1/people/{who}")
        taken = known | {"roles": ["requester"]}
        assert office.house.put("root", f"/v1/people/{who}", taken).status == 200

        refused = browser.fill(page, f"{link}/approve")

        assert refused.status_code in {403, 409, 410, 422}
        assert "Your decision stands" not in refused.text
        assert step_of(office, approval)["acted_by"] is None


def test_somebody_who_has_left_decides_nothing(tmp_path: Path) -> None:
    with posted(tmp_path / "home") as office:
        _, who, link = asked(office)
        assert office.house.post("root", f"/v1/people/{who}/deactivate").status == 200

        assert office.browser().ask("GET", link).status_code == 410


def test_an_approvers_link_expires_after_seven_days_and_not_before(tmp_path: Path) -> None:
    with posted(tmp_path / "home") as office:
        _, _, link = asked(office)
        ends = claims_of(office, link).expires_at
        clock = office.house.clock

        assert ends - clock.now() == timedelta(days=7)
        clock.advance(ends - timedelta(microseconds=1))
        assert office.browser().ask("GET", link).status_code == 200
        clock.advance(ends)
        assert office.browser().ask("GET", link).status_code == 410


def test_nothing_is_written_while_mail_is_off(office: Posted) -> None:
    mailing = {"sender": "buying@example.com", "address": "http://manciple.invalid"}
    assert office.house.post("root", "/v1/mailing", mailing | {"is_on": False}).status == 200

    need = raise_need(office.house, (("VALVE", "100"),))

    assert office.house.post("root", "/v1/mailing", mailing).status == 200
    office.house.settle()
    about = [
        each
        for each in office.mail.letters
        if need["id"] in f"{each['Subject']} {text_of_letter(each)}"
    ]
    assert about == [], "and nothing of it leaves afterwards"


def test_a_title_can_not_begin_a_header_of_its_own(office: Posted) -> None:
    from manciple.adapters.mail.letter import written  # noqa: PLC0415
    from manciple.processes.ports.mail import Letter  # noqa: PLC0415

    letter = Letter(
        to="a@example.com", sender="b@example.com", house="Ex\r\nBcc: c@example.com", address="",
        at=office.house.clock.now(), subject="Hello\r\nBcc: evil@example.com\n\n<b>\u2028x",
        paragraphs=("<script>x</script>",), facts=(("a<b", "c\r\nd"),),
    )  # fmt: skip
    message = written(letter, key="k", keys=office.house.app.systems.link_keys.keys())
    raw = message.as_bytes().decode()

    assert message["Bcc"] is None
    assert "\r\nBcc:" not in raw
    assert message["Subject"] == "Hello Bcc: evil@example.com <b> x"
    assert "<script>" not in text_of_letter(message, "html")
    assert message.get_content_type() == "multipart/alternative"
    keys = office.house.app.systems.link_keys.keys()
    for bad in ("a@example.com\r\nBcc: x@y.z", "a b@example.com", "a@b, c@d", ""):
        with pytest.raises(ValueError, match="no plain mail address"):
            written(replace(letter, to=bad), key="k", keys=keys)
