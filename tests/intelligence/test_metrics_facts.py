"""What events make of facts: each rule of the definitions with the numbers on both its sides."""

from datetime import timedelta
from typing import Any

import pytest

from manciple.intelligence.metrics import registry
from manciple.intelligence.metrics.approval import ADHERENCE
from manciple.intelligence.metrics.case import AGING
from manciple.intelligence.metrics.fact import DAY, Fact, FactState
from manciple.intelligence.metrics.figure import HOUR
from manciple.intelligence.metrics.invoice import FAIR, FIRST_PASS
from manciple.intelligence.metrics.need import CYCLE_TIME
from manciple.intelligence.metrics.order import (
    FILL,
    LATENCY,
    OTIF,
    PARTIAL,
    TOUCHLESS,
    TOUCHLESS_BUT_APPROVED,
)
from manciple.kernel.errors import Refused
from manciple.runtime.rows import micros
from tests.intelligence.histories import PO, REQ, History, an_order, at, each, usd


def share(facts: list[Fact]) -> int:
    return 100 * sum(fact.value or 0 for fact in facts) // len(facts)


# ---- requisition to order ---------------------------------------------------------------------


def test_a_need_is_open_line_by_line_until_its_order_is_released() -> None:
    history = History()
    history.site()
    history.submitted(at(2, 8), lines=2)

    assert [f.state for f in history.facts(CYCLE_TIME)] == [FactState.OPEN] * 2

    history.placed(at(3, 8), ordered=("5", "6"))
    assert {f.key for f in history.facts(CYCLE_TIME, FactState.OPEN)} == {f"{PO}/1", f"{PO}/2"}

    history.released(at(3, 9, 30))
    found = history.facts(CYCLE_TIME)
    assert [f.value for f in found] == [25 * HOUR + HOUR // 2] * 2
    assert {f.at for f in found} == {micros(at(3, 9, 30))}


def test_open_hours_stand_beside_elapsed_hours() -> None:
    history = History()
    history.site()
    history.submitted(at(6, 20))  # a Friday; the site is open round the clock, Monday to Friday
    history.placed(at(9, 2))
    history.released(at(9, 2))

    fact = history.fact(CYCLE_TIME, f"{PO}/1")
    assert (fact.value, fact.business) == (54 * HOUR, 6 * HOUR)


def test_a_need_that_ends_without_an_order_is_left_out_and_counted() -> None:
    history = History()
    history.submitted(at(2, 8), lines=3)
    history.tell("RequisitionRejected", at(2, 9), REQ, {"requisition": "REQ-1", "thread": REQ})

    found = history.facts(CYCLE_TIME)
    assert [(f.state, f.reason) for f in found] == [(FactState.OUT, "rejected")] * 3


def test_an_order_given_up_before_its_release_is_left_out() -> None:
    history = History()
    history.submitted(at(2, 8))
    history.placed(at(2, 9))
    history.changed(at(2, 10), 2, {"1": "100"})

    assert history.fact(CYCLE_TIME, f"{PO}/1").reason == "cancelled before release"


# ---- touchless --------------------------------------------------------------------------------


def hundred(touched: int) -> History:
    """Tell of 100 orders of one line, of which so many were touched before dispatch."""
    history = History()
    for number in range(100):
        key, thread = f"PO-{number}", f"requisition/REQ-{number}"
        history.submitted(at(2, 8), requisition=f"REQ-{number}")
        history.tell("OrderPlaced", at(2, 9), f"purchase-order/{key}", {
            "order": key, "thread": thread, "site": "ATL", "supplier": "BLUE",
            "lines": [{"line": "1", "item": "VALVE", "ordered": each("9"), "amount": usd("1"),
                       "needed_by": "2026-03-11"}],
        })  # fmt: skip
        if number < touched:
            history.tell("CaseReassigned", at(2, 9), "case/C", {
                "case": "C", "thread": thread, "subject": {"kind": "purchase-order", "id": key},
            }, actor="ben", door="api")  # fmt: skip
        history.tell("OrderSent", at(2, 10), f"purchase-order/{key}",
                     {"order": key, "revision": 1})  # fmt: skip
    return history


def change_by_hand(history: History, number: int, after: timedelta) -> None:
    key = f"PO-{number}"
    resolve = f"api:ben:{number}"
    history.tell("CaseResolved", at(2, 10) + after, f"case/{number}", {
        "case": str(number), "subject": {"kind": "purchase-order", "id": key}},
        actor="ben", door="api", key=resolve)  # fmt: skip
    history.tell("OrderChanged", at(2, 10) + after, f"purchase-order/{key}", {
        "order": key, "revision": 2, "cancelled": [{"line": "1", "quantity": each("1")}]},
        key=f"{resolve}>1:CancelRemainder")  # fmt: skip


def test_62_untouched_of_which_3_are_changed_by_hand_within_ten_days_are_59_percent() -> None:
    history = hundred(touched=38)
    assert share(history.facts(TOUCHLESS)) == 62

    for number in (97, 98, 99):
        change_by_hand(history, number, timedelta(days=10))
    assert share(history.facts(TOUCHLESS)) == 59

    change_by_hand(history, 96, timedelta(days=10, microseconds=1))
    assert share(history.facts(TOUCHLESS)) == 59


def test_taking_the_touchless_away_restates_the_day_of_the_dispatch() -> None:
    history = hundred(touched=0)
    change_by_hand(history, 5, timedelta(hours=13))
    assert history.book.restated == []

    change_by_hand(history, 6, timedelta(hours=14))
    found = [each for each in history.book.restated if each.metric == TOUCHLESS]
    (one,) = found
    assert (one.key, one.old, one.new, one.event) == ("PO-6/1", 1, 0, "OrderChanged")
    assert one.day == micros(at(2)) // DAY


def test_who_settles_an_exception_stands_behind_the_change_that_another_approves() -> None:
    history = hundred(touched=0)
    accept, approve = "api:ben:accept", "api:nora:approve"
    history.tell("CaseResolved", at(3), "case/C", {
        "case": "C", "subject": {"kind": "purchase-order", "id": "PO-1"}},
        actor="ben", door="api", key=accept)  # fmt: skip
    for change, key in (("CHG-1", f"{accept}>1:AdoptProposal"), ("CHG-2", "timer:x")):
        history.tell("OrderChangeProposed", at(3), f"order-change/{change}",
                     {"change": change}, key=key)  # fmt: skip
    for number, change in ((1, "CHG-1"), (2, "CHG-2")):
        history.tell("OrderChanged", at(3), f"purchase-order/PO-{number}", {
            "order": f"PO-{number}", "revision": 2, "change": change,
            "cancelled": [{"line": "1", "quantity": each("1")}]},
            key=f"{approve}>1:ApplyOrderChange")  # fmt: skip

    undone = [f.key for f in history.facts(TOUCHLESS) if f.reason == "changed by hand later"]
    assert undone == ["PO-1/1"]


def test_a_change_that_no_person_made_touches_nothing() -> None:
    history = hundred(touched=0)
    history.tell("OrderChanged", at(3), "purchase-order/PO-1", {
        "order": "PO-1", "revision": 2, "cancelled": [{"line": "1", "quantity": each("1")}]},
        key="file:BLUE:1>4:CancelRemainder")  # fmt: skip
    assert share(history.facts(TOUCHLESS)) == 100


@pytest.mark.parametrize(
    ("door", "roles", "touchless"),
    [("api", ["approver"], 0), ("timer", ["approver"], 1), ("api", ["integration"], 1)],
)
def test_an_approval_by_a_person_is_a_touch_but_not_in_the_variant(
    door: str, roles: list[str], touchless: int
) -> None:
    history = History()
    history.tell("PersonRegistered", at(1), "person/ann", {"person": "ann", "roles": roles})
    history.submitted(at(2, 8))
    history.tell("StepApproved", at(2, 9), "approval/A", {
        "approval": "A", "subject": {"kind": "requisition", "id": "REQ-1"}, "thread": REQ,
        "step": 1, "by": "ann"}, actor="ann", door=door)  # fmt: skip
    history.placed(at(2, 9))
    history.sent(at(2, 10))

    assert history.fact(TOUCHLESS, f"{PO}/1").value == touchless
    assert history.fact(TOUCHLESS_BUT_APPROVED, f"{PO}/1").value == 1


# ---- acknowledgment latency -------------------------------------------------------------------


def test_the_clock_runs_from_delivery_to_the_first_answer_of_each_line() -> None:
    history = an_order(ordered=("10", "20"))
    history.answered(at(2, 15), "1")
    history.answered(at(2, 18), "1")

    assert history.fact(LATENCY, f"{PO}/1/1").value == 4 * HOUR
    assert history.fact(LATENCY, f"{PO}/2/1").state == FactState.OPEN


def test_a_revision_restarts_the_clock_of_the_lines_that_it_touches_alone() -> None:
    history = an_order(ordered=("10", "20"))
    history.answered(at(2, 15), "1", "2")
    history.changed(at(3, 8), 2, {"2": "5"})
    history.sent(at(3, 9), revision=2)
    history.answered(at(3, 11), "1", "2", revision=2)

    assert {f.key: f.value for f in history.facts(LATENCY)} == {
        f"{PO}/1/1": 4 * HOUR,
        f"{PO}/2/1": 4 * HOUR,
        f"{PO}/2/2": 2 * HOUR,
    }


def test_a_revision_before_the_answer_leaves_the_older_clock_out() -> None:
    history = an_order(ordered=("10", "20"))
    history.changed(at(3, 8), 2, {"1": "10", "2": "5"})
    history.sent(at(3, 9), revision=2)

    assert history.fact(LATENCY, f"{PO}/1/1").reason == "given up"
    assert history.fact(LATENCY, f"{PO}/2/1").reason == "superseded"
    assert history.fact(LATENCY, f"{PO}/2/2").state == FactState.OPEN
    assert len(history.facts(LATENCY)) == 3


def test_contact_stops_no_clock_and_an_overdue_answer_is_not_in_time() -> None:
    history = an_order()
    history.tell("AcknowledgmentReceived", at(2, 12), "acknowledgment/A",
                 {"order": PO, "state": "pending"})  # fmt: skip
    assert history.fact(LATENCY, f"{PO}/1/1").reason == "contact without an answer"

    history.order_event("AcknowledgmentOverdue", at(3, 11), lines=("1",))
    history.answered(at(3, 12), "1")
    fact = history.fact(LATENCY, f"{PO}/1/1")
    assert (fact.value, fact.part, fact.whole) == (25 * HOUR, 0, 1)


# ---- approvals --------------------------------------------------------------------------------


def asked(history: History, step: int, who: str, due: object) -> None:
    history.tell("StepAssigned", at(2, 9), "approval/A",
                 {"approval": "A", "step": step, "approver": who, "due_at": due})  # fmt: skip


def an_approval() -> History:
    history = History()
    history.submitted(at(2, 8))
    history.tell("ApprovalRequested", at(2, 9), "approval/A", {
        "approval": "A", "subject": {"kind": "requisition", "id": "REQ-1"}, "thread": REQ,
    })  # fmt: skip
    asked(history, 1, "ann", "2026-03-02T17:00:00Z")
    return history


@pytest.mark.parametrize(("late", "value"), [(timedelta(0), 1), (timedelta(microseconds=1), 0)])
def test_a_decision_at_the_due_time_is_in_time(late: timedelta, value: int) -> None:
    history = an_approval()
    history.tell("StepApproved", at(2, 17) + late, "approval/A",
                 {"approval": "A", "step": 1, "by": "ann"})  # fmt: skip

    fact = history.fact(ADHERENCE, "A/1/ann/1")
    assert (fact.value, fact.at, fact.site) == (value, micros(at(2, 17)), "ATL")


def test_open_is_missed_from_its_due_time_on() -> None:
    fact = an_approval().fact(ADHERENCE, "A/1/ann/1")

    assert (fact.state, fact.value, fact.at) == (FactState.DONE, 0, micros(at(2, 17)))


@pytest.mark.parametrize(
    ("who", "second"), [("bob", (FactState.DONE, 1)), ("ann", (FactState.OUT, None))]
)
def test_handed_on_is_missed_for_the_first_whoever_acts(
    who: str, second: tuple[FactState, int | None]
) -> None:
    history = an_approval()
    history.tell("ApprovalEscalated", at(2, 17), "approval/A", {
        "approval": "A", "step": 1, "before": "ann", "now": "bob",
        "due_at": "2026-03-03T17:00:00Z"})  # fmt: skip
    history.tell("StepApproved", at(3, 9), "approval/A",
                 {"approval": "A", "step": 1, "by": who})  # fmt: skip

    first = history.fact(ADHERENCE, "A/1/ann/1")
    fact = history.fact(ADHERENCE, "A/1/bob/1")
    assert (first.value, first.reason) == (0, "handed on")
    assert (fact.state, fact.value) == second


def test_withdrawn_and_void_tasks_do_not_count() -> None:
    history = an_approval()
    history.tell("ApprovalVoided", at(2, 12), "approval/A", {"approval": "A", "reason": "gone"})

    fact = history.fact(ADHERENCE, "A/1/ann/1")
    assert (fact.state, fact.reason) == (FactState.OUT, "void")


def test_a_delegates_decision_counts_for_the_task_of_the_delegator() -> None:
    history = an_approval()
    history.tell("StepApproved", at(2, 12), "approval/A",
                 {"approval": "A", "step": 1, "by": "deb", "on_behalf_of": "ann"})  # fmt: skip
    assert history.fact(ADHERENCE, "A/1/ann/1").value == 1


# ---- first pass -------------------------------------------------------------------------------


def an_invoice(*amounts: str, credit: bool = False) -> History:
    history = History()
    rows = [{"line": str(n), "amount": usd(amount)} for n, amount in enumerate(amounts, 1)]
    history.tell("InvoiceRegistered", at(2, 8), "invoice/I", {
        "invoice": "I", "order": PO, "supplier": "BLUE", "credit": credit, "lines": rows,
    })  # fmt: skip
    return history


def matched(history: History, when: object, *holds: tuple[str | None, str]) -> None:
    at_ = when if isinstance(when, type(at(2))) else at(2)
    history.tell("InvoiceMatched", at_, "invoice/I", {"invoice": "I", "clean": not holds})
    if holds:
        rows = [{"line": line, "code": code} for line, code in holds]
        history.tell("InvoiceHeld", at_, "invoice/I", {"invoice": "I", "holds": rows})


@pytest.mark.parametrize(
    ("thread", "site", "flow"), [(REQ, "ATL", "direct"), ("invoice/I", "", "")]
)
def test_a_paper_on_no_order_is_of_the_need_that_it_speaks_of(
    thread: str, site: str, flow: str
) -> None:
    history = an_order()
    history.tell("InvoiceRegistered", at(2, 8), "invoice/I", {
        "invoice": "I", "order": None, "thread": thread, "supplier": "BLUE",
        "lines": [{"line": "1", "amount": usd("30.00")}]})  # fmt: skip
    matched(history, at(2, 8), (None, "DUPLICATE"))

    fact = history.fact(FIRST_PASS, "I/1")
    assert (fact.site, fact.flow, fact.value) == (site, flow, 0)


def test_a_line_passes_when_neither_it_nor_the_paper_is_held_at_the_first_look() -> None:
    history = an_invoice("30.00", "70.00")
    matched(history, at(2, 8), ("2", "PRICE"))

    found = {f.key: (f.value, f.part, f.whole) for f in history.facts(FIRST_PASS)}
    assert found == {"I/1": (1, 30_000_000, 30_000_000), "I/2": (0, 0, 70_000_000)}

    whole = an_invoice("30.00", "70.00")
    matched(whole, at(2, 8), (None, "TAX"))
    assert [f.value for f in whole.facts(FIRST_PASS)] == [0, 0]


@pytest.mark.parametrize(("late", "fair"), [(timedelta(0), 1), (timedelta(microseconds=1), 0)])
def test_goods_within_the_grace_are_fair_and_never_strict(late: timedelta, fair: int) -> None:
    history = an_invoice("30.00")
    matched(history, at(2, 8), ("1", "QTY_RECEIVED"))
    assert history.fact(FAIR, "I/1").value == 0

    matched(history, at(3, 8) + late)
    assert history.fact(FIRST_PASS, "I/1").value == 0
    assert history.fact(FAIR, "I/1").value == fair


def test_a_hold_of_another_kind_or_a_release_is_not_fair() -> None:
    other = an_invoice("30.00")
    matched(other, at(2, 8), ("1", "QTY_RECEIVED"), ("1", "PRICE"))
    matched(other, at(2, 9))
    assert other.fact(FAIR, "I/1").value == 0

    later = an_invoice("30.00")
    matched(later, at(2, 8), ("1", "QTY_RECEIVED"))
    matched(later, at(2, 9), ("1", "PRICE"))
    matched(later, at(2, 10))
    assert later.fact(FAIR, "I/1").value == 0

    released = an_invoice("30.00")
    matched(released, at(2, 8), ("1", "QTY_RECEIVED"))
    released.tell("HoldReleased", at(2, 9), "invoice/I", {"invoice": "I", "line": "1"})
    matched(released, at(2, 9))
    assert released.fact(FAIR, "I/1").value == 0


def test_zero_lines_and_credits_are_left_out() -> None:
    zero, credit = an_invoice("0.00"), an_invoice("5.00", credit=True)
    matched(zero, at(2, 8))
    matched(credit, at(2, 8))

    assert zero.fact(FIRST_PASS, "I/1").reason == "of no value"
    assert credit.fact(FIRST_PASS, "I/1").reason == "credit note"


# ---- exceptions -------------------------------------------------------------------------------


def test_reopening_goes_on_with_the_first_clock() -> None:
    history = History()
    history.site()
    whose = {"case": "C", "code": "SHORTAGE", "site": "ATL", "supplier": "BLUE"}
    history.tell("CaseOpened", at(6, 12), "case/C", whose)  # Friday noon
    history.tell("CaseResolved", at(9, 12), "case/C", {"case": "C"})  # Monday noon

    fact = history.fact(AGING, "C")
    assert (fact.value, fact.business) == (3 * DAY, DAY)

    history.tell("CaseReopened", at(10, 12), "case/C", {"case": "C"})
    assert history.fact(AGING, "C").state == FactState.OPEN
    assert history.book.restated[-1].new is None

    history.tell("CaseResolved", at(11, 12), "case/C", {"case": "C"})
    assert history.fact(AGING, "C").value == 5 * DAY


# ---- suppliers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "hit", "why"), [(12, 1, ""), (13, 0, "late")], ids=["day +1", "day +2"]
)
def test_otif_60_on_day_minus_1_and_36_on_day_plus_1_is_a_hit(
    second: int, hit: int, why: str
) -> None:
    history = an_order(needed_by="2026-03-11")
    history.promised(at(2, 15), "2026-03-11")
    history.received(10, "60")
    history.received(second, "36")

    fact = history.fact(OTIF, f"{PO}/1")
    assert (fact.value, fact.reason) == (hit, why)


