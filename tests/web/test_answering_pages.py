"""A supplier with a link and no name: it sees its own order, and answers as an 855 would."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from manciple.governance.link import Purpose, read, token
from tests.scenarios.office import cases, ordered
from tests.web.linked import INBOX, Posted, posted
from tests.web.mail_server import link_in, text_of_letter
from tests.web.signed_in import OURS, Browser, hidden_of, text_of, with_passwords

TWO = (("VALVE", "100"), ("RELAY", "20"))
BLUE = INBOX["BLUE"]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posted]:
    """Give an installation that the tests share; each has orders of its own."""
    with posted(tmp_path_factory.mktemp("answering") / "home") as made:
        made.by_mail("BLUE")
        adler = made.house.get("root", "/v1/suppliers/ADLER") | {"contact": INBOX["ADLER"]}
        assert made.house.put("root", "/v1/suppliers/ADLER", adler).status == 200
        yield made


def order_of(office: Posted, number: str) -> dict[str, Any]:
    found: dict[str, Any] = office.house.get("root", f"/v1/purchase-orders/{number}")
    return found


def acknowledgments(office: Posted, order: str = "") -> list[dict[str, Any]]:
    rows = office.house.get("root", "/v1/acknowledgments?limit=200")["rows"]
    return [row for row in rows if order in {"", row["order"]}]


def cases_of(office: Posted, order: str, code: str = "") -> list[dict[str, Any]]:
    found = cases(office.house, code)
    return [each for each in found if each["subject"]["id"] == order]


def link_of(office: Posted, order: str) -> str:
    """Give the name of an order's link."""
    rows = office.house.own("select id, body from document where kind = 'link'")
    (found,) = [name for name, body in rows if order.encode() in bytes(body)]
    return str(found)


# ---- the letter -------------------------------------------------------------------------------


def test_an_order_goes_by_mail_with_a_link_and_counts_as_sent(office: Posted) -> None:
    number = office.ordered()

    letter = office.mail.to(INBOX["BLUE"])[-1]
    told = text_of_letter(letter)
    assert letter["Subject"] == f"Order {number}"
    assert letter["From"] == "Example Co <buying@example.com>"
    assert "VALVE" in told
    assert "9 cases" in told
    assert re.search(r"http://manciple\.invalid/s/k1\.", told)
    assert "<table" in text_of_letter(letter, "html")
    assert order_of(office, number)["state"] == "sent"
    assert office.house.sent_to("BLUE") == {}


def test_the_link_stands_nowhere_but_in_the_letter(office: Posted) -> None:
    office.ordered()
    mark = office.link().rpartition(".")[2]

    sources = (
        *(("event", "body"), ("effect", "payload"), ("effect", "result")),
        *(("document", "body"), ("command", "reply"), ("blob", "data")),
    )
    for table, column in sources:
        for (value,) in office.house.own(f"select {column} from {table}"):
            assert mark.encode() not in bytes(value or b""), table
    answer = office.house.ask("GET", "/v1/effects?limit=200", who="root")
    assert mark.encode() not in answer.raw


def test_a_letter_whose_answer_was_lost_comes_again_as_the_same_letter(office: Posted) -> None:
    before = len(office.mail.raw_to(BLUE))
    office.mail.towards, office.mail.lose_answers = BLUE, 1
    office.ordered()
    office.house.wait(minutes=1)

    once, again = office.mail.raw_to(BLUE)[before:]
    assert once == again
    assert len({each["Message-ID"] for each in office.mail.to(BLUE)[before:]}) == 1


def test_an_address_that_is_refused_for_good_becomes_work_and_is_not_tried_again(
    office: Posted,
) -> None:
    office.mail.towards, office.mail.refuse_all = BLUE, 550
    office.ordered()
    office.house.wait(minutes=10)
    office.mail.refuse_all = 0

    (effect,) = office.house.own("select state, attempts from effect where state = 'rejected'")
    assert effect == ("rejected", 1)
    assert [each["code"] for each in cases(office.house, "DELIVERY_FAILED")]


def test_a_server_that_says_later_is_asked_later(office: Posted) -> None:
    before = len(office.mail.to(BLUE))
    office.mail.towards, office.mail.refuse_all = BLUE, 451
    office.ordered()
    office.mail.refuse_all = 0
    office.house.wait(minutes=10)

    assert len(office.mail.to(BLUE)) == before + 1


