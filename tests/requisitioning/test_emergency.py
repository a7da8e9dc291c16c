"""Emergencies: caps, the clock of ratification, who is on call; both sides of each bound."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from manciple.kernel.calendar import BusinessCalendar, CalendarError
from manciple.kernel.errors import Refused
from manciple.kernel.money import Currency, Money
from manciple.policy.register import Register, load_tables
from manciple.policy.ruling import PolicyError
from manciple.requisitioning import emergency
from manciple.requisitioning.emergency import (
    Emergency,
    EmergencySite,
    EmergencyState,
    Exposure,
)
from manciple.requisitioning.on_call import OnCall, Turn

ATLANTA = BusinessCalendar(
    zone="America/New_York",
    hours=(*((time(8), time(17)),) * 5, None, None),
    holidays=(date(2026, 7, 3),),
)
CAPS = """
table: emergency_caps
version: "1"
effective_from: 2026-01-01
owner: Finance
description: For this test.
sources: [this test]
hit: first
inputs:
  - {name: site, type: text, description: The site.}
outputs:
  - {name: case_cap, type: decimal, unit: USD, description: The most of one.}
  - {name: site_cap, type: decimal, unit: USD, description: The most of all.}
  - {name: suppliers, type: list, optional: true, description: Allowed suppliers.}
  - {name: categories, type: list, optional: true, description: Allowed categories.}
rows:
  - id: r1
    when: {site: ATL}
    then: {case_cap: 500, site_cap: 800, suppliers: [BLUE]}
    because: It is a test.
"""


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency.USD)


def register() -> Register:
    return load_tables({"emergency_caps.yaml": CAPS.encode()})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("released", "due"),
    [
        ("2026-03-02 15:00", "2026-03-04 22:00"),  # Monday ten o'clock -> Wednesday 17:00
        ("2026-03-03 01:00", "2026-03-04 22:00"),  # still Monday, eight in the evening there
        ("2026-03-03 06:00", "2026-03-05 22:00"),  # Tuesday, one in the morning
        ("2026-03-05 15:00", "2026-03-09 21:00"),  # Thursday -> Monday, clocks changed between
        ("2026-03-07 15:00", "2026-03-10 21:00"),  # Saturday -> Tuesday
        ("2026-07-01 15:00", "2026-07-06 21:00"),  # over a holiday on Friday
    ],
)
def test_ratification_is_due_at_the_end_of_the_second_business_day(
    released: str, due: str
) -> None:
    assert emergency.ratify_by(ATLANTA, at(released)) == at(due)


def test_a_day_without_a_shift_does_not_close() -> None:
    with pytest.raises(CalendarError):
        ATLANTA.closing_of(date(2026, 3, 7))
    with pytest.raises(CalendarError):
        ATLANTA.closing_of(date(2026, 7, 3))
    night = BusinessCalendar(zone="UTC", hours=((time(22), time(6)),) * 7)
    assert night.closing_of(date(2026, 3, 2)) == at("2026-03-03 06:00")


def an_emergency(**more: object) -> Emergency:
    fields: dict[str, object] = {
        "id": "REQ-1", "thread": "requisition/REQ-1", "site": "ATL", "requester": "rita",
        "amount": usd("500"), "cause": "stands still", "asset": "PRESS-4", "customer_order": "",
        "declared_at": at("2026-03-02 15:00"), "ruling": "emergency_caps 1/r1",
    }  # fmt: skip
    return Emergency(**(fields | more))  # type: ignore[arg-type]  # fields by name, for brevity


def test_the_due_instant_is_in_time_and_the_next_is_not() -> None:
    due = at("2026-03-04 22:00")
    known = an_emergency(due_at=due, state=EmergencyState.RELEASED)

    assert not emergency.is_late(known, due)
    assert emergency.is_late(known, due + timedelta(microseconds=1))


def test_a_site_without_a_row_buys_nothing_in_an_emergency() -> None:
    when = at("2026-03-02 15:00")

    caps = emergency.caps_at("ATL", register(), when, like=usd("0"))

    assert (caps.case, caps.site, caps.suppliers) == (usd("500"), usd("800"), ("BLUE",))
    with pytest.raises(PolicyError):
        emergency.caps_at("DFW", register(), when, like=usd("0"))
    with pytest.raises(PolicyError):
        emergency.caps_at("ATL", Register.of(()), when, like=usd("0"))


def test_exposure_counts_until_it_is_cleared() -> None:
    caps = emergency.caps_at("ATL", register(), at("2026-03-02 15:00"), like=usd("0"))
    first, second = an_emergency(), an_emergency(id="REQ-2", amount=usd("300"))
    site = emergency.exposed(emergency.exposed(EmergencySite(id="ATL"), first), second)

    assert site.exposure(usd("0")) == usd("800")
    assert emergency.left(caps, usd("800")) == usd("0")
    assert emergency.left(caps, usd("801")) == usd("0")
    cleared = emergency.cleared(site, "REQ-1")
    assert cleared.open == (Exposure(emergency="REQ-2", requester="rita", amount=usd("300")),)
    assert emergency.left(caps, cleared.exposure(usd("0"))) == usd("500")


def test_a_right_is_lost_once_for_each_emergency_and_lifted_whole() -> None:
    when = at("2026-03-04 22:00")
    lost = emergency.suspended(None, an_emergency(), at=when)
    twice = emergency.suspended(lost, an_emergency(id="REQ-2"), at=when + timedelta(days=1))

    assert emergency.suspended(twice, an_emergency(), at=when) == twice
    assert (twice.causes, twice.since) == (("REQ-1", "REQ-2"), when)
    for own, covers in ((True, True), (False, False)):
        with pytest.raises(Refused):
            emergency.lifted(twice, by="ida", is_own=own, covers=covers)
    assert emergency.lifted(twice, by="ida", is_own=False, covers=True).state == "restored"


def test_a_turn_begins_inside_and_ends_outside() -> None:
    start, end = at("2026-03-02 22:00"), at("2026-03-03 13:00")
    roster = OnCall(id="ATL", turns=(Turn(person="anna", start=start, end=end),))

    assert roster.at(start - timedelta(microseconds=1)) is None
    assert roster.at(start) == "anna"
    assert roster.at(end - timedelta(microseconds=1)) == "anna"
    assert roster.at(end) is None
