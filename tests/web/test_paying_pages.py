"""Accounts payable in a browser without script: what is held, why, and letting it go or back."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.api.installation import Installation, installed
from tests.scenarios.office import ordered
from tests.scenarios.test_paying_early import give_terms
from tests.web.at_a_desk import Made, at_desk, made_once
from tests.web.signed_in import Browser, text_of


def furnish(house: Installation) -> None:
    """Three invoices wait: dear and short, twice sent, and one that names no order of ours."""
    assert give_terms(house, "BLUE", {"text": "2/10 net 30"}) == 200
    desk, order = ordered(house)
    house.count_at_dock("D1", order.number, {"1": 96, "2": 20})
    desk.drop(desk.invoice(order, "B-1", prices={"1": "130.00"}))
    adler, nuts = ordered(house, (("NUT", "200"),), supplier="ADLER")
    house.count_at_dock("D2", nuts.number, {"1": 200})
    adler.drop(adler.invoice(nuts, "N-1"))
    house.wait(hours=1)
    adler.drop(adler.invoice(nuts, "n 1"))
    adler.drop(adler.invoice(nuts, "N-9", names="PO-NOBODY"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_once(tmp_path_factory.mktemp("payables") / "home", furnish)


@pytest.fixture(scope="module")
def full(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that tests of this file only read."""
    with made.copied(tmp_path_factory.mktemp("payables") / "read") as house:
        yield house


@pytest.fixture
def house(made: Made, tmp_path: Path) -> Iterator[Installation]:
    with made.copied(tmp_path / "home") as house:
        yield house


def invoice(house: Installation, number: str) -> str:
    rows = house.get("ada", "/v1/invoices")["rows"]
    (found,) = (row["id"] for row in rows if row["number"] == number)
    return str(found)


def shown(page: str) -> list[str]:
    """Give the numbers of the invoices on a page, in its order."""
    return re.findall(r'class="row-link" href="/invoices/[^"]*">([^<]*)<', page)


def test_the_queue_shows_what_is_at_stake_and_whose_turn_it_is(full: Installation) -> None:
    page = at_desk(full, "ada").open("/invoices")

    told = text_of(page)
    assert shown(page)[0] == "B-1"
    assert sorted(shown(page)) == ["B-1", "N-9", "n 1"]
    assert "1,670.00 USD" in told  # 9 cases at 130.00 and 2 at 200.00, B-1; 2 x 50.00 more
    assert "At risk 1,670.00 USD" in told
    assert "Discounts still to be had 31.40 USD" in told  # 2 % of 1570.00
    assert "until 2026-03-12" in told
    for words in ("All 3", "AP lead 1", "Buyer 2", "Warehouse lead 1"):
        assert words in told, words
    assert "terms unknown" in told


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("owner=buyer", ["B-1", "N-9"]),
        ("owner=buyer&code=PRICE", ["B-1"]),
        ("code=DUPLICATE", ["n 1"]),
        ("supplier=ADLER", ["n 1", "N-9"]),
        ("by=value", ["B-1", "n 1", "N-9"]),
        ("by=oldest", ["B-1", "n 1", "N-9"]),
        ("discount=risk", ["B-1"]),
        ("code=TAX", []),
    ],
)
def test_filters_live_in_the_address(full: Installation, query: str, numbers: list[str]) -> None:
    page = at_desk(full, "ada").open(f"/invoices?{query}")

    assert sorted(shown(page)) == sorted(numbers)
    if not numbers:
        assert "Show all that is held" in page


def test_the_tabs_of_a_clerk_count_discounts_at_risk_and_own_holds(full: Installation) -> None:
    desk = at_desk(full, "ada")

    assert "Discount at risk 1" in text_of(desk.open("/invoices"))
    assert "My holds 0" in text_of(desk.open("/invoices?discount=risk"))
    assert "Discount at risk" not in text_of(at_desk(full, "ben").open("/invoices"))
    lines = desk.open("/invoices.csv?discount=risk").splitlines()
    assert {line.split(",")[0] for line in lines[1:]} == {"B-1"}


