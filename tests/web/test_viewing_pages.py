"""Saved views: named, ordered, dropped, shared with a role; a link shows each their own rows."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from manciple.runtime.narrowing import Narrow, Tally
from manciple.runtime.queries import Scope
from manciple.runtime.rows import moment
from manciple.web.pages.approving import within
from tests.api.installation import Installation, installed
from tests.databases import KINDS, database
from tests.scenarios.office import open_step, raise_need
from tests.web.at_a_desk import Keyed, at_desk
from tests.web.signed_in import text_of

TICK = timedelta(microseconds=1)
PRESETS = {"Overdue", "Due within a day", "Low risk", "Discount at risk", "My holds"}


@pytest.fixture(scope="module", params=KINDS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("views")
    home = folder / "home"
    home.mkdir()
    with database(request.param, folder) as url, installed(home, url) as made:
        yield made


def save(browser: Keyed, where: str, name: str, **more: str) -> int:
    page = browser.open(where)
    action = f"/views/{where.strip('/').partition('?')[0]}"
    return browser.fill(page, action, name=name, **more).status_code


def tabs(page: str) -> list[str]:
    if 'aria-label="Saved views"' not in page:
        return []
    inner = page.partition('aria-label="Saved views"')[2].partition("</nav>")[0]
    inner = re.sub(r' <b class="tab-count">[^<]*</b>', "", inner)
    found = [text_of(f"<a {each}").strip() for each in inner.split("<a ")[1:]]
    return [each for each in found if each not in PRESETS]


def counts(page: str) -> dict[str, str]:
    """Give what the tabs of views count, by name."""
    inner = page.partition('aria-label="Saved views"')[2].partition("</nav>")[0]
    told = re.findall(r">([^<>]+) <b class=\"tab-count\">([^<]*)</b>", inner)
    return dict(told)


def test_a_view_is_kept_shown_as_a_tab_and_put_first_and_dropped(house: Installation) -> None:
    ben = at_desk(house, "ben")
    where = "/lines?tab=late&supplier=ADLER"
    assert save(ben, where, "Late at Adler") == 303
    assert save(ben, "/lines?tab=all", "Everything") == 303
    page = ben.open(where)

    assert tabs(page) == ["Late at Adler", "Everything"]
    assert 'href="/lines?tab=late&amp;supplier=ADLER" aria-current="page"' in page
    everything = ben.open("/lines?tab=all")
    ben.fill(everything, "/views/lines/drop")  # the same form puts first or drops
    assert tabs(ben.open(where)) == ["Late at Adler"]
    assert tabs(at_desk(house, "anna").open("/exceptions")) == []


def test_a_shared_view_is_there_for_whoever_holds_the_role(house: Installation) -> None:
    anna = at_desk(house, "anna")

    assert save(anna, "/approvals?whose=all", "All of us", role="approver") == 303
    assert save(anna, "/approvals?whose=mine", "Mine alone") == 303

    page = at_desk(house, "alec").open("/approvals")
    assert tabs(page) == ["All of us for every approver"]
    assert 'href="/approvals?whose=all"' in page
    assert tabs(at_desk(house, "ben").open("/approvals")) == []
    assert tabs(anna.open("/approvals")) == ["Mine alone", "All of us for every approver"]


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({"name": ""}, 422, "1 to 40 characters"),
        ({"name": "x" * 41}, 422, "1 to 40 characters"),
        ({"name": "x" * 40}, 303, ""),
        ({"name": "For others", "role": "ap_clerk"}, 422, "ben is no ap_clerk"),
        ({"name": "For nobody", "role": "king"}, 422, "king is no role"),
    ],
)
def test_a_refused_view_keeps_what_was_typed(
    house: Installation, fields: dict[str, str], status: int, says: str
) -> None:
    ben = at_desk(house, "ben")

    answer = ben.fill(ben.open("/proposals"), "/views/proposals", **fields)

    assert answer.status_code == status, answer.text
    assert says in text_of(answer.text)
    if status != 303:
        assert f'value="{fields["name"]}"' in answer.text


def test_twenty_are_the_most_and_the_same_name_takes_its_place(house: Installation) -> None:
    body = {"list": "returns", "views": [{"name": f"View {n}"} for n in range(20)]}
    assert house.post("ben", "/v1/views", body).status == 201
    ben = at_desk(house, "ben")

    assert ben.fill(ben.open("/returns"), "/views/returns", name="One more").status_code == 422
    assert ben.fill(ben.open("/returns"), "/views/returns", name="VIEW 3").status_code == 303
    assert tabs(ben.open("/returns"))[3] == "VIEW 3"
    twice = {"list": "returns", "views": [{"name": "A"}, {"name": "a"}]}
    assert house.post("ben", "/v1/views", twice).codes == {"NAME_TAKEN"}
    strange = {"list": "returns", "views": [{"name": "A", "query": "after=1"}]}
    assert house.post("ben", "/v1/views", strange).codes == {"BAD_VALUE"}
    assert house.post("ben", "/v1/views", {"list": "moon", "views": []}).codes == {"NO_SUCH_LIST"}


def task(house: Installation, name: str, **more: object) -> None:
    """Put a row on a worklist of the test's own."""
    row = {"list": "made-up", "site": "ATL", "owner": None, "role": "planner", "due": 100} | more
    sql = sa.text(
        "insert into task (id, list, subject, title, role, owner, opened_at, due_at, site, "
        "supplier, priority, state) values (:id, :list, 'case/x', 'Made up', :role, :owner, 0, "
        ":due, :site, '', 100, 'open')"
    )
    with house.app.store.engine.begin() as db:
        db.execute(sql, {"id": name, **row})


