"""An order's workspace, its lines, proposals and suppliers in a browser without script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from manciple.cases.discrepancy import Code
from tests.api.installation import Installation, installed
from tests.scenarios.office import cases, ordered
from tests.web.buyers_day import Day, at_work, buyers_day
from tests.web.signed_in import hidden_of, text_of, with_passwords


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One day; each test that changes something has an order of its own in it."""
    with installed(tmp_path_factory.mktemp("orders") / "home") as made:
        found = buyers_day(made)
        found.blue.control = 400
        found.blue.drop(found.blue.ship_notice(found.paper, "SH-9"))
        made.count_at_dock("R-9", found.agreed, {"1": 18})
        found.blue.drop(found.blue.invoice(found.paper, "INV-9"))
        yield found


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Installation]:
    """An installation of one test's own, for what others would see."""
    with installed(tmp_path / "home") as made:
        with_passwords(made, "ben")
        yield made


def case_of(house: Installation, code: Code) -> str:
    return str(cases(house, code.value)[0]["id"])


def changes_of(house: Installation, order: str) -> list[dict[str, Any]]:
    rows = house.get("ben", "/v1/order-changes")["rows"]
    return [each for each in rows if each["order"] == order]


# ---- the order --------------------------------------------------------------------------------


def test_an_order_shows_answers_pinned_to_their_revision_and_the_rows_that_spoke(
    day: Day,
) -> None:
    told = text_of(at_work(day.house).open(f"/orders/{day.dear}"))

    assert "120.00 USD per 12 pieces 126.00 USD per 12 pieces +5 %" in told
    assert "Thu 12 Mar Thu 2 Apr +21 days" in told
    assert "line 1 120 pieces, Thu 2 Apr 2026" in told
    assert "outside tolerance: tolerances 2026-01/" in told
    assert "Committed 1,220.00 USD" in told
    assert "alec branch manager approved" in told
    assert "855" in told


def test_receipts_and_invoices_stand_by_line_with_the_ledgers_sums(day: Day) -> None:
    told = text_of(at_work(day.house).open(f"/orders/{day.agreed}"))

    stages = "20 Ordered Ord 20 Acknowledged Ack 20 Shipped Ship 18 Received Recv 2 short"
    assert f"{stages} 20 Invoiced Inv" in told
    assert "2 pieces open 2 billed ahead" in told
    assert "Ship notice SH-9" in told
    assert "Invoice INV-9 400.00 USD" in told


def test_a_change_is_previewed_asked_for_and_taken_back(day: Day) -> None:
    house, browser = day.house, at_work(day.house)
    address = f"/orders/{day.silent}"
    page = browser.open(address)
    fields = hidden_of(page, f"{address}/change")

    nothing = browser.send(f"{address}/change", fields | {"reason": "why not"})
    unsaid = browser.send(f"{address}/change", fields | {"quantity.1": "5"})
    bad = browser.send(f"{address}/change", fields | {"quantity.1": "5x", "reason": "more"})
    more = fields | {"quantity.1": "5", "reason": "two branches want it"}
    preview = browser.send(f"{address}/preview", more)

    assert "every line is as the order has it" in text_of(nothing.text)
    assert "nobody said why" in text_of(unsaid.text)
    assert "5x is no number" in text_of(bad.text)
    assert 'value="5x"' in bad.text
    assert (nothing.status_code, unsaid.status_code, bad.status_code) == (422, 422, 422)
    assert "quantity 48 pieces 60 pieces +25 %" in text_of(preview.text)
    assert "240.00 USD 300.00 USD" in text_of(preview.text)
    assert changes_of(house, day.silent) == []

    done = browser.send(f"{address}/change", more)
    assert done.headers["location"] == f"{address}?done=change"
    (change,) = changes_of(house, day.silent)
    assert change["state"] == "proposed"
    page = browser.open(address)
    assert "a change waits for approval" in text_of(page)
    gone = browser.fill(page, f"{address}/withdraw")
    assert gone.headers["location"] == f"{address}?done=withdraw"
    assert changes_of(house, day.silent)[0]["state"] == "withdrawn"
    stale = browser.send(f"{address}/change", more | {"key": "another-key-1"})
    assert stale.status_code == 409
    assert 'value="5"' in stale.text


