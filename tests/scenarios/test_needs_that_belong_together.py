"""Needs that belong together are decided as one, whoever states them and on whatever day."""

import threading
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from manciple.approvals.request import Approval, RequestApproval, Spend
from manciple.governance.people import Person, actor_of
from manciple.kernel.messages import SYSTEM, Command
from manciple.kernel.money import Currency, Money
from manciple.requisitioning.requisition import Requisition
from manciple.runtime.bus import Reply
from manciple.runtime.documents import Ref
from manciple.web.api.bodies import RequisitionBody
from manciple.web.api.requests import act_of
from tests.api.installation import Installation, installed
from tests.scenarios.office import agree, need, ordered, raise_need

A = (("RELAY", "240"),)  # 4 800.00 from BLUE
B = (("VALVE", "480"),)  # 4 800.00 from BLUE
SMALL = (("RELAY", "60"),)  # 1 200.00 from BLUE


def approval(house: Installation, requisition: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = house.get("root", f"/v1/approvals/{requisition['approval']}")
    return found


def roles(found: dict[str, Any]) -> list[str]:
    return [step["role"] for step in found["steps"]]


def findings(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["rule"], each["amount"]["amount"]) for each in found["findings"]]


def test_a_need_cut_in_two_is_one_chain_for_the_sum(house: Installation) -> None:
    first = raise_need(house, A)
    house.wait(days=1)
    before = house.post("mona", "/v1/requisitions/preview", need(house, B)).body["chain"]
    second = raise_need(house, B, who="mona")

    assert roles(approval(house, first)) == ["branch_manager"]
    found = approval(house, second)
    assert found["weighed"] == {"amount": "9600.00", "currency": "USD"}
    assert roles(found) == ["branch_manager", "category_manager"]
    assert findings(found) == [("A-04", "9600.00")]
    assert f"requisition/{first['id']} 4800.00 USD" in found["findings"][0]["text"]
    assert before["findings"] == found["findings"]
    assert [step["role"] for step in before["steps"]] == roles(found)
    assert agree(house, second)[-1] == "nora"


def test_a_second_record_of_the_supplier_changes_nothing(house: Installation) -> None:
    raise_need(house, A)
    elsewhere = (("ANCHOR", "1200"),)  # 4 800.00 from ADLER, another category
    assert not approval(house, raise_need(house, elsewhere))["findings"]
    linked = {"house": "BLUE", "why": "one owner, by the trade register"}
    assert house.post("stew", "/v1/suppliers/ADLER/house", linked).status == 200
    house.wait(days=1)

    assert findings(approval(house, raise_need(house, (("ANCHOR", "1000"),))))[0][0] == "A-04"


def test_small_needs_and_old_ones_are_let_be(house: Installation) -> None:
    raise_need(house, SMALL)
    assert not approval(house, raise_need(house, SMALL, who="mona"))["findings"]
    house.wait(days=14)
    assert not approval(house, raise_need(house, A))["findings"]


def run_of(house: Installation, site: str, flow: str) -> list[str]:
    """Ask, as a planning run does, for 2 600 at a site; give the rules that found something."""
    spend = Spend(
        supplier="BLUE", item="RELAY", category="electrical",
        amount=Money(Decimal(2600), Currency.USD),
    )  # fmt: skip
    act = RequestApproval(
        subject=Ref("requisition", f"RUN-{flow}-{site}"),
        thread=f"requisition/RUN-{flow}-{site}",
        title="a run",
        document_type="requisition",
        flow=flow,
        amount=spend.amount,
        category=spend.category,
        site=site,
        requester="paul",
        spends=(spend,),
    )
    command = Command(key=f"{flow}-{site}", act=act, actor=SYSTEM, at=house.clock.now())
    (reply,) = house.app.store.apply([command]).replies
    assert reply.subject is not None
    return [each.rule for each in house.app.store.get(Approval, reply.subject.id).findings]


def test_a_planning_run_for_two_sites_is_no_split(house: Installation) -> None:
    assert (run_of(house, "ATL", "replenishment"), run_of(house, "DFW", "replenishment")) == (
        [], [],
    )  # fmt: skip
    assert (run_of(house, "ATL", "direct"), run_of(house, "DFW", "direct")) == ([], ["A-04"])


def test_what_was_refused_withdrawn_or_cancelled_counts_no_more(house: Installation) -> None:
    refused, withdrawn = raise_need(house, A), raise_need(house, A)
    assert findings(approval(house, withdrawn))
    assert house.post("rita", f"/v1/requisitions/{withdrawn['id']}/withdraw").status == 200
    body = {"reason": "not_needed"}
    path = f"/v1/approvals/{refused['approval']}/reject"
    asked = approval(house, refused)["steps"][0]["approver"]
    assert house.post(asked, path, body).status == 200

    again = raise_need(house, B)
    assert not approval(house, again)["findings"]


