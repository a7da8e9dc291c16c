"""The experiment on the order of the queue: both orders play, and its interval is Student's."""

import math

import pytest
from bench.queue_order import MEASURES, ORDERS, Plan, interval, played, verdict


def test_both_orders_play_the_same_small_world() -> None:
    plan = Plan(days=1, suppliers=2, items=4, cases=1)

    told = {order: played(plan, 5, order) for order in ORDERS}

    assert set(told) == {"oldest", "impact"}
    assert all(set(values) == set(MEASURES) for values in told.values())
    assert told["oldest"]["stock_out_item_site_days"] is not None


@pytest.mark.parametrize(
    ("differences", "mean", "low", "high"),
    [
        ([1, 2, 3], 2.0, -0.484, 4.484),  # 4.303 * 1 / sqrt(3)
        ([0, 2], 1.0, -11.706, 13.706),  # 12.706 * sqrt(2) / sqrt(2)
        ([5, 5, 5, 5], 5.0, 5.0, 5.0),
        ([7], 7.0, -math.inf, math.inf),
    ],
)
def test_an_interval_is_students(
    differences: list[float], mean: float, low: float, high: float
) -> None:
    assert interval(differences) == pytest.approx((mean, low, high), abs=0.001)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-2, -0.1, "impact is better"),
        (-2, 0, "no clear difference"),
        (0, 0, "no clear difference"),
        (0, 2, "no clear difference"),
        (0.1, 2, "impact is worse"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(
    low: float, high: float, said: str
) -> None:
    assert verdict(low, high) == said
