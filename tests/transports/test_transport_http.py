"""Trading over HTTP, and the endpoint that picks the transport."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from manciple.adapters.transports.endpoint import EdiEndpoint
from manciple.adapters.transports.folder import FolderTransport
from manciple.adapters.transports.http import HttpTransport
from manciple.processes.ports import DeliveryRefusedError, InboundFile, OutboundMessage
from manciple.runtime.codec import encode
from manciple.runtime.documents import Ref
from manciple.runtime.effects import KeyedAct, Lane, OutcomeKind, Parcel

BYTES = b"ISA*00*...~IEA*1*000000042~"


class Door(ThreadingHTTPServer):
    """A partner's door, which answers as it is told."""

    daemon_threads = True
    status, body, delay = 200, b"", 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/edi"


class _Handler(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.server.got.append((self.headers["Content-Type"], self.rfile.read(length)))
        time.sleep(self.server.delay)
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def door() -> Iterator[Door]:
    server = Door()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def a_message() -> OutboundMessage:
    return OutboundMessage(
        partner="ACME",
        interchange="000000042",
        file_name="850-000000042.edi",
        digest=hashlib.sha256(BYTES).hexdigest(),
        content=BYTES,
    )


def a_parcel(message: OutboundMessage, *, partner: str = "ACME", verb: str = "edi.send") -> Parcel:
    return Parcel(
        key="K-1",
        endpoint=f"edi:{partner}",
        lane=Lane.STANDARD,
        verb=verb,
        subject=Ref(kind="purchase-order", id="PO-1"),
        payload=encode(message),
        attempts=1,
        at=datetime(2026, 11, 22, tzinfo=UTC),
    )


def test_the_bytes_are_the_body(door: Door) -> None:
    delivered = HttpTransport(door.url, partner="ACME").deliver(a_message())

    assert door.got == [("application/edi-x12", BYTES)]
    assert (delivered.place, delivered.answers) == ("HTTP 200", ())


def test_an_answer_that_is_edi_is_the_partners_file(door: Door) -> None:
    door.body = b"ISA*00*997...~"

    delivered = HttpTransport(door.url, partner="ACME").deliver(a_message())

    (answer,) = delivered.answers
    assert (answer.partner, answer.content) == ("ACME", b"ISA*00*997...~")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 425, 429, 401, 403, 404])
def test_a_failing_door_leaves_the_outcome_unknown(door: Door, status: int) -> None:
    door.status = status

    with pytest.raises(OSError, match=str(status)):
        HttpTransport(door.url, partner="ACME").deliver(a_message())


@pytest.mark.parametrize("status", [400, 409, 410, 413, 415, 422, 451])
def test_a_door_that_refuses_the_bytes_says_no(door: Door, status: int) -> None:
    door.status, door.body = status, b"wrong receiver"

    with pytest.raises(DeliveryRefusedError, match="wrong receiver"):
        HttpTransport(door.url, partner="ACME").deliver(a_message())


def test_a_silent_door_leaves_the_outcome_unknown(door: Door) -> None:
    door.delay = 1.0

    with pytest.raises(TimeoutError):
        HttpTransport(door.url, partner="ACME", timeout=0.2).deliver(a_message())


def test_an_answer_without_end_is_cut_off(door: Door) -> None:
    door.body = b"x" * 5_000

    with pytest.raises(OSError, match="1000 bytes"):
        HttpTransport(door.url, partner="ACME", answer_limit=1_000).deliver(a_message())


def test_nobody_there_leaves_the_outcome_unknown() -> None:
    with pytest.raises(OSError, match="refused"):
        HttpTransport("http://127.0.0.1:9/edi", partner="ACME").deliver(a_message())


def test_the_endpoint_sends_by_the_partners_transport_and_finds_it_again(tmp_path: Path) -> None:
    folder = FolderTransport(tmp_path, partner="ACME")
    endpoint = EdiEndpoint({"ACME": folder}.get)
    assert endpoint.find(a_parcel(a_message())) is None

    sent = endpoint.send(a_parcel(a_message()))

    assert sent.kind is OutcomeKind.DONE
    assert sent.detail["interchange"] == "000000042"
    assert endpoint.find(a_parcel(a_message())) == sent
    assert (tmp_path / "out" / "850-000000042.edi").read_bytes() == BYTES


def test_what_came_back_on_the_call_is_taken_in_with_the_outcome(door: Door) -> None:
    def intake(file: InboundFile) -> KeyedAct:
        return KeyedAct(key=f"inbound:{file.digest}", act=file)

    door.body = b"ISA*00*997...~"
    transport = HttpTransport(door.url, partner="ACME")

    outcome = EdiEndpoint({"ACME": transport}.get, intake=intake).send(a_parcel(a_message()))

    digest = hashlib.sha256(b"ISA*00*997...~").hexdigest()
    assert [act.key for act in outcome.acts] == [f"inbound:{digest}"]


def test_a_file_for_another_partner_or_without_transport_is_rejected(tmp_path: Path) -> None:
    endpoint = EdiEndpoint({"ACME": FolderTransport(tmp_path)}.get)
    foreign = endpoint.send(a_parcel(replace(a_message(), partner="OTHER")))
    nobody = endpoint.send(a_parcel(replace(a_message(), partner="GHOST"), partner="GHOST"))
    unserved = endpoint.send(a_parcel(a_message(), verb="edi.sing"))

    assert "addressed to ACME" in foreign.detail["reason"]
    assert "no transport" in nobody.detail["reason"]
    assert {o.kind for o in (foreign, nobody, unserved)} == {OutcomeKind.REJECTED}
    assert list((tmp_path / "out").iterdir()) == []
