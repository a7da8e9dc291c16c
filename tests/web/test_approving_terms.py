"""An approver's terms: what is at risk, prices, the diff; forwarding, several at once, history."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from manciple.web.pages.wording import day
from tests.api.installation import Installation, installed
from tests.scenarios.office import agree, open_step, ordered, raise_need
from tests.web.signed_in import OURS, Browser, hidden_of, text_of, with_passwords


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path / "home") as made:
        yield with_passwords(made, "anna", "alec", "nora", "omar", "rita", "ben")


def at_work(house: Installation, name: str) -> Browser:
    browser = Browser(house)
    assert browser.sign_in(name).status_code == 303
    return browser


def asked(house: Installation, *lines: tuple[str, str], **more: object) -> tuple[str, str]:
    need = raise_need(house, lines or (("VALVE", "100"),), **more)  # type: ignore[arg-type]
    step = open_step(house, need["approval"])
    assert step is not None
    return str(need["approval"]), str(step["approver"])


def tell(house: Installation, item: str, days: int, waiting: int | None) -> None:
    body = {
        "site": "ATL", "item": item, "as_of": house.clock.now().isoformat(),
        "on_hand": {"value": str(10 * days), "unit": "EA"},
        "daily_demand": {"value": "10", "unit": "EA"},
    } | ({} if waiting is None else {"customer_orders": waiting})  # fmt: skip
    assert house.put("root", f"/v1/outlooks/ATL:{item}", body).status in {200, 201}


def test_the_inbox_puts_first_what_runs_out_first_and_unknown_behind(house: Installation) -> None:
    tell(house, "VALVE", 9, 3)
    tell(house, "ELBOW", 2, None)
    late, approver = asked(house, ("VALVE", "120"))
    soon, _ = asked(house, ("ELBOW", "240"))
    untold, _ = asked(house, ("RELAY", "60"))
    names = {"anna": at_work(house, "anna"), "alec": at_work(house, "alec")}

    page = names[approver].open("/approvals?whose=all")
    told = text_of(page)

    places = [page.index(f'href="/approvals/{each}"') for each in (soon, late, untold)]
    assert places == sorted(places)
    assert f"out on {day((house.clock.now() + timedelta(days=2)).date())}" in told
    assert "3 customer orders wait" in told
    assert "stock-out: unknown" in told
    assert told.count("customers: unknown") == 2


def test_the_document_tells_price_against_last_and_contract(house: Installation) -> None:
    first, approver = asked(house)
    before = text_of(at_work(house, approver).open(f"/approvals/{first}"))
    ordered(house, (("VALVE", "120"),))
    agreement = house.get("root", "/v1/agreements/BLUE/VALVE")
    body = {k: v for k, v in agreement.items() if k not in {"id", "version", "state"}}
    body["price"]["money"]["amount"] = "132.00"
    assert house.put("stew", "/v1/agreements/BLUE/VALVE", body).status in {200, 201}
    again, approver = asked(house, ("VALVE", "240"))

    after = text_of(at_work(house, approver).open(f"/approvals/{again}"))

    assert "unknown: not bought here before" in before
    assert "Budget unknown" in before
    assert "+10.0 %" in after  # 11.00 a piece, and 10.00 was paid last
    assert "the same" in after  # as is agreed


def test_an_order_change_shows_what_changes_since_it_was_approved(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "120"),))
    body = {
        "reason": "twice the crew",
        "lines": [{"line": "1", "quantity": {"value": "240", "unit": "EA"}}],
    }
    change = house.post("ben", f"/v1/purchase-orders/{order.number}/changes", body).body
    house.settle()
    tasks = house.get("root", "/v1/approvals?whose=all")["rows"]
    approval = tasks[0]["subject"]["id"]
    step = open_step(house, approval)
    assert step is not None

    told = text_of(at_work(house, step["approver"]).open(f"/approvals/{approval}"))

    assert change["id"]
    assert "What changes since it was last approved" in told
    assert "1 quantity 120 pieces 240 pieces +100.0 %" in told
    assert "1200.00 USD 2400.00 USD" in told
    assert "twice the crew" in told


def test_a_step_is_forwarded_from_the_page(house: Installation) -> None:
    approval, approver = asked(house)
    other = "alec" if approver == "anna" else "anna"
    browser = at_work(house, approver)
    page = browser.open(f"/approvals/{approval}")
    path = f"/approvals/{approval}/forward"

    refused = browser.fill(page, path, to="rita", note="you know it")
    done = browser.fill(refused.text, path, to=other, note="your press")

    assert f'<option value="{other}">' in page
    assert refused.status_code == 422
    assert "cannot be asked" in refused.text
    assert 'value="rita"' in refused.text
    assert "you know it" in refused.text
    assert done.status_code == 303
    assert approval in at_work(house, other).open("/approvals")
    assert "forwarded by" in browser.open(f"/approvals/{approval}")


def test_several_of_low_risk_are_approved_and_each_outcome_is_told(house: Installation) -> None:
    small, approver = asked(house, ("FUSE", "1000"))
    other, _ = asked(house, ("ANCHOR", "125"))
    large, _ = asked(house, ("VALVE", "120"))
    for each in (small, other, large):  # all before the same person
        step = open_step(house, each)
        assert step is not None
        if step["approver"] != approver:
            body = {"to": approver, "note": "one desk"}
            house.post(step["approver"], f"/v1/approvals/{each}/forward", body)
    browser = at_work(house, approver)
    page = browser.open("/approvals")
    boxes = re.findall(r'name="pick" value="([^"]+)"', page)
    fields = [*hidden_of(page, "/approvals/several").items()]
    picks = [("pick", each) for each in (*boxes, f"{large}:1")]

    answer = browser.ask(
        "POST", "/approvals/several", content=urlencode([*fields, *picks]).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded", **OURS},
    )  # fmt: skip

    told = text_of(answer.text)
    states = {
        each: house.get("root", f"/v1/approvals/{each}")["steps"][0]["state"]
        for each in (small, other, large)
    }
    assert {box.partition(":")[0] for box in boxes} == {small, other}
    assert answer.status_code == 200
    assert states == {small: "approved", other: "approved", large: "pending"}
    assert "is not approved with others" in told
    assert re.findall(r'data-fate="([a-z]+)"', answer.text) == ["done", "done", "skipped"]
    assert "2 of 3 done 1 skipped" in told


def test_ticking_nothing_is_told(house: Installation) -> None:
    _, approver = asked(house, ("FUSE", "1000"))
    browser = at_work(house, approver)

    answer = browser.fill(browser.open("/approvals"), "/approvals/several")

    assert answer.status_code == 422
    assert "Nothing was ticked" in answer.text


def test_my_history_tells_latency_and_what_delegates_did_for_me(house: Installation) -> None:
    mine, approver = asked(house)
    house.clock.advance(house.clock.now() + timedelta(hours=2))
    assert house.post(approver, f"/v1/approvals/{mine}/approve").status == 200
    body = {
        "from_person": approver, "to_person": "nora",
        "start": house.clock.now().isoformat(),
        "end": (house.clock.now() + timedelta(days=2)).isoformat(),
    }  # fmt: skip
    assert house.post(approver, "/v1/delegations", body).status == 201
    lent = raise_need(house, (("VALVE", "132"),))
    step = open_step(house, lent["approval"])
    assert step is not None
    if step["approver"] != approver:
        note = {"to": approver, "note": "one desk"}
        house.post(step["approver"], f"/v1/approvals/{lent['approval']}/forward", note)
    assert house.post("nora", f"/v1/approvals/{lent['approval']}/approve").status == 200

    told = text_of(at_work(house, approver).open("/approvals/mine"))

    assert "Given for you 1" in told
    assert f"nora for {approver}" in told
    assert "2 h" in told
    assert "2 of 2" in told
    agree(house, raise_need(house, (("FUSE", "700"),)))
