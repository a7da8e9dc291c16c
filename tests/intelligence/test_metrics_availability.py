"""Expedited freight, shelves and emergencies: what events make of facts, both sides of a bound."""

from datetime import timedelta

import pytest

from manciple.intelligence.metrics.fact import DAY, FactState
from manciple.intelligence.metrics.freight import INBOUND, PREMIUM_SHARE
from manciple.intelligence.metrics.hurry import AVOIDABLE, INCIDENCE, PREMIUM
from manciple.intelligence.metrics.order import EMERGENCY
from manciple.intelligence.metrics.ship_notice import LATE_NOTICE
from manciple.intelligence.metrics.stock import (
    IMPACT,
    IN_STOCK,
    KEPT_DAYS,
    MOST_GAP,
    VALUE,
)
from manciple.runtime.rows import micros
from tests.intelligence.histories import PO, REQ, History, an_order, at, each, usd

_UNIT = 10**6


def hurried(
    history: History, day: int, hour: int = 12, *, cause: str = "supplier_late", line: str = "1"
) -> None:
    history.tell("LineExpedited", at(day, hour), f"expediting/{PO}", {
        "order": PO, "line": line, "cost": usd("55.50"), "cause": cause,
    }, actor="ben", door="api")  # fmt: skip


def closed(history: History, day: int, hour: int = 12) -> None:
    history.tell("ExpediteClosed", at(day, hour), f"expediting/{PO}",
                 {"order": PO, "line": "1", "note": "answered"})  # fmt: skip


def notice(history: History, name: str, day: int, *lines: str, hour: int = 12) -> None:
    rows = [{"line": line, "quantity": each("50")} for line in lines]
    history.tell("ShipNoticeReceived", at(day, hour), f"ship-notice/{name}",
                 {"ship_notice": name, "order": PO, "lines": rows})  # fmt: skip


# ---- expedited freight ------------------------------------------------------------------------


def test_of_two_shipments_the_one_with_the_hurried_line_is_expedited() -> None:
    history = an_order(ordered=("50", "50"))
    hurried(history, 4, line="2")
    notice(history, "ASN-1", 5, "1")
    notice(history, "ASN-2", 5, "2")

    assert [(f.key, f.value, f.reason) for f in history.facts(INCIDENCE)] == [
        ("ASN-1", 0, ""), ("ASN-2", 1, "supplier_late"),
    ]  # fmt: skip
    (paid,) = history.facts(PREMIUM)
    assert (paid.value, paid.unit, paid.at) == (55_500_000, "USD", micros(at(4, 12)))


@pytest.mark.parametrize(("hour", "expedited"), [(11, 0), (12, 0), (13, 1)])
def test_hurried_for_want_of_an_answer_that_came_before_the_goods_left_is_not(
    hour: int, expedited: int
) -> None:
    history = an_order(ordered=("50",))
    hurried(history, 4, cause="late_acknowledgment")
    if hour < 13:
        closed(history, 5, hour)
        notice(history, "ASN-1", 5, "1")
    else:
        notice(history, "ASN-1", 5, "1")
        closed(history, 5, hour)

    assert history.fact(INCIDENCE, "ASN-1").value == expedited
    assert len(history.facts(PREMIUM)) == 1


@pytest.mark.parametrize(("came", "expedited"), [("49", 1), ("50", 0)])
def test_hurrying_goods_on_their_way_restates_the_day_of_their_notice(
    came: str, expedited: int
) -> None:
    history = an_order(ordered=("100",))
    notice(history, "ASN-1", 5, "1")
    history.received(6, came)
    hurried(history, 6, 13)

    assert history.fact(INCIDENCE, "ASN-1").value == expedited
    found = [(e.metric, e.day, e.old, e.new) for e in history.book.restated]
    day = micros(at(5)) // DAY
    assert ((INCIDENCE, day, 0, 1) in found) is bool(expedited)


@pytest.mark.parametrize(
    ("cause", "avoidable"),
    [
        ("late_requisition", 1), ("late_approval", 1), ("late_acknowledgment", 1),
        ("supplier_late", 0), ("forecast", 0), ("unknown", 0),
    ],
)  # fmt: skip
def test_what_the_house_could_have_kept_from_happening_is_avoidable(
    cause: str, avoidable: int
) -> None:
    history = an_order(ordered=("50",))
    hurried(history, 4, cause=cause)
    notice(history, "ASN-1", 5, "1")

    assert history.fact(AVOIDABLE, "ASN-1").value == avoidable


# ---- inbound freight --------------------------------------------------------------------------


