"""Re-approval (A-11): each limit from both sides, with the rule's own vector."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from manciple.approvals.reapproval import (
    Committed,
    CommittedLine,
    Limit,
    LimitOf,
    Outcome,
    Reapproval,
    ReapprovalTest,
    reapproval,
)
from manciple.kernel.money import Currency, Money
from manciple.kernel.tolerance import Mode, Tolerance

DAY = date(2026, 6, 30)
WIDE = Tolerance(percent_upper=Decimal(1000))


def usd(amount: str) -> Money:
    return Money(Decimal(amount), Currency.USD)


def committed(
    amount: str, *, quantity: str = "100", price: str = "100", day: date = DAY
) -> Committed:
    line = CommittedLine(
        line="1", category="valves", quantity=Decimal(quantity), price=Decimal(price),
        needed_by=day,
    )  # fmt: skip
    return Committed(amount=usd(amount), supplier="BLUE", ship_to="ATL", lines=(line,))


def limits(**given: Tolerance) -> LimitOf:
    def limit(test: ReapprovalTest, category: str) -> Limit:
        assert category
        return Limit(tolerance=given.get(test.value, WIDE), cite=f"reapproval/{test.value}")

    return limit


FIVE_AND_EIGHT = limits(
    amount_last=Tolerance(percent_upper=Decimal(5)),
    amount_first=Tolerance(percent_upper=Decimal(8)),
)


def ask(base: str, last: str, after: str, limit: LimitOf = FIVE_AND_EIGHT) -> Reapproval:
    return reapproval(
        baseline=committed(base), last=committed(last), after=committed(after), limit=limit
    )


def test_the_rules_own_vector() -> None:
    first = ask("10000", "10000", "10400")
    then = ask("10000", "10400", "10820")

    assert first.outcome is Outcome.PASSES
    assert then.outcome is Outcome.NEEDS_APPROVAL
    [cause] = then.causes
    assert "the first approved one" in cause
    assert "8 % of 10000 = 800" in cause
    assert "reapproval/amount_first" in cause


@pytest.mark.parametrize(
    ("base", "last", "after", "outcome"),
    [
        ("10000", "10000", "10500", Outcome.PASSES),
        ("10000", "10000", "10500.01", Outcome.NEEDS_APPROVAL),
        ("10000", "10400", "10800", Outcome.PASSES),
        ("10000", "10400", "10800.01", Outcome.NEEDS_APPROVAL),
        ("10820", "10820", "11361", Outcome.PASSES),
        ("10820", "10820", "11361.01", Outcome.NEEDS_APPROVAL),
        ("10000", "9000", "9450", Outcome.PASSES),
        ("10000", "9000", "9450.01", Outcome.NEEDS_APPROVAL),
        ("10000", "10000", "10000", Outcome.PASSES),
        ("10000", "10000", "9999.99", Outcome.NOTIFIES),
    ],
)
def test_a_limit_is_inclusive_against_either_base(
    base: str, last: str, after: str, outcome: Outcome
) -> None:
    assert ask(base, last, after).outcome is outcome


@pytest.mark.parametrize(
    ("after", "is_tested"), [("9999.99", False), ("10000", False), ("10000.01", True)]
)
def test_only_an_amount_that_rises_is_tested_and_cited(after: str, *, is_tested: bool) -> None:
    found = ask("10000", "10000", after)

    told = [text for text in found.tested if "amount" in text]
    cited = [cite for cite in found.cites if "amount" in cite]
    assert (len(told), len(cited)) == ((2, 2) if is_tested else (0, 0))


@pytest.mark.parametrize(
    ("mode", "passes", "needs"),
    [
        (Mode.STRICTER, "10300", "10300.01"),
        (Mode.LOOSER, "10500", "10500.01"),
        (Mode.PERCENT_ONLY, "10500", "10500.01"),
        (Mode.ABSOLUTE_ONLY, "10300", "10300.01"),
    ],
)
def test_percent_and_absolute_combine_by_the_mode(mode: Mode, passes: str, needs: str) -> None:
    limit = limits(
        amount_last=Tolerance(percent_upper=Decimal(5), absolute_upper=Decimal(300), mode=mode)
    )

    assert ask("10000", "10000", passes, limit).outcome is Outcome.PASSES
    assert ask("10000", "10000", needs, limit).outcome is Outcome.NEEDS_APPROVAL


def test_a_figure_that_policy_does_not_speak_of_may_not_rise() -> None:
    silent = limits(amount_last=Tolerance(), amount_first=WIDE)

    assert ask("10000", "10000", "10000.01", silent).is_needed
    assert not ask("10000", "10000", "10000", silent).is_needed


@pytest.mark.parametrize(
    ("test", "field", "inside", "outside"),
    [
        ("price_last", "price", "105", "105.000001"),
        ("price_first", "price", "105", "105.000001"),
        ("quantity_last", "quantity", "105", "106"),
        ("quantity_first", "quantity", "105", "106"),
    ],
)
def test_price_and_quantity_of_a_line_have_limits_of_their_own(
    test: str, field: str, inside: str, outside: str
) -> None:
    limit = limits(**{test: Tolerance(percent_upper=Decimal(5))})
    base = committed("10000")

    def outcome(value: str) -> Outcome:
        is_price = field == "price"
        line = replace(
            base.lines[0],
            price=Decimal(value) if is_price else base.lines[0].price,
            quantity=base.lines[0].quantity if is_price else Decimal(value),
        )
        after = replace(base, lines=(line,))
        return reapproval(baseline=base, last=base, after=after, limit=limit).outcome

    assert outcome(inside) is Outcome.PASSES
    assert outcome(outside) is Outcome.NEEDS_APPROVAL


@pytest.mark.parametrize(
    "after",
    [
        replace(committed("9000"), supplier="ADLER"),
        replace(committed("9000"), ship_to="ORD"),
        replace(committed("9000"), terms="2/10 net 30"),
        replace(
            committed("9000"),
            lines=(replace(committed("9000").lines[0], category="chemicals"),),
        ),
    ],
)
def test_another_supplier_place_category_or_terms_always_need_agreement(after: Committed) -> None:
    base = committed("10000")

    found = reapproval(baseline=base, last=base, after=after, limit=limits())

    assert found.is_needed
    assert len(found.causes) == 1


def test_an_earlier_day_needs_agreement_at_any_added_cost_and_none_without() -> None:
    base, earlier = committed("10000"), date(2026, 6, 29)

    def outcome(amount: str, day: date) -> Outcome:
        after = committed(amount, day=day)
        return reapproval(baseline=base, last=base, after=after, limit=limits()).outcome

    assert outcome("10000", earlier) is Outcome.PASSES
    assert outcome("10000.01", earlier) is Outcome.NEEDS_APPROVAL
    assert outcome("10000.01", DAY) is Outcome.PASSES
    assert outcome("10000.01", date(2026, 7, 1)) is Outcome.PASSES
    assert outcome("9999", earlier) is Outcome.NOTIFIES


def test_the_strictest_category_decides_on_the_whole_amount() -> None:
    base = committed("10000")
    second = replace(base.lines[0], line="2", category="chemicals")
    both = replace(base, lines=(*base.lines, second))

    def limit(test: ReapprovalTest, category: str) -> Limit:
        tolerance = WIDE if category == "valves" else Tolerance(percent_upper=Decimal(1))
        return Limit(tolerance=tolerance, cite=f"{test.value}/{category}")

    after = replace(both, amount=usd("10100.01"))
    found = reapproval(baseline=both, last=both, after=after, limit=limit)

    assert found.is_needed
    assert any("amount_last/chemicals" in cause for cause in found.causes)


def test_what_still_costs_where_nothing_is_wanted_any_more_is_tested_all_the_same() -> None:
    found = reapproval(
        baseline=committed("100"),
        last=committed("100"),
        after=committed("300", quantity="0"),
        limit=FIVE_AND_EIGHT,
    )

    assert found.outcome is Outcome.NEEDS_APPROVAL
    assert len(found.causes) == 2


@pytest.mark.parametrize(
    ("base", "last", "after", "outcome", "quantities"),
    [
        ("100", "100", "0", Outcome.NOTIFIES, 0),  # a line is given up: told, no test of it
        ("0", "0", "0", Outcome.PASSES, 0),
        ("0", "0", "1", Outcome.NEEDS_APPROVAL, 2),  # a percentage of nothing allows nothing
        ("0", "1", "1", Outcome.NEEDS_APPROVAL, 1),
        ("100", "0", "100", Outcome.NEEDS_APPROVAL, 1),  # given up, and wanted again
    ],
)
def test_a_quantity_of_zero_on_either_side_is_a_plain_figure(
    base: str, last: str, after: str, outcome: Outcome, quantities: int
) -> None:
    before, latest, now = (committed(str(int(n) * 100), quantity=n) for n in (base, last, after))

    found = reapproval(
        baseline=before, last=latest, after=now, limit=limits(
            quantity_last=Tolerance(percent_upper=Decimal(5)),
            quantity_first=Tolerance(percent_upper=Decimal(5)),
        ),
    )  # fmt: skip

    assert found.outcome is outcome
    assert sum("quantity" in each for each in found.tested) == quantities
