"""A whole small installation for tests: our application with an ERP, a warehouse system, finance
and partners' folders around it, every one with books of its own, and a key for everybody.

    installation.post("rita", "/v1/requisitions", {...})    as the person whose key it is
    installation.settle()                                   everything that is due now is done
    installation.wait(hours=20)                             time passes, and what falls due happens

It is set up once per run; each test works on a copy.
"""

import asyncio
import atexit
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import httpx

from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.finance.server import ReferenceFinance
from manciple.adapters.reference.line import InProcessLine
from manciple.adapters.reference.switches import Mode, Switch
from manciple.adapters.reference.system import ReferenceSystem
from manciple.adapters.transports.folder import FolderTransport
from manciple.adapters.wms.server import ReferenceWms
from manciple.app import Application, build
from manciple.app.definitions import Definitions, load
from manciple.app.feeds import Feeds
from manciple.app.masters import import_masters
from manciple.app.systems import Systems
from manciple.approvals.authority import Authority, Limit, RegisterAuthority
from manciple.exchange.partner import Address, Partner, RegisterPartner
from manciple.governance.api_key import IssueApiKey, digest_of, key_text
from manciple.governance.people import Person, RegisterPerson
from manciple.kernel.clock import WorldClock
from manciple.kernel.messages import SYSTEM, Command
from manciple.kernel.money import Currency, Money
from manciple.runtime.firing import fire
from manciple.runtime.playing import Player
from manciple.settings import Settings
from manciple.web.server import serve_app
from tests.api.small_company import PEOPLE, SUPPLIERS, masters
from tests.databases import sqlite_file

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
"""A Monday, ten o'clock in Atlanta."""
OURS = Address(qualifier="ZZ", interchange_id="MANCIPLE", group_id="MANCIPLE")
ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, its JSON read."""

    status: int
    body: Any
    headers: Mapping[str, str]
    raw: bytes

    @property
    def codes(self) -> set[str]:
        return {each["code"] for each in self.body["errors"]}

    @property
    def etag(self) -> str:
        return self.headers["etag"]


class _Nothing:
    def next_at(self) -> datetime | None:
        return None

    def act(self, now: datetime) -> Iterable[NoReturn]:
        del now
        return ()


@dataclass(slots=True)
class Installation:
    """The application and its neighbours, and the ways in which people reach it."""

    home: Path
    app: Application
    clock: WorldClock
    erp: ReferenceErp
    wms: ReferenceWms
    finance: ReferenceFinance
    feeds: Feeds
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop
    _serial: Iterator[int] = field(default_factory=lambda: count(1))
    _files: Iterator[int] = field(default_factory=lambda: count(1))

    # ---- the API ---------------------------------------------------------------------------

    def ask(
        self,
        method: str,
        path: str,
        *,
        who: str | None,
        body: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        sent = {"Authorization": f"Bearer {key_of(who)}"} if who else {}
        sent |= dict(headers or {})
        if body is not None:
            content = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        request = self.client.request(method, path, content=content, headers=sent)
        answer = self.loop.run_until_complete(request)
        is_json = "json" in answer.headers.get("content-type", "")
        return Answer(
            answer.status_code,
            answer.json() if is_json else None,
            answer.headers,
            answer.content,
        )

    def get(self, who: str, path: str) -> Any:
        answer = self.ask("GET", path, who=who)
        assert answer.status == 200, (path, answer.status, answer.body)
        return answer.body

    def post(
        self,
        who: str,
        path: str,
        body: Any = None,
        *,
        once: str | None = None,
        match: str | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._write("POST", who, path, body, once, match, content, headers)

    def put(
        self, who: str, path: str, body: Any, *, once: str | None = None, match: str | None = None
    ) -> Answer:
        return self._write("PUT", who, path, body, once, match, None, None)

    def _write(
        self,
        method: str,
        who: str,
        path: str,
        body: Any,
        once: str | None,
        match: str | None,
        content: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> Answer:
        sent = {"Idempotency-Key": once or f"test-{next(self._serial)}"} | dict(headers or {})
        if match is not None:
            sent["If-Match"] = match
        if body is None and content is None:
            body = {}
        return self.ask(method, path, who=who, body=body, content=content, headers=sent)

    # ---- time ------------------------------------------------------------------------------

    def settle(self) -> None:
        """Do everything that is due now, and what comes of it."""
        for _ in range(ROUNDS):
            fired = fire(self.app.store, self.clock.now())
            for defect in fired.defects:
                raise defect
            if not (self.app.drains.drain_all() or fired.replies):
                return
        raise AssertionError("it never comes to rest")

    def wait(self, **time: float) -> None:
        """Let time pass; timers and retries happen when they are due."""
        self.settle()
        player = Player(self.app.store, self.app.drains, self.clock, _Nothing())
        player.play(self.clock.now() + timedelta(**time))
        self.settle()

    # ---- partners and other systems ----------------------------------------------------------

    def sent_to(self, supplier: str) -> dict[str, bytes]:
        """Give the files that lie for a supplier, by name."""
        folder = self.home / "partners" / supplier / "out"
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}

    def drop(self, supplier: str, content: bytes, name: str = "") -> None:
        """Leave a supplier's file for us, and read it."""
        mark = name or f"{next(self._files):05}-{sha256(content).hexdigest()[:8]}.edi"
        folder = self.home / "partners" / supplier / "in"
        aside = folder.parent / f".{mark}"
        aside.write_bytes(content)
        aside.rename(folder / mark)
        self.feeds.files(supplier)
        self.settle()

    def count_at_dock(
        self,
        receipt: str,
        order: str,
        lines: Mapping[str, int],
        *,
        site: str = "ATL",
        damaged: Mapping[str, int] | None = None,
        shipment: str = "",
        instead: Mapping[str, tuple[str, int]] | None = None,
    ) -> None:
        """Book a delivery in the warehouse system, in pieces, and read its feed."""
        rows = [(line, n, "good") for line, n in lines.items()]
        rows += [(line, n, "damaged") for line, n in (damaged or {}).items()]
        body = {
            "number": receipt,
            "order": order,
            "site": site,
            "received": self.clock.now().date().isoformat(),
            "shipment": shipment,
            "lines": [
                {"line": line, "quantity": str(n), "unit": "EA", "condition": condition}
                for line, n, condition in rows
            ]
            + [
                {"line": line, "quantity": str(n), "unit": "EA", "item": item}
                for line, (item, n) in (instead or {}).items()
            ],
        }
        headers = {"Idempotency-Key": receipt}
        line = InProcessLine(self.wms)
        answer = line.ask("POST", "/receipts", json.dumps(body).encode(), headers)
        assert answer.status == 201, answer
        self.feeds.receipts()
        self.settle()

    def switch(self, system: ReferenceSystem, mode: Mode, **more: Any) -> None:
        """Have another system misbehave, or stop it."""
        system.switches.set(Switch(mode=mode, **more))

    def books(self, name: str, sql: str, *values: object) -> list[dict[str, Any]]:
        """Read another system's own database: ``erp``, ``wms`` or ``finance``."""
        db = sqlite3.connect(f"file:{self.home / name}.sqlite?mode=ro", uri=True)
        db.create_aggregate("decimal_sum", 1, _DecimalSum)  # type: ignore[arg-type]
        db.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in db.execute(sql, values)]
        finally:
            db.close()

    def own(self, sql: str) -> list[tuple[Any, ...]]:
        """Read our own database."""
        with self.app.store.engine.connect() as db:
            return [tuple(row) for row in db.exec_driver_sql(sql)]

    def close(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        self.loop.close()
        self.app.store.engine.dispose()
        for system in (self.erp, self.wms, self.finance):
            system.close()


class _DecimalSum:
    def __init__(self) -> None:

        self.sum = Decimal(0)

    def step(self, value: str) -> None:
        self.sum += Decimal(value)

    def finalize(self) -> str:
        return f"{self.sum:f}"


def key_of(person: str) -> str:
    """Give a person's API key; any text that is no person's is a key that nobody issued."""
    return key_text(f"key-{person}", sha256(f"secret of {person}".encode()).hexdigest())


_definitions: list[Definitions] = []


def definitions() -> Definitions:
    """Give the shipped definitions, read once per run."""
    if not _definitions:
        _definitions.append(load())
    return _definitions[0]


def opened(home: Path, url: str) -> Installation:
    """Open the installation that lies in a home."""
    settings = Settings(home=home, database_url=url, partners=home / "partners", synchronous="OFF")
    erp = ReferenceErp(home / "erp.sqlite", synchronous="OFF")
    wms = ReferenceWms(home / "wms.sqlite", synchronous="OFF")
    finance = ReferenceFinance(home / "finance.sqlite", synchronous="OFF")
    clock = WorldClock(START)
    systems = Systems.over(
        settings, erp=InProcessLine(erp), wms=InProcessLine(wms), finance=InProcessLine(finance)
    )
    for supplier, _, _ in SUPPLIERS:
        systems.transports[supplier] = FolderTransport(
            settings.partners / supplier, partner=supplier, settle_seconds=0
        )
    app = build(settings, clock=clock, systems=systems, definitions=definitions())
    server = serve_app(app, pages_at_once=False)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=server), base_url="http://manciple.invalid"
    )
    return Installation(
        home=home,
        app=app,
        clock=clock,
        erp=erp,
        wms=wms,
        finance=finance,
        feeds=Feeds(app),
        client=client,
        loop=asyncio.new_event_loop(),
    )


