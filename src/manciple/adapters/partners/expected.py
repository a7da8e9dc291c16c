"""What must be true after the orders to mock-edi, read from the table written beforehand."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

TABLE = "mock_edi_expected.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedItem:
    """An item of our agreements with the partner; the price is in USD per EA."""

    item: str
    description: str
    unit: str
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """One order line: what we ask for, and what the partner's own record must say (EA)."""

    line: str
    item: str
    price: Decimal
    ordered: Decimal
    status: str
    confirmed: Decimal
    shipped: Decimal
    billed: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedOrder:
    """One order's end state: at the partner, in the ERP, in finance, and its cases by code."""

    reference: str
    behaviour: str
    lines: tuple[ExpectedLine, ...]
    status: str
    invoices: tuple[Decimal, ...]
    payables: tuple[Decimal, ...]
    exceptions: tuple[str, ...]

    def invoiced_in_erp(self, line: ExpectedLine) -> Decimal:
        """How much of a line the ERP must have as invoiced: all that is billed, or nothing."""
        return line.billed if self.payables == self.invoices else Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedEnd:
    """The whole table; ``partners`` gives our interchange id for each behaviour."""

    partners: dict[str, str]
    unacknowledged: int
    catalog: tuple[ExpectedItem, ...]
    orders: tuple[ExpectedOrder, ...]


def expected_end() -> ExpectedEnd:
    """Read the table that ships with the program."""
    text = files("manciple.adapters.partners").joinpath(TABLE).read_text("utf-8")
    table = tomllib.loads(text)
    partner = table["partner"]
    return ExpectedEnd(
        partners={name: partner[name] for name in ("accept", "short-ship")},
        unacknowledged=partner["unacknowledged"],
        catalog=tuple(
            ExpectedItem(**{**row, "price": Decimal(row["price"])}) for row in table["catalog"]
        ),
        orders=tuple(
            ExpectedOrder(
                reference=row["reference"],
                behaviour=row["behaviour"],
                lines=tuple(_line(line) for line in row["lines"]),
                status=row["status"],
                invoices=tuple(Decimal(amount) for amount in row["invoices"]),
                payables=tuple(Decimal(amount) for amount in row["payables"]),
                exceptions=tuple(row["exceptions"]),
            )
            for row in table["order"]
        ),
    )


def _line(cells: list[str]) -> ExpectedLine:
    line, item, price, ordered, status, confirmed, shipped, billed = cells
    return ExpectedLine(
        line=line,
        item=item,
        price=Decimal(price),
        ordered=Decimal(ordered),
        status=status,
        confirmed=Decimal(confirmed),
        shipped=Decimal(shipped),
        billed=Decimal(billed),
    )
