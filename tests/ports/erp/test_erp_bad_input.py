"""Whatever is sent to a reference system is answered with a refusal, and nothing is kept."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manciple.adapters.erp.reference_server import ReferenceErp
from manciple.adapters.finance.server import ReferenceFinance
from manciple.adapters.reference.server import SystemServer
from manciple.adapters.reference.web import request_of
from manciple.adapters.wms.server import ReferenceWms
from tests.ports.erp.erp_cases import masters_json

REFUSALS = (400, 404, 405, 409, 412, 413, 422, 425, 428)
DOORS = (
    ("erp", "/purchase-orders"),
    ("erp", "/purchase-orders/PO-1/changes"),
    ("erp", "/purchase-orders/PO-1/cancellation"),
    ("erp", "/purchase-orders/PO-1/confirmations"),
    ("erp", "/receipts"),
    ("erp", "/invoices"),
    ("erp", "/_load"),
    ("erp", "/_switch"),
    ("wms", "/inbound"),
    ("wms", "/inbound/PO-1/schedule"),
    ("wms", "/receipts"),
    ("finance", "/commitments"),
    ("finance", "/commitments/PO-1/forecast"),
    ("finance", "/payables"),
)
FIELDS = (
    *("reference", "order", "supplier", "supplier_number", "site", "currency", "revision"),
    *("lines", "line", "item", "unit", "quantity", "price", "per", "needed_by", "as_of"),
    *("confirmed", "promised", "received", "accepted", "amount", "total", "tax", "date"),
    *("credit", "charges", "cancelled", "reason", "expected", "due", "invoice", "orders"),
    *("invoiced_on", "pay_on", "suppliers", "items", "packs", "offers", "stock", "mode"),
)
TEXTS = st.sampled_from(
    (
        *("PO-1", "S-ACME", "ATL", "USD", "1", "-1", "1e9", "NaN", "9" * 40, "\x00", "\ud800", ""),
        *("2026-11-22", "2026-02-30", "2026-11-22T09:00:00Z", "I-BOLT", "x" * 5_000, "EA", "now"),
    )
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
    ),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=12).map(
        lambda value: json.dumps(value).encode()
    ),
)


@pytest.fixture(scope="module")
def systems(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("books")
    erp = ReferenceErp(folder / "erp.sqlite", synchronous="OFF")
    wms = ReferenceWms(folder / "wms.sqlite", synchronous="OFF")
    finance = ReferenceFinance(folder / "finance.sqlite", synchronous="OFF")
    erp.load(masters_json())
    yield {"erp": erp, "wms": wms, "finance": finance}
    for system in (erp, wms, finance):
        system.close()


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(door=st.sampled_from(DOORS), body=BODIES, key=st.text(max_size=5))
def test_noise_is_refused_or_booked_and_never_an_error(
    systems: dict[str, Any], door: tuple[str, str], body: bytes, key: str
) -> None:
    name, path = door
    headers = {"idempotency-key": key or "K", "if-match": '"1"'}

    answer = systems[name].answer(request_of("POST", path, headers, body))

    assert answer.status in (*REFUSALS, 200, 201)
    if answer.status in REFUSALS:
        assert answer.body["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[" * 100_000,
        b'{"reference": "\\ud800"}',
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b"\x00\xff\xfe",
        b'{"revision": 1e400}',
    ],
)
def test_json_that_is_none_is_refused(systems: dict[str, Any], body: bytes) -> None:
    request = request_of("POST", "/purchase-orders", {"idempotency-key": "K"}, body)

    assert systems["erp"].answer(request).status in (400, 422)


@pytest.mark.parametrize(
    "target",
    ["/items?after=a%09b", "/changes?after=x", "/items?limit=0", "/items?limit=-1", "/nowhere"],
)
def test_a_list_that_is_not_there_is_refused(systems: dict[str, Any], target: str) -> None:
    assert systems["erp"].answer(request_of("GET", target)).status in (404, 422)


def test_noise_on_the_wire_does_not_stop_the_server(tmp_path: Path) -> None:
    server = SystemServer(ReferenceErp(tmp_path / "erp.sqlite", synchronous="OFF")).start()
    address = server.server_address[0], server.server_address[1]
    heads = (
        b"\x16\x03\x01\x02\x00" + bytes(range(256)),
        b"POST /receipts HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /receipts HTTP/1.1\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\nx",
        b"POST /receipts HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /health HTTP/1.1\r\n" + b"x: y\r\n" * 200,
    )
    for head in heads:
        with socket.create_connection((str(address[0]), int(address[1])), timeout=5) as wire:
            wire.sendall(head)
            wire.shutdown(socket.SHUT_WR)
            while wire.recv(65_536):
                continue

    with socket.create_connection((str(address[0]), int(address[1])), timeout=5) as wire:
        wire.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"200" in wire.recv(100)
    server.stop()
