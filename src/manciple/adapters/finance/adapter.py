"""The reference finance system behind the finance port, and as an effects endpoint.

finance = ReferenceFinanceAdapter(HttpLine("http://127.0.0.1:8071"))
finance_endpoint(finance)           # serves finance.commit, .forecast, .payable and .expect_credit
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from manciple.adapters.reference.carrier import Carrier
from manciple.adapters.reference.client import ReferenceClient
from manciple.adapters.reference.line import Line
from manciple.kernel.money import Currency, CurrencyMismatchError, Money
from manciple.processes.ports import (
    CashForecast,
    CashLine,
    Commitment,
    ExpectedCredit,
    FinancePort,
    FinanceTotals,
    ForecastWeek,
    Page,
    Payable,
    PayableRow,
    Submitted,
)
from manciple.runtime.codec import decode


class ReferenceFinanceAdapter:
    """The reference finance system as a FinancePort."""

    def __init__(self, line: Line) -> None:
        """Reach it over this line."""
        self._client = ReferenceClient(line)

    def find(self, key: str) -> Submitted | None:
        """Look up what became of the write with this key."""
        found = self._client.find(key)
        return None if found is None else found[1]

    def commit(self, key: str, commitment: Commitment) -> Submitted:
        """Book what an order promises away."""
        body = {
            "order": commitment.order,
            "supplier": commitment.supplier,
            "site": commitment.site,
            "currency": commitment.currency,
            "as_of": commitment.as_of.isoformat(),
            "lines": _lines(commitment.lines, commitment.currency),
        }
        return self._client.post("/commitments", key, body)

    def forecast(self, key: str, forecast: CashForecast) -> Submitted:
        """Restate when and how much will be paid for some lines."""
        body: dict[str, Any] = {
            "as_of": forecast.as_of.isoformat(),
            "lines": _lines(forecast.lines, forecast.currency),
        }
        if forecast.cause or forecast.correlation:
            body["cause"] = (forecast.cause or forecast.correlation)[:200]
        target = f"/commitments/{quote(forecast.order, safe='')}/forecast"
        return self._client.post(target, key, body)

    def payable(self, key: str, payable: Payable) -> Submitted:
        """Hand over an invoice to be paid."""
        body = {
            "invoice": payable.invoice,
            "supplier": payable.supplier,
            "supplier_number": payable.supplier_number,
            "orders": payable.orders,
            "invoiced_on": payable.invoiced_on.isoformat(),
            "due": payable.due.isoformat(),
            "amount": f"{payable.amount.amount:f}",
            "currency": payable.amount.currency,
            "part": payable.part,
        }
        if payable.discount_until is not None and payable.discount is not None:
            body["discount_until"] = payable.discount_until.isoformat()
            body["discount"] = f"{payable.discount.amount:f}"
        return self._client.post("/payables", key, body)

    def expect_credit(self, key: str, credit: ExpectedCredit) -> Submitted:
        """State what a supplier still owes for goods that went back."""
        body = {
            "return": credit.number,
            "order": credit.order,
            "supplier": credit.supplier,
            "amount": f"{credit.amount.amount:f}",
            "currency": credit.amount.currency,
            "due": credit.due.isoformat(),
            "as_of": credit.as_of.isoformat(),
        }
        return self._client.post("/expected-credits", key, body)

    def payables(self, cursor: str = "") -> Page[PayableRow]:
        """Read the payables that it holds, by its numbers."""
        return self._client.page("/payables", cursor, _payable)

    def weeks(self, currency: Currency) -> tuple[ForecastWeek, ...]:
        """Read its cash forecast by week; what has no day comes last."""
        body = self._client.read(f"/forecast/{currency.value}") or {"rows": []}
        return tuple(
            ForecastWeek(
                monday=date.fromisoformat(row["monday"]) if row["monday"] else None,
                amount=Money(Decimal(row["amount"]), currency),
            )
            for row in body["rows"]
        )

    def totals(self, cursor: str = "") -> Page[FinanceTotals]:
        """Read its own sums for every order."""
        return self._client.page("/order-totals", cursor, _totals)


def finance_endpoint(port: FinancePort) -> Carrier:
    """Serve the ``finance.*`` verbs with a finance system."""
    return Carrier(
        port.find,
        {
            "finance.commit": lambda key, data: port.commit(key, decode(data, Commitment)),
            "finance.forecast": lambda key, data: port.forecast(key, decode(data, CashForecast)),
            "finance.expect_credit": lambda key, data: port.expect_credit(
                key, decode(data, ExpectedCredit)
            ),
            "finance.payable": lambda key, data: port.payable(key, decode(data, Payable)),
        },
    )


def _lines(lines: Sequence[CashLine], currency: Currency) -> list[dict[str, str | None]]:
    for line in lines:
        if line.amount.currency is not currency:
            raise CurrencyMismatchError(currency, line.amount.currency)
    return [
        {
            "line": line.line,
            "amount": f"{line.amount.rounded().amount:f}",
            "pay_on": line.pay_on.isoformat() if line.pay_on else None,
        }
        for line in lines
    ]


def _payable(row: Mapping[str, Any]) -> PayableRow:
    currency, until = Currency(row["currency"]), row["discount_until"]
    return PayableRow(
        number=row["number"],
        invoice=row["external"],
        supplier=row["supplier"],
        supplier_number=row["supplier_number"],
        amount=Money(Decimal(row["amount"]), currency),
        due=date.fromisoformat(row["due"]),
        discount_until=date.fromisoformat(until) if until else None,
        discount=Money(Decimal(row["discount"]), currency) if until else None,
    )


def _totals(row: Mapping[str, Any]) -> FinanceTotals:
    currency = Currency(row["currency"])
    return FinanceTotals(
        order=row["order"],
        currency=currency,
        committed=Money(Decimal(row["committed"]), currency),
        forecast=Money(Decimal(row["forecast"]), currency),
    )
