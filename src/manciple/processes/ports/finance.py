"""The finance system: what it is told about money promised, expected and owed."""

from datetime import date, datetime
from typing import Protocol

from manciple.kernel.money import Currency, Money
from manciple.kernel.records import dataclass
from manciple.processes.ports.answers import Page, Submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class CashLine:
    """So much money for one order line, expected to be paid on a day; None: no day is known."""

    line: str
    amount: Money
    pay_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """Money that an order promises away, by line and expected pay day."""

    order: str
    revision: int
    supplier: str
    site: str
    currency: Currency
    lines: tuple[CashLine, ...]
    as_of: datetime
    thread: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CashForecast:
    """What is now expected to be paid, in all, for the named lines; other lines stay.

    ``as_of``: an older statement than the one that finance holds changes nothing.
    ``correlation``: the cause, the same on the planner's task and the inbound schedule.
    """

    order: str
    revision: int
    currency: Currency
    lines: tuple[CashLine, ...]
    as_of: datetime
    correlation: str
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """A matched invoice that finance shall pay: in full when it is due, or less before.

    Attributes:
        due: not before the invoice's day.
        discount_until: the last day, included, on which ``discount`` may be taken off; both None
            when there is nothing to be had.
        part: of an invoice that is paid in parts, which one; ``invoice`` then names the part.
    """

    invoice: str
    supplier: str
    supplier_number: str
    orders: tuple[str, ...]
    invoiced_on: date
    due: date
    amount: Money
    discount_until: date | None = None
    discount: Money | None = None
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCredit:
    """Money that a supplier still owes for goods that went back, in all; nothing: settled.

    ``as_of``: an older statement than the one that finance holds changes nothing.
    """

    number: str
    order: str
    supplier: str
    amount: Money
    due: date
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FinanceTotals:
    """What finance itself holds for one order."""

    order: str
    currency: Currency
    committed: Money
    forecast: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PayableRow:
    """A payable as finance booked it, under its own number."""

    number: str
    invoice: str
    supplier: str
    supplier_number: str
    amount: Money
    due: date
    discount_until: date | None = None
    discount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastWeek:
    """What is expected to be paid in the week from this Monday; None: day unknown."""

    monday: date | None
    amount: Money


class FinancePort(Protocol):
    """A finance system: told what money is promised, expected and owed. It pays; we don't."""

    def find(self, key: str) -> Submitted | None:
        """Look up what became of the write with this key."""
        ...

    def commit(self, key: str, commitment: Commitment) -> Submitted:
        """Book what an order promises away."""
        ...

    def forecast(self, key: str, forecast: CashForecast) -> Submitted:
        """Restate when and how much will be paid for some lines."""
        ...

    def payable(self, key: str, payable: Payable) -> Submitted:
        """Hand over an invoice to be paid."""
        ...

    def expect_credit(self, key: str, credit: ExpectedCredit) -> Submitted:
        """State what a supplier still owes for goods that went back."""
        ...

    def payables(self, cursor: str = "") -> Page[PayableRow]:
        """Read the payables that it holds, by its numbers."""
        ...

    def weeks(self, currency: Currency) -> tuple[ForecastWeek, ...]:
        """Read its cash forecast by week."""
        ...

    def totals(self, cursor: str = "") -> Page[FinanceTotals]:
        """Read its own sums for every order."""
        ...