def test_tabs_count_to_a_hundred_and_within_the_scope(house: Installation) -> None:
    for n in range(101):
        task(house, f"made-{n:03}", site="RENO" if n < 99 else "ATL")
    reads = house.app.worklists
    at = moment(100)

    def told(scope: Scope, **more: Any) -> tuple[int, ...]:
        return reads.tallies(
            [Tally(list="made-up", narrow=Narrow(**more)), Tally(list="nothing")], scope=scope
        )

    assert told(Scope()) == (100, 0), "it counts no further"
    assert told(Scope(sites=("RENO",))) == (99, 0)
    assert told(Scope(sites=("ATL",))) == (2, 0)
    assert told(Scope(sites=("ATL",)), sites=("RENO",)) == (0, 0), "a filter widens nothing"
    assert told(Scope(sites=("ATL",)), before=at) == (0, 0), "before excludes"
    assert told(Scope(sites=("ATL",)), before=at + TICK) == (2, 0)
    assert told(Scope(sites=("ATL",)), since=at) == (2, 0), "since includes"
    assert told(Scope(sites=("ATL",)), since=at + TICK) == (0, 0)
    mine = Tally(list="made-up", owner="me", roles=("planner",))
    task(house, "made-me", owner="me", site="ATL")
    task(house, "made-you", owner="you", site="ATL")
    assert reads.tallies([mine], scope=Scope(sites=("ATL",))) == (3,), "mine and my role's"


def test_an_approver_finds_what_is_overdue_due_and_of_low_risk_counted(
    house: Installation,
) -> None:
    small = raise_need(house, (("VALVE", "36"),))["approval"]
    step = open_step(house, small)
    assert step is not None
    desk = at_desk(house, str(step["approver"]))
    due = datetime.fromisoformat(str(step["due_at"]))

    def shown(at: datetime) -> tuple[str, ...]:
        house.clock.advance(at)
        anew = desk.ask("GET", "/approvals", headers={"Cache-Control": "no-cache"})
        told = counts(anew.text)
        return tuple(told[name] for name in ("Overdue", "Due within a day", "Low risk"))

    assert within("soon", due) == Narrow(since=due, before=due + timedelta(days=1) + TICK)
    assert shown(due) == ("0", "1", "1")
    assert shown(due + TICK) == ("1", "0", "1")
    late = desk.open("/approvals?due=late")
    assert str(small) in late
    assert 'href="/approvals?due=late" aria-current="page"' in late
    assert str(small) not in desk.open("/approvals?due=soon")
    assert str(small) in desk.open("/approvals?risk=low")
    assert str(small) in desk.open("/approvals.csv?due=late")
    assert str(small) not in desk.open("/approvals.csv?due=soon")


def test_a_saved_view_of_the_board_counts_as_the_board_does(house: Installation) -> None:
    paul = at_desk(house, "paul")
    assert save(paul, "/lines?tab=all&site=ATL", "Atlanta") == 303

    page = paul.open("/lines?tab=all&site=ATL")

    board = page.partition('aria-label="Which lines"')[2].partition("</nav>")[0]
    assert counts(page)["Atlanta"] == re.findall(r'tab-count">([^<]*)<', board)[-1]
