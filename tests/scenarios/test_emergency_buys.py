"""An emergency: bought at once inside caps, ratified afterwards, and on a register either way."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.api.installation import Answer, Installation, installed
from tests.databases import database
from tests.scenarios.office import agree, need, open_step

DECLARED = {"flow": "emergency", "cause": "the press stands still", "asset": "PRESS-4"}
NIGHT = {"hours": 10}
"""From Monday, ten o'clock in Atlanta, to eight in the evening."""


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Give a small installation on each database."""
    with database(request.param, tmp_path) as url, installed(tmp_path, url) as made:
        yield made


def declare(
    house: Installation, pieces: str = "20", *, item: str = "FUSE", who: str = "rita", **more: Any
) -> Answer:
    body = need(house, [(item, pieces)]) | DECLARED | more
    answer = house.post(who, "/v1/requisitions", body)
    house.settle()
    return answer


def register(house: Installation, number: str) -> dict[str, Any]:
    found: dict[str, Any] = house.get("audra", f"/v1/emergencies/{number}")
    return found


def left(house: Installation) -> Decimal:
    rows = house.get("rita", "/v1/emergency-caps")["rows"]
    return Decimal({row["site"]: row for row in rows}["ATL"]["left"]["amount"])


def orders(house: Installation) -> list[dict[str, Any]]:
    return house.books("erp", "SELECT * FROM purchase_order")


def on_call(house: Installation, person: str) -> None:
    now = house.clock.now()
    turn = {
        "person": person,
        "start": now.isoformat(),
        "end": (now + timedelta(days=7)).isoformat(),
    }
    answer = house.put("stew", "/v1/on-call/ATL", {"turns": [turn]})
    assert answer.status == 200, answer.body


def test_in_business_hours_it_is_ordered_first_and_approved_afterwards(
    shop: Installation,
) -> None:
    answer = declare(shop)
    assert answer.status == 201, answer.body
    number = answer.body["id"]

    assert len(orders(shop)) == 1
    found = register(shop, number)
    assert (found["state"], found["flag"], found["on_call"]) == ("released", "", "")
    assert found["due_at"] == "2026-03-04T22:00:00Z"
    assert left(shop) == 5980
    step = open_step(shop, answer.body["approval"])
    assert step is not None
    assert step["role"] == "branch_manager"

    assert agree(shop, answer.body)

    assert register(shop, number)["state"] == "ratified"
    assert left(shop) == 6000
    assert shop.get("rita", f"/v1/requisitions/{number}")["state"] == "ordered"
    assert [row["id"] for row in shop.get("ida", "/v1/emergencies?state=ratified")["rows"]] == [
        number
    ]
    assert len(orders(shop)) == 1


def test_at_night_whoever_is_on_call_is_paged_and_silence_releases_it(
    shop: Installation,
) -> None:
    on_call(shop, "anna")
    shop.wait(**NIGHT)
    answer = declare(shop)
    number = answer.body["id"]

    assert not orders(shop)
    assert register(shop, number)["state"] == "paged"
    assert left(shop) == 5980
    tasks = shop.own("select owner, due_at from task where list = 'emergency'")
    assert [row[0] for row in tasks] == ["anna"]
    shop.wait(minutes=14, seconds=59)
    assert not orders(shop)

    shop.wait(seconds=1)

    assert len(orders(shop)) == 1
    found = register(shop, number)
    assert (found["state"], found["flag"]) == (
        "released", "anna did not answer within 15 minutes",
    )  # fmt: skip
    assert found["due_at"] == "2026-03-04T22:00:00Z"
    assert open_step(shop, answer.body["approval"]) is not None
    assert not shop.own("select id from task where list = 'emergency'")


def test_the_word_of_whoever_is_on_call_counts_and_nobody_elses(house: Installation) -> None:
    on_call(house, "anna")
    house.wait(**NIGHT)
    one, other = declare(house).body["id"], declare(house).body["id"]

    refusal = {"reason": "use the spare"}
    assert house.post("alec", f"/v1/emergencies/{one}/release").status == 403
    assert house.post("alec", f"/v1/emergencies/{one}/refuse", refusal).status == 403
    assert house.post("anna", f"/v1/emergencies/{one}/release").status == 200
    assert house.post("anna", f"/v1/emergencies/{other}/refuse", refusal).status == 200
    house.wait(minutes=20)

    assert (register(house, one)["state"], register(house, one)["released_by"]) == (
        "released", "anna",
    )  # fmt: skip
    assert register(house, other)["state"] == "stopped"
    assert len(orders(house)) == 1
    rejected = house.get("rita", f"/v1/requisitions/{other}")
    assert (rejected["state"], rejected["reason"]) == (
        "rejected", "anna, on call: use the spare",
    )  # fmt: skip
    assert left(house) == 5980
    assert house.post("anna", f"/v1/emergencies/{other}/release").status == 409
    assert declare(house).status == 201


def test_without_a_roster_it_is_released_after_the_same_time_and_flagged(
    house: Installation,
) -> None:
    house.wait(**NIGHT)
    number = declare(house).body["id"]
    assert not orders(house)

    house.wait(minutes=15)

    assert register(house, number)["flag"] == "nobody was on call within 15 minutes"
    assert len(orders(house)) == 1


def test_nobody_answers_the_page_of_their_own_emergency(house: Installation) -> None:
    on_call(house, "anna")
    house.wait(**NIGHT)
    number = declare(house, who="anna").body["id"]

    assert register(house, number)["on_call"] == ""
    assert house.post("anna", f"/v1/emergencies/{number}/release").status == 403
    assert house.post("alec", f"/v1/emergencies/{number}/release").status == 200


def test_what_is_taken_back_before_its_release_is_not_bought(house: Installation) -> None:
    house.wait(**NIGHT)
    number = declare(house).body["id"]

    assert house.post("rita", f"/v1/requisitions/{number}/withdraw").status == 200
    house.wait(minutes=20)

    assert register(house, number)["state"] == "withdrawn"
    assert not orders(house)
    assert left(house) == 6000


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"cause": None}, "CAUSE_MISSING", "cause"),
        ({"cause": " "}, "CAUSE_MISSING", "cause"),
        ({"asset": None}, "ASSET_OR_ORDER_MISSING", "asset"),
        ({"flow": "direct"}, "NOT_AN_EMERGENCY", "cause"),
    ],
)
def test_an_emergency_is_declared_whole(
    house: Installation, change: dict[str, Any], code: str, field: str
) -> None:
    answer = declare(house, **change)

    assert (answer.status, code in answer.codes) == (422, True), answer.body
    assert field in {each["field"] for each in answer.body["errors"]}
    assert declare(house, asset=None, customer_order="SO-7").status == 201


def test_a_cap_itself_is_inside(house: Installation) -> None:
    """2,500 a case and 6,000 open at the site: FUSE costs 1.00."""
    above = declare(house, "2510")
    assert (above.status, above.codes) == (422, {"ABOVE_CASE_CAP"}), above.body
    assert "use the flow direct" in above.body["errors"][0]["fix"]
    assert [declare(house, pieces).status for pieces in ("2500", "2500", "990")] == [201] * 3
    assert left(house) == 10
    over = declare(house, "20")
    assert (over.status, over.codes) == (422, {"ABOVE_SITE_CAP"}), over.body
    last = declare(house, "10")
    assert last.status == 201, last.body
    assert left(house) == 0

    agree(house, last.body)

    assert declare(house, "10").status == 201


def test_what_is_not_allowed_takes_the_normal_path(house: Installation) -> None:
    answer = declare(house, "6", item="SOLVENT")

    assert (answer.status, answer.codes) == (422, {"SUPPLIER_NOT_ALLOWED"}), answer.body
    assert not orders(house)


def test_a_blocked_supplier_sells_nothing_in_an_emergency_either(house: Installation) -> None:
    known = house.get("stew", "/v1/suppliers/BLUE")
    assert house.put("stew", "/v1/suppliers/BLUE", known | {"blocked": True}).status == 200

    body = need(house, [("FUSE", "20")]) | DECLARED
    body["lines"][0]["supplier"] = "BLUE"
    answer = house.post("rita", "/v1/requisitions", body)

    assert (answer.status, "SUPPLIER_BLOCKED" in answer.codes) == (422, True), answer.body
    assert all(each["fix"] for each in answer.body["errors"])


def test_the_preview_refuses_what_submitting_would(house: Installation) -> None:
    def look(pieces: str) -> Answer:
        body = need(house, [("FUSE", pieces)]) | DECLARED
        return house.post("rita", "/v1/requisitions/preview", body)

    assert look("2500").status == 200
    assert look("2510").codes == {"ABOVE_CASE_CAP"}


def test_a_supplier_does_not_read_the_register(house: Installation) -> None:
    declare(house)

    for path in ("emergencies", "emergency-caps", "emergency-rights"):
        assert house.ask("GET", f"/v1/{path}", who="blue").status == 403
    assert not house.get("rolf", "/v1/emergencies")["rows"]
    assert [row["site"] for row in house.get("rolf", "/v1/emergency-caps")["rows"]] == ["DFW"]
    assert len(house.get("alec", "/v1/emergencies?state=released")["rows"]) == 1


def test_an_emergency_is_no_part_of_a_spreadsheet(house: Installation) -> None:
    row = "site,flow,item,quantity,unit,needed_by\nATL,emergency,FUSE,10,EA,2026-03-12\n"
    kind = {"Content-Type": "text/csv"}
    answer = house.post("rita", "/v1/requisitions/import", content=row.encode(), headers=kind)

    assert [each["code"] for each in answer.body["problems"]] == ["EMERGENCY_ALONE"]


def until(house: Installation, instant: datetime) -> None:
    house.wait(seconds=(instant - house.clock.now()).total_seconds())


DUE = datetime(2026, 3, 4, 22, tzinfo=UTC)


def test_the_due_instant_is_in_time(house: Installation) -> None:
    answer = declare(house)
    until(house, DUE)

    assert house.clock.now() == DUE
    agree(house, answer.body)

    assert register(house, answer.body["id"])["state"] == "ratified"
    assert not house.get("ida", "/v1/emergency-rights")["rows"]
    assert declare(house).status == 201


def test_what_nobody_ratifies_costs_the_right_until_it_is_lifted(house: Installation) -> None:
    answer = declare(house, "2500")
    number = answer.body["id"]
    until(house, DUE + timedelta(seconds=1))

    assert register(house, number)["state"] == "overdue"
    (row,) = house.get("ida", "/v1/emergency-rights?state=suspended")["rows"]
    assert (row["id"], row["causes"]) == ("rita", [number])
    tasks = house.own("select role from task where list = 'emergency'")
    assert [each[0] for each in tasks] == ["cfo"]
    refused = declare(house)
    assert (refused.status, refused.codes) == (422, {"RIGHT_SUSPENDED"})
    assert declare(house, who="mona").status == 201
    agree(house, answer.body)
    assert register(house, number)["state"] == "ratified"
    assert declare(house).codes == {"RIGHT_SUSPENDED"}

    restored = house.post("nora", "/v1/emergency-rights/rita/restore", {"note": "seen"})

    assert (restored.status, restored.body["state"]) == (200, "restored"), restored.body
    assert declare(house).status == 201
    assert house.post("nora", "/v1/emergency-rights/rita/restore").status == 409
    assert not house.own("select id from task where list = 'emergency' and role = 'cfo'")


def test_a_refused_ratification_costs_the_right_too(house: Installation) -> None:
    answer = declare(house)
    step = open_step(house, answer.body["approval"])
    assert step is not None
    path = f"/v1/approvals/{answer.body['approval']}/reject"
    assert house.post(step["approver"], path, {"reason": "not_needed"}).status == 200
    house.settle()

    found = register(house, answer.body["id"])
    assert (found["state"], found["reason"]) == ("refused", "not_needed")
    assert declare(house).codes == {"RIGHT_SUSPENDED"}
    assert left(house) == 6000


def test_a_right_is_lifted_by_somebody_whose_limit_covers_it(house: Installation) -> None:
    known = house.get("root", "/v1/authorities/alec")
    declare(house, "2500")
    until(house, DUE + timedelta(seconds=1))
    less = {"amount": "2499.99", "currency": "USD"}
    limits = [each | {"amount": less} for each in known["limits"]]
    small = {"roles": known["roles"], "limits": limits, "manager": known["manager"]}
    assert house.put("root", "/v1/authorities/alec", small).status == 200

    low = house.post("alec", "/v1/emergency-rights/rita/restore")
    less["amount"] = "2500"
    assert house.put("root", "/v1/authorities/alec", small).status == 200
    enough = house.post("alec", "/v1/emergency-rights/rita/restore")

    assert (low.status, low.codes) == (403, {"LIMIT_TOO_LOW"})
    assert enough.status == 200, enough.body


def test_a_roster_names_approvers_of_the_site_turn_by_turn(house: Installation) -> None:
    def turn(person: str, start: str, end: str) -> dict[str, str]:
        return {"person": person, "start": f"2026-03-{start}Z", "end": f"2026-03-{end}Z"}

    first = turn("anna", "02T23:00:00", "03T13:00:00")
    bad = (
        [turn("rita", "02T23:00:00", "03T13:00:00")],
        [turn("dora", "02T23:00:00", "03T13:00:00")],
        [turn("anna", "02T23:00:00", "02T23:00:00")],
        [first, turn("alec", "03T12:59:59", "04T13:00:00")],
    )
    for turns in bad:
        answer = house.put("stew", "/v1/on-call/ATL", {"turns": turns})
        assert (answer.status, answer.codes) == (422, {"BAD_ON_CALL"}), turns
    good = [first, turn("alec", "03T13:00:00", "04T13:00:00")]
    assert house.put("stew", "/v1/on-call/ATL", {"turns": good}).status == 200
