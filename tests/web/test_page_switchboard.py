"""The switchboard finds what trying every route in turn would find."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from manciple.web.server import serve_app
from manciple.web.switchboard import Switchboard, place_of
from tests.api.installation import installed


def found(router: APIRouter, method: str, path: str) -> object:
    """Name the first route of a router that answers a request."""
    scope = {"type": "http", "method": method, "path": path, "headers": [], "query_string": b""}
    for each in router.routes:
        match, child = each.matches(dict(scope))
        if match is Match.FULL:
            return child.get("endpoint", each)
    return None


def test_every_route_of_the_server_is_found_where_its_path_begins(tmp_path: Path) -> None:
    with installed(tmp_path / "house") as house:
        server = serve_app(house.app)
        board = server.router.middleware_stack
        assert isinstance(board, Switchboard)
        tried = 0
        for route in (each for each in server.routes if isinstance(each, APIRoute)):
            path = re.sub(r"\{[^}]*\}", "some-x", route.path)
            small = board._router(place_of(path))
            for method in sorted(route.methods or ()):
                assert found(small, method, path) == found(server.router, method, path), path
                assert len(small.routes) < len(server.routes) / 4
                tried += 1

    assert tried > 300


@pytest.fixture
def server() -> FastAPI:
    server = FastAPI()
    board = Switchboard(server)
    router = APIRouter()
    answers = (
        "/",
        "/v1/things",
        "/v1/things/{name}",
        "/v1/others",
        "/{word}/anywhere",
        "/v1/things/fixed",
    )
    for path in answers:
        router.add_api_route(path, lambda answer=path: answer, methods=["GET"])
    board.include(router)
    server.add_api_route("/by-itself", lambda: "by itself", methods=["GET"])
    return server


def ask(server: FastAPI, method: str, path: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=server)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://manciple.invalid", follow_redirects=True
        ) as client:
            return await client.request(method, f"http://manciple.invalid{path}")

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("path", "status", "answer"),
    [
        ("/", 200, "/"),
        ("/v1/things", 200, "/v1/things"),
        ("/v1/things/", 200, "/v1/things"),  # sent on to the path without the stroke
        ("/v1/things/a", 200, "/v1/things/{name}"),
        ("/v1/things/fixed", 200, "/v1/things/{name}"),  # the first that was told wins
        ("/things/anywhere", 200, "/{word}/anywhere"),
        ("/by-itself", 200, "by itself"),
        ("/v1/nothing", 404, None),
        ("/v1", 404, None),
        ("/nothing", 404, None),
        ("//", 404, None),
    ],
)
def test_a_path_leads_to_the_first_route_that_was_told_for_it(
    server: FastAPI, path: str, status: int, answer: str | None
) -> None:
    got = ask(server, "GET", path)

    assert got.status_code == status
    if answer is not None:
        assert got.json() == answer


def test_another_method_is_refused_by_its_name(server: FastAPI) -> None:
    got = ask(server, "POST", "/v1/others")

    assert got.status_code == 405
    assert got.headers["allow"] == "GET"


def test_unknown_places_take_no_room(server: FastAPI) -> None:
    for number in range(50):
        ask(server, "GET", f"/nothing-{number}")

    board = server.router.middleware_stack
    assert isinstance(board, Switchboard)
    assert len(board._routers) == 1


def test_what_was_to_come_later_comes_with_the_first_path_that_is_not_known(
    server: FastAPI,
) -> None:
    board, made = server.router.middleware_stack, APIRouter()
    assert isinstance(board, Switchboard)
    made.add_api_route("/page", lambda: "a page", methods=["GET"])
    made.add_api_route("/v1/things/late", lambda: "late", methods=["POST"])
    asked: list[str] = []

    def later() -> list[APIRouter]:
        asked.append("once")
        return [made]

    board.later(later)
    assert ask(server, "GET", "/v1/others").json() == "/v1/others"
    assert asked == []
    assert ask(server, "GET", "/page").json() == "a page"
    assert ask(server, "POST", "/v1/things/late").json() == "late"
    assert ask(server, "GET", "/nothing").status_code == 404
    assert asked == ["once"]


def test_the_first_question_to_a_server_may_be_for_a_page_below_one_that_is_known() -> None:
    server = FastAPI()
    board = Switchboard(server)
    now, later = APIRouter(), APIRouter()
    now.add_api_route("/figures", lambda: "known", methods=["GET"])
    later.add_api_route("/figures/{name}", lambda name: f"later {name}", methods=["GET"])
    board.include(now)
    board.later(lambda: [later])

    async def ask(*paths: str) -> list[str]:
        line = httpx.ASGITransport(server)
        async with httpx.AsyncClient(transport=line, base_url="http://here") as client:
            return [(await client.get(path)).text for path in paths]

    assert asyncio.run(ask("/figures", "/figures/one", "/figures")) == [
        '"known"', '"later one"', '"known"',
    ]  # fmt: skip
