"""The linter finds what a table forgets, says twice, or can never say, with an example."""

from decimal import Decimal
from textwrap import dedent, indent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.policy.conditions import Type, read_condition
from manciple.policy.evaluate import CompiledTable
from manciple.policy.lint import Finding, Rule, lint
from manciple.policy.source import read_tables
from manciple.policy.table import DecisionTable


def table(*cells: str, hit: str = "unique") -> DecisionTable:
    head = dedent(f"""\
        table: bands
        version: v1
        effective_from: 2026-01-01
        owner: Policy board
        description: Bands.
        hit: {hit}
        inputs:
          - {{name: amount, type: decimal, unit: USD, minimum: 0}}
          - {{name: site, type: text}}
        outputs:
          - {{name: answer, type: text}}
        rows:
        """)
    rows = "\n".join(
        f"- {{id: r{n}, when: {{{cell}}}, then: {{answer: x}}}}" for n, cell in enumerate(cells, 1)
    )
    (read,) = read_tables({"bands.yaml": (head + indent(rows, "  ")).encode()})
    return read


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]


def test_a_complete_table_is_clean() -> None:
    assert lint(table('amount: "[0..10)"', 'amount: ">= 10"')) == ()


def test_a_gap_is_shown_with_its_range_and_an_example() -> None:
    found = only(lint(table('amount: "[0..10)"', 'amount: ">= 20"')))

    assert found.rule is Rule.GAP
    assert found.where == "amount: 10 to (10..20)"
    assert dict(found.example)["amount"] == "10"
    assert str(found).startswith("bands v1: no row speaks for amount: 10 to (10..20) (for example")


def test_the_cent_between_two_bands_is_a_gap() -> None:
    found = [f for f in lint(table('amount: "[0..10)"', 'amount: "> 10"')) if f.rule is Rule.GAP]

    assert dict(only(tuple(found)).example)["amount"] == "10"


def test_a_gap_for_texts_nobody_named_is_found() -> None:
    found = only(lint(table("site: ORD", "site: ATL")))

    assert found.rule is Rule.GAP
    assert found.where == "site: any other site"


def test_an_overlap_of_unique_rows_names_both() -> None:
    found = only(lint(table('amount: "[0..10)"', 'amount: ">= 10"', 'site: ORD, amount: "5"')))

    assert found.rule is Rule.OVERLAP
    assert found.rows == ("r1", "r3")
    assert found.where == "amount: 5; site: ORD"


def test_under_first_an_overlap_is_meant_and_a_shadowed_row_is_not() -> None:
    found = only(lint(table('amount: "[0..10)"', "site: ORD", "", 'amount: "5"', hit="first")))

    assert found.rule is Rule.SHADOWED
    assert found.rows == ("r4",)


def test_rows_that_shadow_only_together_are_found() -> None:
    found = only(lint(table('amount: "[0..10)"', 'amount: ">= 10"', "site: ORD", hit="first")))

    assert found.rule is Rule.SHADOWED
    assert found.rows == ("r3",)


def test_a_row_below_the_lowest_amount_can_never_speak() -> None:
    rules = {f.rule for f in lint(table("", 'amount: "< 0"', hit="first"))}

    assert rules == {Rule.SHADOWED}


@pytest.mark.parametrize("cell", ["[0..10]", "(0..10)", "<= 10", "> 10"])
def test_an_amount_band_that_is_not_half_open_is_found(cell: str) -> None:
    rules = [f.rule for f in lint(table(f'amount: "{cell}"', "", hit="first"))]

    assert rules == [Rule.AMOUNT_ENDS]


amounts = st.integers(0, 6)
cells = st.one_of(
    st.just("-"),
    amounts.map(str),
    st.tuples(amounts, amounts).filter(lambda ends: ends[0] < ends[1]).map("[%s..%s)".__mod__),
    amounts.map(">= %s".__mod__),
    amounts.map("< %s".__mod__),
)


@given(
    st.lists(st.tuples(cells, st.sampled_from(["-", "ORD", "not ORD"])), min_size=1, max_size=5),
    st.sampled_from(["unique", "first"]),
)
def test_the_linter_agrees_with_trying_every_case(rows: list[tuple[str, str]], hit: str) -> None:
    built = table(*(f'amount: "{amount}", site: "{site}"' for amount, site in rows), hit=hit)
    findings = {f.rule for f in lint(built)}
    conditions = [
        (read_condition(amount, Type.DECIMAL), read_condition(site, Type.TEXT))
        for amount, site in rows
    ]

    spoke: set[int] = set()
    gaps = overlaps = False
    for half in range(16):
        for site in ("ORD", "ATL"):
            amount = Decimal(half) / 2
            hits = [n for n, (a, s) in enumerate(conditions) if a.lets(amount) and s.lets(site)]
            gaps = gaps or not hits
            overlaps = overlaps or len(hits) > 1
            spoke |= set(hits[:1] if hit == "first" else hits)
            ruling = CompiledTable(built).decide({"amount": amount, "site": site})
            assert [built.rows[n].id for n in hits] == list(ruling.rows)
    assert (Rule.GAP in findings) == gaps
    assert (Rule.OVERLAP in findings) == (overlaps and hit == "unique")
    assert (Rule.SHADOWED in findings) == (len(spoke) < len(rows))
