"""What hurrying costs beside the freight that is billed; and notices that come after the goods."""

from typing import Any

from manciple.adapters.sql.engine import transaction
from manciple.adapters.sql.following import Follower
from manciple.adapters.sql.sealer import Sealer
from tests.api.installation import Installation
from tests.scenarios.office import ordered
from tests.web.signed_in import Browser, text_of, with_passwords


def up_to_date(house: Installation) -> None:
    """Seal and follow everything, whoever held the lease."""
    Sealer(house.app.store.engine).seal_all(house.clock.now())
    with transaction(house.app.store.engine) as session:
        session.write("delete from lease where name = 'metrics'")
    Follower(house.app.store.engine).follow_all(house.clock.now())


def reading(house: Installation, name: str, asked: str = "all") -> dict[str, Any]:
    up_to_date(house)
    found: dict[str, Any] = house.get("root", f"/v1/metrics/{name}?period={asked}")["reading"]
    return found


def test_what_hurrying_costs_is_told_as_a_share_of_the_freight_billed(house: Installation) -> None:
    desk, order = ordered(house, (("VALVE", "100"),))
    cost = {"amount": "15.00", "currency": "USD"}
    body = {"line": "1", "cost": cost, "cause": "supplier_late", "override": "A customer waits."}
    hurried = house.post("ben", f"/v1/purchase-orders/{order.number}/expedite", body)
    assert hurried.status in {200, 201}, hurried.body
    unknown = reading(house, "expedite-premium-share")
    assert (unknown["standing"], unknown["series"]) == ("unknown", {})
    assert "freight" in unknown["missing"][0]

    house.wait(days=8)
    house.count_at_dock("D1", order.number, {"1": 108})
    freight = ("SAC", "C", "D240", "", "", "4800")
    desk.drop(desk.invoice(order, "B-1", more=[freight], plus="48.00"))

    (told,) = reading(house, "emergency premium")["series"][""]
    assert (told["n"], told["share"]) == (2, "31.25")
    (billed,) = reading(house, "inbound-freight")["series"][""]
    assert billed["total"] == "48.00"
    day = house.clock.now().date().isoformat()
    (only,) = reading(house, "expedite-premium-share", day)["series"][""]
    assert only["share"] == "0.00", "freight and no premium is a true zero"
    before = "2026-03-02..2026-03-03"
    earlier = reading(house, "expedite-premium-share", before)
    assert earlier["standing"] == "no data", "a premium without freight is of nothing"
    assert earlier["series"][""][0]["share"] is None

    with_passwords(house, "ben")
    browser = Browser(house)
    assert browser.sign_in("ben").status_code == 303
    page = text_of(browser.open("/metrics/expedited-freight-incidence?period=all"))
    assert "Premium paid to expedite 15 money n = 1" in page
    assert "Inbound freight 48 money n = 1" in page
    assert "Expedite premium of inbound freight 31.25 % n = 2" in page
    itself = text_of(browser.open("/metrics/expedite-premium-share?period=all&by=week"))
    assert "Figure 31.25 % n = 2" in itself, "also with a week of premium and no freight"


def test_a_notice_after_its_goods_is_counted_as_late_and_stands_on_the_scorecard(
    house: Installation,
) -> None:
    desk, order = ordered(house, (("VALVE", "100"), ("RELAY", "20")))
    desk.drop(desk.ship_notice(order, "S-1", {"1": 9, "2": 1}))
    house.wait(days=1)
    house.count_at_dock("D1", order.number, {"1": 108, "2": 20})
    desk.drop(desk.ship_notice(order, "S-2", {"1": 0, "2": 1}))

    (told,) = reading(house, "late asn")["series"][""]

    assert (told["n"], told["share"]) == (2, "50.00")
    card = house.get("root", "/v1/suppliers/BLUE/scorecard?period=all")
    (score,) = [each for each in card["scores"] if each["metric"] == "late-ship-notice-share"]
    assert (score["n"], score["standing"], score["value"]) == (2, "not enough data", None)
    explained = house.get("root", "/v1/metrics/late-ship-notice-share")["definition"]
    assert explained["version"] == 1
    assert "at least half" in explained["formula"]
