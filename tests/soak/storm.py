"""The kill harness of the whole product: every system is a process, and any may die at any moment.

people over HTTP -> door (API, worker) -> ERP, WMS, finance by HTTP, partners' folders
                     | PostgreSQL: two more workers, and the server itself

with Storm(url, folder) as storm:
    storm.kill("door"); storm.kill("erp"); storm.die("erp", on="/invoices")
    storm.calm()                        nobody dies any more; what is under way comes to its end
    verdict = storm.verdict()
"""

import json
import logging
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from manciple.adapters.reference.line import UnclearError
from manciple.app import Application
from manciple.cli.world_doors import WmsDock
from manciple.kernel.errors import MancipleError
from manciple.runtime.work import StoreError
from manciple.world.desk import Desk, Paper, Shipment
from manciple.world.dock import Count, Counted
from tests.databases import OwnServer
from tests.soak.neighbours import MODULES, Neighbours, environment
from tests.soak.our_process import built, settings_of
from tests.soak.trade import SEED, Asking, firm, furnish, key_of

CLIENTS = 3
STEP = 0.7
"""Seconds between two papers of one order."""
_READY = 150.0
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ours:
    """A process of ours."""

    part: str
    name: str
    process: "subprocess.Popen[bytes]"


@dataclass(slots=True)
class People:
    """Those who raise needs and say yes, over HTTP; what is not answered is asked again."""

    base: str
    asking: Asking
    most: int | None = None
    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def work(self, stopped: threading.Event) -> None:
        """Raise needs one after the other, and have each approved."""
        with httpx.Client(base_url=self.base, timeout=8) as client:
            while not stopped.is_set():
                with self._lock:
                    number = next(self._numbers)
                if self.most is not None and number >= self.most:
                    return
                self._one(client, number)
                time.sleep(0.15)

    def _one(self, client: httpx.Client, number: int) -> None:
        who, body = self.asking.need_body(number, datetime.now(UTC))
        key = f"need-{number}"
        answer = self._sure(client, "POST", "/v1/requisitions", who, body, once=key)
        if answer is None:
            return
        self.acknowledged[key] = answer["id"]
        path = f"/v1/approvals/{answer['approval']}"
        for turn in range(6):
            asked = self._sure(client, "GET", path, "ida.lund", None)
            if asked is None:
                return
            step = next((each for each in asked["steps"] if each["state"] == "pending"), None)
            if step is None:
                return
            once = f"yes-{answer['approval']}-{turn}"
            self._sure(client, "POST", f"{path}/approve", step["approver"], {}, once=once)

    def _sure(
        self, client: httpx.Client, method: str, path: str, who: str, body: Any, once: str = ""
    ) -> dict[str, Any] | None:
        """Ask under one key until there is an answer; a refusal is an answer, and noted."""
        headers = {"Authorization": f"Bearer {key_of(who)}"}
        if once:
            headers["Idempotency-Key"] = once
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                answer = client.request(method, path, json=body, headers=headers)
            except httpx.HTTPError:
                self.unanswered += 1
                time.sleep(0.2)
                continue
            if answer.status_code >= 500:
                self.unanswered += 1
                time.sleep(0.2)
                continue
            if answer.status_code >= 400:
                self.refused.append(f"{method} {path} {once}: {answer.text[:300]}")
                return None
            told: dict[str, Any] = answer.json()
            return told
        self.refused.append(f"{method} {path} {once}: no answer in two minutes")
        return None


