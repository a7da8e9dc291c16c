"""What an open page is told: what came to its list, what others settled, and no more than that."""

import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa

from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, open_step, ordered, raise_need
from tests.web.at_a_desk import at_desk


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("news") / "home") as made:
        yield made


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Installation]:
    """One in which nobody asked for anything before: sums of late needs change who is asked."""
    with installed(tmp_path / "home") as made:
        yield made


class Open:
    """A page that somebody has open."""

    def __init__(self, house: Installation, who: str, at: str) -> None:
        self._desk, self._at = at_desk(house, who), at
        page = self._desk.open(at)
        found = re.search(r'data-sequence="(\d+)"', page)
        assert found is not None
        self.page, self._since = page, found[1]
        drawn = re.search(r'data-drawn="(\d+)"', page)
        self._drawn = drawn[1] if drawn else "0"

    def news(self, **other: str) -> Any:
        asked = {"at": self._at, "since": self._since, "drawn": self._drawn} | other
        answer = self._desk.ask("GET", f"/live/news?{urlencode(asked)}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()


def asked_of(house: Installation) -> tuple[str, str]:
    need = raise_need(house, (("VALVE", "100"),))
    step = open_step(house, need["approval"])
    assert step is not None
    return str(need["approval"]), str(step["approver"])


def test_what_came_and_what_somebody_else_decided(quiet: Installation) -> None:
    house = quiet
    first, approver = asked_of(house)
    onlooker = "anna" if approver == "alec" else "alec"
    inbox, everything = (
        Open(house, approver, "/approvals"),
        Open(house, onlooker, "/approvals?whose=all"),
    )
    one = Open(house, approver, f"/approvals/{first}")
    assert f'data-subject="approval/{first}"' in inbox.page
    assert "gone" not in one.news()

    second, other = asked_of(house)
    assert other == approver
    came = inbox.news()
    assert {"key": f"approval/{second}", "subject": f"approval/{second}", "new": True} in came[
        "here"
    ]
    assert came["sequence"] > int(inbox._since)
    assert int(came["bell"]["count"]) >= 2
    assert came["bell"]["label"].endswith("unread")

    decided = house.post(approver, f"/v1/approvals/{first}/approve", {})
    assert decided.status == 200
    gone = inbox.news()
    assert gone["gone"][f"approval/{first}"] == "Approved by you"
    assert everything.news()["gone"][f"approval/{first}"] == f"Approved by {approver}"
    assert "gone" not in one.news(), "their own act is no news to them"
    late = Open(house, onlooker, f"/approvals/{second}")
    house.post(approver, f"/v1/approvals/{second}/reject", {"reason": "not_needed"})
    assert late.news()["gone"] == {f"approval/{second}": f"Rejected by {approver}"}


@pytest.mark.parametrize("at", ["/approvals", "/exceptions", "/lines", "/invoices", "/inbound"])
def test_an_open_list_listens_for_every_topic_that_it_follows(
    house: Installation, at: str
) -> None:
    page = at_desk(house, "root").open(at)

    hints, topics = (
        unescape(found[1])
        for name in ("hints", "topics")
        if (found := re.search(f'data-{name}="([^"]*)"', page))
    )
    assert parse_qs(urlsplit(hints).query) == {"topic": topics.split()}


def test_a_part_of_a_list_counts_only_what_was_opened_since(house: Installation) -> None:
    first, approver = asked_of(house)
    inbox = Open(house, approver, "/approvals")
    after = str(int(house.clock.now().timestamp() * 1_000_000) + 1)

    told = inbox.news(since="0", drawn=after)["here"]

    assert {"key": f"approval/{first}", "subject": f"approval/{first}", "new": False} in told


def test_exceptions_lines_and_the_dock_follow_an_order(house: Installation) -> None:
    lists = {
        at: Open(house, "paul", at)
        for at in (
            "/exceptions?whose=all",
            "/exceptions?whose=all&code=UNREADABLE",
            "/lines?tab=all",
        )
    }
    dock = Open(house, "wanda" if "wanda" in _people(house) else "paul", "/inbound")
    desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
    desk.drop(desk.acknowledgment(order, {"1": 15}))
    number = order["id"] if isinstance(order, dict) else order
    case = str(cases(house, "SHORTAGE")[-1]["id"])

    told = {at: {each["key"] for each in page.news()["here"]} for at, page in lists.items()}

    assert f"case/{case}" in told["/exceptions?whose=all"]
    assert told["/exceptions?whose=all&code=UNREADABLE"] == set()
    assert any(each.startswith("line:") for each in told["/lines?tab=all"]), number
    assert any(each["key"].startswith("purchase-order/") for each in dock.news()["here"])
    tabs = lists["/exceptions?whose=all"].news()["tabs"]
    assert all(re.fullmatch(r"(\d+\+?)?", count) for count in tabs.values())


def _people(house: Installation) -> set[str]:
    return {row[0] for row in house.own("select id from document where kind = 'person'")}


def test_a_list_of_others_tells_nothing_but_the_bell(house: Installation) -> None:
    asked_of(house)
    page = Open(house, "rita", "/requests")

    for at in ("/lines?tab=all", "/inbound"):
        assert set(page.news(at=at, since="0")) == {"sequence", "bell"}
    for at in ("", "/nowhere", "/approvals/none", "//", "/exceptions/%00"):
        assert set(page.news(at=at, since="nonsense")) == {"sequence", "bell"}


def test_news_read_as_often_for_many_rows_as_for_few(house: Installation) -> None:
    """No news reads row by row."""
    seen: list[str] = []

    def listen(driver: sqlite3.Connection, *_: object) -> None:
        driver.set_trace_callback(seen.append)

    _, approver = asked_of(house)
    page = Open(house, approver, "/approvals?whose=all")
    engine = house.app.store.engine
    sa.event.listen(engine, "connect", listen)
    engine.dispose()
    counts = []
    for rows in (1, 6):
        for _ in range(rows):
            asked_of(house)
        page.news()
        seen.clear()
        assert len(page.news()["here"]) >= rows
        counts.append(sum(each.lstrip().lower().startswith("select") for each in seen))
    sa.event.remove(engine, "connect", listen)
    engine.dispose()

    assert counts[0] == counts[1]
    assert 0 < counts[0] <= 16
