"""Nudges, forwarded steps, several approved at once, and maintenance: rules through the API."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.installation import Installation, installed
from tests.scenarios.office import need, open_step, raise_need


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


def asked(house: Installation, *lines: tuple[str, str]) -> tuple[str, str, str]:
    """Raise a need; give it, its approval and who is asked."""
    made = raise_need(house, lines or (("VALVE", "100"),))
    step = open_step(house, made["approval"])
    assert step is not None
    return made["id"], made["approval"], step["approver"]


def later(house: Installation, span: timedelta) -> None:
    """Let the clock go on; nothing else happens."""
    house.clock.advance(house.clock.now() + span)


# ---- nudging ----------------------------------------------------------------------------------


def test_a_nudge_reminds_whose_turn_it_is_and_the_next_comes_a_day_later(
    house: Installation,
) -> None:
    requisition, approval, approver = asked(house)
    path = f"/v1/requisitions/{requisition}/nudge"

    first = house.post("rita", path, {"note": "the crew waits"})
    again = house.post("rita", path)
    later(house, timedelta(hours=24) - timedelta(microseconds=1))
    almost = house.post("rita", path)
    later(house, timedelta(microseconds=1))
    next_day = house.post("rita", path)

    assert first.status == 200
    assert first.body["nudge"] == "the crew waits"
    assert (again.status, again.codes) == (409, {"TOO_SOON"})
    assert almost.codes == {"TOO_SOON"}
    assert next_day.status == 200
    told = house.own("select count(*) from event where type = 'ApproverNudged'")
    assert told == [(2,)]
    before = house.get("root", f"/v1/approvals/{approval}")["steps"][0]
    assert before["approver"] == approver  # nobody's clock or chain has changed


def test_only_who_asked_nudges_and_only_while_it_lies_before_somebody(
    house: Installation,
) -> None:
    requisition, approval, approver = asked(house)
    path = f"/v1/requisitions/{requisition}/nudge"

    other = house.post("paul", path)
    house.post(approver, f"/v1/approvals/{approval}/approve")
    house.settle()
    late = house.post("rita", path)

    assert other.codes == {"NOT_YOUR_REQUISITION"}
    assert late.codes == {"NOT_OPEN"}


# ---- forwarding -------------------------------------------------------------------------------


def test_a_forwarded_step_lies_before_the_other_and_its_time_goes_on(house: Installation) -> None:
    _, approval, approver = asked(house)
    other = "alec" if approver == "anna" else "anna"
    due = open_step(house, approval)["due_at"]  # type: ignore[index]
    later(house, timedelta(minutes=30))

    answer = house.post(
        approver, f"/v1/approvals/{approval}/forward", {"to": other, "note": "it is your press"}
    )

    step = answer.body["steps"][0]
    assert answer.status == 200
    assert (step["approver"], step["earlier"], step["due_at"]) == (other, [approver], due)
    assert "forwarded by" in step["why"]
    mine = house.get(other, "/v1/approvals")["rows"]
    assert [row["subject"]["id"] for row in mine] == [approval]
    assert house.get(approver, "/v1/approvals")["rows"] == []
    assert house.post(other, f"/v1/approvals/{approval}/approve").status == 200


def test_who_forwarded_may_still_act_until_somebody_does(house: Installation) -> None:
    _, approval, approver = asked(house)
    other = "alec" if approver == "anna" else "anna"
    body = {"to": other, "note": "yours"}
    house.post(approver, f"/v1/approvals/{approval}/forward", body)

    back = house.post(other, f"/v1/approvals/{approval}/forward", body | {"to": approver})
    done = house.post(approver, f"/v1/approvals/{approval}/approve")

    assert back.codes == {"ASKED_ALREADY"}
    assert done.status == 200


@pytest.mark.parametrize(
    ("to", "code"),
    [("rita", "NOT_AN_APPROVER"), ("dora", "NOT_AN_APPROVER"), ("nobody", "NOT_AN_APPROVER")],
)
def test_nobody_gets_a_step_whom_the_rules_could_not_ask(
    house: Installation, to: str, code: str
) -> None:
    _, approval, approver = asked(house)

    answer = house.post(
        approver, f"/v1/approvals/{approval}/forward", {"to": to, "note": "please"}
    )

    assert answer.codes == {code}


def test_a_final_step_goes_to_a_limit_that_covers_it_only(house: Installation) -> None:
    """A limit of 5 000 does not take 8 000; one of 25 000 does not lie with a branch manager."""
    made = raise_need(house, (("VALVE", "804"),))
    steps = house.get("root", f"/v1/approvals/{made['approval']}")["steps"]
    final = steps[-1]
    assert final["kind"] == "final"
    for step in steps[:-1]:
        house.post(step["approver"], f"/v1/approvals/{made['approval']}/approve")
        house.settle()
    now = open_step(house, made["approval"])
    assert now is not None
    path = f"/v1/approvals/{made['approval']}/forward"

    low = house.post(now["approver"], path, {"to": "alec", "note": "x"})
    high = house.post(now["approver"], path, {"to": "ida", "note": "x"})

    assert low.codes <= {"LIMIT_TOO_LOW", "ASKED_ALREADY"}
    assert "LIMIT_TOO_LOW" in low.codes
    assert high.status == 200


# ---- several at once --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "more", "passes"),
    [
        ((("FUSE", "1000"),), {}, True),  # 1 000.00, standard lane: the cap itself
        ((("FUSE", "1010"),), {}, False),
        ((("FUSE", "500"),), {"customer_waiting": True}, False),  # critical
        ((("SOLVENT", "60"),), {}, False),  # chemicals are looked at one by one
    ],
)
def test_with_others_only_what_policy_calls_low_risk_is_approved(
    house: Installation,
    lines: tuple[tuple[str, str], ...],
    more: dict[str, Any],
    passes: bool,
) -> None:
    made = raise_need(house, lines, **more)
    step = open_step(house, made["approval"])
    if step is None:  # so small that nobody is asked
        pytest.fail(f"nobody is asked for {made['total']}")

    answer = house.post(
        step["approver"], f"/v1/approvals/{made['approval']}/approve", {"with_others": True}
    )

    assert answer.status == (200 if passes else 409), answer.body
    if not passes:
        assert answer.codes == {"NOT_LOW_RISK"}
        alone = house.post(step["approver"], f"/v1/approvals/{made['approval']}/approve")
        assert alone.status == 200


# ---- maintenance ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "downtime", "lane"),
    [
        ("BOLT", None, "bulk"),
        ("BOLT", "planned", "bulk"),
        ("BOLT", "reduced", "standard"),
        ("BOLT", "stopped", "critical"),
        ("VALVE", "planned", "standard"),  # the item makes it no less than it is
    ],
)
def test_what_stands_still_makes_a_need_critical(
    house: Installation, item: str, downtime: str | None, lane: str
) -> None:
    more = {"asset": "press 4", "downtime": downtime} if downtime else {}

    answer = house.post("mona", "/v1/requisitions", need(house, ((item, "100"),), **more))

    assert answer.body["lane"] == lane
    assert answer.body["downtime"] == downtime


def test_a_downtime_needs_its_asset_and_an_asset_its_downtime(house: Installation) -> None:
    body = need(house, (("BOLT", "100"),))

    without = house.post("mona", "/v1/requisitions", body | {"downtime": "stopped"})
    alone = house.post("mona", "/v1/requisitions", body | {"asset": "press 4"})

    assert without.codes == {"ASSET_MISSING"}
    assert alone.codes == {"NOT_AN_EMERGENCY"}