@pytest.mark.parametrize(("quantity", "hit"), [("95", 1), ("94.999999", 0)])
def test_otif_lets_five_percent_be_missing(quantity: str, hit: int) -> None:
    history = an_order()
    history.promised(at(2, 15), "2026-03-11")
    history.received(11, quantity)
    assert history.fact(OTIF, f"{PO}/1").value == hit


@pytest.mark.parametrize(("day", "hit"), [(9, 1), (8, 0)])
def test_what_comes_before_the_window_is_a_miss(day: int, hit: int) -> None:
    history = an_order()
    history.promised(at(2, 15), "2026-03-11")
    history.received(day, "1")
    history.received(11, "99")
    assert history.fact(OTIF, f"{PO}/1").value == hit


def test_a_window_that_ends_on_a_closed_dock_day_ends_on_the_next_open_one() -> None:
    history = an_order(needed_by="2026-03-13")  # a Friday: the window would end on Saturday
    history.promised(at(2, 15), "2026-03-13")
    history.received(16, "100")

    fact = history.fact(OTIF, f"{PO}/1")
    assert (fact.value, fact.at) == (1, micros(at(17)) - 1)


def test_the_first_promise_stays_and_the_last_moves_until_its_window_is_over() -> None:
    history = an_order(needed_by="2026-03-10")
    history.promised(at(2, 15), "2026-03-11")
    history.promised(at(4, 15), "2026-03-11", promised="2026-03-18")
    history.received(18, "100")

    assert history.fact(OTIF, f"{PO}/1").value == 0
    assert history.fact(f"{OTIF}/last", f"{PO}/1").value == 1
    assert history.fact(f"{OTIF}/requested", f"{PO}/1").value == 0

    history.promised(at(20), "2026-03-11", promised="2026-03-25")
    assert history.fact(f"{OTIF}/last", f"{PO}/1").at == micros(at(20)) - 1


