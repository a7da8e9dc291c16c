"""Buying elsewhere: who could deliver instead, what the order gives up, and who must agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.installation import Answer, Installation, installed
from tests.scenarios.office import agree, cases, ordered


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield made


def agreement(house: Installation, supplier: str, price: str, **more: Any) -> Answer:
    """Have a supplier agree on VALVE."""
    (own,) = [
        row for row in house.get("root", "/v1/agreements?limit=200")["rows"]
        if row["id"] == "BLUE/VALVE"
    ]  # fmt: skip
    body = {key: value for key, value in own.items() if key not in {"version", "state"}}
    money = body["price"]["money"] | {"amount": price}
    body |= {"id": f"{supplier}/VALVE", "supplier": supplier, "supplier_item": None,
             "price": body["price"] | {"money": money}, "preferred": False} | more  # fmt: skip
    answer = house.put("root", f"/v1/agreements/{supplier}/VALVE", body)
    assert answer.status == 200, answer.body
    return answer


def option(case: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [each for each in case["guide"]["options"] if each["name"] == name]
    assert isinstance(found, dict)
    return found


def test_what_is_short_is_bought_from_the_supplier_that_is_named(house: Installation) -> None:
    agreement(house, "COBALT", "150.00", lead_days=3)
    agreement(house, "ADLER", "110.00", lead_days=9)
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house, "SHORTAGE")
    told = option(case, "re_source")
    assert told["possible"], told
    (term,) = told["terms"]
    assert [offer.split(":")[0] for offer in term["offers"]] == ["COBALT", "ADLER"]
    days = [offer.rpartition(" ")[2] for offer in term["offers"]]
    assert days == ["2026-03-05", "2026-03-13"], "3 and 9 working days from Monday the 2nd"
    path = f"/v1/exceptions/{case['id']}/resolve"

    unnamed = house.post("paul", path, {"resolution": "re_source"})
    assert (unnamed.status, unnamed.codes) == (422, {"MISSING_TERM"})
    same = house.post("paul", path, {"resolution": "re_source", "terms": {"supplier": "BLUE"}})
    assert (same.status, same.codes) == (422, {"NO_SUCH_SOURCE"})
    assert "COBALT" in same.body["errors"][0]["fix"]
    body = {"resolution": "re_source", "terms": {"supplier": "COBALT"}, "note": "needed Monday"}
    done = house.post("paul", path, body)
    assert done.status == 200, done.body
    house.settle()

    ledger = house.get("paul", f"/v1/purchase-orders/{order.number}/ledger")
    assert ledger[0]["totals"]["cancelled"] == "12"
    need = house.get("root", "/v1/requisitions?limit=1")["rows"][0]
    assert (need["requester"], need["reference"]) == ("paul", case["id"])
    (line,) = need["lines"]
    assert (line["supplier"], line["committed"]["value"]) == ("COBALT", "12")
    assert "paul" not in agree(house, need)
    orders = house.get("root", "/v1/purchase-orders")["rows"]
    assert {each["supplier"] for each in orders} == {"BLUE", "COBALT"}


def test_a_supplier_that_states_no_lead_time_comes_last_and_is_not_here_at_once(
    house: Installation,
) -> None:
    agreement(house, "COBALT", "150.00", lead_days=0)
    agreement(house, "ADLER", "110.00", lead_days=None)
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house, "SHORTAGE")

    (term,) = option(case, "re_source")["terms"]

    cobalt, adler = term["offers"]
    assert (cobalt.split(":")[0], cobalt[-18:]) == ("COBALT", "here on 2026-03-02")
    assert adler.startswith("ADLER: ")
    assert adler.endswith(", lead time unknown")


def test_a_supplier_that_is_blocked_or_has_no_valid_agreement_is_no_candidate(
    house: Installation,
) -> None:
    adler = house.get("root", "/v1/suppliers/ADLER")
    body = {key: value for key, value in adler.items() if key not in {"version", "state"}}
    assert house.put("root", "/v1/suppliers/ADLER", body | {"blocked": True}).status == 200
    day = house.clock.now().date().isoformat()
    agreement(house, "COBALT", "150.00", valid_from="2026-01-01", valid_to=day)
    desk, order = ordered(house, (("VALVE", "100"),))
    desk.drop(desk.acknowledgment(order, {"1": 8}))
    (case,) = cases(house, "SHORTAGE")
    (offer,) = option(case, "re_source")["terms"][0]["offers"]
    assert offer.startswith("COBALT: ")

    house.wait(days=1)

    (now,) = cases(house, "SHORTAGE")
    told = option(now, "re_source")
    assert (told["possible"], told["why_not"]) == (
        False, "no other supplier has an agreement for it today",
    )  # fmt: skip
    body = {"resolution": "re_source", "terms": {"supplier": "COBALT"}}
    refused = house.post("paul", f"/v1/exceptions/{now['id']}/resolve", body)
    assert (refused.status, refused.codes) == (409, {"RESOLUTION_NOT_ALLOWED"})
    assert "re_source" not in refused.body["errors"][0]["fix"]
