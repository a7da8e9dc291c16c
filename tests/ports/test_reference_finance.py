"""The finance port against the reference finance system."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from manciple.adapters.finance.adapter import ReferenceFinanceAdapter, finance_endpoint
from manciple.adapters.finance.server import ReferenceFinance
from manciple.adapters.reference.line import HttpLine, InProcessLine, Line
from manciple.adapters.reference.server import SystemServer
from manciple.kernel.money import Currency, Money
from manciple.processes.ports import (
    CashForecast,
    CashLine,
    Commitment,
    ExpectedCredit,
    ForecastWeek,
    Payable,
)
from manciple.runtime.codec import encode
from manciple.runtime.documents import Ref
from manciple.runtime.effects import Lane, OutcomeKind, Parcel

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
TUESDAY = date(2026, 12, 15)


@pytest.fixture(params=["http", "in-process"])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    system = ReferenceFinance(tmp_path / "finance.sqlite", synchronous="OFF")
    if request.param == "http":
        server = SystemServer(system).start()
        http = HttpLine(server.base_url, timeout=2)
        yield http
        http.close()
        server.stop()
    else:
        yield InProcessLine(system)
        system.close()


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency.USD)


def cash(amount: str, line: str = "1", pay_on: date | None = TUESDAY) -> CashLine:
    return CashLine(line=line, amount=usd(amount), pay_on=pay_on)


def a_commitment(order: str = "PO-1") -> Commitment:
    return Commitment(
        order=order,
        revision=1,
        supplier="S-ACME",
        site="ATL",
        currency=Currency.USD,
        lines=(cash("28.80"), cash("3.00", line="2", pay_on=TUESDAY + timedelta(days=7))),
        as_of=NOW,
    )


def a_forecast(*lines: CashLine, as_of: datetime = NOW) -> CashForecast:
    return CashForecast(
        order="PO-1",
        revision=1,
        currency=Currency.USD,
        lines=lines,
        as_of=as_of,
        correlation="C-1",
        cause="S-ACME confirmed 80 of 96",
    )


def a_payable(invoice: str = "INV-1", amount: str = "28.80") -> Payable:
    return Payable(
        invoice=invoice,
        supplier="S-ACME",
        supplier_number=f"SUP-{invoice}",
        orders=("PO-1",),
        invoiced_on=date(2026, 11, 21),
        due=date(2026, 12, 21),
        amount=usd(amount),
    )


def a_parcel(verb: str, payload: object, *, key: str = "K-1") -> Parcel:
    return Parcel(
        key=key,
        endpoint="finance",
        lane=Lane.STANDARD,
        verb=verb,
        subject=Ref(kind="purchase-order", id="PO-1"),
        payload=encode(payload),
        attempts=1,
        at=NOW,
    )


def test_a_commitment_is_booked_once_and_is_the_first_forecast(line: Line) -> None:
    finance = ReferenceFinanceAdapter(line)
    endpoint = finance_endpoint(finance)

    first = endpoint.send(a_parcel("finance.commit", a_commitment()))
    again = endpoint.send(a_parcel("finance.commit", a_commitment()))

    assert first.kind is OutcomeKind.DONE
    assert again == first
    (total,) = finance.totals().rows
    assert (total.committed, total.forecast) == (usd("31.80"), usd("31.80"))


def test_a_forecast_restates_its_lines_by_week_and_leaves_the_commitment(line: Line) -> None:
    finance = ReferenceFinanceAdapter(line)
    finance.commit("K-1", a_commitment())

    finance.forecast("K-2", a_forecast(cash("24.00", pay_on=None), as_of=NOW))

    (total,) = finance.totals().rows
    assert (total.committed, total.forecast) == (usd("31.80"), usd("27.00"))
    assert finance.weeks(Currency.USD) == (
        ForecastWeek(monday=date(2026, 12, 21), amount=usd("3.00")),
        ForecastWeek(monday=None, amount=usd("24.00")),
    )


def test_an_older_forecast_changes_nothing(line: Line) -> None:
    finance = ReferenceFinanceAdapter(line)
    finance.commit("K-1", a_commitment())
    finance.forecast("K-2", a_forecast(cash("24.00"), as_of=NOW + timedelta(hours=2)))

    finance.forecast("K-3", a_forecast(cash("27.00"), as_of=NOW + timedelta(hours=1)))

    assert finance.totals().rows[0].forecast == usd("27.00")


def test_a_forecast_that_overtakes_its_commitment_is_to_be_tried_later(line: Line) -> None:
    endpoint = finance_endpoint(ReferenceFinanceAdapter(line))

    with pytest.raises(OSError, match="not committed yet"):
        endpoint.send(a_parcel("finance.forecast", a_forecast(cash("24.00"))))


def test_a_payable_is_booked_once_by_key_invoice_and_supplier_number(line: Line) -> None:
    finance = ReferenceFinanceAdapter(line)

    first = finance.payable("K-1", a_payable())
    again = finance.payable("K-1", a_payable())
    other_key = finance.payable("K-2", a_payable())
    other_name = finance.payable("K-3", replace(a_payable(), invoice="INV-9"))

    assert first.reference == "AP1900001"
    assert again == first
    assert other_key.outcome is OutcomeKind.REJECTED
    assert other_name.outcome is OutcomeKind.REJECTED
    (row,) = finance.payables().rows
    assert (row.invoice, row.amount, row.due) == ("INV-1", usd("28.80"), date(2026, 12, 21))


def test_a_payable_of_nothing_or_due_before_its_day_is_rejected(line: Line) -> None:
    finance = ReferenceFinanceAdapter(line)

    nothing = finance.payable("K-1", a_payable(amount="0"))
    early = finance.payable("K-2", replace(a_payable(), due=date(2026, 11, 20)))

    assert nothing.outcome is OutcomeKind.REJECTED
    assert early.outcome is OutcomeKind.REJECTED
    assert finance.payables().rows == ()


def test_two_currencies_in_one_commitment_are_rejected_before_they_leave(line: Line) -> None:
    euro = replace(cash("5.00"), amount=Money(Decimal(5), Currency.EUR))
    endpoint = finance_endpoint(ReferenceFinanceAdapter(line))

    outcome = endpoint.send(a_parcel("finance.commit", replace(a_commitment(), lines=(euro,))))

    assert outcome.kind is OutcomeKind.REJECTED
    assert "USD with EUR" in outcome.detail["reason"]


def test_a_payable_lost_between_commit_and_answer_is_found(line: Line) -> None:
    endpoint = finance_endpoint(ReferenceFinanceAdapter(line))
    line.ask("POST", "/_switch", b'{"mode": "lose", "times": 1}')
    with pytest.raises(OSError, match="payables"):
        endpoint.send(a_parcel("finance.payable", a_payable()))

    found = endpoint.find(a_parcel("finance.payable", a_payable()))

    assert found is not None
    assert found.detail["reference"] == "AP1900001"


def test_an_expected_credit_is_restated_and_an_older_word_changes_nothing(line: Line) -> None:
    endpoint = finance_endpoint(ReferenceFinanceAdapter(line))
    owed = ExpectedCredit(
        number="RTV-1",
        order="PO-1",
        supplier="S-ACME",
        amount=usd("12.50"),
        due=date(2026, 12, 21),
        as_of=NOW,
    )
    settled = replace(owed, amount=usd("0"), as_of=NOW + timedelta(days=3))

    first = endpoint.send(a_parcel("finance.expect_credit", owed))
    later = endpoint.send(a_parcel("finance.expect_credit", settled, key="K-2"))
    euro = replace(settled, amount=Money(Decimal(0), Currency.EUR))
    other = endpoint.send(a_parcel("finance.expect_credit", euro, key="K-3"))

    assert first.detail["reference"] == later.detail["reference"] == "EC1900001"
    assert other.kind is OutcomeKind.REJECTED
