"""What `read` prints: one object per document and per interchange, for any file at all."""

import json
from io import BytesIO
from typing import Any

import pytest
from tests.x12.x12_builders import ORDER, file, message, sample

from manciple.exchange.reading import json_lines, read

KEYS = {"file", "standard", "version", "message", "control_number", "document", "findings"}


def printed(data: bytes, name: str = "f.x12") -> tuple[list[dict[str, Any]], bool]:
    lines = json_lines(data, name)
    objects = [json.loads(json.dumps(line)) for line in lines]
    return objects, lines.is_readable


def test_each_message_and_each_interchange_is_one_object() -> None:
    objects, readable = printed(sample("850-plain.x12") + sample("855-split.x12"))

    assert readable
    assert [(o["message"], o["document"] is None) for o in objects] == [
        ("850", False), (None, True), ("855", False), (None, True)
    ]  # fmt: skip
    assert all(set(o) == KEYS for o in objects)
    assert [o["control_number"] for o in objects] == ["0001", "000000101", "0001", "000000201"]
    assert {o["version"] for o in objects} == {"004010", "00401"}


def test_decimals_are_strings_as_written_and_days_are_iso() -> None:
    (order, _), _ = printed(sample("850-plain.x12"))
    document = order["document"]
    line = document["lines"][0]

    assert document["kind"] == "order"
    assert document["dates"] == {"issued": "2026-03-02", "delivery_requested": "2026-03-10"}
    assert document["totals"]["total"] == "90.87"
    assert line["line"] == "000001"
    assert line["quantity"] == {"value": "250", "unit": "EA", "unit_canonical": "EA"}
    assert line["price"] == {"amount": "24.10", "per": {"value": "100", "unit": "EA"}}
    assert line["items"][0] == {"scheme": "vendor", "id": "BOLT-M8"}
    assert document["parties"][0] == {
        "role": "buyer", "id": "HS", "scheme": "buyer", "name": "Harbour Supply"
    }  # fmt: skip


def test_what_was_not_stated_is_null() -> None:
    (order, _), _ = printed(sample("850-bare.x12"))
    document = order["document"]

    assert (document["currency"], document["dates"]) == (None, {})
    assert document["lines"][0]["price"] is None
    assert document["lines"][0]["line"] is None


def test_a_finding_has_severity_code_place_and_text() -> None:
    (order, _), readable = printed(file(message(*ORDER, count=9)))
    (finding,) = order["findings"]

    assert readable
    assert finding["severity"] == "error"
    assert finding["code"] == "se01-count"
    assert finding["text"] == "SE01 says 9, is 5"
    assert finding["where"]["segment"] == "SE"
    assert finding["where"]["element"] == 1
    assert finding["where"]["message"] == "0001"


def test_findings_of_the_envelope_stand_with_the_interchange() -> None:
    (_, interchange), _ = printed(file(message(*ORDER), iea="IEA*1*000000005~", ge="GE*2*7~"))

    assert [f["text"] for f in interchange["findings"]] == [
        "IEA02 says 000000005, ISA13 is 000000001",
        "GE01 says 2, is 1",
    ]


@pytest.mark.parametrize(
    "data",
    [b"", b"   \n", b"UNB+UNOA:1+A+B'", b"<?xml version='1.0'?><Invoice/>", b"%PDF-1.7",
     b"PK\x03\x04", b"ISA", b"ISA*00*", bytes(range(256)), b"\xff\xfeI\x00S\x00A\x00*\x00"],
)  # fmt: skip
def test_what_is_no_x12_gives_one_object_that_says_so(data: bytes) -> None:
    objects, readable = printed(data)

    assert not readable
    assert len(objects) == 1
    assert objects[0]["document"] is None
    codes = {f["code"] for f in objects[0]["findings"]}
    assert codes & {"not-x12", "isa-unreadable"}


def test_mapping_findings_reach_the_group_that_a_997_answers() -> None:
    found = read(file(message("BEG*00*SA*PO-1**20261122", "PO1*1*x*EA", "CTT*1")))

    (group,) = found.interchanges[0].groups
    assert [f.text for f in group.messages[0].findings] == ["PO102 'x' is no number"]
    assert found.documents[0].findings == group.messages[0].findings


def test_a_stream_is_read_like_its_bytes() -> None:
    data = sample("856-tree.x12") + sample("810-charges.x12")

    assert list(json_lines(BytesIO(data), "f")) == list(json_lines(data, "f"))


def test_messages_are_numbered_through_the_file() -> None:
    data = file(message(*ORDER), message(*ORDER, control="0002"))
    found = read(data + data)

    assert [d.index for d in found.documents] == [0, 1, 2, 3]
    assert len(found.interchanges) == 2
    assert found.is_readable
    assert [f.text for f in found.findings] == ["ISA13 000000001 is used twice by BUYER"]
