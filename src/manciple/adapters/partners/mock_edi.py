"""mock-edi, a trading partner that we did not write, as a process of its own.

    with MockEdi.start(at=datetime(2026, 11, 2, 9, tzinfo=UTC)) as partner:
        partner.add_customer("MANCIPLE-A", behaviour="accept")
        partner.send(interchange)                 # our 850: it answers with a summary
        partner.advance_to(tomorrow)              # its clock stands still between calls
        partner.collect("MANCIPLE-A")             # its 997, 855, 856, 810, byte for byte
        partner.order("PO-1", "MANCIPLE-A")       # its own record: an independent fact

It can also trade over folders (``drop``: it reads our files; ``pickup``: it writes its own).

Behaviours of a customer of it, set by ``add_customer`` or ``behave``: accept, short-ship,
over-ship, reject-line, reject-all, no-ack, duplicate-invoice, strict, out-of-order, late,
corrupt, reject-ack, no-invoice. Of a supplier of it, set by ``add_supplier``: duplicate-order,
change-after-confirm, cancel-late. Source: mock-edi 0.9.0, README "Partner behaviours", MIT.
"""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, urlencode

from manciple.kernel.errors import MancipleError
from manciple.kernel.records import dataclass

_PATIENCE = 15.0
_TIMEOUT = 30.0
_MOST = 1000
_NEVER_MS = 86_400_000
"""It would look by itself once a real day: its own look would come at no moment of its clock."""


class PartnerError(MancipleError):
    """The partner could not be started, or refused what its control page was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerLine:
    """One order line in the partner's own record."""

    line: str
    item: str
    unit: str
    price: Decimal
    status: str
    ordered: Decimal
    confirmed: Decimal
    shipped: Decimal
    billed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerOrder:
    """One order in the partner's own record, with its shipments and its invoices' totals."""

    number: str
    partner: str
    status: str
    currency: str
    lines: tuple[PartnerLine, ...]
    shipments: tuple[str, ...]
    invoices: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerDocument:
    """One transaction set about an order in the partner's own archive.

    Attributes:
        is_theirs: the partner sent it; else we did.
        is_accepted: of ours, whether its 997 accepted it.
        answer: of theirs, what our 997 said: ``accepted``, ``rejected``, or empty for nothing.
    """

    code: str
    control: str
    is_theirs: bool
    is_accepted: bool
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseLine:
    """What the partner is told to order of us (EA, USD per EA)."""

    item: str
    quantity: Decimal
    price: Decimal


