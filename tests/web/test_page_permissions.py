"""Role x page x act, tried: every route of the server as every role, a stranger and a supplier.

A page without a row in `pages.toml` fails here; so does a row whose page is gone.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from manciple.kernel.units import Unit
from manciple.web.pages.forms import word_for
from manciple.web.server import serve_app
from tests.api.installation import Installation, installed, key_of
from tests.api.small_company import HOLDER
from tests.api.test_api_permissions import Subjects
from tests.web.page_rights import INSIDE, TABLE, may, pages_page
from tests.web.signed_in import text_of

DOCS = Path(__file__).parents[2] / "docs" / "reference"
ANSWERED = frozenset({200, 303, 409, 422})
REFUSED = frozenset({403, 404})
OPEN = ("all", "signed in")
CLOSED = [route for route, row in TABLE.items() if row.get("for") not in OPEN]


@pytest.fixture(scope="module")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subjects]:
    with installed(tmp_path_factory.mktemp("pages") / "home") as house:
        yield Subjects(house)


def every(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Give all routes, those of included routers with them."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (included := getattr(route, "original_router", None)) is not None:
            yield from every(included.routes)


def routes(house: Installation) -> set[str]:
    return {
        f"{method} {route.path}"
        for route in every(serve_app(house.app).routes)
        if not route.include_in_schema and not route.path.startswith("/static/")
        for method in route.methods or ()
    }


def fire(subjects: Subjects, route: str, who: str | None, once: str) -> httpx.Response:
    """Open a page or send its form, as somebody who brings a key."""
    row = TABLE[route]
    method, _, path = route.partition(" ")
    path = re.sub(r"{(\w[\w-]*)}", lambda found: subjects.names[found[1]], row.get("at", path))
    key = key_of(who) if who else ""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    content = None
    if method == "POST":
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        fields: dict[str, Any] = {"word": word_for(key), "key": once} | row.get("with", {})
        content = urlencode(fields).encode()
    client = subjects.house.client
    client.cookies.clear()
    return subjects.house.loop.run_until_complete(
        client.request(method, path, headers=headers, content=content)
    )


def key_for(route: str, who: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "-", f"{who}-{route}")[:64]


def test_every_page_has_a_row_and_every_row_a_page(subjects: Subjects) -> None:
    assert routes(subjects.house) == set(TABLE)


@pytest.mark.parametrize("route", TABLE)
def test_a_page_lets_its_roles_in_and_no_other(subjects: Subjects, route: str) -> None:
    row = TABLE[route]
    also = {row["also"]["status"]} if "also" in row else set()
    for role in sorted(INSIDE, key=lambda each: may(row, each)):
        if row.get("streams") and may(row, role):
            continue  # it would never end
        events = subjects.house.own("select count(*) from event")
        answer = fire(subjects, route, HOLDER[role], key_for(route, role.value))
        told = (role.value, answer.status_code)
        if may(row, role):
            assert answer.status_code in ANSWERED | also, told
            assert not answer.headers.get("location", "").startswith("/sign-in?"), told
        elif row.get("for") == "every site":
            assert answer.status_code in REFUSED | {401}, told
        else:
            assert answer.status_code in REFUSED, told
            assert subjects.house.own("select count(*) from event") == events, told


@pytest.mark.parametrize(
    "route", [route for route in TABLE if TABLE[route].get("for") not in OPEN]
)
@pytest.mark.parametrize("who", [None, "adler", "dock"])
def test_strangers_suppliers_and_programs_see_no_page(
    subjects: Subjects, route: str, who: str | None
) -> None:
    events = subjects.house.own("select count(*) from event")

    answer = fire(subjects, route, who, key_for(route, who or "nobody"))

    is_led_to_the_door = answer.headers.get("location", "").startswith("/sign-in")
    assert is_led_to_the_door or answer.status_code in {401, *REFUSED}, answer.status_code
    assert subjects.house.own("select count(*) from event") == events


def test_the_reference_page_says_what_the_table_says() -> None:
    """To write it anew: `python -m tests.api.write_docs`."""
    assert (DOCS / "pages.md").read_text("utf-8") == pages_page()


RAW = frozenset({"/interchanges/{interchange:path}", "/quarantine/{number}"})
"""Pages that show a partner's own bytes."""
CODES = "|".join(each.value for each in Unit)


@pytest.mark.parametrize(
    "route",
    [
        route
        for route in TABLE
        if route.startswith("GET ")
        and "." not in route
        and route.removeprefix("GET ") not in RAW
        and not TABLE[route].get("streams")
    ],
)
def test_no_page_says_a_unit_by_its_code(subjects: Subjects, route: str) -> None:
    role = next(each for each in sorted(INSIDE, key=lambda each: not may(TABLE[route], each)))
    page = text_of(fire(subjects, route, HOLDER[role], key_for(route, "units")).text)

    assert not re.findall(rf".{{0,20}}(?<![\w-])\d[\d,.]* (?:{CODES})\b|\bper (?:{CODES})\b", page)
