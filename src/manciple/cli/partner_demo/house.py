"""The installation of the run: our program, ERP, warehouse and finance, and the mock-edis outside.

Each has its own database; each mock-edi is a process of its own, and we trade over folders.
"""

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from manciple.adapters.durable.migrating import migrate
from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.finance.server import ReferenceFinance
from manciple.adapters.partners.expected import ExpectedEnd
from manciple.adapters.partners.mock_edi import MockEdi
from manciple.adapters.reference.line import InProcessLine
from manciple.adapters.transports.disk import Disk
from manciple.adapters.transports.folder import FolderTransport
from manciple.adapters.wms.server import ReferenceWms
from manciple.app import Application, build, settings_from
from manciple.app.feeds import Feeds
from manciple.app.masters import import_masters
from manciple.app.systems import Systems
from manciple.cli.partner_demo.firm import Prices, SetUpError, Trading, masters, register, tradings
from manciple.cli.serving import operator_key, write_private
from manciple.cli.world_doors import AsgiWire
from manciple.kernel.clock import WorldClock
from manciple.settings import Settings
from manciple.web.server import serve_app
from manciple.world.client import Api

_HOUR = 3600
_NEIGHBOURS = "NORMAL"
_MARK = ".manciple-demo"


@dataclass(slots=True, kw_only=True)
class House:
    """Everything that stands before the first morning.

    Attributes:
        keys: everybody's API key.
        partners: by behaviour, the mock-edi that behaves so.
    """

    settings: Settings
    end: ExpectedEnd
    app: Application
    clock: WorldClock
    erp: ReferenceErp
    wms: InProcessLine
    feeds: Feeds
    wire: AsgiWire
    operator: str
    keys: dict[str, str]
    tradings: tuple[Trading, ...]
    partners: dict[str, MockEdi]

    def api(self, person: str) -> Api:
        """Give the API as a person uses it."""
        return Api(wire=self.wire, key=self.keys[person])

    def agree(self, prices: Prices) -> None:
        """Have the ERP's owner load masters with these prices, and follow them."""
        self.erp.load(masters(self.end, prices))
        if self.app.systems.erp is None:
            raise SetUpError("the run has no ERP")
        import_masters(self.app, self.app.systems.erp)


@contextmanager
def opened(
    *, home: Path, database_url: str | None, end: ExpectedEnd, prices: Prices, at: datetime
) -> Iterator[House]:
    """Set everything up at an instant, with a first price list; end the partners at the end.

    Raises:
        SetUpError: mock-edi is not installed, or the home holds something that no demo made.
    """
    require_mock_edi()
    settings = settings_from({}, home=home, url=database_url)
    clear(settings.home)
    migrate(settings.database_url)
    erp = ReferenceErp(settings.home / "erp.sqlite", synchronous=_NEIGHBOURS)
    wms = ReferenceWms(settings.home / "wms.sqlite", synchronous=_NEIGHBOURS)
    finance = ReferenceFinance(settings.home / "finance.sqlite", synchronous=_NEIGHBOURS)
    to_wms = InProcessLine(wms)
    systems = Systems.over(
        settings, erp=InProcessLine(erp), wms=to_wms, finance=InProcessLine(finance)
    )
    clock = WorldClock(at)
    suppliers = tradings(end)
    with ExitStack() as stack:
        partners = {
            each.behaviour: stack.enter_context(_partner(settings, systems, each, at))
            for each in suppliers
        }
        app = build(settings, clock=clock, systems=systems)
        operator = operator_key(app, settings.home, secrets.token_hex(24))
        wire = AsgiWire(serve_app(app, viewer_key=operator, pages_at_once=False))
        stack.callback(wire.close)
        house = House(
            settings=settings, end=end, app=app, clock=clock, erp=erp, wms=to_wms,
            feeds=Feeds(app), wire=wire, operator=operator, keys={}, tradings=suppliers,
            partners=partners,
        )  # fmt: skip
        house.agree(prices)
        house.keys |= register(Api(wire=wire, key=operator), suppliers)
        write_private(settings.home / "keys.json", json.dumps(house.keys, indent=1) + "\n")
        yield house


def require_mock_edi() -> None:
    """Refuse to begin without the partner.

    Raises:
        SetUpError: mock-edi is not installed.
    """
    if find_spec("mockedi") is None:
        raise SetUpError(
            "mock-edi is not installed; install the extra: pip install 'manciple[partner]'"
        )


def _partner(settings: Settings, systems: Systems, trading: Trading, at: datetime) -> MockEdi:
    """Start a mock-edi beside the supplier's folders; its records lie in a file of its own."""
    place = settings.partners / trading.supplier
    folder = FolderTransport(
        place, partner=trading.supplier, settle_seconds=0, disk=Disk(flush=False)
    )
    systems.transports[trading.supplier] = folder
    answers, ships, bills = trading.hours
    partner = MockEdi.start(
        at=at,
        identifier=trading.theirs,
        database=settings.home / f"{trading.theirs.lower()}.sqlite",
        drop=folder.outbound,
        pickup=folder.inbound,
        response_after_s=answers * _HOUR,
        despatch_after_s=ships * _HOUR,
        invoice_after_s=bills * _HOUR,
    )
    partner.add_customer(trading.ours, behaviour=trading.behaviour)
    return partner


def clear(home: Path) -> None:
    """Make the home anew; only what an earlier demo made is removed."""
    if home.exists() and any(home.iterdir()):
        if not (home / _MARK).exists():
            raise SetUpError(f"{home} is not empty and no demo made it: choose another --home")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / _MARK).write_text("made by manciple demo; removed by the next one\n", "utf-8")
