"""The line board in a browser without script: tabs, filters, pages, reminding, expediting."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
import sqlalchemy as sa

from manciple.adapters.sql.engine import open_engine
from manciple.adapters.sql.lines import SqlLines
from manciple.adapters.sql.migrations import versions as migrations
from manciple.intelligence.lines import BoardQuery, BoardRow, Tab
from manciple.runtime.queries import EVERYTHING
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered
from tests.web.buyers_day import Day, at_work, buyers_day
from tests.web.signed_in import Browser, hidden_of, text_of

TABS = ("release", "unanswered", "changed", "soon", "late", "all")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One day for all: what tests do here moves no line to another tab."""
    with installed(tmp_path_factory.mktemp("day") / "home") as made:
        yield buyers_day(made)


def counts_on(page: str) -> tuple[int, ...]:
    found = re.findall(r'class="tab-count[^"]*">([0-9,]+)<', page)
    return tuple(int(each.replace(",", "")) for each in found)


def lines_on(page: str) -> list[str]:
    return re.findall(r'id="line-([^"]+)"', page)


# ---- what stands on it --------------------------------------------------------------------------


def test_every_line_stands_in_the_tab_of_what_must_happen_to_it(day: Day) -> None:
    browser = at_work(day.house)

    shown = {tab: lines_on(browser.open(f"/lines?tab={tab}")) for tab in TABS}

    assert shown["release"] == [f"{day.refused}/1"]
    assert shown["unanswered"] == [f"{day.silent}/1"]
    assert shown["changed"] == [f"{day.short}/1", f"{day.dear}/1", f"{day.dear}/2"]
    assert (shown["soon"], shown["late"]) == ([], [])
    assert sorted(shown["all"]) == sorted(
        [*shown["release"], *shown["unanswered"], *shown["changed"], f"{day.agreed}/1"]
    )
    assert counts_on(browser.open("/lines")) == (1, 1, 3, 0, 0, 6)


def test_a_row_tells_promise_against_need_and_whose_turn_it_is(day: Day) -> None:
    told = text_of(at_work(day.house).open("/lines?tab=changed"))

    # all 400 are still to come
    assert "400 pieces Thu 12 Mar Thu 12 Mar planner" in told
    assert "120 pieces Thu 12 Mar Thu 2 Apr +21 days" in told
    refused = text_of(at_work(day.house).open("/lines?tab=release"))
    (case,) = cases(day.house, "ERP_REJECTED")
    assert f"none yet {case['owner_role'].replace('_', ' ')}" in refused
    assert "refused by the ERP" in refused


def test_filters_narrow_rows_and_counts_alike_and_stand_in_the_address(day: Day) -> None:
    browser = at_work(day.house)

    adler = browser.open("/lines?tab=all&supplier=ADLER")
    found = browser.open("/lines?tab=all&q=bl-valve")
    number = browser.open(f"/lines?tab=all&q={day.silent}")
    wild = browser.open("/lines?tab=all&q=%25")
    nowhere = browser.open("/lines?tab=all&site=DFW")

    assert counts_on(adler) == (1, 0, 1, 0, 0, 2)
    assert lines_on(found) == [f"{day.dear}/1"]
    assert lines_on(number) == [f"{day.silent}/1"]
    assert lines_on(wild) == []  # a percent sign is a percent sign
    assert counts_on(nowhere) == (0, 0, 0, 0, 0, 0)
    assert "/lines?tab=late&amp;supplier=ADLER" in adler
    assert "Nothing fits these filters" in text_of(nowhere)


def test_the_sheet_holds_what_the_page_shows(day: Day) -> None:
    browser = at_work(day.house)
    page = browser.open("/lines?tab=changed&supplier=BLUE")
    (link,) = re.findall(r'href="(/lines\.csv[^"]*)"', page)

    rows = list(csv.reader(browser.open(unescape(link)).lstrip("\ufeff").splitlines()))

    assert [f"{row[0]}/{row[1]}" for row in rows[1:]] == lines_on(page)
    assert rows[1][2:13] == [
        "VALVE", "valve of a kind", "BLUE", "ATL", "120", "120", "EA",
        "2026-03-12", "2026-04-02", "21", "planner",
    ]  # fmt: skip
    assert at_work(day.house, "ada").ask("GET", "/lines.csv").status_code == 404


