"""A list as a sheet: CSV of exactly what a page shows, for a spreadsheet or another program.

The page and its sheet read the same rows by the same filter with the same reader's rights:

    /exceptions?whose=mine&code=SHORTAGE        the page, fifty rows at a time
    /exceptions.csv?whose=mine&code=SHORTAGE    the same list, all of it

    COLUMNS = (Column(said("Exception"), lambda row: row.case.id), ...)
    return sheet("exceptions", COLUMNS, [rows])

Times are UTC in ISO 8601, numbers are plain decimals, what was not stated is an empty cell.
Sources: RFC 4180, sections 2 (lines end with CR LF, quotes are doubled) and 3 (``text/csv``);
the byte order mark tells spreadsheets that the text is UTF-8.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, Generic, TypeVar

from fastapi.responses import StreamingResponse

from manciple.web.language import gettext

Row = TypeVar("Row")
MOST_ROWS: Final = 50_000
"""Rows of the longest sheet; one that was cut says so in a last line of its own."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 -- the wide forms are formulas too
"""What a spreadsheet takes for the beginning of a formula. Source: OWASP, CSV Injection."""
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
}


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column: its name in English (marked by ``said``), and what stands in it."""

    name: str
    value: Callable[[Row], object]


def sheet(
    name: str,
    columns: Sequence[Column[Row]],
    pages: Iterable[Sequence[Row]],
    *,
    left_out: int = 0,
    remark: str = "",
) -> StreamingResponse:
    """Send a list as CSV, page by page as it is read.

    Args:
        name: the file's name without its ending: ASCII letters, digits and hyphens.
        columns: what the page shows, in its order.
        pages: the rows, some at a time; they are asked for one after the other.
        left_out: how many rows the page itself has not looked at; told in a last line.
        remark: what else the reader must know, in a last line; empty for nothing.
    """
    headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(
        _written(columns, pages, left_out, remark),
        media_type="text/csv; charset=utf-8",
        headers=headers,
    )


def _written(
    columns: Sequence[Column[Row]], pages: Iterable[Sequence[Row]], left_out: int, remark: str
) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + line(gettext(column.name) for column in columns)
    left = MOST_ROWS
    for rows in pages:
        yield b"".join(line(column.value(row) for column in columns) for row in rows[:left])
        if len(rows) > left:
            yield line([cut_note()])
            return
        left -= len(rows)
    if left_out:
        words = gettext("%(n)s more are less urgent and are not in this sheet.")
        yield line([words % {"n": f"{left_out:,}"}])
    if remark:
        yield line([remark])


def cut_note() -> str:
    """Say that a sheet was cut; its last line, where it was."""
    words = gettext("Cut after %(n)s rows: narrow the filter to see the rest.")
    return words % {"n": f"{MOST_ROWS:,}"}


def line(values: Iterable[object]) -> bytes:
    """Write one line of a sheet."""
    text = io.StringIO()
    csv.writer(text).writerow([cell(value) for value in values])
    return text.getvalue().encode()


def cell(value: object) -> str:
    """Write a value exactly; a text that a spreadsheet would run is set behind an apostrophe.

    A ``Decimal`` or ``int`` is a number and never guarded: -5 stays -5.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, (Decimal, int)):
        return f"{Decimal(value):f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    text = str(value.value if isinstance(value, Enum) else value).replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
