"""The product with its neighbours, set up for a measurement: our database, ERP, WMS, finance."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.desks import Desks
from tests.databases import OwnServer, sqlite_file
from tests.soak.trade import Asking, firm, furnish

from manciple.adapters.reference.line import Line
from manciple.adapters.sql.engine import reading
from manciple.adapters.transports.disk import Disk
from manciple.adapters.transports.folder import FolderTransport
from manciple.app import Application, build
from manciple.app.systems import Systems
from manciple.kernel.clock import Clock
from manciple.settings import Settings


class Databases:
    """Fresh migrated databases of a kind; PostgreSQL is started when it is first asked for."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="manciple-bench-"))
        self._own: OwnServer | None = None

    def fresh(self, kind: str) -> str:
        """Give the address of a database."""
        if kind == "sqlite":
            return sqlite_file(self.folder)
        self._own = self._own or OwnServer()
        return self._own.fresh()

    def close(self) -> None:
        """Stop and delete everything."""
        if self._own is not None:
            self._own.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What lies in the database after a run."""

    commands: int
    effects: int
    events: int
    payables: int
    waiting: int
    cases: int


@dataclass(slots=True, kw_only=True)
class House:
    """An installation for one run."""

    app: Application
    settings: Settings
    asking: Asking
    desks: Desks

    def tally(self) -> Tally:
        """Count what lies there."""
        with reading(self.app.store.engine) as session:

            def count(sql: str) -> int:
                row = session.one(f"select count(*) from {sql}")
                return int(row[0]) if row else 0

            return Tally(
                commands=count("command"),
                effects=count("effect"),
                events=count("event"),
                payables=count("effect where verb = 'finance.payable' and state = 'done'"),
                waiting=count("effect where state in ('due', 'accepted', 'dead')"),
                cases=count("document where kind = 'case'"),
            )


@contextmanager
def house(
    url: str,
    home: Path,
    lines: Mapping[str, Line],
    clock: Clock,
    *,
    flush: bool,
    settings: Settings | None = None,
    lines_each: int = 2,
) -> Iterator[House]:
    """Set an installation up: database, masters, people, partners; needs of so many lines."""
    settings = settings or Settings(home=home, database_url=url, partners=home / "partners")
    trade = firm()
    systems = Systems.over(settings, erp=lines["erp"], wms=lines["wms"], finance=lines["finance"])
    for each in trade.suppliers:
        systems.transports[each.id] = FolderTransport(
            settings.partners / each.id,
            partner=each.id,
            settle_seconds=0,
            disk=Disk(flush=flush),
        )
    app = build(settings, clock=clock, systems=systems)
    furnish(app, trade, lines["erp"])
    app.store.counts.commits = app.store.counts.commands = 0
    yield House(
        app=app,
        settings=settings,
        asking=Asking(trade, lines=lines_each),
        desks=Desks(settings.partners),
    )
    app.store.engine.dispose()
