"""The demo: a distributor with six warehouses, played through every door, then the live page.

    set up -> migrate -> load the ERP's masters -> register people and partners over the API
    -> play the days -> compare with everybody's own books -> print -> serve

Everything that the world does goes through the HTTP API, partners' folders and the warehouse
system. The ERP, warehouse and finance systems live in this process, each with its own database.
"""

import json
import os
import secrets
import shutil
import time as wall
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from manciple.adapters.durable.migrating import migrate
from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.finance.server import ReferenceFinance
from manciple.adapters.passwords import Passwords
from manciple.adapters.reference.line import InProcessLine
from manciple.adapters.sql.engine import reading
from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from manciple.adapters.transports.disk import Disk
from manciple.adapters.transports.folder import FolderTransport
from manciple.adapters.wms.server import ReferenceWms
from manciple.app import Application, build, settings_from
from manciple.app.checking import Check, check
from manciple.app.feeds import Feeds
from manciple.app.masters import import_masters
from manciple.app.systems import Systems
from manciple.cases.case import Case
from manciple.cli.beside import Beside
from manciple.cli.demo_live import Living
from manciple.cli.serving import check_port, serve_http, write_private
from manciple.cli.world_doors import AsgiWire, FolderMail, WmsDock, masters_of
from manciple.governance.account import MOST_HOURS, SetPassword
from manciple.governance.api_key import IssueApiKey, digest_of, key_text
from manciple.governance.people import Person, RegisterPerson
from manciple.intelligence.metrics.figure import Question
from manciple.intelligence.metrics.period import period
from manciple.intelligence.metrics.registry import HEADLINES
from manciple.invoicing.invoice import Invoice
from manciple.kernel.clock import ShiftedClock, WorldClock
from manciple.kernel.errors import MancipleError, refuse
from manciple.kernel.messages import SYSTEM, Command, Role
from manciple.ordering.purchase_order import PurchaseOrder
from manciple.receiving.receipt import Receipt
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.memory import settle_in
from manciple.runtime.playing import Player
from manciple.settings import Settings
from manciple.supplying.acknowledgment import Acknowledgment
from manciple.supplying.ship_notice import ShipNotice
from manciple.web.server import serve_app
from manciple.worker import Running
from manciple.world.client import Api
from manciple.world.company import Company, company
from manciple.world.company import Person as WorldPerson
from manciple.world.measures import MEASURES, measured
from manciple.world.world import Telling, World

START = date(2026, 3, 2)
"""The world's first day, a Monday. Part of the run, like its seed."""
TICK = timedelta(minutes=15)
"""Simulated time between two rounds of deliveries; larger ticks share more commits."""
ADMIN = "demo.admin"
_SAFE = "NORMAL"
"""How safe commits are while the days are played: a kill loses nothing, a loss of power may lose
the last moments of a run that its seed repeats. Ours and the simulated neighbours' alike."""


class DemoError(MancipleError):
    """The demo could not be set up."""


@dataclass(slots=True)
class Demo:
    """A demo, set up: the application, its neighbours and the world."""

    settings: Settings
    app: Application
    clock: WorldClock
    world: World
    wire: AsgiWire
    feeds: Feeds
    key: str
    keys: Mapping[str, str]
    mail: FolderMail
    dock: WmsDock
    erp: ReferenceErp
    wms: ReferenceWms
    finance: ReferenceFinance
    tick: timedelta


