"""NUL bytes in a paper: told at their place, on both databases, and nothing is lost."""

from pathlib import Path

import pytest

from tests.api.installation import installed
from tests.databases import database
from tests.scenarios.office import ordered


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_nul_byte_makes_its_message_unreadable_and_no_other(kind: str, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    with database(kind, tmp_path) as url, installed(tmp_path / "home", url) as house:
        desk, order = ordered(house)

        desk.drop(desk.invoice(order, "X-1").replace(b"X-1", b"X\x00-1"))
        desk.drop(desk.acknowledgment(order))
        house.settle()

        (parked,) = house.get("kim", "/v1/quarantine")["rows"]
        assert (parked["code"], parked["reasons"]) == (
            "UNREADABLE",
            ["BIG02 holds a NUL byte (segment 4 of the file)"],
        )
        kept = house.ask("GET", f"/v1/interchanges/{parked['interchange']}/raw", who="kim")
        assert b"X\x00-1" in kept.raw
        answers = [each["AK9"][0][1] for each in desk.answers("997")]
        assert sorted(answers) == ["A", "R"]
        assert house.get("kim", "/v1/invoices")["rows"] == []
        state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
        assert state == "acknowledged"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("where", "is_parked"),
    [(b"ISA*", True), (b"*00401*", False), (b"BLUEVALVE", True), (b"ST*", True), (b"SE*", True)],
)
def test_a_nul_byte_in_the_envelope_stops_nobody(
    kind: str, where: bytes, is_parked: bool, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    with database(kind, tmp_path) as url, installed(tmp_path / "home", url) as house:
        desk, order = ordered(house)
        paper = desk.acknowledgment(order)
        at = paper.index(where) + 1

        desk.drop(paper[:at] + b"\x00" + paper[at:])
        desk.drop(paper[:at] + b"\x00" + paper[at + 1 :])
        desk.drop(desk.ship_notice(order, "S-1"))
        house.settle()

        state = house.get("ben", f"/v1/purchase-orders/{order.number}")["state"]
        assert state == "shipped"
        assert bool(house.get("kim", "/v1/quarantine")["rows"]) is is_parked