class Suppliers:
    """The suppliers' desks and the docks: they answer what comes, and never die."""

    def __init__(
        self, asking: Asking, partners: Path, around: Neighbours, *, repeats: int | None = None
    ) -> None:
        """Speak in order, once; or, with ``repeats`` as the seed, in any order and three times."""
        self._partners, self._around = partners, around
        self._chance = None if repeats is None else random.Random(repeats)
        self.repeated, self._files = 0, 0
        self._company = asking.trade
        self._desks = [Desk(supplier=s, seed=SEED) for s in asking.trade.suppliers]
        self._seen: set[Path] = set()
        self._due: list[tuple[float, str, Paper | Shipment]] = []
        self.invoices: set[str] = set()
        self.receipts = 0

    @property
    def is_idle(self) -> bool:
        """Whether everything that came has been answered, and everything said was taken."""
        waiting = any(any((self._partners / d.supplier.id / "in").iterdir()) for d in self._desks)
        return not self._due and not waiting

    def work(self, stopped: threading.Event) -> None:
        """Look, answer, ship, and look again."""
        while not stopped.wait(0.1):
            self._look()
            now = time.monotonic()
            for row in [each for each in self._due if each[0] <= now]:
                if self._say(row[1], row[2]):
                    self._due.remove(row)

    def _look(self) -> None:
        for desk in self._desks:
            folder = self._partners / desk.supplier.id / "out"
            for path in sorted(set(folder.glob("850*")) - self._seen):
                self._seen.add(path)
                plan = desk.read(path.read_bytes(), datetime.now(UTC))
                rows: list[tuple[datetime, Paper | Shipment]] = [
                    *((paper.at, paper) for paper in plan.papers),
                    *((truck.arrives, truck) for truck in plan.shipments),
                ]
                rows.sort(key=lambda row: row[0])
                for place, (_, what) in enumerate(rows):
                    self._plan(desk.supplier.id, what, time.monotonic() + STEP * place)

    def _plan(self, supplier: str, what: Paper | Shipment, at: float) -> None:
        if self._chance is None or isinstance(what, Shipment):
            self._due.append((at, supplier, what))
            return
        self._due.append((at + self._chance.uniform(0, 6 * STEP), supplier, what))
        for _ in range(2):
            self._due.append((at + self._chance.uniform(0, 12 * STEP), supplier, replace(what)))
            self.repeated += 1

    def _say(self, supplier: str, what: Paper | Shipment) -> bool:
        if isinstance(what, Shipment):
            return self._book(what)
        folder = self._partners / supplier
        self._files += 1
        name = what.name if self._chance is None else f"{self._files}-{what.name}"
        aside = folder / f".{name}"
        aside.write_bytes(what.content)
        aside.rename(folder / "in" / name)
        if "-810-" in what.name:
            self.invoices.add(what.name)
        return True

    def _book(self, truck: Shipment) -> bool:
        lines = tuple(
            Counted(line=row.line, item=row.item, quantity=row.quantity, unit=row.unit)
            for row in truck.lines
        )
        dock = WmsDock(self._around.line("wms"), self._company, _Nobody())  # type: ignore[arg-type]
        came = replace(truck, arrives=datetime.now(UTC))  # nobody counts what comes tomorrow
        try:
            dock.book(Count(receipt=f"GR-{truck.number}", shipment=came, lines=lines))
        except (UnclearError, MancipleError):
            return False
        self.receipts += 1
        return True


class _Nobody:
    """Stands where the simulated world tells the feeds to look; here they look by themselves."""

    def receipts(self) -> int:
        return 0


