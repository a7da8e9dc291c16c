"""The doors as the simulated world uses them: the API, partners' folders, the docks' system."""

import asyncio
import os
from collections.abc import Callable, Mapping, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
from anyio import to_thread
from fastapi import FastAPI

from manciple.adapters.reference.line import Line
from manciple.adapters.transports.disk import Disk
from manciple.app.feeds import Feeds
from manciple.world.company import Company
from manciple.world.dock import Count, DockError

_AT_ONCE: ContextVar[bool] = ContextVar("at_once", default=False)
"""Whether what blocks may run where it is asked for: nobody else waits for the event loop."""


@cache
def _let_run_at_once() -> None:
    """Teach the worker threads of the HTTP stack to stay out of it where `_AT_ONCE` says so.

    A request of the simulated world would wake two threads, one after the other, and wait for
    each. AnyIO offers no setting for it, so its one door to threads is wrapped, once.
    """
    in_thread = to_thread.run_sync

    async def run_sync(do: Callable[..., Any], *args: Any, **options: Any) -> Any:
        if _AT_ONCE.get():
            return do(*args)
        return await in_thread(do, *args, **options)

    to_thread.run_sync = run_sync  # type: ignore[assignment]  # wider than what it replaces


class _Here(ThreadPoolExecutor):
    """An event loop's executor that has no thread: it does what it is given at once."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Do it, and give what came of it."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **options))
        except BaseException as problem:  # noqa: BLE001  belongs to whoever waits
            done.set_exception(problem)
        return done


class AsgiWire:
    """Carries requests to an application in this process, through its whole HTTP stack."""

    def __init__(self, server: FastAPI) -> None:
        """Speak to this server."""
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(_Here())
        _let_run_at_once()

    def request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Carry one request."""
        return self._loop.run_until_complete(self._carry(method, path, headers, body))

    async def _carry(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Be the HTTP server for one request. Source: ASGI 3.0, HTTP connection scope."""
        plain, _, query = path.partition("?")
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in headers.items()]  # fmt: skip
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": unquote(plain), "raw_path": plain.encode("latin-1"),
            "query_string": query.encode("latin-1"), "root_path": "",
            "headers": [(b"host", b"manciple.invalid"), *sent,
                        (b"content-length", str(len(body)).encode())],
            "client": ("127.0.0.1", 0), "server": ("manciple.invalid", 80),
        }  # fmt: skip
        gone = asyncio.Event()
        parts: list[bytes] = []
        status = 500
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await gone.wait()
                return {"type": "http.disconnect"}
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                parts.append(message.get("body", b""))

        _AT_ONCE.set(True)  # in this request's own context
        await self._server(scope, receive, send)
        gone.set()
        return status, b"".join(parts)

    def close(self) -> None:
        """End it."""
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@dataclass(slots=True)
class FolderMail:
    """The suppliers' side of the folders: they take our files and leave theirs.

    Attributes:
        feeds: looks at once when a file was left; None where a worker looks by itself.
    """

    partners: Path
    feeds: Feeds | None
    dropped: int = 0
    fetched: int = 0
    _seen: dict[str, set[str]] = field(default_factory=dict)
    _looked: dict[str, int] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    _disk: Disk = field(default_factory=partial(Disk, flush=False))

    def fetch(self, supplier: str) -> tuple[bytes, ...]:
        """Take the files that have come for a supplier, in the order of their names."""
        folder = f"{self.partners}/{supplier}/out"
        try:
            changed = os.stat(folder).st_mtime_ns  # noqa: PTH116  thousands of times a day
        except FileNotFoundError:
            return ()
        if self._looked.get(supplier) == changed:
            return ()
        self._looked[supplier] = changed
        seen = self._seen.setdefault(supplier, set())
        names = sorted(set(os.listdir(folder)) - seen)  # noqa: PTH208  as above
        seen.update(names)
        self.fetched += len(names)
        return tuple(self._disk.read(f"{folder}/{name}") or b"" for name in names)

    def drop(self, supplier: str, name: str, content: bytes) -> None:
        """Leave a file under its final name."""
        folder = f"{self.partners}/{supplier}"
        for needed in ("", "/in") if supplier not in self._made else ():
            Path(folder + needed).mkdir(parents=True, exist_ok=True)
        self._made.add(supplier)
        self._disk.write(f"{folder}/.{name}", content)
        self._disk.move(f"{folder}/.{name}", f"{folder}/in/{name}")
        self.dropped += 1
        if self.feeds is not None:
            self.feeds.files(supplier)


@dataclass(slots=True)
class WmsDock:
    """The docks' own system: people book counts there; we read them from its feed.

    Attributes:
        feeds: looks at once when a count was booked; None where a worker looks by itself.
    """

    line: Line
    company: Company
    feeds: Feeds | None
    booked: int = 0

    def book(self, count: Count) -> None:
        """Book a delivery in base units under the dock's receipt number."""
        packs = {item.id: item.per_case for item in self.company.items}
        body: dict[str, Any] = {
            "number": count.receipt,
            "order": count.shipment.order,
            "site": count.shipment.site,
            "received": count.shipment.arrives.date().isoformat(),
            "shipment": count.shipment.number,
            "lines": [
                {
                    "line": line.line,
                    "quantity": f"{line.quantity * _held(line.unit, packs[line.item]):f}",
                    "unit": "EA",
                    "condition": "damaged" if line.damaged else "good",
                }
                for line in count.lines
            ],
        }
        answer = self.line.ask(
            "POST",
            "/receipts",
            msgspec.json.encode(body),
            {"Idempotency-Key": count.receipt, "Content-Type": "application/json"},
        )
        if answer.status not in {200, 201, 409}:
            raise DockError(f"receipt {count.receipt}: {answer.status} {answer.body!r}")
        self.booked += 1
        if self.feeds is not None:
            self.feeds.receipts()


def _held(code: str, per_case: int) -> int:
    """Give how many pieces one unit of the delivery note holds."""
    if code not in {"EA", "CA"}:
        raise DockError(f"the delivery note says {code}; cases and pieces are counted here")
    return per_case if code == "CA" else 1


def masters_of(company: Company) -> bytes:
    """Give the company's master records as the ERP's owner loads them."""
    per_case = {item.id: item.per_case for item in company.items}
    body = {
        "suppliers": [
            {"id": s.id, "name": s.name, "currency": "USD", "blocked": False}
            for s in company.suppliers
        ],
        "sites": [
            {"id": s.id, "name": s.name, "company": "NORTHWAY", "city": s.city, "zone": s.zone}
            for s in company.sites
        ],
        "items": [
            {
                "id": item.id, "description": item.description, "category": item.category,
                "unit": "EA", "stocked": True, "gtin": None,
                "packs": [{"unit": "XCS", "content": str(item.per_case)}],
            }
            for item in company.items
        ],
        "offers": [
            {
                "supplier": offer.supplier, "item": offer.item,
                "supplier_item": offer.supplier_item,
                "price": f"{offer.price * Decimal(per_case[offer.item]):f}",
                "per": "1", "per_unit": "XCS", "order_unit": "XCS",
                "minimum": None, "lead_days": offer.lead_days, "valid_from": "2026-01-01",
                "valid_to": None, "preferred": offer.preferred, "currency": "USD",
            }
            for offer in company.offers
        ],
    }  # fmt: skip
    return msgspec.json.encode(body)