def test_a_buyer_sends_the_link_of_an_order_that_went_as_a_file(office: Posted) -> None:
    _, order = ordered(office.house, (("ANCHOR", "400"),), supplier="ADLER")

    path = f"/v1/purchase-orders/{order.number}/link"
    sent = office.house.post("ben", path, {"note": "please <b>look</b>"})
    office.house.settle()

    assert sent.status == 201
    letter = office.mail.to(INBOX["ADLER"])[-1]
    assert "please <b>look</b>" in text_of_letter(letter)
    assert "please &lt;b&gt;look&lt;/b&gt;" in text_of_letter(letter, "html")
    assert order.number in text_of(office.browser().open(link_in(letter)))


def test_a_supplier_without_an_address_is_sent_no_link(office: Posted) -> None:
    _, order = ordered(office.house, (("SOLVENT", "60"),), supplier="COBALT")

    refused = office.house.post("ben", f"/v1/purchase-orders/{order.number}/link")

    assert refused.codes == {"NO_ADDRESS"}


# ---- answering --------------------------------------------------------------------------------


def test_one_tap_accepts_every_line_as_an_855_would(office: Posted) -> None:
    number = office.ordered(TWO)
    link, browser = office.link(), office.browser()

    page = browser.open(link)
    answer = browser.fill(page, f"{link}/accept")
    office.house.settle()

    assert "Accept all 2 lines" in text_of(page)
    assert answer.headers["location"] == f"{link}?done=accept"
    assert "You have accepted every line" in text_of(browser.open(f"{link}?done=accept"))
    order = order_of(office, number)
    assert order["state"] == "acknowledged"
    assert [line["answer"]["confirmed"]["value"] for line in order["lines"]] == ["108", "20"]
    (kept,) = acknowledgments(office, number)
    assert (kept["state"], kept["place"], kept["supplier"]) == ("accepted", "page", "BLUE")
    assert cases_of(office, number) == []


def test_the_same_form_sent_twice_is_one_answer(office: Posted) -> None:
    number = office.ordered(TWO)
    link, browser = office.link(), office.browser()
    page = browser.open(link)

    first = browser.fill(page, f"{link}/accept")
    again = browser.fill(page, f"{link}/accept")

    assert first.status_code == again.status_code == 303
    assert len(acknowledgments(office, number)) == 1


def test_a_split_a_price_and_a_day_go_through_the_same_tolerances(office: Posted) -> None:
    number = office.ordered(TWO)
    link, browser = office.link(), office.browser()
    page = browser.open(link)

    answer = browser.fill(
        page, f"{link}/answer",
        **{"line-1-said": "change", "line-1-quantity-1": "5", "line-1-day-1": "2026-03-12",
           "line-1-quantity-2": "3", "line-1-day-2": "2026-03-20", "line-1-rest": "later",
           "line-1-price": "150.00", "line-1-note": "the mill is late", "line-2-said": "accept"},
    )  # fmt: skip
    office.house.settle()

    assert answer.status_code == 303, text_of(answer.text)
    line = order_of(office, number)["lines"][0]
    assert line["answer"]["confirmed"] == {"value": "96", "unit": "EA"}
    assert line["promise"] == "2026-03-20"
    found = {each["code"] for each in cases_of(office, number)}
    assert {"SHORTAGE", "PRICE_VARIANCE"} <= found
    text = " ".join(str(each["discrepancy"]["text"]) for each in cases_of(office, number))
    assert "the supplier says: the mill is late" in text


