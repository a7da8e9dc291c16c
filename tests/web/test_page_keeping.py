"""Lists that are kept while nothing changed: who gets them, and everything that ends them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from manciple.adapters.sql.engine import open_engine, transaction
from manciple.adapters.sql.stamp import Stamp
from manciple.app import build
from manciple.settings import Settings
from manciple.web.keeping import LISTS, SPAN
from manciple.web.server import serve_app
from tests.api.installation import Installation, definitions, installed
from tests.databases import KINDS, database
from tests.scenarios.office import open_step, raise_need
from tests.web.at_a_desk import at_desk
from tests.web.signed_in import Browser, hidden_of, with_passwords

QUEUE = "/exceptions?whose=all"
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module", params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with database(request.param, tmp_path_factory.mktemp("keeping")) as address:
        yield address


@pytest.fixture(scope="module")
def house(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("home"), url) as made:
        raise_need(made, (("VALVE", "500"),))
        with_passwords(made, "anna")
        yield made


@contextmanager
def second_node(house: Installation, url: str) -> Iterator[Installation]:
    """Serve the same database by another application of its own."""
    settings = Settings(home=house.home, database_url=url, partners=house.home / "partners")
    app = build(settings, clock=house.clock, definitions=definitions())
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=serve_app(app)), base_url="http://manciple.invalid"
    )
    yield replace(house, app=app, client=client)
    house.loop.run_until_complete(client.aclose())
    app.store.engine.dispose()


def looked(browser: Browser, path: str, **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = browser.ask("GET", path, headers=sent)
    assert answer.status_code in (200, 304), answer.text[:300]
    return answer


def kept_page(browser: Browser) -> httpx.Response:
    """Look until a page is kept: what others do on the same PostgreSQL server ends it, too."""
    for _ in range(50):
        page = looked(browser, QUEUE)
        if looked(browser, QUEUE, if_none_match=page.headers["etag"]).status_code == 304:
            return page
    raise AssertionError("no page was ever kept")


def key_on(page: httpx.Response) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_nothing_changed_is_the_same_page_and_304_for_who_has_it(house: Installation) -> None:
    anna = at_desk(house, "anna")
    for _ in range(50):  # others on the same PostgreSQL server end what is kept, too
        first, again = looked(anna, QUEUE), looked(anna, QUEUE)
        told = looked(anna, QUEUE, if_none_match=f'"other", {first.headers["etag"]}')
        if told.status_code == 304:
            break

    assert key_on(first) == key_on(again)  # drawn once
    assert again.headers["etag"] == first.headers["etag"]
    assert (told.status_code, told.content) == (304, b"")
    assert told.headers["etag"] == first.headers["etag"]
    assert told.headers["vary"] == first.headers["vary"]
    assert looked(anna, QUEUE, if_none_match='"other"').status_code == 200


def test_a_page_asked_for_anew_is_drawn_anew(house: Installation) -> None:
    anna = at_desk(house, "anna")

    assert key_on(looked(anna, QUEUE)) != key_on(looked(anna, QUEUE, cache_control="no-cache"))


def test_a_page_is_its_readers_its_filters_and_its_languages_alone(house: Installation) -> None:
    anna = at_desk(house, "anna")
    mine = looked(anna, QUEUE)
    others = (
        looked(at_desk(house, "nora"), QUEUE),
        looked(anna, "/exceptions?whose=mine"),
        looked(anna, QUEUE, accept_language="de"),
        looked(anna, QUEUE, hx_request="true"),
        looked(anna, QUEUE, cookie="theme=dark"),
    )

    for other in others:
        assert other.headers["etag"] != mine.headers["etag"]
        assert key_on(other) != key_on(mine)
    tag = mine.headers["etag"]
    assert looked(at_desk(house, "nora"), QUEUE, if_none_match=tag).status_code == 200
    assert Browser(house).ask("GET", QUEUE, headers={"If-None-Match": tag}).status_code == 303


def test_what_is_decided_is_seen_at_once_on_every_node(house: Installation, url: str) -> None:
    number = raise_need(house, (("VALVE", "500"),))["approval"]
    step = open_step(house, number)
    assert step is not None
    who, address = at_desk(house, step["approver"]), f"/approvals/{number}"
    with second_node(house, url) as node:
        there = at_desk(node, who.who)
        here = looked(who, "/approvals")
        assert address in here.text
        assert address in looked(there, "/approvals").text
        sent = who.fill(who.open(address), f"{address}/approve")
        who.cookies.clear()  # with an offer to take back nothing is kept anyway

        assert sent.status_code == 303, sent.text
        assert address not in looked(who, "/approvals").text
        assert address not in looked(there, "/approvals").text
        tag = here.headers["etag"]
        assert looked(who, "/approvals", if_none_match=tag).status_code == 200


def test_times_told_from_now_are_ten_seconds_old_at_most(house: Installation) -> None:
    anna = at_desk(house, "anna")
    for _ in range(20):  # others on the same PostgreSQL server end what is kept, too
        house.wait(seconds=SPAN - int(house.clock.now().timestamp()) % SPAN)
        first = looked(anna, QUEUE)
        house.clock.advance(house.clock.now() + (SPAN - 1) * SECOND)
        same = looked(anna, QUEUE)
        if key_on(same) == key_on(first):
            break
    house.clock.advance(house.clock.now() + SECOND)
    later = looked(anna, QUEUE)

    assert key_on(same) == key_on(first)
    assert key_on(later) != key_on(first)


def test_who_signs_out_or_whose_session_ends_gets_nothing_kept(house: Installation) -> None:
    browser = Browser(house)
    browser.sign_in("anna")
    page = kept_page(browser)
    held = dict(browser.cookies)
    tag = page.headers["etag"]

    browser.fill(page.text, "/sign-out")
    browser.cookies.update(held)
    answer = browser.ask("GET", QUEUE, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in")


def test_nothing_is_kept_beyond_the_end_of_its_session(house: Installation) -> None:
    """The page of a second before the end, asked for a second after it, within one time bucket."""
    now = house.clock.now()
    house.clock.advance(now + timedelta(seconds=SPAN / 2 - now.timestamp() % SPAN + SPAN))
    browser = Browser(house)
    browser.sign_in("anna")
    house.clock.advance(house.clock.now() + timedelta(hours=12) - SECOND)
    tag = kept_page(browser).headers["etag"]

    house.clock.advance(house.clock.now() + 2 * SECOND)
    answer = browser.ask("GET", QUEUE, headers={"If-None-Match": tag})

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_two_tabs_of_one_list_ask_two_things_and_one_thing_once(house: Installation) -> None:
    anna = at_desk(house, "anna")
    for _ in range(50):  # others on the same PostgreSQL server end what is kept, too
        one, two = looked(anna, "/approvals"), looked(anna, "/approvals")
        if key_on(one) == key_on(two):
            break
    assert key_on(one) == key_on(two)
    fields = hidden_of(one.text, "/views/approvals")

    def save(name: str) -> int:
        return anna.send("/views/approvals", fields | {"name": name, "query": ""}).status_code

    assert [save("First"), save("Second"), save("First")] == [303, 303, 303]
    page = anna.open("/approvals")
    assert page.count(">First") == 1
    assert page.count(">Second") == 1


def test_an_offer_to_take_back_is_counted_down_anew(house: Installation) -> None:
    anna = at_desk(house, "anna")
    anna.cookies["undo"] = "none"

    assert key_on(looked(anna, QUEUE)) != key_on(looked(anna, QUEUE))
    assert "etag" not in looked(anna, QUEUE).headers


def test_whole_pages_are_stored_by_no_browser_and_regions_are_asked_for_again(
    house: Installation,
) -> None:
    anna = at_desk(house, "anna")

    assert looked(anna, QUEUE).headers["cache-control"] == "no-store"
    region = looked(anna, QUEUE, hx_request="true")
    assert region.headers["cache-control"] == "private, no-cache"
    assert {"Cookie", "HX-Request"} <= set(region.headers["vary"].split(", "))


def test_every_kept_address_is_a_page(house: Installation) -> None:
    root = at_desk(house, "root")
    missing = [path for path in sorted(LISTS) if "etag" not in looked(root, path).headers]

    assert missing == []


def test_the_stamp_tells_commits_of_others_and_those_that_end_late(
    house: Installation, url: str
) -> None:
    engine = house.app.store.engine
    other = open_engine(url)
    stamp = Stamp(engine)
    first = stamp()
    assert stamp() == first

    with transaction(other) as session:
        session.write("insert into lease (name, token, until) values ('late', '', 0)")
        during = stamp()
        if session.is_postgres:  # another begins later and ends sooner
            with transaction(engine) as sooner:
                sooner.write("insert into lease (name, token, until) values ('soon', '', 0)")
            assert stamp() != during
            during = stamp()
    late = stamp()
    with transaction(engine) as session:
        session.write("delete from lease where name in ('late', 'soon')")

    assert late != during
    assert stamp() != late
    other.dispose()