def test_the_first_shipment_fills_and_more_than_ordered_is_all_of_it() -> None:
    history = an_order()
    history.shipped(at(5), "60")
    history.shipped(at(6), "40")
    fact = history.fact(FILL, f"{PO}/1")
    assert (fact.value, fact.part, fact.whole, fact.reason) == (
        600_000, 60_000_000, 100_000_000, "asn",
    )  # fmt: skip

    over = an_order()
    over.shipped(at(5), "120")
    assert over.fact(FILL, f"{PO}/1").value == 1_000_000

    unannounced = an_order()
    unannounced.received(5, "50")
    fact = unannounced.fact(FILL, f"{PO}/1")
    assert (fact.value, fact.reason) == (500_000, "receipt")


def test_what_the_buyer_gives_up_is_no_fault_and_what_the_supplier_would_not_send_is() -> None:
    buyer = an_order()
    buyer.promised(at(2, 15), "2026-03-11")
    buyer.changed(at(3), 2, {"1": "40"})
    buyer.shipped(at(5), "60")
    assert buyer.fact(f"{FILL}/revised", f"{PO}/1").value == 1_000_000
    assert buyer.fact(FILL, f"{PO}/1").value == 600_000

    supplier = an_order()
    supplier.promised(at(2, 15), "2026-03-11", confirmed="60")
    supplier.changed(at(3), 2, {"1": "40"})
    supplier.shipped(at(5), "60")
    assert supplier.fact(f"{FILL}/revised", f"{PO}/1").value == 600_000


