"""The dock in a browser without script: what is expected, receiving it, and sending it back."""

import csv
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from manciple.app import dock
from manciple.app.dock import Day
from manciple.governance.people import Person, actor_of
from manciple.web.pages.docking import part_of
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered, raise_need
from tests.web.at_a_desk import Made, at_desk, made_once
from tests.web.signed_in import Browser, hidden_of, text_of


def furnish(house: Installation) -> None:
    """Two orders are on their way to Atlanta, the first of them announced, and one to Dallas."""
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order))
    desk.drop(desk.ship_notice(order, "S-1"))
    ordered(house, (("NUT", "200"),), supplier="ADLER")
    ordered(house, (("SOLVENT", "12"),), supplier="COBALT", who="rolf", site="DFW")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_once(tmp_path_factory.mktemp("dock") / "home", furnish)


@pytest.fixture(scope="module")
def full(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that tests of this file only read."""
    with made.copied(tmp_path_factory.mktemp("dock") / "read") as house:
        yield house


@pytest.fixture
def house(made: Made, tmp_path: Path) -> Iterator[Installation]:
    with made.copied(tmp_path / "home") as house:
        yield house


DAY = "2026-03-02"


def number(house: Installation, supplier: str) -> str:
    rows = house.get("root", "/v1/purchase-orders")["rows"]
    (found,) = (row["id"] for row in rows if row["supplier"] == supplier)
    return str(found)


def received(house: Installation) -> list[str]:
    return [row["id"] for row in house.get("root", "/v1/receipts")["rows"]]


def test_the_board_shows_what_is_expected_and_where_its_day_comes_from(
    full: Installation,
) -> None:
    page = at_desk(full, "walt").open("/inbound")

    told = text_of(page)
    blue, nuts = number(full, "BLUE"), number(full, "ADLER")
    assert page.index(f"/inbound/{blue}/receive") < page.index(f"/inbound/{nuts}/receive")
    assert "108 pieces VALVE announced" in told
    assert "200 pieces NUT no promise; the day it is needed" in told
    assert "announced since yesterday · answered since yesterday · shipment S-1" in told
    assert "Tue 3 Mar 2026" in told  # the truck comes tomorrow
    assert "SOLVENT" not in told  # another site's


def test_what_did_not_come_is_late_from_the_next_day_on(house: Installation) -> None:
    walt = at_desk(house, "walt")

    house.wait(hours=24)
    assert "Should have been here" not in walt.open("/inbound")  # it is the third of March
    house.wait(hours=24)

    told = text_of(walt.open("/inbound"))
    assert "Should have been here 1" in told
    assert "announced since yesterday" not in told


def folds(page: str) -> list[tuple[bool, str]]:
    """Give the days of the board: whether each stands open, and what its head says."""
    parts = re.findall(r"<details class=\"card folded\"([^>]*)>(.*?)</summary>", page, re.DOTALL)
    return [(" open" in marks, text_of(head).strip()) for marks, head in parts]


def test_days_after_today_are_folded_and_say_what_is_in_them(house: Installation) -> None:
    walt = at_desk(house, "walt")

    first = folds(walt.open("/inbound"))  # nothing comes today, so the next day stands open
    house.wait(hours=22)
    emergency = {"flow": "emergency", "cause": "the press stands still", "customer_order": "SO-7"}
    raise_need(house, (("FUSE", "20"),), **emergency)
    house.settle()
    second = folds(walt.open("/inbound"))

    told = "1 announced since yesterday 1 answered since yesterday 1 delivery · 2 lines"
    assert first == [
        (True, f"Tue 3 Mar 2026 {told}"),
        (False, "Thu 12 Mar 2026 1 delivery · 1 line"),
    ]
    assert second == [
        (True, f"Today · Tue 3 Mar 2026 {told}"),
        (False, "Thu 12 Mar 2026 1 delivery · 1 line"),
        (False, "Fri 13 Mar 2026 a customer waits 1 delivery · 1 line"),
    ]


def test_what_is_late_leaves_every_later_day_folded(house: Installation) -> None:
    house.wait(hours=48)

    page = at_desk(house, "walt").open("/inbound")

    assert "Should have been here" in page
    assert folds(page) == [(False, "Thu 12 Mar 2026 1 delivery · 1 line")]


def test_a_site_has_its_own_board(full: Installation) -> None:
    buyer = at_desk(full, "ben")

    assert "SOLVENT" in buyer.open("/inbound")
    dallas = buyer.open("/inbound?site=DFW")
    assert "SOLVENT" in dallas
    assert "VALVE" not in dallas
    assert "/receive" not in dallas  # a buyer looks on
    assert "Nothing is expected" in at_desk(full, "walt").open("/inbound?site=DFW")


def test_the_sheet_has_a_row_for_each_line(full: Installation) -> None:
    answer = at_desk(full, "walt").ask("GET", "/inbound.csv")

    rows = list(csv.reader(answer.content.decode("utf-8-sig").splitlines()))
    assert rows[0][:4] == ["Day", "Day from", "Late", "Site"]
    assert [(row[0], row[1], row[2], row[7], row[8], row[9]) for row in rows[1:]] == [
        ("2026-03-03", "announced", "no", "VALVE", "108", "108"),
        ("2026-03-03", "announced", "no", "RELAY", "20", "20"),
        ("2026-03-12", "needed", "no", "NUT", "200", "0"),
    ]


def test_the_dock_is_not_everybodys(full: Installation) -> None:
    order = number(full, "BLUE")

    assert at_desk(full, "wim").ask("GET", f"/inbound/{order}/receive").status_code == 404
    assert at_desk(full, "ben").ask("GET", f"/inbound/{order}/receive").status_code == 404
    assert at_desk(full, "ada").ask("GET", "/inbound").status_code == 404
    assert Browser(full).ask("GET", "/inbound").status_code == 303


def test_a_preview_says_what_would_be_put_aside_and_keeps_nothing(full: Installation) -> None:
    order = number(full, "BLUE")
    walt = at_desk(full, "walt")
    page = walt.open(f"/inbound/{order}/receive")
    hidden = f"/inbound/{order}/receive"
    assert (
        'name="good.1" inputmode="decimal" maxlength="20" autocomplete="off" value="108"' in page
    )

    fields = hidden_of(page, hidden) | {"receipt": "W-1", "received": "2026-03-02"}
    counted = {"good.1": "130", "damaged.1": "", "good.2": "18", "damaged.2": "2"}
    answer = walt.send(f"/inbound/{order}/preview", fields | counted)

    told = text_of(answer.text)
    assert answer.status_code == 200
    assert "VALVE: 108 pieces taken in · 22 pieces put aside" in told
    assert "2 pieces of it damaged and not accepted" in told
    assert "2 pieces arrived damaged and are not accepted" in told
    assert "Nothing more of this order would be expected." in told
    assert 'value="130"' in answer.text
    assert received(full) == []


def test_lines_that_are_complete_are_folded_below_those_that_are_not(house: Installation) -> None:
    order = number(house, "BLUE")
    walt, address = at_desk(house, "walt"), f"/inbound/{order}/receive"
    first = {"receipt": "W-1", "received": DAY, "good.1": "108", "good.2": "2"}

    before = walt.open(address)
    walt.fill(before, address, **first)
    house.settle()
    after = walt.open(address)
    above, folded, below = after.partition('<details class="option"><summary>1 line is complete')

    assert "line is complete" not in before
    assert folded
    assert 'name="good.2"' in above
    assert 'name="good.1"' not in above
    assert 'name="good.1"' in below
    walt.fill(after, address, **first | {"receipt": "W-2", "good.1": "", "good.2": "18"})
    house.settle()
    assert '<details class="option" open><summary>2 lines are complete' in walt.open(address)


def test_a_receipt_is_booked_once_however_often_its_form_is_sent(house: Installation) -> None:
    order = number(house, "BLUE")
    address = f"/inbound/{order}/receive"
    first, second = at_desk(house, "walt"), at_desk(house, "walt")
    page, late = first.open(address), second.open(address)
    counted = {"receipt": "W-1", "received": "2026-03-02", "good.1": "96", "damaged.1": "12",
               "good.2": "20"}  # fmt: skip

    done = first.fill(page, address, **counted)
    again = first.fill(page, address, **counted)
    stale = second.fill(late, address, **counted | {"receipt": "W-2", "good.1": "7"})

    assert done.status_code == again.status_code == 303
    assert stale.status_code == 409
    assert 'value="W-2"' in stale.text
    assert 'value="7"' in stale.text
    assert received(house) == ["W-1"]
    lines = house.get("root", "/v1/receipts/W-1")["lines"]
    assert [(each["received"]["value"], each["accepted"]["value"]) for each in lines] == [
        ("108", "96"),
        ("20", "20"),
    ]
    house.settle()
    assert len(cases(house, "SHORT_RECEIPT")) == 1
    assert order not in first.open("/inbound")


def test_another_item_is_aside_until_it_is_agreed_then_taken_in_and_has_its_own_fields(
    house: Installation,
) -> None:
    order = number(house, "BLUE")
    walt, address = at_desk(house, "walt"), f"/inbound/{order}/receive"
    first = {"receipt": "W-1", "received": "2026-03-02", "good.1": "92", "good.2": "20",
             "came.1": "ELBOW", "good.1.0": "8"}  # fmt: skip

    done = walt.fill(walt.open(address), address, **first)
    house.settle()
    terms = {"line": "1", "item": "ELBOW", "reason": "no valves before June"}
    agreed = house.post("ben", f"/v1/purchase-orders/{order}/substitutes", terms)
    house.settle()

    assert done.status_code == 303
    (case,) = cases(house, "SUBSTITUTION")
    assert "ELBOW came instead of VALVE" in case["discrepancy"]["text"]
    lines = house.get("root", "/v1/receipts/W-1")["lines"]
    booked = [(each["item"], each["came"], each["received"]["value"]) for each in lines]
    assert booked == [("VALVE", None, "92"), ("VALVE", "ELBOW", "0"), ("RELAY", None, "20")]
    assert lines[1]["quarantined"]["value"] == "0"
    (taken_in,) = house.get("root", "/v1/receipts/W-1+1")["lines"]
    assert (taken_in["came"], taken_in["received"]["value"]) == ("ELBOW", "8")
    assert agreed.status == 200, agreed.body
    page = walt.open(address)
    assert "Instead: ELBOW" in text_of(page)
    assert 'name="good.1.0"' in page
    assert 'name="good.1.1"' in page  # and yet another item
    second = {"receipt": "W-2", "received": "2026-03-02", "good.1": "", "good.2": "",
              "good.1.0": "8"}  # fmt: skip
    assert walt.fill(page, address, **second).status_code == 303
    (line,) = house.get("root", "/v1/receipts/W-2")["lines"]
    assert (line["came"], line["received"]["value"]) == ("ELBOW", "8")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"came.1": "BOLT"}, "BOLT came, and it is not said how many"),
        ({"good.1.0": "3"}, "which other item came is not said"),
        ({"came.1": "<b>", "good.1.0": "3"}, "&#39;&lt;b&gt;&#39; is no number of an item"),
        ({"came.1": "x" * 81, "good.1.0": "3"}, "is no number of an item"),
        ({"came.1": "BOLT", "damaged.1.0": "x"}, "line 1: x is no quantity"),
        ({"good.1": "a few"}, "line 1: a few is no quantity"),
        ({"good.1": "-3"}, "-3 pieces can&#39;t be received"),
        ({"good.1": "NaN"}, "line 1: NaN is no quantity"),
        ({"good.1": ""}, "at least one line"),
        ({"received": "yesterday"}, "the day was not understood"),
        ({"received": "2026-03-05"}, "has not come yet"),
        ({"receipt": " "}, "needs the warehouse&#39;s number"),
    ],
)
def test_a_refused_receipt_keeps_what_was_typed(
    full: Installation, typed: dict[str, str], words: str
) -> None:
    address = f"/inbound/{number(full, 'BLUE')}/receive"
    walt = at_desk(full, "walt")
    fields = {"receipt": "W-9", "received": "2026-03-02", "good.1": "5"} | typed

    answer = walt.fill(walt.open(address), address, **fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{typed.get("good.1", "5")}"' in answer.text
    assert received(full) == []


def statements(house: Installation, seen: list[str]) -> int:
    """Count what the board asks the database."""
    browser = at_desk(house, "walt")
    browser.open("/inbound")
    before = len(seen)
    browser.ask("GET", "/inbound", headers={"Cache-Control": "no-cache"})
    return sum(1 for each in seen[before:] if each.lstrip().lower().startswith("select"))


def test_a_board_of_many_orders_asks_the_database_as_often_as_one_of_few(
    made: Made, tmp_path: Path
) -> None:
    seen: list[str] = []

    def listen(driver: sqlite3.Connection, *_: object) -> None:
        driver.set_trace_callback(seen.append)

    sa.event.listen(sa.pool.Pool, "connect", listen)
    try:
        with installed(tmp_path / "few") as house:
            ordered(house, (("NUT", "200"),), supplier="ADLER")
            few = statements(house, seen)
        with made.copied(tmp_path / "many") as house:
            assert statements(house, seen) == few > 0
    finally:
        sa.event.remove(sa.pool.Pool, "connect", listen)


def test_goods_that_go_back_are_picked_and_shipped(house: Installation) -> None:
    order = number(house, "ADLER")
    house.count_at_dock("D1", order, {"1": 200})
    piece = {"line": "1", "quantity": {"value": "5", "unit": "EA"}}
    goods = {"order": order, "reason": "damaged", "lines": [piece]}
    back = house.post("walt", "/v1/returns", goods).body["id"]
    walt = at_desk(house, "walt")
    waiting = text_of(walt.open("/returns?state=requested"))
    assert "not there yet" in waiting
    assert (
        house.post("ben", f"/v1/returns/{back}/authorise", {"authorisation": "RMA-7"}).status
        == 200
    )

    page = walt.open("/returns")
    assert "RMA-7" in page
    future = walt.fill(page, f"/returns/{back}/pick", day="2026-04-01")
    picked = walt.fill(future.text, f"/returns/{back}/pick", day="2026-03-02")
    to_ship = walt.open(picked.headers["location"])
    shipped = walt.fill(to_ship, f"/returns/{back}/ship", day="2026-03-02", carrier="Oakline")

    assert future.status_code == 422
    assert "has not come yet" in future.text
    assert "It is off the shelf." in to_ship
    assert shipped.status_code == 303
    kept = house.get("ben", f"/v1/returns/{back}")
    assert (kept["state"], kept["carrier"], kept["picked"]) == ("shipped", "Oakline", "2026-03-02")
    assert back not in at_desk(house, "wim").open("/returns?state=shipped")


# ---- one's own request --------------------------------------------------------------------------


def own_of(house: Installation, supplier: str) -> tuple[str, str]:
    """Give a request and its order."""
    order = number(house, supplier)
    return str(house.get("root", f"/v1/purchase-orders/{order}")["requisition"]), order


def test_who_asked_for_it_counts_it_themselves_once(house: Installation) -> None:
    rita = at_desk(house, "rita")
    need, order = own_of(house, "ADLER")
    here = f"/requests/{need}/receive/{order}"

    asked = rita.open(f"/requests/{need}")
    page = rita.open(here)
    shown = text_of(page)
    preview = rita.fill(page, here, **{"good.1": "198", "damaged.1": "2", "received": DAY})
    bad = rita.fill(rita.open(here), here, **{"good.1": "many", "received": DAY})

    assert f'href="{here}"' in asked
    assert "may be taken in; what is above is put aside" in shown
    assert "ordered 200 pieces" in shown or "open 200 pieces" in shown
    assert preview.headers["location"] == f"/requests/{need}?done=receive"
    assert bad.status_code == 422
    assert "many is no quantity" in bad.text
    assert 'value="many"' in bad.text
    again = rita.fill(page, here, **{"good.1": "198", "damaged.1": "2", "received": DAY})
    assert again.status_code == 303, "the same form is booked once"
    (booked,) = received(house)
    kept = house.get("root", f"/v1/receipts/{booked}")
    assert kept["by"] == "rita"
    assert kept["lines"][0]["accepted"]["value"] == "198"


def test_what_would_be_too_much_is_shown_before_it_is_booked(full: Installation) -> None:
    rita = at_desk(full, "rita")
    need, order = own_of(full, "ADLER")
    here = f"/requests/{need}/receive/{order}"
    fields = hidden_of(rita.open(here), here)

    answer = rita.send(f"{here}/preview", fields | {"good.1": "900", "received": DAY})

    assert answer.status_code == 200
    assert "put aside" in text_of(answer.text)
    assert "Nothing is booked yet." in text_of(answer.text)
    assert received(full) == []


@pytest.mark.parametrize("who", ["rolf", "walt", "mona", "paul"])
def test_nobody_counts_what_another_asked_for(full: Installation, who: str) -> None:
    need, order = own_of(full, "ADLER")
    other, _ = own_of(full, "BLUE")

    assert at_desk(full, who).ask("GET", f"/requests/{need}/receive/{order}").status_code == 404
    rita = at_desk(full, "rita")
    assert rita.ask("GET", f"/requests/{other}/receive/{order}").status_code == 404


def test_the_rule_stands_behind_the_api_too(house: Installation) -> None:
    need, order = own_of(house, "ADLER")
    other, _ = own_of(house, "BLUE")
    line = {"line": "1", "quantity": {"value": "200", "unit": "EA"}}
    body = {"receipt": "R-1", "order": order, "site": "ATL", "received": DAY, "lines": [line]}

    theirs = house.post("paul", f"/v1/requisitions/{need}/receipts", body)
    astray = house.post("rita", f"/v1/requisitions/{other}/receipts", body, once="astray")
    unknown = house.post("rita", "/v1/requisitions/REQ-NONE/receipts", body, once="unknown")
    done = house.post("rita", f"/v1/requisitions/{need}/receipts", body, once="done")

    assert (theirs.status, theirs.codes) == (403, {"NOT_YOUR_REQUISITION"})
    assert astray.codes == {"ANOTHER_ORDER"}
    assert unknown.codes == {"UNKNOWN_REQUISITION"}
    assert done.status == 201, done.body
    assert received(house) == ["R-1"]


def test_a_long_board_is_shown_in_parts_and_counted_as_a_whole(full: Installation) -> None:
    person = full.app.peek(Person, "walt")
    assert person is not None
    board = dock.board(full.app, actor_of(person))
    one = (*board.late, *(each for day in board.days for each in day.arrivals))[0]
    second, third = (Day(day=date(2026, 3, n), arrivals=(one,) * m) for n, m in ((2, 2), (3, 1)))
    long = replace(board, late=(one, one), days=(second, third))

    def parts(start: int) -> tuple[int, list[tuple[int, int]]]:
        late, days = part_of(long, start, 3)
        return len(late), [(day.day.day, len(rows)) for day, rows in days]

    assert parts(0) == (2, [(2, 1)])
    assert parts(1) == (1, [(2, 2)])
    assert parts(3) == (0, [(2, 1), (3, 1)])
    assert parts(5) == (0, [])
