"""A list as a sheet: the rows of its page and no other, exact, and nothing that runs."""

import asyncio
import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fastapi.responses import StreamingResponse

from manciple.web.pages import sheet as sheets
from manciple.web.pages.sheet import Column, cell, line, sheet
from tests.api.installation import Installation, installed, key_of
from tests.scenarios.office import cases, ordered, raise_need


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two shortages at Atlanta, one need that waits for a signature."""
    with installed(tmp_path_factory.mktemp("sheets") / "home") as made:
        for quantity in ("400", "200"):
            desk, order = ordered(made, (("ANCHOR", quantity),), supplier="ADLER")
            desk.drop(desk.acknowledgment(order, {"1": 5}))
        raise_need(made, (("VALVE", "100"),))
        yield made


def read(house: Installation, who: str, address: str) -> list[dict[str, str]]:
    """Give the lines of a sheet as a spreadsheet reads them."""
    headers = {"Authorization": f"Bearer {key_of(who)}"}
    answer = house.loop.run_until_complete(house.client.request("GET", address, headers=headers))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1", '=HYPERLINK("x")']
)
def test_a_text_that_a_spreadsheet_would_run_is_set_behind_an_apostrophe(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("-12.500"), "-12.500"),
        (Decimal("1E+3"), "1000"),
        (-5, "-5"),
        (None, ""),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2, 15, tzinfo=UTC), "2026-03-02T15:00:00Z"),
        ("A-4711", "A-4711"),
        ("nul\0", "nul"),
    ],
)
def test_values_are_written_exactly(value: object, written: str) -> None:
    assert cell(value) == written


def test_lines_are_those_of_rfc_4180() -> None:
    assert line(["a,b", 'say "x"', "two\nlines", 1]) == b'"a,b","say ""x""","two\nlines",1\r\n'


def body(answer: StreamingResponse) -> list[str]:
    async def whole() -> bytes:
        return b"".join([bytes(part) async for part in answer.body_iterator])  # type: ignore[arg-type]  # bytes alone come

    return asyncio.run(whole()).decode("utf-8-sig").splitlines()


@pytest.mark.parametrize(("rows", "is_cut"), [(6, False), (7, True)])
def test_a_sheet_that_was_cut_says_so_in_its_last_line(
    monkeypatch: pytest.MonkeyPatch, rows: int, *, is_cut: bool
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 6)
    pages = [list(range(rows))[at : at + 3] for at in range(0, rows, 3)]

    lines = body(sheet("n", (Column("N", lambda row: row),), pages))

    assert lines[:7] == ["N", "0", "1", "2", "3", "4", "5"]
    assert lines[7:] == (
        ["Cut after 6 rows: narrow the filter to see the rest."] if is_cut else []
    )


def test_what_the_page_has_not_looked_at_is_told() -> None:
    lines = body(sheet("n", (Column("N", lambda row: row),), [[1]], left_out=12))

    assert lines == ["N", "1", "12 more are less urgent and are not in this sheet."]


def test_a_sheet_says_what_its_page_says_about_what_is_missing() -> None:
    lines = body(sheet("n", (Column("N", lambda row: row),), [[1]], remark="Older ones too."))

    assert lines == ["N", "1", "Older ones too."]


def test_the_queue_as_a_sheet_holds_what_its_page_shows(house: Installation) -> None:
    rows = read(house, "paul", "/exceptions.csv?whose=all&order=due&code=SHORTAGE")
    none = read(house, "paul", "/exceptions.csv?whose=all&code=UNREADABLE")

    assert {row["Exception"] for row in rows} == {c["id"] for c in cases(house, "SHORTAGE")}
    assert [row["Place"] for row in rows] == sorted(row["Place"] for row in rows)
    assert {(row["Site"], row["Supplier"]) for row in rows} == {("ATL", "ADLER")}
    assert none == []


def test_a_sheet_shows_a_reader_no_more_than_the_page(house: Installation) -> None:
    assert read(house, "rolf", "/exceptions.csv?whose=all") == []
    assert read(house, "dora", "/approvals.csv?whose=all") == []
    assert read(house, "dora", "/waiting.csv") == []


def test_approvals_and_waiting_lines_as_sheets(house: Installation) -> None:
    (step,) = read(house, "anna", "/approvals.csv?whose=all")
    waiting = read(house, "paul", "/waiting.csv?place=approval")

    assert (step["Amount"], step["Currency"], step["Site"]) == ("1080.00", "USD", "ATL")
    assert [row["Item"] for row in waiting] == ["VALVE"]
    assert waiting[0]["Since"].endswith("Z")


def test_each_page_offers_its_own_list_as_a_sheet(house: Installation) -> None:
    headers = {"Authorization": f"Bearer {key_of('paul')}"}
    address = "/exceptions?whose=all&order=due&code=SHORTAGE&done=x"
    page = house.loop.run_until_complete(house.client.request("GET", address, headers=headers))

    assert 'href="/exceptions.csv?whose=all&amp;order=due&amp;code=SHORTAGE"' in page.text


def test_a_hostile_filter_stays_text(house: Installation) -> None:
    headers = {"Authorization": f"Bearer {key_of('paul')}"}
    address = "/waiting?site=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"
    page = house.loop.run_until_complete(house.client.request("GET", address, headers=headers))

    assert "<script>alert" not in page.text