def billed(
    history: History, day: int, *charges: tuple[str, str], name: str = "INV-1", **more: object
) -> None:
    stream = f"invoice/{name}"
    rows = [{"code": code, "amount": usd(amount)} for code, amount in charges]
    history.tell(
        "InvoiceRegistered",
        at(day, 9),
        stream,
        {"invoice": name, "order": PO, "supplier": "SWIFT", "lines": [], "thread": REQ} | more,
    )
    history.tell("InvoicePayable", at(day, 10), stream, {"invoice": name, "charges": rows})


def test_freight_is_of_the_supplier_of_the_goods_and_nothing_else_is_freight() -> None:
    history = an_order(ordered=("50",))
    billed(history, 6, ("freight", "60.00"), ("handling", "9.00"), ("freight", "2.50"))
    billed(history, 7, ("handling", "9.00"), name="INV-2")
    billed(history, 8, ("freight", "12.50"), name="CRN-1", credit=True)

    assert [(f.key, f.value, f.unit, f.supplier, f.site) for f in history.facts(INBOUND)] == [
        ("INV-1", 62_500_000, "USD", "BLUE", "ATL"),
        ("CRN-1", -12_500_000, "USD", "BLUE", "ATL"),
    ]  # fmt: skip


def test_the_premium_is_over_the_freight_that_was_billed() -> None:
    history = an_order(ordered=("50",))
    hurried(history, 4)
    billed(history, 6, ("freight", "222.00"))

    found = history.facts(PREMIUM_SHARE)
    assert [(f.part, f.whole, f.reason) for f in found] == [
        (55_500_000, 0, "premium"), (0, 222_000_000, "freight"),
    ]  # fmt: skip


# ---- late ship notices ------------------------------------------------------------------------


@pytest.mark.parametrize(("came", "late"), [("24", 0), ("25", 1), ("50", 1)])
def test_a_notice_after_half_of_its_goods_is_late(came: str, late: int) -> None:
    history = an_order(ordered=("100",))
    history.received(5, came)
    notice(history, "ASN-1", 5, "1", hour=13)

    assert history.fact(LATE_NOTICE, "ASN-1").value == late
    assert history.fact(LATE_NOTICE, "ASN-1").reason == ("after the goods" if late else "")


def test_what_came_goes_to_the_notices_in_their_order() -> None:
    """Of 50 announced 52 came: the two more are not half of the next 50."""
    history = an_order(ordered=("150",))
    notice(history, "ASN-1", 4, "1")
    history.received(5, "52")
    notice(history, "ASN-2", 6, "1")
    history.received(7, "98")
    notice(history, "ASN-3", 8, "1")

    assert [(f.key, f.value) for f in history.facts(LATE_NOTICE)] == [
        ("ASN-1", 0), ("ASN-2", 0), ("ASN-3", 1),
    ]  # fmt: skip


