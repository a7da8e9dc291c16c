"""Asking tables: hits, holds, versions, wrong facts, reasons and replay."""

from datetime import UTC, date, datetime
from decimal import Decimal
from textwrap import dedent

import pytest

from manciple.kernel.money import Currency, Money
from manciple.policy.register import Register, load_tables, read_facts, replay
from manciple.policy.ruling import PolicyError, RulingRecord, Verdict
from manciple.runtime.codec import decode, encode

D = Decimal
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def routing(
    *, version: str = "2026-01", day: str = "2026-01-01", hit: str = "first", low: str = "250"
) -> bytes:
    return dedent(f"""\
        table: routing
        version: "{version}"
        effective_from: {day}
        owner: Policy board
        description: Who must agree to a purchase.
        hit: {hit}
        inputs:
          - {{name: category, type: text}}
          - {{name: amount, type: decimal, unit: USD, minimum: 0}}
          - {{name: site, type: text, optional: true}}
        outputs:
          - {{name: steps, type: list, values: [manager, director]}}
          - {{name: hours, type: decimal, unit: hours, optional: true}}
        rows:
          - {{id: r01, when: {{amount: "[0..{low})"}}, then: {{steps: []}}}}
          - {{id: r02, when: {{amount: ">= {low}", category: "not it, fleet"}},
             then: {{steps: [manager], hours: 8}}}}
          - {{id: r03, when: {{category: it}}, then: {{steps: [manager, director], hours: 4.5}}}}
        """).encode()


def register(*files: bytes) -> Register:
    return load_tables({f"{n}.yaml": file for n, file in enumerate(files)})


def facts(category: str = "fasteners", amount: str = "1", **more: object) -> dict[str, object]:
    return {"category": category, "amount": D(amount), "site": None, **more}


@pytest.mark.parametrize(
    ("amount", "row"),
    [("0", "r01"), ("249.99", "r01"), ("250", "r02"), ("250.00", "r02"), ("999999", "r02")],
)
def test_a_half_open_band_ends_where_the_next_begins(amount: str, row: str) -> None:
    assert register(routing()).decide("routing", facts(amount=amount), at=NOW).row == row


def test_the_ruling_names_the_row_and_says_why_the_others_did_not_match() -> None:
    ruling = register(routing()).decide("routing", facts("it", "300"), at=NOW)

    assert ruling.cite() == "routing 2026-01/r03"
    assert ruling.texts("steps") == ("manager", "director")
    assert ruling.decimal("hours") == D("4.5")
    assert ruling.why == (
        Verdict(row="r01", matched=False, failed=("amount",)),
        Verdict(row="r02", matched=False, failed=("category",)),
        Verdict(row="r03", matched=True),
    )


def test_an_empty_list_of_steps_is_an_answer_and_not_a_hold() -> None:
    ruling = register(routing()).decide("routing", facts(), at=NOW)

    assert not ruling.held
    assert ruling.texts("steps") == ()
    assert ruling.decimal("hours") is None


def test_no_match_is_held_and_speaks_nothing() -> None:
    ruling = register(routing()).decide("routing", facts("fleet", "300"), at=NOW)

    assert ruling.held
    assert ruling.row is None
    assert not ruling.outputs
    assert ruling.cite() == "routing 2026-01/no row"
    with pytest.raises(PolicyError, match="holds"):
        ruling.texts("steps")


def test_two_unique_rows_that_match_are_held() -> None:
    ruling = register(routing(hit="unique")).decide("routing", facts("it", "1"), at=NOW)

    assert ruling.held
    assert ruling.rows == ("r01", "r03")


def test_a_collecting_table_gives_every_matching_row() -> None:
    ruling = register(routing(hit="collect")).decide("routing", facts("it", "1"), at=NOW)

    assert not ruling.held
    assert [each["steps"] for each in ruling.collected] == [(), ("manager", "director")]
    assert ruling.cite() == "routing 2026-01/r01+r03"


