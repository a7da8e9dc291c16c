"""Who may say yes: chains, deputies, people who left, and nobody ever to their own need."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.installation import Answer, Installation
from tests.api.supplier_side import SupplierSide
from tests.scenarios.office import agree, cases, open_step, ordered, raise_need

SMALL = (("VALVE", "100"),)
LARGE = (("RELAY", "500"),)


def say(house: Installation, who: str, approval: str, word: str = "approve") -> Answer:
    body = {"reason": "not_needed"} if word == "reject" else {}
    return house.post(who, f"/v1/approvals/{approval}/{word}", body)


def approver_of(house: Installation, requisition: dict[str, Any]) -> str:
    step = open_step(house, requisition["approval"])
    assert step is not None
    return str(step["approver"])


def test_a_small_need_passes_without_anybody(house: Installation) -> None:
    requisition = raise_need(house, (("FUSE", "20"),))

    assert house.get("rita", f"/v1/requisitions/{requisition['id']}")["state"] == "ordered"
    assert len(SupplierSide(house, "BLUE").orders()) == 1


def test_a_rejected_need_buys_nothing(house: Installation) -> None:
    requisition = raise_need(house, SMALL)

    rejected = say(house, approver_of(house, requisition), requisition["approval"], "reject")
    house.settle()

    assert rejected.status == 200, rejected.body
    now = house.get("rita", f"/v1/requisitions/{requisition['id']}")
    assert (now["state"], now["reason"]) == ("rejected", "not_needed")
    assert not house.books("erp", "SELECT * FROM purchase_order")
    again = say(house, approver := rejected.body["steps"][0]["approver"], requisition["approval"])
    assert (again.status, approver in {"anna", "alec"}) == (409, True)


def test_a_need_taken_back_waits_for_nobody(house: Installation) -> None:
    requisition = raise_need(house, SMALL)
    approver = approver_of(house, requisition)
    path = f"/v1/requisitions/{requisition['id']}/withdraw"

    stranger = house.post("rolf", path)
    taken_back = house.post("rita", path)
    house.settle()

    assert stranger.status == 404
    assert (taken_back.status, taken_back.body["state"]) == (200, "withdrawn")
    assert not house.get(approver, "/v1/approvals")["rows"]
    assert say(house, approver, requisition["approval"]).status == 409
    assert house.post("rita", path).status == 409


def test_nobody_else_can_take_the_step_of_the_one_who_is_asked(house: Installation) -> None:
    requisition = raise_need(house, SMALL)
    asked = approver_of(house, requisition)

    for who in ("rita", "ben", "root", "audra", "stew", "eva"):
        assert say(house, who, requisition["approval"]).status == 403, who
    for who in {"anna", "alec", "nora", "omar", "ida"} - {asked}:
        assert say(house, who, requisition["approval"]).status == 403, who
    assert say(house, "dora", requisition["approval"]).status == 404
    assert say(house, asked, requisition["approval"]).status == 200


def test_a_manager_never_approves_what_the_manager_asked_for(house: Installation) -> None:
    requisition = raise_need(house, SMALL, who="anna")

    assert approver_of(house, requisition) != "anna"
    assert say(house, "anna", requisition["approval"]).status == 403


def test_a_power_lent_back_does_not_approve_the_lenders_own_need(house: Installation) -> None:
    """Self-approval by a round trip: alec lends to anna what is asked of him for anna's need."""
    requisition = raise_need(house, SMALL, who="anna")
    assert approver_of(house, requisition) == "alec"

    lent = lend(house, "alec", "anna")
    refused = say(house, "anna", requisition["approval"])

    assert lent.status == 201, lent.body
    assert refused.status == 403
    assert house.get("anna", f"/v1/requisitions/{requisition['id']}")["state"] == "submitted"