def test_a_buyer_stands_for_the_lines_of_their_sites(day: Day) -> None:
    house = day.house
    person = {"name": "Bea", "email": "bea@example.com", "roles": ["buyer"], "sites": ["DFW"]}
    assert house.put("root", "/v1/people/bea", person).status in {200, 201}
    browser = at_work(house)

    assert counts_on(browser.open("/lines?buyer=ben"))[-1] == 6  # ben works for every site
    assert counts_on(browser.open("/lines?buyer=bea"))[-1] == 0
    assert counts_on(browser.open("/lines?buyer=nobody"))[-1] == 0


def test_the_board_is_for_who_buys_and_within_their_sites(day: Day) -> None:
    house = day.house

    assert at_work(house, "paul").ask("GET", "/lines").status_code == 200
    assert at_work(house, "eva").ask("GET", "/lines").status_code == 200
    assert at_work(house, "ada").ask("GET", "/lines").status_code == 404
    assert at_work(house, "rolf").ask("GET", "/lines").status_code == 404
    assert Browser(house).ask("GET", "/lines").headers["location"].startswith("/sign-in")
    assert 'formaction="/lines/ask"' not in at_work(house, "eva").open("/lines?tab=all")


def test_bad_input_is_refused(day: Day) -> None:
    browser = at_work(day.house)

    assert browser.ask("GET", "/lines?tab=maybe").status_code == 422
    for cursor in ("x", "12", "~", "99999999999999999999~line:x", "-1~line:x", "%C2%B2~a"):
        assert browser.ask("GET", f"/lines?after={cursor}").status_code == 404, cursor
    assert browser.send("/lines/ask", {"line": "x"}).status_code == 403


def test_the_last_word_of_a_page_is_where_the_next_begins(day: Day) -> None:
    board, now = day.house.app.lines, day.house.clock.now()
    query = BoardQuery(tab=Tab.ALL)
    whole = board.page(query, scope=EVERYTHING, now=now, after=None, limit=50).rows

    seen: list[BoardRow] = []
    after = None
    while True:
        page = board.page(query, scope=EVERYTHING, now=now, after=after, limit=2)
        seen += page.rows
        after = page.after
        if after is None:
            break

    assert tuple(seen) == whole
    assert len(whole) == 6


def statements(day: Day, limit: int) -> int:
    """Count the statements behind a page, on a connection of its own."""
    engine = open_engine(str(day.house.app.store.engine.url), pool_size=1, max_overflow=0)
    count = 0

    def heard(text: str) -> None:
        nonlocal count
        count += text.lower().startswith("select")

    with engine.connect() as db:
        driver: Any = db.connection.driver_connection
        driver.set_trace_callback(heard)
    now = day.house.clock.now()
    SqlLines(engine).page(BoardQuery(), scope=EVERYTHING, now=now, after=None, limit=limit)
    engine.dispose()
    return count


def test_a_page_of_many_lines_asks_no_more_than_a_page_of_one(day: Day) -> None:
    assert statements(day, 1) == statements(day, 50) == 4


# ---- what is done from it -----------------------------------------------------------------------


def test_the_clock_of_the_site_makes_a_line_late(day: Day) -> None:
    """Needed on 12 March in Atlanta: late from midnight there, 13 March 04:00 UTC, on."""
    board = day.house.app.lines
    query = BoardQuery(tab=Tab.LATE)

    def late(now: datetime) -> int:
        return board.counts(query, scope=EVERYTHING, now=now)[Tab.LATE]

    midnight = datetime(2026, 3, 13, 4, tzinfo=UTC)
    assert (late(midnight - timedelta(microseconds=1)), late(midnight)) == (0, 4)
    rows = board.page(query, scope=EVERYTHING, now=midnight, after=None, limit=50).rows
    assert {row.order for row in rows} == {day.short, day.agreed, day.silent, day.refused}
    soon = board.counts(query, scope=EVERYTHING, now=midnight - timedelta(days=7))[Tab.SOON]
    never = midnight - timedelta(days=7, microseconds=1)
    assert (soon, board.counts(query, scope=EVERYTHING, now=never)[Tab.SOON]) == (4, 0)