class MockEdi:
    """A running mock-edi, and the hand on its clock."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        """Hold a started process; use ``start``."""
        self._process, self._port = process, port

    @classmethod
    def start(
        cls,
        *,
        at: datetime,
        identifier: str = "MOCKEDI",
        database: Path | None = None,
        drop: Path | None = None,
        pickup: Path | None = None,
        despatch_after_s: int = 0,
        invoice_after_s: int = 0,
        response_after_s: int = 0,
    ) -> Self:
        """Start mock-edi on a free loopback port, its clock standing at ``at``.

        ``identifier`` is how it signs (ISA06 and GS02). With a ``database`` it goes on where it
        was stopped, if ``at`` is the same as then. Its drop folder is read at ``scan`` only.

        Raises:
            PartnerError: the package is not installed (extra ``partner``) or does not answer.
        """
        options = ["--quiet", "--start-at", at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]
        options += ["--as2-id", identifier]
        options += ["--despatch-delay", str(despatch_after_s * 1000)]
        options += ["--invoice-delay", str(invoice_after_s * 1000)]
        options += ["--response-delay", str(response_after_s * 1000)]
        if database is not None:
            options += ["--db", str(database)]
        if drop is not None:
            options += ["--drop-dir", str(drop), "--drop-settle-ms", "0"]
            options += ["--drop-interval-ms", str(_NEVER_MS)]
        if pickup is not None:
            options += ["--pickup-dir", str(pickup)]
        port = _free_port()
        process = subprocess.Popen(  # noqa: S603  our own interpreter and arguments
            [sys.executable, "-m", "mockedi", "--port", str(port), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        partner = cls(process, port)
        partner._wait()
        return partner

    @property
    def base_url(self) -> str:
        """Where it listens; interchanges are posted to ``/edi`` below it."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def now(self) -> datetime:
        """What its clock says; it stands still until it is advanced."""
        return datetime.fromisoformat(self._json("GET", "/_mock/state")["clock"]["now"])

    def __enter__(self) -> Self:
        """Give the running partner."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """End its process."""
        self._process.terminate()
        self._process.wait(10)
        if self._process.stderr is not None:
            self._process.stderr.close()

    def add_customer(self, partner: str, *, name: str = "", behaviour: str = "accept") -> None:
        """Register us with it under an interchange id (ISA06, at most 15 characters)."""
        self._add(partner, name, behaviour, "customer")

    def add_supplier(self, partner: str, *, name: str = "", behaviour: str = "accept") -> None:
        """Register us as somebody it buys from, under an interchange id."""
        self._add(partner, name, behaviour, "supplier")

    def _add(self, partner: str, name: str, behaviour: str, role: str) -> None:
        row = {"id": partner, "name": name or partner, "dialect": "X12", "version": "004010"}
        self._json("POST", "/_mock/partners", {**row, "behaviour": behaviour, "role": role})

    def behave(self, partner: str, behaviour: str) -> None:
        """Change how it treats one of its partners."""
        self._json("PATCH", f"/_mock/partners/{quote(partner)}", {"behaviour": behaviour})

    def send(self, interchange: bytes) -> Mapping[str, Any]:
        """Send bytes to its plain EDI door; gives its summary, of a refusal too."""
        _, body = self._ask("POST", "/edi", interchange, "application/edi-x12")
        summary: Mapping[str, Any] = json.loads(body)
        return summary

    def scan(self) -> int:
        """Have it read its drop folder now; gives how many files it read."""
        return int(self._json("POST", "/_mock/drop/scan")["scanned"])

    def advance_to(self, at: datetime) -> None:
        """Move its clock to ``at`` (whole seconds, never back) and let it do what is due."""
        seconds = int((at - self.now).total_seconds())
        if seconds > 0:
            self._json("POST", f"/_mock/advance?seconds={seconds}")

    def collect(self, partner: str = "", *, leave: bool = False) -> tuple[bytes, ...]:
        """Take what it has to say, oldest first; with ``leave`` it stays in the mailbox."""
        query = {"partner": partner} if partner else {}
        if leave:
            query["leave"] = "1"
        rows = self._json("GET", f"/_mock/mailbox?{urlencode(query)}")
        return tuple(str(row["payload"]).encode("utf-8") for row in rows)

    def resend(self) -> int:
        """Put every document that was collected back into the mailbox; gives how many."""
        rows = self._json("GET", f"/_mock/outbox?limit={_MOST}")
        collected = [row["id"] for row in rows if row["status"] == "collected"]
        for number in sorted(collected):
            self._json("POST", f"/_mock/outbox/{number}/resend")
        return len(collected)

    def send_anew(self, partner: str, number: str, kind: str) -> None:
        """Have it write a document about an order once more, under new control numbers.

        ``kind`` is ``response``, ``despatch`` or ``invoice``; of several consignments the latest.
        """
        self._json("POST", "/_mock/send", {"partner": partner, "order": number, "kind": kind})

    def purchase(self, partner: str, number: str, lines: Sequence[PurchaseLine]) -> None:
        """Have it order from us, a supplier of its, under its number."""
        rows = [
            {"sku": each.item, "quantity": f"{each.quantity:f}", "uom": "EA",
             "price": f"{each.price:f}"}
            for each in lines
        ]  # fmt: skip
        self._json(
            "POST", "/_mock/purchase", {"partner": partner, "po_number": number, "lines": rows}
        )

    def disagreements(self, partner: str, number: str) -> tuple[str, ...]:
        """Name the rules by which it says that a supplier's papers about an order are wrong."""
        query = urlencode({"partner": partner, "po": number})
        return tuple(row["rule"] for row in self._json("GET", f"/_mock/disagreements?{query}"))

    def documents(self, partner: str, number: str) -> tuple[PartnerDocument, ...]:
        """Read its archive of what was said about an order, both ways, oldest first."""
        query = urlencode({"partner": partner, "reference": number, "limit": _MOST})
        rows = self._json("GET", f"/_mock/documents?{query}")
        return tuple(
            PartnerDocument(
                code=row["code"],
                control=row["control"],
                is_theirs=row["direction"] == "out",
                is_accepted=bool(row["accepted"]),
                answer=row["ack_status"],
            )
            for row in reversed(rows)
        )

    def order(self, number: str, partner: str) -> PartnerOrder | None:
        """Read one order from its own record; None if it has no such order."""
        target = f"/_mock/orders/{quote(number, safe='')}?{urlencode({'partner': partner})}"
        status, body = self._ask("GET", target)
        if status == http.client.NOT_FOUND:
            return None
        return _order(json.loads(body))

    def orders(self, partner: str) -> tuple[PartnerOrder, ...]:
        """Read all orders of one of its partners from its own record, oldest first."""
        rows = self._json("GET", f"/_mock/orders?limit={_MOST}")
        numbers = [row["po_number"] for row in reversed(rows) if row["partner"] == partner]
        found = (self.order(number, partner) for number in numbers)
        return tuple(each for each in found if each is not None)

    def unacknowledged(self, partner: str) -> tuple[str, ...]:
        """Name what it sent and no 997 of ours answered, such as ``810 0004``; newest first."""
        rows = self._json("GET", f"/_mock/unacknowledged?{urlencode({'partner': partner})}")
        return tuple(f"{row['code']} {row['control']}" for row in rows)

    def _wait(self) -> None:
        give_up = time.monotonic() + _PATIENCE
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                break
            try:
                status, _ = self._ask("GET", "/_mock/health")
            except OSError:
                time.sleep(0.05)
                continue
            if status == http.client.OK:
                return
        stderr = b""
        if self._process.poll() is not None and self._process.stderr is not None:
            stderr = self._process.stderr.read()
        self.stop()
        why = stderr.decode("utf-8", "replace").strip()[-500:]
        raise PartnerError(f"mock-edi did not start: {why or 'no answer'}")

    def _json(self, method: str, target: str, body: Mapping[str, Any] | None = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        status, answer = self._ask(method, target, data, "application/json")
        if status >= http.client.BAD_REQUEST:
            said = answer.decode("utf-8", "replace")[:500]
            raise PartnerError(f"{method} {target}: HTTP {status}: {said}")
        return json.loads(answer)

    def _ask(
        self, method: str, target: str, body: bytes = b"", content_type: str = ""
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        try:
            headers = {"Content-Type": content_type} if content_type else {}
            connection.request(method, target, body=body, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        except http.client.HTTPException as problem:
            raise ConnectionError(f"{method} {target}: {problem!r}") from problem
        finally:
            connection.close()


def _order(row: Mapping[str, Any]) -> PartnerOrder:
    return PartnerOrder(
        number=row["po_number"],
        partner=row["partner"],
        status=row["status"],
        currency=row["currency"],
        lines=tuple(
            PartnerLine(
                line=line["line"],
                item=line["sku"],
                unit=line["uom"],
                price=Decimal(line["price"]),
                status=line["status"],
                ordered=Decimal(line["quantity"]),
                confirmed=Decimal(line["confirmed"]),
                shipped=Decimal(line["shipped"]),
                billed=Decimal(line["invoiced"]),
            )
            for line in row["lines"]
        ),
        shipments=tuple(each["shipment_id"] for each in row["shipments"]),
        invoices=tuple(
            (each["invoice_number"], Decimal(each["total"])) for each in row["invoices"]
        ),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