def test_a_substitute_fills_nothing_in_the_strict_variant() -> None:
    history = an_order()
    row = {"line": "1", "first": None, "promised": None, "confirmed": each("100"),
           "substitute": "OTHER"}  # fmt: skip
    history.answered(at(3), "1", promises=(row,))
    history.shipped(at(5), "100")

    assert history.fact(FILL, f"{PO}/1").value == 1_000_000
    assert history.fact(f"{FILL}/strict", f"{PO}/1").value == 0


def test_two_receipts_or_a_short_answer_are_partial() -> None:
    once, twice, short = an_order(), an_order(), an_order()
    once.received(5, "100")
    twice.received(5, "60")
    assert twice.facts(PARTIAL) == []
    twice.received(6, "40")
    short.promised(at(2, 15), "2026-03-11", confirmed="90")
    short.received(5, "90")
    short.changed(at(6), 2, {"1": "10"})

    assert once.fact(PARTIAL, f"{PO}/1").value == 0
    assert twice.fact(PARTIAL, f"{PO}/1").value == 1
    assert short.fact(PARTIAL, f"{PO}/1").value == 1


# ---- the registry -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "metric"),
    [
        ("touchless processing rate", TOUCHLESS),
        ("Supplier Acknowledgment Speed", LATENCY),
        ("three-way match performance", FIRST_PASS),
        ("expedited_freight_reduction", "expedited-freight-incidence"),
    ],
)
def test_every_name_means_one_definition(name: str, metric: str) -> None:
    assert registry.find(name).id == metric