def set_up(
    settings: Settings,
    *,
    seed: int,
    days: int,
    tick: timedelta = TICK,
    firm: Company | None = None,
) -> Demo:
    """Make everything that stands before the first day, in a home of its own.

    Args:
        settings: whose home and database are used.
        seed: of the company and of everything that happens to it.
        days: simulated days.
        tick: how much simulated time passes between two rounds of deliveries; it is part of the
            run, like its seed: another tick gives another history.
        firm: another distributor than the seed's own: a smaller one, say.

    Raises:
        DemoError: the home holds something that is no demo of ours.
    """
    _clear(settings)
    migrate(settings.database_url)
    firm = firm or company(seed)
    erp = ReferenceErp(settings.home / "erp.sqlite", synchronous=_SAFE)
    wms = ReferenceWms(settings.home / "wms.sqlite", synchronous=_SAFE)
    finance = ReferenceFinance(settings.home / "finance.sqlite", synchronous=_SAFE)
    erp.load(masters_of(firm))
    clock = WorldClock(datetime.combine(START, time(), UTC))
    systems = Systems.over(
        settings,
        erp=InProcessLine(erp),
        wms=InProcessLine(wms),
        finance=InProcessLine(finance),
    )
    for supplier in firm.suppliers:
        folder = settings.partners / supplier.id
        systems.transports[supplier.id] = FolderTransport(
            folder, partner=supplier.id, settle_seconds=0, disk=Disk(flush=False)
        )
    app = build(settings, clock=clock, systems=systems)
    if systems.erp is None:
        raise DemoError("the demo has no ERP")
    import_masters(app, systems.erp)
    key = _administrator(app)
    wire = AsgiWire(serve_app(app, viewer_key=key, pages_at_once=False))
    keys = _register(Api(wire=wire, key=key), firm)
    write_private(settings.home / "operator.key", key + "\n")
    write_private(settings.home / "keys.json", json.dumps(keys, indent=1) + "\n")
    feeds = Feeds(app)
    mail = FolderMail(settings.partners, feeds)
    dock = WmsDock(InProcessLine(wms), firm, feeds)
    world = World(
        company=firm,
        seed=seed,
        start=START,
        days=days,
        api=lambda person: Api(wire=wire, key=keys[person.id]),
        mail=mail,
        warehouse=dock,
        tells_stock=Telling.SCARCE,
    )
    return Demo(
        settings=settings, app=app, clock=clock, world=world, wire=wire, feeds=feeds, key=key,
        keys=keys, mail=mail, dock=dock, erp=erp, wms=wms, finance=finance, tick=tick,
    )  # fmt: skip


def _clear(settings: Settings) -> None:
    """Make the home anew; only what an earlier demo made is removed."""
    home = settings.home
    mark = home / ".manciple-demo"
    if home.exists() and any(home.iterdir()):
        if not mark.exists():
            raise DemoError(f"{home} is not empty and no demo made it: choose another --home")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    mark.write_text("made by manciple demo; removed by the next one\n", "utf-8")


def _administrator(app: Application) -> str:
    """Make the first person and their key; everybody else comes in over the API."""
    person = Person(
        id=ADMIN, name="Demo administrator", email="admin@example.com", roles=(Role.ADMIN,)
    )
    name = "demoadmin"
    key = key_text(name, secrets.token_hex(24))
    at = app.clock.now()
    app.store.apply(
        [
            Command(key="demo:admin", act=RegisterPerson(person=person), actor=SYSTEM, at=at),
            Command(
                key="demo:admin-key",
                act=IssueApiKey(id=name, digest=digest_of(key), person=ADMIN),
                actor=SYSTEM,
                at=at,
            ),
        ]
    )
    return key


def _register(api: Api, firm: Company) -> dict[str, str]:
    """Register partners, people, limits and keys, as an administrator would."""
    for supplier in firm.suppliers:
        address = {"qualifier": "ZZ", "interchange_id": supplier.address,
                   "group_id": supplier.address}  # fmt: skip
        ours = {"qualifier": "ZZ", "interchange_id": "MANCIPLE", "group_id": "MANCIPLE"}
        # The world's desks number a paper when they plan it, not when they send it.
        profile = {"id": supplier.id, "theirs": address, "ours": ours, "counts": "nothing"}
        _put(api, f"/v1/partners/{supplier.id}", profile)
    keys: dict[str, str] = {}
    for person in firm.people:
        _put(api, f"/v1/people/{person.id}", {
            "id": person.id, "name": person.name, "email": f"{person.id}@example.com",
            "roles": list(person.roles), "sites": list(person.sites),
        })  # fmt: skip
        if person.approves:
            _put(api, f"/v1/authorities/{person.id}", _authority(person))
        wanted = {"person": person.id, "id": person.id.replace(".", "-")}
        status, answer = api.post("/v1/keys", wanted, once=f"key-{person.id}")
        if status != 201:  # noqa: PLR2004
            raise DemoError(f"no key for {person.id}: {answer}")
        keys[person.id] = answer["key"]
    return keys


