"""What must be true after the orders to mock-edi, read from the tables written beforehand."""

import tomllib
from decimal import Decimal
from importlib.resources import files
from typing import Any

from manciple.kernel.records import dataclass

TABLE = "mock_edi_expected.toml"
HOURS = (1, 2, 22)
"""The partner's hours from the order to its answer, its despatch and its invoice.

A bill comes when the goods have been counted; and within a day, for it bills every consignment
that has left and is not billed yet, and the next may leave on the next day.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedItem:
    """An item of our agreements with the partner; the price is in USD per EA."""

    item: str
    description: str
    unit: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ThereEnd:
    """How a line must stand in the partner's own record (EA)."""

    ordered: Decimal
    status: str
    confirmed: Decimal
    shipped: Decimal
    billed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpEnd:
    """How a line must stand in the ERP's own tables (EA); never confirmed is None.

    What is received is accepted, for nothing arrives damaged.
    """

    confirmed: Decimal | None
    received: Decimal
    invoiced: Decimal
    cancelled: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """One order line: what we ask for (EA, USD per EA), and how it must stand at the end.

    Attributes:
        answer: the status and the quantity (EA) of the partner's 855, where the table says them.
    """

    line: str
    item: str
    price: Decimal
    ordered: Decimal
    there: ThereEnd
    erp: ErpEnd
    answer: tuple[str, Decimal] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedOrder:
    """One order's end state: at the partner, in the ERP, in finance, and its cases by code.

    Attributes:
        still_open: codes of the cases that are open at the end; None where nobody decides any.
        rejected: how many of the partner's documents our 997 rejected, by its own record.
    """

    reference: str
    behaviour: str
    lines: tuple[ExpectedLine, ...]
    status: str
    invoices: tuple[Decimal, ...]
    payables: tuple[Decimal, ...]
    exceptions: tuple[str, ...]
    still_open: tuple[str, ...] | None = None
    rejected: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedEnd:
    """The whole table.

    Attributes:
        partners: our interchange id for each behaviour.
        elsewhere: codes of the cases about no order, once each or more; closed at the end.
    """

    partners: dict[str, str]
    unacknowledged: int
    catalog: tuple[ExpectedItem, ...]
    orders: tuple[ExpectedOrder, ...]
    hours: tuple[int, int, int] = HOURS
    elsewhere: tuple[str, ...] = ()


def expected_end() -> ExpectedEnd:
    """Read the table that ships with the program."""
    table = read_table(TABLE)
    partner = table["partner"]
    return ExpectedEnd(
        partners={name: partner[name] for name in ("accept", "short-ship")},
        unacknowledged=partner["unacknowledged"],
        catalog=tuple(
            ExpectedItem(**{**row, "price": Decimal(row["price"])}) for row in table["catalog"]
        ),
        orders=tuple(_order(row) for row in table["order"]),
    )


def read_table(name: str) -> dict[str, Any]:
    """Read a table of this package."""
    return tomllib.loads(files("manciple.adapters.partners").joinpath(name).read_text("utf-8"))


def _order(row: dict[str, Any]) -> ExpectedOrder:
    invoices = amounts(row["invoices"])
    payables = amounts(row["payables"])
    return ExpectedOrder(
        reference=row["reference"],
        behaviour=row["behaviour"],
        lines=tuple(_line(line, is_paid=payables == invoices) for line in row["lines"]),
        status=row["status"],
        invoices=invoices,
        payables=payables,
        exceptions=tuple(row["exceptions"]),
    )


def amounts(texts: list[str]) -> tuple[Decimal, ...]:
    """Read amounts (USD)."""
    return tuple(Decimal(text) for text in texts)


def _line(cells: list[str], *, is_paid: bool) -> ExpectedLine:
    """Read a line; a balance that has followed is confirmed in the partner's record by then."""
    line, item, price, ordered, status, *rest = cells
    asked = Decimal(ordered)
    confirmed, shipped, billed = (Decimal(cell) for cell in rest)
    followed = shipped > confirmed
    return ExpectedLine(
        line=line,
        item=item,
        price=Decimal(price),
        ordered=asked,
        there=ThereEnd(
            ordered=asked,
            status="IA" if followed else status,
            confirmed=asked if followed else confirmed,
            shipped=shipped,
            billed=billed,
        ),
        erp=ErpEnd(
            confirmed=confirmed,
            received=shipped,
            invoiced=billed if is_paid else Decimal(0),
            cancelled=Decimal(0),
        ),
        answer=(status, confirmed),
    )