def test_the_chosen_suppliers_are_reminded_once_for_each_order(day: Day) -> None:
    house, browser = day.house, at_work(day.house)
    page = browser.open("/lines?tab=all")
    fields = hidden_of(page, "/lines/ask") | {"line": f"{day.silent}/1"}

    first = browser.send("/lines/ask", fields)
    again = browser.send("/lines/ask", fields)
    assert first.headers["location"] == again.headers["location"] == "/lines?tab=all&done=1"
    asked = house.own("select count(*) from event where type = 'SupplierAsked'")
    assert asked == [(1,)]

    page = browser.open("/lines?tab=all")
    fields = hidden_of(page, "/lines/ask") | {"line": f"{day.agreed}/1"}
    nothing = browser.send("/lines/ask", fields)
    assert nothing.status_code == 422
    assert "owes nothing" in text_of(nothing.text)
    assert f'value="{day.agreed}/1" aria-label="Choose {day.agreed}/1" checked' in (nothing.text)


def test_hurrying_what_is_neither_late_nor_overdue_needs_a_reason(day: Day) -> None:
    house, browser = day.house, at_work(day.house)

    def send(**more: str) -> tuple[int, str]:
        page = browser.open("/lines?tab=unanswered")
        fields = hidden_of(page, "/lines/ask") | {"line": f"{day.silent}/1"} | more
        answer = browser.send("/lines/expedite", fields)
        return answer.status_code, text_of(answer.text)

    assert send()[0] == 422
    assert "12x is no amount" in send(cost="12x", cause="supplier_late")[1]
    assert "no cause was chosen" in send(cost="12", cause="whim")[1]
    assert "neither late nor past" in send(cost="12.50", cause="supplier_late")[1]
    assert send(cost="12.50", cause="supplier_late", override="the crane waits")[0] == 303
    (kept,) = house.get("ben", "/v1/expedites")["rows"]
    assert kept["hurries"][0]["cost"] == {"amount": "12.50", "currency": "USD"}
    assert kept["hurries"][0]["override"] == "the crane waits"


def test_postgresql_tells_the_same(postgres_url: str, tmp_path: Path) -> None:
    with installed(tmp_path, postgres_url) as house:
        desk, order = ordered(house, (("VALVE", "120"), ("FUSE", "20")))
        desk.drop(desk.acknowledgment(order, {"1": 5}))
        board, now = house.app.lines, house.clock.now()
        query = BoardQuery(tab=Tab.CHANGED, supplier="BLUE", sites=("ATL",), text="bl-VALVE")

        page = board.page(query, scope=EVERYTHING, now=now, after=None, limit=1)
        counts = board.counts(query, scope=EVERYTHING, now=now)

        assert [(row.line, str(row.open), row.turn) for row in page.rows] == [
            ("1", "120 EA", "planner")
        ]
        assert (counts[Tab.CHANGED], counts[Tab.ALL], page.after) == (1, 1, None)
        assert board.facets(scope=EVERYTHING).suppliers == ("BLUE",)
        filled_as_kept(house)


def test_what_was_open_before_the_board_was_kept_stands_on_it_after_migrating(day: Day) -> None:
    assert filled_as_kept(day.house) == 9


def filled_as_kept(house: Installation) -> int:
    """Empty the worklists and have the migration fill them, then take it back; gives the rows."""
    columns = "id, list, subject, title, role, due_at, site, supplier, priority, state"
    sql = f"select {columns} from task where list in ('line', 'proposal') order by id"
    before = house.own(sql)
    (path,) = Path(migrations.__file__).parent.glob("*_line_board.py")
    revision = run_path(str(path))
    with house.app.store.engine.connect() as db:
        db.execute(sa.text("delete from task where list in ('line', 'proposal')"))
        revision["fill"](db)
        after = [tuple(row) for row in db.execute(sa.text(sql))]
        db.rollback()
    assert after == before
    return len(after)
