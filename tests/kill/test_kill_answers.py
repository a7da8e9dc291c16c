"""What a caller hears while something behind the door dies: nobody knows, so ask again."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from manciple.runtime.intake import BusyError, ClosedError
from manciple.runtime.work import LostRaceError, StoreError
from manciple.web.api.problems import install


@pytest.mark.parametrize("problem", [StoreError, LostRaceError, BusyError, ClosedError])
def test_a_dying_database_is_no_refusal(problem: type[Exception]) -> None:
    app = FastAPI()
    install(app)

    @app.post("/anything")
    def anything() -> None:
        raise problem("the server closed the connection")

    async def ask() -> httpx.Response:
        wire = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=wire, base_url="http://here.invalid") as client:
            return await client.post("/anything")

    answer = asyncio.run(ask())

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["errors"][0]["code"] == "UNAVAILABLE"
    assert "server closed" not in answer.text
