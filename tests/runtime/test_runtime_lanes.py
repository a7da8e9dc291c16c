"""Breaker, bucket and back-off as pure functions."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manciple.runtime.lanes import Health, LaneState, Limits, opens_until, wait_after
from manciple.runtime.rows import SECOND

QUOTA = Limits(every=timedelta(milliseconds=500), burst=3)


def test_a_lane_without_a_quota_takes_all() -> None:
    assert LaneState().allows(Limits(), 10, 50) == 50


def test_a_new_bucket_is_full() -> None:
    assert LaneState().refilled(QUOTA, 1).allows(QUOTA, 1, 50) == 3


def test_tokens_are_earned_by_time_and_never_beyond_the_burst() -> None:
    empty = LaneState().refilled(QUOTA, 1).taken(QUOTA, 3)

    later = [empty.refilled(QUOTA, 1 + SECOND * n // 4).allows(QUOTA, 9**9, 50) for n in range(9)]

    assert later == [0, 0, 1, 1, 2, 2, 3, 3, 3]


@given(st.lists(st.integers(1, 3 * SECOND), min_size=1, max_size=50))
def test_no_wait_however_cut_up_earns_more_than_its_time(waits: list[int]) -> None:
    state, now, taken = LaneState().refilled(QUOTA, 1), 1, 0

    for wait in waits:
        count = state.allows(QUOTA, now, 50)
        taken += count
        state, now = state.taken(QUOTA, count), now + wait
        state = state.refilled(QUOTA, now)

    assert taken <= 3 + sum(waits) * 2 // SECOND


def test_an_open_breaker_takes_nothing_and_then_one_probe() -> None:
    limits = Limits(trips_after=5, opens_for=timedelta(seconds=5))
    tripped = LaneState(failures=5, open_until=opens_until(limits, Health(failures=5), 100))

    assert tripped.allows(limits, 100, 50) == 0
    assert tripped.allows(limits, 100 + 5 * SECOND, 50) == 1
    assert opens_until(limits, Health(failures=4), 100) == 0


def test_the_breaker_stays_open_longer_with_every_probe_that_fails_up_to_five_minutes() -> None:
    limits = Limits(trips_after=5, opens_for=timedelta(seconds=5))

    waits = [opens_until(limits, Health(failures=n), 0) / SECOND for n in (5, 6, 7, 10, 11, 99)]

    assert waits == [5, 10, 20, 160, 300, 300]


def went(outcomes: str, limits: Limits) -> Health:
    """x is a failure, a dot a success."""
    health = Health()
    for each in outcomes:
        health = health.after(limits, failed=each == "x")
    return health


@pytest.mark.parametrize(
    ("outcomes", "opens"),
    [
        ("x.x.x.x.x.x.x.x.x.x", False),  # 10 of 19: the window is not full
        ("x.x.x.x.x.x.x.x.x.x.", True),  # 10 of 20: equal is enough
        ("x.x.x.x.x.x.x.x.x...", False),  # 9 of 20
        ("x" + "." * 20, False),  # what is older than the window is forgotten
        ("xxxx", False),
        ("xxxxx", True),  # five in a row, however few there were
        ("xxxx.xxxx.", False),
    ],
)
def test_the_breaker_opens_by_a_row_or_by_a_share_of_the_last(outcomes: str, opens: bool) -> None:
    limits = Limits(trips_after=5, window=20, trips_at=50)

    assert went(outcomes, limits).trips(limits) is opens


def test_a_probe_that_succeeds_clears_the_record() -> None:
    limits = Limits(trips_after=5, window=20, trips_at=50)
    tripped = went("x." * 10, limits)

    assert tripped.after(limits, failed=False) == Health()
    assert tripped.after(limits, failed=True).trips(limits)


@given(st.text("x.", max_size=80))
def test_the_record_never_grows_beyond_its_window(outcomes: str) -> None:
    limits = Limits(trips_after=100, trips_at=101, window=20)

    health = went(outcomes, limits)

    last = outcomes[-20:]
    assert bin(health.recent)[3:] == last.replace("x", "1").replace(".", "0")


def test_only_the_drain_of_that_name_raises_the_epoch() -> None:
    assert LaneState(epoch=7).begun(7).epoch == 8
    assert LaneState(epoch=7).begun(6).epoch == 7
    assert LaneState(epoch=7).begun(None).epoch == 7


def test_waits_double_up_to_five_minutes() -> None:
    waits = [wait_after(attempts) / SECOND for attempts in (1, 2, 3, 10, 30)]

    assert waits == [0.5, 1, 2, 256, 300]