def test_an_order_is_reminded_of_hurried_and_resent_from_its_page(day: Day) -> None:
    browser, address = at_work(day.house), f"/orders/{day.silent}"

    asked = browser.fill(browser.open(address), f"{address}/ask", note="The crane waits.")
    again = browser.fill(browser.open(address), f"{address}/ask")
    hurry = browser.fill(
        browser.open(address), f"{address}/expedite", line="1", cost="9,50", cause="forecast",
        override="the crane waits",
    )  # fmt: skip
    resent = browser.fill(browser.open(address), f"{address}/resend", reason="they lost it")

    assert asked.status_code == hurry.status_code == resent.status_code == 303
    assert again.status_code == 422
    assert "Ask again from" in text_of(again.text)
    assert "line 1, 9.50 USD forecast; override" in text_of(browser.open(address))


def test_who_does_not_buy_only_looks_and_other_sites_see_nothing(day: Day) -> None:
    address = f"/orders/{day.silent}"

    page = at_work(day.house, "ada").open(address)

    assert f'action="{address}/ask"' not in page
    assert at_work(day.house, "rolf").ask("GET", address).status_code == 404
    assert at_work(day.house, "rolf").ask("GET", f"/lines/{day.silent}/1").status_code == 404


def test_the_trace_leads_to_the_pages_of_what_it_names(day: Day) -> None:
    browser = at_work(day.house)
    found = browser.ask("GET", f"/trace?key={day.dear}")
    page = browser.open(found.headers["location"])

    assert f'href="/orders/{day.dear}"' in page
    assert f'href="/lines/{day.dear}/1"' in page
    assert 'href="/requests/REQ-' in page
    assert f'href="/exceptions/{case_of(day.house, Code.PRICE_VARIANCE)}"' in page


# ---- the line ---------------------------------------------------------------------------------


def test_a_line_has_six_panels_and_names_the_adapters_that_are_missing(day: Day) -> None:
    told = text_of(at_work(day.house, "ada").open(f"/lines/{day.agreed}/1"))

    for panel in ("Demand behind it", "Supplier", "Dock slot", "Carrier and arrival",
                  "Budget and accrual", "Customer orders waiting"):  # fmt: skip
        assert panel in told
    assert "Asked by rita" in told
    assert "the dock scheduling adapter is not connected" in told
    assert "the transport management adapter is not connected" in told
    assert "the budget adapter is not connected" in told
    assert "SH-9" in told
    assert "received 18 pieces" in told
    assert at_work(day.house).ask("GET", f"/lines/{day.agreed}/9").status_code == 404


def test_what_the_outlook_tells_stands_in_its_panels(day: Day) -> None:
    outlook = {
        "site": "ATL", "item": "VALVE", "as_of": "2026-03-02T12:00:00Z",
        "on_hand": {"value": "60", "unit": "EA"}, "daily_demand": {"value": "12", "unit": "EA"},
        "customer_orders": 3, "customer_value": {"amount": "900.00", "currency": "USD"},
    }  # fmt: skip
    assert day.house.put("root", "/v1/outlooks/ATL:VALVE", outlook).status in {200, 201}
    browser = at_work(day.house)

    line = text_of(browser.open(f"/lines/{day.dear}/1"))
    proposals = text_of(browser.open("/proposals"))

    assert "12 pieces a day" in line
    assert "lasts 5 days" in line
    assert "Orders 3 Worth 900.00 USD" in line
    assert "ADLER 132.00 USD per case +10 % · 3 working days" in line
    assert "3 customer orders wait" in proposals
    assert "stock ends before it comes" in proposals


# ---- proposals --------------------------------------------------------------------------------


def test_proposals_show_ours_beside_theirs_and_what_policy_lets_be_accepted_together(
    day: Day,
) -> None:
    told = text_of(at_work(day.house).open("/proposals"))

    assert "400 pieces 300 pieces -25 %" in told
    assert "120.00 USD per 12 pieces 126.00 USD per 12 pieces +5 %" in told
    assert "Not in bulk: 21 days later, at most 7 (bulk_acceptance 2026-01/r02)" in told
    assert "Not in bulk: 60.00 USD dearer, at most 50" in told


def test_a_buyer_may_not_decide_for_the_planner(day: Day) -> None:
    page = at_work(day.house).open("/proposals")

    assert f'action="/proposals/{day.short_case}/decide"' not in page