def test_the_sheet_has_a_line_for_each_hold_of_the_filter(full: Installation) -> None:
    answer = at_desk(full, "ada").ask("GET", "/invoices.csv?supplier=BLUE")

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Invoice,Ours,Supplier,Orders,Credit note,Cause,Line,Difference")
    assert [line.split(",")[5:8] for line in lines[1:]] == [
        ["PRICE", "", "'+90 USD"],
        ["PRICE", "1", "'+90 USD"],
        ["QTY_RECEIVED", "1", "12 EA"],
    ]
    assert lines[1].endswith("1570.00,USD,31.4,2026-03-12,2026-03-02T15:00:00Z")


def test_mine_are_those_with_a_hold_of_mine(full: Installation) -> None:
    buyer = at_desk(full, "ben")

    assert sorted(shown(buyer.open("/invoices?whose=mine"))) == ["B-1", "N-9"]
    assert "More than was received" not in text_of(buyer.open("/invoices?whose=mine"))


def test_another_sites_warehouse_sees_none_of_it(full: Installation) -> None:
    dallas = at_desk(full, "wim")

    assert "B-1" not in shown(dallas.open("/invoices"))
    assert dallas.ask("GET", f"/invoices/{invoice(full, 'B-1')}").status_code == 404
    assert at_desk(full, "paul").ask("GET", "/invoices").status_code == 404
    assert Browser(full).ask("GET", "/invoices").status_code == 303


def test_a_cursor_that_is_none_of_ours_is_told(full: Installation) -> None:
    assert at_desk(full, "ada").ask("GET", "/invoices?after=x").status_code == 422


def test_the_match_stands_side_by_side_with_its_arithmetic(full: Installation) -> None:
    page = at_desk(full, "ada").open(f"/invoices/{invoice(full, 'B-1')}")

    told = text_of(page)
    for words in (
        "9 cases x 12 = 108 pieces",  # ordered
        "108 pieces x 10 = 1080 USD",
        "96 pieces x 10 = 960 USD",  # received and kept
        "108 pieces x ~10.833333 = 1170 USD",  # billed
        "96 pieces kept, 96 pieces billed by this invoice",
        "Price variance 90.00 USD + quantity variance 120.00 USD = 210.00 USD",
        "tolerances 2026-01, row r02 · set for category",
        "match kind 2026-01",
        "Turn of Buyer",
        "Turn of Warehouse lead",
        "The missing goods are received: the next receipt matches again by itself",
    ):
        assert words in told, words
    assert "Only its owner may release it: Buyer." in told
    assert "/release" not in page


def test_what_must_be_looked_at_comes_first_and_what_agrees_is_folded(full: Installation) -> None:
    page = at_desk(full, "ada").open(f"/invoices/{invoice(full, 'B-1')}")

    open_lines = re.findall(r'<section class="card" aria-labelledby="line-(\d+)">', page)
    folded = re.findall(
        r'<details class="card folded">\s*<summary[^>]*><h2 id="line-(\d+)">', page
    )
    assert (open_lines, folded) == (["1"], ["2"])
    assert page.index('id="line-1"') < page.index('id="line-2"')


def test_the_owner_releases_and_the_other_hold_stays(house: Installation) -> None:
    number = invoice(house, "B-1")
    buyer = at_desk(house, "ben")
    address = f"/invoices/{number}/release"
    page = buyer.open(f"/invoices/{number}")

    empty = buyer.fill(page, address, reason=" ")
    done = buyer.fill(empty.text, address, reason="the agreement allows it")
    again = buyer.fill(empty.text, address, reason="the agreement allows it")

    assert empty.status_code == 422
    assert "It is cleared when" in empty.text
    assert done.status_code == again.status_code == 303
    told = text_of(buyer.open(done.headers["location"]))
    assert "The hold was released." in told
    assert "Released by ben" in told
    kept = house.get("ada", f"/v1/invoices/{number}")
    assert kept["state"] == "held"
    assert len(kept["releases"]) == 1

    page = buyer.open(f"/invoices/{number}")
    buyer.fill(page, address, reason="the agreement allows it")
    house.count_at_dock("D3", kept["orders"][0], {"1": 12})
    assert house.get("ada", f"/v1/invoices/{number}")["state"] in {"payable", "posted"}


