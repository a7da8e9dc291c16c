"""Taking back an approval that placed an order: all of it, in time, by whoever did it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from tests.api.installation import Installation, installed
from tests.databases import KINDS, database
from tests.scenarios.office import open_step, raise_need
from tests.web.at_a_desk import Keyed, at_desk
from tests.web.signed_in import hidden_of, text_of


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    home = tmp_path / "home"
    if request.param == "sqlite":
        with installed(home) as made:
            yield made
        return
    home.mkdir()
    with database(request.param, tmp_path) as url, installed(home, url) as made:
        yield made


def asked(house: Installation) -> tuple[str, str]:
    """Raise a need at Atlanta; give its approval and who is asked last, before whom it lies."""
    need = raise_need(house, (("VALVE", "100"),))
    name = str(need["approval"])
    while True:
        step = open_step(house, name)
        assert step is not None
        steps = house.get("root", f"/v1/approvals/{name}")["steps"]
        if step["number"] == len(steps):
            return name, str(step["approver"])
        house.post(str(step["approver"]), f"/v1/approvals/{name}/approve", {})


def standing(house: Installation, approval: str) -> dict[str, Any]:
    """Everything that the decision could touch, as the database has it."""
    rows = {
        "tasks": "select id, owner, due_at, opened_at, state from task order by id",
        "timers": "select key, due_at, act from timer order by key",
        "documents": "select ref, state from document where kind not in ('', 'undo') order by ref",
        "effects": "select key from effect where state = 'due' order by key",
        "threads": "select key, ref from trace order by key, ref",
        "notices": "select owner, subject from notice order by n",
        "money": "select sum(amount) from commitment",
        "ordered": "select coalesce(sum(quantity), 0) from posting",
    }
    found: dict[str, Any] = {name: house.own(sql) for name, sql in rows.items()}
    return found | {"steps": house.get("root", f"/v1/approvals/{approval}")["steps"]}


def approve(house: Installation, approval: str, who: str) -> Keyed:
    browser = at_desk(house, who)
    page = browser.open(f"/approvals/{approval}")
    answer = browser.fill(page, f"/approvals/{approval}/approve", note="yes")
    assert answer.status_code == 303, answer.text
    return browser


def test_an_approval_that_placed_an_order_is_taken_back_whole(house: Installation) -> None:
    approval, who = asked(house)
    house.settle()
    before = standing(house, approval)

    browser = approve(house, approval, who)
    page = browser.open("/approvals")
    house.settle()
    assert house.books("erp", "select * from purchase_order") == [], "nothing left the house"
    house.wait(seconds=7)
    back = browser.fill(page, "/undo")

    assert "Approved" in text_of(page)
    assert re.search(r'data-left="8"', page)
    assert back.status_code == 303
    assert standing(house, approval) == before
    assert "Taken back" in text_of(browser.open("/approvals"))
    types = house.own("select type from event where stream = 'approval/" + approval + "'")
    assert [row[0] for row in types][-1] == "ActUndone"
    house.wait(seconds=60)
    house.settle()
    assert house.books("erp", "select * from purchase_order") == []


def test_after_that_the_same_yes_places_the_order_once(house: Installation) -> None:
    approval, who = asked(house)
    browser = approve(house, approval, who)
    browser.fill(browser.open("/approvals"), "/undo")

    approve(house, approval, who)
    house.wait(seconds=8)
    house.settle()

    assert len(house.books("erp", "select * from purchase_order")) == 1
    verified = house.app.verify()
    assert verified.broken is None


def test_when_the_order_has_left_the_page_leads_to_its_change(house: Installation) -> None:
    approval, who = asked(house)
    browser = approve(house, approval, who)
    page = browser.open("/approvals")
    house.wait(seconds=8)
    house.settle()

    late = browser.fill(page, "/undo")

    assert late.status_code == 409
    told = text_of(late.text)
    assert "is on its way" in told or "are over" in told
    assert re.search(r'href="/orders/PO-[0-9A-Z]+#change"', late.text)
    assert "Change or cancel the order" in told
    assert len(house.books("erp", "select * from purchase_order")) == 1


def test_somebody_elses_act_is_not_there(house: Installation) -> None:
    approval, who = asked(house)
    browser = approve(house, approval, who)
    undo = hidden_of(browser.open("/approvals"), "/undo")["undo"]
    other = at_desk(house, "root")
    other.cookies["undo"] = undo

    assert 'action="/undo"' not in other.open("/approvals")
    assert other.ask("GET", f"/undo/{undo}").status_code == 404
    assert browser.ask("GET", f"/undo/{undo}").status_code == 200


def test_a_program_takes_back_what_it_asked_time_for(house: Installation) -> None:
    approval, who = asked(house)
    before = standing(house, approval)
    path = f"/v1/approvals/{approval}/approve"

    done = house.post(who, path, {}, headers={"Undo-Seconds": "30"})
    undo = done.headers["Undo"]
    house.wait(seconds=29)
    answer = house.post(who, f"/v1/undos/{undo}/apply")

    assert answer.status == 200, answer.body
    assert answer.body["state"] == "undone"
    assert standing(house, approval) == before
    again = house.post(who, f"/v1/undos/{undo}/apply")
    assert (again.status, again.codes) == (409, {"ALREADY_UNDONE"})
    assert house.ask("GET", f"/v1/undos/{undo}", who="root").status == 404
    too_long = house.post(who, path, {}, headers={"Undo-Seconds": "61"})
    assert too_long.status in {400, 422}


def test_a_program_waits_for_nothing_unless_it_asks(house: Installation) -> None:
    approval, who = asked(house)

    done = house.post(who, f"/v1/approvals/{approval}/approve", {})
    house.settle()

    assert done.status == 200
    assert len(house.books("erp", "select * from purchase_order")) == 1


def test_what_was_taken_back_counts_for_nothing(house: Installation) -> None:
    """And what may still be taken back is not counted yet."""
    approval, who = asked(house)
    follower = Follower(house.app.store.engine)
    facts = "select metric, key, state, value from metric_fact order by metric, key"
    follow(house, follower)
    before = house.own(facts)

    browser = approve(house, approval, who)
    follow(house, follower)
    early = house.own(facts)
    browser.fill(browser.open("/approvals"), "/undo")
    house.wait(seconds=9)
    follow(house, follower)

    assert early == before == house.own(facts)
    approve(house, approval, who)
    house.wait(seconds=9)
    follow(house, follower)
    assert house.own(facts) != before


def follow(house: Installation, follower: Follower) -> None:
    Sealer(house.app.store.engine).seal_all(house.clock.now())
    follower.follow_all(house.clock.now())