def test_a_buyer_accepts_a_price(alone: Installation) -> None:
    house, browser = alone, at_work(alone)
    blue, dear = ordered(house, (("VALVE", "120"),))
    blue.drop(blue.acknowledgment(dear, prices={"1": "126.00"}))
    price = case_of(house, Code.PRICE_VARIANCE)
    page = browser.open("/proposals")
    # ordered on Monday 2 March before ADLER's cut-off, three of its working days away
    assert "ADLER, here Thu 5 Mar 2026" in text_of(page)

    bulk = browser.send("/proposals/accept", hidden_of(page, "/proposals/accept")
                        | {"case": price})  # fmt: skip
    assert bulk.status_code == 422
    assert "60.00 USD dearer, at most 50" in text_of(bulk.text)

    page = browser.open("/proposals")
    done = browser.fill(
        page, f"/proposals/{price}/decide", resolution="accept", note="copper rose"
    )
    assert done.headers["location"] == f"/proposals?done={price}"
    settled = house.get("root", f"/v1/exceptions/{price}")["resolution"]
    assert (settled["kind"], settled["note"], settled["by"]) == ("accept", "copper rose", "ben")
    assert f"/proposals/{price}/decide" not in browser.open("/proposals")


def test_a_refused_decision_keeps_what_was_typed_and_on_its_own_proposal_alone(day: Day) -> None:
    browser = at_work(day.house, "paul")
    path = f"/proposals/{day.short_case}/decide"
    fields = {"resolution": "re_source", "supplier": "", "note": "copper rose <b>"}

    refused = browser.send(path, hidden_of(browser.open("/proposals"), path) | fields)

    assert refused.status_code == 422
    assert refused.text.count('value="copper rose &lt;b&gt;"') == 1
    assert refused.text.count('<option value="re_source" selected>') == 1
    assert "copper rose" not in browser.open("/proposals")


def test_a_planner_decides_in_bulk_within_the_limits(day: Day) -> None:
    house, browser = day.house, at_work(day.house, "paul")
    page = browser.open("/proposals")
    fields = hidden_of(page, "/proposals/accept") | {"case": day.short_case}

    refused = browser.send("/proposals/accept", fields)
    gone = browser.send("/proposals/accept", hidden_of(page, "/proposals/accept"))

    assert "decided by itself (bulk_acceptance 2026-01/r04)" in text_of(refused.text)
    assert "nothing was chosen" in text_of(gone.text)
    assert house.get("root", f"/v1/exceptions/{day.short_case}")["state"] == "open"


def test_a_lead_time_that_nobody_stated_is_unknown_everywhere(alone: Installation) -> None:
    house, browser = alone, at_work(alone)
    blue, dear = ordered(house, (("VALVE", "120"),))
    blue.drop(blue.acknowledgment(dear, prices={"1": "126.00"}))
    path = "/v1/agreements/ADLER/VALVE"
    adler = {k: v for k, v in house.get("root", path).items() if k not in {"version", "state"}}

    assert house.put("root", path, adler | {"lead_days": None}).status == 200

    assert "ADLER, lead time unknown" in text_of(browser.open("/proposals"))
    assert "+10 % · lead time unknown" in text_of(browser.open(f"/lines/{dear.number}/1"))
    assert "Agreed lead time unknown" in text_of(browser.open("/items/VALVE/ATL"))
    assert "n = 5, 1 not stated" in text_of(browser.open("/suppliers/ADLER"))


# ---- suppliers --------------------------------------------------------------------------------


def test_a_supplier_shows_what_is_open_and_how_its_channel_is(day: Day) -> None:
    browser = at_work(day.house)

    listed = text_of(browser.open("/suppliers?q=blue"))
    told = text_of(browser.open("/suppliers/BLUE"))

    assert "Bluestem Valve BLUE active" in listed
    assert "Adler" not in listed
    assert "not enough data" in told
    assert "n = 0" in told
    assert "Last in" in told
    assert "Missing numbers" in told
    assert "Agreed lead time 3 to p90 3 working days, median 3 n = 4" in told
    assert "sending" in told
    assert browser.ask("GET", "/suppliers/NOBODY").status_code == 404
    assert at_work(day.house, "rita").ask("GET", "/suppliers").status_code == 404
