"""A file that never came, one that came twice, and one that is asked for again, at the doors."""

from pathlib import Path

import pytest

from manciple.exchange.control_numbers import Counted
from manciple.exchange.partner import Address, Partner, RegisterPartner
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import OURS, START, Installation, installed
from tests.databases import database
from tests.scenarios.office import cases, ordered


def counting(house: Installation, counts: Counted, *, hours: int = 24) -> None:
    theirs = Address(qualifier="ZZ", interchange_id="BLUEVALVE", group_id="BLUEVALVE")
    act = RegisterPartner(
        partner=Partner(id="BLUE", theirs=theirs, ours=OURS, counts=counts, gap_hours=hours)
    )
    (reply,) = house.app.store.apply(
        [Command(key=f"count:{counts}:{hours}", act=act, actor=SYSTEM, at=START)]
    ).replies
    assert reply.is_done, reply.refusals


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_file_that_never_came_is_told_after_its_window_and_heals(
    kind: str, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    with database(kind, tmp_path) as url, installed(tmp_path / "home", url) as house:
        desk, order = ordered(house)
        desk.drop(desk.functional(order))
        lost = desk.acknowledgment(order)
        desk.drop(desk.ship_notice(order, "S-1"))

        house.wait(hours=23, minutes=59)
        assert cases(house, "CONTROL_GAP") == []
        (count,) = house.get("kim", "/v1/control-numbers?state=waiting")["rows"]
        assert [(m["first"], m["last"]) for m in count["missing"]] == [(102, 102)]

        house.wait(minutes=2)
        (case,) = cases(house, "CONTROL_GAP")
        assert case["owner_role"] == "integration"
        assert case["discrepancy"]["expected"] == "102"
        assert house.get("kim", f"/v1/control-numbers/{count['id']}")["state"] == "gap"

        desk.drop(lost)
        assert cases(house, "CONTROL_GAP") == []
        assert house.get("kim", f"/v1/control-numbers/{count['id']}")["state"] == "whole"


def test_what_will_never_come_is_given_up_by_the_integration_engineer(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.functional(order))
    desk.control += 3
    desk.drop(desk.acknowledgment(order))
    house.wait(hours=25)
    (case,) = cases(house, "CONTROL_GAP")
    assert case["discrepancy"]["expected"] == "102 to 104"

    number = case["subject"]["id"]
    refused = house.post("rita", f"/v1/control-numbers/{number}/accept", {"reason": "x"})
    done = house.post("kim", f"/v1/control-numbers/{number}/accept", {"reason": "a test run"})

    assert refused.status == 403
    assert (done.status, done.body["state"]) == (200, "whole")
    assert cases(house, "CONTROL_GAP") == []
    again = house.post("kim", f"/v1/control-numbers/{number}/accept", {"reason": "again"})
    assert again.codes == {"NO_GAP"}


def test_settling_the_case_gives_the_numbers_up_too(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.functional(order))
    desk.control += 1
    desk.drop(desk.acknowledgment(order))
    house.wait(hours=25)
    (case,) = cases(house, "CONTROL_GAP")

    body = {"resolution": "accept", "note": "never sent"}
    done = house.post("kim", f"/v1/exceptions/{case['id']}/resolve", body)

    assert done.status == 200, done.body
    house.settle()
    state = house.get("kim", f"/v1/control-numbers/{case['subject']['id']}")["state"]
    assert state == "whole"


@pytest.mark.parametrize(
    ("counts", "found"),
    [(Counted.FILES, ["ISA ZZ:"]), (Counted.GROUPS, []), (Counted.NOTHING, [])],
)
def test_what_is_counted_is_partner_data(
    house: Installation, counts: Counted, found: list[str]
) -> None:
    counting(house, counts)
    desk, order = ordered(house)
    desk.drop(desk.functional(order))
    desk.control += 1
    desk.drop(desk.acknowledgment(order))
    house.wait(hours=25)

    told = [case["discrepancy"]["text"] for case in cases(house, "CONTROL_GAP")]

    assert [scope for scope in ("ISA ZZ:",) if any(scope in text for text in told)] == found


def test_a_second_gap_in_one_kind_of_group_is_of_that_kind(house: Installation) -> None:
    counting(house, Counted.GROUPS)
    desk, order = ordered(house)
    for gap in (0, 2):
        desk.control += gap
        desk.drop(desk.functional(order))
    desk.drop(desk.acknowledgment(order))
    house.wait(hours=25)

    (case,) = cases(house, "CONTROL_GAP")

    assert " FA " in case["discrepancy"]["text"]
    assert case["discrepancy"]["expected"] == "102 to 103"


def test_the_same_file_again_is_a_remark_and_changes_nothing(house: Installation) -> None:
    desk, order = ordered(house)
    paper = desk.drop(desk.acknowledgment(order))
    before = house.get("root", f"/v1/purchase-orders/{order.number}")

    desk.drop(paper)

    (last, *_) = house.get("root", "/v1/interchanges?state=read")["rows"]
    codes = [each["code"] for each in last["findings"]]
    assert codes == ["control-number-repeated"]
    assert house.get("root", f"/v1/purchase-orders/{order.number}") == before
    assert cases(house) == []


def test_a_file_is_sent_again_byte_by_byte_and_uses_no_number(house: Installation) -> None:
    desk, order = ordered(house)
    ((name, first),) = house.sent_to("BLUE").items()
    sent = next(
        row for row in house.get("kim", "/v1/interchanges")["rows"] if row["direction"] == "out"
    )
    folder = house.home / "partners" / "BLUE" / "out"
    (folder / name).unlink()

    body = {"reason": "they lost it"}
    done = house.post("kim", f"/v1/interchanges/{sent['id']}/resend", body)
    house.settle()

    assert done.status == 200, done.body
    assert house.sent_to("BLUE") == {"850-000000001-asked1.edi": first}
    desk.drop(desk.acknowledgment(order))
    assert sorted(house.sent_to("BLUE")) == ["850-000000001-asked1.edi", "997-000000002.edi"]


def test_a_file_that_came_can_not_be_sent_again(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.functional(order))
    came = next(
        row for row in house.get("kim", "/v1/interchanges")["rows"] if row["direction"] == "in"
    )

    answer = house.post("kim", f"/v1/interchanges/{came['id']}/resend", {"reason": "x"})

    assert answer.codes == {"WRONG_STATE"}
