"""The pages as a small application, with hand-made threads behind them."""

import asyncio
from dataclasses import dataclass

import httpx
from fastapi import FastAPI, Request

from manciple.web.pages.layout import Viewer
from manciple.web.pages.router import pages
from tests.web.page_threads import (
    NOW,
    Changing,
    Files,
    Threads,
    many_orders,
    the_message,
    the_order,
)

BUYER = Viewer(name="Adaeze Okafor", role="Buyer, Lagos")


def signed_in(request: Request) -> Viewer | None:
    """Let in everybody who does not say that they are a stranger."""
    return None if "stranger" in request.headers else BUYER


def full_house(orders: int = 60) -> Threads:
    """Give many small threads and one in the middle of its life."""
    return Threads(*many_orders(orders), the_order())


def page_app(threads: Threads, files: Files | None = None) -> FastAPI:
    """Serve the pages over these threads, at a time that stands still."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(
        pages(
            traces=threads,
            interchanges=files or Files(the_message()),
            changes=Changing(threads),
            clock=lambda: NOW,
            actor_of=signed_in,
        )
    )
    return app


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pages as a program without script would: one request, one answer, no redirect."""

    app: FastAPI

    def get(self, url: str, **asked: dict[str, str]) -> httpx.Response:
        return asyncio.run(self._get(url, **asked))

    async def _get(self, url: str, **asked: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://pages") as client:
            return await client.get(url, params=asked.get("params"), headers=asked.get("headers"))
