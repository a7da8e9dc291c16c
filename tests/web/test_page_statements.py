"""A list of many rows asks the database as often as a list of few, whatever its rows are about.

Two houses, one after one round of business and one after several with other suppliers, items,
sites and people; each page is drawn in both by a process that has read nothing yet.
"""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
import sqlalchemy as sa

from manciple.adapters.reference.switches import Mode
from manciple.app.masters import import_masters
from manciple.governance.api_key import IssueApiKey, digest_of
from manciple.governance.people import Person, RegisterPerson
from manciple.kernel.messages import SYSTEM, Command, Role
from tests.api.installation import Installation, key_of
from tests.api.small_company import Stock, masters
from tests.scenarios.office import Need, agree, ordered, raise_need
from tests.web.at_a_desk import at_desk, made_once
from tests.web.page_rights import TABLE
from tests.web.test_operating_pages import seal

LISTS: Final = {
    "/approvals": "alec",
    "/approvals?whose=all": "nora",
    "/approvals.csv?whose=all": "nora",
    "/approvals/mine": "alec",
    "/exceptions?whose=all": "paul",
    "/exceptions.csv?whose=all": "paul",
    "/lines?tab=all": "ben",
    "/lines.csv?tab=all": "ben",
    "/proposals": "ben",
    "/suppliers": "ben",
    "/requests": "rita",
    "/promises": "paul",
    "/promises.csv": "paul",
    "/items?q=THING": "paul",
    "/waiting": "root",
    "/waiting.csv": "root",
    "/trace?key=A-7": "root",
    "/notifications": "alec",
    "/invoices": "ada",
    "/invoices.csv": "ada",
    "/duplicates": "ada",
    "/grni": "ada",
    "/grni.csv": "ada",
    "/credits": "ada",
    "/credits.csv": "ada",
    "/credits/of/BLUE": "ada",
    "/inbound": "ben",
    "/inbound.csv": "ben",
    "/returns?state=requested": "ben",
    "/returns?state=shipped": "ben",
    "/effects?state=dead": "root",
    "/deadletters": "root",
    "/interchanges": "root",
    "/quarantine": "root",
    "/admin/people": "root",
    "/admin/keys": "root",
    "/admin/delegations": "root",
    "/delegations": "anna",
    "/audit?event=GoodsReceived": "audra",
    "/audit.csv?event=GoodsReceived": "audra",
    "/audit.jsonl?event=GoodsReceived": "audra",
    "/find?q=PO": "root",
}
"""Lists, and who looks at each."""
FIGURES: Final = {"/flows": "root", "/endpoints": "root", "/dashboard": "root"}
"""Pages whose rows are given by what is installed; what they count grows."""
LEFT_OUT: Final = {
    "/": "reads history back 400 events at a time until its page is full",
    "/policies": "the decision tables that are shipped",
    "/sign-in": "a form",
    "/password": "a form",
    "/requests/new": "a form",
    "/requests/upload": "a form",
    "/live": "a stream",
    "/live/hints": "a stream",
    "/live/news": "held in test_news_pages.py",
}
"""Pages that are no lists, or whose rows don't come cheaply."""
Goods = tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What is bought in one round of business, from whom, and who asks for it where."""

    supplier: str
    goods: Goods
    who: str = "rita"
    site: str = "ATL"

    @property
    def clerk(self) -> str:
        """Name who counts at the dock of the site."""
        return "walt" if self.site == "ATL" else "wim"


ROUNDS: Final = (
    Round("BLUE", (("VALVE", "60"), ("RELAY", "20"))),
    Round("ADLER", (("ANCHOR", "100"), ("NUT", "500"))),
    Round("COBALT", (("SOLVENT", "60"),), "rolf", "DFW"),
    Round("BLUE", (("ELBOW", "60"), ("FUSE", "100"))),
    Round("ADLER", (("GLOVES", "60"), ("BOLT", "500")), "rolf", "DFW"),
)


def business(house: Installation, rounds: tuple[Round, ...]) -> None:
    """Let a number of rounds happen; what is late, dead or escalated has had its month."""
    needs = [raise_need(house, r.goods[:1], who=r.who, site=r.site) for r in rounds]
    house.switch(house.erp, Mode.DOWN)
    for need in needs:
        agree(house, need)
    house.wait(days=30)
    house.switch(house.erp, Mode.OFF)
    for n, each in enumerate(rounds):
        one_round(house, n, each)
        back_and_forth(house, n, each)
        newcomers(house, n)
    seal(house)


def one_round(house: Installation, n: int, round_: Round) -> None:
    """A short answer, a dear and late one, goods on their way, dear bills, a need that waits."""
    supplier, who, site = round_.supplier, round_.who, round_.site
    desk, short = ordered(house, round_.goods, supplier=supplier, who=who, site=site)
    desk.control = 1000 * (n + 1)
    desk.drop(desk.acknowledgment(short, {"1": 2}, number="A-7"))
    _, dear = ordered(house, round_.goods, supplier=supplier, who=who, site=site)
    desk.drop(desk.acknowledgment(dear, prices={"1": "150.00"}, late=21, number="A-7"))
    _, sent = ordered(house, round_.goods, supplier=supplier, who=who, site=site)
    desk.drop(desk.acknowledgment(sent))
    desk.drop(desk.ship_notice(sent, f"SH-{n}"))
    _, billed = ordered(house, round_.goods, supplier=supplier, who=who, site=site)
    house.count_at_dock(f"D{n}", billed.number, pieces(round_.goods), site=site)
    desk.drop(desk.invoice(billed, f"B-{n}", prices={"1": "199.00"}))
    desk.drop(desk.invoice(billed, f"B {n}"))
    desk.drop(b"noise %d" % n)
    raise_need(house, round_.goods, who=who, site=site)


def back_and_forth(house: Installation, n: int, round_: Round) -> None:
    """Goods that nobody has billed; some of them have gone back, and more shall."""
    _, order = ordered(
        house, round_.goods, supplier=round_.supplier, who=round_.who, site=round_.site
    )
    house.count_at_dock(f"E{n}", order.number, pieces(round_.goods), site=round_.site)
    gone, _ = (asked_back(house, order.number, round_.clerk, pieces) for pieces in ("5", "6"))
    day = house.clock.now().date().isoformat()
    for who, word, body in (
        ("ben", "authorise", {"authorisation": "RMA-7"}),
        (round_.clerk, "pick", {"picked": day}),
        (round_.clerk, "ship", {"shipped": day, "carrier": "UPS"}),
    ):
        answer = house.post(who, f"/v1/returns/{gone}/{word}", body)
        assert answer.status == 200, answer.body
        house.settle()


def asked_back(house: Installation, order: str, clerk: str, pieces: str) -> str:
    line = {"line": "1", "quantity": {"value": pieces, "unit": "EA"}, "receipt": None}
    body = {"order": order, "lines": [line], "reason": "quality"}
    answer = house.post(clerk, "/v1/returns", body)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])


def newcomers(house: Installation, n: int) -> None:
    """A person with a key, power lent for half a day, and a supplier with an item of its own."""
    lent = {
        "from_person": "anna",
        "to_person": "ida",
        "start": f"2026-05-{n + 1:02}T00:00:00Z",
        "end": f"2026-05-{n + 1:02}T12:00:00Z",
    }
    assert house.post("root", "/v1/delegations", lent).status == 201
    person = Person(id=f"new-{n}", name=f"New {n}", email="", roles=(Role.REQUESTER,))
    digest = digest_of(key_of(person.id))
    acts = (
        RegisterPerson(person=person),
        IssueApiKey(id=f"key-new-{n}", digest=digest, person=person.id),
    )
    now = house.clock.now()
    for place, act in enumerate(acts):
        command = Command(key=f"new:{n}:{place}", act=act, actor=SYSTEM, at=now)
        (reply,) = house.app.store.apply([command]).replies
        assert reply.is_done, reply.refusals
    assert house.app.systems.erp is not None
    offers = ((f"NEW-{n}", "1.00"),)
    item = Stock(id=f"THING-{n}", category="safety", per_case=10, offers=offers)
    house.erp.load(masters(((f"NEW-{n}", f"Newcomer {n}", f"NEW{n}"),), (item,)))
    import_masters(house.app, house.app.systems.erp)


def pieces(goods: Goods) -> dict[str, int]:
    return {str(n): int(count) for n, (_, count) in enumerate(goods, 1)}


class Watched:
    """A house whose database tells what it is asked."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._seen: list[str] = []

        def listen(driver: sqlite3.Connection, *_: object) -> None:
            driver.set_trace_callback(self._seen.append)

        engine = house.app.store.engine
        sa.event.listen(engine, "connect", listen)
        engine.dispose()

    def drawn(self, path: str, who: str) -> tuple[int, list[str]]:
        """Draw a page; give how many rows it has, and what was asked for it."""
        desk = at_desk(self._house, who)
        desk.open("/password")  # what any first page of somebody asks
        self._seen.clear()
        answer = desk.ask("GET", path)
        assert answer.status_code == 200, path
        rows = re.findall(r"<tr\b|<li\b|^[^<]", answer.text, re.MULTILINE)
        return len(rows), [each for each in self._seen if _is_read(each)]