def test_a_rest_of_which_nothing_is_said_is_asked_about_and_the_text_stays(
    office: Posted,
) -> None:
    office.ordered(TWO)
    link, browser = office.link(), office.browser()
    page = browser.open(link)

    refused = browser.fill(
        page, f"{link}/answer",
        **{"line-1-said": "change", "line-1-quantity-1": "5", "line-1-note": "half <i>only</i>"},
    )  # fmt: skip
    done = browser.fill(
        refused.text, f"{link}/answer",
        **{"line-1-said": "change", "line-1-quantity-1": "5", "line-1-rest": "never"},
    )  # fmt: skip

    assert refused.status_code == 422
    assert "4 of 9 cases are left" in text_of(refused.text)
    assert 'value="5"' in refused.text
    assert "half &lt;i&gt;only&lt;/i&gt;" in refused.text
    assert "<i>only" not in refused.text
    assert 'aria-describedby="line-1-rest-fault"' in refused.text
    assert done.status_code == 303


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "no line was answered"),
        ({"line-1-said": "reject"}, "say why it is rejected"),
        ({"line-1-said": "change", "line-1-quantity-1": "lots"}, "is no number"),
        ({"line-1-said": "change", "line-1-quantity-1": "-1"}, "is no number"),
        ({"line-1-said": "change", "line-1-day-1": "2026-03-01"}, "can't be promised"),
        ({"line-1-said": "change", "line-1-day-1": "12.3.26"}, "is no day"),
        ({"line-1-said": "change", "line-1-price": "1e3"}, "is no number"),
        ({"line-1-said": "change", "line-1-quantity-1": "4", "line-1-day-2": "2026-03-12"},
         "each delivery needs its quantity"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused_and_nothing_changes(
    shared: Posted, fields: dict[str, str], told: str
) -> None:
    link, browser = shared.link(), shared.browser()

    refused = browser.fill(browser.open(link), f"{link}/answer", **fields)

    assert refused.status_code == 422
    assert told in text_of(refused.text)
    assert acknowledgments(shared) == []


def test_today_can_be_promised_and_yesterday_not(office: Posted) -> None:
    office.ordered()
    link, browser = office.link(), office.browser()

    late = browser.fill(
        browser.open(link), f"{link}/answer",
        **{"line-1-said": "change", "line-1-day-1": "2026-03-01"},
    )  # fmt: skip
    today = browser.fill(
        browser.open(link), f"{link}/answer",
        **{"line-1-said": "change", "line-1-day-1": "2026-03-02"},
    )  # fmt: skip

    assert (late.status_code, today.status_code) == (422, 303)


def test_a_rejected_line_carries_its_reason_to_whoever_must_look(office: Posted) -> None:
    number = office.ordered()
    link, browser = office.link(), office.browser()

    browser.fill(
        browser.open(link), f"{link}/answer",
        **{"line-1-said": "reject", "line-1-note": "discontinued"},
    )  # fmt: skip
    office.house.settle()

    (kept,) = acknowledgments(office, number)
    assert kept["state"] == "rejected"
    assert kept["notes"] == [{"line": "1", "text": "discontinued"}]
    (case,) = cases_of(office, number, "REJECTED_LINE")
    assert "the supplier says: discontinued" in case["discrepancy"]["text"]


def test_a_line_is_answered_once_for_a_revision_and_the_rest_may_follow(office: Posted) -> None:
    number = office.ordered(TWO)
    link, browser = office.link(), office.browser()
    page = browser.open(link)

    first = browser.fill(page, f"{link}/answer", **{"line-1-said": "accept"})
    other = hidden_of(browser.open(link), f"{link}/answer")
    second = browser.send(
        f"{link}/answer", other | {"line-1-said": "reject", "line-1-note": "no more"}
    )
    rest = browser.fill(browser.open(link), f"{link}/answer", **{"line-2-said": "accept"})

    assert (first.status_code, second.status_code, rest.status_code) == (303, 409, 303)
    assert "line 1 of" in text_of(second.text)
    assert "is answered already" in text_of(second.text)
    assert order_of(office, number)["lines"][0]["answer"]["state"] == "full"


def test_an_answer_to_an_older_revision_is_told_and_never_applied(office: Posted) -> None:
    number = office.ordered(TWO)
    link, browser = office.link(), office.browser()
    page = browser.open(link)
    change = {
        "reason": "less is needed",
        "lines": [{"line": "1", "quantity": {"value": "7", "unit": "CA"}}],
    }
    path = f"/v1/purchase-orders/{number}/changes"
    assert office.house.post("ben", path, change).status == 201
    office.house.settle()

    stale = browser.fill(
        page, f"{link}/answer",
        **{"line-1-said": "change", "line-1-quantity-1": "8", "line-1-rest": "later",
           "line-1-note": "nearly"},
    )  # fmt: skip
    accepted = browser.fill(page, f"{link}/accept")
    told = text_of(stale.text)

    assert (stale.status_code, accepted.status_code) == (409, 409)
    assert "The order has changed while you were answering. Nothing was taken." in told
    assert 'value="8"' in stale.text
    assert "nearly" in stale.text
    assert re.search(r"7 cases\s*<del>.*9 cases", stale.text, re.DOTALL)
    assert acknowledgments(office, number) == []
    letters = office.mail.to(INBOX["BLUE"])
    assert letters[-1]["Subject"] == f"Order {number}, revision 2"
    assert "7 cases (was 9 cases)" in text_of_letter(letters[-1])
    again = browser.fill(browser.open(office.link()), f"{office.link()}/accept")
    assert again.status_code == 303


# ---- shipping and invoices --------------------------------------------------------------------


def test_a_shipment_is_prefilled_with_what_is_open_and_counts_once(office: Posted) -> None:
    number = office.ordered(TWO)
    link, browser = office.link(), office.browser()
    browser.fill(browser.open(link), f"{link}/accept")
    page = browser.open(link)

    assert re.search(r'name="ship-1" [^>]*value="9"', page)
    fields = {"shipment": "DN-77", "shipped": "2026-03-02", "expected": "2026-03-04",
              "ship-1": "5", "ship-2": ""}  # fmt: skip
    done = browser.fill(page, f"{link}/ship", **fields)
    office.house.settle()

    assert done.status_code == 303, text_of(done.text)
    rows = office.house.get("root", "/v1/ship-notices?limit=200")["rows"]
    (notice,) = [row for row in rows if row["order"] == number]
    assert [line["quantity"]["value"] for line in notice["lines"]] == ["60"]
    assert notice["order"] == number
    after = browser.open(link)
    assert re.search(r'name="ship-1" [^>]*value="4"', after)
    assert "DN-77" in text_of(after)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"shipment": ""}, "the number of your delivery note is wanted"),
        ({"shipment": "A/B"}, "the number of your delivery note is wanted"),
        ({"shipment": "A", "ship-1": "0"}, "no line ships anything"),
        ({"shipment": "A", "ship-1": "1", "shipped": "2026-03-05", "expected": "2026-03-04"},
         "can't arrive before it leaves"),
        ({"shipment": "A", "ship-1": "1", "ship-1-unit": "CA!"}, "is no unit"),
        ({"shipment": "A", "ship-99": "1", "ship-99-unit": "EA"}, "no line 99"),
    ],
)  # fmt: skip
def test_a_shipment_that_can_not_be_meant_is_refused(
    shared: Posted, fields: dict[str, str], told: str
) -> None:
    link, browser = shared.link(), shared.browser()

    refused = browser.fill(browser.open(link), f"{link}/ship", **fields)

    assert refused.status_code == 422
    assert told in text_of(refused.text)


