from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.requisitioning.batch import (
    MAX_REQUESTS,
    Keep,
    RequisitionBatch,
    SubmitRequisitions,
)
from manciple.requisitioning.intake import MAX_BYTES, MAX_ROWS, read_csv
from manciple.requisitioning.requisition import RequestedLine, Requisition
from tests.requisitioning.requisition_world import World, a_line, a_submission, cases, each

HEADER = "reference,site,item,quantity,unit,needed_by,supplier\n"
GOOD = "B-17,W1,BOLT-8,100,EA,2026-07-20,\n"


def found(text: str | bytes) -> list[tuple[int, str, str]]:
    data = text if isinstance(text, bytes) else text.encode()
    return [(each.row, each.column, each.code) for each in read_csv(data).problems]


def test_rows_of_one_reference_are_one_requisition() -> None:
    intake = read_csv((HEADER + GOOD + "B-18,W1,BOLT-8,1,CA,2026-07-21,ACME\n" + GOOD).encode())

    assert intake.problems == ()
    assert [(each.reference, len(each.lines)) for each in intake.requests] == [
        ("B-17", 2),
        ("B-18", 1),
    ]
    assert intake.rows == ((2, 4), (3,))
    assert intake.requests[1].lines == (
        RequestedLine(
            item="BOLT-8", quantity=cases(1), needed_by=date(2026, 7, 21), supplier="ACME"
        ),
    )


def test_rows_without_reference_are_grouped_by_site() -> None:
    rows = "site,item,quantity,unit,needed_by\n"
    rows += "W1,A,1,EA,2026-07-20\nW2,A,1,EA,2026-07-20\nW1,B,1,EA,2026-07-20\n"

    requests = read_csv(rows.encode()).requests

    assert [(each.site, len(each.lines), each.reference) for each in requests] == [
        ("W1", 2, None),
        ("W2", 1, None),
    ]


def test_semicolons_a_byte_order_mark_and_capitals_are_read() -> None:
    text = "Site;Item;Quantity;Unit;Needed By;Customer_Waiting;Note\r\n"
    text += 'W1;BOLT-8;1.5;kgm;2026-07-20;Yes;"first; second"\r\n'

    (request,) = read_csv(b"\xef\xbb\xbf" + text.encode()).requests

    assert request.lines[0].quantity == Quantity(Decimal("1.5"), Unit.KILOGRAM)
    assert request.customer_waiting
    assert request.note == "first; second"


def test_every_bad_cell_is_told_by_row_and_column_and_the_good_rows_are_kept() -> None:
    text = HEADER + GOOD
    text += ",,BOLT-8,1,EA,2026-07-20,\n"
    text += "\n"
    text += "B-19,W1,BOLT-8,one,ZZ,20.07.2026,\n"
    text += "B-20,W1,BOLT-8,0,EA,2026-02-30,\n"
    text += "B-21,W1,BOLT-8,1,EA,2026-07-20,,surplus\n"

    intake = read_csv(text.encode())

    assert [(each.row, each.column, each.code) for each in intake.problems] == [
        (3, "site", "EMPTY"),
        (5, "quantity", "NUMBER"),
        (5, "unit", "UNIT"),
        (5, "needed_by", "DATE"),
        (6, "quantity", "QUANTITY"),
        (6, "needed_by", "DATE"),
        (7, "", "CELLS"),
    ]
    assert [each.reference for each in intake.requests] == ["B-17"]
    assert all(each.fix for each in intake.problems)


@pytest.mark.parametrize(
    "cell",
    ["-1", "+1", "1e3", "1,5", "1.234.567", "1.2345678", "9" * 13, "NaN", "Infinity", "=1+1"],
)
def test_what_is_no_plain_number_is_no_quantity(cell: str) -> None:
    assert found(f'{HEADER}B,W1,I,"{cell}",EA,2026-07-20,\n') == [(2, "quantity", "NUMBER")]


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "@SUM(1)", "+A1", "-A1"])
def test_a_cell_that_looks_like_a_formula_stays_text(cell: str) -> None:
    (request,) = read_csv(f"{HEADER}B,W1,{cell},1,EA,2026-07-20,\n".encode()).requests

    assert request.lines[0].item == cell


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "NO_HEADER"),
        (b"\n\n", "NO_HEADER"),
        (HEADER.encode(), "NO_ROWS"),
        ((HEADER + ",,,,,,\n").encode(), "NO_ROWS"),
        (HEADER.encode() + b"B,W1,M\xfctze,1,EA,2026-07-20,\n", "ENCODING"),
        ((HEADER + GOOD).encode("utf-16"), "ENCODING"),
        (HEADER.encode() + b"B,W1,\0,1,EA,2026-07-20,\n", "NUL"),
        ((HEADER + 'B,W1,"half').encode(), "CSV"),
        (b"x" * (MAX_BYTES + 1), "FILE_TOO_LARGE"),
        ((HEADER + GOOD * (MAX_ROWS + 1)).encode(), "TOO_MANY_ROWS"),
    ],
)
def test_a_file_that_cannot_be_read_gives_no_request(data: bytes, code: str) -> None:
    intake = read_csv(data)

    assert intake.requests == ()
    assert [each.code for each in intake.problems] == [code]


