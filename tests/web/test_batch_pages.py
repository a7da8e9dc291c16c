"""Several rows at once: each its own act, in one page or in parts; nothing happens twice."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import httpx
import pytest

from manciple.web.pages.batch import PART
from tests.api.installation import Installation
from tests.scenarios.office import cases, ordered
from tests.web.at_a_desk import Keyed, Made, at_desk, made_once
from tests.web.signed_in import OURS, hidden_of, text_of

FORM = {"Content-Type": "application/x-www-form-urlencoded", **OURS}
SHORT = 6


def furnish(house: Installation) -> None:
    """Six orders that their supplier confirms short."""
    for place in range(SHORT):
        desk, order = ordered(house, (("ANCHOR", "400"),), supplier="ADLER")
        desk.control = 100 * place
        desk.drop(desk.acknowledgment(order, {"1": 15}))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made_once(tmp_path_factory.mktemp("several") / "home", furnish)


@pytest.fixture
def house(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with made.copied(tmp_path_factory.mktemp("several") / "copy") as found:
        yield found


def send(
    desk: Keyed, action: str, page: str, rows: Sequence[tuple[str, str]], **more: str
) -> httpx.Response:
    fields = [*hidden_of(page, action).items(), *rows, *more.items()]
    return desk.ask("POST", action, content=urlencode(fields).encode(), headers=FORM)


def fates(page: str) -> list[str]:
    return re.findall(r'data-fate="([a-z]+)"', page)


def chosen(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<input type="checkbox" name="(case)" value="([^"]+)"', page)


def owners(house: Installation) -> dict[str, str | None]:
    return {str(each["id"]): each["owner"] for each in cases(house, "SHORTAGE")}


def test_one_page_tells_what_became_of_each_row(house: Installation) -> None:
    paul = at_desk(house, "paul")
    page = paul.open("/exceptions?whose=all")
    rows = [*chosen(page)[:2], ("case", "CASE-NOBODY")]

    answer = send(paul, "/exceptions/several", page, rows, act="take")

    told = text_of(answer.text)
    assert answer.status_code == 200
    assert fates(answer.text) == ["done", "done", "skipped"]
    assert "2 of 3 done 1 skipped" in told
    assert "there is no such exception" in told
    assert [owners(house)[name] for _, name in rows[:2]] == ["paul", "paul"]


def test_each_row_fails_for_its_own_reason_and_the_others_are_done(house: Installation) -> None:
    paul = at_desk(house, "paul")
    page = paul.open("/exceptions?whose=all")
    rows = chosen(page)[:2]

    nobody = send(paul, "/exceptions/several", page, rows, act="give", owner="nobody-at-all")
    nothing = send(paul, "/exceptions/several", page, [], act="take")
    no_act = send(paul, "/exceptions/several", page, rows, act="burn")

    assert fates(nobody.text) == ["failed", "failed"]
    assert nobody.status_code == 422
    assert (nothing.status_code, no_act.status_code) == (422, 422)
    assert "Nothing was ticked" in nothing.text
    assert "nothing was chosen to be done" in no_act.text
    assert set(owners(house).values()) == {None}


def test_parts_do_the_whole_form_once_however_often_they_are_sent(house: Installation) -> None:
    paul = at_desk(house, "paul")
    page = paul.open("/exceptions?whose=all")
    rows = chosen(page)
    assert len(rows) == SHORT == PART + 1

    first = send(paul, "/exceptions/several", page, rows, act="take", part="0")
    again = send(paul, "/exceptions/several", page, rows, act="take", part="0")
    last = send(paul, "/exceptions/several", page, rows, act="take", part=str(PART))

    assert f'data-total="{SHORT}" data-next="{PART}"' in first.text
    assert fates(first.text) == fates(again.text) == ["done"] * PART
    assert fates(last.text) == ["done"]
    assert "data-next" not in last.text
    assert "<html" not in first.text
    taken = house.own("select count(*) from event where type = 'CaseReassigned'")
    assert taken == [(SHORT,)]
    for bad in ("x", "-1", "200"):
        answer = send(paul, "/exceptions/several", page, rows, act="take", part=bad)
        assert answer.status_code == 422, bad


def test_hurrying_in_parts_books_the_cost_once(house: Installation) -> None:
    ben = at_desk(house, "ben")
    page = ben.open("/lines?tab=all")
    rows = [("line", name) for name in re.findall(r'name="line" value="([^"]+)"', page)]
    terms = {"cost": "40", "currency": "USD", "cause": "customer_waiting", "override": "must be"}
    causes = re.findall(r'<option value="([a-z_]+)"', page.partition('name="cause"')[2])
    terms["cause"] = causes[0]

    for place in ("0", str(PART), "0"):
        answer = send(ben, "/lines/ask", page, rows, **terms, part=place)
        assert answer.status_code == 200, answer.text
    for place in ("0", str(PART), "0"):
        fields = [*hidden_of(page, "/lines/ask").items(), *rows, *terms.items(), ("part", place)]
        answer = ben.ask(
            "POST", "/lines/expedite", content=urlencode(fields).encode(), headers=FORM
        )
        assert set(fates(answer.text)) == {"done"}, answer.text

    costs = house.own("select body from event where type = 'LineExpedited' order by n")
    told = [body[0] for body in costs]
    assert len(told) == SHORT
    assert sum(b'"40' in each or b"40.00" in each for each in told) == 1
