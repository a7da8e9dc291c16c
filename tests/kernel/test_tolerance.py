"""The numbers of D-04 and D-05 and their rulings, on both sides of every bound."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.kernel.tolerance import Mode, Side, Tolerance, ToleranceError

D = Decimal
figures = st.decimals(-(10**9), 10**9, places=4)
limits = st.none() | st.decimals(0, 10**4, places=3)
tolerances = st.builds(
    Tolerance,
    percent_upper=limits,
    absolute_upper=limits,
    percent_lower=limits,
    absolute_lower=limits,
    mode=st.sampled_from(Mode),
)


def two_percent_or_fifteen(mode: Mode) -> Tolerance:
    return Tolerance(percent_upper=D(2), absolute_upper=D("15.00"), mode=mode)


@pytest.mark.parametrize(
    ("mode", "last_inside", "first_outside", "allowed"),
    [
        (Mode.STRICTER, "10.15", "10.16", "15"),
        (Mode.LOOSER, "10.20", "10.21", "20"),
        (Mode.PERCENT_ONLY, "10.20", "10.2001", "20"),
        (Mode.ABSOLUTE_ONLY, "10.15", "10.1501", "15"),
    ],
)
def test_each_mode_lets_its_own_leg_decide(
    mode: Mode, last_inside: str, first_outside: str, allowed: str
) -> None:
    tolerance = two_percent_or_fifteen(mode)

    inside = tolerance.test(D("10.00") * 100, D(last_inside) * 100)
    outside = tolerance.test(D("10.00") * 100, D(first_outside) * 100)

    assert inside.inside
    assert not inside.holds
    assert outside.holds
    assert inside.allowed == outside.allowed == D(allowed)


def test_the_result_shows_its_arithmetic_in_words_and_numbers() -> None:
    result = two_percent_or_fifteen(Mode.STRICTER).test(D("1000.00"), D("1016.00"))

    assert result.reason == (
        "1016.00 - 1000.00 = +16.00, upper side; allowed 15 "
        "(stricter of 2 % of 1000.00 = 20 and absolute 15): outside"
    )


@pytest.mark.parametrize("mode", [Mode.STRICTER, Mode.LOOSER])
def test_a_missing_leg_takes_no_part(mode: Mode) -> None:
    percent = Tolerance(percent_upper=D(2), mode=mode)
    absolute = Tolerance(absolute_upper=D(15), mode=mode)

    assert percent.test(D(1000), D(1020)).inside
    assert percent.test(D(1000), D("1020.01")).holds
    assert absolute.test(D(1000), D(1015)).inside
    assert absolute.test(D(1000), D("1015.01")).holds


@pytest.mark.parametrize("mode", Mode)
def test_no_leg_at_all_is_zero_tolerance(mode: Mode) -> None:
    result = Tolerance(mode=mode).test(D(1000), D("1000.01"))

    assert result.holds
    assert result.allowed == 0
    assert "nothing is allowed" in result.reason


def test_the_leg_that_the_mode_leaves_out_does_not_help() -> None:
    assert Tolerance(absolute_upper=D(99), mode=Mode.PERCENT_ONLY).test(D(10), D(11)).holds
    assert Tolerance(percent_upper=D(99), mode=Mode.ABSOLUTE_ONLY).test(D(10), D(11)).holds


@pytest.mark.parametrize("mode", [Mode.STRICTER, Mode.LOOSER, Mode.ABSOLUTE_ONLY])
def test_a_zero_base_leaves_the_absolute_leg(mode: Mode) -> None:
    tolerance = two_percent_or_fifteen(mode)

    assert tolerance.test(D(0), D(15)).inside
    assert tolerance.test(D(0), D("15.01")).holds


def test_a_zero_base_with_percent_only_is_held() -> None:
    result = two_percent_or_fifteen(Mode.PERCENT_ONLY).test(D(0), D("0.01"))

    assert result.holds
    assert "percent of zero is undefined" in result.reason


@pytest.mark.parametrize("mode", Mode)
def test_no_variance_passes_without_any_limit(mode: Mode) -> None:
    result = Tolerance(mode=mode).test(D(0), D("0.00"))

    assert result.inside
    assert result.side is Side.EQUAL
    assert result.allowed is None


def test_a_figure_too_low_is_a_warning_by_default() -> None:
    result = two_percent_or_fifteen(Mode.STRICTER).test(D(1000), D("999.99"))

    assert not result.inside
    assert result.warning
    assert not result.holds
    assert result.side is Side.LOWER


def test_a_figure_too_low_is_held_when_the_tolerance_says_so() -> None:
    tolerance = Tolerance(percent_lower=D(5), absolute_lower=D(20), lower_holds=True)

    assert tolerance.test(D(1000), D(980)).inside
    assert tolerance.test(D(1000), D("979.99")).holds


def test_percent_is_of_the_size_of_a_negative_base() -> None:
    tolerance = Tolerance(percent_upper=D(2))

    assert tolerance.test(D(-1000), D(-980)).inside
    assert tolerance.test(D(-1000), D("-979.99")).holds


def test_on_a_credit_too_little_credited_is_the_harmful_side() -> None:
    tolerance = Tolerance(percent_upper=D(2))

    at_the_limit = tolerance.test(D("10.00"), D("9.80"), sign=-1)
    too_little = tolerance.test(D("10.00"), D("9.79"), sign=-1)
    too_much = tolerance.test(D("10.00"), D("10.50"), sign=-1)

    assert at_the_limit.inside
    assert too_little.side is Side.UPPER
    assert too_little.holds
    assert too_much.side is Side.LOWER
    assert too_much.warning


def test_a_limit_below_zero_is_refused() -> None:
    with pytest.raises(ToleranceError, match="absolute_upper is -1"):
        Tolerance(absolute_upper=D(-1))


def test_a_limit_that_is_no_number_is_refused() -> None:
    with pytest.raises(ToleranceError, match="percent_lower is NaN"):
        Tolerance(percent_lower=D("NaN"))


@given(tolerance=tolerances, base=figures, upper=st.booleans())
def test_equal_is_inside_on_both_bounds_and_a_step_further_is_not(
    tolerance: Tolerance, base: Decimal, upper: bool
) -> None:
    step = D(1) if upper else D(-1)
    allowed = tolerance.test(base, base + step * 10**12).allowed
    assert allowed is not None

    bound = base + step * allowed
    assert tolerance.test(base, bound).inside
    assert not tolerance.test(base, bound + step * D("0.000001")).inside


@given(tolerance=tolerances, base=figures, actual=figures)
def test_a_credit_mirrors_its_invoice(
    tolerance: Tolerance, base: Decimal, actual: Decimal
) -> None:
    bill = tolerance.test(base, actual)
    credit = tolerance.test(base, base - (actual - base), sign=-1)

    assert (bill.inside, bill.side, bill.allowed) == (credit.inside, credit.side, credit.allowed)


@given(
    base=figures,
    actual=figures,
    percent=st.decimals(0, 50, places=2),
    absolute=st.decimals(0, 99, places=2),
)
def test_stricter_is_inside_only_where_both_legs_are_and_looser_where_either_is(
    base: Decimal, actual: Decimal, percent: Decimal, absolute: Decimal
) -> None:
    def inside(mode: Mode) -> bool:
        tolerance = Tolerance(
            percent_upper=percent,
            absolute_upper=absolute,
            percent_lower=percent,
            absolute_lower=absolute,
            mode=mode,
        )
        return tolerance.test(base, actual).inside

    if not base:
        return
    by_percent, by_absolute = inside(Mode.PERCENT_ONLY), inside(Mode.ABSOLUTE_ONLY)
    assert inside(Mode.STRICTER) == (by_percent and by_absolute)
    assert inside(Mode.LOOSER) == (by_percent or by_absolute)