def test_an_invoice_that_waits_is_told_with_its_reason_and_what_is_needed(office: Posted) -> None:
    desk, order = ordered(office.house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 20}))
    desk.drop(desk.invoice(order, "X-1"))
    office.house.post("ben", f"/v1/purchase-orders/{order.number}/link")
    office.house.settle()

    told = text_of(office.browser().open(office.link("ADLER")))

    assert "X-1" in told
    assert "It bills more than our warehouse has counted." in told
    assert "send us the proof of delivery" in told


# ---- whose it is ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Posted]:
    with posted(tmp_path_factory.mktemp("linked") / "home") as made:
        for supplier in INBOX:
            made.by_mail(supplier)
        made.ordered((("ANCHOR", "400"),))
        made.ordered((("SOLVENT", "60"),))
        made.ordered((("RELAY", "20"),))
        made.ordered(TWO)
        yield made


def test_every_suppliers_link_against_every_other_suppliers_order(shared: Posted) -> None:
    """Signed with our own key, and still: whose order it is, is asked of the order itself."""
    keys = shared.house.app.systems.link_keys.keys()
    orders = {str(row["id"]): str(row["supplier"]) for row in shared.orders()}
    links = {name: shared.link(name) for name in INBOX}
    claims = {
        name: read(path.removeprefix("/s/"), keys, Purpose.ORDER) for name, path in links.items()
    }
    tried = 0
    for name, own in claims.items():
        assert own is not None
        assert shared.browser().ask("GET", links[name]).status_code == 200
        for order, owner in orders.items():
            other = claims[owner]
            assert other is not None
            for forged in (
                type(own)(
                    **{f: getattr(own, f) for f in own.__slots__}
                    | {"subject": type(own.subject)("purchase-order", order)}
                ),
                type(own)(**{f: getattr(other, f) for f in own.__slots__} | {"bearer": name}),
            ):
                if forged in (own, other):
                    continue
                path = f"/s/{token(forged, keys)}"
                for method, address in (
                    ("GET", path), ("HEAD", path), ("POST", f"{path}/answer"),
                    ("POST", f"{path}/accept"), ("POST", f"{path}/ship"), ("POST", f"{path}/mail"),
                ):  # fmt: skip
                    answer = shared.browser().ask(method, address, headers=OURS)
                    assert answer.status_code == 404, (name, order, method, address)
                    assert order not in answer.text
                    tried += 1
    assert tried >= 40