def test_a_chain_of_one_person_asked_twice_is_not_a_way_around(house: Installation) -> None:
    """A second key, another role's door or the CSV door: the requester stays the requester."""
    key = house.post("root", "/v1/keys", {"person": "anna"}).body["key"]
    csv = "site,item,quantity,unit,needed_by\nATL,VALVE,100,EA,2026-03-12\n"
    made = house.post(
        "anna",
        "/v1/requisitions/import",
        content=csv.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert made.status == 201, made.body
    house.settle()
    (number,) = made.body["requisitions"]
    requisition = house.get("anna", f"/v1/requisitions/{number}")

    answer = house.ask(
        "POST",
        f"/v1/approvals/{requisition['approval']}/approve",
        who=None,
        body={},
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": "second-key"},
    )

    assert answer.status == 403
    assert approver_of(house, requisition) == "alec"


def lend(house: Installation, who: str, to: str, **more: Any) -> Answer:
    now = house.clock.now()
    body = {
        "from_person": who,
        "to_person": to,
        "start": now.isoformat(),
        "end": (now + timedelta(days=5)).isoformat(),
    } | more
    answer = house.post(who, "/v1/delegations", body)
    house.settle()
    return answer


def test_a_deputy_acts_in_the_lenders_name_until_it_ends(house: Installation) -> None:
    requisition = raise_need(house, SMALL)
    asked = approver_of(house, requisition)

    lent = lend(house, asked, "nora", sites=["ATL"])
    done = say(house, "nora", requisition["approval"])
    house.settle()

    assert lent.status == 201, lent.body
    assert done.status == 200, done.body
    (step,) = done.body["steps"]
    assert (step["acted_by"], step["on_behalf_of"]) == ("nora", asked)
    ended = house.post(asked, f"/v1/delegations/{lent.body['id']}/revoke")
    assert ended.status == 200, ended.body
    house.settle()
    later = raise_need(house, SMALL)
    if approver_of(house, later) == asked:
        assert say(house, "nora", later["approval"]).status == 403


def test_nobody_lends_what_is_not_theirs(house: Installation) -> None:
    now = house.clock.now()
    body = {
        "from_person": "ida",
        "to_person": "nora",
        "start": now.isoformat(),
        "end": (now + timedelta(days=1)).isoformat(),
    }

    assert house.post("omar", "/v1/delegations", body).status == 403
    assert house.post("rita", "/v1/delegations", body).status == 403


def test_what_waits_for_somebody_who_left_goes_to_another(house: Installation) -> None:
    requisition = raise_need(house, SMALL)
    asked = approver_of(house, requisition)

    gone = house.post("root", f"/v1/people/{asked}/deactivate")
    house.settle()

    assert gone.status == 200, gone.body
    assert house.ask("GET", "/v1/approvals", who=asked).status == 401
    assert approver_of(house, requisition) != asked
    agree(house, requisition)
    assert len(SupplierSide(house, "BLUE").orders()) == 1


def test_when_nobody_is_left_the_gap_is_somebodys_case(house: Installation) -> None:
    for who in ("anna", "alec", "nora", "omar", "ida"):
        assert house.post("root", f"/v1/people/{who}/deactivate").status == 200

    requisition = raise_need(house, LARGE)

    (case,) = cases(house, "APPROVER_GAP")
    assert case["subject"]["id"] == requisition["approval"]
    state = house.get("rita", f"/v1/requisitions/{requisition['id']}")["state"]
    assert state == "submitted"


def test_an_approver_who_does_not_answer_is_passed_over_in_time(house: Installation) -> None:
    requisition = raise_need(house, SMALL)
    asked = approver_of(house, requisition)

    house.wait(days=2)

    assert approver_of(house, requisition) != asked
    told = {row["type"] for row in house.get("audra", "/v1/events?limit=200")["rows"]}
    assert {"ApproverReminded", "ApprovalEscalated"} <= told


@pytest.mark.parametrize("who", ["dora", "rolf", "wim"])
def test_people_of_one_site_see_nothing_of_another(house: Installation, who: str) -> None:
    requisition = raise_need(house, SMALL)
    _, order = ordered(house)

    for path in (
        f"/v1/requisitions/{requisition['id']}",
        f"/v1/approvals/{requisition['approval']}",
        f"/v1/purchase-orders/{order.number}",
        f"/v1/purchase-orders/{order.number}/ledger",
    ):
        assert house.ask("GET", path, who=who).status == 404, path
    assert not house.get(who, "/v1/requisitions")["rows"]
    assert not house.get(who, "/v1/purchase-orders")["rows"]


def test_where_nobody_of_the_chain_can_be_asked_the_pool_is(house: Installation) -> None:
    """A case for the process owner at once, and two members of the pool decide."""
    for name in ("pia", "pol"):
        person = {"name": name, "email": f"{name}@example.com", "roles": ["approver"]}
        limit = [{"amount": {"amount": "50000000", "currency": "USD"}}]
        power = {"roles": ["approval_pool"], "limits": limit}
        assert house.put("root", f"/v1/people/{name}", person).status == 200
        assert house.put("root", f"/v1/authorities/{name}", power).status == 200
    house.post("root", "/v1/people/ida/deactivate")

    requisition = raise_need(house, (("RELAY", "10000"),))
    found = house.get("root", f"/v1/approvals/{requisition['approval']}")

    assert len(cases(house, "APPROVER_GAP")) == 1
    (step,) = found["steps"]
    assert (step["panel"], step["needed"]) == (["pia", "pol"], 2)
    for who, state in (("pia", "pending"), ("pol", "granted")):
        digest = house.post("root", "/v1/keys", {"person": who}).body["key"]
        headers = {"Authorization": f"Bearer {digest}", "Idempotency-Key": who}
        path = f"/v1/approvals/{requisition['approval']}/approve"
        answer = house.ask("POST", path, who=None, body={}, headers=headers)
        assert (answer.status, answer.body["state"]) == (200, state)