@pytest.mark.parametrize(("arrived", "late"), [(4, 1), (5, 0)])
def test_a_count_booked_later_with_an_earlier_day_makes_the_notice_late(
    arrived: int, late: int
) -> None:
    history = an_order(ordered=("50",))
    notice(history, "ASN-1", 5, "1")
    history.tell("GoodsReceived", at(6, 8), "receipt/R-1", {
        "order": PO, "received": f"2026-03-0{arrived}",
        "lines": [{"line": "1", "received": each("50")}]})  # fmt: skip

    assert history.fact(LATE_NOTICE, "ASN-1").value == late
    found = [(e.metric, e.day, e.old, e.new) for e in history.book.restated]
    assert ((LATE_NOTICE, micros(at(5)) // DAY, 0, 1) in found) is bool(late)


# ---- emergencies ------------------------------------------------------------------------------


@pytest.mark.parametrize(("flow", "share"), [("emergency", 1), ("direct", 0)])
def test_lines_sent_of_the_emergency_flow_are_emergencies(flow: str, share: int) -> None:
    history = History()
    history.tell("RequisitionSubmitted", at(2, 8), "requisition/REQ-1", {
        "requisition": "REQ-1", "site": "ATL", "flow": flow, "lines": 1})  # fmt: skip
    history.placed(at(2, 9))
    assert history.facts(EMERGENCY) == []

    history.sent(at(2, 10))
    assert [f.value for f in history.facts(EMERGENCY)] == [share]


# ---- shelves ----------------------------------------------------------------------------------


def stock(history: History, day: int, on_hand: str, demand: str | None = "12") -> None:
    told = {"site": "ATL", "item": "VALVE", "as_of": at(day, 20).isoformat(),
            "on_hand": each(on_hand)}  # fmt: skip
    if demand is not None:
        told["daily_demand"] = each(demand)
    history.tell("OutlookRegistered", at(day, 20), "outlook/ATL:VALVE", told)


def impact(history: History) -> dict[str, tuple[int, str]]:
    """Give unit-days above zero, by day of March, with the step that was waited for."""
    return {
        f.key.split("/")[1][-2:]: (f.value // _UNIT, f.reason)
        for f in history.facts(IMPACT, FactState.DONE)
        if f.value
    }


def late(ordered: str = "30") -> History:
    """Tell of an order that is needed on Wednesday the 4th, promised for the 5th, and late."""
    history = an_order(ordered=(ordered,), needed_by="2026-03-04")
    history.promised(at(2, 15), "2026-03-05", confirmed=ordered)
    return history


def test_what_is_owed_is_carried_and_met_by_the_late_line_until_it_comes() -> None:
    history = late()
    for day, on_hand in ((3, "8"), (4, "0"), (5, "0"), (6, "14")):
        stock(history, day, on_hand)
    history.received(6, "30")

    assert impact(history) == {"04": (4, "promised late"), "05": (16, "supplier late")}
    shares = [(f.key[-2:], f.value) for f in history.facts(IN_STOCK)]
    assert shares == [("03", 1), ("04", 0), ("05", 0), ("06", 1)]


@pytest.mark.parametrize(("ordered", "met"), [("4", 4), ("3", 3), ("5", 4)])
def test_a_line_meets_no_more_than_was_owed_and_no_more_than_it_holds(
    ordered: str, met: int
) -> None:
    history = late(ordered)
    stock(history, 3, "8")
    stock(history, 4, "0")

    assert impact(history) == {"04": (met, "promised late")}


def test_goods_that_were_there_on_the_day_they_were_needed_are_late_for_nobody() -> None:
    history = late()
    stock(history, 3, "0", "12")
    stock(history, 4, "0")
    assert impact(history)["04"] == (12, "promised late")

    history.received(4, "30")
    assert impact(history) == {}


def test_of_two_late_lines_the_one_due_first_covers_the_shortage_first() -> None:
    history = an_order(ordered=("5", "30"), needed_by="2026-03-04")
    stock(history, 3, "0")
    stock(history, 4, "0")

    found = {f.key[-1]: f.value for f in history.facts(IMPACT) if f.value}
    assert found == {"1": 5 * _UNIT, "2": 7 * _UNIT}
    assert {f.reason for f in history.facts(IMPACT) if f.value} == {"unanswered"}


def test_unit_days_are_worth_the_price_at_which_the_line_was_ordered() -> None:
    history = late("4")
    stock(history, 3, "8")
    stock(history, 4, "0")

    (fact,) = history.facts(VALUE)
    assert (fact.value, fact.unit) == (10 * _UNIT, "USD")  # 4 EA ordered for 10.00


def test_without_a_demand_nobody_can_say_what_was_owed() -> None:
    history = late()
    stock(history, 3, "8", None)
    stock(history, 4, "0", None)

    assert {f.reason for f in history.facts(IMPACT)} == {"demand is not told"}
    assert all(f.state == FactState.OUT for f in history.facts(IMPACT))
    assert [f.value for f in history.facts(IN_STOCK)] == [1, 0]


@pytest.mark.parametrize(("gap", "days"), [(MOST_GAP, MOST_GAP + 1), (MOST_GAP + 1, 2)])
def test_days_between_two_words_follow_from_the_demand_up_to_a_fortnight(
    gap: int, days: int
) -> None:
    history = late()
    stock(history, 3, "8")
    stock(history, 3 + gap, "0")

    assert len({f.key.split("/")[1] for f in history.facts(IMPACT)}) == days
    assert len(history.facts(IN_STOCK)) == 2
    assert ("04" in impact(history)) is (gap == MOST_GAP)


def test_a_receipt_booked_later_restates_its_days() -> None:
    history = late()
    for day in range(3, 7):
        stock(history, day, "0")
    before = dict(impact(history))
    history.tell("GoodsReceived", at(6, 21), "receipt/R", {
        "order": PO, "received": "2026-03-05",
        "lines": [{"line": "1", "received": each("30")}]})  # fmt: skip

    assert before["05"][0] > 0
    assert set(impact(history)) == {"04"}
    assert {e.day for e in history.book.restated if e.metric == IMPACT} == {micros(at(5)) // DAY}


def test_only_so_many_days_of_a_shelf_are_remembered() -> None:
    history = History()
    history.site()
    for day in range(KEPT_DAYS + 2):
        when = at(1) + timedelta(days=day)
        history.tell("OutlookRegistered", when, "outlook/ATL:VALVE", {
            "site": "ATL", "item": "VALVE", "as_of": when.isoformat(), "on_hand": each("1"),
            "daily_demand": each("1")})  # fmt: skip

    shelf = history.book.changed["shelf/ATL:VALVE"]
    assert len(getattr(shelf, "days", ())) == KEPT_DAYS
    assert len(history.facts(IN_STOCK)) == KEPT_DAYS + 2
