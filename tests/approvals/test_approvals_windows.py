"""Needs that belong together are decided as one: rules A-03 and A-04 with their vectors."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from manciple.approvals.request import Finding
from manciple.approvals.spending import Commitment
from manciple.approvals.windows import (
    Band,
    SplitBy,
    Terms,
    Weighed,
    first_day,
    follows,
    is_near_limit,
    weigh,
)
from manciple.kernel.calendar import BusinessCalendar
from manciple.kernel.money import Currency, Money
from tests.approvals.approvals_world import OFFICE, usd

MONDAY = date(2026, 7, 6)
LIMIT = Decimal(5000)
SPLITS = Terms(
    split_by=(SplitBy.SUPPLIER, SplitBy.REQUESTER),
    split_days=5,
    cumulative_days=None,
    counts_touchless=True,
    cited="spend_windows 1/r1",
)
SUMS = Terms(
    split_by=(), split_days=None, cumulative_days=30, counts_touchless=True, cited="t 1/r2"
)


def band(amount: Money) -> Band:
    """Three bands: up to 5 000, up to 25 000, above; limits are inside."""
    for row, limit in (("low", LIMIT), ("middle", Decimal(25_000))):
        if amount.amount <= limit:
            return Band(row=row, limit=limit, is_touchless=False)
    return Band(row="high", limit=None, is_touchless=False)


def spent(
    amount: str,
    subject: str = "requisition/NEW",
    *,
    day: date = MONDAY,
    supplier: str = "ACME",
    house: str | None = None,
    requester: str = "rex",
    item: str = "BOLT",
    category: str = "mro",
    site: str = "W1",
    cost_centre: str = "",
    reference: str = "",
    total: str | None = None,
) -> Commitment:
    return Commitment(
        subject=subject,
        line=1,
        requester=requester,
        reference=reference,
        site=site,
        supplier=supplier,
        house=house or supplier,
        item=item,
        category=category,
        cost_centre=cost_centre,
        amount=usd(amount),
        total=usd(total or amount),
        day=day,
        owners="",
    )


def weighed(
    own: Commitment,
    *near: Commitment,
    terms: Terms = SPLITS,
    calendar: BusinessCalendar = OFFICE,
) -> Weighed:
    return weigh((own,), near, terms=terms, band=band, calendar=calendar)


def only(found: Weighed) -> Finding:
    (finding,) = found.findings
    return finding


def test_two_needs_under_the_limit_are_one_above_it() -> None:
    earlier = spent("4900", "requisition/A", day=MONDAY - timedelta(days=3))

    found = weighed(spent("4850"), earlier)

    assert found.amount == usd("9750")
    assert only(found).rule == "A-04"
    assert only(found).subjects == ("requisition/A",)


def test_a_sum_below_the_limit_is_no_set() -> None:
    assert weighed(spent("1200"), spent("1300", "requisition/A")) == Weighed()


@pytest.mark.parametrize(("second", "is_set"), [("2500", False), ("2500.01", True)])
def test_a_sum_at_the_limit_needs_nobody_higher(second: str, is_set: bool) -> None:
    found = weighed(spent(second), spent("2500", "requisition/A"))

    assert bool(found.findings) == is_set


def test_a_sum_in_the_band_of_its_largest_member_is_no_set() -> None:
    assert not weighed(spent("1000"), spent("6000", "requisition/A")).findings


def test_two_needs_of_exactly_the_limit_are_the_plainest_split() -> None:
    found = only(weighed(spent("5000"), spent("5000", "requisition/A", requester="eve")))

    assert "2 of 2 at 80 to 100 % of a limit" in found.text
    assert found.score == 40 + 20 + 15


@pytest.mark.parametrize(
    ("amount", "is_near"),
    [("3999.99", False), ("4000", True), ("5000", True), ("5000.01", False)],
)
def test_near_a_limit_is_80_to_100_percent_both_inside(amount: str, is_near: bool) -> None:
    assert is_near_limit(usd(amount), LIMIT) is is_near


@pytest.mark.parametrize(
    "evasion",
    [
        {"day": MONDAY - timedelta(days=4)},
        {"requester": "eve"},
        {"item": "BOLT-NEW-NUMBER"},
        {"supplier": "ACME-WEST", "house": "ACME"},
        {"supplier": "OTHER", "item": "X"},  # the same requester, category and site
        {"site": "W2"},  # the same category
        {"category": "safety"},  # the same site
    ],
)
def test_ways_around_are_seen_through(evasion: dict[str, str]) -> None:
    found = weighed(spent("4850"), spent("4900", "requisition/A", **evasion))  # type: ignore[arg-type]

    assert found.amount == usd("9750")


@pytest.mark.parametrize(
    "unrelated",
    [
        {"site": "W2", "category": "safety"},
        {"supplier": "OTHER", "requester": "eve"},
    ],
)
def test_what_has_nothing_in_common_is_left_alone(unrelated: dict[str, str]) -> None:
    assert not weighed(spent("4850"), spent("4900", "requisition/A", **unrelated)).findings  # type: ignore[arg-type]


def test_by_supplier_alone_a_requester_is_no_bond() -> None:
    terms = Terms(
        split_by=(SplitBy.SUPPLIER,),
        split_days=5,
        cumulative_days=None,
        counts_touchless=True,
        cited="t",
    )
    near = spent("4900", "requisition/A", supplier="OTHER")

    assert weighed(spent("4850"), near).findings
    assert not weighed(spent("4850"), near, terms=terms).findings


@pytest.mark.parametrize(("back", "inside"), [(0, True), (7, True), (8, False)])
def test_the_window_is_five_business_days_of_the_site(back: int, inside: bool) -> None:
    """From the Monday before, five working days have passed; from its Sunday, six."""
    day = MONDAY - timedelta(days=back)

    found = weighed(spent("4850"), spent("4900", "requisition/A", day=day))

    assert bool(found.findings) == inside


def test_a_holiday_makes_the_window_longer() -> None:
    friday = MONDAY - timedelta(days=10)
    closed = BusinessCalendar(
        zone="UTC", hours=OFFICE.hours, holidays=(MONDAY - timedelta(days=3),)
    )
    near = spent("4900", "requisition/A", day=friday)

    assert not weighed(spent("4850"), near).findings
    assert weighed(spent("4850"), near, calendar=closed).findings


def test_what_was_given_up_counts_no_more() -> None:
    near = spent("4900", "requisition/A")
    gone = spent("-4900", "requisition/A", total="4900")
    part = spent("-4750", "requisition/A", total="4900")
    less = spent("-4749.99", "requisition/A", total="4900")

    assert not weighed(spent("4850"), near, gone).findings
    assert not weighed(spent("4850"), near, part).findings
    assert weighed(spent("4850"), near, less).amount == usd("5000.01")


def test_a_document_is_never_its_own_neighbour() -> None:
    assert not weighed(spent("4850"), spent("4900")).findings


def test_the_marks_of_a_split_raise_its_score_and_change_nothing_else() -> None:
    plain = only(
        weighed(
            spent("3000"),
            spent("3000", "requisition/A", requester="eve", item="NUT",
                  day=MONDAY - timedelta(days=3)),
        )
    )  # fmt: skip
    marked = only(
        weighed(spent("4900", reference="B-18"), spent("4900", "requisition/A", reference="B-17"))
    )

    assert (plain.score, marked.score) == (0, 100)
    assert "together they need a higher approval" in plain.text
    assert "it looks like one need cut up" in marked.text


@pytest.mark.parametrize(
    ("one", "other", "yes"),
    [("B-17", "B-18", True), ("B-18", "B-17", True), ("B-17", "B-19", False),
     ("B-17", "C-18", False), ("", "", False), ("B", "B", False)],
)  # fmt: skip
def test_consecutive_numbers(one: str, other: str, yes: bool) -> None:
    assert follows(one, other) is yes


def test_a_rolling_sum_takes_the_band_of_the_sum() -> None:
    earlier = spent("3000", "requisition/A", site="W2", category="art", item="X")

    found = weighed(spent("2000.01"), earlier, terms=SUMS)

    assert (found.amount, only(found).rule) == (usd("5000.01"), "A-03")
    assert not weighed(spent("2000"), earlier, terms=SUMS).findings


@pytest.mark.parametrize(("back", "inside"), [(29, True), (30, False)])
def test_a_rolling_sum_of_30_days_has_today_inside_and_day_30_out(back: int, inside: bool) -> None:
    near = spent("4900", "requisition/A", day=MONDAY - timedelta(days=back))

    assert bool(weighed(spent("200"), near, terms=SUMS).findings) == inside


@pytest.mark.parametrize(
    ("near", "key"),
    [
        ({"item": "X"}, "supplier and requester ACME and rex"),
        ({"item": "X", "requester": "eve", "cost_centre": "4711"}, "supplier and cost centre"),
        ({"supplier": "OTHER", "requester": "eve"}, "item BOLT"),
    ],
)
def test_sums_run_by_three_keys(near: dict[str, str], key: str) -> None:
    own = spent("200", cost_centre="4711")

    found = weighed(own, spent("4900", "requisition/A", **near), terms=SUMS)  # type: ignore[arg-type]

    assert only(found).text.startswith(key)


def test_no_cost_centre_is_no_key() -> None:
    near = spent("4900", "requisition/A", item="X", requester="eve")

    assert not weighed(spent("200"), near, terms=SUMS).findings


def test_the_window_that_is_read_reaches_as_far_as_the_longest() -> None:
    assert first_day(SPLITS, OFFICE, MONDAY) == date(2026, 6, 29)
    assert first_day(SUMS, OFFICE, MONDAY) == date(2026, 6, 7)


def test_amounts_of_another_currency_are_never_added_unseen() -> None:
    near = spent("4900", "requisition/A")
    foreign = Commitment(
        **{
            name: getattr(near, name)
            for name in near.__dataclass_fields__
            if name not in {"amount", "total"}
        },
        amount=Money(Decimal(4900), Currency.EUR),
        total=Money(Decimal(4900), Currency.EUR),
    )

    with pytest.raises(Exception, match="EUR"):
        weighed(spent("4850"), foreign)
