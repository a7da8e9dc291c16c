"""The matcher with numbers on both sides of each bound."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.invoicing.invoicing_world import (
    CASE,
    EUR,
    TWO_PERCENT,
    TWO_WAY,
    a_bill,
    a_line,
    an_order,
    an_order_line,
    bench,
    check_of,
    codes,
    price,
    quantity,
    usd,
)

from manciple.catalog.item import Pack
from manciple.invoicing.explanation import explain
from manciple.invoicing.holds import HoldCode
from manciple.invoicing.invoice import Charge
from manciple.invoicing.limits import find
from manciple.invoicing.matching import placed
from manciple.invoicing.result import CheckName, CheckOutcome, MatchKind
from manciple.kernel.messages import Role
from manciple.kernel.tolerance import Mode, Tolerance
from manciple.ordering.line_ledger import Stage

RECEIVED_100 = (Stage.RECEIVED, "100 EA")


# --- price, domain rules D-04 and D-05


@pytest.mark.parametrize(
    ("mode", "billed", "holds"),
    [
        ("stricter", "10.15", set()),
        ("stricter", "10.16", {"PRICE"}),
        ("looser", "10.20", set()),
        ("looser", "10.21", {"PRICE"}),
        ("percent-only", "10.20", set()),
        ("absolute-only", "10.15", set()),
        ("absolute-only", "10.16", {"PRICE"}),
    ],
)
def test_two_percent_or_fifteen_dollars_on_a_line_of_a_thousand(
    mode: str, billed: str, holds: set[str]
) -> None:
    rows = (
        "invoice_price: percent_upper 5, mode percent-only",
        f"invoice_line_amount: percent_upper 2, absolute_upper 15.00, mode {mode}",
        "invoice_total: percent_upper 5, mode percent-only",
    )

    result = bench(*rows).with_goods(*RECEIVED_100).match(a_bill(a_line(at=billed)))

    assert codes(result) == holds


@pytest.mark.parametrize(("billed", "held"), [("10.20", False), ("10.2000001", True)])
def test_the_price_per_unit_has_a_limit_of_its_own(billed: str, *, held: bool) -> None:
    rows = (
        "invoice_price: absolute_upper 0.20, mode stricter",
        "invoice_line_amount: percent_upper 50, mode stricter",
        "invoice_total: percent_upper 50, mode stricter",
    )

    result = bench(*rows).with_goods(*RECEIVED_100).match(a_bill(a_line(at=billed)))

    assert (HoldCode.PRICE in codes(result)) is held


def test_without_any_tolerance_one_cent_more_is_held_and_equal_passes() -> None:
    received = bench().with_goods(*RECEIVED_100)

    assert codes(received.match(a_bill(a_line(at="10.00")))) == set()
    assert codes(received.match(a_bill(a_line(at="10.01")))) == {"PRICE"}


def test_a_price_too_low_is_a_warning_and_keeps_nothing() -> None:
    result = bench().with_goods(*RECEIVED_100).match(a_bill(a_line(at="9.00")))

    assert result.is_clean
    assert check_of(result, CheckName.INVOICE_PRICE).outcome is CheckOutcome.WARNED


def test_a_price_for_what_was_free_is_held_whatever_the_percent() -> None:
    free = an_order(an_order_line(at="0"))
    received = bench(*TWO_PERCENT, order=free).with_goods(*RECEIVED_100)

    assert codes(received.match(a_bill(a_line(at="0.01")))) == {"PRICE"}
    assert codes(received.match(a_bill(a_line(at="0")))) == set()


def test_too_little_credited_is_the_harmful_side() -> None:
    received = bench().with_goods(*RECEIVED_100)
    paid = received.kept(a_bill(a_line()), name="INV-0")

    less = received.match(a_bill(a_line("5 EA", at="9.00"), number="C1", credit=True), paid)
    more = received.match(a_bill(a_line("5 EA", at="11.00"), number="C1", credit=True), paid)

    (hold,) = less.holds
    assert hold.code is HoldCode.PRICE
    assert hold.amount == usd("5.00")
    assert codes(more) == set()


def test_a_third_of_a_dollar_is_exactly_a_third() -> None:
    thirds = an_order(an_order_line(stated="99 EA", at="1.00 / 3 EA"))
    received = bench(order=thirds).with_goods(Stage.RECEIVED, "99 EA")

    same = received.match(a_bill(a_line("99 EA", at="2.00 / 6 EA", amount="33.00")))
    more = received.match(a_bill(a_line("99 EA", at="0.3333333334")))

    assert codes(same) == set()
    assert codes(more) == {"PRICE"}


@given(
    st.fractions(min_value=Fraction(1, 100), max_value=10**6, max_denominator=997),
    st.decimals(min_value=0, max_value=50, places=2),
    st.decimals(min_value=0, max_value=1000, places=2),
    st.sampled_from(Mode),
)
def test_a_fraction_exactly_at_the_limit_is_inside_and_a_hair_more_is_not(
    base: Fraction, percent: Decimal, absolute: Decimal, mode: Mode
) -> None:
    tolerance = Tolerance(percent_upper=percent, absolute_upper=absolute, mode=mode)
    by_percent, by_absolute = base * Fraction(percent) / 100, Fraction(absolute)
    allowed = {
        Mode.STRICTER: min(by_percent, by_absolute),
        Mode.LOOSER: max(by_percent, by_absolute),
        Mode.PERCENT_ONLY: by_percent,
        Mode.ABSOLUTE_ONLY: by_absolute,
    }[mode]

    assert find(tolerance, base=base, actual=base + allowed).inside
    assert not find(tolerance, base=base, actual=base + allowed + Fraction(1, 10**9)).inside


# --- drift, domain rule D-08


def test_ten_invoices_just_under_the_limit_do_not_pass_unseen() -> None:
    rows = (
        "invoice_price: percent_upper 2, mode percent-only",
        "invoice_line_amount: percent_upper 2, mode percent-only",
        "invoice_total: percent_upper 2, mode percent-only",
    )
    received = bench(*rows).with_goods(*RECEIVED_100)
    papers = [
        received.kept(a_bill(a_line("10 EA", at="10.19"), number=f"N{n}"), name=f"INV-{n}")
        for n in range(10)
    ]
    held = []
    for n in range(10):
        bill = a_bill(a_line("10 EA", at="10.19"), number=f"N{n}")
        others = [each for at, each in enumerate(papers) if at != n]
        held.append("PRICE_CUMULATIVE" in codes(received.match(bill, *others)))

    # Half of 2 % of the line's 1000.00 is 10.00; five times 1.90 is 9.50, six times 11.40.
    assert held == [False] * 5 + [True] * 5


def test_the_second_invoice_of_a_line_is_tested_for_drift() -> None:
    received = bench(*TWO_PERCENT).with_goods(*RECEIVED_100)
    first = received.kept(a_bill(a_line("50 EA", at="10.10"), number="A"), name="INV-0")

    at_the_limit = received.match(a_bill(a_line("50 EA", at="10.10"), number="B"), first)
    above = received.match(a_bill(a_line("50 EA", at="10.11"), number="B"), first)

    assert codes(at_the_limit) == set()
    assert codes(above) == {"PRICE_CUMULATIVE"}


@pytest.mark.parametrize(
    ("pair", "last", "held"),
    [
        # 50 at 10.10 drifted 5.00; the line is worth 1000.00. What the pair allows in all:
        ("percent_upper 0.7, mode percent-only", "10.04", False),  # 7.00: the limit is inside
        ("percent_upper 0.7, mode percent-only", "10.05", True),  # 7.50
        ("absolute_upper 7.00, mode absolute-only", "10.04", False),
        ("absolute_upper 7.00, mode absolute-only", "10.05", True),
        ("percent_upper 0.8, absolute_upper 7.00, mode stricter", "10.04", False),
        ("percent_upper 0.8, absolute_upper 7.00, mode stricter", "10.05", True),
        ("percent_upper 0.8, absolute_upper 7.00, mode looser", "10.06", False),  # 8.00
        ("percent_upper 0.8, absolute_upper 7.00, mode looser", "10.07", True),  # 8.50
        ("percent_upper 1.9, mode percent-only", "10.15", False),  # 12.50, above half of 2 %
    ],
)
def test_the_drift_of_a_line_has_a_pair_of_limits_of_its_own(
    pair: str, last: str, *, held: bool
) -> None:
    received = bench(*TWO_PERCENT, f"cumulative_price: {pair}").with_goods(*RECEIVED_100)
    first = received.kept(a_bill(a_line("50 EA", at="10.10"), number="A"), name="INV-0")

    result = received.match(a_bill(a_line("50 EA", at=last), number="B"), first)

    assert codes(result) == ({"PRICE_CUMULATIVE"} if held else set())


def test_where_prices_are_fixed_to_the_cent_the_drift_is_bounded_by_its_own_pair() -> None:
    rows = (
        "invoice_price: absolute_upper 0.05, mode absolute-only",
        "invoice_line_amount: absolute_upper 5.00, mode absolute-only",
        "invoice_total: absolute_upper 5.00, mode absolute-only",
    )
    pair = "cumulative_price: absolute_upper 2.00, mode absolute-only"
    bills = [a_bill(a_line("50 EA", at="10.03"), number=name) for name in "AB"]
    kept = {}
    for name, row in (("none", rows), ("own", (*rows, pair))):
        received = bench(*row).with_goods(*RECEIVED_100)
        first = received.kept(bills[0], name="INV-0")
        kept[name] = codes(received.match(bills[1], first))

    # Two times 1.50 is 3.00. Without a percent there is nothing to halve, and no second limit.
    assert kept == {"none": set(), "own": {"PRICE_CUMULATIVE"}}


def test_one_invoice_for_the_whole_line_is_tested_by_its_own_limit_only() -> None:
    result = bench(*TWO_PERCENT).with_goods(*RECEIVED_100).match(a_bill(a_line(at="10.15")))

    assert codes(result) == set()


# --- quantity, domain rules D-01, D-06 and D-07


def test_sixty_billed_of_fifty_received_is_held_for_ten() -> None:
    received = bench().with_goods(Stage.RECEIVED, "50 EA")

    (hold,) = received.match(a_bill(a_line("60 EA"))).holds

    assert hold.code is HoldCode.QTY_RECEIVED
    assert hold.owner_role is Role.WAREHOUSE_LEAD
    assert hold.variance == "10 EA"
    assert hold.amount == usd("100.00")


@pytest.mark.parametrize(("billed", "held"), [("52 EA", False), ("53 EA", True)])
def test_a_quantity_tolerance_is_of_all_that_was_received(billed: str, *, held: bool) -> None:
    rows = ("invoice_quantity: percent_upper 4, mode percent-only",)

    result = bench(*rows).with_goods(Stage.RECEIVED, "50 EA").match(a_bill(a_line(billed)))

    assert (HoldCode.QTY_RECEIVED in codes(result)) is held


def test_the_tolerance_applies_once_and_not_to_each_invoice() -> None:
    rows = ("invoice_quantity: percent_upper 4, mode percent-only",)
    received = bench(*rows).with_goods(Stage.RECEIVED, "50 EA")
    first = received.kept(a_bill(a_line("26 EA"), number="A"), name="INV-0")

    assert codes(received.match(a_bill(a_line("26 EA"), number="B"), first)) == set()
    assert codes(received.match(a_bill(a_line("27 EA"), number="B"), first)) == {"QTY_RECEIVED"}


def test_an_invoice_is_held_for_no_more_than_it_bills() -> None:
    received = bench(kinds=TWO_WAY)
    first = received.kept(a_bill(a_line("150 EA"), number="A"), name="INV-0")

    (hold,) = received.match(a_bill(a_line("20 EA"), number="B"), first).holds

    assert hold.variance == "20 EA"
    assert hold.amount == usd("200.00")


def test_a_two_way_line_is_held_against_the_order_alone() -> None:
    two_way = bench(kinds=TWO_WAY)

    assert codes(two_way.match(a_bill(a_line("100 EA")))) == set()
    (hold,) = two_way.match(a_bill(a_line("101 EA"))).holds
    assert (hold.code, hold.owner_role) == (HoldCode.QTY_ORDERED, Role.BUYER)
    assert hold.variance == "1 EA"


def test_a_three_way_line_is_held_against_the_order_too() -> None:
    over = bench().with_goods(Stage.RECEIVED, "110 EA")

    assert codes(over.match(a_bill(a_line("110 EA")))) == {"QTY_ORDERED"}


def test_what_was_cancelled_is_no_longer_ordered() -> None:
    cancelled = bench(kinds=TWO_WAY).with_goods(Stage.CANCELLED, "40 EA")

    assert codes(cancelled.match(a_bill(a_line("60 EA")))) == set()
    assert codes(cancelled.match(a_bill(a_line("61 EA")))) == {"QTY_ORDERED"}


def test_what_was_sent_back_is_not_billable() -> None:
    kept = bench().with_goods(Stage.RECEIVED, "25 EA").with_goods(Stage.RETURNED, "5 EA")

    assert codes(kept.match(a_bill(a_line("20 EA")))) == set()
    assert codes(kept.match(a_bill(a_line("21 EA")))) == {"QTY_RECEIVED"}


def test_the_line_shows_its_kind_and_the_level_that_set_it() -> None:
    (line,) = bench().with_goods(*RECEIVED_100).match(a_bill()).lines

    assert (line.kind, line.level) == (MatchKind.THREE_WAY, "company")
    assert line.ruling == "match_kind 2026-01/company"


def test_a_line_for_a_service_is_two_way_by_its_category() -> None:
    service = an_order(replace(an_order_line(), category="services"))

    (line,) = bench(order=service).match(a_bill()).lines

    assert (line.kind, line.level) == (MatchKind.TWO_WAY, "category")


def test_price_and_quantity_variance_are_shown_apart() -> None:
    received = bench(*TWO_PERCENT).with_goods(Stage.RECEIVED, "50 EA")

    (line,) = received.match(a_bill(a_line("60 EA", at="10.50"))).lines

    assert line.variances is not None
    assert line.variances.price == usd("30.00")
    assert line.variances.quantity == usd("100.00")
    assert line.variances.total == usd("130.00")


def test_open_to_invoice_counts_what_came_before() -> None:
    received = bench().with_goods(Stage.RECEIVED, "50 EA")
    first = received.kept(a_bill(a_line("40 EA"), number="A"), name="INV-0")

    (line,) = received.match(a_bill(a_line("20 EA"), number="B"), first).lines

    assert line.before.value == 40
    assert line.variances is not None
    assert line.variances.quantity == usd("100.00")


# --- units, domain rule D-11


def test_cases_priced_per_hundred_are_matched_in_pieces() -> None:
    order = an_order(an_order_line(stated="5 CA", at="50.00 / 100 EA"))
    received = bench(order=order).with_goods(Stage.RECEIVED, "120 EA")

    same = received.match(a_bill(a_line("120 EA", at="12.00 / 1 CA", amount="60.00")))
    more = received.match(a_bill(a_line("5 CA", at="50.01 / 100 EA")))

    assert codes(same) == set()
    assert codes(more) == {"PRICE"}


@pytest.mark.parametrize(
    ("billed", "holds"),
    [("2 CA", set()), ("2.5 CA", {"UOM"}), ("47.5 EA", {"UOM"}), ("3 KG", {"UOM"})],
)
def test_what_is_not_whole_or_has_no_pack_is_held_and_not_rounded(
    billed: str, holds: set[str]
) -> None:
    received = bench().with_goods(*RECEIVED_100)

    assert codes(received.match(a_bill(a_line(billed)))) == holds


def test_a_pack_that_changes_later_does_not_rewrite_a_posted_line() -> None:
    received = bench().with_goods(*RECEIVED_100)
    posted = received.kept(a_bill(a_line("2 CA")))
    line = replace(an_order_line(), packs=(Pack(unit=CASE, base=Decimal(20)),))
    later = replace(received, order=an_order(line))

    assert placed(posted, later.orders(posted)).lines[0].posted == quantity("48 EA")


def test_a_price_per_a_unit_without_a_pack_is_held() -> None:
    result = bench().with_goods(*RECEIVED_100).match(a_bill(a_line(at="10.00 / 1 KG")))

    assert codes(result) == {"UOM"}
    assert result.lines == ()


# --- the paper's own arithmetic, charges, tax, currency


@pytest.mark.parametrize(("amount", "held"), [("33.33", False), ("33.34", True), ("33.32", True)])
def test_a_line_amount_may_be_off_by_rounding_only(amount: str, *, held: bool) -> None:
    order = an_order(an_order_line(at="1.00 / 3 EA"))
    received = bench(order=order).with_goods(*RECEIVED_100)

    result = received.match(a_bill(a_line("100 EA", at="1.00 / 3 EA", amount=amount)))

    assert (codes(result) == {"AMOUNT"}) is held


def test_half_a_cent_either_way_is_rounding() -> None:
    order = an_order(an_order_line(at="0.005"))
    received = bench(order=order).with_goods(*RECEIVED_100)

    for amount in ("0.00", "0.01"):
        result = received.match(a_bill(a_line("1 EA", at="0.005", amount=amount)))
        assert codes(result) == set()


@pytest.mark.parametrize(
    ("total", "held"),
    [("1000.00", False), ("1000.005", False), ("1000.01", True), ("999.99", True)],
)
def test_a_total_that_does_not_add_up_is_held(total: str, *, held: bool) -> None:
    result = bench().with_goods(*RECEIVED_100).match(a_bill(total=total))

    assert (codes(result) == {"AMOUNT"}) is held


def test_a_stated_amount_leaves_no_room_in_the_total() -> None:
    received = bench().with_goods(*RECEIVED_100)
    line = a_line(amount="1000.00")

    assert codes(received.match(a_bill(line, total="1000.00"))) == set()
    assert codes(received.match(a_bill(line, total="1000.001"))) == {"AMOUNT"}


def test_charges_and_tax_belong_to_the_total_and_wait_for_their_owners() -> None:
    freight = Charge(code="freight", description="Freight", amount=usd("40.00"))
    bill = a_bill(a_line(), charges=(freight,), tax="82.50", total="1122.50")

    result = bench().with_goods(*RECEIVED_100).match(bill)

    assert {hold.code: hold.owner_role for hold in result.holds} == {
        HoldCode.CHARGE: Role.BUYER,
        HoldCode.TAX: Role.AP_CLERK,
    }


def test_an_allowance_is_in_our_favour_and_only_a_warning() -> None:
    allowance = Charge(code="allowance", description="Volume", amount=usd("-10.00"))
    bill = a_bill(a_line(), charges=(allowance,), total="990.00")

    result = bench().with_goods(*RECEIVED_100).match(bill)

    assert result.is_clean
    assert check_of(result, CheckName.CHARGE).outcome is CheckOutcome.WARNED


def test_small_differences_on_many_lines_are_a_large_one_together() -> None:
    rows = (
        "invoice_price: percent_upper 2, mode percent-only",
        "invoice_line_amount: percent_upper 2, absolute_upper 15.00, mode stricter",
        "invoice_total: absolute_upper 20.00, mode stricter",
    )
    order = an_order(an_order_line("1"), an_order_line("2"))
    received = bench(*rows, order=order).with_goods(*RECEIVED_100).with_goods(*RECEIVED_100, "2")

    def bill(second: str) -> set[str]:
        lines = (a_line(at="10.10"), a_line(at=second, number="2", line="2"))
        return codes(received.match(a_bill(*lines)))

    assert bill("10.10") == set()
    assert bill("10.11") == {"PRICE"}


def test_another_currency_is_held_and_its_price_is_not_tested() -> None:
    euros = an_order(replace(an_order_line(), price=price("1.00", EUR)), currency=EUR)

    result = bench(order=euros).with_goods(*RECEIVED_100).match(a_bill())

    assert codes(result) == {"FX_RATE"}


# --- credits, domain rule D-15


def test_more_credited_than_invoiced_is_held_and_as_much_is_not() -> None:
    received = bench().with_goods(*RECEIVED_100)
    paid = received.kept(a_bill(a_line("25 EA")), name="INV-0")

    as_much = received.match(a_bill(a_line("25 EA"), number="C", credit=True), paid)
    more = received.match(a_bill(a_line("26 EA"), number="C", credit=True), paid)
    nothing = received.match(a_bill(a_line("1 EA"), number="C", credit=True))

    assert codes(as_much) == set()
    assert codes(more) == {"CREDIT_EXCESS"}
    assert codes(nothing) == {"CREDIT_EXCESS"}


def test_a_credit_of_money_alone_is_held_above_what_was_billed() -> None:
    received = bench().with_goods(*RECEIVED_100)
    paid = received.kept(a_bill(a_line("25 EA")), name="INV-0")

    def credit(amount: str) -> set[str]:
        line = a_line("0 EA", amount=amount)
        return codes(received.match(a_bill(line, number="C", credit=True), paid))

    assert credit("250.00") == set()
    assert credit("250.01") == {"CREDIT_EXCESS"}


# --- no order line


def test_a_line_that_fits_no_order_line_waits_for_whoever_asked_for_the_goods() -> None:
    asked = replace(bench(), requester="rita")

    (hold,) = asked.match(a_bill(a_line(number="7", line="9"))).holds

    assert (hold.code, hold.owner_role, hold.owner) == (
        HoldCode.NO_PO,
        Role.REQUESTER,
        "rita",
    )


# --- the explanation


def test_the_explanation_shows_the_arithmetic_and_the_row_that_decided() -> None:
    result = bench(*TWO_PERCENT).with_goods(*RECEIVED_100).match(a_bill(a_line(at="10.16")))

    told = explain(result)

    assert told[0] == (
        "line 1 bills 100 EA of order PO-1 line 1: ordered 100 EA, received and kept 100 EA,"
        " billed before 0 EA; 3-way set at level company (match_kind 2026-01/company)"
    )
    assert (
        "  HOLD  PRICE            invoice_line_amount: 1016 against 1000 USD for 100 EA: +16,"
        " allowed 15 (upper 2 % or 15, stricter; tolerances t/t1): outside"
    ) in told
    assert (
        "  ok    PRICE            invoice_price: 10.16 against 10 USD per EA: +0.16,"
        " allowed 0.2 (upper 2 %, percent-only; tolerances t/t0): inside"
    ) in told
