"""Saved views: named, ordered, dropped, shared with a role; a link shows each their own rows."""

from collections.abc import Iterator

import pytest

from tests.api.installation import Installation, installed
from tests.databases import KINDS, database
from tests.web.at_a_desk import Keyed, at_desk
from tests.web.signed_in import text_of


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
    return [text_of(each).strip() for each in inner.split("<a ")[1:] for each in [f"<a {each}"]]


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
