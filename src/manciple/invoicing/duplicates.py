"""Exact duplicates: one supplier's invoice number stands for one invoice in a calendar year.

    "INV-00123", "inv 123" and "Inv.0123" are all INV123

The first holds the number; a second one is kept as its own document, held, and posts nothing.
Source: domain rule D-17, exact part, with the ruling of 4.7 B.
"""

import re
from datetime import date
from typing import ClassVar

from manciple.kernel.records import dataclass, replace

_DIGIT_RUN = re.compile(r"[0-9]+")
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


def normalised(number: str) -> str:
    """Write a supplier's invoice number so that two spellings of one number are equal.

    Upper case, letters and digits only, each run of digits without its leading zeros. Empty when
    nothing is left. Source: ruling D-17.
    """
    letters_and_digits = _NEITHER_LETTER_NOR_DIGIT.sub("", number.upper())
    return _DIGIT_RUN.sub(lambda run: run.group().lstrip("0") or "0", letters_and_digits)


def number_key(*, supplier: str, number: str, dated: date, credit: bool) -> str:
    """Name the supplier's number in its year; invoices and credit notes are counted apart.

    Source: D-17, "credit memo with same number series" is no duplicate.
    """
    series = "credit" if credit else "invoice"
    return f"{supplier}/{series}/{dated.year}/{normalised(number)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceNumber:
    """Which invoice holds a supplier's number in a year, and which others claimed it too.

    Attributes:
        holder: our id of the invoice that counts; None while all that claimed it are rejected.
        others: duplicates, in the order in which they came.
    """

    KIND: ClassVar[str] = "invoice-number"

    id: str
    holder: str | None
    others: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Give the one word that lists show."""
        return "held" if self.holder is not None else "free"

    def claimed_by(self, invoice: str) -> "InvoiceNumber":
        """Give the number to an invoice, or note it as one more that claims it."""
        if self.holder is None:
            return replace(self, holder=invoice)
        return replace(self, others=(*self.others, invoice))

    def without(self, invoice: str) -> "InvoiceNumber":
        """Take a rejected invoice out; the next duplicate in line becomes the holder."""
        others = tuple(each for each in self.others if each != invoice)
        if invoice != self.holder:
            return replace(self, others=others)
        return replace(self, holder=others[0] if others else None, others=others[1:])

    def is_duplicate(self, invoice: str) -> bool:
        """Say whether another invoice holds the number."""
        return invoice != self.holder


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceNumberClaimed:
    """An invoice took a supplier's number, or claimed one that is taken."""

    number_key: str
    invoice: str
    duplicate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceNumberFreed:
    """A rejected invoice no longer holds, or claims, its number."""

    number_key: str
    invoice: str
    holder: str | None