def _authority(person: WorldPerson) -> Mapping[str, Any]:
    limit = {"amount": str(person.limit), "currency": "USD"}
    return {
        "id": person.id,
        "roles": list(person.approves),
        "limits": [{"document_type": "*", "category": "*", "site": "*", "amount": limit}],
        "manager": person.manager,
    }


def _put(api: Api, path: str, body: Mapping[str, Any]) -> None:
    status, answer = api.put(path, body, once=f"put-{path}")
    if status >= 400:  # noqa: PLR2004
        raise DemoError(f"{path}: {answer}")


def play(demo: Demo, *, quiet: bool = False, beside: Beside | None = None) -> float:
    """Play the days; gives the seconds that it took.

    Args:
        demo: what was set up.
        quiet: show no progress.
        beside: follows the metrics meanwhile; without it that is done here.
    """
    sealer = Sealer(demo.app.store.engine, holder="world")
    follower = beside or Follower(demo.app.store.engine, holder="world")

    def seal(now: datetime) -> int:
        count = sealer.seal(now)
        if not count:
            follower.follow_all(now)
        return count

    player = Player(
        demo.app.store, demo.app.drains, demo.clock, demo.world, tick=demo.tick, seal=seal
    )
    settle_in()
    started = wall.perf_counter()
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=Console(stderr=True), disable=quiet, transient=True,
    ) as progress:  # fmt: skip
        task = progress.add_task("playing", total=demo.world.days)
        for day in range(demo.world.days):
            until = demo.world.ends - timedelta(days=demo.world.days - day - 1)
            progress.update(task, description=f"{until.date():%a %d %b}", completed=day)
            player.play(until)
    if beside is not None:
        beside.catch_up(demo.clock.now())
    return wall.perf_counter() - started


def figures(
    demo: Demo, *, seed: int, elapsed: float, beside: Beside | None = None
) -> dict[str, Any]:
    """Count what happened and compare with everybody's own books; history is audited beside."""
    app = demo.app
    audited = beside.verify(app.clock.now()) if beside else app.verify
    demo.world.read_on()
    documents = app.documents
    with reading(app.store.engine) as session:
        row = session.one("select count(*) from posting where stage = 'ordered'")
        open_cases = session.one("select count(*) from task where list = 'case'")
    checks: dict[str, Check] = check(app)
    verified = audited()
    checks["history"] = Check(
        checked=verified.events,
        broken=[str(verified.broken)] if verified.broken else [],
    )
    return {
        "seed": seed,
        "days": demo.world.days,
        "elapsed_s": round(elapsed, 1),
        "counts": {
            "requisitions": documents.count(Requisition),
            "orders": documents.count(PurchaseOrder),
            "order_lines": int(row[0]) if row else 0,
            "acknowledgments": documents.count(Acknowledgment),
            "ship_notices": documents.count(ShipNotice),
            "receipts": documents.count(Receipt),
            "invoices": documents.count(Invoice),
            "exceptions": documents.count(Case),
            "payables": _payables(demo),
        },
        "tick_minutes": demo.tick // timedelta(minutes=1),
        "stock": dict(demo.world.stock.told()),
        "people": {"deeds": dict(sorted(demo.world.done.items())),
                   "mailed_bills": demo.world.mailbox.came,
                   "refused": dict(sorted(demo.world.office.refused.items()))},
        "metrics": _metrics(app),
        "measures": measured(demo.world.journal.told(demo.world.stock.told())),
        "exceptions_open": int(open_cases[0]) if open_cases else 0,
        "invariants": {
            name: {"checked": each.checked, "broken": len(each.broken)}
            for name, each in checks.items()
        },
        "broken": {name: each.broken[:10] for name, each in checks.items() if each.broken},
        "refused": {"world": demo.world.refused[:10], "feeds": demo.feeds.refused[:10]},
        "synchronous": demo.settings.synchronous,
        "merkle_root": verified.chained,
    }  # fmt: skip