def test_the_mail_with_another_link_goes_for_own_orders_to_the_own_address(
    shared: Posted,
) -> None:
    link, browser = shared.link("BLUE"), shared.browser()
    page = browser.open(link)
    mine = [row for row in shared.orders() if row["supplier"] == "BLUE"]
    hers = next(row for row in shared.orders() if row["supplier"] == "ADLER")
    sent = len(shared.mail.to(INBOX["BLUE"]))

    foreign = browser.fill(page, f"{link}/mail", order=str(hers["id"]))
    own = browser.fill(page, f"{link}/mail")
    twice = browser.fill(browser.open(link), f"{link}/mail")
    shared.house.settle()

    assert str(hers["id"]) not in page
    assert foreign.status_code == 422
    assert own.status_code == twice.status_code == 303
    assert len(mine) == 2
    assert len(shared.mail.to(INBOX["BLUE"])) == sent + 1


def test_a_supplier_sees_none_of_our_pages_and_no_rail(shared: Posted) -> None:
    page = shared.browser().open(shared.link())

    assert 'class="rail"' not in page
    assert "<script" not in page
    assert shared.browser().ask("GET", "/approvals").status_code == 303


# ---- links that open nothing --------------------------------------------------------------------


def altered(link: str) -> str:
    head, body, mark = link.split(".")
    other = "A" if body[20] != "A" else "B"
    return f"{head}.{body[:20]}{other}{body[21:]}.{mark}"


def test_an_altered_link_gets_a_kind_page_that_tells_nothing(shared: Posted) -> None:
    browser = shared.browser()
    for path in (altered(shared.link()), "/s/nonsense", "/s/" + "A" * 3000):
        answer = browser.ask("GET", path)

        assert answer.status_code == 404
        assert "This link does not work" in answer.text
        assert answer.text == browser.ask("GET", "/s/other").text


def test_a_link_expires_at_its_end_and_not_before(tmp_path: Path) -> None:
    with posted(tmp_path / "home") as office:
        office.by_mail("BLUE")
        office.ordered()
        _expires(office)


def _expires(office: Posted) -> None:
    link, browser, clock = office.link(), office.browser(), office.house.clock
    claims = read(
        link.removeprefix("/s/"), office.house.app.systems.link_keys.keys(), Purpose.ORDER
    )
    assert claims is not None

    clock.advance(claims.expires_at - timedelta(microseconds=1))
    good = browser.ask("GET", link)
    clock.advance(claims.expires_at)
    late = browser.ask("GET", link)

    assert good.status_code == 200
    assert late.status_code == 410
    assert "This link has expired" in late.text
    assert "you will be sent a new one" in late.text


def test_a_withdrawn_link_opens_nothing_and_a_new_one_does(office: Posted) -> None:
    number = office.ordered()
    link, browser = office.link(), office.browser()
    name = link_of(office, number)

    gone = office.house.post("ben", f"/v1/links/{name}/withdraw", {"reason": "wrong address"})
    closed = browser.ask("GET", link)
    posted_ = browser.ask("POST", f"{link}/accept", headers=OURS)
    office.house.post("ben", f"/v1/purchase-orders/{number}/link")
    office.house.settle()

    assert gone.status == 200
    assert (closed.status_code, posted_.status_code) == (410, 410)
    assert "This link was withdrawn" in closed.text
    assert browser.ask("GET", link).status_code == 410
    assert browser.ask("GET", office.link()).status_code == 200