class Storm:
    """An installation under fire."""

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        server: OwnServer | None = None,
        needs: int | None = None,
        repeats: int | None = None,
    ) -> None:
        """Prepare an installation.

        Args:
            needs: how many needs are raised; None: until the calm.
            repeats: the seed of a storm of messages, each said three times in any order.
        """
        self._needs, self._repeats = needs, repeats
        self.url, self.folder, self.server = url, folder, server
        self.around = Neighbours(folder)
        self.asking = Asking(firm())
        self.partners = folder / "partners"
        self.kills: dict[str, int] = {}
        self._born = count(1)
        self._port = _free_port()
        self._probe = httpx.Client(timeout=3)
        self._log = (folder / "ours.log").open("a")
        self._ours: dict[str, Ours] = {}
        self._stopped, self._suppliers_stopped = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.around.__enter__()
        app = self._app("furnisher")
        furnish(app, self.asking.trade, self.around.line("erp"))
        app.store.engine.dispose()
        for part in ("door", *(("worker-a", "worker-b") if self.server else ())):
            self._start(part)
        self.wait_ready()
        base = f"http://127.0.0.1:{self._port}"
        self.people = People(base=base, asking=self.asking, most=self._needs)
        self.suppliers = Suppliers(self.asking, self.partners, self.around, repeats=self._repeats)
        self._run(self.suppliers.work, self._suppliers_stopped)
        for _ in range(CLIENTS):
            self._run(self.people.work, self._stopped)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._suppliers_stopped.set()
        for each in self._ours.values():
            each.process.kill()
            each.process.wait()
        self.around.__exit__(kind, problem, trace)
        self._probe.close()
        self._log.close()

    # ---- fire ------------------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """Kill -9, and start it again: a part of ours, a neighbour, or ``postgresql``."""
        self.kills[name] = self.kills.get(name, 0) + 1
        if name == "postgresql":
            assert self.server is not None
            self.server.kill()
            self.server.start()
        elif name in self._ours:
            ours = self._ours[name]
            ours.process.kill()
            ours.process.wait()
            self._start(name)
        else:
            self.around.kill(name)

    def die(self, name: str, on: str) -> None:
        """Have a neighbour commit its next change, then die before it answers; start it again."""
        told = json.dumps({"mode": "die", "on": on, "times": 1}).encode()
        with suppress(UnclearError):
            self.around.line(name).ask("POST", "/_switch", told)
        label = f"{name} before its answer"
        try:
            self.around.process(name).wait(3)
        except subprocess.TimeoutExpired:
            label = name  # nothing was asked of it meanwhile
        self.kills[label] = self.kills.get(label, 0) + 1
        self.around.kill(name)

    @contextmanager
    def away(self, name: str) -> Iterator[None]:
        """Have a neighbour answer nobody, or a partner's folder not be there, for a while."""
        if name in MODULES:
            self._switch(name, "down")
            yield
            self._switch(name, "off")
            return
        folder = self.partners / name / "out"
        kept = folder.with_name("out.kept")
        folder.rename(kept)
        folder.write_bytes(b"")
        yield
        folder.unlink()
        kept.rename(folder)

    def _switch(self, name: str, mode: str) -> None:
        """Say it until it is heard: the neighbour may be dying."""
        told = json.dumps({"mode": mode}).encode()
        until = time.monotonic() + _READY
        while time.monotonic() < until:
            with suppress(UnclearError):
                self.around.line(name).ask("POST", "/_switch", told)
                return
            time.sleep(0.1)
        raise AssertionError(f"{name} can't be switched {mode}")

    @property
    def is_all_said(self) -> bool:
        """Say whether everybody has raised what they had to raise, and had it approved."""
        return not any(each.is_alive() for each in self._threads[1:])

    def mend(self) -> None:
        """Start again what ended by itself, as a process manager does."""
        for name, each in list(self._ours.items()):
            if each.process.poll() is not None:
                self._start(name)

    def wait_ready(self) -> None:
        """Wait until the door answers."""
        until = time.monotonic() + _READY
        while time.monotonic() < until:
            self.mend()
            with suppress(httpx.HTTPError):
                url = f"http://127.0.0.1:{self._port}/healthz"
                if self._probe.get(url).status_code == 200:
                    return
            time.sleep(0.1)
        raise AssertionError((self.folder / "ours.log").read_text()[-4000:])

    # ---- calm ------------------------------------------------------------------------------

    def calm(self, seconds: float = 90) -> float:
        """Let people and suppliers finish what they began, until nothing is on its way."""
        if self._needs is None:
            self._stopped.set()
        for each in self._threads[1:]:
            each.join(None if self._needs else 130)
        start, quiet = time.monotonic(), 0
        app = self._app("looker")
        while quiet < 4 and time.monotonic() - start < seconds:
            self.mend()
            waiting = 1
            with suppress(StoreError), app.store.engine.connect() as db:
                sql = "select count(*) from effect where state in ('due', 'accepted')"
                waiting = int(db.exec_driver_sql(sql).scalar() or 0)
            quiet = quiet + 1 if not waiting and self.suppliers.is_idle else 0
            time.sleep(0.5)
        self._suppliers_stopped.set()
        self._threads[0].join()
        app.store.engine.dispose()
        for ours in self._ours.values():
            ours.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                ours.process.wait(15)
            ours.process.kill()
            ours.process.wait()
        return time.monotonic() - start

    def open(self) -> Application:
        """Open the installation, after the storm, to look at it."""
        return self._app("judge")

    def _app(self, name: str) -> Application:
        lines = {each: self.around.line(each) for each in MODULES}
        return built(settings_of(self._told(name)), impatient=True, lines=lines)

    # ---- processes -------------------------------------------------------------------------

    def _told(self, name: str) -> dict[str, str]:
        return {
            "home": str(self.folder / "home"), "url": self.url, "executor": name,
            "erp": self.around.urls["erp"], "wms": self.around.urls["wms"],
            "finance": self.around.urls["finance"], "partners": str(self.partners),
            "port": str(self._port), "impatient": "yes",
        }  # fmt: skip

    def _start(self, part: str) -> None:
        """A worker comes back under a new name, so that its work must be taken over."""
        name = part if part == "door" else f"{part}-{next(self._born)}"
        kind = "door" if part == "door" else "worker"
        process = subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-m", "tests.soak.our_process", kind),
                json.dumps(self._told(name)),
            ],
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            env=environment(),
        )
        self._ours[part] = Ours(part, name, process)

    def _run(self, work: Callable[[threading.Event], None], stopped: threading.Event) -> None:
        thread = threading.Thread(target=work, args=(stopped,), daemon=True)
        self._threads.append(thread)
        thread.start()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
