"""Drift between warehouse and ERP: the hour's own bound, to the microsecond (RI-1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from manciple.kernel.quantity import Quantity
from manciple.kernel.units import Unit
from manciple.receiving.drift import ComparisonState, ReceiptComparison, compared

SEEN = datetime(2026, 3, 2, 15, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def a_difference(erp: str) -> ReceiptComparison:
    return ReceiptComparison(
        id="PO-1:1",
        order="PO-1",
        line="1",
        site="ATL",
        supplier="BLUE",
        warehouse=Quantity(Decimal(10), Unit.EACH),
        aside=Quantity(Decimal(0), Unit.EACH),
        erp=Quantity(Decimal(erp), Unit.EACH),
        state=ComparisonState.DIFFERS,
        since=SEEN,
    )


@pytest.mark.parametrize(("early", "is_drift"), [(timedelta(0), True), (INSTANT, False)])
def test_the_same_difference_is_a_drift_at_exactly_one_hour(
    early: timedelta, *, is_drift: bool
) -> None:
    known = a_difference("9")

    now = compared(known, known, at=SEEN + timedelta(hours=1) - early)

    assert now == (replace(known, state=ComparisonState.DRIFT) if is_drift else None)


def test_other_figures_begin_the_hour_anew() -> None:
    at = SEEN + timedelta(hours=1)

    now = compared(a_difference("9"), a_difference("8"), at=at)

    assert now == replace(a_difference("8"), since=at)
