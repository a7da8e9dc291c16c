"""One process that serves a kept house over real HTTP, and says of each answer what it cost.

    python -m bench.web_served '{"url": ..., "home": ..., "at": ..., "port": ...}'

Every answer carries ``x-asked``, the statements that the database was asked, and ``x-cpu``, the
milliseconds of CPU that the process spent meanwhile: with one client, on this answer.
"""

import json
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from manciple.app import build
from manciple.kernel.clock import ShiftedClock
from manciple.runtime.memory import settle_in
from manciple.settings import Settings
from manciple.web.server import serve_app

_asked: list[str] = []


class _Counting(psycopg.Cursor[Any]):
    """A cursor that keeps count."""

    def execute(self, query: Any, *more: Any, **options: Any) -> Any:
        _asked.append(str(query))
        return super().execute(query, *more, **options)


def _listen(driver: Any, *_: object) -> None:
    if isinstance(driver, psycopg.Connection):
        driver.cursor_factory = _Counting
    else:
        driver.set_trace_callback(_hear)


def _hear(text: str) -> None:
    if not text.startswith(("BEGIN", "ROLLBACK", "COMMIT", "--")):
        _asked.append(text)


class Costing:
    """Goes around the server and writes on each answer what it cost."""

    def __init__(self, app: ASGIApp) -> None:
        """Go around an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say at what cost."""
        before, burnt = len(_asked), time.process_time()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-asked"] = str(len(_asked) - before)
                headers["x-burnt"] = str(time.process_time())
                headers["x-cpu"] = f"{1000 * (time.process_time() - burnt):.3f}"
            await send(message)

        await self._app(scope, receive, sent)


def main(told: Mapping[str, Any]) -> None:
    """Serve until told to stop."""
    sa.event.listen(sa.pool.Pool, "connect", _listen)
    home = Path(told["home"])
    settings = Settings(home=home, database_url=told["url"], partners=home / "partners")
    app = build(settings, clock=ShiftedClock(datetime.fromisoformat(told["at"])))
    served = Costing(serve_app(app))
    settle_in()
    uvicorn.run(
        served, host="127.0.0.1", port=int(told["port"]), log_level="warning", access_log=False,
        lifespan="off", timeout_graceful_shutdown=1,
        timeout_keep_alive=3600,
    )  # fmt: skip


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