def test_the_first_matching_row_speaks_and_the_others_are_still_named() -> None:
    ruling = register(routing()).decide("routing", facts("it", "1"), at=NOW)

    assert ruling.row == "r01"
    assert ruling.rows == ("r01", "r03")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "300"}, "amount is '300', decimal in USD wanted"),
        ({"amount": 300.0}, "decimal in USD wanted"),
        ({"amount": True}, "decimal in USD wanted"),
        ({"amount": D("NaN")}, "decimal in USD wanted"),
        ({"amount": None}, "amount is not stated"),
        ({"amount": Money(D(1), Currency.EUR)}, "decimal in USD wanted"),
        ({"category": 7}, "text wanted"),
        ({"category": None}, "category is not stated"),
    ],
)
def test_wrong_facts_are_an_error_and_never_a_miss(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        register(routing()).decide("routing", facts() | wrong, at=NOW)


def test_missing_facts_are_named_all_at_once() -> None:
    with pytest.raises(PolicyError, match="missing facts: category, site"):
        register(routing()).decide("routing", {"amount": D(1)}, at=NOW)


@pytest.mark.parametrize("amount", [300, D("300.00"), Money(D(300), Currency.USD)])
def test_whole_numbers_and_money_in_the_columns_currency_are_amounts(amount: object) -> None:
    ruling = register(routing()).decide("routing", facts() | {"amount": amount}, at=NOW)

    assert ruling.row == "r02"


def test_a_fact_outside_a_closed_set_is_an_error() -> None:
    closed = routing().replace(
        b"{name: category, type: text}", b"{name: category, type: text, values: [it, fleet]}"
    )

    with pytest.raises(PolicyError, match="category is 'food', one of it, fleet wanted"):
        register(closed).decide("routing", facts("food"), at=NOW)


@pytest.mark.parametrize(
    ("at", "version"),
    [
        (datetime(2026, 6, 30, 23, 59, tzinfo=UTC), "2026-01"),
        (datetime(2026, 7, 1, tzinfo=UTC), "2026-02"),
    ],
)
def test_the_version_in_force_at_the_instant_decides(at: datetime, version: str) -> None:
    both = register(routing(), routing(version="2026-02", day="2026-07-01", low="100"))

    assert both.decide("routing", facts(), at=at).version == version


def test_a_running_case_keeps_the_version_it_is_pinned_to() -> None:
    both = register(routing(), routing(version="2026-02", day="2026-07-01", low="100"))
    later = datetime(2027, 1, 1, tzinfo=UTC)

    assert both.decide("routing", facts(amount="150"), at=later).row == "r02"
    assert both.decide("routing", facts(amount="150"), at=later, version="2026-01").row == "r01"


@pytest.mark.parametrize(
    ("name", "at", "version", "words"),
    [
        ("rooting", NOW, None, "no table rooting: routing"),
        ("routing", NOW, "2025", "routing has no version 2025"),
        ("routing", datetime(2025, 12, 31, tzinfo=UTC), None, "no version of routing is in force"),
    ],
)
def test_a_table_that_is_not_there_is_an_error(
    name: str, at: datetime, version: str | None, words: str
) -> None:
    with pytest.raises(PolicyError, match=words):
        register(routing()).decide(name, facts(), at=at, version=version)


def test_two_versions_from_one_day_are_refused() -> None:
    with pytest.raises(PolicyError, match="two versions are one"):
        register(routing(), routing(version="2026-02"))


def test_a_stored_ruling_is_replayed_to_the_same_bytes() -> None:
    tables = register(routing())
    was = tables.decide("routing", facts("it", "300.00"), at=NOW).record()

    stored = decode(encode(was), RulingRecord)
    again = replay(stored, tables)

    assert again.same
    assert again.now == stored == was


def test_a_replay_against_a_changed_table_says_so() -> None:
    was = register(routing()).decide("routing", facts(amount="240"), at=NOW).record()

    again = replay(was, register(routing(low="200")))

    assert not again.same
    assert again.now is not None
    assert again.now.row == "r02"


def test_a_replay_without_its_version_says_why() -> None:
    was = register(routing()).decide("routing", facts(), at=NOW).record()

    again = replay(was, register(routing(version="2026-02")))

    assert not again.same
    assert again.problem == "routing has no version 2026-01"


def test_dates_booleans_and_whole_numbers_are_facts_too() -> None:
    table = dedent("""\
        table: mixed
        version: v1
        effective_from: 2026-01-01
        owner: Policy board
        description: Every other type.
        hit: unique
        inputs:
          - {name: on, type: date}
          - {name: urgent, type: bool}
          - {name: lines, type: int}
        outputs:
          - {name: answer, type: text}
        rows:
          - {id: a, when: {on: "< 2026-07-01", urgent: "true", lines: "[1..3]"}, then: {answer: x}}
          - {id: b, when: {on: ">= 2026-07-01"}, then: {answer: y}}
        """).encode()
    tables = register(table)

    def ask(on: date, *, urgent: bool, lines: int) -> str | None:
        return tables.decide("mixed", {"on": on, "urgent": urgent, "lines": lines}, at=NOW).row

    assert ask(date(2026, 6, 30), urgent=True, lines=3) == "a"
    assert ask(date(2026, 6, 30), urgent=True, lines=4) is None
    assert ask(date(2026, 6, 30), urgent=False, lines=3) is None
    assert ask(date(2026, 7, 1), urgent=False, lines=3) == "b"
    with pytest.raises(PolicyError, match="on is datetime"):
        tables.decide("mixed", {"on": NOW, "urgent": True, "lines": 1}, at=NOW)


def test_facts_written_as_text_are_read_by_their_columns() -> None:
    tables = register(routing())
    table = tables.table("routing", at=NOW)

    read = read_facts(table, {"category": "it", "amount": "300.00", "site": None})

    assert read == {"category": "it", "amount": D("300.00"), "site": None}
    assert tables.decide("routing", read, at=NOW).row == "r03"


def test_every_wrong_fact_written_as_text_is_named() -> None:
    table = register(routing()).table("routing", at=NOW)

    with pytest.raises(PolicyError, match=r"amont is no input.*12\.50 for amount wanted"):
        read_facts(table, {"amont": "1", "amount": "much"})
