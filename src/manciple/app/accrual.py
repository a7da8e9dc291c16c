"""What is owed and not billed, and what is to be credited: sums by age, by currency, by supplier.

received on the 3rd, today the 12th: 9 days, band 8 to 30        value at the order's price
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from manciple.app.application import Application
from manciple.app.hold_queue import Sum, summed
from manciple.invoicing.unbilled import Unbilled
from manciple.kernel.errors import refuse
from manciple.kernel.messages import Actor
from manciple.receiving.supplier_return import ReturnState, SupplierReturn
from manciple.runtime.queries import MOST_ROWS, scope_of

MOST_PAGES: Final = 5
"""Pages of 200 orders, or returns, that one look sums, the oldest orders first."""
BANDS: Final[Mapping[str, tuple[int, int | None]]] = {
    "0-7": (0, 7),
    "8-30": (8, 30),
    "31-60": (31, 60),
    "61-90": (61, 90),
    "91": (91, None),
}
"""Ages in calendar days since the receipt, both bounds inclusive."""
_MARK: Final = "~"


def band_of(days: int) -> str:
    """Name the band of an age; goods that came today are in the first."""
    for name, (_, most) in BANDS.items():
        if most is None or days <= most:
            return name
    raise AssertionError(days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """What was received and nobody billed, on one day.

    Attributes:
        rows: all that were asked for, the oldest receipt first.
        bands: what every band holds, whichever is chosen: rows and sums.
        suppliers: what each supplier would show, the most rows first.
        is_whole: False when there are more orders than one look reads.
        looked_at: how many orders were looked at, at most.
    """

    on: date
    rows: tuple[Unbilled, ...]
    bands: Mapping[str, tuple[int, Sum]]
    whole: Sum
    suppliers: tuple[tuple[str, int, Sum], ...]
    is_whole: bool
    looked_at: int = 0

    def after(self, cursor: str | None) -> Sequence[Unbilled]:
        """Give the rows behind a place.

        Raises:
            Refused: BAD_CURSOR.
        """
        if cursor is None:
            return self.rows
        place = tuple(cursor.split(_MARK))
        if len(place) != _PARTS:
            raise refuse("BAD_CURSOR", "this cursor is none of this list", field="after",
                         fix="Begin again at the head of the list.")  # fmt: skip
        return [row for row in self.rows if _key(row) > place]


_PARTS: Final = 4


def _key(row: Unbilled) -> tuple[str, ...]:
    return (row.received.isoformat(), row.order, row.line, row.receipt)


def cursor_of(row: Unbilled) -> str:
    """Give the place after a row."""
    return _MARK.join(_key(row))


def pages(app: Application, actor: Actor) -> Iterator[Sequence[Unbilled]]:
    """Give all of it, page by page as it is read, in the order of the orders."""
    after: str | None = None
    while True:
        page = app.unbilled.page(
            on=app.clock.now().date(), scope=scope_of(actor), after=after, limit=MOST_ROWS
        )
        yield page.rows
        after = page.after
        if after is None:
            return


def accrual(
    app: Application, actor: Actor, *, band: str = "", supplier: str = "", site: str = ""
) -> Accrual:
    """Read what was received and is not billed, and sum it up."""
    found: list[Unbilled] = []
    is_whole, looked_at = True, 0
    for at, rows in enumerate(pages(app, actor)):
        if at == MOST_PAGES:
            is_whole = False
            break
        found += rows
        looked_at += MOST_ROWS
    summed_up = grouped(
        found, on=app.clock.now().date(), band=band, supplier=supplier, site=site,
        is_whole=is_whole,
    )  # fmt: skip
    return replace(summed_up, looked_at=looked_at)


def grouped(
    found: Iterable[Unbilled],
    *,
    on: date,
    band: str = "",
    supplier: str = "",
    site: str = "",
    is_whole: bool = True,
) -> Accrual:
    """Sort rows to bands and suppliers."""
    here = [row for row in found if site in ("", row.site)]
    of_band: dict[str, list[Unbilled]] = {name: [] for name in BANDS}
    of_supplier: dict[str, list[Unbilled]] = {}
    rows = []
    for row in here:
        name = band_of(row.days)
        if supplier in ("", row.supplier):
            of_band[name].append(row)
        if band in ("", name):
            of_supplier.setdefault(row.supplier, []).append(row)
            if supplier in ("", row.supplier):
                rows.append(row)
    rows.sort(key=_key)
    suppliers = sorted(of_supplier.items(), key=lambda each: (-len(each[1]), each[0]))
    return Accrual(
        on=on,
        rows=tuple(rows),
        bands={n: (len(each), summed(r.value for r in each)) for n, each in of_band.items()},
        whole=summed(row.value for row in rows),
        suppliers=tuple((n, len(each), summed(r.value for r in each)) for n, each in suppliers),
        is_whole=is_whole,
    )


# ---- credits expected -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Credits that suppliers owe for goods that went back.

    Attributes:
        rows: the first due first; without a day last.
        late: the sum of those whose day is over.
    """

    rows: tuple[SupplierReturn, ...]
    expected: Sum
    late: Sum
    suppliers: tuple[tuple[str, int, Sum], ...]
    is_whole: bool


def owed(app: Application, actor: Actor, *, on: date, supplier: str = "") -> Owed:
    """Read the returns that were shipped for a refund and are not credited in whole."""
    found: list[SupplierReturn] = []
    after: str | None = None
    is_whole = False
    for _ in range(MOST_PAGES):
        page = app.documents.page(
            SupplierReturn,
            scope=scope_of(actor),
            state=ReturnState.SHIPPED.value,
            after=after,
            limit=MOST_ROWS,
        )
        found += [row.document for row in page.rows if row.document.is_refund]
        after = page.after
        if after is None:
            is_whole = True
            break
    by_supplier: dict[str, list[SupplierReturn]] = {}
    for each in found:
        by_supplier.setdefault(each.supplier, []).append(each)
    rows = [each for each in found if supplier in ("", each.supplier)]
    rows.sort(key=lambda each: (each.credit_by or date.max, each.id))
    return Owed(
        rows=tuple(rows),
        expected=summed(each.left_to_credit for each in rows),
        late=summed(each.left_to_credit for each in rows if is_late(each, on)),
        suppliers=tuple(
            (name, len(each), summed(r.left_to_credit for r in each))
            for name, each in sorted(by_supplier.items())
        ),
        is_whole=is_whole,
    )


def is_late(back: SupplierReturn, on: date) -> bool:
    """Say whether the last day for the credit is over; that day itself is in time."""
    return back.credit_by is not None and back.credit_by < on
