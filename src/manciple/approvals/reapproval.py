"""Re-approval: what a change commits beyond what was approved, and whether people must agree anew.

    first approved 10 000; 5 % a change, 8 % in all
    +400 = 4 % of 10 000                          inside both: passes, and 10 400 is the last
    +420 = 4.04 % of 10 400, but 8.2 % of 10 000  outside the second: people are asked

Each figure has two bases. *Last* is the revision in force, approved or passed inside its limits;
*baseline* is the first approved revision, or the last one that was approved anew as a whole. A
decrease lowers the last, never the baseline, and is told. Limits are inclusive; a test that policy
does not speak of allows nothing. Source: domain rule A-11 with its rulings in 4.7.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from manciple.kernel.money import Money
from manciple.kernel.records import dataclass
from manciple.kernel.tolerance import Tolerance


class ReapprovalTest(StrEnum):
    """Which figure is compared with which base; a row of the table ``reapproval`` names one."""

    AMOUNT_LAST = "amount_last"
    AMOUNT_FIRST = "amount_first"
    PRICE_LAST = "price_last"
    PRICE_FIRST = "price_first"
    QUANTITY_LAST = "quantity_last"
    QUANTITY_FIRST = "quantity_first"


class Outcome(StrEnum):
    """What a change asks for before it holds."""

    PASSES = "passes"
    """It stays inside every limit."""
    NOTIFIES = "notifies"
    """It commits less; whoever approved is told."""
    NEEDS_APPROVAL = "needs-approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedLine:
    """A line as far as its approval depends on it.

    Attributes:
        quantity: in the item's base unit.
        price: of one base unit, in the document's currency.
    """

    line: str
    category: str
    quantity: Decimal
    price: Decimal
    needed_by: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a revision of a document commits.

    Attributes:
        amount: all of it, charges included (domain rule A-01).
        terms: what else was agreed, as one text; another text is a change of terms.
    """

    amount: Money
    supplier: str
    ship_to: str
    lines: tuple[CommittedLine, ...]
    terms: str = ""

    @property
    def categories(self) -> frozenset[str]:
        """Give the categories of the lines on which something is committed."""
        return frozenset(each.category for each in self.lines if each.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How far a figure may be above its base, and which row of policy says so."""

    tolerance: Tolerance
    cite: str


class LimitOf(Protocol):
    """Answers how far a figure may rise; policy is one that does."""

    def __call__(self, test: ReapprovalTest, category: str) -> Limit:
        """Give the limit of a test for a spend category."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reapproval:
    """Whether people must agree to a change, with the arithmetic of every test.

    Attributes:
        causes: why they must; empty when they need not.
        tested: every test in one line, those that passed too.
        cites: the policy rows that were asked.
    """

    outcome: Outcome
    causes: tuple[str, ...]
    tested: tuple[str, ...]
    cites: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        """Say whether people must agree."""
        return self.outcome is Outcome.NEEDS_APPROVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One test's finding."""

    text: str
    is_inside: bool
    cite: str = ""


def reapproval(
    *, baseline: Committed, last: Committed, after: Committed, limit: LimitOf
) -> Reapproval:
    """Say whether a change may hold as it is, must be told, or needs people's agreement."""
    found = [
        *_terms(last, after),
        *_dates(last, after),
        *_amounts(ReapprovalTest.AMOUNT_LAST, last, after, limit),
        *_amounts(ReapprovalTest.AMOUNT_FIRST, baseline, after, limit),
        *_lines(last, after, limit, ReapprovalTest.PRICE_LAST, ReapprovalTest.QUANTITY_LAST),
        *_lines(baseline, after, limit, ReapprovalTest.PRICE_FIRST, ReapprovalTest.QUANTITY_FIRST),
    ]
    causes = tuple(each.text for each in found if not each.is_inside)
    if causes:
        outcome = Outcome.NEEDS_APPROVAL
    elif after.amount < last.amount:
        outcome = Outcome.NOTIFIES
    else:
        outcome = Outcome.PASSES
    return Reapproval(
        outcome=outcome,
        causes=causes,
        tested=tuple(each.text for each in found),
        cites=tuple(dict.fromkeys(each.cite for each in found if each.cite)),
    )


def _terms(last: Committed, after: Committed) -> Iterator[_Found]:
    """Find what always asks for agreement: another supplier, place, category or terms."""
    for name, was, now in (
        ("supplier", last.supplier, after.supplier),
        ("ship-to", last.ship_to, after.ship_to),
        ("terms", last.terms, after.terms),
    ):
        if was != now:
            yield _Found(
                text=f"the {name} changes from {was or 'none'} to {now or 'none'}", is_inside=False
            )
    new = sorted(after.categories - last.categories)
    if new:
        yield _Found(
            text=f"the category {', '.join(new)} was not on the order before", is_inside=False
        )


def _dates(last: Committed, after: Committed) -> Iterator[_Found]:
    """Find dates that move earlier at a cost: any added cost above zero counts."""
    added = after.amount - last.amount
    if added.amount <= 0:
        return
    known = {each.line: each.needed_by for each in last.lines}
    for each in after.lines:
        was = known.get(each.line)
        if was is not None and each.quantity and each.needed_by < was:
            text = f"line {each.line} moves earlier, from {was} to {each.needed_by}, for {added}"
            yield _Found(text=text, is_inside=False)


def _amounts(
    test: ReapprovalTest, base: Committed, after: Committed, limit: LimitOf
) -> Iterator[_Found]:
    """Test the whole amount by every category's limit: the strictest one decides.

    Where nothing is wanted of any line any more, what still costs is tested by what they were of.
    """
    if after.amount <= base.amount:
        return
    for category in sorted(after.categories or {each.category for each in after.lines}):
        allowed = limit(test, category)
        yield _tested(test, "amount", base.amount.amount, after.amount.amount, allowed)


def _lines(
    base: Committed,
    after: Committed,
    limit: LimitOf,
    price: ReapprovalTest,
    quantity: ReapprovalTest,
) -> Iterator[_Found]:
    """Test price and quantity of every line that stood on the base; a new one counts by amount."""
    known = {each.line: each for each in base.lines}
    for each in after.lines:
        was = known.get(each.line)
        if was is None or not each.quantity:
            continue
        for test, what, before, now in (
            (price, "price", was.price, each.price),
            (quantity, "quantity", was.quantity, each.quantity),
        ):
            if now > before:
                allowed = limit(test, each.category)
                yield _tested(test, f"line {each.line} {what}", before, now, allowed)


def _tested(
    test: ReapprovalTest, what: str, base: Decimal, actual: Decimal, allowed: Limit
) -> _Found:
    result = allowed.tolerance.test(base, actual)
    against = "the last revision" if test.value.endswith("last") else "the first approved one"
    cite = f"; {allowed.cite}" if allowed.cite else ""
    text = f"{what} against {against}: {result.reason}{cite}"
    return _Found(text=text, is_inside=result.inside, cite=allowed.cite)
