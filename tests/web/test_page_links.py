"""Each role goes wherever its pages lead: no door is shut, nothing breaks, no name stands twice.

A link that its reader may not follow is a fault of the page that offers it.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest

from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from manciple.kernel.messages import Role
from tests.api.installation import Installation, installed
from tests.api.small_company import HOLDER
from tests.scenarios.office import ordered, raise_need
from tests.web.at_a_desk import at_desk
from tests.web.page_rights import INSIDE
from tests.web.signed_in import text_of

MOST = 2
"""Pages of one shape that are opened: two orders tell as much as fifty."""
_NUMBERS = re.compile(r"[A-Z]{2,}-[A-Z0-9-]+|=[^&]*|\d+")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A house in which something waits everywhere: short, dear, late, unread, held, unapproved."""
    with installed(tmp_path_factory.mktemp("links") / "home") as made:
        desk, order = ordered(made)
        desk.drop(desk.acknowledgment(order, {"1": 8}, prices={"2": "230.00"}))
        desk.drop(desk.ship_notice(order, "S-1"))
        made.count_at_dock("D1", order.number, {"1": 90})
        desk.drop(desk.invoice(order, "F-1"))
        desk.drop(b"noise")
        ordered(made, (("NUT", "300"),), supplier="ADLER")
        raise_need(made, (("VALVE", "100"),))
        made.wait(days=9)
        yield made


class Page(HTMLParser):
    """The links of a page and the names that stand in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.names: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if name := told.get("id"):
            self.names[name] += 1
        if tag == "a" and (link := told.get("href")):
            self.links.append(link.partition("#")[0])


def walked(house: Installation, who: str) -> Iterator[tuple[str, str, int, str]]:
    """Open whatever somebody's pages lead to; gives address, from where, status and text."""
    desk, seen, shapes = at_desk(house, who), {"/"}, Counter[str]()
    left = deque([("/", ""), ("/notifications", ""), ("/exceptions", "")])
    while left:
        address, source = left.popleft()
        answer = desk.ask("GET", address)
        is_page = "html" in answer.headers.get("content-type", "")
        yield address, source, answer.status_code, answer.text if is_page else ""
        for link in Page(answer.text).links if is_page else ():
            there = urljoin(address, link)
            shape = _NUMBERS.sub("*", there)
            if not there.startswith("/") or there in seen or shapes[shape] == MOST:
                continue
            seen.add(there)
            shapes[shape] += 1
            left.append((there, address))


@pytest.mark.parametrize("role", INSIDE)
def test_a_role_can_go_wherever_its_pages_lead(house: Installation, role: Role) -> None:
    pages = list(walked(house, HOLDER[role]))

    shut = {at: (status, source) for at, source, status, _ in pages if status >= 400}
    twice = {
        at: [name for name, count in Page(text).names.items() if count > 1]
        for at, _, _, text in pages
    }
    assert shut == {}
    assert {at: names for at, names in twice.items() if names} == {}
    assert len(pages) > 15


def test_where_orders_wait_names_who_has_to_act(house: Installation) -> None:
    told = text_of(at_desk(house, "root").open("/waiting"))

    assert "invoice match" in told
    assert " None " not in told


def test_people_of_a_site_follow_the_threads_of_it_and_of_no_other(house: Installation) -> None:
    rows = house.get("root", "/v1/requisitions?limit=200")["rows"]
    need = next(row["id"] for row in rows if row["orders"])
    rita, rolf, root = (at_desk(house, who) for who in ("rita", "rolf", "root"))

    assert need in rita.open("/")
    assert need not in rolf.open("/")
    asked = {
        who: [
            desk.ask("GET", f"/trace/{path}").status_code for path in (f"requisition/{need}", need)
        ]
        for who, desk in (("rita", rita), ("rolf", rolf), ("root", root))
    }
    assert asked == {"rita": [200, 303], "rolf": [404, 404], "root": [200, 303]}
    found = [desk.ask("GET", f"/trace?key={need}").status_code for desk in (rita, rolf)]
    assert found == [303, 200]
    assert "/interchanges/" not in rita.open(f"/trace/requisition/{need}")
    assert "/interchanges/" in root.open(f"/trace/requisition/{need}")
    api = {
        who: house.ask("GET", f"/v1/trace/{need}", who=who).status
        for who in ("rita", "rolf", "root")
    }
    assert api == {"rita": 200, "rolf": 404, "root": 200}


def test_what_became_of_a_need_leads_to_it(house: Installation) -> None:
    (notice, *_) = [
        row for row in house.get("rita", "/v1/notices")["rows"] if "is approved" in row["title"]
    ]

    page = at_desk(house, "rita").open(notice["path"])

    assert notice["path"] == f"/requests/{notice['title'].split()[0]}"
    assert notice["title"].split()[0] in text_of(page)


def test_a_metric_tells_of_days_that_were_restated(tmp_path: Path) -> None:
    with installed(tmp_path / "home") as house:
        _, order = ordered(house, (("BOLT", "200"),), supplier="ADLER")
        engine = house.app.store.engine
        for _ in range(2):  # its day is over and told; then somebody changes it by hand
            house.wait(hours=30)
            Sealer(engine).seal_all(house.clock.now())
            Follower(engine).follow_all(house.clock.now())
            body = {"reason": "bought elsewhere", "beyond": "delivered"}
            house.post("ben", f"/v1/purchase-orders/{order.number}/cancel-remainder", body)
        restated = {row[0] for row in house.own("select distinct metric from metric_restatement")}

        for metric in sorted({each.partition("/")[0] for each in restated}):
            page = at_desk(house, "root").ask("GET", f"/metrics/{metric}")
            assert (page.status_code, "Restated lately" in page.text) == (200, True), metric
        assert restated


@pytest.mark.parametrize(
    "path", ["/v1/events", "/v1/events/stream", "/v1/effects", "/v1/deadletters"]
)
def test_what_tells_of_every_site_is_for_those_who_are_bound_to_none(
    house: Installation, path: str
) -> None:
    bound = house.ask("GET", path, who="rita")

    assert (bound.status, bound.codes) == (403, {"FORBIDDEN"})
    if not path.endswith("stream"):  # which would never end
        assert house.ask("GET", path, who="ben").status == 200
