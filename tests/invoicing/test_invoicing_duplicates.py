"""Exact duplicates by the supplier's normalised number and the invoice's year."""

from datetime import date

import pytest

from manciple.invoicing.duplicates import InvoiceNumber, normalised, number_key


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("INV-00123", "INV123"),
        ("inv123", "INV123"),
        ("Inv. 0123", "INV123"),
        ("INV_00123", "INV123"),
        ("2026/0007-A01", "20260007A1"),
        ("A000", "A0"),
        ("0", "0"),
        ("INV-1230", "INV1230"),
        ("rechnung-é7", "RECHNUNGÉ7"),
        ("-- //", ""),
    ],
)
def test_two_spellings_of_a_number_are_one_number(written: str, meant: str) -> None:
    assert normalised(written) == meant


def test_numbers_that_differ_in_a_digit_stay_apart() -> None:
    assert normalised("INV-1001") != normalised("INV-101")


def test_the_year_of_the_invoice_date_counts() -> None:
    old = number_key(supplier="SUP", number="7", dated=date(2025, 12, 31), credit=False)
    new = number_key(supplier="SUP", number="007", dated=date(2026, 1, 1), credit=False)
    same = number_key(supplier="SUP", number="7", dated=date(2026, 12, 31), credit=False)

    assert old != new
    assert new == same


def test_a_credit_note_of_the_same_number_is_no_duplicate() -> None:
    invoice = number_key(supplier="SUP", number="7", dated=date(2026, 1, 1), credit=False)
    credit = number_key(supplier="SUP", number="7", dated=date(2026, 1, 1), credit=True)

    assert invoice != credit


def test_the_next_duplicate_takes_the_number_of_a_rejected_invoice() -> None:
    number = InvoiceNumber(id="SUP/invoice/2026/7", holder=None)
    number = number.claimed_by("A").claimed_by("B").claimed_by("C")

    assert [number.is_duplicate(each) for each in "ABC"] == [False, True, True]

    without_b = number.without("B")
    assert (without_b.holder, without_b.others) == ("A", ("C",))

    without_a = without_b.without("A")
    assert (without_a.holder, without_a.others) == ("C", ())

    nobody = without_a.without("C")
    assert nobody.holder is None
    assert nobody.claimed_by("D").holder == "D"