def _is_read(text: str) -> bool:
    return text.lstrip().lower().startswith(("select", "with"))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two houses that differ by how much has happened in them."""

    few: Watched
    many: Watched


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("statements")
    few = made_once(folder / "few", lambda house: business(house, ROUNDS[:1]))
    many = made_once(folder / "many", lambda house: business(house, ROUNDS))
    with few.copied(folder / "few-read") as small, many.copied(folder / "many-read") as large:
        yield Pair(Watched(small), Watched(large))


def test_every_page_is_a_list_here_or_left_out_by_name() -> None:
    """Pages of one document have other tests; what they show of it has its bounds."""
    routes = {route.removeprefix("GET ") for route in TABLE if route.startswith("GET ")}
    lists = {each.partition("?")[0] for each in (*LISTS, *FIGURES)}

    assert {each for each in routes if "{" not in each} == {
        *(each for each in lists if "/of/" not in each),
        *LEFT_OUT,
    }


@pytest.mark.parametrize("path", [*LISTS, *FIGURES])
def test_many_rows_are_read_with_as_many_statements_as_few(pair: Pair, path: str) -> None:
    who = LISTS.get(path) or FIGURES[path]

    rows, asked = pair.few.drawn(path, who)
    more_rows, asked_of_many = pair.many.drawn(path, who)

    assert path in FIGURES or more_rows > rows
    assert len(asked_of_many) == len(asked) > 0, "\n".join(asked_of_many)
