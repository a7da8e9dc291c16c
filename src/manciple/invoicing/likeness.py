"""What two papers of one supplier have in common, and what sets them apart, fact by fact.

    number   B-1 and b 1      the same when written alike: B1
    date     3 Mar and 4 Mar  1 day apart
    total    1,570.00 USD     the same

Nothing here says that one is a duplicate: the number alone decides whether a paper is held
(domain rule D-17, exact part); these are the reasons that a person looks at.
"""

from enum import StrEnum, auto
from fractions import Fraction

from manciple.invoicing.duplicates import normalised
from manciple.invoicing.invoice import Invoice
from manciple.kernel.money import Money
from manciple.kernel.records import dataclass


class Fact(StrEnum):
    """What is compared."""

    NUMBER = auto()
    DATE = auto()
    TOTAL = auto()
    ORDER = auto()
    LINES = auto()


class Likeness(StrEnum):
    """How alike a fact is on two papers."""

    SAME = auto()
    NEAR = auto()
    """A total within half a percent of the larger, or days at most 45 apart: D-17's bounds."""
    OTHER = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One fact on both papers.

    Attributes:
        apart: how far they are apart: days, or money with its sign; empty when it means nothing.
    """

    fact: Fact
    one: str
    other: str
    likeness: Likeness
    apart: str = ""


NEAR_DAYS = 45
"""Days that two dates may be apart and still be near, inclusive. Source: domain rule D-17."""
NEAR_SHARE = Fraction(1, 200)
"""Half a percent of the larger amount, inclusive. Source: domain rule D-17 and its ruling."""


def compared(one: Invoice, other: Invoice) -> tuple[Compared, ...]:
    """Compare two papers: number, date, total, order and lines."""
    return (
        _number(one, other),
        _date(one, other),
        _total(one.total, other.total),
        _order(one, other),
        _lines(one, other),
    )


def _number(one: Invoice, other: Invoice) -> Compared:
    alike = normalised(one.number) == normalised(other.number)
    exact = one.number == other.number
    return Compared(
        fact=Fact.NUMBER,
        one=one.number,
        other=other.number,
        likeness=Likeness.SAME if alike else Likeness.OTHER,
        apart="" if exact or not alike else normalised(one.number),
    )


def _date(one: Invoice, other: Invoice) -> Compared:
    days = (other.date - one.date).days
    likeness = Likeness.SAME if not days else Likeness.OTHER
    if days and abs(days) <= NEAR_DAYS:
        likeness = Likeness.NEAR
    return Compared(
        fact=Fact.DATE,
        one=one.date.isoformat(),
        other=other.date.isoformat(),
        likeness=likeness,
        apart=f"{days:+d}" if days else "",
    )


def _total(one: Money | None, other: Money | None) -> Compared:
    texts = [f"{each.amount:,f} {each.currency.value}" if each else "" for each in (one, other)]
    likeness, apart = Likeness.UNKNOWN, ""
    if one is not None and other is not None:
        likeness = Likeness.OTHER
        if one.currency is other.currency:
            gap = other.amount - one.amount
            larger = max(abs(one.amount), abs(other.amount))
            if not gap:
                likeness = Likeness.SAME
            elif Fraction(abs(gap)) <= Fraction(larger) * NEAR_SHARE:
                likeness = Likeness.NEAR
            apart = f"{gap:+,f} {one.currency.value}" if gap else ""
    return Compared(fact=Fact.TOTAL, one=texts[0], other=texts[1], likeness=likeness, apart=apart)


def _order(one: Invoice, other: Invoice) -> Compared:
    left, right = _orders(one), _orders(other)
    likeness = Likeness.SAME if left == right else Likeness.OTHER
    if not left or not right:
        likeness = Likeness.UNKNOWN
    return Compared(
        fact=Fact.ORDER, one=", ".join(left), other=", ".join(right), likeness=likeness
    )


def _orders(invoice: Invoice) -> tuple[str, ...]:
    """Give the orders as the paper names them: a duplicate finds no order line, so posts none."""
    return tuple(sorted(invoice.written_orders))


def _lines(one: Invoice, other: Invoice) -> Compared:
    left, right = _goods(one), _goods(other)
    return Compared(
        fact=Fact.LINES,
        one="; ".join(left),
        other="; ".join(right),
        likeness=Likeness.SAME if left == right else Likeness.OTHER,
    )


def _goods(invoice: Invoice) -> tuple[str, ...]:
    """Give the lines in words that do not depend on their order or on how they are numbered."""
    return tuple(
        sorted(
            f"{line.stated.quantity} of {_item(invoice, at)} at {line.stated.price}"
            for at, line in enumerate(invoice.lines)
        )
    )


def _item(invoice: Invoice, at: int) -> str:
    stated = invoice.lines[at].stated
    ids = sorted(f"{each.scheme.value} {each.id}" for each in stated.items)
    return ids[0] if ids else f"line {stated.line or stated.number}"
