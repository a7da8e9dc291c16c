"""A supplier that owes an answer is reminded step by step, and lines are hurried with a cause."""

from typing import Any

import pytest

from manciple.exchange.partner import Address, Partner, RegisterPartner, RemindedBy
from manciple.kernel.messages import SYSTEM, Command
from tests.api.installation import OURS, START, Answer, Installation
from tests.scenarios.office import cases, ordered

BLUE = Address(qualifier="ZZ", interchange_id="BLUEVALVE", group_id="BLUEVALVE")


def by_file(house: Installation) -> None:
    partner = Partner(id="BLUE", theirs=BLUE, ours=OURS, reminded_by=RemindedBy.FILE)
    act = RegisterPartner(partner=partner)
    (reply,) = house.app.store.apply([Command(key="p", act=act, actor=SYSTEM, at=START)]).replies
    assert reply.is_done


def reminders(house: Installation) -> list[str]:
    return [name for name in house.sent_to("BLUE") if name.startswith("reminder")]


def events(house: Installation, kind: str) -> int:
    ((count,),) = house.own(f"select count(*) from event where type = '{kind}'")
    return int(count)


# The flow allows 16 business hours, reminders at 50 % and 80 %; the supplier's office works from
# 8 to 17 in Atlanta or Dallas, and the order leaves on Monday at 10 in Atlanta.


def test_the_ladder_reminds_twice_and_then_a_person_has_it(house: Installation) -> None:
    by_file(house)
    _, order = ordered(house)

    seen = []
    for _ in range(72):
        house.wait(hours=1)
        seen.append((len(reminders(house)), len(cases(house, "NO_ACKNOWLEDGMENT"))))

    assert sorted(set(seen)) == [(0, 0), (1, 0), (2, 0), (2, 1)]
    assert seen == sorted(seen)
    first, second = sorted(reminders(house))
    assert first == f"reminder-{order.number}-1-1.txt"
    text = house.sent_to("BLUE")[second].decode()
    assert text == (
        f"2nd reminder: please answer lines 1, 2 of our order {order.number}, revision 1: "
        "quantity, price and delivery date.\n"
    )


def test_an_answer_ends_the_reminders(house: Installation) -> None:
    by_file(house)
    desk, order = ordered(house)
    house.wait(hours=24)
    assert len(reminders(house)) == 1

    desk.drop(desk.acknowledgment(order))
    house.wait(days=3)

    assert len(reminders(house)) == 1


def pending(order: Any) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("BAK", "00", "AC", order.number, "20260302")]
    for line in order.lines:
        quantity = f"{line.ordered:f}"
        rows += [("PO1", line.line, quantity, line.unit), ("ACK", "SP", quantity, line.unit)]
    return rows


def test_contact_is_no_answer_and_buys_quiet(house: Installation) -> None:
    by_file(house)
    desk, order = ordered(house)
    house.wait(hours=5)
    desk.drop(desk.write("855", pending(order)))

    house.wait(hours=19)
    assert reminders(house) == []
    assert events(house, "ReminderSuppressed") == 1

    house.wait(days=3)
    assert len(reminders(house)) == 1  # the second one's time was over by then: a person has it
    assert len(cases(house, "NO_ACKNOWLEDGMENT")) == 1


def test_without_a_channel_of_the_partner_a_buyer_has_the_reminder(house: Installation) -> None:
    desk, order = ordered(house)
    house.wait(hours=24)

    rows = house.own("select title, role from task where list = 'reminder'")
    assert [(order.number in title, role) for title, role in rows] == [(True, "buyer")]

    desk.drop(desk.acknowledgment(order))
    assert house.own("select 1 from task where list = 'reminder'") == []


# ---- expediting -------------------------------------------------------------------------------


def hurry(house: Installation, order: str, *, who: str = "ben", **more: Any) -> Answer:
    body = {
        "line": "1", "cost": {"amount": "40.00", "currency": "USD"}, "cause": "supplier_late",
    } | more  # fmt: skip
    return house.post(who, f"/v1/purchase-orders/{order}/expedite", body)


def test_an_answer_that_is_overdue_allows_it_and_a_late_answer_closes_it(
    house: Installation,
) -> None:
    desk, order = ordered(house)
    refused = hurry(house, order.number)
    assert refused.codes == {"EXPEDITE_UNFOUNDED"}
    assert "not in touch so far" in refused.body["errors"][0]["message"]
    house.wait(days=3)
    assert cases(house, "NO_ACKNOWLEDGMENT")

    done = hurry(house, order.number, cause="late_acknowledgment")

    assert done.status == 201, done.body
    (found,) = done.body["hurries"]
    assert (found["basis"], found["cause"], found["cost"]["amount"]) == (
        "answer_overdue", "late_acknowledgment", "40.00")  # fmt: skip
    desk.drop(desk.acknowledgment(order))
    (row,) = house.get("ben", "/v1/expedites")["rows"]
    assert (row["state"], row["hurries"][0]["closed"][:6]) == ("closed", "answer")


def test_an_order_that_was_answered_in_time_needs_a_reason(house: Installation) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order))

    assert hurry(house, order.number).codes == {"EXPEDITE_UNFOUNDED"}
    assert hurry(house, order.number, override="  ").codes == {"EXPEDITE_UNFOUNDED"}
    done = hurry(house, order.number, override="a hospital waits", cause="forecast")

    (found,) = done.body["hurries"]
    assert (found["basis"], found["override"]) == ("override", "a hospital waits")


@pytest.mark.parametrize(("days", "basis"), [(10, None), (11, "line_late")])
def test_a_line_is_late_on_the_day_after_its_promise(
    house: Installation, days: int, basis: str | None
) -> None:
    desk, order = ordered(house)
    desk.drop(desk.acknowledgment(order))
    house.wait(days=days)

    done = hurry(house, order.number)

    if basis is None:
        assert done.codes == {"EXPEDITE_UNFOUNDED"}
    else:
        assert done.body["hurries"][0]["basis"] == basis


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"line": "9"}, "UNKNOWN_LINE"),
        ({"cost": {"amount": "-0.01", "currency": "USD"}}, "BAD_COST"),
        ({"cost": {"amount": "5", "currency": "EUR"}}, "BAD_COST"),
        ({"cost": {"amount": "0.001", "currency": "USD"}}, "BAD_COST"),
        ({"cost": {"amount": "999999999999", "currency": "USD"}}, "BAD_COST"),
    ],
)
def test_what_can_not_be_hurried_is_refused(
    house: Installation, more: dict[str, Any], code: str
) -> None:
    _, order = ordered(house)

    assert hurry(house, order.number, override="x", **more).codes == {code}


def test_the_case_itself_can_end_by_hurrying(house: Installation) -> None:
    _, order = ordered(house, (("VALVE", "96"),))
    house.wait(days=3)
    (case,) = cases(house, "NO_ACKNOWLEDGMENT")

    body = {
        "resolution": "expedite",
        "terms": {"cost": "12.50 USD", "cause": "late_acknowledgment"},
    }
    done = house.post("ben", f"/v1/exceptions/{case['id']}/resolve", body)

    assert done.status == 200, done.body
    (row,) = house.get("ben", "/v1/expedites")["rows"]
    assert (row["id"], row["hurries"][0]["cost"]["amount"]) == (order.number, "12.50")