def test_what_an_order_gave_up_counts_no_more(house: Installation) -> None:
    desk, order = ordered(house, A)
    desk.drop(desk.acknowledgment(order, {"1": 1}))
    body = {"reason": "not needed"}
    path = f"/v1/purchase-orders/{order.number}/cancel-remainder"
    assert house.post("ben", path, body).status == 200
    house.settle()

    less = (("VALVE", "468"),)  # 4 680.00, and 200.00 stay of the order
    assert not approval(house, raise_need(house, less))["findings"]


def under_nora(house: Installation) -> None:
    """Put nora above both managers of the branch."""
    for name in ("anna", "alec"):
        known = house.get("root", f"/v1/authorities/{name}")
        path = f"/v1/authorities/{name}"
        assert house.put("root", path, known | {"manager": "nora"}).status == 200


INTEREST = {"supplier": "BLUE", "relation": "owner", "note": "a tenth of the shares"}


def test_who_has_an_interest_in_the_supplier_is_not_asked(house: Installation) -> None:
    under_nora(house)
    waiting = raise_need(house, (("RELAY", "20"),))
    asked = approval(house, waiting)["steps"][0]["approver"]
    other = ({"anna", "alec"} - {asked}).pop()

    assert house.post(asked, "/v1/interests", INTEREST).status == 201

    assert approval(house, waiting)["steps"][0]["approver"] == other
    refused = house.post(asked, f"/v1/approvals/{waiting['approval']}/approve")
    assert (refused.status, refused.codes) == (403, {"NOT_YOUR_STEP"})
    anew = approval(house, raise_need(house, (("ELBOW", "100"),)))
    assert anew["steps"][0]["approver"] == other
    assert [(f["rule"], f["subjects"]) for f in anew["findings"]] == [("A-06", [asked])]
    assert not approval(house, raise_need(house, (("ANCHOR", "100"),)))["findings"]
    assert house.post(other, "/v1/interests", INTEREST).status == 201
    assert approval(house, anew | {"approval": anew["id"]})["steps"][0]["approver"] == "nora"


def test_an_interest_reaches_every_record_of_the_house(house: Installation) -> None:
    under_nora(house)
    for name in ("anna", "alec"):
        assert house.post(name, "/v1/interests", INTEREST).status == 201
    linked = {"house": "BLUE", "why": "one owner"}
    assert house.post("stew", "/v1/suppliers/ADLER/house", linked).status == 200

    found = approval(house, raise_need(house, (("ANCHOR", "100"),)))

    assert found["steps"][0]["approver"] == "nora"


def test_a_requester_with_an_interest_is_never_passed_without_a_person(
    house: Installation,
) -> None:
    small = (("FUSE", "20"),)
    assert not approval(house, raise_need(house, small))["steps"]
    assert house.post("rita", "/v1/interests", INTEREST).status == 201

    found = approval(house, raise_need(house, small))

    assert [step["approver"] for step in found["steps"]] == ["omar"]
    assert [each["rule"] for each in found["findings"]] == ["A-06"]
    ended = {"supplier": "BLUE", "note": "the shares are sold"}
    assert house.post("rita", "/v1/interests/rita/end", ended).status == 403
    assert house.post("root", "/v1/interests/rita/end", ended).status == 200
    assert not approval(house, raise_need(house, small))["steps"]


def test_two_at_the_same_moment_cannot_both_slip_under(database_url: str, tmp_path: Path) -> None:
    """The window is read in the transaction: of two that saw it empty, one looks again."""
    with installed(tmp_path, database_url) as house:
        gate = threading.Barrier(2)
        goods = {"rita": A, "mona": B}
        replies: list[Reply] = []

        def submit(who: str, turn: int) -> None:
            person = house.app.peek(Person, who)
            assert person is not None
            command = Command(
                key=f"{who}-{turn}",
                act=act_of(RequisitionBody.model_validate(need(house, goods[who]))),
                actor=actor_of(person),
                at=house.clock.now(),
            )
            gate.wait()
            replies.extend(house.app.store.apply([command]).replies)

        for turn in range(5):
            threads = [threading.Thread(target=submit, args=(who, turn)) for who in goods]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            found = []
            for reply in replies:
                assert reply.subject is not None
                made = house.app.store.get(Requisition, reply.subject.id)
                found.append(len(house.app.store.get(Approval, made.approval or "").findings))
            assert sorted(found) == [0, 1], turn
            replies.clear()
            house.clock.advance(house.clock.now() + timedelta(days=14))