def _metrics(app: Application) -> dict[str, Any]:
    """Give the eight metrics over all the days; what cannot be told says why."""
    told = {}
    for definition in HEADLINES:
        asked = Question(definition=definition, period=period("all", now=app.clock.now()))
        found = app.metrics.read(asked)
        numbers = found.series.get("", ())
        figure = numbers[0].headline if numbers else None
        told[definition.id] = {
            "name": definition.name,
            "figure": None if figure is None else f"{figure:f}",
            "unit": definition.unit,
            "n": numbers[0].n if numbers else 0,
            "standing": found.standing.value,
        }
    return told


def _payables(demo: Demo) -> int:
    finance = demo.app.systems.finance
    if finance is None:
        return 0
    count, cursor = 0, ""
    while True:
        page = finance.payables(cursor)
        count += len(page.rows)
        cursor = page.cursor
        if not page.more:
            return count


def show(console: Console, told: Mapping[str, Any]) -> None:
    """Print the figures for people."""
    table = Table(title=f"{told['days']} days, seed {told['seed']}, {told['elapsed_s']} s")
    table.add_column("what")
    table.add_column("how many", justify="right")
    for name, count in told["counts"].items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    table.add_row("exceptions still open", f"{told['exceptions_open']:,}")
    stock = told["stock"]
    table.add_row("stock-out item-site-days", f"{stock['stock_out_item_site_days']:,}")
    table.add_row("  of item-site-days stocked", f"{stock['stocked_item_site_days']:,}")
    table.add_row("pieces owed at a day's end, summed", f"{stock['stock_out_unit_days']:,}")
    console.print(table)
    eight = Table(title="the eight metrics")
    eight.add_column("metric")
    eight.add_column("figure", justify="right")
    eight.add_column("n", justify="right")
    for row in told["metrics"].values():
        figure = row["standing"] if row["figure"] is None else f"{row['figure']} {row['unit']}"
        eight.add_row(row["name"], figure, f"{row['n']:,}")
    console.print(eight)
    taken = Table(title="measured from the event feed")
    taken.add_column("measure")
    taken.add_column("value", justify="right")
    for each in MEASURES:
        value = told["measures"][each.name]
        taken.add_row(each.title, "-" if value is None else f"{value:,.1f}")
    console.print(taken)
    laws = Table(title="invariants")
    for column in ("law", "checked", "broken"):
        laws.add_column(column, justify="left" if column == "law" else "right")
    for name, row in told["invariants"].items():
        laws.add_row(name, f"{row['checked']:,}", str(row["broken"]))
    console.print(laws)
    for name, rows in told["broken"].items():
        for row in rows:
            console.print(f"[red]broken[/red] {name}: {row}")
    console.print(f"commits are durable to: synchronous={told['synchronous']}")
    console.print(f"history sealed under {told['merkle_root']}")


