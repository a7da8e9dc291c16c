"""Tables from YAML: every defect of every file, with row, column and what was wanted."""

from textwrap import dedent

import pytest

from manciple.policy.source import TableError, read_tables
from manciple.policy.yaml_text import YamlError, read_yaml

GOOD = dedent("""\
    table: lanes
    version: "2026-01"
    effective_from: 2026-01-01
    owner: Policy board
    description: >
      How urgent
      it is.
    hit: first
    inputs:
      - {name: flow, type: text, values: [direct, indirect]}
      - {name: amount, type: decimal, unit: USD, minimum: 0}
    outputs:
      - {name: lane, type: text, values: [critical, bulk]}
      - {name: hours, type: decimal, optional: true}
    rows:
      - {id: r01, when: {flow: direct, amount: "[0..10)"}, then: {lane: bulk, hours: 8}}
      - {id: r02, then: {lane: critical}, because: The rest.}
    """)


def defects(*texts: str) -> list[tuple[str, str, str]]:
    files = {f"{n}.yaml": text.encode() for n, text in enumerate(texts)}
    with pytest.raises(TableError) as refusal:
        read_tables(files)
    return [(each.file, each.row, each.column) for each in refusal.value.defects]


def test_a_table_is_read_with_its_header_and_rows() -> None:
    (table,) = read_tables({"lanes.yaml": GOOD.encode()})

    assert table.name == "lanes"
    assert table.description == "How urgent it is."
    assert [row.id for row in table.rows] == ["r01", "r02"]
    assert str(table.rows[1].when[1]) == "-"
    assert table.rows[1].then == ("critical", None)


def test_all_defects_of_all_files_are_told_at_once() -> None:
    bad_cells = (
        GOOD.replace('"[0..10)"', '"[0..10"')
        .replace("lane: bulk, hours: 8", "lane: bulky, hours: soon")
        .replace("id: r02", "id: r01")
    )

    assert defects(bad_cells, "table: [", GOOD.replace("flow: direct", "flwo: direct")) == [
        ("0.yaml", "r01", "amount"),
        ("0.yaml", "r01", "lane"),
        ("0.yaml", "r01", "hours"),
        ("0.yaml", "", "id"),
        ("1.yaml", "", ""),
        ("2.yaml", "r01", "flwo"),
    ]


def test_a_defect_says_what_was_wanted_and_what_came() -> None:
    with pytest.raises(TableError) as refusal:
        read_tables({"lanes.yaml": GOOD.replace("lane: bulk,", "lane: bulky,").encode()})

    assert str(refusal.value) == (
        "lanes.yaml, row r01, column lane: one of critical, bulk for lane wanted, got 'bulky'"
    )


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("table: lanes", "table: Lanes!", "table"),
        ("owner: Policy board", "owner: ''", "owner"),
        ("owner: Policy board\n", "", "owner"),
        ("hit: first", "hit: last", "hit"),
        ("effective_from: 2026-01-01", "effective_from: soon", "effective_from"),
        ("hit: first", "hit: first\nsources: none", "sources"),
        ("hit: first", "hit: first\nhits: first", "hits"),
        ("{name: flow, type: text, values", "{name: flow, type: txt, values", "flow"),
        ("{name: flow, type: text, values: [direct, indirect]}", "flow", "inputs #1"),
        ("{name: flow, type: text,", "{name: Flow, type: text,", "inputs #1"),
        ("values: [direct, indirect]", "values: [direct, direct]", "flow"),
        ("unit: USD,", "values: ['1'],", "amount"),
        ("unit: USD,", "unti: USD,", "unti"),
        ("minimum: 0", "minimum: low", "amount"),
        ("optional: true", "optional: maybe", "hours"),
        ("{name: hours,", "{name: lane,", "columns"),
        ("lane: critical}", "lane: critical, lane2: x}", "lane2"),
        ("then: {lane: critical}", "then: {hours: 8}", "lane"),
        ("then: {lane: critical}", "then: critical", "then"),
        ("{id: r02,", "{", "id"),
        ("because: The rest.", "because: [x]", "because"),
        ("because: The rest.", "weil: darum", "weil"),
    ],
)
def test_a_malformed_table_is_refused(old: str, new: str, column: str) -> None:
    assert old in GOOD

    assert column in [found for _, _, found in defects(GOOD.replace(old, new))]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"a: 1\na: 2", "line 2, column 1: a key twice"),
        (b"a: &x 1\nb: *x", "line 1: anchors"),
        (b"a: [", "line 2"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a: \x00", "not allowed|unacceptable|control"),
        (b"", "no document"),
        (b"[" * 100_000 + b"]" * 100_000, "line 1: nested too deeply"),
        (b"#" + b"x" * 1_000_001, "at most 1000000"),
    ],
)
def test_bytes_that_are_no_plain_yaml_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(YamlError, match=words):
        read_yaml(data)


def test_every_scalar_stays_text() -> None:
    assert read_yaml(b"{a: 1.10, b: NO, c: 2026-01-01, d: null}") == {
        "a": "1.10",
        "b": "NO",
        "c": "2026-01-01",
        "d": "null",
    }