def furnish(made: Installation) -> None:
    """Bring in the masters from the ERP, the people with limits and keys, and the partners."""
    made.erp.load(masters())
    assert made.app.systems.erp is not None
    import_masters(made.app, made.app.systems.erp)
    acts: list[object] = []
    for name, _, address in SUPPLIERS:
        theirs = Address(qualifier="ZZ", interchange_id=address, group_id=address)
        acts.append(RegisterPartner(partner=Partner(id=name, theirs=theirs, ours=OURS)))
    for each in PEOPLE:
        person = Person(
            id=each.id,
            name=each.id.title(),
            email=f"{each.id}@example.com",
            roles=each.roles,
            sites=each.sites,
            supplier=each.supplier,
        )
        acts.append(RegisterPerson(person=person))
        digest = digest_of(key_of(each.id))
        acts.append(IssueApiKey(id=f"key-{each.id}", digest=digest, person=each.id))
        if each.approves:
            limit = Limit(amount=Money(Decimal(each.limit), Currency.USD))
            acts.append(
                RegisterAuthority(
                    authority=Authority(id=each.id, roles=each.approves, limits=(limit,))
                )
            )
    commands = [
        Command(key=f"furnish:{n}", act=act, actor=SYSTEM, at=START) for n, act in enumerate(acts)
    ]
    for command, reply in zip(commands, made.app.store.apply(commands).replies, strict=True):
        assert reply.is_done, (command.act, reply.refusals, reply.defect)


_template: list[Path] = []


def template() -> Path:
    """Give the home of the furnished installation that tests copy."""
    if not _template:
        home = Path(tempfile.mkdtemp(prefix="manciple-installation-"))
        atexit.register(shutil.rmtree, home, ignore_errors=True)
        url = sqlite_file(home)
        Path(url.removeprefix("sqlite:///")).rename(home / "manciple.db")
        made = opened(home, f"sqlite:///{home / 'manciple.db'}")
        furnish(made)
        made.close()
        _template.append(home)
    return _template[0]


@contextmanager
def installed(home: Path, url: str | None = None) -> Iterator[Installation]:
    """Give an installation of its own: a copy on SQLite, or furnished anew at an address."""
    if url is None:
        shutil.copytree(template(), home, dirs_exist_ok=True)
        made = opened(home, f"sqlite:///{home / 'manciple.db'}")
    else:
        made = opened(home, url)
        furnish(made)
    try:
        yield made
    finally:
        made.close()
