"""Every behaviour that mock-edi has, and how it must end: read from the table written beforehand.

    for each in behaviours():
        each.end(10)                     ten orders, the rows of the table in turn

Where mock-edi sells, an order is one of ours (``Behaviour``); where it buys, it is one of its own,
and a seller's harness answers (``Bought``).
"""

from decimal import Decimal
from typing import Any

from manciple.adapters.partners.expected import (
    ErpEnd,
    ExpectedEnd,
    ExpectedLine,
    ExpectedOrder,
    ThereEnd,
    amounts,
    expected_end,
    read_table,
)
from manciple.kernel.records import dataclass, replace

TABLE = "mock_edi_behaviours.toml"
_NEVER = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """When the partner's people mend its fault: the day (0 is the first) and the hour, local."""

    day: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoughtOrder:
    """An order of the partner's, how it must end in its record, and what it filed under it.

    Attributes:
        disagreements: the partner's rules that the seller broke, in its own words.
        answers: how many documents of each kind it filed.
    """

    reference: str
    lines: tuple[ExpectedLine, ...]
    status: str
    disagreements: tuple[str, ...]
    answers: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One behaviour: how it is played, and the rows that its orders end as.

    Attributes:
        days: how long it is played.
        decides: what people decide, by the case's code: the first time, the second and so on.
        elsewhere: codes of the cases about no order; closed at the end.
        mends: from when on the partner behaves, and people decide; None: it never does.
        orders: rows where the partner sells; ``bought`` those where it buys. One of them is empty.
    """

    name: str
    tag: str
    days: int
    hours: tuple[int, int, int]
    decides: dict[str, tuple[str, ...]]
    elsewhere: tuple[str, ...]
    mends: Mending | None
    orders: tuple[ExpectedOrder, ...]
    bought: tuple[BoughtOrder, ...]

    @property
    def ours(self) -> str:
        """Our interchange id under this behaviour."""
        return f"MANCIPLE-{self.tag}"

    def end(self, count: int) -> ExpectedEnd:
        """Give the end of ``count`` orders: the rows in turn, each under its own reference."""
        rows = [self.orders[n % len(self.orders)] for n in range(count)]
        return ExpectedEnd(
            partners={self.name: self.ours},
            unacknowledged=0,
            catalog=expected_end().catalog,
            orders=tuple(
                replace(row, reference=f"{row.reference}.{n}")
                for n, row in enumerate(rows, start=1)
            ),
            hours=self.hours,
            elsewhere=self.elsewhere,
        )

    def purchases(self, count: int) -> tuple[BoughtOrder, ...]:
        """Give ``count`` orders of the partner's: the rows in turn, numbered apart."""
        rows = [self.bought[n % len(self.bought)] for n in range(count)]
        return tuple(
            replace(row, reference=f"{row.reference}.{n}") for n, row in enumerate(rows, start=1)
        )


def behaviours() -> tuple[Behaviour, ...]:
    """Read every behaviour, in the order of the table."""
    table = read_table(TABLE)
    usual = table["defaults"]
    return tuple(_behaviour({**usual, **row}) for row in table["behaviour"])


def _behaviour(row: dict[str, Any]) -> Behaviour:
    answer, despatch, invoice = row["delays_h"]
    mends = row.get("mends")
    sells = row.get("sells", False)
    numbered = [(f"{row['tag']}-{n:02}", each) for n, each in enumerate(row["order"], start=1)]
    return Behaviour(
        name=row["name"],
        tag=row["tag"],
        days=row["days"],
        hours=(answer, despatch, invoice),
        decides={code: tuple(found) for code, found in row.get("decides", {}).items()},
        elsewhere=tuple(row.get("elsewhere", ())),
        mends=Mending(day=mends[0], hour=mends[1]) if mends else None,
        orders=() if sells else tuple(_order(name, row["name"], each) for name, each in numbered),
        bought=tuple(_bought(name, each) for name, each in numbered) if sells else (),
    )


def _order(reference: str, behaviour: str, row: dict[str, Any]) -> ExpectedOrder:
    return ExpectedOrder(
        reference=reference,
        behaviour=behaviour,
        lines=tuple(_line(cells) for cells in row["lines"]),
        status=row["there"],
        invoices=amounts(row["invoices"]),
        payables=amounts(row["payables"]),
        exceptions=tuple(row["exceptions"]),
        still_open=tuple(row.get("open", ())),
        rejected=row.get("rejected", 0),
    )


def _bought(reference: str, row: dict[str, Any]) -> BoughtOrder:
    return BoughtOrder(
        reference=reference,
        lines=tuple(_line([*cells, _NEVER, "0", "0", "0"]) for cells in row["lines"]),
        status=row["there"],
        disagreements=tuple(row["disagreements"]),
        answers=dict(row["answers"]),
    )


def _line(cells: list[str]) -> ExpectedLine:
    line, item, price, ordered, there, status, *rest = cells
    confirmed, shipped, billed = (Decimal(cell) for cell in rest[:3])
    said, *booked = rest[3:]
    received, invoiced, cancelled = (Decimal(cell) for cell in booked)
    return ExpectedLine(
        line=line,
        item=item,
        price=Decimal(price),
        ordered=Decimal(ordered),
        there=ThereEnd(
            ordered=Decimal(there),
            status=status,
            confirmed=confirmed,
            shipped=shipped,
            billed=billed,
        ),
        erp=ErpEnd(
            confirmed=None if said == _NEVER else Decimal(said),
            received=received,
            invoiced=invoiced,
            cancelled=cancelled,
        ),
    )
