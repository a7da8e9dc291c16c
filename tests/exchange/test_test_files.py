"""A file that calls itself a test changes nothing at a partner that trades for real."""

from pathlib import Path

import pytest

from manciple.exchange.partner import Address, Partner, RegisterPartner
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import OURS, START, Installation, installed
from tests.databases import database
from tests.scenarios.office import ordered


def trading(house: Installation, *, test: bool) -> None:
    theirs = Address(qualifier="ZZ", interchange_id="BLUEVALVE", group_id="BLUEVALVE")
    act = RegisterPartner(partner=Partner(id="BLUE", theirs=theirs, ours=OURS, test=test))
    (reply,) = house.app.store.apply(
        [Command(key=f"trading:{test}", act=act, actor=SYSTEM, at=START)]
    ).replies
    assert reply.is_done, reply.refusals


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize(
    ("usage", "is_test_partner", "state"),
    [
        (b"P", False, "acknowledged"),
        (b"T", False, "sent"),
        (b"T", True, "acknowledged"),
        (b"P", True, "acknowledged"),
    ],
)
def test_a_test_file_is_put_aside_unless_its_partner_tests(
    kind: str, usage: bytes, is_test_partner: bool, state: str, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    with database(kind, tmp_path) as url, installed(tmp_path / "home", url) as house:
        trading(house, test=is_test_partner)
        desk, order = ordered(house)

        desk.drop(desk.acknowledgment(order).replace(b"*P*>~", b"*" + usage + b"*>~", 1))
        house.settle()

        assert house.get("ben", f"/v1/purchase-orders/{order.number}")["state"] == state
        parked = [row["code"] for row in house.get("kim", "/v1/quarantine")["rows"]]
        assert parked == ([] if state == "acknowledged" else ["TEST_FILE"])
        (answer,) = desk.answers("997")
        assert answer["AK9"][0][1] == "A"