def test_an_unknown_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused) as refused:
        registry.find("happiness")
    assert refused.value.reasons[0].code == "UNKNOWN_METRIC"
    assert CYCLE_TIME in refused.value.reasons[0].fix


# ---- revisions --------------------------------------------------------------------------------


def revised(history: History, line: str, before: str, after: str, **how: Any) -> None:
    def terms(wanted: str) -> dict[str, object]:
        return {"wanted": each(wanted), "needed_by": "2026-03-11"}

    row = {"line": line, "before": terms(before) if before else None, "after": terms(after)}
    history.order_event("OrderChanged", at(3, 8), revision=2, cancelled=(), lines=(row,), **how)


def test_what_a_revision_adds_is_owed_too() -> None:
    history = an_order()
    revised(history, "1", "100", "120")
    history.shipped(at(5), "100")

    assert history.fact(FILL, f"{PO}/1").value == 1_000_000
    assert history.fact(f"{FILL}/revised", f"{PO}/1").value == 833_333


def test_a_line_that_a_revision_adds_is_waited_for() -> None:
    history = an_order()
    revised(history, "2", "", "30")
    history.sent(at(3, 9), revision=2)
    history.answered(at(3, 12), "2", revision=2)

    assert history.fact(LATENCY, f"{PO}/2/2").value == 3 * HOUR


def test_a_revision_that_agrees_to_a_proposal_starts_no_clock() -> None:
    history = an_order()
    history.answered(at(2, 15), "1")
    revised(history, "1", "100", "90", is_told=False)
    history.sent(at(4), revision=3)

    assert [f.key for f in history.facts(LATENCY)] == [f"{PO}/1/1"]


@pytest.mark.parametrize(("door", "touchless"), [("api", 0), ("process", 1)])
def test_a_change_that_was_agreed_to_is_its_proposers(door: str, touchless: int) -> None:
    history = an_order()
    history.tell("OrderChangeProposed", at(3, 7), "order-change/CHG-1",
                 {"change": "CHG-1", "order": PO}, actor="ben", door=door)  # fmt: skip
    revised(history, "1", "100", "120", change="CHG-1")

    assert history.fact(TOUCHLESS, f"{PO}/1").value == touchless
