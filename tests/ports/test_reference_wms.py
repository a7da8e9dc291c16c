"""The warehouse port against the reference warehouse system."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from manciple.adapters.reference.line import HttpLine, InProcessLine, Line
from manciple.adapters.reference.server import SystemServer
from manciple.adapters.wms.adapter import ReferenceWmsAdapter, wms_endpoint
from manciple.adapters.wms.server import ReferenceWms
from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.processes.ports import (
    Condition,
    InboundLine,
    InboundNotice,
    InboundReschedule,
    OutboundReturn,
    OutboundReturnLine,
)
from manciple.runtime.codec import encode
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane, OutcomeKind, Parcel

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["http", "in-process"])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    system = ReferenceWms(tmp_path / "wms.sqlite", synchronous="OFF")
    if request.param == "http":
        server = SystemServer(system).start()
        http = HttpLine(server.base_url, timeout=2)
        yield http
        http.close()
        server.stop()
    else:
        yield InProcessLine(system)
        system.close()


def each(n: int) -> Quantity:
    return Quantity(Decimal(n), Unit.EACH)


def expected(n: int, *, line: str = "1", due: date | None = date(2026, 12, 1)) -> InboundLine:
    return InboundLine(line=line, item="I-BOLT", expected=each(n), due=due)


def a_notice(*lines: InboundLine, as_of: datetime = NOW) -> InboundNotice:
    return InboundNotice(
        order="PO-1",
        revision=1,
        supplier="S-ACME",
        site="ATL",
        lines=lines or (expected(96), expected(10, line="2")),
        as_of=as_of,
    )


def a_reschedule(*lines: InboundLine, as_of: datetime = NOW) -> InboundReschedule:
    return InboundReschedule(
        order="PO-1", revision=1, site="ATL", lines=lines, as_of=as_of, correlation="C-1"
    )


def a_parcel(verb: str, payload: object, *, key: str = "K-1") -> Parcel:
    return Parcel(
        key=key,
        endpoint="wms",
        lane=Lane.STANDARD,
        verb=verb,
        subject=Ref(kind="purchase-order", id="PO-1"),
        payload=encode(payload),
        attempts=1,
        at=NOW,
    )


def unload(line: Line, key: str, **changed: Any) -> Any:
    goods = {"line": "1", "quantity": "40", "unit": "EA", "condition": "good"}
    body = {"order": "PO-1", "site": "ATL", "received": "2026-12-01", "lines": [goods], **changed}
    return line.ask("POST", "/receipts", json.dumps(body).encode(), {"Idempotency-Key": key})


def totals(line: Line, number: str = "1") -> tuple[int, int, int]:
    rows = ReferenceWmsAdapter(line).totals().rows
    (row,) = [r for r in rows if r.line == number]
    return int(row.expected.value), int(row.received.value), int(row.damaged.value)


def test_an_announced_order_is_expected_once(line: Line) -> None:
    endpoint = wms_endpoint(ReferenceWmsAdapter(line))

    first = endpoint.send(a_parcel("wms.expect", a_notice()))
    again = endpoint.send(a_parcel("wms.expect", a_notice()))

    assert first.kind is OutcomeKind.DONE
    assert again == first
    assert endpoint.find(a_parcel("wms.expect", a_notice())) == first
    assert totals(line) == (96, 0, 0)


def test_a_rescheduled_line_is_restated_in_parts_and_the_other_stays(line: Line) -> None:
    endpoint = wms_endpoint(ReferenceWmsAdapter(line))
    endpoint.send(a_parcel("wms.expect", a_notice()))
    parts = (expected(60), expected(20, due=date(2026, 12, 9)))
    change = a_reschedule(*parts, as_of=NOW + timedelta(hours=1))

    done = endpoint.send(a_parcel("wms.reschedule", change, key="K-2"))

    assert done.kind is OutcomeKind.DONE
    assert totals(line) == (80, 0, 0)
    assert totals(line, "2") == (10, 0, 0)
    body = line.ask("GET", "/inbound/PO-1").body
    assert [(p["quantity"], p["due"]) for p in body["lines"] if p["line"] == "1"] == [
        ("60", "2026-12-01"),
        ("20", "2026-12-09"),
    ]


def test_an_older_statement_changes_nothing_whatever_the_order_of_arrival(line: Line) -> None:
    wms = ReferenceWmsAdapter(line)
    wms.expect("K-1", a_notice())
    wms.reschedule("K-2", a_reschedule(expected(80), as_of=NOW + timedelta(hours=2)))

    wms.reschedule("K-3", a_reschedule(expected(90), as_of=NOW + timedelta(hours=1)))
    wms.reschedule("K-4", a_reschedule(expected(4, line="2"), as_of=NOW + timedelta(hours=1)))

    assert totals(line) == (80, 0, 0)
    assert totals(line, "2") == (4, 0, 0)


def test_a_reschedule_that_overtakes_its_announcement_is_to_be_tried_later(line: Line) -> None:
    endpoint = wms_endpoint(ReferenceWmsAdapter(line))

    with pytest.raises(OSError, match="not announced yet"):
        endpoint.send(a_parcel("wms.reschedule", a_reschedule(expected(80))))


def test_receipts_are_told_in_order_and_go_on_where_they_stopped(line: Line) -> None:
    wms = ReferenceWmsAdapter(line)
    wms.expect("K-1", a_notice())
    unload(line, "truck-1")
    first = wms.receipts()
    broken = {"line": "1", "quantity": "2", "unit": "EA", "condition": "damaged"}
    good = {"line": "1", "quantity": "54", "unit": "EA"}
    unload(line, "truck-2", lines=[good, broken], shipment="SHP-7")

    (later,) = wms.receipts(first.cursor).rows

    assert [r.receipt for r in first.rows] == ["WR800001"]
    assert (later.receipt, later.shipment) == ("WR800002", "SHP-7")
    assert [(p.quantity, p.condition) for p in later.lines] == [
        (each(54), Condition.GOOD),
        (each(2), Condition.DAMAGED),
    ]
    assert totals(line) == (96, 96, 2)


def test_a_truck_booked_twice_under_one_key_is_one_receipt(line: Line) -> None:
    assert unload(line, "truck-1").status == 201
    assert unload(line, "truck-1").status == 409

    assert totals(line) == (0, 40, 0)


def test_goods_of_another_site_or_unit_are_refused(line: Line) -> None:
    ReferenceWmsAdapter(line).expect("K-1", a_notice())

    elsewhere = unload(line, "truck-1", site="DEN")
    weighed = unload(line, "truck-2", lines=[{"line": "1", "quantity": "4", "unit": "KGM"}])

    assert elsewhere.status == 422
    assert weighed.status == 422
    assert totals(line) == (96, 0, 0)


def test_goods_to_send_back_are_announced_once_and_can_be_called_off(line: Line) -> None:
    endpoint = wms_endpoint(ReferenceWmsAdapter(line))
    goods = OutboundReturn(
        number="RTV-1",
        order="PO-1",
        supplier="S-ACME",
        site="ATL",
        authorisation="RMA-7",
        lines=(
            OutboundReturnLine(
                line="1", item="I-BOLT", quantity=each(5), condition="good", aside=False
            ),
        ),
        as_of=NOW,
    )
    off = replace(goods, cancelled=True, as_of=NOW + timedelta(hours=1))

    first = endpoint.send(a_parcel("wms.send_back", goods))
    again = endpoint.send(a_parcel("wms.send_back", goods))
    later = endpoint.send(a_parcel("wms.send_back", off, key="K-2"))
    stale = endpoint.send(a_parcel("wms.send_back", goods, key="K-3"))

    assert {each_.kind for each_ in (first, again, later, stale)} == {OutcomeKind.DONE}
    assert first.detail["reference"] == "OR800001"
    assert later.detail["reference"] == "OR800001"
    assert endpoint.find(a_parcel("wms.send_back", off, key="K-2")) is not None