def test_nobody_releases_what_is_not_theirs(house: Installation) -> None:
    number = invoice(house, "B-1")
    clerk = at_desk(house, "ada")
    page = clerk.open(f"/invoices/{number}")
    fields = {"code": "PRICE", "line": "1", "reason": "my <b>words</b>"}
    word = re.findall(r'name="word" value="([0-9a-f]+)"', page)[0]

    answer = clerk.send(
        f"/invoices/{number}/release", fields | {"word": word, "key": "0123456789abcdef"}
    )

    assert answer.status_code in {403, 422}
    assert "belongs to the buyer, not to ada" in text_of(answer.text)
    assert house.get("ada", f"/v1/invoices/{number}")["releases"] == []


def test_a_clerk_sends_a_paper_back_and_a_second_one_comes_late(house: Installation) -> None:
    number = invoice(house, "B-1")
    address = f"/invoices/{number}/reject"
    first, second = at_desk(house, "ada"), at_desk(house, "luis")
    late = second.open(f"/invoices/{number}")

    empty = first.fill(first.open(f"/invoices/{number}"), address, why="")
    assert empty.status_code == 422
    done = first.fill(empty.text, address, why="priced above the agreement")
    refused = second.fill(late, address, why="my own words")

    assert done.status_code == 303
    assert refused.status_code == 409
    assert "Nothing was changed." in refused.text
    assert house.get("ada", f"/v1/invoices/{number}")["state"] == "rejected"
    assert "priced above the agreement" in first.open(f"/invoices/{number}")


def test_a_line_that_nobody_could_place_is_given_its_order_line(house: Installation) -> None:
    number = invoice(house, "N-9")
    buyer = at_desk(house, "ben")
    page = buyer.open(f"/invoices/{number}")
    address = f"/invoices/{number}/assign"
    (order,) = {row["orders"][0] for row in house.get("ada", "/v1/invoices")["rows"]
                if row["number"] == "N-1"}  # fmt: skip

    wrong = buyer.fill(page, address, place="nonsense")
    unknown = buyer.fill(wrong.text, address, place="PO-NONE/1")
    done = buyer.fill(unknown.text, address, place=f"{order}/1", note="they lost the number")

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert 'value="nonsense"' in wrong.text
    assert done.status_code == 303
    line = house.get("ada", f"/v1/invoices/{number}")["lines"][0]
    assert (line["place"]["order"], line["assigned_by"]) == (order, "ben")


def statements(house: Installation, seen: list[str], path: str) -> int:
    """Count what a page asks the database, the reader's rights left out."""
    browser = at_desk(house, "ada")
    browser.open(path)
    before = len(seen)
    browser.ask("GET", path, headers={"Cache-Control": "no-cache"})
    return sum(1 for each in seen[before:] if each.lstrip().lower().startswith("select"))


@pytest.fixture
def seen() -> Iterator[list[str]]:
    """Give every statement that databases opened from now on are asked."""
    told: list[str] = []

    def listen(driver: sqlite3.Connection, *_: object) -> None:
        driver.set_trace_callback(told.append)

    sa.event.listen(sa.pool.Pool, "connect", listen)
    yield told
    sa.event.remove(sa.pool.Pool, "connect", listen)


def test_pages_of_many_ask_the_database_as_often_as_those_of_few(
    made: Made, seen: list[str], tmp_path: Path
) -> None:
    with installed(tmp_path / "few") as few:
        desk, order = ordered(few, (("ANCHOR", "400"),), supplier="ADLER")
        desk.drop(desk.invoice(order, "B-1"))
        queue = statements(few, seen, "/invoices")
        one = statements(few, seen, f"/invoices/{invoice(few, 'B-1')}")

    with made.copied(tmp_path / "many") as many:
        assert statements(many, seen, "/invoices") == queue > 0
        assert statements(many, seen, f"/invoices/{invoice(many, 'B-1')}") == one > 0


def test_paper_carries_number_and_day_on_each_page(full: Installation) -> None:
    desk = at_desk(full, "ada")

    head = desk.open(f"/invoices/{invoice(full, 'B-1')}").partition('class="print-head"')[2]

    told = text_of(head.partition("</div>")[0])
    assert "Invoice B-1 · BLUE" in told
    assert "printed 2 Mar 2026" in told
