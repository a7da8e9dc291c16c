"""Every event that the house can record has words of its own."""

from docs.generate import events_of

from manciple.app.definitions import load
from manciple.app.registry import registry_of
from manciple.intelligence.tracing import System
from manciple.intelligence.wording import WORDS, money, quantity, reasons, told


def test_every_event_that_something_follows_from_has_words() -> None:
    reacted = {each.__name__ for each in registry_of(load()).reactions}
    of_registers = {"PersonDeactivated", "PersonRegistered", "DelegationGranted",
                    "DelegationRevoked", "AuthorityRegistered"}  # fmt: skip

    assert reacted - of_registers <= set(WORDS)


def test_no_words_are_kept_for_an_event_that_nobody_records() -> None:
    registry = registry_of(load())
    recorded = {event.__name__ for events in events_of(registry).values() for event in events}

    assert set(WORDS) <= recorded


def test_an_unknown_event_is_told_by_its_own_name() -> None:
    assert told("SomethingNewHappened", {})[2] == "Something new happened"


def test_money_and_quantities_are_written_as_people_read_them() -> None:
    assert money({"amount": "12.50", "currency": "USD"}) == "12.50 USD"
    assert quantity({"value": "9.000", "unit": "CA"}) == "9 CA"
    assert money({"amount": {"amount": "1"}}) == ""
    assert quantity(None) == ""


def test_reasons_are_gathered_from_wherever_an_event_keeps_them() -> None:
    told_why = reasons(
        {
            "ruling": "approval_routing 2026-01/r03",
            "steps": [{"approver": "ana", "why": "row r03"}],
            "discrepancy": {"text": "12 EA short"},
        }
    )

    assert told_why == ("ruling: approval_routing 2026-01/r03", "ana: row r03", "12 EA short")


def test_where_an_event_happened_is_said() -> None:
    assert told("GoodsReceived", {"lines": []})[0] is System.WAREHOUSE