def test_looking_changes_nothing(shared: Posted) -> None:
    before = shared.house.own("select count(*) from event")
    link = shared.link()

    for method in ("GET", "HEAD", "GET"):
        assert shared.browser().ask(method, link).status_code == 200
    for path in ("answer", "accept", "ship", "mail"):
        assert shared.browser().ask("GET", f"{link}/{path}").status_code == 405

    assert shared.house.own("select count(*) from event") == before


def test_a_page_behind_a_link_tells_its_address_to_nobody(shared: Posted) -> None:
    answer = shared.browser().ask("GET", shared.link())

    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.findall(r'(?:href|src|action)="(?!/|#)', answer.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(shared: Posted, headers: dict[str, str]) -> None:
    link, browser = shared.link(), shared.browser()
    hidden = hidden_of(browser.open(link), f"{link}/accept")

    assert browser.send(f"{link}/accept", hidden, headers).status_code == 403
    assert acknowledgments(shared) == []


def test_a_form_without_the_pages_word_is_refused(shared: Posted) -> None:
    link, browser = shared.link(), shared.browser()
    hidden = hidden_of(browser.open(link), f"{link}/accept")

    for word in ("", "0" * 40):
        assert browser.send(f"{link}/accept", hidden | {"word": word}).status_code == 403
    assert acknowledgments(shared) == []


def test_a_browser_that_tells_no_referrer_says_origin_null_and_is_served(office: Posted) -> None:
    office.ordered()
    link, browser = office.link(), office.browser()
    hidden = hidden_of(browser.open(link), f"{link}/accept")

    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.send(f"{link}/accept", hidden, headers).status_code == 303


def test_what_comes_from_masters_can_not_write_html_on_the_page(office: Posted) -> None:
    item = office.house.get("root", "/v1/items/ELBOW") | {"description": "<script>x</script>"}
    assert office.house.put("root", "/v1/items/ELBOW", item).status == 200
    office.ordered((("ELBOW", "24"),))

    page = office.browser().open(office.link())
    html = text_of_letter(office.mail.to(INBOX["BLUE"])[-1], "html")

    for text in (page, html):
        assert "<script>" not in text
        assert "&lt;script&gt;x&lt;/script&gt;" in text


def test_a_page_of_many_lines_asks_the_database_as_often_as_one_of_few(
    office: Posted, statements: list[str]
) -> None:
    def asked(link: str) -> int:
        browser: Browser = office.browser()
        browser.open(link)
        statements.clear()
        browser.open(link)
        return len(statements)

    office.ordered()
    few = asked(office.link())
    office.ordered((*TWO, ("ELBOW", "24"), ("FUSE", "10")))

    assert asked(office.link()) == few


@pytest.fixture
def statements(office: Posted) -> Iterator[list[str]]:
    from sqlalchemy import event  # noqa: PLC0415

    heard: list[str] = []

    def hear(*args: Any) -> None:
        heard.append(str(args[2]))

    engine = office.house.app.store.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


# ---- from the order's page --------------------------------------------------------------------


def test_a_buyer_mails_the_link_from_the_order_and_others_can_not(office: Posted) -> None:
    number = office.ordered()
    address = f"/orders/{number}"
    with_passwords(office.house, "ben", "ada")
    ben, ada = Browser(office.house), Browser(office.house)
    assert ben.sign_in("ben").status_code == ada.sign_in("ada").status_code == 303
    page = ben.open(address)
    before = len(office.mail.to(BLUE))

    done = ben.fill(page, f"{address}/link", **{"link-note": "the blue ones, please"})
    office.house.settle()

    assert done.headers["location"] == f"{address}?done=link"
    assert BLUE in text_of(page)
    letters = office.mail.to(BLUE)
    assert len(letters) == before + 1
    assert "the blue ones, please" in text_of_letter(letters[-1])
    assert "The supplier is mailed its link." in text_of(ben.open(f"{address}?done=link"))
    assert f'action="{address}/link"' not in ada.open(address)
    fields = hidden_of(page, f"{address}/link")
    assert ada.send(f"{address}/link", fields).status_code == 404
    assert len(office.mail.to(BLUE)) == before + 1