def run(
    *,
    days: int = 90,
    seed: int = 7,
    headless: bool = False,
    json_file: Path | None = None,
    home: Path,
    database_url: str | None = None,
    partner: str = "world",
    all_behaviours: bool = False,
    orders: int = 50,
    host: str = "127.0.0.1",
    port: int = 8480,
    pace: int = 60,
    tick: int = TICK // timedelta(minutes=1),
) -> int:
    """Set up, play, compare and print; then serve the live page unless headless.

    Args:
        days: simulated days, before the page is served.
        seed: the same seed and tick play the same world.
        headless: stop after the figures.
        json_file: where to write the figures, too.
        home: where everything lies; made anew.
        database_url: ours; a SQLite file in the home when none is given.
        partner: ``world`` or ``mock-edi``.
        all_behaviours: with mock-edi, play every behaviour that it has.
        orders: so many orders of each of them.
        host: where to serve.
        port: the port to serve on.
        pace: simulated seconds in a second while the page is served; 0: the world stands still
            and time goes on as on the wall.
        tick: simulated minutes between two rounds of deliveries while the days are played.

    Gives 0 when every invariant holds, else 1.
    """
    if partner == "mock-edi":
        from manciple.cli import partner_demo  # noqa: PLC0415  an extra

        if all_behaviours:
            return partner_demo.run_every_behaviour(
                home=home, json_file=json_file, database_url=database_url, orders=orders
            )
        return partner_demo.run_partner_demo(
            home=home, json_file=json_file, database_url=database_url, quiet=False
        )
    if all_behaviours:
        raise refuse(
            "WRONG_PARTNER",
            "only mock-edi has behaviours",
            field="--all-behaviours",
            fix="Say --partner mock-edi, too.",
        )
    settings = replace(
        settings_from({}, home=home, url=database_url), host=host, port=port, synchronous=_SAFE
    )
    if not headless:
        check_port(host, port)
    console = Console(stderr=True)
    with console.status("setting up: masters, partners, people"):
        demo = set_up(settings, seed=seed, days=days, tick=timedelta(minutes=tick))
    with _beside(settings) as beside:
        elapsed = play(demo, quiet=not console.is_terminal, beside=beside)
        with console.status("comparing with everybody's own books"):
            told = figures(demo, seed=seed, elapsed=elapsed, beside=beside)
    demo.wire.close()
    if json_file is not None:
        json_file.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    show(console, told)
    broken = sum(row["broken"] for row in told["invariants"].values())
    if not headless:
        _serve(demo, console, pace=pace)
    return 1 if broken else 0


def _beside(settings: Settings) -> AbstractContextManager[Beside | None]:
    """Give a process that follows and audits beside, where there is a core for it."""
    if (os.cpu_count() or 1) == 1:
        return nullcontext()
    return Beside(settings.database_url, synchronous=settings.synchronous)


def _serve(demo: Demo, console: Console, *, pace: int) -> None:
    """Serve the played installation; its clock goes on from where the world stopped."""
    clock = ShiftedClock(demo.clock.now(), pace=pace or 1)
    settings = demo.settings
    app = build(settings, clock=clock, systems=demo.app.systems)
    console.print(f"the trace page: http://{settings.host}:{settings.port}  (Ctrl+C ends it)")
    if pace:
        console.print(f"the world goes on: {pace} of its seconds in one of yours")
    with Running(app, url=settings.database_url, executor=settings.executor) as running:
        _let_people_in(running.app, demo, console)
        serving = partial(
            serve_http, running.app, settings, viewer_key=demo.key, session_hours=MOST_HOURS
        )
        if not pace:
            serving()
            return
        with _living(demo, running.app, clock):
            serving()


def _let_people_in(app: Application, demo: Demo, console: Console) -> None:
    """Give everybody of the simulated company one password, kept in the home and printed."""
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    digest = Passwords().digest(password)
    at = app.clock.now()
    shown: dict[Role, str] = {}
    for name in sorted(demo.keys):
        command = Command(
            key=f"demo:password:{name}:{digest[-12:]}",
            act=SetPassword(person=name, digest=digest),
            actor=SYSTEM,
            at=at,
            door="install",
        )
        app.apply(command)
        person = app.peek(Person, name)
        for role in person.roles if person else ():
            shown.setdefault(role, name)
    write_private(demo.settings.home / "password", password + "\n")
    wanted = (Role.APPROVER, Role.PLANNER, Role.BUYER, Role.AP_CLERK)
    names = ", ".join(shown[role] for role in wanted if role in shown)
    console.print(f"sign in as one of its people ({names}, ...) with the password {password}")


@contextmanager
def _living(demo: Demo, app: Application, clock: ShiftedClock) -> Iterator[None]:
    """Have the world live on beside the server; the worker looks at feeds, not the world."""
    demo.mail.feeds = demo.dock.feeds = None
    wire = AsgiWire(serve_app(app, pages_at_once=False))
    demo.world.api = lambda person: Api(wire=wire, key=demo.keys[person.id])
    demo.world.goes_on = True
    try:
        with Living(demo.world, clock):
            yield
    finally:
        wire.close()
