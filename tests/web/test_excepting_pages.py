"""An exception in a browser without script: the queue, why it stands there, settling it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from manciple.app import kept
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered
from tests.web.signed_in import Browser, text_of, with_passwords


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield with_passwords(made, "paul", "ben", "rolf")


@pytest.fixture
def short(house: Installation) -> str:
    """A supplier confirms 300 of 400; gives the exception."""
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 15}))
    return str(cases(house, "SHORTAGE")[0]["id"])


def at_work(house: Installation, name: str) -> Browser:
    browser = Browser(house)
    assert browser.sign_in(name).status_code == 303
    return browser


def test_the_queue_tells_why_a_line_stands_where_it_stands(
    house: Installation, short: str
) -> None:
    page = at_work(house, "paul").open("/exceptions")

    told = text_of(page)
    assert f"/exceptions/{short}" in page
    assert "points a minute" in told
    assert "not known" in told  # nobody tells the stock: unknown is told, and is not zero


@pytest.mark.parametrize("order", ["impact", "due", "oldest"])
def test_every_order_and_type_of_the_queue_opens(
    house: Installation, short: str, order: str
) -> None:
    browser = at_work(house, "paul")

    page = browser.open(f"/exceptions?whose=all&order={order}&code=SHORTAGE")
    none = browser.open(f"/exceptions?whose=all&order={order}&code=UNREADABLE")

    assert short in page
    assert short not in none
    assert browser.ask("GET", "/exceptions?order=chance").status_code == 422


def test_the_page_shows_the_playbook_and_settling_it_acts(house: Installation, short: str) -> None:
    browser = at_work(house, "paul")
    page = browser.open(f"/exceptions/{short}")
    told = text_of(page)

    answer = browser.fill(
        page, f"/exceptions/{short}/resolve", resolution="cancel_remainder", note="enough",
        minutes="7", root_cause="SUPPLIER_SHORT",
    )  # fmt: skip

    assert "400 pieces" in told
    assert "It costs" in told
    assert answer.headers["location"] == f"/exceptions?done={short}"
    case = house.get("root", f"/v1/exceptions/{short}")
    assert case["resolution"]["kind"] == "cancel_remainder"
    assert case["work"]["minutes"] == "7"
    order = house.get("root", f"/v1/purchase-orders/{case['subject']['id']}")
    assert order["revision"] == 2
    assert "by paul" in text_of(browser.open(f"/exceptions/{short}"))


def test_what_was_typed_stays_when_it_is_refused(house: Installation, short: str) -> None:
    browser = at_work(house, "paul")
    page = browser.open(f"/exceptions/{short}")

    answer = browser.fill(
        page, f"/exceptions/{short}/resolve", resolution="accept", note="my words", minutes="x"
    )

    assert answer.status_code == 422
    assert "x is no number of minutes" in answer.text
    assert "my words" in answer.text
    assert house.get("root", f"/v1/exceptions/{short}")["state"] == "open"


def test_taking_giving_and_reopening(house: Installation, short: str) -> None:
    browser = at_work(house, "paul")

    def send(name: str, **fields: str) -> int:
        page = browser.open(f"/exceptions/{short}")
        return browser.fill(page, f"/exceptions/{short}/{name}", **fields).status_code

    assert send("take") == 303
    assert house.get("root", f"/v1/exceptions/{short}")["owner"] == "paul"
    assert send("turn", turn="supplier") == 303
    assert send("give", owner="nobody") in {404, 409, 422}
    assert send("resolve", resolution="await_balance", note="it comes") == 303
    assert send("reopen", note="it does not") == 303
    assert house.get("root", f"/v1/exceptions/{short}")["reopened"] == 1


def test_an_exception_of_another_site_is_not_there(house: Installation, short: str) -> None:
    browser = at_work(house, "rolf")

    assert browser.ask("GET", f"/exceptions/{short}").status_code == 404
    assert short not in browser.open("/exceptions?whose=all")


def test_a_queue_that_is_kept_in_order_shows_what_is_new_and_not_what_is_settled(
    house: Installation, short: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "ENOUGH", 1)  # as if there were thousands
    browser = at_work(house, "paul")
    before = browser.open("/exceptions")
    page = browser.open(f"/exceptions/{short}")
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 15}))
    (new,) = (str(case["id"]) for case in cases(house, "SHORTAGE") if case["id"] != short)

    both = browser.open("/exceptions")
    settled = browser.fill(
        page, f"/exceptions/{short}/resolve", resolution="await_balance", note="it comes",
        minutes="7", root_cause="SUPPLIER_SHORT",
    )  # fmt: skip
    after = browser.open("/exceptions")

    assert settled.status_code == 303
    assert [short in each for each in (before, both, after)] == [True, True, False]
    assert [new in each for each in (before, both, after)] == [False, True, True]
    assert "1 open exception" in text_of(after)


def test_a_long_queue_asks_no_more_than_a_short_one(tmp_path: Path) -> None:
    seen: list[str] = []

    def listen(driver: sqlite3.Connection, *_: object) -> None:
        driver.set_trace_callback(seen.append)

    def asked(browser: Browser) -> int:
        browser.open("/exceptions")  # what a first look alone asks
        seen.clear()
        browser.ask("GET", "/exceptions", headers={"Cache-Control": "no-cache"})
        return sum(each.lstrip().lower().startswith("select") for each in seen)

    sa.event.listen(sa.pool.Pool, "connect", listen)
    try:
        with installed(tmp_path / "home") as made:
            browser = at_work(with_passwords(made, "paul"), "paul")
            counts = []
            for lines in ((("ANCHOR", "400"),), (("ANCHOR", "400"), ("NUT", "400"))):
                desk, order = ordered(made, lines, supplier="ADLER")
                desk.drop(desk.acknowledgment(order, dict.fromkeys(map(str, range(1, 3)), 15)))
                counts.append(asked(browser))
    finally:
        sa.event.remove(sa.pool.Pool, "connect", listen)

    assert counts[0] == counts[1] > 0