def test_the_row_of_a_foreign_letter_is_told() -> None:
    (problem,) = read_csv((HEADER + GOOD).encode() + b"B,W1,M\xfctze,1,EA,,\n").problems

    assert problem.row == 3
    assert "UTF-8" in problem.fix


def test_so_many_rows_are_allowed() -> None:
    assert found(HEADER + GOOD * MAX_ROWS) == []


def test_missing_unknown_and_doubled_columns_are_told_together() -> None:
    assert found("site,item,qty,unit,unit,needed_by\nW1,A,1,EA,EA,2026-07-20\n") == [
        (1, "quantity", "COLUMN_MISSING"),
        (1, "qty", "COLUMN_UNKNOWN"),
        (1, "unit", "COLUMN_TWICE"),
    ]


def test_one_reference_for_two_sites_is_told() -> None:
    intake = read_csv((HEADER + GOOD + GOOD.replace("W1", "W2")).encode())

    assert [(each.row, each.column) for each in intake.problems] == [(3, "site")]
    assert [len(each.lines) for each in intake.requests] == [1]


def test_long_cells_and_odd_answers_are_told() -> None:
    header = "site,item,quantity,unit,needed_by,customer_waiting\n"
    row = f"W1,{'x' * 201},1,EA,2026-07-20,perhaps\n"

    assert found(header + row) == [
        (2, "item", "CELL_TOO_LONG"),
        (2, "customer_waiting", "YES_NO"),
    ]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=300).map(lambda t: (HEADER + t).encode()))
def test_any_bytes_give_requests_or_problems_and_never_an_error(data: bytes) -> None:
    intake = read_csv(data)

    assert intake.requests or intake.problems
    assert all(each.code and each.message and each.fix for each in intake.problems)


words = st.text("ABCxyz019-=;,\"' ", min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(words, st.integers(1, 10**9)), min_size=1, max_size=8))
def test_what_was_written_is_read_back(rows: list[tuple[str, int]]) -> None:
    lines = [
        ",".join(map(_quoted, cells))
        for cells in (("W1", item, str(n), "EA", "2026-07-20") for item, n in rows)
    ]

    intake = read_csv(("site,item,quantity,unit,needed_by\n" + "\n".join(lines)).encode())

    assert intake.problems == ()
    (request,) = intake.requests
    assert [(line.item, line.quantity) for line in request.lines] == [
        (item, each(n)) for item, n in rows
    ]


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def test_all_or_none_leaves_nothing_when_one_line_is_bad() -> None:
    world = World()
    act = SubmitRequisitions(
        requests=(a_submission(), a_submission(a_line(), a_line("NOPE"))), keep=Keep.ALL
    )

    assert world.faults(act) == [("ITEM_UNKNOWN", "requests.1.lines.1.item")]
    assert world.bus.documents(Requisition) == ()


def test_the_good_lines_are_kept_by_choice_and_the_bad_ones_told() -> None:
    world = World()
    requests = (
        a_submission(a_line("NOPE"), a_line()),
        a_submission(site="W9"),
        a_submission(a_line("DRILL-1")),
    )

    name = world.must(SubmitRequisitions(requests=requests, keep=Keep.GOOD)).id

    taken = world.bus.get(RequisitionBatch, name)
    (need,) = world.bus.documents(Requisition)
    assert taken.requisitions == (need.id,)
    assert [line.item for line in need.lines] == ["BOLT-8"]
    assert [(each.request, each.line, each.code) for each in taken.omitted] == [
        (0, 0, "ITEM_UNKNOWN"),
        (1, None, "SITE_UNKNOWN"),
        (2, 0, "NOT_A_STOCK_ITEM"),
        (2, 0, "NO_AGREEMENT"),
    ]
    assert taken.state == "partly taken"


def test_without_a_good_line_nothing_is_kept() -> None:
    world = World()
    act = SubmitRequisitions(requests=(a_submission(a_line("NOPE")),), keep=Keep.GOOD)

    assert world.faults(act) == [("ITEM_UNKNOWN", "requests.0.lines.0.item")]
    assert world.bus.documents(RequisitionBatch) == ()


def test_a_batch_has_an_end() -> None:
    world = World()
    many = SubmitRequisitions(requests=(a_submission(),) * (MAX_REQUESTS + 1))

    assert world.faults(SubmitRequisitions(requests=())) == [("NO_REQUESTS", "requests")]
    assert world.faults(many) == [("TOO_MANY_REQUESTS", "requests")]
    assert world.faults(replace(many, requests=many.requests[:3])) == []
    assert len(world.bus.documents(Requisition)) == 3


def test_a_refusal_is_told_in_the_rows_of_the_file() -> None:
    world = World()
    text = HEADER + GOOD + "B-17,W1,NOPE,1,EA,2026-07-20,\nB-18,W9,BOLT-8,1,EA,2026-07-20,\n"
    intake = read_csv(text.encode())

    told = [
        intake.problem(place, reason)
        for place, request in enumerate(intake.requests)
        for reason in world.do(request).refusals
    ]

    assert [(each.row, each.column, each.code) for each in told] == [
        (3, "item", "ITEM_UNKNOWN"),
        (4, "site", "SITE_UNKNOWN"),
    ]
